"""Joint inspections: what the leading unit asks, what each department does in the visit, what everybody reads after."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.supervision.inspection.rules import State
from zhijian.apps.supervision.joint import policies, queries, rules, services
from zhijian.apps.supervision.joint.models import JointPlan, JointVisit, Participation
from zhijian.apps.supervision.joint.policies import JointRefused
from zhijian.engines.draws.models import Draw
from zhijian.portal.components.words import in_english
from zhijian.portal.views.business import said
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Forbidden, Permission, may, require
from zhijian.standards.calendar import statutory_day
from zhijian.standards.whole_number import whole_number

_ITEMS = 6  # lines of the form in which the leading unit writes a department's items


def _officer(request: HttpRequest) -> Officer:
    """Return the officer, of the leading side or of a department.

    Raises:
        Forbidden: neither.
    """
    wanted = Permission.WORK_JOINT if may(request.user, Permission.WORK_JOINT) else Permission.MANAGE_DRAW
    return require(request.user, wanted)


def _synthetic(plan: JointPlan) -> str:
    return "all" if plan.is_synthetic else ""


# -------------------------------------------------------------------------------------------------------- officers'


@never_cache
@login_required
def work_list(request: HttpRequest) -> HttpResponse:
    """The own department's joint inspections; for the leading unit also its draws that may still become one."""
    officer = _officer(request)
    problem, status = "", 200
    if request.method == "POST":
        draw = get_object_or_404(Draw, pk=whole_number(request.POST.get("draw", ""), most_digits=9) or 0)
        try:
            plan = services.open_plan(draw, by=officer, at=now())
            return redirect("work_joint_plan", plan=str(plan))
        except JointRefused as refused:
            problem, status = said(refused), refused.status
    leads = may(officer, Permission.MANAGE_DRAW)
    known = queries.plans_of(officer)
    asked = Participation.objects.filter(department=officer.organisation, plan__in=known).select_related(
        "answer"
    )
    own = {one.plan_id: one for one in asked}
    context = {
        "rows": [{"plan": one, "own": own.get(one.pk), "leads": one.organisation_id == officer.organisation_id} for one in known],
        "draws": _still_open(officer) if leads else [],
        "leads": leads,
        "problem": problem,
        "synthetic": "part" if any(one.is_synthetic for one in known) else "",
    }  # fmt: skip
    return render(request, "portal/joint/work_list.html", context, status=status)


def _own(plan: JointPlan, officer: Officer) -> Participation | None:
    return plan.participations.filter(department=officer.organisation).select_related("answer").first()


def _still_open(officer: Officer) -> list[Draw]:
    """Return the own draws without a seed that are not joint yet."""
    rows = Draw.objects.filter(organisation=officer.organisation, joint_plan=None, rehearsal=False)[:50]
    return [one for one in rows if policies.is_before_seed(one)]


@never_cache
@login_required
def work_plan(request: HttpRequest, plan: str) -> HttpResponse:
    """One joint inspection: the leading unit asks and gives out; a department answers and finds its own visits."""
    officer = _officer(request)
    found = get_object_or_404(JointPlan.objects.select_related("draw", "organisation"), draw__plan_id=plan)
    own = _own(found, officer)
    leads = policies.can_lead(found, officer)
    if own is None and not leads:
        raise Forbidden("您的单位不参加这次联合抽查。", "Your unit takes no part in this joint inspection.")
    problem, status = "", 200
    if request.method == "POST":
        try:
            _plan_act(request, found, own, officer)
            return redirect("work_joint_plan", plan=plan)
        except JointRefused as refused:
            problem, status = said(refused), refused.status
    context = _plan_context(found, own, officer, leads) | {"problem": problem, "typed": request.POST}
    return render(request, "portal/joint/work_plan.html", context, status=status)


def _plan_act(request: HttpRequest, plan: JointPlan, own: Participation | None, officer: Officer) -> None:
    act = request.POST.get("act", "")
    if act == "invite":
        unit = Organisation.objects.filter(code=request.POST.get("department", "")).first()
        if unit is None:
            raise JointRefused("请选一个参与部门。", "Choose a department.", status=422)
        services.invite(plan, unit, _typed_items(request), by=officer, at=now())
        messages.success(request, _("已通知这个部门，等它答复。"))
    elif act == "give_out":
        made = services.give_out(plan, by=officer, at=now())
        messages.success(request, _("已派到各部门：{n}项。").format(n=made))
    elif act == "join" and own is not None:
        services.join(own, request.POST.getlist("inspector"), by=officer, at=now())
        messages.success(request, _("已参加。名单已封存，抽签后按种子派人。"))
    elif act == "decline" and own is not None:
        services.decline(own, request.POST.get("reason", ""), by=officer, at=now())
        messages.success(request, _("已答复不参加。"))
    else:
        raise JointRefused("没有这项操作。", "There is no such act.", status=422)


def _typed_items(request: HttpRequest) -> list[tuple[str, str]]:
    pairs = [
        (request.POST.get(f"name-{n}", "").strip(), request.POST.get(f"basis-{n}", "").strip())
        for n in range(1, _ITEMS + 1)
    ]
    return [pair for pair in pairs if any(pair)]


def _plan_context(
    plan: JointPlan, own: Participation | None, officer: Officer, leads: bool
) -> dict[str, Any]:
    visits = queries.visits_of(own) if own else []
    people = queries.people_by_visit(visits)
    units = Organisation.objects.filter(level=policies.DEPARTMENT_LEVEL).exclude(participations__plan=plan)
    return {
        "plan": plan,
        "draw": plan.draw,
        "is_before_seed": policies.is_before_seed(plan.draw),
        "is_dispatched": plan.draw.dispatched_at is not None,
        "leads": leads,
        "parts": queries.parts_of(plan) if leads else [],
        "departments": units if leads else [],
        "lines": range(1, _ITEMS + 1),
        "own": own,
        "answer": getattr(own, "answer", None) if own else None,
        "due_on": rules.answer_by(statutory_day(own.invited_at)) if own else None,
        "colleagues": services.inspectors_of(own.department) if own else [],
        "visits": [_visit_row(one, people[one.pk], officer) for one in visits],
        "today": today(),
        "english": in_english(),
        "synthetic": _synthetic(plan),
    }


def _visit_row(visit: JointVisit, people: list[Officer], officer: Officer) -> dict[str, Any]:
    record = queries.newest(visit)
    done = record is not None and hasattr(record, "confirmation")
    return {
        "visit": visit,
        "people": people,
        "is_mine": officer.username in queries.team_of(visit),
        "state": "published" if done else "recorded" if record else "none",
    }


@never_cache
@login_required
def visit_page(request: HttpRequest, visit_id: int) -> HttpResponse:
    """A department's part of one visit: its own items, its own record, its own confirmation. The look is written down."""
    visit = get_object_or_404(
        JointVisit.objects.select_related(
            "participation__department", "participation__plan__draw", "check_record__task"
        ),
        pk=visit_id,
    )
    officer = require(request.user, Permission.WORK_JOINT)
    policies.check_department(visit.participation, officer)
    problem, field, status = "", "", 200
    if request.method == "POST":
        try:
            _visit_act(request, visit, officer)
            return redirect("work_joint_visit", visit_id=visit_id)
        except JointRefused as refused:
            problem, status = said(refused), refused.status
            field = refused.problems[0].field if refused.problems else ""
    else:
        record_look(
            officer, visit.check_record.uscc, "joint visit", at=now(), reason=visit.check_record.number
        )
    context = _visit_context(request, visit, officer) | {"problem": problem, "field": field}
    return render(request, "portal/joint/visit.html", context, status=status)


def _visit_act(request: HttpRequest, visit: JointVisit, officer: Officer) -> None:
    act, codes = request.POST.get("act", ""), [one["code"] for one in visit.participation.items]
    if act == "record":
        findings = {
            code: (request.POST.get(f"finding-{code}", ""), request.POST.get(f"note-{code}", ""))
            for code in codes
        }
        services.record(visit, findings, by=officer, at=now(), reason=request.POST.get("reason", ""))
        messages.success(request, _("已记下，等本部门另一名人员确认。"))
    elif act == "confirm":
        version = whole_number(request.POST.get("version", ""), most_digits=6) or 0
        services.confirm(visit, version, by=officer, at=now())
        messages.success(request, _("已确认并公开本部门的结果。"))
    elif act == "recuse":
        services.recuse(visit, request.POST.get("reason", ""), by=officer, at=now())
        messages.success(request, _("已记下回避，由下一签的人员去。"))
    else:
        raise JointRefused("没有这项操作。", "There is no such act.", status=422)


def _visit_context(request: HttpRequest, visit: JointVisit, officer: Officer) -> dict[str, Any]:
    record, team = queries.newest(visit), queries.team_of(visit)
    is_published = record is not None and hasattr(record, "confirmation")
    is_mine = officer.username in team
    return {
        "visit": visit,
        "check": visit.check_record,
        "plan": visit.participation.plan,
        "people": queries.people_of(visit),
        "is_mine": is_mine,
        "record": record,
        "is_published": is_published,
        "has_begun": visit.check_record.state is not State.DISPATCHED,
        "may_confirm": is_mine
        and record is not None
        and not is_published
        and record.recorded_by_id != officer.pk,
        "items": [_item(one, record, request) for one in visit.participation.items],
        "synthetic": "all" if visit.check_record.is_synthetic else "",
    }


def _item(one: dict[str, str], record: Any, request: HttpRequest) -> dict[str, Any]:
    code = one["code"]
    kept = record.findings.get(code, ["", ""]) if record else ["", ""]
    finding = request.POST.get(f"finding-{code}", kept[0])
    place = 1 if in_english() else 0
    return one | {
        "finding": kept[0],
        "words": rules.FINDINGS[kept[0]][place] if kept[0] else "",
        "note": request.POST.get(f"note-{code}", kept[1]),
        "choices": [(key, pair[place], key == finding) for key, pair in rules.FINDINGS.items()],
    }


# --------------------------------------------------------------------------------------------------------- public


def public_list(request: HttpRequest) -> HttpResponse:
    """Every joint inspection, newest first."""
    rows = JointPlan.objects.select_related("draw", "organisation")
    plans = list(rows.annotate(asked=Count("participations"))[:200])
    synthetic = "part" if any(one.is_synthetic for one in plans) else ""
    return render(
        request,
        "portal/joint/public_list.html",
        {"plans": plans, "synthetic": synthetic},
    )


def public_plan(request: HttpRequest, plan: str) -> HttpResponse:
    """One joint inspection for everybody: who takes part, with which items, and what each department published."""
    found = JointPlan.objects.select_related("draw", "organisation").filter(draw__plan_id=plan).first()
    if found is None:
        raise Http404
    results = queries.results_of(plan)
    if request.GET.get("format") == "csv":
        return csv_file(f"joint-{plan}.csv", _csv(results))
    context = {
        "plan": found,
        "draw": found.draw,
        "parts": queries.parts_of(found),
        "results": [_shown(one) for one in results],
        "english": in_english(),
        "synthetic": _synthetic(found),
    }
    return render(request, "portal/joint/public_plan.html", context)


def _shown(fact: Any) -> dict[str, Any]:
    place = 1 if in_english() else 0
    told = fact.payload
    return {
        "fact": fact,
        "department": told["department"],
        "check": told["check_id"],
        "on": fact.occurred_on,
        "items": [
            (one["name"], rules.FINDINGS[one["finding"]][place], one["finding"]) for one in told["items"]
        ],
    }


def _csv(results: list[Any]) -> list[list[Any]]:
    head = [
        "检查编号 check",
        "信用代码 code",
        "部门 department",
        "事项 item",
        "结论 finding",
        "日期 date",
        "合成数据 synthetic",
    ]
    return [
        head,
        *(
            [one.payload["check_id"], one.subject, one.payload["department"], item["name"],
             rules.FINDINGS[item["finding"]][0], one.occurred_on, int(one.is_synthetic)]
            for one in results
            for item in one.payload["items"]
        ),
    ]  # fmt: skip
