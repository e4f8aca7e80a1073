"""亮码入企: who is at the door, told to everybody who holds the code; visits without a code; what units are told of it."""

import os
import secrets
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from zhijian.apps.consumer.complaints.intake import throttle
from zhijian.apps.supervision.inspection import policies as inspection_policies
from zhijian.apps.supervision.inspection import queries as inspections
from zhijian.apps.supervision.inspection import visits as inspection_visits
from zhijian.apps.supervision.inspection.models import Check
from zhijian.apps.supervision.visit_codes import paperwork, queries, rules, services, terms
from zhijian.apps.supervision.visit_codes.models import UncodedVisit
from zhijian.apps.supervision.visit_codes.rules import Shown, Standing
from zhijian.apps.supervision.visit_codes.services import Opinion, Told, VisitRefused
from zhijian.engines.documents.errors import DocumentRefused
from zhijian.portal.components import bar_chart
from zhijian.portal.components.words import in_english
from zhijian.portal.views.business import said
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today, typed_day
from zhijian.security import business
from zhijian.security.models import BusinessPerson
from zhijian.security.permissions import Permission, may, require
from zhijian.standards import divisions
from zhijian.standards.whole_number import whole_number

_WRONG = throttle.Limit("visit-code", per_address=100, per_device=10)
_TELL = throttle.Limit("visit-told", per_address=60, per_device=5)
_SESSION = "visit_code"
_YEAR_SECONDS = 365 * 24 * 3600


def _device(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if not throttle.device_of(request):
        response.set_cookie(
            throttle.DEVICE_COOKIE, secrets.token_urlsafe(24), max_age=_YEAR_SECONDS, httponly=True,
            samesite="Lax", secure=request.is_secure(),
        )  # fmt: skip
    return response


def _open(request: HttpRequest, typed: str) -> None:
    """Find the check of a typed code and remember it for this browser, with where and when the code was shown.

    Raises:
        VisitRefused: no check has this code now. TooOften: too many wrong ones within the hour.
    """
    who: dict[str, Any] = {
        "address": throttle.address_of(request), "device": throttle.device_of(request), "at": now()
    }  # fmt: skip
    throttle.refuse_exhausted(_WRONG, **who)
    found = services.find(typed, at=now())
    if found is None:
        throttle.admit(_WRONG, **who)
        raise VisitRefused(
            "没有这个核验码，或者手机上已经换了新码。请对照检查人员手机上现在的码再输一遍；还是不对的，请看执法证件，并告诉主管单位。",
            "There is no such code, or the phone shows a newer one. Type what it shows now; if that stays wrong, look at the "
            "certificates and tell the unit.",
            "code",
        )
    check, shown = found
    request.session[_SESSION] = {"check": check.pk, "shown": shown.value, "at": now().isoformat()}


def _opened(request: HttpRequest) -> tuple[Check | None, dict[str, Any]]:
    """Return the check whose code this browser typed, and where and when it was shown."""
    kept = request.session.get(_SESSION)
    if not isinstance(kept, dict):
        return None, {}
    rows = Check.objects.select_related("task", "organisation", "inspector_first", "inspector_second")
    told = {
        "is_from_phone": kept["shown"] == Shown.PHONE,
        "is_own": kept["shown"] == "own",
        "shown_at": datetime.fromisoformat(kept["at"]),
    }
    return rows.filter(pk=kept["check"]).first(), told


@never_cache
def visit_page(request: HttpRequest) -> HttpResponse:
    """Type or scan a code; read who comes, for what, on which basis and until when; say when they came and how it was."""
    typed, problem, field, status, check = "", "", "", 200, None
    told: dict[str, Any] = {}
    try:
        if request.method == "POST" and request.POST.get("act") == "leave":
            request.session.pop(_SESSION, None)
            return redirect("visit")
        asked = request.POST if request.method == "POST" else request.GET
        if "code" in asked:
            typed = asked.get("code", "")[:40]
            request.session.pop(_SESSION, None)
            _open(request, typed)
            return _device(request, redirect("visit"))
        check, told = _opened(request)
        if request.method == "POST" and check is not None:
            _said(request, check)
            return redirect("visit")
    except throttle.TooOften as often:
        problem, status = (often.message_en if in_english() else often.message_zh), often.status
    except VisitRefused as refused:
        problem, field, status = said(refused), refused.field, 422
    page: dict[str, Any] = {"problem": problem, "field": field, "typed": typed, "posted": request.POST}
    if check is not None:
        page |= _known(check, business.person_of(request)) | told
    return _device(request, render(request, "portal/visits/visit.html", page, status=status))


def _said(request: HttpRequest, check: Check) -> None:
    person = business.person_of(request)
    if request.POST.get("act") == "feedback":
        services.give_feedback(check, _opinion(request), by=person, at=now())
        messages.success(request, _("谢谢，已经收下。评价按单位汇总，检查人员看不到是谁评的。"))
    else:
        services.say(check, request.POST.get("act", "")[:20], by=person, at=now())
        messages.success(request, _("已记下。"))


def _opinion(request: HttpRequest) -> Opinion:
    def answer(name: str) -> bool | None:
        return {"yes": True, "no": False}.get(request.POST.get(name, ""))

    return Opinion(
        answer("showed_certificates"), answer("told_basis"), answer("kept_to_items"), answer("asked_favours"),
        whole_number(request.POST.get("score", ""), most_digits=1), request.POST.get("words", ""),
    )  # fmt: skip


def questions() -> list[tuple[str, str]]:
    return [
        ("showed_certificates", _("检查人员出示执法证件了吗？")),
        ("told_basis", _("说明检查什么、依据什么了吗？")),
        ("kept_to_items", _("只查了列出的事项吗？")),
        ("asked_favours", _("有没有索取财物，或者要您买东西、买服务？")),
    ]


def _known(check: Check, person: BusinessPerson | None) -> dict[str, Any]:
    """Return what the holder of a code, or an account of the firm, reads about its check."""
    own = person is not None and person.uscc == check.uscc
    day, times = today(), queries.times_of([check.number]).get(check.number, {})
    visits = inspection_visits.visits_of(check.uscc, day.year)
    stands = services.standing_of(check, day)
    own_words = queries.own_times(check) if own else times
    may_answer = day <= terms.feedback_until(check.due_on) and (times or stands is Standing.OVER)
    return {
        "check": check,
        "stands": stands.value,
        "team": [
            (terms.shown_name(one.display_name, day), one.certificate_number, one.organisation)
            for one in check.inspectors
        ],
        "items": check.task.ordered_items,
        "arrived": own_words.get(rules.Step.ARRIVED),
        "left": own_words.get(rules.Step.LEFT),
        "by_code": times.get(rules.Step.ARRIVED) if own and not own_words else None,
        "visits": inspections.checks_this_year(check.uscc, day.year),
        "cap": inspection_visits.cap_of(visits),
        "is_answered": queries.is_answered(check, by_account=own),
        "may_answer": may_answer,
        "questions": questions(),
        "english": in_english(),
        "synthetic": "all" if check.is_synthetic else "",
    }


@require_POST
def own_visit(request: HttpRequest, check_id: int) -> HttpResponse:
    """Open the page of a visit that began at the person's own firm, without its code."""
    person = business.person_of(request)
    if person is None:
        return redirect("my_sign_in")
    day = today()
    began = [
        *inspection_visits.visits_of(person.uscc, day.year),
        *inspection_visits.visits_of(person.uscc, day.year - 1),
    ]
    if check_id not in {one.check_id for one in began}:
        raise Http404
    request.session[_SESSION] = {"check": check_id, "shown": "own", "at": now().isoformat()}
    return redirect("visit")


_TYPED = ("uscc", "firm_name", "division_code", "visited_on", "claimed_unit", "words", "contact")


def _told(typed: dict[str, str]) -> Told:
    texts = {name: text for name, text in typed.items() if name != "visited_on"}
    return Told(**texts, visited_on=typed_day(typed["visited_on"]))


@never_cache
def without_code(request: HttpRequest) -> HttpResponse:
    """Tell the unit's leaders of people who came without a code. No account; the contact is optional and sealed."""
    typed = {name: request.POST.get(name, "")[:1200] for name in _TYPED}
    problem, field, status, made = "", "", 200, None
    if request.method == "POST":
        try:
            who = {"address": throttle.address_of(request), "device": throttle.device_of(request)}
            throttle.admit(_TELL, **who, at=now())
            made = services.tell(
                _told(typed), by=business.person_of(request), at=now(), randomness=os.urandom
            )
        except throttle.TooOften as often:
            problem, status = (often.message_en if in_english() else often.message_zh), often.status
        except VisitRefused as refused:
            problem, field, status = said(refused), refused.field, 422
    context = {
        "typed": typed, "problem": problem, "field": field, "made": made, "today": today(),
        "counties": divisions.counties(),
    }  # fmt: skip
    return _device(request, render(request, "portal/visits/without_code.html", context, status=status))


# ------------------------------------------------------------------------------------------------------ officers'


@never_cache
@login_required
def work_page(request: HttpRequest) -> HttpResponse:
    """What businesses say of the visits of each unit of the area; leaders also see visits without a code."""
    officer = require(request.user, Permission.VIEW_VISIT_FEEDBACK)
    area, year = officer.territory, today().year
    rows = queries.by_unit(area, year)
    if request.GET.get("format") == "csv":
        return csv_file(f"visits-{year}.csv", _csv(rows))
    is_leader = may(officer, Permission.HANDLE_UNCODED_VISIT)
    answered = [one for one in rows if one.score is not None]
    context = {
        "rows": rows,
        "year": year,
        "total": sum(one.visits for one in rows),
        "confirmed": sum(one.confirmed for one in rows),
        "answers": sum(one.answers for one in rows),
        "chart": bar_chart.bars(
            _("企业对检查的平均评分，按单位"),
            [(one.unit, float(one.score or 0), f"{one.score:.1f}（{one.answers}）") for one in answered],
        ) if answered else None,
        "words": queries.words_said(area, year),
        "told": queries.told(area) if is_leader else [],
        "is_leader": is_leader,
        "english": in_english(),
        "synthetic": "part" if any(one.is_synthetic for one in rows) else "",
    }  # fmt: skip
    return render(request, "portal/visits/work.html", context)


def _csv(rows: list[queries.UnitFigures]) -> list[list[Any]]:
    head = [
        "单位 unit", "检查 visits", "企业确认到场 confirmed", "评价 answers", "平均分 score", "没出示证件 no certificate",
        "没说依据 no basis", "超出事项 beyond items", "索取 favours", "合成数据 synthetic",
    ]  # fmt: skip
    body = [
        [one.unit, one.visits, one.confirmed, one.answers, "" if one.score is None else f"{one.score:.2f}",
         one.without_certificate, one.without_basis, one.beyond_items, one.favours, int(one.is_synthetic)]
        for one in rows
    ]  # fmt: skip
    return [head, *body]


@never_cache
@login_required
def told_page(request: HttpRequest, number: str) -> HttpResponse:
    """One visit without a code: what was told, the contact if it was left, and the answer."""
    visit = get_object_or_404(UncodedVisit, number=number)
    officer = require(request.user, Permission.HANDLE_UNCODED_VISIT, division=visit.division_code)
    problem, status = "", 200
    if request.method == "POST":
        try:
            services.answer(
                visit, request.POST.get("outcome", ""), request.POST.get("words", ""), by=officer, at=now()
            )
            return redirect("work_uncoded_visit", number=number)
        except VisitRefused as refused:
            problem, status = said(refused), 422
    found = getattr(visit, "answer", None)
    context = {
        "visit": visit,
        "place": divisions.full_name(visit.division_code),
        "contact": services.contact_of(visit, by=officer, at=now()),
        "answer": found,
        "outcome": _pair(services.OUTCOMES[found.outcome]) if found else "",
        "outcomes": [(code, _pair(pair)) for code, pair in services.OUTCOMES.items()],
        "problem": problem,
        "typed": request.POST,
        "synthetic": "all" if visit.is_synthetic else "",
    }
    return render(request, "portal/visits/told.html", context, status=status)


def _pair(pair: tuple[str, str]) -> str:
    return pair[1] if in_english() else pair[0]


@require_POST
@login_required
def notice(request: HttpRequest, check_id: int) -> HttpResponse:
    """Make the notice of a check, with its code, and open it."""
    officer = require(request.user, Permission.INSPECT)
    check = Check.objects.select_related("task", "organisation").filter(pk=check_id).first()
    if check is None:
        raise Http404
    inspection_policies.check_view(check, officer)
    try:
        paper = paperwork.notice(check, by=officer, at=now())
    except (VisitRefused, DocumentRefused) as refused:
        messages.error(request, said(refused))
        return redirect("work_task", check_id=check_id)
    return redirect("work_document", document_id=paper.pk)
