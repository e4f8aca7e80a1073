"""``zhijian audit``: check the record of who looked at what, and look for what is unusual in it."""

import json
import sys
from datetime import datetime
from typing import Any

import click

from zhijian.standards.calendar import ZONE


@click.group()
def command() -> None:
    """Check the records of looks and of refusals: none changed, removed, or put in another order; find what was unusual.

    \b
    Example:
      zhijian audit verify
    """
    from zhijian.operations.cli import prepare_django

    prepare_django()


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def verify(as_json: bool) -> None:
    """Follow the chains of looks and of refusals from the first to the newest, and against the anchors among the sealed facts.

    Accounts and their roles are compared with what was anchored of them: a change needs its look.
    Exit 0: it holds. Exit 1: each place that does not is named. An anchor is made with each nightly seal, so looks cut
    off the end since the last seal show only in the count below.

    \b
    Example:
      zhijian audit verify --json
    """
    from zhijian.engines.facts import accounts_agreement, looks

    kept, refused = _checked(looks.LOOKS_KEPT), _checked(looks.REFUSALS_KEPT)
    accounts = list(accounts_agreement.findings())
    is_whole = not kept["differences"] and not refused["differences"] and not accounts
    if as_json:
        told = {"ok": is_whole, **kept, "refusals": refused, "accounts": [vars(one) for one in accounts]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _print(kept, "条 / looks")
        _print(refused, "条 / refusals")
        for one in accounts:
            click.echo(f"✕ {one.message_zh}\n  {one.message_en}")
    if not is_whole:
        sys.exit(1)


def _checked(kept: Any) -> dict[str, Any]:
    from zhijian.engines.facts import looks

    count, head = kept.newest or (0, "")
    return {
        "count": count,
        "head": head,
        "anchored": looks.anchored(kept),
        "differences": [{"record": place, "what": what} for place, what in looks.differences(kept)],
    }


def _print(record: dict[str, Any], words: str) -> None:
    for one in record["differences"]:
        what = {"missing": "缺失 / is missing", "altered": "被改或者换了位置 / was changed or moved"}[
            one["what"]
        ]
        click.echo(f"✕ {one['record']}  {what}")
    sign = "✕" if record["differences"] else "✓"
    click.echo(
        f"{sign} {record['count']:,} {words}   已存证到 / anchored up to {record['anchored']:,}   {record['head']}"
    )


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
