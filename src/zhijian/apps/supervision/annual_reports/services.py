"""Verbs on annual reports: save what is typed, file, correct. A filed report is a fact about the firm."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhijian.apps.supervision.annual_reports import rules
from zhijian.apps.supervision.annual_reports.models import Draft, Report
from zhijian.apps.supervision.annual_reports.rules import Reporter
from zhijian.apps.supervision.annual_reports.validating import Reading, read
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.canonical import canonical
from zhijian.security.models import BusinessPerson, Officer
from zhijian.security.permissions import OfFirm, Permission, require, require_for
from zhijian.standards.bilingual import BilingualError, Problem
from zhijian.standards.calendar import statutory_day

KIND, SOURCE = "annual_report.published", "annual_reports"


class ReportRefused(BilingualError):
    """A report cannot be filed or corrected. Carries both languages."""

    wording = "{zh}"


class ReportIncomplete(ReportRefused):
    """Something typed is missing or wrong; `problems` says what, at which field."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(
            f"有{len(problems)}处需要改，改好再报。",
            f"{len(problems)} things to mend before it can be filed.",
        )
        self.problems = problems


class SavedMeanwhile(ReportRefused):
    """A colleague saved while this person was typing. Both versions are kept."""


@dataclass(frozen=True)
class Firm:
    """The reporting entity as the register knows it today."""

    uscc: str
    name: str
    division_code: str
    reporter: Reporter
    is_synthetic: bool

    @property
    def kind(self) -> str:
        return self.reporter.kind


def save_draft(
    firm: Firm,
    year: int,
    typed: Mapping[str, Any],
    chosen: Collection[str],
    *,
    based_on: int,
    by: BusinessPerson,
    at: datetime,
) -> Draft:
    """Keep what is typed as a new version; `based_on` is the version that the page showed.

    Raises:
        Forbidden: the person may not file for the firm. ReportRefused: the year is not open.
        SavedMeanwhile: somebody saved a newer one; what is typed is kept all the same, as the newest.
    """
    require_for(by, OfFirm.FILE, uscc=firm.uscc)
    check_open(firm, year, at)
    for _ in range(3):
        newest = Draft.objects.filter(uscc=firm.uscc, year=year).order_by("-version").first()
        version = newest.version + 1 if newest else 1
        try:
            with transaction.atomic():
                draft = Draft(
                    uscc=firm.uscc, year=year, version=version, typed=dict(typed), chosen=sorted(chosen),
                    saved_by=by.display_name, saved_at=at,
                )  # fmt: skip
                draft.save()
            break
        except IntegrityError:  # somebody saved between the look and the writing
            continue
    else:
        raise ReportRefused("保存的人太多，请再按一次。", "Too many people save at once. Press again.")
    if newest is not None and newest.version > based_on and newest.typed != draft.typed:
        raise SavedMeanwhile(
            f"{newest.saved_by}在您填写期间保存了第{newest.version}版。您填的已存为第{version}版，请核对后再报；"
            "前一版没有丢，在下面可以看到。",
            f"{newest.saved_by} saved version {newest.version} while you were typing. Yours is kept as {version}.",
        )
    return draft


def file(
    firm: Firm,
    year: int,
    typed: Mapping[str, Any],
    chosen: Collection[str],
    *,
    by: BusinessPerson,
    at: datetime,
) -> Report:
    """File a report, in time or late; the same once more returns what was filed.

    Raises:
        Forbidden: the person may not file for the firm.
        ReportRefused: the year is not open, not owed, or another report was filed.
        ReportIncomplete: with what to mend.
    """
    require_for(by, OfFirm.FILE, uscc=firm.uscc)
    check_open(firm, year, at)
    values, chosen = whole(firm, year, typed), allowed(firm, chosen)
    filed = versions_of(firm.uscc, year)
    if filed:
        if filed[0].values == values and filed[0].chosen == chosen:
            return filed[0]
        raise _filed_already(year)
    try:
        with transaction.atomic():
            return _add(firm, year, 1, values, chosen, by=by, at=at)
    except IntegrityError as other:
        raise _filed_already(year) from other


def enter_paper(
    firm: Firm,
    year: int,
    typed: Mapping[str, Any],
    chosen: Collection[str],
    *,
    received_on: date | None,
    by: Officer,
    at: datetime,
) -> Report:
    """File what an individual business handed in on paper, as the officer read it; in time by the day it came.

    Raises:
        Forbidden: not the role, or not the area.
        ReportRefused: no individual business, the year is not open, not owed, filed already, or no day of receipt.
        ReportIncomplete: with what to mend.
    """
    require(by, Permission.KEEP_CREDIT_FILE, division=firm.division_code)
    check_paper(firm)
    check_open(firm, year, at)
    if received_on is None or not rules.period_of(year)[0] <= received_on <= statutory_day(at):
        raise ReportRefused(
            f"请填写收到纸质年报的日期：{year + 1}年1月1日以后，不晚于今天。",
            f"Give the day the paper came in: from 1 January {year + 1} to today.",
        )
    values, chosen = whole(firm, year, typed), allowed(firm, chosen)
    if versions_of(firm.uscc, year):
        raise _filed_already(year)
    try:
        with transaction.atomic():
            return _add(firm, year, 1, values, chosen, received_on=received_on, by=by, at=at)
    except IntegrityError as other:
        raise _filed_already(year) from other


@transaction.atomic
def correct(
    firm: Firm,
    year: int,
    typed: Mapping[str, Any],
    chosen: Collection[str],
    *,
    reason: str,
    by: BusinessPerson,
    at: datetime,
) -> Report:
    """Add a corrected version, until 30 June; the earlier ones stay to be seen.

    Raises:
        Forbidden: the person may not file for the firm.
        ReportRefused: nothing was filed, the time is over, no reason, or nothing is changed.
        ReportIncomplete: with what to mend.
    """
    require_for(by, OfFirm.FILE, uscc=firm.uscc)
    filed = versions_of(firm.uscc, year)
    if not filed:
        raise ReportRefused(f"{year}年度报告还没有报。", f"Nothing was filed for {year}.")
    if not rules.may_correct(year, statutory_day(at)):
        last = rules.period_of(year)[1]
        raise ReportRefused(
            f"更正应当在{last.isoformat()}之前完成，现在不能自行更正。请向登记机关说明。",
            f"Corrections ended on {last.isoformat()}. Turn to the registration authority.",
        )
    if not reason.strip() or len(reason) > 300:
        raise ReportRefused("请写明更正的理由，最多300字。", "Give the reason, at most 300 characters.")
    values, chosen = whole(firm, year, typed), allowed(firm, chosen)
    if filed[0].values == values and filed[0].chosen == chosen:
        raise ReportRefused("内容没有改动。", "Nothing is changed.")
    return _add(
        firm, year, filed[0].version + 1, values, chosen, reason=reason.strip(), before=filed[0], by=by, at=at
    )


def versions_of(uscc: str, year: int) -> list[Report]:
    """Return every version of a report, newest first."""
    return list(Report.objects.filter(uscc=uscc, year=year).select_related("fact").order_by("-version"))


def filed_by(codes: Collection[str], year: int) -> dict[str, datetime]:
    """Return when those of the given firms that filed did so first."""
    rows = Report.objects.filter(uscc__in=codes, year=year, version=1)
    return dict(rows.order_by().values_list("uscc", "filed_at"))


def public_versions(uscc: str, year: int) -> list[tuple[Report, dict[str, Any]]]:
    """Return what everybody may read of every version, newest first."""
    return [(one, rules.public_part(one.kind, one.values, one.chosen)) for one in versions_of(uscc, year)]


def _add(
    firm: Firm,
    year: int,
    version: int,
    values: dict[str, Any],
    chosen: list[str],
    *,
    reason: str = "",
    before: Report | None = None,
    received_on: date | None = None,
    by: BusinessPerson | Officer,
    at: datetime,
) -> Report:
    is_late = before.is_late if before else rules.is_late(year, at, received_on)
    public = rules.public_part(firm.kind, values, chosen)
    payload = {
        "report_year": year,
        "is_late": is_late,
        "content_sha256": hashlib.sha256(canonical(public).encode()).hexdigest(),
    }
    who: Any = f"business/{by.uscc}/{by.username}" if isinstance(by, BusinessPerson) else by
    if before is None:
        fact = facts.record(
            KIND, subject=firm.uscc, occurred_on=statutory_day(at), payload=payload, source=SOURCE,
            source_key=f"{firm.uscc}/{year}", by=who, at=at, is_synthetic=firm.is_synthetic,
        )  # fmt: skip
    else:
        fact = facts.correct(before.fact, payload=payload, reason=reason, by=who, at=at)
    report = Report(
        uscc=firm.uscc, year=year, version=version, kind=firm.kind, firm_name=firm.name,
        division_code=firm.division_code, values=values, chosen=chosen, filed_by=by.display_name, filed_at=at,
        is_late=is_late, received_on=received_on, reason=reason, fact=fact, is_synthetic=firm.is_synthetic,
    )  # fmt: skip
    report.save()
    return report


def check_paper(firm: Firm) -> None:
    if not rules.may_report_on_paper(firm.kind):
        raise ReportRefused(
            "只有个体工商户可以报纸质年报，企业和农民专业合作社在网上报。",
            "Only individual businesses report on paper; firms and co-operatives file here themselves.",
        )


def check_open(firm: Firm, year: int, at: datetime) -> None:
    day = statutory_day(at)
    if not (2014 <= year < day.year) or not rules.is_open(year, day):
        raise ReportRefused(
            f"{year}年度报告还没有开始报送，从{year + 1}年1月1日起报。"
            if year >= day.year
            else "没有这个年度的报告。",
            f"The report on {year} is not open.",
        )
    if not rules.owes(firm.reporter, year):
        raise ReportRefused(
            f"本单位不用报{year}年度报告：{year}年以后设立，或者已经注销、吊销。",
            f"No report on {year} is owed: set up later, or deregistered or revoked.",
        )


def whole(firm: Firm, year: int, typed: Mapping[str, Any]) -> dict[str, Any]:
    found: Reading = read(firm.kind, year, typed)
    if found.problems:
        raise ReportIncomplete(found.problems)
    return found.values


def allowed(firm: Firm, chosen: Collection[str]) -> list[str]:
    return sorted(set(chosen) & set(rules.may_choose(firm.kind)))


def _filed_already(year: int) -> ReportRefused:
    return ReportRefused(
        f"{year}年度报告已经报过，内容不同的请用更正。", f"The report on {year} was filed. Use a correction."
    )
