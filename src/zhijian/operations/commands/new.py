"""``zhijian new system``: a system of the plan from nothing, ready to be run, tested and filled with what is special."""

import os
import subprocess
import sys
from pathlib import Path

import click

import zhijian


@click.group()
def command() -> None:
    """Make something new in the sources.

    \b
    Example:
      zhijian new system consumer/repair_shops --plan S44 --title-zh 家电维修点名录 --title-en "Register of repair shops" --article "《消费者权益保护法》第十六条" --column "brand:text:品牌:Brand"
    """


@command.command()
@click.argument("folder", metavar="FIELD/NAME")
@click.option("--plan", "plan_id", required=True, help="number in the plan's list, as S44 (see /plan/)")
@click.option("--title-zh", required=True)
@click.option("--title-en", required=True)
@click.option("--article", required=True, help="the text on which the register rests")
@click.option(
    "--column",
    "columns",
    multiple=True,
    required=True,
    help="name:kind:中文:English; kinds text, long, date, integer, money, boolean; or name:code:中文:English:a=甲/A,b=乙/B",
)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="the sources; default: those that run",
)
@click.option("--migration/--no-migration", default=True, help="make the first migration, too")
def system(
    folder: str,
    plan_id: str,
    title_zh: str,
    title_en: str,
    article: str,
    columns: tuple[str, ...],
    root: Path | None,
    migration: bool,
) -> None:
    """Write model, declaration, procedure, form, demonstration and end-to-end test of a new register.

    \b
    Example:
      zhijian new system consumer/repair_shops --plan S44 --title-zh 家电维修点名录 --title-en "Register of repair shops" --article "《消费者权益保护法》第十六条" --column "brand:text:品牌:Brand"
    """
    from zhijian.operations import scaffold

    place = root or Path(zhijian.__file__).parents[2]
    field, _, name = folder.partition("/")
    try:
        spec = scaffold.SystemSpec(
            field, name, plan_id, title_zh, title_en, article, tuple(scaffold.column(one) for one in columns)
        )
        written = scaffold.write(spec, place)
    except scaffold.CannotMake as problem:
        raise click.ClickException(str(problem)) from None
    for path in written:
        click.echo(path)
    if migration:
        _migrate(place, name)
        click.echo(f"src/zhijian/apps/{field}/{name}/migrations/0001_{name}.py")
    click.echo(
        f"next: pytest tests/apps/{field}/{name} tests/engines/registers/declared -k {name}; then zhijian migrate, zhijian serve, /registers/{name}/"
    )


def _migrate(root: Path, name: str) -> None:
    """Make the migration in a process of its own: this one knows nothing of the new application."""
    program = "import django; django.setup(); from django.core.management import call_command; import sys; call_command('makemigrations', sys.argv[1], name=sys.argv[1], verbosity=0)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "zhijian.infrastructure.settings"}
    environment["PYTHONPATH"] = str(root / "src")
    subprocess.run([sys.executable, "-c", program, name], check=True, cwd=root, env=environment)
