"""A form made ready for its template: what stands at each question, which words describe it, which row it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as member
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from zhijian.engines.forms.binding import Bound, Problem, Typed, join, row_numbers
from zhijian.engines.forms.declaration import Field, Form, Option
from zhijian.engines.forms.words import Words

_YES_NO = (Option("true", Words("是", "Yes")), Option("false", Words("否", "No")))
OUTCOME = "outcome"  # the question by which a drawing goes on; which others it needs, the service says
_INPUT_MODES = {"number": "decimal", "integer": "numeric"}
_INPUT_TYPES = {"tel": "tel", "email": "email", "date": "date"}


@dataclass(frozen=True)
class Choice:
    """One answer to choose: its control's id and whether it is chosen."""

    value: str
    label: str
    id: str
    is_chosen: bool


@dataclass
class Shown:
    """One question as the template needs it."""

    field: Field
    path: str
    title: str
    texts: list[str]
    problem: Problem | None
    choices: list[Choice] = member(default_factory=list)
    parts: list["Shown"] = member(default_factory=list)
    number: int = 0  # of a row, from 1
    can_grow: bool = False
    is_by_answer: bool = False  # another answer, such as the outcome, may make it necessary

    @property
    def id(self) -> str:
        return f"f-{self.path}"

    @property
    def text(self) -> str:
        return self.texts[-1] if self.texts else ""

    @property
    def hint(self) -> str:
        return str(self.field.hint)

    @property
    def is_optional(self) -> bool:
        return not self.field.is_required and self.field.kind != "boolean"

    @property
    def is_ticked(self) -> bool:
        return self.text == "true"

    @property
    def described_by(self) -> str:
        """The ids of what a screen reader says after the label."""
        named = [f"{self.id}-hint"] if self.hint else []
        return " ".join([*named, f"{self.id}-error"] if self.problem else named)

    @property
    def input_type(self) -> str:
        """A date that cannot be read stays visible in a plain box: a browser would empty its own."""
        if self.field.kind == "date" and self.text and (self.problem or len(self.text) != 10):
            return "text"
        return _INPUT_TYPES.get(self.field.widget, "text")

    @property
    def input_mode(self) -> str:
        return _INPUT_MODES.get(self.field.kind, "")

    @property
    def lines(self) -> int:
        return 2 if int(self.field.schema.get("maxLength", 500)) <= 100 else 5


@dataclass
class ShownForm:
    """A whole form: its questions, what is wrong, and where drafts are saved."""

    form: Form
    root: Shown
    problems: list[Problem]
    draft_url: str = ""
    saved_at: datetime | None = None


def show(
    form: Form,
    typed: Typed,
    problems: Iterable[Problem] = (),
    *,
    draft_url: str = "",
    saved_at: datetime | None = None,
) -> ShownForm:
    """Make a form ready for `forms/form.html`. With `draft_url` it saves itself there as it is filled in."""
    told = list(problems)
    by_path: dict[str, Problem] = {}
    for one in told:
        by_path.setdefault(one.path, one)
    root = _shown(form.root, "", typed, by_path)
    if any(part.field.name == OUTCOME for part in root.parts):
        for part in root.parts:
            part.is_by_answer = True
    return ShownForm(form, root, told, draft_url, saved_at)


def show_bound(bound: Bound, **more: Any) -> ShownForm:
    """As `show`, for what somebody filled in: everything typed stays, with what is wrong beside it."""
    return show(bound.form, bound.typed, bound.problems, **more)


def html_of(shown: ShownForm) -> SafeString:
    """Return the questions as HTML, with the summary of errors before them."""
    return SafeString(render_to_string("forms/form.html", {"shown": shown}))


def _shown(one: Field, path: str, typed: Typed, problems: dict[str, Problem], number: int = 0) -> Shown:
    shown = Shown(one, path, str(one.title), typed.get(path, []), problems.get(path), number=number)
    shown.is_by_answer = bool(one.schema.get("x-by-answer"))
    if one.options or one.kind == "boolean":
        shown.choices = list(_choices(one, shown))
    if one.kind == "section":
        shown.parts = [_shown(part, join(path, part.name), typed, problems) for part in one.fields]
    if one.kind == "list" and one.row is not None:
        numbers = row_numbers(typed, path) or [0]
        shown.parts = [
            _shown(one.row, join(path, row), typed, problems, place) for place, row in enumerate(numbers, 1)
        ]
        shown.can_grow = len(numbers) < one.most_rows
    return shown


def _choices(one: Field, shown: Shown) -> Iterator[Choice]:
    """The first control carries the question's own id, so that a link of the summary leads to it."""
    for place, option in enumerate(one.options or _YES_NO):
        own = shown.id if place == 0 else f"{shown.id}-{place}"
        chosen = option.value in shown.texts if one.kind == "choices" else option.value == shown.text
        yield Choice(option.value, str(option.label), own, chosen)
