"""``zhijian refresh``: every table of the data zone brought up to date, whole or only where something was touched."""

import json
import sys
from datetime import UTC, date, datetime, timedelta

import click
from rich.console import Console
from rich.progress import Progress

from zhijian.datazone.lake import Lake, LakeError
from zhijian.datazone.refresh import Progress as RefreshProgress
from zhijian.datazone.refresh import RefreshReport, refresh
from zhijian.infrastructure.home import current_home
from zhijian.standards.calendar import ZONE
from zhijian.standards.parameters import NoValueInForce


def _month_end(ctx: click.Context, parameter: click.Parameter, value: str | None) -> date:
    """Return the last day of a month written as 2026-11; without one, of the month that runs."""
    try:
        day = date.fromisoformat(f"{value}-01") if value else datetime.now(ZONE).date()
    except ValueError:
        raise click.BadParameter(f"'{value}' is no month. Write 2026-11.") from None
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@click.command()
@click.option("--month", "as_of", callback=_month_end, help="YYYY-MM to rate; default: the month that runs")
@click.option("--full", is_flag=True, help="Build everything anew.")
@click.option(
    "--memory", default="6GB", show_default=True, help="What the engine holds before it works on disk."
)
@click.option(
    "--spark", metavar="MASTER", help="Build everything on a Spark cluster, e.g. spark://host:7077."
)
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def command(as_of: date, full: bool, memory: str, spark: str | None, is_json: bool) -> None:
    """Bring the register, thematic libraries, classes and marts up to date with what was delivered.

    What the newest deliveries did not touch stays as it is; the result is that of a full build. Readers meet the
    tables before or after, never between.

    \b
    Example:
      zhijian refresh --month 2026-11
    """
    lake = Lake(current_home().lake)
    with Progress(console=Console(stderr=True), transient=True, disable=is_json) as bars:
        task = bars.add_task("", total=1.0)
        try:
            report = _run(
                lake,
                as_of,
                full,
                memory,
                spark,
                lambda table, share: bars.update(task, completed=share, description=table),
            )
        except (LakeError, NoValueInForce) as problem:
            click.echo(str(problem), err=True)
            sys.exit(1)
    click.echo(json.dumps(report.as_dict(), ensure_ascii=False) if is_json else _in_words(report))


def _run(
    lake: Lake, as_of: date, full: bool, memory: str, spark: str | None, progress: RefreshProgress
) -> RefreshReport:
    at = datetime.now(UTC)
    if spark is None:
        return refresh(lake, as_of=as_of, at=at, full=full, memory=memory, progress=progress)
    from zhijian.datazone import cluster

    try:
        session = cluster.session(spark)
    except ImportError:
        raise click.ClickException("PySpark is not installed. Run: pip install 'pyspark>=4.0,<4.1'") from None
    try:
        return cluster.refresh_on_spark(lake, session, as_of=as_of, at=at, progress=progress)
    finally:
        session.stop()


def _in_words(report: RefreshReport) -> str:
    if report.mode == "unchanged":
        return "没有新的交付，未作改变。/ Nothing new was delivered; nothing changed."
    how = "全量" if report.mode == "full" else "增量"
    why = f"（{report.why}）" if report.why else ""
    lines = [
        f"{how}刷新{why}，截至{report.as_of}，涉及{report.touched:,}户，等待登记的事实{report.waiting_facts:,}条"
    ]
    lines += [f"  {table}  {rows:,}行  {report.seconds[table]:.1f} s" for table, rows in report.rows.items()]
    return "\n".join(lines)
