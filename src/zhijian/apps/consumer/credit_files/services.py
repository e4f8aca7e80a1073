"""Verbs on a credit file: object to an item, ask for its repair, write down a use."""

from datetime import datetime
from typing import Any

from django.db import transaction

from zhijian.apps.consumer.credit_files import queries
from zhijian.apps.consumer.credit_files.models import FileMatter, FileUse, Purpose
from zhijian.apps.consumer.credit_files.policies import (
    NotInFile,
    OtherAuthority,
    check_authority,
    check_commitment,
    check_in_time,
    check_not_pending,
    check_statement,
)
from zhijian.apps.consumer.credit_files.queries import Item
from zhijian.engines.procedures import numbering
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.public_records import place_of
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day

OBJECTION, REPAIR = "consumer/credit_objection", "consumer/credit_repair"
_MARKS = {OBJECTION: "YY", REPAIR: "XF"}


@transaction.atomic
def object_to(
    uscc: str, item_id: str, *, statement: str, division: str, by: Officer, at: datetime, delivered: Any = ()
) -> Case:
    """Open the case of a firm's objection to an item of its own file.

    Raises:
        NotInFile: the item is not in this firm's file.
        OtherAuthority: another authority than the officer's unit decided it.
        ProcedureRefused: nothing is said, or a case about the item is open.
        Forbidden: not the role, or outside the part of the area that the officer is limited to.
    """
    item = _own_item(uscc, item_id, division=division, by=by, at=at, delivered=delivered)
    text = check_statement(statement)
    check_in_time(item.fact, on=statutory_day(at))
    assert by.organisation is not None
    return _open(OBJECTION, uscc, item, text, unit=by.organisation, division=division, by=by, at=at)


@transaction.atomic
def object_to_own(uscc: str, item_id: str, *, statement: str, at: datetime, delivered: Any = ()) -> Case:
    """Open the case of an objection that the firm itself hands in, at the authority that decided the item.

    Who may speak for the firm is checked before.

    Raises:
        NotInFile, OtherAuthority, ProcedureRefused: as `object_to`; or the authority does not work on this platform.
    """
    item = queries.find_public_item(uscc, item_id, on=statutory_day(at), delivered=delivered)
    if item is None:
        raise NotInFile(uscc)
    unit = Organisation.objects.filter(name=item.authority).first()
    if unit is None:
        raise OtherAuthority(item.authority)
    text = check_statement(statement)
    check_in_time(item.fact, on=statutory_day(at))
    place = place_of(uscc)
    division = place if place.startswith(unit.territory) else unit.division_code
    return _open(OBJECTION, uscc, item, text, unit=unit, division=division, by=None, at=at)


@transaction.atomic
def ask_repair(
    uscc: str,
    item_id: str,
    *,
    statement: str,
    is_committed: bool,
    division: str,
    by: Officer,
    at: datetime,
    delivered: Any = (),
) -> Case:
    """Open the case of a firm's request to repair an item of its own file.

    Raises:
        NotInFile: the item is not in this firm's file.
        OtherAuthority: another authority than the officer's unit decided it.
        ProcedureRefused: the law lets it never be repaired, or not yet; no commitment was handed in; a case is open.
        Forbidden: not the role, or outside the part of the area that the officer is limited to.
    """
    item = _own_item(uscc, item_id, division=division, by=by, at=at, delivered=delivered)
    text = check_statement(statement)
    if not item.repair.may_ask:
        found = item.repair
        raise ProcedureRefused(
            f"不能申请修复：{found.reason_zh}依据：{found.article}。",
            f"Its repair cannot be asked for: {found.reason_en} Basis: {found.article}.",
        )
    check_commitment(is_committed)
    assert by.organisation is not None
    return _open(REPAIR, uscc, item, text, unit=by.organisation, division=division, by=by, at=at)


def _own_item(uscc: str, item_id: str, *, division: str, by: Officer, at: datetime, delivered: Any) -> Item:
    """Return a public item of the firm's own file that the officer's own unit decided, wherever the firm has its seat."""
    require(by, Permission.KEEP_CREDIT_FILE, division=(division or None) if by.division_code else None)
    assert by.organisation is not None
    item = queries.find_public_item(uscc, item_id, on=statutory_day(at), delivered=delivered)
    if item is None:
        raise NotInFile(uscc)
    check_authority(item.authority, unit=by.organisation.name)
    return item


def _open(
    code: str,
    uscc: str,
    item: Item,
    statement: str,
    *,
    unit: Organisation,
    division: str,
    by: Officer | None,
    at: datetime,
) -> Case:
    fact, day = item.fact, statutory_day(at)
    check_not_pending(fact.source, str(fact.source_key))
    words = "异议" if code == OBJECTION else "修复"
    case = procedures.start_case(
        code,
        number=numbering.take_of_day(_MARKS[code], day),
        title=f"{item.section.title.zh}{words}：{uscc}",
        organisation=unit,
        division_code=division if division and division.startswith(unit.territory) else unit.division_code,
        data={
            "item_kind": fact.kind,
            "item": item.id[:200],
            "statement": statement,
            "applied_on": day,
            "is_listing": fact.kind == "abnormal_list.listed",
        },
        by=by,
        at=at,
        entity_code=uscc,
        is_synthetic=bool(fact.is_synthetic),
    )
    FileMatter.objects.create(
        case=case, uscc=uscc, fact_kind=fact.kind, source=fact.source, source_key=str(fact.source_key), handed_in_on=day,
        stood_as={"occurred_on": fact.occurred_on.isoformat(), "payload": _as_published(item),
                  "legal_basis": fact.legal_basis, "is_synthetic": bool(fact.is_synthetic)},
    )  # fmt: skip
    return case


def _as_published(item: Item) -> dict[str, Any]:
    """The payload, for a delivered penalty with the day from which its term runs: taken into the log, it starts no new one."""
    payload = dict(item.fact.payload)
    if item.fact.kind == "penalty.decided" and not item.is_in_log:
        payload.setdefault("published_on", statutory_day(item.fact.recorded_at).isoformat())
    return payload


def record_use(
    uscc: str,
    *,
    asker: str,
    purpose: str,
    reason: str,
    channel: str,
    items: int,
    has_internal: bool,
    by: Officer | None,
    at: datetime,
) -> FileUse:
    """Write down that a file was used: by whom, for what, how much was given.

    Raises:
        ProcedureRefused: nobody is named, or the purpose is none of the list.
    """
    if len(asker.strip()) < 2 or purpose not in Purpose.values:
        raise ProcedureRefused(
            "请写明谁查、查来做什么：单位名称，和一种列明的用途。",
            f"Say who asks and why: a unit's name, and one of {', '.join(Purpose.values)}.",
        )
    made: FileUse = FileUse.objects.create(
        uscc=uscc, asker=asker.strip()[:100], purpose=purpose, reason=reason.strip()[:200], channel=channel,
        items=items, has_internal=has_internal, officer=by, used_on=statutory_day(at), used_at=at,
    )  # fmt: skip
    return made
