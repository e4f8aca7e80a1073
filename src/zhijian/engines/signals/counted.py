"""What the judges of signals need of a case, and where systems say how theirs are read.

Systems do not import each other: one that receives cases registers a reader here, one that analyses asks here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

COMPLAINT, REPORT = "complaint", "report"


@dataclass(frozen=True)
class Counted:
    """One complaint or report without a person's name. `person` is a mark that only tells the same from another."""

    kind: str
    number: str
    received_on: date
    division_code: str
    firm: str  # the code, or the name where no code is known
    firm_name: str
    product: str
    topic: str  # of the taxonomy, or empty
    person: str = ""
    platform: str = ""
    path: str = ""  # of the case's page
    due_on: date | None = None  # to accept, or to verify
    answered_on: date | None = None  # accepted or refused; filed or not
    ending: str = ""  # agreed, terminated, withdrawn, refused, filed, not_filed
    amount_yuan: Decimal = Decimal(0)  # that the consumer got back
    mediation_due_on: date | None = None  # to end mediation, once accepted; testing not counted
    mediation_ended_on: date | None = None  # agreed or terminated
    is_beside: bool = False  # a report beside a complaint that is counted already
    is_synthetic: bool = False

    @property
    def is_open(self) -> bool:
        return not self.ending


Reader = Callable[[date, date], Iterable[Counted]]
_readers: dict[str, Reader] = {}


def register(name: str, reader: Reader) -> None:
    """Say how the cases of a system are read: a function of the first and the last day of receipt."""
    _readers[name] = reader


def cases(first: date, last: date, *, with_beside: bool = False) -> list[Counted]:
    """Return the cases of every system that were received from `first` to `last`, by day and number.

    One envelope is one event: its report beside a complaint is left out unless asked for, as statistics of reports do.
    """
    every = (case for name in sorted(_readers) for case in _readers[name](first, last))
    found = [case for case in every if with_beside or not case.is_beside]
    return sorted(found, key=lambda case: (case.received_on, case.number))
