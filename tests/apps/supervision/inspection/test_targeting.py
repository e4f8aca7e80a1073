"""What steering is worth is told with honest intervals; too few events tell no effect."""

import numpy as np

from zhijian.apps.supervision.inspection.targeting import Looked, effect, groups, lift

RATES, SHARES = (0.02, 0.08, 0.3), (0.05, 0.15, 0.5)  # of problems, and of objects drawn, by class


def _drawn(seed, sizes=(3000, 1000, 300)):
    random = np.random.default_rng(seed)
    frames, looked, truth = [], [], {}
    for name, size, rate, share in zip("ABC", sizes, RATES, SHARES, strict=True):
        bad = random.random(size) < rate
        truth[name] = bad.mean()
        frames += [("d", f"{name}{n}", name) for n in range(size)]
        for n in random.choice(size, round(size * share), replace=False):
            looked.append(Looked(f"{name}{n}", "d", name, name, round(size * share) / size, (), bool(bad[n])))
    return frames, looked, truth


def test_the_interval_of_each_class_covers_its_truth_about_95_times_of_100():
    covered = total = 0
    for seed in range(50):
        frames, looked, truth = _drawn(seed)
        for one in groups(frames, looked):
            covered += one.estimate.low <= truth[one.name] <= one.estimate.high
            total += 1
    assert 0.91 <= covered / total <= 0.99


def test_an_object_without_a_class_is_in_no_group():
    (one,) = groups([("d", "a", "A"), ("d", "b", "")], [Looked("b", "d", "", "", 0.5, (), True)])
    assert (one.name, one.objects, one.visits, one.estimate) == ("A", 1, 0, None)


def test_lift_is_hits_over_those_of_a_lottery_and_none_where_a_lottery_may_hit_nothing():
    assert lift(30, 10.0, (5.0, 15.0)) == (3.0, 2.0, 6.0)
    assert lift(30, 10.0, (0.0, 15.0)) is None


def test_a_visit_without_effect_shows_none_and_one_with_effect_shows_it():
    random, none, some = np.random.default_rng(1), 0, 0
    for _ in range(100):
        cells = [(list(random.random(200) < 0.1), list(random.random(900) < 0.1)) for _ in range(3)]
        told = effect(cells)
        none += told.low <= 0 <= told.high
        cells = [(list(random.random(400) < 0.05), list(random.random(900) < 0.15)) for _ in range(3)]
        some += effect(cells).high < 0
    assert none >= 90 and some == 100


def test_few_events_tell_no_effect_and_strata_drawn_whole_compare_nothing():
    assert not effect([([True, False], [False] * 40)]).is_enough
    assert effect([([True], [])]) is None
