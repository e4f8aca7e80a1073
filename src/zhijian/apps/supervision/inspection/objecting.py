"""A firm objects to an inspector, on its own page or at the door; a leader decides, and the firm is told why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from zhijian.apps.supervision.inspection import policies, replacing, services
from zhijian.apps.supervision.inspection.models import (
    Check,
    InspectorObjection,
    ObjectionDecision,
    Replacement,
)
from zhijian.apps.supervision.inspection.replacement_rules import (
    OBJECTION_GROUNDS,
    Ground,
    may_change_team,
    objection_due_on,
)
from zhijian.apps.supervision.inspection.rules import State
from zhijian.engines.documents import services as documents
from zhijian.engines.documents.declaration import Template, load_folder
from zhijian.engines.documents.models import Document
from zhijian.engines.documents.paper import chinese_day
from zhijian.engines.evidence.services import Owner
from zhijian.engines.facts import services as facts
from zhijian.security import sealed_text
from zhijian.security.audit import record_look
from zhijian.security.models import BusinessPerson, Officer
from zhijian.security.permissions import Forbidden, OfFirm, may_lead, require_for
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

DECIDED = "inspection.objection_decided"
OF_OBJECTION = "inspection.objection"
PAPERS: dict[str, Template] = load_folder(Path(__file__).parent / "papers")
MOST_CHARACTERS = 500
_KEY = "inspector_objections"


@dataclass(frozen=True)
class Said:
    """What the firm says: against whom (the officer's number), on which ground, in its own words."""

    officer_id: int | None
    ground: str
    words: str


def object_from_firm(check: Check, said: Said, *, by: BusinessPerson, at: datetime) -> InspectorObjection:
    """Keep the objection of a firm that knows of its check, and return it with the number of its receipt.

    Raises:
        Forbidden: not this firm, no right to act for it, or the firm cannot know of the check yet.
        Incomplete: no inspector of the team, no ground, no words. NotNow: handed in, or said before.
    """
    require_for(by, OfFirm.FILE, uscc=check.uscc)
    if not knows(check):
        raise Forbidden("没有这次检查。", "There is no such check.")
    return _object(check, said, person=by, writer=None, at=at)


def object_at_door(check: Check, said: Said, *, by: Officer, at: datetime) -> InspectorObjection:
    """Keep what the firm says at the door, as an inspector of the team writes it down.

    Raises:
        Forbidden, WrongPerson: none of the two inspectors. Incomplete, NotNow: as from the firm.
    """
    policies.check_inspector(check, by)
    return _object(check, said, person=None, writer=by, at=at)


def knows(check: Check) -> bool:
    """Say whether the firm has been told of a check: by its notice, or because the team came. Before, nobody outside is."""
    from zhijian.apps.supervision.visit_codes.paperwork import OF_VISIT  # it reads the checks of this system

    if check.state != State.DISPATCHED:
        return True
    return Document.objects.filter(owner_kind=OF_VISIT, owner_id=check.number).exists()


def open_to_objection(uscc: str) -> list[Check]:
    """Return the checks of a firm whose team it may object to now."""
    rows = replacing.still_open(Check.objects.filter(uscc=uscc))
    return [one for one in rows.order_by("number") if knows(one)]


def _object(
    check: Check, said: Said, *, person: BusinessPerson | None, writer: Officer | None, at: datetime
) -> InspectorObjection:
    with transaction.atomic():
        locked = replacing.lock(check)
        replacing.check_team_open(locked)
        officer = next((one for one in locked.inspectors if one.pk == said.officer_id), None)
        if problems := _problems(officer, said):
            raise policies.Incomplete(problems)
        number = f"HB-{locked.number}-{locked.objections.count() + 1}"
        made = InspectorObjection(
            number=number, check_record=locked, officer=officer, ground=said.ground, by_person=person, written_by=writer,
            sealed=sealed_text.seal(said.words.strip(), key=_KEY, context=number), said_at=at,
            due_on=objection_due_on(statutory_day(at)),
        )  # fmt: skip
        try:
            with transaction.atomic():
                made.save()
        except IntegrityError as twice:
            raise policies.NotNow(
                "对这名检查人员以同样的理由已经申请过回避。",
                "This was said of this inspector before, on the same ground.",
            ) from twice
    return made


def _problems(officer: Officer | None, said: Said) -> list[Problem]:
    problems = []
    if officer is None:
        problems.append(
            Problem("officer", "请选择这次检查的一名检查人员。", "Choose an inspector of this check.")
        )
    if said.ground not in OBJECTION_GROUNDS:
        problems.append(Problem("ground", "请选择理由。", "Choose a ground."))
    if not 4 <= len(said.words.strip()) <= MOST_CHARACTERS:
        problems.append(
            Problem("words", "请写明是什么关系，4到500字。", "Say which tie it is, in 4 to 500 characters.")
        )
    return problems


def words_of(objection: InspectorObjection) -> str:
    """Return what the firm said. The page that shows it asks who may read, and records the look."""
    return sealed_text.unseal(objection.sealed, key=_KEY, context=objection.number)


def opened(objection: InspectorObjection, *, by: Officer, at: datetime) -> str:
    """Return what the firm said to a leader of the check's unit; the look is recorded.

    Raises:
        Forbidden: no leader of the unit or above it.
    """
    check = objection.check_record
    if not may_lead(by, unit=check.organisation):
        raise Forbidden(
            "回避申请由单位负责人审查。", "Objections are read and decided by a leader of the unit."
        )
    record_look(by, check.uscc, "inspector_objection", at=at, reason=objection.number)
    return words_of(objection)


def waiting(area: str) -> list[InspectorObjection]:
    """Return the objections of an area's checks that wait for a decision, the most urgent first."""
    rows = InspectorObjection.objects.filter(
        check_record__organisation__division_code__startswith=area, decision=None
    )
    return list(rows.select_related("check_record__organisation", "check_record__task", "officer"))


def decide(
    objection: InspectorObjection, outcome: str, reason: str, *, by: Officer, at: datetime
) -> ObjectionDecision:
    """Decide an objection, replace the inspector where it is upheld, seal it and make the paper for the firm.

    An objection that is upheld after a result was handed in replaces nobody: the result is looked at by the second
    inspector and by the publisher, and the decision says so.

    Raises:
        Forbidden: no leader of the unit. WrongPerson: the leader is touched by the outcome.
        Incomplete: no outcome or no reason. NotNow: decided before. NobodyFollows: upheld, and nobody can come.
        DocumentRefused: the office has no word of its own for the paper.
    """
    with transaction.atomic():
        held = InspectorObjection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
        if ObjectionDecision.objects.filter(objection=held).exists():
            raise policies.NotNow("这件申请已经有决定。", "This objection has its decision.")
        check = replacing.lock(held.check_record)
        order = replacing.succession(check)
        replacing.check_decider(check, held.officer, order, by=by)
        if problems := _decision_problems(outcome, reason):
            raise policies.Incomplete(problems)
        is_upheld = outcome == ObjectionDecision.UPHELD
        replacement = _replaced(check, held.officer, order, by=by, at=at) if is_upheld else None
        made = ObjectionDecision(
            objection=held, outcome=outcome, reason=reason.strip(), replacement=replacement, decided_by=by, decided_at=at,
        )  # fmt: skip
        made.save()
        _record(made, by=by, at=at)
        _paper(made, by=by, at=at)
    return made


def _replaced(
    check: Check, officer: Officer, order: Sequence[str], *, by: Officer, at: datetime
) -> Replacement | None:
    if officer not in check.inspectors or not may_change_team(check.state):
        return None
    return replacing.fill(check, officer, Ground.OBJECTION, by=by, at=at, order=order)


def _decision_problems(outcome: str, reason: str) -> list[Problem]:
    problems = []
    if outcome not in (ObjectionDecision.UPHELD, ObjectionDecision.REFUSED):
        problems.append(Problem("outcome", "请选择准许或者驳回。", "Choose whether to uphold or refuse."))
    if not 4 <= len(reason.strip()) <= MOST_CHARACTERS:
        problems.append(
            Problem(
                "reason",
                "请写明理由，4到500字；企业会看到。",
                "Give the reason, 4 to 500 characters; the firm reads it.",
            )
        )
    return problems


def _record(made: ObjectionDecision, *, by: Officer, at: datetime) -> None:
    objection, check = made.objection, made.objection.check_record
    facts.record(
        DECIDED, subject=check.uscc, occurred_on=statutory_day(at),
        payload={
            "check": check.number, "objection": objection.number, "officer": objection.officer.username,
            "ground": objection.ground, "outcome": made.outcome,
        },
        source=services.SOURCE, source_key=f"{check.number}/objection/{objection.number}", by=by, at=at,
        is_synthetic=check.is_synthetic,
    )  # fmt: skip


def _paper(made: ObjectionDecision, *, by: Officer, at: datetime) -> Document:
    objection, check = made.objection, made.objection.check_record
    came = made.replacement.coming if made.replacement else None
    return documents.issue(
        PAPERS["objection_decision"],
        {
            "firm": check.entity_name, "uscc": check.uscc, "check": check.number, "said": chinese_day(statutory_day(objection.said_at)),
            "officer": objection.officer.display_name, "ground": OBJECTION_GROUNDS[objection.ground][0],
            "is_upheld": made.outcome == ObjectionDecision.UPHELD, "reason": made.reason,
            "coming": came.display_name if came else "", "certificate": came.certificate_number if came else "",
        },
        Owner(OF_OBJECTION, objection.number), site=settings.SITE, media=settings.HOME.media, by=by, at=at,
        is_synthetic=check.is_synthetic,
    )  # fmt: skip


def paper_of(objection: InspectorObjection) -> Document | None:
    """Return the paper of a decision."""
    return Document.objects.filter(owner_kind=OF_OBJECTION, owner_id=objection.number).first()


def check_paper(number: str, officer: Officer) -> str:
    """Let leaders of the check's unit, and those who may see the check, see the decision's paper.

    Raises:
        Forbidden: another role, or another area.
    """
    objection = InspectorObjection.objects.filter(number=number).select_related("check_record").first()
    if objection is None:
        raise Forbidden("没有这份决定书。", "There is no such decision.")
    if not may_lead(officer, unit=objection.check_record.organisation):
        policies.check_view(objection.check_record, officer)
    return objection.check_record.uscc
