"""Layers of one draw, as the form lays them out: each row a place and tags with a rate of its own, read in their order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhijian.apps.supervision.inspection import policies
from zhijian.apps.supervision.inspection.eligibility import Layer, Scope
from zhijian.apps.supervision.inspection.models import DrawScope
from zhijian.engines.draws.plan import Plan
from zhijian.engines.registers.declaration import Label
from zhijian.security.models import Officer, territory_prefix
from zhijian.security.permissions import in_area
from zhijian.standards import divisions
from zhijian.standards.bilingual import Problem

MODE = "by_layer"  # as the form names it
ROWS = 8
MOST = 10_000  # parts of 10,000
LONGEST_TITLE = 200  # characters, with what is told of the layers
_FIELDS = ("division", "with", "without", "rate")


@dataclass(frozen=True)
class Row:
    """A row as it was typed."""

    number: int
    division: str
    has: str
    lacks: str
    rate: str

    @property
    def is_empty(self) -> bool:
        return not (self.division or self.has or self.lacks or self.rate)

    @property
    def layer(self) -> Layer:
        tags = ([self.has] if self.has else []) + ([f"-{self.lacks}"] if self.lacks else [])
        return Layer(self.division, tuple(tags))


@dataclass(frozen=True)
class Laid:
    """The layers of a draw and the rate of each, in parts per 10,000."""

    layers: tuple[Layer, ...] = ()
    shares: tuple[int, ...] = ()


def rows_of(data: Mapping[str, Any]) -> list[Row]:
    """Return the rows of the form as they were typed, the empty ones too."""
    return [
        Row(n, *(str(data.get(f"layer-{name}-{n}") or "").strip() for name in _FIELDS))
        for n in range(1, ROWS + 1)
    ]


def laid_of(data: Mapping[str, Any], scope: Scope, officer: Officer, tags: Mapping[str, Any]) -> Laid:
    """Read the layers of a draw from its form; none where it is not by layers. Empty rows count for nothing.

    Raises:
        Incomplete: a row says no rate, no such tag or place, or what an earlier one took already; or rows were filled in
            though the draw is not by layers, or none though it is. Every problem names its row.
    """
    rows = [row for row in rows_of(data) if not row.is_empty]
    is_asked = data.get("mode") == MODE
    if rows and not is_asked:
        raise policies.Incomplete([_not_by_layers()])
    if is_asked and not rows:
        raise policies.Incomplete([_no_row()])
    problems = [one for row in rows for one in _problems_of(row, scope, officer, tags)]
    problems += _taken_before(rows)
    if problems:
        raise policies.Incomplete(problems)
    return Laid(tuple(row.layer for row in rows), tuple(int(row.rate) for row in rows))


def _problems_of(row: Row, scope: Scope, officer: Officer, tags: Mapping[str, Any]) -> Iterator[Problem]:
    if not (row.rate.isascii() and row.rate.isdigit() and len(row.rate) < 6 and 0 < int(row.rate) <= MOST):
        yield _problem(row, "rate", f"比例应是1到{MOST}的整数（万分之）。", f"the rate is a whole number from 1 to {MOST} (per 10,000).")  # fmt: skip
    for field, tag in (("with", row.has), ("without", row.lacks)):
        if tag and tag not in tags:
            yield _problem(row, field, f"没有标签{tag}。", f"there is no tag {tag}.")
    if row.has and row.has == row.lacks:
        yield _problem(row, "without", "同一个标签不能又带又不带。", "a tag cannot be asked for and left out at once.")  # fmt: skip
    if not row.division:
        return
    if divisions.find(row.division) is None or len(row.division) != 6:
        yield _problem(row, "division", f"“{row.division}”不是6位行政区划代码。", f"'{row.division}' is no division code of 6 digits.")  # fmt: skip
    elif not in_area(officer, row.division) or not _lies_in(row.division, scope.division):
        yield _problem(row, "division", f"{row.division}不在这次抽签的地区内。", f"{row.division} lies outside the area of this draw.")  # fmt: skip


def _taken_before(rows: Sequence[Row]) -> Iterator[Problem]:
    """Name each row whose objects all lie in an earlier one: nobody would be drawn by it."""
    for place, row in enumerate(rows):
        mine = row.layer
        for before in rows[:place]:
            if _lies_in(mine.division, before.layer.division) and {*before.layer.tags} <= {*mine.tags}:
                yield _problem(
                    row, "rate", f"第{before.number}行已经包括这些对象，请把范围小的写在前面。",
                    f"row {before.number} takes these objects already; put the narrower row first.",
                )  # fmt: skip
                break


def _lies_in(division: str, wider: str) -> bool:
    return territory_prefix(division).startswith(territory_prefix(wider))


def _problem(row: Row, field: str, zh: str, en: str) -> Problem:
    return Problem(f"layer-{field}-{row.number}", f"第{row.number}行：{zh}", f"Row {row.number}: {en}")


def _not_by_layers() -> Problem:
    return Problem(
        "mode", "填写了各层，但没有选“按下面各行分层”。请选上，或清空各行。",
        "Layers are filled in, but the draw is not by layers. Choose that, or empty the rows.",
    )  # fmt: skip


def _no_row() -> Problem:
    return Problem(
        "layer-rate-1", "选了按行分层，但一行也没有填。", "The draw is by layers, but no row is filled in."
    )


def told(layers: Sequence[Layer], names: Mapping[str, tuple[str, str]]) -> str:
    """Return what the announced title says of layers: whom each rate is for."""
    said = (f"R{n}{words_of(layer, names).zh}" for n, layer in enumerate(layers, start=1))
    return f"〔分层：{'；'.join(said)}〕" if layers else ""


def words_of(layer: Layer, names: Mapping[str, tuple[str, str]]) -> Label:
    """Say whom a layer is about; without place and tags it takes whoever no layer before it did."""
    place = layer.division
    zh = [divisions.full_name(place) or place] if place else []
    en = [divisions.name_in_english(place) or divisions.full_name(place) or place] if place else []
    for tag in layer.tags:
        name = names.get(tag.lstrip("-"), (tag.lstrip("-"),) * 2)
        zh.append(f"{'非' if tag.startswith('-') else ''}{name[0]}")
        en.append(f"{'not ' if tag.startswith('-') else ''}{name[1]}")
    return Label("、".join(zh) or "其余", ", ".join(en) or "All others")


def check_title(plan: Plan) -> None:
    """Refuse a title that became too long by what it says of the layers.

    Raises:
        Incomplete: it has more than 200 characters.
    """
    if (length := len(plan.title)) > LONGEST_TITLE:
        problem = Problem(
            "title", f"名称连同对象和分层的说明有{length}个字，最多{LONGEST_TITLE}个，请缩短名称或减少层数。",
            f"With what it says of objects and layers the title has {length} characters; at most {LONGEST_TITLE}. Shorten it, or take fewer layers.",
        )  # fmt: skip
        raise policies.Incomplete([problem])


def check_kept(kept: DrawScope, scope: Scope) -> None:
    """Refuse layers that differ from those that an earlier attempt at the draw was announced with.

    Raises:
        Incomplete: the layers differ; a draw of a new number may have others.
    """
    if (kept.layers or []) != as_json(scope.layers):
        problem = Problem(
            "plan_id", "这个编号的抽签已按别的分层公告过，请换一个编号。",
            "A draw of this number was announced with other layers; take another number.",
        )  # fmt: skip
        raise policies.Incomplete([problem])


def as_json(layers: Sequence[Layer]) -> list[dict[str, Any]]:
    """Return layers as a scope keeps them."""
    return [{"division": one.division, "tags": list(one.tags)} for one in layers]
