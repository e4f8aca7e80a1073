"""Facts and classes of one entity, read from the lake's own files: linked beside a store, never copied or sorted anew.

The files have small row groups, in or nearly in the order of the entities' numbers. What range each has is read once
for a store; of a number only the groups whose range has it are opened.
"""

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhijian.datazone.files import PATCH

_OWN = ("uscc", "class_code", "score", "rule_version", "snapshot_month", "is_insufficient")
_KEY = "entity_id"
_APART = {_KEY, PATCH, *_OWN}


class Linked:
    """The files of one folder, as they stand for the store that it belongs to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._parts: dict[str, list[_EntityFile]] = {}

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

    def sector_class(self, entity_id: int) -> dict[str, Any] | None:
        """Return the row of the classes of an entity in the sectors; None if the store was linked without any."""
        return self._newest("sector", entity_id)

    def _of_entity(self, part: str, entity_id: int) -> list[dict[str, Any]]:
        with self._lock:
            if part not in self._parts:
                paths = sorted((self.folder / part).glob("*.parquet"))
                self._parts[part] = [_EntityFile(path) for path in paths]
            return [row for file in self._parts[part] for row in file.rows(entity_id)]


class _EntityFile:
    """One file, and which entities each of its row groups reaches from and to."""

    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetFile(path, memory_map=True)
        about = self._file.metadata
        place = self._file.schema.names.index(_KEY)
        ranges = [about.row_group(number).column(place).statistics for number in range(about.num_row_groups)]
        self._from = np.array([one.min for one in ranges], dtype="int64")
        self._to = np.array([one.max for one in ranges], dtype="int64")

    def rows(self, entity_id: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for number in np.flatnonzero((self._from <= entity_id) & (self._to >= entity_id)).tolist():
            ids = self._file.read_row_group(number, [_KEY], use_threads=False).column(0)
            its_own = pc.equal(ids, entity_id)
            if pc.any(its_own).as_py():
                found += self._file.read_row_group(number, use_threads=False).filter(its_own).to_pylist()
        return found
