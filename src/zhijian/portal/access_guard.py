"""The door of every address: what the table of rights does not open stays shut, before any page runs."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from zhijian.portal.views import errors
from zhijian.security import business
from zhijian.security.addresses import Answer, Door, answer, needs_of
from zhijian.security.models import RefusalKind
from zhijian.security.permissions import Forbidden
from zhijian.security.refusals import note

_READING = ("GET", "HEAD", "OPTIONS")
_FOR_PROGRAMS = ("work/field/", "api/")
_REFUSAL = (
    "您的岗位没有这项权限。需要时请联系本单位管理员。",
    "Your role does not include this. Ask your unit's administrator if you need it.",
)


class AccessGuardMiddleware:
    """Ask `security.addresses` before a page runs: let in, lead to the sign-in, or refuse in words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        route = request.resolver_match.route if request.resolver_match else ""
        try:
            needs = needs_of(route, is_acting=request.method not in _READING)
        except Forbidden as refusal:
            return _refused(request, route, refusal)
        if isinstance(needs, Door) and needs not in (Door.FIRM, Door.OFFICER, Door.ACCOUNT, Door.NOBODY):
            return None  # without a look at who comes: the page may be kept by a cache
        has_firm = needs is Door.FIRM and business.person_of(request) is not None
        match answer(needs, request.user, has_firm=has_firm):
            case Answer.OPEN:
                return None
            case Answer.ABSENT:
                return errors.not_found(request, LookupError(route))
            case Answer.SIGN_IN_FOR_FIRM:
                return redirect("/my/sign-in/?" + urlencode({"next": request.path}))
            case Answer.SIGN_IN:
                return _sign_in(request, route)
        return _refused(request, route, Forbidden(*_REFUSAL))


def _sign_in(request: HttpRequest, route: str) -> HttpResponseBase:
    """Lead a person to the sign-in where the address is of the work; elsewhere say that it does not open."""
    if route.startswith(_FOR_PROGRAMS):
        return JsonResponse({"detail": "Unauthorized"}, status=HTTPStatus.UNAUTHORIZED)
    if route.lstrip("^").startswith("work/"):
        return redirect_to_login(request.get_full_path())
    return _refused(request, route, Forbidden(*_REFUSAL))


def _refused(request: HttpRequest, route: str, refusal: Forbidden) -> HttpResponse:
    note(RefusalKind.ROLE)
    if route.startswith(_FOR_PROGRAMS):
        words = {"code": "forbidden", "message_zh": refusal.message_zh, "message_en": refusal.message_en}
        return JsonResponse({"error": words}, status=HTTPStatus.FORBIDDEN)
    return errors.forbidden(request, refusal)
