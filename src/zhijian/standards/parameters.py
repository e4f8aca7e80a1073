"""Numbers that the law may change: each value with the day from which it is in force and its source.

A parameter is a YAML file under ``parameters/``; its name is its path without the ending::

    label: 抽查检查结果公示期限
    unit: working_day
    values:                      # an amendment adds an entry; nothing is overwritten
      - from: 2018-12-05
        value: 20
        source: 国办发〔2018〕118号（六）
    review: {drafted_by: …, checked_by: …, on: 2026-11-24, again_by: 2027-11-24}

An office that needs a value of its own (a local standard, an amendment not shipped yet) puts a file with
the same path in the folder that the environment variable ZHIJIAN_PARAMETERS names. Its entries are laid
over ours: a new ``from`` adds a value, the same ``from`` replaces ours on this installation and is marked
``is_local``.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_suffix("")
ENVIRONMENT_VARIABLE = "ZHIJIAN_PARAMETERS"


class PlainLoader(yaml.SafeLoader):
    """YAML in which only true and false are booleans, so that the key ``on`` stays a word."""


PlainLoader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


class NoValueInForce(LookupError):
    """No value of a parameter was in force on the day asked for."""


class ParameterProblem(ValueError):
    """A parameter's file is missing or cannot be read as one; the message names the file and the remedy."""


@dataclass(frozen=True)
class DatedValue:
    """A value, the first day on which it was in force, and the text it comes from."""

    starts_on: date
    value: Any
    source: str
    is_verified: bool = True  # False: entered from memory, nobody has held it against the text yet
    is_local: bool = False  # True: from this installation's own folder
    note: str = ""  # for who maintains the value; no page shows it as law


@dataclass(frozen=True)
class Review:
    """Who wrote the values down, who held them against the text, and until when that is good."""

    drafted_by: str
    checked_by: str | None
    reviewed_on: date
    again_by: date

    @property
    def is_checked_by_two(self) -> bool:
        return bool(self.checked_by) and self.checked_by != self.drafted_by


@dataclass(frozen=True)
class Parameter:
    """A number, or a small table of numbers, of the law, in one unit."""

    name: str
    label: str
    unit: str
    values: tuple[DatedValue, ...]
    review: Review
    label_en: str = ""
    counts: str = ""  # from which day, and how, where the number is a period

    def on(self, day: date) -> Any:
        """Return the value in force on `day`.

        Raises:
            NoValueInForce: `day` is earlier than the first value.
        """
        return self.entry_on(day).value

    def entry_on(self, day: date) -> DatedValue:
        """Return the value in force on `day` with its source; raises as `on` does."""
        in_force = [entry for entry in self.values if entry.starts_on <= day]
        if not in_force:
            raise NoValueInForce(
                f"'{self.name}' has no value on {day}; the earliest is {self.values[0].starts_on}. "
                "Add the text in force on that day."
            )
        return in_force[-1]


def load(name: str, overlay: Path | None = None) -> Parameter:
    """Return the parameter `name`, such as ``supervision/publication_working_days``.

    `overlay` is an office's own folder; when it is not given, the one in ZHIJIAN_PARAMETERS, if any.

    Raises:
        ParameterProblem: there is no such parameter, or a file of it is wrong.
    """
    shipped, local = FOLDER / f"{name}.yaml", _local_file(name, overlay)
    if not shipped.exists() and local is None:
        raise ParameterProblem(f"no parameter '{name}': there is no {shipped}. Known: {', '.join(names())}.")
    if not shipped.exists():
        assert local is not None
        return _parameter(name, _read(local), _values(local, is_local=True), local)
    entries = {entry.starts_on: entry for entry in _values(shipped)}
    if local is not None:
        _check_unit(_read(shipped), _read(local), local)
        entries |= {entry.starts_on: entry for entry in _values(local, is_local=True)}
    return _parameter(name, _read(shipped), tuple(entries.values()), shipped)


def names() -> list[str]:
    """Return the names of all parameters that ship with the product, sorted."""
    return sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.yaml"))


def overlay_folder(overlay: Path | None = None) -> Path | None:
    """Return the office's own folder: `overlay`, or the one in ZHIJIAN_PARAMETERS, or None."""
    named = os.environ.get(ENVIRONMENT_VARIABLE, "")
    return overlay or (Path(named) if named else None)


def _local_file(name: str, overlay: Path | None) -> Path | None:
    folder = overlay_folder(overlay)
    if folder is None:
        return None
    if not folder.is_dir():
        raise ParameterProblem(
            f"{ENVIRONMENT_VARIABLE} names {folder}, which is not a folder. Create or unset."
        )
    path = folder / f"{name}.yaml"
    return path if path.exists() else None


def _parameter(name: str, content: dict[str, Any], values: tuple[DatedValue, ...], path: Path) -> Parameter:
    for key in ("label", "unit", "review"):
        if not content.get(key):
            raise ParameterProblem(f"{path} has no '{key}'. Add it.")
    ordered = tuple(sorted(values, key=lambda entry: entry.starts_on))
    english, counts = str(content.get("label_en", "")), str(content.get("counts", ""))
    review = _review(content, path)
    return Parameter(name, str(content["label"]), str(content["unit"]), ordered, review, english, counts)


def _review(content: dict[str, Any], path: Path) -> Review:
    review = content["review"]
    try:
        return Review(review["drafted_by"], review.get("checked_by"), review["on"], review["again_by"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ParameterProblem(f"{path}: 'review' needs drafted_by, checked_by, on and again_by.") from error


def _values(path: Path, *, is_local: bool = False) -> tuple[DatedValue, ...]:
    entries = _read(path).get("values")
    if not isinstance(entries, list) or not entries:
        raise ParameterProblem(f"{path} has no 'values'. Give at least one with from, value and source.")
    found = tuple(_dated_values(entries, path, is_local))
    if len({entry.starts_on for entry in found}) != len(found):
        raise ParameterProblem(f"{path}: two values start on the same day. Keep one of them.")
    return found


def _dated_values(entries: list[Any], path: Path, is_local: bool) -> Iterator[DatedValue]:
    for number, entry in enumerate(entries, start=1):
        missing = [
            key for key in ("from", "value", "source") if not isinstance(entry, dict) or key not in entry
        ]
        if missing:
            raise ParameterProblem(f"{path}: value {number} has no {', '.join(missing)}. Add it.")
        if not isinstance(entry["from"], date):
            raise ParameterProblem(f"{path}: 'from' of value {number} is no date. Write it as 2021-07-15.")
        if not str(entry["source"]).strip():
            raise ParameterProblem(f"{path}: value {number} has an empty source. Name the text and article.")
        verified = bool(entry.get("verified", True))
        note = str(entry.get("note") or "")
        yield DatedValue(entry["from"], entry["value"], str(entry["source"]), verified, is_local, note)


def _check_unit(shipped: dict[str, Any], local: dict[str, Any], path: Path) -> None:
    if local.get("unit", shipped.get("unit")) != shipped.get("unit"):
        raise ParameterProblem(
            f"{path} counts in '{local['unit']}', but the parameter in '{shipped['unit']}'. Use the latter."
        )


def _read(path: Path) -> dict[str, Any]:
    """The file's content; read once for as long as it stays as it is. Nobody may change what comes back."""
    if not path.is_file():
        return _read_state(path, 0, 0)
    state = path.stat()
    return _read_state(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=512)
def _read_state(path: Path, modified_ns: int, size: int) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=PlainLoader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParameterProblem(f"{path} cannot be read as YAML in UTF-8: {error}") from error
    if not isinstance(content, dict):
        raise ParameterProblem(f"{path} is no table of keys. Begin with 'label:'.")
    return content
