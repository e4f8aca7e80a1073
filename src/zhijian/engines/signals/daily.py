"""One day's judgement of cases: which places, firms, products and topics stand out, each once, with its reasons.

A hundred cases about one shop are one signal: what a firm explains (the place, the topic, the product, which without the
firm's cases would not stand out) is told under the firm.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from zhijian.engines.signals import charts, discovery, disproportion, space_time, surprise
from zhijian.engines.signals.counted import Counted

Floats = npt.NDArray[np.float64]
PLACE, FIRM, PRODUCT, TOPIC, PAIR, CLUSTER = "place", "firm", "product", "topic", "pair", "cluster"
KEYS: dict[str, Callable[[Counted], str]] = {
    PLACE: lambda case: case.division_code[:6],
    FIRM: lambda case: case.firm,
    PRODUCT: lambda case: case.product,
    TOPIC: lambda case: case.topic,
}
_PAIR_DAYS = 28
_JOIN = "｜"


@dataclass(frozen=True)
class Limits:
    """When a rise is told; the numbers are a dated parameter."""

    false_share: float
    least_count: int
    history_days: int
    recent_days: int
    repeat_days: int
    explained_chance: float
    scan_days: int
    scan_places: int
    scan_throws: int

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Limits":
        return cls(**{name: value[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Reason:
    """One thing that speaks for a signal, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Signal:
    """What stands out: a key of a kind, how many came, how many were expected, the chance, and the cases."""

    kind: str
    key: str
    label: str
    count: int
    expected: float
    chance: float
    false_share: float  # q: calling this and all rarer ones makes at most such a share false
    reasons: tuple[Reason, ...]
    numbers: tuple[str, ...]
    also: tuple[tuple[str, str], ...] = ()  # kinds and keys that it explains


@dataclass(frozen=True)
class _Judged:
    """Chance, count and expectation of one key in the recent days."""

    key: str
    chance: float
    count: int
    expected: float
    series: Floats


def once_per_person(cases: Sequence[Counted], *, days: int) -> list[Counted]:
    """Leave out what one person sends again about one firm within so many days of the last that counted."""
    last: dict[tuple[str, str], date] = {}
    kept = []
    for case in sorted(cases, key=lambda case: (case.received_on, case.number)):
        key = (case.person, case.firm)
        if case.person and key in last and (case.received_on - last[key]).days <= days:
            continue
        last[key] = case.received_on
        kept.append(case)
    return kept


def judge(
    cases: Sequence[Counted],
    *,
    on: date,
    limits: Limits,
    seed: int,
    places: Mapping[str, tuple[float, float]] | None = None,
) -> list[Signal]:
    """Return what stands out on a day, the rarest first. `places` are the middles of counties by code, for the scan."""
    first = on - timedelta(days=limits.history_days + limits.recent_days - 1)
    known = [case for case in cases if first <= case.received_on <= on]
    known = once_per_person(known, days=limits.repeat_days)
    found = _discoveries(known, first, on, limits)
    found += _pairs(known, first, on, limits)
    if places:
        found += _clusters(known, first, on, limits, places, seed)
    return sorted(_each_once(found, known, first, on, limits), key=lambda s: (s.chance, s.kind, s.key))


def daily_counts(cases: Sequence[Counted], first: date, last: date) -> Floats:
    """Return how many cases came on each day from `first` to `last`."""
    days = np.zeros((last - first).days + 1)
    for case in cases:
        days[(case.received_on - first).days] += 1
    return days


def _discoveries(cases: Sequence[Counted], first: date, on: date, limits: Limits) -> list[Signal]:
    judged = {kind: _family(kind, cases, first, on, limits) for kind in KEYS}
    chances = {kind: np.array([one.chance for one in rows]) for kind, rows in judged.items()}
    told = discovery.hierarchical(chances, rate=limits.false_share)
    shares = {kind: discovery.adjusted(p) for kind, p in chances.items()}
    return [
        _signal(kind, one, float(share), cases, on, limits)
        for kind, rows in judged.items()
        for one, is_told, share in zip(rows, told[kind], shares[kind], strict=True)
        if is_told and one.count >= limits.least_count
    ]


def _family(kind: str, cases: Sequence[Counted], first: date, on: date, limits: Limits) -> list[_Judged]:
    of_key: dict[str, list[Counted]] = {}
    for case in cases:
        if key := KEYS[kind](case):
            of_key.setdefault(key, []).append(case)
    return [_judged(key, of_key[key], first, on, limits) for key in sorted(of_key)]


def _judged(key: str, cases: Sequence[Counted], first: date, on: date, limits: Limits) -> _Judged:
    """Judge today and the recent days together, each against the days before; twice the smaller chance."""
    series = daily_counts(cases, first, on)
    baseline = surprise.seasonal_baseline(series[: -limits.recent_days], ahead=limits.recent_days)
    recent, today = series[-limits.recent_days :].sum(), series[-1]
    expected = float(baseline.expected.sum())
    week = surprise.chance_of_so_many(recent, expected, size=baseline.size * limits.recent_days)
    day = surprise.chance_of_so_many(today, baseline.expected[-1], size=baseline.size)
    return _Judged(key, min(1.0, 2 * float(min(week, day))), int(recent), expected, series)


def _signal(
    kind: str, one: _Judged, share: float, cases: Sequence[Counted], on: date, limits: Limits
) -> Signal:
    recent = _recent([c for c in cases if KEYS[kind](c) == one.key], on, limits)
    surge = charts.ears_c2(one.series)
    reasons = [
        Reason(
            f"近{limits.recent_days}天{one.count}件，按以往应为{one.expected:.1f}件，偶然出现的概率{one.chance:.2g}",
            f"{one.count} in {limits.recent_days} days where {one.expected:.1f} were expected; chance {one.chance:.2g}",
        )
    ]
    if surge.is_alarm:
        reasons.append(
            Reason(
                f"今天{surge.count:.0f}件，超过前9至3天均值{surge.z:.1f}个标准差",
                f"{surge.count:.0f} today, {surge.z:.1f} deviations above the mean of days 9 to 3 before",
            )
        )
    if kind != FIRM and (leader := _leading([c.firm_name for c in recent])):
        reasons.append(
            Reason(f"其中“{leader[0]}”占{leader[1]:.0%}", f"{leader[1]:.0%} are about “{leader[0]}”")
        )
    return Signal(
        kind,
        one.key,
        recent[-1].firm_name if kind == FIRM and recent else one.key,
        one.count,
        one.expected,
        one.chance,
        share,
        tuple(reasons),
        tuple(c.number for c in recent),
    )


def _leading(names: Sequence[str]) -> tuple[str, float] | None:
    if not names:
        return None
    name, count = max(Counter(names).items(), key=lambda item: (item[1], item[0]))
    return (name, count / len(names)) if name and count / len(names) >= 0.3 else None


def _recent(cases: Sequence[Counted], on: date, limits: Limits) -> list[Counted]:
    since = on - timedelta(days=limits.recent_days - 1)
    return [case for case in cases if since <= case.received_on <= on]


def _pairs(cases: Sequence[Counted], first: date, on: date, limits: Limits) -> list[Signal]:
    """Return products of which a topic is told more than of others in the last four weeks, and more than before.

    A topic that always goes with a product is no news: the pair's own days must have risen too.
    """
    since = on - timedelta(days=_PAIR_DAYS - 1)
    rows = [c for c in cases if c.product and c.topic and since <= c.received_on <= on]
    if not rows:
        return []
    pairs = disproportion.disproportion([c.product for c in rows], [c.topic for c in rows])
    possible = len({c.product for c in rows}) * len({c.topic for c in rows})
    unseen = [1.0] * (possible - len(pairs))  # what never came was tested too
    shares = discovery.adjusted([*(pair.chance for pair in pairs), *unseen])[: len(pairs)]
    told = []
    for pair, share in zip(pairs, shares, strict=True):
        is_out = share <= limits.false_share and pair.count >= limits.least_count and pair.ic_low > 0
        if is_out and _has_risen(pair.product + _JOIN + pair.topic, cases, first, on, limits):
            numbers = [c.number for c in rows if (c.product, c.topic) == (pair.product, pair.topic)]
            reason = Reason(
                f"四周内{pair.count}件，按比例应为{pair.expected:.1f}件；PRR {pair.prr:.1f}，ROR {pair.ror:.1f}，IC {pair.ic:.1f}（下限{pair.ic_low:.1f}）",
                f"{pair.count} in four weeks where {pair.expected:.1f} are in proportion; PRR {pair.prr:.1f}, ROR {pair.ror:.1f}, IC {pair.ic:.1f} (at least {pair.ic_low:.1f})",
            )
            key = pair.product + _JOIN + pair.topic
            told.append(
                Signal(
                    PAIR,
                    key,
                    key,
                    pair.count,
                    pair.expected,
                    pair.chance,
                    float(share),
                    (reason,),
                    tuple(numbers),
                )
            )
    return told


def _has_risen(key: str, cases: Sequence[Counted], first: date, on: date, limits: Limits) -> bool:
    """Say whether a pair came more often lately than its own days before would have it."""
    own = [case for case in cases if case.product + _JOIN + case.topic == key]
    one = _judged(key, own, first, on, limits)
    return one.chance <= limits.explained_chance and one.count >= limits.least_count


def _clusters(
    cases: Sequence[Counted],
    first: date,
    on: date,
    limits: Limits,
    places: Mapping[str, tuple[float, float]],
    seed: int,
) -> list[Signal]:
    """Return neighbouring counties that rise together. What is expected is each county's own share of all days."""
    codes = sorted(places)
    column = {code: number for number, code in enumerate(codes)}
    counts = np.zeros(((on - first).days + 1, len(codes)))
    for case in cases:
        if (place := column.get(case.division_code[:6])) is not None:
            counts[(case.received_on - first).days, place] += 1
    if not counts[: -limits.scan_days].sum():
        return []
    before = counts[: -limits.scan_days]
    share = (before.sum(0) + 0.5) / (before.sum() + 0.5 * len(codes))
    recent = counts[-limits.scan_days :]
    expected = share[None, :] * before.sum() / len(before) * np.ones((len(recent), 1))
    near = space_time.nearest([places[code] for code in codes], most=limits.scan_places)
    found = space_time.scan(
        recent, expected, near, longest_days=limits.scan_days, throws=limits.scan_throws, seed=seed, most=1
    )
    told = []
    for cluster in found:
        names = {codes[place] for place in cluster.places}
        begin = on - timedelta(days=len(recent) - 1 - cluster.first_day)
        inside = [c for c in cases if c.division_code[:6] in names and c.received_on >= begin]
        if cluster.chance > limits.false_share or cluster.count < limits.least_count:
            continue
        reason = Reason(
            f"{len(names)}个相邻县（区）自{begin}起{cluster.count}件，按以往应为{cluster.expected:.1f}件（空间时间扫描，概率{cluster.chance:.2g}）",
            f"{cluster.count} in {len(names)} neighbouring counties since {begin} where {cluster.expected:.1f} were expected (space-time scan, chance {cluster.chance:.2g})",
        )
        key = ",".join(sorted(names))
        told.append(
            Signal(
                CLUSTER, key, key, cluster.count, cluster.expected, cluster.chance, cluster.chance,
                (reason,), tuple(c.number for c in inside),
            )
        )  # fmt: skip
    return told


def _each_once(
    found: Sequence[Signal], cases: Sequence[Counted], first: date, on: date, limits: Limits
) -> list[Signal]:
    """Keep firms, and what still stands out without the cases of the firms that were told."""
    firms = [signal for signal in found if signal.kind == FIRM]
    taken = {firm.key for firm in firms}
    rest = [case for case in cases if case.firm not in taken]
    kept, explained = list(firms), []
    for signal in found:
        if signal.kind == FIRM:
            continue
        if firms and not _stands(signal, rest, first, on, limits):
            explained.append(signal)
        else:
            kept.append(signal)
    return [_with_explained(signal, explained) if signal.kind == FIRM else signal for signal in kept]


def _stands(
    signal: Signal,
    rest: Sequence[Counted],
    first: date,
    on: date,
    limits: Limits,
) -> bool:
    """Say whether a signal would be one without the firms' cases."""
    if signal.kind in KEYS:
        own = [case for case in rest if KEYS[signal.kind](case) == signal.key]
        one = _judged(signal.key, own, first, on, limits)
        return one.chance <= limits.explained_chance and one.count >= limits.least_count
    if signal.kind == PAIR:
        return _has_risen(signal.key, rest, first, on, limits)
    left = {case.number for case in rest}
    remain = sum(number in left for number in signal.numbers)
    return remain >= limits.least_count and remain > signal.count / 2


def _with_explained(firm: Signal, explained: Sequence[Signal]) -> Signal:
    own = set(firm.numbers)
    mine = [signal for signal in explained if own & set(signal.numbers)]
    return replace(firm, also=tuple((signal.kind, signal.key) for signal in mine))
