"""The six tests: what each finds, and that an honest trade is left in peace."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from zhijian.apps.consumer.evaluation import rules, screening
from zhijian.apps.consumer.evaluation.screening import Seen

LIMITS = screening.Limits.of(rules.SCREENING.on(date(2026, 11, 20)))
SHARES = [0.06, 0.07, 0.15, 0.38, 0.34]


def trade(seed, firms=12, each=60):
    """Honest firms: days and serials at random, one device each, no texts."""
    random = np.random.default_rng(seed)
    seen, issued = [], {}
    for firm in range(firms):
        name, issued[f"F{firm}"] = f"F{firm}", 8 * each
        serials = random.choice(8 * each, each, replace=False) + 1
        for place, serial in enumerate(serials):
            score = int(random.choice([1, 2, 3, 4, 5], p=SHARES))
            day = int(random.integers(180))
            seen.append(Seen(f"{name}-{place}", name, day, score, int(serial), "", f"{name}d{place}"))
    return seen, issued


def found_in(found, firm="F0"):
    return {one.test for one in found if one.firm == firm}


def test_an_honest_trade_is_left_in_peace():
    told = [screening.screen(*trade(seed), limits=LIMITS, seed=seed) for seed in range(6)]
    assert sum(len(found) for found in told) <= 1


def test_many_best_scores_within_three_days_are_a_burst():
    seen, issued = trade(1)
    made = [Seen(f"x{n}", "F0", 90 + n % 3, 5, 7 * n + 1, "", f"x{n}") for n in range(25)]
    found = screening.screen(seen + made, issued, limits=LIMITS, seed=1)
    burst = next(one for one in found if one.firm == "F0" and one.test == screening.BURST)
    assert {one.number for one in made} <= set(burst.numbers)


def test_a_busy_week_with_the_usual_scores_is_no_burst():
    seen, issued = trade(2)
    scores = [1, 2, 3, 3, 4, 4, 4, 4, 5, 5] * 3
    busy = [Seen(f"b{n}", "F0", 90 + n % 7, score, 11 * n + 3, "", f"b{n}") for n, score in enumerate(scores)]
    assert screening.BURST not in found_in(screening.screen(seen + busy, issued, limits=LIMITS, seed=2))


def test_tickets_in_a_row_all_used_with_the_best_score_are_found_and_named():
    seen, issued = trade(3)
    issued["F0"] += 20
    made = [Seen(f"x{n}", "F0", 5 * n, 5, 481 + n, "", f"x{n}") for n in range(20)]
    found = screening.screen(seen + made, issued, limits=LIMITS, seed=3)
    row = next(one for one in found if one.firm == "F0" and one.test == screening.SEQUENCE)
    assert set(row.numbers) >= {one.number for one in made}


def test_more_best_scores_than_the_trade_s_shape_has_are_counted_and_not_named():
    seen, issued = trade(4, each=200)
    made = [Seen(f"x{n}", "F0", (7 * n) % 180, 5, 4 * n + 2, "", f"x{n}") for n in range(300)]
    found = screening.screen(seen + made, issued, limits=LIMITS, seed=4)
    shape = next(one for one in found if one.firm == "F0" and one.test == screening.EXCESS)
    assert shape.numbers == () and shape.score == 5 and 200 < shape.excess < 380


def test_near_copies_of_one_text_are_found_and_short_praise_is_not():
    seen, issued = trade(5)
    text = "环境一流服务周到性价比超高强烈推荐大家都来体验一次"
    made = [
        Seen(f"x{n}", "F0", 20 * n, 5, 0, text[: n + 5] + "！" + text[n + 5 :], f"x{n}") for n in range(6)
    ]
    praise = [Seen(f"p{n}", "F1", 20 * n, 5, 0, "很好", f"p{n}") for n in range(6)]
    found = screening.screen(seen + made + praise, issued, limits=LIMITS, seed=5)
    assert {n for one in found if one.test == screening.COPIES for n in one.numbers} == {
        one.number for one in made
    }


def test_one_device_that_evaluates_one_firm_again_and_again_is_found():
    seen, issued = trade(6)
    made = [replace(one, device="same") if one.firm == "F0" and n < 15 else one for n, one in enumerate(seen)]
    found = screening.screen(made, issued, limits=LIMITS, seed=6)
    repeats = [one for one in found if one.test == screening.REPEATS]
    assert [one.firm for one in repeats] == ["F0"] and len(repeats[0].numbers) == 15


def test_devices_that_evaluate_the_same_firms_are_a_ring():
    seen, issued = trade(7)
    ring = [
        Seen(f"r{device}-{firm}", f"F{firm}", 10 * device, 5, 0, "", f"ring{device}")
        for device in range(5)
        for firm in range(5)
    ]
    found = screening.screen(seen + ring, issued, limits=LIMITS, seed=7)
    marked = {n for one in found if one.test == screening.RING for n in one.numbers}
    assert marked == {one.number for one in ring}


@pytest.mark.parametrize(("used", "size", "runs"), [(3, 6, 1), (3, 6, 2), (3, 6, 3), (2, 7, 1)])
def test_the_chance_of_few_runs_is_that_of_counting_all_ways(used, size, runs):
    from itertools import combinations

    def count(places):
        return sum(place - 1 not in places for place in places)

    ways = [count(set(places)) for places in combinations(range(size), used)]
    assert screening._few_runs(runs, used, size) == pytest.approx(sum(n <= runs for n in ways) / len(ways))
