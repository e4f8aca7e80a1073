"""``zhijian credit-class``: how many violations followed, by class, when rated with what was known on a day."""

import json
import sys
from datetime import datetime

import click
from rich.console import Console
from rich.table import Table

from zhijian.datazone.lake import Lake, LakeError
from zhijian.datazone.mart.credit_judging import Verdict, as_json, judge_classes
from zhijian.infrastructure.home import current_home
from zhijian.standards import parameters
from zhijian.standards.parameters import NoValueInForce

_WORDS = {
    "A": "A", "B": "B 有记录 with a record", "B_insufficient": "B 数据不足 insufficient data", "C": "C", "D": "D",
}  # fmt: skip


@click.group()
def command() -> None:
    """Judge the credit-risk class by what came after.

    \b
    Example:
      zhijian credit-class judge --as-of 2024-12-31
    """


@command.command()
@click.option("--as-of", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day to rate as of.")
@click.option(
    "--rules-on", type=click.DateTime(["%Y-%m-%d"]), help="The day whose rules rate; default: --as-of."
)
@click.option("--truth", is_flag=True, help="Judge by the truth of a synthetic province, at its last day.")
@click.option("--memory", default="4GB", show_default=True, help="What the engine may hold.")
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def judge(as_of: datetime, rules_on: datetime | None, truth: bool, memory: str, is_json: bool) -> None:
    """Rate with what was recorded by a day, count who had a violation in the year after; publish nothing.

    \b
    Example:
      zhijian credit-class judge --as-of 2024-12-31 --json
      zhijian credit-class judge --as-of 2025-12-31 --truth
    """
    origin = as_of.date()
    try:
        weights = parameters.load("supervision/credit_class").on((rules_on or as_of).date())
        verdict = judge_classes(
            Lake(current_home().lake), origin=origin, weights=weights, with_truth=truth, memory=memory
        )
    except (LakeError, NoValueInForce) as problem:
        click.echo(f"{problem}\n请先运行：zhijian refresh。", err=True)
        sys.exit(1)
    if is_json:
        told = {"rule_version": weights["rule_version"], **as_json(verdict)}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _show(verdict, weights["rule_version"])


def _show(verdict: Verdict, rule_version: str) -> None:
    table = Table(
        "分类 class", "户数 entities", "后12个月有违法 violating", "比例 rate", "95%区间 interval", "倍数 lift",
        title=f"信用风险分类回测 {verdict.origin} {verdict.outcome} {rule_version}",
    )  # fmt: skip
    for group, rate in verdict.groups.items():
        interval = f"{rate.low:.2%}–{rate.high:.2%}"
        table.add_row(
            _WORDS[group], f"{rate.entities:,}", f"{rate.violating:,}", f"{rate.rate:.2%}", interval, f"{rate.lift:.2f}"
        )  # fmt: skip
    Console().print(table)
    order = "逐类升高 rising" if verdict.is_rising else "没有逐类升高 not rising"
    click.echo(f"全体 all {verdict.overall.rate:.2%}；{order}；{', '.join(verdict.apart)}")


__all__ = ["command"]
