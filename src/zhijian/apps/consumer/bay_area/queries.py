"""What pages, the councils and the statistics read of transfers."""

from datetime import date
from typing import Any

from zhijian.apps.consumer.bay_area import rules, services
from zhijian.apps.consumer.bay_area.codes import (
    CURRENCIES,
    DIRECTION_WORDS,
    LANGUAGES,
    ORIGIN_WORDS,
    PERSONAL_FIELDS,
    Council,
    Direction,
    Status,
)
from zhijian.apps.consumer.bay_area.models import Transfer
from zhijian.standards import consumer_matters
from zhijian.standards.calendar import statutory_day


def numbered(number: str) -> Transfer | None:
    rows = Transfer.objects.select_related("complaint", "case", "consent").prefetch_related(
        "steps", "messages"
    )
    return rows.filter(number=number).first()


def of_council(council: Council, number: str) -> Transfer | None:
    """Return a council's case, by our number or by its own reference; nobody else's, and nothing that was never sent."""
    rows = Transfer.objects.filter(council=council.code).prefetch_related("steps")
    found = rows.filter(number=number).first() or rows.filter(reference=number).first()
    if found is None or found.status in (Status.SUBMITTED, Status.WITHDRAWN):
        return None
    if found.direction == Direction.OUT and not any(
        step.status == Status.TRANSFERRED for step in found.history
    ):
        return None  # ended before anything left
    return found


def due_on(transfer: Transfer) -> date | None:
    """Return the day by which the other side's receipt or answer is expected; None where we wait for nothing."""
    if transfer.direction != Direction.OUT:
        return None
    last = {step.status: statutory_day(step.at) for step in transfer.history}
    if transfer.status == Status.TRANSFERRED:
        return rules.acknowledgement_due_on(last[Status.TRANSFERRED])
    if transfer.status in (Status.ACKNOWLEDGED, Status.IN_CONTACT):
        return rules.answer_due_on(last[Status.ACKNOWLEDGED])
    return None


def goods_words(code: str) -> tuple[str, str]:
    entry = consumer_matters.all_entries()[code]
    return entry.name_zh, entry.name_en


def shown(transfer: Transfer) -> dict[str, Any]:
    """Return what a page shows of a transfer, without what names the consumer."""
    messages = list(transfer.messages.all())
    return {
        "transfer": transfer,
        "direction": DIRECTION_WORDS[transfer.direction],
        "language": LANGUAGES[transfer.language],
        "currency": CURRENCIES[transfer.currency],
        "goods": goods_words(transfer.goods_code),
        "path": [(step, step.words, ORIGIN_WORDS[step.origin]) for step in transfer.history],
        "due_on": due_on(transfer),
        "consent": getattr(transfer, "consent", None),
        "fields": list(PERSONAL_FIELDS.values()),
        "to_partner": messages,  # not "messages": that is what a page says of the last act
        "dead": [one for one in messages if one.state == "dead"],
        "is_carried": transfer.direction == Direction.OUT and any(one.state == "file" for one in messages),
        "is_returned": transfer.status in (Status.RETURNED, Status.FAILED)
        and transfer.direction == Direction.OUT,
        "goes_on": services.goes_on(transfer),
        "is_unsent": transfer.status == Status.SUBMITTED,
    }
