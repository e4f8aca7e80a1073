"""What the cities make of a rate of the province: who keeps it from its target, and how cities of like kind compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from zhijian.apps.plan.monitoring import rules
from zhijian.apps.plan.monitoring.rules import Compared, Goal
from zhijian.standards.citation import rule

PLAN: Final = "《广东省市场监管现代化“十四五”规划》第十二章第三节"

# Cities of like kind: the core of the Pearl River Delta, the coastal belt, the northern ecological area.
# SOURCE: 《中共广东省委 广东省人民政府关于构建“一核一带一区”区域发展新格局促进全省区域协调发展的意见》 (2019).
KINDS: Final = (
    ("core", ("440100", "440300", "440400", "440600", "441300", "441900", "442000", "440700", "441200")),
    ("coast", ("440500", "441500", "445100", "445200", "440800", "440900", "441700")),
    ("north", ("440200", "441400", "441600", "441800", "445300")),
)

Parts = Mapping[str, tuple[Decimal, Decimal]]  # area: numerator, denominator


@dataclass(frozen=True)
class Contribution:
    """What one city adds to the gap between the province's rate and its target, in percentage points.

    `weight` is its share of the denominators. The points of all cities add up to the province's rate less the target.
    """

    area: str
    percent: Fraction
    weight: Fraction
    points: Fraction


@dataclass(frozen=True)
class Group:
    """The cities of one kind compared: small ones pooled, each with its interval."""

    kind: str
    rows: tuple[Compared, ...]


@rule(cites=PLAN)
def contributions(goal: Goal, parts: Parts) -> list[Contribution]:
    """Split the gap to the target by city: weight × (rate of the city − target); the worst first.

    For a rate that should fall, what lies above the target is the worst.
    """
    whole = sum((bottom for _, bottom in parts.values()), Decimal(0))
    if not whole:
        return []
    target, made = Fraction(goal.target), []
    for area, (top, bottom) in parts.items():
        if bottom <= 0:
            continue
        percent, weight = Fraction(top) * 100 / Fraction(bottom), Fraction(bottom) / Fraction(whole)
        made.append(Contribution(area, percent, weight, weight * (percent - target)))
    sign = -1 if goal.is_at_most else 1
    return sorted(made, key=lambda one: (sign * one.points, one.area))


@rule(cites=PLAN)
def grouped(parts: Parts) -> list[Group]:
    """Compare the cities within each kind, never across kinds: small ones together, each with its interval."""
    made = []
    for kind, codes in KINDS:
        areas: dict[str, rules.Strata] = {
            code: {"all": (int(parts[code][0]), int(parts[code][1]))} for code in codes if code in parts
        }
        found = rules.compared(areas)
        if found:
            made.append(Group(kind, tuple(found)))
    return made


@rule(cites=PLAN)
def apart(rows: Sequence[Compared]) -> tuple[Compared, Compared] | None:
    """Return the highest and the lowest of a group where their intervals do not touch; None where chance may explain them."""
    if len(rows) < 2:
        return None
    high, low = (pick(rows, key=lambda one: one.percent) for pick in (max, min))
    return (high, low) if low.high < high.low else None
