"""A declared register as a table for programs and people, and as the contract that the table keeps."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from zhijian.engines.registers.declared.columns import Column, Kind
from zhijian.engines.registers.declared.declaration import Register
from zhijian.engines.registers.declared.models import DeclaredEntry

_JSON_TYPES = {Kind.INTEGER: "integer", Kind.BOOLEAN: "boolean", Kind.TAGS: "array"}
_CONTRACT_TYPES = {Kind.INTEGER: "integer", Kind.BOOLEAN: "boolean", Kind.TAGS: "array", Kind.DATE: "date"}


def note(register: Register, *, count: int, as_of: date, has_synthetic: bool) -> str:
    """The first line of every file: what it is, as of when, and whether invented entries are in it."""
    mark = "含合成数据（is_synthetic为1的行是虚构的）；" if has_synthetic else ""
    return f"{register.title.zh}；{register.title.en}；{mark}截至{as_of}；共{count:,}条；保管单位：{register.keeper.zh}"


def heading(columns: Iterable[Column]) -> Iterator[list[str]]:
    shown = list(columns)
    yield [one.label.zh for one in shown]
    yield [one.name for one in shown]


def row(entry: DeclaredEntry, columns: Iterable[Column]) -> list[Any]:
    """Return the values of one entry as a file holds them; codes as codes, so that the file reads back."""
    return [_plain(one, getattr(entry, one.name)) for one in columns]


def _plain(column: Column, value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return "、".join(value) if isinstance(value, list) else value


def as_json(entry: DeclaredEntry, columns: Iterable[Column]) -> dict[str, Any]:
    """Return one entry for programs: amounts as text, days as text, nothing as null."""
    found: dict[str, Any] = {}
    for one in columns:
        value = getattr(entry, one.name)
        if isinstance(value, date | Decimal):
            value = str(value)
        found[one.name] = None if value == "" else value
    return found


def json_schema(register: Register) -> dict[str, Any]:
    """Return the JSON Schema of one public entry."""
    properties = {one.name: _property(one) for one in register.public_columns}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": register.title.en,
        "description": register.title.zh,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _property(column: Column) -> dict[str, Any]:
    kind = _JSON_TYPES.get(column.kind, "string")
    is_given = column.is_required or column.kind in (Kind.BOOLEAN, Kind.TAGS)
    found: dict[str, Any] = {"type": kind if is_given else [kind, "null"]}
    found["title"], found["description"] = column.label.en, column.label.zh
    if column.kind is Kind.DATE:
        found["format"] = "date"
    if column.kind is Kind.CODE:
        found["enum"] = [one.value for one in column.codes] + ([] if column.is_required else [None])
    if column.kind is Kind.TAGS:
        found["items"] = {"type": "string"}
    return found


def contract(register: Register) -> dict[str, Any]:
    """Return the data contract of the open file (Open Data Contract Standard)."""
    return {
        "apiVersion": "v3.0.2",
        "kind": "DataContract",
        "id": register.contract,
        "name": register.title.zh,
        "version": "1.0.0",
        "status": "active",
        "description": {"purpose": register.about.zh, "usage": register.legal_basis},
        "tags": list(register.tags),
        "team": [{"username": register.keeper.zh, "role": "keeper"}],
        "schema": [
            {
                "name": register.contract,
                "logicalType": "object",
                "properties": [_contracted(one, register) for one in register.public_columns],
            }
        ],
    }


def _contracted(column: Column, register: Register) -> dict[str, Any]:
    kind = "number" if column.kind is Kind.MONEY else _CONTRACT_TYPES.get(column.kind, "string")
    found: dict[str, Any] = {
        "name": column.name,
        "businessName": column.label.zh,
        "description": column.label.en,
        "logicalType": kind,
        "required": column.is_required,
    }
    if column.name == register.key:
        found["primaryKey"] = True
    if column.unit:
        found["unit"] = column.unit
    if column.codes:
        found["validValues"] = [
            {"value": one.value, "zh": one.label.zh, "en": one.label.en} for one in column.codes
        ]
    return found
