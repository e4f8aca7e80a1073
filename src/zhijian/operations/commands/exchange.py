"""``zhijian exchange``: pushes to those who were granted data."""

import click

from zhijian.operations.cli import prepare_django


@click.group()
def command() -> None:
    """Push what is new to the webhooks of approved grants (each night by itself while `zhijian serve` runs).

    \b
    Example:
      zhijian exchange push
    """


@command.command()
def push() -> None:
    """Put a push in the queue for every grant with a webhook; the worker of `zhijian serve` sends them."""
    prepare_django()
    from zhijian.operations.jobs import enqueue_pushes

    click.echo(f"已排队 {enqueue_pushes():,} 个推送。/ Pushes in the queue.")
