"""How officers write an evaluation, decide on its findings, change a target by procedure, and keep the money of tasks."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zhijian.apps.plan.monitoring import adjusting, evaluating, money, queries, warning
from zhijian.apps.plan.monitoring.models import (
    PROVINCE,
    Adjustment,
    Evaluation,
    PlanItem,
    PlanWarning,
    TaskMoney,
)
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.records import plain, plain_if
from zhijian.portal.views import plan_evaluations, plan_indicators, plan_work
from zhijian.portal.views.register import now, today, typed_day
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.whole_number import whole_number

_THIRD = ("name", "contract", "independence", "method", "opinion", "dissent")
_MONEY = ("paragraph", "year", "planned", "spent", "output", "output_unit", "evidence")
_MOST = 6000


def _officer(request: HttpRequest) -> Officer:
    return require(request.user, Permission.VIEW_PLAN_WORK, division=PROVINCE)


def third_words() -> dict[str, str]:
    return {
        "name": _("评估机构"), "contract": _("合同编号"), "independence": _("独立性声明"), "method": _("方法"),
        "opinion": _("意见"), "dissent": _("不同意见"),
    }  # fmt: skip


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def evaluation_page(request: HttpRequest, number: int) -> HttpResponse:
    """One evaluation on its way: freeze, report, third party, draft, edit, review, approve, publish; warnings from it."""
    officer, one = _officer(request), plan_work.evaluation_or_404(number)
    typed, problem = request.POST, ""
    if request.method == "POST":
        problem = plan_work.do(request, _acts(one, typed, {"by": officer, "at": now()}))
        if not problem:
            return redirect("plan_work_evaluation", number=one.pk)
    may_write = may(officer, Permission.ENTER_PLAN_VALUE, division=PROVINCE)
    may_decide = may(officer, Permission.DECIDE_PLAN, division=PROVINCE)
    states = plan_evaluations.state_words()
    names = {number: plan_indicators.name_of(row) for number, row in queries.measured(one.plan).items()}
    context = {
        "one": one, "plan": one.plan, "kind": plan_evaluations.kind_words()[one.kind], "state": states[one.state], "problem": problem,
        "typed": typed, "rows": plan_evaluations.table_of(one), "promises": plan_evaluations.promises_of(one), "findings": plan_evaluations.findings_of(one),
        "steps": plan_work.steps_of("evaluation", one.pk, one.sections),
        "way": [(states[name], is_done) for name, is_done in evaluating.way(one)], "returned": evaluating.returned(one),
        "warnings": [(found, names[found.number]) for found in one.warnings.all()],
        "third": [(key, label, typed.get(key, "")) for key, label in third_words().items()],
        "can": {
            "freeze": may_write and one.state == evaluating.PLANNED,
            "report": may_write and one.state == evaluating.FROZEN,
            "third": may_write and one.state == evaluating.SELF_REPORT,
            "draft": may_write and one.state in (evaluating.SELF_REPORT, evaluating.THIRD_PARTY),
            "edit": may_write and one.state == evaluating.DRAFT,
            "decide": may_decide and one.state == evaluating.REVIEW,
            "publish": may_decide and one.state == evaluating.APPROVED,
            "warn": may_write and bool(one.frozen),
        },
    }  # fmt: skip
    return render(request, "portal/plan/work_evaluation.html", context, status=422 if problem else 200)


def _acts(one: Evaluation, typed: Any, by: dict[str, Any]) -> plan_work.Acts:
    seen = whole_number(typed.get("seen", ""))
    text = typed.get("text", "")[: _MOST + 1]
    told = {name: typed.get(name, "")[:2001] for name in _THIRD}
    return {
        "freeze": (lambda: evaluating.freeze(one, **by), _("数据已冻结。以后改的值不影响这份评估。")),
        "report": (lambda: evaluating.report_oneself(one, text, **by), _("自评已收。")),
        "third": (lambda: evaluating.hear_third_party(one, told, **by), _("第三方意见已收。")),
        "draft": (lambda: evaluating.draft(one, **by), _("草稿已写好，请逐节核对、修改。")),
        "edit": (
            lambda: evaluating.edit(
                one, typed.get("key", ""), text, seen=-1 if seen is None else seen, **by
            ),
            _("已改好。"),
        ),
        "submit": (lambda: evaluating.submit(one, **by), _("已送审。")),
        "return": (lambda: evaluating.give_back(one, typed.get("reason", ""), **by), _("已退回修改。")),
        "approve": (lambda: evaluating.approve(one, **by), _("已批准。")),
        "publish": (lambda: evaluating.publish(one, **by), _("已公布，并写入事实。")),
        "warn": (lambda: warning.raise_from(one, **by), _("落后的指标都有预警了。")),
    }  # fmt: skip


@never_cache
@login_required
@require_GET
def evaluation_file(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """The report as it stands now, draft or not, or its package."""
    _officer(request)
    return plan_evaluations.answer_file(plan_work.evaluation_or_404(number), form)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def finding_page(request: HttpRequest, number: int) -> HttpResponse:
    """One finding: what is done about it, by whom, by when, and what it changed."""
    officer = _officer(request)
    one = get_object_or_404(PlanWarning.objects.select_related("plan", "evaluation"), pk=number)
    typed, problem = request.POST, ""
    if request.method == "POST":
        by: dict[str, Any] = {"by": officer, "at": now()}
        acts: plan_work.Acts = {
            "reply": (
                lambda: warning.reply(one, _causes(typed), typed.get("means", ""), **by),
                _("答复已收。"),
            ),
            "assign": (lambda: _assign(one, typed, by), _("措施已定。")),
            "close": (
                lambda: warning.close(one, typed.get("effect", ""), **by),
                _("已办结，前后的值都已记下。"),
            ),
        }
        problem = plan_work.do(request, acts)
        if not problem:
            return redirect("plan_work_finding", number=one.pk)
    row, causes = queries.get_measured(one.plan, one.number), one.causes or {}
    context = {
        "one": one, "name": plan_indicators.name_of(row), "unit": plan_indicators.unit_of(row), "problem": problem,
        "is_commitment": isinstance(row, PlanItem),
        "evaluation": plan_evaluations.kind_words()[one.evaluation.kind] if one.evaluation else "",
        "typed": typed, "steps": plan_work.steps_of("warning", one.pk), "today": today(),
        "before": plan_indicators.number(one.value_before), "after": plan_indicators.number(one.value_after),
        "is_late": one.state == warning.RAISED and one.reply_due_on < today(),
        "is_overdue": one.state == warning.TASK and one.due_on is not None and one.due_on < today(),
        "may_decide": may(officer, Permission.DECIDE_PLAN, division=PROVINCE),
        "causes": [(label, causes[key]) for key, label in cause_words().items() if key in causes],
        "reply_fields": [(key, label, typed.get(f"cause_{key}", "")) for key, label in cause_words().items()],
        "may_reply": one.state == warning.RAISED and may(officer, Permission.ENTER_PLAN_VALUE, division=one.area_code),
    }  # fmt: skip
    return render(request, "portal/plan/work_finding.html", context, status=422 if problem else 200)


def cause_words() -> dict[str, str]:
    return {
        "definition": _("口径变化"), "base": _("基数影响"), "external": _("外部冲击"), "policy": _("政策和工作"),
        "data": _("数据"),
    }  # fmt: skip


def _causes(typed: Any) -> dict[str, str]:
    return {key: typed.get(f"cause_{key}", "")[:401] for key in cause_words()}


def _assign(one: PlanWarning, typed: Any, by: dict[str, Any]) -> None:
    day = typed_day(typed.get("due_on", ""))
    if day is None:
        raise PlanRefused(
            "请写明完成期限，如2026-12-31。", "Give the day by which it is done, such as 2026-12-31."
        )
    warning.assign(one, typed.get("task", ""), typed.get("owner", ""), day, **by)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def adjustment_page(request: HttpRequest, number: int) -> HttpResponse:
    """One proposal to change a target: evaluated, put through the legal procedure, decided with its document."""
    officer = _officer(request)
    one = get_object_or_404(Adjustment.objects.select_related("plan", "proposed_by"), pk=number)
    typed, problem = request.POST, ""
    if request.method == "POST":
        by: dict[str, Any] = {"by": officer, "at": now()}
        document = typed.get("document", "")
        acts: plan_work.Acts = {
            "on": (lambda: adjusting.move_on(one, typed.get("note", ""), **by), _("已记下，进入下一步。")),
            "approve": (lambda: adjusting.decide(one, approves=True, document=document, **by), _("已批准，指标有了新版本。")),
            "reject": (lambda: adjusting.decide(one, approves=False, document=document, **by), _("已记下，目标不变。")),
        }  # fmt: skip
        problem = plan_work.do(request, acts)
        if not problem:
            return redirect("plan_work_adjustment", number=one.pk)
    row = queries.get_indicator(one.plan, one.number)
    context = {
        "one": one, "name": plan_indicators.name_of(row), "unit": plan_indicators.unit_of(row), "problem": problem,
        "typed": typed, "steps": plan_work.steps_of("adjustment", one.pk), "stands": plain(row.target), "target": plain(one.target),
        "state": plan_work.adjustment_words()[one.state], "before": adjusting.target_before(one),
        "may_move": may(officer, Permission.ENTER_PLAN_VALUE, division=PROVINCE) and one.state in adjusting.NEXT,
        "may_decide": may(officer, Permission.DECIDE_PLAN, division=PROVINCE) and one.state == adjusting.LEGAL,
    }  # fmt: skip
    return render(request, "portal/plan/work_adjustment.html", context, status=422 if problem else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def money_page(request: HttpRequest) -> HttpResponse:
    """The money of tasks: entered by one, confirmed by another."""
    officer, plan = _officer(request), plan_work.plan_of(request)
    typed = {name: request.POST.get(name, "")[:400] for name in _MONEY}
    problem = ""
    if request.method == "POST":
        by: dict[str, Any] = {"by": officer, "at": now()}
        acts: plan_work.Acts = {
            "enter": (
                lambda: money.enter(
                    plan, typed["paragraph"], whole_number(typed["year"]) or 0,
                    money.Typed(typed["planned"], typed["spent"], typed["output"], typed["output_unit"], typed["evidence"]),
                    is_synthetic=officer.is_synthetic, **by,
                ),
                _("已填报，等另一位同事复核。"),
            ),
            "confirm": (lambda: money.confirm(_money(plan.pk, request.POST.get("money", "")), **by), _("已复核。")),
        }  # fmt: skip
        problem = plan_work.do(request, acts)
        if not problem:
            return redirect(f"{reverse('plan_work_money')}?plan={plan.code}")
    tasks = {one.number: one for one in queries.items(plan, PlanItem.PARAGRAPH) if one.is_task}
    rows = plan.money.select_related("entered_by").order_by("-year", "paragraph")
    context = {
        "plan": plan, "problem": problem, "typed": typed, "tasks": tasks.values(), "years": plan.years,
        "rows": [
            {"one": one, "heading": tasks[one.paragraph].heading_zh, "output": plain_if(one.output),
             "may_confirm": one.confirmed_by_id is None and one.entered_by_id != officer.pk
             and may(officer, Permission.CONFIRM_PLAN_VALUE, division=PROVINCE)}
            for one in rows
        ],
        "may_enter": may(officer, Permission.ENTER_PLAN_VALUE, division=PROVINCE),
    }  # fmt: skip
    return render(request, "portal/plan/work_money.html", context, status=422 if problem else 200)


def _money(plan: int, number: str) -> TaskMoney:
    return get_object_or_404(TaskMoney, plan_id=plan, pk=whole_number(number) or 0)
