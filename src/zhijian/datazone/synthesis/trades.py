"""What the entities of the province do: industry, the words of it in their names, and how much risk it carries.

The risk of an industry, the field of law it is checked under, and the shares with equipment and licences are
ASSUMPTIONS of the hazard model, told in `docs/explanation/synthetic-province.md`.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

DATA = Path(__file__).parent / "data"
KINDS = ("enterprise", "individual_business", "cooperative")
ENTERPRISE, INDIVIDUAL, COOPERATIVE = range(3)
FIELDS = ("food", "drug", "equipment", "product", "advertising", "price", "registration")


@dataclass(frozen=True)
class Profile:
    """What an industry implies. `risk` multiplies the hazard; shares are from 0 to 1."""

    risk: float
    field: str
    consumer: float = 1.0  # how often customers complain, for the same hazard
    licensed: float = 0.05  # share whose trade needs a licence
    sampled: float = 0.0  # batches sampled a year
    equipped: float = 0.01  # share with lifts, boilers, forklifts and the like


# By the first digits of the industry, the longest that fits; "" is for all others.
PROFILES = {
    "": Profile(0.6, "registration", 0.6),
    "0": Profile(0.7, "food", 0.2, 0.05, 0.02),
    "13": Profile(1.4, "food", 0.8, 0.9, 0.3, 0.05),
    "14": Profile(1.6, "food", 1.0, 0.9, 0.4, 0.05),
    "15": Profile(1.5, "food", 1.0, 0.9, 0.3, 0.05),
    "18": Profile(0.8, "product", 0.5, 0.02, 0.05, 0.03),
    "2": Profile(0.8, "product", 0.4, 0.06, 0.03, 0.05),
    "24": Profile(1.1, "product", 0.6, 0.10, 0.08, 0.04),
    "27": Profile(1.2, "drug", 0.6, 0.9, 0.2, 0.08),
    "3": Profile(0.8, "product", 0.4, 0.06, 0.03, 0.06),
    "35": Profile(1.1, "drug", 0.4, 0.3, 0.03, 0.05),
    "38": Profile(1.1, "product", 0.8, 0.25, 0.08, 0.05),
    "4": Profile(0.6, "equipment", 0.3, 0.1, 0.0, 0.06),
    "45": Profile(1.6, "equipment", 0.8, 0.9, 0.1, 0.60),
    "51": Profile(0.7, "product", 0.5, 0.08, 0.02),
    "52": Profile(1.0, "product", 1.3, 0.10, 0.02),
    "521": Profile(1.2, "food", 1.4, 0.75, 0.05, 0.01),
    "522": Profile(1.2, "food", 1.3, 0.8, 0.06),
    "525": Profile(1.3, "drug", 1.2, 0.95, 0.05),
    "5292": Profile(1.3, "advertising", 2.2, 0.05, 0.02),
    "61": Profile(1.0, "equipment", 1.6, 0.6, 0.01, 0.25),
    "62": Profile(1.9, "food", 1.8, 0.9, 0.05, 0.01),
    "6291": Profile(2.1, "food", 1.5, 0.85, 0.05, 0.0),
    "70": Profile(0.7, "price", 1.8, 0.02, 0.0, 0.2),
    "72": Profile(0.5, "advertising", 0.8, 0.03, 0.0, 0.01),
    "80": Profile(1.1, "price", 2.0, 0.3, 0.02, 0.02),
    "81": Profile(1.0, "price", 1.5, 0.1, 0.0, 0.05),
    "83": Profile(1.0, "advertising", 2.2, 0.3),
    "9": Profile(1.1, "price", 1.8, 0.3, 0.0, 0.12),
}


@dataclass(frozen=True)
class Trades:
    """All trades, as columns; those of kind `k` lie at `first[k]` to `first[k + 1]`."""

    industry: list[str]
    words: list[tuple[str, ...]]
    forms: list[str]
    first: tuple[int, int, int, int]
    cumulated: tuple[npt.NDArray[np.float64], ...]  # by kind, rising to 1
    risk: npt.NDArray[np.float64]
    consumer: npt.NDArray[np.float64]
    licensed: npt.NDArray[np.float64]
    sampled: npt.NDArray[np.float64]
    equipped: npt.NDArray[np.float64]
    field: npt.NDArray[np.int64]  # index into FIELDS


def profile(industry_code: str) -> Profile:
    """Return what an industry implies, by the longest fitting digits."""
    return next(
        PROFILES[industry_code[:n]]
        for n in range(len(industry_code), -1, -1)
        if industry_code[:n] in PROFILES
    )


@lru_cache(maxsize=1)
def trades() -> Trades:
    """Read the tables of trades."""
    words = {row["division"]: tuple(row["words"].split()) for row in read("words.csv")}
    rows: list[tuple[int, str, tuple[str, ...], str, float]] = [
        (
            ENTERPRISE,
            row["industry_code"],
            words.get(row["industry_code"][:2], ("实业",)),
            "",
            float(row["weight"]),
        )
        for row in read("industries.csv")
    ]
    own = [
        (KINDS.index(row["kind"]), row["industry_code"], (row["word"],), row["form"], float(row["weight"]))
        for row in read("trades.csv")
    ]
    rows += sorted(own, key=lambda row: row[0])
    kinds = np.array([row[0] for row in rows])
    weights = np.array([row[4] for row in rows])
    profiles = [profile(row[1]) for row in rows]
    return Trades(
        industry=[row[1] for row in rows],
        words=[row[2] for row in rows],
        forms=[row[3] for row in rows],
        first=(0, *(int(np.searchsorted(kinds, kind, "right")) for kind in range(3))),  # type: ignore[arg-type]
        cumulated=tuple(cumulated(weights[kinds == kind]) for kind in range(3)),
        risk=np.array([p.risk for p in profiles]),
        consumer=np.array([p.consumer for p in profiles]),
        licensed=np.array([p.licensed for p in profiles]),
        sampled=np.array([p.sampled for p in profiles]),
        equipped=np.array([p.equipped for p in profiles]),
        field=np.array([FIELDS.index(p.field) for p in profiles]),
    )


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a table in `data/`."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cumulated(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return cumulated shares, the last of them 1, so that a uniform draw below 1 always falls inside."""
    sums: npt.NDArray[np.float64] = np.cumsum(weights) / weights.sum()
    sums[-1] = 1.0
    return sums
