"""Transfers counted by direction, place, goods, outcome and days, small numbers hidden. Pure on what was counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from zhijian.apps.consumer.bay_area.codes import Status
from zhijian.apps.consumer.bay_area.models import Transfer
from zhijian.standards.calendar import statutory_day

FEWEST = 5  # a smaller number would tell of single consumers
OUTCOME_WORDS: dict[str, tuple[str, str]] = {
    "settled": ("已解决", "Settled"),
    "failed": ("未能解决", "Not settled"),
    "returned": ("退回", "Returned"),
    "authority": ("已交行政机关", "With an authority"),
    "open": ("还在进行", "Going on"),
}
_OUTCOME = {
    Status.SETTLED: "settled",
    Status.FAILED: "failed",
    Status.RETURNED: "returned",
    Status.ESCALATED: "authority",
}


@dataclass(frozen=True)
class Counted:
    """What the statistics know of a transfer: no person, no trader, no words."""

    direction: str
    council: str
    goods_code: str
    city: str  # of the trader (in) or, where it is known, of the consumer (out)
    outcome: str
    received_on: date
    days: int | None  # calendar days from receipt to the outcome
    is_synthetic: bool


@dataclass(frozen=True)
class Cell:
    """One row of a table: how many, and how they ended; None where the number is small."""

    count: int | None
    outcomes: dict[str, int | None]
    days: float | None  # median


def counted(first: date, last: date) -> list[Counted]:
    """Return what was handed over and received between two days; what was withdrawn unsent never crossed the border."""
    rows = Transfer.objects.filter(
        received_at__date__gte=first, received_at__date__lte=last
    ).prefetch_related("steps")
    return [_counted(one) for one in rows if one.status != Status.WITHDRAWN]


def _counted(transfer: Transfer) -> Counted:
    received = statutory_day(transfer.received_at)
    outcome = _OUTCOME.get(transfer.status, "open")
    ended = next((step.at for step in transfer.history if step.status == transfer.status), None)
    return Counted(
        direction=transfer.direction,
        council=transfer.council,
        goods_code=transfer.goods_code,
        city=f"{transfer.division_code[:4]}00" if transfer.division_code else "",
        outcome=outcome,
        received_on=received,
        days=(statutory_day(ended) - received).days if ended and outcome != "open" else None,
        is_synthetic=transfer.is_synthetic,
    )


def cell(several: Sequence[Counted]) -> Cell:
    """Sum up; a small number is hidden, and where exactly one of the parts is small, the next smallest with it.

    Otherwise the hidden part could be computed from the sum.
    """
    found = Counter(one.outcome for one in several)
    parts: dict[str, int | None] = {name: found[name] for name in OUTCOME_WORDS}
    small = [name for name, value in parts.items() if value is not None and 0 < value < FEWEST]
    if len(small) == 1:
        others = [(value, name) for name, value in parts.items() if value and name not in small]
        small += [min(others)[1]] if others else []
    parts |= dict.fromkeys(small)
    took = [one.days for one in several if one.days is not None]
    days = float(median(took)) if len(took) >= FEWEST else None
    if 0 < len(several) < FEWEST:
        return Cell(None, dict.fromkeys(OUTCOME_WORDS), None)
    return Cell(len(several), parts, days)


def by(name: str, several: Iterable[Counted]) -> dict[str, Cell]:
    """Sum up by a field. Groups that are small are put together under "", so that nothing follows from the sum.

    Where that rest is small too, the smallest of the told groups joins it.
    """
    groups: dict[str, list[Counted]] = {}
    for one in several:
        groups.setdefault(getattr(one, name), []).append(one)
    rest = groups.pop("", [])
    told = dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))
    for code in [code for code, own in told.items() if len(own) < FEWEST]:
        rest += told.pop(code)
    if 0 < len(rest) < FEWEST and told:
        rest += told.popitem()[1]
    return {code: cell(own) for code, own in told.items()} | ({"": cell(rest)} if rest else {})
