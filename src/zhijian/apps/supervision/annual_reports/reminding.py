"""Reminders by e-mail to the people of firms whose report is not filed, on the days that a parameter names."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from zhijian.apps.supervision.annual_reports import rules
from zhijian.apps.supervision.annual_reports.models import Report
from zhijian.apps.supervision.annual_reports.queries import delivered_years
from zhijian.apps.supervision.annual_reports.rules import Reporter
from zhijian.engines.notices.services import Contact, notify
from zhijian.security.models import BusinessPerson
from zhijian.security.permissions import OfFirm, may_for
from zhijian.standards import parameters
from zhijian.standards.calendar import statutory_day

DAYS = parameters.load("service/annual_report_reminders")


def is_day_to_remind(on: date) -> bool:
    """Say whether firms are reminded on a day."""
    return f"{on:%m-%d}" in DAYS.on(on)


def firms_with_address() -> list[str]:
    """Return the credit codes of firms where somebody who may file left an e-mail address."""
    found = BusinessPerson.objects.filter(is_active=True).exclude(email="").order_by("uscc")
    return list(dict.fromkeys(one.uscc for one in found if may_for(one, OfFirm.FILE, uscc=one.uscc)))


def remind(firms: Iterable[tuple[str, Reporter, Iterable[Any]]], *, at: datetime) -> int:
    """Tell whoever may file of each firm whose last report is owed and not filed; once on a day. Return how many firms.

    Each firm comes with its code, as a reporter, and with what other systems delivered about it. The messages leave
    outside the quiet hours, with the notices engine.
    """
    on = statutory_day(at)
    year, count = on.year - 1, 0
    filed = set(Report.objects.filter(year=year).values_list("uscc", flat=True))
    for uscc, reporter, delivered in firms:
        if uscc not in filed and _is_owed(reporter, year, on) and year not in delivered_years(delivered):
            count += _told(uscc, year, on, at)
    return count


def _is_owed(reporter: Reporter, year: int, on: date) -> bool:
    return rules.is_open(year, on) and rules.owes(reporter, year)


def _told(uscc: str, year: int, on: date, at: datetime) -> bool:
    people = BusinessPerson.objects.filter(uscc=uscc, is_active=True).exclude(email="")
    to = [
        (one.firm_name, Contact({"email": one.email}, key=f"business {one.pk}"))
        for one in people
        if may_for(one, OfFirm.FILE, uscc=uscc)
    ]
    last = rules.period_of(year)[1]
    for firm, contact in to:
        data = {"firm": firm, "year": year, "due_on": last.isoformat(), "is_over": on > last}
        notify("annual_reports.reminder", to=[contact], data=data, at=at, once=f"{uscc} {year} {on}")
    return bool(to)
