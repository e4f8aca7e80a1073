"""A burst is found where it is; under the null its chance keeps its word."""

import numpy as np

from zhijian.engines.signals import bursts


def test_the_stretch_with_most_is_found_where_it_is():
    days = np.ones(100, dtype=int)
    days[40:43] = 12
    found = bursts.strongest(days, longest=14, throws=199, seed=0)
    assert (found.first, found.last, found.count) == (40, 42, 36)
    assert found.chance < 1e-4


def test_nothing_is_no_burst():
    assert bursts.strongest([0, 0, 0], longest=2, throws=19, seed=0) is None


def test_under_the_null_one_in_twenty_falls_below_five_percent():
    random = np.random.default_rng(1)
    chances = [
        bursts.strongest(random.multinomial(60, np.full(60, 1 / 60)), longest=10, throws=99, seed=n).chance
        for n in range(100)
    ]
    assert sum(chance <= 0.05 for chance in chances) <= 11
