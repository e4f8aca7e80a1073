"""Enterprise types (企业类型代码) of the registration authority: four digits, in a tree."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "enterprise_types.csv"


@dataclass(frozen=True)
class EnterpriseType:
    """A type such as 1130 有限责任公司(自然人投资或控股)."""

    code: str
    name: str
    parent_code: str | None

    @property
    def parent(self) -> "EnterpriseType | None":
        return find(self.parent_code) if self.parent_code else None


def find(code: str) -> EnterpriseType | None:
    """Return the type with this code, or None."""
    return _table().get(code)


def all_types() -> tuple[EnterpriseType, ...]:
    """Return every type, in the list's order."""
    return tuple(_table().values())


def children(code: str) -> tuple[EnterpriseType, ...]:
    """Return the types directly under `code`."""
    return tuple(entry for entry in all_types() if entry.parent_code == code)


def is_within(code: str, ancestor: str) -> bool:
    """Say whether the type `code` is `ancestor` or lies below it (1130 lies within 1000)."""
    found = find(code)
    while found is not None and found.code != ancestor:
        found = found.parent
    return found is not None


@lru_cache(maxsize=1)
def _table() -> dict[str, EnterpriseType]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: EnterpriseType(row["code"], row["name"], row["parent"] or None)
            for row in csv.DictReader(file)
        }
