"""A firm's credit file for banks and platforms: what everybody may read, nothing more. Who asks says so, and it is kept."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, P, PathEx, Query, Router, Schema

from zhijian.apps.consumer.complaints.intake import throttle
from zhijian.apps.consumer.credit_files import queries, services
from zhijian.apps.consumer.credit_files.models import FileUse
from zhijian.engines.registers import register_at
from zhijian.infrastructure.home import current_home
from zhijian.portal.api.errors import ApiError, ErrorOut
from zhijian.portal.api.schemas import WITHOUT_NUL, Words
from zhijian.standards.uscc import InvalidCode, UnifiedSocialCreditCode

router = Router(tags=["credit files"])
_ERRORS: dict[int, Any] = {404: ErrorOut, 422: ErrorOut, 429: ErrorOut, 500: ErrorOut}
Code = PathEx[str, P(max_length=40, pattern=WITHOUT_NUL, description="unified social credit code")]
LIMIT = throttle.Limit("credit-file", per_address=600, per_device=0)
SELF_DECLARED = "自报："
"""Stands before the name that a program gave: nobody has checked it."""
MOST_A_DAY = 20_000
"""How many uses by programs are written down on one day; beyond it the answer waits for the next."""


class Ask(Schema):
    """Who asks and why."""

    asker: str = Field(
        ...,
        min_length=2,
        max_length=90,
        pattern=WITHOUT_NUL,
        description="name of the unit that asks, as it says itself",
    )
    purpose: Literal["licensing", "procurement", "supervision", "case", "honour", "platform", "finance"]  # fmt: skip


class ItemOut(Schema):
    """One public item: `until` is the last day on which it is public, null where it stands until it is taken off.

    `payload` has what law makes public; what points to a person in its texts is masked.
    """

    section: str
    section_title: Words
    kind: str
    occurred_on: date
    basis: str
    until: date | None
    payload: dict[str, Any]
    is_sealed: bool
    is_synthetic: bool


class EntryOut(Schema):
    section: str
    register_name: str
    key: str
    name: str
    valid_from: date
    valid_to: date | None
    findings: list[Words]
    is_synthetic: bool


class FileOut(Schema):
    uscc: str
    as_of: date
    note: Words
    items: list[ItemOut]
    entries: list[EntryOut]


@router.get("/{uscc}", response={200: FileOut, **_ERRORS})
def file(request: HttpRequest, uscc: Code, params: Query[Ask]) -> FileOut:
    """Return what is public in a firm's credit file; the use is written down. The internal class is in no answer."""
    try:
        code = UnifiedSocialCreditCode.parse(uscc).value
    except InvalidCode as wrong:
        first = wrong.problems[0]
        raise ApiError(404, "wrong_code", first.message_zh, first.message_en) from None
    at = timezone.localtime()
    _admit(request, at)
    if FileUse.objects.filter(used_on=at.date(), channel="api").count() >= MOST_A_DAY:
        raise ApiError(
            429, "too_many", "今天的查询已达上限，请明天再查。", "The day's limit is reached; ask tomorrow."
        )
    register = register_at(current_home().serving)
    delivered = register.delivered_facts(code) if register.is_ready else []
    found = queries.public_file(code, on=at.date(), delivered=delivered)
    services.record_use(
        code, asker=f"{SELF_DECLARED}{params.asker.strip()}", purpose=params.purpose, reason="", channel="api",
        items=len(found.items) + len(found.entries), has_internal=False, by=None, at=at,
    )  # fmt: skip
    return _written(found)


def _admit(request: HttpRequest, at: datetime) -> None:
    """Count one question of this address; one address alone never reaches the limit of the day."""
    try:
        throttle.admit(LIMIT, address=throttle.address_of(request), device="", at=at)
    except throttle.TooOften:
        raise ApiError(
            429, "too_often", f"这个地址一小时内最多查{LIMIT.per_address}次，请过一会儿再查。",
            f"This address may ask {LIMIT.per_address} times an hour; ask later.",
        ) from None  # fmt: skip


def _written(found: queries.CreditFile) -> FileOut:
    items = [
        ItemOut(
            section=one.section.code, section_title=Words.of(one.section.title), kind=one.fact.kind,
            occurred_on=one.fact.occurred_on, basis=one.fact.legal_basis or one.section.article, until=one.until,
            payload=one.shown_payload, is_sealed=one.is_in_log, is_synthetic=bool(one.fact.is_synthetic),
        )
        for one in found.items
    ]  # fmt: skip
    entries = [
        EntryOut(
            section=one.section.code, register_name=one.register.name, key=one.entry.key, name=one.entry.name,
            valid_from=one.entry.valid_from, valid_to=one.entry.valid_to,
            findings=[Words.of(finding.text) for finding in one.findings], is_synthetic=one.entry.is_synthetic,
        )
        for one in found.entries
    ]  # fmt: skip
    note = Words(
        zh="只含依法公开的记录，期满自动离开。没有记录不等于没有问题；不得用于法律法规没有规定的惩戒。",
        en="Only what law makes public; each item leaves at its end. No record is not praise. No sanction may rest on it that no law names.",
    )  # fmt: skip
    return FileOut(uscc=found.uscc, as_of=found.on, note=note, items=items, entries=entries)
