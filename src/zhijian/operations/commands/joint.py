"""``zhijian joint``: other departments that take part in inspections."""

import json

import click


@click.group()
def command() -> None:
    """Joint inspections: the departments that may be asked to come along.

    \b
    Example:
      zhijian joint department fire-440106 --name 天河区消防救援大队 --name-en "Tianhe fire rescue"
    """


@command.command()
@click.argument("code")
@click.option("--name", required=True, help="Name of the department in Chinese.")
@click.option("--name-en", required=True, help="Name of the department in English.")
@click.option("--json", "is_json", is_flag=True, help="Print what stands as JSON.")
def department(code: str, name: str, name_en: str, is_json: bool) -> None:
    """Add a department, whose people then get accounts in the role 'partner'; one that is there stays as it is.

    \b
    Example:
      zhijian joint department fire-440106 --name 天河区消防救援大队 --name-en "Tianhe fire rescue"
    """
    from zhijian.operations.cli import prepare_django

    prepare_django()
    from zhijian.apps.supervision.joint import policies, services

    unit = services.add_department(code, name, name_en)
    if unit.level != policies.DEPARTMENT_LEVEL:
        raise click.ClickException(f"{code} is a unit of market supervision, not another department.")
    told = {"code": unit.code, "name": unit.name, "name_en": unit.name_en}
    click.echo(json.dumps(told, ensure_ascii=False) if is_json else f"{unit.code}  {unit.name}")
