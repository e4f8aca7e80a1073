"""One act on one case: take its tokens up, move them, and say what came of it. Knows no database and no clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from zhijian.engines.procedures import state
from zhijian.engines.procedures.drawing import Drawing
from zhijian.engines.procedures.errors import CaseMoved, ProcedureRefused
from zhijian.engines.procedures.spiff import Awaited, Compiled, PersonTask, Script

MOST_STEPS = 1000
_SPLIT = ".BoundaryEventSplit"
Serve = Callable[[str, dict[str, Any]], Mapping[str, Any] | None]
"""What a service task does: called with the node's id and the case's data."""


@dataclass
class Run:
    """A case while one act is done to it."""

    compiled: Compiled
    workflow: Any
    script: Script
    undo: dict[
        str, Any
    ]  # done: activities that could be undone, oldest first; pending: token -> step of a person
    passed: list[str] = field(default_factory=list)  # nodes and flows, in order
    steps: int = 0

    @property
    def drawing(self) -> Drawing:
        return self.compiled.drawing

    @property
    def data(self) -> dict[str, Any]:
        return self.script.data

    @property
    def is_finished(self) -> bool:
        return bool(self.workflow.completed)

    @property
    def ending(self) -> str:
        """The end event of the procedure itself that was passed last."""
        ends = [
            name
            for name in self.passed
            if name in self.drawing.nodes
            and self.drawing.nodes[name].kind == "end"
            and self.drawing.nodes[name].process == self.drawing.main
        ]
        return ends[-1] if ends else ""

    def tokens(self) -> str:
        """What has to be kept to go on; nothing where the case is finished."""
        return "" if self.is_finished else state.dump(self.workflow)

    def steps_of_people(self) -> dict[str, str]:
        """Every step that waits for a person: its token and its node."""
        found = {
            task.id.hex: task.task_spec.bpmn_id
            for part in self._parts()
            for task in part.tasks.values()
            if task.has_state(TaskState.READY) and isinstance(task.task_spec, PersonTask)
        }
        return {**found, **self.undo.get("pending", {})}

    def waits(self) -> set[tuple[str, str]]:
        """Every token that waits for a time or a message, with the node of the event."""
        found = set()
        for part in self._parts():
            for task in part.tasks.values():
                if task.has_state(TaskState.WAITING) and isinstance(task.task_spec, CatchingEvent):
                    found |= {(task.id.hex, event.name) for event in _awaited(task)}
        return found

    def complete(self, token: str) -> None:
        """Hand a person's step in.

        Raises:
            CaseMoved: the token is not there any more.
        """
        pending = self.undo.setdefault("pending", {})
        if token in pending:
            self.passed.append(pending.pop(token))
            if not any(other.split(":")[0] == token.split(":")[0] for other in pending):
                self._run(self._task(token.split(":")[0], TaskState.STARTED), is_undo=True)
        else:
            self._run(self._task(token, TaskState.READY))
        self._settle()

    def fire(self, token: str, node: str) -> None:
        """Tell a waiting token that its time has come or its message is there."""
        task = self._task(token, TaskState.WAITING)
        event = next((event for event in _awaited(task) if event.name == node), None)
        if event is None:
            raise _moved()
        task.task_spec.catch(task, BpmnEvent(event, payload={}))
        task.task_spec._update(task)
        self._settle()

    def cancel(self) -> None:
        """End everything that is still open."""
        self.workflow.cancel()

    def _parts(self) -> list[Any]:
        return [self.workflow, *(part for part in self.workflow.subprocesses.values() if not part.completed)]

    def _task(self, token: str, wanted: int) -> Any:
        for part in self._parts():
            task = part.tasks.get(UUID(token))
            if task is not None and task.has_state(wanted):
                return task
        raise _moved()

    def _run(self, task: Any, *, is_undo: bool = False) -> None:
        if is_undo:
            task.complete()
        else:
            task.run()
        self._done(task)

    def _settle(self) -> None:
        self.workflow.do_engine_steps(did_complete_task=self._done)

    def _done(self, task: Any) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise ProcedureRefused(
                f"流程在一步之内走了{MOST_STEPS}个环节还没有停下，请检查循环的条件。",
                f"The procedure passed {MOST_STEPS} elements in one step without a stop. Check the condition of its loop.",
            )
        name = getattr(task.task_spec, "bpmn_id", None)
        node = self.drawing.nodes.get(name) if name else None
        if node is None or not task.has_state(TaskState.COMPLETED):
            return
        self.passed.append(node.id)
        self.passed += self._flows(task, node.id)
        if node.id in self.drawing.handlers:
            self.undo.setdefault("done", []).append(node.id)
        if node.event == "terminate" and node.kind == "end":
            self._end_others(task)

    def _end_others(self, ending: Any) -> None:
        """Cancel every other token of the process that a terminating end was come to in."""
        for task in list(ending.workflow.tasks.values()):
            if task.has_state(state.LIVE) and not task.is_descendant_of(ending):
                task.cancel()

    def _flows(self, task: Any, name: str) -> list[str]:
        found = []
        for child in task.children:
            if child is None or child.has_state(TaskState.PREDICTED_MASK):
                continue
            spec = child.task_spec
            target = spec.name.removesuffix(_SPLIT) if isinstance(spec, BoundaryEventSplit) else spec.bpmn_id
            flow = self.drawing.between.get((name, target))
            if flow:
                found.append(flow)
        return found

    def _undo(self, task: Any, serve: Serve) -> bool:
        """Undo what the throwing event names, the newest first; say whether nothing is left to a person."""
        wanted = self.drawing.nodes[task.task_spec.bpmn_id].undoes
        if self.drawing.nodes[task.task_spec.bpmn_id].event != "compensate":
            return True
        done, pending = self.undo.setdefault("done", []), self.undo.setdefault("pending", {})
        for number, activity in enumerate([name for name in reversed(done) if wanted in ("", name)]):
            done.remove(activity)
            handler = self.drawing.nodes[self.drawing.handlers[activity]]
            if handler.is_step:
                pending[f"{task.id.hex}:{number}"] = handler.id
                continue
            self.data.update(serve(handler.id, self.data) or {})
            self.passed.append(handler.id)
        return not any(token.startswith(task.id.hex) for token in pending)


def start(compiled: Compiled, data: dict[str, Any], serve: Serve, *, governing_on: date) -> Run:
    """Begin a case."""
    script = Script(data=data, governing_on=governing_on)
    workflow = BpmnWorkflow(compiled.spec, compiled.called, script_engine=script)
    run = _run(compiled, workflow, script, {}, serve)
    run._settle()
    return run


def resume(
    compiled: Compiled,
    tokens: str,
    data: dict[str, Any],
    undo: dict[str, Any],
    serve: Serve,
    *,
    governing_on: date,
) -> Run:
    """Take a case up where it stands."""
    script = Script(data=data, governing_on=governing_on)
    return _run(compiled, state.load(compiled, tokens, script), script, undo, serve)


def _run(compiled: Compiled, workflow: Any, script: Script, undo: dict[str, Any], serve: Serve) -> Run:
    run = Run(compiled, workflow, script, undo)
    script.serve = lambda node: serve(node, script.data)
    script.undo = lambda task: run._undo(task, serve)
    return run


def _awaited(task: Any) -> list[Awaited]:
    definition = task.task_spec.event_definition
    many = getattr(definition, "event_definitions", None)
    return [event for event in (many if many is not None else [definition]) if isinstance(event, Awaited)]


def _moved() -> CaseMoved:
    return CaseMoved(
        "这一步已经不在了：案件已由他人办理到别处。请刷新后再看。",
        "The step is not there any more: somebody moved the case on. Reload the page.",
    )
