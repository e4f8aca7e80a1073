"""The cells of a plan's tables as they are printed: number, comparator, brackets, percent sign; a blank is no zero."""

import re
from dataclasses import dataclass
from decimal import Decimal

from zhijian.apps.plan.monitoring.rules import Basis, Goal
from zhijian.standards.bilingual import BilingualError

_CELL = re.compile(r"(?P<at>[≥≤]?)\s*(?P<number>-?\d[\d,]*(?:\.\d+)?)\s*(?P<percent>%?)")
_BRACKETS = {"[": "]", "(": ")", "（": "）", "［": "］"}
_STOCK, _NEW = "[［", "(（"


class WrongCell(BilingualError, ValueError):
    """A cell is no number of a plan's table."""


@dataclass(frozen=True)
class Cell:
    """One number as printed: `is_stock` in [ ], `is_new` in ( ), `comparator` '≥', '≤' or ''."""

    value: Decimal
    comparator: str = ""
    is_stock: bool = False
    is_new: bool = False


def read(text: str, *, unit: str) -> Cell | None:
    """Return what a cell says, or None for a blank one. '55%' with the unit % is 55, not 0.55 and not 5,500.

    Raises:
        WrongCell: it is no number, its bracket stays open, or it has a percent sign where the unit is another.
    """
    plain = text.strip()
    if plain in ("", "-", "—"):
        return None
    first = plain[0]
    if first in _BRACKETS:
        if not plain.endswith(_BRACKETS[first]):
            raise WrongCell(
                f"“{text}”的括号没有成对，请补上另一半。", f"{text!r}: the bracket is not closed. Close it."
            )
        plain = plain[1:-1].strip()
    found = _CELL.fullmatch(plain)
    if found is None:
        raise WrongCell(
            f"“{text}”不是数字。请写成1384.9、≥5、≤2%、[1780]（累计数）或者(8)（规划期内新增数）。",
            f"{text!r} is no number. Write it as 1384.9, ≥5, ≤2%, [1780] or (8).",
        )
    if found["percent"] and "%" not in unit:
        raise WrongCell(
            f"“{text}”带百分号，但单位是“{unit}”。请去掉百分号，或者把单位改为%。",
            f"{text!r} has a percent sign, but the unit is {unit!r}. Drop the sign, or write % as the unit.",
        )
    value = Decimal(found["number"].replace(",", ""))
    return Cell(value, found["at"], is_stock=first in _STOCK, is_new=first in _NEW)


def goal(baseline: str, target: str, *, unit: str, is_binding: bool) -> Goal:
    """Return the goal that a row's two cells make; the baseline of what is new in the period is only for comparison.

    Raises:
        WrongCell: a cell is no number, or there is no target.
    """
    start, aim = read(baseline, unit=unit), read(target, unit=unit)
    if aim is None:
        raise WrongCell(
            "没有目标值。请在target一栏填规划定的目标。",
            "There is no target. Write the plan's target in the column target.",
        )
    if aim.value <= 0 and aim.comparator != "≤":
        raise WrongCell(
            "目标是零或者负数，任何值都算达到。越低越好的写作“≤0”。",
            "The target is zero or less, so every value would attain it. Write ≤0 for what should fall.",
        )
    if aim.is_new:
        basis = Basis.NEW
    elif aim.is_stock:
        basis = Basis.STOCK
    else:
        basis = Basis.LOWER if aim.comparator == "≤" else Basis.LEVEL
    return Goal(
        basis,
        start.value if start else None,
        aim.value,
        is_at_most=aim.comparator == "≤",
        is_binding=is_binding,
    )
