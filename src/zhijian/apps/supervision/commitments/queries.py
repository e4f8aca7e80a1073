"""What pages read of promises: which are due for their check, and how each stands."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from zhijian.apps.supervision.commitments import rules
from zhijian.apps.supervision.commitments.models import (
    ApprovalCommitment,
    CommitmentMatter,
    CommitmentText,
)
from zhijian.security.models import Officer
from zhijian.security.permissions import in_area

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


def of_area(officer: Officer) -> list[Promised]:
    """Return the promises of the officer's area, those first whose check is due first and still open."""
    matters = {one.commitment: one for one in CommitmentMatter.objects.select_related("case")}
    found = [
        Promised(one, matters.get(one.key), rules.check_due_on(one.valid_from))
        for one in ApprovalCommitment.objects.all()
        if in_area(officer, one.division_code)
    ]
    return sorted(
        found, key=lambda one: (bool(one.matter and one.matter.outcome), one.due_on, one.commitment.key)
    )


def counts() -> Counter[str]:
    """Count the promises by standing."""
    outcomes = dict(CommitmentMatter.objects.values_list("commitment", "outcome"))
    keys = ApprovalCommitment.objects.values_list("key", flat=True)
    return Counter(UNCHECKED if key not in outcomes else outcomes[key] or OPEN for key in keys)
