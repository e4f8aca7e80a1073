"""One row of a declared register, judged: each field by its column, the whole by the register's own rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zhijian.engines.registers.declaration import Label
from zhijian.engines.registers.declared import registry
from zhijian.engines.registers.declared.columns import Column, Kind, Problem, Refused, read
from zhijian.engines.registers.declared.declaration import Register

_KEY_ALLOWED = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@dataclass
class Checked:
    """The values of a row, and what is wrong with it."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        return not self.problems


def check(register: Register, row: Mapping[str, str], *, on: date) -> Checked:
    """Judge a row as it was typed or delivered; a column that it lacks counts as empty."""
    found = Checked()
    for column in register.columns:
        _check_column(register, column, row.get(column.name) or "", found)
    if found.is_right:
        found.problems += _check_order(found.values)
        for rule in register.rules:
            found.problems += rule(found.values, on)
    return found


def _check_column(register: Register, column: Column, text: str, found: Checked) -> None:
    try:
        value = read(column, text, longest=register.longest(column.name))
    except Refused as refused:
        found.problems.append(Problem(column.name, text[:200], refused.reason, refused.remedy))
        return
    if column.is_required and value is None:
        found.problems.append(_missing(column))
    elif column.name == "key" and value is not None and not set(value) <= _KEY_ALLOWED:
        found.problems.append(_wrong_key(text))
    elif column.kind is Kind.REFERENCE and value is not None and not _exists(column, value):
        found.problems.append(_unknown_reference(column, text))
    found.values[column.name] = value


def _exists(column: Column, key: str) -> bool:
    target = registry.find(column.refers_to)
    return target is not None and target.model._default_manager.filter(key=key).exists()


def _missing(column: Column) -> Problem:
    zh, en = column.label
    return Problem(
        column.name, "", Label("必填，现在是空的", "required, and empty"),
        Label(f"请填写{zh}。", f"Fill in: {en}."),
    )  # fmt: skip


def _wrong_key(text: str) -> Problem:
    return Problem(
        "key", text[:200], Label("编号里有不能用的字符", "characters that a number cannot have"),
        Label("只用字母、数字、- _ . 三种符号。", "Use letters, digits, and - _ . only."),
    )  # fmt: skip


def _unknown_reference(column: Column, text: str) -> Problem:
    target = registry.find(column.refers_to)
    title = target.title if target else Label(column.refers_to, column.refers_to)
    return Problem(
        column.name, text[:200], Label(f"“{title.zh}”里没有这个编号", f"no such entry in '{title.en}'"),
        Label("请先登记它，或核对编号。", "Register it first, or check the number."),
    )  # fmt: skip


def _check_order(values: Mapping[str, Any]) -> list[Problem]:
    start, end = values.get("valid_from"), values.get("valid_to")
    if start is None or end is None or start <= end:
        return []
    return [
        Problem("valid_to", str(end), Label("早于开始的日子", "before it begins"),
                Label("请核对两个日期。", "Check both days."))
    ]  # fmt: skip
