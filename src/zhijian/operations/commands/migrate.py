"""Bring the database to the shape that this version needs."""

import click

from zhijian.operations.cli import prepare_django


@click.command()
def command() -> None:
    """Create or update the tables of our own records.

    \b
    Example:
      zhijian migrate
    """
    prepare_django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    click.echo("database is up to date")
