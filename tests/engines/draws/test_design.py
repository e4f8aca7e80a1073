"""How many are drawn where: the worked examples of stratified and weighted sampling."""

import hashlib
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhijian.engines.draws import core, design

SIZES = {"A": 31_107, "B": 12_044, "C": 3_682, "D": 721}
VIOLATIONS = {"A": 0.02, "B": 0.05, "C": 0.15, "D": 0.35}


def test_five_percent_of_47554_are_2378():
    assert sum(design.allocate(SIZES, dict.fromkeys(SIZES, 500)).values()) == 2_378


def test_neyman_rounds_by_largest_remainder_and_finds_147_violations():
    counts = design.neyman(SIZES, VIOLATIONS, 2_378)
    assert counts == {"A": 1_199, "B": 722, "C": 362, "D": 95}
    assert design.expected_hits(counts, VIOLATIONS) == pytest.approx(147.6, abs=0.1)
    proportional = design.proportional(SIZES, 2_378)
    assert design.expected_hits(proportional, VIOLATIONS) == pytest.approx(101.4, abs=0.15)


def test_floors_and_caps_fill_from_the_riskiest_class():
    floors, caps = {"A": 1, "B": 3, "C": 10, "D": 30}, {"A": 5, "B": 10, "C": 30, "D": 50}
    counts = design.floors_and_caps(SIZES, floors, caps, 2_378, riskiest_first="DCBA")
    assert counts == {"A": 312, "B": 602, "C": 1_104, "D": 360}
    assert design.expected_hits(counts, VIOLATIONS) == pytest.approx(327.9, abs=0.1)
    rates = [counts[name] / SIZES[name] for name in "ABCD"]
    assert rates == sorted(rates)


def test_floors_above_the_plan_and_caps_below_it_are_refused():
    with pytest.raises(ValueError, match="lower the floors"):
        design.floors_and_caps({"A": 100}, {"A": 50}, {"A": 90}, 10, riskiest_first="A")
    with pytest.raises(ValueError, match="raise a cap"):
        design.floors_and_caps({"A": 100}, {"A": 5}, {"A": 10}, 20, riskiest_first="A")


def test_systematic_pps_hits_units_1_6_and_8():
    weights = [5, 1, 1, 3, 2, 8, 1, 4, 2, 3]
    hits = design.systematic(weights, 3, Fraction(42, 10) * 3)
    assert [hit + 1 for hit in hits] == [1, 6, 8]
    assert [design.inclusion(weights, 3)[hit] for hit in hits] == [
        Fraction(1, 2),
        Fraction(4, 5),
        Fraction(2, 5),
    ]


def test_two_draws_of_2378_share_119_on_average_and_400_fail_the_audit():
    assert design.expected_repeats(47_554, 2_378, 2_378) == pytest.approx(118.9, abs=0.05)
    assert design.repeats_are_plausible(47_554, 2_378, 2_378, 119)
    assert not design.repeats_are_plausible(47_554, 2_378, 2_378, 400)


def test_at_least_one_is_drawn_from_every_stratum_if_the_plan_says_so():
    sizes, rates = {"big": 1000, "tiny": 3, "none": 5}, {"big": 100, "tiny": 100, "none": 0}
    assert design.allocate(sizes, rates) == {"big": 10, "tiny": 0, "none": 0}
    assert design.allocate(sizes, rates, at_least_one=True) == {"big": 10, "tiny": 1, "none": 0}


def test_a_larger_sample_has_a_smaller_margin_and_an_empty_stratum_says_nothing():
    small = design.margin_of_error({"A": 1000}, {"A": 50})
    assert 0 < design.margin_of_error({"A": 1000}, {"A": 500}) < small < 1
    assert design.margin_of_error({"A": 1000, "B": 5}, {"A": 500, "B": 0}) == 1.0


@given(
    sizes=st.dictionaries(st.text("abcdef", min_size=1), st.integers(0, 5000), min_size=1, max_size=8),
    rate=st.integers(0, 10_000),
)
@settings(max_examples=60, deadline=None)
def test_an_allocation_never_exceeds_a_stratum_and_adds_up(sizes, rate):
    counts = design.allocate(sizes, dict.fromkeys(sizes, rate))
    assert all(0 <= counts[name] <= sizes[name] for name in sizes)
    assert abs(sum(counts.values()) - sum(sizes.values()) * rate / 10_000) <= 0.5


def _leaves(count):
    return core.leaf_array([hashlib.sha256(bytes([n])).hexdigest() for n in range(count)])


def test_over_2000_seeds_every_object_is_drawn_equally_often():
    frame, sample, seeds = 20, 5, 2_000
    leaves, members, hits = _leaves(frame), np.arange(frame), np.zeros(frame)
    for number in range(seeds):
        seed = hashlib.sha256(b"uniform %d" % number).digest()
        drawn = core.draw_stratum(
            seed, leaves, core.rank(seed, leaves), members, drawn=sample, reserve=0
        ).drawn
        hits[list(drawn)] += 1
    expected = seeds * sample / frame
    chi_square = ((hits - expected) ** 2).sum() / expected * (frame - 1) / (frame - sample)
    assert chi_square < 43.82  # 19 degrees of freedom, p = 0.001


def test_a_heavier_object_is_drawn_more_often():
    leaves, members, hits = _leaves(10), np.arange(10), np.zeros(10)
    weights = np.array([4] + [1] * 9)
    for number in range(1_000):
        seed = hashlib.sha256(b"weights %d" % number).digest()
        heads = core.rank(seed, leaves)
        hits[
            list(core.draw_stratum(seed, leaves, heads, members, drawn=2, reserve=0, weights=weights).drawn)
        ] += 1
    assert 550 < hits[0] < 680  # exact proportion would be 2 * 4/13 = 615 of 1000
    assert all(110 < one < 200 for one in hits[1:])


@given(st.binary(min_size=32, max_size=32), st.integers(1, 60), st.integers(0, 60))
@settings(max_examples=40, deadline=None)
def test_the_fast_ranking_draws_what_sorting_everything_would(seed, frame, wanted):
    leaves = _leaves(frame)
    drawn = core.draw_stratum(
        seed, leaves, core.rank(seed, leaves), np.arange(frame), drawn=wanted, reserve=3
    )
    slow = sorted(range(frame), key=lambda n: core.rank_of(seed, leaves[n].tobytes().hex()))
    assert list(drawn.drawn) == slow[:wanted]
    assert list(drawn.reserve) == slow[wanted : wanted + 3]


def test_ranking_in_two_processes_gives_the_same_ranks(monkeypatch):
    leaves, seed = _leaves(200), bytes(32)
    alone = core.rank(seed, leaves)
    monkeypatch.setattr(core, "PARALLEL_FROM", 10)
    assert (core.rank(seed, leaves) == alone).all()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 13])
def test_the_merkle_root_is_the_one_of_the_fact_engine(count):
    from zhijian.engines.facts.merkle import EMPTY_ROOT, leaf_hash

    entries = [f"entry {n}" for n in range(count)]
    from zhijian.engines.draws import verifier

    own = core.merkle_root(entries)
    nodes = [leaf_hash(entry.encode()) for entry in entries]
    assert own == verifier.merkle(nodes).hex()
    assert count or own == EMPTY_ROOT.hex()


def test_a_line_feed_inside_a_field_is_refused():
    with pytest.raises(ValueError, match="line feed"):
        core.object_leaf("P", 1, salt="", object_id="a\nb", stratum="S001", weight=1)


def test_equal_first_halves_of_ranks_are_told_apart_by_the_whole():
    leaves, seed = _leaves(30), bytes(32)
    heads = np.array([n % 3 for n in range(30)], np.uint64)
    slow = sorted(range(30), key=lambda n: (n % 3, core.rank_of(seed, leaves[n].tobytes().hex())))
    assert core.smallest(seed, leaves, heads, np.arange(30), 17) == slow[:17]


def test_the_lottery_is_what_the_lowest_rate_alone_draws():
    sizes, rates = {"A": 900, "D": 100}, {"A": 100, "D": 2_000}
    assert design.lottery_share(sizes, rates) == Fraction(1000 * 100, 900 * 100 + 100 * 2_000)
    assert design.lottery_share(sizes, {"A": 300, "D": 300}) == 1
    assert design.lottery_share(sizes, {"A": 0, "D": 2_000}) == 0


def test_low_rates_are_raised_as_little_as_the_declared_share_needs():
    sizes, rates = {"A": 900, "D": 100}, {"A": 0, "D": 2_000}
    raised = design.raised_to_lottery_share(sizes, rates, percent=20)
    assert raised["D"] == 2_000
    assert design.lottery_share(sizes, raised) >= Fraction(1, 5)
    assert design.lottery_share(sizes, {**raised, "A": raised["A"] - 1}) < Fraction(1, 5)
    with pytest.raises(ValueError, match="at least one stratum"):
        design.raised_to_lottery_share(sizes, {"A": 0, "D": 0}, percent=20)


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=60),
    st.integers(0, 70),
    st.binary(min_size=1, max_size=8),
)
@settings(max_examples=40, deadline=None)
def test_a_weighted_draw_takes_exactly_the_smallest_rank_by_weight(weights, count, name):
    """Section 6 of the protocol: fractions of whole numbers, never of floating-point ones."""
    seed = hashlib.sha256(name).digest()
    leaves = core.leaf_array([hashlib.sha256(name + b"%d" % n).hexdigest() for n in range(len(weights))])
    members = np.arange(len(weights))
    found = core.draw_stratum(
        seed,
        leaves,
        core.rank(seed, leaves),
        members,
        drawn=count,
        reserve=2,
        weights=np.array([*weights[:-1], 2]),
    )
    fractions = [
        (Fraction(int.from_bytes(core.rank_of(seed, leaf.tobytes().hex())), weight), n)
        for n, (leaf, weight) in enumerate(zip(leaves, [*weights[:-1], 2], strict=True))
    ]
    assert [*found.drawn, *found.reserve] == [n for _, n in sorted(fractions)][: count + 2]
