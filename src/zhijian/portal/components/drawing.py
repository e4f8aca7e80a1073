"""A drawing on a page: the picture, its legend, and the steps as a list, which is the truth for everyone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from zhijian.engines.procedures.drawing import Drawing, Node
from zhijian.engines.procedures.picture import Mark, Names, PictureProblem, svg
from zhijian.portal.components import case_words, drawing_words, words


@dataclass(frozen=True)
class ShownDrawing:
    """What the template needs: the SVG (empty with a `problem`), and whether its marks need a legend."""

    picture: SafeString
    title: str
    key: str
    legend: str  # path, compare or nothing
    problem: tuple[str, str] | None = None


@dataclass(frozen=True)
class Step:
    """One step that a person does, or that waits, in the order of the drawing."""

    node: Node
    role: str
    period: case_words.PeriodWords | None
    article: str
    follows: tuple[str, ...]  # names of what may come next


def show(
    text: str, title: str, description: str, *, marks: Mapping[str, str] | None = None, key: str = "drawing"
) -> ShownDrawing:
    """Draw a drawing with its marks; where that cannot be, say why."""
    legend = ""
    if marks:
        legend = "compare" if set(marks.values()) <= {"added", "removed", "changed"} else "path"
    chosen = cast("Mapping[str, Mark]", marks or {})
    try:
        made = svg(text.encode("utf-8"), Names(title, description, key, drawing_words.name), chosen)
    except PictureProblem as problem:
        return ShownDrawing(
            SafeString(""), title, key, legend, problem=(problem.message_zh, problem.message_en)
        )
    # The picture is built as a tree, so that every word of the drawing is escaped in it.
    return ShownDrawing(mark_safe(made), title, key, legend)  # noqa: S308


def steps(drawing: Drawing, day: date) -> list[Step]:
    """Return the steps of people in the order in which the drawing reaches them."""
    found = []
    for node in in_order(drawing):
        if not node.is_step:
            continue
        deadline = node.properties.get("deadline", "")
        found.append(
            Step(
                node,
                case_words.role(node.properties.get("role", "")),
                case_words.period(deadline, day) if deadline else None,
                node.properties.get("article", ""),
                tuple(next_names(drawing, node)),
            )
        )
    return found


def in_order(drawing: Drawing) -> list[Node]:
    """Return the nodes of the main process breadth first from its start; what is called stands behind."""
    order: dict[str, None] = {}
    starts = [node.id for node in drawing.of_process(drawing.main) if node.kind == "start"]
    waiting = starts or list(drawing.nodes)[:1]
    while waiting:
        name = waiting.pop(0)
        if name in order or name not in drawing.nodes:
            continue
        order[name] = None
        waiting += [flow.target for flow in drawing.outgoing.get(name, [])]
        waiting += [event.id for event in drawing.boundaries.get(name, [])]
    return [drawing.nodes[name] for name in [*order, *(one for one in drawing.nodes if one not in order)]]


def next_names(drawing: Drawing, node: Node) -> list[str]:
    """Name the steps and ends that may follow a node, through gateways."""
    names: dict[str, None] = {}
    seen: set[str] = set()
    waiting = [flow.target for flow in drawing.outgoing.get(node.id, [])]
    while waiting:
        found = drawing.nodes.get(waiting.pop(0))
        if found is None or found.id in seen:
            continue
        seen.add(found.id)
        if found.kind in ("exclusive", "parallel", "event_gateway", "throw") or (
            found.kind in ("service", "rule")
        ):
            waiting += [flow.target for flow in drawing.outgoing.get(found.id, [])]
        else:
            names[drawing_words.name(found.name) or found.id] = None
    return list(names)


def description(listed: list[Step]) -> str:
    """Say a whole drawing in a sentence for whoever cannot see it."""
    return _("共%(n)s个办理步骤：%(names)s。下面的列表内容相同。") % {
        "n": len(listed),
        "names": _joined(drawing_words.name(one.node.name) for one in listed),
    }


def _joined(parts: Iterable[str]) -> str:
    """Return words one behind the other, as the language of the page parts them."""
    return ("; " if words.in_english() else "；").join(parts)


def csv_rows(listed: list[Step]) -> list[list[Any]]:
    """Return the list as rows of a file."""
    head = ["步骤 step", "岗位 role", "期限 limit", "依据 article", "期限依据 source", "接下来 next"]
    return [
        head,
        *(
            [
                drawing_words.name(one.node.name), one.role, one.period.text if one.period else "",
                drawing_words.article(one.article),
                one.period.source if one.period else "", _joined(one.follows),
            ]
            for one in listed
        ),
    ]  # fmt: skip
