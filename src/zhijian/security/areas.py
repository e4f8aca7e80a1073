"""To which part of the unit's area an officer is limited: set by a steward or a leader above, and written down."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, may_administer
from zhijian.security.persons import is_same_person
from zhijian.security.roles import PRIVILEGED, is_from_above, locked_officers, subject_of
from zhijian.standards import divisions
from zhijian.standards.bilingual import BilingualError


class WrongArea(BilingualError):
    """This area cannot be set, or not by this person. Carries both languages."""


def officers(*, unit: str = "", limited: bool = False) -> "QuerySet[Officer]":
    """Return officers by name: of one unit (its code) or of all, and only the limited ones where asked."""
    found = Officer.objects.select_related("organisation").order_by("username")
    if unit:
        found = found.filter(organisation__code=unit)
    return found.exclude(division_code="") if limited else found


def words_of(officer: Officer) -> str:
    """Return the officer's area in words, with its code."""
    unit = officer.organisation
    if unit is None:
        return "没有单位，不能办件 / no unit, no work"
    code = officer.division_code or unit.division_code
    part = "限于 / limited to" if officer.division_code else "全辖区 / whole area"
    return f"{part} {divisions.full_name(code) or code}（{code}）"


@transaction.atomic
def limit(officer: Officer, division_code: str, *, reason: str, by: Officer, at: datetime) -> bool:
    """Limit an officer to a division inside the unit's area, or to all of it (empty); say whether anything changed.

    The change stands in the chain of looks: who decided, for whom, from where to where, why.

    Raises:
        WrongArea: the deciding one is no steward or leader of the unit or above, or decides about herself; the officer
            holds a privileged role and the deciding one is of the same unit; the division lies outside the unit's area or
            does not exist; no reason.
    """
    locked, by = locked_officers(officer.pk, by.pk)
    _check(locked, division_code, reason, by)
    if locked.division_code == division_code:
        return False
    words = f"{locked.division_code or '全辖区'}→{division_code or '全辖区'}：{reason.strip()}"
    record_look(by, subject_of(locked), "area_set", at=at, reason=words[:200])
    locked.division_code = division_code
    locked.save(update_fields=["division_code"])
    officer.division_code = division_code
    return True


def _check(officer: Officer, division_code: str, reason: str, by: Officer) -> None:
    unit = officer.organisation
    if unit is None:
        raise WrongArea("这个账号没有单位，请先登记单位。", "This account has no unit. Enter one first.")
    if not may(by, Permission.MANAGE_OFFICERS):
        raise WrongArea("只有数据管理员或者单位负责人可以定。", "Only a steward or a leader decides this.")
    if not may_administer(by, unit=unit):
        raise WrongArea(
            "只能定本单位和下级单位的人员。", "Only for officers of the own unit and those below."
        )
    if is_same_person(by, officer):
        raise WrongArea("不能给自己定辖区，请由别人定。", "Nobody sets the own area.")
    if PRIVILEGED.intersection(officer.roles) and not is_from_above(by, unit):
        raise WrongArea(
            "担任监督、管理或者付款岗位的人，辖区由上级单位或者省局定。",
            "The area of whoever oversees, administers or pays is set from above, not by a colleague of the unit.",
        )
    if not reason.strip():
        raise WrongArea("请写明理由。", "Give the reason.")
    if division_code and not _is_inside(division_code, unit.territory):
        raise WrongArea(
            f"{division_code}不是{unit.name}辖区内的区划代码（6位或9位）。",
            f"{division_code} is no division (6 or 9 digits) inside the area of {unit.name_en}.",
        )


def _is_inside(code: str, territory: str) -> bool:
    if not (code.isascii() and code.isdigit() and len(code) in (6, 9) and code.startswith(territory)):
        return False
    return divisions.full_name(code) is not None or divisions.full_name(code[:6]) is not None
