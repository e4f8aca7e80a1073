"""Annual reports: a firm fills in, sees what will be public, files and corrects; everybody reads."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from zhijian.apps.supervision.annual_reports import queries, rules, services
from zhijian.apps.supervision.annual_reports.contents import (
    BY_NAME,
    STATES,
    WAYS,
    Column,
    Field,
    Form,
    fields_of,
)
from zhijian.apps.supervision.annual_reports.models import Draft
from zhijian.apps.supervision.annual_reports.rules import Reporter, Standing
from zhijian.apps.supervision.annual_reports.services import (
    Firm,
    ReportIncomplete,
    ReportRefused,
    SavedMeanwhile,
)
from zhijian.apps.supervision.annual_reports.validating import MOST_ROWS
from zhijian.engines.registers import DeliveredFact, EntityRecord
from zhijian.portal.components.words import in_english
from zhijian.portal.views.business import for_firm, said
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import market_entities, now, today
from zhijian.security.models import BusinessPerson
from zhijian.security.permissions import OfFirm, may_for
from zhijian.standards.whole_number import whole_number

_SPARE_ROWS = 2


def standing_words() -> dict[str, str]:
    return {
        Standing.NOT_OWED: _("不用报"),
        Standing.NOT_DUE: _("还没有开始"),
        Standing.OPEN: _("该报了"),
        Standing.FILED: _("已按时报送"),
        Standing.CORRECTED: _("已按时报送，更正过"),
        Standing.OVERDUE: _("逾期未报，请尽快补报"),
        Standing.LATE_FILED: _("已补报"),
    }


def reporter_of(record: EntityRecord) -> Reporter:
    """Return a registered entity as the rules see it. The register does not say on which day an entity ended."""
    return Reporter(record.entity_kind_code, record.registered_on, record.status_code)


def firm_of(person: BusinessPerson) -> tuple[Firm, EntityRecord]:
    """Return the firm of a person as it stands on the register today."""
    register = market_entities()
    record = register.find(person.uscc) if register.is_ready else None
    if record is None:
        raise Http404
    return firm_from(record), record


def firm_from(record: EntityRecord) -> Firm:
    """Return a registered entity as it reports."""
    division = record.county_code or record.prefecture_code or ""
    return Firm(record.uscc, record.name, division, reporter_of(record), record.is_synthetic)


def years_of(firm: Firm, delivered: Iterable[DeliveredFact]) -> list[dict[str, Any]]:
    """Return the last three years, newest first, with where each report stands and by when it is due.

    `delivered`: what other systems delivered about the firm.
    """
    day, words = today(), standing_words()
    filed, reported = queries.filed_at(firm.uscc), queries.delivered_years(delivered)
    rows = []
    for year in range(day.year - 1, day.year - 4, -1):
        versions = filed.get(year, [])
        stands = rules.standing(
            firm.reporter, year, on=day, filed_at=versions[0] if versions else None,
            versions=len(versions) or 1,
        )  # fmt: skip
        elsewhere = not versions and year in reported
        rows.append({
            "year": year, "versions": len(versions), "due_on": rules.period_of(year)[1], "elsewhere": elsewhere,
            "words": _("已报送（其他系统交付的记录）") if elsewhere else words[stands],
            "is_owed": not elsewhere and stands in (Standing.OPEN, Standing.OVERDUE),
            "is_overdue": not elsewhere and stands is Standing.OVERDUE,
            "may_correct": bool(versions) and rules.may_correct(year, day),
        })  # fmt: skip
    return rows


def check_year(year: int) -> None:
    if not 2014 <= year <= 2200:
        raise Http404


@for_firm(OfFirm.READ)
def report_list(request: HttpRequest, person: BusinessPerson) -> HttpResponse:
    """The firm's years: what is owed, what was filed."""
    firm, _record = firm_of(person)
    context = {
        "person": person,
        "rows": years_of(firm, market_entities().delivered_facts(firm.uscc)),
        "may_file": may_for(person, OfFirm.FILE, uscc=person.uscc),
        "synthetic": "all" if firm.is_synthetic else "",
    }
    return render(request, "portal/annual_reports/list.html", context)


@for_firm(OfFirm.FILE)
def report_page(request: HttpRequest, person: BusinessPerson, year: int) -> HttpResponse:
    """Fill in, save, look at what will be public, and file or correct."""
    check_year(year)
    firm, record = firm_of(person)
    begun = queries.prefilled(firm.uscc, year, firm.reporter, record.address or "")
    filed = services.versions_of(firm.uscc, year)
    page: dict[str, Any] = {
        "person": person, "year": year, "filed": filed[0] if filed else None, "typed": begun.typed,
        "chosen": begun.chosen, "version": begun.version, "source": begun.source, "problems": [], "refused": "",
        "synthetic": "all" if firm.is_synthetic else "", "reason": request.POST.get("reason", "")[:300],
    }  # fmt: skip
    try:
        if request.method == "POST" and request.POST.get("act") == "file":
            return _file(request, person, firm, year, page)
        if request.method == "POST":
            return _save(request, person, firm, year, page)
        services.check_open(firm, year, now())
    except ReportIncomplete as wrong:
        page["problems"], page["refused"] = wrong.problems, said(wrong)
    except ReportRefused as refused:
        page["refused"] = said(refused)
    return _form(request, firm, page)


def _save(
    request: HttpRequest, person: BusinessPerson, firm: Firm, year: int, page: dict[str, Any]
) -> HttpResponse:
    page["typed"] = typed = typed_of(request, firm.kind)
    page["chosen"] = chosen = [name for name in request.POST.getlist("public") if name in BY_NAME]
    based_on = whole_number(request.POST.get("version", ""), most_digits=8) or 0
    try:
        draft = services.save_draft(firm, year, typed, chosen, based_on=based_on, by=person, at=now())
    except SavedMeanwhile:
        page["version"] = Draft.objects.filter(uscc=firm.uscc, year=year).count()
        raise
    page["version"] = draft.version
    if request.POST.get("act") != "preview":
        messages.success(request, _("已保存，还没有报。"))
        return redirect("my_report", year=year)
    values = services.whole(firm, year, typed)
    return _preview(request, firm, page, values)


def _file(
    request: HttpRequest, person: BusinessPerson, firm: Firm, year: int, page: dict[str, Any]
) -> HttpResponse:
    """File the version that was looked at; one that a colleague saved since is not filed unseen."""
    draft = Draft.objects.filter(uscc=firm.uscc, year=year).order_by("-version").first()
    if draft is None or str(draft.version) != request.POST.get("version"):
        raise ReportRefused(
            "您看过预览以后又有人保存了新的内容，请重新核对再报。",
            "Something newer was saved since the preview.",
        )
    page["typed"], page["chosen"], page["version"] = draft.typed, draft.chosen, draft.version
    if page["filed"] is None or page["filed"].values == services.whole(firm, year, draft.typed):
        made = services.file(firm, year, draft.typed, draft.chosen, by=person, at=now())
        messages.success(request, _("已报送并公示。") if not made.is_late else _("已补报并公示，记为逾期。"))
    else:
        services.correct(firm, year, draft.typed, draft.chosen, reason=page["reason"], by=person, at=now())
        messages.success(request, _("更正已公示，更正前的内容也还看得到。"))
    return redirect("my_reports")


def _form(request: HttpRequest, firm: Firm, page: dict[str, Any]) -> HttpResponse:
    wrong = {one.field: said_problem(one) for one in page["problems"]}
    page["fields"] = shown_fields(firm, page)
    page["wrong"] = list(wrong.items())
    page["drafts"] = Draft.objects.filter(uscc=firm.uscc, year=page["year"]).order_by("-version")[:10]
    page["is_open"] = page["problems"] or not page["refused"] or page["version"]
    status = 422 if page["refused"] else 200
    return render(request, "portal/annual_reports/form.html", page, status=status)


def shown_fields(firm: Firm, page: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the fields that a firm reports, as the form shows what was typed, chosen and is wrong."""
    wrong = {one.field: said_problem(one) for one in page["problems"]}
    may_choose = set(rules.may_choose(firm.kind))
    return [
        _shown(one, page["typed"].get(one.name), wrong, one.name in may_choose, one.name in page["chosen"])
        for one in fields_of(firm.kind)
    ]


def said_problem(problem: Any) -> str:
    return str(problem.message_en if in_english() else problem.message_zh)


def _shown(
    field: Field, value: Any, wrong: dict[str, str], may_choose: bool, is_chosen: bool
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": field.name, "label": field.en if in_english() else field.zh, "is_required": field.is_required,
        "problem": wrong.get(field.name, ""), "may_choose": may_choose, "is_chosen": is_chosen,
        "choices": [], "rows": [], "columns": [], "value": "" if isinstance(value, list) else value or "",
        "unit": _("元") if field.form in (Form.MONEY, Form.BALANCE) else "",
    }  # fmt: skip
    if field.form is Form.STATE:
        shown["choices"] = [(code, en if in_english() else zh) for code, (zh, en) in STATES.items()]
    if field.form is Form.ROWS:
        rows = value if isinstance(value, list) else []
        shown["columns"] = [one.en if in_english() else one.zh for one in field.columns]
        shown["rows"] = [
            [_cell(field, one, number, row, wrong) for one in field.columns]
            for number, row in enumerate([*rows, *({} for _ in range(_SPARE_ROWS))][:MOST_ROWS])
        ]
    return shown


def _cell(field: Field, column: Column, number: int, row: Any, wrong: dict[str, str]) -> dict[str, Any]:
    name = f"{field.name}-{number}-{column.name}"
    return {
        "name": name, "label": column.en if in_english() else column.zh, "problem": wrong.get(name, ""),
        "value": row.get(column.name) or "",
        "choices": [(code, WAYS[code][1 if in_english() else 0]) for code in column.choices],
    }  # fmt: skip


def typed_of(request: HttpRequest, kind: str) -> dict[str, Any]:
    """Return what was typed, as text; rows that are empty are left out."""
    typed: dict[str, Any] = {}
    for field in fields_of(kind):
        if field.form is not Form.ROWS:
            typed[field.name] = request.POST.get(field.name, "")[:400]
            continue
        rows = [
            {one.name: request.POST.get(f"{field.name}-{n}-{one.name}", "")[:400] for one in field.columns}
            for n in range(MOST_ROWS + 1)
        ]
        typed[field.name] = [row for row in rows if any(text.strip() for text in row.values())]
    return typed


def lines_of(kind: str, part: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the public part of a report as a page shows it."""
    lines = []
    for field in fields_of(kind):
        if field.name in part:
            value = part[field.name]
            lines.append({
                "label": field.en if in_english() else field.zh,
                "unit": _("元") if field.form in (Form.MONEY, Form.BALANCE) else "",
                "value": _worded(field.name, value) if not isinstance(value, list) else "",
                "columns": [one.en if in_english() else one.zh for one in field.columns],
                "rows": [[_worded(one.name, row.get(one.name)) for one in field.columns] for row in value]
                if isinstance(value, list) else [],
            })  # fmt: skip
    return lines


def _worded(name: str, value: Any) -> Any:
    known = STATES if name == "state" else WAYS if name == "way" else {}
    return known[value][1 if in_english() else 0] if value in known else "" if value is None else value


def _preview(request: HttpRequest, firm: Firm, page: dict[str, Any], values: dict[str, Any]) -> HttpResponse:
    public = rules.public_part(firm.kind, values, services.allowed(firm, page["chosen"]))
    hidden = [
        one
        for one in fields_of(firm.kind)
        if values.get(one.name) not in (None, "", []) and one.name not in public
    ]
    context = page | {
        "lines": lines_of(firm.kind, public),
        "hidden": [one.en if in_english() else one.zh for one in hidden],
        "is_late": rules.is_late(page["year"], now()),
        "is_correction": page["filed"] is not None and page["filed"].values != values,
    }
    return render(request, "portal/annual_reports/preview.html", context)


# ------------------------------------------------------------------------------------------------------ everybody's


def public_report(request: HttpRequest, uscc: str, year: int) -> HttpResponse:
    """A firm's report of a year, every version, as far as it is public."""
    check_year(year)
    versions = services.public_versions(uscc, year)
    if not versions:
        raise Http404
    newest = versions[0][0]
    if request.GET.get("format") == "csv":
        rows: list[list[Any]] = [
            ["年度 year", "版本 version", "报送时间 filed at", "项目 item", "内容 value"]
        ]
        for one, part in versions:
            rows += [
                [year, one.version, one.filed_at.isoformat(), name, value] for name, value in part.items()
            ]
        return csv_file(f"annual-report-{uscc}-{year}.csv", rows)
    context = {
        "newest": newest,
        "versions": [(one, lines_of(one.kind, part)) for one, part in versions],
        "year": year,
        "synthetic": "all" if newest.is_synthetic else "",
    }
    return render(request, "portal/annual_reports/public.html", context)
