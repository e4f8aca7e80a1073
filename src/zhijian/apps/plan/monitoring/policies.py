"""May this be done to this value, adjustment, evaluation or budget here and now? `check_*` raises with words in both languages."""

from datetime import date
from decimal import Decimal

from zhijian.apps.plan.monitoring import counties, quartering, rules, typed_numbers
from zhijian.apps.plan.monitoring.models import (
    PROVINCE,
    DataPoint,
    Plan,
    PlanIndicator,
    PlanItem,
    PointKind,
    PointState,
)
from zhijian.apps.plan.monitoring.rules import QUARTERS, Basis
from zhijian.security.models import Officer
from zhijian.security.persons import UNPROVEN, are_two_persons, is_same_person
from zhijian.standards import divisions
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day

LEAST_WORDS = 4


class PlanRefused(BilingualError):
    """What was asked cannot be done now, and why."""

    wording = "{zh}"


def number(text: str, name_zh: str, name_en: str, *, unit: str | None = None) -> Decimal:
    """Return a typed number; with a percent sign only where `unit` is a percentage, or none is told.

    Raises:
        PlanRefused: it is none, could mean two, or is too long to be one.
    """
    try:
        return typed_numbers.read(text, unit=unit)
    except typed_numbers.NotANumber as wrong:
        raise PlanRefused(f"{name_zh}{wrong.zh}", f"The {name_en} {wrong.en}") from None


def said(text: str, *, what_zh: str, what_en: str, most: int = 400) -> str:
    """Return what was written, or refuse what says nothing.

    Raises:
        PlanRefused: fewer than four characters, or too many.
    """
    plain = text.replace("\x00", "").strip()
    if not LEAST_WORDS <= len(plain) <= most:
        raise PlanRefused(
            f"请写明{what_zh}（4至{most}字）。", f"Write the {what_en} in 4 to {most} characters."
        )
    return plain


def check_area(area: str, row: PlanIndicator | PlanItem) -> str:
    """Return the code of the province, of one of its cities, or of a county where the row is reported by county.

    Raises:
        PlanRefused: another area.
    """
    plain = area.strip()
    found = divisions.find(plain) if plain[:2] == "44" and plain.endswith("00") else None
    is_county = counties.is_county(plain) and plain in counties.of_city(f"{plain[:4]}00")
    if is_county and not (isinstance(row, PlanIndicator) and row.by_county):
        raise PlanRefused(
            f"{row.number}不按县（区）填报，地区只能是全省或者21个地市之一。",
            f"{row.number} is not reported by county: the area is the province or one of its 21 cities.",
        )
    if found is None and not is_county:
        raise PlanRefused(
            "地区只能是全省或者21个地市之一，按县（区）填报的指标还可以是县（区）。",
            "The area is the province or one of its 21 cities; of a row that is reported by county, a county too.",
        )
    return plain


def check_quarter(row: PlanIndicator | PlanItem, year: int, quarter: int, *, today: date) -> None:
    """Refuse a quarter of a row that is reported by year, one that does not exist, and one that has not begun.

    Raises:
        PlanRefused: with what is possible.
    """
    if not quarter:
        return
    if isinstance(row, PlanItem) or not row.is_quarterly:
        raise PlanRefused(
            f"{row.number}按年报，没有季度值。请选“全年”。",
            f"{row.number} is reported by year and has no quarters: choose the whole year.",
        )
    if quarter not in range(1, QUARTERS + 1):
        raise PlanRefused("季度只有1至4。", "A quarter is 1, 2, 3 or 4.")
    if 1 <= year <= today.year and quartering.first_day(year, quarter) > today:
        raise PlanRefused(
            f"{year}年第{quarter}季度还没有开始，不能填报。",
            f"Quarter {quarter} of {year} has not begun: it has no value yet.",
        )


def check_one_rhythm(known: DataPoint | None, quarter: int) -> None:
    """Refuse a quarter of a year that has its value, and a value of a year that is reported by quarters: one of them would not count.

    Raises:
        PlanRefused: with what stands, and how it may be changed.
    """
    if known is None or bool(known.quarter) == bool(quarter):
        return
    if quarter:
        raise PlanRefused(
            f"{known.year}年已经填了全年的值{known.value.normalize():f}，不再按季填报。要改，请修订全年的值。",
            f"{known.year} has the value {known.value.normalize():f} of the whole year: its quarters are not entered any more. "
            "Restate that value.",
        )
    raise PlanRefused(
        f"{known.year}年已经按季填报，全年的值由季度值得出，不能另填。请填报或者修订季度值。",
        f"{known.year} is reported by quarters, which make the year's value. Enter or restate a quarter.",
    )


def check_day(plan: Plan, year: int, as_of: date, *, kind: str, today: date, quarter: int = 0) -> None:
    """Refuse a year outside the plan (and the years after it, in which series go on), a day of another year or in the future.

    An estimate may be of a day that is still ahead in this year: the evaluation before a period ends is made of such.

    Raises:
        PlanRefused: with what is possible.
    """
    if not plan.starts_on.year - 1 <= year <= today.year:
        raise PlanRefused(
            f"年度应在{plan.starts_on.year - 1}年至{today.year}年之间。",
            f"The year lies between {plan.starts_on.year - 1} and {today.year}.",
        )
    if quarter and not quartering.first_day(year, quarter) <= as_of <= quartering.last_day(year, quarter):
        raise PlanRefused(
            f"数据日期应在{year}年第{quarter}季度之内。",
            f"The day of the data lies in quarter {quarter} of {year}.",
        )
    if as_of.year != year or (as_of > today and kind != PointKind.ESTIMATE):
        raise PlanRefused(
            "数据日期应在这一年之内，不能晚于今天；还没有到的日子只能填预计值。",
            "The day of the data lies in that year and not in the future; only an estimate may be of a day ahead.",
        )


def check_break_year(plan: Plan, year: int) -> None:
    """Refuse a break of a series outside the plan.

    Raises:
        PlanRefused: with the years.
    """
    if year not in plan.years:
        raise PlanRefused(
            f"口径变化的年份应在规划期内：{plan.starts_on.year}年至{plan.ends_on.year}年。",
            f"The break lies in the plan's period: {plan.starts_on.year} to {plan.ends_on.year}.",
        )


def recalculated(plan: Plan, year: int, text: str) -> dict[str, str]:
    """Return the earlier years that were counted anew, from lines such as '2021 90.5'.

    Raises:
        PlanRefused: a line has no year before the break and in the plan, or no number, or a year stands twice.
    """
    made: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        first, _, rest = line.partition(" ")
        is_before = first.isdecimal() and plan.starts_on.year <= int(first) < year
        if not is_before or first in made:
            raise PlanRefused(
                f"“{line[:20]}”读不懂。一行一年，写口径变化以前、规划期内的年份，空一格写值，如“2021 90.5”；一年只写一次。",
                f"'{line[:20]}' cannot be read. Write a line for each year of the plan before the break, once, and its value "
                "after a space: '2021 90.5'.",
            )
        made[first] = f"{number(rest, f'{first}年的值', f'value of {first}'):f}"
    return made


def by_year(text: str, years: range) -> dict[int, Decimal]:
    """Return a value for each of these years, from lines such as '2027 93.5'.

    Raises:
        PlanRefused: a line is none, a year is not among them, lacks or stands twice, or none is left.
    """
    if not years:
        raise PlanRefused(
            "规划期已满，没有可定目标的年度。", "The period is over: no year is left to set a target for."
        )
    made: dict[int, Decimal] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        first, _, rest = line.partition(" ")
        if not first.isdecimal() or int(first) not in years or int(first) in made:
            raise PlanRefused(
                f"“{line[:20]}”读不懂。一行一年，只写{years[0]}年至{years[-1]}年，空一格写目标，如“{years[0]} 93.5”；已经过去的年度不能再定。",
                f"'{line[:20]}' cannot be read. Write a line for each year from {years[0]} to {years[-1]}, once, and its target after "
                f"a space: '{years[0]} 93.5'. A year that is over gets no target.",
            )
        made[int(first)] = number(rest, f"{first}年的目标", f"target of {first}")
    lacking = [str(year) for year in years if year not in made]
    if lacking:
        raise PlanRefused(f"还缺{'、'.join(lacking)}年。", f"Still lacking: {', '.join(lacking)}.")
    return dict(sorted(made.items()))


def check_kind(kind: str) -> str:
    """Return the kind of a value.

    Raises:
        PlanRefused: another word.
    """
    if kind not in PointKind.values:
        raise PlanRefused("请选实际值、预计值或者初步值。", "Choose actual, estimate or provisional.")
    return kind


_TOLD = {
    PointState.VERIFIED: ("已复核，等待公布", "confirmed, not published"), PointState.PUBLISHED: ("已公布", "published"),
    PointState.FINAL: ("已定案", "final"),
}  # fmt: skip


def entered_already(known: DataPoint) -> PlanRefused:
    """Say which value stands, who entered it on what day, and how it may be changed."""
    day, unit = statutory_day(known.entered_at), known.entered_by.organisation
    who = unit.name if unit else known.entered_by.display_name
    zh, en = _TOLD.get(PointState(known.state), ("等待另一人复核", "waits for its confirmation"))
    area = divisions.find(known.area_code)
    place = area.name if area else known.area_code
    quarter_zh, quarter_en = (
        (f"第{known.quarter}季度", f"quarter {known.quarter} of ") if known.quarter else ("", "")
    )
    way = (
        ("要改它，请打开这个值用“修订”", "To change it, open that value and restate it")
        if known.state in (PointState.PUBLISHED, PointState.FINAL)
        else ("要改它，请复核的同事退回，再重新填报", "To change it, have it returned, then enter it again")
    )
    return PlanRefused(
        f"{place}{known.year}年{quarter_zh}的{known.number}已经有值{known.value.normalize():f}（{who}于{day.isoformat()}填报，{zh}），不能重复填报。{way[0]}。",
        f"{known.number} of {known.area_code} in {quarter_en}{known.year} has the value {known.value.normalize():f}, entered on "
        f"{day.isoformat()}, {en}: it is not entered twice. {way[1]}.",
    )


def check_sign(row: PlanIndicator | PlanItem, value: Decimal) -> None:
    """Refuse a value below zero of what is counted: a stock, or what is new.

    Raises:
        PlanRefused: it is below zero.
    """
    is_counted = isinstance(row, PlanItem) or row.basis in (Basis.STOCK, Basis.NEW)
    if is_counted and value < 0:
        raise PlanRefused(
            "这是数出来的数，不能小于零。请对照依据核对。", "It is a count, and cannot be below zero."
        )


def check_target(row: PlanIndicator, target: Decimal) -> None:
    """Refuse a target of zero for what should rise: every value would attain it.

    Raises:
        PlanRefused: zero or less, and the row is not one that should fall.
    """
    if target <= 0 and not row.is_at_most:
        raise PlanRefused(
            "目标是零或者负数时，任何值都算达到，不能作目标。越低越好的指标在规划表里写作“≤0”。",
            "With a target of zero or less every value would attain it. What should fall is written '≤0' in the plan's table.",
        )


def check_promise(row: PlanItem, area: str, value: Decimal) -> None:
    """Refuse a commitment's value of a city, and another answer than 1 or 0 where it is done or not done.

    Raises:
        PlanRefused: with what is possible.
    """
    if area != PROVINCE:
        raise PlanRefused("承诺只按全省填报。", "A commitment has values of the province alone.")
    if row.promise.target is None and value not in (0, 1):
        raise PlanRefused(
            "这项承诺没有数值，只看做到没有：做到填1，没有做到填0。",
            "This commitment has no number: enter 1 if it is done, 0 if not.",
        )


def check_parts(
    row: PlanIndicator | PlanItem, value: Decimal, top: Decimal | None, bottom: Decimal | None
) -> None:
    """Refuse a rate that is not its numerator over its denominator, and a share above its whole.

    Raises:
        PlanRefused: with the rate that the two make.
    """
    if (top is None) != (bottom is None):
        raise PlanRefused("分子和分母要么都填，要么都不填。", "Give numerator and denominator, or neither.")
    is_percent = "%" in row.unit_zh
    if is_percent and not 0 <= value <= 100:
        raise PlanRefused("百分比应在0至100之间。", "A percentage lies between 0 and 100.")
    if top is None or bottom is None:
        return
    if bottom <= 0 or top < 0 or (is_percent and top > bottom):
        raise PlanRefused(
            "分母应大于零，分子不能大于分母。", "The denominator is above zero, the numerator not above it."
        )
    times = rules.times(row.unit_zh)
    made = top * times / bottom if times else value
    if abs(made - value) > Decimal("0.05"):
        raise PlanRefused(
            f"分子除以分母是{made:.2f}{row.unit_zh}，与填的{value}{row.unit_zh}不一致。",
            f"Numerator over denominator makes {made:.2f} {row.unit_en}, not the {value} given.",
        )


def check_state(point: DataPoint, *states: str) -> None:
    """Refuse a step that the value's state does not allow.

    Raises:
        PlanRefused: with the state.
    """
    if point.state not in states:
        told = PointState(point.state)
        raise PlanRefused(
            f"这个值现在是“{told.label}”，不能这样办。请刷新后再看。",
            f"This value is now '{told.value}'; that step is not open. Look again.",
        )


def check_another(first: Officer, second: Officer) -> None:
    """Refuse that one person does both sides of a two-person step, by one account or by two, and where nothing shows that they are two.

    Raises:
        PlanRefused: it is the same, or no kind of number of both accounts tells them apart.
    """
    if is_same_person(first, second):
        raise PlanRefused(
            "填报和复核不能是同一个人，请由另一位同事复核。",
            "Who entered it cannot confirm it: ask a colleague.",
        )
    if not are_two_persons(first, second):
        raise PlanRefused(*UNPROVEN)
