"""``zhijian database``: what the site's account may do in PostgreSQL."""

import sys

import click

from zhijian.operations.cli import prepare_django


@click.group()
def command() -> None:
    """See and give the rights of the account under which the site signs in to PostgreSQL.

    \b
    Example:
      zhijian database rights
    """


@command.command()
@click.option("--account", help="the site's account; default: the user of ZHIJIAN_DATABASE_URL")
@click.option("--apply", "is_applied", is_flag=True, help="Give them, as ZHIJIAN_DATABASE_OWNER_URL.")
@click.option("--check", "is_checked", is_flag=True, help="Only compare; exit 1 where they differ.")
def rights(account: str | None, is_applied: bool, is_checked: bool) -> None:
    """Print the statements that leave the site's account its rights and no others; or run them; or compare.

    It may read and add. It may change and delete rows too, but not those of tables that are written once: facts, seals, looks,
    decisions. It owns nothing, makes no tables and drops none. `zhijian migrate` gives them anew by itself where the owner is set.

    \b
    Example:
      zhijian database rights --check
    """
    from zhijian.operations.database_owner import as_owner, site_account

    if is_applied and is_checked:
        raise click.UsageError("--apply 和 --check 二者取一。/ Give --apply or --check, not both.")
    prepare_django()
    from zhijian.operations import database_rights

    try:
        with as_owner() as is_owner:
            name = account or site_account()
            if is_applied:
                _give(name, is_owner)
            elif is_checked:
                _compare(name)
            else:
                for statement in database_rights.statements(name):
                    click.echo(f"{statement};")
    except database_rights.RightsRefused as refused:
        click.echo(f"zhijian: {refused}", err=True)
        sys.exit(1)


def _give(name: str, is_owner: bool) -> None:
    from zhijian.operations.database_rights import RightsRefused, apply

    if not is_owner:
        raise RightsRefused(
            "授权要由表的所有者进行：请设置环境变量 ZHIJIAN_DATABASE_OWNER_URL。"
            " The owner of the tables gives the rights: set ZHIJIAN_DATABASE_OWNER_URL in the environment."
        )
    apply(name)
    click.echo(f"已按要求授权 / rights given: {name}")


def _compare(name: str) -> None:
    from zhijian.operations.database_rights import differences

    found = differences(name)
    for chinese, english in found:
        click.echo(f"{chinese} / {english}")
    if found:
        sys.exit(1)
    click.echo(f"权限符合要求 / the rights are as they should be: {name}")
