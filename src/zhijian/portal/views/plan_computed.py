"""What this installation itself can compute of an indicator, by a documented formula: beside the plan's values, never instead."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from zhijian.apps.supervision.inspection import queries as inspections
from zhijian.apps.supervision.inspection.models import InspectionTask
from zhijian.portal.views.register import market_entities
from zhijian.standards import parameters

RESIDENTS = "registration/resident_population"


@dataclass(frozen=True)
class Computed:
    """A value from this installation's own tables, with the formula, the tables, and the day of the data."""

    value: str
    formula: str
    tables: str
    as_of: date | None
    is_synthetic: bool
    caution: str


def computed(source: str, day: date) -> Computed | None:
    """Return the value of one of our formulas, or None where the tables hold nothing yet."""
    makers = {"entity_stock": _stock, "firms_per_thousand": _firms, "drawn_share": _drawn}
    return makers[source](day) if source in makers else None


def _stock(day: date) -> Computed | None:
    register = market_entities()
    if not register.is_ready:
        return None
    return Computed(
        f"{register.count() / 10_000:.4f}",
        _("在册市场主体数 ÷ 10,000"), "entity_market_entities", register.as_of, _has_synthetic(),
        _("这是本站现有登记数据的数，不是全省总数，不用来判断规划目标。"),
    )  # fmt: skip


def _firms(day: date) -> Computed | None:
    register = market_entities()
    if not register.is_ready:
        return None
    entry = parameters.load(RESIDENTS).entry_on(day)
    firms = sum(
        count for kind, count in register.counts_by("entity_kind_code").items() if kind == "enterprise"
    )
    unverified = "" if entry.is_verified else _("人口数录自公报的转载文本，还没有对照原件。")
    return Computed(
        f"{firms * 1000 / entry.value:.4f}",
        _("在册企业数 × 1,000 ÷ 常住人口%(people)s人（2020年第七次全国人口普查）") % {"people": f"{entry.value:,}"},
        "entity_market_entities, registration/resident_population", register.as_of, _has_synthetic(),
        unverified + _("这是本站现有登记数据的数，不是全省总数，不用来判断规划目标。"),
    )  # fmt: skip


def _drawn(day: date) -> Computed | None:
    shares = inspections.drawn_share_by_prefecture(day.year)
    frame = sum(one.frame_count for one in shares.values())
    drawn = sum(one.drawn_count for one in shares.values())
    if not frame:
        return None
    return Computed(
        f"{drawn * 100 / frame:.4f}",
        _("本年抽中的不同对象数 ÷ 名录库对象数，先加总后相除，不取各市平均"), "DrawnObject, InspectionTask",
        day, InspectionTask.objects.filter(drawn_on__year=day.year, is_synthetic=True).exists(),
        _("一个对象抽中几次只算一次。由填报人核对后填报，另一人复核，才成为规划的值。"),
    )  # fmt: skip


def _has_synthetic() -> bool:
    return market_entities().counts_by("is_synthetic").get("1", 0) > 0
