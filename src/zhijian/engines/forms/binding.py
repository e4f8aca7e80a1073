"""What was typed, kept as typed; and what it means, or what is wrong with it.

Typed texts lie under the path of their question (`shop.name`, `goods.0.price`), each a list, as a browser sends them.
Values are read by their type first (a date, an exact decimal) and then judged by the whole schema.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from zhijian.engines.forms import wording
from zhijian.engines.forms.declaration import MOST_CHARACTERS, Field, Form
from zhijian.engines.forms.words import Words

Typed = dict[str, list[str]]
_ABSENT = object()
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DIGITS = 18  # of a number, before and after the point together


class Posted(Protocol):
    """What a request carries: Django's QueryDict, for one."""

    def getlist(self, key: str) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


@dataclass(frozen=True)
class Problem:
    """What is wrong, at which question."""

    path: str
    words: Words

    @property
    def anchor(self) -> str:
        return f"f-{self.path}"


@dataclass
class Bound:
    """A form as somebody filled it in.

    `data` is ready for JSON: numbers are exact decimal texts, dates ISO texts. It is to be used only if `is_valid`.
    """

    form: Form
    typed: Typed
    data: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_valid(self) -> bool:
        return not self.problems


def typed_of(form: Form, posted: Posted) -> Typed:
    """Take from a request what belongs to the form, as typed; the rest is left out."""
    return {
        name: [_clean(str(text)) for text in posted.getlist(name)]
        for name in posted
        if _belongs(form.root, str(name).split("."))
    }


def clean_typed(form: Form, content: Any) -> Typed:
    """Take from a stored draft what the form, as it is now, still asks for."""
    if not isinstance(content, dict):
        return {}
    return {
        name: [str(text) for text in texts]
        for name, texts in content.items()
        if isinstance(texts, list) and _belongs(form.root, name.split("."))
    }


def _belongs(one: Field, path: list[str]) -> bool:
    if not path:
        return one.kind not in {"section", "list"}
    head, *rest = path
    if one.kind == "section":
        return any(part.name == head and _belongs(part, rest) for part in one.fields)
    if one.kind == "list" and one.row is not None:
        is_row = head.isascii() and head.isdigit() and len(head) <= 3 and str(int(head)) == head
        return is_row and _belongs(one.row, rest)
    return False


def _clean(text: str) -> str:
    """Leave out what no one typed: NUL and other controls, and the carriage returns of a browser."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})


def join(path: str, name: str | int) -> str:
    return f"{path}.{name}" if path else str(name)


def row_numbers(typed: Typed, path: str) -> list[int]:
    """Return which rows of a list were typed, in order."""
    start = f"{path}."
    found = {name[len(start) :].split(".")[0] for name in typed if name.startswith(start)}
    return sorted(int(number) for number in found)


def bind(form: Form, typed: Typed) -> Bound:
    """Read what was typed, and judge it."""
    reading = _Reading(typed)
    value = reading.section(form.root, "")
    problems = list(reading.problems)
    told = {one.path for one in problems}
    for path, words in _judged(form, value, reading):
        if path not in told:
            told.add(path)
            problems.append(Problem(path, words))
    order = {path: place for place, path in enumerate(_paths(form.root, typed, ""))}
    problems.sort(key=lambda one: order.get(one.path, len(order)))
    return Bound(form, typed, _plain(value), problems)


def _plain(value: Any) -> Any:
    """Write a value for JSON: decimals and dates as text."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return format(value, "f") if isinstance(value, Decimal) else value


class _Reading:
    """Reads typed texts by the types of the questions, and remembers where each row of a list was typed."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        self.problems: list[Problem] = []
        self.rows: dict[str, list[int]] = {}  # of each list: the typed number of each row that counts

    def value(self, one: Field, path: str) -> Any:
        match one.kind:
            case "section":
                return self.section(one, path)
            case "list":
                return self.list(one, path)
            case "choices":
                chosen = [text for text in self.typed.get(path, []) if text]
                return list(dict.fromkeys(chosen)) or ([] if one.is_required else _ABSENT)
            case "boolean":
                return self.boolean(one, path)
        text = (self.typed.get(path) or [""])[-1].strip()
        if not text:
            return _ABSENT
        read = {"date": _day, "number": _decimal, "integer": _integer}.get(one.kind)
        if read is None:
            return self._text(one, path, text)
        value = read(text)
        if value is None:
            self.problems.append(Problem(path, wording.unreadable(one, text)))
        return _ABSENT if value is None else value

    def _text(self, one: Field, path: str, text: str) -> str:
        if len(text) > MOST_CHARACTERS and "maxLength" not in one.schema:
            self.problems.append(Problem(path, wording.too_long(one, len(text), MOST_CHARACTERS)))
        elif (one.schema.get("format") == "email" or one.widget == "email") and not _EMAIL.fullmatch(text):
            self.problems.append(Problem(path, wording.no_email(one)))
        return text

    def boolean(self, one: Field, path: str) -> Any:
        text = (self.typed.get(path) or [""])[-1]
        if one.widget == "checkbox":
            return text == "true"
        return {"true": True, "false": False}.get(text, _ABSENT)

    def section(self, one: Field, path: str) -> Any:
        found = {part.name: self.value(part, join(path, part.name)) for part in one.fields}
        kept = {name: value for name, value in found.items() if value is not _ABSENT}
        is_blank = not any(value not in (False, []) for value in kept.values())
        if path and is_blank and not one.is_required and not self._has_problem(path):
            return _ABSENT
        return kept

    def list(self, one: Field, path: str) -> Any:
        assert one.row is not None
        numbers = [number for number in row_numbers(self.typed, path) if self._is_filled(join(path, number))]
        self.rows[path] = numbers
        if len(numbers) > one.most_rows:
            self.problems.append(Problem(path, wording.too_many(one, one.most_rows)))
        values = [self.value(one.row, join(path, number)) for number in numbers[: one.most_rows]]
        kept = [{} if value is _ABSENT and one.row.kind == "section" else value for value in values]
        kept = [value for value in kept if value is not _ABSENT]
        return kept if kept or one.is_required else _ABSENT

    def _is_filled(self, path: str) -> bool:
        """Say whether anything was typed in a row."""
        return any(
            text.strip()
            for name, texts in self.typed.items()
            if name == path or name.startswith(f"{path}.")
            for text in texts
        )

    def _has_problem(self, path: str) -> bool:
        return any(one.path.startswith(f"{path}.") for one in self.problems)

    def typed_path(self, path: Iterable[str | int]) -> str:
        """Turn a place in the data to the path where it was typed: blank rows count there."""
        told = ""
        for part in path:
            if isinstance(part, int):
                if told not in self.rows:  # one of several choices: the question is the list itself
                    break
                rows = self.rows[told]
                part = rows[part] if part < len(rows) else part
            told = join(told, part)
        return told


def _day(text: str) -> str | None:
    match = _DAY.fullmatch(unicodedata.normalize("NFKC", text))
    try:
        return date(*map(int, match.groups())).isoformat() if match else None
    except ValueError:
        return None


def _decimal(text: str) -> Decimal | None:
    plain = re.sub(r"[,\s_]|元$", "", unicodedata.normalize("NFKC", text)).replace("−", "-")
    if not re.fullmatch(r"[+-]?\d{1,18}(\.\d{0,12})?|[+-]?\.\d{1,12}", plain, re.ASCII):
        return None
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None
    return value if len(value.as_tuple().digits) <= _DIGITS else None


def _integer(text: str) -> int | None:
    value = _decimal(text)
    return int(value) if value is not None and value == value.to_integral_value() else None


def _judged(form: Form, value: Any, reading: _Reading) -> Iterator[tuple[str, Words]]:
    """Yield what the schema finds wrong, in our words, at the question where it was typed."""
    error: Any
    for error in form.validator.iter_errors(value):
        path = list(error.absolute_path)
        if error.validator == "required":
            for name in _missing(error.validator_value, error.instance):
                one = _at(form.root, [*path, name])
                yield reading.typed_path([*path, name]), wording.blank(one)
            continue
        one = _at(form.root, path)
        yield (
            reading.typed_path(path),
            wording.broken(one, error.validator, error.validator_value, error.instance),
        )


def _missing(required: Iterable[str], instance: Mapping[str, Any]) -> list[str]:
    return [name for name in required if name not in instance]


def _at(root: Field, path: Iterable[str | int]) -> Field:
    one = root
    for part in path:
        if one.kind == "section":
            one = next((field for field in one.fields if field.name == part), one)
        elif one.kind == "list" and one.row is not None:
            one = one.row if one.row.title else _named(one.row, one)
    return one


def _named(row: Field, owner: Field) -> Field:
    """A plain row without a title of its own is spoken of by the title of its list."""
    return replace(row, title=owner.title)


def _paths(one: Field, typed: Typed, path: str) -> Iterator[str]:
    """Yield every path in the order of the page."""
    if path:
        yield path
    for part in one.fields:
        yield from _paths(part, typed, join(path, part.name))
    if one.kind == "list" and one.row is not None:
        for number in row_numbers(typed, path):
            yield from _paths(one.row, typed, join(path, number))


def typed_from(form: Form, data: Mapping[str, Any]) -> Typed:
    """Write data as it would be typed: to change what was handed in, or to fill in what is known already."""
    typed: Typed = {}
    _write(form.root, data, "", typed)
    return typed


def _write(one: Field, value: Any, path: str, typed: Typed) -> None:
    if value is None:
        return
    if one.kind == "section":
        for part in one.fields:
            _write(part, value.get(part.name), join(path, part.name), typed)
    elif one.kind == "list" and one.row is not None:
        for number, part in enumerate(value):
            _write(one.row, part, join(path, number), typed)
    elif one.kind == "choices":
        typed[path] = [str(text) for text in value]
    elif one.kind == "boolean":
        typed[path] = ["true" if value else "false"]
    else:
        typed[path] = [format(value, "f") if isinstance(value, Decimal) else str(value)]


def defaults(form: Form) -> Typed:
    """Return what stands in the form before anybody types."""
    typed: Typed = {}
    _defaults(form.root, "", typed)
    return typed


def _defaults(one: Field, path: str, typed: Typed) -> None:
    if "default" in one.schema:
        _write(one, one.schema["default"], path, typed)
    for part in one.fields:
        _defaults(part, join(path, part.name), typed)
