"""Which topic is told of which product more than the rest would have it: PRR, ROR, IC and EBGM of a table of pairs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_Z = 1.959963984540054  # 97.5 percent of the standard normal distribution
_START = (0.2, 0.1, 2.0, 4.0, 1 / 3)  # DuMouchel's first guess of the mixture


@dataclass(frozen=True)
class Pair:
    """A product with a topic: how often told, how often expected, and four measures with the lower ends of 95 percent.

    `chance` is Fisher's exact one, one-sided: it holds for small counts too.
    """

    product: str
    topic: str
    count: int
    expected: float
    prr: float
    prr_low: float
    ror: float
    ror_low: float
    ic: float
    ic_low: float
    chance: float


def disproportion(products: Sequence[str], topics: Sequence[str]) -> list[Pair]:
    """Measure every pair that occurs. One entry of both sequences per submission; by product, then topic."""
    total = len(products)
    counts: dict[tuple[str, str], int] = {}
    by_product: dict[str, int] = {}
    by_topic: dict[str, int] = {}
    for product, topic in zip(products, topics, strict=True):
        counts[product, topic] = counts.get((product, topic), 0) + 1
        by_product[product] = by_product.get(product, 0) + 1
        by_topic[topic] = by_topic.get(topic, 0) + 1
    return [
        _pair(product, topic, a, by_product[product], by_topic[topic], total)
        for (product, topic), a in sorted(counts.items())
    ]


def _pair(product: str, topic: str, a: int, of_product: int, of_topic: int, total: int) -> Pair:
    """The four cells: a product and topic, b product alone, c topic alone, d neither; a half is added where one is empty."""
    b, c = of_product - a, of_topic - a
    d = total - a - b - c
    expected = of_product * of_topic / total
    half = 0.5 if min(b, c, d) == 0 else 0.0
    a_, b_, c_, d_ = a + half, b + half, c + half, d + half
    prr = (a_ / (a_ + b_)) / (c_ / (c_ + d_))
    ror = a_ * d_ / (b_ * c_)
    prr_error = np.sqrt(1 / a_ - 1 / (a_ + b_) + 1 / c_ - 1 / (c_ + d_))
    ror_error = np.sqrt(1 / a_ + 1 / b_ + 1 / c_ + 1 / d_)
    ic, ic_low = _information(a, expected)
    return Pair(
        product, topic, a, expected,
        float(prr), float(prr * np.exp(-_Z * prr_error)),
        float(ror), float(ror * np.exp(-_Z * ror_error)),
        ic, ic_low, _chance(a, b, c, d),
    )  # fmt: skip


def _information(count: float, expected: float) -> tuple[float, float]:
    """Return the information component with shrinkage of one half, and its lower end (Norén's approximation)."""
    ic = float(np.log2((count + 0.5) / (expected + 0.5)))
    return ic, float(ic - 3.3 * (count + 0.5) ** -0.5 - 2 * (count + 0.5) ** -1.5)


def _chance(a: int, b: int, c: int, d: int) -> float:
    """Return Fisher's exact chance of this count or more, given the margins."""
    from scipy.stats import hypergeom  # seconds to read; no page needs it

    return float(hypergeom.sf(a - 1, a + b + c + d, a + b, a + c))


@dataclass(frozen=True)
class Mixture:
    """The prior of the ratios: two gamma distributions (shape, rate) and the share of the first."""

    shape_1: float
    rate_1: float
    shape_2: float
    rate_2: float
    share: float


def fit_mixture(counts: npt.ArrayLike, expected: npt.ArrayLike) -> Mixture:
    """Fit DuMouchel's prior to all cells by likelihood. Cells that were never told (0) may be among them."""
    from scipy.optimize import minimize

    n, e = np.asarray(counts, dtype=float), np.asarray(expected, dtype=float)

    def loss(values: Floats) -> float:
        made = _mixture(values)
        first = _log_negative_binomial(n, e, made.shape_1, made.rate_1)
        second = _log_negative_binomial(n, e, made.shape_2, made.rate_2)
        return -float(np.logaddexp(np.log(made.share) + first, np.log1p(-made.share) + second).sum())

    begin = np.array([*np.log(_START[:4]), np.log(_START[4] / (1 - _START[4]))])
    return _mixture(minimize(loss, begin, method="L-BFGS-B", bounds=[(-7, 7)] * 5).x)


def ebgm(counts: npt.ArrayLike, expected: npt.ArrayLike, prior: Mixture) -> Floats:
    """Return the geometric mean of the ratio after the data: shrunk where little is known."""
    from scipy.special import digamma

    n, e = np.asarray(counts, dtype=float), np.asarray(expected, dtype=float)
    first = np.log(prior.share) + _log_negative_binomial(n, e, prior.shape_1, prior.rate_1)
    second = np.log1p(-prior.share) + _log_negative_binomial(n, e, prior.shape_2, prior.rate_2)
    share = np.exp(first - np.logaddexp(first, second))
    one = digamma(prior.shape_1 + n) - np.log(prior.rate_1 + e)
    other = digamma(prior.shape_2 + n) - np.log(prior.rate_2 + e)
    return np.asarray(np.exp(share * one + (1 - share) * other))


def _mixture(values: Floats) -> Mixture:
    a, b, c, d = np.exp(values[:4])
    return Mixture(float(a), float(b), float(c), float(d), float(1 / (1 + np.exp(-values[4]))))


def _log_negative_binomial(n: Floats, e: Floats, shape: float, rate: float) -> Floats:
    from scipy.special import gammaln

    part = e / (rate + e)
    return np.asarray(
        gammaln(shape + n) - gammaln(shape) - gammaln(n + 1) + shape * np.log1p(-part) + n * np.log(part)
    )
