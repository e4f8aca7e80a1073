"""Verbs on public records: ask for repair (the firm itself or at the counter), propose to revoke one, propose a withdrawal."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhijian.apps.supervision.repair import policies, rules
from zhijian.apps.supervision.repair.models import Act, RepairMatter
from zhijian.engines.facts.publicity import published_on
from zhijian.engines.procedures import numbering
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import CaseMoved, ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.public_records import place_of
from zhijian.security.models import BusinessPerson, Officer, Organisation
from zhijian.security.permissions import OfFirm, Permission, require, require_for
from zhijian.standards.calendar import statutory_day

REPAIR, REVOCATION, WITHDRAWAL = (
    "supervision/credit_repair",
    "supervision/repair_revocation",
    "supervision/publicity_withdrawal",
)
_MARKS = {REPAIR: "XY", REVOCATION: "CX", WITHDRAWAL: "CH"}
EVENTS = {
    "annulled": ("被依法撤销", "annulled"),
    "unlawful": ("被确认违法", "found unlawful"),
    "void": ("被确认无效", "found void"),
    "changed": ("被变更", "changed"),
}


def ask_repair(
    uscc: str,
    fact_id: str,
    *,
    name: str,
    statement: str,
    is_committed: bool,
    by: Officer,
    at: datetime,
    delivered: Any = (),
) -> Case:
    """Register at the counter that a firm asks for the repair of one of its public records.

    Raises:
        NoSuchRecord: the record is not public about this firm.
        ProcedureRefused: never or not yet repairable (with reason, article and first day), another authority's, no
            commitment, nothing said, or a case about it is open.
        Forbidden: not the role.
    """
    officer = require(by, Permission.KEEP_CREDIT_FILE)
    assert officer.organisation is not None
    fact = _checked(uscc, fact_id, on=statutory_day(at), delivered=delivered)
    policies.check_authority(str(fact.payload.get("authority") or ""), unit=officer.organisation.name)
    return _ask(uscc, fact, name, statement, is_committed, unit=officer.organisation, by=officer, at=at)


def ask_repair_for_firm(
    person: BusinessPerson,
    fact_id: str,
    *,
    statement: str,
    is_committed: bool,
    at: datetime,
    delivered: Any = (),
) -> Case:
    """Open the case that a firm's own person asks for, at the authority that decided the record.

    Raises:
        ProcedureRefused: as `ask_repair`; or the authority does not work on this platform.
        Forbidden: the person may only read.
    """
    require_for(person, OfFirm.FILE, uscc=person.uscc)
    fact = _checked(person.uscc, fact_id, on=statutory_day(at), delivered=delivered)
    unit = policies.unit_of(str(fact.payload.get("authority") or ""))
    return _ask(
        person.uscc, fact, person.firm_name, statement, is_committed, unit=unit, by=None, at=at,
        asked_by=person.display_name,
    )  # fmt: skip


def _checked(uscc: str, fact_id: str, *, on: date, delivered: Any) -> Any:
    fact, others = policies.find_record(uscc, fact_id, on=on, delivered=delivered)
    policies.check_kind(fact, policies.REPAIRABLE)
    policies.check_open(policies.verdict_of(fact, others, on=on))
    return fact


def _ask(
    uscc: str,
    fact: Any,
    name: str,
    statement: str,
    is_committed: bool,
    *,
    unit: Organisation,
    by: Officer | None,
    at: datetime,
    asked_by: str = "",
) -> Case:
    text = policies.check_statement(statement)
    policies.check_commitment(is_committed)
    policies.check_not_pending(fact.source, str(fact.source_key))
    day = statutory_day(at)
    told = {
        **_record(fact),
        "act": Act.REPAIR,
        "uscc": uscc,
        "name": name,
        "asked_by": asked_by[:60],
        "arose_on": day,
    }
    data = {
        "statement": text,
        "applied_on": day,
        "decision_no_of_record": fact.payload.get("decision_no") or "",
    }
    return _open(REPAIR, told, data, unit=unit, by=by, at=at)


def propose_revocation(number: str, *, clue: str, by: Officer, at: datetime) -> Case:
    """Open the case that decides whether a repair is revoked because it was got by false papers.

    Raises:
        ProcedureRefused: no such repair, not granted, revoked already, another authority's, a case is open.
        Forbidden: not the role.
    """
    officer = require(by, Permission.KEEP_CREDIT_FILE)
    assert officer.organisation is not None
    found = RepairMatter.objects.filter(case__number=number, act=Act.REPAIR).select_related("case").first()
    if found is None:
        raise ProcedureRefused("没有这件修复案件。", "There is no such repair.")
    policies.check_authority(found.case.organisation.name, unit=officer.organisation.name)
    policies.check_granted(found)
    policies.check_not_pending(found.source, found.source_key)
    kept = ("uscc", "name", "fact_kind", "source", "source_key", "stood_as", "regime")
    told = {
        **{field: getattr(found, field) for field in kept},
        "act": Act.REVOKE,
        "of": found,
        "arose_on": statutory_day(at),
    }
    data = {"clue": policies.check_statement(clue), "repair": found.case.number}
    return _open(REVOCATION, told, data, unit=officer.organisation, by=officer, at=at)


def propose_withdrawal(
    uscc: str,
    fact_id: str,
    *,
    name: str,
    event: str,
    fell_on: date,
    document: str,
    by: Officer,
    at: datetime,
    delivered: Any = (),
) -> Case:
    """Open the case that withdraws a public record whose decision was annulled, found unlawful or void, or changed.

    `fell_on` is the day on which it was: three working days run from it. `document` is what says so. The authority that
    decided withdraws, or one above it, also what another system delivered.

    Raises:
        NoSuchRecord, ProcedureRefused, Forbidden: as `ask_repair`; or the day is still to come.
    """
    officer, day = require(by, Permission.KEEP_CREDIT_FILE), statutory_day(at)
    assert officer.organisation is not None
    if event not in EVENTS or fell_on > day or len(document.strip()) < 4:
        raise ProcedureRefused(
            "请写明决定出了什么变化、哪一天、依据哪份文书（不能晚于今天）。",
            "Say what became of the decision, on which day (not later than today), and which document says so.",
        )
    fact, _others = policies.find_record(uscc, fact_id, on=day, delivered=delivered)
    policies.check_kind(fact, policies.WITHDRAWABLE)
    policies.check_may_withdraw(str(fact.payload.get("authority") or ""), unit=officer.organisation)
    policies.check_not_pending(fact.source, str(fact.source_key))
    told = {**_record(fact), "act": Act.WITHDRAW, "uscc": uscc, "name": name, "arose_on": fell_on}
    data = {
        "event": event, "event_words": EVENTS[event][0], "document": document.replace("\x00", "").strip()[:200],
        "fell_on": fell_on, "is_serious_list": fact.kind == "serious_list.listed", "is_changed": event == "changed",
    }  # fmt: skip
    return _open(WITHDRAWAL, told, data, unit=officer.organisation, by=officer, at=at)


def _record(fact: Any) -> dict[str, Any]:
    """How the record stood: with both days, so that each regime can be told from it."""
    shown_from = published_on(fact.payload, statutory_day(fact.recorded_at))
    return {
        "fact_kind": fact.kind,
        "source": fact.source,
        "source_key": str(fact.source_key),
        "regime": rules.Regime.PUBLICITY_SYSTEM,
        "stood_as": {
            "occurred_on": fact.occurred_on.isoformat(),
            "published_on": shown_from.isoformat(),
            "payload": dict(fact.payload),
            "legal_basis": fact.legal_basis,
            "is_synthetic": bool(fact.is_synthetic),
        },
    }


def _open(
    code: str,
    told: dict[str, Any],
    data: dict[str, Any],
    *,
    unit: Organisation,
    by: Officer | None,
    at: datetime,
) -> Case:
    """Open the case and its matter; who comes second at the same moment is told so."""
    place = place_of(told["uscc"])
    try:
        with transaction.atomic():
            case = procedures.start_case(
                code,
                number=numbering.take_of_day(_MARKS[code], statutory_day(at)),
                title=f"{Act(told['act']).label}：{told['name']}",
                organisation=unit,
                division_code=place if place.startswith(unit.territory) else unit.division_code,
                data=data,
                by=by,
                at=at,
                entity_code=told["uscc"],
                is_synthetic=bool(told["stood_as"]["is_synthetic"]),
            )
            RepairMatter.objects.create(case=case, **{**told, "name": told["name"][:200]})
    except IntegrityError:
        raise CaseMoved(
            "同时有人就同一条提出，请刷新后再看。",
            "Somebody asked about the same record at this moment; look again.",
        ) from None
    return case
