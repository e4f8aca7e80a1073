"""Measures of an order of work, on tables small enough to check by hand."""

import numpy as np
import pytest

from zhijian.datazone.risk import measures

DAYS = np.array([0, 0, 1, 1, 2, 2])
FOUND = np.array([0, 0, 0, 0, 1, 1])


def test_violations_moved_from_the_last_day_to_the_first_are_found_two_days_earlier():
    assert measures.days_earlier(DAYS, FOUND, FOUND.astype(float)) == 2.0


def test_doing_the_clean_ones_first_finds_nothing_earlier():
    assert measures.days_earlier(DAYS, FOUND, -FOUND.astype(float)) == 0.0


def test_each_inspector_keeps_his_own_days_when_only_his_own_order_changes():
    days = np.array([0, 1, 0, 9])
    found = np.array([0, 1, 0, 1])
    group = np.array([0, 0, 1, 1])
    assert measures.days_earlier_within(days, found, found.astype(float), group) == (1 + 9) / 2


def test_a_score_that_only_names_the_inspector_is_worth_nothing_within_one():
    found = np.array([1, 1, 0, 1, 0, 0])
    inspector = np.array([1, 1, 1, 0, 0, 0])
    assert measures.auc(found, inspector.astype(float)) == pytest.approx(2 / 3)
    assert measures.auc_within(found, inspector.astype(float), inspector) == 0.5


def test_the_capture_curve_begins_with_nothing_and_ends_with_everything():
    curve = measures.capture_curve(FOUND, FOUND.astype(float))
    assert (curve[0], curve[-1]) == (0.0, 1.0)
    assert curve == sorted(curve)
    assert measures.share_in_first_half(FOUND, FOUND.astype(float)) == 1.0


def test_ties_are_broken_by_lot_and_not_by_the_order_in_which_it_happened():
    assert measures.order(np.zeros(50)).tolist() != list(range(50))
    assert sorted(measures.order(np.zeros(50)).tolist()) == list(range(50))


def test_a_forecast_twice_too_timid_has_slope_two():
    draw = np.random.default_rng(1)
    true = draw.normal(size=40_000)
    found = (draw.uniform(size=40_000) < 1 / (1 + np.exp(-true))).astype(int)
    slope, intercept = measures.calibration_line(found, 1 / (1 + np.exp(-true / 2)))
    assert slope == pytest.approx(2, abs=0.1)
    assert intercept == pytest.approx(0, abs=0.05)


def test_stability_is_near_nothing_for_the_same_and_large_for_what_moved():
    draw = np.random.default_rng(2)
    before, same = draw.normal(size=5_000), draw.normal(size=5_000)
    assert measures.population_stability(before, same) < 0.02
    assert measures.population_stability(before, same + 1) > 0.25


def test_a_slice_tells_base_rate_mean_chance_and_their_ratio():
    rows = measures.slice_rows(np.array(["a", "a", "b", "b"]), np.array([1, 0, 1, 1]), np.array([0.5, 0.5, 0.5, 0.5]), np.array([4, 3, 2, 1.0]))  # fmt: skip
    assert [(row["name"], row["visits"], row["base_rate"], row["calibration_ratio"]) for row in rows] == [
        ("a", 2, 0.5, 1.0),
        ("b", 2, 1.0, 0.5),
    ]


def test_comparing_within_inspectors_is_the_mean_over_pairs_of_each_inspector():
    draw = np.random.default_rng(4)
    group, score = draw.integers(0, 9, 400), np.round(draw.normal(size=400), 1)
    found = (draw.uniform(size=400) < 0.3).astype(int)
    right = pairs = 0.0
    for one in range(9):
        above = score[(group == one) & (found == 1)][:, None] - score[(group == one) & (found == 0)]
        right, pairs = right + (above > 0).sum() + (above == 0).sum() / 2, pairs + above.size
    assert measures.auc_within(found, score, group) == pytest.approx(right / pairs)


def test_a_slice_tells_whom_the_first_fifth_flags_and_which_violations_it_misses():
    names, found = np.array(["a"] * 5 + ["b"] * 5), np.array([1, 1, 0, 0, 0] * 2)
    rows = measures.slice_rows(names, found, np.full(10, 0.4), np.arange(10.0)[::-1])
    assert [(row["flagged"], row["missed"]) for row in rows] == [(0.4, 0.0), (0.0, 1.0)]


def test_an_order_follows_itself_fully_and_a_constant_one_cannot_be_told():
    score = np.array([3.0, 1.0, 2.0])
    assert measures.follows(score, score * 5) == pytest.approx(1)
    assert np.isnan(measures.follows(score, np.zeros(3)))


def test_visits_weighed_by_the_chance_of_their_draw_judge_as_if_everybody_had_been_visited():
    draw = np.random.default_rng(5)
    risk = draw.normal(size=200_000)
    found = (draw.uniform(size=len(risk)) < 1 / (1 + np.exp(2 - risk))).astype(int)
    chance = np.where(risk > 1, 0.5, 0.05)  # risk steers, and everybody has a chance
    visited = draw.uniform(size=len(risk)) < chance
    told = measures.from_draw(found[visited], risk[visited], chance[visited])
    assert told["rate"] == pytest.approx(found.mean(), abs=0.01)
    assert told["auc"] == pytest.approx(measures.auc(found, risk), abs=0.015)
    assert abs(found[visited].mean() - found.mean()) > 0.05  # unweighed, it is far off
    assert told["equal_visits"] < visited.sum()


def test_a_visit_that_no_draw_chose_has_no_weight_and_is_refused():
    with pytest.raises(ValueError, match="chance with which it was drawn"):
        measures.from_draw(FOUND, FOUND.astype(float), np.zeros(6))
