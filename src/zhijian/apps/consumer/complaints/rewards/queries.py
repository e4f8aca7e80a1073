"""What pages read of rewards: a case with its parts, orders to pay, the public statistic. Nobody's name is among it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from zhijian.apps.consumer.complaints.models import ViolationReport
from zhijian.apps.consumer.complaints.rewards import reviewing, rules
from zhijian.apps.consumer.complaints.rewards.models import (
    Application,
    Assessment,
    Claim,
    Grant,
    Outcome,
    Payment,
    Protection,
    Review,
    RewardCase,
)
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST_ROWS = 200
MOST_PERIODS = 12  # of the public statistic


@dataclass(frozen=True)
class RewardSheet:
    """A reward beside its case."""

    reward_case: RewardCase
    assessment: Assessment | None
    grants: Sequence[Grant]
    has_application: bool


def sheet(reward_case: RewardCase) -> RewardSheet:
    """Return what the page of a reward shows to officers."""
    return RewardSheet(
        reward_case,
        reward_case.assessment,
        list(reward_case.grants.select_related("reward__report")),
        Application.objects.filter(report=reward_case.report).exists(),
    )


def reward_cases(officer: Officer) -> list[RewardCase]:
    """Return the rewards of the officer's area, the newest first."""
    found = RewardCase.objects.filter(organisation__division_code__startswith=officer.territory)
    return list(
        found.select_related("organisation", "case").prefetch_related("assessments", "grants")[:MOST_ROWS]
    )


def protections(officer: Officer) -> list[Protection]:
    """Return the requests for protection of the officer's area, the newest first."""
    found = Protection.objects.filter(organisation__division_code__startswith=officer.territory)
    return list(found.select_related("organisation", "case")[:MOST_ROWS])


def waiting_orders(officer: Officer) -> "QuerySet[Claim]":
    """Return the orders of the officer's area that wait for a receipt."""
    return Claim.objects.filter(
        payment=None, grant__reward_case__organisation__division_code__startswith=officer.territory
    )


def orders(officer: Officer) -> list[Claim]:
    """Return the orders of the officer's area that wait for a receipt, the oldest first."""
    found = waiting_orders(officer).select_related("grant__reward", "grant__reward_case__organisation")
    return list(found.order_by("at")[:MOST_ROWS])


def find_order(number: str, officer: Officer) -> Claim | None:
    """Return an order of the officer's area by its number."""
    found = Claim.objects.filter(
        order_number=number, grant__reward_case__organisation__division_code__startswith=officer.territory
    )
    return found.select_related("grant__reward__report", "grant__reward_case__organisation").first()


@dataclass(frozen=True)
class Standing:
    """How the reward of a report stands, as its maker sees it."""

    can_apply: bool
    needs_password: bool
    is_applied: bool
    state: str  # of the grant; "" before a decision was told, "none" where none is given
    yuan: Decimal | None = None
    until: date | None = None
    code: str = ""
    asks_password: bool = False
    due_yuan: Decimal | None = None  # what may be claimed now
    review_until: date | None = None  # the last day to ask for a review
    review: Review | None = None
    outcome: Outcome | None = None  # of the review, once it was told

    @property
    def can_claim(self) -> bool:
        return self.state in {"waiting", "returned"}


def standing_of(report: ViolationReport) -> Standing:
    """Return how the reward of a report stands."""
    asked = Application.objects.filter(report=report).first()
    grant = reviewing.part_of(report)
    reward_case = reviewing.reward_case_of(report)
    told_on = reward_case.told_on if reward_case is not None else None
    is_told = grant is not None and told_on is not None
    review = Review.objects.filter(report=report).first()
    is_review_told = review is not None and review.told_on is not None
    refused = report.steps.filter(verb="refuse_reward").exists() and not (is_review_told and told_on is None)
    may_ask = (
        asked is None and report.state not in {"no_case", "no_authority_told", "repeated"} and not refused
    )
    return Standing(
        can_apply=may_ask and not is_told,
        needs_password=not report.is_named,
        is_applied=asked is not None,
        state=grant.state if grant is not None and is_told else "none" if refused else "",
        yuan=grant.total_yuan if grant is not None and is_told else None,
        until=grant.claim_until if grant is not None and is_told else None,
        code=grant.reward.payout_code if grant is not None and is_told else "",
        due_yuan=grant.due_yuan if grant is not None and is_told else None,
        review_until=rules.review_until(told_on) if told_on is not None else None,
        review=review,
        outcome=Outcome.objects.filter(review=review).first() if is_review_told else None,
        asks_password=asked is not None and bool(asked.password_digest),
    )


def paid() -> list[rules.Paid]:
    """Return every payment of a reward, with the field of the taxonomy then and the day when its receipt was entered."""
    found = Payment.objects.filter(is_paid=True)
    rows = found.values_list(
        "at",
        "claim__grant_id",
        "field_code",
        "claim__amount_yuan",
    )
    return [rules.Paid(statutory_day(at), grant, field, yuan) for at, grant, field, yuan in rows]


def is_synthetic(periods: Sequence[rules.Period]) -> bool:
    """Say whether invented payments are among those of these periods."""
    if not periods:
        return False
    last = max(one.last for one in periods)
    invented = Payment.objects.filter(is_paid=True, claim__grant__reward_case__is_synthetic=True)
    return any(statutory_day(at) <= last for at in invented.values_list("at", flat=True))


def reviewed() -> list[rules.Paid]:
    """Return every review whose outcome was told, with the outcome as its field; no sum is told of them."""
    rows = Outcome.objects.filter(review__told_on__isnull=False).values_list(
        "review__told_on", "review_id", "is_changed"
    )
    return [
        rules.Paid(day, review, "changed" if is_changed else "upheld", Decimal(0))
        for day, review, is_changed in rows
        if day is not None
    ]


def review_statistic(today: date) -> list[rules.Period]:
    """Return how reviews ended in the quarters that are over, under the same rule as what was paid."""
    return rules.closed_periods(reviewed(), today)[:MOST_PERIODS]


def reviews(officer: Officer) -> list[Review]:
    """Return the reviews of the officer's area, the newest first."""
    found = Review.objects.filter(organisation__division_code__startswith=officer.territory)
    return list(found.select_related("organisation", "case", "outcome")[:MOST_ROWS])


def statistic(today: date) -> list[rules.Period]:
    """Return the public statistic of the quarters that are over on a day, the latest first."""
    return rules.closed_periods(paid(), today)[:MOST_PERIODS]
