"""How early would the score have told? Invented issuers whose end is known, judged by the score and by a plain rule.

The points of the score were set before, from the signs that the domain names; nothing here is fitted. Three worlds are
drawn, because the truth is not known: `open` (who is about to run away files truly), `hidden` (half of them file a
balance and a deposit that look well) and `silent` (complaints do not rise before the end). Everything is synthetic.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import ArrayLike

from zhijian.apps.consumer.prepaid.rules import RISK, Filed, runaway_risk

WORLDS = ("open", "hidden", "silent")
MONTHS, FIRST_JUDGED = 24, 6
AHEAD = 3  # months: the end that a filing should tell
CLASSES = ("scale", "group", "brand", "other")


@dataclass(frozen=True)
class Judged:
    """One filing: whose, its score, its refund complaints in a week, and whether the issuer ran away within AHEAD months."""

    issuer: int
    score: int
    complaints: int
    ran_away: bool


def draw(world: str, *, issuers: int, seed: int, on: date) -> list[Judged]:
    """Return every judged filing of a drawn world; `on` is the day whose parameters hold.

    Raises:
        ValueError: no such world.
    """
    if world not in WORLDS:
        raise ValueError(f"No world is called '{world}'; there are {', '.join(WORLDS)}.")
    random = np.random.default_rng(seed)
    return [one for issuer in range(issuers) for one in _issuer(world, issuer, random, on)]


def _issuer(world: str, issuer: int, random: np.random.Generator, on: date) -> Iterator[Judged]:
    """Six in a hundred fall into distress; half of these run away at its height, the others recover."""
    falls = random.random() < 0.06
    runs = falls and random.random() < 0.5
    end = int(random.integers(FIRST_JUDGED + 1, MONTHS + AHEAD)) if falls else MONTHS * 9
    ramp = int(random.integers(2, 7))
    hides = runs and world == "hidden" and random.random() < 0.5
    usual, months_owed = random.lognormal(10, 0.8), random.lognormal(np.log(5), 0.5)
    issuer_class = CLASSES[int(random.integers(4))]
    before = usual
    for month in range(MONTHS):
        if runs and month >= end:
            return
        distress = max(0.0, 1 - abs(end - month) / ramp)
        served = usual * random.lognormal(0, 0.25) * (1 - 0.7 * distress)
        filing = _filing(random, distress, served, before, usual * months_owed, hides, world == "silent")
        before = served
        if month >= FIRST_JUDGED:
            score = runaway_risk(filing, issuer_class=issuer_class, on=on).score
            yield Judged(issuer, score, filing.refund_complaints, runs and end <= month + AHEAD)


def _filing(
    random: np.random.Generator,
    distress: float,
    served: float,
    before: float,
    owed: float,
    hides: bool,
    silent: bool,
) -> Filed:
    balance = owed * (1 + 0.8 * distress) * random.lognormal(0, 0.1)
    rate = 0.4 if silent else 0.4 + 7 * distress**2
    kept = 0.45 * (1 - 0.7 * distress) * random.lognormal(0, 0.2)
    if hides:
        balance, served, kept = owed, before, 0.45
    return Filed(
        balance_yuan=_yuan(balance),
        redeemed_yuan=_yuan(served),
        redeemed_before_yuan=_yuan(before),
        deposit_yuan=_yuan(kept * balance),
        discount_percent=int(min(90, random.integers(0, 60) + 25 * distress)),
        pushes_cards=bool(random.random() < 0.08 + 0.5 * distress),
        has_arrears=bool(random.random() < 0.01 + 0.4 * distress),
        refund_complaints=int(random.poisson(rate)),
    )


def _yuan(amount: float) -> Decimal:
    return Decimal(round(amount))


def auc(scores: ArrayLike, happened: ArrayLike) -> float:
    """Return the chance that a filing before an end scores above one that was not; ties count half."""
    order = np.argsort(scores, kind="stable")
    values, truth = np.asarray(scores, float)[order], np.asarray(happened, bool)[order]
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    good = int(truth.sum())
    bad = len(truth) - good
    if not good or not bad:
        return float("nan")
    return float((ranks[truth].sum() - good * (good + 1) / 2) / (good * bad))


def lift(scores: ArrayLike, happened: ArrayLike, share: float = 0.05) -> float:
    """Return how many times the usual share of ends lies in the top `share` of the filings; ties are shared out."""
    values, truth = np.asarray(scores, float), np.asarray(happened, bool)
    most = share * len(values)
    levels = np.unique(values)[::-1]
    taken = found = 0.0
    for level in levels:
        here = values == level
        part = min(1.0, (most - taken) / here.sum())
        taken, found = taken + part * here.sum(), found + part * truth[here].sum()
        if part < 1:
            break
    return float(found / taken / truth.mean())


def interval(
    judged: Sequence[Judged], score: Callable[[Judged], float], *, seed: int, throws: int = 200
) -> tuple[float, float]:
    """Return the 95 % interval of the AUC, issuers drawn anew: the filings of one issuer are no separate proof."""
    random = np.random.default_rng(seed)
    owners = np.array([one.issuer for one in judged])
    scores = np.array([score(one) for one in judged], float)
    truth = np.array([one.ran_away for one in judged])
    order = np.argsort(owners, kind="stable")
    rows = np.split(order, np.flatnonzero(np.diff(owners[order])) + 1)
    found: list[float] = []
    for _ in range(throws):
        chosen = np.concatenate([rows[n] for n in random.integers(0, len(rows), len(rows))])
        found.append(auc(scores[chosen], truth[chosen]))
    low, high = np.nanpercentile(np.array(found), [2.5, 97.5])
    return float(low), float(high)


def compare(world: str, *, issuers: int, seeds: Sequence[int], on: date) -> dict[str, object]:
    """Judge drawn worlds by the score and by the plain rule (refund complaints alone); pooled over the seeds."""
    judged: list[Judged] = []
    for number, seed in enumerate(seeds):
        drawn = draw(world, issuers=issuers, seed=seed, on=on)
        judged += [
            Judged(one.issuer + number * issuers, one.score, one.complaints, one.ran_away) for one in drawn
        ]
    truth = [one.ran_away for one in judged]
    result: dict[str, object] = {"filings": len(judged), "before_an_end": sum(truth)}
    for name, score in (("score", _score), ("complaints_alone", _complaints)):
        values = [score(one) for one in judged]
        result[name] = {
            "auc": round(auc(values, truth), 3),
            "auc_95": [round(edge, 3) for edge in interval(judged, score, seed=seeds[0])],
            "lift_top_5_percent": round(lift(values, truth), 1),
        }
    limits = RISK.on(on)
    high, many = limits["high"], limits["refund_complaints"]
    result["alarms"] = {
        "score": _alarm(judged, lambda one: one.score >= high),
        "complaints": _alarm(judged, lambda one: one.complaints >= many),
        "either": _alarm(judged, lambda one: one.score >= high or one.complaints >= many),
    }
    return result


def _alarm(judged: Sequence[Judged], rings: Callable[[Judged], bool]) -> dict[str, float]:
    """Say of an alarm: per cent of filings it rings at, of those before an end that it rings at, and how often rightly."""
    rung = [one for one in judged if rings(one)]
    right = sum(one.ran_away for one in rung)
    ends = sum(one.ran_away for one in judged)
    return {
        "rings_percent": round(100 * len(rung) / len(judged), 2),
        "of_ends_percent": round(100 * right / ends, 1) if ends else 0.0,
        "right_percent": round(100 * right / len(rung), 1) if rung else 0.0,
    }


def _score(one: Judged) -> float:
    return float(one.score)


def _complaints(one: Judged) -> float:
    return float(one.complaints)
