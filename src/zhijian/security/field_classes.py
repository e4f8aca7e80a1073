"""What each field of the database holds of persons: one table, from which what may be shown, written or logged follows.

A field that is not in the table is refused by a test, so that a new one is thought about once, where it is made.
"""

import csv
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("field_classes.csv")


class FieldClass(StrEnum):
    """What a field holds, and so what becomes of it where nobody gave a purpose."""

    NONE = "none"
    FREE_TEXT = "free_text"  # somebody's own words: numbers, addresses and labelled names in them are covered
    OFFICER = "officer"  # an officer in function
    FIRM_PERSON = "firm_person"  # who acts for a firm, or its contact
    NAME = "name"  # of a private person, open only behind a right to personal data
    CONTACT = "contact"  # where a private person is reached, as long as a message waits
    MASKED = "masked"  # covered once, when it was taken in
    SEALED = "sealed"  # read under a key, by a service that records the look
    MARK = "mark"  # a keyed mark that only finds equals
    CREDENTIAL = "credential"  # a hash that opens something


NEVER_SHOWN = frozenset({FieldClass.SEALED, FieldClass.MARK, FieldClass.CREDENTIAL})
"""What no page, interface, file or log writes out in any case."""
OF_A_PERSON = NEVER_SHOWN | {FieldClass.FIRM_PERSON, FieldClass.NAME, FieldClass.CONTACT}
"""What a register shows on no public page, interface or file, and to officers with the right to personal data alone."""


@cache
def classes() -> Mapping[tuple[str, str], FieldClass]:
    """Return the class of each field, by model ('app.Model') and name.

    Raises:
        ValueError: a field stands twice, or a word is no class.
    """
    found: dict[tuple[str, str], FieldClass] = {}
    with _TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = row["model"], row["field"]
            if key in found:
                raise ValueError(f"{_TABLE.name}: {key[0]}.{key[1]} stands twice. Keep one line.")
            found[key] = FieldClass(row["class"])
    return found
