"""What pages read of promises: which are due for their check, and how each stands."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When

from zhijian.apps.supervision.commitments import rules
from zhijian.apps.supervision.commitments.models import (
    ApprovalCommitment,
    CommitmentMatter,
    CommitmentText,
)
from zhijian.security.models import Officer
from zhijian.security.permissions import rows_in_area

UNCHECKED, OPEN = "unchecked", "open"


@dataclass(frozen=True)
class Promised:
    """One promise: its text, its case if there is one, by when it is checked, and how it stands."""

    commitment: ApprovalCommitment
    matter: CommitmentMatter | None
    due_on: date

    @property
    def standing(self) -> str:
        if self.matter is None:
            return UNCHECKED
        return self.matter.outcome or OPEN


def promised(key: str) -> tuple[ApprovalCommitment, CommitmentText]:
    """Return a promise and the text that was promised."""
    commitment = ApprovalCommitment.objects.get(key=key)
    return commitment, CommitmentText.objects.get(key=commitment.text)


def standing_of(key: str) -> str:
    """Say how a promise stands: unchecked, open, kept, cured, withdrawn or approval_kept."""
    matter = CommitmentMatter.objects.filter(commitment=key).first()
    return UNCHECKED if matter is None else matter.outcome or OPEN


def of_area(officer: Officer) -> QuerySet[ApprovalCommitment]:
    """Return the promises of the officer's area, those first whose check is still open, the oldest approval first.

    `found` is None without a case, empty while it is open, else its outcome.
    """
    outcome = CommitmentMatter.objects.filter(commitment=OuterRef("key")).values("outcome")[:1]
    is_over = Case(When(Q(found=None) | Q(found=""), then=Value(0)), default=Value(1))
    rows = ApprovalCommitment.objects.filter(rows_in_area(officer)).annotate(found=Subquery(outcome))
    return rows.order_by(is_over, "valid_from", "key")


def told(commitments: Iterable[ApprovalCommitment]) -> list[Promised]:
    """Return how the promises of a page stand."""
    shown = list(commitments)
    matters = CommitmentMatter.objects.filter(commitment__in=[one.key for one in shown])
    by_key = {one.commitment: one for one in matters.select_related("case__organisation")}
    return [Promised(one, by_key.get(one.key), rules.check_due_on(one.valid_from)) for one in shown]


def waiting_and_late(rows: QuerySet[Any], *, on: date) -> tuple[int, int]:
    """Return how many promises have no case yet, and how many of those not decided are past the day of their check."""
    still = rows.filter(Q(found=None) | Q(found="")).order_by()
    by_day = still.values_list("valid_from").annotate(n=Count("pk"))
    late = sum(count for day, count in by_day if rules.check_due_on(day) < on)
    return rows.filter(found=None).count(), late


def counts() -> Counter[str]:
    """Count the promises by standing."""
    outcomes = dict(CommitmentMatter.objects.values_list("commitment", "outcome"))
    keys = ApprovalCommitment.objects.values_list("key", flat=True)
    return Counter(UNCHECKED if key not in outcomes else outcomes[key] or OPEN for key in keys)
