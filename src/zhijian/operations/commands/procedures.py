"""``zhijian procedures``: check drawings, publish what shipped, and do what time does by itself."""

import json
from datetime import datetime
from pathlib import Path

import click

from zhijian.operations.cli import prepare_django


@click.group()
def command() -> None:
    """Procedures that people can read: check a drawing, list versions and cases, let timers fire and late steps escalate.

    \b
    Example:
      zhijian procedures check
    """


@command.command()
@click.argument("codes", nargs=-1)
@click.option(
    "--drawing",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check this BPMN file instead of what shipped; name one code.",
)
@click.option(
    "--decisions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The DMN file that goes with it.",
)
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def check(codes: tuple[str, ...], drawing: Path | None, decisions: Path | None, as_json: bool) -> None:
    """Check drawings and their tables; name each fault with its element. Ends with 1 where there is one.

    \b
    Example:
      zhijian procedures check consumer/complaint --drawing mine.bpmn
    """  # fmt: skip
    prepare_django()
    from zhijian.engines.procedures import checks, declaration

    if drawing is not None and len(codes) != 1:
        raise click.ClickException("请写明流程代码。/ Name the one procedure that the drawing is for.")
    chosen = [_declared(code) for code in codes] or declaration.all_procedures()
    found = {}
    for one in chosen:
        text = drawing.read_text("utf-8") if drawing else one.drawing_text()
        tables = decisions.read_text("utf-8") if decisions else one.decisions_text()
        found[one.code] = checks.problems(one, text, tables)
    if as_json:
        rows = {code: [vars(problem) for problem in problems] for code, problems in found.items()}
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for code, problems in found.items():
            click.echo(f"{code}: {len(problems)} 个问题 / problems")
            for problem in problems:
                click.echo(f"  {problem.element}: {problem.message_zh} / {problem.message_en}")
    if any(found.values()):
        raise SystemExit(1)


@command.command()
@click.option("--limit", default=1000, show_default=True, help="at most so many of each kind")
@click.option(
    "--at", "moment", type=click.DateTime(), help="as if it were this moment (Asia/Shanghai); for trying out"
)
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def tick(limit: int, moment: datetime | None, as_json: bool) -> None:
    """Fire timers that are due, send late steps to the leader above, compute days again under new holidays.

    \b
    Example:
      zhijian procedures tick
    """
    prepare_django()
    from django.utils import timezone

    from zhijian.engines.procedures import services
    from zhijian.standards.calendar import ZONE

    done = services.tick(moment.replace(tzinfo=ZONE) if moment else timezone.now(), limit=limit)
    if as_json:
        click.echo(json.dumps(vars(done)))
        return
    click.echo(
        f"定时 {done.fired:,}、升级督办 {done.escalated:,}、期限重算 {done.recomputed:,}、失败 {done.failed:,}。"
        " / Timers, escalations, recomputed days, failures."
    )


@command.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def list_procedures(as_json: bool) -> None:
    """List every declared procedure with its published version and its cases.

    \b
    Example:
      zhijian procedures list --json
    """
    prepare_django()
    from zhijian.engines.procedures import queries

    rows = queries.overview()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        version = f"v{row['version']}" if row["version"] else "未发布"
        click.echo(
            f"{row['code']}  {row['title_zh']}  {version}  在办 {row['open']:,}  已结 {row['closed']:,}"
        )


@command.command()
@click.argument("codes", nargs=-1)
def publish(codes: tuple[str, ...]) -> None:
    """Publish the drawings that shipped with the product (all, or those named); what is published already stays.

    \b
    Example:
      zhijian procedures publish consumer/complaint
    """
    prepare_django()
    from django.utils import timezone

    from zhijian.engines.procedures import declaration, versions

    for one in [_declared(code) for code in codes] or declaration.all_procedures():
        version = versions.publish_shipped(one.code, by=None, at=timezone.now())
        click.echo(f"{version} {version.get_state_display()}")


def _declared(code: str):  # type: ignore[no-untyped-def]
    from zhijian.engines.procedures import declaration

    found = declaration.find(code)
    if found is None:
        known = ", ".join(one.code for one in declaration.all_procedures()) or "—"
        raise click.ClickException(f"没有流程“{code}”。/ No procedure '{code}'. Known: {known}")
    return found
