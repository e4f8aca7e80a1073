"""Look into the lake: tables, rows as of a version, quarantine."""

import json
import sys
from collections.abc import Iterable
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from zhijian.datazone import quality
from zhijian.datazone.lake import Lake, LakeError
from zhijian.infrastructure.home import current_home


@click.group()
def command() -> None:
    """Show the lake's tables, their rows as of any version, and the rows in quarantine.

    \b
    Example:
      zhijian lake tables
    """


@command.command("tables")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def tables(as_json: bool) -> None:
    """List the published tables with rows, version and time of the last change.

    \b
    Example:
      zhijian lake tables --json
    """
    lake = _lake()
    rows = []
    for name in lake.tables():
        newest = lake.versions(name)[0]
        rows.append(
            {
                "table": name,
                "rows": lake.count(name),
                "version": newest.version,
                "written_at": newest.written_at.isoformat(timespec="seconds"),
            }
        )
    _print(rows, as_json)


@command.command("show")
@click.argument("table")
@click.option("--as-of", type=int, help="A published version; default: the newest.")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="Rows to show.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one row on each line.")
def show(table: str, as_of: int | None, limit: int, as_json: bool) -> None:
    """Show rows of a table, now or as of an earlier version.

    \b
    Example:
      zhijian lake show standard_registration__enterprises --limit 3
    """
    lake = _lake()
    try:
        con = lake.ibis()
        rows = lake.table(con, table, as_of).limit(limit).to_pyarrow().to_pylist()
    except LakeError as problem:
        click.echo(str(problem), err=True)
        sys.exit(2)
    _print(rows, as_json)


@command.command("quarantine")
@click.option("--contract", help="Only rows of this contract.")
@click.option("--rule", help="Only rows refused by this rule, such as C-102.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Rows to show.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one row on each line.")
def quarantine(contract: str | None, rule: str | None, limit: int, as_json: bool) -> None:
    """Show refused rows: where they stood, why they were refused, how to mend them.

    \b
    Example:
      zhijian lake quarantine --rule C-102
    """
    filters = {key: value for key, value in (("contract", contract), ("rule_id", rule)) if value}
    rows = quality.quarantine(_lake(), filters)
    if as_json:
        _print(rows[:limit], as_json)
        return
    shown = ("contract", "source_line", "field", "value", "rule_id", "reason_zh", "remedy_zh", "suggestion")
    _print([{key: row[key] for key in shown} for row in rows[:limit]], as_json)
    if len(rows) > limit:
        click.echo(f"另有 {len(rows) - limit:,} 条；--limit 可多显示。")


def _lake() -> Lake:
    return Lake(current_home().lake)


def _print(rows: Iterable[dict[str, Any]], as_json: bool) -> None:
    rows = list(rows)
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, default=str))
        return
    if not rows:
        click.echo("没有内容。")
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console().print(table)
