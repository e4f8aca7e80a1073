"""``zhijian officer``: enter people, see them, limit one to a part of the unit's area, give and end roles."""

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from zhijian.operations.cli import prepare_django

if TYPE_CHECKING:
    from zhijian.security.models import Officer, Organisation

_BY = click.option("--by", "by_name", required=True, help="User name of the administrator who decides.")
_REASON = click.option("--reason", default="", help="Why, as the record shall say.")


@click.group()
def command() -> None:
    """See officers, to which part of their unit's area they are limited, and which roles they hold.

    \b
    Example:
      zhijian officer list --unit amr-440106
    """
    prepare_django()


@command.command("list")
@click.option("--unit", default="", help="Code of a unit; without it, every unit.")
@click.option("--limited", is_flag=True, help="Only those who are limited to a part of the area.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one officer on each line.")
def list_officers(unit: str, limited: bool, as_json: bool) -> None:
    """List officers with unit, roles and area.

    \b
    Example:
      zhijian officer list --unit amr-440106 --limited
    """
    from zhijian.security import areas
    from zhijian.security.models import Organisation

    if unit and not Organisation.objects.filter(code=unit).exists():
        raise click.ClickException(f"没有代码为{unit}的单位。/ No unit has the code {unit}.")
    for one in areas.officers(unit=unit, limited=limited):
        row = {
            "username": one.username,
            "unit": one.organisation.code if one.organisation else "",
            "roles": list(one.roles),
            "area": areas.words_of(one),
            "division_code": one.division_code,
        }
        click.echo(
            json.dumps(row, ensure_ascii=False)
            if as_json
            else f"{row['username']}  {row['unit']}  {'、'.join(one.roles) or '—'}  {row['area']}"
        )


@command.command("area")
@click.argument("username")
@click.argument("division", required=False)
@click.option("--whole", is_flag=True, help="The whole area of the unit again.")
@click.option("--by", "by_name", default="", help="User name of the administrator who decides.")
@_REASON
def area(username: str, division: str | None, whole: bool, by_name: str, reason: str) -> None:
    """Show to which area an officer is limited, or limit the officer to DIVISION (6 or 9 digits).

    What is known by its county alone is then no longer the officer's. Each change is written down in the chain of
    looks, with who decided and why; auditors see it among the looks.

    \b
    Example:
      zhijian officer area handler-440106 440106001 --by province-steward --reason 派驻天河站
    """
    from zhijian.security import areas
    from zhijian.security.models import Officer

    officer = _officer(username)
    if not division and not whole:
        click.echo(f"{officer.username}：{areas.words_of(officer)}")
        return
    if division and whole:
        raise click.UsageError("区划代码和 --whole 只能写一个。/ Give a division or --whole.")
    by = Officer.objects.select_related("organisation").filter(username=by_name).first()
    if by is None:
        raise click.ClickException("请用 --by 写明由谁决定。/ Name who decides with --by.")
    with _refusals_told():
        is_new = areas.limit(officer, division or "", reason=reason, by=by, at=datetime.now(UTC))
    said = "已改为 / now" if is_new else "没有改变 / nothing changed"
    click.echo(f"{officer.username}：{said} {areas.words_of(officer)}")


@command.command("role")
@click.argument("username")
@click.argument("role")
@click.option("--give/--end", "is_giving", default=True, help="Give the role (the default) or end it.")
@_BY
@_REASON
def role(username: str, role: str, is_giving: bool, by_name: str, reason: str) -> None:
    """Give ROLE to an officer, or end it. A privileged one waits until a second administrator agrees (`agree`).

    \b
    Example:
      zhijian officer role handler-440106 mediator --give --by leader-440106 --reason 兼任调解
    """
    from zhijian.security import roles

    officer, by = _officer(username), _officer(by_name)
    with _refusals_told():
        outcome = roles.change(officer, role, is_giving=is_giving, reason=reason, by=by, at=datetime.now(UTC))
    words = {
        roles.Outcome.DONE: "已改 / done",
        roles.Outcome.ASKED: "等第二个人同意 / waits for a second person",
        roles.Outcome.UNCHANGED: "没有改变 / nothing changed",
    }
    click.echo(f"{username} {role}：{words[outcome]}")


@command.command("agree")
@click.argument("username")
@click.argument("role")
@click.option("--refuse", is_flag=True, help="Refuse it instead, or take it back.")
@click.option("--by", "by_name", required=True, help="User name of the second administrator.")
def agree(username: str, role: str, refuse: bool, by_name: str) -> None:
    """Agree to the change of a privileged ROLE of an officer that another administrator asked for.

    `password` in the place of ROLE hands out the address at which the person chooses a password.

    \b
    Example:
      zhijian officer agree handler-440106 auditor --by province-steward
    """
    from zhijian.security import factors, roles
    from zhijian.security.models import RoleRequest

    asked = RoleRequest.objects.filter(officer=_officer(username), role=role, decided_at=None).first()
    if asked is None:
        raise click.ClickException(f"{username}没有等决定的“{role}”。/ Nothing waits for {username}, {role}.")
    with _refusals_told():
        factors.decide_request(asked, is_agreed=not refuse, by=_officer(by_name), at=datetime.now(UTC))
    click.echo(f"{username} {role}：{'已退回 / refused' if refuse else '已同意 / agreed'}")
    if role == roles.PASSWORD and not refuse:
        _tell_address(username)


@command.command("found")
@click.argument("unit")
@click.option(
    "--person",
    "people",
    multiple=True,
    required=True,
    metavar="USERNAME,NUMBER,NAME,NAME_EN",
    help="Twice: one for each.",
)
def found(unit: str, people: tuple[str, ...]) -> None:
    """Make the first two accounts of an installation, stewards of the province's UNIT, and print their addresses.

    Once there is any account this is refused: its administrators enter all others.

    \b
    Example:
      zhijian officer found amr-440000 --person zhang.san,440000-001,张三,"Zhang San" --person li.si,440000-002,李四,"Li Si"
    """
    from zhijian.security import founding

    read = [tuple(part.strip() for part in one.split(",")) for one in people]
    if len(read) != 2 or any(len(one) != 4 or not all(one) for one in read):
        raise click.UsageError(
            "写两名：用户名,工号,姓名,英文姓名。/ Write two, each USERNAME,NUMBER,NAME,NAME_EN, and nothing empty."
        )
    with _refusals_told():
        made = founding.found(
            _unit(unit), founding.Person(*read[0]), founding.Person(*read[1]), at=datetime.now(UTC)
        )
    for officer in made:
        _tell_address(officer.username)


@command.command("new")
@click.argument("username")
@click.option("--unit", required=True, help="Code of the unit.")
@click.option("--name", required=True, help="Name, as colleagues read it.")
@click.option("--name-en", default="", help="The same in Latin letters.")
@click.option("--number", "staff_number", required=True, help="Staff number of the person.")
@_BY
@_REASON
def new(
    username: str, unit: str, name: str, name_en: str, staff_number: str, by_name: str, reason: str
) -> None:
    """Enter an account without roles. A second administrator hands out its address: `agree USERNAME password`.

    \b
    Example:
      zhijian officer new wang.wu --unit amr-440106 --name 王五 --number 440106-017 --by zhang.san --reason 新入职
    """
    from zhijian.security import accounts

    place, by = _unit(unit), _officer(by_name)
    with _refusals_told():
        accounts.enter(
            username,
            place,
            name=name,
            name_en=name_en,
            staff_number=staff_number,
            reason=reason,
            by=by,
            at=datetime.now(UTC),
        )
    click.echo(f"{username}：已登记，等第二位管理员同意 / entered; a second administrator agrees")


@command.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", "is_check", is_flag=True, help="Only say what is wrong; enter nothing.")
@_BY
@_REASON
def load(file: Path, is_check: bool, by_name: str, reason: str) -> None:
    """Enter every account of a CSV FILE (username,unit,name,name_en,staff_number,roles), or none where a line is wrong.

    Accounts have no roles and no passwords until a second administrator agrees to the whole list (`agree-list`).
    Several roles are put apart by semicolons; those that oversee, administer or pay are asked for one by one (`role`).

    \b
    Example:
      zhijian officer load officers.csv --by zhang.san --reason 机构改革划转 --check
    """
    from zhijian.security import account_lists

    by = _officer(by_name)
    with _refusals_told():
        if is_check:
            rows = account_lists.check(account_lists.read(file.read_bytes()), by=by)
            click.echo(f"{len(rows):,}行都可以登记 / rows can be entered")
            return
        number = account_lists.enter(file.read_bytes(), reason=reason, by=by, at=datetime.now(UTC))
    count = len({one.officer_id for one in account_lists.requests_of(number)})
    click.echo(
        f"名单{number}：已登记{count:,}个账号，等第二位管理员同意 / accounts entered; a second administrator agrees"
    )
    click.echo(f"zhijian officer agree-list {number} --by … --addresses addresses.csv")


@command.command("agree-list")
@click.argument("number", type=int)
@click.option("--show", "is_show", is_flag=True, help="Only print the rows of the list.")
@click.option("--refuse", is_flag=True, help="Refuse the whole list instead, or take it back.")
@click.option("--by", "by_name", required=True, help="User name of the second administrator.")
@click.option(
    "--addresses",
    type=click.Path(path_type=Path),
    help="New file for the addresses; readable for its owner alone.",
)
def agree_list(number: int, is_show: bool, refuse: bool, by_name: str, addresses: Path | None) -> None:
    """Agree to the whole list NUMBER: roles hold from now on, and each person has an address to choose a password at.

    \b
    Example:
      zhijian officer agree-list 4711 --by li.si --addresses addresses.csv
    """
    from django.conf import settings

    from zhijian.security import account_lists

    by = _officer(by_name)
    if is_show:
        with _refusals_told():
            rows = account_lists.shown(number, by=by)
        for row in rows:
            click.echo("  ".join(row))
        return
    if not refuse and addresses is None:
        raise click.UsageError("请用 --addresses 写明地址放在哪个新文件。/ Name a new file with --addresses.")
    at = datetime.now(UTC)
    if refuse or addresses is None:
        with _refusals_told():
            account_lists.decide(number, is_agreed=False, by=by, at=at)
        click.echo(f"名单{number}：已退回 / refused")
        return
    with _new_file(addresses) as file:
        with _refusals_told():
            accounts = account_lists.decide(number, is_agreed=True, by=by, at=at)
        csv.writer(file).writerows(account_lists.addresses(accounts, site=str(settings.SITE), at=at))
    click.echo(f"名单{number}：已同意，{len(accounts):,}个地址在 / agreed; addresses in {addresses}")


@contextmanager
def _new_file(path: Path) -> Iterator[TextIO]:
    """Open a new file that its owner alone reads, before anything is decided; take it away again where nothing is."""
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise click.UsageError(f"{path} 已存在。/ {path} is there already; name a new file.") from None
    except OSError as error:
        raise click.UsageError(
            f"{path} 写不了：{error.strerror}。/ {path} cannot be written: {error.strerror}. Name another file."
        ) from None
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            yield file
    finally:
        if path.stat().st_size == 0:  # nothing was decided
            path.unlink()


@command.command("password")
@click.argument("username")
@_BY
@_REASON
def password(username: str, by_name: str, reason: str) -> None:
    """Ask for the address at which an officer chooses another password. A second administrator hands it out (`agree`).

    \b
    Example:
      zhijian officer password handler-440106 --by leader-440106 --reason 忘记密码
    """
    from zhijian.security import accounts

    officer, by = _officer(username), _officer(by_name)
    with _refusals_told():
        accounts.ask_password(officer, reason=reason, by=by, at=datetime.now(UTC))
    click.echo(f"{username}：等第二位管理员同意 / waits for a second administrator")


@command.command("close")
@click.argument("username")
@_BY
@_REASON
def close(username: str, by_name: str, reason: str) -> None:
    """Close an account: who is signed in with it is out at the next request.

    \b
    Example:
      zhijian officer close handler-440106 --by leader-440106 --reason 调离
    """
    from zhijian.security import accounts

    officer, by = _officer(username), _officer(by_name)
    with _refusals_told():
        is_new = accounts.close(officer, reason=reason, by=by, at=datetime.now(UTC))
    click.echo(f"{username}：{'已停用 / closed' if is_new else '没有改变 / nothing changed'}")


@command.command("open")
@click.argument("username")
@_BY
@_REASON
def open_again(username: str, by_name: str, reason: str) -> None:
    """Open a closed account again, with the roles that it had.

    \b
    Example:
      zhijian officer open handler-440106 --by leader-440106 --reason 返岗
    """
    from zhijian.security import accounts

    officer, by = _officer(username), _officer(by_name)
    with _refusals_told():
        is_new = accounts.reopen(officer, reason=reason, by=by, at=datetime.now(UTC))
    click.echo(f"{username}：{'已恢复 / open' if is_new else '没有改变 / nothing changed'}")


@command.command("number")
@click.argument("username")
@click.argument("number")
@_BY
@_REASON
def number(username: str, number: str, by_name: str, reason: str) -> None:
    """Enter the staff NUMBER of the person behind an account: two accounts with one number are one person.

    \b
    Example:
      zhijian officer number handler-440106 440106-017 --by leader-440106 --reason 人事系统核对
    """
    from zhijian.security import accounts

    officer, by = _officer(username), _officer(by_name)
    with _refusals_told():
        is_new = accounts.set_staff_number(officer, number, reason=reason, by=by, at=datetime.now(UTC))
    click.echo(f"{username} {number}：{'已登记 / entered' if is_new else '没有改变 / nothing changed'}")


@contextmanager
def _refusals_told() -> Iterator[None]:
    """Print a refusal in both languages and stop."""
    from zhijian.security.areas import WrongArea
    from zhijian.security.roles import RoleRefused

    try:
        yield
    except (WrongArea, RoleRefused) as problem:
        pairs = zip(problem.message_zh.splitlines(), problem.message_en.splitlines(), strict=True)
        for zh, en in pairs:
            click.echo(f"{zh} / {en}", err=True)
        sys.exit(1)


def _officer(username: str) -> "Officer":
    """Return an officer by user name, or stop."""
    from zhijian.security.models import Officer

    found = Officer.objects.select_related("organisation").filter(username=username).first()
    if found is None:
        raise click.ClickException(f"没有{username}这个账号。/ No account {username}.")
    return found


def _tell_address(username: str) -> None:
    """Print, once, where the person chooses a password."""
    from django.conf import settings

    from zhijian.security import invitations

    at = datetime.now(UTC)
    key = invitations.key_for(_officer(username), at=at)
    days = invitations.DAYS.on(at.date())
    click.echo(f"{username}：{str(settings.SITE).rstrip('/')}/sign-in/first/{key}/")
    click.echo(
        f"    {days}天内由本人打开一次设密码 / the person opens it once within {days} days and chooses a password"
    )


def _unit(code: str) -> "Organisation":
    from zhijian.security.models import Organisation

    unit = Organisation.objects.filter(code=code).first()
    if unit is None:
        raise click.ClickException(f"没有代码为{code}的单位。/ No unit has the code {code}.")
    return unit
