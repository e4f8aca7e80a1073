"""Is a drawing fit to be published? Every problem at once, each with the element it is at and words in both languages."""

from collections.abc import Iterable, Iterator

from zhijian.engines.procedures import deadlines, drawing, expressions, soundness, spiff
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.drawing import Drawing, Flow, Node, Problem
from zhijian.engines.procedures.errors import DrawingRefused
from zhijian.engines.procedures.timers import DurationProblem, duration
from zhijian.security.models import Role
from zhijian.standards import parameters

_WAITS = {"user", "manual", "receive", "catch", "event_gateway"}
_HIT_POLICIES = {"UNIQUE", "FIRST", "COLLECT"}
_KNOWN = set(drawing.KINDS.values())
_EVENTS = {
    "start": {"", "message", "timer"},
    "end": {"", "terminate"},
    "catch": {"timer", "message"},
    "throw": {"", "compensate"},
    "boundary": {"timer", "message", "compensate"},
}


def check(procedure: Procedure, drawing_text: str, decisions_text: str = "") -> Drawing:
    """Return the drawing, or refuse it.

    Raises:
        DrawingRefused: with every problem found.
    """
    found = problems(procedure, drawing_text, decisions_text)
    if found:
        raise DrawingRefused(found)
    return spiff.compiled(drawing_text, decisions_text).drawing


def problems(procedure: Procedure, drawing_text: str, decisions_text: str = "") -> list[Problem]:
    """Return everything that is wrong with a drawing and its decision tables; nothing where it is fit."""
    try:
        read = drawing.parse(drawing_text)
        tables = spiff.decisions(decisions_text)
    except DrawingRefused as refused:
        return list(refused.problems)
    found = [
        *_kinds(read),
        *_ends(read),
        *_flows(read),
        *_people(read, procedure),
        *_work(read, procedure, set(tables)),
        *_events(read),
        *_undoing(read),
        *_reachable(read),
        *_loops(read),
        *_tables(tables),
    ]
    if not found:
        found += _stuck(read)
    if not found:
        try:
            spiff.compiled(drawing_text, decisions_text)
        except DrawingRefused as refused:
            found += refused.problems
    return found


def _kinds(read: Drawing) -> Iterator[Problem]:
    for node in read.nodes.values():
        if node.kind == "scriptTask":
            yield Problem(
                "script", node.id, f"“{_called(node)}”是脚本任务；流程图里不允许脚本，请改用服务任务或决策表。",
                f"'{node.id}' is a script. Scripts are not allowed; use a service task or a decision table.",
            )  # fmt: skip
        elif node.kind not in _KNOWN:
            yield Problem(
                "kind", node.id, f"“{_called(node)}”的类型 {node.kind} 不支持。",
                f"'{node.id}' is a {node.kind}, which the engine does not run.",
            )  # fmt: skip


def _ends(read: Drawing) -> Iterator[Problem]:
    for process in read.processes:
        kinds = [node.kind for node in read.of_process(process)]
        if kinds.count("start") != 1:
            yield Problem(
                "start", process, f"流程“{process}”有{kinds.count('start')}个开始事件，应当只有一个。",
                f"The process '{process}' has {kinds.count('start')} start events; it needs exactly one.",
            )  # fmt: skip
        if "end" not in kinds:
            yield Problem(
                "end", process, f"流程“{process}”没有结束事件。", f"The process '{process}' has no end event."
            )


def _flows(read: Drawing) -> Iterator[Problem]:
    for flow in read.flows.values():
        ends = [read.nodes.get(flow.source), read.nodes.get(flow.target)]
        if None in ends or any(node is not None and node.process != flow.process for node in ends):
            yield Problem(
                "flow", flow.id, f"连线“{flow.id}”的一端不在同一流程里。",
                f"The flow '{flow.id}' ends at nothing, or in another process.",
            )  # fmt: skip
        if flow.condition:
            yield from _expression(flow.condition, flow.id)
    for node in read.nodes.values():
        outgoing = read.outgoing.get(node.id, [])
        if node.kind == "exclusive":
            yield from _choices(node, outgoing)
        elif len(outgoing) > 1 and node.kind not in ("parallel", "event_gateway"):
            yield Problem(
                "many_flows", node.id, f"“{_called(node)}”有多条出线，请改用网关。",
                f"'{node.id}' has several flows out of it; put a gateway there.",
            )  # fmt: skip


def _choices(node: Node, outgoing: list[Flow]) -> Iterator[Problem]:
    if len(outgoing) > 1 and node.default_flow not in {flow.id for flow in outgoing}:
        yield Problem(
            "default", node.id, f"网关“{_called(node)}”没有默认出线：所有条件都不成立时无路可走。",
            f"The gateway '{node.id}' has no default flow, so a case may find no way on.",
        )  # fmt: skip
    for flow in outgoing:
        if len(outgoing) > 1 and flow.id != node.default_flow and not flow.condition:
            yield Problem(
                "condition", flow.id, f"网关“{_called(node)}”的出线“{flow.id}”没有条件。",
                f"The flow '{flow.id}' out of '{node.id}' has no condition.",
            )  # fmt: skip


def _people(read: Drawing, procedure: Procedure) -> Iterator[Problem]:
    for node in read.nodes.values():
        if not node.is_step:
            continue
        if not node.name.strip():
            yield Problem("name", node.id, f"步骤“{node.id}”没有名称。", f"The step '{node.id}' has no name.")
        role = node.properties.get("role", "")
        if role not in Role.values:
            yield Problem(
                "role", node.id, f"步骤“{_called(node)}”没有负责岗位，或岗位“{role}”不存在。",
                f"The step '{node.id}' has no role, or '{role}' is none. Known: {', '.join(Role.values)}.",
            )  # fmt: skip
        if not node.properties.get("article", "").strip():
            yield Problem(
                "article", node.id, f"步骤“{_called(node)}”没有法律依据（article）。",
                f"The step '{node.id}' names no article of law.",
            )  # fmt: skip
        form = node.properties.get("form", "")
        if form and not procedure.form_path(form).is_file():
            yield Problem(
                "form", node.id, f"步骤“{_called(node)}”的表单“{form}”不存在。",
                f"The form '{form}' of '{node.id}' is not there: forms/{form}.json.",
            )  # fmt: skip
        if "deadline" in node.properties:
            yield from _deadline(node)
        for other in node.others_than:
            if other != "start" and (other not in read.nodes or not read.nodes[other].is_step):
                yield Problem(
                    "others_than", node.id, f"“{_called(node)}”要求与步骤“{other}”不是同一人，但没有这个步骤。",
                    f"'{node.id}' wants another person than '{other}', which is no step of a person.",
                )  # fmt: skip


def _deadline(node: Node) -> Iterator[Problem]:
    text = node.properties["deadline"]
    try:
        named = deadlines.declared(text)
        parameter = parameters.load(named.parameter.partition(":")[0])
        deadlines.period_on(named.parameter, parameter.values[-1].starts_on)
    except deadlines.DeadlineProblem as problem:
        yield Problem(
            "deadline",
            node.id,
            f"“{_called(node)}”：{problem.message_zh}",
            f"'{node.id}': {problem.message_en}",
        )
    except parameters.ParameterProblem as problem:
        yield Problem(
            "parameter", node.id, f"“{_called(node)}”的期限参数不存在或有误：{text}。",
            f"The deadline of '{node.id}' names a parameter that is not there or is wrong: {problem}",
        )  # fmt: skip


def _work(read: Drawing, procedure: Procedure, tables: set[str]) -> Iterator[Problem]:
    for node in read.nodes.values():
        service, decision = node.properties.get("service", ""), node.properties.get("decision", "")
        if node.kind == "service" and service not in procedure.services:
            yield Problem(
                "service", node.id, f"服务任务“{_called(node)}”的服务“{service}”没有声明。",
                f"The service '{service}' of '{node.id}' is not declared. Known: {', '.join(sorted(procedure.services)) or '—'}.",
            )  # fmt: skip
        if node.kind == "rule" and decision not in tables:
            yield Problem(
                "decision", node.id, f"决策任务“{_called(node)}”的决策表“{decision}”不存在。",
                f"The decision table '{decision}' of '{node.id}' is not there. Known: {', '.join(sorted(tables)) or '—'}.",
            )  # fmt: skip
        if node.kind == "call" and node.called not in set(read.processes) - {read.main}:
            yield Problem(
                "call", node.id, f"调用活动“{_called(node)}”调用的流程“{node.called}”不在文件里。",
                f"'{node.id}' calls the process '{node.called}', which is not in the file.",
            )  # fmt: skip
    yield from _recursion(read)


def _recursion(read: Drawing) -> Iterator[Problem]:
    calls = {
        process: {node.called for node in read.of_process(process) if node.kind == "call"}
        for process in read.processes
    }
    for ring in _rings(calls):
        names = "、".join(sorted(ring))
        yield Problem(
            "recursion", sorted(ring)[0], f"流程互相调用，永远不会结束：{names}。",
            f"These processes call each other and never end: {', '.join(sorted(ring))}.",
        )  # fmt: skip


def _events(read: Drawing) -> Iterator[Problem]:
    for node in read.nodes.values():
        if node.kind in _EVENTS and node.event not in _EVENTS[node.kind]:
            yield Problem(
                "event", node.id, f"事件“{_called(node)}”的类型 {node.event or '（空）'} 不支持。",
                f"The event '{node.id}' is of a kind ('{node.event}') that the engine does not run here.",
            )  # fmt: skip
        if node.kind == "receive" or (node.event == "message" and node.kind in ("catch", "boundary")):
            if not node.properties.get("message"):
                yield Problem(
                    "message", node.id, f"“{_called(node)}”没有写明等待哪个消息（message）。",
                    f"'{node.id}' does not say which message it waits for.",
                )  # fmt: skip
        elif node.event == "timer" and node.kind != "start":
            yield from _timer(read, node)
        if node.kind == "event_gateway":
            targets = [
                read.nodes[flow.target] for flow in read.outgoing[node.id] if flow.target in read.nodes
            ]
            if len(targets) < 2 or any(target.kind not in ("catch", "receive") for target in targets):
                yield Problem(
                    "event_gateway", node.id, f"事件网关“{_called(node)}”之后应当是至少两个等待事件。",
                    f"The event gateway '{node.id}' needs at least two waiting events after it.",
                )  # fmt: skip
        if node.kind == "boundary" and (
            node.attached_to not in read.nodes
            or read.nodes[node.attached_to].kind not in _BEARING[node.event == "compensate"]
        ):
            yield Problem(
                "boundary", node.id, f"边界事件“{_called(node)}”没有附在可等待的活动上。",
                f"The boundary event '{node.id}' is not attached to an activity that waits.",
            )  # fmt: skip


_BEARING = {
    False: {"user", "manual", "receive", "call"},
    True: {"user", "manual", "receive", "call", "service", "rule"},
}


def _timer(read: Drawing, node: Node) -> Iterator[Problem]:
    attached = read.nodes.get(node.attached_to)
    if "deadline" in node.properties:
        yield from _deadline(node)
    elif node.duration:
        try:
            duration(node.duration)
        except DurationProblem as problem:
            yield Problem(
                "timer",
                node.id,
                f"“{_called(node)}”：{problem.message_zh}",
                f"'{node.id}': {problem.message_en}",
            )
    elif attached is None or "deadline" not in attached.properties:
        yield Problem(
            "timer", node.id, f"定时事件“{_called(node)}”没有期限（deadline）、时长，所附步骤也没有期限。",
            f"The timer '{node.id}' has neither a deadline nor a duration, nor has the step it is attached to.",
        )  # fmt: skip


def _undoing(read: Drawing) -> Iterator[Problem]:
    for node in read.nodes.values():
        if node.kind == "boundary" and node.event == "compensate" and node.attached_to not in read.handlers:
            yield Problem(
                "undo", node.id, f"补偿事件“{_called(node)}”没有用关联线指明撤销步骤。",
                f"The compensation event '{node.id}' is not associated with a step that undoes.",
            )  # fmt: skip
        if (
            node.kind == "throw"
            and node.event == "compensate"
            and node.undoes
            and node.undoes not in read.handlers
        ):
            yield Problem(
                "undo", node.id, f"“{_called(node)}”要撤销的“{node.undoes}”没有撤销步骤。",
                f"'{node.id}' undoes '{node.undoes}', for which no step is drawn.",
            )  # fmt: skip
    for activity, handler in read.handlers.items():
        found = read.nodes.get(handler)
        if found is None or not found.is_for_compensation or found.kind not in ("service", "user", "manual"):
            yield Problem(
                "undo", handler, f"“{activity}”的撤销步骤“{handler}”应为标明用于补偿的服务任务或用户任务。",
                f"'{handler}', which undoes '{activity}', must be a service or user task marked isForCompensation.",
            )  # fmt: skip


def _reachable(read: Drawing) -> Iterator[Problem]:
    """Refuse what no case can come to, what a case cannot leave, and what no end can be come to from."""
    forward = {name: set(_next(read, read.nodes[name])) for name in read.nodes}
    starts = [node.id for node in read.nodes.values() if node.kind == "start" and node.process == read.main]
    reached = _closure(starts, forward)
    backward: dict[str, set[str]] = {name: set() for name in read.nodes}
    for name, following in forward.items():
        for other in following:
            backward.setdefault(other, set()).add(name)
    ending = _closure([node.id for node in read.nodes.values() if node.kind == "end"], backward)
    for node in read.nodes.values():
        beside = node.is_for_compensation or (node.kind == "boundary" and node.event == "compensate")
        if node.id not in reached:
            yield Problem(
                "unreachable", node.id, f"“{_called(node)}”没有任何路径可以到达。",
                f"No path leads to '{node.id}'.",
            )  # fmt: skip
        elif not beside and node.kind != "end" and not read.outgoing.get(node.id):
            yield Problem(
                "dead_end", node.id, f"“{_called(node)}”之后没有去向，案件会停在这里。",
                f"Nothing follows '{node.id}'; a case would stand still there.",
            )  # fmt: skip
        elif not beside and node.id not in ending:
            yield Problem(
                "endless", node.id, f"从“{_called(node)}”出发永远到不了结束。",
                f"No end can be reached from '{node.id}'.",
            )  # fmt: skip


def _next(read: Drawing, node: Node) -> Iterator[str]:
    yield from (flow.target for flow in read.outgoing.get(node.id, []) if flow.target in read.nodes)
    yield from (event.id for event in read.boundaries.get(node.id, []))
    if node.id in read.handlers and read.handlers[node.id] in read.nodes:
        yield read.handlers[node.id]
    if node.kind == "call":
        yield from (
            inner.id
            for inner in read.of_process(node.called)
            if inner.kind == "start" and node.called != read.main
        )


def _loops(read: Drawing) -> Iterator[Problem]:
    """Refuse a ring in which nobody acts and nothing is waited for: it would turn for ever in one step."""
    waiting = {process: _waits(read, process, set()) for process in read.processes}
    quick = {
        node.id
        for node in read.nodes.values()
        if node.kind not in _WAITS and not (node.kind == "call" and waiting.get(node.called, False))
    }
    graph = {
        name: {flow.target for flow in read.outgoing.get(name, []) if flow.target in quick} for name in quick
    }
    for ring in _rings(graph):
        names = sorted(ring)
        yield Problem(
            "loop", names[0], f"循环里没有人办理，也不等待任何事件，永远不会停：{'、'.join(names)}。",
            f"Nobody acts and nothing is waited for in this loop, so it never stops: {', '.join(names)}.",
        )  # fmt: skip


def _stuck(read: Drawing) -> Iterator[Problem]:
    """Refuse a drawing in which a join can wait for a branch that never comes."""
    for process in read.processes:
        for name in sorted(soundness.stuck_joins(read, process)):
            yield Problem(
                "stuck", name, f"汇合网关“{_called(read.nodes[name])}”可能永远等不到某一分支。",
                f"The join '{name}' may wait for ever for a branch that was not taken.",
            )  # fmt: skip


def _waits(read: Drawing, process: str, seen: set[str]) -> bool:
    """Whether a called process cannot be run through without somebody or something to wait for."""
    if process in seen:
        return False
    seen = seen | {process}
    nodes = {node.id: node for node in read.of_process(process)}
    quick = {
        name: {flow.target for flow in read.outgoing.get(name, [])}
        for name, node in nodes.items()
        if node.kind not in _WAITS and not (node.kind == "call" and _waits(read, node.called, seen))
    }
    reached = _closure([name for name, node in nodes.items() if node.kind == "start"], quick)
    return not any(nodes[name].kind == "end" for name in reached if name in nodes)


def _rings(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the strongly connected parts of a graph that hold a ring (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    rings: list[set[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(graph.get(name, ())):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            part = set(stack[stack.index(name) :])
            del stack[stack.index(name) :]
            if len(part) > 1 or name in graph.get(name, ()):
                rings.append(part)

    for name in sorted(graph):
        if name not in index:
            visit(name)
    return rings


def _closure(starts: Iterable[str], graph: dict[str, set[str]]) -> set[str]:
    reached, todo = set(), list(starts)
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += graph.get(name, ())
    return reached


def _tables(tables: dict[str, object]) -> Iterator[Problem]:
    for name, root in tables.items():
        for table in root.iter("{*}decisionTable"):  # type: ignore[attr-defined]
            policy = str(table.get("hitPolicy") or "UNIQUE").upper()
            if policy not in _HIT_POLICIES:
                yield Problem(
                    "hit_policy", name, f"决策表“{name}”的命中策略 {policy} 不支持。",
                    f"The hit policy {policy} of the table '{name}' is not run; use {', '.join(sorted(_HIT_POLICIES))}.",
                )  # fmt: skip
            for entry in [*table.iter("{*}outputEntry"), *table.iter("{*}inputExpression")]:
                yield from _expression(_text(entry), name)
            for entry in table.iter("{*}inputEntry"):
                yield from _cell(_text(entry), name)


def _text(entry: object) -> str:
    return str(entry.findtext("{*}text") or "").strip()  # type: ignore[attr-defined]


def _cell(text: str, name: str) -> Iterator[Problem]:
    """An input cell is a value, or the right half of a comparison, or one with `?` for the value."""
    if text in ("", "-"):
        return
    whole = text.replace("?", "dmninputexpr")
    if whole[0] in "<>=!" or whole.startswith(("in ", "not in ")):
        whole = f"dmninputexpr {whole}"
    yield from _expression(whole, name)


def _expression(text: str, element: str) -> Iterator[Problem]:
    if not text:
        return
    try:
        for name in sorted(expressions.parameters_in(text)):
            parameters.load(name.partition(":")[0])
    except SyntaxError:
        yield Problem(
            "expression", element, f"“{element}”的表达式“{text}”写法有误。",
            f"'{text}' at '{element}' is no expression.",
        )  # fmt: skip
    except expressions.ExpressionProblem as problem:
        yield Problem(
            "expression", element, f"“{element}”：{problem.message_zh}", f"'{element}': {problem.message_en}"
        )
    except parameters.ParameterProblem as problem:
        yield Problem(
            "parameter",
            element,
            f"“{element}”的表达式引用了不存在的参数：{text}。",
            f"'{element}': {problem}",
        )


def _called(node: Node) -> str:
    return node.name or node.id
