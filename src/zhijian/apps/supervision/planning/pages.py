"""Officers' pages of planning: declared ties to firms, one's own, and for auditors somebody else's."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.engines.recusal import services
from zhijian.engines.recusal.errors import RecusalRefused
from zhijian.engines.recusal.models import Interest
from zhijian.infrastructure.language import in_english
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, may, require
from zhijian.standards.calendar import statutory_day
from zhijian.standards.whole_number import whole_number


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def interests(request: HttpRequest) -> HttpResponse:
    """Declare a tie, end one; an auditor opens those of an officer of the area, which is written down."""
    officer = require(request.user, Permission.VIEW_WORKBENCH)
    act = request.POST.get("act", "")
    refusal, seen, about = "", None, None
    if request.method == "POST":
        try:
            if act == "look":
                about = _officer(request.POST.get("username", ""))
                seen = services.opened(
                    about, reason=request.POST.get("look_reason", ""), by=officer, at=timezone.now()
                )
            else:
                messages.success(
                    request, _ended(request, officer) if act == "end" else _declared(request, officer)
                )
                return redirect("interests")
        except (RecusalRefused, Forbidden) as problem:
            english = in_english()
            refusal = problem.message_en if english else problem.message_zh
        except ValueError:
            refusal = gettext("请写明日期，如2026-11-28。")
    own = services.own(officer)
    context = {
        "own": own,
        "kinds": services.KINDS.items(),
        "may_look": may(officer, Permission.VIEW_INTERESTS),
        "seen": seen,
        "about": about,
        "refusal": refusal,
        "act": act,
        "data": request.POST,
        "today": statutory_day(timezone.now()),
    }
    return render(request, "planning/interests.html", context, status=422 if refusal else 200)


def _declared(request: HttpRequest, officer: Officer) -> str:
    given = request.POST
    starts_on = date.fromisoformat(given.get("starts_on", ""))
    services.declare(
        given.get("kind", ""), given.get("uscc", ""), given.get("note", ""), starts_on=starts_on, by=officer, at=timezone.now()
    )  # fmt: skip
    return gettext("已申报。此后冻结的名单里，您不会被抽去检查这一单位。")


def _ended(request: HttpRequest, officer: Officer) -> str:
    number = whole_number(request.POST.get("interest", "")) or 0
    held = Interest.objects.filter(pk=number, officer=officer).first()
    if held is None:
        raise Http404
    last_day = date.fromisoformat(request.POST.get("last_day", ""))
    services.end(
        held, last_day=last_day, reason=request.POST.get("reason", ""), by=officer, at=timezone.now()
    )
    return gettext("已终止。原来的申报仍然保留。")


def _officer(username: str) -> Officer:
    found = Officer.objects.select_related("organisation").filter(username=username.strip()).first()
    if found is None:
        raise RecusalRefused("没有这个账号。", "There is no such account.")
    return found


urlpatterns = [path("", interests, name="interests")]
