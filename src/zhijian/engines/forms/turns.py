"""What somebody pressed: hand in, save for later, one row more, one row less. Every turn keeps what was typed."""

from dataclasses import dataclass
from typing import Literal

from zhijian.engines.forms.binding import Posted, Typed, join, row_numbers, typed_of
from zhijian.engines.forms.declaration import Field, Form

Act = Literal["submit", "save", "rows"]


@dataclass(frozen=True)
class Turn:
    """The act and what was typed. After `rows` the form is shown again; `place` is where to go on."""

    act: Act
    typed: Typed
    place: str = ""


def turn_of(form: Form, posted: Posted) -> Turn:
    """Read which button was pressed, and what was typed."""
    typed = typed_of(form, posted)
    adding, removing = _pressed(posted, "_add"), _pressed(posted, "_remove")
    if adding and (grown := _list_at(form.root, adding)):
        return Turn("rows", _with_row(typed, grown, adding), adding)
    if removing and (parent := removing.rpartition(".")[0]) and _list_at(form.root, parent):
        return Turn("rows", _without_row(typed, removing), parent)
    return Turn("save" if _pressed(posted, "_save") else "submit", typed)


def _pressed(posted: Posted, name: str) -> str:
    return str((posted.getlist(name) or [""])[-1])


def _list_at(root: Field, path: str) -> Field | None:
    """Return the list of that path, or None where there is none. A list lies in sections, or in the rows of none."""
    one = root
    for name in path.split("."):
        found = next((part for part in one.fields if part.name == name), None)
        if found is None:
            return None
        one = found
    return one if one.kind == "list" else None


def _with_row(typed: Typed, grown: Field, path: str) -> Typed:
    numbers = row_numbers(typed, path) or [0]
    assert grown.row is not None
    if len(numbers) >= grown.most_rows:
        return typed
    row = join(path, numbers[-1] + 1)
    first = row if grown.row.kind != "section" else join(row, _first_name(grown.row))
    return {**typed, first: [""]}


def _first_name(row: Field) -> str:
    """The path of a question of the row that holds a text: it marks that the row is there."""
    for part in row.fields:
        if part.kind == "section":
            return join(part.name, _first_name(part))
        return part.name
    return ""


def _without_row(typed: Typed, path: str) -> Typed:
    return {name: texts for name, texts in typed.items() if name != path and not name.startswith(f"{path}.")}
