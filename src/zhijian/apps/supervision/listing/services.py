"""Verbs: propose to list a firm, ask to take it off, propose the serious list. Each opens a case; nobody lists without one."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhijian.apps.supervision.listing import policies, rules, words
from zhijian.apps.supervision.listing.models import Act, ListingMatter
from zhijian.engines.procedures import numbering
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import CaseMoved, ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.public_records import place_of
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day

LISTING, REMOVAL, SERIOUS = (
    "supervision/abnormal_listing",
    "supervision/abnormal_removal",
    "supervision/serious_listing",
)
_MARKS = {LISTING: "LR", REMOVAL: "YC", SERIOUS: "YZ"}


def propose_listing(
    uscc: str,
    *,
    name: str,
    subject_kind: str,
    ground: str,
    arose_on: date,
    clue: str,
    division: str,
    by: Officer,
    at: datetime,
    is_synthetic: bool = False,
) -> Case:
    """Open the case that decides whether a firm is put on the abnormal list for a ground.

    `arose_on`: the last day of the period of report, order or change of name; otherwise the day it was verified.

    Raises:
        ProcedureRefused: no such ground for such a subject then, the period runs still, listed already, a case is open.
        Forbidden: not the role, or not the area.
    """
    officer, day = _keeper(by, division), statutory_day(at)
    code, plain = policies.check_firm(uscc, name, subject_kind)
    policies.check_ground(ground, subject_kind=subject_kind, arose_on=arose_on, on=day)
    policies.check_listable(code, ground, arose_on=arose_on)
    policies.check_not_dormant(code, ground, arose_on=arose_on)
    policies.check_not_listed(code, ground, on=day)
    policies.check_not_pending(code, Act.LIST, ground)
    data = {"ground": words.ground_words(ground)[0], "clue": _said(clue), "arose_on": arose_on}
    told = {
        "act": Act.LIST, "uscc": code, "name": plain, "subject_kind": subject_kind, "ground_code": ground,
        "arose_on": arose_on,
    }  # fmt: skip
    return _open(
        LISTING,
        told,
        data,
        unit=_unit(officer),
        division=division,
        by=officer,
        at=at,
        is_synthetic=is_synthetic,
    )


def ask_removal(uscc: str, ground: str, *, statement: str, division: str, by: Officer, at: datetime) -> Case:
    """Open the case of a firm's application to leave the abnormal list for a ground.

    Raises:
        ProcedureRefused: not listed for it, listed by another authority, nothing said, a case is open.
        Forbidden: not the role, or not the area.
    """
    officer = _keeper(by, division)
    return _removal(uscc, ground, statement, unit=_unit(officer), division=division, by=officer, at=at)


def ask_removal_for_firm(uscc: str, ground: str, *, statement: str, unit: Organisation, at: datetime) -> Case:
    """Open the same case for a firm that applies itself, at the unit that listed it. Who may ask for it is checked before.

    Raises:
        ProcedureRefused: as `ask_removal`.
    """
    place = place_of(uscc)
    division = place if place.startswith(unit.territory) else unit.division_code
    return _removal(uscc, ground, statement, unit=unit, division=division, by=None, at=at)


def _removal(
    uscc: str,
    ground: str,
    statement: str,
    *,
    unit: Organisation,
    division: str,
    by: Officer | None,
    at: datetime,
) -> Case:
    if ground not in set(rules.Ground):
        raise ProcedureRefused("请选一种列入事由。", "Choose the ground of the listing.")
    day = statutory_day(at)
    listing = policies.check_listed(uscc, ground, authority=unit.name, on=day)
    policies.check_not_pending(uscc, Act.REMOVE, ground)
    first = ListingMatter.objects.filter(uscc=uscc, act=Act.LIST, ground_code=ground).order_by("-pk").first()
    data = {
        "ground": words.ground_words(ground)[0], "statement": _said(statement), "applied_on": day, "counted_from": day,
        "runs_from_application": ground in rules.FROM_APPLICATION,
    }  # fmt: skip
    told = {
        "act": Act.REMOVE, "uscc": uscc, "name": first.name if first else uscc, "ground_code": ground, "arose_on": day,
        "subject_kind": first.subject_kind if first else rules.Subject.ENTERPRISE,
    }  # fmt: skip
    return _open(
        REMOVAL, told, data, unit=unit, division=division, by=by, at=at, is_synthetic=listing.is_synthetic
    )


def propose_serious(
    uscc: str,
    *,
    name: str,
    subject_kind: str,
    family: str,
    penalty_no: str,
    clue: str,
    division: str,
    by: Officer,
    at: datetime,
) -> Case:
    """Open the case that decides, with a penalty, whether a firm is put on the serious-violation list.

    Who decided the penalty decides on the listing, wherever the firm is registered.

    Raises:
        ProcedureRefused: no such penalty or family, another authority's penalty, a case is open, listed on it already.
        Forbidden: not the role.
    """
    officer, day = require(by, Permission.KEEP_CREDIT_FILE), statutory_day(at)
    unit = _unit(officer)
    code, plain = policies.check_firm(uscc, name, subject_kind)
    found = rules.FAMILIES.get(family)
    if found is None:
        raise ProcedureRefused("请选一种列明的情形。", "Choose one of the families of the Measures.")
    penalty = policies.penalty_of(code, penalty_no.strip(), on=day)
    policies.check_penalty_authority(penalty, unit=unit.name)
    policies.check_penalty_unused(code, penalty_no.strip())
    policies.check_not_pending(code, Act.LIST_SERIOUS, family, penalty_no.strip())
    until = penalty.payload.get("restricted_until")
    told = {
        "act": Act.LIST_SERIOUS, "uscc": code, "name": plain, "subject_kind": subject_kind, "ground_code": family,
        "penalty_no": penalty_no.strip(), "penalty_types": list(penalty.payload.get("types") or []), "arose_on": day,
        "restricted_until": date.fromisoformat(until) if until else None,
    }  # fmt: skip
    data = {"ground": found.zh, "clue": _said(clue), "penalty_no": penalty_no.strip()}
    return _open(
        SERIOUS,
        told,
        data,
        unit=unit,
        division=division if division.startswith(unit.territory) else unit.division_code,
        by=officer,
        at=at,
        is_synthetic=penalty.is_synthetic,
    )


def _keeper(by: Officer, division: str) -> Officer:
    return require(by, Permission.KEEP_CREDIT_FILE, division=division)


def _unit(officer: Officer) -> Organisation:
    assert officer.organisation is not None
    return officer.organisation


def _said(text: str) -> str:
    plain = text.replace("\x00", "").strip()
    if not 4 <= len(plain) <= 1000:
        raise ProcedureRefused(
            "请写明事实和来源（4至1000字）。", "Say what was found and where it comes from, in 4 to 1000 characters."
        )  # fmt: skip
    return plain


def _open(
    code: str,
    told: dict[str, Any],
    data: dict[str, Any],
    *,
    unit: Organisation,
    division: str,
    by: Officer | None,
    at: datetime,
    is_synthetic: bool,
) -> Case:
    """Open the case and its matter; who comes second at the same moment is told so."""
    try:
        with transaction.atomic():
            case = procedures.start_case(
                code,
                number=numbering.take_of_day(_MARKS[code], statutory_day(at)),
                title=f"{Act(told['act']).label}：{told['name']}",
                organisation=unit,
                division_code=division,
                data=data,
                by=by,
                at=at,
                entity_code=told["uscc"],
                is_synthetic=is_synthetic,
            )
            ListingMatter.objects.create(case=case, **told)
    except IntegrityError:
        raise CaseMoved(
            "同时有人就同一户提出，请刷新后再看。", "Somebody proposed the same at this moment; look again."
        ) from None
    return case
