"""Pass rates with their interval, the risk matrix, and what calls for an expert. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from zhijian.standards import parameters, personal_data
from zhijian.standards.citation import rule

MATRIX = parameters.load("consumer/goods_risk_matrix")
LIMITS = parameters.load("consumer/goods_quality")
SAMPLING = "《产品质量监督抽查管理暂行办法》第四十四条"
RECALL = "《消费品召回管理暂行规定》"
PLAN = "《广东省市场监管现代化“十四五”规划》第五章第二节"
LEVELS = ("low", "medium", "high", "serious")
_Z = 1.959963984540054


@dataclass(frozen=True)
class Rate:
    """Passed of all batches, as a share from 0 to 1 with the 95 percent interval of Wilson. None without batches."""

    passed: int
    batches: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        return self.passed / self.batches if self.batches else None


@dataclass(frozen=True)
class Change:
    """How a share changed, in percentage points, with its 95 percent interval (Newcombe). `is_clear`: 0 lies outside."""

    points: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Level:
    """The level of one scenario; `lower` and `higher` are those if one step were ten times rarer or more frequent."""

    code: str
    probability: float
    lower: str
    higher: str

    @property
    def is_sensitive(self) -> bool:
        return self.lower != self.code or self.higher != self.code


@rule(cites=(SAMPLING, PLAN))
def pass_rate(batches: int, failed: int) -> Rate:
    """Return the pass rate of sampled batches with its interval.

    It holds for the batches of that design only: supervision sampling is chosen by risk, so its rate is no rate of the
    market.

    Raises:
        ValueError: less than none or more than all failed.
    """
    if not 0 <= failed <= batches:
        raise ValueError(f"{failed} of {batches} batches cannot have failed.")
    if not batches:
        return Rate(0, 0, 0.0, 1.0)
    share, size = (batches - failed) / batches, _Z**2 / batches
    middle = (share + size / 2) / (1 + size)
    half = _Z * math.sqrt(share * (1 - share) / batches + size / (4 * batches)) / (1 + size)
    return Rate(batches - failed, batches, max(0.0, middle - half), min(1.0, middle + half))


@rule(cites=SAMPLING)
def change(before: Rate, after: Rate) -> Change | None:
    """Return the change of a pass rate of one design in percentage points; None where one side has no batches.

    ASSUMPTION: both years sampled alike; where the aim of sampling changed, so did what the rate means.
    """
    if before.share is None or after.share is None:
        return None
    points = after.share - before.share
    low = points - math.hypot(after.share - after.low, before.high - before.share)
    high = points + math.hypot(after.high - after.share, before.share - before.low)
    return Change(100 * points, 100 * low, 100 * high)


@rule(cites=PLAN)
def is_below_target(rate: Rate, *, on: date) -> bool:
    """Say whether a pass rate is clearly below indicator 25: its whole interval lies under the target, of enough batches."""
    limits = LIMITS.on(on)
    return rate.batches >= limits["list_low_rounds"] and 100 * rate.high < limits["target_percent"]


@rule(cites=(f"{RECALL}第八条", "GB/T 22760-2020"))
def probability_of(steps: Sequence[float]) -> float:
    """Return the probability of a scenario over the product's life: the product of its steps.

    Raises:
        ValueError: no step, or one that is not above 0 and up to 1.
    """
    if not steps or any(not 0 < step <= 1 for step in steps):
        raise ValueError("Each step of a scenario has a probability above 0 and up to 1.")
    return math.prod(steps)


@rule(cites=("GB/T 22760-2020", f"{RECALL}第九条"))
def risk_level(severity: int, steps: Sequence[float], *, on: date) -> Level:
    """Return the level of a scenario by the matrix in force, and whether one step ten times off would change it.

    ASSUMPTION: the matrix is that of the EU's Safety Gate, entered from memory; an officer may change it by data.

    Raises:
        ValueError: severity is not 1 to 4, or `probability_of`.
    """
    if severity not in (1, 2, 3, 4):
        raise ValueError("Severity is 1, 2, 3 or 4.")
    probability = probability_of(steps)
    rarer, oftener = probability / 10, min(1.0, probability * 10)
    return Level(
        _level(severity, probability, on),
        probability,
        _level(severity, rarer, on),
        _level(severity, oftener, on),
    )


def _level(severity: int, probability: float, on: date) -> str:
    rows = MATRIX.on(on)["rows"]
    row = next(
        (row for row in rows if probability > row["above"]), rows[-1]
    )  # the rarest is never below the table
    return str(row["levels"][severity - 1])


@rule(cites=(f"{RECALL}第八条", PLAN))
def asks_for_expert(injuries: Iterable[tuple[str, str]], *, on: date) -> list[str]:
    """Return the models, of (model, severity), with a death or as many severe injuries as the parameter says."""
    limits = LIMITS.on(on)
    severe: Counter[str] = Counter()
    deaths: Counter[str] = Counter()
    for model, severity in injuries:
        severe[model] += severity == "severe"
        deaths[model] += severity == "death"
    return sorted(
        model
        for model in severe
        if model and (deaths[model] >= limits["deaths"] or severe[model] >= limits["severe_reports"])
    )


@rule(cites=(f"{RECALL}第十三条", f"{RECALL}第十五条"))
def usual_measure(level: str) -> str:
    """Return what usually follows from a level; the leader decides and says why it is otherwise.

    Serious: the producer is asked to investigate and recall. High: consumers are warned. Medium: sampling is proposed.
    Low: it is watched.
    """
    return {"serious": "recall_request", "high": "warn", "medium": "sampling_plan", "low": "watch"}[level]


@rule(cites="《个人信息保护法》第六条")
def personal_data_in(text: str) -> tuple[str, ...]:
    """Return the kinds of personal data that a text holds; a report of an injury holds none."""
    return tuple(dict.fromkeys(one.kind for one in personal_data.found_in(text)))
