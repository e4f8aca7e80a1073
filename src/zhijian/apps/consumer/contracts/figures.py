"""Figures about contracts: terms by kind and trade, how matters ended, uses of model contracts, checks by the public."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Sum

from zhijian.apps.consumer.contracts.codes import KINDS
from zhijian.apps.consumer.contracts.models import ContractVersion, Matter, PublicCheck, TextUse


@dataclass(frozen=True)
class Summary:
    """Counts of matters by the terms in their first text. `cells` is by trade and kind; a contract counts once a kind."""

    matters: int
    amended: int
    clues: int
    no_issue: int
    open: int
    by_kind: Mapping[str, int]
    by_trade: Mapping[str, tuple[int, int, int]]  # matters, terms, amended
    cells: Mapping[tuple[str, str], int]
    checks: int
    checked_kinds: Mapping[str, int]
    check_cells: Mapping[tuple[str, str], int]
    is_synthetic: bool


def uses() -> dict[str, int]:
    """Return how often each model contract was taken, by its number."""
    rows = TextUse.objects.values("key").annotate(times_sum=Sum("times"))
    return {row["key"]: row["times_sum"] for row in rows}


def summary() -> Summary:
    """Return every figure of the page of statistics."""
    first = dict(ContractVersion.objects.filter(sequence=1).values_list("matter_id", "kinds"))
    matters = list(Matter.objects.values_list("pk", "trade_code", "state", "is_synthetic"))
    states = Counter(state for _, _, state, _ in matters)
    cells = Counter((trade, kind) for key, trade, _, _ in matters for kind in first.get(key, ()))
    by_kind: Counter[str] = Counter()
    for (_, kind), count in cells.items():
        by_kind[kind] += count
    trades = Counter(trade for _, trade, _, _ in matters)
    amended = Counter(trade for _, trade, state, _ in matters if state == "amended")
    by_trade = {
        trade: (count, sum(n for (own, _), n in cells.items() if own == trade), amended[trade])
        for trade, count in trades.most_common()
    }
    checks = _checks()
    checked: Counter[str] = Counter()
    for (_, kind), count in checks.items():
        checked[kind] += count
    total = checked.pop("", 0)
    return Summary(
        matters=len(matters), amended=states["amended"], clues=states["clue"], no_issue=states["no_issue"],
        open=states["open"], by_kind=_ordered(by_kind), by_trade=by_trade, cells=cells, checks=total,
        checked_kinds=_ordered(checked), check_cells=checks,
        is_synthetic=any(synthetic for *_, synthetic in matters),
    )  # fmt: skip


def _checks() -> dict[tuple[str, str], int]:
    rows = PublicCheck.objects.values("trade_code", "kind").annotate(times_sum=Sum("times"))
    return {(row["trade_code"], row["kind"]): row["times_sum"] for row in rows}


def _ordered(counts: Counter[str]) -> dict[str, int]:
    """Return the counts of known kinds, the most frequent first."""
    return {kind: count for kind, count in counts.most_common() if kind in KINDS}
