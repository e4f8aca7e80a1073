"""Each element of BPMN that the engine runs, saved and loaded again between any two acts."""

from datetime import UTC, datetime
from itertools import count

import pytest

from tests.engines.procedures import drawn
from tests.engines.procedures.drawn import file, flow, node, path, process
from zhijian.engines.procedures import queries, services
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import CaseStatus, ItemState
from zhijian.standards import parameters

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AT = datetime(2026, 5, 18, 2, tzinfo=UTC)
_codes = count()


@pytest.fixture
def begin(tmp_path, station):
    def opened(text, *, decisions="", given=None, **data):
        code = f"test/elements_{next(_codes)}"
        drawn.declare(tmp_path, text, code=code, decisions=decisions, services=given)
        return services.start_case(
            code, number=f"{next(_codes)}", title="测试", organisation=station, division_code="440106",
            data=data, by=None, at=AT, is_synthetic=True,
        )  # fmt: skip

    return opened


def steps(case):
    return {item.task for item in case.work_items.filter(state=ItemState.OPEN)}


def do(case, task, **data):
    item = case.work_items.get(task=task, state=ItemState.OPEN)
    return services.complete(item, data=data, by=None, at=AT)


CHOICE = file(
    process(
        node("start", "begin"), node("user", "ask"), node("xor", "which", default="which__no"),
        node("user", "yes"), node("user", "no"), node("end", "done"), node("end", "done_too"),
        path("begin", "ask", "which"), flow("which", "yes", "amount_yuan >= 1000 and not is_minor"),
        flow("which", "no"), path("yes", "done"), path("no", "done_too"),
    )
)  # fmt: skip


def test_an_exclusive_gateway_takes_the_way_whose_condition_holds(begin):
    assert steps(do(begin(CHOICE), "ask", amount_yuan=1000)) == {"yes"}
    assert steps(do(begin(CHOICE), "ask", amount_yuan=999)) == {"no"}
    case = do(begin(CHOICE), "ask", amount_yuan=1000, is_minor=True)
    assert do(case, "no").ending == "done_too"


def test_a_field_that_is_missing_is_not_compared_with_a_number(begin):
    case = begin(CHOICE)
    with pytest.raises(ProcedureRefused, match="无法计算"):
        do(case, "ask")
    assert steps(case) == {"ask"}


FORK = file(
    process(
        node("start", "begin"), node("xor", "round"), node("and", "fork"), node("user", "a"), node("user", "b"), node("user", "c"),
        node("and", "join"), node("user", "sum_up"), node("xor", "again", default="again__done"), node("end", "done"),
        path("begin", "round", "fork"), path("fork", "a", "join"), path("fork", "b", "join"), path("fork", "c", "join"),
        path("join", "sum_up", "again"), flow("again", "round", "more == true"), flow("again", "done"),
    )
)  # fmt: skip


def test_a_parallel_join_waits_for_every_branch_also_the_second_time_round(begin):
    case = begin(FORK)
    for order, more in (("abc", True), ("cab", True), ("bca", False)):
        for number, name in enumerate(order):
            assert steps(case) == set(order[number:])
            do(case, name)
        assert steps(case) == {"sum_up"}
        case = do(case, "sum_up", more=more)
    assert case.status == CaseStatus.CLOSED


def test_the_state_does_not_grow_in_a_loop(begin):
    case, sizes = begin(FORK), []
    for _ in range(4):
        for name in ("a", "b", "c"):
            do(case, name)
        do(case, "sum_up", more=True)
        case.state.refresh_from_db()
        sizes.append((len(case.state.tokens), len(case.state.walked)))
    assert len(set(sizes)) == 1


TABLE = drawn.table(
    "urgency",
    ["amount_yuan", "is_injured"],
    ["urgency", "limit"],
    [
        ["-", "True", '"high"', "0"],
        ['>= parameter("consumer/complaint_acceptance")', "-", '"medium"', "1"],
        ["-", "-", '"low"', 'parameter("consumer/complaint_acceptance")'],
    ],
)
RULE = file(
    process(
        node("start", "begin"), node("rule", "judge", decision="urgency"), node("user", "act"), node("end", "done"),
        path("begin", "judge", "act", "done"),
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "injured", "urgency", "limit"),
    [(1, True, "high", 0), (7, False, "medium", 1), (6, False, "low", 7)],
)
def test_a_decision_table_decides_with_the_number_of_the_law(begin, amount, injured, urgency, limit):
    case = begin(RULE, decisions=TABLE, amount_yuan=amount, is_injured=injured)
    assert (case.state.data["urgency"], case.state.data["limit"]) == (urgency, limit)
    assert parameters.load("consumer/complaint_acceptance").on(AT.date()) == 7


def test_a_table_that_cannot_compare_refuses_the_step_with_words(begin):
    with pytest.raises(ProcedureRefused, match="无法计算"):
        begin(RULE, decisions=TABLE, amount_yuan="很多", is_injured=False)


def test_a_service_runs_in_the_transaction_of_the_step(begin):
    told = []

    def tell(case, data, *, by, at):
        told.append((case.number, data["who"], at))
        if data["who"] == "nobody":
            raise ProcedureRefused("没有收件人", "nobody to tell")
        return {"told_on": at.date()}

    text = file(
        process(
            node("start", "begin"), node("user", "ask"), node("service", "tell", service="tell"), node("user", "next"),
            node("end", "done"), path("begin", "ask", "tell", "next", "done"),
        )
    )  # fmt: skip
    case = begin(text, given={"tell": tell})
    with pytest.raises(ProcedureRefused):
        do(case, "ask", who="nobody")
    assert steps(case) == {"ask"}
    case = do(case, "ask", who="陈某")
    case.state.refresh_from_db()
    assert (steps(case), case.state.data["told_on"]) == ({"next"}, "2026-05-18")


def test_a_service_may_comment_on_its_case_and_start_another_but_not_move_it(begin, tmp_path, station):
    def split(case, data, *, by, at):
        services.comment(case, text="已分出举报", by=by, at=at)
        with pytest.raises(ProcedureRefused):
            services.send_message(case, "x", {}, by=by, at=at)
        with pytest.raises(ProcedureRefused):
            services.withdraw(case, reason="双方和解", by=None, at=at)
        return

    text = drawn.straight(node("user", "ask"), node("service", "split", service="split"))
    case = begin(text, given={"split": split})
    item = case.work_items.get()
    officer = item.organisation.officers.create(username="h", roles=["handler"])
    case = services.complete(item, data={}, by=officer, at=AT)
    verbs = [event.verb for event in case.events.order_by("sequence")]
    assert verbs == ["open", "complete", "comment", "close"]
    assert [event.sequence for event in case.events.order_by("sequence")] == [1, 2, 3, 4]


WAITING = file(
    process(
        node("start", "begin"), node("receive", "answer", message="answer", correlation="ticket"),
        node("user", "read"), node("end", "done"), path("begin", "answer", "read", "done"),
    )
)  # fmt: skip


def test_a_message_goes_to_the_case_that_waits_for_it(begin):
    mine, other = begin(WAITING, ticket="A-1"), begin(WAITING, ticket="A-2")
    services.correlate_message("answer", "A-1", {"text": "同意"}, by=None, at=AT)
    assert (steps(mine), steps(other)) == ({"read"}, set())
    with pytest.raises(ProcedureRefused):
        services.correlate_message("answer", "A-1", {}, by=None, at=AT)
    services.send_message(other, "answer", {}, by=None, at=AT)
    assert steps(other) == {"read"}


EITHER = file(
    process(
        node("start", "begin"), node("event", "first"), node("catch", "reply", event="message", message="reply"),
        node("catch", "time_over", event="timer", duration="P3D"), node("user", "read"), node("user", "remind"),
        node("end", "done"), node("end", "done_too"), path("begin", "first", "reply", "read", "done"),
        path("first", "time_over", "remind", "done_too"),
    )
)  # fmt: skip


def test_of_an_event_gateway_the_first_event_decides(begin):
    replied, silent = begin(EITHER), begin(EITHER)
    services.send_message(replied, "reply", {}, by=None, at=AT)
    services.tick(datetime(2026, 5, 22, tzinfo=UTC))
    assert (steps(replied), steps(silent)) == ({"read"}, {"remind"})
    assert not replied.waits.exists() and not silent.waits.exists()


CALLING = file(
    process(
        node("start", "begin"), node("call", "appraise", calledElement="appraisal"), node("user", "after"),
        node("end", "done"), path("begin", "appraise", "after", "done"),
    ),
    process(
        node("start", "start_appraisal"), node("user", "send"), node("user", "report"), node("end", "appraised"),
        path("start_appraisal", "send", "report", "appraised"), name="appraisal",
    ),
)  # fmt: skip


def test_a_call_activity_runs_the_process_it_names(begin):
    case = begin(CALLING)
    assert steps(case) == {"send"}
    assert steps(do(case, "send")) == {"report"}
    assert steps(do(case, "report")) == {"after"}
    case = do(case, "after")
    assert (case.status, case.ending) == (CaseStatus.CLOSED, "done")


def undoing(handler, *more):
    return file(
        process(
            node("start", "begin"), node("user", "list_firm"),
            node("boundary", "undo_listing", event="compensate", attachedToRef="list_firm"),
            node(handler, "unlist", service="unlist" if handler == "service" else "", isForCompensation="true"),
            '<bpmn:association id="as" sourceRef="undo_listing" targetRef="unlist"/>',
            node("user", "review"), node("xor", "stands", default="stands__done"),
            node("throw", "undo", event="compensate", activityRef="list_firm"), node("end", "undone"), node("end", "done"),
            path("begin", "list_firm", "review", "stands", "done"), flow("stands", "undo", "annulled == true"),
            path("undo", "undone"),
        )
    )  # fmt: skip


def test_what_was_done_is_undone_by_a_service_where_the_law_annuls_it(begin):
    undone = []
    given = {"unlist": lambda case, data, *, by, at: undone.append(case.number)}
    case = begin(undoing("service"), given=given)
    do(case, "list_firm")
    case = do(case, "review", annulled=True)
    assert (undone, case.status, case.ending) == ([case.number], CaseStatus.CLOSED, "undone")
    case.state.refresh_from_db()
    assert "unlist" in case.state.walked
    stands = begin(undoing("service"), given=given)
    do(stands, "list_firm")
    assert do(stands, "review").ending == "done"
    assert len(undone) == 1


def test_a_person_undoes_it_and_the_case_waits_for_that(begin):
    case = begin(undoing("user"))
    do(case, "list_firm")
    case = do(case, "review", annulled=True)
    assert steps(case) == {"unlist"}
    assert case.status == CaseStatus.OPEN
    case = do(case, "unlist")
    assert (case.status, case.ending) == (CaseStatus.CLOSED, "undone")


def test_a_terminating_end_ends_every_branch(begin):
    text = file(
        process(
            node("start", "begin"), node("and", "fork"), node("user", "a"), node("user", "b"),
            node("end", "over", event="terminate"), node("end", "done"),
            path("begin", "fork", "a", "over"), path("fork", "b", "done"),
        )
    )  # fmt: skip
    case = do(begin(text), "a")
    assert (case.status, case.ending, steps(case)) == (CaseStatus.CLOSED, "over", set())


def test_the_page_of_a_case_knows_what_was_walked_where_it_stands_and_what_may_follow(begin):
    case = do(begin(CHOICE), "ask", amount_yuan=1)
    view = queries.case_view(case)
    assert {"begin", "begin__ask", "ask", "ask__which", "which", "which__no"} == view.walked
    assert set(view.current) == {"no"}
    assert view.possible == {"no__done_too", "done_too"}
    assert set(queries.case_view(begin(CHOICE)).possible) >= {"which", "yes", "no", "which__yes"}
