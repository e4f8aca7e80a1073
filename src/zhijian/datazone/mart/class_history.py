"""The last change of one entity's class, read from the versions of the tables that the lake keeps, with what caused it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow.parquet as pq

from zhijian.datazone.files import PATCH
from zhijian.datazone.lake import Lake, LakeError, TableVersion
from zhijian.datazone.mart.credit_reasons import reasons_of
from zhijian.standards import parameters
from zhijian.standards.calendar import add_months

CLASSES, SCORES = "mart_credit_class", "mart_credit_score"
LOOKED_AT = 24  # versions: two years of monthly ratings, or a month of nightly ones


@dataclass(frozen=True)
class Cause:
    """One indicator whose points differ between the two ratings, in both languages; `points` is by how many."""

    label_zh: str
    label_en: str
    points: int
    detail_zh: str
    detail_en: str


@dataclass(frozen=True)
class ClassChange:
    """From which class to which, of which months, by which rules; the causes with the largest effect first."""

    from_class: str
    to_class: str
    from_score: int
    to_score: int
    from_month: str
    to_month: str
    from_rules: str
    to_rules: str
    causes: tuple[Cause, ...]


def last_change(lake: Lake, entity_id: int, *, versions: int = LOOKED_AT) -> ClassChange | None:
    """Return the newest change of an entity's class among the newest versions; None where there is none to see."""
    later: tuple[TableVersion, dict[str, Any]] | None = None
    if not lake.exists(CLASSES):
        return None
    classes = _RowsOfOne(lake, CLASSES, entity_id)
    for version in lake.versions(CLASSES)[:versions]:
        row = classes.at(version.version)
        if row is None:
            return None  # registered since, or the version was cleared away
        if later is not None and row["class_code"] != later[1]["class_code"]:
            return _change(lake, entity_id, (version, row), later)
        later = version, row
    return None


class _RowsOfOne:
    """The rows of one entity in the versions of a table, which share most of their files: each file is read once."""

    def __init__(self, lake: Lake, table: str, entity_id: int) -> None:
        self._lake, self._table, self._entity_id = lake, table, entity_id
        self._by_file: dict[str, list[dict[str, Any]]] = {}

    def at(self, version: int) -> dict[str, Any] | None:
        """The row in one version; of a patched table the newest of its rows counts. None where nothing is left."""
        try:
            files = self._lake.files(self._table, version)
        except LakeError:
            return None
        rows = [row for file in files for row in self._in(file)]
        return max(rows, key=lambda row: row.get(PATCH) or 0, default=None)

    def _in(self, file: str) -> list[dict[str, Any]]:
        if file not in self._by_file:
            wanted = [("entity_id", "=", self._entity_id)]
            self._by_file[file] = pq.read_table(file, filters=wanted, partitioning=None).to_pylist()
        return self._by_file[file]


def _change(
    lake: Lake,
    entity_id: int,
    before: tuple[TableVersion, dict[str, Any]],
    after: tuple[TableVersion, dict[str, Any]],
) -> ClassChange:
    (_, old), (_, new) = before, after
    scores = _RowsOfOne(lake, SCORES, entity_id)
    return ClassChange(
        old["class_code"], new["class_code"], old["score"], new["score"],
        old["snapshot_month"], new["snapshot_month"], old["rule_version"], new["rule_version"],
        _causes(_reasons(lake, scores, *before), _reasons(lake, scores, *after)),
    )  # fmt: skip


def _reasons(
    lake: Lake, scores: _RowsOfOne, version: TableVersion, row: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The reasons behind a stored class by indicator: of the scores that were published with it."""
    known = lake.versions(SCORES) if lake.exists(SCORES) else []
    # tables of one transaction are written one after the other, the scores first
    number = next((one.version for one in known if one.written_at <= version.written_at), None)
    score = None if number is None else scores.at(number)
    if score is None:
        return None
    year, month = map(int, row["snapshot_month"].split("-"))
    weights = parameters.load("supervision/credit_class").on(
        add_months(date(year, month, 1), 1) - timedelta(days=1)
    )
    told = reasons_of({**score, "is_held_back": row["is_held_back"]}, weights, limit=None)
    return {reason.indicator_id: reason for reason in told}


def _causes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> tuple[Cause, ...]:
    if before is None or after is None:
        return ()
    found = []
    for name, told in {**before, **after}.items():  # where both have it, as it is told now
        old, new = (reasons[name].points if name in reasons else 0 for reasons in (before, after))
        if old != new or (name in before) != (name in after):
            gone = ("不再计分", "no longer counts")
            detail = (told.detail_zh, told.detail_en) if name in after else gone
            found.append(Cause(told.label_zh, told.label_en, new - old, *detail))
    return tuple(sorted(found, key=lambda cause: -abs(cause.points)))


__all__ = ["Cause", "ClassChange", "last_change"]
