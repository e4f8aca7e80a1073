"""The published score: drawn to the trade where there is little, one's own where there is much."""

import numpy as np
import pytest

from zhijian.apps.consumer.evaluation.scoring import Prior, counted, estimate, prior_of

EVEN = Prior((0.2, 0.2, 0.2, 0.2, 0.2), 10)


def test_without_evaluations_the_score_is_the_trade_s_and_the_interval_is_wide():
    found = estimate([0, 0, 0, 0, 0], EVEN)
    assert found.score == pytest.approx(3.0)
    assert found.low < 2.3 and found.high > 3.7 and found.count == 0


def test_two_best_scores_do_not_make_a_best_firm():
    found = estimate([0, 0, 0, 0, 2], EVEN)
    assert found.score == pytest.approx((10 * 3 + 2 * 5) / 12)


def test_the_interval_narrows_with_evaluations_and_stays_on_the_scale():
    few, many = estimate([0, 0, 0, 0, 20], EVEN), estimate([0, 0, 0, 0, 2000], EVEN)
    assert many.high - many.low < few.high - few.low
    assert 1 <= many.low < many.high <= 5


def test_the_interval_of_the_posterior_is_that_of_throws():
    found = estimate([3, 1, 2, 6, 8], EVEN)
    thrown = np.random.default_rng(0).dirichlet(np.array([5, 3, 4, 8, 10]), 40_000) @ np.arange(1, 6)
    assert found.low == pytest.approx(np.quantile(thrown, 0.025), abs=0.02)
    assert found.high == pytest.approx(np.quantile(thrown, 0.975), abs=0.02)


def test_who_stuffs_a_thousand_does_not_move_its_trade():
    firms = [[2, 2, 4, 10, 8] for _ in range(10)]
    honest = prior_of(firms, cap=50, least=5, most=50)
    stuffed = prior_of([*firms, [0, 0, 0, 0, 1000]], cap=50, least=5, most=50)
    assert stuffed.mean - honest.mean < 0.25


def test_firms_that_differ_much_are_drawn_less_to_their_trade():
    alike = prior_of([[2, 2, 4, 10, 8]] * 10, cap=50, least=5, most=50)
    differing = prior_of([[20, 5, 1, 0, 0], [0, 0, 1, 5, 20]] * 5, cap=50, least=5, most=50)
    assert differing.weight < alike.weight


def test_a_confirmed_excess_is_taken_off_as_a_number_and_never_below_nothing():
    assert counted([5, 5, 5, 1], {5: 2.0}) == [1, 0, 0, 0, 1]
    assert counted([5], {5: 3.0}) == [0, 0, 0, 0, 0]
