"""What complaints are about: a published taxonomy of two levels, in both languages, with the words that point to each.

The taxonomy is ours. The national 12315 platform has lists of its own; no text of them that could be read allows them
to be copied, so a unit may map our codes to theirs, and our codes never change their meaning: a matter that is no longer
used is kept, and a new one gets a new code.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "consumer_matters.csv"
VERSION = "2026-11"
OTHER = "M9901"
FIELD_DIGITS = 3  # the code of a field: M01; of a matter: M0101


@dataclass(frozen=True)
class Matter:
    """A field of consumption (level 1) or a matter in it (level 2)."""

    code: str
    parent_code: str | None
    name_zh: str
    name_en: str
    words: tuple[str, ...]  # each points to this entry where it stands in a text

    @property
    def level(self) -> int:
        return 2 if self.parent_code else 1


@cache
def all_entries() -> dict[str, Matter]:
    """Return every entry by code, fields and matters, in the order of the list."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Matter(
                row["code"],
                row["parent"] or None,
                row["name_zh"],
                row["name_en"],
                tuple(row["words"].split()),
            )
            for row in csv.DictReader(file)
        }


def find(code: str) -> Matter | None:
    """Return the entry with this code, or None."""
    return all_entries().get(code)


def fields() -> tuple[Matter, ...]:
    """Return the fields of consumption."""
    return tuple(entry for entry in all_entries().values() if entry.level == 1)


def matters(field: str | None = None) -> tuple[Matter, ...]:
    """Return the matters of a field, or all."""
    return tuple(
        entry for entry in all_entries().values() if entry.level == 2 and field in (None, entry.parent_code)
    )


def full_name(code: str, *, english: bool = False) -> str:
    """Return 'field: matter' in words; the code itself where it is unknown."""
    entry = find(code)
    if entry is None:
        return code
    parent = find(entry.parent_code) if entry.parent_code else None
    names = [e.name_en if english else e.name_zh for e in (parent, entry) if e]
    return (": " if english else "：").join(names)
