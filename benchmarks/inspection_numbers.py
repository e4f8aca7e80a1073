"""Whether the numbers about inspections are honest: coverage of intervals, rings of honest offices, planted faults found.

`python benchmarks/inspection_numbers.py [--turns N]` prints JSON. Everything is invented with fixed seeds. A turn is one year of one province:
three classes of 3,000, 1,000 and 300 objects of which 5, 15 and 50 percent are drawn; an office of 12 inspectors with 600 visits;
a unit of 60 visits in terms of half a year.
"""

import argparse
import json
from datetime import date, datetime, timedelta

import numpy as np

from zhijian.operations.cli import prepare_django

prepare_django()

from zhijian.apps.supervision.inspection import counting, targeting  # noqa: E402
from zhijian.engines.draws import strictness  # noqa: E402
from zhijian.engines.draws.estimation import WeighedStratum, weighted_rate  # noqa: E402
from zhijian.standards import calendar  # noqa: E402
from zhijian.standards.calendar import ZONE  # noqa: E402

SIZES, RATES, SHARES = (3000, 1000, 300), (0.02, 0.08, 0.3), (0.05, 0.15, 0.5)
TERM = (date(2026, 1, 5), date(2026, 6, 30))


def coverage(turns: int) -> dict[str, float]:
    """Return how often the 95% intervals cover the truth: each class, all objects, and the lottery's hits."""
    by_class = whole = 0
    for turn in range(turns):
        random = np.random.default_rng(turn)
        frames, looked, strata, bad_all = [], [], [], 0
        truth = {}
        for name, size, rate, share in zip("ABC", SIZES, RATES, SHARES, strict=True):
            bad = random.random(size) < rate
            truth[name], bad_all = float(bad.mean()), bad_all + int(bad.sum())
            chosen = random.choice(size, round(size * share), replace=False)
            chance = len(chosen) / size
            frames += [("d", f"{name}{n}", name) for n in range(size)]
            looked += [
                targeting.Looked(f"{name}{n}", "d", name, name, chance, (), bool(bad[n])) for n in chosen
            ]
            strata.append(WeighedStratum(size, len(chosen), tuple((chance, bool(bad[n])) for n in chosen)))
        for one in targeting.groups(frames, looked):
            assert one.estimate is not None
            by_class += one.estimate.low <= truth[one.name] <= one.estimate.high
        told = weighted_rate(strata)
        assert told is not None
        whole += told.low <= bad_all / sum(SIZES) <= told.high
    return {"by_class": by_class / (3 * turns), "lottery": whole / turns}


def effects(turns: int) -> dict[str, float]:
    """Return how often no effect shows none, and how often a fall from 15 to 10 percent is seen."""
    random, none, seen = np.random.default_rng(1), 0, 0
    for _ in range(turns):
        cells = [(list(random.random(200) < 0.1), list(random.random(900) < 0.1)) for _ in range(3)]
        told = targeting.effect(cells)
        cells = [(list(random.random(400) < 0.10), list(random.random(900) < 0.15)) for _ in range(3)]
        other = targeting.effect(cells)
        assert told is not None and other is not None
        none += told.low <= 0 <= told.high
        seen += other.high < 0
    return {"no_effect_covered": none / turns, "fall_seen": seen / turns}


def offices(turns: int) -> dict[str, float]:
    """Return how many honest inspectors leave the funnel, and how often one who finds twice as much stands first."""
    outside = total = first = clear = 0
    for turn in range(turns):
        for strict in (None, "i03"):
            random = np.random.default_rng(turn)
            visits = []
            for _ in range(600):
                cell = int(random.integers(2))
                team = tuple(f"i{n:02d}" for n in random.choice(12, 2, replace=False))
                rate = (0.08, 0.25)[cell] * (2 if strict in team else 1)
                visits.append(strictness.Visit(str(cell), team, bool(random.random() < rate)))
            told = strictness.office(visits).inspectors
            if strict is None:
                for one in told:
                    low, high = strictness.funnel(one.expected, level=0.95)
                    outside, total = outside + (not low <= one.ratio <= high), total + 1
            else:
                first += told[0].inspector == strict
                clear += told[0].inspector == strict and told[0].low > 1
    return {
        "honest_outside_95": outside / total,
        "strict_first": first / turns,
        "strict_clear": clear / turns,
    }


def crowds(turns: int) -> dict[str, float]:
    """Return how often an honest unit rings, and one that leaves a quarter or half of its visits to the last ten days."""
    days = [TERM[0] + timedelta(days=n) for n in range((TERM[1] - TERM[0]).days + 1)]
    days = [day for day in days if calendar.is_working_day(day, provisional=True)]
    late = [day for day in days if day > date(2026, 6, 16)]
    rung: dict[str, int] = {}
    for name, share in (("honest", 0.0), ("a_quarter_late", 0.25), ("half_late", 0.5)):
        for turn in range(turns):
            random = np.random.default_rng(turn)
            visits = []
            for n in range(60):
                pool = late if random.random() < share else days
                day = pool[int(random.integers(len(pool)))]
                at = datetime(day.year, day.month, day.day, 10, tzinfo=ZONE)
                visits.append(
                    counting.Seen(f"{n:03d}", "U", ("a", "b"), "440106", TERM, at, None, None, 0.0, "")
                )
            rung[name] = rung.get(name, 0) + any(
                one.kind == "crowded" for one in counting.clues(visits, 2026)
            )
    return {name: count / turns for name, count in rung.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=400)
    turns = parser.parse_args().turns
    told = {
        "turns": turns,
        "coverage": coverage(turns),
        "effect": effects(turns),
        "strictness": offices(max(1, turns // 2)),
        "crowded": crowds(turns),
    }
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
