"""Numbers of cases: a prefix and a serial that only goes up, never given twice, however many ask at one moment.

The serial is taken in the transaction that opens the case, under a lock on the row of its prefix: two at once wait for
each other, and a case that fails gives its serial back. Counting the rows there are would give both the same number.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from zhijian.engines.procedures.models import Case, NumberSeries


def take(prefix: str, *, width: int = 5, taken: "QuerySet[Any] | None" = None) -> str:
    """Return the next number under a prefix; only inside a transaction, which keeps it or gives it back.

    `taken` are the rows with the numbers that were given before the prefix had a series: all cases unless told otherwise.
    The first number of a series lies above the highest of them.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a case number is taken in the transaction that opens the case")
    if not NumberSeries.objects.filter(prefix=prefix).exists():
        NumberSeries.objects.get_or_create(prefix=prefix, defaults={"last": _highest(prefix, taken)})
    row = NumberSeries.objects.select_for_update().get(prefix=prefix)
    row.last += 1
    row.save(update_fields=["last"])
    return f"{prefix}{row.last:0{width}d}"


def take_of_day(mark: str, day: date) -> str:
    """Return the next number of a kind of case on a day: mark, day, serial; LR20260923-00001."""
    return take(f"{mark}{day:%Y%m%d}-")


def _highest(prefix: str, taken: "QuerySet[Any] | None") -> int:
    rows = Case.objects.all() if taken is None else taken
    numbers = rows.filter(number__startswith=prefix).values_list("number", flat=True)
    ends = (one.removeprefix(prefix) for one in numbers)
    return max((int(end) for end in ends if end.isdecimal()), default=0)
