"""The design of a draw before it is announced: read from a form, and what its sample will be able to tell.

Supposed rates of problems come from the last draws, each visit counted by its exact chance; where there were none, one half, the worst.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from zhijian.apps.supervision.inspection import rosters, rules
from zhijian.apps.supervision.inspection.dispatching import drawn_visits
from zhijian.datazone.lake import Lake
from zhijian.engines.draws import expectation, roster
from zhijian.engines.draws.disclosure import Stratum
from zhijian.engines.draws.expectation import Expected, Part
from zhijian.engines.draws.plan import Balance, Design, Item, Level, Party, Plan, PublicSource, Rate
from zhijian.engines.draws.roster import Strata
from zhijian.standards import county_centroids

CLASS_RATES = ("300", "800", "2500", "5000")
METHODS: dict[str, dict[str, str]] = {  # as the form names them
    "simple": {"method": "simple"},
    "systematic": {"method": "systematic"},
    "by_county": {"method": "systematic", "order": "declared"},
    "by_capital": {"method": "pps"},
}
WORST = 0.5


def design_of(data: Mapping[str, Any], shares_by_layer: Sequence[int] = ()) -> Design:
    """Read the design from a form or an address. `shares_by_layer` are the rates of layers, where it has such.

    Raises:
        ValueError: a rate, the minimum or a weight is no whole number, or the method, level or matching has no such name.
    """
    follows = data.get("mode") == "by_class"
    letters = "ABCD" if follows else "A"
    shares = [*shares_by_layer] or [int(data.get(f"rate-{letter}", "")) for letter in letters]
    chosen = data.get("method") or "simple"
    level: Level = "county" if data.get("area_level") == "county" else "prefecture"
    if chosen not in METHODS:
        raise ValueError(f"no method {chosen!r}")
    sort_by, weight_by = _goes_by(chosen)
    return Design(
        rates=tuple(Rate(f"R{n}", share, **METHODS[chosen]) for n, share in enumerate(shares, start=1)),  # type: ignore[arg-type]
        follows_class=follows,
        area_level=level,
        at_least_one=data.get("at_least_one") != "no",
        at_least_per_area=int(data.get("at_least") or 0),
        sort_by=sort_by,
        weight_by=weight_by,
        teams=_teams_of(data),
    )


def _teams_of(data: Mapping[str, Any]) -> Balance | None:
    chosen = data.get("teams") or "rank"
    if chosen not in ("rank", "near"):
        raise ValueError(f"no matching {chosen!r}")
    if chosen == "rank":
        return None
    return Balance(travel=int(data.get("travel", "")), widest=int(data.get("widest") or 1), places=_places())


def _places() -> dict[str, tuple[int, int]]:
    """Return the middles of counties, and of cities as the mean of theirs, in hectometres east and north."""
    found = {
        code: (round(east * 10), round(north * 10))
        for code, (east, north) in county_centroids.points().items()
    }
    cities = defaultdict(list)
    for code, at in found.items():
        cities[code[:4] + "00"].append(at)
    means = {
        code: (sum(x for x, _ in own) // len(own), sum(y for _, y in own) // len(own))
        for code, own in cities.items()
    }
    return means | found


def _goes_by(method: str) -> tuple[str, str]:
    """Return what a method sorts by and weighs by, as a design announces it."""
    return (
        rosters.BY_COUNTY if method == "by_county" else "",
        rosters.BY_CAPITAL if method == "by_capital" else "",
    )


def form_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the design as the form shows them: what was chosen, else the usual."""
    return {
        "rates": [
            (letter, data.get(f"rate-{letter}", usual))
            for letter, usual in zip("ABCD", CLASS_RATES, strict=True)
        ],
        "mode": data.get("mode", "plain"),
        "method": data.get("method", "simple"),
        "area_level": data.get("area_level", "prefecture"),
        "at_least": data.get("at_least", "0"),
        "at_least_one": data.get("at_least_one", "yes"),
        "teams": data.get("teams", "rank"),
        "travel": data.get("travel", str(Balance.travel)),
        "widest": data.get("widest", str(Balance.widest)),
    }


def draft_of(design: Design, *, is_synthetic: bool, at: datetime, sector: str = "") -> Plan:
    """Return a plan that is announced nowhere, with all that the frame of a draw is read by; its item is one of a sector.

    Raises:
        PlanInvalid: the design contradicts itself or the protocol.
    """
    days = [at + timedelta(days=n) for n in range(1, 5)]
    return Plan(
        plan_id="DRAFT", title="DRAFT", items=(Item(_item_of(sector, at.date()), "", ""),), design=design,
        parties=(Party("organiser", "", "", "1"), Party("supervisor", "", "", "2")),
        source=PublicSource("", "", "9" * 10, days[2]),
        freeze_at=days[0], commit_until=days[1], reveal_until=days[3], inspection_until=days[3].date(),
        mode="salted" if design.follows_class else "open", is_synthetic=is_synthetic,
    )  # fmt: skip


def sectors_on(on: date) -> tuple[str, ...]:
    """Return the sectors whose class may govern the rate of an item."""
    return tuple(one["sector"] for one in rules.ITEM_FIELDS.on(on).values() if one["sector"])


def _item_of(sector: str, on: date) -> str:
    found = (code for code, one in rules.ITEM_FIELDS.on(on).items() if sector and one["sector"] == sector)
    return next(found, "DRAFT")


@dataclass(frozen=True)
class Supposed:
    """What share of the objects of each rate is supposed to have a problem, and how many visits say so."""

    shares: dict[str, float]
    visits: dict[str, int]


def last_rates(draft: Plan, lake: Lake) -> Supposed:
    """Return the share of objects with a problem by the key of their rate, from the results of all earlier draws.

    Every visit counts as 1/chance. Half a finding more keeps a rate from being zero for sure; a class that nobody
    visited has the rate of all; without any visit every rate is one half, the worst case.
    """
    keys = [rate.key for rate in draft.design.rates]
    classes = rosters.rates_by_class(draft, lake)
    found, seen, visits = defaultdict[str, float](float), defaultdict[str, float](float), Counter[str]()
    for visit in drawn_visits(is_synthetic=draft.is_synthetic):
        key = classes.get(visit.uscc, rosters.unrated_key(draft))
        seen[key] += 1 / visit.chance
        found[key] += visit.has_problem / visit.chance
        visits[key] += 1
    everything = sum(seen.values())
    overall = _share(sum(found.values()), everything, visits.total()) if everything else WORST
    return Supposed(
        {key: _share(found[key], seen[key], visits[key]) if visits[key] else overall for key in keys},
        {key: visits[key] for key in keys},
    )


def _share(found: float, seen: float, visits: int) -> float:
    average = seen / visits
    return (found + average / 2) / (seen + average)


@dataclass(frozen=True)
class Option:
    """One allocation or method with what it can tell. `rates` are parts per 10,000 by key; `size` is for the share of capital."""

    key: str
    rates: dict[str, int]
    overall: Expected
    size: float | None = None


@dataclass(frozen=True)
class Preview:
    """What a design will be able to tell: as it stands, by area, beside other allocations and other methods."""

    strata: tuple[Stratum, ...]
    overall: Expected
    by_area: tuple[tuple[str, tuple[str, ...], Expected], ...]  # code, divisions, what it tells
    allocations: tuple[Option, ...]
    methods: tuple[Option, ...]
    supposed: Supposed
    objects_by_rate: dict[str, int]
    governed_by: dict[str, int]  # objects by whose class governs: general, or a sector


class _Frame:
    """The objects of a draft, counted once and used for every allocation."""

    def __init__(self, draft: Plan, lake: Lake, supposed: Supposed, costs: Mapping[str, float]) -> None:
        self.draft, self.supposed, self.costs = draft, supposed, costs
        self.weighs = draft.mode == "open" and rosters.has_capital(lake)
        objects = rosters.frame_of(draft, lake, with_capital=self.weighs).objects
        self.counts = roster.counts_of(draft, objects)
        self.codes = [one.object_id for one in objects]
        weighed = objects if self.weighs else []
        self.weights = Counter((roster.kind_of(draft, one), one.weight) for one in weighed)
        found = Counter(one.rate for one in objects)
        self.sizes = {rate.key: found[rate.key] for rate in draft.design.rates}

    def parts(self, design: Design) -> tuple[Strata, list[Part], list[Counter[int]]]:
        """Return the strata that a design gives, as parts to reckon with, and their objects counted by weight."""
        plan = replace(self.draft, design=design)
        strata = roster.strata_of(plan, self.counts)
        weights: dict[str, Counter[int]] = defaultdict(Counter)
        for (kind, weight), count in self.weights.items():
            weights[strata.label(kind)][weight] += count
        by_weight = design.rates[0].method == "pps"
        parts = [
            Part(one.area, one.rate, one.objects, one.drawn, self.supposed.shares[one.rate], self.costs[one.rate],
                 weights[one.label] if by_weight else {})
            for one in strata.table
        ]  # fmt: skip
        return strata, parts, [weights[one.label] for one in strata.table]


def preview(draft: Plan, lake: Lake, *, costs: Mapping[str, float]) -> Preview:
    """Reckon what a design will be able to tell. `costs` is what one visit costs, by the key of the rate.

    Raises:
        NoRegister: the register, or the classes that the design needs, were not built.
        DrawRefused: the design would reveal classes.
    """
    supposed = last_rates(draft, lake)
    frame = _Frame(draft, lake, supposed, costs)
    if not frame.counts:
        raise rosters.NoRegister
    strata, parts, _ = frame.parts(draft.design)
    areas = sorted({one.area for one in strata.table})
    return Preview(
        tuple(strata.table),
        expectation.expected(parts),
        tuple(
            (code, strata.members(code), expectation.expected([p for p in parts if p.area == code]))
            for code in areas
        ),
        _allocations(frame) if draft.design.follows_class else (),
        _methods(frame) if draft.mode == "open" else (),
        supposed,
        frame.sizes,
        dict(rosters.governed_by(draft, lake, frame.codes)) if draft.design.follows_class else {},
    )


def _allocations(frame: _Frame) -> tuple[Option, ...]:
    """Return the rates as planned, one rate for all, the best for as many visits, and the best for the same money."""
    planned = {rate.key: rate.per_10000 for rate in frame.draft.design.rates}
    now = _with_rates(frame, planned)
    alike = dict.fromkeys(planned, 1.0)

    def one_for_all(visits: float) -> dict[str, int]:
        return dict.fromkeys(planned, min(10_000, round(10_000 * visits / now.objects)))

    def neyman(visits: float) -> dict[str, int]:
        return expectation.rates_of(frame.sizes, frame.supposed.shares, alike, budget=visits)

    def by_cost(money: float) -> dict[str, int]:
        return expectation.rates_of(frame.sizes, frame.supposed.shares, frame.costs, budget=money)

    choices = {
        "planned": planned,
        "proportional": _affordable(frame, one_for_all, now.visits, lambda told: told.visits),
        "neyman": _affordable(frame, neyman, now.visits, lambda told: told.visits),
        "by_cost": _affordable(frame, by_cost, now.cost, lambda told: told.cost),
    }
    return tuple(Option(name, rates, _with_rates(frame, rates)) for name, rates in choices.items())


def _with_rates(frame: _Frame, rates: Mapping[str, int]) -> Expected:
    design = frame.draft.design
    changed = tuple(replace(rate, per_10000=rates[rate.key]) for rate in design.rates)
    return expectation.expected(frame.parts(replace(design, rates=changed))[1])


def _affordable(
    frame: _Frame,
    rates_for: Callable[[float], dict[str, int]],
    limit: float,
    spent: Callable[[Expected], float],
) -> dict[str, int]:
    """Return the highest rates of a kind that take no more than `limit`, what minima add included."""
    low, high = 0.0, limit
    for _ in range(12):
        middle = (low + high) / 2
        if spent(_with_rates(frame, rates_for(middle))) <= limit:
            low = middle
        else:
            high = middle
    return rates_for(low)


def _methods(frame: _Frame) -> tuple[Option, ...]:
    """Return what each method that the draft may use would tell with the same number of visits."""
    design, found = frame.draft.design, []
    for name, way in METHODS.items():
        if name == "by_capital" and not frame.weighs:
            continue
        rates = tuple(Rate(rate.key, rate.per_10000, **way) for rate in design.rates)  # type: ignore[arg-type]
        sort_by, weight_by = _goes_by(name)
        changed = replace(design, rates=rates, sort_by=sort_by, weight_by=weight_by)
        _, parts, sizes = frame.parts(changed)
        size = (
            expectation.size_half_width(parts, sizes, by_weight=name == "by_capital")
            if frame.weighs
            else None
        )
        found.append(Option(name, {}, expectation.expected(parts), size))
    return tuple(found)
