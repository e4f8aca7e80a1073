"""Do the delivered facts of the serving store equal those of the lake? No seal covers the store, so it is compared.

The store says from which version of the lake it was built; each of its facts must stand in that version, column by
column, and each fact of that version about an entity of the register must stand in the store. A build leaves out
facts whose mark as invented differs from their subject's, so those may be absent.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from zhijian.datazone.lake import Lake, LakeError
from zhijian.engines.registers.segment import plain_column
from zhijian.engines.registers.serving import (
    ENTITIES,
    FACT_COLUMNS,
    FACTS,
    ServingReport,
    find_current,
    find_report,
    open_read_only,
)

Row = tuple[Any, ...]
_ID, _USCC, _KIND, _DAY, _FLAG = (
    FACT_COLUMNS.index(name) for name in ("fact_id", "uscc", "kind", "occurred_on", "is_synthetic")
)
_BATCH = 20_000
NAMED = 20
"""How many differences are named one by one; the rest is counted."""


@dataclass(frozen=True)
class Difference:
    """One delivered fact that the store has otherwise than the lake."""

    where: str  # id of the fact
    message_zh: str
    message_en: str


@dataclass
class Comparison:
    """How a comparison went; read `differences()` to its end. `facts` is None where no store was built."""

    lake: Lake
    serving_dir: Path
    facts: int | None = None
    found: int = 0
    _missing: list[Row] = field(default_factory=list)

    def differences(self) -> Iterator[Difference]:
        """Compare everything and yield what differs: at most `NAMED`, then how many more."""
        current, report = find_current(self.serving_dir), find_report(self.serving_dir)
        if current is None or report is None:
            return
        self.facts = 0
        try:
            yield from self._capped(current.entities, report)
        except LakeError as problem:
            self.found += 1
            yield Difference(
                current.entities.name,
                f"服务库所依据的数据湖版本已不在，无法比对：{problem}",
                f"The version of the lake that the store was built from is gone, nothing to compare with: {problem}",
            )

    def _capped(self, store: Path, report: ServingReport) -> Iterator[Difference]:
        for difference in self._all(store, report):
            self.found += 1
            if self.found <= NAMED:
                yield difference
        if self.found > NAMED:
            more = self.found - NAMED
            yield Difference(
                store.name,
                f"服务库中另有 {more:,} 条交付事实与数据湖不一致。",
                f"Another {more:,} delivered facts of the store differ from the lake.",
            )

    def _all(self, store: Path, report: ServingReport) -> Iterator[Difference]:
        of_store, of_lake = _stored(store), _delivered(self.lake, report.sources.get(FACTS))
        for here, there in _side_by_side(of_store, of_lake):
            self.facts = (self.facts or 0) + sum(here.values())
            for row in (here - there).elements():
                yield _surplus(row, {str(one[_ID]) for one in there})
            self._missing += (there - here).elements()
        yield from self._absent(report)

    def _absent(self, report: ServingReport) -> Iterator[Difference]:
        """Name facts that the store should have: those of an entity whose mark as invented is their own."""
        for start in range(0, len(self._missing), _BATCH):
            rows = self._missing[start : start + _BATCH]
            codes = sorted({str(row[_USCC]) for row in rows})
            found = self.lake.read_where(
                ENTITIES, [("uscc", "in", codes)], as_of=report.sources.get(ENTITIES)
            )
            marks = dict(zip(found["uscc"].to_pylist(), found["is_synthetic"].to_pylist(), strict=True))
            for row in rows:
                if marks.get(row[_USCC]) is bool(row[_FLAG]):
                    yield Difference(
                        str(row[_ID]),
                        f"数据湖中的交付事实 {row[_ID]}（{_label(row)}）在服务库中没有，或内容不同。",
                        f"Delivered fact {row[_ID]} ({_label(row)}) of the lake is missing in the store, or differs there.",
                    )


def _surplus(row: Row, delivered_ids: set[str]) -> Difference:
    if str(row[_ID]) in delivered_ids:
        return Difference(
            str(row[_ID]),
            f"服务库中的交付事实 {row[_ID]}（{_label(row)}）与数据湖中的不同：被改动。",
            f"Delivered fact {row[_ID]} ({_label(row)}) of the store is not what the lake has: it was altered.",
        )
    return Difference(
        str(row[_ID]),
        f"服务库中的事实 {row[_ID]}（{_label(row)}）从未交付到数据湖：被插入。",
        f"Fact {row[_ID]} ({_label(row)}) of the store was never delivered to the lake: it was inserted.",
    )


def _label(row: Row) -> str:
    return f"{row[_KIND]} {row[_USCC]} {row[_DAY]}"


def _side_by_side(
    one: Iterator[tuple[str, Row]], other: Iterator[tuple[str, Row]]
) -> Iterator[tuple[Counter[Row], Counter[Row]]]:
    """Walk two lists that are sorted by the same key, and count the rows of each key on both sides."""
    of_one, of_other = (groupby(rows, key=lambda keyed: keyed[0]) for rows in (one, other))
    left, right = _next(of_one), _next(of_other)
    while left or right:
        key = min(side[0] for side in (left, right) if side)
        here = left[1] if left and left[0] == key else Counter[Row]()
        there = right[1] if right and right[0] == key else Counter[Row]()
        yield here, there
        left = _next(of_one) if left and left[0] == key else left
        right = _next(of_other) if right and right[0] == key else right


def _next(groups: Iterator[tuple[str, Iterator[tuple[str, Row]]]]) -> tuple[str, Counter[Row]] | None:
    found = next(groups, None)
    return (found[0], Counter(row for _, row in found[1])) if found else None


def _stored(path: Path) -> Iterator[tuple[str, Row]]:
    """Yield the store's rows by subject, whatever somebody put into them."""
    query = f"select cast(uscc as text), {', '.join(FACT_COLUMNS)} from facts order by cast(uscc as text)"  # noqa: S608
    with contextlib.closing(open_read_only(path)) as store:
        store.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        for key, *row in store.execute(query):
            yield key, tuple(str(value) if isinstance(value, bytes) else value for value in row)


def _delivered(lake: Lake, version: int | None) -> Iterator[tuple[str, Row]]:
    """Yield the lake's rows by subject, written as a build writes them."""
    if version is None:
        return
    connection = lake.ibis()
    try:
        view = lake.table(connection, FACTS, as_of=version).get_name()
        sql = f'select {", ".join(FACT_COLUMNS)} from "{view}" order by uscc'  # noqa: S608
        for batch in connection.con.sql(sql).to_arrow_reader(_BATCH):
            for row in zip(*(plain_column(column) for column in batch.columns), strict=True):
                yield row[_USCC], row
    finally:
        connection.disconnect()
