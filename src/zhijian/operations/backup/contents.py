"""What a backup holds, read so that a home that is in use comes out consistent.

The order is what makes it so. Published files and the lake are listed first, the database is copied next, evidence last.
Seals, day roots and the lake's copy of our facts are made *from* the database, so an older copy of them is made up to
date again by the usual jobs, while a newer one would speak of facts that the database lacks. Evidence is named by its
hash and written before the row that names it, so a later listing holds all that the database names. Keys are read before
and after all of it, so that every text opens whichever key was new or taken away meanwhile.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from zhijian.datazone.lake import Lake
from zhijian.infrastructure.home import Home

BEFORE_DATABASE = ("published", "publicity", "private", "parameters", "sources", "operations", "demo")
AFTER_DATABASE = ("media",)
KEYS = ("secret_key", "keys", "zhijian.conf")
REBUILT = ("serving", "static")  # `zhijian serving build` and `zhijian serve` make them again


@dataclass(frozen=True)
class Item:
    """A file of the home: its name in the backup, where it lies, its length (bytes) and which file it was when it was listed."""

    name: str
    path: Path
    size: int
    inode: int | None = None

    def is_exchanged(self, inode: int) -> bool:
        """Say whether another file took its place since: one that is replaced whole, and not written on."""
        return self.inode is not None and inode != self.inode


def listed(home: Home, folders: tuple[str, ...]) -> list[Item]:
    """Return the files of folders of the home, but for what a writer has not finished."""
    return [item for folder in folders for item in _below(home.root, home.root / folder)]


def _below(root: Path, start: Path) -> Iterator[Item]:
    paths = [start] if start.is_file() else sorted(start.rglob("*"))
    for path in paths:
        name = path.relative_to(root).as_posix()
        is_unfinished = any(part.startswith(".") for part in path.relative_to(root).parts)
        is_of_sqlite = path.name.endswith((".sqlite3-wal", ".sqlite3-shm"))
        if is_unfinished or is_of_sqlite or path.suffix == ".lock" or not path.is_file():
            continue
        found = path.stat()
        yield Item(name, path, found.st_size, found.st_ino)


def lake_items(home: Home) -> tuple[bytes, list[Item]]:
    """Return the lake's catalogue and the files that what it names consists of.

    Files of published versions are never changed, so they may be copied long after the catalogue was read. Log entries
    that came later are left out; a data file that no log entry names does no harm.
    """
    lake, catalogue = Lake(home.lake), home.lake / "catalog.json"
    content = catalogue.read_bytes() if catalogue.exists() else b""
    newest = {lake.path(name): lake.version(name) for name in lake.tables()} if content else {}
    found = []
    for item in _below(home.root, home.lake):
        if item.path == catalogue or item.path.name == "_last_checkpoint":  # a hint that is made again
            continue
        if item.path.parent.name == "_delta_log":
            table = item.path.parent.parent
            number = item.path.name.split(".", 1)[0]
            if table not in newest or not number.isdigit() or int(number) > newest[table]:
                continue
        found.append(item)
    return content, found


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite file as one transaction sees it, while others write to it."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=60)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        reader.backup(writer)
