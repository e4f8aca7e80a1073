"""How a visitor wants to read: the language and the size of letters. No account, one cookie each."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as _set_language

from zhijian.portal.context import ELDER_COOKIE

_YEAR_SECONDS = 365 * 24 * 3600

# A preference of how to read changes no record, so public pages need no token and stay cacheable.
set_language = csrf_exempt(_set_language)


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if is_ours else "/"


@csrf_exempt
@require_POST
def set_elder(request: HttpRequest) -> HttpResponse:
    """Switch the elders' version on or off: everything a quarter larger, in one column."""
    response = redirect(_back(request))
    is_on = "1" if request.POST.get("elder") == "1" else "0"
    response.set_cookie(ELDER_COOKIE, is_on, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True)
    return response
