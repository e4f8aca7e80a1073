"""How officers say that an indicator's definition or base changed, and how another reviews it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.apps.plan.monitoring import queries, services
from zhijian.apps.plan.monitoring.models import PROVINCE, Plan, SeriesBreak
from zhijian.portal.views import plan_indicators, plan_work
from zhijian.portal.views.register import now
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.whole_number import whole_number

_FIELDS = ("number", "year", "baseline", "recalculated", "reason")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def breaks_page(request: HttpRequest) -> HttpResponse:
    """The breaks of a plan's series: declared by one, reviewed by another."""
    officer = require(request.user, Permission.VIEW_PLAN_WORK, division=PROVINCE)
    plan = plan_work.plan_of(request)
    source = request.POST if request.method == "POST" else request.GET
    typed = {name: source.get(name, "")[:400] for name in _FIELDS}
    problem = ""
    if request.method == "POST":
        problem = plan_work.do(request, _acts(request, plan, typed, {"by": officer, "at": now()}))
        if not problem:
            return redirect(f"{reverse('plan_work_breaks')}?plan={plan.code}")
    rows = {one.number: one for one in queries.indicators(plan)}
    found = plan.breaks.select_related("declared_by", "reviewed_by").order_by("-declared_at")
    context = {
        "plan": plan, "problem": problem, "typed": typed, "years": plan.years,
        "indicators": [(one.number, plan_indicators.name_of(one)) for one in rows.values()],
        "rows": [_shown(one, rows[one.number], officer) for one in found],
        "may_declare": may(officer, Permission.ENTER_PLAN_VALUE, division=PROVINCE),
    }  # fmt: skip
    return render(request, "portal/plan/work_breaks.html", context, status=422 if problem else 200)


def _shown(one: SeriesBreak, row: Any, officer: Officer) -> dict[str, Any]:
    may_review = may(officer, Permission.CONFIRM_PLAN_VALUE, division=PROVINCE)
    return {
        "one": one, "name": f"{row.number} {plan_indicators.name_of(row)}", "unit": plan_indicators.unit_of(row),
        "old": plan_indicators.number(row.baseline), "new": plan_indicators.number(one.baseline),
        "values": sorted((one.recalculated or {}).items()),
        "may_review": one.reviewed_by_id is None and one.declared_by_id != officer.pk and may_review,
    }  # fmt: skip


def _acts(request: HttpRequest, plan: Plan, typed: dict[str, str], by: dict[str, Any]) -> plan_work.Acts:
    year = whole_number(typed["year"]) or 0
    declared = by | {name: typed[name] for name in ("reason", "baseline", "recalculated")}
    return {
        "declare": (
            lambda: services.declare_break(plan, typed["number"], year, **declared),
            _("已登记，等另一位同事复核；复核以前，靠新口径达到的不算达到。"),
        ),
        "review": (lambda: services.review_break(_named(request, plan), **by), _("已复核。")),
    }


def _named(request: HttpRequest, plan: Plan) -> SeriesBreak:
    number = request.POST.get("break", "")
    return get_object_or_404(SeriesBreak, plan=plan, pk=whole_number(number) or 0)
