"""What a draw tells about everybody (double-random D9)."""

import hashlib
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.draws import coverage
from zhijian.engines.draws import core
from zhijian.engines.draws.design import floors_and_caps, neyman
from zhijian.engines.draws.estimation import (
    Stratum,
    WeighedStratum,
    optimal,
    stratified_rate,
    weighted_rate,
    wilson,
)

FRAME = {"A": 31_107, "B": 12_044, "C": 3_682, "D": 721}  # worked example E1
TRAIT = {"A": 0.02, "B": 0.05, "C": 0.15, "D": 0.35}


def strata() -> st.SearchStrategy[Stratum]:
    return st.integers(1, 5_000).flatmap(
        lambda objects: st.integers(0, objects).flatmap(
            lambda looked_at: st.builds(
                Stratum, st.just(objects), st.just(looked_at), st.integers(0, looked_at)
            )
        )
    )


def test_whoever_was_drawn_with_a_small_chance_stands_for_many() -> None:
    """E3: of 312 / 602 / 1104 / 360 drawn, 327.9 hits are expected; the plain share of hits says 14%, the truth is 4%."""
    counts = floors_and_caps(
        FRAME,
        {"A": 1, "B": 3, "C": 10, "D": 30},
        {"A": 5, "B": 10, "C": 30, "D": 50},
        2_378,
        riskiest_first="DCBA",
    )
    seen = [Stratum(FRAME[k], counts[k], round(counts[k] * TRAIT[k])) for k in FRAME]
    found = stratified_rate(seen)
    truth = sum(FRAME[k] * TRAIT[k] for k in FRAME) / sum(FRAME.values())
    assert sum(one.found for one in seen) / 2_378 > 0.13
    assert found is not None
    assert found.rate == pytest.approx(truth, abs=0.001)
    assert found.low < truth < found.high


def test_in_a_thousand_draws_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """The lottery itself is drawn a thousand times from one frame, by other seeds; 93 to 97 in a hundred must cover."""
    sizes, counts = {"1": 900, "2": 400, "3": 200}, {"1": 60, "2": 60, "3": 60}
    traits = {"1": 45, "2": 60, "3": 70}
    truth = sum(traits.values()) / sum(sizes.values())
    leaves = core.leaf_array([hashlib.sha256(b"%d" % n).hexdigest() for n in range(1_500)])
    starts = {"1": 0, "2": 900, "3": 1_300}
    covered = 0
    for turn in range(1_000):
        seed = hashlib.sha256(b"draw %d" % turn).digest()
        heads = core.rank(seed, leaves)
        seen = []
        for key, size in sizes.items():
            members = np.arange(starts[key], starts[key] + size)
            drawn = core.draw_stratum(seed, leaves, heads, members, drawn=counts[key], reserve=0).drawn
            seen.append(Stratum(size, counts[key], sum(one < starts[key] + traits[key] for one in drawn)))
        found = stratified_rate(seen)
        assert found is not None
        covered += found.low <= truth <= found.high
    assert 930 <= covered <= 970


def test_a_stratum_taken_whole_is_known_for_sure() -> None:
    found = stratified_rate([Stratum(40, 40, 10)])
    assert found is not None
    assert (found.rate, found.low, found.high) == (0.25, 0.25, 0.25)


def test_a_sample_without_a_finding_does_not_say_that_there_is_none() -> None:
    found = stratified_rate([Stratum(10_000, 100, 0)])
    assert found is not None
    assert found.low == 0
    assert 0.02 < found.high < 0.05


def test_of_a_stratum_that_nobody_looked_at_nothing_is_said() -> None:
    found = stratified_rate([Stratum(1_000, 50, 5), Stratum(500, 0, 0)])
    assert found is not None
    assert (found.objects, found.unseen) == (1_000, 500)
    assert stratified_rate([Stratum(500, 0, 0)]) is None
    with pytest.raises(ValueError, match="cannot be"):
        Stratum(10, 5, 6)


@given(st.lists(strata(), min_size=1, max_size=6))
def test_the_interval_always_holds_its_own_rate(seen: list[Stratum]) -> None:
    found = stratified_rate(seen)
    if found is not None:
        assert 0 <= found.low <= found.rate + 1e-12
        assert found.rate - 1e-12 <= found.high <= 1


def test_wilson_agrees_with_its_published_example() -> None:
    """Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_with_equal_costs_the_budget_is_spent_as_neyman_says() -> None:
    """E2: 1199 / 722 / 362 / 95."""
    paid = optimal(FRAME, TRAIT, dict.fromkeys(FRAME, 1.0), budget=2_378)
    exact = neyman(FRAME, TRAIT, 2_378)
    assert all(0 <= exact[key] - paid[key] <= 1 for key in FRAME)


def test_dear_visits_are_made_less_often_and_the_budget_holds() -> None:
    costs = {"A": 1.0, "B": 1.0, "C": 4.0, "D": 9.0}
    paid = optimal(FRAME, TRAIT, costs, budget=2_378)
    assert sum(paid[key] * costs[key] for key in FRAME) <= 2_378
    spread = {key: FRAME[key] * sqrt(TRAIT[key] * (1 - TRAIT[key])) for key in FRAME}
    assert paid["C"] / paid["A"] == pytest.approx(spread["C"] / spread["A"] / 2, rel=0.02)


def test_a_stratum_that_would_be_drawn_twice_over_is_taken_whole() -> None:
    paid = optimal(
        {"few": 10, "many": 10_000}, {"few": 0.5, "many": 0.01}, {"few": 1, "many": 1}, budget=5_000
    )
    assert paid["few"] == 10
    assert 4_989 <= paid["many"] <= 4_990


@given(st.lists(strata(), min_size=1, max_size=5))
def test_with_equal_chances_the_weighted_estimate_is_the_stratified_one(seen: list[Stratum]) -> None:
    weighed = [
        WeighedStratum(
            one.objects,
            one.looked_at,
            tuple((one.chance, place < one.found) for place in range(one.looked_at)),
        )
        for one in seen
    ]
    ours, theirs = weighted_rate(weighed), stratified_rate(seen)
    if theirs is None:
        assert ours is None
    else:
        assert ours is not None
        assert (ours.rate, ours.low, ours.high) == pytest.approx(
            (theirs.rate, theirs.low, theirs.high), abs=1e-7
        )
        assert (ours.objects, ours.looked_at, ours.unseen) == (
            theirs.objects,
            theirs.looked_at,
            theirs.unseen,
        )


def test_who_was_drawn_by_weight_counts_by_the_exact_chance() -> None:
    """One heavy object with a problem (1/1) and two light ones (1/10) without: 1 of 21, not 1 of 3."""
    found = weighted_rate(
        [WeighedStratum(1, 1, ((1.0, True),)), WeighedStratum(20, 2, ((0.1, False), (0.1, False)))]
    )
    assert found is not None
    assert found.rate == pytest.approx(1 / 21)
    assert found.low < 1 / 21 < found.high


def test_objects_not_met_are_shared_among_those_met_and_impossible_counts_are_refused() -> None:
    met = WeighedStratum(100, 10, tuple((0.1, n < 2) for n in range(8)))
    assert sum(met.weights) == pytest.approx(100)
    assert met.rate == pytest.approx(0.25)
    with pytest.raises(ValueError, match="cannot be"):
        WeighedStratum(5, 6, ())
    with pytest.raises(ValueError, match="cannot be"):
        WeighedStratum(5, 5, ((0.0, True),))


@pytest.mark.parametrize(("method", "order"), [("pps", "random"), ("systematic", "declared")])
def test_in_real_draws_by_method_the_interval_holds_the_truth(method: str, order: str) -> None:
    """A hundred and twenty draws of one frame whose rate rises with the weight; `zhijian bench draw_methods` holds a thousand."""
    frame = coverage.a_frame(600, method=method, order=order)
    covered = sum(coverage.holds(frame, 90, turn) for turn in range(120))
    assert covered >= 108  # 95% of 120 are 114; fewer than 108 would happen once in 200 suites
