"""An audit of draws rings for fraud and is quiet for luck: every chance is exact, none is a rule of thumb."""

from collections import Counter
from itertools import combinations, permutations
from math import comb

import numpy as np
import pytest

from tests.engines.draws import planted
from zhijian.engines.draws import auditing
from zhijian.engines.draws.auditing import Attempt, Urn
from zhijian.engines.signals import discovery


def test_of_two_independent_draws_119_firms_are_expected_twice_and_400_do_not_happen_by_chance():
    lucky, planned = (auditing.repeats([(47_554, 2_378, 2_378)], seen) for seen in (119, 400))
    assert round(lucky.expected, 1) == 118.9
    assert lucky.chance > 0.9
    assert planned.chance < 1e-50


def test_the_count_of_marked_objects_has_the_chances_of_counting_all_samples():
    law = auditing.law_of_marked([Urn(5, 2, 2), Urn(4, 1, 2)])
    whole = comb(5, 2) * comb(4, 2)
    assert law == pytest.approx(
        [3 * 3 / whole, (6 * 3 + 3 * 3) / whole, (1 * 3 + 6 * 3) / whole, 1 * 3 / whole]
    )


def test_a_favourite_is_spared_on_the_one_side_and_chosen_on_the_other():
    urns = [Urn(100, 20, 30)] * 3
    assert auditing.marked_count(urns, 6, side="few").chance < 1e-3
    assert auditing.marked_count(urns, 6, side="many").chance > 0.99
    with pytest.raises(ValueError, match="at most 60"):
        auditing.marked_count(urns, 61)


def test_runs_have_the_chances_of_writing_down_every_order():
    orders = set(permutations([True] * 3 + [False] * 2))
    counted = Counter(map(auditing.runs_of, orders))
    assert auditing.law_of_runs(3, 2) == pytest.approx([counted[n] / 10 for n in range(6)])
    assert auditing.law_of_runs(4, 0).tolist() == [0, 1]


def test_a_list_taken_in_the_order_of_the_register_has_too_few_runs():
    assert auditing.runs([[True] * 10 + [False] * 10]).chance < 1e-4
    assert auditing.runs([]).chance == 1


def test_in_a_pool_of_ten_a_pair_that_goes_out_five_times_of_thirty_is_no_chance():
    people = frozenset("abcdefghij")
    others = [tuple(pair) for pair in combinations(sorted(people), 2) if pair != ("a", "b")][:25]
    luck = auditing.matched([(people, pair) for pair in others])
    found = auditing.matched([(people, pair) for pair in [("a", "b")] * 5 + others])
    assert found is not None and luck is not None
    assert (found.pair, found.seen, found.expected) == (("a", "b"), 5, pytest.approx(30 / 45))
    exact = sum(comb(30, n) * (1 / 45) ** n * (44 / 45) ** (30 - n) for n in range(5, 31))
    assert found.chance == pytest.approx(45 * exact)
    assert luck.chance == 1


def test_in_teams_of_three_the_second_and_the_third_are_a_pair_too():
    people = frozenset("abcdefghij")
    others = [tuple(team) for team in combinations(sorted(people), 3) if not {"b", "c"} <= set(team)][::5]
    found = auditing.matched([(people, team) for team in [("a", "b", "c"), ("d", "b", "c")] * 6 + others])
    assert found is not None
    assert (found.pair, found.seen) == (("b", "c"), 12)
    assert found.expected == pytest.approx((12 + len(others)) * 3 / 45)
    assert found.chance < 0.001


def test_an_object_drawn_in_every_voided_attempt_stands_out_among_all_that_could():
    chances = {f"o{n}": 0.1 for n in range(100)}
    attempts = [Attempt(chances, frozenset({"o7", f"o{n + 10}"})) for n in range(5)]
    found = auditing.always_voided(attempts)
    assert found is not None
    assert (found.object_id, found.seen, found.of) == ("o7", 5, 5)
    assert found.chance == pytest.approx(100 * 0.1**5)
    assert auditing.always_voided([]) is None


def test_of_the_hand_made_exclusions_one_area_has_far_too_many():
    found = auditing.exclusions({"440106": (1_000, 3), "440105": (1_000, 2), "440305": (200, 20)})
    assert found["440305"].chance < 1e-12
    assert found["440106"].chance > 0.9
    assert found["440305"].expected == pytest.approx(25 * 200 / 2_200)


def test_a_draw_by_weight_is_judged_among_draws_thrown_by_its_own_method():
    random = np.random.default_rng(5)
    thrown = [
        Counter(dict(zip("AB", random.multinomial(40, [0.8, 0.2]).tolist(), strict=True))) for _ in range(99)
    ]
    assert auditing.spread_among({"A": 32, "B": 8}, thrown).chance > 0.3
    assert auditing.spread_among({"A": 10, "B": 30}, thrown).chance == 0.01


def test_honest_years_ring_no_more_often_than_promised():
    honest = [planted.judged(planted.a_history(turn), turn, pair_throws=0) for turn in range(80)]
    rung = sum(bool(discovery.discovered(list(one.values()), rate=0.1).any()) for one in honest)
    assert rung <= 15, "eight are promised at most; more than 15 of 80 have a chance below one in a hundred"


@pytest.mark.parametrize("fraud", planted.FRAUDS)
def test_a_planted_fraud_is_found_by_its_own_test(fraud):
    draws = 40 if fraud == "again" else 6
    history = planted.a_history(1, fraud=fraud, draws=draws)
    found = planted.judged(history, 1, pair_throws=19 if fraud == "pair" else 0)
    assert found[fraud] <= 0.05
    assert min(found, key=lambda name: found[name]) == fraud
