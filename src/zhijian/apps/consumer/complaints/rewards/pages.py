"""Officers' pages of rewards: beside the case, the list, the counter, and finance's orders without a report in sight."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from zhijian.apps.consumer.complaints.intake import throttle
from zhijian.apps.consumer.complaints.models import Reward, ViolationReport
from zhijian.apps.consumer.complaints.policies import Incomplete, NotNow, right_to_reporter
from zhijian.apps.consumer.complaints.rewards import injured, protecting, queries, reviewing, rules, services
from zhijian.apps.consumer.complaints.rewards.models import (
    Claim,
    Outcome,
    Proposal,
    Protection,
    Review,
    RewardCase,
)
from zhijian.apps.consumer.complaints.rewards.words import (
    CONCLUSION_WORDS,
    GRANT_WORDS,
    LEVEL_WORDS,
    MEASURE_WORDS,
    OUTCOME_WORDS,
    THREAT_WORDS,
    WAY_WORDS,
)
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.infrastructure.language import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day


def said(pair: tuple[str, str] | None) -> str:
    """Return the words of a pair in the language of the page."""
    if pair is None:
        return ""
    return pair[1] if in_english() else pair[0]


def words_of(refused: ProcedureRefused) -> str:
    return said((refused.message_zh, refused.message_en))


def reward_panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Return the template and content that the case page shows of a reward; never who reported."""
    reward_case = RewardCase.objects.select_related("report", "organisation").filter(case=case).first()
    division = reward_case.organisation.division_code if reward_case is not None else ""
    if reward_case is None or not may(officer, Permission.VIEW_REWARD, division=division):
        return None
    sheet = queries.sheet(reward_case)
    found = sheet.assessment
    exclusion = rules.EXCLUSIONS.get(found.ground) if found is not None else None
    sees_report = may(officer, Permission.VIEW_REPORT, division=division)
    return "rewards/reward_panel.html", {
        **(_injured(reward_case.report, officer, division) if sees_report else {}),
        "sheet": sheet,
        "found": found,
        "level": said(LEVEL_WORDS.get(found.level)) if found is not None else "",
        "exclusion": said((exclusion.words_zh, exclusion.words_en)) if exclusion is not None else "",
        "article": exclusion.article if exclusion is not None else "",
        "conclusion": said(CONCLUSION_WORDS.get(reward_case.conclusion)),
        "grants": [(one, said(GRANT_WORDS[one.state])) for one in sheet.grants],
        "sees_report": sees_report,
        "may_extend": may(officer, Permission.DECIDE_REWARD, division=division)
        and not reward_case.is_extended
        and any(one.state == "waiting" for one in sheet.grants)
        and reward_case.claim_until is not None,
    }


def _injured(report: ViolationReport, officer: Officer, division: str) -> dict[str, Any]:
    """What warns that the reporter may be the party injured; who that is only for who may learn who reported."""
    signs = injured.signs_of(report)
    is_complainant = signs.is_complainant and may(officer, right_to_reporter(report), division=division)
    return {
        "with_complaint": signs.complaint,
        "is_complainant": is_complainant,
        "injured": rules.EXCLUSIONS["injured"] if signs.complaint or is_complainant else None,
    }


def protection_panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Return the template and content that the case page shows of a request for protection."""
    protection = Protection.objects.select_related("report", "organisation").filter(case=case).first()
    division = protection.organisation.division_code if protection is not None else ""
    if protection is None or not may(officer, Permission.VIEW_REWARD, division=division):
        return None
    return "rewards/protection_panel.html", {
        "protection": protection,
        "kind": said(THREAT_WORDS.get(protection.kind)),
        "measures": [said(MEASURE_WORDS[one]) for one in protection.measures],
        "sees_report": may(officer, Permission.VIEW_REPORT, division=division),
        "may_read": may(officer, Permission.DECIDE_REWARD, division=division),
    }


def review_panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Return the template and content that the case page shows of a review; the reporter's words are opened apart."""
    review = Review.objects.select_related("report", "organisation", "reward_case").filter(case=case).first()
    division = review.organisation.division_code if review is not None else ""
    if review is None or not may(officer, Permission.VIEW_REWARD, division=division):
        return None
    grant = reviewing.part_of(review.report)
    proposal = Proposal.objects.filter(review=review).last()
    return "rewards/review_panel.html", {
        "review": review,
        "first": reviewing.assessment_asked_about(review),
        "grant": grant,
        "level": said(LEVEL_WORDS.get(proposal.level)) if proposal is not None else "",
        "proposal": proposal,
        "outcome": Outcome.objects.filter(review=review).first(),
        "state": said(GRANT_WORDS[grant.state]) if grant is not None else "",
        "may_read": may(officer, right_to_reporter(review.report), division=division),
    }


@never_cache
@login_required
@require_http_methods(["GET", "HEAD"])
def rewards_at_work(request: HttpRequest) -> HttpResponse:
    """The rewards and the requests for protection of one's area."""
    officer = require(request.user, Permission.VIEW_REWARD)
    record_look(officer, "consumer/rewards", "rewards", at=timezone.now())
    rows = []
    for one in queries.reward_cases(officer):
        states = [grant.state for grant in one.grants.all()]
        rows.append((one, one.assessment, [said(GRANT_WORDS[state]) for state in states]))
    context = {
        "rows": rows,
        "protections": [(one, said(THREAT_WORDS.get(one.kind))) for one in queries.protections(officer)],
        "reviews": [(one, _review_state(one)) for one in queries.reviews(officer)],
        "may_pay": may(officer, Permission.PAY_REWARD),
        "may_counter": may(officer, Permission.WORK_REWARD),
        "synthetic": "part" if any(one.is_synthetic for one, _, _ in rows) else "",
    }
    return render(request, "rewards/list.html", context)


def _review_state(review: Review) -> str:
    outcome = getattr(review, "outcome", None)
    if outcome is None:
        return gettext("复核中")
    return said(OUTCOME_WORDS["changed" if outcome.is_changed else "upheld"])


@never_cache
@login_required
@require_POST
def extend(request: HttpRequest, number: str) -> HttpResponse:
    """Extend the term to claim once."""
    officer = require(request.user, Permission.DECIDE_REWARD)
    reward_case = get_object_or_404(RewardCase.objects.select_related("organisation", "case"), number=number)
    require(officer, Permission.DECIDE_REWARD, division=reward_case.organisation.division_code)
    try:
        until = services.extend_claim(
            reward_case, reason=request.POST.get("reason", ""), by=officer, at=timezone.now()
        )
        messages.success(request, gettext("领取期限延长到%(day)s。") % {"day": until})
    except (NotNow, Incomplete) as refused:
        messages.error(request, words_of(refused))
    return redirect("case", case_id=reward_case.case_id)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: HttpRequest) -> HttpResponse:
    """Somebody at the counter claims with the code alone: nobody asks for a name."""
    officer = require(request.user, Permission.WORK_REWARD)
    problems: list[dict[str, str]] = []
    given = {name: request.POST.get(name, "").strip() for name in ("code", "way", "account")}
    status = 200
    if request.method == "POST":
        status = 422
        try:
            made = _claim_at_counter(request, officer, given)
        except throttle.TooOften as often:
            problems, status = (
                [{"href": "#id_code", "text": said((often.message_zh, often.message_en))}],
                often.status,
            )
        except Incomplete as refused:
            problems = problems_of(refused)
        except NotNow as refused:
            problems = [{"href": "#id_code", "text": words_of(refused)}]
        else:
            messages.success(
                request, gettext("已登记领取，支付单%(number)s已送财务。") % {"number": made.order_number}
            )
            return redirect("reward_counter")
    context = {"problems": problems, "given": given, "ways": ways()}
    return render(request, "rewards/counter.html", context, status=status)


def _claim_at_counter(request: HttpRequest, officer: Officer, given: Mapping[str, str]) -> Claim:
    """Claim with what was said at the counter. Wrong codes count against the officer, wrong passwords against the code.

    Raises:
        TooOften: too many wrong ones within the hour; right ones are not counted.
        Incomplete, NotNow: as for every claim, and no such code in the officer's area.
    """
    at, who = timezone.now(), {"address": "", "device": f"counter {officer.pk}"}
    throttle.refuse_exhausted(throttle.WRONG_CODE, **who, at=at)
    reward = services.find_by_code(given["code"])
    division = reward.report.organisation.division_code if reward is not None else ""
    if reward is None or not may(officer, Permission.WORK_REWARD, division=division):
        throttle.admit(throttle.WRONG_CODE, **who, at=at)
        raise Incomplete(
            [
                Problem(
                    "code",
                    "没有这个领取码。领取码有12位，请核对。",
                    "There is no such code. It has 12 characters; check it.",
                )
            ]
        )
    return claim_counted(
        reward,
        password=request.POST.get("password", ""),
        way=given["way"],
        account=given["account"],
        counter_officer=officer,
        by=officer,
        at=at,
    )


def claim_counted(reward: Reward, *, at: datetime, **given: Any) -> Claim:
    """Claim; ten wrong passwords of a reward within the hour, at the counter or at home, and no more are tried.

    Raises:
        TooOften: ten were wrong.
        Incomplete, NotNow: as `services.claim`.
    """
    who = {"address": "", "device": f"reward {reward.report.number}"}
    throttle.refuse_exhausted(throttle.WRONG_RECEIPT, **who, at=at)
    try:
        return services.claim(reward, at=at, **given)
    except Incomplete as refused:
        if any(field == "password" for field, _, _ in refused.problems):
            throttle.admit(throttle.WRONG_RECEIPT, **who, at=at)
        raise


def problems_of(refused: Incomplete) -> list[dict[str, str]]:
    return [{"href": f"#id_{field}", "text": said((zh, en))} for field, zh, en in refused.problems]


def ways() -> list[tuple[str, str]]:
    return [(code, said(words)) for code, words in WAY_WORDS.items()]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD"])
def payments(request: HttpRequest) -> HttpResponse:
    """Finance's orders: number, unit, sum, since when. No report, no firm, no person."""
    officer = require(request.user, Permission.PAY_REWARD)
    found = queries.orders(officer)
    record_look(officer, "consumer/rewards", "payment_orders", at=timezone.now())
    context = {
        "orders": [(one, said(WAY_WORDS[one.way])) for one in found],
        "synthetic": "part" if any(one.grant.reward_case.is_synthetic for one in found) else "",
    }
    return render(request, "rewards/payments.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def payment(request: HttpRequest, number: str) -> HttpResponse:
    """One order: the account is opened for paying, which is written down; then the receipt, or why it came back."""
    officer = require(request.user, Permission.PAY_REWARD)
    order = queries.find_order(number, officer)
    if order is None:
        raise Http404
    context: dict[str, Any] = {"order": order, "way": said(WAY_WORDS[order.way]), "problems": []}
    if request.method == "POST" and request.POST.get("act") == "open":
        try:
            context["account"] = services.open_account(order, by=officer, at=timezone.now())
        except NotNow as refused:
            context["problems"] = [{"href": "", "text": words_of(refused)}]
    elif request.method == "POST":
        try:
            services.record_payment(order, _receipt(request), by=officer, at=timezone.now())
        except Incomplete as refused:
            context["problems"] = problems_of(refused)
        except NotNow as refused:
            context["problems"] = [{"href": "#id_receipt_number", "text": words_of(refused)}]
        else:
            messages.success(request, gettext("回执已登记。"))
            return redirect("reward_payments")
    context["today"] = statutory_day(timezone.now())
    return render(request, "rewards/payment.html", context, status=422 if context["problems"] else 200)


def _receipt(request: HttpRequest) -> services.Receipt:
    try:
        paid_on = date.fromisoformat(request.POST.get("paid_on", ""))
    except ValueError:
        paid_on = None
    return services.Receipt(
        is_paid=request.POST.get("act") == "paid",
        paid_on=paid_on,
        receipt_number=request.POST.get("receipt_number", "")[:60],
        note=request.POST.get("note", ""),
    )


@never_cache
@login_required
@require_POST
def protection_words(request: HttpRequest, number: str) -> HttpResponse:
    """Show once what the reporter wrote, for a purpose that is written down."""
    officer = require(request.user, Permission.DECIDE_REWARD)
    protection = get_object_or_404(Protection.objects.select_related("organisation"), number=number)
    require(officer, Permission.DECIDE_REWARD, division=protection.organisation.division_code)
    context: dict[str, Any] = {"protection": protection, "case_id": protection.case_id}
    status = 200
    try:
        context["words"] = protecting.read_words(
            protection, purpose=request.POST.get("purpose", ""), by=officer, at=timezone.now()
        )
    except Incomplete as refused:
        context["problem"], status = words_of(refused), 422
    return render(request, "rewards/protection_words.html", context, status=status)


@never_cache
@login_required
@require_POST
def review_words(request: HttpRequest, number: str) -> HttpResponse:
    """Show once what the reporter wrote against the decision, for a purpose that is written down."""
    officer = require(request.user, Permission.VIEW_REWARD)
    review = get_object_or_404(Review.objects.select_related("organisation", "report"), number=number)
    require(officer, right_to_reporter(review.report), division=review.organisation.division_code)
    context: dict[str, Any] = {"protection": review, "case_id": review.case_id}
    status = 200
    try:
        context["words"] = reviewing.read_words(
            review, purpose=request.POST.get("purpose", ""), by=officer, at=timezone.now()
        )
    except Incomplete as refused:
        context["problem"], status = words_of(refused), 422
    return render(request, "rewards/protection_words.html", context, status=status)


urlpatterns = [
    path("", rewards_at_work, name="rewards_at_work"),
    path("counter/", counter, name="reward_counter"),
    path("payments/", payments, name="reward_payments"),
    path("payments/<str:number>/", payment, name="reward_payment"),
    path("protections/<str:number>/words/", protection_words, name="protection_words"),
    path("reviews/<str:number>/words/", review_words, name="review_words"),
    path("<str:number>/extend/", extend, name="reward_extend"),
]
