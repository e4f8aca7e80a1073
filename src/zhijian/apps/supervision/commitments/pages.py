"""Officers' page of promises: which are due for their check, and the cases that check them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.apps.supervision.commitments import queries, services
from zhijian.apps.supervision.commitments.registers import STANDINGS
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.policies import can_see
from zhijian.infrastructure.language import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, require
from zhijian.standards.calendar import statutory_day

_SHOWN = 50


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Show the promises of the area, those due first at the top; open the check of one, or of all without one."""
    officer = require(request.user, Permission.KEEP_CREDIT_FILE)
    refusal, at = "", timezone.now()
    if request.method == "POST":
        try:
            if request.POST.get("act") == "all":
                opened = len(services.open_checks(by=officer, at=at))
                messages.success(request, gettext("已开立%(n)s件核查。") % {"n": opened})
                return redirect("commitments_desk")
            case = services.open_check(request.POST.get("commitment", "").strip(), by=officer, at=at)
            return redirect("case", case_id=case.pk)
        except (ProcedureRefused, Forbidden) as problem:
            english = in_english()
            refusal = problem.message_en if english else problem.message_zh
    record_look(officer, "commitments desk", "commitments_desk", at=at)
    found = queries.of_area(officer)
    today = statutory_day(at)
    waiting, late = queries.waiting_and_late(found, on=today)
    page = Paginator(found, _SHOWN).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "refusal": refusal,
        "page": page,
        "rows": [_row(one, today, officer) for one in queries.told(page)],
        "waiting": waiting,
        "late": late,
    }
    return render(request, "commitments/desk.html", context, status=422 if refusal else 200)


def _row(one: queries.Promised, today: Any, officer: Officer) -> dict[str, Any]:
    words = STANDINGS[one.standing][0]
    is_open = one.standing in (queries.UNCHECKED, queries.OPEN)
    return {
        "one": one,
        "words": (words.zh, words.en),
        "is_open": is_open,
        "is_late": is_open and one.due_on < today,
        "may_open": one.matter is not None and can_see(officer, one.matter.case),
    }


urlpatterns = [path("", desk, name="commitments_desk")]
