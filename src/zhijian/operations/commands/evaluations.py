"""``zhijian evaluations``: look for made evaluations."""

import json

import click


@click.group()
def command() -> None:
    """Judge evaluations after consumption by the published tests.

    \b
    Example:
      zhijian evaluations screen
    """
    from zhijian.operations.cli import prepare_django

    prepare_django()


@command.command("screen")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the Monte Carlo throws.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def screen(seed: int, as_json: bool) -> None:
    """Propose what stands out today; nothing is set aside before an officer confirms it. Once a day is usual.

    \b
    Example:
      zhijian evaluations screen
    """
    from django.utils import timezone

    from zhijian.apps.consumer.evaluation import services

    run = services.run_screening(seed=seed, by=None, at=timezone.now())
    told = {"day": run.day.isoformat(), "evaluations": run.evaluations, "found": run.found}
    click.echo(
        json.dumps(told) if as_json else f"{run.day}：读了{run.evaluations:,}条评价，提示{run.found}项。"
    )
