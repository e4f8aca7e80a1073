"""Invented inspectors carry out the checks of the invented draw; some are left for you to try."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from zhijian.apps.supervision.inspection import quality, services
from zhijian.apps.supervision.inspection.dispatching import dispatch_of, outcomes_of
from zhijian.apps.supervision.inspection.models import Check, InspectionTask
from zhijian.apps.supervision.inspection.rules import State
from zhijian.apps.supervision.inspection.services import Position, ResultEntry
from zhijian.engines.draws import services as draws
from zhijian.engines.draws.models import Draw
from zhijian.engines.draws.queries import state_of
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import WorkItem
from zhijian.engines.registers.market_entities import EntityRegister
from zhijian.operations.demo.ceremony import AUDITOR, DRAWER
from zhijian.operations.demo.days import moment
from zhijian.security.models import Officer

PUBLISHER = "province-publisher"
SAMPLE_ANNOUNCED, SAMPLE_DRAWN = moment(11, 21, 10), moment(11, 23, 21)
CARELESS = 15  # every so many checks nobody looks into the diary, so that one person is in two places at once


def dispatch(draw: Draw, register: EntityRegister) -> tuple[InspectionTask, bool]:
    """Turn a published draw into checks; say whether it was new."""
    existing = InspectionTask.objects.filter(plan_id=draw.plan_id, attempt=draw.attempt).first()
    if existing:
        return existing, False
    by = Officer.objects.get(username=DRAWER)
    what = dispatch_of(draw, register, by, title_en=TITLES_EN[draw.plan_id])
    task = services.dispatch(what, by=by, at=draw.plan.freeze_at.replace(hour=16))
    return task, True


TITLES_EN = {
    "GD-2026-0001": "Sample: double-random check of registration matters, stratified by risk",
    "GD-2026-0002": "Sample: non-targeted check of published information",
}


def carry_out(task: InspectionTask, progress: Callable[[], None]) -> int:
    """Visit, record, confirm and publish every open check of a task; return how many were done."""
    publisher = Officer.objects.get(username=PUBLISHER)
    random = Random(task.plan_id)  # noqa: S311 - invented findings
    done = 0
    diary: set[tuple[int, date]] = set()
    checks = task.checks.select_related("inspector_first", "inspector_second").order_by("number")
    for place, check in enumerate(checks, start=1):
        visited_on = task.drawn_on + timedelta(days=random.randint(3, 12))
        if place % CARELESS:
            visited_on = _free_day(check, visited_on, diary)
        diary.update((person.pk, visited_on) for person in check.inspectors)
        code = _code(random)
        if check.state is State.PUBLISHED:
            continue
        visit(check, code, visited_on)
        services.publish(check, by=publisher, at=moment(11, 20, 10))
        done += 1
        progress()
    return done


def _free_day(check: Check, day: date, diary: set[tuple[int, date]]) -> date:
    """Return the first day from `day` on on which neither inspector is elsewhere."""
    while any((person.pk, day) in diary for person in check.inspectors):
        day += timedelta(days=1)
    return day


def _code(random: Random) -> str:
    """What an invented visit finds: mostly nothing."""
    return random.choices(("1", "6", "9", "8"), weights=(80, 10, 5, 5))[0]


_FAILED = frozenset({"3", "4", "6", "9"})


def visit(check: Check, code: str, day: date) -> None:
    """The first inspector records, the second confirms, each as the phone would send it."""
    first, second = check.inspector_first, check.inspector_second
    start = moment(day.month, day.day, 10)
    state = check.state
    if state is State.DISPATCHED:
        services.begin(
            check, Position(words=check.address[:100]), certificates_shown=True, by=first, at=start
        )
        state = State.ON_SITE
    if state is State.ON_SITE:
        items = [item.code for item in check.task.ordered_items]
        failed = code in _FAILED
        findings = dict.fromkeys(items, ("conform", ""))
        if failed:
            findings[items[0]] = ("nonconform", "示例：执照未置于醒目位置，已当场说明。")
        entry = ResultEntry(
            codes=(code,),
            findings=findings,
            summary="示例检查记录。",
            correct_by=day + timedelta(days=10) if code == "6" else None,
        )
        services.record_result(check, entry, by=first, at=start + timedelta(minutes=40))
        state = State.RESULT_ENTERED
    if state is State.RESULT_ENTERED:
        services.confirm_by_second(check, by=second, at=start + timedelta(minutes=55))


def sample_again(*, now: datetime) -> tuple[int, bool]:
    """Draw the quality sample of the province, let others do most of it again; return how many cases, and whether they are new."""
    leader = Officer.objects.get(username=AUDITOR)
    try:
        quality.announce(source="示例：一期公开的七位彩票号码", shape="9999999", draw_on=SAMPLE_DRAWN.date(), by=leader,
                         at=SAMPLE_ANNOUNCED)  # fmt: skip
        sample = quality.draw("3081246", by=leader, at=SAMPLE_DRAWN)
    except ProcedureRefused:
        return 0, False
    items = WorkItem.objects.filter(case__procedure=quality.RECHECK, state="open", holder__isnull=False)
    chosen = list(items.select_related("case", "holder").order_by("case__number"))
    for place, item in enumerate(chosen[:-2]):  # two are left for you to try
        check = Check.objects.get(number=quality.check_number(item.case.number))
        first = quality.finding_of(check.result)
        told = "problem" if place == 0 else first  # the first is seen otherwise by those who go again
        procedures.complete(
            item, data={"outcome": told, "found": "示例：按同样的事项逐项看过。"}, by=item.holder, at=now
        )
    return len(sample.payload["chosen"]), True


def publish_outcomes(draw: Draw) -> bool:
    """Publish the commitment of every drawn leaf to its result; say whether it was new."""
    if state_of(draw).outcomes:
        return False
    draws.publish_outcomes(
        draw, outcomes_of(draw), by=Officer.objects.get(username=PUBLISHER), at=moment(11, 20, 16)
    )
    return True
