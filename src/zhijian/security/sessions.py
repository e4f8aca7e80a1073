"""Sign-ins of officers: opened after every factor, bound to one browser and network, ended by time, by hand or by a change."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from zhijian.security.audit import record_look
from zhijian.security.models import Officer, OfficerSession
from zhijian.security.outside_sign_in import fix_subject
from zhijian.security.roles import subject_of
from zhijian.standards import parameters
from zhijian.standards.calendar import statutory_day

IDLE_MINUTES = parameters.load("service/session_idle_minutes")
UNATTENDED = ("/wall/", "/work/leader/live/")  # they ask again by themselves: no sign that somebody is there
LONGEST_HOURS = parameters.load("service/session_hours")
MOST_AT_ONCE = parameters.load("service/sessions_at_once")
WAITING_MINUTES = 10
"""How long a right password waits for the second factor."""

_KEY, _WAITING = "officer_session", "officer_waiting"
_FIRST, _OUTSIDE = "officer_first_factor", "officer_outside_identity"
_BACKEND = "django.contrib.auth.backends.ModelBackend"
_SEEN_EVERY = timedelta(minutes=1)

END_WORDS = {
    "signed_out": ("退出", "signed out"),
    "by_hand": ("本人结束", "ended by the officer"),
    "idle": ("长时间没有操作", "not used for long"),
    "too_old": ("登录时间太长", "open for too long"),
    "account_changed": ("账号停用或者密码改了", "account closed or password changed"),
    "too_many": ("同时的登录太多，最早的先结束", "too many at once, and this was the oldest"),
    "by_administrator": ("管理人员结束", "ended by an administrator"),
    "other_network": ("换了网络", "used from another network"),
    "other_browser": ("换了浏览器", "used in another browser"),
}
"""Why a sign-in ended, in both languages."""


def wait_for_second(
    request: HttpRequest,
    officer: Officer,
    *,
    at: datetime,
    first: str = "password",
    outside: tuple[str, str] | None = None,
) -> None:
    """Keep that the first factor was right, for ten minutes, in a fresh session that opens nothing yet."""
    request.session.flush()
    request.session[_WAITING] = [officer.pk, _proof(officer), at.timestamp()]
    request.session[_FIRST] = first
    request.session[_OUTSIDE] = outside


def waiting_for_second(request: HttpRequest, *, at: datetime) -> Officer | None:
    """Return whose password was right a moment ago in this browser, if the account is still open and the same."""
    number, proof, since = request.session.get(_WAITING) or (None, "", 0.0)
    if number is None or at.timestamp() - since > WAITING_MINUTES * 60:
        return None
    officer = Officer.objects.filter(pk=number, is_active=True).first()
    return officer if officer and constant_time_compare(proof, _proof(officer)) else None


def first_factor(request: HttpRequest) -> str:
    """Return what proved the officer before the second factor: the password, or an outside provider."""
    return str(request.session.get(_FIRST, "password"))


def open_for(
    request: HttpRequest,
    officer: Officer,
    *,
    method: str,
    at: datetime,
    outside: tuple[str, str] | None = None,
) -> OfficerSession:
    """Open a session under a new key, after every factor that is needed; `method` names them.

    `outside` are issuer and subject of a provider's sign-in, if one led here; after a second factor they are known.
    """
    request.session.pop(_WAITING, None)
    outside = outside or request.session.pop(_OUTSIDE, None)
    login(request, officer, backend=_BACKEND)
    request.session.cycle_key()
    opened = OfficerSession.objects.create(
        officer=officer,
        key_hash=_hash(request.session.session_key or ""),
        method=method,
        browser=_browser(request),
        network=network_of(request),
        opened_at=at,
        seen_at=at,
    )
    request.session[_KEY] = opened.pk
    _end_oldest(officer, at=at)
    if outside:
        fix_subject(officer, issuer=outside[0], subject=outside[1], at=at)
    return opened


@dataclass(frozen=True)
class Ended:
    """A sign-in that no longer holds: why (a key of END_WORDS), and whose it was, where it is still known."""

    reason: str
    officer: Officer | None


def check(request: HttpRequest, *, at: datetime) -> Ended | None:
    """Look whether the session of this request still holds; end it where not, and return why and whose it was."""
    number = request.session.get(_KEY)
    if number is None:
        return None
    row = OfficerSession.objects.filter(pk=number).first()
    reason = "by_hand" if row is None else row.end_reason or _why_over(request, row, at=at)
    if not reason:
        assert row is not None
        if at - row.seen_at >= _SEEN_EVERY and request.path not in UNATTENDED:
            OfficerSession.objects.filter(pk=row.pk).update(seen_at=at)
        return None
    if row is not None and row.ended_at is None:
        _end(row, reason, at=at)
        if reason in ("other_network", "other_browser", "account_changed"):
            words = f"{END_WORDS[reason][0]}：{network_of(request)}"
            record_look(row.officer, subject_of(row.officer), "session_ended", at=at, reason=words)
    logout(request)
    return Ended(reason, row.officer if row is not None else None)


def sign_out(request: HttpRequest, *, at: datetime) -> None:
    """End the session of this request, in the browser and in the list."""
    row = OfficerSession.objects.filter(pk=_number(request), ended_at=None).first()
    if row is not None:
        _end(row, "signed_out", at=at)
    logout(request)


def open_of(officer: Officer, *, at: datetime) -> list[OfficerSession]:
    """Return the officer's sign-ins that still hold, newest first."""
    found = OfficerSession.objects.filter(officer=officer, ended_at=None)
    return [one for one in found if not _over_by_time(one, at=at)]


def end_others(request: HttpRequest, officer: Officer, *, at: datetime) -> int:
    """End every sign-in of the officer but this one; return how many."""
    others = OfficerSession.objects.filter(officer=officer, ended_at=None).exclude(pk=_number(request))
    return others.update(ended_at=at, end_reason="by_hand")


def end_all(officer: Officer, *, at: datetime) -> int:
    """End every sign-in of an officer, for an administrator; return how many."""
    found = OfficerSession.objects.filter(officer=officer, ended_at=None)
    return found.update(ended_at=at, end_reason="by_administrator")


def keep_after_change(request: HttpRequest, officer: Officer) -> None:
    """Let this sign-in hold on, under a new key, after its officer changed the password; every other one ends."""
    update_session_auth_hash(request, officer)
    OfficerSession.objects.filter(pk=_number(request)).update(
        key_hash=_hash(request.session.session_key or "")
    )


def is_this_one(request: HttpRequest, row: OfficerSession) -> bool:
    return bool(request.session.get(_KEY) == row.pk)


def _number(request: HttpRequest) -> int:
    """Return the number of this request's sign-in, or 0, which is none."""
    return int(request.session.get(_KEY) or 0)


def _why_over(request: HttpRequest, row: OfficerSession, *, at: datetime) -> str:
    user = request.user
    if not user.is_authenticated or user.pk != row.officer_id:
        return "account_changed"
    if not constant_time_compare(row.key_hash, _hash(request.session.session_key or "")):
        return "by_hand"
    if reason := _over_by_time(row, at=at):
        return reason
    if row.browser != _browser(request):
        return "other_browser"
    return "other_network" if row.network != network_of(request) else ""


def _over_by_time(row: OfficerSession, *, at: datetime) -> str:
    day = statutory_day(at)
    if at - row.opened_at > timedelta(hours=LONGEST_HOURS.on(day)):
        return "too_old"
    return "idle" if at - row.seen_at > timedelta(minutes=IDLE_MINUTES.on(day)) else ""


def _end_oldest(officer: Officer, *, at: datetime) -> None:
    """End the sign-ins beyond as many as may be open at once, oldest first."""
    for one in open_of(officer, at=at)[MOST_AT_ONCE.on(statutory_day(at)) :]:
        _end(one, "too_many", at=at)


def _end(row: OfficerSession, reason: str, *, at: datetime) -> None:
    OfficerSession.objects.filter(pk=row.pk, ended_at=None).update(ended_at=at, end_reason=reason)


def network_of(request: HttpRequest) -> str:
    """Return the network of an address: a /24 of IPv4, a /56 of IPv6."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    return str(ipaddress.ip_network(f"{known}/{24 if known.version == 4 else 56}", strict=False))


def _browser(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_USER_AGENT", ""))[:200]


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _proof(officer: Officer) -> str:
    return salted_hmac("zhijian.second", f"{officer.pk}:{officer.password}", algorithm="sha256").hexdigest()
