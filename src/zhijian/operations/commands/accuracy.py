"""``zhijian accuracy``: how often divisions and industries are read rightly, on rows labelled by hand."""

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from zhijian.datazone.normalise.accuracy import AccuracyReport, measure

DATA = Path(__file__).resolve().parents[4] / "data"
SAMPLE = DATA / "samples" / "registration" / "gd_limited_companies.csv.gz"
_SUBJECTS = {"division": "区划 division", "industry": "行业 industry"}
_LEVELS = {
    "county": "县区 county",
    "street": "镇街 street",
    "section": "门类 section",
    "section, accepted": "门类（含备选） section, accepted",
    "2-digit": "大类 2-digit",
    "2-digit, accepted": "大类（含备选） 2-digit, accepted",
    "4-digit": "小类 4-digit",
    "4-digit, accepted": "小类（含备选） 4-digit, accepted",
}


@click.command()
@click.option(
    "--sample", type=click.Path(path_type=Path), default=SAMPLE, help="The rows that were labelled."
)
@click.option("--labels", type=click.Path(path_type=Path), default=DATA / "labels", help="Folder of labels.")
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def command(sample: Path, labels: Path, is_json: bool) -> None:
    """Measure the reading of divisions and industries on rows labelled by hand.

    data/labels/README.md says who labelled them and how. Intervals are Wilson's at 95 percent.

    \b
    Example:
      zhijian accuracy --json
    """
    for needed in (sample, labels / "division_200.csv", labels / "industry_200.csv"):
        if not needed.is_file():
            click.echo(
                f"找不到{needed}。请用 --sample 和 --labels 指明文件。 / {needed} is missing.", err=True
            )
            sys.exit(1)
    report = measure(sample, labels)
    if is_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        _show(report)


def _show(report: AccuracyReport) -> None:
    table = Table(
        "项目 subject", "层级 level", "行 rows", "正确 right", "%", "95%", title="人工标注检验 accuracy"
    )
    for s in report.shares:
        interval = f"{s.low_percent}–{s.high_percent}"
        table.add_row(
            _SUBJECTS[s.subject], _LEVELS[s.level], str(s.rows), str(s.right), f"{s.percent}", interval
        )
    console = Console()
    console.print(table)
    c = report.calibration
    console.print(
        f"行业把握 confidence: 平均 mean {c.mean_confidence_percent}% · 实际 accepted {c.accepted_percent}% "
        f"({c.rows} 行未参与校准 rows not used for calibrating)"
    )
    console.print(
        f"标注人无法判断镇街而系统给出的行 streets given without a label: {report.streets_without_label}"
    )
