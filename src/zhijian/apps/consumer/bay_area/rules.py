"""The rules of handing over: consent, what may leave, forms of documents, which state follows which. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhijian.apps.consumer.bay_area.codes import (
    COUNCILS,
    ID_TYPES,
    PERSONAL_FIELDS,
    Status,
)
from zhijian.apps.consumer.complaints.codes import ComplaintState
from zhijian.standards import parameters
from zhijian.standards.calendar import add_working_days
from zhijian.standards.citation import rule

PIPL_39 = "《中华人民共和国个人信息保护法》第三十九条"
AGREEMENT = "《中华人民共和国消费者权益保护法》第三十七条；粤港澳消费者委员会合作协议"
ACKNOWLEDGEMENT = parameters.load("consumer/bay_area_acknowledgement")
ANSWER = parameters.load("consumer/bay_area_answer")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_FOLLOWS: dict[Status, frozenset[Status]] = {
    Status.TRANSFERRED: frozenset({Status.ACKNOWLEDGED, Status.RETURNED}),
    Status.ACKNOWLEDGED: frozenset(
        {Status.IN_CONTACT, Status.SETTLED, Status.FAILED, Status.RETURNED, Status.ESCALATED}
    ),
    Status.IN_CONTACT: frozenset(
        {Status.IN_CONTACT, Status.SETTLED, Status.FAILED, Status.RETURNED, Status.ESCALATED}
    ),
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, by the field that it is wrong in."""

    field: str
    zh: str
    en: str


@rule(cites=PIPL_39)
def is_consent_whole(fields: Iterable[str]) -> bool:
    """Say whether a separate consent names exactly the personal data that leave, neither fewer nor more."""
    return set(fields) == set(PERSONAL_FIELDS)


@rule(cites=AGREEMENT)
def acknowledgement_due_on(sent_on: date) -> date:
    """Return the day by which the other side's receipt is expected, in working days of the mainland.

    ASSUMPTION: the agreement's days are not published; the parameter is a setting that officers may change.
    """
    return add_working_days(sent_on, int(ACKNOWLEDGEMENT.on(sent_on)), provisional=True)


@rule(cites=AGREEMENT)
def answer_due_on(acknowledged_on: date) -> date:
    """Return the day by which an answer is expected, in working days after the receipt. A setting, see above."""
    return add_working_days(acknowledged_on, int(ANSWER.on(acknowledged_on)), provisional=True)


@rule(cites=AGREEMENT)
def may_follow(before: Status, after: Status) -> bool:
    """Say whether the other side may tell `after` of a case that stands at `before`: first the receipt, then the rest."""
    return after in _FOLLOWS.get(before, frozenset())


@rule(cites=AGREEMENT)
def status_of(states: Sequence[str]) -> Status:
    """Return the state of the agreement for a complaint that an authority handles, from its states, first to last.

    Nothing is told of reports and of penalties: the agreement is about the dispute alone.
    """
    met = set(states)
    if ComplaintState.AGREED in met:
        return Status.SETTLED
    if met & {
        ComplaintState.REJECTED, ComplaintState.TERMINATED, ComplaintState.NOT_AGREED, ComplaintState.WITHDRAWN,
        ComplaintState.CLOSED,
    }:  # fmt: skip
        return Status.FAILED
    if met & {
        ComplaintState.ACCEPTED, ComplaintState.MEDIATING, ComplaintState.TESTING, ComplaintState.RECUSAL,
    }:  # fmt: skip
        return Status.IN_CONTACT
    return Status.ESCALATED


@rule(cites="《港澳居民来往内地通行证》样式；《港澳台居民居住证申领发放办法》第七条")
def document_problem(id_type: str, number: str) -> Problem | None:
    """Return what is wrong with a document's number, or None.

    A travel permit is H (Hong Kong) or M (Macao) with eight digits, or ten on the older card; a residence permit has
    18 places beginning with 810000 or 820000 and the check digit of GB 11643. The identity cards of Hong Kong and
    Macao are not taken: nothing here needs them.
    """
    plain = number.strip().upper()
    if id_type not in ID_TYPES:
        return Problem("id_type", "证件种类不在名单里。", "This kind of document is not on the list.")
    if not id_type:
        return (
            Problem("id_number", "没有选证件种类，不要填号码。", "No kind of document, so no number.")
            if plain
            else None
        )
    fits = {
        "hk_macao_permit": bool(re.fullmatch(r"[HM][0-9]{8}([0-9]{2})?", plain)),
        "hk_macao_residence": plain[:6] in {"810000", "820000"} and _is_citizen_number(plain),
        "passport": bool(re.fullmatch(r"[A-Z0-9]{6,12}", plain)),
        "resident": _is_citizen_number(plain),
    }[id_type]
    if fits:
        return None
    zh, en = ID_TYPES[id_type]
    return Problem("id_number", f"号码不是{zh}的样式，请核对。", f"The number has not the form of: {en}.")


def _is_citizen_number(plain: str) -> bool:
    """Say whether 18 places carry the check digit of GB 11643."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", plain):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, plain, strict=False))
    return "10X98765432"[total % 11] == plain[17]


@rule(cites=f"{PIPL_39}；《中华人民共和国个人信息保护法》第六条")
def package(council: str, *, person: Mapping[str, str], case: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is sent: the personal data that consent names and nothing else of the person.

    `case` holds the dispute in the receiving side's language form; the sum stays in the currency as it was given.
    """
    names = (
        "number", "language", "trader_name", "trader_address", "goods", "facts", "claim", "currency", "amount",
        "bought_on", "evidence",
    )  # fmt: skip
    return {
        "form": "bay-area-transfer/1",
        "from": "Guangdong Consumer Council",
        "to": COUNCILS[council].name[1],
        "consumer": {name: person.get(name, "") for name in PERSONAL_FIELDS},
        **{name: case.get(name, "") for name in names},
    }
