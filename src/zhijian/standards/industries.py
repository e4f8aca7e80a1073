"""National economic industries, GB/T 4754-2017: section (letter), division, group and class (2, 3, 4 digits).

Digits do not carry the section's letter: it follows from the division. A group without classes has one class,
its own code and a 0. Amendment No. 1 of 2019 is an overlay with its day (`data/industries_amendment_2019.csv`).
"""

import csv
import gzip
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
SECTION, DIVISION, GROUP, CLASS = 1, 2, 3, 4
AMENDED_ON = date(2019, 3, 29)  # SOURCE: 国统字〔2019〕66号: approved 2019-03-25, in force 2019-03-29


@dataclass(frozen=True)
class Industry:
    """An entry of the classification."""

    code: str
    level: int  # 1 section, 2 division, 3 group, 4 class
    name: str
    parent_code: str | None
    section: str  # A to T
    note: str  # what the standard says belongs here; may be empty

    @property
    def parent(self) -> "Industry | None":
        return find(self.parent_code) if self.parent_code else None


@dataclass(frozen=True)
class Amendment:
    """A change that Amendment No. 1 of 2019 made to one entry."""

    code: str
    # 'name', 'note', 'added' (a class of that name), 'moved' (here stands what `text` coded before)
    field: str
    text: str
    # two independent copies agree and one names the amendment; False: read in one copy only
    is_verified: bool


def find(code: str, *, on: date | None = None) -> Industry | None:
    """Return the entry with this code, as in force on day `on` (default: with all amendments)."""
    return _in_force(on).get(code)


def children(code: str) -> tuple[Industry, ...]:
    """Return the entries directly under `code`, by code."""
    return _children().get(code, ())


def classes(*, on: date | None = None) -> tuple[Industry, ...]:
    """Return all four-digit classes, by code, as in force on day `on` (default: with all amendments)."""
    return tuple(entry for entry in _in_force(on).values() if entry.level == CLASS)


def sections() -> tuple[Industry, ...]:
    """Return the sections A to T."""
    return tuple(entry for entry in _amended().values() if entry.level == SECTION)


def section_of(code: str) -> str | None:
    """Return the letter of the section that a code of 2 to 4 digits belongs to; None if there is no such code."""
    found = find(code)
    return found.section if found else None


def path(code: str) -> tuple[Industry, ...]:
    """Return the entries from the section down to `code`; empty if there is no such code."""
    found, entries = find(code), []
    while found is not None:
        entries.append(found)
        found = found.parent
    return tuple(reversed(entries))


def sole_class(group_code: str) -> Industry | None:
    """Return the class that stands for a group without classes: its code and a 0."""
    return find(group_code + "0") if len(group_code) == 3 else None


@lru_cache(maxsize=1)
def amendments() -> tuple[Amendment, ...]:
    """Return the changes of Amendment No. 1 that are entered, each marked if two copies agree on it."""
    with (DATA / "industries_amendment_2019.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Amendment(row["code"], row["field"], row["text"], row["verified"] == "true")
            for row in csv.DictReader(file)
        )


@lru_cache(maxsize=1)
def _original() -> dict[str, Industry]:
    with gzip.open(DATA / "industries_2017.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return {row["code"]: _entry(row) for row in csv.DictReader(file)}


def _entry(row: dict[str, str]) -> Industry:
    return Industry(
        row["code"], int(row["level"]), row["name"], row["parent"] or None, row["section"], row["note"]
    )


@lru_cache(maxsize=1)
def _amended() -> dict[str, Industry]:
    before, table = _original(), dict(_original())
    for change in amendments():
        table[change.code] = _changed(change, before, table)
    return dict(sorted(table.items(), key=lambda item: (item[1].section, item[0])))


def _changed(change: Amendment, before: dict[str, Industry], table: dict[str, Industry]) -> Industry:
    if change.field == "name":
        return replace(table[change.code], name=change.text)
    if change.field == "note":
        return replace(table[change.code], note=change.text)
    if change.field == "moved":
        return replace(before[change.text], code=change.code)
    if change.field == "added":
        group = before[change.code[:3]]
        return Industry(change.code, CLASS, change.text, group.code, group.section, "")
    raise ValueError(f"Amendment of {change.code}: no change is called {change.field!r}.")


def _in_force(on: date | None) -> dict[str, Industry]:
    return _original() if on is not None and on < AMENDED_ON else _amended()


@lru_cache(maxsize=1)
def _children() -> dict[str, tuple[Industry, ...]]:
    inside: dict[str, list[Industry]] = defaultdict(list)
    for entry in _amended().values():
        if entry.parent_code:
            inside[entry.parent_code].append(entry)
    return {code: tuple(sorted(found, key=lambda e: e.code)) for code, found in inside.items()}
