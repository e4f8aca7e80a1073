"""Work that more than one person has a part in: joint units, supervision, leave, many steps given out at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count

from zhijian.engines.procedures import items, policies, stepping, versions
from zhijian.engines.procedures.assignment import Candidate, Proposal, Wanted, share_out
from zhijian.engines.procedures.errors import NotYours, ProcedureRefused
from zhijian.engines.procedures.models import ItemState, JointUnit, Leave, WorkItem
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Forbidden, may_lead, may_work
from zhijian.standards.calendar import statutory_day


def join_units(
    item: WorkItem, organisations: Iterable[Organisation], *, note: str = "", by: Officer, at: datetime
) -> list[JointUnit]:
    """Ask other units to handle a step together (联合办理); it is handed in only when each has answered.

    Raises:
        NotYours: the officer neither holds the step nor leads the unit.
        ProcedureRefused: no other unit is named, or one that can have no competence.
    """
    with stepping.act(item.case_id, by=by, at=at) as doing:
        mine = items.locked(item, doing)
        if mine.holder_id != by.pk and not may_lead(by, unit=mine.organisation):
            raise NotYours(
                "只有承办人或负责人可以请其他单位协办。",
                "Only who holds the step, or a leader, asks other units.",
            )
        others = [one for one in organisations if one.pk != mine.organisation_id]
        if not others:
            raise ProcedureRefused("请选择协办单位。", "Choose the units to ask.")
        for one in others:
            policies.check_can_join(doing.case, mine.role, one)
        asked = []
        for one in others:
            unit, is_new = JointUnit.objects.get_or_create(
                item=mine, organisation=one, defaults={"asked_at": at, "asked_by": by}
            )
            if is_new:
                asked.append(unit)
        mine.is_joint = True
        mine.save(update_fields=["is_joint"])
        names = "、".join(str(unit.organisation) for unit in asked)
        doing.tell("join", task=mine.task, name=mine.name, note=note, data={"units": names})
    return asked


def answer_joint(item: WorkItem, *, opinion: str, by: Officer, at: datetime) -> JointUnit:
    """Give the answer of one's own unit, which was asked to handle a step together.

    Raises:
        Forbidden: the officer's unit was not asked, or the officer has neither the step's role nor leads it.
    """
    with stepping.act(item.case_id, by=by, at=at) as doing:
        mine = items.locked(item, doing)
        unit = mine.units.filter(organisation=by.organisation, answered_at=None).first()
        if unit is None or not (by.has_role(mine.role) or may_lead(by, unit=unit.organisation)):
            raise Forbidden(
                "您的单位没有被请求协办，或已经答复。", "Your unit was not asked, or has answered already."
            )
        unit.opinion, unit.answered_at, unit.answered_by = policies.check_reason(opinion)[:2000], at, by
        unit.save(update_fields=["opinion", "answered_at", "answered_by"])
        doing.tell("answer", task=mine.task, name=mine.name, note=unit.opinion)
    return unit


def supervise(item: WorkItem, *, note: str, by: Officer, at: datetime) -> WorkItem:
    """Put a step under a leader's eye (督办): it is marked in every list until it is done.

    Raises:
        Forbidden: the officer leads neither the unit nor one above it.
        ProcedureRefused: there is nothing to say.
    """
    with stepping.act(item.case_id, by=by, at=at) as doing:
        mine = items.locked(item, doing)
        policies.check_may_lead(by, mine.organisation)
        plain = policies.check_reason(note)
        mine.supervised_by, mine.supervised_at = by, at
        mine.save(update_fields=["supervised_by", "supervised_at"])
        doing.tell("supervise", task=mine.task, name=mine.name, note=plain)
        return mine


def delegate_leave(
    officer: Officer,
    *,
    substitute: Officer,
    starts_on: date,
    ends_on: date,
    note: str = "",
    by: Officer,
    at: datetime,
) -> Leave:
    """Let a colleague of the same unit act in an officer's place from one day to another, both included.

    Raises:
        Forbidden: the officer arranges for somebody else without leading the unit, or for a colleague without the roles.
        ProcedureRefused: another unit, the same person, or days in the wrong order.
    """
    leads = officer.organisation is not None and may_lead(by, unit=officer.organisation)
    if substitute.pk == officer.pk or substitute.organisation_id != officer.organisation_id:
        raise ProcedureRefused(
            "代办人应为本单位的另一名人员。", "The substitute must be a colleague of the same unit."
        )
    if ends_on < starts_on or ends_on < statutory_day(at):
        raise ProcedureRefused("请核对起止日期。", "Check the first and the last day.")
    if not leads and (by.pk != officer.pk or set(officer.roles) - set(substitute.roles)):
        raise Forbidden(
            "代办人没有相应岗位时，由单位负责人安排。",
            "A leader of the unit arranges for somebody else, or for a substitute without the same roles.",
        )
    return Leave.objects.create(
        officer=officer, substitute=substitute, starts_on=starts_on, ends_on=ends_on, note=note[:300],
        arranged_by=by, arranged_at=at,
    )  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """One step of a preview: whom it would be given, and why; or why to nobody."""

    item: WorkItem
    officer: Officer | None
    reason_zh: str
    reason_en: str


@dataclass
class Done:
    """What came of many at once: one refusal does not stop the others."""

    items: list[WorkItem] = field(default_factory=list)
    refusals: list[tuple[WorkItem, str, str]] = field(default_factory=list)


def candidates(organisation: Organisation, role: str, *, on: date) -> dict[int, tuple[Officer, Candidate]]:
    """The officers of a unit who could do a step of a role, with their load and whether they are away."""
    people = [one for one in organisation.officers.filter(is_active=True) if one.has_role(role)]
    loads = dict(
        WorkItem.objects.filter(holder__in=people, state=ItemState.OPEN)
        .values_list("holder")
        .annotate(Count("pk"))
        .order_by()
    )
    away = set(
        Leave.objects.filter(officer__in=people, starts_on__lte=on, ends_on__gte=on).values_list(
            "officer_id", flat=True
        )
    )
    return {
        one.pk: (
            one,
            Candidate(
                one.pk,
                str(one),
                organisation.territory,
                frozenset(one.skills),
                loads.get(one.pk, 0),
                one.pk in away,
            ),
        )
        for one in people
    }


def preview_assignment(chosen: Sequence[WorkItem], *, at: datetime) -> list[Planned]:
    """Propose an officer for each step, sharing the load; nothing is written."""
    day = statutory_day(at)
    planned: dict[int, Planned] = {}
    groups: dict[tuple[int, str], list[WorkItem]] = {}
    for item in chosen:
        groups.setdefault((item.organisation_id, item.role), []).append(item)
    for (_, role), several in groups.items():
        there = candidates(several[0].organisation, role, on=day)
        wanted = [Wanted(item.case.division_code, _skill_of(item)) for item in several]
        proposals = share_out(wanted, [candidate for _, candidate in there.values()])
        for item, proposal in zip(several, proposals, strict=True):
            planned[item.pk] = _planned(item, proposal, there)
    return [planned[item.pk] for item in chosen]


def bulk_assign(choices: Mapping[int, Officer], *, by: Officer, at: datetime) -> Done:
    """Give many steps (by id) to officers, as previewed and perhaps changed by hand; each is an act of its own."""
    from zhijian.engines.procedures.services import assign

    done = Done()
    for item in WorkItem.objects.filter(pk__in=list(choices)).select_related("case").order_by("pk"):
        try:
            done.items.append(assign(item, to=choices[item.pk], by=by, at=at, note="批量分派"))
        except (ProcedureRefused, Forbidden) as refusal:
            done.refusals.append((item, refusal.message_zh, refusal.message_en))
    return done


def _skill_of(item: WorkItem) -> str:
    node = versions.compiled_of(item.case.version).drawing.nodes.get(item.task)
    return node.properties.get("skill", "") if node else ""


def _planned(item: WorkItem, proposal: Proposal | None, there: Mapping[int, tuple[Officer, Any]]) -> Planned:
    if proposal is None:
        return Planned(item, None, "本单位没有在岗的相应人员", "nobody with the role is there")
    officer = there[proposal.candidate.officer_id][0]
    if not may_work(officer, item.role, unit=item.organisation, division=item.case.division_code):
        return Planned(item, None, "案发地不在本单位管辖范围", "the case lies outside the unit's area")
    return Planned(item, officer, proposal.reason_zh, proposal.reason_en)
