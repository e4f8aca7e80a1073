"""What pages read of rewards: a case with its parts, orders to pay, the public statistic. Nobody's name is among it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zhijian.apps.consumer.complaints.models import Reward, ViolationReport
from zhijian.apps.consumer.complaints.rewards import rules
from zhijian.apps.consumer.complaints.rewards.models import (
    Application,
    Assessment,
    Claim,
    Grant,
    Payment,
    Protection,
    RewardCase,
)
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

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


def orders(officer: Officer) -> list[Claim]:
    """Return the orders of the officer's area that wait for a receipt, the oldest first."""
    found = Claim.objects.filter(
        payment=None, grant__reward_case__organisation__division_code__startswith=officer.territory
    )
    return list(
        found.select_related("grant__reward", "grant__reward_case__organisation").order_by("at")[:MOST_ROWS]
    )


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

    @property
    def can_claim(self) -> bool:
        return self.state in {"waiting", "returned"}


def standing_of(report: ViolationReport) -> Standing:
    """Return how the reward of a report stands."""
    asked = Application.objects.filter(report=report).first()
    reward = Reward.objects.filter(report=report).select_related("grant__reward_case").first()
    grant = Grant.objects.filter(reward=reward).first() if reward is not None else None
    is_told = grant is not None and grant.reward_case.told_on is not None
    refused = report.steps.filter(verb="refuse_reward").exists()
    may_ask = (
        asked is None and report.state not in {"no_case", "no_authority_told", "repeated"} and not refused
    )
    return Standing(
        can_apply=may_ask and not is_told,
        needs_password=not report.is_named,
        is_applied=asked is not None,
        state=grant.state if grant is not None and is_told else "none" if refused else "",
        yuan=reward.amount_yuan if reward is not None and is_told else None,
        until=grant.reward_case.claim_until if grant is not None and is_told else None,
        code=reward.payout_code if reward is not None and is_told else "",
        asks_password=asked is not None and bool(asked.password_digest),
    )


def paid() -> list[rules.Paid]:
    """Return every payment of a reward, with the field of the taxonomy and the day when its receipt was entered."""
    found = Payment.objects.filter(is_paid=True)
    rows = found.values_list(
        "at",
        "claim__grant_id",
        "claim__grant__reward__report__topic_code",
        "claim__grant__reward__amount_yuan",
    )
    return [rules.Paid(statutory_day(at), grant, topic[:3], yuan) for at, grant, topic, yuan in rows]


def is_synthetic(periods: Sequence[rules.Period]) -> bool:
    """Say whether invented payments are among those of these periods."""
    if not periods:
        return False
    last = max(one.last for one in periods)
    invented = Payment.objects.filter(is_paid=True, claim__grant__reward_case__is_synthetic=True)
    return any(statutory_day(at) <= last for at in invented.values_list("at", flat=True))


def statistic(today: date) -> list[rules.Period]:
    """Return the public statistic of the quarters that are over on a day, the latest first."""
    return rules.closed_periods(paid(), today)[:MOST_PERIODS]
