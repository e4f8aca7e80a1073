"""What pages read of key files: those of an area, one firm's history from the facts, and sums for everybody."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet

from zhijian.apps.supervision.key_files.models import KeyFile
from zhijian.apps.supervision.key_files.rules import Known
from zhijian.engines.facts import kinds
from zhijian.engines.facts import queries as facts
from zhijian.engines.facts.publicity import is_removed
from zhijian.engines.registers.public_records import history_of
from zhijian.security.models import Officer
from zhijian.security.permissions import rows_in_area

HISTORY = (
    "inspection.result", "inspection.follow_up", "penalty.decided", "penalty.repaired", "abnormal_list.listed",
    "abnormal_list.removed", "serious_list.listed", "serious_list.removed", "commitment.checked", "commitment.withdrawn",
    "complaint.upheld", "key_file.changed",
)  # fmt: skip
LEAST_SHOWN = 3  # a sum of one or two firms would name them


def of_area(officer: Officer) -> QuerySet[KeyFile]:
    """Return the open files of the officer's area, those due for review first."""
    return KeyFile.objects.filter(rows_in_area(officer), left_on=None).order_by("review_on", "pk")


def codes_of(field: str, on: date) -> QuerySet[KeyFile, str]:
    """Return who has an open file of a field on a day."""
    standing = KeyFile.objects.filter(field=field, entered_on__lte=on).exclude(left_on__lte=on)
    return standing.values_list("uscc", flat=True)


def history(uscc: str, *, on: date) -> list[Any]:
    """Return what is on record of a firm, newest first, as it stands on a day."""
    return [one for one in history_of(uscc, on=on) if one.kind in HISTORY]


def known(uscc: str, *, on: date, delivered: Iterable[Any] = ()) -> list[Known]:
    """Return the facts that the rules read; of what was delivered, what the log never knew: what it withdrew is gone."""
    every = facts.known_of(uscc, on=on, delivered=delivered).everything
    return [
        Known(
            one.kind,
            one.occurred_on,
            str(one.payload.get("field") or one.payload.get("field_code") or ""),
            tuple(str(code) for code in one.payload.get("codes") or ()),
            not is_removed(one, every, on=on) and (one.kind != "serious_list.listed" or (one.public_until or on) >= on),
        )
        for one in every
    ]  # fmt: skip


def label(kind: str) -> tuple[str, str]:
    """Return the name of a kind of fact: (Chinese, English)."""
    found = kinds.get(kind)
    return found.label_zh, found.label_en


def sums() -> tuple[Counter[str], Counter[str]]:
    """Count the open files by field, and by city."""
    rows = KeyFile.objects.filter(left_on=None).values_list("field", "division_code")
    return Counter(field for field, _ in rows), Counter(f"{place[:4]}00" for _, place in rows)
