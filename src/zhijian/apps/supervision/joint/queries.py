"""What pages read of joint inspections: an officer reads the own department's part, and no other's before it is public."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from zhijian.apps.supervision.inspection.models import Check
from zhijian.apps.supervision.joint import rules
from zhijian.apps.supervision.joint.models import JointPlan, JointRecord, JointVisit, Participation
from zhijian.engines.facts.models import Fact
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day


@dataclass(frozen=True)
class Part:
    """One department's part in a plan, with how far it is."""

    participation: Participation
    answer: Any
    due_on: Any
    visits: int
    recorded: int
    published: int


def plans_of(officer: Officer) -> list[JointPlan]:
    """Return the plans that an officer may see: led by the own unit, or with the own department asked."""
    rows = JointPlan.objects.select_related("draw", "organisation")
    mine = rows.filter(organisation=officer.organisation) | rows.filter(
        participations__department=officer.organisation
    )
    return list(mine.distinct())


def parts_of(plan: JointPlan) -> list[Part]:
    """Return every department's part in a plan."""
    found = []
    for one in plan.participations.select_related("department", "answer"):
        records = JointRecord.objects.filter(visit__participation=one)
        found.append(
            Part(
                one,
                getattr(one, "answer", None),
                rules.answer_by(statutory_day(one.invited_at)),
                one.visits.count(),
                records.values("visit").distinct().count(),
                records.filter(confirmation__isnull=False).values("visit").distinct().count(),
            )
        )
    return found


def team_of(visit: JointVisit) -> tuple[str, ...]:
    """Return the account names of who goes for the department."""
    return rules.team(visit.order, [one.username for one in visit.recusals.all()])


def people_of(visit: JointVisit) -> list[Officer]:
    """Return who goes for the department, in the order of their lots."""
    return people_by_visit([visit])[visit.pk]


def people_by_visit(visits: Iterable[JointVisit]) -> dict[int, list[Officer]]:
    """Return who goes to each visit, by its row."""
    teams = {one.pk: team_of(one) for one in visits}
    names = {name for team in teams.values() for name in team}
    found = {one.username: one for one in Officer.objects.filter(username__in=names, is_active=True)}
    return {pk: [found[name] for name in team if name in found] for pk, team in teams.items()}


def visits_of(participation: Participation) -> list[JointVisit]:
    """Return a department's visits, those due first."""
    return list(
        participation.visits.select_related(
            "check_record__task", "participation__plan__draw"
        ).prefetch_related("recusals", "records__confirmation", "check_record__events")
    )


def newest(visit: JointVisit) -> JointRecord | None:
    """Return the newest record of a visit."""
    return max(visit.records.all(), key=lambda one: one.version, default=None)


def confirmed(visit: JointVisit) -> JointRecord | None:
    """Return the newest record that was confirmed, which is what stands published."""
    told = [one for one in visit.records.all() if hasattr(one, "confirmation")]
    return max(told, key=lambda one: one.version, default=None)


def departments_of(check: Check) -> list[dict[str, Any]]:
    """Return for the leading team which departments come along, who, and whether they have recorded; not what."""
    rows = check.joint_visits.select_related("participation__department")
    visits = list(rows.prefetch_related("recusals", "records__confirmation"))
    people, found = people_by_visit(visits), []
    for visit in visits:
        record = newest(visit)
        found.append(
            {
                "department": visit.participation.department,
                "people": people[visit.pk],
                "state": "none"
                if record is None
                else "published"
                if hasattr(record, "confirmation")
                else "recorded",
            }
        )
    return found


def results_of(plan_id: str) -> list[Fact]:
    """Return the published results of a plan's departments: the newest version of each."""
    rows = Fact.objects.filter(kind="joint.result", payload__plan=plan_id, superseded_by=None)
    return list(rows.order_by("subject", "payload__department_code"))
