"""Who looked at one's file, when and why, as it is told to the one whom it concerns: not while the case is secret."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from zhijian.engines.data_protection.rules import is_told
from zhijian.security.models import AccessRecord
from zhijian.standards.calendar import statutory_day

SECRET_PARTS = frozenset(
    {"case", "check", "case check", "evidence", "recordings", "suggestions", "reporter_identity",
     "reporter_protection", "inspector_objection", "key_file", "drug_file", "measures", "draws_audit_firms",
     "members", "file_custody"}
)  # fmt: skip
"""Parts of a file whose opening would betray a case, a visit or an inquiry that is still secret."""
_SECRET_STARTS = ("evidence_", "file_", "signal")
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
    return part in SECRET_PARTS or part.startswith(_SECRET_STARTS)


def _reason(look: AccessRecord) -> str:
    """Return the reason, without what is a fingerprint of a file and tells nobody anything."""
    return "" if len(look.reason) == 64 and look.reason.isalnum() else look.reason
