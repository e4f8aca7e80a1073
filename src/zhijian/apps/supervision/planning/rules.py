"""Item lists and yearly quotas of random inspection. Pure: takes counts, codes and days, gives findings."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from zhijian.standards import parameters
from zhijian.standards.citation import rule

GENERAL_RATE = parameters.load("supervision/general_item_annual_rate_percent")
PUBLICITY_RATE = parameters.load("supervision/publicity_check_annual_rate_percent")
TRAINING_HOURS = parameters.load("supervision/inspector_training_hours_per_year")

_LAW = re.compile(r"《[^《》]{2,}》|〔\d{4}〕\d+号")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千〇零\d]+条")
WARNED_DAYS = 90  # so many days before a certificate ends the library says so


@rule(cites="《国务院办公厅关于推广随机抽查规范事中事后监管的通知》（国办发〔2015〕58号）二（一）")
def has_basis(law: str, article: str) -> bool:
    """Say whether an item names a law, regulation or rule by its title, and an article of it.

    What has no basis in law, regulation or rule is not inspected, at whatever level the list is made.
    """
    return bool(_LAW.search(law)) and bool(_ARTICLE.search(article))


@rule(cites="《国务院办公厅关于推广随机抽查规范事中事后监管的通知》（国办发〔2015〕58号）二（一）")
def level_of(division_code: str) -> str:
    """Return the level of a list from the division of its keeper: '440000' province, '440100' city, else county.

    ASSUMPTION: Dongguan and Zhongshan have no counties; their lists are those of cities.
    """
    if division_code[2:6] == "0000":
        return "province"
    return "city" if division_code[4:6] == "00" else "county"


@rule(cites="《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）")
def not_listed(codes: Iterable[str], *, listed: Collection[str]) -> tuple[str, ...]:
    """Return the codes that are on no published list: they can be neither planned nor drawn."""
    return tuple(code for code in dict.fromkeys(codes) if code not in listed)


@dataclass(frozen=True)
class Quota:
    """A yearly share: how many were checked of how many, how many more are needed. `percent` is exact."""

    checked: int
    entities: int
    least_percent: int
    needed: int

    @property
    def percent(self) -> Fraction:
        return Fraction(100 * self.checked, self.entities) if self.entities else Fraction(0)

    @property
    def short(self) -> int:
        """How many distinct objects are missing."""
        return max(0, self.needed - self.checked)

    @property
    def is_met(self) -> bool:
        return not self.short


@rule(cites="《广东省市场监管现代化“十四五”规划》指标18")
def general_quota(checked: int, entities: int, *, on: date) -> Quota:
    """Return how general items stand against their yearly share of the objects in the frame on the plan's day.

    `checked` counts distinct objects; one drawn twice counts once.

    Raises:
        ValueError: more were checked than there are, or a negative count.
    """
    return _quota(checked, entities, int(GENERAL_RATE.on(on)))


@rule(cites="《企业公示信息抽查办法》第四条")
def publicity_quota(checked: int, firms: int, *, on: date) -> Quota:
    """Return how checks of publicity information stand against their yearly share of firms.

    Raises:
        ValueError: more were checked than there are, or a negative count.
    """
    return _quota(checked, firms, int(PUBLICITY_RATE.on(on)))


def _quota(checked: int, entities: int, percent: int) -> Quota:
    if not 0 <= checked <= entities:
        raise ValueError(f"{checked} distinct objects of {entities} cannot be.")
    return Quota(checked, entities, percent, at_least(entities, Fraction(percent)))


@rule(cites="《国务院办公厅关于推广随机抽查规范事中事后监管的通知》（国办发〔2015〕58号）二（三）")
def at_least(frame: int, percent: Fraction) -> int:
    """Return the least whole number of objects that reaches a share of the frame.

    Raises:
        ValueError: a rate of 0 or less, or of more than 100 percent.
    """
    if not 0 < percent <= 100:
        raise ValueError(f"A rate of {percent} percent is none.")
    return -(-frame * percent.numerator // (100 * percent.denominator))


@rule(cites="《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）")
def certificate_standing(*, first_day: date, last_day: date | None, is_official: bool, on: date) -> str:
    """Say how an officer stands in the library: valid, expiring, expired, unstarted, or barred.

    Only officers with an enforcement certificate inspect; assistants, grid staff and temporary staff never do.
    `last_day` None means that no certificate's end is on record: barred.
    """
    if not is_official or last_day is None:
        return "barred"
    if on < first_day:
        return "unstarted"
    if on > last_day:
        return "expired"
    return "expiring" if (last_day - on).days < WARNED_DAYS else "valid"


@rule(cites="《提升行政执法质量三年行动计划（2023—2025年）》（国办发〔2023〕27号）")
def missing_training(hours: int, *, on: date) -> int:
    """Return how many hours of training are missing of those that the year of `on` asks for; never below 0."""
    return max(0, int(TRAINING_HOURS.on(on)) - hours)
