"""``zhijian rate``: the internal credit class of every market entity as of a month's end."""

import json
import sys
from dataclasses import asdict
from datetime import date, datetime, timedelta

import click

from zhijian.datazone.lake import Lake, LakeError
from zhijian.datazone.mart.rating import RateReport, rate
from zhijian.infrastructure.home import current_home
from zhijian.operations.cli import prepare_django
from zhijian.standards.calendar import ZONE
from zhijian.standards.parameters import NoValueInForce


def month_end_of(ctx: click.Context, parameter: click.Parameter, value: str | None) -> date:
    """Return the last day of a month written as 2026-10; without one, of the last month that is over."""
    try:
        first = date.fromisoformat(f"{value}-01") if value else None
    except ValueError:
        raise click.BadParameter(f"'{value}' is no month. Write 2026-10.") from None
    following = (first + timedelta(days=31)) if first else datetime.now(ZONE).date()
    return following.replace(day=1) - timedelta(days=1)


@click.command()
@click.option(
    "--month", "month_end", callback=month_end_of, help="YYYY-MM; default: the last month that is over"
)
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def command(month_end: date, is_json: bool) -> None:
    """Rate every entity A to D from the facts present, our own included; say so if nothing changed.

    The class is internal: it steers how many are drawn, and pages of the public never show it. Run
    `zhijian serving build` afterwards, so that officers see it.

    \b
    Example:
      zhijian rate --month 2026-10
    """
    prepare_django()
    from zhijian.engines.facts.standing import standing_own_facts

    try:
        report = rate(Lake(current_home().lake), month_end=month_end, own_facts=standing_own_facts())
    except (LakeError, NoValueInForce) as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)
    click.echo(json.dumps(asdict(report), ensure_ascii=False) if is_json else _in_words(report))


def _in_words(report: RateReport) -> str:
    classes = "  ".join(f"{code} {count:,}" for code, count in report.classes.items())
    news = (
        "" if report.changed else "没有变化，未写入新版本。/ Nothing changed; no new version was written.\n"
    )
    late = "".join(
        f"{kind}的数据迟到，按最后一次交付计。/ {kind} is late and counted as last known.\n"
        for kind in report.late_feeds
    )
    return (
        f"{news}{late}{report.month}：{report.entities:,}户分类（规则{report.rule_version}），数据不足暂列B类{report.insufficient:,}户。\n"
        f"{classes}"
    )
