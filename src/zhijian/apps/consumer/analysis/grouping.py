"""Open complaints about one platform or shop, to be settled together (S58): pure.

Reports are none of them: each is verified by itself, nothing is offered to who reported, and that a firm was reported
is not to be told to those who settle complaints (Order 121 article 37).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zhijian.engines.signals.counted import COMPLAINT, Counted

PLATFORM, SHOP = "platform", "shop"


@dataclass(frozen=True)
class Together:
    """Cases that may be taken up together, the firm or platform they are about, and how many are late or soon due."""

    kind: str
    key: str
    label: str
    cases: tuple[Counted, ...]


def together(cases: Sequence[Counted], *, least: int) -> list[Together]:
    """Return groups of open complaints, the largest first: by shop where a shop has enough, else by platform."""
    waiting = [case for case in cases if case.is_open and case.kind == COMPLAINT]
    shops = _groups(SHOP, [(case.firm, case.firm_name, case) for case in waiting], least)
    taken = {case.number for group in shops for case in group.cases}
    rest = [(case.platform, case.platform, case) for case in waiting if case.number not in taken]
    return sorted(shops + _groups(PLATFORM, rest, least), key=lambda group: (-len(group.cases), group.key))


@dataclass(frozen=True)
class Progress:
    """How far a group has come: each case ends by itself."""

    total: int
    ended: int
    agreed: int
    late: int
    recovered_yuan: Decimal

    @property
    def open(self) -> int:
        return self.total - self.ended


def progress(cases: Sequence[Counted], *, on: date) -> Progress:
    """Count how the cases of a group stand on a day; late are those not answered after their own last day."""
    ended = [case for case in cases if not case.is_open]
    late = [case for case in cases if case.due_on and case.answered_on is None and case.due_on < on]
    return Progress(
        total=len(cases),
        ended=len(ended),
        agreed=sum(case.ending == "agreed" for case in ended),
        late=len(late),
        recovered_yuan=sum((case.amount_yuan for case in cases), Decimal(0)),
    )


def newcomers(
    cases: Sequence[Counted], *, key: str, known: Collection[str], elsewhere: Collection[str]
) -> list[Counted]:
    """Return open complaints about the same platform or shop that came since and are in no group yet."""
    taken = {*known, *elsewhere}
    return [
        case
        for case in cases
        if case.is_open
        and case.kind == COMPLAINT
        and key in (case.firm, case.platform)
        and case.number not in taken
    ]


def _groups(kind: str, rows: Sequence[tuple[str, str, Counted]], least: int) -> list[Together]:
    found: dict[str, list[Counted]] = {}
    labels: dict[str, str] = {}
    for key, label, case in rows:
        if key:
            found.setdefault(key, []).append(case)
            labels[key] = label
    return [Together(kind, key, labels[key], tuple(own)) for key, own in found.items() if len(own) >= least]
