"""The texts of model contracts that ship with the system: their words, the blanks in them, and a filled copy."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from zhijian.engines.documents.plain import Line
from zhijian.engines.forms.declaration import Form, parse

FOLDER = Path(__file__).parent / "texts"
BLANK = "＿＿＿＿＿＿"
_PLACE = re.compile(r"\{\{ ([a-z_]+) \}\}")
_KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "maxLength": 100},
    "long": {"type": "string", "maxLength": 1000, "x-widget": "textarea"},
    "money": {"type": "number", "minimum": 0, "x-widget": "money"},
    "integer": {"type": "integer", "minimum": 0, "maximum": 1000},
    "date": {"type": "string", "format": "date"},
}


@dataclass(frozen=True)
class ModelWords:
    """A text with its blanks. `body` is Markdown; `form` asks for every blank, none is compulsory."""

    code: str
    body: str
    form: Form

    def filled(self, data: Mapping[str, Any]) -> str:
        """Return the text with what was filled in; what was not stays a blank to write in."""
        return _PLACE.sub(lambda found: _written(data.get(found[1])), self.body)

    def lines(self, data: Mapping[str, Any]) -> list[Line]:
        """Return the filled text line by line, for a Word file or a page."""
        return list(_lines(self.filled(data)))


def _written(value: Any) -> str:
    """Return a value as one line of plain text: nothing in it can start a heading or another blank."""
    text = re.sub(r"\s+", " ", "" if value is None else str(value)).strip()
    if found := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
        return f"{found[1]}年{int(found[2])}月{int(found[3])}日"
    return text or BLANK


def _lines(text: str) -> Iterator[Line]:
    for line in text.splitlines():
        if line.startswith("# "):
            yield Line(line[2:], 0)
        elif line.startswith("## "):
            yield Line(line[3:], 1)
        elif line.strip():
            yield Line(line)


@cache
def all_texts() -> Mapping[str, ModelWords]:
    """Return every text by its code."""
    return {path.stem: _load(path) for path in sorted(FOLDER.glob("*.md"))}


def _load(path: Path) -> ModelWords:
    _, head, body = path.read_text("utf-8").split("---\n", 2)
    fields = yaml.safe_load(head)["fields"]
    named = {one["name"] for one in fields}
    if named != set(_PLACE.findall(body)):
        raise ValueError(
            f"{path.name}: fields and blanks differ: {sorted(named ^ set(_PLACE.findall(body)))}"
        )
    properties = {
        one["name"]: {"title": one["zh"], "x-title-en": one["en"], **_KINDS[one.get("kind", "text")]}
        for one in fields
    }
    schema = {
        "type": "object", "title": "填写合同", "x-title-en": "Fill in the contract", "properties": properties,
    }  # fmt: skip
    return ModelWords(path.stem, body.strip() + "\n", parse(schema, path.stem))
