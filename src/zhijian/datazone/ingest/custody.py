"""The file as delivered: one ingest at a time, the original kept under its hash, no half delivery left behind."""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from zhijian.datazone.ingest.errors import IngestBusy, NotEnoughSpace
from zhijian.datazone.lake import Lake
from zhijian.infrastructure.files import replace_file

_CHUNK = 1 << 20
_SPACE_FACTOR = 3  # the copy, its text in UTF-8 and the tables, against the file's own size
_SPACE_FACTOR_PACKED = 8  # the same for a packed file; registers shrink to a fourth or a fifth
_SPACE_RESERVE_BYTES = 16 << 20
# What the engines below say: the system, Rust (Delta Lake), SQLite.
_DISK_FULL_WORDS = ("No space left on device", "os error 28", "database or disk is full")


@dataclass(frozen=True)
class Delivery:
    """Who delivered which file, when, under which contract."""

    sha256: str
    file_name: str
    file_bytes: int
    contract: str
    contract_version: str
    delivered_at: str  # ISO 8601 with zone
    delivered_by: str
    source: str
    is_synthetic: bool


@contextmanager
def only_ingest(
    lake: Lake, holder: dict[str, str], *, wait: bool, on_wait: Callable[[str], None]
) -> Iterator[None]:
    """Hold the right to ingest; the system gives it back if the process dies.

    Raises:
        IngestBusy: another process holds it and `wait` is false.
    """
    lake.root.mkdir(parents=True, exist_ok=True)
    with (lake.root / "ingest.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            other = _holder_text(lock.read())
            if not wait:
                raise IngestBusy.held(other) from None
            on_wait(other)
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        lock.truncate()
        lock.write(json.dumps({**holder, "pid": str(os.getpid())}, ensure_ascii=False))
        lock.flush()
        yield


def _holder_text(content: str) -> str:
    try:
        holder = json.loads(content)
        return (
            f"{holder['by']}, {holder['file']}, {holder['contract']}, {holder['since']}, pid {holder['pid']}"
        )
    except (ValueError, KeyError):
        return "?"


@contextmanager
def staging(lake: Lake) -> Iterator[Path]:
    """Give an empty folder that is gone afterwards, and clear away those of runs that died.

    Call it while holding `only_ingest`: every other folder there belongs to a dead run.
    """
    parent = lake.root / "staging"
    shutil.rmtree(parent, ignore_errors=True)
    folder = parent / uuid.uuid4().hex
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(parent, ignore_errors=True)


def receive(path: Path, staged: Path) -> tuple[str, int]:
    """Copy the delivered file and return its SHA-256 and size in bytes."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, staged.open("wb") as copy:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest(), size


@contextmanager
def kept(lake: Lake, staged: Path, delivery: Delivery) -> Iterator[Path]:
    """Keep the original and who delivered it; if the block fails, take back what was not there before."""
    folder = lake.deliveries / delivery.sha256
    ours = folder / delivery.contract
    was_there = (folder / "original").exists()
    ours.mkdir(parents=True, exist_ok=True)
    try:
        if not was_there:
            staged.replace(folder / "original")
        content = json.dumps(asdict(delivery), ensure_ascii=False, indent=1)
        replace_file(ours / "delivery.json", content.encode())
        yield ours
    except BaseException:
        shutil.rmtree(ours if was_there else folder, ignore_errors=True)
        raise


def needed_bytes(path: Path) -> int:
    """Return the room that this file may need while it is taken in, in bytes."""
    with path.open("rb") as file:
        is_packed = file.read(2) in (b"\x1f\x8b", b"PK")
    factor = _SPACE_FACTOR_PACKED if is_packed else _SPACE_FACTOR
    return path.stat().st_size * factor + _SPACE_RESERVE_BYTES


def refuse_if_full(lake: Lake, path: Path) -> None:
    """Refuse before anything is written where the disk has clearly too little room.

    Raises:
        NotEnoughSpace: less is free than the delivery needs.
    """
    needed, free = needed_bytes(path), free_bytes(lake.root)
    if free < needed:
        raise NotEnoughSpace.needing(needed, free, str(lake.root))


def free_bytes(path: Path) -> int:
    """Return the free room of the disk on which `path` lies or would lie."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def is_disk_full(problem: BaseException) -> bool:
    """Say whether an error, of Python or of an engine below it, means that the disk is full."""
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    text = str(problem)
    return any(words in text for words in _DISK_FULL_WORDS)
