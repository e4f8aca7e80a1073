"""Take deliveries in by a published contract."""

import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from zhijian.datazone import contracts
from zhijian.datazone.ingest import DeliveryError, IngestReport, Limits, ingest
from zhijian.datazone.lake import Lake
from zhijian.infrastructure.home import current_home

_STAGES_ZH = {
    "wait": "等候另一次导入结束",
    "receive": "接收并计算校验和",
    "unpack": "解压、识别编码",
    "read": "读取",
    "judge": "按合同检验",
    "measure": "统计质量",
    "keep": "保存原件",
    "write": "写入合格行",
    "refuse": "写入退回行",
    "publish": "发布",
}


@click.command()
@click.argument("contract")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--by", default=getpass.getuser, help="Who delivers, as the record shall say; default: the user."
)
@click.option("--source", default="", help="Where the data come from; default: the file's name.")
@click.option("--synthetic", is_flag=True, help="The rows are invented and are shown as 合成数据.")
@click.option("--no-wait", is_flag=True, help="Refuse if another ingest is at work, instead of waiting.")
@click.option("--max-line-bytes", type=int, default=Limits.line_bytes, help="Longest line that is read.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON, one on each line.")
def command(
    contract: str,
    files: tuple[Path, ...],
    by: str,
    source: str,
    synthetic: bool,
    no_wait: bool,
    max_line_bytes: int,
    as_json: bool,
) -> None:
    """Check files by a published contract: clean rows to the lake, refused rows to quarantine with their reason.

    Reads CSV, Excel, JSON Lines and Parquet, in UTF-8 or GB18030, gzipped or not. A file that was taken in before
    changes nothing. Exit status 2: a file could not be taken in (nothing of it was written).

    \b
    Example:
      zhijian ingest registration__enterprises data/samples/registration/gd_limited_companies.csv.gz
    """
    console = Console(stderr=as_json)
    lake, failed = Lake(current_home().lake), False
    for path in files:
        try:
            with _progress(console, path) as tell:
                report = ingest(
                    lake,
                    contract,
                    path,
                    by=by,
                    at=datetime.now(UTC),
                    source=source or path.name,
                    is_synthetic=synthetic,
                    progress=tell,
                    wait=not no_wait,
                    limits=Limits(line_bytes=max_line_bytes),
                )
        except contracts.UnknownContract as problem:
            raise click.UsageError(str(problem)) from None
        except DeliveryError as problem:
            failed = True
            _print_error(console, path, problem, as_json)
        else:
            _print_report(console, report, as_json)
    if failed:
        sys.exit(2)


class _progress:
    """A bar with the stage at work, on a terminal; nothing elsewhere."""

    def __init__(self, console: Console, path: Path) -> None:
        self._bar = Progress(
            TextColumn("{task.fields[name]}"),
            BarColumn(bar_width=24),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=1.0, name=path.name)

    def __enter__(self) -> Any:
        self._bar.start()
        return lambda stage, share: self._bar.update(
            self._task, completed=share, description=_STAGES_ZH[stage]
        )

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def _print_error(console: Console, path: Path, problem: DeliveryError, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"file": str(path), **problem.to_dict()}, ensure_ascii=False))
        return
    console.print(f"[bold red]未导入[/] {path.name}", highlight=False)
    console.print(problem.message_zh, highlight=False, markup=False)
    console.print(problem.message_en, style="dim", highlight=False, markup=False)


def _print_report(console: Console, report: IngestReport, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.to_dict(), ensure_ascii=False))
        return
    if report.already_delivered:
        console.print(
            f"{report.file_name}：这份文件已由 {report.delivered_by} 于 {report.delivered_at} 交付，没有任何改变。"
            f" (already delivered, nothing changed)",
            highlight=False,
            markup=False,
        )
        return
    console.print(
        f"{report.file_name}：收到 {report.rows_in:,} 行，合格 {report.rows_clean:,}，"
        f"退回 {report.rows_quarantined:,}；质量分 {report.score}；{report.seconds:.1f} 秒，"
        f"每秒 {report.rows_per_second:,} 行",
        highlight=False,
        markup=False,
    )
    if report.rules:
        console.print(_rules_table(report))
    for entry in report.cleaned:
        what = {"unknown_word": "记为未知", "stray_character": "去除杂字符", "normalised": "规范写法"}
        console.print(f"  {entry['field']}：{what[entry['what']]} {entry['count']:,} 格", highlight=False)
    if report.ignored_columns:
        console.print(
            f"  合同以外的列未读取：{'、'.join(report.ignored_columns)}", highlight=False, markup=False
        )


def _rules_table(report: IngestReport) -> Table:
    table = Table("规则", "说明", "处理", "行数", "例（行号：值）")
    for rule in report.rules:
        examples = "；".join(f"{e['source_line']}：{(e['value'] or '')[:24]}" for e in rule["examples"][:2])
        handling = "退回" if rule["severity"] == "error" else "照收，提请核对"
        table.add_row(rule["rule_id"], rule["title_zh"], handling, f"{rule['count']:,}", examples)
    return table
