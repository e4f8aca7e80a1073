"""``zhijian bay-area``: keys and lines of the councils of Hong Kong and Macao, their files, and the messages that are due to them."""

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path

import click

from zhijian.operations.cli import prepare_django

COUNCILS = ("hk", "mo")


@click.group()
def command() -> None:
    """Connect the councils of Hong Kong and Macao; send what is due to them.

    \b
    Example:
      zhijian bay-area key hk --unit council-440000
    """
    prepare_django()


@command.command()
@click.argument("council", type=click.Choice(COUNCILS))
@click.option("--unit", required=True, help="Code of the unit that answers for the connection.")
@click.option(
    "--address",
    default="",
    help="Where the council is told of what is new (https). Without it, it asks by its key.",
)
def key(council: str, unit: str, address: str) -> None:
    """Issue a key to a council, shown this once, with the secret that checks our signatures; its older keys end.

    \b
    Example:
      zhijian bay-area key hk --unit council-440000 --address https://council.example.hk/zhijian
    """
    from zhijian.apps.consumer.bay_area import outbox
    from zhijian.apps.consumer.bay_area.codes import COUNCILS as known
    from zhijian.apps.consumer.complaints.intake import keys
    from zhijian.apps.consumer.complaints.intake.models import IntakeKey
    from zhijian.engines.exchange.policies import Refused
    from zhijian.security.models import Organisation

    organisation = Organisation.objects.filter(code=unit).first()
    if organisation is None:
        raise click.ClickException(f"没有代码为{unit}的单位。/ No unit has the code {unit}.")
    at, partner = datetime.now(UTC), known[council]
    older = list(IntakeKey.objects.filter(system=partner.system, revoked_at=None))
    shown = keys.issue(
        partner.name[0], partner.system, organisation, by=None, at=at, randomness=secrets.token_bytes
    )
    found = keys.find(shown)
    assert found is not None
    try:
        secret = outbox.connect(council, address, found, by=None, at=at)
    except Refused as problem:
        keys.revoke(found, by=None, at=at)
        raise click.ClickException(f"{problem.message_zh} / {problem.message_en}") from None
    for one in older:
        keys.revoke(one, by=None, at=at)
    click.echo(json.dumps({"key": shown, "signing_secret": secret}, ensure_ascii=False))


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def send(as_json: bool) -> None:
    """Tell the councils what became of their cases and send what is due; the site's worker does so every minute.

    \b
    Example:
      zhijian bay-area send
    """
    from zhijian.apps.consumer.bay_area import outbox, services

    at = datetime.now(UTC)
    counts = {"echoed": services.follow(at=at), **outbox.send_due(at=at)}
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo(
        f"新进展 {counts['echoed']}，已送 {counts['sent']}，稍后再送 {counts['later']}，放弃 {counts['dead']}"
        " (echoed, sent, later, given up)"
    )


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--council", type=click.Choice(COUNCILS), required=True, help="Whose file it is.")
@click.option("--synthetic", is_flag=True, help="The cases are invented and are marked as such everywhere.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of each line as JSON.")
def import_(file: Path, council: str, synthetic: bool, as_json: bool) -> None:
    """Take in a file of a council: JSON Lines, one case a line, with the fields of the interface.

    A line that breaks a rule is not taken, the others are; each refusal says its line, its fields and why, never who
    complained. The same file again changes nothing. Exit code 1: something was not taken.

    \b
    Example:
      zhijian bay-area import from-hk.jsonl --council hk
    """
    from zhijian.apps.consumer.bay_area import delivering

    told = delivering.take_in(
        file.read_bytes().splitlines(),
        council,
        at=datetime.now(UTC),
        randomness=secrets.token_bytes,
        is_synthetic=synthetic,
    )
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(
            f"{file.name}：新收 {told['received']}，以前收过 {told['known']}，内容不同未收 {told['changed']}，"
            f"不合格 {len(told['refused'])} (received, known, changed, refused)"
        )
        for one in told["refused"]:
            click.echo(f"  {one['line']}: {one['zh']} / {one['en']}")
    if told["changed"] or told["refused"]:
        raise SystemExit(1)
