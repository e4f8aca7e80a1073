"""``zhijian unit``: the units of market supervision, from the province's to the stations'."""

import csv
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from zhijian.operations.cli import prepare_django


@click.group()
def command() -> None:
    """Enter units: the province's, those of cities and counties, stations.

    \b
    Example:
      zhijian unit load units.csv
    """
    prepare_django()


@command.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--by", "by_name", default="", help="User name of the province's administrator, once there are accounts."
)
def load(file: Path, by_name: str) -> None:
    """Take in units from a CSV: code, name, name_en, level (province, city, county, station), division_code, parent.

    A parent stands above its units. Of a known unit only the names may change; a file takes none away.

    \b
    Example:
      zhijian unit load units.csv --by zhang.san
    """
    from zhijian.security import founding
    from zhijian.security.models import Officer
    from zhijian.standards.bilingual import BilingualError

    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise click.ClickException(
            f"{file} 读不出（{problem}）。请另存为“CSV UTF-8”。/ {file} cannot be read ({problem}). Save it as 'CSV UTF-8'."
        ) from None
    if not rows or not set(founding.COLUMNS) <= rows[0].keys():
        raise click.ClickException(
            f"第一行应有这些列，下面至少一个单位：{','.join(founding.COLUMNS)}。/ The first line names these columns, and a unit follows."
        )
    by = Officer.objects.select_related("organisation").filter(username=by_name).first() if by_name else None
    if by_name and by is None:
        raise click.ClickException(f"没有{by_name}这个账号。/ There is no account {by_name}.")
    try:
        new = founding.load_units(rows, by=by, at=datetime.now(UTC))
    except BilingualError as refused:
        click.echo(f"{refused.message_zh} / {refused.message_en}", err=True)
        sys.exit(1)
    click.echo(f"{len(rows)} 个单位，新登记 {new} 个 / units, {new} new")
