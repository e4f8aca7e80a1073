"""What the platform's own tables make of a plan's indicators, gathered from the systems that know it: by night, or by a verb."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Max

from zhijian.apps.consumer.goods_quality.models import SamplingRound
from zhijian.apps.plan.monitoring import computed, queries
from zhijian.apps.plan.monitoring.computed import Made
from zhijian.apps.plan.monitoring.models import PROVINCE, Plan
from zhijian.apps.supervision.inspection import queries as inspections
from zhijian.apps.supervision.inspection.models import InspectionItem, InspectionTask
from zhijian.engines.registers import EntityFilters, EntityRegister
from zhijian.standards import parameters

EVERYBODY = EntityFilters()
RESIDENTS = "registration/resident_population"
REGISTER, DRAWS, ROUNDS = "entity_market_entities", "inspection_drawnobject", "goods_quality_samplinground"
GONE = ("deregistered", "revoked")
"""Who is struck off or whose licence is taken is no longer in the stock; a status that is unknown counts as in it."""

MAKERS, TRADERS = "C", "F"  # sections of GB/T 4754: manufacturing; wholesale and retail
SUPERVISION, MONITORING, PRODUCTION, DISTRIBUTION = (
    "supervision",
    "monitoring",
    "production",
    ("shop", "online"),
)


def compute_all(register: EntityRegister, *, day: date, at: datetime) -> int:
    """Compute and keep every indicator that has a formula, for every plan; return how many values."""
    return sum(
        computed.keep(plan, _of_plan(plan, register, day), day=day, at=at) for plan in Plan.objects.all()
    )


def _of_plan(plan: Plan, register: EntityRegister, day: date) -> Iterator[tuple[str, str, Made]]:
    for row in queries.indicators(plan):
        if row.source:
            for made in _FORMULAS[row.source](register, day):
                yield row.number, row.source, made


def _stock(register: EntityRegister, day: date) -> Iterator[Made]:
    """万户: entities that are not struck off or revoked ÷ 10,000; for the province, its cities and counties."""
    if not register.is_ready or register.as_of is None:
        return
    counts = {PROVINCE: _standing(register)}
    for field in ("prefecture_code", "county_code"):
        counts |= _standing_by(register, field)
    is_synthetic = _has_synthetic(register)
    for area, count in counts.items():
        yield Made(area, Decimal(count), Decimal(10_000), 1, (REGISTER,), register.as_of, is_synthetic)


def _firms(register: EntityRegister, day: date) -> Iterator[Made]:
    """户/千人: enterprises that stand × 1,000 ÷ residents; for the province, whose residents alone are a parameter."""
    if not register.is_ready or register.as_of is None:
        return
    residents = parameters.load(RESIDENTS).entry_on(day)
    firms = Decimal(_standing(register, EntityFilters(entity_kind_code="enterprise")))
    yield Made(
        PROVINCE, firms, Decimal(residents.value), 1000, (REGISTER, RESIDENTS), register.as_of, _has_synthetic(register)
    )  # fmt: skip


def _drawn(register: EntityRegister, day: date) -> Iterator[Made]:
    """%: distinct objects drawn this year for ordinary items ÷ objects of the libraries; summed, then divided."""
    shares = inspections.drawn_share_by_prefecture(day.year, class_code=InspectionItem.GENERAL)
    tasks = InspectionTask.objects.filter(drawn_on__year=day.year)
    last = tasks.aggregate(last=Max("drawn_on"))["last"]
    if last is None:
        return
    is_synthetic = tasks.filter(is_synthetic=True).exists()
    parts = {code: (one.drawn_count, one.frame_count) for code, one in shares.items()}
    parts[PROVINCE] = (sum(one[0] for one in parts.values()), sum(one[1] for one in parts.values()))
    for area, (drawn, frame) in parts.items():
        if frame:
            yield Made(area, Decimal(drawn), Decimal(frame), 100, (DRAWS,), last, is_synthetic)


def _city_checks(register: EntityRegister, day: date) -> Iterator[Made]:
    """%: batches of this year's supervision in production by cities and counties ÷ manufacturers; by city, and all cities."""
    rounds = SamplingRound.objects.filter(
        design_code=SUPERVISION, stage_code=PRODUCTION, valid_from__year=day.year, valid_from__lte=day
    ).exclude(division_code__in=("", PROVINCE))
    batches: Counter[str] = Counter()
    for one in rounds:
        batches[f"{one.division_code[:4]}00"] += one.batches
    if not batches or not register.is_ready:
        return
    makers = _standing_by(register, "prefecture_code", EntityFilters(industry_section=MAKERS))
    makers[PROVINCE], batches[PROVINCE] = sum(makers.values()), sum(batches.values())
    yield from _shares(batches, makers, max(one.valid_from for one in rounds), any(one.is_synthetic for one in rounds), register)  # fmt: skip


def _province_checks(register: EntityRegister, day: date) -> Iterator[Made]:
    """%: batches of this year's supervision in distribution by the province ÷ wholesalers and retailers."""
    rounds = list(
        SamplingRound.objects.filter(
            design_code=SUPERVISION, stage_code__in=DISTRIBUTION, valid_from__year=day.year, valid_from__lte=day,
            division_code=PROVINCE,
        )
    )  # fmt: skip
    if not rounds or not register.is_ready:
        return
    batches = {PROVINCE: sum(one.batches for one in rounds)}
    traders = {PROVINCE: _standing(register, EntityFilters(industry_section=TRADERS))}
    yield from _shares(batches, traders, max(one.valid_from for one in rounds), any(one.is_synthetic for one in rounds), register)  # fmt: skip


def _goods(register: EntityRegister, day: date) -> Iterator[Made]:
    """%: batches without fault ÷ batches of this year's risk monitoring; supervision is aimed at suspects and is left out."""
    rounds = list(
        SamplingRound.objects.filter(
            design_code=MONITORING, valid_from__year=day.year, valid_from__lte=day
        )
    )  # fmt: skip
    batches, failed = sum(one.batches for one in rounds), sum(one.failed for one in rounds)
    if batches:
        last = max(one.valid_from for one in rounds)
        is_synthetic = any(one.is_synthetic for one in rounds)
        yield Made(PROVINCE, Decimal(batches - failed), Decimal(batches), 100, (ROUNDS,), last, is_synthetic)


_FORMULAS: Mapping[str, Callable[[EntityRegister, date], Iterator[Made]]] = {
    computed.STOCK: _stock,
    computed.FIRMS: _firms,
    computed.DRAWN: _drawn,
    computed.CITY_CHECKS: _city_checks,
    computed.PROVINCE_CHECKS: _province_checks,
    computed.GOODS: _goods,
}


def _shares(
    tops: Mapping[str, int],
    bottoms: Mapping[str, int],
    as_of: date,
    is_synthetic: bool,
    register: EntityRegister,
) -> Iterator[Made]:
    for area, top in tops.items():
        if bottom := bottoms.get(area, 0):
            yield Made(
                area, Decimal(top), Decimal(bottom), 100, (ROUNDS, REGISTER), as_of, is_synthetic or _has_synthetic(register)
            )  # fmt: skip


def _standing(register: EntityRegister, kind: EntityFilters = EVERYBODY) -> int:
    gone = sum(register.count(replace(kind, status_code=status)) for status in GONE)
    return register.count(kind) - gone


def _standing_by(register: EntityRegister, field: str, kind: EntityFilters = EVERYBODY) -> dict[str, int]:
    """Return the stock by area; entities whose area is unknown are in the province's count alone."""
    counts = Counter(register.counts_by(field, kind))
    for status in GONE:
        counts.subtract(register.counts_by(field, replace(kind, status_code=status)))
    return {area: count for area, count in counts.items() if area.isdecimal() and count > 0}


def _has_synthetic(register: EntityRegister) -> bool:
    return register.counts_by("is_synthetic").get("1", 0) > 0
