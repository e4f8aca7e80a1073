"""How officers measure the plan: what waits, a value entered with its paper, confirmed by another, published, restated."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.apps.plan.monitoring import (
    adjusting,
    evaluating,
    papers,
    quartering,
    queries,
    reminding,
    services,
    warning,
)
from zhijian.apps.plan.monitoring.models import (
    PROVINCE,
    DataPoint,
    Evaluation,
    Plan,
    PlanIndicator,
    PlanItem,
    PointState,
)
from zhijian.apps.plan.monitoring.papers import Paper
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.records import plain
from zhijian.apps.plan.monitoring.rules import QUARTERS, Light
from zhijian.apps.plan.monitoring.services import Typed
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.portal.components import words
from zhijian.portal.views import (
    plan_computed,
    plan_counties,
    plan_evaluations,
    plan_indicators,
    plan_quarters,
)
from zhijian.portal.views.business import said
from zhijian.portal.views.plan_counties import area_name
from zhijian.portal.views.register import now, today, typed_day
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require, rows_in_area
from zhijian.standards.whole_number import whole_number

_SHOWN = 40
Rows = dict[str, PlanIndicator | PlanItem]
Acts = dict[str, tuple[Callable[[], Any], str]]
"""What a form may ask for: by its word, what is done and what the officer then reads."""
_FIELDS = (
    "number",
    "area",
    "year",
    "quarter",
    "as_of",
    "kind",
    "value",
    "numerator",
    "denominator",
    "evidence",
)


def state_words() -> dict[str, str]:
    return {
        PointState.SUBMITTED: _("已填报"), PointState.CHECKED: _("等待另一人复核"), PointState.RETURNED: _("已退回"),
        PointState.VERIFIED: _("已复核，等待公布"), PointState.PUBLISHED: _("已公布"), PointState.FINAL: _("已定案"),
        PointState.RESTATED: _("已被修订"),
    }  # fmt: skip


def verb_words() -> dict[str, str]:
    """Return the words of a step in the log."""
    return state_words() | plan_evaluations.state_words() | adjustment_words() | {
        "submitted": _("填报了"), "verified": _("复核了"), "stands_again": _("恢复有效"), "final": _("定案"),
        "restated": _("修订"), "paper": _("交来依据文件"), "edited": _("修改"), "returned": _("退回了"),
        "raised": _("提出预警"), "replied": _("答复预警"), "worsened": _("升为明显落后"), "task": _("定下措施"), "closed": _("办结"), "entered": _("填报了"), "confirmed": _("复核了"),
        "split": _("填报年度目标"), "split_confirmed": _("复核年度目标"), "loaded": _("装入规划"),
        "declared": _("登记口径变化"), "reviewed": _("复核"),
    }  # fmt: skip


def adjustment_words() -> dict[str, str]:
    return {
        adjusting.PROPOSED: _("已提出"), adjusting.EVALUATED: _("已评估"), adjusting.LEGAL: _("已报送，走法定程序"),
        adjusting.APPROVED: _("已批准"), adjusting.REJECTED: _("未批准"),
    }  # fmt: skip


def plan_of(request: HttpRequest) -> Plan:
    """Return the plan that the address or the form names, else that of today.

    Raises:
        Http404: no plan is loaded, or none of that code.
    """
    code = request.POST.get("plan", "") or request.GET.get("plan", "")
    found = Plan.objects.filter(code=code).first() if code else queries.plan_on(today())
    if found is None:
        raise Http404(_("还没有装入规划。"))
    return found


def do(request: HttpRequest, acts: Acts) -> str:
    """Do what the form asks for; return what hinders it, or nothing.

    Raises:
        Http404: it asks for none of these.
    """
    act = request.POST.get("act", "")
    if act not in acts:
        raise Http404
    act_on, told = acts[act]
    try:
        act_on()
    except PlanRefused as refused:
        return said(refused)
    messages.success(request, told)
    return ""


def steps_of(kind: str, number: int, sections: Sequence[Mapping[str, str]] = ()) -> list[dict[str, Any]]:
    """Return the log of a record; a note that is a code (a light, one of a report's `sections`) is told in words."""
    names, notes = verb_words(), _note_words(sections)
    return [
        {"step": one, "verb": names.get(one.verb, one.verb), "note": notes.get(one.note, "")}
        for one in queries.steps_of(kind, number)
    ]


def _note_words(sections: Sequence[Mapping[str, str]]) -> dict[str, str]:
    lights, title = plan_indicators.light_words(), "title_en" if words.in_english() else "title_zh"
    told = {"red": lights[Light.RED], "yellow": lights[Light.YELLOW], "summary_en": _("英文摘要")}
    return told | {one["key"]: one[title] for one in sections}


@never_cache
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """What waits: values to confirm and to publish, values that lack, findings, evaluations, adjustments."""
    officer = require(request.user, Permission.VIEW_PLAN_WORK)
    if not Plan.objects.exists():
        may_plan = may(officer, Permission.ENTER_PLAN_VALUE, division=PROVINCE)
        return render(request, "portal/plan/work_empty.html", {"may_plan": may_plan})
    plan = plan_of(request)
    rows = queries.measured(plan)
    year = _year(request.GET.get("year", ""), plan)
    page = Paginator(_waiting(plan, officer), _SHOWN).get_page(request.GET.get("page"))
    names = plan_evaluations.kind_words()
    states, adjusted = plan_evaluations.state_words(), adjustment_words()
    context = {
        "plan": plan, "plans": Plan.objects.all(), "year": year, "years": _years(plan), "page": page,
        "rows": [_listed(one, rows) for one in page], "lacking": _lacking(plan, rows, year), "due_on": reminding.due_on(year), "today": today(),
        "findings": [{"one": one, "name": _name(rows, one.number)} for one in plan.warnings.exclude(state=warning.CLOSED)[:_SHOWN]],
        "closed": plan.warnings.filter(state=warning.CLOSED).count(),
        "evaluations": [{"one": one, "kind": names[one.kind], "state": states[one.state]} for one in plan.evaluations.all()[:_SHOWN]],
        "kinds": names.items(),
        "adjustments": [{"one": one, "name": _name(rows, one.number), "state": adjusted[one.state]} for one in plan.adjustments.all()[:_SHOWN]],
        "may_enter": may(officer, Permission.ENTER_PLAN_VALUE),
        "may_plan": may(officer, Permission.ENTER_PLAN_VALUE, division=PROVINCE),
    }  # fmt: skip
    return render(request, "portal/plan/work.html", context)


def _waiting(plan: Plan, officer: Officer) -> "QuerySet[DataPoint]":
    """Return the values that wait for somebody, of the officer's area."""
    found = DataPoint.objects.filter(plan=plan, state__in=(*queries.PENDING, PointState.VERIFIED))
    if not may(officer, Permission.VIEW_PLAN_WORK, division=PROVINCE):
        found = found.filter(rows_in_area(officer, "area_code"))
    return found.select_related("entered_by__organisation").order_by("-entered_at", "-pk")


def _listed(one: DataPoint, rows: Rows) -> dict[str, Any]:
    row = rows[one.number]
    return {
        "one": one, "name": _name(rows, one.number), "unit": plan_indicators.unit_of(row),
        "area": area_name(one.area_code), "value": plain(one.value), "state": state_words()[one.state],
        "when": plan_quarters.when(one.year, one.quarter),
    }  # fmt: skip


def _name(rows: Rows, number: str) -> str:
    return f"{number} {plan_indicators.name_of(rows[number])}"


def _years(plan: Plan) -> list[int]:
    """Return the years that can have values: from the one before the plan to this one."""
    return list(range(plan.starts_on.year - 1, today().year + 1))


def _year(asked: str, plan: Plan) -> int:
    years = _years(plan)
    return int(asked) if whole_number(asked) in years else min(plan.ends_on.year, years[-1])


def _lacking(plan: Plan, rows: Rows, year: int) -> list[dict[str, Any]]:
    """Return what has no standing value of a year; where some cities reported, those that did not."""
    return [
        {"number": one.row.number, "name": _name(rows, one.row.number), "cities": [area_name(code) for code in one.cities], "counties": [area_name(code) for code in one.counties],
         "quarters": (", " if words.in_english() else "、").join(plan_quarters.quarter_words()[quarter] for quarter in one.quarters),
         "binding": isinstance(one.row, PlanIndicator) and one.row.is_binding}
        for one in queries.lacking(plan, year)
    ]  # fmt: skip


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def enter_page(request: HttpRequest) -> HttpResponse:
    """The form of one value, with its paper; what is wrong is said beside it and nothing is lost."""
    officer = require(request.user, Permission.ENTER_PLAN_VALUE)
    plan = plan_of(request)
    source = request.POST if request.method == "POST" else request.GET
    typed = {name: source.get(name, "")[:400] for name in _FIELDS}
    problem = ""
    if request.method == "POST":
        try:
            point = _enter(request, plan, typed, officer)
        except (PlanRefused, RefusedFile) as refused:
            problem = said(refused)
        else:
            messages.success(request, _("已填报，等另一位同事复核。"))
            return redirect("plan_work_value", number=point.pk)
    rows = queries.measured(plan)
    row = rows.get(typed["number"])
    areas = [
        code
        for code in plan_counties.every_area()
        if may(officer, Permission.ENTER_PLAN_VALUE, division=code)
    ]
    context = {
        "plan": plan, "typed": typed, "problem": problem, "row": row, "years": _years(plan)[::-1],
        "groups": [(_("指标"), [_choice(one) for one in rows.values() if isinstance(one, PlanIndicator)]),
                   (_("正文里的承诺"), [_choice(one) for one in rows.values() if isinstance(one, PlanItem)])],
        "areas": plan_counties.choices(areas),
        "kinds": plan_indicators.kind_words().items(), "quarters": plan_quarters.quarter_words().items(),
        "quarter_rule": plan_quarters.rule_of(row) if isinstance(row, PlanIndicator) and row.is_quarterly else "",
        "computed": plan_computed.computed(row) if isinstance(row, PlanIndicator) else None,
        "today": today(),
    }  # fmt: skip
    return render(request, "portal/plan/work_enter.html", context, status=422 if problem else 200)


def _choice(row: PlanIndicator | PlanItem) -> tuple[str, str, str]:
    more = [plan_indicators.unit_of(row)]
    if isinstance(row, PlanIndicator):
        more += [_("可按季报")] if row.is_quarterly else []
        more += [_("可按县报")] if row.by_county else []
    return row.number, plan_indicators.name_of(row), (", " if words.in_english() else "，").join(more)


def _enter(request: HttpRequest, plan: Plan, typed: dict[str, str], officer: Officer) -> DataPoint:
    year = whole_number(typed["year"]) or 0
    quarter = whole_number(typed["quarter"]) or 0
    handed = request.FILES.get("paper")
    paper = Paper(handed.name or "", handed.chunks()) if handed else None
    return papers.submit(
        plan, typed["number"], year, _typed(typed, year, quarter), paper, by=officer, at=now(), media=settings.HOME.media,
        area=typed["area"], is_synthetic=officer.is_synthetic,
    )  # fmt: skip


def _typed(typed: dict[str, str], year: int, quarter: int = 0) -> Typed:
    """Return what was typed; without a day the value is of the last day of its year or quarter."""
    given = typed_day(typed["as_of"])
    ends = quartering.last_day(year, min(quarter, QUARTERS)) if 1 <= year < date.max.year else date.min
    return Typed(
        typed["value"], given or ends, typed["kind"], typed["numerator"], typed["denominator"], typed["evidence"],
        quarter,
    )  # fmt: skip


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def value_page(request: HttpRequest, number: int) -> HttpResponse:
    """One value: its paper, who did what, and the steps that are open to this officer."""
    point = get_object_or_404(
        DataPoint.objects.select_related("plan", "entered_by", "confirmed_by"), pk=number
    )
    officer = require(request.user, Permission.VIEW_PLAN_WORK, division=point.area_code)
    typed = {name: request.POST.get(name, "")[:400] for name in (*_FIELDS, "reason")}
    problem = ""
    if request.method == "POST":
        try:
            return redirect("plan_work_value", number=_acted(request, point, typed, officer).pk)
        except (PlanRefused, RefusedFile) as refused:
            problem = said(refused)
    row = queries.get_measured(point.plan, point.number)
    is_open = point.state in queries.PENDING
    may_confirm = may(officer, Permission.CONFIRM_PLAN_VALUE, division=point.area_code)
    may_enter = may(officer, Permission.ENTER_PLAN_VALUE, division=point.area_code)
    context = {
        "one": point, "row": row, "name": plan_indicators.name_of(row), "unit": plan_indicators.unit_of(row),
        "area": area_name(point.area_code), "when": plan_quarters.when(point.year, point.quarter), "state": state_words()[point.state], "value": plain(point.value),
        "kind": plan_indicators.kind_words()[point.kind], "problem": problem, "typed": typed,
        "papers": papers.papers_of(point), "steps": steps_of("datapoint", point.pk), "is_open": is_open,
        "is_own": point.entered_by_id == officer.pk, "kinds": plan_indicators.kind_words().items(),
        "may_confirm": may_confirm and is_open and point.entered_by_id != officer.pk,
        "may_attach": may_enter and is_open,
        "may_publish": may_confirm and point.state == PointState.VERIFIED,
        "may_settle": may_confirm and point.state == PointState.PUBLISHED and point.kind == "A",
        "may_restate": may_enter and point.state in queries.PUBLIC,
        "english": words.in_english(), "is_commitment": isinstance(row, PlanItem),
    }  # fmt: skip
    return render(request, "portal/plan/work_value.html", context, status=422 if problem else 200)


def _acted(request: HttpRequest, point: DataPoint, typed: dict[str, str], officer: Officer) -> DataPoint:
    by: dict[str, Any] = {"by": officer, "at": now()}
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "verify": (lambda: services.verify(point, **by), _("已复核。")),
        "return": (lambda: services.give_back(point, reason=typed["reason"], **by), _("已退回填报人。")),
        "publish": (lambda: services.publish(point, **by), _("已公布，并写入事实。")),
        "settle": (lambda: services.settle(point, **by), _("已定案。")),
        "restate": (
            lambda: services.restate(point, _typed(typed, point.year, point.quarter), reason=typed["reason"], **by),
            _("修订已填报，另一人复核以前原值继续有效。"),
        ),
        "paper": (lambda: _attach(request, point, by), _("已收下。")),
    }  # fmt: skip
    act = request.POST.get("act", "")
    if act not in acts:
        raise Http404
    do, told = acts[act]
    made = do()
    messages.success(request, told)
    return made if isinstance(made, DataPoint) else point


def _attach(request: HttpRequest, point: DataPoint, by: dict[str, Any]) -> None:
    handed = request.FILES.get("paper")
    if handed is None:
        raise PlanRefused("请先选一个文件。", "Choose a file first.")
    papers.attach(point, Paper(handed.name or "", handed.chunks()), media=settings.HOME.media, **by)


def evaluation_or_404(number: int) -> Evaluation:
    return get_object_or_404(Evaluation.objects.select_related("plan"), pk=number)


@never_cache
@login_required
@require_http_methods(["POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Plan an evaluation, or propose another target."""
    officer = require(request.user, Permission.ENTER_PLAN_VALUE, division=PROVINCE)
    plan, typed = plan_of(request), request.POST
    try:
        if typed.get("act") == "adjust":
            made = adjusting.propose(
                plan, typed.get("number", ""), typed.get("target", ""), reason=typed.get("reason", ""), by=officer, at=now()
            )  # fmt: skip
            return redirect("plan_work_adjustment", number=made.pk)
        year = typed.get("year", "")
        one = evaluating.plan_one(
            plan, typed.get("kind", ""), int(year) if year.isdecimal() and len(year) == 4 else 0, by=officer, at=now(),
            is_synthetic=officer.is_synthetic,
        )  # fmt: skip
    except (PlanRefused, RefusedFile) as refused:
        messages.error(request, said(refused))
        return redirect(f"{reverse('plan_work')}?plan={plan.code}")
    return redirect("plan_work_evaluation", number=one.pk)
