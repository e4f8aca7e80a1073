"""What else inspectors of the invented province do: film, go for a lead, look at reports, plan a day; and firms object."""

from datetime import date, datetime, timedelta
from hashlib import sha256
from random import Random

from django.db.models import QuerySet

from zhijian.apps.supervision.case_checks import services as case_checks
from zhijian.apps.supervision.case_checks.models import CaseCheck
from zhijian.apps.supervision.inspection import objecting, round_rules, rounds, site_papers
from zhijian.apps.supervision.inspection.models import Check, DayRound, InspectionTask, ObjectionDecision
from zhijian.apps.supervision.inspection.objecting import Said
from zhijian.apps.supervision.inspection.rounds import Chosen
from zhijian.apps.supervision.inspection.rules import State, Verb
from zhijian.apps.supervision.inspection.site_rules import ORDER, RECORD, Delivery, Way
from zhijian.apps.supervision.recordings import services as recordings
from zhijian.apps.supervision.recordings.services import Typed
from zhijian.apps.supervision.visit_codes import services as visit_codes
from zhijian.apps.supervision.visit_codes.models import VisitFeedback
from zhijian.apps.supervision.visit_codes.services import Opinion
from zhijian.operations.demo import fieldwork
from zhijian.operations.demo.registers import open_moment
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may
from zhijian.standards.calendar import statutory_day

LEADER = "province-leader"
FILMED, ANSWERED, LOOKED_AT, HANDED_OVER = 12, 30, 10, 3
_REPORTS_SEEN_ON = date(2026, 11, 24)
_TIED = "示例：这名检查人员去年在我们的供货商任职。"
_UNTIED = "示例：我们不认识这名检查人员，只是希望换一个人。"


def film(task: InspectionTask, *, now: datetime) -> int:
    """Register the films of some finished visits by their hash, one of them with a gap; return how many are new."""
    new = 0
    for place, check in enumerate(_published(task)[:FILMED]):
        begun, entered = check.last(Verb.BEGIN), check.last(Verb.RECORD)
        if begun is None or entered is None or check.recordings.exists():
            continue
        until = entered.happened_at + timedelta(minutes=20)
        if place == 0:  # the battery was empty
            until = begun.happened_at + timedelta(minutes=12)
        typed = Typed(
            sha256=sha256(f"示例影像{check.number}".encode()).hexdigest(), size_bytes=str(180_000_000 + place * 1_234_567),
            device=f"SL-{check.organisation.code[-6:]}-{place % 3 + 1}", begun_at=begun.happened_at.isoformat(),
            ended_at=until.isoformat(), keeper="示例音像采集站",
        )  # fmt: skip
        recordings.register(check, typed, by=check.inspector_first, at=now)
        new += 1
    return new


def hand_over(task: InspectionTask, *, now: datetime) -> int:
    """Give firms their papers an hour after the check was confirmed: the record, and of some the order to correct.

    Where that day is sealed already, now, and without orders, whose last day is over. Returns how many are new.
    """
    done = _published(task)
    if any(site_papers.papers_of(one) for one in done):
        return 0
    ordered = [one for one in done if site_papers.orders_of(one.result)][:HANDED_OVER]
    plain = [one for one in done if one not in ordered][:HANDED_OVER]
    new = 0
    for check in [*plain, *ordered]:
        confirmed = check.last(Verb.CONFIRM)
        assert confirmed is not None
        at = open_moment(confirmed.happened_at + timedelta(hours=1), now=now)
        for kind in (RECORD, ORDER) if check in ordered and at < now else (RECORD,):
            paper = site_papers.write(check, kind, by=check.inspector_first, at=at)
            new += 1
            if plain and check == plain[-1]:  # one lies there still
                continue
            left = bool(ordered) and check == ordered[-1]
            delivery = (
                Delivery(Way.LEFT, reason="示例：店员拒收，全程录像。")
                if left
                else Delivery(Way.IN_PERSON, receiver="示例店长")
            )
            site_papers.deliver(check, paper, delivery, by=check.inspector_first, at=at)
    return new


def answer_for_firms(task: InspectionTask) -> int:
    """Let those who held the code at the door say how the visit was; return how many are new."""
    if VisitFeedback.objects.filter(check_record__task=task).exists():
        return 0
    random = Random(task.plan_id)  # noqa: S311 - invented answers
    new = 0
    for check in _published(task)[:ANSWERED]:
        begun = check.last(Verb.BEGIN)
        if begun is None:
            continue
        score = random.choices((5, 4, 3, 2), weights=(60, 25, 10, 5))[0]
        words = "示例：讲得清楚，没有耽误做生意。" if score == 5 and random.random() < 0.2 else ""
        words = words or ("示例：来的时候正是饭点，希望错开。" if score < 3 else "")
        opinion = Opinion(score > 2, score > 2, True, False, score, words)
        visit_codes.give_feedback(check, opinion, by=None, at=begun.happened_at + timedelta(hours=1))
        new += 1
    return new


def look_at_reports(task: InspectionTask) -> int:
    """Carry out a few checks of published information, away from the ones left for you to try; return how many are new."""
    looked_at = task.checks.filter(results__recorded_codes__isnull=False).distinct().count()
    if looked_at >= LOOKED_AT:
        return 0
    left = [one for one in _of_task(task).order_by("-number") if one.state is State.DISPATCHED][20:]
    found = 0
    for place, check in enumerate(left[: LOOKED_AT - looked_at]):
        code = {0: "4", 1: "3"}.get(place, "1")
        fieldwork.visit(check, code, _REPORTS_SEEN_ON)
        found += 1
    return found


def go_for_leads(task: InspectionTask, *, now: datetime) -> int:
    """Start four checks for leads: one waits, one is refused, one is under way, one is finished; return how many are new."""
    if CaseCheck.objects.exists():
        return 0
    item, at = task.ordered_items[0].code, now - timedelta(days=6)
    of_one_unit = [
        one
        for one in _published(task)
        if one.inspector_first.organisation_id == one.inspector_second.organisation_id
        and may(one.inspector_first, Permission.INSPECT, division=one.division_code)
    ]
    for place, check in enumerate(of_one_unit[:4]):
        first, second = check.inspectors
        firm = case_checks.Firm(check.uscc, check.entity_name, check.division_code, check.is_synthetic)
        made = case_checks.propose(
            firm, ground="complaint", lead=f"示例线索{place + 1}", reason="示例：有人反映超出登记的范围经营，须到现场核实。",
            item_codes=[item], second=second.username, by=first, at=at + timedelta(hours=place),
        )  # fmt: skip
        if place == 0:
            continue
        reason = "示例：网上核实就够，不必到场。" if place == 1 else ""
        case_checks.decide(made, place != 1, reason, by=second, at=at + timedelta(days=1))
        if place == 3:
            went = at + timedelta(days=2)
            case_checks.record(
                made, statutory_day(went), False, "示例：到场看过，与登记相符。", by=first, at=went
            )
            case_checks.confirm(made, by=second, at=went + timedelta(hours=1))
    return CaseCheck.objects.count()


def object_twice(task: InspectionTask, *, now: datetime) -> int:
    """Two more firms object at the door: one is heard and the inspector replaced, one is not; return how many are decided."""
    if ObjectionDecision.objects.exists():
        return 0
    leader = Officer.objects.get(username=LEADER)
    waiting = [
        one
        for one in _of_task(task).order_by("-number")[:60]
        if one.state is State.DISPATCHED and not one.replacements.exists() and not one.objections.exists()
    ]
    stories = (("relation", _TIED, "upheld", "示例：查明属实，有利害关系，应当回避。"),
               ("relation", _UNTIED, "refused", "示例：没有说明任何利害关系，不属于应当回避的情形。"))  # fmt: skip
    for check, (ground, words, outcome, reason) in zip(waiting, stories, strict=False):
        said = Said(check.inspector_first_id, ground, words)
        made = objecting.object_at_door(check, said, by=check.inspector_second, at=now)
        objecting.decide(made, outcome, reason, by=leader, at=now)
    return ObjectionDecision.objects.count()


def plan_a_day(check: Check, *, now: datetime) -> bool:
    """Put the day of one inspector in order, at invented places of each county; say whether it was new."""
    first, day = check.inspector_first, statutory_day(now)
    if DayRound.objects.exists():
        return False
    random = Random(check.number)  # noqa: S311 - invented places
    most = round_rules.most_visits(day)
    chosen = [Chosen(one, _near(one, random)) for one in rounds.to_visit(first)[:most]]
    if not chosen:
        return False
    rounds.set_round(chosen, day=day, by=first, at=now)
    return True


def _near(check: Check, random: Random) -> round_rules.Place:
    north, east = rounds.middle_of(check.division_code)
    return north + random.uniform(-0.03, 0.03), east + random.uniform(-0.03, 0.03)


def _of_task(task: InspectionTask) -> QuerySet[Check]:
    return task.checks.select_related(
        "task", "organisation", "inspector_first", "inspector_second"
    ).prefetch_related("events__actor")


def _published(task: InspectionTask) -> list[Check]:
    return [one for one in _of_task(task).order_by("number") if one.state is State.PUBLISHED]


__all__ = [
    "answer_for_firms",
    "film",
    "go_for_leads",
    "hand_over",
    "look_at_reports",
    "object_twice",
    "plan_a_day",
]
