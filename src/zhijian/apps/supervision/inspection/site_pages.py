"""The page of a check's papers: make the record or the order, print it at any width, hand it to the firm."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhijian.apps.supervision.inspection import entries, orders, policies, site_papers, site_rules
from zhijian.apps.supervision.inspection.frame import officer_of, officers_only, words_of
from zhijian.apps.supervision.inspection.models import Check
from zhijian.apps.supervision.inspection.site_papers import KINDS
from zhijian.apps.supervision.inspection.site_rules import Delivery
from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.documents.models import Document
from zhijian.security.audit import record_look
from zhijian.security.models import Officer


@require_http_methods(["GET", "POST"])
@officers_only
def papers(request: HttpRequest, check_id: int) -> HttpResponse:
    """List the papers of a check; the two inspectors make and deliver them here."""
    rows = Check.objects.select_related("task", "organisation", "inspector_first", "inspector_second")
    check, officer = get_object_or_404(rows, pk=check_id), officer_of(request)
    policies.check_view(check, officer)
    refusal: policies.Refused | DocumentRefused | None = None
    if request.method == "POST":
        try:
            _act(request, check, officer)
            return redirect("work_site_papers", check_id=check.pk)
        except (policies.Refused, DocumentRefused) as problem:
            if isinstance(problem, policies.WrongPerson):
                raise
            refusal = problem
    else:
        record_look(officer, check.uscc, "site_papers", at=timezone.now(), reason=check.number)
    context = _context(request, check, officer) | {"refusal": refusal and words_of(refusal)}
    return render(request, "inspection/papers.html", context, status=422 if refusal else 200)


def _act(request: HttpRequest, check: Check, officer: Officer) -> None:
    if request.POST.get("action") == "deliver":
        number = entries.key_of(request.POST.get("paper"))
        document = get_object_or_404(Document, pk=number, owner_kind=orders.OF_SITE)
        site_papers.deliver(check, document, _delivery(request), by=officer, at=timezone.now())
        messages.success(request, gettext("已记下送达。企业在“我的企业”可以看到这份文书。"))
        return
    site_papers.write(check, request.POST.get("kind", ""), by=officer, at=timezone.now())
    messages.success(request, gettext("已出具。可以打印，或者送达企业。"))


def _delivery(request: HttpRequest) -> Delivery:
    form = request.POST
    return Delivery(
        way=form.get("way", ""),
        receiver=form.get("receiver", "")[:100],
        has_consent=form.get("has_consent") == "on",
        reason=form.get("reason", "")[:200],
    )


def _context(request: HttpRequest, check: Check, officer: Officer) -> dict[str, Any]:
    made = site_papers.papers_of(check)
    is_mine = officer in check.inspectors
    return {
        "check": check,
        "papers": made,
        "is_mine": is_mine,
        "may_write": [kind for kind in KINDS if is_mine and _is_open(check, kind, made)],
        "ways": _ways(),
        "typed": request.POST,
        "synthetic": check.is_synthetic,
        "field_api": "/work/field",
        "officer_id": request.user.pk,
    }


def _is_open(check: Check, kind: str, made: list[site_papers.SitePaper]) -> bool:
    """Say whether the page offers to make a paper: it can be made now, and the newest result has none yet."""
    result = check.result
    has_order = bool(site_papers.orders_of(result))
    if result is None or site_rules.paper_problems(kind, check.state, has_order=has_order):
        return False
    return not any(one.document.template == kind and one.version == result.version for one in made)


def _ways() -> list[tuple[str, str]]:
    return [
        (site_rules.Way.IN_PERSON, gettext("当面交付")),
        (site_rules.Way.ONLINE, gettext("送到企业自己的页面")),
        (site_rules.Way.LEFT, gettext("拒收，留置")),
    ]


urlpatterns = [path("checks/<int:check_id>/papers/", papers, name="work_site_papers")]
