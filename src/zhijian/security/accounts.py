"""An officer's account is closed and opened again, and gets the staff number of its person: each with a reason."""

from datetime import datetime

from django.db import transaction

from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.roles import (
    PRIVILEGED,
    RoleRefused,
    check_administrator,
    is_from_above,
    locked_officers,
    subject_of,
)


@transaction.atomic
def close(officer: Officer, *, reason: str, by: Officer, at: datetime) -> bool:
    """Close an account; say whether it was open. Its sessions end at their next request.

    Raises:
        RoleRefused: no administrator of the unit, or the own account; a privileged role's account, and not from above; no
            reason.
    """
    return _switch(officer, is_active=False, reason=reason, by=by, at=at)


@transaction.atomic
def reopen(officer: Officer, *, reason: str, by: Officer, at: datetime) -> bool:
    """Open an account again; say whether it was closed. Its roles are those that it had.

    Raises:
        RoleRefused: as for `close`.
    """
    return _switch(officer, is_active=True, reason=reason, by=by, at=at)


@transaction.atomic
def set_staff_number(officer: Officer, number: str, *, reason: str, by: Officer, at: datetime) -> bool:
    """Enter the number of the person behind an account; say whether anything changed.

    Raises:
        RoleRefused: as for `close`.
    """
    locked, number, reason = _checked(officer, reason, by), number.strip()[:40], reason.strip()
    if locked.staff_number == number:
        return False
    words = f"{locked.staff_number or '—'}→{number or '—'}：{reason}"
    locked.staff_number = number
    locked.save(update_fields=["staff_number"])
    record_look(by, subject_of(locked), "staff_number_set", at=at, reason=words[:200])
    return True


def _switch(officer: Officer, *, is_active: bool, reason: str, by: Officer, at: datetime) -> bool:
    locked = _checked(officer, reason, by)
    if locked.is_active == is_active:
        return False
    locked.is_active = is_active
    locked.save(update_fields=["is_active"])
    verb = "account_opened" if is_active else "account_closed"
    record_look(by, subject_of(locked), verb, at=at, reason=reason.strip()[:200])
    return True


def _checked(officer: Officer, reason: str, by: Officer) -> Officer:
    """Return the account, locked, where this person may decide about it."""
    locked, deciding = locked_officers(officer.pk, by.pk)
    check_administrator(locked, deciding, is_giving=False)
    if not reason.strip():
        raise RoleRefused("请写明理由。", "Give the reason.")
    unit = locked.organisation
    if PRIVILEGED.intersection(locked.roles) and unit is not None and not is_from_above(deciding, unit):
        raise RoleRefused(
            "担任监督、管理或者付款岗位的账号，由上级单位或者省局的管理人员决定。",
            "The account of whoever oversees, administers or pays is decided about from above.",
        )
    return locked
