"""``zhijian pull``: what is new in the databases of other departments."""

import getpass
import json
import os
import sys
from datetime import UTC, datetime

import click

from zhijian.datazone.lake import Lake
from zhijian.datazone.sources import PullReport, SourceError, declared, load, pull
from zhijian.datazone.sources.pulling import SLICE_ROWS
from zhijian.infrastructure.configuration import source_address
from zhijian.infrastructure.home import current_home


@click.command()
@click.argument("sources", nargs=-1)
@click.option("--by", default=getpass.getuser, help="Who pulls, as the record shall say; default: the user.")
@click.option(
    "--slice-rows",
    default=SLICE_ROWS,
    show_default=True,
    type=click.IntRange(1),
    help="Rows published at once.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON, one on each line.")
def command(sources: tuple[str, ...], by: str, slice_rows: int, as_json: bool) -> None:
    """Pull what is new from the databases declared in ZHIJIAN_HOME/sources/*.yaml (default: all of them).

    A declaration names source, name, table (or query), watermark, key, overlap, and the setting that holds the
    address (default ZHIJIAN_SOURCE_<SOURCE>_URL). Pulling again changes nothing; a pull that was cut off goes on.
    Exit status 2: a source could not be pulled; the others were.

    \b
    Example:
      zhijian pull market_entities
    """
    home = current_home()
    known = declared(home.sources)
    if unknown := [name for name in sources if name not in known]:
        there = ", ".join(known) or "none"
        raise click.UsageError(f"No declaration {', '.join(unknown)} in {home.sources}; there are: {there}.")
    if not known:
        raise click.UsageError(
            f"No source is declared in {home.sources}. Write one YAML file for each; see --help."
        )
    failed = False
    for name in sources or tuple(known):
        try:
            declaration = load(known[name])
            url = source_address(os.environ, declaration.address)
            report = pull(
                Lake(home.lake), declaration, url, by=by, at=datetime.now(UTC), slice_rows=slice_rows
            )
        except SourceError as problem:
            failed = True
            _print_error(name, problem, as_json)
        else:
            click.echo(json.dumps(report.as_dict()) if as_json else _in_words(report))
    if failed:
        sys.exit(2)


def _print_error(name: str, problem: SourceError, as_json: bool) -> None:
    error = {"source": name, "message_zh": problem.message_zh, "message_en": problem.message_en}
    click.echo(json.dumps(error, ensure_ascii=False) if as_json else f"{name}：{problem}", err=not as_json)


def _in_words(report: PullReport) -> str:
    return (
        f"{report.table}：读取 {report.rows_read:,} 行，新增 {report.rows_new:,} 行，水位 {report.watermark or '—'}"
        f" (read {report.rows_read:,}, new {report.rows_new:,})"
    )
