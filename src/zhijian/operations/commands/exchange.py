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
@click.option(
    "--grant", type=int, help="Only this application, also where its pushes have stopped; sent at once."
)
def push(grant: int | None) -> None:
    """Put a push in the queue for every grant with a webhook; the worker of `zhijian serve` sends them.

    A grant whose pushes did not arrive six times in a row has stopped: push it by hand once its receiver is mended.

    \b
    Example:
      zhijian exchange push --grant 12
    """
    prepare_django()
    from zhijian.engines.exchange.models import Application
    from zhijian.operations.jobs import enqueue_pushes, push_grant

    if grant is not None:
        if not Application.objects.filter(pk=grant).exclude(webhook="").exists():
            raise click.ClickException(
                f"没有第{grant}号申请，或它没有推送地址。/ No application {grant} with a webhook."
            )
        click.echo(push_grant.call(grant))
        return
    click.echo(f"已排队 {enqueue_pushes():,} 个推送。/ Pushes in the queue.")
