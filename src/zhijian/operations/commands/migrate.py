"""Bring the database to the shape that this version needs."""

import sys

import click

from zhijian.operations.cli import prepare_django


@click.command()
@click.option("--plan", "is_plan", is_flag=True, help="Only say what would be done, and what holds a table.")
def command(is_plan: bool) -> None:
    """Create or update the tables of our own records.

    Where ZHIJIAN_DATABASE_OWNER_URL is set, that account does it, and gives the site's its rights.

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

    from zhijian.operations.database_owner import as_owner, site_account

    with as_owner() as is_owner:
        call_command("migrate", verbosity=0, interactive=False)
        click.echo("database is up to date")
        if is_owner:
            from zhijian.operations import database_rights

            try:
                database_rights.apply(site_account())
            except database_rights.RightsRefused as refused:
                click.echo(f"zhijian: {refused}", err=True)
                sys.exit(1)
            click.echo(f"rights given: {site_account()}")
