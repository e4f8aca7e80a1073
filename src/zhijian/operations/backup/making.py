"""Make a backup: two encrypted files, each whole or not there at all."""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from zhijian.datazone.ingest.custody import is_disk_full
from zhijian.infrastructure.home import Home
from zhijian.operations.backup import contents, databases
from zhijian.operations.backup.contents import Item
from zhijian.operations.backup.errors import BackupRefused
from zhijian.operations.backup.locks import Known, Lock
from zhijian.operations.backup.sealing import SealedWriter

MANIFEST = "manifest.json"
KEYS_SUFFIX = ".keys"
_COPY = 1 << 20  # bytes at a time
_RESERVE = 64 << 20  # bytes that stay free beside a backup


@dataclass(frozen=True)
class Made:
    """A finished backup: where its two files lie, the bytes and SHA-256 of the first, and how many files it holds.

    `opener` and `keys_opener` read the two files back in the process that made them, which nobody may be able to after it.
    """

    file: Path
    keys: Path
    size: int
    sha256: str
    files: int
    opener: Known
    keys_opener: Known


@dataclass
class _Archive:
    """A tar stream whose last member is the list of all others with length and SHA-256."""

    tar: tarfile.TarFile
    sealed: SealedWriter
    listed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, item: Item) -> None:
        """Copy a file as long as it was when it was listed, or whole as it is now where another took its place meanwhile.

        One that is gone since then belonged to nothing published.
        """
        try:
            with item.path.open("rb") as file:
                now = os.fstat(file.fileno())
                self._put(item.name, file, now.st_size if item.is_exchanged(now.st_ino) else item.size)
        except FileNotFoundError:
            return

    def add_bytes(self, name: str, content: bytes) -> None:
        self._put(name, io.BytesIO(content), len(content))

    def finish(self, **said: Any) -> None:
        text = json.dumps({**said, "files": self.listed}, ensure_ascii=False).encode()
        self._member(MANIFEST, io.BytesIO(text), len(text))

    def _put(self, name: str, file: IO[bytes], size: int) -> None:
        hashing = _Hashing(file)
        self._member(name, hashing, size)
        self.listed[name] = {"bytes": size, "sha256": hashing.sum.hexdigest()}

    def _member(self, name: str, file: Any, size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self.tar.addfile(member, file)


class _Hashing:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sum = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sum.update(data)
        return data


def make(
    home: Home,
    database: Mapping[str, Any],
    target: Path,
    *,
    lock: Lock,
    keys_lock: Lock,
    at: datetime,
    version: str,
) -> Made:
    """Back up a home that is in use to `target`, and its keys to a file beside it under a lock of their own.

    Raises:
        BackupRefused: a file of that name exists, or there is no room; nothing half-done is left.
    """
    keys = target.with_name(target.name + KEYS_SUFFIX)
    for path in (target, keys):
        if path.exists():
            raise BackupRefused(
                f"{path} 已存在，备份不会覆盖它。请换一个文件名。",
                f"{path} exists and is not overwritten. Take another name.",
            )
    said = {"made_at": at.isoformat(), "version": version, "database": databases.member(database)}
    kept = _read_keys(home)
    with _written_whole(target, lock) as archive:
        _fill(archive, home, database, target)
        archive.finish(**said, holds="records")
    try:
        keys_opener = _write_keys(keys, keys_lock, kept | _read_keys(home), said)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    size, sha256 = target.stat().st_size, archive.sealed.sum.hexdigest()
    return Made(target, keys, size, sha256, len(archive.listed), archive.sealed.opener, keys_opener)


def _read_keys(home: Home) -> dict[str, bytes]:
    """Read the keys. Before the records, for one that is taken away meanwhile; after them, for one that is new meanwhile."""
    found = {}
    for item in contents.listed(home, contents.KEYS):
        with suppress(FileNotFoundError):  # taken away since it was listed
            found[item.name] = item.path.read_bytes()
    return found


def _write_keys(path: Path, lock: Lock, keys: Mapping[str, bytes], said: Mapping[str, Any]) -> Known:
    with _written_whole(path, lock) as archive:
        for name, content in sorted(keys.items()):
            archive.add_bytes(name, content)
        archive.finish(**said, holds="keys")
    return archive.sealed.opener


def _fill(archive: _Archive, home: Home, database: Mapping[str, Any], target: Path) -> None:
    """Put everything into the archive in the order that keeps it consistent; see `contents`."""
    before = contents.listed(home, contents.BEFORE_DATABASE)
    catalogue, lake = contents.lake_items(home)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=home.root) as folder:
        dumped = Path(folder) / databases.member(database)
        if databases.is_sqlite(database):
            _refuse_small(home.root, Path(str(database["NAME"])).stat().st_size)
        databases.dump(database, dumped)
        after = contents.listed(home, contents.AFTER_DATABASE)
        items = [*before, *lake, Item(dumped.name, dumped, dumped.stat().st_size), *after]
        _refuse_small(target.parent, sum(item.size for item in items))
        for item in items:
            archive.add(_still(item, Path(folder)))
    if catalogue:
        archive.add_bytes("lake/catalog.json", catalogue)


def _still(item: Item, folder: Path) -> Item:
    """Return a file that nobody writes to: of a SQLite file beside the database, a copy."""
    if item.path.suffix != ".sqlite3" or item.path.parent == folder:
        return item
    copy = folder / "copy.sqlite3"
    copy.unlink(missing_ok=True)
    contents.copy_sqlite(item.path, copy)
    return Item(item.name, copy, copy.stat().st_size)


@contextmanager
def _written_whole(path: Path, lock: Lock) -> Iterator[_Archive]:
    """Give an archive to fill; the file gets its name only when all of it lies on the disk."""
    part = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            writer = SealedWriter(file, lock)
            with tarfile.open(fileobj=writer, mode="w|", format=tarfile.PAX_FORMAT, bufsize=_COPY) as tar:  # type: ignore[call-overload]
                archive = _Archive(tar, writer)
                yield archive
            writer.close()
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except Exception as problem:
        part.unlink(missing_ok=True)
        if is_disk_full(problem):
            raise _full(path.parent) from problem
        raise
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _refuse_small(folder: Path, needed: int) -> None:
    if shutil.disk_usage(folder).free < needed + _RESERVE:
        raise _full(folder, needed + _RESERVE)


def _full(folder: Path, needed: int | None = None) -> BackupRefused:
    free = shutil.disk_usage(folder).free
    zh = f"，约需 {mib(needed)}，还差 {mib(needed - free)}" if needed else ""
    en = f", about {mib(needed)} are needed, {mib(needed - free)} more than there are" if needed else ""
    return BackupRefused(
        f"{folder} 所在磁盘空间不足：剩余 {mib(free)}{zh}。没有生成备份，也没有留下半个文件；请腾出空间或换一块磁盘后重试。",
        f"The disk of {folder} has too little room: {mib(free)} are free{en}. No backup was made and no half file was left; "
        "make room or name another disk, and run it again.",
    )


def mib(size: int) -> str:
    """Say a number of bytes as a person reads it."""
    return f"{-(-size // (1 << 20)):,} MiB"
