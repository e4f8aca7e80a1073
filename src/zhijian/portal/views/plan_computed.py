"""What this installation itself computed of an indicator last night, by a documented formula: beside the plan's values, never instead."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from zhijian.apps.plan.monitoring import computed as kept
from zhijian.apps.plan.monitoring.models import PROVINCE, ComputedValue, PlanIndicator
from zhijian.portal.plan_computing import RESIDENTS
from zhijian.standards import divisions, parameters


@dataclass(frozen=True)
class Computed:
    """A value from this installation's own tables, with the formula, the tables, how fresh they are, and its parts."""

    value: str
    formula: str
    tables: str
    as_of: date
    day: date
    days_old: int
    is_synthetic: bool
    caution: str
    areas: list[tuple[str, ComputedValue]]  # name and value, the cities and counties


def computed(row: PlanIndicator) -> Computed | None:
    """Return the values of the last night, or None where there is no formula or the tables hold nothing yet."""
    rows = kept.newest(row.plan, row.number)
    if not rows:
        return None
    whole = rows[0]
    return Computed(
        f"{whole.value.quantize(Decimal('0.0001'))}" if whole.area_code == PROVINCE else "—",
        formula_words()[whole.formula], ", ".join(whole.tables), whole.as_of, whole.day, max(0, (whole.day - whole.as_of).days),
        any(one.is_synthetic for one in rows), _caution(whole),
        [(divisions.full_name(one.area_code) or one.area_code, one) for one in rows if one.area_code != PROVINCE],
    )  # fmt: skip


def formula_words() -> dict[str, str]:
    return {
        kept.STOCK: _("在册市场主体数（不含已注销、已吊销，状态不明的计入）÷ 10,000"),
        kept.FIRMS: _("在册企业数 × 1,000 ÷ 全省常住人口（第七次全国人口普查）"),
        kept.DRAWN: _("本年因一般检查事项抽中的不同对象数 ÷ 名录库对象数 × 100；先加总后相除，不取各市平均"),
        kept.CITY_CHECKS: _("本年市、县组织的生产领域监督抽查批次数 ÷ 本辖区制造业主体数 × 100"),
        kept.PROVINCE_CHECKS: _("本年省级组织的流通领域监督抽查批次数 ÷ 批发和零售业主体数 × 100"),
        kept.GOODS: _("本年风险监测合格批次数 ÷ 监测批次数 × 100；监督抽查有针对性，不计入"),
    }


def _caution(one: ComputedValue) -> str:
    told = _(
        "这是本站现有数据的数，不是全省统计数，不用来判断规划目标。由填报人核对后填报，另一人复核，才成为规划的值。"
    )
    if one.formula == kept.FIRMS and not parameters.load(RESIDENTS).entry_on(one.day).is_verified:
        told += _("人口数录自公报的转载文本，还没有对照原件。")
    return told
