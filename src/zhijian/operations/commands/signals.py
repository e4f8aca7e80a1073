"""``zhijian signals``: judge the day's complaints and reports, and list what stands out."""

import json
from datetime import date

import click

from zhijian.infrastructure.home import current_home
from zhijian.operations import options


@click.group()
def command() -> None:
    """Find where complaints and reports rise more than chance allows.

    \b
    Example:
      zhijian signals run
    """
    from zhijian.operations.cli import prepare_django

    prepare_django()


@command.command("run")
@click.option("--day", callback=options.day, help="Judge the cases up to this day; default: today.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the Monte Carlo throws.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def run_signals(day: date | None, seed: int, as_json: bool) -> None:
    """Look at what nobody looked at yet, then judge one day. An open signal takes in the new cases; once a day is usual.

    \b
    Example:
      zhijian signals run --day 2026-11-28
    """
    from django.utils import timezone

    from zhijian.apps.consumer.analysis import services
    from zhijian.apps.consumer.complaints.matters import services as matters

    at = timezone.now()
    looked_at = matters.understand_new(current_home().root, by=None, at=at)["looked_at"]
    run = services.run_day(day or timezone.localdate(at), seed=seed, by=None, at=at)
    told = {
        "day": run.day.isoformat(), "looked_at": looked_at, "cases": run.cases, "told": run.told, "added": run.added,
    }  # fmt: skip
    click.echo(
        json.dumps(told)
        if as_json
        else f"{run.day}：新看{looked_at:,}件，读了{run.cases:,}件，报出{run.told}个信号，其中新的{run.added}个。"
    )


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_signals(as_json: bool) -> None:
    """List the open signals, the rarest first.

    \b
    Example:
      zhijian signals list
    """
    from zhijian.apps.consumer.analysis.models import Signal

    rows = [
        {
            "kind": s.kind, "key": s.key, "label": s.label, "first_on": s.first_on.isoformat(),
            "last_on": s.last_on.isoformat(), "count": s.count, "expected": round(s.expected, 2), "chance": s.chance,
            "cases": len(s.numbers),
        }
        for s in Signal.objects.filter(is_open=True)
    ]  # fmt: skip
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(
            f"{row['kind']}\t{row['label']}\t{row['count']}件（应为{row['expected']}件）\t{row['last_on']}"
        )
    if not rows:
        click.echo("没有异常信号。")
