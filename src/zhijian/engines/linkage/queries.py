"""Doubtful pairs as officers see them, and decisions as training reads them."""

from dataclasses import dataclass
from typing import Any

from zhijian.datazone.lake import Lake
from zhijian.datazone.linkage.register import DOUBTFUL_PAIRS
from zhijian.engines.facts.models import Fact

KIND, SOURCE = "linkage.decided", "linkage"
SAME, DIFFERENT, UNSURE = "same", "different", "unsure"
VERDICTS = (SAME, DIFFERENT, UNSURE)


@dataclass(frozen=True)
class Pair:
    """A record beside its best candidate, and what was last decided about them."""

    row: dict[str, Any]
    decision: Fact | None

    @property
    def pair_id(self) -> str:
        return str(self.row["pair_id"])

    @property
    def is_open(self) -> bool:
        """Undecided, or decided as unsure: somebody else may know."""
        return self.decision is None or self.decision.payload["verdict"] == UNSURE


def pairs(lake: Lake, *, territory: str) -> list[Pair]:
    """Return the doubtful pairs whose entity lies in a territory (leading digits), the most doubtful last."""
    if not lake.exists(DOUBTFUL_PAIRS):
        return []
    rows = [
        r
        for r in lake.read(DOUBTFUL_PAIRS).to_pylist()
        if (r["prefecture_code"] or "44").startswith(territory[:4])
    ]
    decided = {fact.payload["pair_id"]: fact for fact in decisions()}
    rows.sort(key=lambda row: (-row["probability"], row["pair_id"]))
    return [Pair(row, decided.get(row["pair_id"])) for row in rows]


def find(lake: Lake, pair_id: str, *, territory: str) -> Pair | None:
    """Return one pair of a territory, or None."""
    return next((pair for pair in pairs(lake, territory=territory) if pair.pair_id == pair_id), None)


def decisions() -> list[Fact]:
    """Return the decision in force on every pair that has one: the newest version, none that was withdrawn."""
    superseded = Fact.objects.filter(supersedes_id__isnull=False).values("supersedes_id")
    standing = Fact.objects.filter(kind=KIND, source=SOURCE, is_withdrawal=False).exclude(pk__in=superseded)
    return list(standing.order_by("recorded_at", "pk"))


def history(pair_id: str) -> list[Fact]:
    """Return every decision about a pair, oldest first."""
    return list(Fact.objects.filter(source=SOURCE, source_key=pair_id).order_by("revision"))
