"""Lineage as a picture made on the server: tables by layer from left to right; of one column only its own way is lit."""

from collections.abc import Mapping
from dataclasses import dataclass

from zhijian.datazone.catalogue.lineage import Graph

BOX_WIDTH, BOX_HEIGHT, ACROSS, DOWN = 250, 40, 300, 54
LAYERS = ("raw", "standard", "entity", "theme", "mart")


@dataclass(frozen=True)
class Box:
    """One table in the picture."""

    table: str
    x: int
    y: int
    columns: tuple[str, ...]
    is_lit: bool
    is_focus: bool

    @property
    def title_y(self) -> int:
        return self.y + 17

    @property
    def note_y(self) -> int:
        return self.y + 33

    @property
    def text_x(self) -> int:
        return self.x + 10

    @property
    def short(self) -> str:
        return self.table if len(self.table) <= 34 else self.table[:33] + "…"

    @property
    def note(self) -> str:
        """The lit columns, as many as fit."""
        text = ", ".join(self.columns)
        return text if len(text) <= 36 else text[:35] + "…"


@dataclass(frozen=True)
class LineageMap:
    """Boxes, the lines between them, and the room they take."""

    boxes: tuple[Box, ...]
    lines: tuple[tuple[str, bool], ...]
    width: int
    height: int
    upstream: Mapping[str, tuple[str, ...]]
    downstream: Mapping[str, tuple[str, ...]]


def draw(graph: Graph, table: str, column: str | None) -> LineageMap:
    """Draw what a table comes from and what comes from it; with `column`, light only that column's way."""
    every = {*graph.upstream(table), *graph.downstream(table), table}
    up, down = graph.upstream(table, column), graph.downstream(table, column)
    lit = {
        **{name: tuple(sorted(cols)) for name, cols in {**up, **down}.items()},
        table: (column,) if column else (),
    }
    used = [layer for layer in LAYERS if any(_layer(name) == layer for name in every)]
    boxes: dict[str, Box] = {}
    for place, layer in enumerate(used):
        for row, name in enumerate(sorted(one for one in every if _layer(one) == layer)):
            shown = lit.get(name, ()) if column else ()
            boxes[name] = Box(name, 1 + place * ACROSS, 1 + row * DOWN, shown, name in lit, name == table)
    lines = [
        (_line(boxes[source], boxes[name]), source in lit and name in lit)
        for name in boxes
        if name in graph.tables
        for source in graph.tables[name].tables
        if source in boxes
    ]
    deepest = max(box.y for box in boxes.values())
    return LineageMap(
        tuple(boxes.values()),
        tuple(sorted(lines, key=lambda one: one[1])),
        (len(used) - 1) * ACROSS + BOX_WIDTH + 2,
        deepest + BOX_HEIGHT + 2,
        {name: tuple(sorted(cols)) for name, cols in up.items()},
        {name: tuple(sorted(cols)) for name, cols in down.items()},
    )


def _layer(table: str) -> str:
    layer = table.split("_", 1)[0]
    return layer if layer in LAYERS else "raw"


def _line(start: Box, end: Box) -> str:
    """Return the path from one box to another; within a layer it goes round the right side."""
    y1, y2 = start.y + BOX_HEIGHT // 2, end.y + BOX_HEIGHT // 2
    x1 = start.x + BOX_WIDTH
    if start.x == end.x:
        return f"M{x1} {y1}C{x1 + 30} {y1} {x1 + 30} {y2} {x1} {y2}"
    middle = (x1 + end.x) // 2
    return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {end.x} {y2}"
