"""``zhijian objects``: the libraries of objects of inspection."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click

from zhijian.datazone.lake import Lake, LakeError
from zhijian.infrastructure.home import current_home


@click.group()
def command() -> None:
    """Libraries of objects of inspection: tags found anew from the register.

    \b
    Example:
      zhijian objects refresh
    """


@command.command()
@click.option("--json", "is_json", is_flag=True, help="Print the counts as JSON.")
def refresh(is_json: bool) -> None:
    """Find the objects of every tag, by rule and by hand, and count who came and who left. Run it daily.

    \b
    Example:
      zhijian objects refresh
    """
    from zhijian.operations.cli import prepare_django

    prepare_django()
    from zhijian.apps.supervision.planning import tagging

    try:
        changes = tagging.refresh(Lake(current_home().lake), at=datetime.now(UTC))
    except LakeError as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)
    if is_json:
        click.echo(json.dumps([asdict(one) for one in changes], ensure_ascii=False))
        return
    for one in changes:
        click.echo(f"{one.tag}  {one.members:,}  +{one.added:,}  -{one.left:,}")
