"""The last change of one entity's class, read from the versions of the tables that the lake keeps, with what caused it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

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
    for version in lake.versions(CLASSES)[:versions]:
        row = _row(lake, CLASSES, entity_id, version.version)
        if row is None:
            return None  # registered since, or the version was cleared away
        if later is not None and row["class_code"] != later[1]["class_code"]:
            return _change(lake, entity_id, (version, row), later)
        later = version, row
    return None


def _row(lake: Lake, table: str, entity_id: int, version: int) -> dict[str, Any] | None:
    """The row of an entity in one version; of a patched table the newest of its rows counts."""
    try:
        rows = lake.read_where(table, [("entity_id", "=", entity_id)], version).to_pylist()
    except LakeError:
        return None
    return max(rows, key=lambda row: row.get(PATCH) or 0, default=None)


def _change(
    lake: Lake,
    entity_id: int,
    before: tuple[TableVersion, dict[str, Any]],
    after: tuple[TableVersion, dict[str, Any]],
) -> ClassChange:
    (_, old), (_, new) = before, after
    return ClassChange(
        old["class_code"], new["class_code"], old["score"], new["score"],
        old["snapshot_month"], new["snapshot_month"], old["rule_version"], new["rule_version"],
        _causes(_reasons(lake, entity_id, *before), _reasons(lake, entity_id, *after)),
    )  # fmt: skip


def _reasons(
    lake: Lake, entity_id: int, version: TableVersion, row: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The reasons behind a stored class by indicator: of the scores that were published with it."""
    known = lake.versions(SCORES) if lake.exists(SCORES) else []
    # tables of one transaction are written one after the other, the scores first
    number = next((one.version for one in known if one.written_at <= version.written_at), None)
    score = None if number is None else _row(lake, SCORES, entity_id, number)
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
