"""The audit of held draws: recomputed from what was published, and searched for what honest lotteries do not show.

Every test asks one question of one draw, or of all draws of the audited area together, and gives an exact chance
(engines/draws/auditing.py). All tests of a page are judged together, so that at most a known share of alarms is false.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache, cached_property
from hashlib import sha256
from math import isclose
from typing import Any

import numpy as np

from zhijian.apps.supervision.inspection.lookups import rows_of
from zhijian.apps.supervision.inspection.policies import Incomplete
from zhijian.apps.supervision.inspection.rosters import NOT_DRAWN
from zhijian.datazone.lake import Lake
from zhijian.engines.draws import auditing, core, matching, methods, store, verifier
from zhijian.engines.draws import services as draws
from zhijian.engines.draws.disclosure import Stratum
from zhijian.engines.draws.models import CeremonyEvent, Draw, EventKind, Selection
from zhijian.engines.draws.plan import Plan
from zhijian.engines.draws.queries import State, events_of, state_of
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.registers.declared import registry
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.engines.registers.declared.queries import entries
from zhijian.engines.registers.models import RegisterVersion
from zhijian.engines.signals import discovery
from zhijian.infrastructure.home import current_home
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import Forbidden, Permission, may, require
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

RATE = 0.05  # of all that ring, at most this share does so by chance, on average
THROWS, PAIR_THROWS = 199, 39
YEAR = timedelta(days=365)
SOURCE, KIND = "zhijian/inspection-audit", "inspection.audit_answered"
VERDICTS = ("explained", "look_into")
_SAME = 1e-4  # figures that differ by less are the same, written with another rounding
AGES = ((1, "under_1"), (3, "1_to_3"), (10, "3_to_10"))


@dataclass(frozen=True)
class Held:
    """A draw whose objects were drawn, with its frozen roster and who was drawn."""

    draw: Draw
    state: State
    roster: tuple[Mapping[str, Any], ...]
    drawn: tuple[Selection, ...]

    @property
    def name(self) -> str:
        return str(self.draw)

    @cached_property
    def strata(self) -> dict[str, Mapping[str, Any]]:
        return {one["label"]: one for one in self.state.frozen["strata"]}

    @cached_property
    def places(self) -> Mapping[str, list[int]]:
        """Where in the roster the objects of each stratum stand."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(self.roster):
            found[row["stratum"]].append(place)
        return found

    @cached_property
    def chances(self) -> dict[str, float]:
        """The chance of every object of the roster to be drawn."""
        return {row["object"]: _chance(row, self.strata[row["stratum"]]) for row in self.roster}

    @cached_property
    def is_simple(self) -> bool:
        """Whether every object of a stratum had the same chance and the order was random."""
        equal = all(one.get("method", "simple") == "simple" for one in self.strata.values())
        return equal and all(row["weight"] == 1 for row in self.roster)


@dataclass(frozen=True)
class Finding:
    """One test of one draw (or of all: `draw` empty) and what it says. `parts` are (name, seen, expected), the furthest first."""

    kind: str
    draw: str
    seen: float
    expected: float
    chance: float
    q: float = 1.0
    parts: tuple[tuple[str, float, float], ...] = ()

    @property
    def key(self) -> str:
        return f"{self.kind}@{self.draw}" if self.draw else self.kind

    @property
    def rings(self) -> bool:
        return self.q <= RATE


@dataclass(frozen=True)
class Recomputed:
    """A draw file verified just now. `problems` are empty where every step agrees with what was published."""

    is_right: bool
    problems: tuple[tuple[str, str], ...]  # in Chinese and in English
    milliseconds: int


def draws_for(officer: Officer) -> list[Draw]:
    """Return the draws that an officer may audit, the newest first; drills are no draws.

    Raises:
        Forbidden: neither auditor nor leader.
    """
    require(officer, Permission.AUDIT_DRAWS)
    every = Draw.objects.filter(rehearsal=False).select_related("organisation")
    return [
        draw
        for draw in every
        if draw.organisation
        and may(officer, Permission.AUDIT_DRAWS, division=draw.organisation.division_code)
    ]


def held(draw: Draw) -> Held | None:
    """Return a draw with its roster; None where nothing was drawn yet.

    Raises:
        Tampered: the kept roster is missing or damaged.
    """
    state = state_of(draw)
    if not state.drawn:
        return None
    chosen = Selection.objects.filter(draw=draw, is_reserve=False)
    return Held(draw, state, tuple(store.kept(draw, "objects")), tuple(chosen))


def findings(every: Sequence[Held], lake: Lake) -> list[Finding]:
    """Test all draws and judge the tests together; what rings first, then by chance."""
    standing = [one for one in every if not one.state.voided]
    traits = _traits({row["object"] for one in standing for row in one.roster}, lake)
    found: list[Finding] = []
    for one in standing:
        found += _spreads(one, traits)
        found += [test for test in (_order(one), _again(one, standing)) if test]
        found += _excluded(one)
    found += [test for test in (_pairs(standing), _voids(every)) if test]
    q = discovery.adjusted([one.chance for one in found])
    judged = [replace(one, q=float(value)) for one, value in zip(found, q, strict=True)]
    return sorted(judged, key=lambda one: (one.q, one.chance, one.key))


def _traits(wanted: set[str], lake: Lake) -> dict[str, dict[str, Any]]:
    """Return industry and founding day of the objects, as the register has them."""
    rows = rows_of(lake, "entity_market_entities", wanted, ("industry_section", "registered_on"))
    return {row["uscc"]: row for row in rows}


def _spreads(one: Held, traits: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    on = statutory_day(one.draw.announced_at)
    ways = {
        "district": {str(row["object"]): str(row["division"]) for row in one.roster},
        "industry": {
            str(row["object"]): str(traits.get(row["object"], {}).get("industry_section") or "?")
            for row in one.roster
        },
        "age": {
            str(row["object"]): age_group(traits.get(row["object"], {}).get("registered_on"), on)
            for row in one.roster
        },
    }
    asked = {
        kind: of
        for kind, of in ways.items()
        if len(set(of.values())) > 1 and len(one.drawn) < len(one.roster)
    }
    thrown = _thrown_again(one, THROWS // 2) if asked and not one.is_simple else []
    return [_spread(one, kind, of, thrown) for kind, of in asked.items()]


def age_group(founded_on: date | None, on: date) -> str:
    """Return how long a firm has been there, in four groups; '?' where nobody knows."""
    if founded_on is None:
        return "?"
    years = (on - founded_on).days / 365.25
    return next((name for limit, name in AGES if years < limit), "over_10")


def _spread(one: Held, kind: str, of: Mapping[str, str], thrown: Sequence[Sequence[str]]) -> Finding:
    seen = Counter(of[selection.object_id] for selection in one.drawn)
    expected: dict[str, float] = defaultdict(float)
    for name, chance in one.chances.items():
        expected[of[name]] += chance
    if one.is_simple:
        sizes: dict[str, Counter[str]] = {label: Counter() for label in one.strata}
        for row in one.roster:
            sizes[row["stratum"]][of[row["object"]]] += 1
        strata = [(sizes[label], stratum["drawn"]) for label, stratum in one.strata.items()]
        verdict = auditing.spread(strata, seen, throws=THROWS, seed=_seed(one.name, kind))
    else:
        verdict = auditing.spread_among(seen, [Counter(of[name] for name in again) for again in thrown])
    parts = sorted(
        ((name, float(seen[name]), float(expected[name])) for name in expected),
        key=lambda part: -((part[1] - part[2]) ** 2) / max(part[2], 1e-9),
    )
    return Finding(kind, one.name, verdict.seen, verdict.expected, verdict.chance, parts=tuple(parts[:5]))


def _chance(row: Mapping[str, Any], stratum: Mapping[str, Any]) -> float:
    text = methods.line_chance(dict(row), dict(stratum))
    return _value(text) if text else stratum["drawn"] / stratum["objects"]


@cache
def _value(text: str) -> float:
    return float(Fraction(text))


def _thrown_again(one: Held, throws: int) -> list[list[str]]:
    """Draw the same roster by its own methods with other seeds."""
    leaves = core.leaf_array([row["leaf"] for row in one.roster])
    weights = np.array([row["weight"] for row in one.roster], np.int64)
    sorts = np.array([row.get("sort", 0) for row in one.roster], np.int64)
    again = []
    for number in range(throws):
        seed = sha256(f"{one.name}/{number}".encode()).digest()
        heads = core.rank(seed, leaves, processes=1)
        names: list[str] = []
        for label, stratum in one.strata.items():
            places = np.array(one.places[label], np.int64)
            sample = methods.draw_stratum(seed, leaves, heads, places, weights, sorts, Stratum(**stratum))
            names += [one.roster[place]["object"] for place in sample.drawn]
        again.append(names)
    return again


def _seed(*words: str) -> int:
    """Return a number from words, so that the same audit gives the same chances."""
    return int.from_bytes(sha256("/".join(words).encode()).digest()[:8])


def _order(one: Held) -> Finding | None:
    """The order of drawing against the order of the codes: whether each lies in the upper half of its stratum's list."""
    if not one.is_simple:
        return None
    middle = {}
    for label in one.strata:
        names = sorted(one.roster[place]["object"] for place in one.places[label])
        middle[label] = names[len(names) // 2]
    sequences = []
    for label in one.strata:
        chosen = sorted((s for s in one.drawn if s.stratum == label), key=lambda s: s.order)
        sequences.append([selection.object_id < middle[label] for selection in chosen])
    verdict = auditing.runs(sequences)
    return Finding("order", one.name, verdict.seen, verdict.expected, verdict.chance)


def _again(one: Held, every: Sequence[Held]) -> Finding | None:
    """Firms drawn again within a year: against what independent draws give."""
    before = {
        selection.object_id
        for other in every
        if other.draw.announced_at < one.draw.announced_at
        and one.draw.announced_at - other.draw.announced_at <= YEAR
        for selection in other.drawn
    }
    if not one.is_simple or not before:
        return None
    known = Counter(row["stratum"] for row in one.roster if row["object"] in before)
    strata = [(s["objects"], known[label], s["drawn"]) for label, s in one.strata.items()]
    seen = sum(selection.object_id in before for selection in one.drawn)
    verdict = auditing.repeats(strata, seen)
    return Finding("again", one.name, seen, verdict.expected, verdict.chance)


def _excluded(one: Held) -> list[Finding]:
    """Exclusions by hand: whether one area has more of them than its size explains."""
    areas = {}
    for area in one.state.frozen["areas"]:
        by_hand = sum(e["count"] for e in area["excluded"] if e["reason"] not in NOT_DRAWN.values())
        areas[area["code"]] = (area["objects"] + by_hand, by_hand)
    if len(areas) < 2 or not any(count for _, count in areas.values()):
        return []
    verdicts = auditing.exclusions(areas)
    worst = min(verdicts, key=lambda code: (verdicts[code].chance, code))
    told = verdicts[worst]
    chance = min(1.0, told.chance * len(verdicts))  # the worst of so many areas
    return [
        Finding(
            "excluded", one.name, told.seen, told.expected, chance, parts=((worst, told.seen, told.expected),)
        )
    ]


def _pairs(every: Sequence[Held]) -> Finding | None:
    """Which two inspectors were matched more often than the rules of matching give, over all draws."""
    halls = [_Hall.of(one) for one in every]
    if not any(hall.is_joined(one) for hall, one in zip(halls, every, strict=True)):
        visits = [visit for hall, one in zip(halls, every, strict=True) for visit in hall.visits(one)]
        return _pair_finding(auditing.matched(visits))
    seen = auditing.pair_counts(selection.inspectors for one in every for selection in one.drawn)

    def throw(number: int) -> Counter[auditing.Pair]:
        found: Counter[auditing.Pair] = Counter()
        for hall in halls:
            found += auditing.pair_counts(hall.teams(number))
        return found

    return _pair_finding(auditing.pairs(seen, throw, throws=PAIR_THROWS))


def _pair_finding(verdict: auditing.PairVerdict | None) -> Finding | None:
    if verdict is None:
        return None
    pair = " + ".join(verdict.pair)
    return Finding(
        "pairs", "", verdict.seen, verdict.expected, verdict.chance,
        parts=((pair, float(verdict.seen), verdict.expected),),
    )  # fmt: skip


@dataclass(frozen=True)
class _Hall:
    """What the matching of one draw went by: who was drawn, where, and the pool of inspectors."""

    name: str
    drawn: tuple[tuple[str, tuple[str, ...]], ...]
    pool: tuple[Mapping[str, Any], ...]
    plan: Plan

    @property
    def rules(self) -> matching.Rules:
        return draws.rules_of(self.plan)

    @classmethod
    def of(cls, one: Held) -> "_Hall":
        members = {area["code"]: tuple(area["members"]) for area in one.state.frozen["areas"]}
        drawn = tuple((s.leaf, members[one.strata[s.stratum]["area"]]) for s in one.drawn)
        return cls(one.name, drawn, tuple(store.kept(one.draw, "inspectors")), one.draw.plan)

    def is_joined(self, one: Held) -> bool:
        """Say whether teams depended on each other: by a balanced matching, or as somebody's visits reached the cap."""
        if self.plan.design.teams:
            return True
        load = Counter(name for selection in one.drawn for name in selection.inspectors)
        return max(load.values(), default=0) >= self.rules.max_load

    def visits(self, one: Held) -> list[tuple[frozenset[str], tuple[str, ...]]]:
        """Return of each drawn object who could have gone, and the team that was matched."""
        able = [row for row in self.pool if matching.is_qualified(row, self.rules)]
        members = dict(self.drawn)
        levels = {
            area: [(matching.pool_level(area, row["division"]), row) for row in able]
            for area in set(members.values())
        }
        found = []
        for selection in one.drawn:
            free = frozenset(
                str(row["inspector"])
                for level, row in levels[members[selection.leaf]]
                if level <= selection.pool and selection.leaf not in row["recused"]
            )
            found.append((free, tuple(selection.inspectors)))
        return found

    def teams(self, number: int) -> list[list[str]]:
        """Match anew with another seed."""
        names = {row["leaf"]: str(row["inspector"]) for row in self.pool}
        seed = sha256(f"{self.name}/teams/{number}".encode()).digest()
        found = draws.match(self.plan, seed, self.drawn, self.pool)
        return [[names[leaf] for leaf in team.inspectors] for team in found.values()]


def _voids(every: Sequence[Held]) -> Finding | None:
    """Whether one firm stands in too many of the attempts that were voided after the draw."""
    attempts = [
        auditing.Attempt(one.chances, frozenset(selection.object_id for selection in one.drawn))
        for one in every
        if one.state.voided
    ]
    found = auditing.always_voided(attempts)
    if found is None:
        return None
    expected = sum(attempt.chances.get(found.object_id, 0.0) for attempt in attempts)
    return Finding(
        "voids", "", found.seen, expected, found.chance, parts=((found.object_id, found.seen, expected),)
    )


def spared(every: Sequence[Held], watched: set[str]) -> Finding | None:
    """Whether named firms were drawn too seldom in all standing draws together; None where none was in a roster.

    Asked for one list at a time, and judged by itself: who tries many lists will find one.
    """
    standing = [one for one in every if not one.state.voided and one.is_simple]
    urns, seen = [], 0
    for one in standing:
        marked = Counter(row["stratum"] for row in one.roster if row["object"] in watched)
        urns += [auditing.Urn(s["objects"], marked[label], s["drawn"]) for label, s in one.strata.items()]
        seen += sum(selection.object_id in watched for selection in one.drawn)
    if not any(urn.marked for urn in urns):
        return None
    verdict = auditing.marked_count(urns, seen, side="few")
    return Finding("spared", "", seen, verdict.expected, verdict.chance, q=verdict.chance)


@dataclass(frozen=True)
class Course:
    """How a draw went: what the register had and the roster left out, and how long the list lay."""

    state: State
    register: int | None
    objects: int
    excluded: tuple[tuple[str, int, bool], ...]  # reason, count, by hand
    frozen_to_drawn: timedelta | None

    @property
    def difference(self) -> int | None:
        """Objects of the register that are neither in the roster nor left out with a reason."""
        if self.register is None:
            return None
        return self.register - self.objects - sum(count for _, count, _ in self.excluded)

    @property
    def hours(self) -> float | None:
        return None if self.frozen_to_drawn is None else self.frozen_to_drawn.total_seconds() / 3600


def course_of(draw: Draw) -> Course:
    """Return how a draw went, from its ledger."""
    state, events = state_of(draw), events_of(draw)
    areas = state.frozen.get("areas", [])
    left_out: Counter[str] = Counter()
    for area in areas:
        for one in area["excluded"]:
            left_out[one["reason"]] += one["count"]
    times = {event.kind: event.at for event in events}
    frozen, drawn = times.get(EventKind.FROZEN.value), times.get(EventKind.DRAWN.value)
    counts = [area["register"] for area in areas]
    return Course(
        state,
        sum(counts) if counts and None not in counts else None,
        state.frozen.get("objects", 0),
        tuple((r, n, r not in NOT_DRAWN.values()) for r, n in sorted(left_out.items())),
        drawn - frozen if frozen and drawn else None,
    )


def recomputed(state: State, *, clock: Any) -> Recomputed | None:
    """Verify the newest published file of a draw with the public verifier, against the ledger; None before publication.

    `clock` gives seconds, to say how long it took.
    """
    if not state.published:
        return None
    folder, started = current_home().published / "draws", clock()
    newest = state.published[-1]
    try:
        data, book = (folder / newest["file"]).read_bytes(), (folder / "ledger.json").read_bytes()
    except OSError as missing:
        lost = str(missing.filename).rsplit("/", 1)[-1]
        return Recomputed(False, ((f"缺文件{lost}", f"The file {lost} is missing"),), 0)
    problems = []
    if sha256(data).hexdigest() != newest["sha256"]:
        problems.append(("文件与公布的指纹不符", "The file does not fit its published fingerprint"))
    checks = verifier.verify(data, book)["checks"]
    problems += [(one["message_zh"], one["message_en"]) for one in checks if one["ok"] is False]
    return Recomputed(not problems, tuple(problems), round((clock() - started) * 1000))


_HELD_BY = (EventKind.ANNOUNCED, EventKind.FROZEN, EventKind.DRAWN, EventKind.VOIDED)


def check_explains(verdict: str, asked: Sequence[Draw], *, by: Officer) -> None:
    """Refuse to call a finding explained to those whose own draws it is about: who leads the unit, or held one of them.

    They may say that it is to be looked into. Auditors of the unit, and leaders above it, explain.

    Raises:
        Forbidden: the officer would answer for the own draw.
    """
    if verdict != "explained":
        return
    leads = not by.has_role(Role.AUDITOR) and any(d.organisation_id == by.organisation_id for d in asked)
    numbers = [draw.pk for draw in asked]
    took_part = CeremonyEvent.objects.filter(draw__in=numbers, kind__in=_HELD_BY, actor=by.username)
    if leads or took_part.exists():
        raise Forbidden(
            "这是您本人或者本单位抽的签，不能由您认定“已说明”；请交审计人员或者上级单位答复，您可以先选“要查”。",
            "You or your unit held this draw: an auditor or the unit above says whether it is explained. You may say that it is to be looked into.",
        )


@dataclass(frozen=True)
class HandMark:
    """A tag that an officer put on an object by hand: who entered it last, and who approved it ('' while it waits)."""

    entry: DeclaredEntry
    row: Mapping[str, Any]
    entered_by: str
    approved_by: str


def hand_marks(scope: str, *, most: int) -> list[HandMark]:
    """Return the newest tags by hand of an area with both officers: a draw may ask that a tag be missing."""
    register = registry.find("object_tag_marks")
    if register is None:
        return []
    found = list(
        entries(register).filter(division_code__startswith=scope).order_by("-valid_from", "key")[:most]
    )
    entered, approved = dict[str, str](), dict[str, str]()
    versions = RegisterVersion.objects.filter(
        register=register.name, object_key__in=[one.key for one in found]
    )
    for version in versions.order_by("version"):
        if set(version.changed_fields) <= {"ends_on", "valid_to"} and version.version > 1:
            continue  # an earlier end, which takes two as well
        is_approval = version.changed_fields == ["approved_by"]
        (approved if is_approval else entered)[version.object_key] = version.changed_by
    return [
        HandMark(one, row, entered.get(one.key, ""), approved.get(one.key, "") if row["approved_by"] else "")
        for one, row in ((one, one.snapshot()) for one in found)
    ]


def answers() -> dict[str, Fact]:
    """Return the newest answer to each finding, by its key."""
    rows = Fact.objects.filter(kind=KIND, source=SOURCE).order_by("recorded_at", "source_key")
    return {str(row.payload["finding"]): row for row in rows}


def holds(said: Fact, *, seen: float, expected: float | None, chance: float | None) -> bool:
    """Say whether an answer still fits a finding: what was explained is open again once the finding is worse than it was then.

    Worse is less likely by chance; where that is the same (or no law of chance fits), further from what chance gives.
    """
    then = said.payload
    if then["verdict"] != "explained":
        return True
    if chance is not None and "chance" in then:
        before = float(then["chance"])
        if not isclose(chance, before, rel_tol=_SAME):
            return chance > before
    if "seen" not in then:
        return True
    far, was = _distance(seen, expected), _distance(float(then["seen"]), float(then.get("expected", 0)))
    return far <= was or isclose(far, was, rel_tol=_SAME)


def _distance(seen: float, expected: float | None) -> float:
    return abs(seen - (expected or 0))


def figures(*, seen: float, expected: float | None, chance: float | None) -> dict[str, str]:
    """Return a finding's figures as its answer keeps them."""
    told = {"seen": seen, "expected": expected, "chance": chance}
    return {name: f"{value:.12g}" for name, value in told.items() if value is not None}


def answer(
    finding: str,
    subject: str,
    verdict: str,
    reason: str,
    *,
    by: Officer,
    at: datetime,
    told: Mapping[str, str],
) -> Fact:
    """Write down that a finding is explained, or is to be looked into, and why; later answers stand beside earlier ones.

    `told` are the finding's `figures`: an explanation covers no worse ones.

    Raises:
        Forbidden: neither auditor nor leader.
        Incomplete: no verdict, or no reason.
    """
    require(by, Permission.AUDIT_DRAWS)
    problems = []
    if verdict not in VERDICTS:
        problems.append(
            Problem("verdict", "请选择“已说明”或“要查”。", "Choose 'explained' or 'to be looked into'.")
        )
    if not reason.strip():
        problems.append(
            Problem("reason", "请写明理由或要查什么。", "Give the reason, or what is to be looked into.")
        )
    if problems:
        raise Incomplete(problems)
    number = Fact.objects.filter(kind=KIND, source=SOURCE, source_key__startswith=f"{finding}#").count()
    payload = {"finding": finding, "verdict": verdict, "reason": reason.strip()[:2000]}
    return facts.record(
        KIND,
        subject=subject,
        occurred_on=statutory_day(at),
        payload={**payload, **told},
        source=SOURCE,
        source_key=f"{finding}#{number + 1}",
        by=by,
        at=at,
    )


__all__ = [
    "Course",
    "Finding",
    "HandMark",
    "Held",
    "Recomputed",
    "answer",
    "answers",
    "course_of",
    "figures",
    "findings",
    "hand_marks",
    "held",
    "holds",
    "spared",
]
