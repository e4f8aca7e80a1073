"""The rule of a tag: conditions on columns of the register of market entities, all of which must hold. Pure.

A rule reads ``industry_section in H,I; capital_yuan >= 1000000``, ``annual_report_year = 2025``, or ``scope contains 食品; closer_supervision = food``: of those
whom the other conditions name, the ones with a file of closer supervision in that field, and as many others by a secret key. Columns that say anything of a person,
and risk classes, are no columns of rules.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from zhijian.engines.registers.closer import FIELDS

COLUMNS = {
    "status_code": str, "enterprise_type_code": str, "entity_kind_code": str, "prefecture_code": str, "county_code": str,
    "street_code": str, "industry_code": str, "industry_section": str, "scope": str, "capital_yuan": Decimal,
    "employees": Decimal, "registered_on": date, "annual_report_year": Decimal, "closer_supervision": str,
}  # fmt: skip
REPORTED = "annual_report_year"  # no column of the register: who published the report on a year, by the facts
CLOSER = "closer_supervision"  # no column either: files of supervision of a field, mixed with others
OPERATORS = (" in ", " starts ", " contains ", ">=", "<=", "!=", "=", ">", "<")
_OF_TEXT = frozenset({"in", "starts", "contains", "=", "!="})


class NoRule(ValueError):
    """A rule cannot be read. The message names the condition."""


@dataclass(frozen=True)
class Condition:
    """One condition; `value` is a tuple of texts for ``in``."""

    column: str
    operator: str
    value: Any


def conditions(text: str) -> tuple[Condition, ...]:
    """Read a rule.

    Raises:
        NoRule: a condition has no known column or operator, or a value of the wrong kind.
    """
    parts = [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]
    if not parts:
        raise NoRule(text)
    return tuple(_condition(part) for part in parts)


def _condition(part: str) -> Condition:
    sign = next((one for one in OPERATORS if one in part), None)
    if sign is None:
        raise NoRule(part)
    column, value = (side.strip() for side in part.split(sign, 1))
    kind, operator = COLUMNS.get(column), sign.strip()
    if column == REPORTED and sign != "=":
        raise NoRule(part)
    if column == CLOSER and (sign != "=" or value not in FIELDS):
        raise NoRule(part)
    if (
        kind is None
        or not value
        or ((kind is str) is not (operator in _OF_TEXT) and operator not in ("=", "!="))
    ):
        raise NoRule(part)
    if operator == "in":
        values = tuple(one.strip() for one in value.replace("，", ",").split(",") if one.strip())
        return Condition(column, operator, values)
    return Condition(column, operator, _value(kind, value, part))


def _value(kind: type, text: str, part: str) -> Any:
    try:
        return date.fromisoformat(text) if kind is date else kind(text)
    except (ValueError, InvalidOperation):
        raise NoRule(part) from None
