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
from zhijian.apps.consumer.complaints.intake import throttle
from zhijian.apps.consumer.complaints.intake.rating import csv_response
from zhijian.apps.consumer.complaints.models import Reward, Submission, ViolationReport
from zhijian.apps.consumer.complaints.policies import Incomplete, NotNow
from zhijian.apps.consumer.complaints.rewards import protecting, queries, rules, services
from zhijian.apps.consumer.complaints.rewards.pages import problems_of, said, ways, words_of
from zhijian.apps.consumer.complaints.rewards.words import GRANT_WORDS, THREAT_WORDS
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
        throttle.admit(
            throttle.WRONG_RECEIPT, address="", device=f"reward {report.number}", at=timezone.now()
        )
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
        "least": services.LEAST_PASSWORD,
        "synthetic": "part" if report.is_synthetic else "",
    }
    return site.show(request, "rewards/public/reward.html", context, 422 if problems else 200)


def _act(request: HttpRequest, report: ViolationReport) -> None:
    """Ask or claim, as the button says."""
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
    found = Reward.objects.select_related("report").filter(report=report, grant__isnull=False).first()
    if found is None:
        raise NotNow("还没有奖励决定。", "Nothing was decided yet.")
    services.claim(
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
    """What was paid in a year, by field: count and sum, nothing that tells of a person."""
    last = statutory_day(timezone.now())
    first = date(last.year - 1, last.month, 1)
    rows = queries.statistic(first, last)
    context: dict[str, Any] = {
        "first": first,
        "last": last,
        "rows": [(_field(one.field), one) for one in rows],
        "count": sum(one.count or 0 for one in rows),
        "yuan": sum(one.yuan or 0 for one in rows),
        "is_hidden": any(one.count is None for one in rows),
        "fewest": rules.FEWEST,
        "synthetic": "part" if queries.is_synthetic(first, last) else "",
    }
    if request.GET.get("format") == "csv":
        return _csv(context)
    return site.show(request, "rewards/public/statistics.html", context)


def _field(code: str) -> str:
    entry = consumer_matters.find(code) if code else None
    return said((entry.name_zh, entry.name_en)) if entry is not None else gettext("其他领域合计")


def _csv(context: dict[str, Any]) -> HttpResponse:
    mark = "，含合成数据" if context["synthetic"] else ""
    head = (
        f"举报奖励，{context['first']}至{context['last']}支付，少于{rules.FEWEST}笔的领域合并或者不显示{mark}"
    )
    body = [
        [name, "" if one.count is None else one.count, "" if one.yuan is None else f"{one.yuan:.2f}"]
        for name, one in context["rows"]
    ]
    name = "report_rewards_SYNTHETIC.csv" if context["synthetic"] else "report_rewards.csv"
    return csv_response(name, [[head], ["领域", "笔数", "金额（元）"], ["field", "payments", "yuan"], *body])


urlpatterns = [
    path("status/reward/", reward, name="complain_reward"),
    path("status/protection/", protection, name="complain_protection"),
    path("rewards/", statistics, name="reward_statistics"),
]
