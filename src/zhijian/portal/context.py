"""What the frame of every page needs."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from zhijian.engines.notices.services import unread_count
from zhijian.portal.components import case_words
from zhijian.portal.work_navigation import work_menu
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may

ELDER_COOKIE = "zhijian_elder"


@dataclass(frozen=True)
class NavigationItem:
    """One link of the header: where, what it says, and under which path it is current."""

    href: str
    label: Any
    current: bool


_PUBLIC = (
    ("/entities/", _("查企业")),
    ("/complain/", _("投诉举报")),
    ("/draws/", _("抽签")),
    ("/results/", _("检查结果")),
    ("/verify/", _("核验")),
    ("/data/", _("数据")),
)
_ALSO = {"/data/": ("/data/", "/themes/")}  # further paths of the same part


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's words and switches: navigation, large text, whether the officer has a workbench."""
    navigation = [
        NavigationItem(href, label, current=request.path.startswith(_ALSO.get(href, (href,))))
        for href, label in _PUBLIC
    ]
    return {
        "navigation": navigation,
        "is_elder": request.COOKIES.get(ELDER_COOKIE) == "1",
        "has_workbench": may(getattr(request, "user", None), Permission.VIEW_WORKBENCH),
        "here": request.get_full_path(),
        "work_menu": SimpleLazyObject(lambda: _work_menu(request)),
        "emergency": SimpleLazyObject(lambda: _emergency(request)),
        "unread_notices": SimpleLazyObject(lambda: _unread(request)),
    }


def _emergency(request: HttpRequest) -> dict[str, Any]:
    """Return the emergency access that this request runs under, for the strip on every page; empty without one."""
    user = getattr(request, "user", None)
    access = user.emergency if isinstance(user, Officer) else None
    if access is None:
        return {}
    return {"number": access.pk, "role": case_words.role(access.role), "until": access.until}


def _unread(request: HttpRequest) -> int:
    user = getattr(request, "user", None)
    return unread_count(user) if isinstance(user, Officer) else 0


def _work_menu(request: HttpRequest) -> list[dict[str, Any]]:
    user = getattr(request, "user", None)
    return work_menu(user, request.path) if isinstance(user, Officer) else []
