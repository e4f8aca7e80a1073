"""By which published rules a firm comes under key supervision, and when that is looked at again. Pure: takes facts and a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from zhijian.standards import parameters
from zhijian.standards.calendar import add_months
from zhijian.standards.citation import rule

RULES = parameters.load("supervision/key_file_rules")
_FIELDS = {
    "food": ("food", "食品安全"),
    "drug": ("drug", "drugs", "device", "药品器械"),
    "equipment": ("equipment", "special_equipment", "特种设备"),
    "product": ("product", "quality", "产品质量"),
}


@dataclass(frozen=True)
class Known:
    """One fact that a rule reads."""

    kind: str
    on: date
    field: str = ""
    codes: tuple[str, ...] = ()
    is_standing: bool = True  # a listing not removed, a penalty not repaired


@rule(cites="《市场监督管理严重违法失信名单管理办法》第十五条")
def grounds(facts: Iterable[Known], field: str, *, on: date) -> list[str]:
    """Return the codes of the published rules that bring a firm under key supervision in a field on a day.

    A standing serious listing does, by law, in every field. Repeated penalties of the field and repeated inspections
    with problems do, as often as the parameter says within its months.
    """
    values = RULES.on(on)
    since = add_months(on, -int(values["window_months"]))
    seen = [one for one in facts if one.on <= on]
    recent = [one for one in seen if one.on > since and one.is_standing]
    penalties = sum(one.kind == "penalty.decided" and one.field in _FIELDS.get(field, ()) for one in recent)
    problems = sum(
        one.kind == "inspection.result" and bool(set(one.codes) & set(values["problem_codes"]))
        for one in recent
    )
    held = {
        "serious_list": any(one.kind == "serious_list.listed" and one.is_standing for one in seen),
        "repeated_penalties": penalties >= values["penalties"],
        "repeated_problems": problems >= values["problems"],
    }
    return [code for code, holds in held.items() if holds]


@rule(cites="《广东省市场监管现代化“十四五”规划》第九章第一节")
def review_due_on(on: date) -> date:
    """Return the day by which a file that was opened or reviewed on a day is looked at again.

    ASSUMPTION: the months are a starting value of this project.
    """
    return add_months(on, int(RULES.on(on)["review_months"]))
