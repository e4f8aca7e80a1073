"""What the law says about items of a credit file: how long a complaint stands, and what may follow from one. Pure.

When an item may be repaired is said by `engines.facts.repair`, for every application alike.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhijian.standards import parameters
from zhijian.standards.calendar import add_months
from zhijian.standards.citation import rule

COMPLAINT_MONTHS = parameters.load("consumer/complaint_in_file_months")


@rule(cites="《市场监督管理投诉信息公示暂行规则》")
def complaint_shown_until(published_on: date) -> date:
    """Return the last day on which a published complaint stands in the file; it leaves by itself.

    ASSUMPTION: the months are a starting value of this project until the Rules' own figure was read.
    """
    return add_months(published_on, COMPLAINT_MONTHS.on(published_on))


@dataclass(frozen=True)
class Measure:
    """One thing that the law lets follow from a standing item."""

    words_zh: str
    words_en: str
    article: str


@rule(cites="《市场监督管理严重违法失信名单管理办法》第十五条、国办发〔2020〕49号")
def measures(items: Iterable[tuple[str, Mapping[str, Any]]], *, on: date) -> list[Measure]:
    """Return what may follow from standing items (kind, payload): nothing but what a text names.

    Measures hang on the serious list and on a restriction in a penalty itself. A complaint, a broken promise or the
    internal class carries none.
    """
    found: list[Measure] = []
    for kind, payload in items:
        until = payload.get("restricted_until")
        if kind == "penalty.decided" and until and date.fromisoformat(until) >= on:
            found.append(
                Measure(f"市场禁入或限制从业：到{until}止，以处罚决定写明的为限", f"Barred from the business until {until}, as far as the decision says",
                        "处罚决定所依据的法律；《市场监督管理行政处罚信息公示规定》第十三条")
            )  # fmt: skip
        if kind == "serious_list.listed":
            found += _ON_THE_SERIOUS_LIST
    return list(dict.fromkeys(found))


_LISTED = "《市场监督管理严重违法失信名单管理办法》第十五条"
_ON_THE_SERIOUS_LIST = (
    Measure("审查行政许可、资质、委托承担政府采购和招标投标时作为考量因素", "Considered in licensing, qualification, procurement and tenders", _LISTED),
    Measure("列为重点监管对象，提高检查频次，依法严格监管", "Under priority supervision, checked more often", _LISTED),
    Measure("不适用告知承诺制", "No licensing by commitment", _LISTED),
    Measure("不予授予市场监督管理部门荣誉称号等表彰奖励", "No honours of market regulators", _LISTED),
)  # fmt: skip
