"""Pages of replacements and objections: what keeps a check from going, what a leader decides, what is said at the door."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhijian.apps.supervision.inspection import objecting, policies, replacement_audit, replacing
from zhijian.apps.supervision.inspection.frame import csv_file, officer_of, officers_only, words_of
from zhijian.apps.supervision.inspection.models import (
    Check,
    InspectorObjection,
    ObjectionDecision,
    Replacement,
)
from zhijian.apps.supervision.inspection.objecting import Said
from zhijian.apps.supervision.inspection.replacement_rules import GROUND_WORDS, OBJECTION_GROUNDS, Ground
from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.draws.errors import DrawRefused
from zhijian.infrastructure.language import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, may_lead, require
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day
from zhijian.standards.whole_number import whole_number

_SHOWN = 100
_REFUSALS = (policies.Refused, DrawRefused, DocumentRefused)


def _pair(pair: tuple[str, str]) -> str:
    return pair[in_english()]


def problems_of(refused: BilingualError) -> list[tuple[str, str]]:
    """Return (field, words) of each problem that a refusal names; without a field where it names none."""
    problems = refused.problems if isinstance(refused, policies.Incomplete) else []
    return [(one.field, words_of(one)) for one in problems] or [("", words_of(refused))]


@require_http_methods(["GET", "POST"])
@officers_only
def replacements(request: HttpRequest) -> HttpResponse:
    """What keeps checks of the area from going, objections that wait, what was changed, and whether somebody is favoured."""
    officer = require(officer_of(request), Permission.AUDIT_DRAWS)
    problems: list[tuple[str, str]] = []
    if request.method == "POST":
        try:
            _replace(request, officer)
            return redirect("work_replacements")
        except _REFUSALS as refused:
            problems = problems_of(refused)
    area, at = officer.territory, timezone.now()
    record_look(officer, "inspections", "replacements", at=at)
    checks = replacement_audit.drawn_checks(area, statutory_day(at).year)
    tests = replacement_audit.tested(checks)
    done = list(_done(area)[:_SHOWN])
    troubles = replacing.troubles(area, statutory_day(at))
    waiting = objecting.waiting(area)
    names = {one.username: str(one) for one in Officer.objects.filter(username__in=_named(done, tests))}
    context = {
        "problems": problems,
        "troubles": [(one, may_lead(officer, unit=one.check.organisation)) for one in troubles],
        "waiting": [(one, may_lead(officer, unit=one.check_record.organisation)) for one in waiting],
        "done": [_row(one, names) for one in done],
        "tests": [(one, _asks(one), names.get(one.who, one.who)) for one in tests if one.changed],
        "asked": len(tests),
        "ringing": sum(one.rings for one in tests),
        "checks": len(checks),
        "changed": sum(one.is_changed for one in checks),
        "rate": f"{replacement_audit.RATE:.0%}",
        "today": statutory_day(at),
        "synthetic": "part" if any(one.check_record.is_synthetic for one in done) else "",
    }
    return render(request, "inspection/replacements.html", context, status=422 if problems else 200)


def _replace(request: HttpRequest, officer: Officer) -> None:
    check = get_object_or_404(Check, pk=whole_number(request.POST.get("check", "")) or 0)
    leaving = get_object_or_404(Officer, pk=whole_number(request.POST.get("officer", "")) or 0)
    made = replacing.replace(check, leaving, by=officer, at=timezone.now())
    messages.success(
        request,
        _("%(leaving)s由%(coming)s替换：抽签排定的次序里，能去的第一人。")
        % {"leaving": made.leaving, "coming": made.coming},
    )


def _done(area: str) -> Any:
    rows = Replacement.objects.filter(check_record__organisation__division_code__startswith=area)
    return rows.select_related("check_record__organisation", "leaving", "coming", "ordered_by").order_by(
        "-ordered_at"
    )


def _named(done: list[Replacement], tests: list[replacement_audit.Tested]) -> set[str]:
    passed = {row["inspector"] for one in done for row in one.passed_over}
    return passed | {one.who for one in tests}


def _row(one: Replacement, names: dict[str, str]) -> dict[str, Any]:
    passed = [
        (names.get(row["inspector"], row["inspector"]), _pair(GROUND_WORDS[Ground(row["why"])]))
        for row in one.passed_over
    ]
    return {"made": one, "ground": _pair(GROUND_WORDS[Ground(one.ground)]), "passed": passed}


def _asks(one: replacement_audit.Tested) -> str:
    return {
        replacement_audit.UNIT: _("这个单位换人多吗？"),
        replacement_audit.LEAVES: _("抽到这个人的检查，换人多吗？"),
        replacement_audit.COMES: _("候补第一是这个人的检查，换人多吗？"),
    }[one.kind]


@require_GET
@officers_only
def replacements_csv(request: HttpRequest) -> HttpResponse:
    """The tests as a table."""
    officer = require(officer_of(request), Permission.AUDIT_DRAWS)
    at = timezone.now()
    record_look(officer, "inspections", "replacements", at=at, reason="csv")
    head = ["kind", "unit", "inspector", "checks", "changed", "expected_by_chance", "chance", "q"]
    checks = replacement_audit.drawn_checks(officer.territory, statutory_day(at).year)
    rows = [
        [one.kind, one.unit, one.who, one.checks, one.changed, f"{one.expected:.6g}", f"{one.chance:.6g}", f"{one.q:.6g}"]
        for one in replacement_audit.tested(checks)
    ]  # fmt: skip
    return csv_file("replacements.csv", [head, *rows])


@require_http_methods(["GET", "POST"])
@officers_only
def at_door(request: HttpRequest, check_id: int) -> HttpResponse:
    """An inspector of the team writes down that the firm objects to one of them; the check goes on."""
    rows = Check.objects.select_related("task", "organisation", "inspector_first", "inspector_second")
    check, officer = get_object_or_404(rows, pk=check_id), officer_of(request)
    policies.check_inspector(check, officer)
    problems: list[tuple[str, str]] = []
    if request.method == "POST":
        try:
            made = objecting.object_at_door(check, said_of(request), by=officer, at=timezone.now())
            messages.success(
                request,
                _("已记下，回执编号%(number)s，请告诉企业。%(day)s前由单位负责人决定；决定前检查不停止。")
                % {"number": made.number, "day": made.due_on},
            )
            return redirect("work_task", check_id=check.pk)
        except policies.Refused as refused:
            problems = problems_of(refused)
    context = {
        "check": check, "problems": problems, "typed": request.POST, "grounds": grounds(),
        "synthetic": "all" if check.is_synthetic else "",
    }  # fmt: skip
    return render(request, "inspection/objection_at_door.html", context, status=422 if problems else 200)


def said_of(request: HttpRequest) -> Said:
    """Read an objection from a form."""
    return Said(
        whole_number(request.POST.get("officer", "")), request.POST.get("ground", "")[:20], request.POST.get("words", "")
    )  # fmt: skip


def grounds() -> list[tuple[str, str]]:
    return [(code, _pair(words)) for code, words in OBJECTION_GROUNDS.items()]


@require_http_methods(["GET", "POST"])
@officers_only
def objection(request: HttpRequest, number: str) -> HttpResponse:
    """One objection: what the firm says, and the leader's decision with its reason."""
    rows = InspectorObjection.objects.select_related(
        "check_record__task", "check_record__organisation", "officer"
    )
    found, officer = rows.filter(number=number).first(), officer_of(request)
    if found is None:
        raise Http404
    words = objecting.opened(found, by=officer, at=timezone.now())
    problems: list[tuple[str, str]] = []
    if request.method == "POST":
        try:
            outcome, reason = request.POST.get("outcome", ""), request.POST.get("reason", "")
            objecting.decide(found, outcome, reason, by=officer, at=timezone.now())
            messages.success(request, _("决定已记录，决定书已制作。请送达企业。"))
            return redirect("work_objection", number=number)
        except Forbidden:
            raise
        except _REFUSALS as refused:
            problems = problems_of(refused)
    decision = ObjectionDecision.objects.filter(objection=found).select_related("replacement__coming").first()
    context = {
        "one": found, "words": words, "ground": _pair(OBJECTION_GROUNDS[found.ground]), "decision": decision,
        "paper": objecting.paper_of(found), "problems": problems, "typed": request.POST,
        "today": statutory_day(timezone.now()), "synthetic": "all" if found.check_record.is_synthetic else "",
    }  # fmt: skip
    return render(request, "inspection/objection.html", context, status=422 if problems else 200)


urlpatterns = [
    path("replacements/", replacements, name="work_replacements"),
    path("replacements/tests.csv", replacements_csv, name="work_replacements_csv"),
    path("objections/<str:number>/", objection, name="work_objection"),
    path("checks/<int:check_id>/objection/", at_door, name="work_objection_at_door"),
]
