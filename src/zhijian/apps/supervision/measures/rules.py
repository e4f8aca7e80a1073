"""What may be done to a listed firm and its head, what is given to a firm with a clean record. Pure: days and words in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from zhijian.standards import parameters
from zhijian.standards.calendar import add_months, add_working_days, add_years
from zhijian.standards.citation import rule

BASES = parameters.load("credit/measure_bases")
RESPONSE_DAYS = parameters.load("credit/measure_response_working_days")
BAR_YEARS = parameters.load("credit/position_bar_years")
RECOGNITION = parameters.load("credit/incentive_recognition")
SUPPLY_DAYS = parameters.load("credit/tolerance_supply_working_days")

_OPINION = "国办发〔2020〕49号"
_SERIOUS = "《市场监督管理严重违法失信名单管理办法》"
_PLAN = "《广东省市场监管现代化“十四五”规划》第九章第一节"
ANY_MATTER = "any"
FALSE_PUBLICITY = "publicity"
"""The ground of a serious listing for concealing the truth or falsifying what was published."""


@dataclass(frozen=True)
class Measure:
    """One line of the catalogue: who does what, to whom, at which matter, on what basis, in force from and to."""

    key: str
    version: int
    list_kind: str  # the kind of fact that triggers it
    matter: str
    subject: str  # firm, person
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Listing:
    """A public listing of a firm that stands on the day asked: removed and expired ones never come here."""

    kind: str
    reference: str
    listed_on: date
    until: date | None  # the last day by its term; None: until it is removed
    ground: str = ""  # the code of its ground, where it was told


@dataclass(frozen=True)
class Match:
    """A measure that applies, and the listing for which it does."""

    measure: Measure
    listing: Listing


@rule(cites=_OPINION)
def basis_suffices(level: str, *, on: date) -> bool:
    """Say whether a measure that takes a right or adds a duty may rest on a text of this level.

    A law, an administrative or local regulation, or a document of the Central Committee or the State Council; never a
    rule of a department or another normative document alone.
    """
    return level in BASES.on(on)


@rule(cites=(f"{_SERIOUS}第十五条", _OPINION))
def matches(
    measures: Iterable[Measure], listings: Iterable[Listing], *, matter: str, subject: str, on: date
) -> tuple[Match, ...]:
    """Return which measures apply at a matter on a day, each with the listing for which it does.

    Only what the catalogue names for this list and this matter, and only while the listing stands.
    """
    standing = [one for one in listings if one.listed_on <= on and (one.until is None or on <= one.until)]
    return tuple(
        Match(measure, listing)
        for measure in measures
        for listing in standing
        if measure.list_kind == listing.kind
        and measure.subject == subject
        and measure.matter in (matter, ANY_MATTER)
        and measure.valid_from <= on
        and (measure.valid_to is None or on <= measure.valid_to)
    )


@rule(cites=_PLAN)
def response_due_on(told_on: date) -> date:
    """Return the last day to say what was done about a measure that was told."""
    return add_working_days(told_on, RESPONSE_DAYS.on(told_on), provisional=True)


@rule(cites="《企业信息公示暂行条例》（2024年修订）第十八条")
def barred_until(listed_on: date) -> date:
    """Return the last day on which the head of a listed firm may not hold the same post in another firm: three years."""
    return add_years(listed_on, BAR_YEARS.on(listed_on))


@rule(cites="《企业信息公示暂行条例》（2024年修订）第十八条")
def bars_head(listing: Listing) -> bool:
    """Say whether a listing bars the head of the firm from the same post elsewhere: only one for falsified publicity.

    The Regulation bars the head of a firm that was listed for concealing the truth or falsifying what it published; a
    listing for food, drugs, quality or anything else bars nobody. A listing that does not tell its ground bars nobody.
    """
    return listing.kind == "serious_list.listed" and listing.ground == FALSE_PUBLICITY


@rule(cites=("《企业信息公示暂行条例》（2024年修订）第十八条", f"{_SERIOUS}第十八条"))
def is_barred(*, listed_on: date, is_listing_standing: bool, on: date) -> bool:
    """Say whether the head of a firm is barred on a day: within the three years, and while the firm stands on the list.

    ASSUMPTION: an early removal lifts this measure with the others of the list.
    """
    return is_listing_standing and listed_on <= on <= barred_until(listed_on)


# -------------------------------------------------------------------------------------------------- incentives


@rule(cites=_PLAN)
def clean_months(*, on: date) -> int:
    """Return for how many months before its recognition a firm has no penalty. Its internal class is never asked."""
    return int(RECOGNITION.on(on)["clean_months"])


@rule(cites=_PLAN)
def recognised_until_at_most(recognised_on: date) -> date:
    """Return the last day that a recognition may name; after it the firm is looked at anew."""
    return add_months(recognised_on, RECOGNITION.on(recognised_on)["most_months"])


@rule(cites=_PLAN)
def supply_days_problem(days: int | None, *, is_main: bool, on: date) -> str:
    """Return why a paper may not be missing at acceptance, as a code: main, no_days, too_long; empty where it may.

    A paper on which the approval itself rests (a main one) is never dispensed with.
    """
    if is_main:
        return "main"
    if not days:
        return "no_days"
    return "too_long" if days > SUPPLY_DAYS.on(on) else ""


@rule(cites=_PLAN)
def supply_due_on(promised_on: date, days: int) -> date:
    """Return the last day to supply a paper that was missing: the working days of its matter after the promise."""
    return add_working_days(promised_on, days, provisional=True)


@rule(cites=_PLAN)
def tolerance_standing(*, due_on: date, supplied_on: date | None, on: date) -> str:
    """Say how a promised paper stands: waiting, supplied, late (supplied after its day) or broken."""
    if supplied_on is not None and supplied_on <= on:
        return "supplied" if supplied_on <= due_on else "late"
    return "waiting" if on <= due_on else "broken"
