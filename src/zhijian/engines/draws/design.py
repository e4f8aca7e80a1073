"""Numbers of a draw: rates, floors and caps, largest remainders, and what a sample can show (D9)."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import sqrt


def half_up(value: Fraction) -> int:
    """Round to the nearest whole number, halves up."""
    return int(value + Fraction(1, 2))


def largest_remainder(quotas: Mapping[str, Fraction], total: int) -> dict[str, int]:
    """Round quotas to whole numbers that add up to ``total``; equal remainders go by name."""
    whole = {name: int(quota) for name, quota in quotas.items()}
    order = sorted(quotas, key=lambda name: (whole[name] - quotas[name], name))
    for name in order[: max(0, total - sum(whole.values()))]:
        whole[name] += 1
    return whole


def allocate(
    sizes: Mapping[str, int], per_10000: Mapping[str, int], *, at_least_one: bool = False
) -> dict[str, int]:
    """Return n_h for every stratum from its size and its rate in parts per 10,000.

    The total is the sum of the exact quotas, rounded half up; remainders decide who gets the rest.
    With ``at_least_one`` every non-empty stratum with a rate above zero gives at least one object.
    """
    quotas = {name: Fraction(size * per_10000[name], 10_000) for name, size in sizes.items()}
    counts = largest_remainder(quotas, half_up(sum(quotas.values(), Fraction())))
    if at_least_one:
        return {name: max(count, 1 if quotas[name] > 0 else 0) for name, count in counts.items()}
    return counts


def proportional(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    """Return the same rate everywhere, rounded to add up to ``total``."""
    population = sum(sizes.values())
    return largest_remainder(
        {name: Fraction(total * size, population) for name, size in sizes.items()}, total
    )


def neyman(sizes: Mapping[str, int], violation_rates: Mapping[str, float], total: int) -> dict[str, int]:
    """Return the allocation that estimates the overall violation rate best; it does not find the most."""
    spread = {
        name: size * sqrt(violation_rates[name] * (1 - violation_rates[name])) for name, size in sizes.items()
    }
    whole = sum(spread.values())
    return largest_remainder({name: Fraction(total * value / whole) for name, value in spread.items()}, total)


def floors_and_caps(
    sizes: Mapping[str, int],
    floors_percent: Mapping[str, int],
    caps_percent: Mapping[str, int],
    total: int,
    *,
    riskiest_first: Sequence[str],
) -> dict[str, int]:
    """Give every stratum its floor (rounded up), then fill up to the cap (rounded down) from the riskiest.

    Raises:
        ValueError: the floors alone exceed ``total``, or the caps cannot hold it.
    """
    counts = {name: -(-size * floors_percent[name] // 100) for name, size in sizes.items()}
    left = total - sum(counts.values())
    if left < 0:
        raise ValueError(f"the floors need {total - left} objects, {total} are planned; lower the floors")
    for name in riskiest_first:
        extra = min(left, max(0, sizes[name] * caps_percent[name] // 100 - counts[name]))
        counts[name] += extra
        left -= extra
    if left:
        raise ValueError(f"the caps leave {left} of {total} objects without a place; raise a cap")
    return counts


def expected_hits(counts: Mapping[str, int], violation_rates: Mapping[str, float]) -> float:
    """Return the expected number of violations found."""
    return sum(count * violation_rates[name] for name, count in counts.items())


def margin_of_error(sizes: Mapping[str, int], counts: Mapping[str, int], *, rate: float = 0.5) -> float:
    """Return the half width of a 95% interval for the overall rate (stratified, finite population).

    ``rate`` is the supposed rate in every stratum; 0.5 is the worst case. Strata that give no
    object make the answer 1.0: nothing is known about them.
    """
    population, variance = sum(sizes.values()), 0.0
    for name, size in sizes.items():
        if size and not counts[name]:
            return 1.0
        if size:
            variance += (
                (size / population) ** 2 * (1 - counts[name] / size) * rate * (1 - rate) / counts[name]
            )
    return 1.96 * sqrt(variance)


def expected_repeats(frame: int, first: int, second: int) -> float:
    """Return how many objects two independent draws have in common on average: n1·n2/N."""
    return first * second / frame


def repeats_are_plausible(frame: int, first: int, second: int, observed: int, *, limit: float = 4.0) -> bool:
    """Say whether ``observed`` repeats lie within ``limit`` standard deviations (hypergeometric)."""
    mean = expected_repeats(frame, first, second)
    variance = mean * (1 - first / frame) * (frame - second) / (frame - 1)
    return abs(observed - mean) <= limit * sqrt(variance)


def systematic(weights: Sequence[int], count: int, start: Fraction) -> list[int]:
    """Return the positions hit by ``count`` points spaced W/count from ``start``/count (systematic PPS).

    ``start`` lies in [0, W), W being the sum of weights; nobody's weight may exceed W/count. For
    planning and teaching: the protocol itself draws by rank.
    """
    total, reached, points, chosen = sum(weights), 0, 0, []
    for position, weight in enumerate(weights):
        reached += count * weight
        if points < count and start + points * total < reached:
            chosen.append(position)
            points += 1
    return chosen


def inclusion(weights: Sequence[int], count: int) -> list[Fraction]:
    """Return inclusion probabilities proportional to weight; whoever would exceed 1 is taken for sure."""
    sure: set[int] = set()
    while True:
        rest = [position for position in range(len(weights)) if position not in sure]
        left, total = count - len(sure), sum(weights[position] for position in rest)
        more = {position for position in rest if left > 0 and left * weights[position] >= total}
        if not more:
            break
        sure |= more
    return [
        Fraction(1) if position in sure else Fraction(left * weight, total)
        for position, weight in enumerate(weights)
    ]


def lottery_share(sizes: Mapping[str, int], per_10000: Mapping[str, int]) -> Fraction:
    """Return the share of checks that are a pure lottery over all objects: what everybody's lowest rate alone draws.

    Strata of higher rates are drawn more; thinned to the lowest rate, what was drawn is a lottery in which all are alike.
    """
    drawn = sum(size * per_10000[name] for name, size in sizes.items())
    lowest = min((per_10000[name] for name, size in sizes.items() if size), default=0)
    return Fraction(lowest * sum(sizes.values()), drawn) if drawn else Fraction(0)


def raised_to_lottery_share(
    sizes: Mapping[str, int], per_10000: Mapping[str, int], *, percent: int
) -> dict[str, int]:
    """Return rates of which at least `percent` of the checks are a pure lottery, the low ones raised as little as may be.

    No rate falls, so more objects are drawn than before; `supervision/risk_lottery_share_percent` is the share in force.

    Raises:
        ValueError: nothing is drawn at all, so no share can be reached.
    """
    if not any(size * per_10000[name] for name, size in sizes.items()):
        raise ValueError("all rates or strata are empty; give at least one stratum a rate above zero")
    for floor in range(min(per_10000.values()), 10_001):
        raised = {name: max(rate, floor) for name, rate in per_10000.items()}
        if lottery_share(sizes, raised) * 100 >= percent:
            return raised
    return dict.fromkeys(per_10000, 10_000)
