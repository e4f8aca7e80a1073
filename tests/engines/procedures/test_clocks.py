"""Clocks in a case: held, released, extended, started anew, late; and what time does by itself."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from tests.engines.procedures import drawn
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import deadlines, queries, services
from zhijian.engines.procedures.errors import Incomplete, ProcedureRefused
from zhijian.engines.procedures.models import Clock, ItemState, Wait
from zhijian.security.permissions import Forbidden

pytestmark = [pytest.mark.django_db, pytest.mark.database]
_codes = count()
MEDIATION = "consumer/complaint_mediation from accepted_on, stops while testing"
VERIFICATION = "consumer/report_verification from received_on"


def noon(day):
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@pytest.fixture
def begin(tmp_path, station):
    def opened(*steps, at, text="", **data):
        code = f"test/clocks_{next(_codes)}"
        drawn.declare(tmp_path, text or drawn.straight(*steps), code=code)
        return services.start_case(
            code, number=f"{next(_codes)}", title="测试", organisation=station, division_code="440106",
            data=data, by=None, at=at, is_synthetic=True,
        )  # fmt: skip

    return opened


@pytest.fixture
def mediation(begin):
    start = date(2026, 9, 28)
    return begin(drawn.node("user", "mediate", deadline=MEDIATION), at=noon(start), accepted_on=start)


@pytest.fixture
def verification(begin):
    start = date(2026, 4, 24)
    return begin(drawn.node("user", "verify", deadline=VERIFICATION), at=noon(start), received_on=start)


def step(case):
    return case.work_items.get(state=ItemState.OPEN)


def test_ten_days_of_testing_move_the_end_by_ten_days(mediation, handler):
    clock = mediation.clocks.get()
    services.hold_clock(clock, name="testing", reason="送检", by=handler, at=noon(date(2026, 10, 12)))
    assert step(mediation).due_on is None
    assert step(mediation).light_on(date(2026, 12, 31)) == "held"
    services.release_clock(clock, by=handler, at=noon(date(2026, 10, 21)))
    assert step(mediation).due_on == date(2026, 12, 7)
    assert [one.verb for one in mediation.events.order_by("sequence")] == ["open", "hold", "release"]


def test_a_clock_stands_still_only_for_what_its_deadline_names(mediation, verification, handler):
    for case, cause in ((mediation, "recusal"), (verification, "testing")):
        with pytest.raises(ProcedureRefused):
            services.hold_clock(case.clocks.get(), name=cause, by=handler, at=noon(date(2026, 10, 12)))


def test_a_standstill_lies_neither_before_the_period_nor_in_the_future(mediation, handler):
    clock, at = mediation.clocks.get(), noon(date(2026, 10, 12))
    for day in (date(2026, 9, 27), date(2026, 10, 13), date(9999, 12, 31)):
        with pytest.raises(ProcedureRefused):
            services.hold_clock(clock, name="testing", by=handler, at=at, started_on=day)
    services.hold_clock(clock, name="testing", by=handler, at=at)
    with pytest.raises(ProcedureRefused):
        services.release_clock(clock, by=handler, at=at, ended_on=date(9999, 12, 31))
    assert step(mediation).due_on is None


def test_who_holds_a_step_does_not_extend_its_time(verification, leader):
    clock, day = verification.clocks.get(), noon(date(2026, 5, 18))
    leader.roles = ["leader", "handler"]
    leader.save()
    services.claim(step(verification), by=leader, at=day)
    with pytest.raises(Forbidden):
        services.extend_clock(clock, reason="案情复杂", by=leader, at=day)


def test_a_leader_extends_once_and_before_it_is_over(verification, handler, leader):
    clock, day = verification.clocks.get(), noon(date(2026, 5, 18))
    with pytest.raises(Forbidden):
        services.extend_clock(clock, reason="案情复杂", by=handler, at=day)
    services.extend_clock(clock, reason="案情复杂", by=leader, at=day)
    assert step(verification).due_on == date(2026, 6, 9)
    fact = Fact.objects.get(kind="procedure.extended")
    assert (fact.payload["due_before"], fact.payload["due_after"]) == ("2026-05-19", "2026-06-09")
    with pytest.raises(ProcedureRefused, match="最多延长1次"):
        services.extend_clock(clock, reason="案情复杂", by=leader, at=day)


def test_an_extension_comes_too_late_the_day_after_and_mediation_has_none(verification, mediation, leader):
    with pytest.raises(ProcedureRefused, match="届满"):
        services.extend_clock(
            verification.clocks.get(), reason="案情复杂", by=leader, at=noon(date(2026, 5, 20))
        )
    with pytest.raises(ProcedureRefused, match="不得延长"):
        services.extend_clock(
            mediation.clocks.get(), reason="案情复杂", by=leader, at=noon(date(2026, 10, 8))
        )


def test_new_facts_start_the_period_anew(verification, handler):
    day = date(2026, 5, 12)
    services.restart_clock(
        verification.clocks.get(), started_on=day, reason="举报人补充新的事实", by=handler, at=noon(day)
    )
    assert step(verification).due_on == date(2026, 6, 2)


def test_without_its_first_day_a_period_cannot_start(begin):
    with pytest.raises(Incomplete) as refused:
        begin(drawn.node("user", "verify", deadline=VERIFICATION), at=noon(date(2026, 5, 1)))
    assert refused.value.problems[0][0] == "received_on"


def test_a_clock_shared_by_two_steps_runs_on_until_the_last_is_done(begin, handler):
    start = date(2026, 9, 28)
    case = begin(
        drawn.node("user", "organise", deadline=MEDIATION),
        drawn.node("user", "conclude", deadline=MEDIATION),
        at=noon(start),
        accepted_on=start,
    )
    services.complete(step(case), data={}, by=handler, at=noon(date(2026, 10, 9)))
    clock = case.clocks.get()
    assert (clock.stopped_on, step(case).clock) == (None, clock)
    services.complete(step(case), data={}, by=handler, at=noon(date(2026, 11, 28)))
    clock.refresh_from_db()
    assert clock.stopped_on == date(2026, 11, 28)
    assert clock.light_on(date(2026, 12, 1)) == "red"


def test_a_deadline_passes_over_the_national_holiday_and_goes_to_the_leader_above(begin, county_leader):
    start = date(2026, 9, 21)
    deadline = "consumer/complaint_acceptance from received_on"
    case = begin(drawn.node("user", "accept", deadline=deadline), at=noon(start), received_on=start)
    assert services.tick(noon(date(2026, 10, 8))).escalated == 0
    assert services.tick(noon(date(2026, 10, 9))).escalated == 1
    assert services.tick(noon(date(2026, 10, 10))).escalated == 0
    assert step(case).escalated_to == county_leader
    assert list(queries.watched(county_leader)) == [step(case)]
    assert case.events.get(verb="escalate").data["to"] == "county_leader"


def test_open_clocks_are_computed_again_when_the_holidays_change(verification, monkeypatch):
    day = noon(date(2026, 4, 27))
    assert services.tick(day).recomputed == 0
    is_working = deadlines._is_working
    monkeypatch.setattr(deadlines, "_is_working", lambda one: one != date(2026, 5, 18) and is_working(one))
    monkeypatch.setattr(deadlines, "calendar_mark", lambda: "another")
    assert services.tick(day).recomputed == 1
    assert step(verification).due_on == date(2026, 5, 20)
    assert verification.events.filter(verb="recompute").count() == 1
    assert services.tick(day).recomputed == 0


def timed(kind="true"):
    return drawn.file(
        drawn.process(
            drawn.node("start", "begin"),
            drawn.node("user", "mediate", deadline=MEDIATION),
            drawn.node("boundary", "time_over", event="timer", attachedToRef="mediate", cancelActivity=kind),
            drawn.node("user", "terminate"),
            drawn.node("end", "done"),
            drawn.node("end", "ended"),
            drawn.path("begin", "mediate", "done"),
            drawn.path("time_over", "terminate", "ended"),
        )
    )


def test_when_time_is_over_the_case_goes_the_way_that_the_drawing_shows(begin):
    start = date(2026, 9, 28)
    case = begin(at=noon(start), text=timed(), accepted_on=start)
    end = datetime(2026, 11, 27, 16, tzinfo=UTC)  # midnight after 27 November in Shanghai
    assert services.tick(end - timedelta(seconds=1)).fired == 0
    assert services.tick(end).fired == 1
    assert step(case).task == "terminate"
    assert case.work_items.get(task="mediate").state == ItemState.CANCELLED
    assert not Wait.objects.exists()


def test_a_held_clock_holds_its_timer_too(begin, handler):
    start = date(2026, 9, 28)
    case = begin(at=noon(start), text=timed(), accepted_on=start)
    services.hold_clock(case.clocks.get(), name="testing", by=handler, at=noon(date(2026, 10, 12)))
    assert services.tick(noon(date(2027, 1, 5))).fired == 0
    services.release_clock(case.clocks.get(), by=handler, at=noon(date(2026, 10, 21)))
    assert Wait.objects.get().due_at == datetime(2026, 12, 7, 16, tzinfo=UTC)


def test_a_reminder_leaves_the_step_open(begin):
    start = date(2026, 9, 28)
    case = begin(at=noon(start), text=timed("false"), accepted_on=start)
    services.tick(noon(date(2026, 11, 30)))
    assert {one.task for one in case.work_items.filter(state=ItemState.OPEN)} == {"mediate", "terminate"}


def test_timeliness_is_told_by_unit_and_period(begin, county, station, handler):
    for received, done in (("2026-04-24", "2026-05-19"), ("2026-04-24", "2026-05-20"), ("2026-04-24", "")):
        start = date.fromisoformat(received)
        case = begin(drawn.node("user", "verify", deadline=VERIFICATION), at=noon(start), received_on=start)
        if done:
            services.complete(step(case), data={}, by=handler, at=noon(date.fromisoformat(done)))
    (row,) = queries.timeliness(county, date(2026, 5, 1), date(2026, 5, 31))
    assert (row.organisation, row.clock) == (station, "consumer/report_verification")
    assert (row.finished, row.on_time, row.late, row.overdue) == (2, 1, 1, 1)
    assert row.on_time_percent == 33.3
    assert Clock.objects.count() == 3
