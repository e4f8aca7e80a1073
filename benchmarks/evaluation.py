"""Simulate a province of evaluated firms, honest and attacked, and tell how far each published score is from the truth.

    .venv/bin/python benchmarks/evaluation.py [--firms 40] [--seeds 4]

The truth of a firm is what its honest customers give on average. Every method sees the same evaluations in one run: the
plain mean, the mean trimmed by a tenth at each end, Huber's M-estimator of scikit-learn, our estimate without screening,
and ours with every finding confirmed as it was proposed. Errors are mean absolute differences from the truth; intervals
are bootstrapped over seeds. Nothing of the simulation is known to the tests: honest scores come from an ordered probit
with a spread of its own per firm, which is not the shape the tests assume. Prints JSON.
"""

import argparse
import json
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from scipy import stats
from sklearn.linear_model import HuberRegressor

from zhijian.apps.consumer.evaluation import rules, scoring, screening
from zhijian.apps.consumer.evaluation.screening import Seen

DAYS, ANSWERED = 180, 0.15
CUTS = np.array([-1.9, -1.45, -0.95, -0.1])
OPENINGS = ("老板", "店员", "服务员", "前台", "师傅", "店里")
MIDDLES = ("很耐心", "一般般", "态度不错", "动作快", "有点忙", "说话客气", "答非所问", "很专业", "不太熟练")
ENDINGS = (
    "价格和说的一样",
    "等了二十分钟",
    "下次还会再来",
    "东西和图片差不多",
    "比上次贵了一点",
    "环境干净",
    "停车不方便",
    "朋友推荐来的",
    "孩子很喜欢",
)
FAKE = "环境一流服务周到性价比超高强烈推荐大家都来体验一次真的不会后悔"
ATTACKS: dict[str, tuple[str, float]] = {
    "stuffing 5%": ("stuff", 0.05),
    "stuffing 10%": ("stuff", 0.10),
    "stuffing 20%": ("stuff", 0.20),
    "stuffing 50%": ("stuff", 0.50),
    "slow drip 10%": ("drip", 0.10),
    "slow drip 30%": ("drip", 0.30),
    "bad-mouthing 10%": ("smear", 0.10),
    "bad-mouthing 25%": ("smear", 0.25),
    "copied texts 15%": ("copy", 0.15),
}
Method = Callable[[Sequence[int]], float]


@dataclass
class Province:
    """Evaluations, tickets issued, true quality by firm, and which evaluations were made by attackers."""

    seen: list[Seen]
    issued: dict[str, int]
    truth: dict[str, float]
    made: set[str]
    attacked: set[str]


def honest(firms: int, random: np.random.Generator) -> Province:
    """Firms of one trade with quality, spread, custom of their own; a seventh of tickets is answered."""
    province = Province([], {}, {}, set(), set())
    regulars = [f"regular{number}" for number in range(firms * 40)]
    for number in range(firms):
        firm = f"F{number:03d}"
        level, spread = random.normal(0.35, 0.55), random.uniform(0.75, 1.35)
        cuts = np.concatenate([[0.0], stats.norm.cdf((CUTS - level) / spread), [1.0]])
        shares = np.diff(cuts)
        province.truth[firm] = float(shares @ scoring.SCORES)
        tickets = int(random.lognormal(6.0, 0.7))
        province.issued[firm] = tickets
        trend = random.uniform(-0.6, 0.6)
        days = np.sort(_days(tickets, trend, random))
        answered = np.flatnonzero(random.random(tickets) < ANSWERED)
        for place in answered:
            device = str(random.choice(regulars)) if random.random() < 0.3 else f"d{random.integers(1 << 40)}"
            day = int(days[place] + random.exponential(2.0))
            province.seen.append(
                Seen(
                    f"{firm}-{place}", firm, min(day, DAYS), int(random.choice(scoring.SCORES, p=shares)),
                    int(place) + 1, _text(random), device,
                )
            )  # fmt: skip
    return province


def _days(size: int, trend: float, random: np.random.Generator) -> Any:
    """Days with more custom at one end of the half year, and on weekends."""
    weights = 1 + trend * (np.arange(DAYS) / DAYS - 0.5)
    weights *= np.where(np.arange(DAYS) % 7 >= 5, 1.6, 1.0)
    return random.choice(DAYS, size=size, p=weights / weights.sum())


def _text(random: np.random.Generator) -> str:
    if random.random() < 0.5:
        return ""
    if random.random() < 0.3:
        return str(random.choice(["很好", "不错", "还行", "一般", "好评"]))
    return "，".join(str(random.choice(part)) for part in (OPENINGS, MIDDLES, ENDINGS, ENDINGS)) + str(
        random.integers(1000)
    )


def attack(province: Province, kind: str, share: float, random: np.random.Generator) -> Province:
    """Attack a fifth of the firms so that `share` of the evaluations afterwards is made."""
    attacked = Province(list(province.seen), dict(province.issued), province.truth, set(), set())
    by_firm: dict[str, int] = defaultdict(int)
    for one in province.seen:
        by_firm[one.firm] += 1
    firms = sorted(province.truth)
    for firm in random.choice(firms, size=len(firms) // 5, replace=False):
        name = str(firm)
        number = max(1, round(by_firm[name] * share / (1 - share)))
        attacked.attacked.add(name)
        for one in _made(kind, name, number, attacked.issued, random):
            attacked.seen.append(one)
            attacked.made.add(one.number)
    return attacked


def _made(
    kind: str, firm: str, number: int, issued: dict[str, int], random: np.random.Generator
) -> list[Seen]:
    """Stuffing: new tickets in a row within a week, three evaluations a device. Drip: one now and then, own devices and
    words. Smear: real purchases within ten days, lowest score. Copy: real purchases over sixty days, one text varied."""
    first = issued[firm]
    base = Seen("", firm, 0, 1 if kind == "smear" else 5)
    start = int(random.integers(10, DAYS - 70))
    found = []
    for place in range(number):
        tag = f"{firm}-{kind}-{place}"
        if kind == "stuff":
            day = start + int(random.integers(7))
            text = _text(random)
            one = replace(base, day=day, serial=first + place + 1, device=f"s{firm}{place // 3}", text=text)
        elif kind == "drip":
            day, serial = int(random.integers(DAYS)), int(random.integers(first)) + 1
            one = replace(base, day=day, serial=serial, device=f"d{tag}", text=_text(random))
        elif kind == "smear":
            day, serial = start + int(random.integers(10)), first + 3 * place + 1
            one = replace(base, day=day, serial=serial, device=f"r{tag}", text=_text(random))
        else:
            cut = int(random.integers(len(FAKE) - 3))
            text = FAKE[:cut] + "！" + FAKE[cut:]
            day, serial = start + int(random.integers(60)), first + 4 * place + 1
            one = replace(base, day=day, serial=serial, device=f"c{tag}", text=text)
        found.append(replace(one, number=tag))
    issued[firm] = max([first, *(one.serial for one in found)])
    return found


def huber(scores: Sequence[int]) -> float:
    """Huber's estimate of the middle, scikit-learn: the intercept of a regression on nothing."""
    if len(set(scores)) == 1:
        return float(scores[0])
    values, weights = np.unique(np.asarray(scores, dtype=float), return_counts=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = HuberRegressor(alpha=0.0).fit(np.zeros((len(values), 1)), values, sample_weight=weights)
    return float(fitted.intercept_)


def judged(province: Province, seed: int) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Return by method each firm's score, and what screening found."""
    limits = rules.SCREENING.on(date(2026, 11, 28))
    rows: dict[str, list[Seen]] = defaultdict(list)
    for one in province.seen:
        rows[one.firm].append(one)
    findings = screening.screen(province.seen, province.issued, limits=screening.Limits.of(limits), seed=seed)
    marked = screening.aside(findings)
    scores = {one.number: one.score for one in province.seen}
    excess: dict[str, dict[int, float]] = defaultdict(dict)
    for found in findings:
        if found.test == screening.EXCESS:
            excess[found.firm] |= screening.excess_left(
                found, scores, marked, [o.number for o in rows[found.firm]]
            )
    kept = {
        firm: scoring.counted([o.score for o in own if o.number not in marked], excess[firm])
        for firm, own in rows.items()
    }
    whole = {firm: scoring.counted([o.score for o in own]) for firm, own in rows.items()}
    bounds = {"cap": limits["prior_cap"], "least": limits["prior_least"], "most": limits["prior_most"]}
    prior_kept, prior_whole = (scoring.prior_of(list(some.values()), **bounds) for some in (kept, whole))
    plain: dict[str, Method] = {
        "plain mean": lambda own: float(np.mean(own)),
        "trimmed mean": lambda own: float(stats.trim_mean(own, 0.1)),
        "Huber": huber,
    }
    told = {name: {f: how([o.score for o in own]) for f, own in rows.items()} for name, how in plain.items()}
    told["ours, unscreened"] = {f: scoring.estimate(one, prior_whole).score for f, one in whole.items()}
    ours = {f: scoring.estimate(one, prior_kept) for f, one in kept.items()}
    told["ours"] = {f: one.score for f, one in ours.items()}
    quiet = {o.number for o in province.seen} - province.made
    hit = {found.firm for found in findings}
    clean = set(rows) - province.attacked
    figures = {
        "attacked firms found": len(hit & province.attacked) / max(len(province.attacked), 1),
        "quiet firms with a finding": len(hit & clean) / max(len(clean), 1),
        "made evaluations set aside": len(marked & province.made) / max(len(province.made), 1),
        "honest evaluations set aside": len(marked & quiet) / max(len(quiet), 1),
        "interval holds the truth": float(
            np.mean([ours[f].low <= province.truth[f] <= ours[f].high for f in clean])
        ),
    }
    return told, figures


def interval(values: Sequence[float]) -> list[float]:
    """Return the mean with a bootstrapped 95 percent interval over seeds."""
    data = np.asarray(values)
    random = np.random.default_rng(0)
    means = data[random.integers(len(data), size=(2000, len(data)))].mean(1)
    return [round(float(v), 4) for v in (data.mean(), *np.quantile(means, [0.025, 0.975]))]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--firms", type=int, default=40)
    options.add_argument("--seeds", type=int, default=4)
    chosen = options.parse_args()
    began = time.perf_counter()
    errors: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    screens: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    evaluations, seconds = [], []
    for seed in range(chosen.seeds):
        random = np.random.default_rng(seed)
        quiet = honest(chosen.firms, random)
        for name, plan in {"honest": None, **ATTACKS}.items():
            province = attack(quiet, *plan, random) if plan else quiet
            started = time.perf_counter()
            told, figures = judged(province, seed)
            seconds.append(time.perf_counter() - started)
            evaluations.append(len(province.seen))
            judged_firms = province.attacked or set(province.truth)
            for method, scores in told.items():
                wrong = [abs(scores[f] - province.truth[f]) for f in sorted(judged_firms) if f in scores]
                errors[name][method].append(float(np.mean(wrong)))
            for key, value in figures.items():
                screens[name][key].append(value)
    print(
        json.dumps(
            {
                "firms": chosen.firms,
                "seeds": chosen.seeds,
                "evaluations": round(float(np.mean(evaluations))),
                "error": {n: {m: interval(v) for m, v in rows.items()} for n, rows in errors.items()},
                "screening": {n: {k: interval(v) for k, v in rows.items()} for n, rows in screens.items()},
                "seconds a province": round(float(np.mean(seconds)), 2),
                "seconds": round(time.perf_counter() - began, 1),
            },
            ensure_ascii=False,
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
