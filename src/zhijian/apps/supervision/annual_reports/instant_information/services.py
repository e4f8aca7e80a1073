"""Verbs on information that arises: publish it, correct it. What is published is a fact about the firm."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhijian.apps.supervision.annual_reports.contents import ENTERPRISE, EVERYBODY
from zhijian.apps.supervision.annual_reports.instant_information.contents import FIELDS, TITLES
from zhijian.apps.supervision.annual_reports.instant_information.models import Information
from zhijian.apps.supervision.annual_reports.rules import instant_information_due_on
from zhijian.apps.supervision.annual_reports.services import Firm, ReportIncomplete, ReportRefused
from zhijian.apps.supervision.annual_reports.validating import read_fields
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.canonical import canonical
from zhijian.security.models import BusinessPerson
from zhijian.security.permissions import OfFirm, require_for
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

KIND, SOURCE = "instant_information.published", "instant_information"
FIRST = date(2014, 10, 1)  # the regulation's first day


def owes(firm: Firm) -> bool:
    """Say whether article 10 binds it: enterprises, not individual businesses and co-operatives."""
    return firm.kind == ENTERPRISE or firm.kind not in EVERYBODY


def publish(
    firm: Firm,
    kind: str,
    typed: Mapping[str, Any],
    arose_on: date | None,
    *,
    by: BusinessPerson,
    at: datetime,
) -> Information:
    """Publish information that arose; the same content pressed twice is published once.

    Raises:
        Forbidden: the person may not file for the firm. ReportRefused: not owed, no such kind.
        ReportIncomplete: with what to mend.
    """
    require_for(by, OfFirm.FILE, uscc=firm.uscc)
    values = _whole(firm, kind, typed, arose_on, at)
    assert arose_on is not None
    for _ in range(3):
        number = (
            Information.objects.filter(uscc=firm.uscc, version=1).count() + 1
        )  # before the look at what is there
        known = newest(firm.uscc)
        if same := [one for one in known if (one.kind, one.arose_on, one.values) == (kind, arose_on, values)]:
            return same[0]
        try:
            with transaction.atomic():
                return _add(firm, number, kind, arose_on, values, by=by, at=at)
        except IntegrityError:  # a colleague published at the same moment
            continue
    raise ReportRefused("保存的人太多，请再按一次。", "Too many people save at once. Press again.")


@transaction.atomic
def correct(
    firm: Firm, number: int, typed: Mapping[str, Any], arose_on: date | None, *, reason: str, by: BusinessPerson,
    at: datetime,
) -> Information:  # fmt: skip
    """Add a corrected version; the earlier ones stay to be seen.

    Raises:
        Forbidden: the person may not file for the firm. ReportRefused: no such information, no reason, nothing changed.
        ReportIncomplete: with what to mend.
    """
    require_for(by, OfFirm.FILE, uscc=firm.uscc)
    before = Information.objects.filter(uscc=firm.uscc, number=number).select_related("fact").first()
    if before is None:
        raise ReportRefused("没有这条信息。", "There is no such information.")
    if not reason.strip() or len(reason) > 300:
        raise ReportRefused("请写明更正的理由，最多300字。", "Give the reason, at most 300 characters.")
    values = _whole(firm, before.kind, typed, arose_on, at)
    if (before.values, before.arose_on) == (values, arose_on):
        raise ReportRefused("内容没有改动。", "Nothing is changed.")
    assert arose_on is not None
    return _add(
        firm, number, before.kind, arose_on, values, before=before, reason=reason.strip(), by=by, at=at
    )


def newest(uscc: str) -> list[Information]:
    """Return the newest version of each piece of a firm's information, the newest piece first."""
    found: dict[int, Information] = {}
    for one in Information.objects.filter(uscc=uscc):
        found.setdefault(one.number, one)
    return list(found.values())


def versions_of(uscc: str) -> list[Information]:
    """Return every version of a firm's information, the newest first."""
    return list(Information.objects.filter(uscc=uscc).select_related("fact"))


def _whole(
    firm: Firm, kind: str, typed: Mapping[str, Any], arose_on: date | None, at: datetime
) -> dict[str, Any]:
    if kind not in FIELDS:
        raise ReportRefused("没有这类信息。", "There is no such kind of information.")
    if not owes(firm):
        raise ReportRefused(
            "即时信息由企业公示，个体工商户和农民专业合作社在年度报告中报。",
            "Enterprises publish this; individual businesses and co-operatives say it in the annual report.",
        )
    today = statutory_day(at)
    found = read_fields(FIELDS[kind], today.year, typed)
    if arose_on is None or not FIRST <= arose_on <= today:
        found.problems.append(
            Problem(
                "arose_on", "请填写信息形成的日期，不能晚于今天。", "Give the day it arose, not after today."
            )
        )
    if found.problems:
        raise ReportIncomplete(found.problems)
    return found.values


def _add(
    firm: Firm, number: int, kind: str, arose_on: date, values: dict[str, Any], *, before: Information | None = None,
    reason: str = "", by: BusinessPerson, at: datetime,
) -> Information:  # fmt: skip
    is_late = before.is_late if before else statutory_day(at) > instant_information_due_on(arose_on)
    payload = {
        "information": kind,
        "label": TITLES[kind][0],
        "number": number,
        "arose_on": arose_on.isoformat(),
        "is_late": is_late,
        "content_sha256": hashlib.sha256(canonical(values).encode()).hexdigest(),
    }
    who = f"business/{by.uscc}/{by.username}"
    if before is None:
        fact = facts.record(
            KIND, subject=firm.uscc, occurred_on=statutory_day(at), payload=payload, source=SOURCE,
            source_key=f"{firm.uscc}/{number}", by=who, at=at, is_synthetic=firm.is_synthetic,
        )  # fmt: skip
    else:
        fact = facts.correct(before.fact, payload=payload, reason=reason, by=who, at=at)
    made = Information(
        uscc=firm.uscc, number=number, version=before.version + 1 if before else 1, kind=kind,
        firm_name=firm.name, division_code=firm.division_code, arose_on=arose_on, values=values,
        filed_by=by.display_name, filed_at=at, is_late=is_late, reason=reason, fact=fact,
        is_synthetic=firm.is_synthetic,
    )  # fmt: skip
    made.save()
    return made
