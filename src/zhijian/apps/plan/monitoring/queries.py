"""What pages read: the plan as it stands, its values as data to reckon with, and the figures."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from zhijian.apps.plan.monitoring import counties, reckoning, rules
from zhijian.apps.plan.monitoring.figures import Figure, Whole
from zhijian.apps.plan.monitoring.models import (
    PROVINCE,
    DataPoint,
    Plan,
    PlanIndicator,
    PlanItem,
    PlanStep,
    PointState,
    SeriesBreak,
    TaskMoney,
    YearTarget,
)
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.promise_rules import Shape
from zhijian.apps.plan.monitoring.records import plain, plain_if
from zhijian.apps.plan.monitoring.rules import Basis
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.seals import published_form
from zhijian.standards import divisions

CONFIRMED = (PointState.VERIFIED, PointState.PUBLISHED, PointState.FINAL)
PUBLIC = (PointState.PUBLISHED, PointState.FINAL)
PENDING = (PointState.SUBMITTED, PointState.CHECKED)


def plan_on(day: date) -> Plan | None:
    """Return the real plan whose period a day lies in; else the newest that began before it, else the first."""
    plans = Plan.objects.order_by("is_synthetic", "-starts_on")
    within = plans.filter(starts_on__lte=day, ends_on__gte=day, is_synthetic=False).first()
    return within or plans.filter(starts_on__lte=day).first() or plans.first()


def indicators(plan: Plan) -> list[PlanIndicator]:
    """Return the newest version of every row, in the order of the plan."""
    newest = {one.number: one for one in plan.indicator_versions.order_by("version")}
    return sorted(newest.values(), key=lambda one: one.sequence)


def indicator(plan: Plan, number: str) -> PlanIndicator | None:
    found: PlanIndicator | None = plan.indicator_versions.filter(number=number).order_by("-version").first()
    return found


def get_indicator(plan: Plan, number: str) -> PlanIndicator:
    """Return the newest version of a row.

    Raises:
        PlanRefused: the plan has none of that number.
    """
    found = indicator(plan, number)
    if found is None:
        raise PlanRefused("规划里没有这个指标。", "The plan has no such indicator.")
    return found


def get_measured(plan: Plan, number: str) -> PlanIndicator | PlanItem:
    """Return what has values: the newest version of an indicator or of a commitment.

    Raises:
        PlanRefused: the plan has neither of that number.
    """
    found = indicator(plan, number) or commitment(plan, number)
    if found is None:
        raise PlanRefused("规划里没有这个指标或者承诺。", "The plan has no such indicator or commitment.")
    return found


def commitment(plan: Plan, number: str) -> PlanItem | None:
    """Return the newest version of a commitment of the plan's text."""
    found: PlanItem | None = (
        plan.item_versions.filter(kind=PlanItem.COMMITMENT, number=number).order_by("-version").first()
    )
    return found


def measured(plan: Plan) -> dict[str, PlanIndicator | PlanItem]:
    """Return everything that has values, by its number: the indicators, then the commitments."""
    rows: list[PlanIndicator | PlanItem] = [*indicators(plan), *items(plan, PlanItem.COMMITMENT)]
    return {one.number: one for one in rows}


def items(plan: Plan, kind: str) -> list[PlanItem]:
    """Return the newest version of every commitment or paragraph, in the order of the plan."""
    newest = {one.number: one for one in plan.item_versions.filter(kind=kind).order_by("version")}
    return sorted(newest.values(), key=lambda one: one.sequence)


def points(plan: Plan, *, is_public: bool) -> QuerySet[DataPoint]:
    """Return the values that stand: for everybody those published, for officers those confirmed.

    While a revision waits to be confirmed, what it would replace still stands.
    """
    states = PUBLIC if is_public else CONFIRMED
    replaced = Q(state=PointState.RESTATED, replaced_by__state__in=PENDING)
    return DataPoint.objects.filter(Q(state__in=states) | replaced, plan=plan)


def standing(
    plan: Plan, number: str, year: int, area: str, *, quarter: int | None = None
) -> DataPoint | None:
    """Return the value of an area for a year (0) or a quarter that is neither returned nor restated: there is one at most.

    Without a `quarter` any of the year.
    """
    found = _standing(plan, year).filter(number=number, area_code=area)
    if quarter is not None:
        found = found.filter(quarter=quarter)
    return found.select_related("entered_by__organisation").order_by("quarter").first()


def _standing(plan: Plan, year: int) -> QuerySet[DataPoint]:
    gone = (PointState.RETURNED, PointState.RESTATED)
    return DataPoint.objects.filter(plan=plan, year=year).exclude(state__in=gone)


@dataclass(frozen=True)
class Lack:
    """What has no standing value of a year: nothing at all, or, where some cities reported, those that did not."""

    row: PlanIndicator | PlanItem
    cities: tuple[str, ...]  # those of which nothing makes a value
    counties: tuple[str, ...] = ()  # in cities that others keep from a value
    quarters: tuple[int, ...] = ()  # those of the province that stand


def lacking(plan: Plan, year: int) -> list[Lack]:
    """Return the indicators, and the floors promised of each year, that have no standing value of a year."""
    told: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for number, area, quarter in _standing(plan, year).values_list("number", "area_code", "quarter"):
        told[number][area].add(quarter)
    made = []
    for number, row in measured(plan).items():
        whole = {area for area, quarters in told[number].items() if _is_whole(row, quarters)}
        known, late = _with_counties(whole)
        cities = [one.code6 for one in divisions.PREFECTURES if one.code6 not in known] if whole else []
        is_asked = isinstance(row, PlanIndicator) or row.promise.shape == Shape.FLOOR
        if is_asked and PROVINCE not in known and (cities or not whole):
            made.append(Lack(row, tuple(cities), late, tuple(sorted(told[number][PROVINCE]))))
    return made


def _with_counties(areas: set[str]) -> tuple[set[str], tuple[str, ...]]:
    """Return the province and cities that have a value, their own or that of all their counties; and the counties that lack."""
    known = {area for area in areas if not counties.is_county(area)}
    begun = {f"{area[:4]}00" for area in areas - known} - known
    late: set[str] = set()
    for city in begun:
        lacking = counties.of_city(city) - areas
        late |= lacking
        known |= set() if lacking else {city}
    return known, tuple(sorted(late))


def _is_whole(row: PlanIndicator | PlanItem, quarters: set[int]) -> bool:
    """Say whether what stands of a year makes the year: its value, or the quarters that its rule asks for."""
    if 0 in quarters or isinstance(row, PlanItem):
        return True
    return rules.whole_year(Basis(row.basis), dict.fromkeys(quarters, Decimal(0))) is not None


def data(plan: Plan, as_of: date, *, is_public: bool) -> dict[str, Any]:
    """Return a plan at a day as plain data for `reckoning.reckon`."""
    promises = items(plan, PlanItem.COMMITMENT)
    made = _data(plan, as_of, indicators(plan), points(plan, is_public=is_public), promises)
    return made | {"money": _money(plan, as_of)}


def _money(plan: Plan, as_of: date) -> list[dict[str, Any]]:
    """Return the confirmed money of each task and year up to a day."""
    headings = {one.number: one.heading_zh for one in items(plan, PlanItem.PARAGRAPH)}
    rows = TaskMoney.objects.filter(plan=plan, confirmed_by__isnull=False, year__lte=as_of.year)
    return [
        {
            "paragraph": one.paragraph, "heading_zh": headings[one.paragraph], "year": one.year,
            "planned_yuan": plain(one.planned_yuan), "spent_yuan": plain(one.spent_yuan), "output": plain_if(one.output),
            "output_unit": one.output_unit, "is_synthetic": one.is_synthetic,
        }
        for one in rows
    ]  # fmt: skip


def _data(
    plan: Plan, as_of: date, rows: Iterable[PlanIndicator], values: Iterable[DataPoint],
    promises: Iterable[PlanItem] = (),
) -> dict[str, Any]:  # fmt: skip
    by_number: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in values:
        if one.as_of <= as_of:
            by_number[one.number].append(_point(one))
    breaks = {one.number: _break(one) for one in SeriesBreak.objects.filter(plan=plan)}
    targets: dict[str, dict[str, str]] = defaultdict(dict)
    for aim in YearTarget.objects.filter(plan=plan, confirmed_by__isnull=False):
        targets[aim.number][str(aim.year)] = plain(aim.value)
    return {
        "plan": plan.code,
        "starts_on": plan.starts_on.isoformat(),
        "ends_on": plan.ends_on.isoformat(),
        "as_of": as_of.isoformat(),
        "indicators": [
            _indicator(one)
            | {
                "break": breaks.get(one.number),
                "points": by_number[one.number],
                "year_targets": targets[one.number],
            }
            for one in rows
        ],
        "commitments": [_commitment(one) | {"points": by_number[one.number]} for one in promises],
    }


def _indicator(one: PlanIndicator) -> dict[str, Any]:
    return {
        "number": one.number, "version": one.version, "name_zh": one.name_zh, "name_en": one.name_en,
        "unit_zh": one.unit_zh, "basis": one.basis,
        "baseline": plain_if(one.baseline),
        "target": plain(one.target), "is_at_most": one.is_at_most, "is_binding": one.is_binding,
        "is_geometric": one.is_geometric, "is_sampled": one.is_sampled, "definition_zh": one.definition_zh,
        "obtained_zh": one.obtained_zh, "owner_zh": one.owner_zh,
    } | ({"frequency": one.frequency} if one.frequency else {})  # fmt: skip


def _commitment(one: PlanItem) -> dict[str, Any]:
    return {
        "number": one.number, "version": one.version, "name_zh": one.name_zh, "name_en": one.name_en,
        "unit_zh": one.unit_zh, "operator": one.operator, "value": one.value_text, "unit": one.unit, "due": one.due,
        "basis": one.basis,
    }  # fmt: skip


def _point(one: DataPoint) -> dict[str, Any]:
    return {
        "area": one.area_code, "year": one.year, "as_of": one.as_of.isoformat(), "kind": one.kind,
        "value": plain(one.value),
        "numerator": plain_if(one.numerator),
        "denominator": plain_if(one.denominator),
        "entered_on": one.entered_at.date().isoformat(), "is_checked": one.confirmed_by_id is not None,
        "is_synthetic": one.is_synthetic,
    } | ({"quarter": one.quarter} if one.quarter else {})  # fmt: skip


def _break(one: SeriesBreak) -> dict[str, Any]:
    return {
        "year": one.year, "reason": one.reason, "is_reviewed": one.reviewed_by_id is not None,
        "baseline": plain_if(one.baseline), "recalculated": one.recalculated or {},
    }  # fmt: skip


def whole(plan: Plan, as_of: date, *, is_public: bool = True) -> Whole:
    """Return every figure of a plan at a day."""
    return reckoning.reckon(data(plan, as_of, is_public=is_public))


def figure(row: PlanIndicator, as_of: date, *, is_public: bool = True) -> Figure:
    """Return what is said of one indicator at a day, from its own values alone."""
    values = points(row.plan, is_public=is_public).filter(number=row.number)
    return reckoning.reckon(_data(row.plan, as_of, [row], values)).figures[0]


def steps_of(kind: str, owner_id: int) -> QuerySet[PlanStep]:
    """Return who did what to one record, in order."""
    return PlanStep.objects.filter(owner_kind=kind, owner_id=owner_id).select_related("actor")


def sealed(plan: Plan) -> list[dict[str, Any]]:
    """Return the facts of a plan's published values and evaluations, every revision, each with the text that makes its leaf hash."""
    found = Fact.objects.filter(
        kind__in=("indicator.published", "plan_evaluation.published"), subject__startswith=f"{plan.code}/"
    )
    return [
        {
            "fact_id": str(one.fact_id),
            "subject": one.subject,
            "source_key": one.source_key,
            "leaf_hash": one.leaf_hash,
            "fact": published_form(one),
        }
        for one in found.order_by("source_key", "revision")
    ]


@dataclass(frozen=True)
class Earlier:
    """The series of an earlier plan that an indicator continues: its row there, and its values by year."""

    row: PlanIndicator
    series: dict[int, Decimal]


def earlier(row: PlanIndicator, *, is_public: bool) -> Earlier | None:
    """Return what an indicator continues, with the values before this plan begins; None where it continues nothing."""
    before = tied(row.continues)
    if before is None:
        return None
    known = figure(before, row.plan.starts_on - timedelta(days=1), is_public=is_public).series
    return Earlier(before, known)


def later(row: PlanIndicator) -> list[PlanIndicator]:
    """Return the rows of other plans that continue an indicator, each in its newest version."""
    tie = f"{row.plan.code}/{row.number}"
    found = PlanIndicator.objects.filter(continues=tie).select_related("plan").order_by("version")
    newest = {(one.plan_id, one.number): one for one in found}
    return sorted(newest.values(), key=lambda one: one.plan.starts_on)


def tied(tie: str) -> PlanIndicator | None:
    """Return the newest version of the indicator that 'code/number' names."""
    code, _, number = tie.partition("/")
    plan = Plan.objects.filter(code=code).first() if number else None
    return indicator(plan, number) if plan else None
