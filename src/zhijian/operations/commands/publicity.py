"""``zhijian publicity``: the signed root of what is public on a day, and the file for anybody who asks about a code."""

import json
import sys
from datetime import date, datetime
from pathlib import Path

import click

from zhijian.operations.cli import prepare_django
from zhijian.standards.calendar import ZONE, statutory_day


@click.group()
def command() -> None:
    """Make the root of what is public on a day; write the proof about one code.

    \b
    Example:
      zhijian publicity build
    """


def _day(ctx: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return statutory_day(datetime.now(ZONE)) if value == "today" else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"'{value}' is no day. Write 2026-11-24 or today.") from None


@command.command()
@click.option("--day", default="today", show_default=True, callback=_day, help="YYYY-MM-DD or today")
@click.option("--full", is_flag=True, help="Look at every code, not only at those that changed.")
@click.option("--json", "as_json", is_flag=True, help="Print the signed root and the counts as JSON.")
def build(day: date, full: bool, as_json: bool) -> None:
    """Make, sign and publish the root of a day, and put it into the log. `zhijian serve` does it each night.

    What was recorded before the day began is in. A day that has a root keeps it.

    \b
    Example:
      zhijian publicity build --day 2026-11-28
    """
    prepare_django()
    from zhijian.engines.publicity import building
    from zhijian.engines.publicity.errors import PublicityRefused
    from zhijian.infrastructure.home import current_home

    try:
        built = building.build_day(day, at=datetime.now(ZONE), home=current_home(), is_full=full)
    except PublicityRefused as refused:
        click.echo(f"{refused.message_zh}\n{refused.message_en}", err=True)
        sys.exit(1)
    made = built.day
    if as_json:
        click.echo(json.dumps({**made.signed_root(), "looked_at": built.looked_at, "is_full": built.is_full}))
        return
    kept = "" if built.is_new else "（已有 / already there）"
    click.echo(
        f"{made.day}  {made.entities:,} 户 {made.items:,} 条公示 / codes, items   看过 {built.looked_at:,} 户 / looked at{kept}"
    )
    click.echo(f"根 / root  {made.root.hex()}")


@command.command()
@click.argument("uscc")
@click.option("--day", callback=_day, help="YYYY-MM-DD; by default the newest day that has a root")
@click.option("--out", type=click.Path(path_type=Path), help="Write the file here instead of printing it.")
def prove(uscc: str, day: date | None, out: Path | None) -> None:
    """Write the file that proves what is public about a code, or that nothing is; `zhijian verify publicity` checks it.

    \b
    Example:
      zhijian publicity prove 91440101MA59ABCD1D --out proof.json
    """
    prepare_django()
    from zhijian.engines.publicity import answers
    from zhijian.engines.publicity.building import open_map
    from zhijian.infrastructure.home import current_home

    with open_map(current_home()) as store:
        chosen = None if store is None else store.day(day) if day else store.newest()
        if store is None or chosen is None:
            click.echo(
                "还没有公示日根，请先运行 zhijian publicity build。/ There is no root of that day: run `zhijian publicity build`.",
                err=True,
            )
            sys.exit(1)
        today, home = statutory_day(datetime.now(ZONE)), current_home()
        shown = answers.shown_now(uscc, home=home, on=today)
        answer = answers.answer(store, uscc, chosen, today=today, shown=shown)
    text = json.dumps(answer, ensure_ascii=False, indent=1) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, "utf-8")
