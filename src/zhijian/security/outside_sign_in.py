"""Whose account an outside sign-in opens: the one whose staff number an administrator entered. An e-mail address links nobody.

A staff number may be given again; the provider's own subject is not. The first outside sign-in fixes it to the account.

Of a sign-in are kept marks of the provider's `sub` and `sid`, by which it ends the sign-in later, and its identity token, sealed
and only while the sign-in lasts: the provider wants it back when the officer signs out.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q

from zhijian.security.audit import record_look
from zhijian.security.models import Officer, OfficerSession, OutsideLogout
from zhijian.security.roles import locked_officers, subject_of
from zhijian.security.sealed_text import seal, unseal
from zhijian.standards.bilingual import BilingualError

_KEY = "outside-sign-in"
_REMEMBERED = timedelta(hours=1)
"""How long a logout is known again. No logout token is taken for longer (`infrastructure.openid`)."""


class OutsideSignIn(NamedTuple):
    """What is kept of a provider's sign-in. A session holds it as a list while the second factor is asked for."""

    issuer: str
    subject: str
    session_mark: str = ""
    token_sealed: str = ""


class AlreadyEnded(Exception):
    """This very logout was received before."""


class NotLinked(BilingualError):
    """The person is known outside and has no one account here."""


def officer_of(staff_number: str, *, issuer: str, subject: str) -> Officer:
    """Return the one open account of a staff number.

    Raises:
        NotLinked: there is none; the person holds several and has to say which by its password; or the account belongs to
            another subject of this provider.
    """
    found = list(Officer.objects.filter(is_active=True, staff_number=staff_number.strip())[:2])
    if not staff_number.strip() or not found:
        raise NotLinked(
            "统一身份认证通过了，但没有账号登记您的工号。请本单位管理员登记工号，或者用密码登录。",
            "You are known, but no account has your staff number. Ask your administrator to enter it, or use a password.",
        )
    if len(found) > 1:
        raise NotLinked(
            "您的工号有几个账号，不知道要用哪一个。请用那个账号的密码登录。",
            "Several accounts have your staff number. Sign in with the password of the one that you want.",
        )
    (officer,) = found
    if officer.outside_issuer == issuer and officer.outside_subject != subject:
        raise NotLinked(
            "这个工号的账号登记给另一个人：统一身份认证里的身份不同。请管理员核实后重新登记工号。",
            "The account of this staff number belongs to somebody else at the provider. Have the administrator check and enter the number anew.",
        )
    return officer


@transaction.atomic
def fix_subject(officer: Officer, *, issuer: str, subject: str, at: datetime) -> bool:
    """Fix who an account belongs to at a provider, once every factor was right; say whether it was not fixed yet.

    Another provider than before fixes it anew: its subjects are other ones.
    """
    (locked,) = locked_officers(officer.pk)
    if locked.outside_issuer == issuer:
        return False
    locked.outside_issuer, locked.outside_subject = issuer, subject
    locked.save(update_fields=["outside_issuer", "outside_subject"])
    record_look(locked, subject_of(locked), "outside_subject_set", at=at)
    return True


def kept(officer: Officer, *, issuer: str, subject: str, session: str = "", token: str = "") -> OutsideSignIn:
    """Return what is kept of a provider's sign-in of an officer; `session` is the provider's `sid`."""
    return OutsideSignIn(
        issuer, subject, mark_of(issuer, session), seal(token, key=_KEY, context=_place(officer.pk))
    )


def token_of(row: OfficerSession) -> str:
    """Return the identity token of a sign-in, or nothing where none is kept.

    Raises:
        CannotOpen, MissingKey: it is sealed under a key that is no longer there.
    """
    return unseal(row.outside_token_sealed, key=_KEY, context=_place(row.officer_id))


def mark_of(issuer: str, value: str) -> str:
    """Return the mark of a provider's `sub` or `sid`; of nothing, nothing."""
    return sha256(f"{issuer}\0{value}".encode()).hexdigest() if value else ""


def take_logout(issuer: str, *, number: str, subject: str, session: str, at: datetime) -> OutsideLogout:
    """Remember, in the caller's transaction, that a provider ended a sign-in; `number` is the `jti` of its message.

    Raises:
        AlreadyEnded: the same message came before.
    """
    OutsideLogout.objects.filter(received_at__lt=at - _REMEMBERED).delete()
    try:
        with transaction.atomic():
            return OutsideLogout.objects.create(
                token_mark=mark_of(issuer, number),
                subject_mark=mark_of(issuer, subject),
                session_mark=mark_of(issuer, session),
                received_at=at,
            )
    except IntegrityError as problem:
        raise AlreadyEnded("this logout token was taken before") from problem


def is_over(outside: OutsideSignIn, *, since: datetime) -> bool:
    """Say whether the provider ended a sign-in while the second factor was asked for; `since` is when that began."""
    of_person = Q(subject_mark=mark_of(outside.issuer, outside.subject), received_at__gte=since)
    if not outside.session_mark:
        return OutsideLogout.objects.filter(of_person).exists()
    of_session = Q(session_mark=outside.session_mark)
    return OutsideLogout.objects.filter(of_session | (of_person & Q(session_mark=""))).exists()


def _place(officer_number: int) -> str:
    return f"outside sign-in {officer_number}"
