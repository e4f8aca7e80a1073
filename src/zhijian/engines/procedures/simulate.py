"""How last year's cases would have flowed through a drawing with a given staff: load, lateness, bottleneck.

A discrete-event simulation on the axis of working days. Each case of last year arrives when it really arrived; each
step takes as long as such steps were measured to take; at a gateway the way is drawn in the shares in which it was
taken. What is new is who is there to do it, and the drawing. Pure: randomness comes in as a seed, the past as numbers.

ASSUMPTIONS, said on the page too: a role's officers are equal and take the oldest step first; a step that was never
taken takes as long as the role's other steps; events at the border of a step (its time-out) are not followed; a limit
runs from the opening of the first step under its clock.
"""

import heapq
import random
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

MOST_STEPS = 500  # of one case in one run: a loop that the shares never leave is cut here


@dataclass(frozen=True)
class Node:
    """One element as the simulation sees it: `kind` is person, wait, fork, choice, join or pass."""

    id: str
    name: str
    kind: str
    role: str = ""
    clock: str = ""  # the limit under which the step stands, if any
    ways: tuple[tuple[str, str], ...] = ()  # (id of the flow, id of the node it leads to)
    incoming: int = 1


@dataclass(frozen=True)
class Flow:
    """A drawing as a graph, from its first element on."""

    start: str
    nodes: Mapping[str, Node]

    @property
    def roles(self) -> list[str]:
        return sorted({node.role for node in self.nodes.values() if node.kind == "person"})


@dataclass(frozen=True)
class Past:
    """What was measured: arrivals on the axis of working days, efforts and waits in working days, ways taken."""

    arrivals: tuple[float, ...]
    durations: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # by step
    role_durations: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    ways: Mapping[str, int] = field(default_factory=dict)  # by flow: how often it was taken


@dataclass(frozen=True)
class RoleLoad:
    """One role over the whole time: `load` is the share of its officers' time that is worked."""

    role: str
    officers: int
    load: float
    mean_wait: float  # working days a step waits for an officer
    total_wait: float
    longest_queue: float


@dataclass(frozen=True)
class StepLoad:
    """One step: how often it came in a run, how long it waited and took, and how often its limit had passed."""

    node: str
    name: str
    role: str
    visits: float
    mean_wait: float
    mean_work: float
    late_share: float | None  # None: no limit stands on it


@dataclass(frozen=True)
class Simulation:
    """The mean of all runs. Shares between 0 and 1, times in working days."""

    cases: int
    runs: int
    finished: float
    cut: float  # cases that went round more than MOST_STEPS times
    late_share: float | None
    late_low: float | None  # the lowest and the highest of the runs
    late_high: float | None
    mean_days: float
    ninetieth_days: float
    roles: tuple[RoleLoad, ...]
    steps: tuple[StepLoad, ...]

    @property
    def bottleneck(self) -> RoleLoad | None:
        """The role for which the steps waited longest in sum, or None where nothing waited."""
        worst = max(self.roles, key=lambda one: one.total_wait, default=None)
        return worst if worst is not None and worst.total_wait > 0 else None


def simulate(
    flow: Flow,
    past: Past,
    staff: Mapping[str, int],
    limits: Mapping[str, float],
    *,
    seed: int,
    runs: int = 5,
) -> Simulation:
    """Let the past's cases flow `runs` times and return the mean.

    `staff` gives officers by role (at least one each), `limits` the length of each clock in working days.

    Raises:
        ValueError: a role of the drawing has no officer.
    """
    missing = [role for role in flow.roles if staff.get(role, 0) < 1]
    if missing:
        raise ValueError(
            f"No officer in role {', '.join(missing)}. Give each role of the drawing at least one."
        )
    chances = [random.Random(f"{seed}/{number}") for number in range(runs)]  # noqa: S311
    done = [_Run(flow, past, staff, limits, chance).go() for chance in chances]
    return _mean(flow, past, staff, limits, done)


def efforts(spans: Sequence[tuple[float, float]]) -> list[float]:
    """Share one officer's time among the pieces in hand: each gets an equal part of every moment.

    `spans` are (taken, finished). The efforts add up to the time in which anything was in hand, so that holding ten
    pieces at once for ten days is ten days of work, not a hundred.
    """
    moments = sorted({moment for span in spans for moment in span})
    place = {moment: number for number, moment in enumerate(moments)}
    change = [0] * (len(moments) + 1)
    for taken, finished in spans:
        change[place[taken]] += 1
        change[place[finished]] -= 1
    shares, in_hand = [0.0], 0
    for number in range(len(moments) - 1):
        in_hand += change[number]
        part = (moments[number + 1] - moments[number]) / in_hand if in_hand else 0.0
        shares.append(shares[-1] + part)
    return [shares[place[finished]] - shares[place[taken]] for taken, finished in spans]


@dataclass
class _Case:
    arrived: float
    steps: int = 0
    tokens: int = 1
    is_late: bool = False
    is_cut: bool = False
    left: float | None = None
    joined: dict[str, int] = field(default_factory=dict)
    clocks: dict[str, float] = field(default_factory=dict)


@dataclass
class _Desk:
    """The officers of one role and what waits for them."""

    officers: int
    busy: int = 0
    worked: float = 0.0
    waited: float = 0.0
    taken: int = 0
    longest: int = 0
    queue: deque[tuple[_Case, Node, float]] = field(default_factory=deque)


@dataclass
class _Tally:
    visits: int = 0
    waited: float = 0.0
    worked: float = 0.0
    late: int = 0


class _Run:
    """One run: a heap of what happens next, a desk for each role."""

    def __init__(
        self,
        flow: Flow,
        past: Past,
        staff: Mapping[str, int],
        limits: Mapping[str, float],
        chance: random.Random,
    ) -> None:
        self.flow, self.past, self.limits, self.chance = flow, past, limits, chance
        self.desks = {role: _Desk(staff[role]) for role in flow.roles}
        self.tallies = {node.id: _Tally() for node in flow.nodes.values() if node.kind == "person"}
        self.cases = [_Case(arrived) for arrived in past.arrivals]
        self.heap: list[tuple[float, int, _Case, Node, bool]] = []
        self.order = count()
        self.now = 0.0

    def go(self) -> "_Run":
        first = self.flow.nodes[self.flow.start]
        for case in self.cases:
            self._plan(case.arrived, case, first, False)
        while self.heap:
            self.now, _, case, node, is_done = heapq.heappop(self.heap)
            if is_done:
                self._leave(case, node)
            else:
                self._enter(case, node)
        return self

    def _plan(self, at: float, case: _Case, node: Node, is_done: bool) -> None:
        heapq.heappush(self.heap, (at, next(self.order), case, node, is_done))

    def _enter(self, case: _Case, node: Node) -> None:
        case.steps += 1
        if case.steps > MOST_STEPS:
            case.is_cut = True
            self._end(case)
        elif node.kind == "person":
            if node.clock:
                case.clocks.setdefault(node.clock, self.now)
            self._queue(case, node)
        elif node.kind == "wait":
            self._plan(self.now + self._duration(node), case, node, True)
        elif node.kind == "join" and not self._is_complete(case, node):
            case.tokens -= 1
        else:
            self._on(case, node)

    def _is_complete(self, case: _Case, node: Node) -> bool:
        case.joined[node.id] = case.joined.get(node.id, 0) + 1
        if case.joined[node.id] < node.incoming:
            return False
        case.joined[node.id] = 0
        return True

    def _queue(self, case: _Case, node: Node) -> None:
        desk = self.desks[node.role]
        desk.queue.append((case, node, self.now))
        desk.longest = max(desk.longest, len(desk.queue) - (desk.officers > desk.busy))
        self._serve(desk)

    def _serve(self, desk: _Desk) -> None:
        while desk.queue and desk.busy < desk.officers:
            case, node, since = desk.queue.popleft()
            takes, waited = self._duration(node), self.now - since
            tally = self.tallies[node.id]
            tally.visits, tally.waited, tally.worked = (
                tally.visits + 1,
                tally.waited + waited,
                tally.worked + takes,
            )
            desk.busy, desk.taken = desk.busy + 1, desk.taken + 1
            desk.worked, desk.waited = desk.worked + takes, desk.waited + waited
            self._plan(self.now + takes, case, node, True)

    def _leave(self, case: _Case, node: Node) -> None:
        if node.kind == "person":
            limit = self.limits.get(node.clock)
            if limit is not None and self.now - case.clocks[node.clock] > limit:
                self.tallies[node.id].late += 1
                case.is_late = True
            desk = self.desks[node.role]
            desk.busy -= 1
            self._serve(desk)
        self._on(case, node)

    def _on(self, case: _Case, node: Node) -> None:
        """Go along the ways that leave a node: one of them, or after a fork all."""
        if not node.ways:
            self._end(case)
            return
        ways = node.ways
        if node.kind not in ("fork", "join") and len(ways) > 1:
            weights = [self.past.ways.get(flow, 0) for flow, _ in ways]
            ways = tuple(self.chance.choices(ways, weights if any(weights) else None))
        case.tokens += len(ways) - 1
        for _, target in ways:
            self._plan(self.now, case, self.flow.nodes[target], False)

    def _end(self, case: _Case) -> None:
        case.tokens -= 1
        if case.tokens == 0:
            case.left = self.now

    def _duration(self, node: Node) -> float:
        known = self.past.durations.get(node.id) or self.past.role_durations.get(node.role or node.id)
        return self.chance.choice(known) if known else 0.0


def _mean(
    flow: Flow, past: Past, staff: Mapping[str, int], limits: Mapping[str, float], runs: Sequence[_Run]
) -> Simulation:
    stays = sorted(case.left - case.arrived for run in runs for case in run.cases if case.left is not None)
    has_limit = any(node.clock in limits for node in flow.nodes.values() if node.clock)
    cases = len(past.arrivals)
    late = [sum(case.is_late for case in run.cases) / cases for run in runs] if has_limit and cases else []
    return Simulation(
        cases=cases,
        runs=len(runs),
        finished=_average(
            sum(case.left is not None and not case.is_cut for case in run.cases) for run in runs
        ),
        cut=_average(sum(case.is_cut for case in run.cases) for run in runs),
        late_share=_average(late) if late else None,
        late_low=min(late, default=None),
        late_high=max(late, default=None),
        mean_days=_average(stays),
        ninetieth_days=stays[min(len(stays) - 1, int(len(stays) * 0.9))] if stays else 0.0,
        roles=tuple(_role(role, staff[role], past, runs) for role in flow.roles),
        steps=tuple(_step(node, limits, runs) for node in flow.nodes.values() if node.kind == "person"),
    )


def _role(role: str, officers: int, past: Past, runs: Sequence[_Run]) -> RoleLoad:
    desks = [run.desks[role] for run in runs]
    start = min(past.arrivals, default=0.0)
    spans = sum((run.now - start) for run in runs) * officers
    taken = sum(desk.taken for desk in desks)
    waited = sum(desk.waited for desk in desks)
    return RoleLoad(
        role,
        officers,
        sum(desk.worked for desk in desks) / spans if spans else 0.0,
        waited / taken if taken else 0.0,
        waited / len(runs),
        _average(desk.longest for desk in desks),
    )


def _step(node: Node, limits: Mapping[str, float], runs: Sequence[_Run]) -> StepLoad:
    tallies = [run.tallies[node.id] for run in runs]
    visits = sum(one.visits for one in tallies)
    late = sum(one.late for one in tallies) / visits if visits and node.clock in limits else None
    return StepLoad(
        node.id,
        node.name,
        node.role,
        visits / len(runs),
        sum(one.waited for one in tallies) / visits if visits else 0.0,
        sum(one.worked for one in tallies) / visits if visits else 0.0,
        late,
    )


def _average(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0
