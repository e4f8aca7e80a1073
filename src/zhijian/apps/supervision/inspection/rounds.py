"""Set the round of a day, say where it goes, and hold it against what it follows from."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from zhijian.apps.supervision.inspection import policies, round_rules, services
from zhijian.apps.supervision.inspection.models import Check, CheckEvent, DayRound
from zhijian.apps.supervision.inspection.queries import visiting_lot
from zhijian.apps.supervision.inspection.round_rules import Place, Stop
from zhijian.apps.supervision.inspection.rules import State, Verb
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.security.models import Officer
from zhijian.standards import county_centroids
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

FACT = "inspection.round_set"
AHEAD = timedelta(days=30)
TYPED, ARRIVAL, COUNTY = "typed", "arrival", "county"  # from where a place is known


@dataclass(frozen=True)
class Chosen:
    """One check to go into a round, and where its firm is, if the team looked that up."""

    check: Check
    place: Place | None = None


def set_round(
    chosen: Sequence[Chosen], *, day: date, by: Officer, at: datetime, reason: str = ""
) -> DayRound:
    """Put the visits of an officer's day in order: hardly longer than the shortest way, and taken by the seed of the draws.

    Raises:
        Incomplete: none or too many chosen, a day that is over, or another round of the day without its reason.
        Refused: one of the checks is not this officer's, or was begun already.
    """
    with transaction.atomic():
        _check(chosen, day, by, at)
        Officer.objects.select_for_update(of=("self",)).get(pk=by.pk)  # one round of an officer at a time
        earlier = DayRound.objects.filter(officer=by, day=day).order_by("-version").first()
        if earlier and not reason.strip():
            raise _incomplete(
                "reason",
                "这一天的路线已经排过，重排要写明理由；先前的留着。",
                "This day has its round; say why there is another. The earlier one is kept.",
            )
        given = _given(chosen)
        made = _made(given, _station(by), day)
        row = DayRound.objects.create(
            officer=by, day=day, version=earlier.version + 1 if earlier else 1,
            reason=reason.strip()[:300] if earlier else "", set_at=at, checks=given,
            station=list(_station(by)), is_synthetic=all(one.check.is_synthetic for one in chosen), **made,
        )  # fmt: skip
        facts.record(
            FACT, subject=key_of(row), occurred_on=statutory_day(at), payload=sealed_form(row), source=services.SOURCE,
            source_key=key_of(row), by=by, at=at, is_synthetic=row.is_synthetic,
        )  # fmt: skip
    return row


def _check(chosen: Sequence[Chosen], day: date, by: Officer, at: datetime) -> None:
    most = round_rules.most_visits(statutory_day(at))
    if not chosen or len(chosen) > most:
        raise _incomplete(
            "checks",
            f"请选1至{most}户；一天最多排{most}户。",
            f"Choose 1 to {most} visits; a day holds no more.",
        )
    if not statutory_day(at) <= day <= statutory_day(at) + AHEAD:
        raise _incomplete(
            "day",
            f"路线只能排今天到{AHEAD.days}天以后之间的一天。",
            f"A round is set for a day from today to {AHEAD.days} days ahead.",
        )
    for one in chosen:
        policies.check_inspector(one.check, by)
        policies.check_step(one.check, Verb.BEGIN)


def _incomplete(field: str, zh: str, en: str) -> policies.Incomplete:
    return policies.Incomplete([Problem(field, zh, en)])


def _given(chosen: Sequence[Chosen]) -> list[dict[str, Any]]:
    """Return what the order follows from, in the order of numbers."""
    arrivals = arrivals_of([one.check.uscc for one in chosen])
    rows = []
    for one in sorted(chosen, key=lambda each: each.check.number):
        check = one.check
        place, known = where(check, arrivals, one.place)
        rows.append(
            {
                "number": check.number,
                "leaf": check.leaf,
                "place": [round(place[0], 6), round(place[1], 6)],
                "known": known,
            }
        )
    return rows


def _made(given: Sequence[Mapping[str, Any]], station: Place, day: date) -> dict[str, Any]:
    """Work out the round: the same from the same, whoever asks."""
    metres = metres_of(given, station)
    rounds = round_rules.rounds_of(metres, on=day)
    seed = round_rules.round_seed(day, [(one["number"], one["leaf"]) for one in given])
    order = round_rules.chosen_round(rounds, seed)
    return {
        "order": [given[stop - 1]["number"] for stop in order],
        "seed": seed,
        "rounds": len(rounds.orders),
        "shortest_m": rounds.shortest_m,
        "length_m": round_rules.length_of(order, metres),
    }


def metres_of(given: Sequence[Mapping[str, Any]], station: Place) -> list[list[int]]:
    return round_rules.metres_between([station, *((one["place"][0], one["place"][1]) for one in given)])


def where(check: Check, arrivals: Mapping[str, Place], typed: Place | None = None) -> tuple[Place, str]:
    """Return where a firm is and from where that is known: looked up, where a team arrived before, else its county's middle."""
    if typed is not None:
        return typed, TYPED
    if check.uscc in arrivals:
        return arrivals[check.uscc], ARRIVAL
    return middle_of(policies.place_of(check)), COUNTY


def middle_of(division: str) -> Place:
    """Return the middle of a county; of a larger area, the middle of its counties'."""
    known = county_centroids.points()
    found = [known[division[:6]]] if division[:6] in known else []
    found = found or [point for code, point in known.items() if code.startswith(division[:4])]
    found = found or list(known.values())
    east, north = (sum(point[axis] for point in found) / len(found) for axis in (0, 1))
    return county_centroids.degrees((east, north))


def _station(by: Officer) -> Place:
    assert by.organisation is not None  # policies let nobody inspect without a unit
    place = middle_of(by.organisation.division_code)
    return round(place[0], 6), round(place[1], 6)


def arrivals_of(codes: Sequence[str]) -> dict[str, Place]:
    """Return where the phone was when a team last arrived at each of these firms, as far as it knew."""
    begun = CheckEvent.objects.filter(verb=Verb.BEGIN, check_record__uscc__in=codes)
    found = {}
    for uscc, payload in begun.order_by("happened_at").values_list("check_record__uscc", "payload"):
        position = payload.get("position", {})
        if position.get("latitude") is not None:
            found[uscc] = float(position["latitude"]), float(position["longitude"])
    return found


def key_of(row: DayRound) -> str:
    """Return the key under which the fact of a round stands."""
    return f"round/{row.day.isoformat()}/{row.officer_id}/{row.version}"


def sealed_form(row: DayRound) -> dict[str, Any]:
    """Return what the fact of a round says: its order and what it follows from, the places as a hash."""
    inputs = json.dumps([row.station, row.checks], sort_keys=True, ensure_ascii=False)
    told = {
        "day": row.day.isoformat(), "version": row.version, "officer": row.officer.username,
        "order": row.order, "seed": row.seed, "rounds": row.rounds, "shortest_m": row.shortest_m, "length_m": row.length_m,
        "inputs_sha256": hashlib.sha256(inputs.encode()).hexdigest(),
    }  # fmt: skip
    return told | ({"reason": row.reason} if row.reason else {})


def is_as_set(row: DayRound) -> bool:
    """Say whether a round is the one that was sealed, and follows from its places and leaves."""
    fact = Fact.objects.filter(source=services.SOURCE, source_key=key_of(row), revision=0).first()
    made = _made(row.checks, (row.station[0], row.station[1]), row.day)
    return (
        fact is not None
        and fact.payload == sealed_form(row)
        and all(getattr(row, name) == value for name, value in made.items())
    )


# ------------------------------------------------------------------------------------------------------ what pages read


@dataclass(frozen=True)
class Leg:
    """One stop of a round as the page shows it."""

    check: Check
    stop: Stop
    place: Place
    known: str


def round_on(officer: Officer, day: date) -> DayRound | None:
    """Return the newest round of an officer's day."""
    rows = DayRound.objects.filter(officer=officer, day=day).select_related("officer")
    return rows.order_by("-version").first()


def with_colleagues(officer: Officer, day: date) -> list[tuple[DayRound, Leg]]:
    """Return the visits of the day to which a colleague's round takes an officer along, in the order of their hours."""
    mine = Check.objects.filter(Q(inspector_first=officer) | Q(inspector_second=officer))
    numbers = set(mine.values_list("number", flat=True))
    newest: dict[int, DayRound] = {}
    for row in (
        DayRound.objects.filter(day=day)
        .exclude(officer=officer)
        .select_related("officer")
        .order_by("version")
    ):
        newest[row.officer_id] = row
    found = [
        (row, leg)
        for row in newest.values()
        if numbers & set(row.order)
        for leg in legs_of(row)
        if leg.check.number in numbers
    ]
    return sorted(found, key=lambda pair: pair[1].stop.arrives_at)


def legs_of(row: DayRound) -> list[Leg]:
    """Return the stops of a round in their order, with their checks as they stand now."""
    rows = Check.objects.filter(number__in=row.order).select_related(
        "task", "organisation", "inspector_first", "inspector_second"
    )
    checks = {one.number: one for one in rows.prefetch_related("events")}
    places = {one["number"]: n for n, one in enumerate(row.checks, start=1)}
    metres = metres_of(row.checks, (row.station[0], row.station[1]))
    order = [places[number] for number in row.order]
    return [
        Leg(
            checks[number], stop, (row.checks[stop.number - 1]["place"][0], row.checks[stop.number - 1]["place"][1]),
            row.checks[stop.number - 1]["known"],
        )
        for number, stop in zip(row.order, round_rules.timetable(order, metres, on=row.day), strict=True)
    ]  # fmt: skip


def to_visit(officer: Officer) -> list[Check]:
    """Return an officer's checks that are not begun, what is due first in front, alike ones by lot."""
    rows = Check.objects.filter(Q(inspector_first=officer) | Q(inspector_second=officer))
    waiting = [
        one
        for one in rows.select_related("task", "organisation", "inspector_first", "inspector_second").prefetch_related("events")
        if one.state == State.DISPATCHED
    ]  # fmt: skip
    return sorted(waiting, key=lambda one: (one.due_on, visiting_lot(one.task.plan_id, one.leaf)))


__all__ = ["Chosen", "Leg", "is_as_set", "legs_of", "round_on", "set_round", "to_visit"]
