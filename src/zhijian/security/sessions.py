"""Sign-ins of officers: opened after every factor, bound to one browser and network, ended by time, by hand or by a change."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.contrib.auth import login, logout, update_session_auth_hash
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from zhijian.security.audit import record_look
from zhijian.security.models import Officer, OfficerSession
from zhijian.security.outside_sign_in import OutsideSignIn, fix_subject, is_over, mark_of, take_logout
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
    "by_provider": ("在统一身份认证退出", "signed out at the identity provider"),
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
    outside: OutsideSignIn | None = None,
) -> None:
    """Keep that the first factor was right, for ten minutes, in a fresh session that opens nothing yet."""
    request.session.flush()
    request.session[_WAITING] = [officer.pk, _proof(officer), at.timestamp()]
    request.session[_FIRST] = first
    request.session[_OUTSIDE] = outside


def waiting_for_second(request: HttpRequest, *, at: datetime) -> Officer | None:
    """Return whose first factor was right a moment ago in this browser, if the account is still open and the same.

    Who came by a provider and signed out there meanwhile has to begin anew.
    """
    number, proof, since = request.session.get(_WAITING) or (None, "", 0.0)
    if number is None or at.timestamp() - since > WAITING_MINUTES * 60:
        return None
    outside = _outside(request)
    if outside and is_over(outside, since=datetime.fromtimestamp(since, UTC)):
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
    outside: OutsideSignIn | None = None,
) -> OfficerSession:
    """Open a session under a new key, after every factor that is needed; `method` names them.

    `outside` is what is kept of a provider's sign-in, if one led here; after a second factor it is known.
    """
    request.session.pop(_WAITING, None)
    outside = outside or _outside(request)
    request.session.pop(_OUTSIDE, None)
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
        _keep_outside(opened, outside, at=at)
        fix_subject(officer, issuer=outside.issuer, subject=outside.subject, at=at)
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


def sign_out(request: HttpRequest, *, at: datetime) -> OfficerSession | None:
    """End the session of this request, in the browser and in the list; return it as it was, if it still held."""
    row = OfficerSession.objects.filter(pk=_number(request), ended_at=None).first()
    if row is not None:
        _end(row, "signed_out", at=at)
    logout(request)
    return row


def open_of(officer: Officer, *, at: datetime) -> list[OfficerSession]:
    """Return the officer's sign-ins that still hold, newest first."""
    found = OfficerSession.objects.filter(officer=officer, ended_at=None)
    return [one for one in found if not _over_by_time(one, at=at)]


def end_others(request: HttpRequest, officer: Officer, *, at: datetime) -> int:
    """End every sign-in of the officer but this one; return how many."""
    others = OfficerSession.objects.filter(officer=officer).exclude(pk=_number(request))
    return end_rows(others, "by_hand", at=at)


def end_all(officer: Officer, *, at: datetime) -> int:
    """End every sign-in of an officer, for an administrator; return how many."""
    return end_rows(OfficerSession.objects.filter(officer=officer), "by_administrator", at=at)


@transaction.atomic
def end_by_provider(issuer: str, *, number: str, subject: str, session: str, at: datetime) -> int:
    """End the sign-ins that a provider says are over, once for each of its messages; return how many.

    It names its session (`sid`), the person (`sub`) or both. Sign-ins by password of the same officer go on. One of which
    the provider never named its session cannot be told from the one that is over, and ends with the person's.

    Raises:
        AlreadyEnded: the same message, `number`, came before.
    """
    said = take_logout(issuer, number=number, subject=subject, session=session, at=at)
    found = OfficerSession.objects.filter(ended_at=None)
    if said.subject_mark:
        found = found.filter(outside_subject=said.subject_mark)
    if said.session_mark:
        unnamed = ("",) if said.subject_mark else ()
        found = found.filter(outside_session__in=(said.session_mark, *unnamed))
    rows = list(found.select_for_update(of=("self",)).select_related("officer__organisation"))
    for officer in {row.officer_id: row.officer for row in rows}.values():
        words = END_WORDS["by_provider"][0]
        record_look(officer, subject_of(officer), "session_ended", at=at, reason=words)
    return end_rows(OfficerSession.objects.filter(pk__in=[row.pk for row in rows]), "by_provider", at=at)


def end_rows(rows: "QuerySet[OfficerSession]", reason: str, *, at: datetime) -> int:
    """End those of the sign-ins that still hold, and forget a provider's token; return how many."""
    return rows.filter(ended_at=None).update(ended_at=at, end_reason=reason, outside_token_sealed="")


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
    end_rows(OfficerSession.objects.filter(pk=row.pk), reason, at=at)


def _outside(request: HttpRequest) -> OutsideSignIn | None:
    """Return what is kept of the provider's sign-in that waits for the second factor, if it was one."""
    waiting = request.session.get(_OUTSIDE)
    return OutsideSignIn(*waiting) if waiting else None


def _keep_outside(opened: OfficerSession, outside: OutsideSignIn, *, at: datetime) -> None:
    """Keep by what the provider will end a sign-in; and no token of one that cannot hold any more."""
    opened.outside_issuer = outside.issuer
    opened.outside_subject = mark_of(outside.issuer, outside.subject)
    opened.outside_session, opened.outside_token_sealed = outside.session_mark, outside.token_sealed
    opened.save(
        update_fields=["outside_issuer", "outside_subject", "outside_session", "outside_token_sealed"]
    )
    longest = timedelta(hours=LONGEST_HOURS.on(statutory_day(at)))
    gone = OfficerSession.objects.filter(opened_at__lt=at - longest).exclude(outside_token_sealed="")
    gone.update(outside_token_sealed="")


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
