"""Data contracts: compare two versions, publish a new one, list what is in force."""

import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from zhijian.datazone import catalogue, contracts
from zhijian.datazone.contracts import evolution
from zhijian.datazone.contracts.evolution import Broken, Change
from zhijian.datazone.lake import Lake
from zhijian.infrastructure.home import current_home


@click.group()
def command() -> None:
    """Compare versions of data contracts, and publish one that breaks nobody.

    \b
    Example:
      zhijian contract list
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one contract on each line.")
def list_contracts(as_json: bool) -> None:
    """List the contracts in force with every version.

    \b
    Example:
      zhijian contract list --json
    """
    folder = _lake().contracts
    for name in contracts.names(folder):
        versions = [one.version for one in contracts.versions(name, folder)]
        newest = contracts.load(name, folder)
        row = {"name": name, "table": newest.table, "versions": versions, "fields": len(newest.fields)}
        click.echo(
            json.dumps(row)
            if as_json
            else f"{name}  {'、'.join(versions)}  {newest.table}  {newest.label_zh}"
        )


@command.command("check")
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(old: Path, new: Path, as_json: bool) -> None:
    """Say what changes from OLD to NEW and whom it breaks. Exit status 1: it breaks somebody.

    \b
    Example:
      zhijian contract check registration__enterprises.odcs.yaml registration__enterprises-1.3.odcs.yaml
    """
    lake = _lake()
    try:
        before, after = contracts.read(old.resolve()), contracts.read(new.resolve())
    except (contracts.BadContract, KeyError, TypeError, ValueError) as problem:
        raise click.UsageError(f"不是可用的合同 (no usable contract): {problem}") from problem
    changes = evolution.compare(before, after)
    broken = evolution.broken_readers(before, changes, _readers(lake))
    _print(changes, broken, as_json)
    sys.exit(1 if any(change.is_breaking for change in changes) else 0)


@command.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", default=getpass.getuser, help="Who publishes; default: the user.")
def publish(file: Path, by: str) -> None:
    """Put a new version of a contract in force here. Deliveries in between keep the version they came under.

    \b
    Example:
      zhijian contract publish registration__enterprises-1.3.odcs.yaml
    """
    lake = _lake()
    try:
        changes = evolution.publish(lake, file, _readers(lake), by=by, at=datetime.now(UTC))
    except evolution.BreakingChange as problem:
        _print(problem.changes, problem.broken, as_json=False)
        click.echo(str(problem), err=True)
        sys.exit(1)
    except (evolution.NotNewer, contracts.BadContract) as problem:
        click.echo(str(problem), err=True)
        sys.exit(2)
    _print(changes, [], as_json=False)
    new = contracts.read(file.resolve())
    click.echo(f"已发布：{new.name} {new.version}。从现在起的交付按新版检验。")


def _lake() -> Lake:
    return Lake(current_home().lake)


def _readers(lake: Lake) -> evolution.Readers:
    graph = catalogue.model_graph(lake)
    return lambda table, column: catalogue.readers_of(graph, table, column)


def _print(changes: list[Change], broken: list[Broken], as_json: bool) -> None:
    if as_json:
        content = {"changes": [vars(one) for one in changes], "broken": [vars(one) for one in broken]}
        click.echo(json.dumps(content, ensure_ascii=False))
        return
    for change in changes:
        click.echo(f"{'✕ 不兼容' if change.is_breaking else '✓ 兼容'}  {change.message_zh}")
    if not changes:
        click.echo("没有变化。")
    for one in broken:
        click.echo(f"  受影响：{one.label_zh}（{one.kind} {one.name}）：{'、'.join(one.columns) or '整行'}")
