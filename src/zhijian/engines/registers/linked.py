"""Facts and classes of one entity, read from the lake's own files: linked beside a store, never copied or sorted anew.

The files are written in the order of the entities' numbers, so that of a number only the row groups whose range has
it are read.
"""

import json
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from zhijian.datazone.files import PATCH, is_patch

_OWN = ("uscc", "class_code", "score", "rule_version", "snapshot_month", "is_insufficient")
_APART = {"entity_id", PATCH, *_OWN}


class Linked:
    """The files of one folder, as they stand for the store that it belongs to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        connection.execute("set threads = 1; set memory_limit = '512MB'; set parquet_metadata_cache = true")
        return connection

    def facts(self, entity_id: int) -> list[dict[str, Any]]:
        """Return the typed facts of an entity, newest first."""
        rows = self._of_entity("", entity_id)
        return sorted(rows, key=lambda row: (row["occurred_on"], row["source_key"]), reverse=True)

    def credit_class(self, entity_id: int) -> dict[str, Any] | None:
        """Return the class of an entity with the points and counts of its score that are not zero."""
        found = self._newest("class", entity_id)
        if found is None:
            return None
        score = self._newest("score", entity_id) or {}
        measured = {name: int(value) for name, value in score.items() if value and name not in _APART}
        if found["is_held_back"]:
            measured["is_held_back"] = 1
        return {**{name: found[name] for name in _OWN}, "measured": measured}

    def cut(self) -> int | None:
        """Return the score from which the quota lets an entity be D."""
        cuts = json.loads((self.folder / "cut.json").read_text("utf-8"))
        return int(cuts[0]) if cuts else None

    def _newest(self, part: str, entity_id: int) -> dict[str, Any] | None:
        """Return the row of an entity: of the newest patch that has it, else of the base."""
        rows = self._of_entity(part, entity_id)
        return max(rows, key=lambda row: row.get(PATCH) or 0, default=None)

    def _of_entity(self, part: str, entity_id: int) -> list[dict[str, Any]]:
        files = sorted(str(path) for path in (self.folder / part).glob("*.parquet"))
        found: list[dict[str, Any]] = []
        for some in ([f for f in files if not is_patch(f)], [f for f in files if is_patch(f)]):
            if not some:
                continue
            query = "select * from read_parquet(?, union_by_name = true) where entity_id = ?"
            with self._lock:
                result = self._connection.execute(query, [some, entity_id])
                names = [column[0] for column in result.description or ()]
                found += [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        return found
