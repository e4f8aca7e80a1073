"""Officers who sign in with the office's own identity provider. What it proves takes the place of the password alone."""

import logging
import secrets
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhijian.infrastructure import openid
from zhijian.portal.components.words import in_english
from zhijian.portal.views.register import now
from zhijian.portal.views.second_factor import _next
from zhijian.security import factors, sessions
from zhijian.security.outside_sign_in import NotLinked, officer_of

_KEPT = "outside_sign_in"
_log = logging.getLogger(__name__)


@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    provider = _provider()
    try:
        address, kept = openid.begin(provider, back=_back(), randomness=secrets.token_bytes)
    except openid.ProviderFailed as problem:
        return _refused(request, problem)
    request.session[_KEPT] = {**kept, "next": _next(request)}
    return redirect(address)


@never_cache
@require_GET
def finish(request: HttpRequest) -> HttpResponse:
    """Take who the provider says it was, once; then the second factor, as after a password."""
    provider, kept, at = _provider(), request.session.pop(_KEPT, {}), now()
    try:
        who = openid.finish(provider, request.GET.dict(), kept, back=_back(), at=at)
        officer = officer_of(who.known_as, issuer=who.issuer, subject=who.subject)
    except openid.ProviderFailed as problem:
        return _refused(request, problem)
    except NotLinked as refused:
        messages.error(request, refused.message_en if in_english() else refused.message_zh)
        return redirect("sign_in")
    has_app = factors.app_of(officer) is not None
    if not has_app and not factors.is_required(officer, at=at):
        sessions.open_for(request, officer, method="oidc", at=at, outside=(who.issuer, who.subject))
        return redirect(kept["next"])
    sessions.wait_for_second(request, officer, first="oidc", at=at, outside=(who.issuer, who.subject))
    address = reverse("sign_in_code" if has_app else "sign_in_set_up")
    return redirect(f"{address}?{urlencode({'next': kept['next']})}")


def _provider() -> openid.Provider:
    if settings.OPENID_PROVIDER is None:
        raise Http404
    provider: openid.Provider = settings.OPENID_PROVIDER
    return provider


def _back() -> str:
    return urljoin(settings.SITE, reverse("outside_sign_in_finish"))


def _refused(request: HttpRequest, problem: openid.ProviderFailed) -> HttpResponse:
    _log.warning("outside sign-in: %s", problem)
    messages.error(request, _("统一身份认证现在用不了，或者登录没有完成。请再试一次，或者用密码登录。"))
    return redirect("sign_in")
