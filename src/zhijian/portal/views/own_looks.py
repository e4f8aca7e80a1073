"""谁看过我的档案: a firm by its account, and a person by the receipt, see who looked, when and why; and ask about their data."""

import os
from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhijian.apps.consumer.complaints.models import Submission
from zhijian.apps.consumer.complaints.public_pages import public_page, show, with_status
from zhijian.apps.supervision.case_checks.models import CaseCheck
from zhijian.apps.supervision.inspection.models import Check
from zhijian.apps.supervision.inspection.rules import State
from zhijian.engines.data_protection import looks_told, requesting
from zhijian.engines.data_protection.errors import ProtectionRefused
from zhijian.engines.data_protection.models import Channel, RequestKind
from zhijian.engines.data_protection.rules import REQUEST_DAYS, SECRECY_DAYS
from zhijian.engines.procedures.models import Case, CaseStatus
from zhijian.engines.registers.public_records import place_on_record
from zhijian.portal.components import case_words, look_words
from zhijian.portal.components.words import in_english
from zhijian.portal.views.business import for_firm
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import market_entities, now, today
from zhijian.security.models import BusinessPerson, Role
from zhijian.security.permissions import OfFirm, may_for, require_for


@require_http_methods(["GET", "POST"])
@for_firm(OfFirm.READ)
def of_firm(request: HttpRequest, person: BusinessPerson) -> HttpResponse:
    """Who looked at the firm's file, what the firm asked about it, and a new request."""
    problem = ""
    if request.method == "POST":
        require_for(person, OfFirm.FILE, uscc=person.uscc)
        register = market_entities()
        record = register.find(person.uscc) if register.is_ready else None
        asker = requesting.Asker(
            Channel.FIRM, person.uscc, place_on_record(record, person.uscc), person.username,
            is_synthetic=person.is_synthetic,
        )  # fmt: skip
        problem = _ask(request, asker)
        if not problem:
            return redirect("my_looks")
    looks = looks_told.told([person.uscc], closed_matters=closed_matters, today=today())
    if request.GET.get("format") == "csv":
        return csv_file(f"looks-{person.uscc}-{today()}.csv", _csv(looks))
    context = _context(request, [person.uscc], looks, problem) | {
        "person": person,
        "may_ask": may_for(person, OfFirm.FILE, uscc=person.uscc),
        "synthetic": "all" if person.is_synthetic else "",
    }
    return render(request, "portal/my/looks.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
@with_status
def of_person(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Who looked at the data of a complaint or report, by its receipt; and a request about them."""
    matters = [
        found for name in ("complaint", "report") if (found := getattr(submission, name, None)) is not None
    ]
    numbers, problem = [one.number for one in matters], ""
    if request.method == "POST" and matters:
        division = matters[0].organisation.division_code
        asker = requesting.Asker(Channel.RECEIPT, numbers[0], division, is_synthetic=submission.is_synthetic)
        problem = _ask(request, asker)
        if not problem:
            return redirect("complain_looks")
    are_closed = not Case.objects.filter(number__in=numbers, status=CaseStatus.OPEN).exists()
    looks = looks_told.told(
        numbers, closed_matters=lambda reasons: reasons if are_closed else (), today=today()
    )
    context = _context(request, numbers, looks, problem) | {
        "submission": submission,
        "may_ask": bool(matters),
    }
    return show(request, "portal/access/of_person.html", context, status=422 if problem else 200)


def closed_matters(numbers: Collection[str]) -> set[str]:
    """Return which of these numbers are of cases that are closed, or of checks whose result is published or confirmed."""
    cases = Case.objects.filter(number__in=numbers).exclude(status=CaseStatus.OPEN)
    for_leads = CaseCheck.objects.filter(number__in=numbers, outcome__confirmation__isnull=False)
    checks = Check.objects.filter(number__in=numbers).prefetch_related("events")
    return {
        *cases.values_list("number", flat=True),
        *for_leads.values_list("number", flat=True),
        *(one.number for one in checks if one.state is State.PUBLISHED),
    }


def _ask(request: HttpRequest, asker: requesting.Asker) -> str:
    """Take the request that the form says; return why not, if so."""
    kind, words = request.POST.get("kind", ""), request.POST.get("words", "")
    try:
        made = requesting.ask(kind, words, by=asker, at=now(), randomness=os.urandom)
    except ProtectionRefused as refused:
        return refused.message_en if in_english() else refused.message_zh
    messages.success(request, _("已收到，编号%(number)s。") % {"number": made.number})
    return ""


def _context(
    request: HttpRequest, subjects: list[str], looks: list[looks_told.ToldLook], problem: str
) -> dict[str, Any]:
    return {
        "looks": [
            {"look": one, "part": look_words.part(one.part), "role": _roles(one.role)} for one in looks
        ],
        "requests": [
            {"one": one, "kind": look_words.request_kind(one.kind), "words": requesting.own_words(one)}
            for subject in subjects
            for one in requesting.of_subject(subject)
        ],
        "kinds": [(kind, look_words.request_kind(kind)) for kind in RequestKind.values],
        "days": REQUEST_DAYS.on(today()),
        "secrecy_days": SECRECY_DAYS.on(today()),
        "typed": request.POST,
        "problem": problem,
    }


def _roles(kept: str) -> str:
    """Name the posts of a look; the mark of an emergency access stays as it is."""
    words = (case_words.role(one) if one in Role.values else one for one in kept.split("、") if one)
    return "、".join(words)


def _csv(looks: list[looks_told.ToldLook]) -> list[list[Any]]:
    head = ["记录号 record", "时间 at", "单位 unit", "岗位 roles", "看了什么 part", "理由 reason"]
    rows = [
        [one.number, one.at.isoformat(timespec="seconds"), one.unit, _roles(one.role), look_words.part(one.part), one.reason]
        for one in looks
    ]  # fmt: skip
    return [head, *rows]
