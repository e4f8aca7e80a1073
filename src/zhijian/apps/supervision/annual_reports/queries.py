"""What pages read of annual reports: prefilled values, figures by place, who is missing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count

from zhijian.apps.supervision.annual_reports import rules
from zhijian.apps.supervision.annual_reports.contents import fields_of
from zhijian.apps.supervision.annual_reports.models import Draft, Report
from zhijian.apps.supervision.annual_reports.rules import Reporter

_LASTING = ("address", "postcode", "phone", "email", "state", "investments", "contributions", "sites")
"""What is taken over from the last report; figures of a year are typed anew."""


@dataclass(frozen=True)
class Prefilled:
    """What the page begins with, and where it came from."""

    typed: dict[str, Any]
    chosen: list[str]
    version: int  # of the newest draft; 0 without one
    source: str  # draft, filed, last, register


def prefilled(uscc: str, year: int, reporter: Reporter, address: str) -> Prefilled:
    """Return the newest draft, else what was filed, else last year's lasting parts, else what the register knows."""
    draft = Draft.objects.filter(uscc=uscc, year=year).order_by("-version").first()
    filed = Report.objects.filter(uscc=uscc, year=year).order_by("-version").first()
    version = draft.version if draft else 0
    if draft is not None and (filed is None or draft.saved_at > filed.filed_at):
        return Prefilled(draft.typed, draft.chosen, version, "draft")
    if filed is not None:
        return Prefilled(as_typed(filed.values), filed.chosen, version, "filed")
    earlier = Report.objects.filter(uscc=uscc, year__lt=year).order_by("-year", "-version").first()
    known = {one.name for one in fields_of(reporter.kind)}
    state = reporter.status if reporter.status in ("active", "suspended", "liquidating") else ""
    if earlier is not None:
        kept = {name: value for name, value in earlier.values.items() if name in _LASTING and name in known}
        return Prefilled(
            as_typed({**kept, "state": state or kept.get("state")}), earlier.chosen, version, "last"
        )
    return Prefilled({"address": address, "state": state}, [], version, "register")


def as_typed(values: dict[str, Any]) -> dict[str, Any]:
    """Return kept values as a person would type them."""
    return {
        name: [{k: "" if v is None else str(v) for k, v in row.items()} for row in value]
        if isinstance(value, list)
        else "" if value is None else str(value)
        for name, value in values.items()
    }  # fmt: skip


def filed_at(uscc: str) -> dict[int, list[datetime]]:
    """Return when each version of a firm's reports was filed here, by year, the first version first."""
    found: dict[int, list[datetime]] = defaultdict(list)
    rows = Report.objects.filter(uscc=uscc).order_by("version")
    for year, moment in rows.values_list("year", "filed_at"):
        found[year].append(moment)
    return found


def delivered_years(delivered: Iterable[Any]) -> set[Any]:
    """Return the years for which another system delivered that a report was published."""
    return {one.payload.get("report_year") for one in delivered if one.kind == "annual_report.published"}


def figures(year: int) -> tuple[Counter[str], Counter[str], bool]:
    """Return the first reports of a year by prefecture: all, and the late ones; and whether any is synthetic."""
    first = Report.objects.filter(year=year, version=1).order_by()
    rows = first.values_list("division_code", "is_late", "is_synthetic").annotate(n=Count("pk"))
    everything, late, synthetic = Counter[str](), Counter[str](), False
    for division, is_late, is_synthetic, n in rows:
        place = f"{division[:4]}00" if len(division) >= 4 else ""
        everything[place] += n
        late[place] += n if is_late else 0
        synthetic = synthetic or is_synthetic
    return everything, late, synthetic


@dataclass(frozen=True)
class Share:
    """How many of a city's entities reported: filed here, those late, and those on the register who could owe a report."""

    code: str
    filed: int
    late: int
    on_register: int

    @property
    def percent(self) -> float | None:
        return 100 * self.filed / self.on_register if self.on_register else None


def shares(everything: Counter[str], late: Counter[str], registered: Mapping[str, int]) -> list[Share]:
    """Return the share of each city that is on the register or reported. `registered`: who was there by the end of the year."""
    codes = sorted({code for code in (*everything, *registered) if code.isdigit()})
    return [Share(code, everything[code], late[code], registered.get(code, 0)) for code in codes]


def overdue(year: int, on: date, firms: Iterable[tuple[str, Reporter, Iterable[Any]]]) -> Iterator[str]:
    """Give the credit codes of those who did not report on `year`: the clues for listing, in the order given.

    Each firm comes with its code, as a reporter, and with what other systems delivered about it; that is read only of
    a firm that would be missing without it.
    """
    own = set(Report.objects.filter(year=year).values_list("uscc", flat=True))
    for uscc, reporter, delivered in firms:
        is_missing = rules.is_missing(reporter, year, on=on, has_filed=uscc in own)
        if is_missing and year not in delivered_years(delivered):
            yield uscc
