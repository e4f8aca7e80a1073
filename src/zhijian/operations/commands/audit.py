"""``zhijian audit``: check the record of who looked at what, and look for what is unusual in it."""

import json
import sys
from datetime import datetime

import click

from zhijian.standards.calendar import ZONE


@click.group()
def command() -> None:
    """Check the record of looks: none changed, removed, or put in another order; find what was unusual.

    \b
    Example:
      zhijian audit verify
    """
    from zhijian.operations.cli import prepare_django

    prepare_django()


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def verify(as_json: bool) -> None:
    """Follow the chain of looks from the first to the newest, and against the anchors among the sealed facts.

    Exit 0: it holds. Exit 1: each place that does not is named. An anchor is made with each nightly seal, so looks cut
    off the end since the last seal show only in the count below.

    \b
    Example:
      zhijian audit verify --json
    """
    from zhijian.engines.facts import looks
    from zhijian.engines.facts.models import Fact
    from zhijian.security.models import AccessRecord

    differences = list(looks.differences())
    newest = AccessRecord.objects.order_by("-sequence").values_list("sequence", "row_hash").first()
    anchored = [
        one["count"] for one in Fact.objects.filter(kind=looks.KIND).values_list("payload", flat=True)
    ]
    count, head = newest or (0, "")
    told = {
        "ok": not differences,
        "count": count,
        "head": head,
        "anchored": max(anchored, default=0),
        "differences": [{"record": place, "what": what} for place, what in differences],
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for place, what in differences:
            words = {"missing": "缺失 / is missing", "altered": "被改或者换了位置 / was changed or moved"}[
                what
            ]
            click.echo(f"✕ {place}  {words}")
        sign = "✓" if told["ok"] else "✕"
        click.echo(f"{sign} {count:,} 条 / looks   已存证到 / anchored up to {told['anchored']:,}   {head}")
    if differences:
        sys.exit(1)


@command.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day; without it, today until now.")
def watch(day: datetime | None) -> None:
    """Raise an alert for each kind of unusual access of a day, and tell the auditors; again, it raises nothing twice.

    \b
    Example:
      zhijian audit watch --day 2026-11-28
    """
    from zhijian.operations import access_watch

    now = datetime.now(ZONE)
    alerts, late = access_watch.watch_and_tell(day.date() if day else now.date(), at=now)
    click.echo(f"{alerts} 条异常 / alerts   {late} 项申请逾期 / late requests")
