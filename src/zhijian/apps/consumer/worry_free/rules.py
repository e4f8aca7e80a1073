"""Promises to consumers, and whether they are kept. Pure: takes checks and a day, gives a standing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from zhijian.standards import parameters
from zhijian.standards.calendar import add_months
from zhijian.standards.citation import rule

STANDING = parameters.load("consumer/commitment_standing")


@dataclass(frozen=True)
class Check:
    """One check: when, whether the promise was kept, partly kept or broken, and its putting right."""

    on: date
    outcome: str  # kept, partly, broken
    rectify_by: date | None = None
    rectified_on: date | None = None


@dataclass(frozen=True)
class Standing:
    """What follows from the checks: unchecked, honoured, rectifying, suspended or removed; with the counts."""

    code: str
    checks: int
    broken: int
    last_on: date | None


@rule(cites="《消费者权益保护法》第十六条")
def standing(checks: Iterable[Check], *, on: date) -> Standing:
    """Say how a promise stands on a day, from the checks of the months before.

    A promise is owed as it was made. Broken as often as the parameter says within its window, the unit is to be taken
    off the list; broken and not put right in time, it is suspended; broken or partly kept and the time still running,
    it is rectifying; checked and kept, honoured. Without any check nothing is said.

    ASSUMPTION: the window and the number are starting values of this project; a province sets its own.
    """
    values = STANDING.on(on)
    since = add_months(on, -values["window_months"])
    seen = sorted((one for one in checks if since < one.on <= on), key=lambda one: one.on)
    broken = [one for one in seen if one.outcome == "broken"]
    last_on = seen[-1].on if seen else None
    if len(broken) >= values["broken_to_remove"]:
        return Standing("removed", len(seen), len(broken), last_on)
    code = "honoured" if seen else "unchecked"
    open_ones = [
        one for one in seen if one.outcome != "kept" and not (one.rectified_on and one.rectified_on <= on)
    ]
    if open_ones:
        is_late = any(one.rectify_by is None or one.rectify_by < on for one in open_ones)
        code = "suspended" if is_late else "rectifying"
    return Standing(code, len(seen), len(broken), last_on)


@rule(cites="《广东省市场监管现代化“十四五”规划》第五章第二节")
def is_recognised(
    *, status: str, starts_on: date | None, ends_on: date | None, own_standing: str, on: date
) -> bool:
    """Say whether the recognition between Guangdong and Macao holds on a day.

    It needs a recognition in force, within its term, and a promise that is neither suspended nor to be taken off:
    one side does not recommend a shop of which the other knows that it broke its word.
    """
    if status != "recognised" or starts_on is None or ends_on is None:
        return False
    return starts_on <= on <= ends_on and own_standing not in ("suspended", "removed")


@rule(cites="《消费者权益保护法》第二十五条")
def return_days_are_enough(days: int, *, on: date) -> bool:
    """Say whether the days of a no-reason return are at least those that the law gives for distance sales.

    ASSUMPTION: a promise made in a shop is free; the register lists it only if it gives what online buyers have.
    """
    return bool(days >= STANDING.on(on)["least_return_days"])


@dataclass(frozen=True)
class Mutual:
    """A recognition between the two sides: when each side recognised, and when either ended it."""

    guangdong_on: date | None
    macao_on: date | None
    last_on: date | None = None  # of the term; empty: no end is agreed
    ended_on: date | None = None


@rule(cites="《广东省市场监管现代化“十四五”规划》第五章第二节")
def mutual_standing(mutual: Mutual, *, own_standing: str, on: date) -> str:
    """Say how a recognition between Guangdong and Macao stands: waiting, paused, over, ended or holds.

    It holds from the day on which the second side recognised, as long as neither ended it and its term runs. It pauses
    while the shop's own promise is suspended or to be taken off: one side does not recommend what the other knows broken.
    """
    if mutual.ended_on is not None and on >= mutual.ended_on:
        return "ended"
    if mutual.guangdong_on is None or mutual.macao_on is None:
        return "waiting"
    if on < max(mutual.guangdong_on, mutual.macao_on):
        return "waiting"
    if mutual.last_on is not None and on > mutual.last_on:
        return "over"
    return "paused" if own_standing in ("suspended", "removed") else "holds"
