"""Who may not go to a check, who follows, and who decides an objection. Pure, with days and people as arguments.

National law has no general text on recusal in random inspections; the food measures and the penalty law have one, and
their wording is applied to every check.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from zhijian.apps.supervision.inspection.rules import State
from zhijian.standards import calendar, parameters
from zhijian.standards.citation import rule

PENALTY_LAW_43 = "《行政处罚法》第四十三条"
FOOD_23 = "《食品生产经营监督检查管理办法》第二十三条"
DECISION_WORKING_DAYS = parameters.load("supervision/inspector_objection_working_days")


class Ground(StrEnum):
    """Why somebody leaves a team, or is passed over when a place is filled."""

    CERTIFICATE = "certificate"
    LEAVE = "leave"
    LEFT = "left"
    TIE = "tie"
    OBJECTION = "objection"
    ON_TEAM = "on_team"
    REPLACED = "replaced"


GROUND_WORDS = {
    Ground.CERTIFICATE: ("执法证件已失效", "The certificate has ended"),
    Ground.LEAVE: ("请假", "On leave"),
    Ground.LEFT: ("已离岗或者不再是检查人员", "Left, or no inspector any more"),
    Ground.TIE: ("与该企业有应当回避的关系", "A tie to the firm"),
    Ground.OBJECTION: ("企业申请回避，已准许", "The firm objected, and was right"),
    Ground.ON_TEAM: ("已在这次检查中", "On the team already"),
    Ground.REPLACED: ("已被替换过", "Replaced before"),
}

INTEREST, RELATION = "interest", "relation"
OBJECTION_GROUNDS = {
    INTEREST: ("与检查有直接利害关系", "A direct interest in the check"),
    RELATION: ("有其他关系，可能影响公正", "Another tie that may affect fairness"),
}


@dataclass(frozen=True)
class Person:
    """An inspector on a day: what decides whether this person may go to one firm. `away` are leaves, both days included."""

    username: str
    certificate_end: date | None
    is_inspector: bool
    has_tie: bool = False
    away: tuple[tuple[date, date], ...] = ()


@rule(cites=("《企业公示信息抽查办法》第九条", FOOD_23))
def why_not(person: Person, on: date) -> Ground | None:
    """Return why somebody may not go on a day: no inspector any more, no valid certificate, a tie, away; None where nothing stands against it."""
    if not person.is_inspector:
        return Ground.LEFT
    if person.certificate_end is None or person.certificate_end < on:
        return Ground.CERTIFICATE
    if person.has_tie:
        return Ground.TIE
    return Ground.LEAVE if any(first <= on <= last for first, last in person.away) else None


@rule(cites="国办发〔2015〕58号")
def why_replaced(person: Person, on: date, due_on: date) -> Ground | None:
    """Return why a member of a team is replaced; None where the check can wait, or go.

    ASSUMPTION: no text says how long an absence may hold up a check. Who is away for less than half of the days that are
    left is waited for; once the last day is over nobody is waited for.
    """
    ground = why_not(person, on)
    if ground != Ground.LEAVE:
        return ground
    left = max(1, (due_on - on).days + 1)
    back = max(last for first, last in person.away if first <= on <= last)
    return Ground.LEAVE if 2 * ((min(back, max(due_on, on)) - on).days + 1) >= left else None


@dataclass(frozen=True)
class Choice:
    """Who fills a place, and who stood before and may not, with why. Nobody where the order is at its end."""

    username: str | None
    passed_over: tuple[tuple[str, Ground], ...]


@rule(cites="国办发〔2015〕58号")
def next_in_order(
    order: Sequence[Person], on: date, *, on_team: Collection[str], replaced: Collection[str]
) -> Choice:
    """Return the first in the drawn order who may go on a day. Nobody picks: who is passed over is named with why."""
    passed: list[tuple[str, Ground]] = []
    for one in order:
        ground = why_not(one, on)
        if one.username in on_team:
            ground = Ground.ON_TEAM
        elif one.username in replaced:
            ground = Ground.REPLACED
        if ground is None:
            return Choice(one.username, tuple(passed))
        passed.append((one.username, ground))
    return Choice(None, tuple(passed))


@rule(cites=PENALTY_LAW_43)
def may_decide(decider: str, *, objected: str, team: Collection[str], order: Collection[str]) -> bool:
    """Say whether a leader may decide: neither the one objected to, nor of the team, nor among those who would follow."""
    return decider not in {objected, *team, *order}


@rule(cites=PENALTY_LAW_43)
def objection_due_on(said_on: date) -> date:
    """Return until when an objection is decided: 3 working days.

    ASSUMPTION: the law sets no day; this is the office's own. The check does not stop before the decision.
    """
    return calendar.add_working_days(said_on, DECISION_WORKING_DAYS.on(said_on), provisional=True)


@rule(cites=("《企业公示信息抽查办法》第九条", PENALTY_LAW_43))
def may_change_team(state: State) -> bool:
    """Say whether a team may still be changed: until a result is handed in, which those who saw it answer for."""
    return state in {State.DISPATCHED, State.ON_SITE}


@rule(cites="国办发〔2015〕58号")
def team_after(drawn: Sequence[str], replaced: Iterable[Mapping[str, Any]]) -> list[str] | None:
    """Return the team that a dispatch and its replacements, in order, give; None where one does not fit what was before."""
    team = list(drawn)
    for expected, said in enumerate(replaced, start=1):
        place = said["place"]
        fits = said["sequence"] == expected and place < len(team) and team[place] == said["leaving"]
        if not fits or said["coming"] in team:
            return None
        team[place] = said["coming"]
    return team
