"""The round of a day: an order of visits that is short, and that no inspector and no firm chose. Pure functions.

Every order that is hardly longer than the shortest way from the station and back may be taken; the seed takes one. A way
there is a way back: with each order its reverse may be taken, and so each firm is, on average, in the middle of the day.
Whatever tires people towards the evening, or makes them brisk in the morning, is then no property of near or far firms.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from math import cos, radians, sqrt
from typing import Any

from zhijian.standards import parameters
from zhijian.standards.calendar import ZONE
from zhijian.standards.citation import rule

DAY_ROUND = parameters.load("supervision/day_round")
_METRES_PER_DEGREE = 111_195
_BASIS = "国办发〔2015〕58号"

Place = tuple[float, float]  # latitude and longitude


@dataclass(frozen=True)
class Rounds:
    """Every order that may be taken, from the first by number of stops to the last; `shortest_m` is the least length."""

    orders: tuple[tuple[int, ...], ...]
    shortest_m: int


@dataclass(frozen=True)
class Stop:
    """When a stop of a round is reached and left, by estimate, and how far it is from the one before."""

    number: int
    metres: int
    arrives_at: datetime
    leaves_at: datetime


@rule(cites=_BASIS)
def most_visits(on: date) -> int:
    """Return how many visits a round of a day holds at most."""
    return int(DAY_ROUND.on(on)["most_visits"])


def metres_between(places: Sequence[Place]) -> list[list[int]]:
    """Return the straight-line distances in whole metres, the same there and back. The first place is the station."""
    squeeze = cos(radians(sum(one[0] for one in places) / len(places)))

    def metres(one: Place, other: Place) -> int:
        north, east = one[0] - other[0], (one[1] - other[1]) * squeeze
        return round(sqrt(north * north + east * east) * _METRES_PER_DEGREE)

    return [[metres(one, other) for other in places] for one in places]


def length_of(order: Iterable[int], metres: Sequence[Sequence[int]]) -> int:
    """Return the length of a round that begins and ends at the station, which is place 0."""
    stops = [0, *order, 0]
    return sum(metres[one][other] for one, other in pairwise(stops))


@rule(cites=_BASIS)
def rounds_of(metres: Sequence[Sequence[int]], *, on: date) -> Rounds:
    """Return every order of the stops whose round is at most so many percent longer than the shortest; exact.

    With each order its reverse is among them, for the way back is as long as the way there.
    """
    stops = len(metres) - 1
    rest = _ways_home(metres, stops)
    everybody = (1 << stops) - 1
    shortest = rest[everybody, 0]
    most = shortest * (100 + int(DAY_ROUND.on(on)["slack_percent"])) // 100
    found: list[tuple[int, ...]] = []

    def walk(order: tuple[int, ...], left: int, gone: int) -> None:
        at = order[-1] if order else 0
        if not left:
            found.append(order)
            return
        for stop in range(1, stops + 1):
            bit = 1 << (stop - 1)
            if left & bit and gone + metres[at][stop] + rest[left ^ bit, stop] <= most:
                walk((*order, stop), left ^ bit, gone + metres[at][stop])

    walk((), everybody, 0)
    return Rounds(tuple(found), shortest)


def _ways_home(metres: Sequence[Sequence[int]], stops: int) -> dict[tuple[int, int], int]:
    """Return the least way from a place over a set of stops to the station (Held and Karp, 1962)."""
    rest: dict[tuple[int, int], int] = {}
    for left in range(1 << stops):
        members = [stop for stop in range(1, stops + 1) if left >> (stop - 1) & 1]
        for at in range(stops + 1):
            rest[left, at] = min(
                (metres[at][stop] + rest[left ^ 1 << (stop - 1), stop] for stop in members),
                default=metres[at][0],
            )
    return rest


@rule(cites=_BASIS)
def round_seed(day: date, checks: Iterable[tuple[str, str]]) -> str:
    """Return the seed of a day's round: of the day, and of number and leaf of each check, in the order of numbers.

    A leaf is salted by the draw, so that nobody knows the seed before the draw and nobody chooses it after.
    """
    lines = [f"round/{day.isoformat()}", *(f"{number}/{leaf}" for number, leaf in sorted(checks))]
    return sha256("\n".join(lines).encode()).hexdigest()


@rule(cites=_BASIS)
def chosen_round(rounds: Rounds, seed: str) -> tuple[int, ...]:
    """Return the order that a seed takes of those that may be taken, each with the same chance."""
    return rounds.orders[int(seed, 16) % len(rounds.orders)]


def mean_places(rounds: Rounds) -> list[Fraction]:
    """Return for each stop its mean place in the day over all orders that may be taken: the same for all."""
    stops = len(rounds.orders[0])
    sums = [0] * stops
    for order in rounds.orders:
        for place, stop in enumerate(order, start=1):
            sums[stop - 1] += place
    return [Fraction(one, len(rounds.orders)) for one in sums]


@rule(cites=_BASIS)
def timetable(order: Sequence[int], metres: Sequence[Sequence[int]], *, on: date) -> list[Stop]:
    """Return when each stop is reached and left, by estimate: roads longer than the straight line, a set time for a visit."""
    given: dict[str, Any] = DAY_ROUND.on(on)
    at, place = datetime.combine(on, time.fromisoformat(given["starts_at"]), tzinfo=ZONE), 0
    found = []
    for stop in order:
        road = metres[place][stop] * int(given["road_percent"]) / 100
        at += timedelta(minutes=round(road * 60 / (int(given["speed_km_h"]) * 1000)))
        leaves = at + timedelta(minutes=int(given["visit_minutes"]))
        found.append(Stop(stop, metres[place][stop], at, leaves))
        at, place = leaves, stop
    return found
