"""The weights, learnt: u and m by Splink's expectation maximisation, then corrected by decisions about pairs.

Splink looks at the levels of `comparing`, written a second time as SQL; a test holds the two equal on pairs of every
kind. EM treats the comparisons as independent, which they are not (an address in the same street lies in the same city,
a chain shares name, representative and telephone). Decided pairs correct that: one factor per comparison and an
offset, pulled towards 1 and 0 so that a handful of decisions moves them a little and ten thousand as far as they say.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhijian.datazone.linkage.comparing import COMPARISONS, NAMES, Levels, compare
from zhijian.datazone.linkage.index import RegisterIndex
from zhijian.datazone.linkage.rows import Rows, place_county, place_prefecture, rows_of
from zhijian.datazone.linkage.scoring import Weights, rarity_bits

LEAST = 1e-7  # no level is held impossible between strangers,
LEAST_M = 0.005  # nor, ASSUMPTION, between records of one entity: people move, sell, change their telephone
RIDGE = 25.0  # how many decided pairs outweigh what EM says
_CONFLICT = (
    "((place_city_l <> 0 and place_city_r <> 0 and place_city_l <> place_city_r)"
    " or (place_county_l <> 0 and place_county_r <> 0 and place_county_l <> place_county_r))"
)
_ONE_OFF = (
    "greatest(length(trade_l), length(trade_r)) {size} and (list_has_any(gaps_l, gaps_r)"
    " or list_contains(less_l, trade_r) or list_contains(less_r, trade_l))"
)
_ROAD = "road_l = road_r and road_l <> 0"
_NUMBER = f"{_ROAD} and number_l = number_r and number_l <> 0"
_STREET = "street_l = street_r and street_l <> 0"
_COUNTY = "place_county_l = place_county_r and place_county_l <> 0"
_ROADS = "road_l <> 0 and road_r <> 0"
_OTHER_CITY = "(case when city_r <> 0 then city_r else place_city_r end)"
_COUNTIES = "county_l <> 0 and county_r <> 0"
# For each comparison the condition under which a side is silent, then the levels from the highest down to 1.
SQL: Mapping[str, tuple[str, ...]] = {
    "trade": (
        "sound_l = 0 or sound_r = 0",
        "trade_l = trade_r",  # null where a name is in Latin letters
        "sound_l = sound_r",
        _ONE_OFF.format(size="> 3"),
        _ONE_OFF.format(size="between 2 and 3"),
        "least(length(trade_l), length(trade_r)) >= 2 and (contains(trade_l, trade_r) or contains(trade_r, trade_l))",
    ),
    "industry": (
        "industry_l = 0 or industry_r = 0",
        "industry_l = industry_r",
        "industry_head_l = industry_head_r",
    ),
    "form": ("form_l = 0 or form_r = 0", "form_l = form_r"),
    "division": (
        f"city_l = 0 or {_OTHER_CITY} = 0",
        f"city_l = {_OTHER_CITY} and {_COUNTIES} and county_l = county_r",
        f"city_l = {_OTHER_CITY} and not ({_COUNTIES} and county_l <> county_r)",
    ),
    "address": (
        f"not ((place_county_l <> 0 and place_county_r <> 0) or (road_l <> 0 and road_r <> 0)"
        f" or ({_CONFLICT} and (place_county_l <> 0 or road_l <> 0) and (place_county_r <> 0 or road_r <> 0)))",
        f"not {_CONFLICT} and {_NUMBER} and room_l = room_r and room_l <> 0",
        f"not {_CONFLICT} and {_NUMBER}",
        f"not {_CONFLICT} and {_ROAD}",
        f"not {_CONFLICT} and {_STREET} and not ({_ROADS})",
        f"not {_CONFLICT} and {_COUNTY} and not ({_ROADS})",
        f"not {_CONFLICT} and ({_STREET} or {_COUNTY})",
    ),
    "representative": ("representative_l = 0 or representative_r = 0", "representative_l = representative_r"),
    "phone": ("phone_l = 0 or phone_r = 0", "phone_l = phone_r"),
}


def splink_settings() -> Any:
    """The comparisons and rules of linkage as Splink's settings."""
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    comparisons: list[Any] = []
    for comparison in COMPARISONS:
        silent, *conditions = SQL[comparison.name]
        levels: list[Any] = [{"sql_condition": silent, "label_for_charts": "silent", "is_null_level": True}]
        names = [level.name for level in comparison.levels[:0:-1]]
        for name, condition in zip(names, conditions, strict=True):
            levels.append({"sql_condition": condition, "label_for_charts": name})
        if comparison.name == "trade":
            levels[1] |= {"tf_adjustment_column": "trade", "tf_adjustment_weight": 1.0}
        levels.append({"sql_condition": "ELSE", "label_for_charts": comparison.levels[0].name})
        comparisons.append(cl.CustomComparison(levels, output_column_name=comparison.name))
    rules: list[Any] = [
        block_on("phone"), block_on("representative"), block_on("sound", "place_city"), block_on("sound", "industry"),
        block_on("place_county", "road", "number"),
    ]  # fmt: skip
    return SettingsCreator(
        link_type="link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        retain_intermediate_calculation_columns=True,
        em_convergence=0.001,
    )


def splink_columns(rows: Rows, first_id: int = 0) -> pa.Table:
    """Rows as the columns that `SQL` speaks of."""
    from zhijian.datazone.linkage import characters

    trade = characters.text_of(rows["trade"][rows["trade"] != 0], rows["trade_length"].astype(np.int64))
    columns = {
        "unique_id": np.arange(first_id, first_id + len(rows)),
        "trade": trade,
        "city": rows["prefecture"].astype(np.int64),
        "county": rows["county"].astype(np.int64),
        "place_city": place_prefecture(rows).astype(np.int64),
        "place_county": place_county(rows).astype(np.int64),
    }
    same = ("sound", "industry", "industry_head", "form", "street", "road", "number", "room")
    columns |= {name: rows[name].astype(np.int64) for name in same}
    columns |= {name: (rows[name] >> np.uint64(1)).astype(np.int64) for name in ("representative", "phone")}
    return pa.table(columns)


def splink_linker(con: Any, records: Rows, entities: Rows) -> Any:
    """Splink's linker over records and entities, on an open DuckDB connection."""
    from splink import DuckDBAPI, Linker

    con.execute("set enable_progress_bar = false")
    api = DuckDBAPI(con)
    tables = []
    for name, rows in (("entities", entities), ("records", records)):
        con.register(f"{name}_arrow", splink_columns(rows))
        con.execute(f"""create table {name} as select * replace (nullif(trade, '') as trade),
            list_transform(range(1, length(trade) + 1), lambda i: trade[:i-1] || '?' || trade[i+1:]) as gaps,
            list_transform(range(1, length(trade) + 1), lambda i: trade[:i-1] || trade[i+1:]) as less
            from {name}_arrow""").fetchall()  # noqa: S608 - our own names
        tables.append(api.register(name))
    return Linker(tables, splink_settings(), log_level="ERROR")


def train(records: Rows, entities: Rows, *, seed: int, source: str, con: Any = None) -> Weights:
    """Estimate u from random pairs and m by EM over two blockings that leave each other's columns free."""
    import duckdb
    from splink import block_on

    linker = splink_linker(con or duckdb.connect(), records, entities)
    with np.errstate(all="ignore"):
        linker.training.estimate_probability_two_random_records_match(
            [block_on("phone", "sound")], recall=0.6
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=seed, num_chunks=1)
        # Chains share representative and telephone: only where name or road agrees too is a pair mostly one entity.
        for rule in (
            block_on("phone", "sound"),
            block_on("representative", "sound"),
            block_on("phone", "road"),
        ):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
    model = linker.misc.save_model_to_json()
    m, u = {}, {}
    for described in model["comparisons"]:
        name = described["output_column_name"]
        levels = [level for level in described["comparison_levels"] if not level.get("is_null_level")]
        m[name] = _probabilities(levels, "m_probability", LEAST_M)
        u[name] = _probabilities(levels, "u_probability", LEAST)
        u[name] = _with_unmet(m[name], u[name])
    return Weights(m, u, dict.fromkeys(NAMES, 1.0), 0.0, source)


def _with_unmet(m: tuple[float, ...], u: tuple[float, ...]) -> tuple[float, ...]:
    """A level that random pairs never showed weighs as the next lower one: of its rarity nothing is known."""
    found = list(u)
    for level in range(1, len(u) - 1):
        if found[level] <= LEAST * 1.01:
            found[level] = float(f"{m[level] * found[level - 1] / m[level - 1]:.4g}")
    return tuple(found)


def _probabilities(levels: list[dict[str, Any]], key: str, least: float) -> tuple[float, ...]:
    """From level 0 up. What Splink never met is held rare, not impossible."""
    found = [max(float(level.get(key) or 0.0), least) for level in reversed(levels)]
    total = sum(found)
    return tuple(float(f"{value / total:.4g}") for value in found)


def learn_from_levels(
    weights: Weights,
    levels: Levels,
    namesakes: npt.NDArray[Any],
    is_same: npt.NDArray[np.bool_],
    *,
    entities: int,
    share_not_on_register: float,
    ridge: float = RIDGE,
) -> Weights:
    """Correct factors and offset by decided pairs: a logistic fit, pulled towards the weights as they are."""
    if not len(is_same):
        return weights
    parts = contributions(levels, namesakes, entities, weights)
    prior = np.log2((1 - share_not_on_register) / share_not_on_register / max(entities, 1))
    start = np.concatenate((np.ones(len(NAMES)), [0.0]))
    matrix = np.column_stack((parts, np.ones(len(parts)))) * np.log(2)
    base = (prior + weights.offset_bits) * np.log(2)
    found = _fit(matrix, base, is_same.astype(float), start, ridge)
    factors = {
        name: round(float(np.clip(found[i], 0.1, 3.0)) * weights.factors.get(name, 1.0), 4)
        for i, name in enumerate(NAMES)
    }
    return replace(
        weights,
        factors=factors,
        offset_bits=round(weights.offset_bits + float(found[-1]), 4),
        labels=weights.labels + len(is_same),
    )


def contributions(
    levels: Levels, namesakes: npt.NDArray[Any], entities: int, weights: Weights
) -> npt.NDArray[np.float64]:
    """Bits of each comparison for each pair; the rarity of the trade name belongs to the trade name."""
    parts = weights.table[np.arange(len(NAMES)), levels + 1].copy()
    parts[:, 0] += rarity_bits(levels, namesakes, entities, weights)
    return parts


def _fit(
    matrix: npt.NDArray[np.float64],
    base: float,
    wanted: npt.NDArray[np.float64],
    start: npt.NDArray[np.float64],
    ridge: float,
) -> npt.NDArray[np.float64]:
    """Newton's method on the ridge logistic loss; the penalty holds the solution near `start`."""
    from scipy.optimize import minimize

    penalty = np.full(len(start), ridge)
    penalty[-1] = ridge / 100  # in bits, not a factor

    def loss(values: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        z = base + matrix @ values
        chance = 1 / (1 + np.exp(-np.clip(z, -60, 60)))
        away = values - start
        total = np.logaddexp(0, -z) @ wanted + np.logaddexp(0, z) @ (1 - wanted)
        return float(total + penalty @ away**2 / 2), matrix.T @ (chance - wanted) + penalty * away

    solved = minimize(loss, start, jac=True, method="L-BFGS-B")
    return np.asarray(solved.x)


def labelled_candidates(
    records: Rows, true_codes: npt.NDArray[np.bytes_], index: RegisterIndex
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Pairs of records with the candidates that blocking offers, and whether each is the true one."""
    record, entity = index.candidates(records)
    return record, entity, index.codes[entity] == true_codes[record]


def train_on_truth(
    entities: pa.Table, records: pa.Table, *, seed: int, source: str, share_absent: float
) -> Weights:
    """Weights from a synthetic province: EM by Splink, corrected by pairs whose truth is known. `records` has `true_uscc`."""
    from zhijian.datazone.linkage.index import build

    index = build(entities)
    rows = rows_of(records)[0]
    weights = train(rows, index.rows, seed=seed, source=source)
    truth = np.array(records["true_uscc"].to_pylist(), dtype="S18")
    record, entity, is_same = labelled_candidates(rows, truth, index)
    levels = compare(rows[record], index.rows[entity])
    namesakes = index.rows["namesakes"][entity]
    return learn_from_levels(
        weights, levels, namesakes, is_same, entities=len(index), share_not_on_register=share_absent
    )
