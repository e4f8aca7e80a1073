"""Drafts: save as typed, take up again, drop when handed in, clear away what nobody came back to."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from zhijian.engines.forms.binding import Typed, clean_typed
from zhijian.engines.forms.declaration import Form
from zhijian.engines.forms.models import Draft
from zhijian.engines.forms.words import Words
from zhijian.security.models import Officer
from zhijian.standards.bilingual import BilingualError

KEPT = timedelta(days=30)
"""How long a draft lies untouched before it is forgotten; handing in forgets it at once."""

LIMIT_BYTES = 512 * 1024  # of one draft
LEAST_RECEIPT = 16  # characters: what can be guessed is no key


class DraftRefused(BilingualError):
    """The draft is not saved; says why in both languages."""

    def __init__(self, words: Words) -> None:
        super().__init__(*words)


@dataclass(frozen=True)
class Owner:
    """What a draft is about: a kind and an id within it."""

    kind: str
    id: str


def save_draft(form: Form, owner: Owner, typed: Typed, *, by: Officer | str, at: datetime) -> Draft:
    """Keep what was typed, in place of what was kept before. `by` is an officer, or the receipt of somebody without an account.

    Raises:
        DraftRefused: too much text, or a receipt that could be guessed.
    """
    size = len(json.dumps(typed, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if size > LIMIT_BYTES:
        raise DraftRefused(
            Words(
                f"填写的内容有{size // 1024} KB，草稿最多{LIMIT_BYTES // 1024} KB。请删短后再存。",
                f"This is {size // 1024} KB of text; a draft holds {LIMIT_BYTES // 1024} KB. Please shorten it.",
            )
        )
    draft, _ = Draft.objects.update_or_create(
        owner_kind=owner.kind,
        owner_id=owner.id,
        form=form.name,
        **_whose(by),
        defaults={"content": typed, "saved_at": at},
    )
    return draft


def find_draft(form: Form, owner: Owner, *, by: Officer | str) -> Draft | None:
    """Return what this person kept, with only what the form still asks for; None where nothing was kept."""
    draft = _drafts(form, owner, by).first()
    if draft is not None:
        draft.content = clean_typed(form, draft.content)
    return draft


def drop_draft(form: Form, owner: Owner, *, by: Officer | str) -> None:
    """Forget the draft: it was handed in."""
    _drafts(form, owner, by).delete()


def clear_drafts(*, before: datetime) -> int:
    """Forget drafts that nobody touched since; return how many."""
    count, _ = Draft.objects.filter(saved_at__lt=before).delete()
    return count


def _drafts(form: Form, owner: Owner, by: Officer | str) -> QuerySet[Draft]:
    return Draft.objects.filter(owner_kind=owner.kind, owner_id=owner.id, form=form.name, **_whose(by))


def _whose(by: Officer | str) -> dict[str, Any]:
    if isinstance(by, Officer):
        return {"officer": by, "receipt_digest": ""}
    if len(by) < LEAST_RECEIPT:
        raise DraftRefused(
            Words("回执太短，不能保存草稿。", "The receipt is too short to keep a draft under.")
        )
    return {"officer": None, "receipt_digest": hashlib.sha256(by.encode()).hexdigest()}
