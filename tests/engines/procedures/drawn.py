"""Drawings for tests, written as a few lines of text and turned into BPMN 2.0."""

from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import quoteattr

from zhijian.engines.procedures.declaration import Procedure, register

_TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "user": "userTask",
    "service": "serviceTask",
    "rule": "businessRuleTask",
    "receive": "receiveTask",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "event": "eventBasedGateway",
    "call": "callActivity",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "boundary": "boundaryEvent",
}
_EVENTS = {"timer", "message", "compensate", "terminate"}
_DEFINITIONS = {
    "xmlns:bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "xmlns:spiffworkflow": "http://spiffworkflow.org/bpmn/schema/1.0/core",
}


def node(kind, name, *, event="", duration="", label=None, **more):
    """One element. Attributes of BPMN are given with a capital inside (attachedToRef), everything else is a property."""
    attributes = {key: value for key, value in more.items() if key != key.lower()}
    if kind == "user":
        more = {"role": "handler", "article": "《测试规定》第一条", **more}
    if "default" in more:
        attributes["default"] = more.pop("default")
    properties = {key: value for key, value in more.items() if key == key.lower() and value}
    inside = ""
    if properties:
        rows = "".join(
            f"<spiffworkflow:property name={quoteattr(key)} value={quoteattr(value)}/>"
            for key, value in properties.items()
        )
        inside += f"<bpmn:extensionElements><spiffworkflow:properties>{rows}</spiffworkflow:properties></bpmn:extensionElements>"
    if event:
        undoes = f" activityRef={quoteattr(attributes.pop('undoes_', ''))}" if "undoes_" in attributes else ""
        undoes = (
            f" activityRef={quoteattr(attributes.pop('activityRef'))}"
            if "activityRef" in attributes
            else undoes
        )
        text = f"<bpmn:timeDuration>{duration}</bpmn:timeDuration>" if duration else ""
        inside += f"<bpmn:{event}EventDefinition{undoes}>{text}</bpmn:{event}EventDefinition>"
    given = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    tag = _TAGS.get(kind, kind)
    shown = quoteattr(name if label is None else label)
    return f"<bpmn:{tag} id={quoteattr(name)} name={shown}{given}>{inside}</bpmn:{tag}>"


def flow(source, target, condition=""):
    inside = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    return (
        f'<bpmn:sequenceFlow id="{source}__{target}" sourceRef="{source}" targetRef="{target}">{inside}'
        "</bpmn:sequenceFlow>"
    )


def path(*names):
    """Flows through several elements, one after the other."""
    return "".join(flow(one, other) for one, other in pairwise(names))


def process(*parts, name="main"):
    return f'<bpmn:process id="{name}" name="{name}" isExecutable="true">{"".join(parts)}</bpmn:process>'


def file(*processes):
    spaces = " ".join(f'{key}="{value}"' for key, value in _DEFINITIONS.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions {spaces} id="d">{"".join(processes)}</bpmn:definitions>'


def straight(*steps):
    """Start, the steps one after the other, end."""
    names = [step.split('id="')[1].split('"')[0] for step in steps]
    return file(process(node("start", "begin"), *steps, node("end", "done"), path("begin", *names, "done")))


def table(name, inputs, outputs, rules, *, policy="FIRST"):
    """A decision table: rules are lists of cells, inputs first."""
    spaces = 'xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"'
    heads = "".join(
        f'<input id="{name}_i{n}" label="{one}"><inputExpression id="{name}_e{n}"><text>{one}</text></inputExpression></input>'
        for n, one in enumerate(inputs)
    ) + "".join(f'<output id="{name}_o{n}" name="{one}" label="{one}"/>' for n, one in enumerate(outputs))
    rows = ""
    for number, cells in enumerate(rules):
        rows += f'<rule id="{name}_r{number}">'
        for place, cell in enumerate(cells):
            tag = "inputEntry" if place < len(inputs) else "outputEntry"
            text = cell.replace("&", "&amp;").replace("<", "&lt;")
            rows += f'<{tag} id="{name}_{number}_{place}"><text>{text}</text></{tag}>'
        rows += "</rule>"
    body = f'<decisionTable id="{name}_t" hitPolicy="{policy}">{heads}{rows}</decisionTable>'
    return f'<definitions {spaces} id="dmn" name="dmn" namespace="zhijian"><decision id="{name}" name="{name}">{body}</decision></definitions>'


def declare(folder: Path, text: str, *, code: str, decisions: str = "", services=None) -> Procedure:
    """Write a drawing into a folder and declare it as a procedure."""
    stem = code.replace("/", "_")
    drawing = folder / f"{stem}.bpmn"
    drawing.write_text(text, "utf-8")
    tables = None
    if decisions:
        tables = folder / f"{stem}.dmn"
        tables.write_text(decisions, "utf-8")
    return register(Procedure(code, code, code, drawing, tables, (), services or {}))
