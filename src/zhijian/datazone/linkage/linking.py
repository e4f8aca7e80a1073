"""Which entity of the register a record speaks of: the best candidate, how sure, and who came second.

Decided by expected cost. With p the chance that the best candidate is the one: to link costs (1-p) times a false link,
to leave it costs p times a missed link, to ask an officer costs a review. The cheapest is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhijian.datazone.linkage.blocking import CAP
from zhijian.datazone.linkage.comparing import COMPARISONS, compare
from zhijian.datazone.linkage.index import RegisterIndex
from zhijian.datazone.linkage.rows import Rows, rows_of
from zhijian.datazone.linkage.scoring import Weights, rarity_bits, score
from zhijian.standards import parameters

COSTS = parameters.load("linkage/costs")
CHUNK = 20_000
NONE = -1
LINKED, DOUBTFUL, NOT_FOUND = "linked", "doubtful", "not_found"
DECISIONS = np.array([LINKED, DOUBTFUL, NOT_FOUND])


@dataclass(frozen=True)
class Costs:
    """What a wrong link, a missed link and a review cost, and the share of records whose entity is not on the register."""

    false_link: float
    missed_link: float
    review: float
    share_not_on_register: float

    @classmethod
    def on(cls, day: date) -> "Costs":
        """The costs in force on a day."""
        return cls(**COSTS.on(day))

    def decide(self, probability: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """0 to link, 1 to ask, 2 to leave: whichever has the lowest expected cost."""
        link, leave = (1 - probability) * self.false_link, probability * self.missed_link
        ask = np.full(len(probability), self.review)
        return np.argmin(np.stack((link, ask, leave)), axis=0)


@dataclass(frozen=True)
class Links:
    """A row per record: places in the register (-1: none), chance and weight of the best, and the margin in bits."""

    best: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    probability: npt.NDArray[np.float64]
    bits: npt.NDArray[np.float64]
    margin_bits: npt.NDArray[
        np.float64
    ]  # over the second; over the chance of being absent where there is none
    decision: npt.NDArray[np.int64]  # place in DECISIONS
    candidates: npt.NDArray[np.int64]

    def table(self, index: RegisterIndex) -> pa.Table:
        """As columns: uscc, second_uscc, probability, weight_bits, margin_bits, decision, candidates."""
        codes = np.concatenate((index.codes, np.array([b""], "S18")))
        as_text = lambda places: pa.array([code.decode() or None for code in codes[places]], pa.string())  # noqa: E731
        return pa.table(
            {
                "uscc": as_text(self.best),
                "second_uscc": as_text(self.second),
                "probability": self.probability,
                "weight_bits": self.bits,
                "margin_bits": self.margin_bits,
                "decision": pa.array(DECISIONS[self.decision]),
                "candidates": self.candidates,
            }
        )


def link_rows(rows: Rows, index: RegisterIndex, weights: Weights, costs: Costs, *, cap: int = CAP) -> Links:
    """Link records that are rows already. Of equal candidates the one with the lower code comes first."""
    record, entity = index.candidates(rows, cap)
    bits, _ = score(rows[record], index.rows[entity], len(index), weights)
    count = len(rows)
    order = np.lexsort((entity, -np.round(bits, 9), record))
    record, entity, bits = record[order], entity[order], bits[order]
    counts = np.bincount(record, minlength=count)
    first = np.cumsum(counts) - counts
    has, has_two = counts > 0, counts > 1
    best, second = np.full(count, NONE), np.full(count, NONE)
    best[has], second[has_two] = entity[first[has]], entity[first[has_two] + 1]
    prior = np.log2((1 - costs.share_not_on_register) / costs.share_not_on_register / max(len(index), 1))
    top, runner_up = np.full(count, -np.inf), np.full(count, -prior)
    top[has] = bits[first[has]]
    runner_up[has_two] = bits[first[has_two] + 1]
    # The chance of the best among all candidates and absence; shifted by the best, so that nothing overflows.
    odds = np.exp2(np.clip(bits - top[record], -200, 0))
    total = np.bincount(record, weights=odds, minlength=count)
    absent = np.exp2(np.clip(-prior - np.where(has, top, 0.0), -200, 200))
    probability = np.where(has, 1.0 / (total + absent), 0.0)
    margin = np.where(has, top - runner_up, 0.0)
    decision = np.where(has, costs.decide(probability), 2)
    return Links(best, second, probability, np.where(has, top, 0.0), margin, decision, counts)


def link_table(
    records: pa.Table, index: RegisterIndex, weights: Weights, costs: Costs
) -> Iterator[tuple[pa.Table, Links]]:
    """Link records in chunks; each chunk of the table with its links."""
    for at in range(0, records.num_rows, CHUNK):
        chunk = records.slice(at, CHUNK)
        yield chunk, link_rows(rows_of(chunk)[0], index, weights, costs)


def link_one(record: dict[str, Any], index: RegisterIndex, weights: Weights, costs: Costs) -> Links:
    """Link one record: the same functions on a table of one row."""
    table = pa.table({name: pa.array([value], pa.string()) for name, value in record.items()})
    return link_rows(rows_of(table)[0], index, weights, costs)


def explanations(records: pa.Table, links: Links, index: RegisterIndex, weights: Weights) -> pa.Array:
    """One line per record: each comparison of the best pair with its level and bits, such as `trade=exact +14.2`."""
    has = np.flatnonzero(links.best != NONE)
    told = np.full(len(links.best), "", dtype=object)
    if len(has):
        left, right = rows_of(records.take(pa.array(has)))[0], index.rows[links.best[has]]
        levels = compare(left, right)
        parts = weights.table[np.arange(len(COMPARISONS)), levels + 1].copy()
        parts[:, 0] += rarity_bits(levels, right["namesakes"], len(index), weights)
        pieces = []
        for place, comparison in enumerate(COMPARISONS):
            names = np.array(["silent", *(level.name for level in comparison.levels)])[levels[:, place] + 1]
            bits = np.char.mod(" %+.1f", parts[:, place])
            pieces.append(np.char.add(np.char.add(f"{comparison.name}=", names), bits))
        line = pieces[0]
        for piece in pieces[1:]:
            line = np.char.add(np.char.add(line, "; "), piece)
        told[has] = line
    return pa.array(told, pa.string())
