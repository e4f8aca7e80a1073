"""The papers of a declared register: entered, not entered, ended; numbered, sealed and verifiable by anyone.

A register with a procedure issues its paper with the decision; a keeper of any other issues one from the entry's page.
How it was delivered is written down on the paper's own page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from zhijian.engines.documents import services as documents
from zhijian.engines.documents.declaration import Template, load_folder
from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.documents.models import Document
from zhijian.engines.documents.paper import chinese_day
from zhijian.engines.evidence.services import Owner
from zhijian.engines.registers.declared import policies, registry
from zhijian.engines.registers.declared.declaration import Register
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden
from zhijian.standards.calendar import statutory_day

OF_ENTRY = "registers.entry"
ENTERED, NOT_ENTERED, ENDED = "entered", "not_entered", "ended"
PAPERS: dict[str, Template] = load_folder(Path(__file__).parent / "papers")


@dataclass(frozen=True)
class Decided:
    """What a paper is about: an entry, or the row of an application that did not become one."""

    key: str
    name: str
    valid_from: str = ""
    valid_to: str = ""
    is_synthetic: bool = False


def of_entry(entry: DeclaredEntry) -> Decided:
    return Decided(
        entry.key,
        entry.name,
        chinese_day(entry.valid_from),
        chinese_day(entry.valid_to) if entry.valid_to else "",
        entry.is_synthetic,
    )


def issue(
    register: Register, code: str, decided: Decided, *, reason: str, by: Officer, at: datetime
) -> Document:
    """Issue a paper of a register.

    Raises:
        DocumentRefused: the officer belongs to no unit.
        policies.Refusal: the name is a person's: such a register issues no papers.
    """
    if any(one.name == "name" and one.is_personal for one in register.columns):
        raise policies.Refusal(
            "这本名录登记的是个人，不在这里出具文书。",
            "This register holds persons; it issues no papers here.",
        )
    article = register.legal_basis or register.title.zh
    data = {
        "register": register.title.zh,
        "article": article,
        "key": decided.key,
        "name": decided.name,
        "valid_from": decided.valid_from,
        "valid_to": decided.valid_to,
        "reason": _sentence(reason),
    }
    return documents.issue(
        replace(PAPERS[code], basis=article),
        data,
        Owner(OF_ENTRY, f"{register.name}/{decided.key}"),
        site=settings.SITE,
        media=settings.HOME.media,
        by=by,
        at=at,
        is_synthetic=decided.is_synthetic,
    )


def issue_for(
    register: Register, entry: DeclaredEntry, *, reason: str, by: Officer, at: datetime
) -> Document:
    """Issue what a keeper hands out for an entry as it stands: that it was entered, or that it ended.

    Raises:
        Refusal, Forbidden, DocumentRefused: no reason, the same paper counts already; no keeper of this area.
    """
    policies.check_reason(reason)
    policies.check_keeper(register, by, division=entry.division_code or None)
    has_ended = entry.valid_to is not None and entry.valid_to < statutory_day(at)
    code = ENDED if has_ended else ENTERED
    if papers_of(register, entry.key).filter(template=code, voiding=None).exists():
        raise policies.Refusal(
            "这份文书已经出具。要重出，先把原来的作废。",
            "This paper was issued already. To issue it anew, void the first.",
        )
    return issue(register, code, of_entry(entry), reason=reason, by=by, at=at)


def issue_decision(
    register: Register,
    row: Mapping[str, Any],
    entry: DeclaredEntry | None,
    *,
    reason: str,
    by: Officer,
    at: datetime,
) -> Document:
    """Issue what follows a decision in a procedure: entered, or not."""
    if entry is not None:
        return issue(register, ENTERED, of_entry(entry), reason=reason, by=by, at=at)
    is_synthetic = str(row.get("is_synthetic", "")).strip() in ("1", "是", "true", "True")
    refused = Decided(str(row.get("key", "")), str(row.get("name", "")), is_synthetic=is_synthetic)
    return issue(register, NOT_ENTERED, refused, reason=reason, by=by, at=at)


def issue_letter(register: Register, entry: DeclaredEntry, *, by: Officer, at: datetime) -> Document | None:
    """Issue the letter that goes out with a new entry; None where the register has none.

    Raises:
        Refusal: it cannot be made; the entry is not to be added without it.
    """
    if register.letter is None:
        return None
    template, data = register.letter(entry)
    try:
        return documents.issue(
            template, data, Owner(OF_ENTRY, f"{register.name}/{entry.key}"), site=settings.SITE,
            media=settings.HOME.media, by=by, at=at, is_synthetic=entry.is_synthetic,
        )  # fmt: skip
    except DocumentRefused as refused:
        raise policies.Refusal(refused.message_zh, refused.message_en) from refused


def papers_of(register: Register, key: str) -> "QuerySet[Document]":
    """Return the papers of an entry or application, oldest first, with how each was served."""
    found = Document.objects.filter(owner_kind=OF_ENTRY, owner_id=f"{register.name}/{key}")
    return found.select_related("voiding", "organisation").prefetch_related("services").order_by("issued_at")


def check_paper(owner_id: str, officer: Officer) -> str:
    """Let those see a paper who keep its register or may read what is internal in it.

    Raises:
        Forbidden: neither.
    """
    register = registry.find(owner_id.partition("/")[0])
    if register is not None and (
        policies.can_keep(register, officer) or policies.can_read_internals(officer)
    ):
        return owner_id
    raise Forbidden("您的岗位看不到这份文书。", "Your role does not see this paper.")


def _sentence(text: str) -> str:
    plain = text.strip()
    return plain if not plain or plain.endswith(("。", "！", "？")) else f"{plain}。"
