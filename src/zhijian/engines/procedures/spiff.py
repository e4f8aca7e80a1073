"""A drawing and its decision tables as specifications that SpiffWorkflow runs.

SpiffWorkflow moves the tokens. What it would do with the clock, with scripts and with Python expressions is replaced:
timers and messages only wait (`tick` and `send_message` wake them), expressions are those of `expressions`, service
tasks call what the application declared, and compensation, which it does not know, is added.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.parser.event_parsers import (
    BoundaryEventParser,
    EndEventParser,
    IntermediateCatchEventParser,
    StartEventParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    EndEvent,
    IntermediateCatchEvent,
    ReceiveTask,
    StartEvent,
)
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.dmn.parser.BpmnDmnParser import BpmnDmnParser

from zhijian.engines.procedures import drawing as drawings
from zhijian.engines.procedures import expressions
from zhijian.engines.procedures.drawing import BPMN, SPIFF, Drawing
from zhijian.engines.procedures.errors import DrawingRefused, ProcedureRefused

_NS = {"b": BPMN, "s": SPIFF}
Call = Callable[[str], Mapping[str, Any] | None]


@dataclass
class Script(PythonScriptEngine):
    """Works out conditions and table cells on the data of one case, and calls its services."""

    data: dict[str, Any] = field(default_factory=dict)
    governing_on: date | None = None
    serve: Call = lambda node: None
    undo: Callable[[Any], bool] = lambda task: True

    def validate(self, expression: str) -> None:
        expressions.parsed(expression)

    def evaluate(self, task: Any, expression: str, external_context: Mapping[str, Any] | None = None) -> Any:
        names = {**self.data, **external_context} if external_context else self.data
        return expressions.evaluate(expression, names, on=self.governing_on)


class Awaited(EventDefinition):  # type: ignore[misc]
    """A time or a message: it happens when the case is told so. Known by the id of its node."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Awaited) and self.name == other.name

    __hash__ = None  # type: ignore[assignment]


class ServiceTask(BpmnSpecMixin):  # type: ignore[misc]
    """Calls the application's function; what it returns becomes data of the case."""

    def _run_hook(self, my_task: Any) -> bool:
        script = my_task.workflow.script_engine
        script.data.update(script.serve(self.bpmn_id) or {})
        return True


class RuleTask(BpmnSpecMixin):  # type: ignore[misc]
    """Asks a decision table; its outputs become data of the case."""

    def __init__(self, wf_spec: Any, bpmn_id: str, engine: Any, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.engine = engine

    def _run_hook(self, my_task: Any) -> bool:
        script = my_task.workflow.script_engine
        my_task.data = script.data
        try:
            result = self.engine.result(my_task)
        except WorkflowTaskException as problem:
            raise _own(problem) from problem
        finally:
            my_task.data = {}
        script.data.update(result)
        return True


def _own(problem: BaseException) -> BaseException:
    """Return our own refusal inside what SpiffWorkflow wrapped it in, or what it raised."""
    inner: BaseException | None = problem
    while inner is not None:
        if isinstance(inner, ProcedureRefused):
            return inner
        inner = inner.__context__
    return problem


class UndoTask(BpmnSpecMixin):  # type: ignore[misc]
    """Undoes finished activities, the newest first; waits where a person has to do it."""

    def _run_hook(self, my_task: Any) -> bool | None:
        return True if my_task.workflow.script_engine.undo(my_task) else None


class PersonTask(BpmnSpecMixin):  # type: ignore[misc]
    """A step of a person: it waits until it is handed in."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **{**kwargs, "manual": True})


class _Waiting:
    """Reads every timer and message as something that is awaited."""

    bpmn_id: str

    def parse_timer_event(self, event: Any) -> Awaited:
        return Awaited(self.bpmn_id)

    parse_message_event = parse_timer_event


class _CatchParser(_Waiting, IntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _BoundaryParser(_Waiting, BoundaryEventParser):  # type: ignore[misc]
    pass


class _StartParser(_Waiting, StartEventParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        """A case is started by a person or a program, whatever the event looks like."""
        for definition in self.node.xpath("./*[contains(local-name(), 'EventDefinition')]"):
            self.node.remove(definition)
        return super().create_task()


class _ReceiveParser(IntermediateCatchEventParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        return self._create_task(Awaited(self.bpmn_id))


class _RuleParser(TaskParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        named = self.node.find("b:extensionElements/s:properties/s:property[@name='decision']", _NS)
        engine = self.process_parser.parser.get_engine(named.get("value"), self.node)
        return RuleTask(self.spec, self.bpmn_id, engine, **self.bpmn_attributes)


class _Parser(BpmnDmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {
        full_tag("startEvent"): (_StartParser, StartEvent),
        full_tag("endEvent"): (EndEventParser, EndEvent),
        full_tag("userTask"): (TaskParser, PersonTask),
        full_tag("manualTask"): (TaskParser, PersonTask),
        full_tag("serviceTask"): (TaskParser, ServiceTask),
        full_tag("businessRuleTask"): (_RuleParser, RuleTask),
        full_tag("receiveTask"): (_ReceiveParser, ReceiveTask),
        full_tag("intermediateCatchEvent"): (_CatchParser, IntermediateCatchEvent),
        full_tag("intermediateThrowEvent"): (TaskParser, UndoTask),
        full_tag("boundaryEvent"): (_BoundaryParser, BoundaryEvent),
    }

    def _find_dependencies(self, process: Any) -> None:
        """All processes lie in one file, and tables are given with it."""


@dataclass(frozen=True)
class Compiled:
    """What runs: the specifications, shared by every case of a version, and the drawing they came from."""

    drawing: Drawing
    spec: Any
    called: dict[str, Any]

    @cached_property
    def waits(self) -> bool:
        """Whether a case can wait for a time or a message anywhere in the drawing."""
        return any(
            node.kind == "receive" or node.event in ("timer", "message")
            for node in self.drawing.nodes.values()
        )


@lru_cache(maxsize=256)
def compiled(drawing_text: str, decisions_text: str) -> Compiled:
    """Return a drawing with its tables, ready to run; parsed once per process and version.

    Raises:
        DrawingRefused: it cannot be read, or SpiffWorkflow finds no way to run it.
    """
    drawing = drawings.parse(drawing_text)
    parser = _Parser()
    try:
        for table in decisions(decisions_text).values():
            parser.add_dmn_xml(table)
        parser.add_bpmn_xml(_runnable(drawing))
        spec = parser.get_spec(drawing.main)
        called = parser.get_subprocess_specs(drawing.main)
    except DrawingRefused:
        raise
    except Exception as problem:  # the parser raises whatever it meets
        raise drawings.refusal(
            "not_runnable",
            "",
            f"流程引擎无法运行该图：{problem}",
            f"The engine cannot run the drawing: {problem}",
        ) from problem
    return Compiled(drawing, spec, called)


def decisions(text: str) -> dict[str, etree._Element]:
    """Return each decision table of a DMN file by its id, alone in a file of its own."""
    if not text.strip():
        return {}
    root = drawings.parse_xml(text)
    namespace = etree.QName(root).namespace
    found = root.findall(f"{{{namespace}}}decision")
    tables = {}
    for number, decision in enumerate(found):
        alone = copy.deepcopy(root)
        for other, element in enumerate(alone.findall(f"{{{namespace}}}decision")):
            if other != number:
                alone.remove(element)
        for element in list(alone):
            if etree.QName(element).localname == "DMNDI":
                alone.remove(element)
        tables[str(decision.get("id"))] = _prefixed(alone)
    return tables


def _prefixed(root: etree._Element) -> etree._Element:
    """The DMN parser of SpiffWorkflow wants the default name space to be DMN's."""
    namespace = etree.QName(root).namespace
    bare = etree.Element(root.tag, attrib=dict(root.attrib), nsmap={None: namespace})
    bare.extend(list(root))
    return etree.fromstring(etree.tostring(bare))


def _runnable(drawing: Drawing) -> etree._Element:
    """The file without what SpiffWorkflow does not know: what is only there to undo something."""
    root = drawings.parse_xml(drawing.text)
    gone = {
        node.id
        for node in drawing.nodes.values()
        if node.is_for_compensation or (node.kind == "boundary" and node.event == "compensate")
    }
    for process in root.findall("b:process", _NS):
        process.set("isExecutable", "true")
        for element in list(process):
            tag = etree.QName(element).localname
            if element.get("id") in gone or tag in ("association", "textAnnotation", "laneSet"):
                process.remove(element)
    return root
