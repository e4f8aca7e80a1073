"""Published contracts (Open Data Contract Standard 3.1): what a delivery must look like, and what refuses a row."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from zhijian.standards import divisions

FOLDER = Path(__file__).parent
_SUFFIX = ".odcs.yaml"
_PROVINCE_ENDING = re.compile("(省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)$")


class UnknownContract(Exception):
    """No contract of that name is published."""


class BadContract(Exception):
    """A contract's file says something that the data zone cannot apply."""


@dataclass(frozen=True)
class Rule:
    """One check. Rows that fail an 'error' go to quarantine; those that fail a 'warning' are only counted."""

    id: str
    kind: str  # a key of wording.yaml
    severity: str  # 'error' or 'warning'
    arguments: dict[str, Any]
    wording: dict[str, str]  # title, reason and remedy, each with _zh and _en; placeholders in braces
    columns: tuple[str, ...] = ()  # of a uniqueness rule over several columns


@dataclass(frozen=True)
class Field:
    """One property of a contract: a column of the delivery and the column of the table that it becomes."""

    name: str  # in the delivery
    column: str  # in the table
    logical_type: str
    physical_type: str  # DuckDB's name of the type
    label_zh: str
    label_en: str
    aliases: tuple[str, ...]
    is_required: bool  # the column must be there; whether each row must have a value is a rule
    is_counted_for_completeness: bool
    cleaning: str | None
    default: str | None
    rules: tuple[Rule, ...]
    level: str = ""  # public, internal, personal or sensitive
    unit: str = ""
    description: str = ""


@dataclass(frozen=True)
class Contract:
    """What one kind of delivery must look like."""

    name: str
    version: str
    label_zh: str
    purpose: str
    table: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]  # over whole rows
    unknown_words: tuple[str, ...]  # what sources write for 'not known'
    stray_characters: str  # left out wherever they stand
    path: Path

    def field(self, name: str) -> Field:
        """Return the field of that name.

        Raises:
            KeyError: the contract has no such field.
        """
        found = {field.name: field for field in self.fields}
        return found[name]

    def every_rule(self) -> list[tuple[Field | None, Rule]]:
        """Return all rules with their field (None: a rule over the whole row), in the contract's order."""
        of_fields: list[tuple[Field | None, Rule]] = [(f, rule) for f in self.fields for rule in f.rules]
        return of_fields + [(None, rule) for rule in (*STRUCTURAL_RULES.values(), *self.rules)]


def names(published: Path | None = None) -> list[str]:
    """Return the names of the published contracts: those that ship, and those of a lake's folder `published`."""
    shipped = {path.name.removesuffix(_SUFFIX) for path in FOLDER.glob(f"*{_SUFFIX}")}
    return sorted(shipped | {path.parent.name for path in (published or FOLDER).glob(f"*/*{_SUFFIX}")})


def versions(name: str, published: Path | None = None) -> list[Contract]:
    """Return every version of a contract, oldest first. What this installation published stands beside what ships."""
    shipped = FOLDER / f"{name}{_SUFFIX}"
    own = (published / name).glob(f"*{_SUFFIX}") if published is not None else ()
    found = {one.version: one for one in map(read, [*([shipped] if shipped.exists() else []), *own])}
    return sorted(found.values(), key=lambda one: version_number(one.version))


def version_number(text: str) -> tuple[int, int, int]:
    """Return the three parts of a version such as 1.2.0.

    Raises:
        BadContract: it has not three numbers.
    """
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise BadContract(f"{text!r} is no version of a contract; write three numbers, such as 1.2.0.")
    major, minor, patch = map(int, parts)
    return major, minor, patch


def load(name: str, published: Path | None = None) -> Contract:
    """Return the newest version of a published contract; `published` is the folder of a lake's own publications.

    Raises:
        UnknownContract: there is none of that name.
    """
    known = names(published)
    if name not in known:
        raise UnknownContract(
            f"没有名为“{name}”的数据合同；现有：{'、'.join(known)}。"
            f" There is no contract {name!r}; published: {', '.join(known)}."
        )
    return versions(name, published)[-1]


@cache
def read(path: Path) -> Contract:
    """Return the contract in a file.

    Raises:
        BadContract: it has a rule or a reference that the data zone does not know.
    """
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    (table,) = document["schema"]
    custom = _custom(document)
    return Contract(
        name=document["name"],
        version=document["version"],
        label_zh=table["businessName"],
        purpose=document["description"]["purpose"],
        table=table["physicalName"],
        fields=tuple(_field(entry) for entry in table["properties"]),
        rules=tuple(_rule(entry) for entry in table.get("quality", [])),
        unknown_words=tuple(custom.get("unknownWords", [""])),
        stray_characters=custom.get("strayCharacters", ""),
        path=path,
    )


def _field(entry: dict[str, Any]) -> Field:
    custom = _custom(entry)
    return Field(
        name=entry["name"],
        column=entry.get("physicalName", entry["name"]),
        logical_type=entry["logicalType"],
        physical_type=entry["physicalType"],
        label_zh=entry["businessName"],
        label_en=custom["labelEn"],
        aliases=tuple(custom.get("aliases", [])),
        is_required=bool(entry.get("required")),
        is_counted_for_completeness=bool(custom.get("isCountedForCompleteness", True)),
        cleaning=custom.get("cleaning"),
        default=custom.get("default"),
        level=entry.get("classification", ""),
        unit=custom.get("unit", ""),
        description=entry.get("description", ""),
        rules=tuple(_rule(rule) for rule in entry.get("quality", [])),
    )


def _rule(entry: dict[str, Any]) -> Rule:
    kind, arguments = _kind_and_arguments(entry)
    custom = _custom(entry)
    own = {_snake(key): text for key, text in custom.items()}
    return Rule(
        id=entry["id"],
        kind=kind,
        severity=entry.get("severity", "error"),
        arguments=arguments,
        wording={**wording()[kind], **own},
        columns=tuple(arguments.get("properties", ())),
    )


def _kind_and_arguments(entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    arguments = dict(entry.get("arguments", {}))
    metric = entry.get("metric")
    if metric == "nullValues":
        return "required", arguments
    if metric == "duplicateValues":
        return "unique", arguments
    if metric == "invalidValues" and "validValues" in arguments:
        return "one_of", {"choices": [str(value) for value in arguments["validValues"]]}
    if metric == "invalidValues" and "pattern" in arguments:
        return "pattern", arguments
    implementation = dict(entry.get("implementation", {}))
    check = implementation.pop("check", None)
    if check == "code_list":
        return "one_of", {"choices": code_list(implementation["list"])}
    if check in wording():
        return check, implementation
    raise BadContract(
        f"Rule {entry.get('id')!r} is of no kind that the data zone knows: {entry}. See wording.yaml."
    )


def code_list(name: str) -> list[str]:
    """Return the values of a list kept by the standards, by its name in a contract.

    Raises:
        BadContract: there is no such list.
    """
    if name == "divisions.provinces":
        return _province_names()
    raise BadContract(f"There is no code list {name!r}; known: divisions.provinces.")


def _province_names() -> list[str]:
    """Full and short names of the provinces, Hong Kong, Macao and Taiwan (GB/T 2260)."""
    names = [province.name for province in divisions.provinces()]
    return [form for name in names for form in (_PROVINCE_ENDING.sub("", name), name)]


@cache
def wording() -> dict[str, dict[str, str]]:
    """Return what a person reads, by kind of rule."""
    texts: dict[str, dict[str, str]] = yaml.safe_load((FOLDER / "wording.yaml").read_text(encoding="utf-8"))
    return texts


def bound(value: Any, today: date) -> Any:
    """Return a limit of a range, with the word 'today' made the day of the delivery."""
    return today if value == "today" else value


def _custom(entry: dict[str, Any]) -> dict[str, Any]:
    return {item["property"]: item["value"] for item in entry.get("customProperties", [])}


def _snake(word: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in word)


STRUCTURAL_RULES = {
    kind: Rule(id=rule_id, kind=kind, severity="error", arguments={}, wording=wording()[kind])
    for kind, rule_id in (
        ("columns", "C-001"),
        ("json", "C-002"),
        ("swallowed", "C-003"),
        ("repeated_keys", "C-004"),
    )
}
