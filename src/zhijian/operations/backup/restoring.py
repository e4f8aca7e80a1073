"""Bring a backup back into an empty home, all of it or nothing."""

import errno
import hashlib
import json
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhijian.datazone.ingest.custody import is_disk_full
from zhijian.datazone.lake import Lake
from zhijian.infrastructure.home import Home
from zhijian.operations.backup import databases
from zhijian.operations.backup.errors import BackupRefused
from zhijian.operations.backup.locks import Opener
from zhijian.operations.backup.making import KEYS_SUFFIX, MANIFEST, mib
from zhijian.operations.backup.sealing import SealedReader

_COPY = 1 << 20  # bytes at a time


@dataclass(frozen=True)
class Restored:
    """What came back: when the backup was made, of which version, and how many files and tables of the lake."""

    made_at: str
    version: str
    files: int
    tables: int


def restore(
    home: Home, database: Mapping[str, Any], source: Path, *, opener: Opener, keys_opener: Opener
) -> Restored:
    """Fill an empty home and an empty database from a backup and its file of keys.

    Every chunk, every file's hash and every table of the lake is checked beside the home before anything takes its place.

    Raises:
        BackupRefused: the home or the database is not empty, the passphrase or key is wrong, the backup was changed or is cut
            off, or it is of another kind of database.
    """
    refuse_full(home)
    databases.refuse_full(database)
    home.root.mkdir(parents=True, exist_ok=True)
    keys = source.with_name(source.name + KEYS_SUFFIX)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home.root) as folder:
        aside = Path(folder)
        unpack(keys, keys_opener, aside, holds="keys")
        said = unpack(source, opener, aside, holds="records")
        _refuse_other_kind(said, database)
        tables = check_lake(Lake(aside / "lake"))
        databases.load(database, aside / str(said["database"]))
        (aside / str(said["database"])).unlink()
        for path in sorted(aside.iterdir()):
            path.rename(home.root / path.name)
    return Restored(str(said["made_at"]), str(said["version"]), len(said["files"]), tables)


def refuse_full(home: Home) -> None:
    """Refuse a home in which something lies.

    Raises:
        BackupRefused: it is not empty.
    """
    found = [path.name for path in home.root.iterdir()] if home.root.exists() else []
    if found:
        raise BackupRefused(
            f"{home.root} 不是空目录（有 {'、'.join(sorted(found)[:3])} 等）。恢复只写入空目录，以免覆盖：请换一个 ZHIJIAN_HOME，或移走原有内容。",
            f"{home.root} is not empty (it holds {', '.join(sorted(found)[:3])}). A restore only fills an empty home: name another ZHIJIAN_HOME, or move that one away.",
        )


def _refuse_other_kind(said: Mapping[str, Any], database: Mapping[str, Any]) -> None:
    if said["database"] != databases.member(database):
        kinds = {databases.SQLITE: "SQLite", databases.POSTGRESQL: "PostgreSQL"}
        was, now = kinds.get(said["database"], "?"), kinds[databases.member(database)]
        raise BackupRefused(
            f"备份里的数据库是 {was}，而现在设置的是 {now}。请按备份设置 ZHIJIAN_DATABASE_URL（SQLite 则不设置）。",
            f"The backup holds a {was} database, but {now} is set. Set ZHIJIAN_DATABASE_URL accordingly, or leave it out for SQLite.",
        )


def unpack(source: Path, opener: Opener, target: Path, *, holds: str) -> dict[str, Any]:
    """Unpack one file of a backup into a folder and compare it with its manifest; return the manifest.

    Raises:
        BackupRefused: a wrong passphrase or key, a file that was changed or cut off, or too little room.
    """
    try:
        return _unpacked(source, opener, target, holds=holds)
    except OSError as problem:
        if is_disk_full(problem) or problem.errno == errno.EFBIG:
            raise _no_room(source, target, problem) from problem
        raise


def _no_room(source: Path, target: Path, problem: OSError) -> BackupRefused:
    free, needed = shutil.disk_usage(target).free, source.stat().st_size
    return BackupRefused(
        f"{target.parent} 所在磁盘放不下 {source.name}（{problem.strerror}）：剩余 {mib(free)}，解开约需 {mib(needed)}。没有恢复任何东西；"
        "请腾出空间，并核对文件大小限制（ulimit -f），再重试。",
        f"The disk of {target.parent} cannot take {source.name} ({problem.strerror}): {mib(free)} are free, about {mib(needed)} are needed to "
        "unpack it. Nothing was restored; make room, look at the limit of file sizes (ulimit -f), and run it again.",
    )


def _unpacked(source: Path, opener: Opener, target: Path, *, holds: str) -> dict[str, Any]:
    if not source.exists():
        raise BackupRefused(
            f"找不到 {source}。备份由两个文件组成：记录（FILE）和密钥（FILE{KEYS_SUFFIX}），恢复时要放在一起。",
            f"{source} is missing. A backup is two files, FILE and FILE{KEYS_SUFFIX} (the keys); put them side by side.",
        )
    found: dict[str, dict[str, Any]] = {}
    said: dict[str, Any] | None = None
    with source.open("rb") as file:
        reader = SealedReader(file, opener, name=source.name)
        with tarfile.open(fileobj=reader, mode="r|", bufsize=_COPY) as tar:  # type: ignore[call-overload]
            for member in tar:
                content = tar.extractfile(member)
                if content is None or not _is_plain(member.name):
                    raise _differs(source, member.name)
                if member.name == MANIFEST:
                    said = json.loads(content.read())
                else:
                    found[member.name] = _write(content, target / member.name)
        while reader.read(_COPY):  # to the last chunk, whose seal says that nothing is cut off
            pass
    if said is None or said.get("holds") != holds:
        raise _differs(source, MANIFEST)
    for name in sorted(found.keys() | said["files"].keys()):
        if found.get(name) != said["files"].get(name):
            raise _differs(source, name)
    return said


def _is_plain(name: str) -> bool:
    return not name.startswith("/") and ".." not in name.split("/")


def _write(content: Any, path: Path) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    total, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        while data := content.read(_COPY):
            file.write(data)
            total.update(data)
            size += len(data)
    return {"bytes": size, "sha256": total.hexdigest()}


def _differs(source: Path, name: str) -> BackupRefused:
    return BackupRefused(
        f"{source.name} 里的 {name} 与清单不符，没有恢复。请换一份备份。",
        f"{name} in {source.name} differs from the manifest; nothing was restored. Take another backup.",
    )


def check_lake(lake: Lake) -> int:
    """Open every table and compare the length of its files with its log; return how many there are."""
    tables = lake.tables()
    for table in tables:
        lake.files(table)
    return len(tables)
