"""即时信息: a firm publishes what arose within twenty working days and corrects it; everybody reads every version."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from zhijian.apps.supervision.annual_reports.contents import Form
from zhijian.apps.supervision.annual_reports.instant_information import services
from zhijian.apps.supervision.annual_reports.instant_information.contents import FIELDS, TITLES
from zhijian.apps.supervision.annual_reports.instant_information.models import Information
from zhijian.apps.supervision.annual_reports.rules import instant_information_due_on
from zhijian.apps.supervision.annual_reports.services import ReportIncomplete, ReportRefused
from zhijian.portal.components.words import in_english
from zhijian.portal.views.annual_reports import firm_of, said_problem
from zhijian.portal.views.business import for_firm, said
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, typed_day
from zhijian.security.models import BusinessPerson
from zhijian.security.permissions import OfFirm, may_for
from zhijian.standards.whole_number import whole_number


def _pair(pair: tuple[str, str]) -> str:
    return pair[1] if in_english() else pair[0]


@for_firm(OfFirm.READ)
def information_list(request: HttpRequest, person: BusinessPerson) -> HttpResponse:
    """What was published, and what to publish when it arises."""
    firm, _record = firm_of(person)
    context = {
        "person": person,
        "rows": [(one, _pair(TITLES[one.kind]), lines_of(one)) for one in services.newest(firm.uscc)],
        "kinds": [(kind, _pair(words)) for kind, words in TITLES.items()],
        "owes": services.owes(firm),
        "may_file": may_for(person, OfFirm.FILE, uscc=person.uscc),
        "synthetic": "all" if firm.is_synthetic else "",
    }
    return render(request, "portal/instant_information/list.html", context)


@for_firm(OfFirm.FILE)
def information_form(request: HttpRequest, person: BusinessPerson, kind: str) -> HttpResponse:
    """Publish one piece, or correct the one that `?number=` names."""
    if kind not in TITLES:
        raise Http404
    firm, _record = firm_of(person)
    number = whole_number(request.GET.get("number", ""), most_digits=6)
    before = next(
        (one for one in services.newest(firm.uscc) if one.number == number and one.kind == kind), None
    )
    if number is not None and before is None:
        raise Http404
    typed: dict[str, str] = {}
    if request.method == "POST":
        typed = {one.name: request.POST.get(one.name, "")[:400] for one in FIELDS[kind]}
        typed["arose_on"] = request.POST.get("arose_on", "")[:10]
    elif before is not None:
        typed = {name: "" if value is None else str(value) for name, value in before.values.items()}
        typed["arose_on"] = before.arose_on.isoformat()
    problems: dict[str, str] = {}
    refused = ""
    if request.method == "POST":
        try:
            day, reason = typed_day(typed["arose_on"]), request.POST.get("reason", "")
            if before is None:
                made = services.publish(firm, kind, typed, day, by=person, at=now())
            else:
                made = services.correct(firm, before.number, typed, day, reason=reason, by=person, at=now())
            messages.success(request, _("已公示，但晚于20个工作日。") if made.is_late else _("已公示。"))
            return redirect("my_information")
        except ReportIncomplete as wrong:
            refused, problems = said(wrong), {one.field: said_problem(one) for one in wrong.problems}
        except ReportRefused as other:
            refused = said(other)
    context = {
        "person": person,
        "title": _pair(TITLES[kind]),
        "fields": [_shown(one, typed, problems) for one in FIELDS[kind]],
        "arose_on": typed.get("arose_on", ""),
        "problems": list(problems.items()),
        "arose_problem": problems.get("arose_on", ""),
        "refused": refused,
        "before": before,
        "reason": request.POST.get("reason", "")[:300],
        "synthetic": "all" if firm.is_synthetic else "",
    }
    return render(request, "portal/instant_information/form.html", context, status=422 if refused else 200)


def _shown(field: Any, typed: dict[str, str], problems: dict[str, str]) -> dict[str, Any]:
    return {
        "name": field.name, "label": _pair((field.zh, field.en)), "value": typed.get(field.name, ""),
        "problem": problems.get(field.name, ""), "is_required": field.is_required, "is_day": field.form is Form.DAY,
        "choices": [(code, _pair(words)) for code, words in field.choices.items()],
    }  # fmt: skip


def lines_of(one: Information) -> list[tuple[str, Any]]:
    """Return the names and values of a piece, empty ones left out."""
    lines = []
    for field in FIELDS[one.kind]:
        value = one.values.get(field.name)
        if value not in (None, ""):
            lines.append(
                (_pair((field.zh, field.en)), _pair(field.choices[value]) if field.choices else value)
            )
    return lines


def public_information(request: HttpRequest, uscc: str) -> HttpResponse:
    """Everything a firm published when it arose, every version, as everybody may read it."""
    rows = services.versions_of(uscc)
    if not rows:
        raise Http404
    if request.GET.get("format") == "csv":
        head: list[Any] = ["编号 number", "版本 version", "类别 kind", "形成 arose on", "公示 published", "逾期 late",
                           "项目 item", "内容 value"]  # fmt: skip
        body: list[list[Any]] = [
            [one.number, one.version, TITLES[one.kind][0], one.arose_on, one.filed_at.isoformat(), int(one.is_late),
             name, value]
            for one in rows for name, value in one.values.items()
        ]  # fmt: skip
        return csv_file(f"information-{uscc}.csv", [head, *body])
    newest: set[int] = set()
    shown = []
    for one in rows:
        shown.append((one, _pair(TITLES[one.kind]), lines_of(one), one.number not in newest,
                      instant_information_due_on(one.arose_on)))  # fmt: skip
        newest.add(one.number)
    context = {"first": rows[0], "rows": shown, "synthetic": "all" if rows[0].is_synthetic else ""}
    return render(request, "portal/instant_information/public.html", context)
