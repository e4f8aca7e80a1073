"""Verbs on documents: preview, issue, void, serve. An issued one is a fact; a served one has its proof."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from zhijian.engines.documents import numbering, paper
from zhijian.engines.documents.declaration import Template
from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.documents.models import Document, Service, Voiding, Way
from zhijian.engines.documents.paper import Paper
from zhijian.engines.evidence.examining import write_once
from zhijian.engines.evidence.services import Owner
from zhijian.engines.facts import services as facts
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

KIND, SOURCE = "document.issued", "documents"
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O 1 I L U


def preview(
    template: Template, data: Mapping[str, Any], *, by: Officer, at: datetime, is_synthetic: bool
) -> bytes:
    """Return a PDF marked 样稿, without number, seal and QR code. Nothing is kept.

    Raises:
        DocumentRefused: data are missing, or the officer has no unit.
    """
    return paper.pdf(_paper(template, data, by=by, at=at, is_synthetic=is_synthetic), at=at)


def issue(
    template: Template,
    data: Mapping[str, Any],
    owner: Owner,
    *,
    site: str,
    media: Path,
    by: Officer,
    at: datetime,
    is_synthetic: bool = False,
) -> Document:
    """Number, seal and keep a document, and record its hash as a fact; all of it or nothing.

    `site` is the address under which the public reaches us, e.g. "https://zhijian.example/".

    Raises:
        DocumentRefused: data are missing, or the office has no word of its own.
    """
    draft = _paper(template, data, by=by, at=at, is_synthetic=is_synthetic)
    organisation = by.organisation
    assert organisation is not None
    year = statutory_day(at).year
    token = "".join(secrets.choice(_ALPHABET) for _ in range(20))
    with transaction.atomic():
        office = numbering.office_word(organisation)
        serial = numbering.take(organisation, template.word, year)
        number = numbering.written(office, template.word, year, serial)
        final = replace(draft, number=number, verify_url=f"{site.rstrip('/')}/verify/{token}/")
        pdf, docx = paper.pdf(final, at=at), paper.docx(final)
        digest = hashlib.sha256(pdf).hexdigest()
        fact = facts.record(
            KIND,
            subject=f"document/{token}",
            occurred_on=statutory_day(at),
            payload={
                "number": number,
                "title": template.title_zh,
                "sha256": digest,
                "organisation": organisation.name,
            },
            source=SOURCE,
            source_key=token,
            legal_basis=template.basis,
            by=by.get_username(),
            at=at,
            is_synthetic=is_synthetic,
        )
        document: Document = Document.objects.create(
            token=token,
            template=template.code,
            title=template.title_zh,
            owner_kind=owner.kind,
            owner_id=owner.id,
            organisation=organisation,
            year=year,
            word=template.word,
            serial=serial,
            number=number,
            content={"addressee": final.addressee, "paragraphs": list(final.paragraphs)},
            sha256=digest,
            docx_sha256=hashlib.sha256(docx).hexdigest(),
            fact=fact,
            issued_by=by,
            issued_at=at,
            is_synthetic=is_synthetic,
        )
        write_once(path_of(media, digest), pdf)
        write_once(path_of(media, document.docx_sha256), docx)
    return document


def void(document: Document, *, reason: str, by: Officer, at: datetime) -> Voiding:
    """Declare that a document no longer counts; its number stays taken, and its fact is withdrawn.

    Raises:
        DocumentRefused: no reason is given, it is void already, or the officer is of another unit.
    """
    _check_unit(document, by)
    if len(reason.strip()) < 4:
        raise DocumentRefused(
            "请写明作废的理由（至少4个字）。", "Say why it is void, in at least four characters."
        )
    try:
        with transaction.atomic():
            voiding: Voiding = Voiding.objects.create(
                document=document, reason=reason.strip()[:300], officer=by, at=at
            )
            facts.withdraw(document.fact, reason=reason.strip()[:300], by=by.get_username(), at=at)
    except IntegrityError:
        raise DocumentRefused("这份文书已经作废。", "This document is void already.") from None
    return voiding


@transaction.atomic
def serve(
    document: Document,
    *,
    way: str,
    to_whom: str,
    served_at: datetime,
    proof: str,
    proof_file: UUID | None = None,
    by: Officer,
    at: datetime,
) -> Service:
    """Write down that the document reached somebody.

    Raises:
        DocumentRefused: something is missing, it lies in the future or before the document, the document is void, or this
            very service is written down already.
    """
    _check_unit(document, by)
    numbering.hold(document)  # a form sent twice waits for itself
    if document.is_void:
        raise DocumentRefused("文书已作废，不能送达。", "The document is void and cannot be served.")
    if way not in Way.values or not to_whom.strip() or not proof.strip():
        raise DocumentRefused(
            "请写明送达方式、送给谁和凭证（签收人、单号或通话记录）。",
            "Give the way, to whom, and the proof (who signed, tracking number, call record).",
        )
    if not document.issued_at <= served_at <= at:
        raise DocumentRefused(
            "送达时间应在发文之后、现在之前。", "It is served after it was issued and not in the future."
        )
    told = {"way": way, "to_whom": to_whom.strip()[:100], "served_at": served_at}
    if document.services.filter(**told).exists():
        raise DocumentRefused("这次送达已经登记过。", "This service is written down already.")
    service: Service = Service.objects.create(
        document=document,
        **told,
        proof=proof.strip()[:300],
        proof_file=proof_file,
        officer=by,
        recorded_at=at,
    )
    return service


def path_of(media: Path, sha256: str) -> Path:
    return media / "documents" / sha256[:2] / sha256


def _check_unit(document: Document, by: Officer) -> None:
    if by.organisation_id != document.organisation_id:
        raise DocumentRefused(
            "这份文书由别的单位发出，只有发文单位能办。",
            "Another unit issued this document; only that unit may do so.",
        )


def _paper(
    template: Template, data: Mapping[str, Any], *, by: Officer, at: datetime, is_synthetic: bool
) -> Paper:
    if by.organisation is None:
        raise DocumentRefused(
            "您没有所属单位，不能发文。", "You belong to no unit and cannot issue documents."
        )
    addressee, paragraphs = template.written(data)
    return Paper(
        title=template.title_zh,
        organisation=by.organisation.name,
        addressee=addressee,
        paragraphs=tuple(paragraphs),
        dated=statutory_day(at),
        is_synthetic=is_synthetic,
    )
