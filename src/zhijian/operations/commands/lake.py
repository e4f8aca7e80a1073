"""Look into the lake and keep it: tables, rows as of a version, history, restore, vacuum, quarantine."""

import getpass
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from zhijian.datazone import lake_upkeep, quality
from zhijian.datazone.lake import Lake, LakeError
from zhijian.infrastructure.home import current_home

_WIDE = 400


@click.group()
def command() -> None:
    """Show the lake's tables, their rows as of any version and the rows in quarantine; restore, pin and tidy up.

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
                "written_at": newest.written_at,
            }
        )
    _print(rows, as_json)


@command.command("show")
@click.argument("table")
@click.option("--as-of", help="A published version, a day (its end) or a time; default: the newest version.")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="Rows to show.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one row on each line.")
def show(table: str, as_of: str | None, limit: int, as_json: bool) -> None:
    """Show rows of a table, now or as of an earlier version, day or time.

    \b
    Example:
      zhijian lake show standard_registration__enterprises --as-of 2026-11-22 --limit 3
    """
    lake = _lake()
    with _told():
        version = lake_upkeep.resolve_version(lake, table, as_of) if as_of else None
        rows = lake.table(lake.ibis(), table, version).limit(limit).to_pyarrow().to_pylist()
    _print(rows, as_json)


@command.command("history")
@click.argument("table")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one version on each line.")
def history(table: str, as_json: bool) -> None:
    """List a table's published versions: when, rows, bytes, who restored what and why, what is pinned.

    \b
    Example:
      zhijian lake history mart_credit_class
    """
    with _told():
        rows = lake_upkeep.history(_lake(), table)
    if not as_json:
        rows = [one | {"noted": "；".join(f"{k}={v}" for k, v in one["noted"].items())} for one in rows]
    _print(rows, as_json)


@command.command("restore")
@click.argument("table")
@click.option("--to", required=True, help="A published version, a day (its end) or a time.")
@click.option("--reason", required=True, help="Why; it stays in the table's history.")
@click.option("--by", default=getpass.getuser, help="Who restores; default: the user.")
def restore(table: str, to: str, reason: str, by: str) -> None:
    """Make an earlier state of a table the newest version. Nothing is taken away: it can be undone the same way.

    \b
    Example:
      zhijian lake restore mart_credit_class --to 3 --reason "评分权重填错"
    """
    lake = _lake()
    with _told():
        version = lake_upkeep.resolve_version(lake, table, to)
        made = lake_upkeep.restore(lake, table, version, by=by, at=datetime.now(UTC), reason=reason)
    click.echo(f"{table}：已把第{version}版恢复为第{made}版，{lake.count(table):,}行。原因：{reason}")


@command.command("pin")
@click.argument("table")
@click.argument("version", type=int)
@click.option("--reason", required=True, help="What rests on this version.")
def pin(table: str, version: int, reason: str) -> None:
    """Keep a version for ever, whatever the retention rule says.

    \b
    Example:
      zhijian lake pin mart_credit_class 4 --reason "第2026-0312号抽签的分层依据"
    """
    with _told():
        lake_upkeep.pin(_lake(), table, version, reason=reason)
    click.echo(f"{table}第{version}版已固定，清理时保留。")


@command.command("vacuum")
@click.argument("tables", nargs=-1)
@click.option("--yes", is_flag=True, help="Really remove; without it nothing is touched.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def vacuum(tables: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Give back the room of versions past the retention of their layer. Pinned and newest versions always stay.

    \b
    Example:
      zhijian lake vacuum
    """
    with _told():
        done = lake_upkeep.vacuum(_lake(), at=datetime.now(UTC), dry_run=not yes, tables=list(tables) or None)
    if as_json:
        files = [str(path) for path in done.files]
        click.echo(
            json.dumps({"versions": done.versions, "files": files, "bytes": done.bytes, "removed": yes})
        )
        return
    verb = "已清理" if yes else "可清理（加 --yes 才动手）"
    count = sum(map(len, done.versions.values()))
    click.echo(f"{verb}：{count}个过期版本，{len(done.files)}个文件，{done.bytes / 1e6:,.1f} MB。")
    for table, versions in done.versions.items():
        click.echo(f"  {table}：第{'、'.join(map(str, versions))}版")


@command.command("check")
@click.argument("table")
@click.option("--as-of", help="A published version, a day or a time; default: the newest version.")
def check(table: str, as_of: str | None) -> None:
    """Read a version of a table to its last byte and say whether every file is sound.

    \b
    Example:
      zhijian lake check entity_market_entities
    """
    lake = _lake()
    with _told():
        version = lake_upkeep.resolve_version(lake, table, as_of) if as_of else None
        rows = lake_upkeep.check(lake, table, version)
    click.echo(f"{table}：文件完好，读到{rows:,}行。")


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
    found = quality.quarantine(_lake(), filters, limit=limit)
    if as_json:
        _print(found.rows, as_json)
        return
    shown = ("contract", "source_line", "field", "value", "rule_id", "reason_zh", "remedy_zh", "suggestion")
    _print([{key: row[key] for key in shown} for row in found.rows], as_json)
    if found.count > limit:
        click.echo(f"另有 {found.count - limit:,} 条；--limit 可多显示。")


@contextmanager
def _told() -> Iterator[None]:
    """Print what the lake cannot do as one message, and leave with status 2."""
    try:
        yield
    except LakeError as problem:
        click.echo(str(problem), err=True)
        sys.exit(2)


def _lake() -> Lake:
    return Lake(current_home().lake)


def _print(rows: Iterable[dict[str, Any]], as_json: bool) -> None:
    rows = list(rows)
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, default=_text))
        return
    if not rows:
        click.echo("没有内容。")
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*("" if value is None else _text(value) for value in row.values()))
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)  # a pipe cuts nothing off


def _text(value: Any) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
