"""May a fact be shown to everybody on a day? By its kind, its content, its term and what ended it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from zhijian.engines.facts.kinds import Kind, find
from zhijian.standards import parameters
from zhijian.standards.calendar import add_months
from zhijian.standards.citation import rule
from zhijian.standards.parameters import NoValueInForce

PENALTY_MONTHS = parameters.load("supervision/penalty_publicity_months")
SERIOUS_MONTHS = parameters.load("supervision/serious_list_months")


class FactLike(Protocol):
    """A fact, from our own records or delivered by another system."""

    @property
    def kind(self) -> str: ...
    @property
    def occurred_on(self) -> date: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...
    @property
    def public_until(self) -> date | None: ...


@dataclass(frozen=True)
class Publicity:
    """Whether a fact is public on a day, why, and by which article."""

    is_public: bool
    reason_zh: str
    reason_en: str
    article: str


@rule(cites="《市场监督管理行政处罚信息公示规定》第二条")
def is_published_penalty(payload: Mapping[str, Any]) -> bool:
    """Say whether a penalty is published at all: not a warning alone, not one decided on the spot.

    ASSUMPTION: a delivered penalty that names no procedure or no types is not published, for nobody can say it may be.
    """
    types = set(payload.get("types") or ())
    return payload.get("procedure") == "ordinary" and bool(types - {"warning"})


@rule(cites="《市场监督管理行政处罚信息公示规定》第十三条")
def penalty_public_until(payload: Mapping[str, Any], *, published_on: date) -> date:
    """Return the last day on which a penalty is shown: 3 months or 3 years from publication.

    Three months where it is criticism alone or a low fine alone (a warning beside it changes nothing), otherwise
    three years; as long as a restriction of business or profession where that lasts longer.

    ASSUMPTION: the day of publication is not counted (《民法典》第二百零一条), the last day is still shown.
    ASSUMPTION: which fine is low is said by the authority that decided (`is_low_fine`); without its word it is not.

    Raises:
        NoValueInForce: published before 2021-09-01.
    """
    months = PENALTY_MONTHS.on(published_on)
    ends_on = add_months(published_on, months["short" if has_short_term(payload) else "general"])
    return max(ends_on, _restricted_until(payload) or ends_on)


@rule(cites="《市场监督管理行政处罚信息公示规定》第十三条")
def has_short_term(payload: Mapping[str, Any]) -> bool:
    """Say whether a penalty is criticism alone or a low fine alone, shown for the short term; it needs no repair."""
    return _is_criticism_alone(payload) or _is_low_fine_alone(payload)


@rule(cites="《市场监督管理严重违法失信名单管理办法》第二十一条")
def serious_list_public_until(payload: Mapping[str, Any], *, listed_on: date) -> date:
    """Return the last day of a serious-violation listing: 3 years, or as long as a restriction lasts.

    Raises:
        NoValueInForce: listed before 2021-09-01.
    """
    ends_on = add_months(listed_on, SERIOUS_MONTHS.on(listed_on))
    return max(ends_on, _restricted_until(payload) or ends_on)


def published_on(payload: Mapping[str, Any], recorded_on: date) -> date:
    """Return the day on which a fact was published.

    ASSUMPTION: it is published on the day that its payload names, otherwise on the day it was recorded here.
    """
    return _day(payload, "published_on") or recorded_on


def public_until(
    kind: Kind, payload: Mapping[str, Any], *, occurred_on: date, recorded_on: date
) -> date | None:
    """Return the last public day that the kind's term gives, or None where no day can be named."""
    if kind.term == "penalty" and is_published_penalty(payload):
        return penalty_public_until(payload, published_on=published_on(payload, recorded_on))
    if kind.term == "serious_list":
        return serious_list_public_until(payload, listed_on=occurred_on)
    return _day(payload, "shown_until")


def delivered_until(
    name: str, payload: Mapping[str, Any], *, occurred_on: date, recorded_on: date
) -> date | None:
    """Return the last public day of a delivered fact of the kind `name` that names none: by the dated rule of our own.

    ASSUMPTION: what is older than the first text with a term has the term that a fact of that text's first day has, so
    that nothing stays public without an end.
    """
    kind = find(name)
    if kind is None or not kind.is_public:
        return None
    try:
        return public_until(kind, payload, occurred_on=occurred_on, recorded_on=recorded_on)
    except NoValueInForce:
        months = SERIOUS_MONTHS if kind.term == "serious_list" else PENALTY_MONTHS
        first = min(one.starts_on for one in months.values)
        undated = {**payload, "published_on": None}
        return public_until(kind, undated, occurred_on=first, recorded_on=first)


@rule(cites="《企业经营异常名录管理办法》（2025年修订）第十条")
def is_removed(fact: FactLike, others: Iterable[FactLike], *, on: date) -> bool:
    """Say whether another fact ended a listing by `on`: publicity stops with the removal, ground by ground."""
    kind = find(fact.kind)
    if kind is None or kind.removal_matches is None:
        return False
    matched = fact.payload.get(kind.removal_matches)
    if matched is None and kind.term == "penalty":
        return False  # a repair ends the decision that it names, never one without a number
    return any(
        other.kind == kind.removed_by
        and other.payload.get(kind.removal_matches) == matched
        and fact.occurred_on <= other.occurred_on <= on
        for other in others
    )


def decide(fact: FactLike, *, on: date, others: Iterable[FactLike] = ()) -> Publicity:
    """Say whether `fact` is public on the day `on`; `others` are the facts about the same subject.

    A kind that is not declared is never public.
    """
    kind = find(fact.kind)
    article = kind.article if kind else ""
    if kind is None or not kind.is_public:
        return Publicity(False, "仅供内部使用", "internal", article)
    if kind.term == "penalty" and not is_published_penalty(fact.payload):
        return Publicity(False, "仅警告或当场处罚，不公示", "a warning alone or decided on the spot", article)
    starts_on = _day(fact.payload, "published_on")
    if starts_on and on < starts_on:
        return Publicity(False, f"{starts_on} 起公示", f"published from {starts_on}", article)
    if fact.public_until and on > fact.public_until:
        return Publicity(
            False, f"公示期至 {fact.public_until}，已届满", f"ended {fact.public_until}", article
        )
    if is_removed(fact, others, on=on):
        return Publicity(False, "已移出，停止公示", "removed from the list", article)
    return Publicity(True, "依法公示", "public by law", article)


def _is_criticism_alone(payload: Mapping[str, Any]) -> bool:
    types = set(payload.get("types") or ())
    return "criticism" in types and types <= {"criticism", "warning"}


def _is_low_fine_alone(payload: Mapping[str, Any]) -> bool:
    return payload.get("is_low_fine") is True and set(payload.get("types") or ()) <= {
        "fine",
        "warning",
        "criticism",
    }


def _restricted_until(payload: Mapping[str, Any]) -> date | None:
    return _day(payload, "restricted_until")


def _day(payload: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(payload[name]) if payload.get(name) else None
