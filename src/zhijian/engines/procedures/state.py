"""The live tokens of a case as a short text, and back: what is finished is left out, so that age costs nothing.

Kept are the tokens that wait or are ready, and of what is finished only what SpiffWorkflow looks back at: the split
before an activity with boundary events, and the branches that a parallel join has counted already. What it only
predicts is predicted again. A live token hangs below its nearest ancestor that was kept.
"""

import json
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.parallel_gateway import ParallelGateway
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from zhijian.engines.procedures.spiff import Compiled, Script

LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED


def dump(workflow: Any) -> str:
    """Return the live tokens as JSON."""
    live = {
        key: part
        for key, part in workflow.subprocesses.items()
        if key in workflow_tasks(workflow) and not part.completed
    }
    parts = [["", workflow.spec.name, _rows(workflow)]]
    for key, part in sorted(live.items(), key=lambda pair: pair[1].depth):
        parts.append([key.hex, part.spec.name, _rows(part)])
    return json.dumps(parts, separators=(",", ":"))


def workflow_tasks(workflow: Any) -> set[UUID]:
    """The ids of all live tasks, called processes included."""
    parts = [workflow, *workflow.subprocesses.values()]
    return {key for part in parts for key, task in part.tasks.items() if task.has_state(LIVE)}


def load(compiled: Compiled, text: str, script: Script) -> Any:
    """Return the workflow that `dump` wrote down."""
    workflow = BpmnWorkflow(compiled.spec, compiled.called, script_engine=script, deserializing=True)
    loaded = []
    for key, name, rows in json.loads(text):
        if not key:
            part = workflow
        else:
            part = BpmnSubWorkflow(compiled.called[name], UUID(key), workflow, deserializing=True)
            workflow.subprocesses[UUID(key)] = part
            caller = workflow.get_task_from_id(UUID(key))
            part.completed_event.connect(caller.task_spec._on_subworkflow_completed, caller)
        loaded += _restore(part, rows)
    for task in loaded:
        if task.has_state(LIVE):
            _enliven(workflow, task)
    return workflow


def _enliven(workflow: Any, task: Any) -> None:
    if isinstance(task.task_spec, CatchingEvent) and task.has_state(TaskState.WAITING):
        workflow.event_manager.add_task(task)
    task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)


def _restore(part: Any, rows: list[list[Any]]) -> list[Any]:
    tasks: list[Any] = []
    for key, above, name, state, triggered in rows:
        parent = tasks[above] if above is not None else None
        task = Task(part, part.spec.task_specs[name], parent, state=state, id=UUID(key))
        task.triggered = bool(triggered)
        tasks.append(task)
    part.task_tree = tasks[0]
    return tasks


def _rows(part: Any) -> list[list[Any]]:
    """Each kept task: id, place of the task above, specification, state, whether it was triggered."""
    kept = _kept(part)
    rows: list[list[Any]] = []

    def walk(task: Any, above: int | None) -> None:
        if task.id in kept:
            rows.append([task.id.hex, above, task.task_spec.name, task.state, int(task.triggered)])
            above = len(rows) - 1
        for child in task.children:
            if child is not None and not child.has_state(TaskState.PREDICTED_MASK | TaskState.FUTURE):
                walk(child, above)

    walk(part.task_tree, None)
    return rows


def _kept(part: Any) -> set[UUID]:
    tasks = list(part.tasks.values())
    live = [task for task in tasks if task.has_state(LIVE)]
    waiting_joins = {task.task_spec.name for task in live if isinstance(task.task_spec, ParallelGateway)}
    counted = [
        task
        for task in tasks
        if task.has_state(TaskState.CANCELLED)
        and task.task_spec.name in waiting_joins
        and task.parent is not None
    ]
    kept = {part.task_tree.id, *(task.id for task in live), *(task.id for task in counted)}
    for task in [*live, *counted]:
        spec = task.task_spec
        if isinstance(spec, ParallelGateway | BoundaryEventJoin) and task.parent is not None:
            kept.add(task.parent.id)
        if isinstance(spec, BoundaryEventJoin):
            split = task.find_ancestor(spec.split_task)
            if split is not None:
                kept |= {split.id, *(child.id for child in split.children if child is not None)}
        elif task.parent is not None and isinstance(task.parent.task_spec, BoundaryEventSplit):
            kept |= {task.parent.id, *(child.id for child in task.parent.children)}
    return kept
