"""Pass rates, the risk matrix and what calls for an expert: the worked examples of the domain."""

from datetime import date

import pytest

from zhijian.apps.consumer.goods_quality import rules

ON = date(2026, 11, 20)


def test_one_failure_of_forty_leaves_an_interval_that_says_little():
    rate = rules.pass_rate(40, 1)
    assert rate.share == 0.975
    assert 1 - rate.high == pytest.approx(0.004, abs=0.001)
    assert 1 - rate.low == pytest.approx(0.129, abs=0.001)


def test_more_failures_than_batches_are_refused():
    with pytest.raises(ValueError, match="cannot have failed"):
        rules.pass_rate(3, 4)


def test_a_change_is_told_only_where_its_interval_leaves_out_nothing():
    small = rules.change(rules.pass_rate(100, 12), rules.pass_rate(100, 9))
    large = rules.change(rules.pass_rate(1000, 200), rules.pass_rate(1000, 90))
    assert not small.is_clear
    assert large.is_clear and large.points == pytest.approx(11.0)
    assert rules.change(rules.pass_rate(0, 0), rules.pass_rate(10, 1)) is None


@pytest.mark.parametrize(
    ("severity", "steps", "level"),
    [
        (3, [1 / 5000], "high"),
        (2, [1 / 500], "high"),
        (1, [1, 1 / 50, 1 / 10], "low"),
        (4, [0.6], "serious"),
        (1, [0.6], "high"),
        (4, [1 / 5_000_000], "low"),
    ],
)
def test_the_level_is_that_of_the_matrix(severity, steps, level):
    assert rules.risk_level(severity, steps, on=ON).code == level


def test_a_level_that_one_step_would_change_says_so():
    found = rules.risk_level(3, [1 / 5000], on=ON)
    assert (found.lower, found.code, found.higher) == ("medium", "high", "serious")
    assert found.is_sensitive


@pytest.mark.parametrize("steps", [[], [0], [1.2], [0.5, -1]])
def test_a_step_that_is_no_probability_is_refused(steps):
    with pytest.raises(ValueError):
        rules.probability_of(steps)


def test_one_death_or_three_severe_injuries_of_one_model_ask_for_an_expert():
    reports = [("A", "severe"), ("A", "severe"), ("B", "death"), ("C", "mild"), ("D", "severe")]
    assert rules.asks_for_expert(reports, on=ON) == ["B"]
    assert rules.asks_for_expert([*reports, ("A", "severe")], on=ON) == ["A", "B"]


def test_a_low_rate_is_a_signal_only_with_enough_batches_and_a_whole_interval_below_the_target():
    assert rules.is_below_target(rules.pass_rate(400, 100), on=ON)
    assert not rules.is_below_target(rules.pass_rate(40, 12), on=ON)
    assert not rules.is_below_target(rules.pass_rate(100, 14), on=ON)


def test_a_scenario_of_ever_so_many_rare_steps_has_the_level_of_the_rarest_row():
    found = rules.risk_level(4, [1e-4] * 90, on=ON)
    assert (found.probability, found.code, found.lower) == (0.0, "low", "low")
