"""``zhijian serving``: build what the portal reads about every market entity, and say what is in use."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.progress import Progress

from zhijian.datazone.lake import Lake, LakeError
from zhijian.engines.registers.serving import ServingError, ServingReport, build, find_report
from zhijian.infrastructure.home import current_home


@click.group()
def command() -> None:
    """Build and inspect the store from which the portal reads market entities.

    \b
    Example:
      zhijian serving build
      zhijian serving status --json
    """


@command.command("build")
@click.option("--force", "is_forced", is_flag=True, help="Build even if the lake has nothing new.")
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def build_command(is_forced: bool, is_json: bool) -> None:
    """Build the store from the lake and put it in use; the old one serves until then.

    \b
    Example:
      zhijian serving build
    """
    home = current_home()
    with Progress(console=Console(stderr=True), transient=True, disable=is_json) as bars:
        try:
            report = build(
                Lake(home.lake),
                home.serving,
                at=datetime.now(UTC),
                progress=_shown_on(bars),
                is_forced=is_forced,
            )
        except ServingError as problem:
            _fail(problem.message_zh, problem.message_en)
        except LakeError as problem:
            _fail(str(problem))
    click.echo(json.dumps(asdict(report), ensure_ascii=False) if is_json else _in_words(report))


@command.command("status")
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def status_command(is_json: bool) -> None:
    """Say which store is in use, how old it is and what is in it. Exits 1 if there is none.

    \b
    Example:
      zhijian serving status
    """
    report = find_report(current_home().serving)
    if report is None:
        _fail("还没有可查询的数据。请先运行：zhijian serving build。", "Nothing is served yet.")
    click.echo(json.dumps(asdict(report), ensure_ascii=False) if is_json else _in_words(report))


def _fail(*messages: str) -> NoReturn:
    for message in messages:
        click.echo(message, err=True)
    sys.exit(1)


def _shown_on(bars: Progress) -> Callable[[str, int, int], None]:
    tasks: dict[str, Any] = {}

    def show(table: str, done: int, total: int) -> None:
        if table not in tasks:
            tasks[table] = bars.add_task(table, total=total)
        bars.update(tasks[table], completed=done)

    return show


def _in_words(report: ServingReport) -> str:
    done = "Nothing new in the lake; kept" if report.is_unchanged else f"Built in {report.seconds} s:"
    if not report.is_unchanged and report.changed_count is not None:
        done = f"Indexed {report.changed_count:,} changed entities over store {report.base} in {report.seconds} s:"
    return (
        f"{done} store {report.number}: {report.entity_count:,} entities, {report.version_count:,} versions, "
        f"{report.fact_count:,} delivered facts, {report.class_count:,} classes (kept apart), "
        f"{report.store_bytes / 1e6:,.0f} MB, as of {report.as_of or 'unknown'}."
    )
