"""How an installation begins: its units from a file, and the first two administrators, who vouch for each other.

From then on each account is entered by one administrator and opened by another (`accounts`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from zhijian.security.accounts import check_username
from zhijian.security.audit import record_look
from zhijian.security.models import Level, Officer, Organisation, Role
from zhijian.security.permissions import may_administer
from zhijian.security.persons import are_two_persons
from zhijian.security.roles import RoleRefused, subject_of
from zhijian.standards import divisions
from zhijian.standards.bilingual import BilingualError

COLUMNS = ("code", "name", "name_en", "level", "division_code", "parent")


class UnitsRefused(BilingualError):
    """The file of units was not taken in: which line, why, and what next."""


@dataclass(frozen=True)
class Person:
    """Who gets one of the first two accounts."""

    username: str
    staff_number: str
    name: str
    name_en: str


@transaction.atomic
def load_units(rows: Iterable[Mapping[str, str]], *, by: Officer | None, at: datetime) -> int:
    """Take in units, those above before those below; return how many are new. Of a known one only the names may change.

    Once there are accounts an administrator of the province decides.

    Raises:
        UnitsRefused: a line contradicts itself, the divisions or what is known; nothing is taken in.
        RoleRefused: there are accounts, and `by` administers no province.
    """
    _check_province(by)
    new = 0
    for line, row in enumerate(rows, start=2):
        values = {name: (row.get(name) or "").strip() for name in COLUMNS}
        new += _entered(values, line)
    if by is not None:
        record_look(by, "units", "units_entered", at=at, reason=f"{new} new")
    return new


@transaction.atomic
def found(unit: Organisation, first: Person, second: Person, *, at: datetime) -> tuple[Officer, Officer]:
    """Make the first two accounts, both stewards of the province's unit, without passwords.

    Raises:
        RoleRefused: there are accounts already, the unit is not the province's, or they are not surely two persons.
    """
    if Officer.objects.exists():
        raise RoleRefused(
            "已经有账号了。请现有的管理员登记新账号：zhijian officer new。",
            "There are accounts already. Their administrators enter new ones: zhijian officer new.",
        )
    if unit.level != Level.PROVINCE:
        raise RoleRefused(
            "最初两名管理员属于省级单位。", "The first two administrators are of the province's unit."
        )
    one, other = (_administrator(unit, person) for person in (first, second))
    if not are_two_persons(one, other):
        raise RoleRefused(
            "最初两名管理员要有不同的工号。", "The first two administrators need different staff numbers."
        )
    for vouching, account in ((one, other), (other, one)):
        record_look(vouching, subject_of(account), "account_entered", at=at, reason="founding")
    return one, other


def _administrator(unit: Organisation, person: Person) -> Officer:
    check_username(person.username)
    officer = Officer(
        username=person.username, organisation=unit, roles=[str(Role.STEWARD)], staff_number=person.staff_number.strip(),
        display_name=person.name, display_name_en=person.name_en,
    )  # fmt: skip
    officer.set_unusable_password()
    officer.save()
    return officer


def _check_province(by: Officer | None) -> None:
    if by is None and not Officer.objects.exists():
        return
    unit = by.organisation if by else None
    if by is None or unit is None or unit.level != Level.PROVINCE or not may_administer(by, unit=unit):
        raise RoleRefused(
            "单位由省级管理人员登记，请用 --by 写明是谁。",
            "An administrator of the province enters units. Name the person with --by.",
        )


def _entered(values: Mapping[str, str], line: int) -> bool:
    """Keep one unit; say whether it is new."""
    parent = Organisation.objects.filter(code=values["parent"]).first() if values["parent"] else None
    if why := _why_not(values, parent):
        raise UnitsRefused(f"第{line}行：{why[0]}", f"Line {line}: {why[1]}")
    fixed = {"level": values["level"], "division_code": values["division_code"], "parent": parent}
    names = {"name": values["name"], "name_en": values["name_en"]}
    unit, is_new = Organisation.objects.get_or_create(code=values["code"], defaults=fixed | names)
    if not is_new:
        if any(getattr(unit, name) != value for name, value in fixed.items()):
            raise UnitsRefused(
                f"第{line}行：{unit.code}的级别、区划和上级不能改，请用新的代码。",
                f"Line {line}: level, division and parent of {unit.code} do not change. Take a new code.",
            )
        Organisation.objects.filter(pk=unit.pk).update(**names)
    return is_new


def _why_not(values: Mapping[str, str], parent: Organisation | None) -> tuple[str, str] | None:
    division = values["division_code"]
    if lacking := [name for name in COLUMNS[:5] if not values[name]]:
        return f"缺{'、'.join(lacking)}。", f"{', '.join(lacking)} lacking."
    if values["level"] not in Level.values:
        return f"级别应为{'、'.join(Level.values)}。", f"The level is one of {', '.join(Level.values)}."
    if divisions.find(division) is None and divisions.find(division[:6]) is None:
        return f"没有{division}这个区划。", f"There is no division {division}."
    if values["parent"] and parent is None:
        return (
            f"还没有上级{values['parent']}，请写在前面。",
            f"The parent {values['parent']} is not known yet. Write it above.",
        )
    if parent is None and values["level"] != Level.PROVINCE:
        return "只有省级单位没有上级。", "Only the province's unit has no parent."
    if parent is not None and not division.startswith(parent.territory):
        return f"{division}不在上级的辖区内。", f"{division} lies outside the parent's area."
    return None
