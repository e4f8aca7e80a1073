"""The second factor of an officer: an app's codes, and recovery codes that are shown once. Reset by two persons alone."""

import base64
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import QuerySet

from zhijian.security import totp
from zhijian.security.audit import record_look
from zhijian.security.models import (
    FactorKind,
    Officer,
    OfficerSession,
    RecoveryCode,
    RoleRequest,
    SecondFactor,
)
from zhijian.security.roles import (
    SECOND_FACTOR,
    Outcome,
    RoleRefused,
    ask,
    check_administrator,
    decide,
    locked_officers,
    subject_of,
)
from zhijian.security.sealed_text import seal, unseal
from zhijian.security.sessions import end_rows
from zhijian.standards import parameters, secret_code
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day
from zhijian.standards.secret_code import Randomness

REQUIRED_ROLES = parameters.load("service/second_factor_roles")
RECOVERY_CODES = 10
_RECOVERY_LENGTH = 12  # 60 bits, of which the hint tells 10
_HINT = 2
_MARK_BYTES = 32
_SECRET_BYTES = 20
_KEY = "second-factor"


class WrongCode(BilingualError):
    """The code opens nothing. Carries both languages, and what the officer can do."""


def is_required(officer: Officer, *, at: datetime) -> bool:
    """Say whether one of the officer's roles signs in with a second factor."""
    return bool(set(REQUIRED_ROLES.on(statutory_day(at))) & set(officer.roles))


def is_password_enough(*, at: datetime) -> bool:
    """Say whether this installation asks no role for a second factor: a demonstration."""
    return not REQUIRED_ROLES.on(statutory_day(at))


def app_of(officer: Officer) -> SecondFactor | None:
    """Return the app that an officer has set up, if any."""
    return _apps(officer).exclude(confirmed_at=None).first()


@transaction.atomic
def begin_app(officer: Officer, *, randomness: Randomness, at: datetime) -> tuple[SecondFactor, bytes]:
    """Return the app that is being set up, and its secret; one that was begun goes on, so that a page may load again.

    Raises:
        WrongCode: an app is set up already.
    """
    locked_officers(officer.pk)
    if app_of(officer) is not None:
        raise WrongCode("已经设置过动态口令。", "An app is set up already.")
    begun = _apps(officer).filter(confirmed_at=None).first()
    if begun is None:
        secret = totp.base32(randomness(_SECRET_BYTES))
        begun = SecondFactor(officer=officer, kind=FactorKind.TOTP, created_at=at)
        begun.secret = seal(secret, key=_KEY, context=_context(officer))
        begun.save()
    return begun, _secret_of(begun)


@transaction.atomic
def confirm_app(officer: Officer, typed: str, *, randomness: Randomness, at: datetime) -> list[str]:
    """Take the app into use by its first code; return recovery codes, to be shown once.

    Raises:
        WrongCode: no app is being set up, or the code is wrong.
    """
    locked_officers(officer.pk)
    begun = _apps(officer).filter(confirmed_at=None).first()
    if begun is None or app_of(officer) is not None:
        raise WrongCode("没有正在设置的动态口令。", "No app is being set up.")
    _take(begun, typed, at=at)
    begun.confirmed_at = at
    begun.save()
    record_look(officer, subject_of(officer), "factor_set_up", at=at)
    return _new_codes(officer, randomness=randomness, at=at)


def check(officer: Officer, typed: str, *, at: datetime) -> None:
    """Take a code of the app, or a recovery code, once.

    Raises:
        WrongCode: neither; the words say so where the app's clock is slow.
    """
    with transaction.atomic():
        locked_officers(officer.pk)
        if _use_recovery_code(officer, typed, at=at):
            record_look(officer, subject_of(officer), "recovery_code_used", at=at)
            return
        app = app_of(officer)
        if app is None:
            raise WrongCode("没有设置动态口令。", "No app is set up.")
        _take(app, typed, at=at)
        app.save(update_fields=["last_step", "last_used_at"])


@transaction.atomic
def renew_codes(officer: Officer, typed: str, *, randomness: Randomness, at: datetime) -> list[str]:
    """Return new recovery codes for a code of the app; the old ones end.

    Raises:
        WrongCode: no app, or not its code.
    """
    check(officer, typed, at=at)
    record_look(officer, subject_of(officer), "recovery_codes_renewed", at=at)
    return _new_codes(officer, randomness=randomness, at=at)


def codes_left(officer: Officer) -> int:
    return RecoveryCode.objects.filter(officer=officer, ended_at=None).count()


@transaction.atomic
def ask_reset(officer: Officer, *, reason: str, by: Officer, at: datetime) -> Outcome:
    """Ask that a lost second factor is taken away; a second administrator agrees.

    Raises:
        RoleRefused: no administrator, the own account, or no reason.
    """
    locked, deciding = locked_officers(officer.pk, by.pk)
    check_administrator(locked, deciding, is_giving=False)
    if not reason.strip():
        raise RoleRefused("请写明理由。", "Give the reason.")
    if app_of(locked) is None:
        return Outcome.UNCHANGED
    return ask(locked, SECOND_FACTOR, is_giving=False, reason=reason.strip()[:200], by=deciding, at=at)


@transaction.atomic
def decide_request(request: RoleRequest, *, is_agreed: bool, by: Officer, at: datetime) -> None:
    """Decide a request of two persons, and take the second factor away where that was asked for.

    Who got a privileged role, or lost the second factor, signs in again: the open sessions end.

    Raises:
        RoleRefused: as `roles.decide`.
    """
    decided = decide(request, is_agreed=is_agreed, by=by, at=at)
    if decided.is_agreed and decided.role == SECOND_FACTOR:
        SecondFactor.objects.filter(officer_id=decided.officer_id, ended_at=None).update(ended_at=at)
        RecoveryCode.objects.filter(officer_id=decided.officer_id, ended_at=None).update(ended_at=at)
    if decided.is_agreed and (decided.role == SECOND_FACTOR or decided.is_giving):
        end_rows(OfficerSession.objects.filter(officer_id=decided.officer_id), "account_changed", at=at)


def _take(app: SecondFactor, typed: str, *, at: datetime) -> None:
    secret = _secret_of(app)
    step = totp.matching_step(secret, typed, at=at, after=app.last_step)
    if step is None:
        late = totp.minutes_late(secret, typed, at=at)
        raise _slow_clock(late) if late else _wrong()
    app.last_step, app.last_used_at = step, at


def _wrong() -> WrongCode:
    return WrongCode(
        "验证码不对，或者已经用过。请等下一个验证码；手机的时间要自动校准。",
        "The code is wrong or was used. Wait for the next one; let your phone set its time by itself.",
    )


def _slow_clock(minutes: int) -> WrongCode:
    return WrongCode(
        f"验证码是大约{minutes}分钟以前的：手机的时间慢了。请打开自动校准时间，再试。",
        f"This code is about {minutes} minutes old: your phone's clock is slow. Let it set its time by itself, then try again.",
    )


def _use_recovery_code(officer: Officer, typed: str, *, at: datetime) -> bool:
    if len(secret_code.read_code(typed)) != _RECOVERY_LENGTH:
        return False
    held = RecoveryCode.objects.filter(officer=officer, ended_at=None)
    if held.filter(code_hash=_digest(officer, typed), slow_hash="").update(ended_at=at):
        return True
    plain = secret_code.read_code(typed)
    for one in held.filter(hint=plain[:_HINT]).exclude(slow_hash=""):  # one at most: each hint is given once
        if check_password(plain, one.slow_hash):
            return bool(held.filter(pk=one.pk).update(ended_at=at))
    return False


def _new_codes(officer: Officer, *, randomness: Randomness, at: datetime) -> list[str]:
    RecoveryCode.objects.filter(officer=officer, ended_at=None).update(ended_at=at)
    codes: dict[str, str] = {}
    while len(codes) < RECOVERY_CODES:
        drawn = secret_code.new_code(_RECOVERY_LENGTH, randomness)
        codes.setdefault(drawn[:_HINT], drawn)
    RecoveryCode.objects.bulk_create(
        RecoveryCode(
            officer=officer,
            code_hash=randomness(_MARK_BYTES).hex(),
            hint=hint,
            slow_hash=make_password(secret_code.read_code(one)),
            created_at=at,
        )
        for hint, one in codes.items()
    )
    return list(codes.values())


def _apps(officer: Officer) -> "QuerySet[SecondFactor]":
    return SecondFactor.objects.filter(officer=officer, kind=FactorKind.TOTP, ended_at=None)


def _secret_of(app: SecondFactor) -> bytes:
    text = unseal(app.secret, key=_KEY, context=_context(app.officer))
    return base64.b32decode(text + "=" * (-len(text) % 8))


def _context(officer: Officer) -> str:
    return f"officer {officer.pk} totp"


def _digest(officer: Officer, code: str) -> str:
    return secret_code.digest(code, f"recovery {officer.pk}", settings.SECRET_KEY)
