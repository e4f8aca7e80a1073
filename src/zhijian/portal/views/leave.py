"""请假代办: who takes an officer's place, from which day to which; the substitute sees the same inbox."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.engines.procedures import teamwork
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Leave
from zhijian.portal.components import case_words
from zhijian.portal.views.cases import officer_of, words_of
from zhijian.portal.views.register import now, today
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, may_lead


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """The leaves of one's unit from today on, and the form to arrange one: for oneself, or as a leader for anybody."""
    officer = officer_of(request)
    assert officer.organisation is not None
    people = list(officer.organisation.officers.filter(is_active=True).order_by("pk"))
    leads, problem = may_lead(officer, unit=officer.organisation), ""
    if request.method == "POST":
        problem = _arrange(request, officer, people)
        if not problem:
            return redirect("leave")
    rows = Leave.objects.filter(officer__in=people, ends_on__gte=today()).order_by("starts_on", "pk")
    context = {
        "rows": [
            (case_words.officer_name(one.officer), case_words.officer_name(one.substitute), one)
            for one in rows.select_related("officer", "substitute")
        ],
        "people": [(str(one.pk), case_words.officer_name(one)) for one in people],
        "who": [str(officer.pk)] if not leads else [str(one.pk) for one in people],
        "typed": request.POST,
        "problem": problem,
        "today": today(),
    }
    return render(request, "portal/cases/leave.html", context, status=422 if problem else 200)


def _arrange(request: HttpRequest, officer: Officer, people: list[Officer]) -> str:
    """Arrange what the form says; return why not, if so."""
    by_key = {str(one.pk): one for one in people}
    away, substitute = (
        by_key.get(request.POST.get("officer", "")),
        by_key.get(request.POST.get("substitute", "")),
    )
    try:
        first, last = (date.fromisoformat(request.POST.get(name, "")) for name in ("from", "to"))
    except ValueError:
        return _("请填写起止日期。")
    if away is None or substitute is None:
        return _("请选择本单位的人。")
    try:
        teamwork.delegate_leave(
            away, substitute=substitute, starts_on=first, ends_on=last, note=request.POST.get("note", ""),
            by=officer, at=now(),
        )  # fmt: skip
    except (ProcedureRefused, Forbidden) as refused:
        return words_of(refused)
    messages.success(request, _("已安排。代办人在这些日子看到同一个办件箱，所办的写明代谁。"))
    return ""
