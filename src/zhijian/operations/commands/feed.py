"""``zhijian feed``: our own facts into the lake, within seconds of their recording."""

import json
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime

import click

from zhijian.operations.cli import prepare_django


@click.command()
@click.option("--follow", is_flag=True, help="Go on until stopped; `zhijian serve` runs it so.")
@click.option(
    "--every", default=3.0, show_default=True, type=click.FloatRange(0.1), help="Seconds between two looks."
)
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Feed, then count facts, numbers and rows; exit status 1 on a gap.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(follow: bool, every: float, only_check: bool, as_json: bool) -> None:
    """Append new facts of the platform's own database to raw_own__facts, by their number, each once.

    \b
    Example:
      zhijian feed --check
    """
    prepare_django()
    from zhijian.datazone.lake import Lake
    from zhijian.engines.feed import services
    from zhijian.infrastructure.home import current_home

    lake = Lake(current_home().lake)
    while True:
        try:
            report = services.feed(lake, at=datetime.now(UTC))
        except services.FeedBroken as problem:
            raise click.ClickException(f"{problem.message_zh} {problem.message_en}") from None
        if report.fed or not follow:
            words = f"新编号 {report.numbered:,} 条，入湖 {report.fed:,} 条，至 {report.sequence:,} 号"
            click.echo(json.dumps(asdict(report)) if as_json else words)
        if not follow:
            break
        _close_connections()
        time.sleep(every)
    if only_check:
        found = services.check(lake)
        words = f"事实 {found.facts:,}，编号 {found.numbered:,}，湖中 {found.rows:,} 行，缺号 {found.gaps:,}"
        click.echo(json.dumps({**asdict(found), "is_complete": found.is_complete}) if as_json else words)
        if not found.is_complete:
            sys.exit(1)


def _close_connections() -> None:
    from django.db import close_old_connections

    close_old_connections()
