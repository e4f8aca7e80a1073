"""Item lists, quotas and annual plans of random inspection: items merged into joint visits, what the law says, who does it when.

Pure: takes counts, codes and days, gives findings.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from zhijian.standards import parameters
from zhijian.standards.bilingual import Problem
from zhijian.standards.citation import rule

GENERAL_RATE = parameters.load("supervision/general_item_annual_rate_percent")
PUBLICITY_RATE = parameters.load("supervision/publicity_check_annual_rate_percent")
TRAINING_HOURS = parameters.load("supervision/inspector_training_hours_per_year")

_LAW = re.compile(r"《[^《》]{2,}》|〔\d{4}〕\d+号")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千〇零\d]+条")
WARNED_DAYS = 90  # so many days before a certificate ends the library says so
MONTHS = range(1, 13)


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


class Kind(StrEnum):
    """Of which kind a check is: by random draw, of everybody as a law asks, or a special campaign."""

    RANDOM = "random"
    FULL = "full"
    SPECIAL = "special"


@dataclass(frozen=True)
class Need:
    """What a plan asks for: an item, of the objects with a tag ('' for all), in percent of them, between two months."""

    code: str
    tag: str
    percent: Fraction
    first: int
    last: int
    kind: Kind = Kind.RANDOM


@dataclass(frozen=True)
class Cell:
    """Objects that carry the same of the tags that a plan names."""

    tags: frozenset[str]
    objects: int


@dataclass(frozen=True)
class Listed:
    """What the list says of an item. `is_publicity`: it checks publicity information."""

    code: str
    class_code: str
    department: str
    cap: int | None
    is_jointable: bool
    is_publicity: bool


@dataclass(frozen=True)
class Task:
    """One draw of a plan: of which objects, in which month, how many, and what is checked in the one visit."""

    tags: frozenset[str]
    month: int
    codes: tuple[str, ...]
    visits: int
    objects: int
    kind: Kind


@dataclass(frozen=True)
class Merged:
    """What merging gives: tasks, visits if each item went alone, visits once joined, and the least that is possible.

    `least` is the bound whatever the months; `least_in_months` the one that keeps the months asked for.
    """

    tasks: tuple[Task, ...]
    alone: int
    joined: int
    least: int
    least_in_months: int

    @property
    def saved(self) -> int:
        return self.alone - self.joined

    @property
    def gap(self) -> int:
        """Visits above the bound; 0 means that no plan needs fewer."""
        return self.joined - self.least


@rule(cites=("《民营经济促进法》第五十二条", "《广东省市场监管条例》第二十六条"))
def merged(cells: Iterable[Cell], needs: Sequence[Need], listed: Mapping[str, Listed]) -> Merged:
    """Merge what overlaps into joint visits.

    Items that may be checked jointly, on the same objects and with months in common, go in one visit; others go alone, and
    so do checks of everybody. Each need is met exactly: of a visit of more objects than an item needs, a part checks it.
    The bounds: objects need at least as many visits as their most frequent joint item, and all that must go alone; and as
    many as any joint items ask for together whose months do not overlap.
    """
    tasks: list[Task] = []
    alone = least = in_months = 0
    for cell in cells:
        if not cell.objects:
            continue
        own = [need for need in needs if need.tag in ("", *cell.tags)]
        counts = {id(need): at_least(cell.objects, need.percent) for need in own}
        joint = [need for need in own if need.kind is Kind.RANDOM and listed[need.code].is_jointable]
        single = [need for need in own if need not in joint]
        tasks += [
            Task(cell.tags, one.first, (one.code,), counts[id(one)], cell.objects, one.kind) for one in single
        ]
        tasks += _joined(cell, [(need, counts[id(need)]) for need in joint])
        alone += sum(counts.values())
        apart = sum(counts[id(one)] for one in single)
        least += max((counts[id(need)] for need in joint), default=0) + apart
        in_months += _most_apart([(need, counts[id(need)]) for need in joint]) + apart
    return Merged(tuple(tasks), alone, sum(task.visits for task in tasks), least, in_months)


def _most_apart(needs: list[tuple[Need, int]]) -> int:
    """Return the most visits that needs ask for together of which no two have a month in common."""
    best = [0] * (len(MONTHS) + 1)
    for month in MONTHS:
        ending = [best[need.first - 1] + count for need, count in needs if need.last == month]
        best[month] = max([best[month - 1], *ending])
    return best[-1]


def _joined(cell: Cell, needs: list[tuple[Need, int]]) -> list[Task]:
    """Visit as late as each need allows, so that one visit serves as many needs as it can; then say who checks what."""
    visits: dict[int, int] = defaultdict(int)
    for need, count in sorted(needs, key=lambda pair: pair[0].last):
        there = sum(n for month, n in visits.items() if need.first <= month <= need.last)
        visits[need.last] += max(0, count - there)
    left = [count for _, count in needs]
    tasks = []
    for month in sorted(visits):
        takes = []
        for place, (need, _) in enumerate(needs):
            if need.first <= month <= need.last and left[place]:
                takes.append((min(left[place], visits[month]), need.code))
                left[place] -= takes[-1][0]
        tasks += _layers(cell, month, takes)
    return tasks


def _layers(cell: Cell, month: int, takes: list[tuple[int, str]]) -> list[Task]:
    """Split the visits of a month: the first so many check all items, the next fewer, each item as often as needed."""
    sizes = sorted({count for count, _ in takes})
    found = []
    for before, size in zip([0, *sizes], sizes, strict=False):
        codes = tuple(sorted({code for count, code in takes if count >= size}))
        found.append(Task(cell.tags, month, codes, size - before, cell.objects, Kind.RANDOM))
    return found


@rule(cites="《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）")
def need_problems(need: Need, listed: Mapping[str, Listed], tags: Collection[str]) -> list[Problem]:
    """Return why a need cannot stand in a plan: not on the published list, no rate, no month, above the item's cap."""
    found = []
    if need.code not in listed:
        found.append(
            Problem("item_code", f"{need.code or '（未选）'}不在已公布的清单上，不得列入计划。", f"{need.code or '(none)'} is on no published list and cannot be planned.")
        )  # fmt: skip
    if not 0 < need.percent <= 100:
        found.append(
            Problem("percent", "比例要大于0，不超过100%。", "The rate is above 0 and at most 100 percent.")
        )
    if not (need.first in MONTHS and need.last in MONTHS and need.first <= need.last):
        found.append(
            Problem("first_month", "月份要在1到12之间，开始不晚于结束。", "Months run from 1 to 12, the first not after the last.")
        )  # fmt: skip
    if need.tag and need.tag not in tags:
        found.append(Problem("tag", f"没有标签{need.tag}。", f"There is no tag {need.tag}."))
    if need.kind is Kind.FULL and need.percent != 100:
        found.append(
            Problem("percent", "全覆盖检查的比例是100%。", "A check of everybody has a rate of 100 percent.")
        )
    return found


@dataclass(frozen=True)
class Remark:
    """What the law says of a whole plan. `stops` forbids filing it; what `binds` and is not kept needs a word from above."""

    zh: str
    en: str
    article: str
    stops: bool
    is_kept: bool
    binds: bool = False


@rule(cites="《广东省市场监管现代化“十四五”规划》指标18")
def least_checked(cells: Iterable[Cell], needs: Sequence[Need], codes: Collection[str]) -> int:
    """Return how many different objects a plan checks at least for one of the items, by random draw alone.

    Within objects alike only the most frequent need is counted: others might draw the same ones again.
    """
    found = 0
    for cell in cells:
        counts = [
            at_least(cell.objects, need.percent)
            for need in needs
            if need.kind is Kind.RANDOM and need.code in codes and need.tag in ("", *cell.tags)
        ]
        found += max(counts, default=0) if cell.objects else 0
    return found


@rule(cites="《广东省市场监督管理局2025年度抽查工作计划》（粤市监信监〔2025〕111号）")
def doubled_campaigns(needs: Sequence[Need]) -> tuple[str, ...]:
    """Return the items of special campaigns that random draws of the same plan cover already: not done in principle."""
    random = {(need.code, need.tag) for need in needs if need.kind is Kind.RANDOM}
    return tuple(
        dict.fromkeys(
            need.code
            for need in needs
            if need.kind is Kind.SPECIAL and ({(need.code, need.tag), (need.code, "")} & random)
        )
    )


@rule(cites="《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）")
def above_cap(merged_plan: Merged, listed: Mapping[str, Listed]) -> tuple[str, ...]:
    """Return the items whose objects would on average be visited more often in the year than the list allows.

    The cap counts visits of an object, whatever is checked, not items.
    """
    visits: dict[frozenset[str], int] = defaultdict(int)
    objects: dict[frozenset[str], int] = {}
    codes: dict[frozenset[str], set[str]] = defaultdict(set)
    for task in merged_plan.tasks:
        visits[task.tags] += task.visits
        objects[task.tags] = task.objects
        codes[task.tags] |= set(task.codes)
    return tuple(
        sorted(
            {
                code
                for tags, all_codes in codes.items()
                for code in all_codes
                if (cap := listed[code].cap) is not None and visits[tags] > cap * objects[tags]
            }
        )
    )


@rule(cites="《国务院办公厅关于推广随机抽查规范事中事后监管的通知》（国办发〔2015〕58号）二（三）")
def shared_out(visits: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """Share visits out among units by their objects, by largest remainder; the sum stays."""
    total = sum(sizes.values())
    if not total:
        return {}
    whole = {unit: visits * size // total for unit, size in sizes.items()}
    missing = visits - sum(whole.values())
    order = sorted(sizes, key=lambda unit: (-(visits * sizes[unit] % total), unit))
    return {unit: count + (unit in order[:missing]) for unit, count in whole.items()}


class State(StrEnum):
    DRAFT = "draft"
    FILED = "filed"
    PUBLISHED = "published"
    ADJUSTING = "adjusting"


class Verb(StrEnum):
    DRAFT = "draft"
    FILE = "file"
    RETURN = "return"
    PUBLISH = "publish"
    ADJUST = "adjust"
    ALLOW = "allow"


STEPS: dict[tuple[State, Verb], State] = {
    (State.DRAFT, Verb.FILE): State.FILED,
    (State.ADJUSTING, Verb.FILE): State.FILED,
    (State.FILED, Verb.RETURN): State.DRAFT,
    (State.FILED, Verb.PUBLISH): State.PUBLISHED,
    (State.PUBLISHED, Verb.ADJUST): State.ADJUSTING,
    (State.FILED, Verb.ALLOW): State.FILED,
}
WRITABLE = frozenset({State.DRAFT, State.ADJUSTING})
