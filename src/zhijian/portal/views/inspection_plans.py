"""Annual plans of inspections: for everybody by unit and year, and for planners line by line up to publication."""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhijian.apps.supervision.inspection.frame import officer_of, officers_only, words_of
from zhijian.apps.supervision.planning import plans, reckoning
from zhijian.apps.supervision.planning.models import AnnualPlan, PlanEvent
from zhijian.apps.supervision.planning.plans import PlanRefused, Typed
from zhijian.apps.supervision.planning.reckoning import Load, Reckoned
from zhijian.apps.supervision.planning.registers import DEPARTMENTS
from zhijian.apps.supervision.planning.rules import Kind, State, Verb
from zhijian.datazone.lake import Lake
from zhijian.infrastructure.home import current_home
from zhijian.infrastructure.language import in_english
from zhijian.portal.components import bar_chart, drawing_words, item_words
from zhijian.portal.components.bar_chart import BarChart
from zhijian.portal.views.downloads import csv_file
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, may, require
from zhijian.standards import divisions
from zhijian.standards.calendar import statutory_day

_SHOWN_UNITS = 12  # on the page; the file has all
COLUMNS = ("task", "month", "tags", "items", "departments", "visits", "objects", "kind")


def kind_words() -> dict[str, str]:
    return {Kind.RANDOM: _("随机抽查"), Kind.FULL: _("全覆盖检查"), Kind.SPECIAL: _("专项检查")}


def state_words() -> dict[str, str]:
    return {
        State.DRAFT: _("编制中"),
        State.FILED: _("已报备，等待公布"),
        State.PUBLISHED: _("已公布"),
        State.ADJUSTING: _("调整中，原计划有效"),
    }


def verb_words() -> dict[str, str]:
    return {
        Verb.DRAFT: _("开始编制"),
        Verb.FILE: _("报上一级备案"),
        Verb.RETURN: _("退回"),
        Verb.PUBLISH: _("公布"),
        Verb.ADJUST: _("开始调整"),
        Verb.ALLOW: _("允许低于约束性比例公布"),
    }


def _department(code: str) -> str:
    label = next((one.label for one in DEPARTMENTS if one.value == code), None)
    return (label.en if in_english() else label.zh) if label else code


def _tags(tags: Sequence[str], names: Mapping[str, str]) -> str:
    """Return whom a task is about, in words."""
    has = [names.get(tag, tag) for tag in tags if not tag.startswith("-")]
    lacks = [names.get(tag[1:], tag[1:]) for tag in tags if tag.startswith("-")]
    if not has and not lacks:
        return _("全部对象")
    words = [_("带标签“%(tag)s”") % {"tag": name} for name in has]
    words += [_("不带标签“%(tag)s”") % {"tag": name} for name in lacks]
    return (", " if in_english() else "、").join(words)


def _place(code: str) -> str:
    """Name a unit's area in the language of the page."""
    english = divisions.name_in_english(code) if in_english() else None
    return english or divisions.full_name(code) or code


def _task_rows(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    kinds, tags = kind_words(), item_words.tags_named(content.get("tags", {}))
    named = item_words.named(
        {code: name for task in content["tasks"] for code, name in task["items"].items()}
    )
    return [
        {
            **task,
            "named": [drawing_words.marked(name, named[code]) for code, name in task["items"].items()],
            "whom": _tags(task["tags"], tags),
            "kind_words": kinds[task["kind"]],
            "is_random": task["kind"] != Kind.FULL,
            "answering": [(_department(name), codes) for name, codes in task["departments"].items()],
            "is_joint": len(task["departments"]) > 1,
            "percent": f"{100 * task['visits'] / task['objects']:.2f}%" if task["objects"] else "",
        }
        for task in content["tasks"]
    ]


def _by_month(content: Mapping[str, Any]) -> BarChart:
    counts = dict.fromkeys(range(1, 13), 0)
    for task in content["tasks"]:
        counts[task["month"]] += task["visits"]
    rows = [(_month(month), float(n), f"{n:,}") for month, n in counts.items() if n]
    return bar_chart.bars(_("各月检查次数"), rows)


def _month(month: int) -> str:
    return calendar.month_name[month] if in_english() else f"{month}月"


def _csv_rows(content: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    yield COLUMNS
    for task in content["tasks"]:
        yield (
            task["number"], task["month"], " ".join(task["tags"]), " ".join(task["items"]), " ".join(task["departments"]),
            task["visits"], task["objects"], task["kind"],
        )  # fmt: skip


@require_safe
def public_list(request: HttpRequest) -> HttpResponse:
    """Every published plan, the province's first; by year."""
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else None
    found = plans.published_plans(year)
    rows = [{"plan": plan, "event": event, "content": event.content} for plan, event in found]
    years = sorted(set(AnnualPlan.objects.values_list("year", flat=True)), reverse=True)
    context = {
        "rows": rows,
        "year": year,
        "years": years,
        "synthetic": "part" if any(plan.is_synthetic for plan, _event in found) else "",
    }
    return render(request, "portal/plans/list.html", context)


@require_safe
def public_plan(request: HttpRequest, number: str) -> HttpResponse:
    """A plan as it was published, its newest version or an older one; also as CSV."""
    plan = get_object_or_404(AnnualPlan.objects.select_related("organisation"), number=number)
    versions = plans.published_versions(plan)
    asked = request.GET.get("version", "")
    event = next((one for one in versions if not asked or str(one.content["version"]) == asked), None)
    if event is None:
        raise Http404
    content = event.content
    if request.GET.get("format") == "csv":
        mark = "_SYNTHETIC" if plan.is_synthetic else ""
        return csv_file(f"plan-{plan.number}-{content['version']}{mark}.csv", _csv_rows(content))
    context = {
        "plan": plan,
        "event": event,
        "content": content,
        "saved": content["alone"] - content["joined"],
        "gap": content["joined"] - content["least"],
        "tasks": _task_rows(content),
        "chart": _by_month(content),
        "remarks": _remarks(content["remarks"]),
        "versions": versions,
        "is_newest": event == versions[0],
        "synthetic": "all" if plan.is_synthetic else "",
    }
    return render(request, "portal/plans/plan.html", context)


def _remarks(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "words": row["en"] if in_english() else row["zh"]} for row in rows]


@require_http_methods(["GET", "POST"])
@officers_only
def work_list(request: HttpRequest) -> HttpResponse:
    """Plans of the officer's area, and a new one of the own unit."""
    officer = require(request.user, Permission.VIEW_WORKBENCH)
    refusal = ""
    if request.method == "POST":
        try:
            typed = request.POST.get("year", "")
            plan = plans.open_plan(
                int(typed) if typed.isdecimal() and len(typed) < 5 else 0, by=officer, at=timezone.now()
            )
            return redirect("work_plan", number=plan.number)
        except PlanRefused as problem:
            refusal = words_of(problem)
    unit = reckoning.planner_of(officer)
    found = AnnualPlan.objects.filter(organisation__division_code__startswith=unit.territory).select_related(
        "organisation"
    )
    today = statutory_day(timezone.now())
    context = {
        "rows": [(plan, state_words()[plan.state]) for plan in found],
        "may_plan": may(officer, Permission.PLAN_INSPECTIONS),
        "years": (today.year, today.year + 1),
        "refusal": refusal,
        "synthetic": "part" if any(plan.is_synthetic for plan in found) else "",
    }
    return render(request, "portal/plans/work_list.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "POST"])
@officers_only
def work_plan(request: HttpRequest, number: str) -> HttpResponse:
    """One plan: its lines, what merging gives, what the law says, who has to do it when, and the next step."""
    officer = officer_of(request)
    plan = get_object_or_404(AnnualPlan.objects.select_related("organisation"), number=number)
    require(officer, Permission.VIEW_WORKBENCH, division=plan.organisation.division_code)
    refusal = ""
    if request.method == "POST":
        try:
            messages.success(request, _act(request, plan, officer))
            return redirect("work_plan", number=plan.number)
        except (PlanRefused, Forbidden) as problem:
            refusal = words_of(problem)
            plan.refresh_from_db()
    reckoned = Reckoned(plan, on=statutory_day(timezone.now()))
    if request.GET.get("format") == "csv":
        return csv_file(f"workload-{plan.number}.csv", _load_rows(reckoned))
    context = _context(request, plan, officer, reckoned) | {"refusal": refusal}
    return render(request, "portal/plans/work_plan.html", context, status=422 if refusal else 200)


def _act(request: HttpRequest, plan: AnnualPlan, officer: Officer) -> str:
    """Do what the form asks, and say it."""
    data, at, lake = request.POST, timezone.now(), Lake(current_home().lake)
    seen = int(text) if (text := data.get("seen", "")).isdecimal() and len(text) < 10 else 0
    match data.get("act"):
        case "add":
            names = ("item_code", "tag", "percent", "first_month", "last_month", "kind")
            plans.add_need(
                plan, Typed(*(data.get(name, "") for name in names)), lake, seen=seen, by=officer, at=at
            )
            return _("已加入计划，任务已重新合并。")
        case "remove":
            line = data.get("need", "")
            need_id = int(line) if line.isdecimal() and len(line) < 18 else 0
            plans.remove_need(plan, need_id, lake, seen=seen, by=officer, at=at)
            return _("已从计划中去掉，任务已重新合并。")
        case "file":
            plans.file(plan, seen=seen, by=officer, at=at)
            return _("已报上一级备案。")
        case "return":
            plans.send_back(plan, data.get("reason", ""), by=officer, at=at)
            return _("已退回，理由已记下。")
        case "allow":
            plans.allow_below(plan, data.get("reason", ""), by=officer, at=at)
            return _("理由已记下，公布时一并公开。")
        case "publish":
            plans.publish(plan, by=officer, at=at)
            return _("已公布。任何人都可以查阅。")
        case "adjust":
            plans.adjust(plan, data.get("reason", ""), by=officer, at=at)
            return _("可以调整了。重新公布之前，原计划有效。")
    raise Http404


def _context(request: HttpRequest, plan: AnnualPlan, officer: Officer, reckoned: Reckoned) -> dict[str, Any]:
    may_write = plans.may_write(plan, officer)
    is_own = officer.organisation_id == plan.organisation_id
    content = plans.content_of(reckoned, 0)
    versions = plans.published_versions(plan)
    units = _units(reckoned.loads)
    named = item_words.named({key: one.name for key, one in reckoned.items.items()})
    tags = item_words.tags_named(reckoned.tags)
    return {
        "plan": plan,
        "reckoned": reckoned,
        "needs": [_need_row(row, reckoned, named, tags) for row in reckoned.rows],
        "tasks": _task_rows(content),
        "remarks": _remarks(content["remarks"]),
        "merged": reckoned.merged,
        "chart": _workload(reckoned),
        "months": [(month, _month(month)) for month in range(1, 13)],
        "units": units[:_SHOWN_UNITS],
        "units_left": len(units[_SHOWN_UNITS:]),
        "short": sum(load.is_too_much for load in reckoned.loads),
        "state": state_words()[plan.state],
        "events": [(event, verb_words()[event.verb]) for event in plan.events.select_related("actor")],
        "published": versions[0] if versions else None,
        "draws": _draws(plan, versions[0]) if versions and is_own and may(officer, Permission.MANAGE_DRAW) else [],
        "is_written": may_write and plan.state in (State.DRAFT, State.ADJUSTING),
        "may_return": plan.state == State.FILED and _is_above(plan, officer),
        "may_allow": plan.state == State.FILED and _may_allow(plan, officer, reckoned),
        "may_publish": plan.state == State.FILED and is_own and may(officer, Permission.PUBLISH_PLAN),
        "may_adjust": plan.state == State.PUBLISHED and may_write,
        "items": [(key, f"{key} {named[key]}") for key in reckoned.items],
        "tags": list(tags.items()),
        "kinds": list(kind_words().items()),
        "data": request.POST,
        "synthetic": "all" if plan.is_synthetic else "",
    }  # fmt: skip


def _need_row(
    row: Any, reckoned: Reckoned, named: Mapping[str, str], tags: Mapping[str, str]
) -> dict[str, Any]:
    item = reckoned.items.get(row.item_code)
    whom = tags.get(row.tag, row.tag) if row.tag else _("全部对象")
    return {
        "row": row, "name": drawing_words.marked(item.name, named[row.item_code]) if item else "", "whom": whom, "kind": kind_words()[row.kind],
        "first": _month(row.first_month), "last": _month(row.last_month),
    }  # fmt: skip


def _is_above(plan: AnnualPlan, officer: Officer) -> bool:
    try:
        plans.check_above(plan, officer)
    except Forbidden:
        return False
    return True


def _may_allow(plan: AnnualPlan, officer: Officer, reckoned: Reckoned) -> bool:
    if reckoned.shortfall is None or plans.allowance(plan) is not None:
        return False
    try:
        plans.check_allows(plan, officer)
    except Forbidden:
        return False
    return True


def _workload(reckoned: Reckoned) -> BarChart | None:
    rows = [
        (_month(month), float(visits), f"{visits:,} / {capacity:,}")
        for month, visits, capacity in reckoned.by_month()
        if visits
    ]
    return bar_chart.bars(_("各月检查次数 / 检查人员可承担的次数"), rows) if rows else None


def _units(loads: Sequence[Load]) -> list[dict[str, Any]]:
    """Return a row for each unit with visits: those of the year, capacity, and the months in which it cannot do them.

    Those with most such months come first.
    """
    found: dict[str, list[Load]] = {}
    for load in loads:
        found.setdefault(load.division, []).append(load)
    rows: list[dict[str, Any]] = [
        {
            "name": _place(division),
            "visits": sum(one.visits for one in own),
            "capacity": sum(one.capacity for one in own),
            "short": [_month(one.month) for one in own if one.is_too_much],
        }
        for division, own in found.items()
    ]
    return sorted(
        (row for row in rows if row["visits"]), key=lambda row: (-len(row["short"]), -row["visits"])
    )


def _load_rows(reckoned: Reckoned) -> Iterator[Sequence[Any]]:
    yield ("division", "name", "month", "visits", "capacity")
    for load in reckoned.loads:
        yield (
            load.division,
            divisions.full_name(load.division) or "",
            load.month,
            load.visits,
            load.capacity,
        )


def _draws(plan: AnnualPlan, event: PlanEvent) -> list[tuple[str, str]]:
    """Return the published tasks that are drawn, each with the address of a draw's form filled from it."""
    return [
        (task["number"], f"/work/draws/new/?{urlencode(_prefill(plan, event, task), doseq=True)}")
        for task in event.content["tasks"]
        if task["kind"] != Kind.FULL and task["objects"]
    ]


def _prefill(plan: AnnualPlan, event: PlanEvent, task: Mapping[str, Any]) -> dict[str, Any]:
    last = calendar.monthrange(plan.year, task["month"])[1]
    return {
        "plan_id": task["number"],
        "task": task["number"],
        "title": f"{plan.title}：{_month_zh(task['month'])}抽查任务{task['number'].rsplit('-', 1)[1]}",
        "items": list(task["items"]),
        "division": plan.organisation.division_code[:6],
        "tags": ",".join(task["tags"]),
        "rate-A": -(-task["visits"] * 10_000 // task["objects"]),
        "inspection_until": date(plan.year, task["month"], last).isoformat(),
        "subjects": "synthetic" if plan.is_synthetic else "real",
    }


def _month_zh(month: int) -> str:
    return f"{month}月"
