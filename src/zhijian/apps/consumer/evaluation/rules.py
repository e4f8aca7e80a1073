"""What the law and the published rules say about evaluations after consumption. Pure."""

import re
from datetime import date, timedelta

from zhijian.apps.consumer.evaluation.codes import CRITERIA, GROUNDS, TEXT_GROUNDS
from zhijian.apps.consumer.evaluation.scoring import HIGHEST, LOWEST
from zhijian.standards import parameters, personal_data
from zhijian.standards.citation import rule

SCREENING = parameters.load("consumer/evaluation_screening")
CRITERIA_OF = parameters.load("consumer/evaluation_criteria")
A39 = "《电子商务法》第三十九条"
_LINK = re.compile(
    r"https?://|www\.|[a-z0-9-]+\.(?:com|cn|net|top|shop)\b|(?:微信|加v|加V|VX|QQ)\s*[:：]?\s*[A-Za-z0-9_-]{4,}"
)
_CODE = re.compile(r"<\s*/?\s*[a-zA-Z!][^>]*>|javascript:|\bon\w+\s*=", re.IGNORECASE)
_REPEATED = re.compile(r"(\S)\1{7,}")
_ABUSE = ("傻逼", "王八蛋", "混蛋", "滚蛋", "狗东西", "去死")


@rule(cites=A39)
def score_is_on_the_scale(score: object) -> bool:
    """Say whether a score is a whole number from 1 to 5."""
    return isinstance(score, int) and not isinstance(score, bool) and LOWEST <= score <= HIGHEST


@rule(cites=A39)
def last_day_of_ticket(issued_on: date) -> date:
    """Return the last day on which a ticket may be used, by the value of the day it was issued."""
    return issued_on + timedelta(days=SCREENING.on(issued_on)["ticket_days"])


@rule(cites=A39)
def criteria_of(trade: str, *, on: date) -> tuple[str, ...]:
    """Return what is asked beside the overall score in a trade; nothing for a trade that the list lacks."""
    return tuple(name for name in CRITERIA_OF.on(on).get(trade, ()) if name in CRITERIA)


@rule(cites=(A39, "《消费者权益保护法》第十五条"))
def text_is_held_for(text: str) -> tuple[str, ...]:
    """Return the published grounds on which a text waits for an officer; the score counts at once all the same.

    ASSUMPTION: holding a text back until somebody has read it is no deletion; it is shown, or withheld on a ground that
    is counted on the page.
    """
    grounds = {
        "personal": bool(personal_data.found_in(text)),
        "link": bool(_LINK.search(text)),
        "code": bool(_CODE.search(text)),
        "repeated": bool(_REPEATED.search(text)),
        "abuse": any(word in text for word in _ABUSE),
    }
    return tuple(code for code, holds in grounds.items() if holds)


@rule(cites=A39)
def may_be_set_aside(ground: str) -> bool:
    """Say whether an evaluation may be left out of the score: only on a ground of the published list.

    That an evaluation is bad for the firm is none. What is left out stays kept, with its reason, and is counted in public.
    """
    return ground in GROUNDS


@rule(cites=A39)
def text_may_be_withheld(ground: str) -> bool:
    """Say whether a text may be kept from the page: only on a ground of the published list."""
    return ground in TEXT_GROUNDS


@rule(cites=("《电子商务法》第十七条", "《反不正当竞争法》第九条"))
def is_own_evaluation(*, device: str, issuing_devices: frozenset[str]) -> bool:
    """Say whether a firm evaluates itself: the device is one on which its tickets were issued or its desk was opened.

    ASSUMPTION: a shop's own device that a customer borrows is refused, too; the customer can use another one.
    """
    return bool(device) and device in issuing_devices


@rule(cites=A39)
def has_a_place_in_the_order(count: int, *, on: date) -> bool:
    """Say whether a firm has enough evaluations to stand in an order; with fewer, the interval alone is shown."""
    return bool(count >= SCREENING.on(on)["rank_least"])
