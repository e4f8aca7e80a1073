"""Who registers: the department and class in the first two characters of a credit code, the place in 3 to 8."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from zhijian.standards import divisions
from zhijian.standards.uscc import UnifiedSocialCreditCode

_FILE = Path(__file__).parent / "data" / "registration_authorities.csv"
_KINDS = {"91": "enterprise", "92": "individual_business", "93": "cooperative"}


@dataclass(frozen=True)
class RegistrationAuthority:
    """A department and a class of institution. SOURCE: GB 32100-2015 with its 2016 amendment."""

    department_code: str
    department: str  # as the standard says; 工商 is today's market supervision
    class_code: str
    class_name: str


def find(first2: str) -> RegistrationAuthority | None:
    """Return department and class of the first two characters of a credit code; None if not in the standard."""
    return _table().get(first2)


def all_authorities() -> tuple[RegistrationAuthority, ...]:
    """Return every pair of department and class."""
    return tuple(_table().values())


def entity_kind(code: UnifiedSocialCreditCode | str) -> str:
    """Return 'enterprise', 'individual_business', 'cooperative' or 'other' from a credit code."""
    return _KINDS.get(str(code)[:2], "other")


def registrar_division(code: UnifiedSocialCreditCode | str) -> divisions.Resolution | None:
    """Return where a code was issued, in divisions of today; it says nothing about where the entity is now."""
    return divisions.resolve(str(code)[2:8])


@lru_cache(maxsize=1)
def _table() -> dict[str, RegistrationAuthority]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {
            row["department_code"] + row["class_code"]: RegistrationAuthority(
                row["department_code"], row["department"], row["class_code"], row["class"]
            )
            for row in csv.DictReader(file)
        }
