"""The delivered facts that the serving store hands out, code by code, and which codes have new ones."""

import contextlib
import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from zhijian.datazone.lake import Lake
from zhijian.datazone.sql import literal
from zhijian.engines.registers.market_entities import EntityRegister, delivered_fact
from zhijian.engines.registers.records import DeliveredFact
from zhijian.engines.registers.serving import (
    ENTITIES,
    FACT_COLUMNS,
    FACTS,
    TYPED_FACTS,
    find_current,
    find_report,
    open_read_only,
)

_BATCH = 20_000
_MEMORY = "3GB"  # beyond it DuckDB sorts on the disk


class DeliveredFacts(Protocol):
    """Where facts of other systems are read from."""

    def of(self, code: str) -> list[DeliveredFact]:
        """Return the delivered facts about a code."""
        ...

    def everything(self) -> Iterator[tuple[str, list[DeliveredFact]]]:
        """Yield every code that has any with its facts, in the order of the codes."""
        ...

    def mark(self) -> str:
        """Return what names the present state of all of them."""
        ...

    def changed_since(self, mark: str) -> set[str] | None:
        """Return the codes whose facts may differ since a state, or None where that cannot be told."""
        ...


class ServedFacts:
    """Delivered facts as the serving store in use has them."""

    def __init__(self, serving: Path, lake: Lake) -> None:
        self._serving, self._lake = serving, lake
        self._register = EntityRegister(serving)

    def of(self, code: str) -> list[DeliveredFact]:
        return self._register.delivered_facts(code) if self._register.is_ready else []

    def everything(self) -> Iterator[tuple[str, list[DeliveredFact]]]:
        report = find_report(self._serving)
        rows: Iterator[DeliveredFact] = iter(())
        if report is not None and FACTS in report.sources:
            rows = self._plain()
        elif report is not None and TYPED_FACTS in report.sources:
            rows = self._typed(report.sources)
        for code, facts in groupby(rows, key=lambda fact: fact.uscc):
            yield code, list(facts)

    def mark(self) -> str:
        report = find_report(self._serving)
        state = {} if report is None else {**report.sources, "left_out": report.facts_left_out}
        names = ("format", FACTS, TYPED_FACTS, ENTITIES, "left_out")
        return json.dumps({name: state[name] for name in names if name in state}, sort_keys=True)

    def changed_since(self, mark: str) -> set[str] | None:
        before, now = json.loads(mark), json.loads(self.mark())
        if before == now:
            return set()
        is_alike = before.keys() == now.keys() and before.get("format") == now.get("format")
        was_partial = before.get("left_out") or now.get("left_out")
        if not is_alike or (was_partial and before.get(ENTITIES) != now.get(ENTITIES)):
            return None
        if FACTS in now:
            return self._in_new_files(FACTS, int(before[FACTS]))
        return self._in_new_files(TYPED_FACTS, int(before[TYPED_FACTS])) if TYPED_FACTS in now else set()

    def _plain(self) -> Iterator[DeliveredFact]:
        current = find_current(self._serving)
        assert current is not None
        query = f"select {', '.join(FACT_COLUMNS)} from facts order by uscc"  # noqa: S608
        with contextlib.closing(open_read_only(current.entities)) as store:
            for row in store.execute(query):
                yield delivered_fact(row)

    def _typed(self, sources: dict[str, int]) -> Iterator[DeliveredFact]:
        """Facts that a refresh typed, of entities whose mark as invented is their own."""
        with self._connected() as connection:
            facts = self._lake.table(connection, TYPED_FACTS, as_of=sources[TYPED_FACTS]).get_name()
            entities = self._lake.table(connection, ENTITIES, as_of=sources[ENTITIES]).get_name()
            sql = (
                f'select e.uscc, f.* from "{facts}" f join "{entities}" e using (entity_id) '  # noqa: S608
                "where f.is_synthetic = e.is_synthetic order by e.uscc"
            )
            for batch in connection.con.sql(sql).to_arrow_reader(_BATCH):
                for row in batch.to_pylist():
                    yield DeliveredFact.from_typed(row, row["uscc"])

    def _in_new_files(self, table: str, version: int) -> set[str] | None:
        added = self._lake.added_files(table, version)
        if not added:
            return None if added is None else set()
        files = ", ".join(map(literal, added))
        with self._connected() as connection:
            new = f"(select * from read_parquet([{files}], union_by_name = true))"  # noqa: S608
            if table == TYPED_FACTS:
                entities = self._lake.table(connection, ENTITIES).get_name()
                new = f'(select e.uscc from {new} join "{entities}" e using (entity_id))'  # noqa: S608
            rows = connection.con.sql(f"select distinct uscc from {new}").fetchall()  # noqa: S608
        return {str(code) for (code,) in rows}

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Any]:
        connection = self._lake.ibis()
        spill = literal(self._lake.root / ".publicity-spill")
        connection.raw_sql(f"set memory_limit = '{_MEMORY}'; set threads = 2; set temp_directory = {spill}")
        try:
            yield connection
        finally:
            connection.disconnect()


class NoFacts:
    """No other system delivered anything."""

    def of(self, code: str) -> list[DeliveredFact]:
        return []

    def everything(self) -> Iterator[tuple[str, list[DeliveredFact]]]:
        return iter(())

    def mark(self) -> str:
        return "{}"

    def changed_since(self, mark: str) -> set[str] | None:
        return set()


__all__ = ["DeliveredFact", "DeliveredFacts", "NoFacts", "ServedFacts"]
