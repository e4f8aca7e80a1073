"""``zhijian build``: from delivered rows to the register of market entities with its history."""

import json
import sys
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.progress import Progress

from zhijian.datazone.entity.market_entities import STAGES, BuildReport, NothingToBuild, build_market_entities
from zhijian.datazone.lake import Lake, LakeError
from zhijian.infrastructure.home import current_home

_STAGES_ZH = {
    "read": "读取各次交付",
    "capital": "识别注册资本与类型",
    "division": "识别区划",
    "industry": "识别行业",
    "versions": "比较版本",
    "write": "写入主体库",
}


@click.command()
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def command(is_json: bool) -> None:
    """Build the register of market entities from all deliveries; say so if nothing is new.

    \b
    Example:
      zhijian build
    """
    with Progress(console=Console(stderr=True), transient=True, disable=is_json) as bars:
        task = bars.add_task(_STAGES_ZH[STAGES[0]], total=1.0)
        try:
            report = build_market_entities(
                Lake(current_home().lake),
                at=datetime.now(UTC),
                progress=lambda stage, share: bars.update(
                    task, completed=share, description=_STAGES_ZH[stage]
                ),
            )
        except NothingToBuild as problem:
            click.echo(f"{problem.message_zh} / {problem.message_en}", err=True)
            sys.exit(1)
        except LakeError as problem:
            click.echo(str(problem), err=True)
            sys.exit(1)
    click.echo(json.dumps(report.as_dict(), ensure_ascii=False) if is_json else _in_words(report))


def _in_words(report: BuildReport) -> str:
    """The report for a person at a terminal."""
    if report.is_unchanged:
        return (
            f"没有新的交付，规则也未变：主体库保持原样（{report.entity_count:,}户）。\n"
            f"Nothing is new: the register stays as it is ({report.entity_count:,} entities)."
        )
    known = (
        f"注册资本（元）{report.with_capital_yuan:,}，类型{report.with_type:,}，县区{report.with_county:,}，"
        f"镇街{report.with_street:,}，行业{report.with_industry:,}"
    )
    return (
        f"主体库：{report.entity_count:,}户（新增{report.new_entities:,}），{report.version_count:,}个版本，"
        f"用时{report.seconds}秒。\n其中可确定：{known}。\n"
        f"{report.entity_count:,} entities, {report.version_count:,} versions in {report.seconds} s."
    )
