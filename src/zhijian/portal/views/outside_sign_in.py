"""Officers who sign in with the office's own identity provider. What it proves takes the place of the password alone.

Whoever came by it is sent there again when signing out here; and the provider says by itself when somebody signed out there.
"""

import logging
import secrets
from http import HTTPStatus
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from zhijian.apps.consumer.complaints.intake.throttle import (
    Limit,
    TooOften,
    address_of,
    admit,
    refuse_exhausted,
)
from zhijian.infrastructure import openid
from zhijian.portal.components.words import in_english
from zhijian.portal.views.own_account import landing
from zhijian.portal.views.register import now
from zhijian.portal.views.second_factor import _next
from zhijian.security import factors, sessions
from zhijian.security.key_ring import MissingKey
from zhijian.security.models import OfficerSession, RefusalKind
from zhijian.security.outside_sign_in import AlreadyEnded, NotLinked, kept, officer_of, token_of
from zhijian.security.refusals import note
from zhijian.security.sealed_text import CannotOpen

_KEPT, _LEAVING = "outside_sign_in", "outside_sign_out"
_WRONG_LOGOUT = Limit("wrong-logout-token", per_address=60, per_device=0)
"""Only wrong ones are counted: a provider that signs out a whole office at six in the evening is never held up."""
_log = logging.getLogger(__name__)


@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    provider = _provider()
    try:
        address, kept = openid.begin(
            provider, back=_here("outside_sign_in_finish"), randomness=secrets.token_bytes
        )
    except openid.ProviderFailed as problem:
        return _refused(request, problem)
    request.session[_KEPT] = {**kept, "next": _next(request)}
    return redirect(address)


@never_cache
@require_GET
def finish(request: HttpRequest) -> HttpResponse:
    """Take who the provider says it was, once; then the second factor, as after a password."""
    provider, asked, at = _provider(), request.session.pop(_KEPT, {}), now()
    try:
        who = openid.finish(provider, request.GET.dict(), asked, back=_here("outside_sign_in_finish"), at=at)
        officer = officer_of(who.known_as, issuer=who.issuer, subject=who.subject)
    except openid.ProviderFailed as problem:
        return _refused(request, problem)
    except NotLinked as refused:
        messages.error(request, refused.message_en if in_english() else refused.message_zh)
        return redirect("sign_in")
    outside = kept(officer, issuer=who.issuer, subject=who.subject, session=who.session, token=who.token)
    has_app = factors.app_of(officer) is not None
    if not has_app and not factors.is_required(officer, at=at):
        sessions.open_for(request, officer, method="oidc", at=at, outside=outside)
        return redirect(landing(officer, asked["next"]))
    sessions.wait_for_second(request, officer, first="oidc", at=at, outside=outside)
    address = reverse("sign_in_code" if has_app else "sign_in_set_up")
    return redirect(f"{address}?{urlencode({'next': asked['next']})}")


def leave(request: HttpRequest, ended: OfficerSession) -> HttpResponse:
    """After an outside sign-in ended here: a page that leads on to the provider, or says that it may still be open there.

    It is a page and no redirect, because a form of this site leads nowhere else (the policy's `form-action`).
    """
    state = secrets.token_urlsafe(32)
    address = _leaving(ended, state=state)
    response = render(request, "portal/signed_out.html", {"address": address, "is_over": False})
    if address:
        request.session[_LEAVING] = state
        response.headers["Refresh"] = f"0; url={address}"
    return response


@never_cache
@require_GET
def left(request: HttpRequest) -> HttpResponse:
    """Where the provider sends back to. It says that all is over only to the browser that was sent there from here."""
    _provider()
    state = request.session.pop(_LEAVING, "")
    is_over = bool(state) and constant_time_compare(state, request.GET.get("state", ""))
    return render(request, "portal/signed_out.html", {"address": None, "is_over": is_over})


@csrf_exempt  # the provider posts here by itself (OpenID Back-Channel Logout 1.0); its signature is the proof
@require_POST
def hear_logout(request: HttpRequest) -> HttpResponse:
    """End the sign-ins that the provider says are over. Answers as the standard says: 200, or 400 with an error."""
    provider, at = _provider(), now()
    try:
        refuse_exhausted(_WRONG_LOGOUT, address=address_of(request), device="", at=at)
        said = openid.read_logout(provider, request.POST.get("logout_token", ""), at=at)
        sessions.end_by_provider(
            provider.issuer, number=said.number, subject=said.subject, session=said.session, at=at
        )
    except TooOften:
        return _heard({"error": "temporarily_unavailable"}, status=HTTPStatus.TOO_MANY_REQUESTS)
    except (openid.Untrusted, AlreadyEnded) as problem:
        return _wrong_logout(request, problem)
    except openid.ProviderFailed as problem:
        _log.warning("outside sign-out: %s", problem)
        return _heard({"error": "temporarily_unavailable"}, status=HTTPStatus.BAD_REQUEST)
    return _heard({}, status=HTTPStatus.OK)


def _provider() -> openid.Provider:
    if settings.OPENID_PROVIDER is None:
        raise Http404
    provider: openid.Provider = settings.OPENID_PROVIDER
    return provider


def _here(name: str) -> str:
    return urljoin(settings.SITE, reverse(name))


def _leaving(ended: OfficerSession, *, state: str) -> str | None:
    """Return where the provider ends its session; nothing where it has no such place, is away, or is no longer set."""
    provider: openid.Provider | None = settings.OPENID_PROVIDER
    if provider is None or provider.issuer != ended.outside_issuer:
        return None
    try:
        return openid.leave(provider, token=_token(ended), back=_here("outside_sign_out_done"), state=state)
    except openid.ProviderFailed as problem:
        _log.warning("outside sign-out: %s", problem)
        return None


def _token(ended: OfficerSession) -> str:
    """Return the identity token of a sign-in. Without it the provider asks the person; so a lost key keeps nobody in."""
    try:
        return token_of(ended)
    except (CannotOpen, MissingKey) as problem:
        _log.warning("outside sign-out: the identity token stays shut: %s", problem)
        return ""


def _wrong_logout(request: HttpRequest, problem: Exception) -> HttpResponse:
    """Refuse a logout token, write that down, and count it by the address that sent it."""
    _log.warning("outside sign-out: %s", problem)
    note(RefusalKind.KEY, is_sure=True)
    try:
        admit(_WRONG_LOGOUT, address=address_of(request), device="", at=now())
    except TooOften:
        return _heard({"error": "temporarily_unavailable"}, status=HTTPStatus.TOO_MANY_REQUESTS)
    words = "The logout token is not valid here."
    return _heard({"error": "invalid_request", "error_description": words}, status=HTTPStatus.BAD_REQUEST)


def _heard(words: dict[str, str], *, status: HTTPStatus) -> HttpResponse:
    """Answer a provider; no cache keeps it."""
    answer = JsonResponse(words, status=status) if words else HttpResponse(status=status)
    answer.headers["Cache-Control"] = "no-store"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        answer.headers["Retry-After"] = "3600"
    return answer


def _refused(request: HttpRequest, problem: openid.ProviderFailed) -> HttpResponse:
    _log.warning("outside sign-in: %s", problem)
    messages.error(request, _("统一身份认证现在用不了，或者登录没有完成。请再试一次，或者用密码登录。"))
    return redirect("sign_in")
