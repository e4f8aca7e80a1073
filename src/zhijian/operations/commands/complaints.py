"""``zhijian complaints``: tickets of the hotlines, keys of their systems, drafts that nobody came back to."""

import json
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from zhijian.infrastructure.home import current_home
from zhijian.operations.cli import prepare_django

SYSTEMS = ("hotline_12345", "platform_12315")
_OUTCOMES = {
    "received": "新收 / received",
    "known": "以前收过，没有改变 / known, nothing changed",
    "repeat": "同一投诉，并入先收的 / joined to an earlier complaint",
    "redirected": "不是投诉举报，已指明去处 / neither, told where to go",
}


@click.group()
def command() -> None:
    """Take in the tickets that 12345 and 12315 dispatch; issue keys to their systems.

    \b
    Example:
      zhijian complaints import tickets-2026-11-28.csv
    """
    prepare_django()


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", default="hotline", show_default=True, help="Who delivers, as the record shall say.")
@click.option("--synthetic", is_flag=True, help="The tickets are invented and are marked as such everywhere.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of the file as JSON.")
def import_(file: Path, by: str, synthetic: bool, as_json: bool) -> None:
    """Take in a file of tickets by the contract consumer__hotline_tickets.

    Bad rows go to quarantine with their reason. A ticket that came before is recognised by its system and number, and a
    file that came before changes nothing. Names and phones are kept sealed and not written to the lake.

    \b
    Example:
      zhijian complaints import tickets-2026-11-28.csv --by 广州12345
    """
    from zhijian.apps.consumer.complaints import hotline
    from zhijian.datazone.ingest.errors import DeliveryError
    from zhijian.datazone.lake import Lake

    lake = Lake(current_home().lake)
    try:
        done = hotline.import_file(
            lake, file, by=by, at=datetime.now(UTC), randomness=secrets.token_bytes, is_synthetic=synthetic
        )
    except DeliveryError as problem:
        click.echo(f"{problem.message_zh}\n{problem.message_en}", err=True)
        sys.exit(2)
    counts = {outcome: done.count(outcome) for outcome in _OUTCOMES}
    report = done.report
    if as_json:
        told = {
            "file": file.name,
            "already_delivered": report.already_delivered,
            "rows_in": report.rows_in,
            "rows_quarantined": report.rows_quarantined,
            **counts,
            "tickets": [
                {"ticket_no": one.ticket_no, "outcome": one.outcome, "receipt_number": one.receipt_number}
                for one in done.taken
            ],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    if report.already_delivered:
        click.echo(
            f"{file.name}：这份文件已由 {report.delivered_by} 于 {report.delivered_at} 交付，没有任何改变。"
            " (already delivered, nothing changed)"
        )
        return
    click.echo(
        f"{file.name}：收到 {report.rows_in:,} 行，退回隔离 {report.rows_quarantined:,} 行 / quarantined"
    )
    for outcome, words in _OUTCOMES.items():
        if counts[outcome]:
            click.echo(f"  {words}：{counts[outcome]:,}")


@command.command()
@click.argument("name")
@click.option("--system", type=click.Choice(SYSTEMS), required=True, help="Whose tickets the key brings.")
@click.option("--unit", required=True, help="Code of the unit that answers for the connection.")
def key(name: str, system: str, unit: str) -> None:
    """Issue a key to another system; it is shown this once.

    \b
    Example:
      zhijian complaints key 广州12345 --system hotline_12345 --unit amr-440100
    """
    from zhijian.apps.consumer.complaints.intake import keys
    from zhijian.security.models import Organisation

    organisation = Organisation.objects.filter(code=unit).first()
    if organisation is None:
        raise click.ClickException(f"没有代码为{unit}的单位。/ No unit has the code {unit}.")
    shown = keys.issue(
        name, system, organisation, by=None, at=datetime.now(UTC), randomness=secrets.token_bytes
    )
    click.echo(shown)


@command.command()
@click.argument("name")
def revoke(name: str) -> None:
    """End every key of that name.

    \b
    Example:
      zhijian complaints revoke 广州12345
    """
    from zhijian.apps.consumer.complaints.intake import keys
    from zhijian.apps.consumer.complaints.intake.models import IntakeKey

    found = list(IntakeKey.objects.filter(name=name, revoked_at__isnull=True))
    for one in found:
        keys.revoke(one, by=None, at=datetime.now(UTC))
    click.echo(f"已撤销 {len(found)} 个密钥 / revoked")


@command.command("return")
@click.argument("ticket_no")
@click.option("--system", type=click.Choice(SYSTEMS), required=True)
@click.option(
    "--reason", type=click.Choice(["not_ours", "other_area", "incomplete", "repeated"]), required=True
)
@click.option("--officer", required=True, help="User name of the officer who decides.")
def return_(ticket_no: str, system: str, reason: str, officer: str) -> None:
    """Return a ticket to its hotline with a reason, within the hotline's window; the hotline reads it by the interface.

    \b
    Example:
      zhijian complaints return GZ001 --system hotline_12345 --reason other_area --officer county-intake
    """
    from zhijian.apps.consumer.complaints import hotline
    from zhijian.apps.consumer.complaints.models import ExternalReference
    from zhijian.engines.procedures.errors import ProcedureRefused
    from zhijian.security.models import Officer
    from zhijian.security.permissions import Forbidden

    reference = ExternalReference.objects.filter(system=system, number=ticket_no).first()
    by = Officer.objects.filter(username=officer).first()
    if reference is None or by is None:
        raise click.ClickException("没有这张工单或这个账号。/ No such ticket or account.")
    try:
        hotline.return_ticket(reference, reason=reason, by=by, at=datetime.now(UTC))
    except (ProcedureRefused, Forbidden) as problem:
        raise click.ClickException(f"{problem.message_zh} / {problem.message_en}") from None
    click.echo(f"已退回 {ticket_no}：{hotline.RETURN_REASONS[reason][0]} / returned")


@command.command()
def sweep() -> None:
    """Take away drafts that nobody came back to, and files that nobody sent, after their days (also done every night).

    A file goes only where no case, and nothing else that is kept, names it: it is set aside first, comes back where a
    row names it after all, and is removed after 180 days.

    \b
    Example:
      zhijian complaints sweep
    """
    from zhijian.apps.consumer.complaints.intake import drafts
    from zhijian.engines.evidence import clearing

    now = datetime.now(UTC)
    count = drafts.sweep(at=now)
    gone = clearing.clear_unnamed(current_home().media, before=drafts.oldest(now), at=now)
    click.echo(f"已清除 {count} 份未完成的填写 / drafts taken away")
    click.echo(f"已移出 {gone} 个没有送出的文件 / files set aside")


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

    told = services.understand_new(current_home().root, by=None, at=timezone.now())
    click.echo(
        json.dumps(told)
        if as_json
        else f"看了{told['looked_at']:,}件：紧急{told['urgent']:,}件，类别不确定{told['unsure']:,}件。"
    )
