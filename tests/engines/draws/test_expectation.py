"""What a sample will be able to tell, reckoned before it is drawn."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhijian.engines.draws import design
from zhijian.engines.draws.expectation import Part, _chances, expected, rates_of, size_half_width


def part(objects, drawn, *, supposed=0.5, cost=1.0, weights=None, area="440100", rate="R1"):
    return Part(area, rate, objects, drawn, supposed, cost, weights or {})


def test_with_equal_chances_it_is_the_margin_that_the_page_of_a_draw_shows():
    sizes, counts = {"1": 900, "2": 100}, {"1": 45, "2": 20}
    found = expected([part(sizes[key], counts[key], supposed=0.1) for key in sizes])
    assert found.half_width == pytest.approx(design.margin_of_error(sizes, counts, rate=0.1), rel=1e-4)
    assert (found.objects, found.visits, found.cost, found.unseen) == (1_000, 65, 65.0, 0)
    assert found.finds == pytest.approx(6.5)


def test_equal_weights_tell_what_equal_chances_tell_and_unequal_ones_less_of_the_number_of_firms():
    plain = expected([part(200, 20)]).half_width
    assert expected([part(200, 20, weights={3: 200})]).half_width == pytest.approx(plain)
    assert expected([part(200, 20, weights={1: 100, 9: 100})]).half_width > plain


def test_a_draw_by_weight_tells_more_of_the_weight():
    weights = Counter({1: 150, 40: 50})
    one = part(200, 20)
    by_weight = size_half_width([one], [weights], by_weight=True)
    assert by_weight < size_half_width([one], [weights], by_weight=False)


def test_strata_without_a_visit_are_unseen_and_nothing_drawn_tells_nothing():
    found = expected([part(50, 5), part(70, 0)])
    assert (found.unseen, found.objects) == (70, 120)
    assert expected([part(70, 0)]).half_width is None
    assert size_half_width([part(70, 0)], [Counter({1: 70})], by_weight=False) is None


def test_a_stratum_taken_whole_is_known_for_sure():
    assert expected([part(30, 30)]).half_width == 0
    assert expected([part(3, 3, weights={5: 1, 1: 2})]).half_width == 0


@given(st.lists(st.integers(1, 30), min_size=1, max_size=20), st.integers(0, 20))
def test_its_chances_are_the_exact_ones_of_the_protocol(weights, wanted):
    drawn = min(wanted, len(weights))
    if drawn == 0:
        return
    exact = dict(zip(weights, design.inclusion(weights, drawn), strict=True))
    found = _chances(Counter(weights), drawn)
    assert {weight: Fraction(chance).limit_denominator(10**6) for weight, chance in found.items()} == {
        weight: chance for weight, chance in exact.items() if chance < 1
    }


def test_rates_of_equal_costs_are_neymans_and_dear_visits_get_lower_ones():
    sizes = {"R1": 31_107, "R2": 12_044, "R3": 3_682, "R4": 721}
    supposed = {"R1": 0.02, "R2": 0.05, "R3": 0.15, "R4": 0.35}
    alike = rates_of(sizes, supposed, dict.fromkeys(sizes, 1.0), budget=2_378)
    assert alike == {"R1": 385, "R2": 599, "R3": 980, "R4": 1_304}  # E2: 1198 / 722 / 361 / 94, rounded down
    dear = rates_of(sizes, supposed, {"R1": 1, "R2": 1, "R3": 1, "R4": 9}, budget=2_378)
    assert dear["R4"] < alike["R4"]
    assert rates_of({"R1": 0}, {"R1": 0.5}, {"R1": 1}, budget=0) == {"R1": 0}
