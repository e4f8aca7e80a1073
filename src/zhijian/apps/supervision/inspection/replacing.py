"""An inspector who cannot go is replaced by the next in the drawn order, in one transaction and by nobody's choice."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from zhijian.apps.supervision.inspection import policies, rosters, services
from zhijian.apps.supervision.inspection.models import Check, Replacement
from zhijian.apps.supervision.inspection.replacement_rules import (
    GROUND_WORDS,
    Choice,
    Ground,
    Person,
    may_change_team,
    may_decide,
    next_in_order,
    why_replaced,
)
from zhijian.apps.supervision.inspection.rules import Verb
from zhijian.engines.draws import services as draws
from zhijian.engines.draws.models import Draw
from zhijian.engines.facts import services as facts
from zhijian.engines.procedures.models import Leave
from zhijian.engines.recusal import services as recusal
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import Forbidden, may_lead
from zhijian.standards.calendar import statutory_day

REPLACED = "inspection.inspector_replaced"


class NobodyFollows(policies.Refused):
    """The drawn order is at its end; only another draw gives the check somebody."""


@dataclass(frozen=True)
class Trouble:
    """A check that cannot go as drawn: who of its team cannot, and why."""

    check: Check
    officer: Officer
    ground: Ground

    @property
    def words(self) -> tuple[str, str]:
        return GROUND_WORDS[self.ground]


class People:
    """What is known about inspectors on a day, read once: certificates, leaves, ties. No person reads the ties."""

    def __init__(self, on: date) -> None:
        self.on = on
        self._library = rosters.library()
        self._ties = recusal.recused_on(on)
        self._away: dict[int, list[tuple[date, date]]] = defaultdict(list)
        for leave in Leave.objects.filter(ends_on__gte=on):
            self._away[leave.officer_id].append((leave.starts_on, leave.ends_on))

    def of(self, officer: Officer, uscc: str) -> Person:
        """Return an officer as the rules of replacement see one, for one firm."""
        entry = self._library.get(officer.username)
        return Person(
            username=officer.username,
            certificate_end=entry["valid_to"] if entry else officer.certificate_valid_until,
            is_inspector=officer.is_active and officer.has_role(Role.INSPECTOR),
            has_tie=uscc in self._ties.get(officer.username, ())
            or bool(entry and entry["former_employer"] == uscc),
            away=tuple(self._away.get(officer.pk, ())),
        )

    def why_replaced(self, officer: Officer, check: Check) -> Ground | None:
        return why_replaced(self.of(officer, check.uscc), self.on, check.due_on)


def open_checks(area: str) -> QuerySet[Check]:
    """Return the checks of an area's units whose team may still be changed."""
    rows = Check.objects.filter(organisation__division_code__startswith=area)
    return still_open(rows).order_by("due_on", "number")


def still_open(checks: QuerySet[Check]) -> QuerySet[Check]:
    """Return those of some checks whose team may still be changed: no result was handed in."""
    rows = checks.exclude(events__verb__in=(Verb.RECORD, Verb.PUBLISH))
    return rows.select_related("task", "organisation", "inspector_first", "inspector_second")


def troubles(area: str, on: date) -> list[Trouble]:
    """Return every member of a team of the area who cannot go, with why, the most urgent check first."""
    people = People(on)
    found = []
    for check in open_checks(area):
        for officer in check.inspectors:
            ground = people.why_replaced(officer, check)
            if ground is not None:
                found.append(Trouble(check, officer, ground))
    return found


def replace(check: Check, officer: Officer, *, by: Officer, at: datetime) -> Replacement:
    """Replace a member of a team who cannot go by the next in the drawn order who may.

    Raises:
        Forbidden: no leader of the check's unit. WrongPerson: the leader is of the team or could follow.
        NotNow: nothing keeps the officer from going, or a result was handed in.
        NotAsDrawn, Tampered: the team or the draw is not what was sealed. NobodyFollows: the order is at its end.
    """
    with transaction.atomic():
        locked = lock(check)
        ground = People(statutory_day(at)).why_replaced(officer, locked)
        if ground is None:
            raise policies.NotNow(
                f"没有发现{officer}不能去的原因，不能替换。",
                f"Nothing keeps {officer} from going; nobody is replaced.",
            )
        return fill(locked, officer, ground, by=by, at=at)


def lock(check: Check) -> Check:
    """Hold a check's row until the transaction ends."""
    rows = Check.objects.select_for_update(of=("self",))
    return rows.select_related("task", "organisation", "inspector_first", "inspector_second").get(pk=check.pk)


def fill(
    check: Check,
    leaving: Officer,
    ground: Ground,
    *,
    by: Officer,
    at: datetime,
    order: Sequence[str] | None = None,
) -> Replacement:
    """Give the place of somebody who leaves to the next in the drawn order; `check` is locked.

    `order` is its `succession`, where that was recomputed already.

    Raises:
        As `replace`, without asking why the officer leaves.
    """
    check_team_open(check)
    services.check_as_dispatched(check)
    team = [one.username for one in check.inspectors]
    if leaving.username not in team:
        raise policies.NotNow(f"{leaving}已不在这次检查中。", f"{leaving} is not on this team any more.")
    order = succession(check) if order is None else order
    check_decider(check, leaving, order, by=by)
    choice = next_of(check, order, statutory_day(at))
    if choice.username is None:
        raise nobody_follows(check, choice)
    coming = Officer.objects.get(username=choice.username)
    made = Replacement(
        check_record=check,
        sequence=check.replacements.count() + 1,
        place=team.index(leaving.username),
        leaving=leaving,
        coming=coming,
        ground=ground.value,
        passed_over=[{"inspector": name, "why": why.value} for name, why in choice.passed_over],
        ordered_by=by,
        ordered_at=at,
    )
    made.save()
    _change_team(check, made)
    _record(made, order, by=by, at=at)
    return made


def check_team_open(check: Check) -> None:
    """Refuse once a result was handed in.

    Raises:
        NotNow: with what to do instead.
    """
    if check.events.filter(verb=Verb.RECORD).exists() or not may_change_team(check.state):
        raise policies.NotNow(
            "检查结论已经交出，检查人员不能再更换。结论有问题的，由第二名检查人员退回，或者公示后更正。",
            "A result was handed in, so the team stays. The second inspector may send it back; what is published is corrected.",
        )


def check_decider(check: Check, leaving: Officer, order: Iterable[str], *, by: Officer) -> None:
    """Refuse all but a leader of the check's unit, or above it, whom the outcome does not touch.

    Raises:
        Forbidden: no leader, or another area. WrongPerson: of the team, or one who could follow.
    """
    if not may_lead(by, unit=check.organisation):
        raise Forbidden(
            f"更换检查人员由{check.organisation.name}或者上级单位的负责人决定。",
            f"A leader of {check.organisation.name_en}, or of a unit above it, decides who is replaced.",
        )
    team = [one.username for one in check.inspectors]
    if not may_decide(by.username, objected=leaving.username, team=team, order=[*order]):
        raise policies.WrongPerson(
            "您在这次检查的检查人员或者候补之中，请由本单位其他负责人或者上级单位负责人决定。",
            "You are on this team or could follow on it; another leader of the unit, or of the unit above, decides.",
        )


def succession(check: Check) -> tuple[str, ...]:
    """Return the drawn order behind a check's team, recomputed from the draw; empty where no draw is kept."""
    draw = Draw.objects.filter(plan_id=check.task.plan_id, attempt=check.task.attempt).first()
    return draws.succession_of(draw, check.leaf).all if draw and check.leaf else ()


def next_of(check: Check, order: Iterable[str], on: date) -> Choice:
    """Return who follows on a check on a day, and who stood before and may not."""
    names, people = list(order), People(on)
    known = {one.username: one for one in Officer.objects.filter(username__in=names)}
    return next_in_order(
        [
            people.of(known[name], check.uscc) if name in known else Person(name, None, False)
            for name in names
        ],
        on,
        on_team={one.username for one in check.inspectors},
        replaced={one.leaving.username for one in check.replacements.select_related("leaving")},
    )


def nobody_follows(check: Check, choice: Choice) -> NobodyFollows:
    """Say that the order is at its end, and who must draw anew."""
    count, unit, plan = len(choice.passed_over), check.task.organisation, check.task.plan_id
    return NobodyFollows(
        f"抽签{plan}为这一户排定的{count}名后续人员都不能去，不得指定人选。请{unit.name}的抽签人员为这一户另行公告并抽签，由新的抽签派发检查。",
        f"None of the {count} who follow for this firm by draw {plan} may go, and nobody is picked. The drawers of "
        f"{unit.name_en} announce and hold another draw for this firm, and dispatch that.",
    )


def _change_team(check: Check, made: Replacement) -> None:
    field = ("inspector_first", "inspector_second")[made.place]
    setattr(check, field, made.coming)
    check.save(update_fields=[field])


def _record(made: Replacement, order: Iterable[str], *, by: Officer, at: datetime) -> None:
    check = made.check_record
    facts.record(
        REPLACED, subject=check.uscc, occurred_on=statutory_day(at),
        payload={
            "check": check.number, "sequence": made.sequence, "place": made.place, "leaving": made.leaving.username,
            "coming": made.coming.username, "ground": made.ground, "passed_over": made.passed_over,
            "succession_sha256": order_digest(order),
        },
        source=services.SOURCE, source_key=made.number, by=by, at=at, is_synthetic=check.is_synthetic,
    )  # fmt: skip


def order_digest(order: Iterable[str]) -> str:
    """Return the fingerprint of a drawn order, which says later that it was this one."""
    return sha256("\n".join(order).encode()).hexdigest()
