"""``zhijian plan``: load a plan from its folder, see where it stands, write and check packages for third parties."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click

from zhijian.standards.bilingual import BilingualError


@click.group()
def command() -> None:
    """A five-year plan as data: load it, see its figures, hand them out, compute them again.

    \b
    Example:
      zhijian plan show
    """
    from zhijian.operations.cli import prepare_django

    prepare_django()


@command.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option(
    "--check", "is_check", is_flag=True, help="Say what would be done, and every fault; change nothing."
)
def load(folder: Path | None, is_check: bool) -> None:
    """Load a plan: plan.yaml, indicators.csv, commitments.csv, paragraphs.csv. Without FOLDER the plan of 2021-2025.

    \b
    Example:
      zhijian plan load ./plan-2026-2030 --check
    """
    from zhijian.apps.plan.monitoring import files, loading

    do = loading.check if is_check else loading.load
    try:
        found = do(files.read(folder or files.OWN), at=datetime.now(UTC))
    except BilingualError as problem:
        click.echo(f"{problem.message_zh}\n{problem.message_en}", err=True)
        sys.exit(1)
    told = f"{found.added} rows added, {found.changed} changed" if found.is_new else "nothing changed"
    mark = "checked only, nothing loaded: " if is_check else ""
    click.echo(f"{found.plan.code}  {found.plan.title_zh}  {mark}{told}")


@command.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--plan", "code", default="", help="Code of the plan; without it, the plan of the day.")
def export(folder: Path, code: str) -> None:
    """Write a plan as its folder: to be kept, or to be changed into the next plan.

    \b
    Example:
      zhijian plan export ./plan-2026-2030
    """
    from zhijian.apps.plan.monitoring import exporting, queries
    from zhijian.apps.plan.monitoring.models import Plan

    today = datetime.now(UTC).date()
    plan = Plan.objects.filter(code=code).first() if code else queries.plan_on(today)
    if plan is None:
        click.echo("没有这个规划，先用 zhijian plan load。/ No such plan: zhijian plan load first.", err=True)
        sys.exit(1)
    try:
        exporting.write(plan, folder)
    except BilingualError as problem:
        click.echo(f"{problem.message_zh}\n{problem.message_en}", err=True)
        sys.exit(1)
    click.echo(f"{folder}  {plan.code}  {plan.title_zh}")


@command.command()
@click.option("--plan", "code", default="", help="Code of the plan; without it, the plan of the day.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day; without it, today.")
@click.option("--json", "is_json", is_flag=True, help="Print every figure as JSON.")
def show(code: str, on: datetime | None, is_json: bool) -> None:
    """Show where each indicator stands, from published values.

    \b
    Example:
      zhijian plan show --on 2023-12-31
    """
    from zhijian.apps.plan.monitoring import queries, reckoning, writing
    from zhijian.apps.plan.monitoring.models import Plan

    day = on.date() if on else datetime.now(UTC).date()
    plan = Plan.objects.filter(code=code).first() if code else queries.plan_on(day)
    if plan is None:
        click.echo("没有这个规划，先用 zhijian plan load。/ No such plan: zhijian plan load first.", err=True)
        sys.exit(1)
    told = reckoning.as_json(queries.whole(plan, day))
    if is_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for one in told["figures"]:
        judged = one["judged"]
        click.echo(
            f"{one['number']:<4} {judged['value'] or '—':>12}  {writing.percent(judged['progress']):>8}  {judged['light']}"
        )
    click.echo(f"index {writing.percent(told['composite']['index'])}  {plan.code}  {day}")


@command.command()
def compute() -> None:
    """Compute what this installation's tables make today of each indicator that has a formula, and keep it for today.

    \b
    Example:
      zhijian plan compute
    """
    from zhijian.engines.registers import register_at
    from zhijian.infrastructure.home import current_home
    from zhijian.portal import plan_computing
    from zhijian.standards.calendar import statutory_day

    now = datetime.now(UTC)
    day = statutory_day(now)
    kept = plan_computing.compute_all(register_at(current_home().serving), day=day, at=now)
    click.echo(f"{day}  {kept} values")


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day of the data; without it, today.")
@click.option("--plan", "code", default="", help="Code of the plan; without it, the plan of the day.")
def package(file: Path, on: datetime | None, code: str) -> None:
    """Write the published values of the plan of the day, with every figure, as a package for third parties.

    \b
    Example:
      zhijian plan package evaluation.zip --on 2025-12-31
    """
    from zhijian.apps.plan.monitoring import package as packages
    from zhijian.apps.plan.monitoring import queries
    from zhijian.apps.plan.monitoring.models import Plan

    day: date = on.date() if on else datetime.now(UTC).date()
    plan = Plan.objects.filter(code=code).first() if code else queries.plan_on(day)
    if plan is None:
        click.echo("没有规划，先用 zhijian plan load。/ No plan: zhijian plan load first.", err=True)
        sys.exit(1)
    file.write_bytes(packages.write(queries.data(plan, day, is_public=True), queries.sealed(plan)))
    click.echo(f"{file}  {plan.code}  {day}")


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--leaves",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the /published/seals/<day>.leaves.txt of the site; its log.json lists the days.",
)
def recompute(file: Path, folder: Path | None) -> None:
    """Compute every figure of a package again from its data, and compare; exit 1 if one differs.

    Values are compared with the facts in the package, and those with their leaf hashes. Only with --leaves is it sure that
    the facts are those that were sealed: digests can be written anew by anybody.

    \b
    Example:
      zhijian plan recompute evaluation.zip --leaves seals
    """
    from zhijian.apps.plan.monitoring import package as packages

    try:
        found = packages.recompute(file, _leaves(folder))
    except BilingualError as problem:
        click.echo(f"{problem.message_zh}\n{problem.message_en}", err=True)
        sys.exit(1)
    click.echo(
        f"{found.of_facts}个值与公布的事实一致，{found.without_fact}个没有事实 / {found.of_facts} values are those of their facts, "
        f"{found.without_fact} have none"
    )
    if found.evaluation:
        click.echo(
            f"数据正是评估公布时封存的：事实 {found.evaluation} / these very data were sealed with the evaluation"
        )
    if folder is None:
        click.echo("没有核对封存，加 --leaves / the seals were not looked at: give --leaves")
    if found.unsealed:
        click.echo(f"不在封存里 / in no seal: {', '.join(found.unsealed)}", err=True)
    if found.is_same:
        click.echo(
            f"{found.same}个数字全部一致 / all {found.same} figures are the same (code {found.code_version})"
        )
        return
    if found.different:
        click.echo(f"不一致 / different: {', '.join(found.different)}", err=True)
    sys.exit(1)


def _leaves(folder: Path | None) -> frozenset[str] | None:
    """Read the hashes of the leaf files that somebody downloaded."""
    if folder is None:
        return None
    files = sorted(folder.glob("*.leaves.txt"))
    if not files:
        raise click.ClickException(
            f"{folder}里没有<日期>.leaves.txt。请从网站下载 /published/seals/<日期>.leaves.txt，日期列在 /published/seals/log.json。"
            f" / {folder} holds no <day>.leaves.txt: download /published/seals/<day>.leaves.txt; "
            "/published/seals/log.json lists the days."
        )
    return frozenset(line for file in files for line in file.read_text("utf-8").split())
