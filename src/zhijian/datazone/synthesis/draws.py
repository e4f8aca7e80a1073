"""Random draws that are a function of what they are for: (seed, purpose, entity number, index).

No generator is carried along, so that neither threads, chunks nor the order of work can change a row. The mixing is
SplitMix64's finaliser (Steele, Lea & Flood 2014) over number and index, keyed by a digest of seed and purpose.
"""

import hashlib
import math
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Numbers: TypeAlias = npt.NDArray[np.uint64]
Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]

_GOLDEN, _FIRST, _SECOND = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xBF58476D1CE4E5B9),
    np.uint64(0x94D049BB133111EB),
)
_STRIDE = np.uint64(0xD1342543DE82EF95)
_TO_UNIT = 2.0**-53


@lru_cache(maxsize=4096)
def _key(seed: int, purpose: str) -> np.uint64:
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def _finish(z: Numbers) -> None:
    """SplitMix64's finaliser, in place."""
    z ^= z >> np.uint64(30)
    z *= _FIRST
    z ^= z >> np.uint64(27)
    z *= _SECOND
    z ^= z >> np.uint64(31)


def bits(seed: int, purpose: str, number: npt.NDArray, index: npt.NDArray | int = 0) -> Numbers:
    """Return 64 random bits for each number; `index` tells several draws for one number apart."""
    z = number.astype(np.uint64)
    z += np.uint64(1)
    z *= _GOLDEN
    z ^= _key(seed, purpose)
    if isinstance(index, np.ndarray):
        _finish(z)
        z += index.astype(np.uint64) * _STRIDE
    elif index:
        _finish(z)
        z += np.uint64(index * int(_STRIDE) % 2**64)
    _finish(z)
    return z


def uniform(seed: int, purpose: str, number: npt.NDArray, index: npt.NDArray | int = 0) -> Floats:
    """Return uniform draws in [0, 1)."""
    z = bits(seed, purpose, number, index)
    z >>= np.uint64(11)
    return np.multiply(z, _TO_UNIT, dtype=np.float64)


@lru_cache(maxsize=8)
def _normal_quantiles() -> Floats:
    from statistics import NormalDist

    size = 1 << 14
    return np.array([NormalDist().inv_cdf((i + 0.5) / size) for i in range(size)])


def normal(seed: int, purpose: str, number: npt.NDArray, index: npt.NDArray | int = 0) -> Floats:
    """Return standard normal draws, from a table of 16,384 quantiles (so within ±4.0)."""
    table = _normal_quantiles()
    table = _normal_quantiles()
    drawn: Floats = table[(uniform(seed, purpose, number, index) * len(table)).astype(np.int64)]
    return drawn


@lru_cache(maxsize=8)
def _gamma_quantiles(shape: float) -> Floats:
    """Quantiles of the gamma distribution of mean 1, by integrating its density with x = t^(1/shape)."""
    t = np.linspace(0.0, 40.0**shape, 400_001)
    density = np.exp(-(t ** (1.0 / shape))) / (shape * math.gamma(shape))
    cumulated: Floats = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) * (t[1] - t[0]) / 2)))
    size = 1 << 16
    quantiles = np.interp((np.arange(size) + 0.5) / size, cumulated, t) ** (1.0 / shape) / shape
    return np.asarray(quantiles, dtype=np.float64)


def gamma(seed: int, purpose: str, number: npt.NDArray, *, shape: float) -> Floats:
    """Return gamma draws of mean 1 and variance 1/shape, from a table of 65,536 quantiles."""
    table = _gamma_quantiles(shape)
    drawn: Floats = table[(uniform(seed, purpose, number) * len(table)).astype(np.int64)]
    return drawn


def poisson(seed: int, purpose: str, number: npt.NDArray, mean: Floats, *, most: int = 200) -> Integers:
    """Return Poisson counts by walking up the distribution from one uniform draw; at most `most`."""
    drawn = uniform(seed, purpose, number)
    count = np.zeros(len(mean), dtype=np.int64)
    term = np.exp(-mean)
    cumulated = term.copy()
    left = np.flatnonzero(drawn >= cumulated)
    term, cumulated, drawn, mean = term[left], cumulated[left], drawn[left], mean[left]
    for k in range(1, most + 1):
        if not len(left):
            break
        count[left] = k
        term = term * mean / k
        cumulated = cumulated + term
        further = drawn >= cumulated
        left, term, cumulated = left[further], term[further], cumulated[further]
        drawn, mean = drawn[further], mean[further]
    return count
