"""Keeping the lake: which version stood when, restoring one, pinning one, giving back the room of old ones."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from zhijian.datazone.lake import CorruptFile, Lake, LakeError, NoSuchVersion, TableVersion
from zhijian.infrastructure.files import replace_file
from zhijian.standards import parameters
from zhijian.standards.calendar import ZONE, statutory_day

RETENTION = "data/lake_retention_days"


@dataclass(frozen=True)
class Vacuumed:
    """What leaves, or would leave: versions by table, and the files that no kept version needs."""

    versions: dict[str, list[int]]
    files: list[Path]
    bytes: int
    pinned: dict[str, list[int]]
    is_dry_run: bool


def resolve_version(lake: Lake, table: str, when: str) -> int:
    """Return the published version that is meant by a number, a day (its end in China) or a time.

    Raises:
        NoSuchTable: nothing was published under this name.
        NoSuchVersion: no such number, or nothing had been published by then.
        LakeError: `when` is none of the three.
    """
    versions = lake.versions(table)
    if re.fullmatch(r"\d{1,7}", when):
        if int(when) in {one.version for one in versions}:
            return int(when)
        raise NoSuchVersion(
            f"Table {table!r} has no published version {when}; `zhijian lake history {table}`."
        )
    until = _moment(when)
    standing = [one for one in versions if one.written_at <= until]
    if not standing:
        first = versions[-1].written_at.astimezone(ZONE)
        raise NoSuchVersion(
            f"Table {table!r} had no version on {when}; its first came at {first:%Y-%m-%d %H:%M}."
        )
    return max(standing, key=lambda one: one.version).version


def _moment(text: str) -> datetime:
    """Read a day as its last instant in China, a time without a zone as a time in China."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return datetime.combine(date.fromisoformat(text), time.max, ZONE)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise LakeError(
            f"{text!r} is no version, day or time; write 12, 2026-11-22 or 2026-11-22T10:42."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def restore(lake: Lake, table: str, to: int, *, by: str, at: datetime, reason: str) -> int:
    """Publish the rows of an earlier version as a new version and return its number; nothing is taken away.

    Raises:
        NoSuchVersion: `to` was never published.
        CorruptFile: that version cannot be read any more.
        LakeError: no reason is given.
    """
    _need_reason(reason)
    noted = {
        "restored_from": str(to),
        "by": by,
        "at": at.isoformat(timespec="seconds"),
        "reason": reason.strip(),
    }
    with lake.transaction() as transaction:
        return transaction.restore(table, to, properties=noted)


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise LakeError("This needs a reason: it stays in the table's history. Add --reason.")


def history(lake: Lake, table: str) -> list[dict[str, Any]]:
    """Return every published version, newest first: rows, bytes, files, when, and what was noted with it."""
    pins = pinned(lake).get(table, {})
    return [_entry(lake, table, one, pins.get(str(one.version))) for one in lake.versions(table)]


def _entry(lake: Lake, table: str, one: TableVersion, pin_reason: str | None) -> dict[str, Any]:
    sizes = lake.sizes(table, one.version)
    return {
        "version": one.version,
        "written_at": one.written_at,
        "rows": lake.count(table, one.version) if all(path.exists() for path in sizes) else None,
        "files": len(sizes),
        "bytes": sum(sizes.values()),
        "pinned": pin_reason,
        "noted": one.properties,
    }


def pinned(lake: Lake) -> dict[str, dict[str, str]]:
    """Return by table the versions that never leave, each with its reason."""
    pins: dict[str, dict[str, str]] = lake._whole_catalog().get("pins", {})
    return pins


def pin(lake: Lake, table: str, version: int, *, reason: str) -> None:
    """Keep a published version for ever: a decision or a publication rests on it.

    Raises:
        NoSuchVersion: it was never published.
        LakeError: no reason is given.
    """
    _need_reason(reason)
    with lake._writing():
        lake.files(table, version)
        content = lake._whole_catalog()
        content.setdefault("pins", {}).setdefault(table, {})[str(version)] = reason.strip()
        _replace_catalog(lake, content)


def vacuum(lake: Lake, *, at: datetime, dry_run: bool = True, tables: list[str] | None = None) -> Vacuumed:
    """Give back the room of versions that nobody may ask for any more, by the retention of their layer.

    A version stays while it is the newest, while it was replaced less than the retention ago, and while it is
    pinned. First the catalogue forgets the leaving versions, then their files go: a reader never meets a version
    without its files, and a run that dies in between is finished by the next.
    """
    with lake._writing():
        every = tables or lake.tables()
        leaving = {name: versions for name in every if (versions := _leaving(lake, name, at))}
        files = {path for name in every for path in _files_without_need(lake, name, leaving.get(name, []))}
        size = sum(path.stat().st_size for path in files)
        if not dry_run:
            _forget(lake, leaving)
            for path in files:
                path.unlink(missing_ok=True)
    pins = {name: sorted(map(int, versions)) for name, versions in pinned(lake).items()}
    return Vacuumed(leaving, sorted(files), size, pins, dry_run)


def retention_days(table: str, on: date) -> int:
    """Return for how many days a version of the table's layer can be asked for after it was replaced."""
    days: dict[str, int] = parameters.load(RETENTION).on(on)
    return days[table.split("_", 1)[0]]


def _leaving(lake: Lake, table: str, at: datetime) -> list[int]:
    """Versions that were replaced before the retention began, and are not pinned."""
    begins = at - timedelta(days=retention_days(table, statutory_day(at)))
    newest_first, pins = lake.versions(table), pinned(lake).get(table, {})
    followed = zip(newest_first[1:], newest_first, strict=False)
    return sorted(
        old.version
        for old, next_one in followed
        if next_one.written_at < begins and str(old.version) not in pins
    )


def _files_without_need(lake: Lake, table: str, leaving: list[int]) -> set[Path]:
    """Data files of the folder that no staying version names; also what dead writers left."""
    staying = [version for version in lake._published(table) if version not in leaving]
    needed = {path for version in staying for path in lake.sizes(table, version)}
    there = {path for path in lake.path(table).rglob("*.parquet") if "_delta_log" not in path.parts}
    return there - needed


def _forget(lake: Lake, leaving: dict[str, list[int]]) -> None:
    content = lake._whole_catalog()
    for table, versions in leaving.items():
        content["tables"][table] = [one for one in content["tables"][table] if one not in versions]
    _replace_catalog(lake, content)


def _replace_catalog(lake: Lake, content: dict[str, Any]) -> None:
    replace_file(lake.root / "catalog.json", json.dumps(content, indent=1, ensure_ascii=False).encode())


def check(lake: Lake, table: str, as_of: int | None = None) -> int:
    """Read every page of a version and return its number of rows: finds damage that keeps a file's length.

    Raises:
        CorruptFile: a file cannot be read.
    """
    version = lake.version(table) if as_of is None else as_of
    rows = 0
    lake.files(table, as_of)
    for path in lake.sizes(table, as_of):
        try:
            pages = pq.ParquetFile(path, page_checksum_verification=True)
            rows += sum(batch.num_rows for batch in pages.iter_batches())
        except (OSError, ValueError) as problem:
            mend = lake._mend(table, path)
            raise CorruptFile(
                f"Table {table!r}, version {version}: file {path.name} cannot be read ({problem}). {mend}"
            ) from problem
    return rows
