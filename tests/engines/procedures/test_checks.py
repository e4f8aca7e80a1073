"""What is refused in a drawing: each fault with its element and words in both languages, all at once."""

import pytest

from tests.engines.procedures import drawn
from tests.engines.procedures.drawn import file, flow, node, path, process, straight
from zhijian.engines.procedures import checks
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.errors import DrawingRefused

GOOD = straight(node("user", "accept", deadline="consumer/complaint_acceptance from received_on"))


@pytest.fixture
def procedure(tmp_path):
    return Procedure(
        "test/checked", "测试", "Test", tmp_path / "procedure.bpmn", services={"tell": lambda *_: None}
    )


@pytest.fixture
def faults(procedure):
    """The codes and elements of what is wrong with a drawing."""

    def found(text, decisions=""):
        problems = checks.problems(procedure, text, decisions)
        assert all(one.message_zh and one.message_en for one in problems)
        return {(one.code, one.element) for one in problems}

    return found


def test_a_good_drawing_has_no_fault(faults):
    assert faults(GOOD) == set()


def one(*parts, flows=None):
    """Start, `x`, end, with whatever else."""
    return file(process(node("start", "s"), *parts, node("end", "e"), flows or path("s", "x", "e")))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (one(node("user", "x", role="")), ("role", "x")),
        (one(node("user", "x", role="king")), ("role", "x")),
        (one(node("user", "x", article="")), ("article", "x")),
        (one(node("user", "x", label="")), ("name", "x")),
        (one(node("user", "x", form="nowhere")), ("form", "x")),
        (one(node("user", "x", others_than="nobody")), ("others_than", "x")),
        (one(node("user", "x", deadline="7 working days")), ("deadline", "x")),
        (one(node("user", "x", deadline="consumer/no_such from y")), ("parameter", "x")),
        (one(node("user", "x", deadline="consumer/rule_set from y")), ("deadline", "x")),
        (one("<bpmn:scriptTask id='x'><bpmn:script>import os</bpmn:script></bpmn:scriptTask>"), ("script", "x")),
        (one(node("inclusiveGateway", "x")), ("kind", "x")),
        (one(node("subProcess", "x")), ("kind", "x")),
        (one(node("service", "x", service="unknown")), ("service", "x")),
        (one(node("service", "x")), ("service", "x")),
        (one(node("rule", "x", decision="no_table")), ("decision", "x")),
        (one(node("receive", "x")), ("message", "x")),
        (one(node("call", "x", calledElement="elsewhere")), ("call", "x")),
        (one(node("catch", "x", event="timer")), ("timer", "x")),
        (one(node("catch", "x", event="timer", duration="soon")), ("timer", "x")),
        (one(node("catch", "x", event="signal")), ("event", "x")),
        (one(node("throw", "x", event="compensate", activityRef="s")), ("undo", "x")),
        (one(node("user", "x"), flows=path("s", "x")), ("dead_end", "x")),
        (one(node("user", "x"), node("user", "far"), flows=path("s", "x", "e") + path("far", "e")), ("unreachable", "far")),
        (one(node("user", "x"), node("user", "y"), flows=path("s", "x", "e") + path("x", "y", "e")), ("many_flows", "x")),
        (one(node("xor", "x"), node("user", "y"), flows=path("s", "x", "e") + flow("x", "y", "a") + path("y", "e")), ("default", "x")),
        (one(node("xor", "x", default="x__e"), node("user", "y"), flows=path("s", "x", "e") + path("x", "y", "e")), ("condition", "x__y")),
        (one(node("user", "x"), flows=path("s", "x", "e") + flow("x", "gone")), ("flow", "x__gone")),
        (one(node("event", "x"), node("user", "y"), flows=path("s", "x", "y", "e")), ("event_gateway", "x")),
        (one(node("service", "x", service="tell"), node("boundary", "b", event="timer", duration="P1D", attachedToRef="x"), flows=path("s", "x", "e") + flow("b", "e")), ("boundary", "b")),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_element(faults, text, fault):
    assert fault in faults(text)


def test_all_faults_are_told_at_once(faults):
    assert {("role", "x"), ("article", "x"), ("name", "x")} <= faults(
        one(node("user", "x", role="", article="", label=""))
    )


@pytest.mark.parametrize(
    "condition",
    [
        "__import__('os')",
        "a.b == 1",
        "(lambda: 1)()",
        "[x for x in y]",
        "9 ** 9 ** 9",
        "'a' * 10000000",
        "f(1)",
        "a =",
    ],
)
def test_a_condition_that_is_a_program_is_refused(faults, condition):
    text = one(
        node("xor", "x", default="x__e"), node("user", "y"),
        flows=path("s", "x", "e") + flow("x", "y", condition) + path("y", "e"),
    )  # fmt: skip
    assert ("expression", "x__y") in faults(text)


def looping(middle):
    """A loop round `middle` that goes on while `again` holds."""
    return file(
        process(
            node("start", "s"), node("xor", "merge"), middle, node("xor", "which", default="which__e"), node("end", "e"),
            path("s", "merge", "middle", "which", "e"), flow("which", "merge", "again == True"),
        )
    )  # fmt: skip


def test_a_loop_in_which_nobody_acts_never_ends_and_is_refused(faults):
    assert {code for code, _ in faults(looping(node("service", "middle", service="tell")))} == {"loop"}
    for waits in (
        node("user", "middle"),
        node("receive", "middle", message="m"),
        node("catch", "middle", event="timer", duration="P1D"),
    ):
        assert faults(looping(waits)) == set()


def test_a_loop_without_a_way_out_is_refused(faults):
    text = file(
        process(node("start", "s"), node("user", "a"), node("user", "b"), node("xor", "m"), node("end", "e"),
                path("s", "m", "a", "b", "m"))
    )  # fmt: skip
    assert {("endless", "a"), ("endless", "b"), ("unreachable", "e")} <= faults(text)


def test_a_join_of_ways_of_which_only_one_is_taken_is_refused(faults):
    text = file(
        process(
            node("start", "s"), node("xor", "which", default="which__a"), node("user", "a"), node("user", "b"),
            node("and", "join"), node("end", "e"), path("s", "which", "a", "join", "e"), flow("which", "b", "x == 1"),
            path("b", "join"),
        )
    )  # fmt: skip
    assert faults(text) == {("stuck", "join")}


def test_processes_that_call_each_other_are_refused(faults):
    text = file(
        process(node("start", "s"), node("call", "x", calledElement="other"), node("end", "e"), path("s", "x", "e")),
        process(node("start", "s2"), node("call", "y", calledElement="third"), node("end", "e2"), path("s2", "y", "e2"), name="other"),
        process(node("start", "s3"), node("call", "z", calledElement="other"), node("end", "e3"), path("s3", "z", "e3"), name="third"),
    )  # fmt: skip
    assert "recursion" in {code for code, _ in faults(text)}


@pytest.mark.parametrize(
    ("policy", "cells", "code"),
    [
        ("PRIORITY", ["1", "2"], "hit_policy"),
        ("FIRST", ["open('x')", "2"], "expression"),
        ("FIRST", ["1", "__import__('os')"], "expression"),
        ("FIRST", ['> parameter("consumer/no_such")', "2"], "parameter"),
    ],
)
def test_a_table_that_cannot_be_asked_is_refused(faults, policy, cells, code):
    text = one(node("rule", "x", decision="t"))
    assert (code, "t") in faults(text, drawn.table("t", ["a"], ["b"], [cells], policy=policy))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>", "document_type"),
        ("<x>" + " " * 1_000_001 + "</x>", "too_large"),
        ("not xml", "no_xml"),
        ("", "no_xml"),
        ("<x/>", "no_process"),
        (file(process(node("start", "s"), node("user", "s"), node("end", "e"), path("s", "e"))), "id"),
        (file(process(*(node("user", f"n{n}") for n in range(501)))), "too_many"),
    ],
)
def test_a_file_that_cannot_be_read_safely_is_refused(faults, text, code):
    assert code in {found for found, _ in faults(text)}


def test_a_refusal_carries_every_problem(procedure):
    with pytest.raises(DrawingRefused) as refused:
        checks.check(procedure, one(node("user", "x", role="", article="")))
    assert {problem.code for problem in refused.value.problems} == {"role", "article"}
    assert "没有负责岗位" in refused.value.message_zh
