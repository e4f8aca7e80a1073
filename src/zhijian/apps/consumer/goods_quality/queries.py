"""The state of a category, from facts of sampling, complaints, injuries, recalls and assessed risks; and what stands out."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet

from zhijian.apps.consumer.goods_quality import codes, rules
from zhijian.apps.consumer.goods_quality.models import (
    WHOLE_PROVINCE,
    GoodsRecall,
    InjuryNotice,
    InjuryReport,
    RiskAssessment,
    SamplingRound,
)
from zhijian.engines.signals import counted
from zhijian.engines.signals.discovery import discovered
from zhijian.engines.signals.disproportion import disproportion
from zhijian.engines.signals.surprise import chance_of_so_many
from zhijian.security.models import Officer

_YEAR_DAYS = 365


@dataclass(frozen=True)
class YearRate:
    """The pass rate of one year and design."""

    year: int
    design: str
    rate: rules.Rate


@dataclass(frozen=True)
class CategoryState:
    """What is known of a category up to a day. `injuries` are by hazard; a count of None is too small to be told."""

    category: codes.Category
    rates: tuple[YearRate, ...]
    change: rules.Change | None  # of supervision sampling, the last two years
    failed_items: tuple[tuple[str, int], ...]  # item and rounds in which it failed
    complaints: int  # about quality, of the last 365 days
    injuries: tuple[tuple[str, int | None], ...]
    injury_total: int | None
    recalls: tuple[GoodsRecall, ...]
    risks: tuple[RiskAssessment, ...]  # decided
    is_synthetic: bool

    @property
    def newest(self) -> YearRate | None:
        """The newest year of supervision sampling."""
        return next((one for one in reversed(self.rates) if one.design == "supervision"), None)


@dataclass(frozen=True)
class Signal:
    """Something that asks for a look: its kind, category, product, what was counted, and the chance of it."""

    kind: str
    category: str
    product: str
    model_number: str
    words: tuple[str, str]
    chance: float
    producer_code: str = ""


def yearly_rates(rounds: Sequence[SamplingRound]) -> list[YearRate]:
    """Return pass rates by year and design; designs are never added up."""
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in rounds:
        sums[one.valid_from.year, one.design_code][0] += one.batches
        sums[one.valid_from.year, one.design_code][1] += one.failed
    return [YearRate(year, design, rules.pass_rate(*both)) for (year, design), both in sorted(sums.items())]


def states(*, on: date) -> list[CategoryState]:
    """Return the state of every category, up to a day. The year's cases are read once for all of them."""
    cases = _cases_of_a_year(on)
    return [_state(code, cases, on=on) for code in codes.CATEGORIES]


def state_of(code: str, *, on: date) -> CategoryState:
    """Return the state of one category, up to a day."""
    return _state(code, _cases_of_a_year(on), on=on)


def sampled_years(*, on: date) -> list[int]:
    """Return the years in which anything was sampled, the newest first."""
    days = SamplingRound.objects.filter(valid_from__lte=on).dates("valid_from", "year", order="DESC")
    return [day.year for day in days]


def waiting_notices(officer: Officer) -> QuerySet[InjuryNotice]:
    """Return the reports of injuries that wait in the officer's area; who does not say where is the province's."""
    area = officer.territory
    own = Q(row__division_code__startswith=area)
    if WHOLE_PROVINCE.startswith(area):
        own |= Q(row__division_code="") | Q(row__division_code__isnull=True)
    return InjuryNotice.objects.filter(own, decision="")


def _cases_of_a_year(on: date) -> list[counted.Counted]:
    return counted.cases(on - timedelta(days=_YEAR_DAYS - 1), on)


def _state(code: str, cases: Sequence[counted.Counted], *, on: date) -> CategoryState:
    limits = rules.LIMITS.on(on)
    rounds = list(SamplingRound.objects.filter(category_code=code, valid_from__lte=on))
    rates = yearly_rates(rounds)
    supervised = [one for one in rates if one.design == "supervision"]
    change = rules.change(supervised[-2].rate, supervised[-1].rate) if len(supervised) > 1 else None
    items = Counter(item for one in rounds for item in _items(one.failed_items))
    since = on - timedelta(days=_YEAR_DAYS - 1)
    injuries = list(InjuryReport.objects.filter(category_code=code, valid_from__range=(since, on)))
    hazards = Counter(one.hazard_code for one in injuries)

    def told(number: int) -> int | None:
        return number if number == 0 or number >= limits["fewest"] else None

    recalls = list(GoodsRecall.objects.filter(category_code=code, valid_from__lte=on))
    risks = list(RiskAssessment.objects.filter(category_code=code).exclude(decided_at=None))
    return CategoryState(
        category=codes.CATEGORIES[code],
        rates=tuple(rates),
        change=change,
        failed_items=tuple(items.most_common(10)),
        complaints=sum(one.kind == counted.COMPLAINT and _is_quality(one, code) for one in cases),
        injuries=tuple((one.value, told(hazards[one.value])) for one in codes.HAZARDS),
        injury_total=told(len(injuries)),
        recalls=tuple(recalls),
        risks=tuple(risks),
        is_synthetic=any(_is_synthetic(rows) for rows in (rounds, injuries, recalls, risks)),
    )


def _is_synthetic(rows: Sequence[Any]) -> bool:
    return any(one.is_synthetic for one in rows)


def _items(text: str) -> list[str]:
    for mark in ",，;；":
        text = text.replace(mark, "、")
    return [part.strip() for part in text.split("、") if part.strip()]


def _is_quality(case: counted.Counted, code: str) -> bool:
    return case.topic in codes.CATEGORIES[code].quality_matters


def indicator_25(*, on: date) -> list[YearRate]:
    """Return the pass rate of monitoring of key consumer goods by year, all categories: the plan's indicator 25."""
    rounds = list(SamplingRound.objects.filter(design_code="monitoring", valid_from__lte=on))
    return yearly_rates(rounds)


def signals(*, on: date) -> list[Signal]:
    """Return what asks for a look: rare severe injuries, low pass rates, rising complaints, injuries that stand out.

    The first two are rules; the others are tests, with false discovery kept in check over all of them together.
    """
    limits = rules.LIMITS.on(on)
    tested = [*_complaints(limits, on), *_injuries(limits, on)]
    told = discovered(np.array([one.chance for one in tested]), rate=limits["false_share"])
    found = [one for one, is_told in zip(tested, told, strict=True) if is_told]
    return [*_severe(on), *_low_rates(on), *found]


def _severe(on: date) -> list[Signal]:
    rows = InjuryReport.objects.filter(valid_from__range=(on - timedelta(days=364), on))
    by_model = {f"{one.name} {one.model_number}".strip(): one for one in rows}
    models = rules.asks_for_expert(
        [(f"{one.name} {one.model_number}".strip(), one.severity_code) for one in rows], on=on
    )
    return [
        Signal(
            "severe", by_model[model].category_code, by_model[model].name, by_model[model].model_number,
            ("出现死亡，或者一个型号多起重伤", "A death, or several severe injuries with one model"), 0.0,
            by_model[model].uscc,
        )
        for model in models
    ]  # fmt: skip


def _low_rates(on: date) -> list[Signal]:
    found = []
    for code in codes.CATEGORIES:
        rounds = SamplingRound.objects.filter(
            category_code=code, valid_from__range=(on - timedelta(days=364), on)
        )
        for one in yearly_rates(list(rounds)):
            if rules.is_below_target(one.rate, on=on):
                words = (
                    f"{one.year}年{one.rate.batches}批次，合格率区间上限{one.rate.high:.1%}",
                    f"{one.rate.batches} batches in {one.year}, pass rate at most {one.rate.high:.1%}",
                )
                found.append(Signal("pass_rate", code, codes.CATEGORIES[code].name.zh, "", words, 0.0))
    return found


def _complaints(limits: dict[str, Any], on: date) -> list[Signal]:
    recent = on - timedelta(days=limits["recent_days"] - 1)
    first = recent - timedelta(days=limits["history_days"])
    cases = counted.cases(first, on)
    found = []
    for code, category in codes.CATEGORIES.items():
        own = [one for one in cases if _is_quality(one, code)]
        now = sum(one.received_on >= recent for one in own)
        if now < limits["least_complaints"]:
            continue
        expected = max((len(own) - now) * limits["recent_days"] / limits["history_days"], 0.5)
        chance = float(chance_of_so_many([now], [expected])[0])
        words = (
            f"最近{limits['recent_days']}天{now}件，预计{expected:.1f}件",
            f"{now} in {limits['recent_days']} days, {expected:.1f} expected",
        )
        found.append(Signal("complaints", code, category.name.zh, "", words, chance))
    return found


def _injuries(limits: dict[str, Any], on: date) -> list[Signal]:
    rows = list(InjuryReport.objects.filter(valid_from__range=(on - timedelta(days=364), on)))
    if len(rows) < 2:
        return []
    pairs = disproportion([one.category_code for one in rows], [one.nature_code for one in rows])
    natures = {one.value: one.label for one in codes.NATURES}
    return [
        Signal(
            "injuries", pair.product, codes.CATEGORIES[pair.product].name.zh, "",
            (f"{natures[pair.topic].zh}{pair.count}起，预计{pair.expected:.1f}起，ROR {pair.ror:.1f}",
             f"{natures[pair.topic].en}: {pair.count}, {pair.expected:.1f} expected, ROR {pair.ror:.1f}"),
            pair.chance,
        )
        for pair in pairs
        if pair.count >= limits["least_pairs"] and pair.ror > 1
    ]  # fmt: skip
