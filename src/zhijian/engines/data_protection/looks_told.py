"""Who looked at one's file, when and why, as it is told to the one whom it concerns: not while the case is secret."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from zhijian.engines.data_protection.rules import is_told
from zhijian.security.models import AccessRecord
from zhijian.standards.calendar import statutory_day

TOLD_AT_ONCE = frozenset(
    {"credit_class", "sector_class", "credit_file", "business_code", "business_removed", "repair_desk", "lists_desk",
     "position_bar_entered", "position_bar_lifted", "data_request", "linkage_pair", "complaint_party", "agent_mandate",
     "joint_election", "odr_desk", "odr_room", "payout_account", "reward_review"}
)  # fmt: skip
"""Parts of a file whose opening betrays no visit, case or inquiry. Every other one waits, so that a part which is new, or
of which nobody thought, warns no firm: that it lies on a round, or was drawn."""
_TOLD_STARTS = ("bay_area_",)
MOST = 200


@dataclass(frozen=True)
class ToldLook:
    """A look as it is told: the unit and the post, not the name; `number` is what to quote in a request."""

    number: int
    at: datetime
    unit: str
    role: str
    part: str
    reason: str


def told(
    subjects: Iterable[str], *, closed_matters: Callable[[Collection[str]], Collection[str]], today: date
) -> list[ToldLook]:
    """Return the looks at somebody's file that are told by now, newest first.

    `closed_matters` says which of these numbers are of cases or checks that are closed or published. A look at a secret
    part that names no such number stays untold until its days are over.
    """
    looks = list(AccessRecord.objects.filter(subject__in=list(subjects)).order_by("-sequence")[: MOST * 2])
    closed = set(closed_matters({one.reason for one in looks if one.reason and is_secret_part(one.part)}))
    return [
        ToldLook(one.sequence, one.looked_at, one.organisation_name, one.role, one.part, _reason(one))
        for one in looks
        if is_told(
            statutory_day(one.looked_at),
            is_secret=is_secret_part(one.part) and one.reason not in closed,
            today=today,
        )
    ][:MOST]


def is_secret_part(part: str) -> bool:
    return part not in TOLD_AT_ONCE and not part.startswith(_TOLD_STARTS)


def _reason(look: AccessRecord) -> str:
    """Return the reason, without what is a fingerprint of a file and tells nobody anything."""
    return "" if len(look.reason) == 64 and look.reason.isalnum() else look.reason
