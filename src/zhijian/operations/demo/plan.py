"""The plan is loaded, invented values pass between two invented officers, and three evaluations are closed.

No value is a real one: each is drawn near the planned path from a fixed seed, marked 合成数据, and says so in its source.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from docx import Document

from zhijian.apps.plan.monitoring import (
    city_rules,
    evaluating,
    files,
    loading,
    money,
    papers,
    quartering,
    queries,
    services,
    warning,
)
from zhijian.apps.plan.monitoring.models import PROVINCE, DataPoint, Evaluation, Plan, PlanIndicator
from zhijian.apps.plan.monitoring.papers import Paper
from zhijian.apps.plan.monitoring.records import plain
from zhijian.apps.plan.monitoring.rules import Basis
from zhijian.apps.plan.monitoring.services import Typed
from zhijian.engines.registers import register_at
from zhijian.infrastructure.home import current_home
from zhijian.operations.demo import days
from zhijian.operations.demo.registers import open_moment
from zhijian.operations.seed.officers import invented_officer, unit_code
from zhijian.portal import plan_computing
from zhijian.security.models import Officer, Organisation, Role
from zhijian.standards import divisions
from zhijian.standards.calendar import ZONE, add_working_days, statutory_day

ACCOUNTS = {
    "plan-analyst-1": "规划监测：填报指标值，写评估报告 / enter values of the plan, write evaluations",
    "plan-analyst-2": "规划监测：复核、公布同事填报的值 / confirm and publish a colleague's values",
    "plan-leader": "规划监测：批准报告，给落后的指标定措施 / approve reports, decide on what lags",
}
_PEOPLE = (
    ("plan-analyst-1", Role.ANALYST, "示例规划分析员1", "Sample analyst of the plan 1"),
    ("plan-analyst-2", Role.ANALYST, "示例规划分析员2", "Sample analyst of the plan 2"),
    ("plan-leader", Role.LEADER, "示例规划负责人", "Sample leader of the plan"),
)
CLOSED = days.moment(11, 19, 10)
_CLOSED_ON = {
    evaluating.ANNUAL: datetime(2025, 4, 15, 10, tzinfo=ZONE),
    evaluating.MIDTERM: datetime(2024, 4, 15, 10, tzinfo=ZONE),
    evaluating.FINAL: datetime(2026, 5, 20, 10, tzinfo=ZONE),
}
_DISSENT = {evaluating.FINAL: "两个市没有报送明厨亮灶数据，全省比例不宜据此下结论（示例）"}
_SEED = 275
# How much of the planned change the invented province makes; rows not named make a little more than planned.
_SLOW = {"5": "0.82", "20": "0.55", "23": "0.70", "24b": "0.90", "26": "0.62"}
_BY_CITY = "21"  # reported by cities alone, so that the province's rate is theirs added up
_BY_QUARTER_SINCE = 2024  # what is new and has quarters is reported by them
_SHARES = (Decimal("0.21"), Decimal("0.26"), Decimal("0.24"), Decimal("0.29"))
_WITHOUT = frozenset({"22"})  # nobody entered anything
_OF_KIND = {
    code: Decimal({"core": "1.8", "coast": "-1.2", "north": "-2.4"}[kind])
    + Decimal(place % 4 - 1) * Decimal("0.7")
    for kind, codes in city_rules.KINDS
    for place, code in enumerate(codes)
}
_LACKING = ("441400", "445300")  # two cities that did not report the last year
_WAITING = "27"  # its last value waits for a second person
# What is reported of the text's commitments: each year's value, or that of one year. One floor is missed in 2023, one share at the end.
_PROMISES: dict[str, dict[int, str]] = {
    "C13": {2021: "11", 2022: "12.4", 2023: "13", 2024: "12.8", 2025: "13.5"},
    "C17": {2022: "71", 2023: "84", 2024: "96", 2025: "100"},
    "C18": {2021: "8120000", 2022: "8340000", 2023: "8260000", 2024: "8510000", 2025: "8630000"},
    "C22": {2021: "610000", 2022: "630000", 2023: "580000", 2024: "640000", 2025: "660000"},
    "C25": {2022: "97.5", 2023: "100", 2024: "100", 2025: "99.2"},
    "C26": {2022: "4", 2023: "7", 2024: "9", 2025: "10"},
    "C54": {2022: "0", 2023: "1"},
    "C60": {2021: "3800", 2022: "4100", 2023: "4300", 2024: "4200", 2025: "4050"},
    "C63": {2021: "520", 2022: "560", 2023: "610", 2025: "640"},  # 2024 was not reported
    "C73": {2023: "100", 2024: "100", 2025: "100"},
    "C74": {2023: "100", 2024: "100", 2025: "100"},
    "C78": {2021: "62", 2022: "64", 2023: "61", 2024: "66", 2025: "65"},
}
_SOURCE = "合成数据：为演示而造的报表，不是真实统计值"
_MONEY = (
    ("P150", 2024, "3200000.00", "2960000.00", "1480", "户次"), ("P150", 2025, "3400000.00", "3310000.00", "1702", "户次"),
    ("P093", 2025, "5600000.00", "5150000.00", "", ""),
)  # fmt: skip


@dataclass(frozen=True)
class _Team:
    enters: Officer
    confirms: Officer
    leads: Officer


def seed(media: Path, *, now: datetime) -> bool:
    """Load the plan, fill and evaluate it; say whether anything was new."""
    plan = loading.load(files.read(files.OWN), at=CLOSED).plan
    team = _Team(*_people())
    if DataPoint.objects.filter(plan=plan).exists():
        return False
    at = open_moment(CLOSED, now=now)
    _values(plan, team, media, at)
    _keep_promises(plan, team, at)
    _spend(plan, team, at)
    _evaluate(plan, evaluating.ANNUAL, 2024, team, at)
    midterm = _evaluate(plan, evaluating.MIDTERM, 2023, team, at)
    _answer(midterm, team, at)
    final = _evaluate(plan, evaluating.FINAL, 2025, team, at)
    warning.raise_from(final, by=team.enters, at=at)
    plan_computing.compute_all(register_at(current_home().serving), day=statutory_day(CLOSED), at=at)
    return True


def _people() -> Iterator[Officer]:
    unit = Organisation.objects.get(code=unit_code(PROVINCE))
    for username, role, name, name_en in _PEOPLE:
        yield invented_officer(username, unit, (role,), name, name_en)


def _values(plan: Plan, team: _Team, media: Path, at: datetime) -> None:
    random, is_first = Random(_SEED), True  # noqa: S311 - invented data
    for row in queries.indicators(plan):
        if row.number in _WITHOUT:
            continue
        for year in plan.years:
            for area in _areas(row, year):
                typed = _value(row, year, area, random)
                if row.is_quarterly and row.basis == Basis.NEW and year >= _BY_QUARTER_SINCE:
                    _by_quarter(plan, row.number, year, Decimal(typed.value), team, at)
                    continue
                point = services.submit(
                    plan,
                    row.number,
                    year,
                    typed,
                    area=area,
                    by=team.enters,
                    at=_soon_after(year),
                    is_synthetic=True,
                )
                if is_first:
                    papers.attach(point, _paper(), by=team.enters, at=at, media=media)
                    is_first = False
                if (row.number, year) == (_WAITING, plan.ends_on.year):
                    continue
                services.publish(
                    services.verify(point, by=team.confirms, at=_soon_after(year)), by=team.confirms, at=at
                )


def _by_quarter(plan: Plan, number: str, year: int, whole: Decimal, team: _Team, at: datetime) -> None:
    """Enter a year's new ones quarter by quarter, so that the four make the year; each is published within 20 days."""
    left = whole
    for quarter, share in enumerate(_SHARES, start=1):
        part = (whole * share).quantize(Decimal(1)) if quarter < len(_SHARES) else left
        left -= part
        ends = quartering.last_day(year, quarter)
        soon = datetime.combine(ends + timedelta(days=15), time(10), tzinfo=ZONE)
        typed = Typed(plain(part), ends, evidence=_SOURCE, quarter=quarter)
        point = services.submit(plan, number, year, typed, by=team.enters, at=soon, is_synthetic=True)
        services.publish(services.verify(point, by=team.confirms, at=soon), by=team.confirms, at=at)


def _keep_promises(plan: Plan, team: _Team, at: datetime) -> None:
    for number, values in _PROMISES.items():
        for year, value in values.items():
            typed, soon = Typed(value, date(year, 12, 31), evidence=_SOURCE), _soon_after(year)
            point = services.submit(plan, number, year, typed, by=team.enters, at=soon, is_synthetic=True)
            services.publish(services.verify(point, by=team.confirms, at=soon), by=team.confirms, at=at)


def _areas(row: PlanIndicator, year: int) -> list[str]:
    if row.number != _BY_CITY or year < 2022:
        return [PROVINCE]
    codes = [one.code6 for one in divisions.PREFECTURES]
    return [code for code in codes if year < 2025 or code not in _LACKING]


def _soon_after(year: int) -> datetime:
    """Return when a year's value is entered and confirmed: in February after it."""
    return datetime(year + 1, 2, 20, 10, tzinfo=ZONE)


def _value(row: PlanIndicator, year: int, area: str, random: Random) -> Typed:
    """Draw a value near the planned path; what cities report differs by the kind of city."""
    goal, share = row.goal, Decimal(year - 2020) / 5
    pace = Decimal(_SLOW.get(row.number, "1.06")) * Decimal(random.randint(97, 103)) / 100
    if goal.basis == Basis.NEW:
        made = goal.target / 5 * pace
    else:
        start = goal.baseline if goal.baseline is not None else goal.target * Decimal("0.85")
        made = start + (goal.target - start) * share * pace
    if "%" in row.unit_zh:
        whole = random.randint(2400, 9600)
        made += _OF_KIND.get(area, Decimal(0))
        hits = int(min(Decimal("99.6"), made) * whole / 100)
        value = (Decimal(hits) * 100 / whole).quantize(Decimal("0.0001"))
        return Typed(plain(value), date(year, 12, 31), "A", str(hits), str(whole), _SOURCE)
    is_counted = goal.target == goal.target.to_integral_value() and goal.target >= 10 and row.number != "4"
    value = made.quantize(Decimal(1) if is_counted else Decimal("0.01"))
    return Typed(plain(value), date(year, 12, 31), evidence=_SOURCE)


def _paper() -> Paper:
    document, out = Document(), io.BytesIO()
    document.add_heading("合成数据 示例统计报表", level=0)
    document.add_paragraph(_SOURCE)
    document.save(out)
    return Paper("示例统计报表.docx", [out.getvalue()])


def _spend(plan: Plan, team: _Team, at: datetime) -> None:
    tasks = {one.number for one in queries.items(plan, "paragraph") if one.is_task}
    for paragraph, year, planned, spent, output, unit in _MONEY:
        if paragraph not in tasks:
            raise ValueError(f"{paragraph} is no task of {plan.code}. Name one in the demonstration's money.")
        typed = money.Typed(planned, spent, output, unit, _SOURCE)
        made = money.enter(plan, paragraph, year, typed, by=team.enters, at=at, is_synthetic=True)
        if (paragraph, year) != ("P150", 2025):
            money.confirm(made, by=team.confirms, at=at)


def _evaluate(plan: Plan, kind: str, year: int, team: _Team, at: datetime) -> Evaluation:
    """Take one evaluation all its way on the day it would have been closed; it is published when it came into this system."""
    closed = _CLOSED_ON[kind]
    by: dict[str, Any] = {"by": team.enters, "at": closed}
    one = evaluating.freeze(evaluating.plan_one(plan, kind, year, is_synthetic=True, **by), **by)
    told = "示例：各实施单位按年度任务推进；落后的指标主要因抽样经费到位较晚和基层人手不足。本段为演示而写。"
    one = evaluating.report_oneself(one, told, **by)
    if kind != evaluating.ANNUAL:
        one = evaluating.hear_third_party(one, {
            "name": "示例评估研究院", "contract": "示例合同2026-07号", "independence": "与各实施单位没有隶属和利益关系（示例）",
            "method": "用公布的数据包重算全部数字，抽查依据文件", "opinion": "数字与数据包一致；第26项进展偏慢（示例）",
            "dissent": _DISSENT.get(kind, ""),
        }, **by)  # fmt: skip
    one = evaluating.draft(one, **by)
    causes = (
        "示例：第26项落后，一是复查频次不足，二是网络销售环节线索移送较慢。原因由示例单位提出，为演示而写。"
    )
    one = evaluating.edit(one, "causes", causes, seen=one.version, **by)
    one = evaluating.approve(evaluating.submit(one, **by), by=team.leads, at=closed)
    return evaluating.publish(one, by=team.leads, at=at)


def _answer(one: Evaluation, team: _Team, at: datetime) -> None:
    """Decide on what the mid-term found: one finding is closed with its effect, one is being worked on, others wait."""
    found = warning.raise_from(one, by=team.enters, at=at)
    due = add_working_days(statutory_day(at), 20, provisional=True)
    for place, each in enumerate(found[:2]):
        task = warning.assign(
            each, "示例：增加复查频次，线索三日内移送", "示例产品质量监管处", due, by=team.leads, at=at
        )
        if place == 0:
            warning.close(task, "示例：复查频次翻倍，后来的值见旁边", by=team.leads, at=at)
