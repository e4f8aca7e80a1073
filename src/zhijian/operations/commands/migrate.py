"""Bring the database to the shape that this version needs."""

import click

from zhijian.operations.cli import prepare_django


@click.command()
@click.option("--plan", "is_plan", is_flag=True, help="Only say what would be done, and what holds a table.")
def command(is_plan: bool) -> None:
    """Create or update the tables of our own records.

    \b
    Example:
      zhijian migrate --plan
    """
    prepare_django()
    if is_plan:
        from zhijian.operations.locks import planned

        for step in planned():
            click.echo(f"{'!' if step.holds else ' '} {step.migration}  {step.what}")
            if step.holds:
                click.echo(f"    {step.holds}")
        return
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    click.echo("database is up to date")
