"""The feature contract: what a data set must hold for a risk to be learned from it, and the reading of such a set.

A contract is an ODCS 3.1 document. Each property says in ``customProperties`` which part it plays (``riskRole``): the
unit, the day on which the order of work was decided, the day on which the inspection happened, the label, a slice by
which fairness is told, or a feature with its group and direction.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml

FOLDER = Path(__file__).parent / "contracts"
SUFFIX = ".odcs.yaml"
Role = Literal["unit", "decided_on", "happened_on", "label", "slice", "feature"]
ROLES = ("unit", "decided_on", "happened_on", "label", "slice", "feature")
ONCE = ("unit", "decided_on", "happened_on", "label")
DIRECTIONS = {"increasing": 1, "decreasing": -1, "none": 0}
ASSIGNMENT, PLACE = "assignment", "place"
GROUPS = ("firm", "history", PLACE, ASSIGNMENT)
_LEAST_POSITIVES = 20
Floats = npt.NDArray[np.float64]


class BadRiskContract(ValueError):
    """The contract itself is wrong; the message says where and how to mend it."""


class BadDataset(ValueError):
    """The data set does not meet its contract; the message lists every fault found, and how to mend it."""


@dataclass(frozen=True)
class Column:
    """One property of the contract. `direction` 1: more of it never lowers the risk; −1: never raises it; 0: free."""

    name: str
    role: Role
    logical_type: str
    label_zh: str
    label_en: str
    group: str = ""
    direction: int = 0


@dataclass(frozen=True)
class RiskContract:
    """What is learned, from what, and the words of its model card."""

    name: str
    version: str
    title_zh: str
    title_en: str
    purpose_zh: str
    purpose_en: str
    limits: tuple[dict[str, str], ...]
    attribution: str
    is_public: bool
    window_days: int
    columns: tuple[Column, ...]

    def one(self, role: Role) -> Column:
        """Return the only column of this role."""
        (found,) = (column for column in self.columns if column.role == role)
        return found

    def features(self, *groups: str) -> tuple[Column, ...]:
        """Return the features of these groups, of all groups when none is named."""
        return tuple(c for c in self.columns if c.role == "feature" and (not groups or c.group in groups))

    def slices(self) -> tuple[Column, ...]:
        """Return the columns by which fairness is told."""
        return tuple(column for column in self.columns if column.role == "slice")


@dataclass(frozen=True)
class Dataset:
    """Checked rows in order of the day on which they happened. Features are numbers; words became codes in `levels`."""

    contract: RiskContract
    unit: npt.NDArray[np.str_]
    decided: npt.NDArray[np.int64]  # days since 1970-01-01
    happened: npt.NDArray[np.int64]
    label: npt.NDArray[np.int64]
    values: dict[str, Floats]
    slices: dict[str, npt.NDArray[np.str_]]
    levels: dict[str, list[str]]

    def __len__(self) -> int:
        return len(self.label)

    def matrix(self, columns: tuple[Column, ...]) -> Floats:
        """Return the features as a matrix, one column each, NaN where unknown."""
        return (
            np.column_stack([self.values[c.name] for c in columns]) if columns else np.zeros((len(self), 0))
        )

    def assignment(self) -> npt.NDArray[np.int64]:
        """Return a number for each combination of assignment features; zeros where the contract has none."""
        matrix = self.matrix(self.contract.features(ASSIGNMENT))
        if not matrix.shape[1]:
            return np.zeros(len(self), dtype=np.int64)
        return np.unique(np.nan_to_num(matrix, nan=-1.0), axis=0, return_inverse=True)[1].reshape(-1)


def names() -> list[str]:
    """Return the names of the published feature contracts."""
    return sorted(path.name.removesuffix(SUFFIX) for path in FOLDER.glob(f"*{SUFFIX}"))


def load(name_or_path: str | Path) -> RiskContract:
    """Return a published contract by its name, or the one in a file.

    Raises:
        BadRiskContract: there is none, or it breaks the rules of feature contracts.
    """
    path = FOLDER / f"{name_or_path}{SUFFIX}" if str(name_or_path) in names() else Path(name_or_path)
    if not path.is_file():
        raise BadRiskContract(
            f"No feature contract {str(name_or_path)!r}. Published: {', '.join(names())}; or give the path of a YAML file."
        )
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _contract(document)
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as problem:
        if isinstance(problem, BadRiskContract):
            raise
        raise BadRiskContract(
            f"{path.name} is no feature contract: {type(problem).__name__} {problem}. Take a published one as a pattern: "
            f"{', '.join(names())}."
        ) from problem


def _contract(document: dict[str, Any]) -> RiskContract:
    (table,) = document["schema"]
    own = _custom(document)
    contract = RiskContract(
        name=document["name"],
        version=document["version"],
        title_zh=table["businessName"],
        title_en=own["titleEn"],
        purpose_zh=document["description"]["purpose"],
        purpose_en=own["purposeEn"],
        limits=tuple(own.get("limits", ())),
        attribution=own.get("attribution", ""),
        is_public=bool(own.get("isPublic", False)),
        window_days=int(own["windowDays"]),
        columns=tuple(_column(entry) for entry in table["properties"]),
    )
    _check(contract)
    return contract


def _column(entry: dict[str, Any]) -> Column:
    own = _custom(entry)
    name, direction = entry["name"], own.get("direction", "none")
    if own.get("riskRole") not in ROLES:
        raise BadRiskContract(f"{name}: riskRole {own.get('riskRole')!r} is none of {', '.join(ROLES)}.")
    if direction not in DIRECTIONS:
        raise BadRiskContract(f"{name}: direction {direction!r} is none of {', '.join(DIRECTIONS)}.")
    return Column(
        name=name,
        role=own["riskRole"],
        logical_type=entry["logicalType"],
        label_zh=entry["businessName"],
        label_en=own["labelEn"],
        group=own.get("group", ""),
        direction=DIRECTIONS[direction],
    )


def _check(contract: RiskContract) -> None:
    for role in ONCE:
        found = [c.name for c in contract.columns if c.role == role]
        if len(found) != 1:
            raise BadRiskContract(
                f"A contract names one column with riskRole {role}; this one names {found or 'none'}."
            )
    if not contract.features("firm", "history", PLACE):
        raise BadRiskContract("There is no feature but of assignment. Declare what is known about the firms.")
    if contract.window_days < 1:
        raise BadRiskContract(
            f"windowDays is {contract.window_days}. Write the days of one plan of work, 60 for example."
        )
    for column in contract.features():
        if column.group not in GROUPS:
            raise BadRiskContract(f"{column.name}: group {column.group!r} is none of {', '.join(GROUPS)}.")
        if column.logical_type == "string" and column.direction:
            raise BadRiskContract(
                f"{column.name}: words have no order, so no direction. Remove it, or give a number."
            )
        if column.group == ASSIGNMENT and column.logical_type != "string":
            raise BadRiskContract(
                f"{column.name}: an assignment feature says who is sent, as a string, not a {column.logical_type}."
            )


def _custom(entry: dict[str, Any]) -> dict[str, Any]:
    return {item["property"]: item["value"] for item in entry.get("customProperties", [])}


def read(path: Path, contract: RiskContract) -> Dataset:
    """Read a Parquet file that meets the contract.

    Raises:
        BadDataset: it cannot be read or breaks the contract.
    """
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as problem:
        raise BadDataset(
            f"{path} cannot be read as Parquet: {problem}. Write it again, for example with DuckDB's COPY."
        ) from problem
    return dataset(table, contract)


def dataset(table: pa.Table, contract: RiskContract) -> Dataset:
    """Check rows against the contract and sort them by the day on which they happened.

    Raises:
        BadDataset: with every fault, not only the first.
    """
    faults = _missing(table, contract)
    arrays = {} if faults else {c.name: _array(table, c, faults) for c in contract.columns}
    if not faults:
        _check_rows(arrays, contract, faults)
    if faults:
        raise BadDataset(
            f"The data set does not meet contract {contract.name} {contract.version}:\n- "
            + "\n- ".join(faults)
        )
    order = np.lexsort(
        (arrays[contract.one("unit").name].astype(str), arrays[contract.one("happened_on").name])
    )
    values, levels = {}, {}
    for column in contract.features():
        values[column.name], levels[column.name] = _coded(arrays[column.name][order], column)
    return Dataset(
        contract=contract,
        unit=arrays[contract.one("unit").name][order].astype(str),
        decided=arrays[contract.one("decided_on").name][order],
        happened=arrays[contract.one("happened_on").name][order],
        label=arrays[contract.one("label").name][order].astype(np.int64),
        values=values,
        slices={c.name: arrays[c.name][order].astype(str) for c in contract.slices()},
        levels={name: words for name, words in levels.items() if words},
    )


def _missing(table: pa.Table, contract: RiskContract) -> list[str]:
    wanted = {column.name for column in contract.columns}
    faults = [f"column {name} is missing. Add it." for name in sorted(wanted - set(table.column_names))]
    return faults + (["there are no rows."] if not table.num_rows else [])


def _array(table: pa.Table, column: Column, faults: list[str]) -> npt.NDArray[Any]:
    """Return one column as NumPy; what cannot be becomes a fault with its first bad row."""
    data = table[column.name].combine_chunks()
    target = {"string": pa.string(), "date": pa.date32(), "boolean": pa.float64()}.get(
        column.logical_type, pa.float64()
    )
    try:
        cast = data.cast(target) if not pa.types.is_boolean(data.type) else data.cast(pa.int8()).cast(target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as problem:
        faults.append(
            f"column {column.name} holds {data.type}, which is no {column.logical_type} ({problem}). Convert it."
        )
        return np.zeros(0)
    if column.role != "feature" and cast.null_count:
        row = int(pc.index(cast.is_null(), True).as_py())
        faults.append(
            f"column {column.name} is empty in {cast.null_count} rows, first in row {row + 1}. Fill it or leave the rows out."
        )
        return np.zeros(0)
    if target == pa.date32():
        days: npt.NDArray[Any] = cast.cast(pa.int32()).to_numpy(zero_copy_only=False).astype(np.int64)
        return days
    if target == pa.string():
        return np.asarray(cast.fill_null("").to_pylist(), dtype=object)
    numbers: Floats = cast.to_numpy(zero_copy_only=False).astype(float)
    if np.isinf(numbers).any():
        row = int(np.flatnonzero(np.isinf(numbers))[0])
        faults.append(
            f"column {column.name} is infinite, first in row {row + 1}. Write an empty value where it is unknown."
        )
    return numbers


def _check_rows(arrays: dict[str, npt.NDArray[Any]], contract: RiskContract, faults: list[str]) -> None:
    label, unit = (arrays[contract.one(role).name] for role in ("label", "unit"))
    decided, happened = (arrays[contract.one(role).name] for role in ("decided_on", "happened_on"))
    wrong = np.flatnonzero(~np.isin(label, (0.0, 1.0)))
    if len(wrong):
        faults.append(
            f"the label is {label[wrong[0]]} in row {wrong[0] + 1}. It must be 0 (nothing found) or 1 (violation)."
        )
    elif min(label.sum(), len(label) - label.sum()) < _LEAST_POSITIVES:
        faults.append(
            f"only {int(label.sum())} of {len(label)} rows have label 1. At least {_LEAST_POSITIVES} of each are needed."
        )
    late = np.flatnonzero(decided > happened)
    if len(late):
        faults.append(
            f"row {late[0] + 1} was decided after it happened ({len(late)} such rows). A plan comes before its work; mend the days."
        )
    pairs = np.char.add(np.char.add(unit.astype(str), "@"), happened.astype(str))
    unique, counts = np.unique(pairs, return_counts=True)
    if (counts > 1).any():
        first = unique[counts > 1][0].split("@")[0]
        faults.append(
            f"unit {first} happens twice on one day ({int((counts > 1).sum())} such pairs). Keep one row of each."
        )


def _coded(array: npt.NDArray[Any], column: Column) -> tuple[Floats, list[str]]:
    """Return numbers, and for words their sorted levels."""
    if column.logical_type != "string":
        return array.astype(float), []
    levels, codes = np.unique(array.astype(str), return_inverse=True)
    return codes.reshape(-1).astype(float), [str(level) for level in levels]
