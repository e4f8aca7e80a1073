"""The address at which a person chooses a password, the first one or one after it was forgotten: it opens once, for some days.

Two administrators stand behind each address (`accounts.enter`, `accounts.ask_password`, then an agreement), and neither of
them learns the password. Nothing is stored: the address dies with the password that it was made for.
"""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from zhijian.security import passwords, sessions
from zhijian.security.audit import record_look
from zhijian.security.models import Officer, OfficerSession
from zhijian.security.roles import locked_officers, subject_of
from zhijian.standards import parameters
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day

DAYS = parameters.load("service/invitation_days")
_SALT = "zhijian.invitation"


class InvitationRefused(BilingualError):
    """The address does not open: why, and what next."""


def key_for(officer: Officer, *, at: datetime) -> str:
    """Return what the address ends with: it opens for this account until the days are over or a password was chosen."""
    until = at + timedelta(days=DAYS.on(statutory_day(at)))
    return signing.Signer(salt=_SALT).sign_object([officer.pk, _mark(officer), int(until.timestamp())])


def account_of(key: str, *, at: datetime) -> Officer:
    """Return the account that an address was made for.

    Raises:
        InvitationRefused: it is none of this site, was used, is too old, or the account is closed.
    """
    try:
        number, mark, until = signing.Signer(salt=_SALT).unsign_object(key)
    except (signing.BadSignature, ValueError) as problem:
        raise _refused() from problem
    officer = Officer.objects.select_related("organisation").filter(pk=number, is_active=True).first()
    if officer is None or at.timestamp() > until or not constant_time_compare(mark, _mark(officer)):
        raise _refused()
    return officer


@transaction.atomic
def choose(key: str, new: str, again: str, *, at: datetime) -> Officer:
    """Set the password of the account; every sign-in of it ends, and the address with them.

    Raises:
        InvitationRefused: as for `account_of`.
        PasswordRefused: the two differ, or it is easily guessed.
    """
    (locked,) = locked_officers(account_of(key, at=at).pk)
    account_of(key, at=at)  # what was waited for may have been the same address, opened twice at once
    passwords.check_new(locked, new, again)
    locked.set_password(new)
    locked.save(update_fields=["password"])
    sessions.end_rows(OfficerSession.objects.filter(officer=locked), "account_changed", at=at)
    record_look(locked, subject_of(locked), "password_changed", at=at)
    return locked


def _mark(officer: Officer) -> str:
    """Return a mark of the password as it is: another one, and the mark is another."""
    return salted_hmac(_SALT, f"{officer.pk}/{officer.password}", algorithm="sha256").hexdigest()[:32]


def _refused() -> InvitationRefused:
    return InvitationRefused(
        "这个地址打不开：用过了、过期了，或者账号已停用。请单位管理员重新发一个。",
        "This address does not open: it was used, is too old, or the account is closed. Ask your administrator for another.",
    )
