"""How often the reading of divisions and industries is right, on rows labelled by hand (see data/labels/README.md)."""

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from zhijian.datazone.normalise.division import Location, locate_all
from zhijian.datazone.normalise.gazetteer import guangdong
from zhijian.datazone.normalise.industry import IndustryFinding, classify
from zhijian.standards import industries

Row = Mapping[str, str]
Z_95 = 1.959964  # two-sided 95 percent


@dataclass(frozen=True)
class Share:
    """`right` of `rows`, with Wilson's 95 percent interval."""

    subject: str
    level: str
    rows: int
    right: int
    percent: float
    low_percent: float
    high_percent: float


@dataclass(frozen=True)
class Calibration:
    """Mean confidence against the share of accepted classes, on the rows not used for calibrating."""

    rows: int
    mean_confidence_percent: float
    accepted_percent: float


@dataclass(frozen=True)
class AccuracyReport:
    """All shares, the check of the confidence, and streets that were given where the reader could tell none."""

    shares: tuple[Share, ...]
    calibration: Calibration
    streets_without_label: int

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def wilson(right: int, rows: int) -> tuple[float, float]:
    """Wilson's score interval at 95 percent, as shares from 0 to 1; (0, 1) without rows."""
    if rows == 0:
        return 0.0, 1.0
    share, square = right / rows, Z_95 * Z_95
    centre = share + square / (2 * rows)
    spread = Z_95 * sqrt(share * (1 - share) / rows + square / (4 * rows * rows))
    scale = 1 + square / rows
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def measure(sample: Path, labels: Path) -> AccuracyReport:
    """Read the sample, take the labelled rows, compare.

    Raises:
        KeyError: a label's credit code is not in the sample.
    """
    rows = read_rows(sample)
    places = read_rows(labels / "division_200.csv")
    trades = read_rows(labels / "industry_200.csv")
    located = locate_all(guangdong(), [(row["uscc"], row["city"], row["address"]) for row in rows])
    locations = dict(zip((row["uscc"] for row in rows), located, strict=True))
    by_code = {row["uscc"]: row for row in rows}
    found = [classify(by_code[row["uscc"]]["scope"], by_code[row["uscc"]]["name"]) for row in trades]
    return AccuracyReport(
        (
            *division_shares(places, [locations[row["uscc"]] for row in places]),
            *industry_shares(trades, found),
        ),
        calibration(trades, found),
        sum(not row["street_code"] and locations[row["uscc"]].street_code is not None for row in places),
    )


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file in UTF-8, gzipped or not."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def share(subject: str, level: str, hits: Iterable[bool]) -> Share:
    """Count the hits."""
    marks = list(hits)
    right = sum(marks)
    low, high = wilson(right, len(marks))
    percent = 100 * right / len(marks) if marks else 0.0
    return Share(
        subject, level, len(marks), right, round(percent, 1), round(100 * low, 1), round(100 * high, 1)
    )


def division_shares(labels: list[dict[str, str]], found: list[Location]) -> list[Share]:
    """County over all rows; street over the rows whose street the reader could tell."""
    pairs = list(zip(labels, found, strict=True))
    return [
        share("division", "county", (row["county_code"] == f.county_code for row, f in pairs)),
        share(
            "division",
            "street",
            (row["street_code"] == f.street_code for row, f in pairs if row["street_code"]),
        ),
    ]


def accepted_codes(row: Row) -> list[str]:
    """The label first, then its alternatives."""
    return [row["class_code"], *row["alternatives"].split()]


def industry_shares(labels: list[dict[str, str]], found: list[IndustryFinding]) -> list[Share]:
    """Section, division (two digits) and class: against the label alone, and against label or alternative."""
    views: dict[str, Callable[[str | None], str | None]] = {
        "section": lambda code: industries.section_of(code) if code else None,
        "2-digit": lambda code: code[:2] if code else None,
        "4-digit": lambda code: code,
    }
    pairs = list(zip(labels, found, strict=True))
    shares = []
    for level, view in views.items():
        exact = (view(row["class_code"]) == view(f.class_code) for row, f in pairs)
        wide = (view(f.class_code) in {view(code) for code in accepted_codes(row)} for row, f in pairs)
        shares += [share("industry", level, exact), share("industry", f"{level}, accepted", wide)]
    return shares


def calibration(labels: list[dict[str, str]], found: list[IndustryFinding]) -> Calibration:
    """On the 2nd, 4th, 6th … row; the others served for calibrating."""
    checked = list(zip(labels, found, strict=True))[1::2]
    confidence = sum(f.confidence or 0.0 for _, f in checked) / max(1, len(checked))
    accepted = sum(f.class_code in accepted_codes(row) for row, f in checked) / max(1, len(checked))
    return Calibration(len(checked), round(100 * confidence, 1), round(100 * accepted, 1))
