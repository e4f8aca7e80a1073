"""How officers break the plan's targets down by year before the year begins, and how another confirms them."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.apps.plan.monitoring import queries, splitting
from zhijian.apps.plan.monitoring.models import PROVINCE, Plan, PlanIndicator, YearTarget
from zhijian.portal.views import plan_indicators, plan_work
from zhijian.portal.views.register import now, today
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def targets_page(request: HttpRequest) -> HttpResponse:
    """The yearly targets of a plan's rows: entered by one, confirmed by another."""
    officer = require(request.user, Permission.VIEW_PLAN_WORK, division=PROVINCE)
    plan = plan_work.plan_of(request)
    source = request.POST if request.method == "POST" else request.GET
    typed = {name: source.get(name, "")[:400] for name in ("number", "targets", "evidence")}
    problem = ""
    if request.method == "POST":
        problem = plan_work.do(request, _acts(plan, typed, {"by": officer, "at": now()}))
        if not problem:
            return redirect(f"{reverse('plan_work_targets')}?plan={plan.code}")
    rows = {one.number: one for one in queries.indicators(plan)}
    by_number: dict[str, list[YearTarget]] = {}
    for one in plan.year_targets.select_related("entered_by"):
        by_number.setdefault(one.number, []).append(one)
    context = {
        "plan": plan, "problem": problem, "typed": typed,
        "indicators": [(one.number, plan_indicators.name_of(one)) for one in rows.values()],
        "rows": [_shown(rows[number], found, officer) for number, found in by_number.items()],
        "may_enter": may(officer, Permission.ENTER_PLAN_VALUE, division=PROVINCE) and today() <= plan.ends_on,
        "is_over": today() > plan.ends_on,
    }  # fmt: skip
    return render(request, "portal/plan/work_targets.html", context, status=422 if problem else 200)


def _shown(row: PlanIndicator, found: list[YearTarget], officer: Officer) -> dict[str, Any]:
    first = found[0]
    may_confirm = may(officer, Permission.CONFIRM_PLAN_VALUE, division=PROVINCE)
    return {
        "first": first, "number": row.number, "name": f"{row.number} {plan_indicators.name_of(row)}",
        "unit": plan_indicators.unit_of(row), "target": plan_indicators.number(row.target),
        "years": [(one.year, plan_indicators.number(one.value)) for one in found],
        "may_confirm": first.confirmed_by_id is None and first.entered_by_id != officer.pk and may_confirm,
    }  # fmt: skip


def _acts(plan: Plan, typed: dict[str, str], by: dict[str, Any]) -> plan_work.Acts:
    number, targets, evidence = (typed[name] for name in ("number", "targets", "evidence"))
    return {
        "enter": (
            lambda: splitting.enter(plan, number, targets, evidence=evidence, **by),
            _("年度目标已填，等另一位同事复核。"),
        ),
        "confirm": (lambda: splitting.confirm(plan, number, **by), _("已复核。")),
    }
