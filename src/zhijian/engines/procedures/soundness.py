"""Can a case get stuck? Every way the tokens may go is tried, and joins that wait for a branch that never comes are named.

A state is how many tokens lie on each flow. Choices and events are tried one by one; a called process counts as one
step. After 20,000 states the search gives up and names what it has found.
"""

from collections import deque
from collections.abc import Iterator

from zhijian.engines.procedures.drawing import Drawing, Node

MOST_STATES = 20_000
_MOST_TOKENS = 2  # on one flow: more of the same changes nothing about who waits for whom
State = tuple[tuple[str, int], ...]


def stuck_joins(drawing: Drawing, process: str) -> set[str]:
    """Return the parallel joins of a process at which a case can be left waiting for ever."""
    start = next(node for node in drawing.of_process(process) if node.kind == "start")
    incoming: dict[str, list[str]] = {}
    for flow in drawing.flows.values():
        incoming.setdefault(flow.target, []).append(flow.id)
    first = _state({flow.id: 1 for flow in drawing.outgoing[start.id]})
    seen, todo, stuck = {first}, deque([first]), set()
    while todo and len(seen) < MOST_STATES:
        state = todo.popleft()
        following = list(_following(drawing, incoming, dict(state)))
        if state and not following:
            stuck |= {drawing.flows[name].target for name, _ in state}
        for other in following:
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return stuck


def _following(drawing: Drawing, incoming: dict[str, list[str]], tokens: dict[str, int]) -> Iterator[State]:
    """Every state that one more step can lead to."""
    for name in {drawing.flows[flow].target for flow in tokens}:
        node = drawing.nodes[name]
        there = [flow for flow in incoming[name] if flow in tokens]
        if node.kind == "parallel" and len(there) < len(incoming[name]):
            continue
        if node.kind == "end" and node.event == "terminate":
            yield ()
            continue
        taken = [there] if node.kind == "parallel" else [[flow] for flow in there]
        for flows in taken:
            for added in _ways(drawing, node):
                yield _moved(tokens, flows, added)
            for event in drawing.boundaries.get(name, []):
                out = [flow.id for flow in drawing.outgoing[event.id]]
                if event.event != "compensate":
                    yield _moved(tokens, flows if event.is_interrupting else [], out)


def _ways(drawing: Drawing, node: Node) -> list[list[str]]:
    """The flows that a step may put tokens on: all of them, or one of several."""
    out = [flow.id for flow in drawing.outgoing[node.id]]
    if node.kind in ("exclusive", "event_gateway"):
        return [[flow] for flow in out]
    return [out]


def _moved(tokens: dict[str, int], taken: list[str], added: list[str]) -> State:
    left = dict(tokens)
    for flow in taken:
        left[flow] -= 1
    for flow in added:
        left[flow] = min(left.get(flow, 0) + 1, _MOST_TOKENS)
    return _state(left)


def _state(tokens: dict[str, int]) -> State:
    return tuple(sorted((flow, count) for flow, count in tokens.items() if count))
