"""``zhijian complaints``: look at complaints and reports that nobody looked at, and learn from corrections."""

import json
from typing import Any

import click

from zhijian.infrastructure.home import current_home


@click.group()
def command() -> None:
    """Suggest topic and urgency of complaints and reports; learn from what officers corrected.

    \b
    Example:
      zhijian complaints learn
    """
    from zhijian.operations.cli import prepare_django

    prepare_django()


@command.command("learn")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def learn_topics(seed: int, as_json: bool) -> None:
    """Fit the model of topics anew from synthetic starters and from officers' corrections.

    It is used for what comes in from now on; nothing that an officer set is changed.

    \b
    Example:
      zhijian complaints learn
    """
    from zhijian.apps.consumer.complaints.matters import services

    told = services.learn(current_home().root, seed=seed)
    click.echo(
        json.dumps(told)
        if as_json
        else f"已用{told['texts']:,}条文本（其中更正{told['corrections']:,}件）学成{told['matters']}类；模型 {told['digest']}。"
    )


@command.command("understand")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def understand_new(as_json: bool) -> None:
    """Suggest topic and urgency of every complaint and report that has no suggestion yet.

    \b
    Example:
      zhijian complaints understand
    """
    from django.utils import timezone

    from zhijian.apps.consumer.complaints.matters import services
    from zhijian.apps.consumer.complaints.matters.models import Suggestion
    from zhijian.apps.consumer.complaints.models import Complaint, ViolationReport

    model = services.learned_model(current_home().root)
    known = Suggestion.objects.values("number")
    told: dict[str, Any] = {"looked_at": 0, "urgent": 0, "unsure": 0}
    for kind in (Complaint, ViolationReport):
        for matter in kind.objects.exclude(number__in=known).iterator():
            made = services.understand(matter, model=model, by=None, at=timezone.now())
            told["looked_at"] += 1
            told["urgent"] += bool(made.urgency)
            told["unsure"] += not made.topic_code
    click.echo(
        json.dumps(told)
        if as_json
        else f"看了{told['looked_at']:,}件：紧急{told['urgent']:,}件，类别不确定{told['unsure']:,}件。"
    )
