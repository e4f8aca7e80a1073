"""Compute the weights of the synthetic province from the shipped sample of real registrations.

Usage: python scripts/synthesis_weights.py LAKE. LAKE is the lake of a home into which
`data/samples/registration/gd_limited_companies.csv.gz` was ingested and built. Writes counts, no row of the sample,
to `src/zhijian/datazone/synthesis/data/`.
"""

import csv
import sys
from collections import defaultdict
from pathlib import Path

from zhijian.datazone.lake import Lake

DATA = Path(__file__).parents[1] / "src/zhijian/datazone/synthesis/data"
LEAST = 2  # an industry seen less often in the sample is left out


def main() -> None:
    table = Lake(Path(sys.argv[1])).read("entity_market_entities")
    rows = table.select(
        ["prefecture_code", "county_code", "industry_code", "enterprise_type_code"]
    ).to_pylist()
    _write("counties.csv", ("county_code", "weight"), _counties(rows))
    _write("industries.csv", ("industry_code", "weight"), _industries(rows))


def _counties(rows: list[dict[str, str | None]]) -> list[tuple[str, float]]:
    """Share of each county in a million: cities by the square of their count, because the sample took the root."""
    cities: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        city = row["prefecture_code"]
        leaf = row["county_code"] or (city if city in ("441900", "442000") else None)
        if city and leaf:
            cities[city][leaf] += 1
    squares = {city: sum(counties.values()) ** 2 for city, counties in cities.items()}
    whole = sum(squares.values())
    return [
        (county, round(1e6 * squares[city] / whole * count / sum(counties.values())))
        for city, counties in sorted(cities.items())
        for county, count in sorted(counties.items())
    ]


def _industries(rows: list[dict[str, str | None]]) -> list[tuple[str, int]]:
    """Companies proper by class; branches and offices are left out, as most of them are those of banks."""
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["industry_code"] and (row["enterprise_type_code"] or "")[:2] in ("11", "12"):
            counts[row["industry_code"]] += 1
    return sorted((code, n) for code, n in counts.items() if n >= LEAST)


def _write(name: str, header: tuple[str, ...], rows: list[tuple[str, float]] | list[tuple[str, int]]) -> None:
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
