"""From when a penalty's publicity may stop early: one rule for whoever asks, on a page, in a case or in a forecast. Pure."""

from datetime import date

from zhijian.standards import parameters
from zhijian.standards.calendar import add_months
from zhijian.standards.citation import rule

REPAIR_MONTHS = parameters.load("credit/penalty_repair_months")
SAFETY_FIELDS = frozenset(
    {"食品安全", "药品器械", "特种设备", "food", "drug", "equipment", "special_equipment"}
)


@rule(
    cites="《市场监督管理行政处罚信息公示规定》第十四条、《市场监督管理信用修复管理办法》（国市监信规〔2021〕3号）第六条"
)
def penalty_repairable_from(published_on: date, field: str | None, *, on: date) -> date:
    """Return the first day on which a penalty's early end may be asked for, as the text in force on a day has it.

    Six months after publication, twelve in food, drugs and special equipment, by the field of the norm that was violated.
    """
    months = REPAIR_MONTHS.on(on)["food_drug_equipment" if field in SAFETY_FIELDS else "general"]
    return add_months(published_on, months)
