"""What an annual plan amounts to: objects counted from the register, tasks merged, remarks of law, work by unit and month."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.utils.functional import cached_property

from zhijian.apps.supervision.planning import rules
from zhijian.apps.supervision.planning.models import (
    AnnualPlan,
    LibraryInspector,
    ListedItem,
    ObjectTag,
    PlanNeed,
)
from zhijian.apps.supervision.planning.rules import Cell, Kind, Listed, Merged, Need, Remark
from zhijian.apps.supervision.planning.tagging import REGISTER, TABLE
from zhijian.datazone.lake import Lake
from zhijian.engines.procedures.models import Leave
from zhijian.security.models import Officer, Organisation, territory_prefix
from zhijian.standards import calendar

_GONE = ("deregistered", "revoked")
_PUBLICITY_LAW = "《企业信息公示暂行条例》"
_INDICATOR, _SPOT, _GB54 = (
    "《广东省市场监管现代化“十四五”规划》指标18",
    "《企业公示信息抽查办法》第四条",
    "国办发〔2024〕54号",
)
_YEARLY = "粤市监信监〔2025〕111号"


def items_of(unit: Organisation, on: date) -> dict[str, ListedItem]:
    """Return the items that a unit may plan on a day: published ones of the lists whose area holds its own."""
    standing = ListedItem.objects.filter(valid_from__lte=on).exclude(valid_to__lt=on).order_by("key")
    return {
        one.key: one for one in standing if unit.territory.startswith(territory_prefix(one.division_code))
    }


def listed_of(items: Mapping[str, ListedItem]) -> dict[str, Listed]:
    return {
        key: Listed(
            key, one.class_code, one.department_code, one.cap_per_year, one.is_jointable, one.law.startswith(_PUBLICITY_LAW)
        )
        for key, one in items.items()
    }  # fmt: skip


def day_of(year: int, today: date) -> date:
    """Return the day whose list governs a plan: today within its year, else the nearest day of it."""
    return min(max(today, date(year, 1, 1)), date(year, 12, 31))


def need_of(row: PlanNeed) -> Need:
    rate = row.percent.as_integer_ratio()
    return Need(row.item_code, row.tag, Fraction(*rate), row.first_month, row.last_month, Kind(row.kind))


def count_frame(lake: Lake, unit: Organisation, tags: Sequence[str]) -> list[dict[str, Any]]:
    """Count the living objects of a unit's area by the tags named and by division.

    Objects of an invented unit are the invented ones, so that no plan mixes them with real firms.
    """
    if not lake.exists(REGISTER):
        return []
    con = lake.ibis()
    register = lake.table(con, REGISTER)
    place = register.county_code.fill_null(register.prefecture_code)
    living = register.filter(
        [
            place.startswith(unit.territory),
            register.is_synthetic == unit.is_synthetic,
            ~register.status_code.isin(_GONE),
        ]
    )
    named = living.select(uscc=living.uscc, division=living.county_code.fill_null(living.prefecture_code))
    columns = {}
    if tags and lake.exists(TABLE):
        marks = lake.table(con, TABLE)
        columns = {
            f"tag_{n}": named.uscc.isin(marks.filter(marks.tag == tag).object_id)
            for n, tag in enumerate(tags)
        }
    counted = named.mutate(**columns).group_by(["division", *columns]).aggregate(objects=named.uscc.count())
    rows = counted.to_pyarrow().to_pylist()
    found = [
        {
            "tags": sorted(tag for n, tag in enumerate(tags) if row.get(f"tag_{n}")),
            "division": row["division"],
            "objects": row["objects"],
        }
        for row in rows
    ]
    return sorted(found, key=lambda one: (one["division"], one["tags"]))


@dataclass(frozen=True)
class Load:
    """Visits of a unit in a month, and how many its inspectors can make."""

    division: str
    month: int
    visits: int
    capacity: int

    @property
    def is_too_much(self) -> bool:
        return self.visits > self.capacity


class Reckoned:
    """A plan with all that follows from what is written in it."""

    def __init__(self, plan: AnnualPlan, *, on: date) -> None:
        self.plan, self.on = plan, on
        self.items = items_of(plan.organisation, day_of(plan.year, on))
        self.listed = listed_of(self.items)
        self.tags = dict(ObjectTag.objects.order_by("key").values_list("key", "name"))
        self.rows = list(plan.needs.all())
        self.needs = [need_of(row) for row in self.rows]

    @cached_property
    def cells(self) -> list[Cell]:
        sizes: Counter[frozenset[str]] = Counter()
        for row in self.plan.frame.get("cells", ()):
            sizes[frozenset(row["tags"])] += row["objects"]
        return [Cell(tags, count) for tags, count in sorted(sizes.items(), key=lambda one: sorted(one[0]))]

    @property
    def objects(self) -> int:
        return sum(cell.objects for cell in self.cells)

    def by_department(self, codes: Iterable[str]) -> dict[str, list[str]]:
        """Return which department answers for which items of a joint visit."""
        found = defaultdict[str, list[str]](list)
        for code in codes:
            found[self.listed[code].department].append(code)
        return dict(sorted(found.items()))

    @cached_property
    def unlisted(self) -> tuple[str, ...]:
        return rules.not_listed((need.code for need in self.needs), listed=self.listed)

    @cached_property
    def merged(self) -> Merged:
        """Return the tasks of what is on the list; what is not is named by a remark that stops the plan."""
        known = [need for need in self.needs if need.code in self.listed]
        return rules.merged(self.cells, known, self.listed)

    @cached_property
    def named_tags(self) -> tuple[str, ...]:
        return tuple(sorted({need.tag for need in self.needs if need.tag}))

    def scope_tags(self, tags: frozenset[str]) -> tuple[str, ...]:
        """Return the tags of a task as a draw takes them: those it has, and with '-' those it must not have."""
        return tuple(tag if tag in tags else f"-{tag}" for tag in self.named_tags)

    @cached_property
    def remarks(self) -> list[Remark]:
        return [*self._stopping(), *self._quotas(), *self._advice()]

    @property
    def shortfall(self) -> Remark | None:
        """Return the binding quota that the plan does not reach; None where it does."""
        return next((one for one in self.remarks if one.binds and not one.is_kept), None)

    def _stopping(self) -> list[Remark]:
        found = []
        if not self.merged.tasks:
            found.append(Remark("计划里还没有任务。", "The plan has no task yet.", "", True, False))
        if self.unlisted:
            names = "、".join(self.unlisted)
            found.append(
                Remark(f"{names}不在已公布的清单上，不得列入计划。", f"{names}: on no published list; cannot be planned.", _GB54, True, False)
            )  # fmt: skip
        if over := rules.above_cap(self.merged, self.listed):
            names = "、".join(over)
            found.append(
                Remark(
                    f"按这个计划，{names}的检查对象平均每年被检查的次数超过清单规定的上限。",
                    f"{names}: the plan visits their objects more often a year than the list allows.", _GB54, True, False,
                )
            )  # fmt: skip
        return found

    def _quotas(self) -> list[Remark]:
        start = date(self.plan.year, 1, 1)
        general = [code for code, one in self.listed.items() if one.class_code == "general"]
        publicity = [code for code, one in self.listed.items() if one.is_publicity]
        first = rules.general_quota(self._checked(general), self.objects, on=start)
        second = rules.publicity_quota(self._checked(publicity), self.objects, on=start)
        return [
            _quota("一般检查事项", "General items", first, _INDICATOR, binds=True),
            _quota("公示信息检查", "Checks of publicity information", second, _SPOT),
        ]

    def _checked(self, codes: Sequence[str]) -> int:
        return rules.least_checked(self.cells, self.needs, codes)

    def _advice(self) -> list[Remark]:
        found = []
        if doubled := rules.doubled_campaigns(self.needs):
            names = "、".join(doubled)
            found.append(
                Remark(
                    f"{names}已由随机抽查覆盖，原则上不再搞专项检查。",
                    f"{names}: covered by random draws; no special campaign in principle.", _YEARLY, False, False,
                )
            )  # fmt: skip
        untargeted = any(
            self.listed[need.code].is_publicity and not need.tag and need.kind is Kind.RANDOM
            for need in self.needs
            if need.code in self.listed
        )
        found.append(
            Remark(
                "公示信息检查每年至少有一轮不定向抽查。", "One round a year of checks of publicity information is not targeted.",
                "《企业公示信息抽查办法》第七条", False, untargeted,
            )
        )  # fmt: skip
        return found

    @cached_property
    def loads(self) -> list[Load]:
        """Return visits and capacity by unit and month, for units with objects."""
        sizes: dict[frozenset[str], Counter[str]] = defaultdict(Counter)
        for row in self.plan.frame.get("cells", ()):
            sizes[frozenset(row["tags"])][row["division"]] += row["objects"]
        visits: Counter[tuple[str, int]] = Counter()
        for task in self.merged.tasks:
            for division, count in rules.shared_out(task.visits, sizes[task.tags]).items():
                visits[division, task.month] += count
        capacity = capacities(self.plan)
        units = sorted({division for division, _ in visits})
        return [
            Load(unit, month, visits[unit, month], capacity.get((unit, month), 0))
            for unit in units
            for month in rules.MONTHS
        ]

    def by_month(self) -> list[tuple[int, int, int]]:
        """Return visits and capacity of the whole area by month."""
        found = {month: [0, 0] for month in rules.MONTHS}
        for load in self.loads:
            found[load.month][0] += load.visits
            found[load.month][1] += load.capacity
        return [(month, visits, capacity) for month, (visits, capacity) in found.items()]


def _quota(zh: str, en: str, quota: rules.Quota, article: str, *, binds: bool = False) -> Remark:
    share = f"{float(quota.percent):.2f}%"
    return Remark(
        f"{zh}至少检查{quota.checked:,}户，占{share}，要求不低于{quota.least_percent}%"
        + (f"，还差{quota.short:,}户。" if quota.short else "。"),
        f"{en}: at least {quota.checked:,} objects, {share}; {quota.least_percent}% or more are asked"
        + (f", {quota.short:,} are missing." if quota.short else "."),
        article, False, quota.is_met, binds,
    )  # fmt: skip


def capacities(plan: AnnualPlan) -> dict[tuple[str, int], int]:
    """Return how many visits the certified inspectors of each division can make in each month, in pairs.

    Counted are working days on which the certificate stands and no leave is arranged.
    """
    first, last = date(plan.year, 1, 1), date(plan.year, 12, 31)
    people = [
        one
        for one in LibraryInspector.objects.filter(division_code__startswith=plan.organisation.territory)
        if one.position_code == "officer" and one.valid_from <= last and (one.valid_to or first) >= first
    ]
    away: dict[str, list[Leave]] = defaultdict(list)
    for leave in Leave.objects.filter(starts_on__lte=last, ends_on__gte=first).select_related("officer"):
        away[leave.officer.username].append(leave)
    working = [
        day for n in range((last - first).days + 1) if calendar.is_working_day(day := first + timedelta(days=n), provisional=True)
    ]  # fmt: skip
    days: Counter[tuple[str, int]] = Counter()
    for one in people:
        for day in working:
            is_away = any(leave.starts_on <= day <= leave.ends_on for leave in away[one.account])
            if one.stands_on(day) and not is_away:
                days[one.division_code[:6], day.month] += 1
    return {key: count // 2 * plan.visits_per_day for key, count in days.items()}


def planner_of(officer: Officer) -> Organisation:
    """Return the unit that an officer plans for."""
    assert officer.organisation is not None
    return officer.organisation
