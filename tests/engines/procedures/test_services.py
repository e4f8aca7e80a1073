"""A case goes through its drawing: what each verb does, and whom it refuses."""

from datetime import UTC, date, datetime
from itertools import count

import pytest
from django.db import transaction

from tests.engines.procedures import drawn
from zhijian.engines.facts.errors import AppendOnly
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import services
from zhijian.engines.procedures.errors import CaseMoved, Incomplete, NotYours, ProcedureRefused
from zhijian.engines.procedures.models import Case, CaseEvent, CaseStatus, ItemState
from zhijian.security.permissions import Forbidden

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AT = datetime(2026, 5, 18, 2, tzinfo=UTC)
_codes = count()


@pytest.fixture
def begin(tmp_path, station):
    """Declare a drawing and open a case under it."""

    def opened(text, data=None, *, decisions="", services_=None, number="粤投〔2026〕1号"):
        code = f"test/services_{next(_codes)}"
        drawn.declare(tmp_path, text, code=code, decisions=decisions, services=services_)
        return services.start_case(
            code, number=number, title="一件测试案件", organisation=station, division_code="440106",
            data=data or {}, by=None, at=AT, is_synthetic=True,
        )  # fmt: skip

    return opened


def open_steps(case):
    return {item.task: item for item in case.work_items.filter(state=ItemState.OPEN)}


def do(case, task, by=None, **data):
    return services.complete(open_steps(case)[task], data=data, by=by, at=AT)


TWO_STEPS = drawn.straight(drawn.node("user", "accept", fact="decision"), drawn.node("user", "conclude"))


def test_a_case_goes_from_step_to_step_to_its_end(begin, handler):
    case = begin(TWO_STEPS)
    assert set(open_steps(case)) == {"accept"}
    case = do(case, "accept", handler, outcome="accepted")
    assert set(open_steps(case)) == {"conclude"}
    case = do(case, "conclude", handler)
    assert (case.status, case.ending, case.closed_at) == (CaseStatus.CLOSED, "done", AT)
    assert [event.verb for event in case.events.order_by("sequence")] == [
        "open",
        "complete",
        "complete",
        "close",
    ]
    case.state.refresh_from_db()
    assert case.state.tokens == ""
    assert case.state.walked[:3] == ["begin", "begin__accept", "accept"]


def test_opening_decision_and_closing_are_facts_of_the_case(begin, handler):
    case = begin(TWO_STEPS)
    do(case, "accept", handler, outcome="accepted")
    do(case, "conclude", handler)
    told = Fact.objects.filter(subject=f"case:{case.procedure}/{case.number}").order_by("recorded_at", "kind")
    assert sorted(fact.kind for fact in told) == ["procedure.closed", "procedure.decided", "procedure.opened"]
    decided = told.get(kind="procedure.decided")
    assert (decided.payload["outcome"], decided.recorded_by) == ("accepted", handler.username)
    assert all(fact.is_synthetic for fact in told)


def test_the_same_number_is_given_once(begin):
    case = begin(TWO_STEPS)
    with pytest.raises(ProcedureRefused, match="已经存在"), transaction.atomic():
        services.start_case(
            case.procedure, number=case.number, title="又一件", organisation=case.organisation,
            division_code="440106", data={}, by=None, at=AT,
        )  # fmt: skip
    assert Case.objects.count() == 1


def test_who_has_not_the_role_or_the_unit_is_refused(begin, officer, station, other_station):
    item = open_steps(begin(TWO_STEPS))["accept"]
    for stranger in (officer("x", station, "mediator"), officer("y", other_station, "handler")):
        with pytest.raises(Forbidden):
            services.complete(item, data={}, by=stranger, at=AT)


def test_of_two_officers_at_once_the_second_meets_what_the_first_did(begin, handler, officer, station):
    case = begin(TWO_STEPS)
    item, seen = open_steps(case)["accept"], case.revision
    services.complete(item, data={}, by=handler, at=AT, revision=seen)
    with pytest.raises(CaseMoved) as moved:
        services.complete(item, data={}, by=officer("second", station, "handler"), at=AT, revision=seen)
    assert moved.value.newest.officer == handler
    assert CaseEvent.objects.filter(case=case, verb="complete").count() == 1


def test_a_step_that_a_colleague_holds_is_handed_over_first(begin, handler, officer, station):
    item = open_steps(begin(TWO_STEPS))["accept"]
    colleague = officer("colleague", station, "handler")
    services.claim(item, by=handler, at=AT)
    with pytest.raises(CaseMoved):
        services.claim(item, by=colleague, at=AT)
    with pytest.raises(NotYours):
        services.complete(item, data={}, by=colleague, at=AT)
    services.hand_over(item, to=colleague, reason="外出检查", by=handler, at=AT)
    case = services.complete(item, data={}, by=colleague, at=AT)
    assert [event.verb for event in case.events.order_by("sequence")] == [
        "open",
        "claim",
        "hand_over",
        "complete",
    ]


def test_a_leader_assigns_and_others_do_not(begin, handler, leader):
    item = open_steps(begin(TWO_STEPS))["accept"]
    with pytest.raises(Forbidden):
        services.assign(item, to=handler, by=handler, at=AT)
    assert services.assign(item, to=handler, by=leader, at=AT).holder == handler


def test_a_comment_joins_the_time_line_and_moves_nothing(begin, handler):
    case = begin(TWO_STEPS)
    event = services.comment(case, text="已电话联系", by=handler, at=AT)
    case.refresh_from_db()
    assert (event.sequence, case.revision, event.note) == (2, 1, "已电话联系")


def test_what_happened_cannot_be_rewritten(begin):
    event = begin(TWO_STEPS).events.get()
    with pytest.raises(AppendOnly):
        event.save()
    with pytest.raises(AppendOnly):
        CaseEvent.objects.update(note="x")


def test_a_deadline_becomes_a_clock_on_the_statutory_calendar(begin):
    drawing = drawn.straight(
        drawn.node("user", "accept", deadline="consumer/complaint_acceptance from received_on"),
        drawn.node("user", "conclude"),
    )
    case = begin(drawing, {"received_on": date(2026, 9, 21)})
    item = open_steps(case)["accept"]
    assert item.due_on == date(2026, 10, 8)
    assert item.light_on(date(2026, 10, 9)) == "red"
    do(case, "accept")
    assert case.clocks.get().stopped_on == date(2026, 5, 18)


def test_what_is_handed_in_is_judged_by_the_form_of_the_step(begin, handler, tmp_path):
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "accept.json").write_text(
        """{"type": "object", "required": ["accepted_on"],
            "properties": {"accepted_on": {"type": "string", "format": "date", "title": "受理日期"}}}""",
        "utf-8",
    )
    case = begin(drawn.straight(drawn.node("user", "accept", form="accept")))
    for wrong in ({}, {"accepted_on": "昨天"}):
        with pytest.raises(Incomplete, match="受理日期") as refused:
            do(case, "accept", handler, **wrong)
        assert refused.value.problems[0][0] == "accepted_on"
    assert do(case, "accept", handler, accepted_on="2026-05-18", remark="另附").status == CaseStatus.CLOSED
