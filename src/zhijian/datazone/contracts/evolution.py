"""What changes between two versions of a contract, what of it breaks, and whom.

A change is *compatible* if every delivery that passed before passes still, and every reader of the table finds what
it read before, meaning the same. Everything else is *breaking* and is not published under the same name.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from zhijian.datazone import contracts
from zhijian.datazone.contracts import Contract, Field, Rule
from zhijian.datazone.lake import Lake
from zhijian.infrastructure.files import replace_file

_INTEGERS = ("tinyint", "smallint", "integer", "bigint", "hugeint")


@dataclass(frozen=True)
class Change:
    """One difference: of a field (its column in `column`) or, with None, of the contract as a whole."""

    field: str | None
    column: str | None
    what: str  # a word such as 'type_narrowed', for programs
    is_breaking: bool
    message_zh: str
    message_en: str
    touches: str = "readers"  # or 'deliverers'


@dataclass(frozen=True)
class Broken:
    """A reader of the table that a breaking change reaches."""

    kind: str  # 'model', 'page', 'exchange'
    name: str
    label_zh: str
    label_en: str
    columns: tuple[str, ...]


Readers = Callable[[str, str | None], Iterable[Broken]]
"""Who reads a table, or one column of it."""


class BreakingChange(Exception):
    """A new version of a contract would break somebody; nothing was published."""

    def __init__(self, name: str, changes: list[Change], broken: list[Broken]) -> None:
        self.changes, self.broken = changes, broken
        zh = "；".join(change.message_zh for change in changes)
        en = "; ".join(change.message_en for change in changes)
        who = (
            "、".join(f"{one.name}（{'、'.join(one.columns) or '整行'}）" for one in broken)
            or "没有登记的读者"
        )
        super().__init__(
            f"合同“{name}”的新版不兼容，没有发布：{zh}。受影响：{who}。请改成兼容的变更，或以新名称发布后逐个迁移。\n"
            f"Not published, the change breaks: {en}. Make it compatible, or publish under a new name and move the "
            "readers one by one."
        )


class NotNewer(Exception):
    """The file's version is not higher than the published one."""


def compare(old: Contract, new: Contract) -> list[Change]:
    """Return every change from `old` to `new`, breaking ones first."""
    found = [*_of_the_whole(old, new), *_of_fields(old, new)]
    return sorted(found, key=lambda change: not change.is_breaking)


def broken_readers(old: Contract, changes: list[Change], readers: Readers) -> list[Broken]:
    """Return whom the breaking changes reach, each reader once with the columns that it loses."""
    found: dict[tuple[str, str], Broken] = {}
    for change in changes:
        if change.is_breaking and change.touches == "readers":
            for one in readers(old.table, change.column):
                earlier = found.get((one.kind, one.name))
                columns = {*(earlier.columns if earlier else ()), *([change.column] if change.column else [])}
                found[one.kind, one.name] = Broken(
                    one.kind, one.name, one.label_zh, one.label_en, tuple(sorted(columns))
                )
    return [found[key] for key in sorted(found)]


def publish(lake: Lake, path: Path, readers: Readers, *, by: str, at: datetime) -> list[Change]:
    """Publish a contract for this lake from a file; deliveries from now on are judged by it. Return its changes.

    Raises:
        BadContract: the file is no contract.
        NotNewer: its version is not higher than the one in force.
        BreakingChange: it would break readers or deliverers.
    """
    with lake._writing():
        return _publish(lake, contracts.read(path.resolve()), readers, by=by, at=at)


def _publish(lake: Lake, new: Contract, readers: Readers, *, by: str, at: datetime) -> list[Change]:
    contracts.version_number(new.version)
    changes = _acceptable_changes(lake, new, readers)
    folder = lake.contracts / new.name
    folder.mkdir(parents=True, exist_ok=True)
    noted = {"version": new.version, "by": by, "at": at.isoformat(timespec="seconds")}
    replace_file(folder / f"{new.version}.json", json.dumps(noted, ensure_ascii=False).encode())
    replace_file(folder / f"{new.version}.odcs.yaml", new.path.read_bytes())
    return changes


def _acceptable_changes(lake: Lake, new: Contract, readers: Readers) -> list[Change]:
    if new.name not in contracts.names(lake.contracts):
        return []
    old = contracts.load(new.name, lake.contracts)
    if contracts.version_number(new.version) <= contracts.version_number(old.version):
        raise NotNewer(
            f"合同“{new.name}”现行版本是{old.version}，文件是{new.version}；请写更高的版本号。"
            f" {new.name} is at {old.version}, the file says {new.version}: give it a higher version."
        )
    changes = compare(old, new)
    breaking = [change for change in changes if change.is_breaking]
    if breaking:
        raise BreakingChange(new.name, breaking, broken_readers(old, breaking, readers))
    return changes


def _of_the_whole(old: Contract, new: Contract) -> Iterator[Change]:
    if old.table != new.table:
        yield _breaking(
            None,
            "table_changed",
            f"表名由{old.table}改为{new.table}",
            f"the table {old.table} became {new.table}",
        )
    yield from _of_rules(None, old.rules, new.rules)


def _of_fields(old: Contract, new: Contract) -> Iterator[Change]:
    before = {field.name: field for field in old.fields}
    after = {field.name: field for field in new.fields}
    for name, field in before.items():
        if name not in after:
            yield _removed(field, new)
    for name, field in after.items():
        if name in before:
            yield from _of_field(before[name], field)
        elif field.is_required:
            yield _breaking(
                field, "required_added", f"新增必填字段{name}", f"a new required field {name}", "deliverers"
            )
        else:
            yield _passing(field, "optional_added", f"新增可选字段{name}", f"a new optional field {name}")


def _removed(field: Field, new: Contract) -> Change:
    heirs = [one.name for one in new.fields if field.name in one.aliases or one.label_zh == field.label_zh]
    if heirs:
        return _breaking(
            field, "renamed", f"{field.name}改名为{heirs[0]}", f"{field.name} was renamed {heirs[0]}"
        )
    return _breaking(field, "removed", f"取消字段{field.name}", f"the field {field.name} was removed")


def _of_field(old: Field, new: Field) -> Iterator[Change]:
    name = old.name
    for what, zh, before, after in (
        ("column_renamed", "列名", old.column, new.column),
        ("meaning_changed", "含义", old.label_zh, new.label_zh),
        ("unit_changed", "单位", old.unit, new.unit),
        ("level_changed", "分级", old.level, new.level),
        ("default_changed", "缺省值", old.default, new.default),
    ):
        if before != after:
            en = what.replace("_", " ")
            yield _breaking(
                old,
                what,
                f"{name}的{zh}由“{before or '无'}”改为“{after or '无'}”",
                f"{name}: {en} from {before!r} to {after!r}",
            )
    yield from _of_type(old, new)
    if new.is_required and not old.is_required:
        yield _breaking(
            old, "became_required", f"{name}由可选改为必填", f"{name} became required", "deliverers"
        )
    if old.is_required and not new.is_required:
        yield _passing(old, "became_optional", f"{name}由必填改为可选", f"{name} became optional")
    lost = sorted(set(old.aliases) - set(new.aliases))
    if lost:
        yield _breaking(
            old,
            "alias_removed",
            f"{name}不再认得表头{'、'.join(lost)}",
            f"{name} lost the headers {', '.join(lost)}",
            "deliverers",
        )
    yield from _of_rules(old, old.rules, new.rules)


def _of_type(old: Field, new: Field) -> Iterator[Change]:
    if (old.physical_type, old.logical_type) == (new.physical_type, new.logical_type):
        return
    zh = f"{old.name}的类型由{old.physical_type}改为{new.physical_type}"
    en = f"{old.name}: type from {old.physical_type} to {new.physical_type}"
    if old.logical_type == new.logical_type and widens(old.physical_type, new.physical_type):
        yield _passing(old, "type_widened", zh, en)
    else:
        yield _breaking(old, "type_narrowed", zh, en)


def widens(old: str, new: str) -> bool:
    """Say whether every value of one DuckDB type has its exact place in the other."""
    if old in _INTEGERS and new in _INTEGERS:
        return _INTEGERS.index(new) >= _INTEGERS.index(old)
    if old.endswith("[]") and new.endswith("[]"):
        return widens(old[:-2], new[:-2])
    if old.startswith("decimal(") and new.startswith("decimal("):
        (digits, places), (more_digits, more_places) = _decimal(old), _decimal(new)
        return more_places >= places and more_digits - more_places >= digits - places
    return old == new or (old, new) == ("float", "double")


def _decimal(kind: str) -> tuple[int, int]:
    digits, places = kind.removeprefix("decimal(").rstrip(")").split(",")
    return int(digits), int(places)


def _of_rules(field: Field | None, old: tuple[Rule, ...], new: tuple[Rule, ...]) -> Iterator[Change]:
    before, after = {rule.id: rule for rule in old}, {rule.id: rule for rule in new}
    where = field.name if field else "整行"
    for rule_id in before.keys() - after.keys():
        yield _passing(field, "rule_removed", f"{where}：取消规则{rule_id}", f"rule {rule_id} was removed")
    for rule_id in after.keys() - before.keys():
        if after[rule_id].severity == "error":
            yield _breaking(
                field,
                "rule_added",
                f"{where}：新增退回规则{rule_id}",
                f"a new refusing rule {rule_id}",
                "deliverers",
            )
        else:
            yield _passing(
                field, "warning_added", f"{where}：新增提示规则{rule_id}", f"a new warning {rule_id}"
            )
    for rule_id in before.keys() & after.keys():
        yield from _of_rule(field, before[rule_id], after[rule_id])


def _of_rule(field: Field | None, old: Rule, new: Rule) -> Iterator[Change]:
    if old.severity != new.severity:
        if new.severity == "error":
            yield _breaking(
                field,
                "rule_stricter",
                f"规则{old.id}由提示改为退回",
                f"rule {old.id} refuses now",
                "deliverers",
            )
        else:
            yield _passing(
                field, "rule_relaxed", f"规则{old.id}由退回改为提示", f"rule {old.id} only warns now"
            )
    if (old.kind, old.arguments) != (new.kind, new.arguments):
        yield _of_arguments(field, old, new)


def _of_arguments(field: Field | None, old: Rule, new: Rule) -> Change:
    if old.kind == new.kind == "one_of":
        gone = sorted(set(old.arguments["choices"]) - set(new.arguments["choices"]))
        if gone:
            return _breaking(
                field,
                "code_removed",
                f"规则{old.id}取消代码{'、'.join(gone)}",
                f"rule {old.id} lost the codes {', '.join(gone)}",
            )
        return _passing(field, "code_added", f"规则{old.id}新增代码", f"rule {old.id} has new codes")
    if old.kind == new.kind and old.kind in ("range", "length") and _is_within(old.arguments, new.arguments):
        return _passing(
            field, "range_widened", f"规则{old.id}的范围放宽", f"rule {old.id} allows a wider range"
        )
    return _breaking(
        field, "rule_changed", f"规则{old.id}的要求改变", f"rule {old.id} asks something else", "deliverers"
    )


def _is_within(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Say whether a range of limits lies within another; a limit that is a word ('today') must stay itself."""
    low_old, low_new, high_old, high_new = (
        one.get(side) for side in ("minimum", "maximum") for one in (old, new)
    )
    lower = low_new is None or low_new == low_old or (_is_ordered(low_old, low_new) and low_new <= low_old)
    higher = (
        high_new is None or high_new == high_old or (_is_ordered(high_old, high_new) and high_new >= high_old)
    )
    return lower and higher


def _is_ordered(one: Any, other: Any) -> bool:
    return type(one) is type(other) and not isinstance(one, str)


def _breaking(field: Field | None, what: str, zh: str, en: str, touches: str = "readers") -> Change:
    return Change(field.name if field else None, field.column if field else None, what, True, zh, en, touches)


def _passing(field: Field | None, what: str, zh: str, en: str) -> Change:
    return Change(field.name if field else None, field.column if field else None, what, False, zh, en)
