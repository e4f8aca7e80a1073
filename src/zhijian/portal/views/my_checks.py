"""What a firm reads of a check of itself: the record, what it must put right and by when, the papers it received, how to object."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from zhijian.apps.supervision.inspection import orders, rules, site_papers, site_rules
from zhijian.apps.supervision.inspection import queries as inspections
from zhijian.apps.supervision.inspection.models import Check, CheckResult
from zhijian.apps.supervision.inspection.rules import State
from zhijian.engines.documents import taking
from zhijian.portal.components.words import in_english
from zhijian.portal.views.business import for_firm
from zhijian.security.models import BusinessPerson
from zhijian.security.permissions import OfFirm


def papers_of_firm(uscc: str, day: date) -> list[dict[str, Any]]:
    """Return the papers that the firm received this year and last, the newest first."""
    rows = site_papers.delivered_to(uscc, since=date(day.year - 1, 1, 1))
    return [_paper(check, paper) for check, paper in rows]


def _paper(check: Check, paper: site_papers.SitePaper) -> dict[str, Any]:
    delivered_on = paper.delivered_on
    return {
        "check": check,
        "paper": paper,
        "document": paper.document,
        "way": paper.deliveries[0].way,
        "delivered_on": delivered_on,
        "remedies": site_rules.remedies_of_order(delivered_on) if paper.is_order and delivered_on else None,
    }


@for_firm(OfFirm.READ)
def record_page(request: HttpRequest, person: BusinessPerson, check_id: int) -> HttpResponse:
    """The record of one check of the firm, once both inspectors stand behind it; before, and of others, there is none."""
    rows = Check.objects.select_related("task", "organisation", "inspector_first", "inspector_second")
    check = rows.filter(pk=check_id, uscc=person.uscc).first()
    if check is None or not site_papers.may_firm_read(check):
        raise Http404
    result = check.result
    assert result is not None, "a confirmed check has a result"
    papers = [_paper(check, one) for one in site_papers.papers_of(check) if one.deliveries]
    received = orders.received_on(check)
    context = {
        "person": person,
        "check": check,
        "result": result,
        "items": _items(result),
        "orders": [
            replace(one, due_on=site_rules.order_ends_on(one.kind, one.due_on, delivered_on=received))
            for one in site_papers.orders_of(result)
        ],
        "papers": papers,
        "order": next((one for one in papers if one["paper"].is_order), None),
        "is_published": check.state == State.PUBLISHED,
        "publication_due": rules.publication_due_on(result.completed_on),
        "english": in_english(),
        "synthetic": "all" if check.is_synthetic else "",
    }
    return render(request, "portal/my/record.html", context)


def _items(result: CheckResult) -> list[dict[str, Any]]:
    rows = result.item_results.select_related("item").order_by("item__code")
    return [
        {
            "item": row.item,
            "finding": row.finding,
            "words": inspections.FINDING_WORDS[rules.Finding(row.finding)][in_english()],
            "note": row.note,
        }
        for row in rows
    ]


@for_firm(OfFirm.READ)
def paper_file(request: HttpRequest, person: BusinessPerson, document_id: UUID) -> HttpResponse:
    """The PDF of a paper that this firm received; what it did not receive is not there."""
    rows = site_papers.delivered_to(person.uscc, since=date.min)
    document = next((paper.document for _, paper in rows if paper.document.pk == document_id), None)
    return taking.pdf(document)
