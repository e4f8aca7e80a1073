"""``zhijian board``: count the leader's board now, as the night does."""

from datetime import date, datetime, timedelta

import click

from zhijian.operations import options
from zhijian.standards.calendar import ZONE, statutory_day


@click.group()
def command() -> None:
    """The figures of the leader's board (/work/leader/) and the wall screen (/wall/).

    \b
    Example:
      zhijian board count
    """
    from zhijian.operations.cli import prepare_django

    prepare_django()


@command.command()
@click.option("--day", callback=options.day, help="The last day that counts; default: yesterday.")
def count(day: date | None) -> None:
    """Count the board of every area up to a day and keep it. The worker does so each night; here at once.

    \b
    Example:
      zhijian board count --day 2026-11-28
    """
    from zhijian.datazone.lake import Lake
    from zhijian.infrastructure.home import current_home
    from zhijian.portal import board_counting

    now = datetime.now(ZONE)
    last = day or statutory_day(now) - timedelta(days=1)
    kept = board_counting.keep_night(Lake(current_home().lake), day=last, at=now)
    click.echo(f"{kept} boards up to {last}")
