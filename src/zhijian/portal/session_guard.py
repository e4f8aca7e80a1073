"""Each request of an officer: does the sign-in still hold, and does it run under an emergency access?"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zhijian.engines.notices.services import notify
from zhijian.portal.components.words import in_english
from zhijian.portal.views.register import now
from zhijian.security import emergency, sessions
from zhijian.security.models import Officer
from zhijian.standards.calendar import ZONE

_BY_OTHERS = ("account_changed", "by_administrator")
"""Ends after which signing in again may not go: the officer hears whom to ask."""


def _told(request: HttpRequest, reason: str) -> str:
    """Say why the sign-in ended, that a form just sent was not kept, and whom to ask where signing in may fail."""
    why = sessions.END_WORDS[reason][1 if in_english() else 0]
    told = [_("登录已经结束（%(why)s），请重新登录。") % {"why": why}]
    if request.method == "POST":
        told.append(_("刚才提交的内容没有保存，登录后请再填一次。"))
    if reason in _BY_OTHERS:
        told.append(_("登录不了时，请联系本单位管理员。"))
    return (" " if in_english() else "").join(told)


_ELSEWHERE = ("other_network", "other_browser")
"""Ends that may mean a stolen cookie: whoever opened the sign-in hears of it, wherever that is."""


def _tell_owner(owner: Officer, reason: str, network: str, *, at: datetime) -> None:
    why, why_en = sessions.END_WORDS[reason]
    data = {"at": f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}", "why": why, "why_en": why_en, "network": network}
    notify("security.used_elsewhere", to=[owner], data=data, at=at)


class SessionGuardMiddleware:
    """End a sign-in that is over, that its officer ended, or whose cookie comes from elsewhere; the reason is told and kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            at = now()
            if ended := sessions.check(request, at=at):
                messages.warning(request, _told(request, ended.reason))
                if ended.officer and ended.officer.is_active and ended.reason in _ELSEWHERE:
                    _tell_owner(ended.officer, ended.reason, sessions.network_of(request), at=at)
            if isinstance(officer := request.user, Officer):  # the lazy object says that it is one
                officer.emergency = emergency.active_of(officer, at=at)
        return self.get_response(request)
