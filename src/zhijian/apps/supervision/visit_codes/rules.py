"""What a code of a visit proves, and how long: pure functions."""

from datetime import date
from enum import StrEnum

from zhijian.standards.citation import rule


class Standing(StrEnum):
    """What a right code says on a day."""

    VALID = "valid"  # these people may come in for this check
    OVER = "over"  # the check was carried out: whoever shows the code again comes for something else
    EXPIRED = "expired"  # the days of the check are past
    NOT_YET = "not_yet"  # the days of the check have not begun


class Shown(StrEnum):
    """Where the code was read that a business typed."""

    PHONE = "phone"  # on an inspector's phone, within the last minutes
    PAPER = "paper"  # on the notice: it proves the check, not who holds the paper


class Step(StrEnum):
    ARRIVED = "arrived"
    LEFT = "left"


@rule(cites="《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）")
def standing(*, first: date, last: date, is_recorded: bool, on: date) -> Standing:
    """Return what a code proves on a day: between the draw and the last day of the check, until its result is recorded."""
    if on < first:
        return Standing.NOT_YET
    if on > last:
        return Standing.EXPIRED
    return Standing.OVER if is_recorded else Standing.VALID


@rule(cites="《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）")
def is_fresh(shown: int, now: int) -> bool:
    """Say whether a code of one window of time still proves who shows it in another: of now, or of one before or after.

    One before, for the time that typing takes; one after, for a phone whose clock is fast.
    """
    return abs(shown - now) <= 1
