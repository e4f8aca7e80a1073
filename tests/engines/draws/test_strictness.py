"""Strictness of inspectors: an honest office differs by chance alone, a strict inspector is found, risk is not mistaken for it."""

import numpy as np
import pytest

from zhijian.engines.draws.concordance import kappa
from zhijian.engines.draws.strictness import Visit, funnel, office


def _year(seed, *, strict=None, visits=1500, people=12):
    """Teams of two at random within two cells, of which one has five times the problems of the other."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(visits):
        cell = random.integers(2)
        team = tuple(f"i{n:02d}" for n in random.choice(people, 2, replace=False))
        factor = 2.5 if strict in team else 1.0
        found.append(Visit(f"c{cell}", team, bool(random.random() < (0.05, 0.25)[cell] * factor)))
    return found


def test_where_nobody_differs_hardly_anybody_leaves_the_funnel():
    outside = total = 0
    for seed in range(30):
        for one in office(_year(seed, visits=600)).inspectors:
            low, high = funnel(one.expected, level=0.95)
            outside += not low <= one.ratio <= high
            total += 1
    assert outside / total <= 0.06


def test_a_strict_inspector_is_found_and_stands_first():
    for seed in range(5):
        told = office(_year(seed, strict="i03"))
        assert told.inspectors[0].inspector == "i03"
        assert told.inspectors[0].low > 1 and told.inspectors[0].chance < 0.001
        assert told.spread > 0.1


def test_who_is_sent_to_risky_firms_is_not_taken_for_strict():
    """Two offices of the same strictness, one in a risky county: each is compared with its own cell."""
    random = np.random.default_rng(7)
    visits = []
    for cell, rate in (("risky", 0.4), ("quiet", 0.04)):
        for _ in range(800):
            team = tuple(f"{cell}{n}" for n in random.choice(6, 2, replace=False))
            visits.append(Visit(cell, team, bool(random.random() < rate)))
    told = office(visits)
    risky = [one.ratio for one in told.inspectors if one.inspector.startswith("risky")]
    assert abs(float(np.mean(risky)) - 1) < 0.02


def test_who_visited_little_is_drawn_towards_the_middle():
    visits = [*_year(3, strict="i03"), Visit("c0", ("new", "i01"), True)]
    new = next(one for one in office(visits).inspectors if one.inspector == "new")
    assert new.ratio > 5 and new.shrunk < 2
    assert "new" not in {one.inspector for one in office(visits, fewest=2).inspectors}


def test_a_team_that_is_alone_in_its_cell_is_not_judged():
    assert office([Visit("c", ("a", "b"), True)] * 9).inspectors == ()


def test_kappa_is_that_of_the_book_and_has_no_value_where_nothing_differs():
    """Fleiss, Levin and Paik (2003), table 18.1: 75, 4 and 10 agreed of 100; kappa 0.68, standard error 0.087."""
    pairs = (
        [("a", "a")] * 75 + [("a", "b")] * 1 + [("a", "c")] * 4 + [("b", "a")] * 5 + [("b", "b")] * 4
        + [("b", "c")] * 1 + [("c", "b")] * 0 + [("c", "c")] * 10
    )  # fmt: skip
    told = kappa(pairs)
    assert told.kappa == pytest.approx(0.676, abs=0.001)
    assert (told.high - told.low) / (2 * 1.96) == pytest.approx(0.088, abs=0.002)
    assert kappa([("a", "a")] * 5).kappa is None
    assert kappa([]).things == 0
