"""Judged on simulated counts whose truth is known: how often they alarm for nothing, and what they find."""

import numpy as np
import pytest
from scipy import stats

from zhijian.engines.signals import charts, discovery, disproportion, space_time, surprise


def poisson(mean, size, seed):
    return np.random.default_rng(seed).poisson(mean, size)


def test_the_surge_rule_gives_the_worked_example():
    told = charts.surge_over([12, 15, 11, 14, 13, 12, 14], 24)
    assert (told.mean, round(told.deviation, 3), round(told.z, 2)) == (13, 1.414, 7.78)
    assert told.is_alarm


def test_the_two_days_before_today_are_no_part_of_the_baseline():
    days = [12, 15, 11, 14, 13, 12, 14, 90, 90, 24]
    assert charts.ears_c2(days) == charts.surge_over(days[:7], 24)
    assert charts.ears_c2_chart(days).is_alarm.tolist() == [False] * 9 + [True]
    with pytest.raises(ValueError, match="needs 10 days"):
        charts.ears_c2(days[1:])


def test_fewer_than_five_never_surge_and_a_still_baseline_has_a_deviation_of_a_half():
    assert not charts.surge_over([0] * 7, 4).is_alarm
    told = charts.surge_over([0] * 7, 5)
    assert (told.z, told.is_alarm) == (10, True)


@pytest.mark.parametrize(
    ("chart", "share"), [(charts.shewhart, 0.004), (charts.cusum, 0.006), (charts.ewma, 0.004)]
)
def test_charts_seldom_alarm_where_nothing_happens(chart, share):
    days = poisson(20, 20_000, 1)
    assert chart(days, expected=20.0).is_alarm.mean() < share


def test_a_lasting_small_rise_is_found_sooner_by_sums_than_by_single_days():
    """Plus one deviation from day 50: CUSUM and EWMA within days, Shewhart in weeks."""
    delays = {chart: [] for chart in (charts.shewhart, charts.cusum, charts.ewma)}
    for seed in range(40):
        days = np.concatenate([poisson(25, 50, seed), poisson(30, 150, seed + 1000)])
        for chart, found in delays.items():
            alarms = np.flatnonzero(chart(days, expected=25.0).is_alarm[50:])
            found.append(alarms[0] if len(alarms) else 150)
    typical = {chart: np.median(found) for chart, found in delays.items()}
    assert typical[charts.cusum] <= 15
    assert typical[charts.ewma] <= 15
    assert typical[charts.shewhart] > typical[charts.cusum]


def test_the_week_is_part_of_what_is_expected():
    week = np.array([30, 10, 10, 10, 10, 10, 30])
    history = np.random.default_rng(2).poisson(np.tile(week, 20))
    expected = surprise.seasonal_baseline(history, ahead=7).expected
    assert expected == pytest.approx(week, rel=0.25)


@pytest.mark.parametrize("size", [np.inf, 3.0])
def test_the_chance_of_so_many_is_kept_under_the_null(size):
    """At most 1 in 100 days falls under 0.01, also where counts spread more than Poisson."""
    random = np.random.default_rng(3)
    mean = 8.0
    days = (
        random.poisson(mean, 20_000)
        if np.isinf(size)
        else random.negative_binomial(size, size / (size + mean), 20_000)
    )
    assert (surprise.chance_of_so_many(days, mean, size=size) <= 0.01).mean() <= 0.0125


def test_spread_is_noticed_and_its_absence_too():
    random = np.random.default_rng(4)
    spread = surprise.seasonal_baseline(random.negative_binomial(3, 3 / 23, 140), ahead=1)
    plain = surprise.seasonal_baseline(random.poisson(20, 140), ahead=1)
    assert spread.size == pytest.approx(3, rel=0.5)
    assert plain.size > 50


def test_benjamini_and_hochberg_s_own_numbers():
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.324,
        0.4262,
        0.5719,
        0.6528,
        0.759,
        1,
    ]
    assert discovery.discovered(p, rate=0.05).sum() == 4
    assert discovery.adjusted(p) == pytest.approx(stats.false_discovery_control(p))
    assert discovery.adjusted([]).tolist() == []


def test_false_discoveries_stay_within_their_rate_and_true_ones_are_found():
    random = np.random.default_rng(5)
    false, power = [], []
    for _ in range(300):
        shift = np.r_[np.full(20, 4.0), np.zeros(180)]
        found = discovery.discovered(stats.norm.sf(random.normal(shift)), rate=0.1)
        false.append(found[20:].sum() / max(found.sum(), 1))
        power.append(found[:20].mean())
    assert np.mean(false) <= 0.1
    assert np.mean(power) > 0.8


def test_over_families_the_mean_false_share_of_those_found_stays_within_the_rate():
    random = np.random.default_rng(6)
    told, quiet = [], 0
    for _ in range(200):
        families = {name: random.uniform(size=60) for name in ("place", "firm", "product", "topic")}
        families["firm"][:6] = stats.norm.sf(random.normal(5, 1, 6))
        found = discovery.hierarchical(families, rate=0.1)
        assert found["firm"].any()
        shares = [
            (found[name].sum() - (found["firm"][:6].sum() if name == "firm" else 0)) / found[name].sum()
            for name in families
            if found[name].any()
        ]
        told.append(np.mean(shares))
        quiet += not any(found[name].any() for name in ("place", "product", "topic"))
    assert np.mean(told) <= 0.1 + 2 * np.std(told) / np.sqrt(len(told))  # two standard errors of 200 trials
    assert quiet > 150


def test_measures_of_disproportion_are_those_of_a_worked_table():
    """a 20, b 80, c 100, d 9800."""
    rows = [("p", "t")] * 20 + [("p", "u")] * 80 + [("q", "t")] * 100 + [("q", "u")] * 9800
    pair = next(
        x for x in disproportion.disproportion(*zip(*rows, strict=True)) if (x.product, x.topic) == ("p", "t")
    )
    assert pair.prr == pytest.approx((20 / 100) / (100 / 9900))
    assert pair.ror == pytest.approx(20 * 9800 / (80 * 100))
    assert pair.expected == pytest.approx(100 * 120 / 10_000)
    assert pair.ic == pytest.approx(np.log2(20.5 / 1.7))
    assert pair.prr_low == pytest.approx(
        pair.prr * np.exp(-1.959964 * np.sqrt(1 / 20 - 1 / 100 + 1 / 100 - 1 / 9900))
    )
    assert pair.chance == pytest.approx(stats.fisher_exact([[20, 80], [100, 9800]], "greater").pvalue)


def test_independent_pairs_seldom_look_disproportionate_and_a_planted_one_is_found():
    random = np.random.default_rng(7)
    products = random.choice([f"p{i}" for i in range(20)], 5000)
    topics = random.choice([f"t{i}" for i in range(10)], 5000)
    quiet = disproportion.disproportion(products.tolist(), topics.tolist())
    assert not discovery.discovered([p.chance for p in quiet], rate=0.05).any()
    planted = disproportion.disproportion([*products, *["p3"] * 40], [*topics, *["t4"] * 40])
    found = discovery.discovered([p.chance for p in planted], rate=0.05)
    assert [(p.product, p.topic) for p, hit in zip(planted, found, strict=True) if hit] == [("p3", "t4")]


def test_the_prior_is_recovered_and_small_cells_are_shrunk():
    random = np.random.default_rng(8)
    expected = random.gamma(1, 3, 3000) + 0.05
    ratio = np.where(random.random(3000) < 0.1, random.gamma(4, 1, 3000), random.gamma(20, 1 / 20, 3000))
    counts = random.poisson(ratio * expected)
    prior = disproportion.fit_mixture(counts, expected)
    told = disproportion.ebgm(counts, expected, prior)
    plain = counts / expected
    assert np.mean((told - ratio) ** 2) < 0.5 * np.mean((plain - ratio) ** 2)
    assert disproportion.ebgm([3], [0.1], prior)[0] < 30


PLACES = np.array([(x, y) for x in range(5) for y in range(5)])
NEAR = space_time.nearest(PLACES, most=8)


def scanned(counts, seed, throws=99):
    return space_time.scan(counts, np.full(counts.shape, 2.0), NEAR, longest_days=7, throws=throws, seed=seed)


def test_the_scan_seldom_finds_a_cluster_where_there_is_none():
    false = [scanned(poisson(2.0, (28, 25), seed), seed)[0].chance <= 0.05 for seed in range(60)]
    assert np.mean(false) <= 0.12  # 0.05 and two standard errors of 60 trials


def test_a_planted_outbreak_is_found_with_its_places_and_days():
    hits = 0
    for seed in range(15):
        counts = poisson(2.0, (28, 25), seed + 500)
        counts[-4:, [6, 7, 11]] += poisson(4.0, (4, 3), seed + 900)
        cluster = scanned(counts, seed)[0]
        hits += (
            cluster.chance <= 0.05 and len({6, 7, 11} & set(cluster.places)) >= 2 and cluster.first_day >= 21
        )
    assert hits >= 13


def test_the_same_seed_gives_the_same_chance_and_an_empty_map_no_cluster():
    counts = poisson(2.0, (28, 25), 1)
    assert scanned(counts, 3) == scanned(counts, 3)
    assert scanned(np.zeros((28, 25)), 1) == []
    with pytest.raises(ValueError, match="differ"):
        space_time.scan(counts, counts[:5], NEAR, longest_days=7, throws=9, seed=1)


def test_the_sums_over_cylinders_are_those_of_a_plain_loop():
    counts = poisson(1.0, (5, 25), 2).astype(float)
    sums = space_time._cylinders(counts[None], NEAR, 3)[0]
    for days in range(3):
        for centre in (0, 7, 24):
            for size in range(8):
                assert sums[days, centre, size] == counts[-1 - days :, NEAR[centre, : size + 1]].sum()
