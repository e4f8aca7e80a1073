"""The simulation of a drawing, held against queues whose answer is known."""

import random

import pytest

from zhijian.engines.procedures.simulate import MOST_STEPS, Flow, Node, Past, efforts, simulate


def flow(*nodes):
    return Flow(nodes[0].id, {node.id: node for node in nodes})


def one_desk(clock=""):
    return flow(
        Node("start", "", "pass", ways=(("a", "work"),)),
        Node("work", "办理", "person", "handler", clock, (("b", "end"),)),
        Node("end", "", "pass"),
    )


def poisson(rate, cases, seed):
    chance = random.Random(seed)
    moments, now = [], 0.0
    for _ in range(cases):
        now += chance.expovariate(rate)
        moments.append(now)
    return tuple(moments)


def test_one_officer_with_random_arrivals_and_work_is_the_queue_of_the_textbook():
    """M/M/1 with arrivals 0.8 and work 1 a day: load 0.8; a step waits rho / (mu - lambda) = 4 days."""
    chance = random.Random(11)
    work = tuple(chance.expovariate(1.0) for _ in range(20_000))
    past = Past(poisson(0.8, 20_000, seed=7), {"work": work})
    result = simulate(one_desk(), past, {"handler": 1}, {}, seed=3, runs=3)
    assert result.roles[0].load == pytest.approx(0.8, abs=0.02)
    assert result.roles[0].mean_wait == pytest.approx(4.0, abs=0.5)
    assert result.finished == 20_000


def test_two_officers_halve_the_load():
    past = Past(poisson(0.8, 5_000, seed=7), {"work": (1.0,)})
    alone, both = (simulate(one_desk(), past, {"handler": n}, {}, seed=3, runs=1) for n in (1, 2))
    assert both.roles[0].load == pytest.approx(alone.roles[0].load / 2, rel=0.02)


def test_a_case_is_late_when_its_wait_and_work_pass_the_limit():
    """Three cases at once, two days each, one officer: done after 2, 4 and 6 days; the limit is 5."""
    past = Past((0.0, 0.0, 0.0), {"work": (2.0,)})
    result = simulate(one_desk("limit"), past, {"handler": 1}, {"limit": 5.0}, seed=1, runs=2)
    assert result.late_share == pytest.approx(1 / 3)
    assert (result.late_low, result.late_high) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert result.mean_days == pytest.approx(4.0)
    assert result.steps[0].late_share == pytest.approx(1 / 3)
    assert result.bottleneck.role == "handler"
    assert result.roles[0].longest_queue == 2


def test_without_a_limit_nothing_is_late():
    result = simulate(one_desk(), Past((0.0,), {"work": (2.0,)}), {"handler": 1}, {}, seed=1)
    assert result.late_share is None
    assert result.bottleneck is None


def test_both_ways_of_a_fork_are_walked_and_the_case_goes_on_when_the_last_arrives():
    forked = flow(
        Node("fork", "", "fork", ways=(("a", "ask"), ("b", "test"))),
        Node("ask", "", "person", "handler", "", (("c", "join"),)),
        Node("test", "", "wait", ways=(("d", "join"),)),
        Node("join", "", "join", ways=(("e", "end"),), incoming=2),
        Node("end", "", "pass"),
    )
    past = Past((0.0,), {"ask": (1.0,), "test": (5.0,)})
    result = simulate(forked, past, {"handler": 1}, {}, seed=1, runs=1)
    assert result.mean_days == pytest.approx(5.0)
    assert result.finished == 1


def test_at_a_choice_the_ways_are_taken_as_often_as_they_were():
    chosen = flow(
        Node("gate", "", "choice", ways=(("yes", "work"), ("no", "end"))),
        Node("work", "", "person", "handler", "", (("x", "end"),)),
        Node("end", "", "pass"),
    )
    past = Past(tuple(float(n) for n in range(4_000)), {"work": (0.1,)}, ways={"yes": 30, "no": 10})
    result = simulate(chosen, past, {"handler": 1}, {}, seed=5, runs=1)
    assert result.steps[0].visits == pytest.approx(3_000, abs=100)


def test_a_case_that_never_leaves_a_loop_is_cut_and_counted():
    loop = flow(Node("a", "", "pass", ways=(("x", "b"),)), Node("b", "", "pass", ways=(("y", "a"),)))
    result = simulate(loop, Past((0.0,)), {}, {}, seed=1, runs=1)
    assert result.cut == 1
    assert MOST_STEPS < 1_000


def test_the_same_seed_gives_the_same_result_and_another_another():
    past = Past(poisson(0.8, 300, seed=7), {"work": (0.2, 1.0, 2.0)})
    first, again, other = (
        simulate(one_desk(), past, {"handler": 1}, {}, seed=seed, runs=1) for seed in (4, 4, 5)
    )
    assert first == again
    assert first != other


def test_a_role_without_an_officer_is_refused():
    with pytest.raises(ValueError, match="handler"):
        simulate(one_desk(), Past((0.0,)), {"handler": 0}, {}, seed=1)


def test_a_step_never_taken_takes_as_long_as_the_roles_other_steps():
    past = Past((0.0,), role_durations={"handler": (3.0,)})
    assert simulate(one_desk(), past, {"handler": 1}, {}, seed=1, runs=1).mean_days == 3.0


def test_what_is_held_at_once_shares_the_officers_time():
    """Two pieces from day 0 to 10: five days of work each. The third stands alone for a day."""
    assert efforts([(0, 10), (0, 10), (20, 21)]) == [5.0, 5.0, 1.0]
    assert efforts([(0, 4), (2, 4)]) == [3.0, 1.0]
    assert efforts([(1, 1)]) == [0.0]
    assert efforts([]) == []
