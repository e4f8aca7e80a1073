"""The law of annual reports: who owes one, until when, what of it is public, who is listed without one."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from zhijian.apps.supervision.annual_reports.contents import INDIVIDUAL, Publicity, fields_of
from zhijian.standards import calendar, parameters
from zhijian.standards.citation import rule

PERIOD = parameters.load("credit/annual_report_period")
LISTING_WORKING_DAYS = parameters.load("supervision/abnormal_listing_working_days")
INSTANT_WORKING_DAYS = parameters.load("credit/instant_information_working_days")
PAPER_WORKING_DAYS = parameters.load("credit/paper_report_working_days")

GONE = frozenset({"deregistered", "revoked"})


class Standing(StrEnum):
    """Where the report of a year stands on a day. Computed, never stored."""

    NOT_OWED = "not_owed"
    NOT_DUE = "not_due"
    OPEN = "open"
    FILED = "filed"
    CORRECTED = "corrected"
    OVERDUE = "overdue"
    LATE_FILED = "late_filed"


@dataclass(frozen=True)
class Reporter:
    """A market entity as these rules see it. `ended_on` is the day of revocation or deregistration, where known."""

    kind: str
    registered_on: date | None
    status: str | None
    ended_on: date | None = None


@rule(cites=("《企业信息公示暂行条例》（2024年修订）第八条", "《个体工商户年度报告办法》第三条"))
def period_of(year: int) -> tuple[date, date]:
    """Return the first and the last day on which the report on `year` is filed in time: both in the next year.

    Raises:
        NoValueInForce: a year whose report was never owed.
    """
    days = PERIOD.on(date(year + 1, 1, 1))
    return (
        date(year + 1, days["first_month"], days["first_day"]),
        date(year + 1, days["last_month"], days["last_day"]),
    )


@rule(cites=("《企业信息公示暂行条例》（2024年修订）第八条", "《个体工商户年度报告办法》第三条"))
def owes(reporter: Reporter, year: int) -> bool:
    """Say whether an entity owes a report on `year`: set up in that year or before, and there when filing begins.

    A suspended entity, and one in liquidation, still reports (《市场主体登记管理条例实施细则》第六十三条).

    ASSUMPTION: without a day of registration the entity is taken as old, so that nobody escapes by a gap in the data;
    gone without a day known, it owes nothing, so that nobody is listed by one.
    """
    if reporter.registered_on is not None and reporter.registered_on.year > year:
        return False
    if reporter.ended_on is not None:
        return reporter.ended_on >= period_of(year)[0]
    return reporter.status not in GONE


@rule(cites=("《企业信息公示暂行条例》（2024年修订）第八条", "《个体工商户年度报告办法》第三条"))
def is_open(year: int, on: date) -> bool:
    """Say whether the report on `year` can be filed on a day, in time or late: from 1 January of the next year on."""
    return on >= period_of(year)[0]


@rule(cites="《企业信息公示暂行条例》（2024年修订）第八条")
def is_late(year: int, filed_at: datetime, received_on: date | None = None) -> bool:
    """Say whether a report came after its period: 1 July, ten minutes past midnight in Shanghai, is late.

    A report on paper counts from the day it came in, whenever it is entered.
    """
    return (received_on or calendar.statutory_day(filed_at)) > period_of(year)[1]


@rule(cites="《个体工商户年度报告办法》（2025年修订）第五条")
def may_report_on_paper(kind: str) -> bool:
    """Say whether a kind of entity may hand its report in on paper: individual businesses may, firms may not."""
    return kind == INDIVIDUAL


@rule(cites="《个体工商户年度报告办法》（2025年修订）第十条")
def paper_published_by(received_on: date) -> date:
    """Return the last day to publish that a report came in on paper: 10 working days after it came."""
    return calendar.add_working_days(received_on, PAPER_WORKING_DAYS.on(received_on), provisional=True)


@rule(cites=("《企业信息公示暂行条例》（2024年修订）第十二条", "《个体工商户年度报告办法》第九条"))
def may_correct(year: int, on: date) -> bool:
    """Say whether a published report may still be corrected by who filed it: until 30 June, both versions shown.

    ASSUMPTION: "before 30 June" includes that day, as the period of filing does.
    """
    first, last = period_of(year)
    return first <= on <= last


@rule(cites=("《企业信息公示暂行条例》（2024年修订）第八条", "《个体工商户年度报告办法》第三条"))
def standing(
    reporter: Reporter, year: int, *, on: date, filed_at: datetime | None, versions: int = 1
) -> Standing:
    """Return where the report of a year stands on a day; `filed_at` is that of the first version."""
    if filed_at is not None:
        if is_late(year, filed_at):
            return Standing.LATE_FILED
        return Standing.CORRECTED if versions > 1 else Standing.FILED
    if not owes(reporter, year):
        return Standing.NOT_OWED
    first, last = period_of(year)
    return Standing.NOT_DUE if on < first else Standing.OPEN if on <= last else Standing.OVERDUE


@rule(
    cites=(
        "《企业经营异常名录管理办法》（2025年修订）第六条",
        "《个体工商户年度报告办法》（2025年修订）第十三条",
    )
)
def listing_due_on(year: int) -> date:
    """Return the last day to list who did not file for `year`: 10 working days after the period ends.

    Raises:
        NoValueInForce: a period that ended under an earlier text.
    """
    last = period_of(year)[1]
    return calendar.add_working_days(last, LISTING_WORKING_DAYS.on(last), provisional=True)


@rule(
    cites=("《企业经营异常名录管理办法》（2025年修订）第六条", "《企业信息公示暂行条例》（2024年修订）第八条")
)
def is_missing(reporter: Reporter, year: int, *, on: date, has_filed: bool) -> bool:
    """Say whether an entity belongs on the clue list for not having filed: owed, the period over, nothing filed.

    Left out are who was set up in the year of filing, and who was deregistered or revoked by the end of the period;
    who ended later is left out from that day, for there is nothing left to list.
    """
    last = period_of(year)[1]
    if has_filed or on <= last or not owes(reporter, year):
        return False
    return reporter.ended_on is None or reporter.ended_on > on


@rule(cites="《企业信息公示暂行条例》（2024年修订）第十条")
def instant_information_due_on(arose_on: date) -> date:
    """Return the last day to publish a share transfer, a licence or the like: 20 working days after it arose."""
    return calendar.add_working_days(arose_on, INSTANT_WORKING_DAYS.on(arose_on), provisional=True)


@rule(cites=("《企业信息公示暂行条例》（2024年修订）第九条", "《个体工商户年度报告办法》第十条"))
def public_part(kind: str, values: Mapping[str, Any], chosen: Collection[str]) -> dict[str, Any]:
    """Return what of a report everybody may read, in the order of the law.

    Of an enterprise items 1 to 6 always, item 7 (staff, money) field by field as it chose. An individual business
    chooses for each field; what it did not choose stays with the authority.

    ASSUMPTION: a co-operative reports by the rules of enterprises (《农民专业合作社年度报告公示暂行办法》 not read).
    """
    return {
        field.name: values[field.name]
        for field in fields_of(kind)
        if values.get(field.name) not in (None, "", [])
        and (field.name in chosen or (kind != INDIVIDUAL and field.publicity is Publicity.ALWAYS))
    }


@rule(cites=("《企业信息公示暂行条例》（2024年修订）第九条", "《个体工商户年度报告办法》第十条"))
def may_choose(kind: str) -> tuple[str, ...]:
    """Return the fields whose publication the reporting entity itself decides."""
    return tuple(
        field.name for field in fields_of(kind) if kind == INDIVIDUAL or field.publicity is Publicity.CHOSEN
    )


@rule(cites=("《企业信息公示暂行条例》（2024年修订）第八条", "《个体工商户年度报告办法》第三条"))
def owed_years(reporter: Reporter, filed: Iterable[int], *, on: date, back: int = 3) -> list[int]:
    """Return the years, newest first and at most `back`, whose report is owed, can be filed on the day, and is not."""
    done = set(filed)
    years = range(on.year - 1, on.year - 1 - back, -1)
    return [year for year in years if year not in done and owes(reporter, year) and is_open(year, on)]
