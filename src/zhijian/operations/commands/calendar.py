"""The statutory calendar: show a year, add the one that the State Council has just announced."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from zhijian.infrastructure.configuration import own_parameters
from zhijian.infrastructure.files import replace_file
from zhijian.standards import calendar
from zhijian.standards.calendar import CalendarProblem, NoCalendarForYear, YearCalendar


@click.group()
def command() -> None:
    """Show public holidays and make-up working days; add a year that has been announced.

    \b
    Example:
      zhijian calendar show 2026
    """


@command.command()
@click.argument("year", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(year: int, as_json: bool) -> None:
    """Show the holidays and make-up working days of a year, and where they come from.

    \b
    Example:
      zhijian calendar show 2026 --json
    """
    try:
        found = calendar.year_calendar(year)
    except (NoCalendarForYear, CalendarProblem) as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)
    click.echo(json.dumps(_as_data(year, found), ensure_ascii=False) if as_json else _in_words(year, found))


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--year", type=int, help="The year; default: the file's name, as in 2027.yaml.")
@click.option("--replace", is_flag=True, help="Put it in the place of a calendar entered before.")
def add(file: Path, year: int | None, replace: bool) -> None:
    """Check an office's calendar and put it in use. A running server reads it at its next start.

    The file gives the notice and its days:

    \b
        source: 国办发明电〔2026〕…号
        holidays:
          - {name: 元旦, from: 2027-01-01, to: 2027-01-03}
        working_days: [2027-01-10]

    \b
    Example:
      zhijian calendar add 2027.yaml
    """
    year = year or _year_in(file.stem)
    target = own_parameters(os.environ) / "calendar" / f"{year}.yaml"
    try:
        found = calendar.read_year(file, year)
    except CalendarProblem as problem:
        raise click.UsageError(str(problem)) from None
    content = file.read_bytes()
    if target.exists() and target.read_bytes() == content:
        click.echo(f"{year}年的日历已经录入，没有任何改变。/ The calendar of {year} is there already.")
        return
    if target.exists() and not replace:
        raise click.UsageError(
            f"{target} 已有{year}年的日历且内容不同；确要更换请加 --replace。"
            f" {target} holds another calendar of {year}; add --replace to put this in its place."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_file(target, content)
    click.echo(f"已录入 / added: {target}\n{_in_words(year, found)}")


def _year_in(stem: str) -> int:
    if not (stem.isascii() and stem.isdigit() and len(stem) == 4):
        raise click.UsageError(f"'{stem}' names no year. Call the file 2027.yaml, or give --year 2027.")
    return int(stem)


def _as_data(year: int, found: YearCalendar) -> dict[str, Any]:
    return {
        "year": year,
        "source": found.source,
        "holidays": {day.isoformat(): name for day, name in sorted(found.holidays.items())},
        "working_weekends": [day.isoformat() for day in sorted(found.working_weekends)],
    }


def _in_words(year: int, found: YearCalendar) -> str:
    days: dict[str, list[str]] = {}
    for day, name in sorted(found.holidays.items()):
        days.setdefault(name, []).append(f"{day:%m-%d}")
    lines = [f"{year}  {found.source}"]
    lines += [f"  {name}  {' '.join(listed)}" for name, listed in days.items()]
    working = " ".join(f"{day:%m-%d}" for day in sorted(found.working_weekends))
    return "\n".join([*lines, f"  调休上班 / working weekends  {working or '—'}"])
