"""``zhijian synthesize``: a synthetic province to work on, every row marked synthetic."""

import json
import sys
from datetime import UTC, date, datetime

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from zhijian.datazone.lake import Lake, LakeError
from zhijian.datazone.synthesis.province import STAGES, UNTIL, SynthesisReport, synthesize
from zhijian.infrastructure.home import current_home

_STAGES_ZH = {"draw": "生成主体、事实与真值", "publish": "发布"}


@click.command()
@click.option(
    "--entities",
    type=click.IntRange(min=1),
    default=200_000,
    show_default=True,
    help="How many market entities.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same rows.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    default=UNTIL.isoformat(),
    show_default=True,
    help="The last day of the facts.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Threads to draw with; never changes a row.  [default: one per core]",
)
@click.option(
    "--next-day",
    is_flag=True,
    help="Deliver one more day to the province that is there, touching --share of it.",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    default=0.01,
    show_default=True,
    help="With --next-day: share of entities touched.",
)
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def command(
    entities: int,
    seed: int,
    until: datetime,
    threads: int | None,
    next_day: bool,
    share: float,
    is_json: bool,
) -> None:
    """Make a synthetic Guangdong: entities, five years of facts, and the truth behind them kept apart.

    Every row is marked synthetic, every name contains 示例, and no code was ever issued. 17,800,000 entities are the
    province's target for 2025.

    \b
    Example:
      zhijian synthesize --entities 200000 --seed 1
      zhijian synthesize --next-day
    """
    lake = Lake(current_home().lake)
    try:
        report = (
            _next_day(lake, share, seed)
            if next_day
            else _province(lake, entities, seed, until.date(), threads, is_json)
        )
    except LakeError as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)
    click.echo(json.dumps(report.as_dict(), ensure_ascii=False) if is_json else _in_words(report))


def _province(
    lake: Lake, entities: int, seed: int, until: date, threads: int | None, is_json: bool
) -> SynthesisReport:
    shown = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*shown, console=Console(stderr=True), transient=True, disable=is_json) as bars:
        task = bars.add_task(_STAGES_ZH[STAGES[0]], total=1.0)
        return synthesize(
            lake,
            entities,
            seed=seed,
            at=datetime.now(UTC),
            until=until,
            workers=threads,
            progress=lambda stage, share: bars.update(task, completed=share, description=_STAGES_ZH[stage]),
        )


def _next_day(lake: Lake, share: float, seed: int) -> SynthesisReport:
    from zhijian.datazone.synthesis.increment import next_day, synthesize_increment

    return synthesize_increment(lake, next_day(lake), share=share, seed=seed, at=datetime.now(UTC))


def _in_words(report: SynthesisReport) -> str:
    """The report for a person at a terminal."""
    if report.is_unchanged:
        return (
            f"数据湖中已是这个合成省（{report.entities:,}户，种子{report.seed}），未作改动。\n"
            f"The lake holds this very province already ({report.entities:,} entities, seed {report.seed}); nothing was changed."
        )
    return (
        f"合成数据：{report.entities:,}户，{report.facts:,}条事实，截至{report.until}，用时{report.seconds}秒。\n"
        f"Synthetic: {report.entities:,} entities, {report.facts:,} facts until {report.until}, in {report.seconds} s."
    )
