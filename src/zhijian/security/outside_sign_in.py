"""Whose account an outside sign-in opens: the one whose staff number an administrator entered. An e-mail address links nobody.

A staff number may be given again; the provider's own subject is not. The first outside sign-in fixes it to the account.
"""

from datetime import datetime

from django.db import transaction

from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.roles import locked_officers, subject_of
from zhijian.standards.bilingual import BilingualError


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
