"""A drawing as a picture: SVG made on the server from the coordinates that the BPMN file carries.

The picture shows what a person needs and no more: lanes, steps, events, gateways and the flows between them, each step
marked by shape as well as by weight: walked is thick with a tick, current has a double frame, possible is dashed. It
carries no style of its own; the portal's style sheet gives colours by class, so that it holds under a strict
content-security policy and in the dark. The list beside it, not the picture, is the truth for a screen reader.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from xml.etree import ElementTree

from lxml import etree

from zhijian.standards.bilingual import BilingualError

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DD = "{http://www.omg.org/spec/DD/20100524/DI}"

Mark = Literal["walked", "current", "possible", "added", "removed", "changed"]
_BADGES: dict[str, str] = {"walked": "✓", "added": "＋", "removed": "－", "changed": "≠"}
FONT, LINE, MARGIN = 13, 17, 14  # units of the drawing, one to a CSS pixel at natural size
_MOST_SHAPES = 2000


class PictureProblem(BilingualError, ValueError):
    """The drawing cannot be shown as a picture; the message says why, in both languages."""


@dataclass(frozen=True)
class Box:
    """A rectangle in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True)
class Shape:
    """One element with a place: `kind` is lane, task, event, gateway, group or note; `element` its BPMN name."""

    id: str
    element: str
    kind: str
    name: str
    box: Box
    label: Box | None = None
    trigger: str = ""  # of an event: timer, message, error …
    is_across: bool = True  # of a lane: its name stands at the left


@dataclass(frozen=True)
class Arrow:
    """One flow with its way points."""

    id: str
    element: str
    name: str
    points: tuple[tuple[float, float], ...]
    label: Box | None = None


@dataclass(frozen=True)
class Layout:
    """Where everything stands, lanes first, so that steps are drawn over them."""

    shapes: tuple[Shape, ...]
    arrows: tuple[Arrow, ...]
    view: Box


@dataclass(frozen=True)
class Names:
    """What a picture is called and says: the accessible name, and its content as a sentence."""

    title: str
    description: str
    key: str = "drawing"  # makes ids unique where a page shows several
    say: Callable[[str], str] = str  # what stands in the drawing, in the reader's language


@dataclass
class _Reading:
    names: dict[str, str] = field(default_factory=dict)
    elements: dict[str, str] = field(default_factory=dict)
    triggers: dict[str, str] = field(default_factory=dict)


def layout(drawing: bytes, say: Callable[[str], str] = str) -> Layout:
    """Read the places of a drawing.

    Raises:
        PictureProblem: not XML, or no coordinates (BPMNDI), or too much of it.
    """
    root = _parse(drawing)
    reading = _read_elements(root, say)
    shapes = [_shape(one, reading) for one in root.iter(f"{DI}BPMNShape")]
    arrows = [_arrow(one, reading) for one in root.iter(f"{DI}BPMNEdge")]
    found = [one for one in shapes if one is not None]
    if not found or len(found) > _MOST_SHAPES:
        raise PictureProblem(
            "流程图里没有坐标（BPMNDI），画不出图。请在建模器里打开并保存一次。",
            "The drawing has no coordinates (BPMNDI). Open it in the modeller and save it once.",
        )
    order = {"lane": 0, "group": 1}
    found.sort(key=lambda one: (order.get(one.kind, 2), one.trigger != "", -one.box.width * one.box.height))
    kept = tuple(one for one in arrows if one is not None)
    return Layout(tuple(found), kept, _view(found, kept))


def svg(drawing: bytes, names: Names, marks: Mapping[str, Mark] | None = None) -> str:
    """Return the picture of a drawing. `marks` gives for ids of steps and flows what is to be shown of them."""
    placed, marked = layout(drawing, names.say), marks or {}
    view = placed.view
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "drawing" + (" is-marked" if marked else ""),
            "role": "img",
            "viewBox": f"{view.x:g} {view.y:g} {view.width:g} {view.height:g}",
            "width": f"{view.width:g}",
            "height": f"{view.height:g}",
            "aria-labelledby": f"{names.key}-title",
            "aria-describedby": f"{names.key}-desc",
        },
    )
    _child(root, "title", id=f"{names.key}-title").text = names.title
    _child(root, "desc", id=f"{names.key}-desc").text = names.description
    for shape in placed.shapes:
        if shape.kind in ("lane", "group"):
            _draw_shape(root, shape, marked.get(shape.id))
    for arrow in placed.arrows:
        _draw_arrow(root, arrow, marked.get(arrow.id))
    for shape in placed.shapes:
        if shape.kind not in ("lane", "group"):
            _draw_shape(root, shape, marked.get(shape.id))
    for arrow in placed.arrows:  # names stand over everything, so that no box hides them
        _name_arrow(root, arrow)
    for shape in placed.shapes:
        if shape.kind in ("event", "gateway"):
            _outer_name(root, shape)
    return ElementTree.tostring(root, encoding="unicode")


def wrap(text: str, width: float, most: int) -> list[str]:
    """Break a name into at most `most` lines of `width` units, of about the same length; too long ends in …

    A Chinese character takes a whole size of the font, a Latin one about half; Latin words stay whole where they fit.
    """
    lines = _filled(text, width)
    if len(lines) > most:
        last = lines[most - 1]
        while last and _width(last + "…") > width:
            last = last[:-1]
        return [*lines[: most - 1], last + "…"]
    narrower = width - FONT / 2
    while len(lines) > 1 and len(_filled(text, narrower)) == len(lines) and narrower > FONT:
        lines = _filled(text, narrower)
        narrower -= FONT / 2
    return lines


def _filled(text: str, width: float) -> list[str]:
    """Fill line after line."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and _width(lines[-1] + piece) > width:
            lines.append("")
        lines[-1] = (lines[-1] + piece).lstrip()
    return [one.rstrip() for one in lines if one.strip()]


def _parse(drawing: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(drawing, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise PictureProblem(
            f"流程图不是完整的XML：{problem}", f"The drawing is not whole XML: {problem}"
        ) from None
    if root.getroottree().docinfo.doctype:
        raise PictureProblem("流程图里不能有文档类型声明。", "A drawing may not carry a document type.")
    return root


def _read_elements(root: etree._Element, say: Callable[[str], str]) -> _Reading:
    reading = _Reading()
    for one in root.iter():
        if not isinstance(one.tag, str) or not one.tag.startswith(BPMN) or "id" not in one.attrib:
            continue
        key, element = one.attrib["id"], one.tag[len(BPMN) :]
        reading.elements[key] = element
        reading.names[key] = say(one.attrib.get("name", "") or (one.findtext(f"{BPMN}text") or ""))
        for part in one:
            if isinstance(part.tag, str) and part.tag.endswith("EventDefinition"):
                reading.triggers[key] = part.tag[len(BPMN) : -len("EventDefinition")]
    return reading


def _shape(one: etree._Element, reading: _Reading) -> Shape | None:
    key = one.attrib.get("bpmnElement", "")
    bounds = one.find(f"{DC}Bounds")
    element = reading.elements.get(key)
    if element is None or bounds is None:
        return None
    label = one.find(f"{DI}BPMNLabel/{DC}Bounds")
    return Shape(
        key,
        element,
        _kind(element),
        reading.names[key],
        _box(bounds),
        _box(label) if label is not None else None,
        reading.triggers.get(key, "") if _kind(element) == "event" else "",
        one.attrib.get("isHorizontal", "true") == "true",
    )


def _kind(element: str) -> str:
    if element in ("lane", "participant"):
        return "lane"
    if element.endswith("Event"):
        return "event"
    if element.endswith("Gateway"):
        return "gateway"
    if element in ("subProcess", "transaction", "adHocSubProcess"):
        return "group"
    if element.lower().endswith("task") or element == "callActivity":
        return "task"
    return "note"


def _arrow(one: etree._Element, reading: _Reading) -> Arrow | None:
    key = one.attrib.get("bpmnElement", "")
    points = tuple((_number(p, "x"), _number(p, "y")) for p in one.iter(f"{DD}waypoint"))
    if key not in reading.elements or len(points) < 2:
        return None
    label = one.find(f"{DI}BPMNLabel/{DC}Bounds")
    return Arrow(
        key, reading.elements[key], reading.names[key], points, _box(label) if label is not None else None
    )


def _number(one: etree._Element, name: str) -> float:
    try:
        return float(one.attrib.get(name, "0"))
    except ValueError:
        raise PictureProblem(
            f"流程图的坐标不是数字：{one.attrib[name]}",
            f"A coordinate of the drawing is no number: {one.attrib[name]}",
        ) from None


def _box(one: etree._Element) -> Box:
    return Box(*(_number(one, name) for name in ("x", "y", "width", "height")))


def _view(shapes: Iterable[Shape], arrows: Iterable[Arrow]) -> Box:
    """Return the room that everything takes, names below events and gateways included."""
    xs: list[float] = []
    ys: list[float] = []
    for shape in shapes:
        for box in (shape.box, _name_box(shape)):
            xs += [box.x, box.x + box.width]
            ys += [box.y, box.y + box.height]
    for arrow in arrows:
        xs += [x for x, _ in arrow.points]
        ys += [y for _, y in arrow.points]
    left, top = min(xs) - MARGIN, min(ys) - MARGIN
    return Box(left, top, max(xs) + MARGIN - left, max(ys) + MARGIN - top)


def _name_box(shape: Shape) -> Box:
    """Return where the name stands: in a step; below an event or a gateway, unless the drawing says where."""
    if shape.kind not in ("event", "gateway") or not shape.name:
        return shape.box
    width = 104.0
    lines = len(wrap(shape.name, width, 3))
    middle, below = shape.box.middle[0], shape.box.y + shape.box.height + 4
    if shape.element == "boundaryEvent":  # beside the flow that leaves it downwards
        middle += shape.box.width / 2 + max(map(_width, wrap(shape.name, width, 3))) / 2 - 10
    if shape.label is not None:
        middle, below = shape.label.middle[0], shape.label.y
    return Box(middle - width / 2, below, width, lines * LINE)


def _child(parent: ElementTree.Element, tag: str, **attributes: object) -> ElementTree.Element:
    written = {
        name.rstrip("_").replace("_", "-"): f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in attributes.items()
    }
    return ElementTree.SubElement(parent, tag, written)


def _group(parent: ElementTree.Element, kind: str, mark: Mark | None, key: str) -> ElementTree.Element:
    return _child(parent, "g", class_=f"{kind}{f' {mark}' if mark else ''}", data_element=key)


def _draw_shape(root: ElementTree.Element, shape: Shape, mark: Mark | None) -> None:
    group = _group(root, shape.kind, mark, shape.id)
    _child(group, "title").text = shape.name or shape.id
    box = shape.box
    if shape.kind == "event":
        _draw_event(group, shape, mark)
    elif shape.kind == "gateway":
        _draw_gateway(group, shape, mark)
    elif shape.kind == "note":
        _child(group, "path", d=f"M{box.x + 12:g} {box.y:g}h-12v{box.height:g}h12")
        _text(group, wrap(shape.name, box.width - 14, 8), box.x + 8, box.middle[1], "start")
    else:
        _draw_rectangle(group, shape, mark)
    if mark in _BADGES and shape.kind != "lane":
        _badge(group, box.x + box.width, box.y, _BADGES[mark])


def _draw_rectangle(group: ElementTree.Element, shape: Shape, mark: Mark | None) -> None:
    box, round_ = shape.box, 0 if shape.kind == "lane" else 8
    _child(group, "rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=round_)
    if shape.kind == "lane":
        _draw_lane_name(group, shape)
        return
    if mark == "current":
        _child(
            group,
            "rect",
            class_="inner",
            x=box.x + 4,
            y=box.y + 4,
            width=box.width - 8,
            height=box.height - 8,
            rx=5,
        )
    if shape.kind == "group":
        _text(group, wrap(shape.name, box.width - 20, 1), box.middle[0], box.y + 16, "middle")
        return
    lines = wrap(shape.name, box.width - 16, max(1, int((box.height - 12) // LINE)))
    _text(group, lines, *box.middle, "middle")
    symbol = _SYMBOLS.get(shape.element)
    top = box.middle[1] - len(lines) * LINE / 2
    left = box.middle[0] - max(map(_width, lines), default=0) / 2
    if symbol and (top > box.y + 18 or left > box.x + 22):  # where the name leaves it room
        x, y = box.x + 6, box.y + 5
        _child(group, "path", class_="symbol", transform=f"translate({x:g} {y:g})", d=symbol)


def _draw_lane_name(group: ElementTree.Element, shape: Shape) -> None:
    """Write a lane's name: upright characters one below the other where they are Chinese, else turned."""
    box = shape.box
    if not shape.is_across:
        _text(group, wrap(shape.name, box.width - 8, 1), box.middle[0], box.y + 15, "middle")
        return
    _child(group, "path", d=f"M{box.x + 30:g} {box.y:g}v{box.height:g}")
    if all(_is_wide(letter) for letter in shape.name):
        room = max(1, int((box.height - 8) // LINE))
        letters = list(shape.name) if len(shape.name) <= room else [*shape.name[: room - 1], "…"]
        _text(group, letters, box.x + 15, box.middle[1], "middle")
    else:
        text = _text(group, wrap(shape.name, box.height - 8, 1), box.x + 15, box.middle[1], "middle")
        text.set("transform", f"rotate(-90 {box.x + 15:g} {box.middle[1]:g})")


def _draw_event(group: ElementTree.Element, shape: Shape, mark: Mark | None) -> None:
    (x, y), radius = shape.box.middle, shape.box.width / 2
    ring = "end" if shape.element == "endEvent" else ""
    _child(group, "circle", class_=ring, cx=x, cy=y, r=radius)
    if shape.element in ("intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"):
        _child(group, "circle", class_="ring", cx=x, cy=y, r=radius - 3.5)
    if mark == "current":
        _child(group, "circle", class_="inner", cx=x, cy=y, r=radius + 4)
    sign = _TRIGGERS.get(shape.trigger)
    if sign:
        _child(group, "path", class_="symbol", transform=f"translate({x:g} {y:g})", d=sign)


def _draw_gateway(group: ElementTree.Element, shape: Shape, mark: Mark | None) -> None:
    (x, y), half = shape.box.middle, shape.box.width / 2

    def diamond(size: float) -> str:
        return f"M{x:g} {y - size:g}l{size:g} {size:g}l{-size:g} {size:g}l{-size:g} {-size:g}z"

    _child(group, "path", d=diamond(half))
    if mark == "current":
        _child(group, "path", class_="inner", d=diamond(half - 5))
    sign = _GATEWAYS.get(shape.element, "")
    if sign:
        _child(group, "path", class_="symbol", transform=f"translate({x:g} {y:g})", d=sign)


def _outer_name(group: ElementTree.Element, shape: Shape) -> None:
    if shape.name:
        box = _name_box(shape)
        _text(group, wrap(shape.name, box.width, 3), *box.middle, "middle", "outer")


def _draw_arrow(root: ElementTree.Element, arrow: Arrow, mark: Mark | None) -> None:
    group = _group(root, "flow" if arrow.element != "association" else "flow loose", mark, arrow.id)
    if arrow.name:
        _child(group, "title").text = arrow.name
    points = " ".join(f"{x:g},{y:g}" for x, y in arrow.points)
    _child(group, "polyline", points=points)
    if arrow.element != "association":
        _child(group, "path", class_="head", d=_head(arrow.points[-2], arrow.points[-1]))
    if mark in ("added", "removed", "changed"):
        (x1, y1), (x2, y2) = arrow.points[0], arrow.points[1]
        _badge(group, (x1 + x2) / 2, (y1 + y2) / 2, _BADGES[mark])


def _name_arrow(root: ElementTree.Element, arrow: Arrow) -> None:
    if arrow.name:
        lines = wrap(arrow.name, 96, 3)
        if arrow.label is not None:
            x, y = arrow.label.middle
        else:
            (x1, y1), (x2, y2) = arrow.points[0], arrow.points[1]
            is_level = abs(x2 - x1) >= abs(y2 - y1)
            x, y = (x1 + x2) / 2, (y1 + y2) / 2
            x, y = (x, y - len(lines) * LINE / 2 - 3) if is_level else (x + 8 + 6 * max(map(len, lines)), y)
        _text(root, lines, x, y, "middle", "outer")


def _head(before: tuple[float, float], tip: tuple[float, float]) -> str:
    """Return the head of an arrow as a triangle of 9 by 8 units."""
    dx, dy = tip[0] - before[0], tip[1] - before[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    ux, uy = dx / length, dy / length
    bx, by = tip[0] - 9 * ux, tip[1] - 9 * uy
    return f"M{tip[0]:g} {tip[1]:g}L{bx - 4 * uy:.1f} {by + 4 * ux:.1f}L{bx + 4 * uy:.1f} {by - 4 * ux:.1f}z"


def _badge(group: ElementTree.Element, x: float, y: float, sign: str) -> None:
    _child(group, "circle", class_="badge", cx=x, cy=y, r=9.0)
    _child(
        group, "text", class_="badge-sign", x=x, y=y + 4.5, text_anchor="middle", aria_hidden="true"
    ).text = sign


def _text(
    group: ElementTree.Element, lines: list[str], x: float, y: float, anchor: str, extra: str = ""
) -> ElementTree.Element:
    """Write lines centred on a height."""
    text = _child(group, "text", text_anchor=anchor, font_size=FONT)
    if extra:
        text.set("class", extra)
    first = y - (len(lines) - 1) * LINE / 2 + FONT * 0.36
    for number, line in enumerate(lines):
        _child(text, "tspan", x=x, y=float(round(first + number * LINE, 2))).text = line
    return text


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WFA"


def _width(text: str) -> float:
    return sum(FONT if _is_wide(letter) else FONT * 0.56 for letter in text)


def _pieces(text: str) -> list[str]:
    """Cut where a line may break: after every wide character and at spaces; a stop stays with what it follows."""
    pieces: list[str] = []
    for letter in text:
        stays = letter in "，。、；：？！）》”" or not (_is_wide(letter) or letter == " ")
        after_word = bool(pieces) and not _is_wide(pieces[-1][-1]) and pieces[-1][-1] != " "
        if pieces and (letter in "，。、；：？！）》”" or (stays and after_word)):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


# Small signs, 12 to 14 units high. A step's begins at its corner, the others stand round their middle.
_SYMBOLS = {
    "userTask": "M2 13v-2a3 3 0 0 1 3-3h3a3 3 0 0 1 3 3v2zM6.5 6.5m-2.7 0a2.7 2.7 0 1 0 5.4 0a2.7 2.7 0 1 0-5.4 0",
    "manualTask": "M2 13v-2a3 3 0 0 1 3-3h3a3 3 0 0 1 3 3v2z",
    "serviceTask": "M6.5 1v2M6.5 10v2M1 6.5h2M10 6.5h2M2.6 2.6l1.4 1.4M9 9l1.4 1.4M2.6 10.4L4 9M9 4l1.4-1.4M6.5 6.5m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
    "businessRuleTask": "M1 2h12v9H1zM1 5h12M5 5v6",
    "receiveTask": "M1 2h12v9H1zM1 2l6 5l6-5",
    "sendTask": "M1 2h12v9H1zM1 2l6 5l6-5",
    "callActivity": "M1 2h12v9H1zM4 6.5h6M7 3.5v6",
}
_TRIGGERS = {
    "timer": "M0 0m-9 0a9 9 0 1 0 18 0a9 9 0 1 0-18 0M0-6v6l4 3",
    "message": "M-8-5.5h16v11h-16zM-8-5.5l8 6l8-6",
    "signal": "M0-8l8 13h-16z",
    "error": "M-7 7l4-12l5 7l5-9l-4 12l-5-7z",
    "escalation": "M0-8l6 15l-6-6l-6 6z",
    "conditional": "M-6-8h12v16h-12zM-4-4h8M-4 0h8M-4 4h8",
    "compensate": "M-1-6v12l-7-6zM7-6v12l-7-6z",
    "terminate": "M0 0m-8 0a8 8 0 1 0 16 0a8 8 0 1 0-16 0",
}
_GATEWAYS = {
    "exclusiveGateway": "M-7-7l14 14M7-7l-14 14",
    "parallelGateway": "M-10 0h20M0-10v20",
    "inclusiveGateway": "M0 0m-10 0a10 10 0 1 0 20 0a10 10 0 1 0-20 0",
    "eventBasedGateway": "M0 0m-11 0a11 11 0 1 0 22 0a11 11 0 1 0-22 0M0-6.5l6 4.4l-2.3 7.2h-7.4l-2.3-7.2z",
    "complexGateway": "M-10 0h20M0-10v20M-7-7l14 14M7-7l-14 14",
}
