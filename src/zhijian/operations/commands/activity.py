"""``zhijian activity``: how active every entity is, and how well that finds the synthetic truth."""

import json
import sys
from collections import Counter
from datetime import date

import click
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from zhijian.datazone.lake import Lake, LakeError
from zhijian.datazone.mart.activity import STATES
from zhijian.datazone.mart.activity_judging import Judgement, as_json, judge_activity, measure_activity
from zhijian.infrastructure.home import current_home
from zhijian.operations.commands.rate import month_end_of
from zhijian.standards import parameters
from zhijian.standards.parameters import NoValueInForce

_WORDS = {
    "active": "活跃 active",
    "weak": "低活跃 weak",
    "dormant": "休眠 dormant",
    "lost": "失联 lost",
    "filed": "歇业备案 filed",
}


@click.group()
def command() -> None:
    """Measure the activity of market entities and judge it.

    \b
    Example:
      zhijian activity evaluate --month 2026-10
    """


@command.command()
@click.option("--month", "month_end", callback=month_end_of, help="YYYY-MM; default: the last month over")
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def rate(month_end: date, is_json: bool) -> None:
    """Publish the activity of every entity, its scale, and the public summary.

    \b
    Example:
      zhijian activity rate --month 2026-10
    """
    lake = Lake(current_home().lake)
    made = _measured(lake, month_end)
    with lake.transaction() as transaction:
        for table, rows in made.items():
            transaction.write(table, rows)
    counts = Counter(made["mart_activity"]["state_code"].to_pylist())
    report = {"month": f"{month_end:%Y-%m}", "states": {state: counts[state] for state in STATES}}
    told = "  ".join(f"{_WORDS[state]} {counts[state]:,}" for state in STATES)
    click.echo(json.dumps(report) if is_json else f"{report['month']}  {told}")


@command.command()
@click.option("--month", "month_end", callback=month_end_of, help="YYYY-MM; default: the last month over")
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def evaluate(month_end: date, is_json: bool) -> None:
    """Compare the states found with those of the synthetic province; publish nothing.

    \b
    Example:
      zhijian activity evaluate --month 2026-10 --json
    """
    lake = Lake(current_home().lake)
    made = _measured(lake, month_end)
    version = parameters.load("supervision/activity").on(month_end)["rule_version"]
    try:
        judgement = judge_activity(lake, made["mart_activity"], rule_version=version)
    except LakeError as problem:
        click.echo(f"{problem}\n请先运行：zhijian synthesize。", err=True)
        sys.exit(1)
    if is_json:
        click.echo(json.dumps(as_json(judgement), ensure_ascii=False))
    else:
        _show(judgement)


def _measured(lake: Lake, month_end: date) -> dict[str, pa.Table]:
    try:
        return measure_activity(lake, as_of=month_end)
    except (LakeError, NoValueInForce) as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)


def _show(judgement: Judgement) -> None:
    table = Table(
        "真实 true", *[_WORDS[state] for state in STATES], "召回 recall", title="活跃度检验 activity"
    )
    for true in STATES:
        counts = [f"{judgement.confusion[true][found]:,}" for found in STATES]
        table.add_row(_WORDS[true], *counts, f"{judgement.recall.get(true, 0):.3f}")
    console = Console()
    console.print(table)
    console.print(
        f"平衡准确率 balanced accuracy {judgement.balanced_accuracy:.3f} · 宏F1 macro-F1 {judgement.macro_f1:.3f} · "
        f"准确率 accuracy {judgement.accuracy:.3f}（全猜最多的一类 always the commonest {judgement.commonest_share:.3f}）· "
        f"{judgement.entities:,} · {judgement.rule_version}"
    )
