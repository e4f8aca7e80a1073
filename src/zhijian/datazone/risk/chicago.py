"""The real proof: canvass inspections of food establishments in Chicago, made to meet its feature contract.

Only what was known on the day of decision is read: identity, licence, place, and earlier visits in the file itself.
Left out: the licence's last expiry and present status (they come from a later register), and the city's weather and
heat maps of the day of the visit (nobody knows them when the plan is made). Names are used only to find branches of one
chain; no word of a name is a feature, because such words tell the owner's origin.
"""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhijian.datazone.risk.histories import Key, days_since_last, expected_by_inspector, histories

FILE = "inspections_train_2011-09_2014-04.parquet"
WINDOW_DAYS = 60
LICENCES = {
    "consumption_on_premises_incidental_activity": "serves_alcohol",
    "tobacco": "tobacco",
    "package_goods": "package_goods",
    "outdoor_patio": "outdoor_patio",
    "limited_business_license": "limited_business",
    "tavern": "tavern",
    "filling_station": "filling_station",
    "caterers_liquor_license": "caterers_liquor",
    "mobile_food_license": "mobile_food",
}
_KM_A_DEGREE_EAST, _KM_A_DEGREE_NORTH = 82.9, 111.2  # at 41.88° north
Decide = Literal["plan", "visit"]
Array = npt.NDArray[Any]


def prepare(folder: Path, *, decide: Decide = "plan", rows: int | None = None) -> pa.Table:
    """Return the data set: one row for each inspection, with what was known when it was decided.

    `decide` is ``plan``: on the first day of its 60-day window, when the order of work of the whole window is fixed; or
    ``visit``: on the day itself, as the city's published evaluation counts. `rows` keeps only the first so many.
    """
    source = pq.read_table(folder / FILE).sort_by(
        [("Inspection_Date", "ascending"), ("Inspection_ID", "ascending")]
    )
    return prepared(source.slice(0, rows) if rows else source, decide=decide)


def prepared(source: pa.Table, *, decide: Decide = "plan") -> pa.Table:
    """Return the same from the city's rows, in order of their days."""
    days = _days(source, "Inspection_Date")
    decided = _plan_day(days) if decide == "plan" else days
    keys = _keys(source)
    residuals = _residuals(source, days)
    told = histories(days, decided, residuals, tuple(keys.values()))
    last = days_since_last(days, decided, keys["own"].codes)
    wards = [f"{ward:02d}" if ward else "?" for ward in source["WARD"].fill_null(0).to_pylist()]
    columns: dict[str, Any] = {
        "unit_id": pc.cast(source["Inspection_ID"], pa.string()),
        "decided_on": pa.array(decided, pa.int32()).cast(pa.date32()),
        "inspected_on": pa.array(days, pa.int32()).cast(pa.date32()),
        "has_critical": source["criticalFound"].cast(pa.int8()),
        "inspector_group": source["sanitarian"],
        **_facts_of_the_firm(source, decided),
        **{name: told[name] for name in _KEPT if name in told},
        "days_since_last": last,
        "latitude": source["Latitude"].to_numpy(),
        "longitude": source["Longitude"].to_numpy(),
        "slice_division": wards,
    }
    columns["slice_size"] = _bands(
        told["chain_visits"], (1, 5, 20), ("single or new", "small chain", "chain", "large chain")
    )
    columns["slice_age"] = _bands(
        columns["age_years"], (1, 3, 8), ("under 1 year", "1-3 years", "3-8 years", "8 years and more")
    )
    return pa.table(columns)


_RESULTS = ("critical", "serious", "fail", "minor")
_KEPT = (
    *(f"{key}_{result}" for key in ("own", "address", "chain", "account", "kind") for result in _RESULTS),
    "own_visits", "address_visits", "chain_visits", "account_visits",
    *(f"{key}_{result}" for key in ("near", "ward", "zip") for result in _RESULTS),
    "near_visits", "ward_visits", "zip_visits",
)  # fmt: skip


def _plan_day(days: Array) -> Array:
    """Return the first day of each row's window; windows are counted back from the last day."""
    end = int(days.max()) + 1
    return end - ((end - 1 - days) // WINDOW_DAYS + 1) * WINDOW_DAYS


def _keys(source: pa.Table) -> dict[str, Key]:
    """Return what visits may have in common with earlier ones."""
    cells = np.round(source["Longitude"].to_numpy() * _KM_A_DEGREE_EAST) * 100_000 + np.round(
        source["Latitude"].to_numpy() * _KM_A_DEGREE_NORTH
    )
    chain = pc.utf8_trim_whitespace(
        pc.replace_substring_regex(pc.utf8_upper(source["AKA_Name"]), "[^A-Z ]", "")
    )
    found = (
        Key("own", _codes(source["License"]), 1.0, 730),
        Key("address", _codes(pc.utf8_trim_whitespace(source["Address"])), 1.5, 730),
        Key("chain", _codes(chain), 4.0, 730),
        Key("account", _codes(source["ACCOUNT_NUMBER"]), 4.0, 730),
        Key("kind", _codes(source["Facility_Type"]), 30.0, 730),
        Key("near", _codes(pa.array(cells)), 10.0, 365),
        Key("ward", _codes(source["WARD"]), 30.0, 365),
        Key("zip", _codes(source["Zip"]), 30.0, 365),
    )
    return {key.name: key for key in found}


def _residuals(source: pa.Table, days: Array) -> dict[str, Array]:
    """Return each visit's result less what its inspector group found on average before."""
    inspector = _codes(source["sanitarian"])
    results = {
        "critical": source["criticalFound"].to_numpy().astype(float),
        "serious": (source["seriousCount"].to_numpy() > 0).astype(float),
        "fail": source["fail_flag"].to_numpy().astype(float),
        "minor": source["minorCount"].to_numpy().astype(float),
    }
    return {name: r - expected_by_inspector(days, inspector, r) for name, r in results.items()}


def _facts_of_the_firm(source: pa.Table, decided: Array) -> dict[str, Array]:
    risk = np.array([int(text.split()[1]) for text in source["Risk"].to_pylist()], dtype=float)
    facts: dict[str, Array] = {
        "risk_category": risk,
        "is_restaurant": np.asarray(pc.equal(source["Facility_Type"], "Restaurant").to_pylist(), dtype=float),
        "age_years": (decided - _days(source, "minDate")) / 365.25,
        "days_in_licence_term": (decided - _days(source, "LICENSE_TERM_START_DATE")).astype(float),
        "is_first_licence": np.asarray(
            pc.equal(source["APPLICATION_TYPE"], "ISSUE").to_pylist(), dtype=float
        ),
    }
    return facts | {name: source[column].to_numpy().astype(float) for column, name in LICENCES.items()}


def _bands(values: Array, edges: tuple[float, ...], names: tuple[str, ...]) -> list[str]:
    return [names[number] for number in np.searchsorted(edges, values, side="right")]


def _codes(column: Any) -> Array:
    """Return a number for each different value, -1 where it is empty."""
    encoded = pc.dictionary_encode(column)
    whole = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    return np.asarray(whole.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _days(source: pa.Table, column: str) -> Array:
    return source[column].cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64)
