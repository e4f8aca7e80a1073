"""The business's own page: what is on record about it, what is due, and who visited it on which basis."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.apps.supervision.inspection import objecting
from zhijian.apps.supervision.inspection import queries as inspections
from zhijian.apps.supervision.inspection import visits as inspection_visits
from zhijian.engines.registers import DeliveredFact
from zhijian.portal.components.words import in_english
from zhijian.portal.views import my_checks, my_class, my_sections
from zhijian.portal.views.annual_reports import firm_of, years_of
from zhijian.portal.views.business import for_firm
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.entities import entries_of
from zhijian.portal.views.objections import own_objections
from zhijian.portal.views.register import market_entities, today
from zhijian.security.models import BusinessPerson
from zhijian.security.permissions import OfFirm, may_for


@for_firm(OfFirm.READ)
def my_page(request: HttpRequest, person: BusinessPerson) -> HttpResponse:
    """What is due, what is on public record today, and the visits of the year with their basis and cap."""
    firm, record = firm_of(person)
    register, day = market_entities(), today()
    entries = entries_of(register, record, day, inspections.results_of(firm.uscc))
    visits = inspection_visits.visits_of(firm.uscc, day.year)
    delivered = register.delivered_facts(firm.uscc)
    due = _due(firm, delivered)
    sections = my_sections.of_firm(firm.uscc, on=day, delivered=delivered)
    if request.GET.get("format") == "csv":
        return csv_file(f"my-{firm.uscc}-{day}.csv", _csv(due, entries, visits, sections))
    context = {
        "person": person,
        "record": record,
        "due": due,
        "may_file": may_for(person, OfFirm.FILE, uscc=person.uscc),
        "entries": entries,
        "visits": visits,
        "sections": sections,
        "cap": inspection_visits.cap_of(visits),
        "papers": my_checks.papers_of_firm(firm.uscc, day),
        "open_checks": objecting.open_to_objection(firm.uscc),
        "objections": own_objections(firm.uscc),
        "class_is_shown": my_class.is_shown(day),
        "own_class": my_class.of_firm(register, firm.uscc, on=day),
        "today": day,
        "english": in_english(),
        "synthetic": "all" if firm.is_synthetic else "",
    }
    return render(request, "portal/my/index.html", context)


def _due(firm: Any, delivered: list[DeliveredFact]) -> list[dict[str, Any]]:
    """Return what the firm has to do, what is overdue first."""
    rows = [
        {
            "words": _("报%(year)s年度报告") % {"year": row["year"]}, "due_on": row["due_on"],
            "is_overdue": row["is_overdue"], "href": f"/my/reports/{row['year']}/",
            "basis": "《企业信息公示暂行条例》第八条",
        }
        for row in years_of(firm, delivered) if row["is_owed"]
    ]  # fmt: skip
    for due_on, article in inspection_visits.orders_of(firm.uscc):
        late = due_on is not None and due_on < today()
        rows.append(
            {
                "words": _("按责令改正的要求改好"),
                "due_on": due_on,
                "is_overdue": late,
                "href": "",
                "basis": article,
            }
        )
    for one in my_sections.due(firm.uscc):
        late = one["due_on"] < today()
        rows.append(one | {"is_overdue": late, "href": ""})
    return sorted(rows, key=lambda row: (not row["is_overdue"], str(row["due_on"] or "9999")))


def _csv(
    due: list[dict[str, Any]], entries: list[Any], visits: list[Any], sections: list[Any]
) -> list[list[Any]]:
    rows: list[list[Any]] = [["类别 kind", "日期 day", "内容 what", "说明 detail", "依据 basis"]]
    rows += [["待办 due", one["due_on"] or "", one["words"], "", one["basis"]] for one in due]
    rows += [["公示 record", one.day, one.title, one.detail, one.basis] for one in entries]
    rows += [
        [f"{part.title} {part.key}", one.since or "", one.title, one.detail, part.source]
        for part in sections
        for one in part.rows
    ]
    return rows + [
        ["检查 visit", one.began_at.date(), one.title, item.name, item.legal_basis]
        for one in visits
        for item in one.items
    ]
