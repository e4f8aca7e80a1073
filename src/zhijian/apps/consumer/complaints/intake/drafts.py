"""Drafts: what somebody fills in is kept after every page, without an account.

The code that opens a draft again lies in the visitor's cookie and on the page, never in an address; we keep its
digest only. Answers hold names and phone numbers: they are sealed as a whole.
"""

import json
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from zhijian.apps.consumer.complaints.intake import receipts
from zhijian.apps.consumer.complaints.intake.models import Draft
from zhijian.security import sealed_text
from zhijian.standards import parameters
from zhijian.standards.calendar import statutory_day

KEPT = parameters.load("consumer/unsent_draft_days")
_KEY = "drafts"


def kept_days(on: date) -> int:
    """Return for how many days a draft is kept after it was last saved."""
    return int(KEPT.on(on))


def start(*, at: datetime, randomness: receipts.Randomness) -> tuple[Draft, str]:
    """Begin a draft and return it with the code that opens it; drafts nobody came back to are taken away."""
    sweep(at=at)
    code = receipts.new_code(receipts.RESUME_LENGTH, randomness)
    draft = Draft.objects.create(
        code_digest=_digest(code),
        send_key=uuid.UUID(bytes=randomness(16), version=4),
        started_at=at,
        saved_at=at,
    )
    return draft, code


def find(code: str, *, at: datetime) -> Draft | None:
    """Return the draft that a code opens, or None if there is none or it lay too long."""
    if len(receipts.read_code(code)) != receipts.RESUME_LENGTH:
        return None
    return Draft.objects.filter(code_digest=_digest(code), saved_at__gte=oldest(at)).first()


def answers(draft: Draft) -> dict[str, Any]:
    """Return what was answered so far."""
    text = sealed_text.unseal(draft.answers_sealed, key=_KEY, context=_context(draft))
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def save(draft: Draft, given: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """Lay answers over those kept, and return all."""
    whole = {**answers(draft), **given}
    draft.answers_sealed = sealed_text.seal(
        json.dumps(whole, ensure_ascii=False), key=_KEY, context=_context(draft)
    )
    draft.saved_at = at
    draft.save(update_fields=["answers_sealed", "saved_at"])
    return whole


def sweep(*, at: datetime) -> int:
    """Take away drafts that nobody saved for long, with the rows of their files; return how many drafts."""
    _, counts = Draft.objects.filter(saved_at__lt=oldest(at)).delete()
    return counts.get(Draft._meta.label, 0)


def oldest(at: datetime) -> datetime:
    """Return the moment before which nothing that was not sent is kept."""
    return at - timedelta(days=kept_days(statutory_day(at)))


def _context(draft: Draft) -> str:
    return f"draft:{draft.send_key}"


def _digest(code: str) -> str:
    return receipts.digest(code, "draft", settings.SECRET_KEY)
