"""Accounts of firms: a registrar's officer issues a code, a person of the firm makes an account by it, signs in, leaves.

The persons of a firm are no officers: they live in a table of their own and in a key of the session of their own, so
that `request.user` stays anonymous for them and no page of officers can open. What they may is in `permissions`.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from zhijian.security.audit import record_look
from zhijian.security.models import BusinessAct, BusinessCode, BusinessPerson, BusinessRole, Officer
from zhijian.security.permissions import OfFirm, Permission, may_for, require, require_for
from zhijian.standards import parameters, secret_code
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day
from zhijian.standards.secret_code import Randomness

CODE_DAYS = parameters.load("service/business_code_days")
MOST_PERSONS = 20
_LENGTH = 12  # 60 bits
_SESSION, _PROOF = "business_person", "business_proof"


class AccountRefused(BilingualError):
    """An account or a code is not given, not made, or does not open. `status` is that of HTTP."""

    wording = "{zh}"
    status = 422


class TooManyTries(AccountRefused):
    """Locked for a quarter of an hour."""

    status = 429


# ------------------------------------------------------------------------------------------------------------- codes


def expires_at(issued_at: datetime) -> datetime:
    """Return until when a code is good."""
    return issued_at + timedelta(days=CODE_DAYS.on(statutory_day(issued_at)))


@transaction.atomic
def issue_code(
    uscc: str,
    firm_name: str,
    division_code: str,
    *,
    by: Officer,
    at: datetime,
    randomness: Randomness,
    is_synthetic: bool = False,
) -> str:
    """Return a new code with which the firm makes its manager's account; earlier ones of officers end.

    Raises:
        Forbidden: no right, or the firm lies outside the officer's area.
    """
    require(by, Permission.MANAGE_BUSINESS_ACCESS, division=division_code)
    BusinessCode.objects.filter(uscc=uscc, ended_at=None, issued_by__isnull=False).update(ended_at=at)
    code = secret_code.new_code(_LENGTH, randomness)
    BusinessCode.objects.create(
        uscc=uscc, firm_name=firm_name, division_code=division_code, role=BusinessRole.MANAGER,
        code_hash=_digest(uscc, code), issued_by=by, issued_at=at, is_synthetic=is_synthetic,
        expires_at=expires_at(at),
    )  # fmt: skip
    record_look(by, uscc, "business_code", at=at, reason="发放企业账号激活码")
    _tell(uscc, "code_issued", f"officer {by.get_username()}", BusinessRole.MANAGER, at)
    return code


@transaction.atomic
def invite(manager: BusinessPerson, role: str, *, at: datetime, randomness: Randomness) -> str:
    """Return a code by which another person of the firm makes an account, in a role that the manager names.

    Raises:
        Forbidden: no manager. AccountRefused: no such role, or the firm has all the accounts it may have.
    """
    require_for(manager, OfFirm.MANAGE, uscc=manager.uscc)
    if role not in BusinessRole.values:
        raise AccountRefused("请选择角色。", "Choose a role.")
    _check_room(manager.uscc)
    code = secret_code.new_code(_LENGTH, randomness)
    BusinessCode.objects.create(
        uscc=manager.uscc, firm_name=manager.firm_name, division_code="", role=role,
        code_hash=_digest(manager.uscc, code), issued_by_person=manager, issued_at=at,
        expires_at=expires_at(at), is_synthetic=manager.is_synthetic,
    )  # fmt: skip
    _tell(manager.uscc, "code_issued", manager.username, role, at)
    return code


def activate(request: HttpRequest, typed: Mapping[str, str], *, at: datetime) -> BusinessPerson:
    """Make an account by a code, which ends with it.

    Raises:
        TooManyTries: five wrong codes for this firm from this address.
        AccountRefused: the code is wrong, used or run out; the name is taken; the password is weak.
    """
    uscc = typed.get("uscc", "").strip().upper()[:18]
    who = {"username": f"business-code/{uscc}"}
    if not AxesProxyHandler.is_allowed(request, who):
        raise _locked()
    with transaction.atomic():
        code = _live_code(uscc, typed.get("code", "")[:40], at=at)
        if code is not None:
            person = _made(code, typed, at=at)
            code.ended_at = at
            code.save(update_fields=["ended_at"])
            _tell(uscc, "account_made", person.username, person.role, at)
            return person
    user_login_failed.send(sender=__name__, credentials=who, request=request)
    raise AccountRefused(
        "信用代码和激活码对不上，或者激活码已经用过、过期。请对照通知书核对，或者请发放人重新发放。",
        "Credit code and activation code do not match, or the code was used or has run out. Ask for a new one.",
    )


def _live_code(uscc: str, typed: str, *, at: datetime) -> BusinessCode | None:
    found = BusinessCode.objects.select_for_update().filter(
        code_hash=_digest(uscc, typed), ended_at=None, expires_at__gte=at
    )
    code = found.first()
    return code if code is not None and _still_holds(code) else None


def _still_holds(code: BusinessCode) -> bool:
    """Say whether who issued a code may still do so: a removed manager's invitations do not hold."""
    inviter = code.issued_by_person
    return inviter is None or may_for(inviter, OfFirm.MANAGE, uscc=code.uscc)


def _made(code: BusinessCode, typed: Mapping[str, str], *, at: datetime) -> BusinessPerson:
    username, name = typed.get("username", "").strip(), " ".join(typed.get("display_name", "").split())
    if not re.fullmatch(r"[A-Za-z0-9_.-]{2,40}", username):
        raise AccountRefused(
            "登录名用2到40个字母、数字、点、横线或下划线。",
            "The name has 2 to 40 letters, digits, dots, dashes.",
        )
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise AccountRefused("请填写姓名，最多60个字。", "Give your name, at most 60 characters.")
    email = typed.get("email", "").strip()
    if email:
        _check_email(email)
    person = BusinessPerson(
        uscc=code.uscc, firm_name=code.firm_name, username=username, display_name=name, role=code.role,
        email=email, created_at=at, is_synthetic=code.is_synthetic,
    )  # fmt: skip
    _check_room(code.uscc)
    person.password = _hashed(typed.get("password", ""), typed.get("again", ""), person)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as taken:
        raise AccountRefused(
            "本单位已有这个登录名，请换一个。", "Your firm has an account of this name. Choose another."
        ) from taken
    return person


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as problem:
        raise AccountRefused(
            "邮箱地址不对，可以不填。", "This is no e-mail address. It may stay empty."
        ) from problem


def _check_room(uscc: str) -> None:
    if BusinessPerson.objects.filter(uscc=uscc, is_active=True).count() >= MOST_PERSONS:
        raise AccountRefused(
            f"一个单位最多{MOST_PERSONS}个账号，请先停用不再需要的。",
            f"A firm has at most {MOST_PERSONS} accounts. Remove one first.",
        )


def _hashed(password: str, again: str, person: BusinessPerson) -> str:
    if password != again:
        raise AccountRefused("两次输入的密码不一样。", "The two passwords differ.")
    try:
        validate_password(password, person)  # type: ignore[arg-type]
    except ValidationError as weak:
        raise AccountRefused(
            "密码至少12个字符，不用常见的密码，也不能有本系统、单位、地名、姓名或者登录名（包括拼音）。",
            "At least 12 characters, no common password, no name of the site, the firm, the place or yourself.",
        ) from weak
    return make_password(password)


# ------------------------------------------------------------------------------------------------- signing in and out


def sign_in(request: HttpRequest, uscc: str, username: str, password: str, *, at: datetime) -> BusinessPerson:
    """Open a session for a person of a firm. An officer's session in the same browser ends.

    Raises:
        TooManyTries: five wrong tries. AccountRefused: name and password do not match, or the account was removed.
    """
    uscc, username = uscc.strip().upper()[:18], username.strip()[:40]
    who = {"username": f"business/{uscc}/{username}"}
    if not AxesProxyHandler.is_allowed(request, who):
        raise _locked()
    person = BusinessPerson.objects.filter(uscc=uscc, username=username, is_active=True).first()
    kept = person.password if person else make_password(None)  # as slow as for an account that exists
    is_right = check_password(password[:256], kept)
    if person is None or not is_right:
        user_login_failed.send(sender=__name__, credentials=who, request=request)
        raise AccountRefused(
            "信用代码、登录名和密码对不上。请核对后再试，连续5次对不上会锁定15分钟。",
            "Credit code, name and password do not match. Five wrong tries lock for 15 minutes.",
        )
    request.session.flush()
    request.session[_SESSION], request.session[_PROOF] = person.pk, _proof(person)
    _tell(uscc, "signed_in", username, "", at)
    return person


def sign_out(request: HttpRequest) -> None:
    request.session.flush()


def person_of(request: HttpRequest) -> BusinessPerson | None:
    """Return who is signed in for a firm; nobody while an officer is, or after the password or the account changed."""
    if request.user.is_authenticated or _SESSION not in request.session:
        return None
    person = BusinessPerson.objects.filter(pk=request.session[_SESSION], is_active=True).first()
    if person is None or not constant_time_compare(request.session.get(_PROOF, ""), _proof(person)):
        return None
    return person


def _proof(person: BusinessPerson) -> str:
    """What binds a session to the password of the moment: a new password ends every session."""
    return salted_hmac("zhijian.business", f"{person.pk}:{person.password}", algorithm="sha256").hexdigest()


@transaction.atomic
def remove(manager: BusinessPerson, person: BusinessPerson, *, at: datetime) -> None:
    """Close another person's account of the same firm; open sessions end at once.

    Raises:
        Forbidden: no manager of that firm. AccountRefused: one's own account.
    """
    require_for(manager, OfFirm.MANAGE, uscc=person.uscc)
    if manager.pk == person.pk:
        raise AccountRefused("不能停用自己的账号，请由另一名管理员停用。", "Nobody removes the own account.")
    BusinessPerson.objects.filter(pk=person.pk).update(is_active=False)
    BusinessCode.objects.filter(issued_by_person=person, ended_at=None).update(ended_at=at)
    _tell(person.uscc, "account_removed", manager.username, person.username, at)


@transaction.atomic
def remove_all(uscc: str, division_code: str, *, reason: str, by: Officer, at: datetime) -> int:
    """Close every account and code of a firm, where its owner changed or a letter went astray; return how many accounts.

    Raises:
        Forbidden: no right, or another area. AccountRefused: no reason.
    """
    require(by, Permission.MANAGE_BUSINESS_ACCESS, division=division_code)
    if not reason.strip():
        raise AccountRefused("请写明理由。", "Give the reason.")
    count: int = BusinessPerson.objects.filter(uscc=uscc, is_active=True).update(is_active=False)
    BusinessCode.objects.filter(uscc=uscc, ended_at=None).update(ended_at=at)
    record_look(by, uscc, "business_removed", at=at, reason=reason.strip()[:200])
    _tell(uscc, "all_removed", f"officer {by.get_username()}", reason.strip()[:160], at)
    return count


def change_password(
    request: HttpRequest, person: BusinessPerson, old: str, new: str, again: str, *, at: datetime
) -> None:
    """Set a new password; other sessions of the person end.

    Raises:
        AccountRefused: the old one is wrong, or the new one weak. TooManyTries: five wrong tries.
    """
    who = {"username": f"business/{person.uscc}/{person.username}"}
    if not AxesProxyHandler.is_allowed(request, who):
        raise _locked()
    if not check_password(old[:256], person.password):
        user_login_failed.send(sender=__name__, credentials=who, request=request)
        raise AccountRefused("原密码不对。", "The old password is wrong.")
    person.password = _hashed(new, again, person)
    with transaction.atomic():
        person.save(update_fields=["password"])
        _tell(person.uscc, "password_changed", person.username, "", at)
    request.session.cycle_key()
    request.session[_PROOF] = _proof(person)


def _locked() -> TooManyTries:
    return TooManyTries("试的次数太多，请15分钟后再试。", "Too many tries. Wait 15 minutes.")


def _digest(uscc: str, code: str) -> str:
    return secret_code.digest(code, f"business {uscc}", settings.SECRET_KEY)


def _tell(uscc: str, verb: str, actor: str, about: Any, at: datetime) -> None:
    BusinessAct.objects.create(uscc=uscc, verb=verb, actor=actor[:160], about=str(about)[:160], at=at)
