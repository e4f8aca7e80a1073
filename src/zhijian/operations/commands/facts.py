"""`zhijian facts`: seal the facts of a day, and check that nobody changed what was sealed."""

import json
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from zhijian.standards.calendar import ZONE


@click.group()
def command() -> None:
    """Seal the facts of a day; verify that nothing sealed was changed.

    \b
    Example:
      zhijian facts verify
    """


def _day(ctx: click.Context, parameter: click.Parameter, value: str) -> date:
    today = datetime.now(ZONE).date()
    words = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        return words.get(value) or date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"'{value}' is no day. Write 2026-11-24, today or yesterday.") from None


@command.command()
@click.option(
    "--day", default="yesterday", show_default=True, callback=_day, help="YYYY-MM-DD, today, yesterday"
)
@click.option("--json", "as_json", is_flag=True, help="print the seal as JSON")
def seal(day: date, as_json: bool) -> None:
    """Seal every fact recorded up to the end of a day and publish the root.

    Run it each night. A day that is sealed keeps its seal; sealing `today` covers what was recorded until now.

    \b
    Example:
      zhijian facts seal --day 2026-11-24
    """
    _prepare()
    from zhijian.engines.facts import seals
    from zhijian.engines.facts.errors import SealRefused

    try:
        made = seals.seal_day(day, at=datetime.now(ZONE))
    except SealRefused as refused:
        click.echo(f"{refused.message_zh}\n{refused.message_en}", err=True)
        sys.exit(1)
    if as_json:
        click.echo(seals.seal_text(made))
        return
    click.echo(f"{made.day}  新封存 {made.count:,} 条 / sealed   共 {made.tree_size:,} 条 / in the log")
    click.echo(f"根 / root  {made.root}")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="print findings and numbers as JSON")
@click.option(
    "--kept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="a log.json or <day>.json that you kept: finds a history rewritten whole",
)
def verify(as_json: bool, kept: Path | None) -> None:
    """Recompute every hash from the database and the published files; compare the serving store with the lake.

    The ledger of draws, the tables of checks (dispatch, confirmation, publication, correction), the plan's published values and
    evaluations, the accounts with their roles, and the day roots of publicity must say what the facts say.
    No seal covers the serving store. Its delivered facts must be those of the lake; its register entries and
    credit classes are not compared. Exit code 0: nothing was changed; 1: something was, and each finding names it; 2: the kept file is unreadable.

    \b
    Example:
      zhijian facts verify --kept ~/log-2026-11.json
    """
    _prepare()
    from zhijian.infrastructure import verification_record
    from zhijian.infrastructure.home import current_home
    from zhijian.operations.verifying import Check

    home = current_home()
    check = Check(home, _kept(kept))
    findings = []
    for finding in check.findings():
        findings.append(finding)
        if not as_json:
            click.echo(f"✗ {finding.message_zh}\n  {finding.message_en}")
    numbers = check.numbers()
    told = [(one.message_zh, one.message_en) for one in findings]
    verification_record.keep(home, at=datetime.now(ZONE), found=len(findings), first=told)
    click.echo(
        json.dumps({**numbers, "list": [vars(one) for one in findings]}, ensure_ascii=False)
        if as_json
        else _words(numbers)
    )
    sys.exit(0 if numbers["ok"] else 1)


def _words(numbers: dict[str, Any]) -> str:
    counted = f"{numbers['facts']:,} 条事实 / facts, {numbers['sealed']:,} 条已封存 / sealed, {numbers['seals']:,} 次封存 / seals; {_store_words(numbers)}"
    if numbers["ok"]:
        return f"✓ 未发现改动 / nothing was changed: {counted}"
    return f"✗ 发现 {numbers['findings']:,} 处改动 / findings: {counted}"


def _store_words(numbers: dict[str, Any]) -> str:
    if numbers["store_facts"] is None:
        return "还没有服务库 / no serving store yet"
    outcome = "不一致 / differ from" if numbers["store_findings"] else "一致 / equal"
    return (
        f"服务库的 {numbers['store_facts']:,} 条交付事实与数据湖{outcome} the lake; "
        "服务库的登记条目与分类不在比对之内 / its register entries and classes are not compared"
    )


def _kept(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        content = json.loads(path.read_text("utf-8"))
        days = [seal["day"] for seal in content.get("seals", [content])]
    except (ValueError, KeyError, TypeError, AttributeError):
        days = []
    if not days:
        click.echo(f"{path} 不是封存文件。/ {path} holds no seals: pass a log.json or <day>.json.", err=True)
        sys.exit(2)
    kept: dict[str, Any] = content
    return kept


def _prepare() -> None:
    from zhijian.operations.cli import prepare_django

    prepare_django()
