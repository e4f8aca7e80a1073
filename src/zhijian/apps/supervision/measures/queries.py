"""What pages, the API and the registers read: standing listings, measures that apply, incentives, answers of departments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from zhijian.apps.supervision.measures import policies, rules
from zhijian.apps.supervision.measures.models import (
    DisciplineMeasure,
    IncentiveUse,
    MeasureMatch,
    PositionBar,
    Recognition,
    TolerablePaper,
)
from zhijian.apps.supervision.measures.rules import Listing, Match, Measure
from zhijian.engines.exchange.models import Application
from zhijian.engines.facts.blemishes import LISTS
from zhijian.engines.registers.declaration import Label
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.engines.registers.public_records import place_of, public_record_of
from zhijian.security.models import Officer
from zhijian.security.permissions import in_area

SERVICE = "credit_measures"


def reference_of(fact: Any) -> str:
    """Return by what a listing is named, here and where it came from."""
    return f"{fact.source}/{fact.source_key}"


def listings_of(uscc: str, *, on: date) -> list[Listing]:
    """Return the listings of a firm that stand publicly on a day; what was removed or ended is not among them."""
    return [
        Listing(
            one.fact.kind,
            reference_of(one.fact),
            one.fact.occurred_on,
            one.fact.public_until,
            str(one.fact.payload.get("ground_code") or ""),
        )
        for one in public_record_of(uscc, on=on)
        if one.fact.kind in LISTS
    ]


@dataclass(frozen=True)
class Applies:
    """A measure of the catalogue that applies, and why."""

    entry: DisciplineMeasure
    match: Match


def applicable(uscc: str, matter: str, *, on: date) -> list[Applies]:
    """Return what the catalogue says about a firm at a matter on a day."""
    entries = {one.key: one for one in DisciplineMeasure.objects.all()}
    measures = [_measure(one) for one in entries.values()]
    found = rules.matches(measures, listings_of(uscc, on=on), matter=matter, subject="firm", on=on)
    return [Applies(entries[one.measure.key], one) for one in found]


def _measure(entry: DisciplineMeasure) -> Measure:
    return Measure(
        entry.key, entry.version, entry.list_code, entry.matter_code, entry.subject_code, entry.valid_from, entry.valid_to
    )  # fmt: skip


def bar_of(person: str, *, on: date) -> PositionBar | None:
    """Return the bar that stands for a person's digest on a day, the one that lasts longest."""
    for one in PositionBar.objects.filter(person=person, lift=None).order_by("-listed_on", "-id"):
        standing = {listing.reference for listing in listings_of(one.uscc, on=on) if rules.bars_head(listing)}
        if rules.is_barred(listed_on=one.listed_on, is_listing_standing=one.listing in standing, on=on):
            return one
    return None


def recognition_of(uscc: str, *, on: date) -> Recognition | None:
    """Return the recognition of a firm that stands on a day and is not to be ended."""
    for one in Recognition.objects.filter(uscc=uscc).order_by("-valid_from"):
        if one.stands_on(on) and breach_of(one, on=on) is None:
            return one
    return None


@dataclass(frozen=True)
class Tolerance:
    """How a paper that was missing stands: due when, and what follows if it does not come."""

    due_on: date
    standing: str
    consequence: str


def tolerance_of(use: IncentiveUse, *, on: date) -> Tolerance | None:
    """Return how the missing paper of a use stands; None for the green channel."""
    paper = TolerablePaper.objects.filter(key=use.paper).first() if use.paper else None
    if paper is None or paper.supply_days is None:
        return None
    due = rules.supply_due_on(use.valid_from, paper.supply_days)
    standing = rules.tolerance_standing(due_on=due, supplied_on=use.supplied_on, on=on)
    return Tolerance(due, standing, paper.consequence_code)


def has_broken_use(recognition: str, *, on: date, besides: str = "") -> bool:
    """Say whether a promised paper of this recognition is overdue on a day."""
    uses = IncentiveUse.objects.filter(recognition=recognition, kind_code="tolerance").exclude(key=besides)
    return any((found := tolerance_of(one, on=on)) is not None and found.standing == "broken" for one in uses)


def breach_of(entry: DeclaredEntry, *, on: date) -> Label | None:
    """Say why a recognition is to be ended, or None: a list, a penalty since, or a promised paper that did not come."""
    for one in policies.recognition_blemishes(entry.uscc, on=on):
        return Label(one.zh, one.en)
    if has_broken_use(entry.key, on=on):
        return Label("承诺补交的材料到期没有交", "a promised paper did not come")
    return None


def broken_recognitions(officer: Officer, *, on: date) -> list[tuple[Recognition, Label]]:
    """Return the recognitions of the officer's area that are to be ended, and why."""
    rows = [
        one
        for one in Recognition.objects.order_by("key")
        if one.stands_on(on) and in_area(officer, one.division_code)
    ]
    return [(one, reason) for one in rows if (reason := breach_of(one, on=on)) is not None]


@dataclass(frozen=True)
class Standing:
    """How the departments answer: told, answered, taken, late, and ended; per department."""

    department: str
    told: int
    answered: int
    applied: int
    overdue: int
    ended: int


def statistics(*, on: date) -> list[Standing]:
    """Count what each department was told and what it answered in time."""
    by_unit: dict[str, list[MeasureMatch]] = {}
    for one in MeasureMatch.objects.select_related("application", "response", "end"):
        by_unit.setdefault(one.application.organisation_name, []).append(one)
    return [_standing(unit, found, on) for unit, found in sorted(by_unit.items())]


def _standing(unit: str, found: Iterable[MeasureMatch], on: date) -> Standing:
    told = list(found)
    return Standing(
        unit,
        len(told),
        sum(hasattr(one, "response") for one in told),
        sum(hasattr(one, "response") and one.response.action == "applied" for one in told),
        sum(one.is_open and one.due_on < on for one in told),
        sum(hasattr(one, "end") for one in told),
    )


def grants_of(officer: Officer, *, on: date) -> list[Application]:
    """Return the grants under which the officer's unit may ask on a day, newest first."""
    rows = Application.objects.filter(service=SERVICE, applicant__organisation=officer.organisation)
    return [one for one in rows.select_related("decision") if one.state_on(on) == "approved"]


def told_to(officer: Officer) -> "QuerySet[MeasureMatch]":
    """Return what the officer's own unit was told, due first: by whichever of its officers applied for the grant."""
    rows = MeasureMatch.objects.filter(application__applicant__organisation=officer.organisation)
    return rows.select_related("application", "response", "end")


def unanswered(officer: Officer) -> list[MeasureMatch]:
    """Return what no department has answered yet about firms of the officer's area, due first."""
    rows = MeasureMatch.objects.filter(response=None, end=None).select_related("application")
    found = list(rows)
    places = {uscc: place_of(uscc) for uscc in {one.uscc for one in found}}
    return [one for one in found if in_area(officer, places[one.uscc])]
