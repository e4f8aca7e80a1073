"""What the law says about a promise made at approval. Pure: takes days and words, gives a finding."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhijian.standards import parameters
from zhijian.standards.calendar import Counting, add_months, deadline
from zhijian.standards.citation import rule

CHECK_MONTHS = parameters.load("supervision/commitment_check_months")
EXCLUSION_MONTHS = parameters.load("supervision/commitment_exclusion_months")


class Breach(StrEnum):
    """How a promise was not kept."""

    BROKEN = "broken"  # the conditions were not met
    FALSE = "false"  # what was said was not true when it was said


class Bar(StrEnum):
    """Why somebody may not be approved on a promise."""

    SERIOUS_LIST = "serious_list"
    EXCLUDED = "excluded"


@dataclass(frozen=True)
class Withdrawal:
    """An approval that was withdrawn for a broken promise: when, and until when no other promise is accepted."""

    on: date
    excluded_until: date


@rule(cites="《广东省市场监管条例》第四十六条")
def check_due_on(promised_on: date) -> date:
    """Return the last day of the check that follows a promise.

    ASSUMPTION: the months are a starting value of this project; a text on a special matter may set its own.
    """
    months = int(CHECK_MONTHS.on(promised_on))
    return deadline(promised_on, months, Counting.MONTHS_ROLLING, provisional=True)


@rule(cites="国办发〔2020〕42号")
def excluded_until(withdrawn_on: date, breach: str) -> date:
    """Return the last day on which no promise of the firm is accepted, after an approval was withdrawn.

    ASSUMPTION: the text says "until the credit is repaired"; the months are a starting value of this project.
    """
    return add_months(withdrawn_on, EXCLUSION_MONTHS.on(withdrawn_on)[str(breach)])


@rule(cites="《市场监督管理严重违法失信名单管理办法》第十五条")
def bar(*, is_on_serious_list: bool, withdrawals: Iterable[Withdrawal], on: date) -> Bar | None:
    """Say why a firm may not be approved on a promise on a day; None where it may."""
    if is_on_serious_list:
        return Bar.SERIOUS_LIST
    if any(one.on <= on <= one.excluded_until for one in withdrawals):
        return Bar.EXCLUDED
    return None


@rule(cites="国办发〔2020〕42号")
def after_check(outcome: str, *, may_be_cured: bool) -> str:
    """Say what follows a check: done, order or hear.

    A false word is not cured by making it true afterwards; what was not met is first ordered to be met, where the text allows.
    """
    if outcome == "kept":
        return "done"
    return "order" if outcome == Breach.BROKEN and may_be_cured else "hear"
