"""An officer's account is entered, closed and opened again, and gets the staff number of its person: each with a reason."""

import re
from datetime import datetime

from django.db import IntegrityError, transaction

from zhijian.security import sessions
from zhijian.security.audit import record_look
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import may_administer
from zhijian.security.persons import is_same_person
from zhijian.security.roles import (
    PASSWORD,
    PRIVILEGED,
    Outcome,
    RoleRefused,
    ask,
    check_administrator,
    is_from_above,
    locked_officers,
    subject_of,
)

_USERNAME = re.compile(r"[a-z][a-z0-9.-]{2,39}")


@transaction.atomic
def enter(
    username: str,
    unit: Organisation,
    *,
    name: str,
    name_en: str,
    staff_number: str,
    reason: str,
    by: Officer,
    at: datetime,
) -> Officer:
    """Enter an account without roles and without a password, and ask for the address at which its person chooses one.

    A second administrator agrees and hands it out, so that nobody alone makes a second person.

    Raises:
        RoleRefused: no administrator of the unit; the own staff number; a user name that is taken or of another form; no
            name, number or reason.
    """
    (deciding,) = locked_officers(by.pk)
    if not may_administer(deciding, unit=unit):
        raise RoleRefused(
            "只有本单位或者上级单位的数据管理员、负责人可以登记账号。",
            "Only a steward or leader of the unit, or of one above it, enters an account.",
        )
    check_username(username)
    if not (name.strip() and staff_number.strip() and reason.strip()):
        raise RoleRefused("姓名、工号和理由都要写。", "Give the name, the staff number and the reason.")
    officer = Officer(
        username=username, organisation=unit, display_name=name.strip()[:60], display_name_en=name_en.strip()[:80],
        staff_number=staff_number.strip()[:40],
    )  # fmt: skip
    officer.set_unusable_password()
    try:
        with transaction.atomic():
            officer.save()
    except IntegrityError:
        raise RoleRefused(
            f"{username}这个用户名已经有人用。", f"The user name {username} is taken."
        ) from None
    if is_same_person(officer, deciding):
        raise RoleRefused(
            "这是您自己的工号，请由别人登记。", "This is your own staff number. Somebody else enters it."
        )
    record_look(deciding, subject_of(officer), "account_entered", at=at, reason=reason.strip()[:200])
    ask(officer, PASSWORD, is_giving=False, reason=reason.strip()[:200], by=deciding, at=at)
    return officer


@transaction.atomic
def ask_password(officer: Officer, *, reason: str, by: Officer, at: datetime) -> Outcome:
    """Ask for the address at which a person chooses another password; a second administrator agrees and hands it out.

    Raises:
        RoleRefused: as for `close`; the account is closed.
    """
    locked = _checked(officer, reason, by)
    if not locked.is_active:
        raise RoleRefused("账号已停用，请先恢复。", "The account is closed. Open it first.")
    return ask(locked, PASSWORD, is_giving=False, reason=reason.strip()[:200], by=by, at=at)


def check_username(username: str) -> None:
    """Let pass a user name that people can type and say.

    Raises:
        RoleRefused: it is of another form.
    """
    if not _USERNAME.fullmatch(username):
        raise RoleRefused(
            "用户名用小写字母开头，3到40个小写字母、数字、点或者连字符。",
            "A user name begins with a small letter and has 3 to 40 small letters, digits, dots or hyphens.",
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
def end_sign_ins(officer: Officer, *, reason: str, by: Officer, at: datetime) -> int:
    """End every sign-in of an account that stays open; return how many there were.

    Raises:
        RoleRefused: as for `close`.
    """
    locked = _checked(officer, reason, by)
    ended = sessions.end_all(locked, at=at)
    if ended:
        record_look(by, subject_of(locked), "sign_ins_ended", at=at, reason=reason.strip()[:200])
    return ended


@transaction.atomic
def set_staff_number(officer: Officer, number: str, *, reason: str, by: Officer, at: datetime) -> bool:
    """Enter the number of the person behind an account; say whether anything changed.

    Whose it is at an outside provider is forgotten with it, also where the same number is entered again.

    Raises:
        RoleRefused: as for `close`.
    """
    locked, number, reason = _checked(officer, reason, by), number.strip()[:40], reason.strip()
    if locked.staff_number == number and not locked.outside_subject:
        return False
    words = f"{locked.staff_number or '—'}→{number or '—'}：{reason}"
    locked.staff_number, locked.outside_issuer, locked.outside_subject = number, "", ""
    locked.save(update_fields=["staff_number", "outside_issuer", "outside_subject"])
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
