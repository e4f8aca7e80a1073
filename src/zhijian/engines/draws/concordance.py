"""How far two people agree who looked at the same things without knowing of each other: Cohen's kappa with its interval. Pure."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

from zhijian.engines.draws.estimation import Z


@dataclass(frozen=True)
class Concordance:
    """Agreement beyond chance: 1 always, 0 as often as by chance. The interval is 95%, None where kappa has no meaning."""

    things: int
    agreed: int
    expected: float  # share that would agree by chance
    kappa: float | None
    low: float | None
    high: float | None

    @property
    def share(self) -> float:
        return self.agreed / self.things if self.things else 0.0


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> Concordance:
    """Return Cohen's kappa of (first, second) with the large-sample interval of Fleiss, Cohen and Everitt (1969).

    Kappa has no value where both always say one and the same: there was nothing to agree on.
    """
    n = len(pairs)
    if not n:
        return Concordance(0, 0, 0.0, None, None, None)
    agreed = sum(one == other for one, other in pairs)
    first, second = (Counter(pair[place] for pair in pairs) for place in (0, 1))
    names = first.keys() | second.keys()
    seen = agreed / n
    chance = sum(first[name] * second[name] for name in names) / n**2
    if chance == 1:
        return Concordance(n, agreed, chance, None, None, None)
    value = (seen - chance) / (1 - chance)
    error = sqrt(_variance(pairs, first, second, seen, chance) / n)
    return Concordance(n, agreed, chance, value, max(-1.0, value - Z * error), min(1.0, value + Z * error))


def _variance(
    pairs: Sequence[tuple[Hashable, Hashable]],
    first: Counter[Hashable],
    second: Counter[Hashable],
    seen: float,
    chance: float,
) -> float:
    n, cells = len(pairs), Counter(pairs)
    diagonal = off = 0.0
    for (one, other), count in cells.items():
        share = count / n
        if one == other:
            margin = (first[one] + second[one]) / n
            diagonal += share * ((1 - chance) - margin * (1 - seen)) ** 2
        else:
            margin = (second[one] + first[other]) / n
            off += share * margin**2
    whole = diagonal + (1 - seen) ** 2 * off - (seen * chance - 2 * chance + seen) ** 2
    return max(0.0, whole) / (1 - chance) ** 4
