"""May this officer do this to this register, here and now? `check_*` raises, with words in both languages."""

from collections.abc import Mapping
from typing import Any

from zhijian.engines.registers.declared.declaration import Register
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import Forbidden, Permission, is_regulator, may, require
from zhijian.standards.bilingual import BilingualError


class Refusal(BilingualError):
    """What was asked cannot be done."""

    wording = "{zh}"


def can_keep(register: Register, officer: Any) -> bool:
    """Say for the page whether the officer keeps this register for some area.

    A unit that is no market regulator keeps those of councils, and an association its own, whatever the role there.
    """
    if not may(officer, Permission.KEEP_REGISTER) or not set(register.keepers) & set(officer.roles):
        return False
    is_of_others = register.is_of_councils or Role.ASSOCIATION in register.keepers
    return is_of_others or is_regulator(officer.organisation)


def check_keeper(register: Register, officer: Any, *, division: str | None = None) -> Officer:
    """Refuse who does not keep this register, or not in this area.

    Raises:
        Forbidden: no role of a keeper, or a place outside the unit's area.
    """
    place = None if _is_without_area(officer) else division  # whose rows an association keeps, `scope` says
    found = require(officer, Permission.KEEP_REGISTER, division=place or None)
    if not can_keep(register, officer):
        raise Forbidden(
            f"“{register.title.zh}”由{register.keeper.zh}维护，您的岗位不能改它。",
            f"'{register.title.en}' is kept by {register.keeper.en}; your role cannot change it.",
        )
    return found


def _is_without_area(officer: Any) -> bool:
    unit = officer.organisation if isinstance(officer, Officer) else None
    return unit is not None and not unit.territory


def check_row(register: Register, officer: Any, values: Mapping[str, Any]) -> None:
    """Refuse a keeper who does not keep this row: the register says whose rows are whose.

    Raises:
        Forbidden: another keeper's row.
    """
    refused = register.scope(officer, values)
    if refused is not None:
        raise Forbidden(refused.zh, refused.en)


def can_read(register: Register, officer: Any) -> bool:
    """Say whether somebody may open the register at all."""
    return register.is_public or may(officer, Permission.VIEW_REGISTER_INTERNALS)


def can_read_internals(officer: Any, *, division: str | None = None) -> bool:
    """Say whether somebody may read what is not public, of this area."""
    return may(officer, Permission.VIEW_REGISTER_INTERNALS, division=division or None)


def can_read_personal(register: Register, officer: Any, *, division: str | None = None) -> bool:
    """Say whether somebody may read personal columns: keepers of the area, and who may anyway."""
    in_area = can_read_internals(officer, division=division)
    return in_area and (can_keep(register, officer) or may(officer, Permission.VIEW_PERSONAL_DATA))


def check_reason(reason: str) -> None:
    """Refuse a change without a reason.

    Raises:
        Refusal: fewer than four characters.
    """
    if len(reason.strip()) < 4:
        raise Refusal(
            "请写明理由（至少4个字），它会和这次变更一起保留。",
            "Give a reason of at least four characters; it is kept with the change.",
        )


def check_seen(current: int, seen: int) -> None:
    """Refuse to write over a version that the officer has not seen.

    Raises:
        Refusal: somebody changed the entry since.
    """
    if current != seen:
        raise Refusal(
            f"这一条刚被别人改过（现在是第{current}版，您看的是第{seen}版）。您填的内容没有丢，请对照后再交。",
            f"Somebody changed this entry (version {current}; you saw {seen}). What you typed is kept; compare it.",
        )
