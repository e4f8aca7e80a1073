"""A form as declared: a subset of JSON Schema (draft 2020-12) with words in two languages.

Understood are `object` (a section), `array` (of sections, of plain values, or of choices), `string`, `number` (exact
decimals, for money), `integer`, `boolean`, `format: date`, `enum` and `oneOf` with `const` and `title`. Beside JSON
Schema's own `title` and `description` stand `x-title-en` and `x-description-en`; `x-labels` names the values of an
`enum` ({"value": {"zh": "…", "en": "…"}}); `x-widget` chooses how it is asked, `x-autocomplete` what a browser may fill in; `x-by-answer`
marks a question that another answer may make necessary, as every question does that stands beside an `outcome`.
Anything else is refused, with every problem listed, so that no keyword is silently without effect.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator, FormatChecker

from zhijian.engines.forms.words import Words
from zhijian.standards.bilingual import BilingualError

Kind = Literal["text", "number", "integer", "boolean", "date", "choice", "choices", "list", "section"]
MOST_ROWS = 50  # of a list that names no maxItems
MOST_CHARACTERS = 20_000  # of a text that names no maxLength
MOST_DEPTH = 4

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_EVERYWHERE = {
    *("type", "title", "description", "default", "$comment"),
    *("x-title-en", "x-description-en", "x-widget", "x-autocomplete", "x-by-answer"),
}
_OF_NUMBERS = {
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("x-unit", "x-unit-en"),
}
_OWN: dict[Kind, set[str]] = {
    "text": {"minLength", "maxLength", "pattern", "format", "x-pattern-words"},
    "number": _OF_NUMBERS,
    "integer": _OF_NUMBERS,
    "boolean": {"const"},
    "date": {"format"},
    "choice": {"enum", "oneOf", "x-labels"},
    "choices": {"items", "minItems", "maxItems", "uniqueItems"},
    "list": {"items", "minItems", "maxItems"},
    "section": {"properties", "required", "additionalProperties"},
}
WIDGETS: dict[Kind, tuple[str, ...]] = {
    "text": ("line", "textarea", "tel", "email", "code"),
    "number": ("line", "money"),
    "integer": ("line",),
    "boolean": ("checkbox", "radio"),
    "date": ("date",),
    "choice": ("radio", "select"),
    "choices": ("checkboxes",),
    "list": ("rows",),
    "section": ("section",),
}
_NO_ROWS = {"list", "choices", "boolean"}
_FORM_ONLY = {"$schema", "$id"}
_RADIOS = 6  # so many choices or fewer stand open; more lie in a list


class FormRefused(BilingualError):
    """The declaration of a form cannot be used. Lists every problem, each with its place."""

    def __init__(self, name: str, problems: list[Words]) -> None:
        super().__init__(
            f"表单“{name}”不能使用：" + "；".join(one.zh for one in problems),
            f"Form '{name}' cannot be used: " + "; ".join(one.en for one in problems),
        )
        self.problems = problems


@dataclass(frozen=True)
class Option:
    """One of the values to choose from."""

    value: str
    label: Words


@dataclass(frozen=True)
class Field:
    """One question. `name` is empty for the form itself and for the row of a list."""

    name: str
    kind: Kind
    title: Words
    hint: Words
    widget: str
    is_required: bool
    schema: Mapping[str, Any] = field(repr=False, hash=False)
    autocomplete: str = "off"
    options: tuple[Option, ...] = ()
    fields: tuple["Field", ...] = ()  # of a section
    row: "Field | None" = None  # of a list

    @property
    def most_rows(self) -> int:
        """How many rows a list may have."""
        return int(self.schema.get("maxItems", MOST_ROWS))

    @property
    def unit(self) -> Words:
        """What a number counts, written behind the box."""
        if self.widget == "money" and "x-unit" not in self.schema:
            return Words("元", "CNY")
        return Words(self.schema.get("x-unit", ""), self.schema.get("x-unit-en", ""))


@dataclass(frozen=True)
class Form:
    """A checked declaration, ready to be shown, read and judged."""

    name: str
    root: Field
    schema: Mapping[str, Any] = field(repr=False, hash=False)
    validator: Draft202012Validator = field(repr=False, hash=False, compare=False)

    @property
    def title(self) -> Words:
        return self.root.title


@cache
def load(path: Path) -> Form:
    """Read a form from its file; the file's stem is its name.

    Raises:
        FormRefused: what cannot be used, and where.
    """
    try:
        schema = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (ValueError, OSError) as problem:
        raise FormRefused(
            path.stem, [Words(f"文件读不出：{problem}", f"the file cannot be read: {problem}")]
        ) from problem
    return parse(schema, path.stem)


def parse(schema: Any, name: str) -> Form:
    """Check a schema and return its form. Numbers in it are integers or Decimals, never floats.

    Raises:
        FormRefused: what cannot be used, and where.
    """
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise FormRefused(name, [Words("最外层须是 object", "the outermost type must be object")])
    problems = list(_problems({k: v for k, v in schema.items() if k not in _FORM_ONLY}, "", 0))
    if problems:
        raise FormRefused(name, problems)
    closed = _closed(schema)
    Draft202012Validator.check_schema(closed)
    validator = Draft202012Validator(closed, format_checker=FormatChecker(["date"]))
    return Form(name, _field("", schema, is_required=True), closed, validator)


def kind_of(schema: Mapping[str, Any]) -> Kind | None:
    """Return what a schema asks for, or None where it is outside the subset."""
    match schema.get("type"):
        case "string" if "enum" in schema or "oneOf" in schema:
            return "choice"
        case "string":
            return "date" if schema.get("format") == "date" else "text"
        case "array":
            return "choices" if _is_choice(schema.get("items")) and schema.get("uniqueItems") else "list"
        case "object":
            return "section"
        case "number":
            return "number"
        case "integer":
            return "integer"
        case "boolean":
            return "boolean"
    return None


def _is_choice(items: Any) -> bool:
    return isinstance(items, dict) and kind_of(items) == "choice"


def _problems(schema: Any, where: str, depth: int) -> Iterator[Words]:
    """Yield what cannot be used in a part of a schema, with its place."""
    place = where or "(form)"
    kind = kind_of(schema) if isinstance(schema, dict) else None
    if kind is None or depth > MOST_DEPTH:
        yield Words(f"{place} 的类型不支持或嵌套过深", f"{place}: this type, or this depth, is not supported")
        return
    if unknown := sorted(set(schema) - _EVERYWHERE - _OWN[kind]):
        yield Words(
            f"{place} 有不支持的关键字 {'、'.join(unknown)}", f"{place}: unsupported {', '.join(unknown)}"
        )
    if not str(schema.get("title", "")).strip() and not where.endswith("[]"):
        yield Words(f"{place} 没有 title", f"{place} has no title")
    if schema.get("x-widget", WIDGETS[kind][0]) not in WIDGETS[kind]:
        yield Words(
            f"{place} 的 x-widget 须为 {'、'.join(WIDGETS[kind])} 之一",
            f"{place}: x-widget must be one of {', '.join(WIDGETS[kind])}",
        )
    yield from _keyword_problems(schema, kind, place)
    for name, part in (schema.get("properties") or {}).items() if kind == "section" else ():
        if not _NAME.fullmatch(name):
            yield Words(
                f"{place} 的字段名 {name!r} 须为小写字母、数字和下划线",
                f"{place}: the name {name!r} must be lower-case letters, digits and underscores",
            )
        yield from _problems(part, f"{where}.{name}" if where else name, depth + 1)
    if kind == "list":
        yield from _problems(schema.get("items"), f"{where}[]", depth + 1)
        if isinstance(schema.get("items"), dict) and kind_of(schema["items"]) in _NO_ROWS:
            yield Words(f"{place} 的每一项不能是列表或勾选", f"{place}: a row may be no list and no tick box")


def _keyword_problems(schema: Mapping[str, Any], kind: Kind, place: str) -> Iterator[Words]:
    if any(isinstance(value, float) for value in schema.values()):
        yield Words(f"{place} 的数不能是浮点数", f"{place}: numbers must be exact, not floats")
    if kind == "section" and (
        unknown := set(schema.get("required", ())) - set(schema.get("properties") or {})
    ):
        yield Words(
            f"{place} 的 required 里没有 {'、'.join(sorted(unknown))}",
            f"{place}: required names {', '.join(sorted(unknown))}, which is not a property",
        )
    if kind == "text" and schema.get("format", "email") != "email":
        yield Words(f"{place} 的 format 不支持", f"{place}: this format is not supported")
    if kind == "choice" and not _options(schema):
        yield Words(f"{place} 的选项须是文字", f"{place}: the choices must be texts")
    if kind == "boolean" and schema.get("const", True) is not True:
        yield Words(f"{place} 的 const 只能是 true", f"{place}: const can only be true")


def _options(schema: Mapping[str, Any]) -> tuple[Option, ...]:
    labels = schema.get("x-labels") or {}
    named = [
        (one.get("const"), one.get("title", one.get("const")), one.get("x-title-en", ""))
        for one in schema.get("oneOf", ())
    ]
    for value in schema.get("enum", ()):
        words = labels.get(value) or {}
        named.append((value, words.get("zh", value), words.get("en", "")))
    if not all(isinstance(value, str) and value for value, _zh, _en in named):
        return ()
    return tuple(Option(value, Words(str(zh), str(en))) for value, zh, en in named)


def _field(name: str, schema: Mapping[str, Any], *, is_required: bool) -> Field:
    kind = kind_of(schema)
    assert kind is not None
    choice = schema["items"] if kind == "choices" else schema
    options = _options(choice) if kind in {"choice", "choices"} else ()
    fallback = "select" if kind == "choice" and len(options) > _RADIOS else WIDGETS[kind][0]
    needed = set(schema.get("required", ()))
    return Field(
        name=name,
        kind=kind,
        title=Words(schema.get("title", ""), schema.get("x-title-en", "")),
        hint=Words(schema.get("description", ""), schema.get("x-description-en", "")),
        widget=schema.get("x-widget", fallback),
        is_required=is_required,
        schema=schema,
        autocomplete=schema.get("x-autocomplete", "off"),
        options=options,
        fields=tuple(
            _field(one, part, is_required=one in needed)
            for one, part in (schema.get("properties") or {}).items()
        )
        if kind == "section"
        else (),
        row=_field("", schema["items"], is_required=True) if kind == "list" else None,
    )


def _closed(schema: Any) -> Any:
    """Return the schema for the judge: no member beyond the declared ones."""
    if isinstance(schema, dict):
        parts = {name: _closed(part) for name, part in schema.items()}
        if schema.get("type") == "object" and "properties" in schema:
            parts.setdefault("additionalProperties", False)
        return parts
    return schema
