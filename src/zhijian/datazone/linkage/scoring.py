"""What each agreement weighs, in bits, and how sure the best candidate is.

A level's weight is log2(m/u): how much more often it is met between records of one entity than between two drawn at
random. The weights of a pair add up. Candidates of one record compete: the chance of each is its odds among all
candidates and the chance that the register does not hold the entity at all.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zhijian.datazone.linkage.comparing import COMPARISONS, EXACT, NAMES, SILENT, TRADE, Levels, compare
from zhijian.datazone.linkage.rows import Rows

SHIPPED = Path(__file__).parent / "data" / "weights.json"
Bits = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """m and u of every level by comparison, a factor per comparison learnt from decisions, and what they come from."""

    m: dict[str, tuple[float, ...]]
    u: dict[str, tuple[float, ...]]
    factors: dict[str, float]
    offset_bits: float  # added to every pair; 0 unless decisions taught otherwise
    source: str
    labels: int = 0

    @cached_property
    def table(self) -> Bits:
        """Bits by comparison and level + 1; the first column, for a silent side, is 0."""
        widest = max(len(c.levels) for c in COMPARISONS) + 1
        found = np.zeros((len(NAMES), widest))
        for place, name in enumerate(NAMES):
            bits = np.log2(np.array(self.m[name]) / np.array(self.u[name])) * self.factors.get(name, 1.0)
            found[place, 1 : len(bits) + 1] = bits
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "labels": self.labels,
            "offset_bits": self.offset_bits,
            "factors": self.factors,
            "m": {name: list(self.m[name]) for name in NAMES},
            "u": {name: list(self.u[name]) for name in NAMES},
        }


class WeightsProblem(ValueError):
    """A file of weights cannot be used; the message says why."""


def load(path: Path | None = None) -> Weights:
    """Read weights from a file, or those that ship.

    Raises:
        WeightsProblem: the file lacks a comparison or a level.
    """
    path = path or SHIPPED
    try:
        content = json.loads(path.read_text("utf-8"))
        m, u = ({name: tuple(content[kind][name]) for name in NAMES} for kind in ("m", "u"))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise WeightsProblem(
            f"{path} holds no weights of linkage ({problem}). Run: zhijian link train"
        ) from problem
    for comparison in COMPARISONS:
        if len(m[comparison.name]) != len(comparison.levels) or len(u[comparison.name]) != len(
            comparison.levels
        ):
            raise WeightsProblem(f"{path}: '{comparison.name}' needs {len(comparison.levels)} levels.")
    return Weights(m, u, content["factors"], content["offset_bits"], content["source"], content["labels"])


def save(weights: Weights, path: Path) -> None:
    """Write weights as JSON, aside first."""
    aside = path.with_suffix(".new")
    aside.write_text(json.dumps(weights.as_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    aside.replace(path)


def rarity_bits(levels: Levels, namesakes: npt.NDArray[Any], entities: int, weights: Weights) -> Bits:
    """What a trade name that agrees exactly weighs more (rare) or less (common) than one of the average.

    As Splink's term-frequency adjustment: u of the level is replaced by the share of the register that bears the name.
    """
    share = np.maximum(namesakes, 1) / max(entities, 1)
    bits = np.log2(weights.u["trade"][EXACT] / share) * weights.factors.get("trade", 1.0)
    return np.where(levels[:, TRADE] == EXACT, bits, 0.0)


def score(left: Rows, right: Rows, entities: int, weights: Weights) -> tuple[Bits, Levels]:
    """The weight of each pair in bits, and its levels. `entities` is the size of the register."""
    levels = compare(left, right)
    bits = weights.table[np.arange(len(NAMES)), levels + 1].sum(axis=1)
    return bits + rarity_bits(levels, right["namesakes"], entities, weights) + weights.offset_bits, levels


@dataclass(frozen=True)
class Step:
    """One bar of the waterfall: a comparison, the level met, and what it adds."""

    name: str
    label_zh: str
    label_en: str
    level_zh: str
    level_en: str
    bits: float
    is_silent: bool = False


def explain(left: Rows, right: Rows, entities: int, weights: Weights) -> list[Step]:
    """The waterfall of one pair (the first of each): its steps add up to the pair's weight."""
    _, levels = score(left[:1], right[:1], entities, weights)
    steps = []
    for place, comparison in enumerate(COMPARISONS):
        number = int(levels[0, place])
        level = comparison.level(number)
        steps.append(
            Step(comparison.name, comparison.label_zh, comparison.label_en, level.label_zh, level.label_en,
                 float(weights.table[place, number + 1]), number == SILENT)
        )  # fmt: skip
    rarity = float(rarity_bits(levels, right["namesakes"][:1], entities, weights)[0])
    if rarity:
        zh, en = (
            f"登记簿中{int(right['namesakes'][0])}户",
            f"borne by {int(right['namesakes'][0])} on the register",
        )
        steps.insert(1, Step("rarity", "字号少见程度", "rarity of the trade name", zh, en, rarity))
    if weights.offset_bits:
        steps.append(
            Step("offset", "人工判定的校正", "correction from decisions", "", "", weights.offset_bits)
        )
    return steps
