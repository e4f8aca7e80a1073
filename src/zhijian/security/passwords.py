"""Passwords: what nobody may choose as one, and the change of an officer's own."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from pypinyin import lazy_pinyin

from zhijian.security import factors, sessions
from zhijian.security.audit import record_look
from zhijian.security.models import BusinessPerson, Officer
from zhijian.security.roles import locked_officers, subject_of
from zhijian.standards import divisions
from zhijian.standards.bilingual import BilingualError

LONGEST = 256
_WORDS = Path(__file__).with_name("local_words.txt")
_SHORTEST_LATIN, _SHORTEST_CHINESE = 5, 2


class PasswordRefused(BilingualError):
    """The password was not changed: why, and what next."""


class LocalWordsValidator:
    """Refuse what everybody who knows the person or the place would try: names of the site, the unit, the place, the person."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise where the password holds such a word, in Chinese or in pinyin, whatever its case.

        Raises:
            ValidationError: it does.
        """
        plain = password.casefold()
        if any(word in plain for word in local_words(user)):
            raise ValidationError(self.get_help_text(), code="password_local_word")

    def get_help_text(self) -> str:
        """Say what is refused."""
        return _("密码里不能有本系统、单位、地名、姓名或者登录名（包括拼音）。")


def local_words(user: Any) -> set[str]:
    """Return the words that may not stand in a person's password, in small letters."""
    lines = _WORDS.read_text("utf-8").splitlines()
    kept = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    whole = {form.casefold() for word in [*kept, *_of(user)] for form in (word, "".join(lazy_pinyin(word)))}
    return {word for word in whole if len(word) >= (_SHORTEST_LATIN if word.isascii() else _SHORTEST_CHINESE)}


def _of(user: Any) -> Iterator[str]:
    if isinstance(user, Officer):
        yield from (user.username, user.display_name, user.staff_number)
        if unit := user.organisation:
            yield from (unit.name, unit.code, *_places(unit.division_code))
    if isinstance(user, BusinessPerson):
        yield from (user.username, user.display_name, user.firm_name, user.uscc)


def _places(code: str) -> Iterator[str]:
    """Yield the names of a division and of those above it, without the word that says what it is."""
    for above in {code, f"{code[:4]}00", f"{code[:2]}0000"}:
        if found := divisions.find(above):
            yield found.name
            yield found.name.rstrip("省市区县")


def prove(request: HttpRequest, officer: Officer, typed: str, *, at: datetime) -> None:
    """Have an officer who is signed in prove once more who it is: by the password, or by a code of the app.

    Who has neither, and signs in by an outside provider alone, has nothing to prove it with here.

    Raises:
        PasswordRefused: it is neither, or five wrong ones in a row.
    """
    if not officer.has_usable_password() and factors.app_of(officer) is None:
        return
    who = {"username": f"password/{officer.username}"}
    if not AxesProxyHandler.is_allowed(request, who):
        raise PasswordRefused("试的次数太多，请15分钟后再试。", "Too many tries. Wait 15 minutes.")
    if officer.check_password(typed[:LONGEST]):
        return
    try:
        factors.check(officer, typed[:40], at=at)
    except factors.WrongCode:
        user_login_failed.send(sender=__name__, credentials=who, request=request)
        raise PasswordRefused(
            "密码或者验证码不对，其他登录没有结束。", "The password or code is wrong; nothing was ended."
        ) from None


def change(request: HttpRequest, officer: Officer, old: str, new: str, again: str, *, at: datetime) -> int:
    """Change an officer's own password and end every other sign-in; return how many ended.

    Raises:
        PasswordRefused: the old one is wrong, five wrong ones in a row, the new ones differ, or it is easily guessed.
    """
    who = {"username": f"password/{officer.username}"}
    if not AxesProxyHandler.is_allowed(request, who):
        raise PasswordRefused("试的次数太多，请15分钟后再试。", "Too many tries. Wait 15 minutes.")
    if not officer.check_password(old[:LONGEST]):
        user_login_failed.send(sender=__name__, credentials=who, request=request)
        raise PasswordRefused("原密码不对。", "The old password is wrong.")
    if new == old:
        raise PasswordRefused(
            "新密码和原密码一样，请换一个。", "The new password is the old one. Choose another."
        )
    check_new(officer, new, again)
    with transaction.atomic():
        (locked,) = locked_officers(officer.pk)
        locked.set_password(new)
        locked.save(update_fields=["password"])
        ended = sessions.end_others(request, locked, at=at)
        record_look(locked, subject_of(locked), "password_changed", at=at)
    sessions.keep_after_change(request, locked)
    return ended


def check_new(officer: Officer, new: str, again: str) -> None:
    """Let pass a password that a person may choose.

    Raises:
        PasswordRefused: the two differ, it is too long, or easily guessed.
    """
    if new != again:
        raise PasswordRefused("两次输入的新密码不一样。", "The two new passwords differ.")
    if len(new) > LONGEST:
        raise PasswordRefused(f"密码最多{LONGEST}个字符。", f"A password has at most {LONGEST} characters.")
    try:
        validate_password(new, officer)
    except ValidationError as weak:
        raise PasswordRefused(
            "新密码至少12个字符，不用常见的密码，不能有本系统、单位、地名、姓名或者登录名（包括拼音）。",
            "At least 12 characters, no common password, and no name of the site, the unit, the place or yourself, "
            "not in pinyin either.",
        ) from weak
