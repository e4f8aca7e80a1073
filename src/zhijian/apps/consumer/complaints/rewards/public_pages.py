"""The reporter's pages, with receipt and code and no account: ask for a reward, claim it, ask for protection.

And the statistic for everybody, in which no person can be found.
"""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhijian.apps.consumer.complaints import public_pages as site
from zhijian.apps.consumer.complaints.intake.rating import csv_response
from zhijian.apps.consumer.complaints.models import Reward, Submission, ViolationReport
from zhijian.apps.consumer.complaints.policies import Incomplete, NotNow
from zhijian.apps.consumer.complaints.rewards import protecting, queries, reviewing, rules, services
from zhijian.apps.consumer.complaints.rewards.models import Review
from zhijian.apps.consumer.complaints.rewards.pages import claim_counted, problems_of, said, ways, words_of
from zhijian.apps.consumer.complaints.rewards.words import GRANT_WORDS, OUTCOME_WORDS, THREAT_WORDS
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.standards import consumer_matters
from zhijian.standards.calendar import statutory_day


def _report_of(submission: Submission) -> ViolationReport:
    found = ViolationReport.objects.select_related("organisation", "submission").filter(submission=submission)
    report = found.first()
    if report is None:
        raise Http404
    return report


@require_http_methods(["GET", "HEAD", "POST"])
@site.public_page
@site.with_status
def reward(request: HttpRequest, submission: Submission) -> HttpResponse:
    """How one's reward stands; ask for it, or claim it."""
    report = _report_of(submission)
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        try:
            _act(request, report)
            return redirect("complain_reward")
        except Incomplete as refused:
            problems = problems_of(refused)
        except ProcedureRefused as refused:
            problems = [{"href": "", "text": words_of(refused)}]
    standing = queries.standing_of(report)
    context: dict[str, Any] = {
        "report": report,
        "standing": standing,
        "state": said(GRANT_WORDS.get(standing.state)),
        "ways": ways(),
        "exclusions": [said((one.words_zh, one.words_en)) for one in rules.EXCLUSIONS.values()],
        "problems": problems,
        "way": request.POST.get("way", ""),
        "may_review": reviewing.may_ask(report, timezone.now()),
        "review_due_on": _due_on(standing.review),
        "promises": request.POST.get("promises") == "yes",
        "typed": request.POST.get("review_words", "")[: reviewing.MOST_WORDS],
        "least": services.LEAST_PASSWORD,
        "synthetic": "part" if report.is_synthetic else "",
    }
    return site.show(request, "rewards/public/reward.html", context, 422 if problems else 200)


def _due_on(review: Review | None) -> date | None:
    """Return until when a review is decided, by the statutory calendar."""
    return rules.review_due_on(statutory_day(review.asked_at)) if review is not None else None


def _act(request: HttpRequest, report: ViolationReport) -> None:
    """Ask, claim or ask for a review, as the button says."""
    password = request.POST.get("password", "").replace("\x00", "")[:200]
    if request.POST.get("act") == "apply":
        services.apply(
            report,
            promises=request.POST.get("promises") == "yes",
            password=password,
            by=None,
            at=timezone.now(),
        )
        return
    if request.POST.get("act") == "review":
        reviewing.ask(report, words=request.POST.get("review_words", ""), by=None, at=timezone.now())
        return
    found = Reward.objects.select_related("report").filter(report=report, grant__isnull=False).first()
    if found is None:
        raise NotNow("还没有奖励决定。", "Nothing was decided yet.")
    claim_counted(
        found,
        password=password,
        way=request.POST.get("way", ""),
        account=request.POST.get("account", "").replace("\x00", ""),
        by=None,
        at=timezone.now(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@site.public_page
@site.with_status
def protection(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Ask for protection against revenge."""
    report = _report_of(submission)
    problems: list[dict[str, str]] = []
    typed = request.POST.get("words", "")[: protecting.MOST_WORDS + 1]
    if request.method == "POST":
        try:
            protecting.ask(report, kind=request.POST.get("kind", ""), words=typed, by=None, at=timezone.now())
            return redirect("complain_protection")
        except Incomplete as refused:
            problems = problems_of(refused)
        except NotNow as refused:
            problems = [{"href": "", "text": words_of(refused)}]
    asked = report.protections.order_by("-asked_at").first()
    context: dict[str, Any] = {
        "report": report,
        "asked": asked,
        "is_open": asked is not None and asked.ended_on is None,
        "kinds": [(code, said(words)) for code, words in THREAT_WORDS.items()],
        "chosen": request.POST.get("kind", ""),
        "typed": typed,
        "problems": problems,
        "synthetic": "part" if report.is_synthetic else "",
    }
    return site.show(request, "rewards/public/protection.html", context, 422 if problems else 200)


@require_safe
@site.public_page
def statistics(request: HttpRequest) -> HttpResponse:
    """What was paid in the quarters that are over, by field: nothing that tells of a person, today or by comparing."""
    today = statutory_day(timezone.now())
    periods = queries.statistic(today)
    context: dict[str, Any] = {
        "rows": [(period, _field(one.field), one) for period in periods for one in period.rows],
        "reviews": [
            (period, said(OUTCOME_WORDS.get(one.field, ("合计", "Together"))), one)
            for period in queries.review_statistic(today)
            for one in period.rows
        ],
        "fewest": rules.FEWEST,
        "synthetic": "part" if queries.is_synthetic(periods) else "",
    }
    if request.GET.get("format") == "csv":
        return _csv(context)
    return site.show(request, "rewards/public/statistics.html", context)


def _field(code: str) -> str:
    entry = consumer_matters.find(code) if code else None
    return said((entry.name_zh, entry.name_en)) if entry is not None else gettext("其他领域合计")


def _csv(context: dict[str, Any]) -> HttpResponse:
    mark = "，含合成数据" if context["synthetic"] else ""
    head = f"已经结束的季度支付的举报奖励，不足{rules.FEWEST}件的季度和领域合并或者不显示{mark}"
    body = [
        [
            f"{period.first}",
            f"{period.last}",
            name,
            "" if one.count is None else one.count,
            "" if one.yuan is None else f"{one.yuan:.2f}",
        ]
        for period, name, one in context["rows"]
    ]
    name = "report_rewards_SYNTHETIC.csv" if context["synthetic"] else "report_rewards.csv"
    columns = [["起", "止", "领域", "件数", "金额（元）"], ["from", "to", "field", "rewards", "yuan"]]
    return csv_response(name, [[head], *columns, *body])


urlpatterns = [
    path("status/reward/", reward, name="complain_reward"),
    path("status/protection/", protection, name="complain_protection"),
    path("rewards/", statistics, name="reward_statistics"),
]
