"""Values that this installation's own tables make, kept for each night: beside the plan's values, never instead of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from zhijian.apps.plan.monitoring.models import PROVINCE, ComputedValue, Plan

STOCK: Final = "entity_stock"
FIRMS: Final = "firms_per_thousand"
DRAWN: Final = "drawn_share"
CITY_CHECKS: Final = "city_product_checks"
PROVINCE_CHECKS: Final = "province_product_checks"
GOODS: Final = "goods_pass_rate"
FORMULAS: Final = (STOCK, FIRMS, DRAWN, CITY_CHECKS, PROVINCE_CHECKS, GOODS)
"""The words that the column `source` of a plan's indicators may hold; each is a documented formula."""

KEPT_DAYS: Final = 400


@dataclass(frozen=True)
class Made:
    """One formula's value for one area: numerator × `times` ÷ denominator, where it comes from, how fresh that is."""

    area_code: str
    numerator: Decimal
    denominator: Decimal
    times: int
    tables: tuple[str, ...]
    as_of: date
    is_synthetic: bool

    @property
    def value(self) -> Decimal:
        return (self.numerator * self.times / self.denominator).quantize(Decimal("0.000001"))


@transaction.atomic
def keep(plan: Plan, made: Iterable[tuple[str, str, Made]], *, day: date, at: datetime) -> int:
    """Keep a night's values, as (number, formula, value); return how many. A night that is computed again is replaced."""
    rows = [
        ComputedValue(
            plan=plan, number=number, formula=formula, area_code=one.area_code, day=day, value=one.value,
            numerator=one.numerator, denominator=one.denominator, tables=list(one.tables), as_of=one.as_of, made_at=at,
            is_synthetic=one.is_synthetic,
        )
        for number, formula, one in made
    ]  # fmt: skip
    kept = ComputedValue.objects.filter(plan=plan)
    kept.filter(day=day).delete()
    kept.filter(day__lt=day - timedelta(days=KEPT_DAYS)).delete()
    ComputedValue.objects.bulk_create(rows, batch_size=200)
    return len(rows)


def newest(plan: Plan, number: str) -> list[ComputedValue]:
    """Return the values of the last night on which this indicator had any: the province first, then by area."""
    rows = ComputedValue.objects.filter(plan=plan, number=number)
    last = rows.order_by("-day").values_list("day", flat=True).first()
    found = list(rows.filter(day=last)) if last else []
    return sorted(found, key=lambda one: (one.area_code != PROVINCE, one.area_code))


def of_province(plan: Plan) -> dict[str, ComputedValue]:
    """Return the newest value of the whole province for each indicator that has one."""
    rows = ComputedValue.objects.filter(plan=plan, area_code=PROVINCE).order_by("day")
    return {one.number: one for one in rows}
