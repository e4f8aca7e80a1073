"""A BPMN 2.0 file, read safely, as typed nodes and flows.

No document type, no entity, nothing fetched; at most 1 MB and 500 elements. What the engine does not run is kept with
its own name as `kind`, so that the checks can refuse it with its id.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from zhijian.engines.procedures.errors import DrawingRefused

MOST_BYTES, MOST_ELEMENTS = 1_000_000, 500
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
_NS = {"b": BPMN, "di": BPMNDI, "dc": DC, "w": DI, "s": SPIFF}

KINDS = {
    "startEvent": "start",
    "endEvent": "end",
    "userTask": "user",
    "manualTask": "manual",
    "serviceTask": "service",
    "businessRuleTask": "rule",
    "receiveTask": "receive",
    "exclusiveGateway": "exclusive",
    "parallelGateway": "parallel",
    "eventBasedGateway": "event_gateway",
    "callActivity": "call",
    "intermediateCatchEvent": "catch",
    "intermediateThrowEvent": "throw",
    "boundaryEvent": "boundary",
}
_NOT_NODES = {
    "sequenceFlow", "association", "textAnnotation", "laneSet", "documentation", "extensionElements", "property",
    "group", "dataObject", "dataObjectReference", "ioSpecification", "auditing", "monitoring",
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a drawing, and at which element."""

    code: str
    element: str
    message_zh: str
    message_en: str


@dataclass(frozen=True)
class Node:
    """One element through which a case goes."""

    id: str
    kind: str
    name: str
    process: str
    properties: dict[str, str] = field(default_factory=dict, hash=False)
    event: str = ""  # timer, message, compensate, terminate, or the name of what is not run
    duration: str = ""  # of a timer: the ISO 8601 text
    attached_to: str = ""
    is_interrupting: bool = True
    default_flow: str = ""
    called: str = ""  # of a call activity: the process it calls
    undoes: str = ""  # of a compensation throw: the activity to undo; empty: all that were done
    is_for_compensation: bool = False
    box: tuple[float, float, float, float] | None = None

    @property
    def is_step(self) -> bool:
        """Whether a person acts here."""
        return self.kind in ("user", "manual")

    @property
    def others_than(self) -> tuple[str, ...]:
        """The steps whose doers may not do this one (four eyes); `start` is whoever opened the case."""
        return tuple(
            filter(None, (name.strip() for name in self.properties.get("others_than", "").split(",")))
        )


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    process: str
    name: str = ""
    condition: str = ""
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Drawing:
    """A whole file: the first process is the procedure, others are called by it."""

    main: str
    processes: dict[str, str]  # id -> name
    nodes: dict[str, Node]
    flows: dict[str, Flow]
    handlers: dict[str, str]  # activity -> the step that undoes it
    text: str = field(repr=False, default="")

    @cached_property
    def outgoing(self) -> dict[str, list[Flow]]:
        found: dict[str, list[Flow]] = {name: [] for name in self.nodes}
        for flow in self.flows.values():
            found.setdefault(flow.source, []).append(flow)
        return found

    @cached_property
    def between(self) -> dict[tuple[str, str], str]:
        """The flow from one node to another, by both ids."""
        return {(flow.source, flow.target): flow.id for flow in self.flows.values()}

    @cached_property
    def boundaries(self) -> dict[str, list[Node]]:
        """The boundary events of each activity."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            if node.kind == "boundary":
                found.setdefault(node.attached_to, []).append(node)
        return found

    def of_process(self, process: str) -> list[Node]:
        return [node for node in self.nodes.values() if node.process == process]


def refusal(code: str, element: str, message_zh: str, message_en: str) -> DrawingRefused:
    return DrawingRefused([Problem(code, element, message_zh, message_en)])


def parse_xml(text: str | bytes) -> etree._Element:
    """Return the root of a BPMN or DMN file.

    Raises:
        DrawingRefused: it is too large, carries a document type or an entity, or is no XML.
    """
    content = text.encode("utf-8") if isinstance(text, str) else text
    if len(content) > MOST_BYTES:
        raise refusal(
            "too_large", "", f"文件有{len(content):,}字节，最多{MOST_BYTES:,}字节。",
            f"The file has {len(content):,} bytes; at most {MOST_BYTES:,} are allowed.",
        )  # fmt: skip
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise refusal(
            "document_type", "", "文件含有文档类型或实体声明，请删去。",
            "The file declares a document type or an entity. Remove it.",
        )  # fmt: skip
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise refusal(
            "no_xml", "", f"文件不是有效的 XML：{problem}。", f"The file is no XML: {problem}."
        ) from problem
    if root.getroottree().docinfo.doctype:
        raise refusal(
            "document_type", "", "文件含有文档类型声明，请删去。", "The file declares a document type."
        )
    return root


def parse(text: str) -> Drawing:
    """Read a drawing.

    Raises:
        DrawingRefused: it cannot be read safely, has no process or too many elements, or an id is missing or used twice.
    """
    root = parse_xml(text)
    found = root.findall("b:process", _NS)
    if not found:
        raise refusal("no_process", "", "文件里没有流程（process）。", "The file has no process.")
    boxes, points = _shapes(root), _edges(root)
    messages = {str(one.get("id")): str(one.get("name") or "") for one in root.findall("b:message", _NS)}
    nodes: dict[str, Node] = {}
    flows: dict[str, Flow] = {}
    handlers: dict[str, str] = {}
    problems: list[Problem] = []
    for process in found:
        for element in _elements(process):
            _read(element, str(process.get("id")), nodes, flows, boxes, points, messages, problems)
        handlers |= _handlers(process, nodes)
    if len(nodes) + len(flows) > MOST_ELEMENTS:
        problems.append(
            Problem(
                "too_many", "", f"流程图有{len(nodes) + len(flows)}个元素，最多{MOST_ELEMENTS}个。",
                f"The drawing has {len(nodes) + len(flows)} elements; at most {MOST_ELEMENTS} are allowed.",
            )
        )  # fmt: skip
    if problems:
        raise DrawingRefused(problems)
    names = {str(process.get("id")): str(process.get("name") or "") for process in found}
    return Drawing(str(found[0].get("id")), names, nodes, flows, handlers, text)


def _elements(process: etree._Element) -> Iterator[etree._Element]:
    for element in process:
        if isinstance(element.tag, str) and etree.QName(element).namespace == BPMN:
            yield element


def _read(
    element: etree._Element,
    process: str,
    nodes: dict[str, Node],
    flows: dict[str, Flow],
    boxes: dict[str, tuple[float, float, float, float]],
    points: dict[str, tuple[tuple[float, float], ...]],
    messages: dict[str, str],
    problems: list[Problem],
) -> None:
    tag, name = etree.QName(element).localname, str(element.get("id") or "")
    if tag in _NOT_NODES and tag != "sequenceFlow":
        return
    if not name or name in nodes or name in flows:
        problems.append(
            Problem("id", name, f"元素 {tag} 的编号“{name}”缺失或重复。", f"The id '{name}' of a {tag} is missing or used twice.")
        )  # fmt: skip
        return
    if tag == "sequenceFlow":
        condition = element.find("b:conditionExpression", _NS)
        text = (condition.text or "").strip() if condition is not None else ""
        flows[name] = Flow(
            name, str(element.get("sourceRef")), str(element.get("targetRef")), process,
            str(element.get("name") or ""), text, points.get(name, ()),
        )  # fmt: skip
        return
    event, duration, message, undoes = _event(element, messages)
    properties = _properties(element)
    if message and "message" not in properties:
        properties["message"] = message
    nodes[name] = Node(
        id=name,
        kind=KINDS.get(tag, tag),
        name=str(element.get("name") or ""),
        process=process,
        properties=properties,
        event=event,
        duration=duration,
        attached_to=str(element.get("attachedToRef") or ""),
        is_interrupting=element.get("cancelActivity", "true").lower() == "true",
        default_flow=str(element.get("default") or ""),
        called=str(element.get("calledElement") or ""),
        undoes=undoes,
        is_for_compensation=element.get("isForCompensation", "false").lower() == "true",
        box=boxes.get(name),
    )


def _event(element: etree._Element, messages: dict[str, str]) -> tuple[str, str, str, str]:
    """Return the event's kind, the text of its timer, the name of its message, and what it undoes."""
    message = messages.get(str(element.get("messageRef") or ""), "")
    for child in _elements(element):
        tag = etree.QName(child).localname
        if not tag.endswith("EventDefinition"):
            continue
        kind = tag.removesuffix("EventDefinition")
        text = "".join(str(part) for part in child.itertext()).strip() if kind == "timer" else ""
        named = messages.get(str(child.get("messageRef") or ""), message)
        return kind, text, named, str(child.get("activityRef") or "")
    return "", "", message, ""


def _properties(element: etree._Element) -> dict[str, str]:
    found = element.findall("b:extensionElements/s:properties/s:property", _NS)
    return {str(one.get("name")): str(one.get("value") or "").strip() for one in found}


def _handlers(process: etree._Element, nodes: dict[str, Node]) -> dict[str, str]:
    """Return which step undoes which activity: by the association of its compensation event."""
    found = {}
    for one in process.findall("b:association", _NS):
        event = nodes.get(str(one.get("sourceRef")))
        if event is not None and event.kind == "boundary" and event.event == "compensate":
            found[event.attached_to] = str(one.get("targetRef"))
    return found


def _shapes(root: etree._Element) -> dict[str, tuple[float, float, float, float]]:
    found = {}
    for shape in root.iterfind(".//di:BPMNShape", _NS):
        bounds = shape.find("dc:Bounds", _NS)
        if bounds is not None:
            numbers = [_number(bounds.get(key)) for key in ("x", "y", "width", "height")]
            found[str(shape.get("bpmnElement"))] = (numbers[0], numbers[1], numbers[2], numbers[3])
    return found


def _edges(root: etree._Element) -> dict[str, tuple[tuple[float, float], ...]]:
    return {
        str(edge.get("bpmnElement")): tuple(
            (_number(point.get("x")), _number(point.get("y"))) for point in edge.iterfind("w:waypoint", _NS)
        )
        for edge in root.iterfind(".//di:BPMNEdge", _NS)
    }


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
