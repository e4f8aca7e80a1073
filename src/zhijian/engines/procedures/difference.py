"""What differs between two versions of a drawing and of its decision tables, element by element.

Only what people meet counts: names, roles, articles, deadlines, ways, conditions. Where a box stands does not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from zhijian.engines.procedures import drawing as drawings
from zhijian.engines.procedures.drawing import Drawing, Flow, Node

_FIELDS = (
    "name", "kind", "event", "duration", "attached_to", "is_interrupting", "default_flow", "called", "undoes",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One element that came, went or changed; `fields` gives (what, before, after) of a changed one."""

    element: str
    name: str
    kind: str  # of a node its kind, else flow or rule
    what: Literal["added", "removed", "changed"]
    fields: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Difference:
    """All that differs: `drawing` by element, `decisions` by row of a table."""

    drawing: tuple[Change, ...] = ()
    decisions: tuple[Change, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        return not self.drawing and not self.decisions

    def marks(self, side: Literal["before", "after"]) -> dict[str, str]:
        """Return what to mark on the drawing of one side: what went only on the old, what came only on the new."""
        hidden = "added" if side == "before" else "removed"
        return {one.element: one.what for one in self.drawing if one.what != hidden}


def compare(before: str, after: str, decisions_before: str = "", decisions_after: str = "") -> Difference:
    """Compare two drawings (BPMN) and their decision tables (DMN); either table may be missing.

    Raises:
        DrawingRefused: one of them cannot be read.
    """
    old, new = drawings.parse(before), drawings.parse(after)
    names = {**_names(old), **_names(new)}
    changes = _changes(_elements(old, names), _elements(new, names))
    rows = _changes(_rows(decisions_before), _rows(decisions_after))
    return Difference(tuple(changes), tuple(rows))


Element = tuple[str, str, dict[str, str]]
"""Name, kind, and what is compared."""


def _names(drawing: Drawing) -> dict[str, str]:
    return {node.id: node.name or node.id for node in drawing.nodes.values()}


def _elements(drawing: Drawing, names: Mapping[str, str]) -> dict[str, Element]:
    found = {node.id: (node.name, node.kind, _of_node(node)) for node in drawing.nodes.values()}
    for flow in drawing.flows.values():
        label = flow.name or f"{names.get(flow.source, flow.source)} → {names.get(flow.target, flow.target)}"
        found[flow.id] = (label, "flow", _of_flow(flow, names))
    return found


def _of_node(node: Node) -> dict[str, str]:
    plain = {name: str(getattr(node, name)) for name in _FIELDS if getattr(node, name) != ""}
    return {**plain, **node.properties}


def _of_flow(flow: Flow, names: Mapping[str, str]) -> dict[str, str]:
    ends = {"source": _end(flow.source, names), "target": _end(flow.target, names)}
    return {"name": flow.name, "condition": flow.condition, **ends}


def _end(node: str, names: Mapping[str, str]) -> str:
    """Write which node a flow touches: its id counts, its name is what people read."""
    return node if names.get(node, node) == node else f"{names[node]}（{node}）"


def _rows(decisions: str) -> dict[str, Element]:
    """Return the rows of every decision table with their cells, inputs before outputs."""
    return {key: (label, "rule", cells) for key, label, cells in _each_row(decisions)} if decisions else {}


def _each_row(decisions: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    root = drawings.parse_xml(decisions)
    space = root.tag.split("}")[0] + "}" if "}" in root.tag else ""
    for decision in root.iter(f"{space}decision"):
        table = decision.find(f"{space}decisionTable")
        if table is None:
            continue
        heads = [
            *((one.get("label") or one.findtext(f"{space}inputExpression/{space}text") or "") for one in table.iter(f"{space}input")),
            *((one.get("label") or one.get("name") or "") for one in table.iter(f"{space}output")),
        ]  # fmt: skip
        for number, rule in enumerate(table.iter(f"{space}rule"), start=1):
            cells = [
                str(cell.findtext(f"{space}text") or "").strip()
                for kind in ("inputEntry", "outputEntry")
                for cell in rule.iter(f"{space}{kind}")
            ]
            title = str(decision.get("name") or decision.get("id"))
            key = f"{decision.get('id')}/{rule.get('id') or number}"
            yield key, f"{title} {number}", dict(zip(map(str, heads), cells, strict=False))


def _changes(old: Mapping[str, Element], new: Mapping[str, Element]) -> list[Change]:
    changes = []
    for key in sorted({*old, *new}, key=lambda one: (one not in new, one not in old, one)):
        if key not in new:
            changes.append(Change(key, old[key][0], old[key][1], "removed"))
        elif key not in old:
            changes.append(Change(key, new[key][0], new[key][1], "added"))
        elif old[key][2] != new[key][2]:
            names = sorted({*old[key][2], *new[key][2]})
            fields = tuple(
                (name, old[key][2].get(name, ""), new[key][2].get(name, ""))
                for name in names
                if old[key][2].get(name, "") != new[key][2].get(name, "")
            )
            if fields:
                changes.append(Change(key, new[key][0], new[key][1], "changed", fields))
    return changes
