"""Whose account an outside sign-in opens: the one whose staff number an administrator entered. An e-mail address links nobody."""

from zhijian.security.models import Officer
from zhijian.standards.bilingual import BilingualError


class NotLinked(BilingualError):
    """The person is known outside and has no one account here."""


def officer_of(staff_number: str) -> Officer:
    """Return the one open account of a staff number.

    Raises:
        NotLinked: there is none, or the person holds several and has to say which by its password.
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
    return found[0]
