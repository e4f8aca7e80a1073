"""What steering by risk is worth: hits of a year's draws against what a pure lottery of as many visits would have hit.

Hits are counted, not estimated. What a lottery would have hit is the share of all objects with a problem, each object seen
counted by its exact chance (engines/draws/estimation.py), times the visits made; its interval is the estimate's. Draws of
which results are outstanding are named and left out: who answers late may differ.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from zhijian.apps.supervision.inspection import audit, estimates
from zhijian.apps.supervision.inspection.dispatching import outcomes_of
from zhijian.apps.supervision.inspection.lookups import rows_of
from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.risk_features import PROBLEM_CODES, UNREACHABLE_CODE
from zhijian.engines.draws.estimation import Estimate, WeighedStratum, weighted_rate, wilson
from zhijian.engines.draws.models import Draw
from zhijian.engines.facts.models import Fact
from zhijian.standards.calendar import statutory_day

SCORES = "mart_credit_score"
FIFTHS = 5
FEWEST_EVENTS = 10  # in both arms together, below which an effect is not told


@dataclass(frozen=True)
class Looked:
    """One drawn object that somebody looked at: its chance, who went, what was found."""

    uscc: str
    draw: str
    stratum: str
    rate: str
    chance: float
    inspectors: tuple[str, ...]
    has_problem: bool


@dataclass(frozen=True)
class DrawHits:
    """A draw with all results in: `lottery` is the share of all its objects with a problem."""

    draw: Draw
    objects: int
    visits: int
    hits: int
    unmet: int
    lottery: Estimate

    @property
    def expected(self) -> float:
        """Hits of a pure lottery of as many visits."""
        return self.visits * self.lottery.rate

    @property
    def interval(self) -> tuple[float, float]:
        return self.visits * self.lottery.low, self.visits * self.lottery.high

    @property
    def lift(self) -> tuple[float, float, float] | None:
        return lift(self.hits, self.expected, self.interval)


@dataclass(frozen=True)
class Group:
    """Objects of one class, or of one fifth by score: how many, how many were looked at, and the estimated share with a problem."""

    name: str
    objects: int
    visits: int
    hits: int
    estimate: Estimate | None


@dataclass(frozen=True)
class Effect:
    """Something that happened afterwards, to objects drawn and not drawn: the difference by stratum, with its interval."""

    drawn: int
    others: int
    events_drawn: int
    events_others: int
    difference: float
    low: float
    high: float

    @property
    def points(self) -> tuple[float, float, float]:
        """The difference and its interval in percentage points."""
        return 100 * self.difference, 100 * self.low, 100 * self.high

    @property
    def is_enough(self) -> bool:
        return self.events_drawn + self.events_others >= FEWEST_EVENTS


@dataclass(frozen=True)
class Year:
    """A year's account. `pending` draws wait for results; `by_score` is empty where no scores of before the draws are kept."""

    year: int
    draws: tuple[DrawHits, ...]
    pending: tuple[tuple[Draw, int], ...]
    by_class: tuple[Group, ...]
    by_score: tuple[Group, ...]
    effect: Effect | None

    @property
    def visits(self) -> int:
        return sum(one.visits for one in self.draws)

    @property
    def hits(self) -> int:
        return sum(one.hits for one in self.draws)

    @property
    def expected(self) -> float:
        return sum(one.expected for one in self.draws)

    @property
    def interval(self) -> tuple[float, float]:
        """Of the sum: the draws are independent, so the halves of their intervals add in squares."""
        below = sqrt(sum((one.expected - one.interval[0]) ** 2 for one in self.draws))
        above = sqrt(sum((one.interval[1] - one.expected) ** 2 for one in self.draws))
        return max(0.0, self.expected - below), self.expected + above

    @property
    def lift(self) -> tuple[float, float, float] | None:
        return lift(self.hits, self.expected, self.interval)


def lift(hits: int, expected: float, interval: tuple[float, float]) -> tuple[float, float, float] | None:
    """Return how many times the lottery's hits were made, with the interval; None where a lottery may have hit nothing."""
    low, high = interval
    return (hits / expected, hits / high, hits / low) if low > 0 else None


def account(year: int, draws: Iterable[Draw], lake: Lake) -> Year:
    """Return the year's account of the draws that count; drills and voided attempts do not.

    Raises:
        Tampered: a kept roster is missing or damaged.
    """
    told, pending, held, looked = [], [], [], []
    for draw in draws:
        if draw.rehearsal or draw.dispatched_at is None or statutory_day(draw.announced_at).year != year:
            continue
        one = audit.held(draw)
        if one is None or one.state.voided:
            continue
        tells = estimates.told_by(draw, one.state)
        if tells is None or tells.estimate is None:
            pending.append((draw, tells.pending if tells else 0))
            continue
        found = looked_at(one)
        held.append(one)
        looked += found
        hits = sum(visit.has_problem for visit in found)
        told.append(DrawHits(draw, len(one.roster), len(found), hits, tells.unmet, tells.estimate))
    return Year(
        year, tuple(told), tuple(pending), tuple(_by_class(held, looked)), tuple(_by_score(held, looked, lake)),
        _effect(held),
    )  # fmt: skip


def looked_at(one: audit.Held) -> list[Looked]:
    """Return the drawn objects of a draw that have a published result and were met."""
    results = {outcome.object_id: outcome.result for outcome in outcomes_of(one.draw)}
    found = []
    for selection in one.drawn:
        result = results.get(selection.object_id)
        codes = set((result or {}).get("codes", ()))
        if result is None or UNREACHABLE_CODE in codes:
            continue
        name = selection.object_id
        found.append(
            Looked(
                name,
                one.name,
                selection.stratum,
                one.strata[selection.stratum]["rate"],
                one.chances[name],
                tuple(selection.inspectors[:2]),
                bool(codes & {*PROBLEM_CODES}),
            )
        )
    return found


def _by_class(held: Sequence[audit.Held], looked: Sequence[Looked]) -> list[Group]:
    """Count by the class that an object had when its roster was frozen."""
    classed = {one.name: dict(zip((r.key for r in one.draw.plan.design.rates), "ABCD", strict=False)) for one in held
               if one.draw.plan.design.follows_class}  # fmt: skip
    frames = [(one.name, row["object"], classed[one.name].get(one.strata[row["stratum"]]["rate"], ""))
              for one in held if one.name in classed for row in one.roster]  # fmt: skip
    return groups(frames, looked)


def _by_score(held: Sequence[audit.Held], looked: Sequence[Looked], lake: Lake) -> list[Group]:
    """Count by fifths of each roster by the score of the newest month before the draw."""
    frames = []
    for one in held:
        scores = scores_before(one.draw, lake, {str(row["object"]) for row in one.roster})
        known = [(row["object"], scores[row["object"]]) for row in one.roster if row["object"] in scores]
        ordered = sorted(score for _, score in known)
        cuts = [ordered[len(ordered) * part // FIFTHS] for part in range(1, FIFTHS)] if ordered else []
        frames += [(one.name, uscc, str(bisect_right(cuts, score) + 1)) for uscc, score in known]
    return groups(frames, looked)


def scores_before(draw: Draw, lake: Lake, codes: Collection[str]) -> Mapping[str, float]:
    """Return the risk scores of these objects in the newest month not after the draw's freeze; none where no such month is kept."""
    if not lake.exists(SCORES):
        return {}
    month = draw.plan.freeze_at.strftime("%Y-%m")
    for version in lake.versions(SCORES)[:24]:
        rows = rows_of(lake, SCORES, codes, ("score", "snapshot_month"), as_of=version.version)
        if rows and str(rows[0]["snapshot_month"])[:7] <= month:
            return {row["uscc"]: row["score"] for row in rows}
    return {}


def groups(frames: Iterable[tuple[str, str, str]], looked: Iterable[Looked]) -> list[Group]:
    """Return groups of (draw, object, group's name) with what was found in each, every visit counted by its chance."""
    group_of: dict[tuple[str, str], str] = {}
    sizes: dict[str, int] = defaultdict(int)
    for draw, uscc, name in frames:
        if name:
            group_of[draw, uscc] = name
            sizes[name] += 1
    seen: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for one in looked:
        if (one.draw, one.uscc) in group_of:
            seen[group_of[one.draw, one.uscc]].append((one.chance, one.has_problem))
    return [
        Group(name, sizes[name], len(seen[name]), sum(found for _, found in seen[name]), _estimate(sizes[name], seen[name]))
        for name in sorted(sizes)
    ]  # fmt: skip


def _estimate(objects: int, seen: Sequence[tuple[float, bool]]) -> Estimate | None:
    sure = [one for one in seen if one[0] >= 1]
    open_ = [one for one in seen if one[0] < 1]
    parts = [
        WeighedStratum(count, len(some), tuple(some))
        for count, some in ((len(sure), sure), (objects - len(sure), open_))
        if some
    ]
    return weighted_rate(parts)


EVENTS = ("complaint.upheld", "penalty.decided", "abnormal_list.listed", "serious_list.listed")


def _effect(held: Sequence[audit.Held]) -> Effect | None:
    """What happened to drawn and undrawn firms of the same strata after the draw, as the facts stand now, other than the draw's own results."""
    cells = []
    for one in held:
        if not one.is_simple:
            continue
        day = statutory_day(one.draw.dispatched_at or one.draw.announced_at)
        after = set(
            Fact.objects.filter(kind__in=EVENTS, superseded_by=None, is_withdrawal=False, occurred_on__gt=day)
            .exclude(source="inspection")
            .values_list("subject", flat=True)
        )
        drawn = {selection.object_id for selection in one.drawn}
        for places in one.places.values():
            names = [one.roster[place]["object"] for place in places]
            cells.append(
                (
                    [name in after for name in names if name in drawn],
                    [name in after for name in names if name not in drawn],
                )
            )
    return effect(cells)


def effect(cells: Iterable[tuple[Sequence[bool], Sequence[bool]]]) -> Effect | None:
    """Return the difference of shares, drawn less not drawn, weighed by the strata's sizes; None where nothing compares.

    The interval is Newcombe's over the strata: each arm's share with Wilson's interval of its effective size.
    """
    kept = [(one, other) for one, other in cells if one and other]
    whole = sum(len(one) + len(other) for one, other in kept)
    if not whole:
        return None
    arms = []
    for arm in (0, 1):
        rate = variance = 0.0
        for cell in kept:
            share, size = (len(cell[0]) + len(cell[1])) / whole, len(cell[arm])
            own = sum(cell[arm]) / size
            rate += share * own
            prior = (sum(cell[arm]) + 0.5) / (size + 1)
            variance += share**2 * prior * (1 - prior) / size
        size = sum(len(cell[arm]) for cell in kept)
        spread = rate * (1 - rate)
        arms.append((rate, *wilson(rate, spread / variance if spread else size)))
    (one, one_low, one_high), (other, other_low, other_high) = arms
    difference = one - other
    low = difference - sqrt((one - one_low) ** 2 + (other_high - other) ** 2)
    high = difference + sqrt((one_high - one) ** 2 + (other - other_low) ** 2)
    return Effect(
        sum(len(a) for a, _ in kept), sum(len(b) for _, b in kept),
        sum(sum(a) for a, _ in kept), sum(sum(b) for _, b in kept), difference, low, high,
    )  # fmt: skip


def looked_in(year: int, draws: Iterable[Draw]) -> list[Looked]:
    """Return every visit of a year's draws that was made and published, also of draws with results outstanding."""
    found: list[Looked] = []
    for draw in draws:
        if draw.rehearsal or draw.dispatched_at is None or statutory_day(draw.announced_at).year != year:
            continue
        one = audit.held(draw)
        if one is not None and not one.state.voided:
            found += looked_at(one)
    return found


__all__ = [
    "Effect",
    "Group",
    "Looked",
    "Year",
    "account",
    "effect",
    "groups",
    "lift",
    "looked_at",
    "looked_in",
]
