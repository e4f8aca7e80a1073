"""What a day's judgement tells of cases whose truth is known."""

from datetime import date, timedelta

import numpy as np

from zhijian.engines.signals import counted
from zhijian.engines.signals.counted import Counted
from zhijian.engines.signals.daily import CLUSTER, FIRM, TOPIC, Limits, judge, once_per_person
from zhijian.standards import parameters

TODAY = date(2026, 11, 20)
LIMITS = Limits.of(parameters.load("consumer/complaint_signals").on(TODAY))
COUNTIES = [f"4401{n:02d}" for n in range(3, 15)]
PLACES = {code: (float(n % 4), float(n // 4)) for n, code in enumerate(COUNTIES)}


def case(number, days_ago, *, place="440106", firm="A", topic="M1102", product="会员卡", person=""):
    return Counted(
        "complaint",
        f"TS{number:06d}",
        TODAY - timedelta(days_ago),
        place,
        firm,
        f"店{firm}",
        product,
        topic,
        person,
    )


def quiet(seed, per_day=12):
    """Ordinary days: many firms, places and topics, nothing planted."""
    dice = np.random.default_rng(seed)
    rows = []
    for days_ago in range(LIMITS.history_days + LIMITS.recent_days):
        for _ in range(dice.poisson(per_day)):
            rows.append(
                case(
                    len(rows), days_ago, place=str(dice.choice(COUNTIES)), firm=f"F{dice.integers(60)}",
                    topic=f"M{dice.integers(1, 9):02d}01", product=f"P{dice.integers(12)}",
                )
            )  # fmt: skip
    return rows


def shop(count, *, start=900_000, **told):
    return [case(start + n, n % 5, firm="SHOP", **told) for n in range(count)]


def test_ordinary_days_seldom_raise_a_signal():
    told = [judge(quiet(seed), on=TODAY, limits=LIMITS, seed=seed) for seed in range(15)]
    assert sum(bool(signals) for signals in told) <= 3


def test_a_hundred_cases_about_one_prepaid_card_shop_are_one_signal():
    signals = judge(quiet(1) + shop(100), on=TODAY, limits=LIMITS, seed=1, places=PLACES)
    assert [(s.kind, s.key, s.count) for s in signals] == [(FIRM, "SHOP", 100)]
    assert len(signals[0].numbers) == 100
    assert {kind for kind, _ in signals[0].also} >= {"place", "topic", "product"}
    assert all(reason.zh and reason.en for reason in signals[0].reasons)


def test_the_same_person_a_hundred_times_is_no_signal():
    rows = quiet(1) + shop(100, person="same")
    assert judge(rows, on=TODAY, limits=LIMITS, seed=1) == []
    assert len(once_per_person(shop(100, person="same"), days=30)) == 1


def test_a_topic_that_rises_in_many_firms_is_told_as_a_topic_beside_the_firm():
    dice = np.random.default_rng(5)
    spread = [
        case(
            800_000 + n,
            n % 3,
            firm=f"F{n % 60}",
            topic="M0501",
            product=f"P{n % 12}",
            place=str(dice.choice(COUNTIES)),
        )
        for n in range(60)
    ]
    signals = judge(quiet(2) + spread + shop(40), on=TODAY, limits=LIMITS, seed=1)
    assert {(s.kind, s.key) for s in signals} >= {(FIRM, "SHOP"), (TOPIC, "M0501")}


def test_neighbouring_counties_that_rise_together_are_found_as_a_cluster():
    near = [
        case(
            700_000 + n,
            n % 4,
            firm=f"F{n % 60}",
            topic=f"M{n % 8 + 1:02d}01",
            product=f"P{n % 12}",
            place=COUNTIES[n % 2],
        )
        for n in range(70)
    ]
    signals = judge(quiet(3) + near, on=TODAY, limits=LIMITS, seed=1, places=PLACES)
    cluster = next(s for s in signals if s.kind == CLUSTER)
    assert set(COUNTIES[:2]) <= set(cluster.key.split(","))


def test_the_order_of_cases_and_later_days_change_nothing():
    rows = quiet(1) + shop(30)
    later = [case(1, -3, firm="LATER")] * 20
    assert judge(rows[::-1] + later, on=TODAY, limits=LIMITS, seed=1) == judge(
        rows, on=TODAY, limits=LIMITS, seed=1
    )


def test_a_topic_that_always_goes_with_a_product_is_no_news_and_one_that_begins_is():
    rows = [case(n, n % 90, firm=f"F{n % 40}", product="鞋", topic="M0701") for n in range(180)] + quiet(4)
    assert judge(rows, on=TODAY, limits=LIMITS, seed=1) == []
    rows += [case(600_000 + n, n % 6, firm=f"F{n % 40}", product="鞋", topic="M1302") for n in range(12)]
    assert "鞋｜M1302" in {s.key for s in judge(rows, on=TODAY, limits=LIMITS, seed=1)}


def test_no_case_at_all_is_no_signal():
    assert judge([], on=TODAY, limits=LIMITS, seed=1, places=PLACES) == []


def test_cases_of_every_registered_system_are_read_by_day(monkeypatch):
    monkeypatch.setattr(counted, "_readers", {})
    counted.register("b", lambda first, last: [case(2, 1)])
    counted.register("a", lambda first, last: [case(1, 0)])
    assert [c.number for c in counted.cases(TODAY, TODAY)] == ["TS000002", "TS000001"]
