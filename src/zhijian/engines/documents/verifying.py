"""Is this the paper that was issued? Answered from the sealed facts, by token or number, with at most a hash from the asker."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from zhijian.engines.documents.models import Document
from zhijian.engines.facts import seals
from zhijian.engines.facts.errors import NotYetSealed

Outcome = Literal["unasked", "same", "different", "not_a_hash"]


@dataclass(frozen=True)
class Verified:
    """What the public may know of a document: no name, no text of it."""

    document: Document
    fact_sha256: str
    sealed_on: date | None
    root: str
    outcome: Outcome


def find(text: str) -> Document | None:
    """Find by token, or by number as somebody types it: [2026] or (2026) for 〔2026〕, blanks anywhere."""
    plain = re.sub(r"\s", "", text)
    number = re.sub(r"[\[(（【﹝](\d{4})[\])）】﹞]", r"〔\1〕", plain)
    found = Document.objects.select_related("fact", "organisation")
    by_token: Document | None = found.filter(token=plain.upper()).first()
    return by_token or found.filter(number=number).first()


def verify(document: Document, sha256: str = "") -> Verified:
    """Hold a hash against the one that was recorded as a fact when the document was issued."""
    recorded = str(document.fact.payload["sha256"])
    try:
        proof = seals.inclusion(document.fact)
    except NotYetSealed:
        proof = None
    seal = seals.newest_seal() if proof else None
    asked = sha256.strip().lower()
    outcome: Outcome = "unasked"
    if asked:
        is_hash = re.fullmatch(r"[0-9a-f]{64}", asked) is not None
        outcome = ("same" if asked == recorded else "different") if is_hash else "not_a_hash"
    return Verified(document, recorded, seal.day if seal else None, seal.root if seal else "", outcome)
