"""The register made ready for linking: rows, codes and ladders as arrays that are mapped from disk, not read."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhijian.datazone.linkage.blocking import CAP, LADDERS, Values, find, keys_of
from zhijian.datazone.linkage.rows import ROW, Rows, rows_of

FORMAT = 1
CHUNK = 100_000  # rows parsed at once
ENTITY_COLUMNS = (
    "uscc", "name", "address", "prefecture_code", "county_code", "representative_id", "phone_id",
)  # fmt: skip
Progress = Callable[[str, float], None]


class NoIndex(LookupError):
    """No register was made ready for linking here, or one of another format."""


@dataclass(frozen=True)
class RegisterIndex:
    """Entities as rows, in the order of their codes, with a sorted key and the place of its row for each ladder."""

    rows: Rows
    codes: npt.NDArray[np.bytes_]
    ladders: tuple[tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]], ...]
    is_synthetic: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def candidates(self, rows: Rows, cap: int = CAP) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Pairs (place in `rows`, place in the register), each once, by record and then by code."""
        firsts, seconds = [], []
        values: Values = {}
        for ladder, (keys, places) in zip(LADDERS, self.ladders, strict=True):
            start, end = find(ladder, keys, rows, cap, values)
            counts = end - start
            record = np.repeat(np.arange(len(rows)), counts)
            offset = np.arange(len(record)) - np.repeat(np.cumsum(counts) - counts, counts)
            firsts.append(record)
            seconds.append(places[np.repeat(start, counts) + offset].astype(np.int64))
        pairs = np.unique((np.concatenate(firsts) << 32) | np.concatenate(seconds))
        return pairs >> 32, pairs & 0xFFFFFFFF

    def code(self, place: int) -> str:
        """The credit code of the entity at a place."""
        return str(self.codes[place].decode("ascii"))


def build(entities: pa.Table, *, progress: Progress | None = None, threads: int = 2) -> RegisterIndex:
    """Make a register ready in memory; the order of its rows changes nothing, for they are put in the order of their codes."""
    codes = np.array(entities["uscc"].to_pylist(), dtype="S18")
    order = np.argsort(codes, kind="stable")
    rows = np.zeros(len(codes), ROW)
    starts = range(0, len(codes), CHUNK)
    with ThreadPoolExecutor(threads) as pool:
        chunks = pool.map(lambda at: rows_of(entities.slice(at, CHUNK))[0], starts)
        for at, chunk in zip(starts, chunks, strict=True):
            rows[at : at + len(chunk)] = chunk
            if progress:
                progress("parse", (at + len(chunk)) / max(len(codes), 1))
    rows = rows[order]
    count_namesakes(rows)
    synthetic = "is_synthetic" in entities.column_names and bool(np.any(entities["is_synthetic"].to_numpy()))
    return RegisterIndex(rows, codes[order], tuple(_ladders(rows, progress)), synthetic)


def build_from(
    batches: Iterable[pa.Table], folder: Path, count: int, *, progress: Progress | None = None
) -> RegisterIndex:
    """Make a register of any size ready under `folder`: batch by batch, so that only rows and one ladder lie in memory."""
    aside = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    rows, codes, at, synthetic = np.zeros(count, ROW), np.zeros(count, "S18"), 0, False
    with ThreadPoolExecutor(2) as pool:
        for table, chunk in _parsed(pool, batches):
            rows[at : at + len(chunk)] = chunk
            codes[at : at + len(chunk)] = _codes(table["uscc"])
            synthetic |= "is_synthetic" in table.column_names and bool(
                np.any(table["is_synthetic"].to_numpy())
            )
            at += len(chunk)
            if progress:
                progress("parse", at / max(count, 1))
    order = np.argsort(codes[:at], kind="stable")
    rows = rows[:at][order]
    np.save(aside / "codes.npy", codes[:at][order])
    del codes, order
    count_namesakes(rows)
    np.save(aside / "rows.npy", rows)
    for number, (keys, places) in enumerate(_ladders(rows, progress)):
        np.save(aside / f"keys_{number}.npy", keys)
        np.save(aside / f"places_{number}.npy", places)
    _describe(aside, at, synthetic)
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)
    return open_index(folder)


def save(index: RegisterIndex, folder: Path) -> None:
    """Write an index that was built in memory."""
    aside = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    np.save(aside / "rows.npy", index.rows)
    np.save(aside / "codes.npy", index.codes)
    for number, (keys, places) in enumerate(index.ladders):
        np.save(aside / f"keys_{number}.npy", keys)
        np.save(aside / f"places_{number}.npy", places)
    _describe(aside, len(index), index.is_synthetic)
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)


def open_index(folder: Path) -> RegisterIndex:
    """Map the index under `folder`; nothing is read until it is needed.

    Raises:
        NoIndex: there is none, or an older one.
    """
    about = folder / "about.json"
    try:
        described = json.loads(about.read_text("utf-8"))
    except (OSError, ValueError):
        raise NoIndex(f"{folder} holds no register ready for linking. Run: zhijian link prepare") from None
    if described["format"] != FORMAT or described["ladders"] != [ladder.name for ladder in LADDERS]:
        raise NoIndex(f"{folder} was made by another version. Run: zhijian link prepare")

    def mapped(name: str) -> Any:
        return np.load(folder / name, mmap_mode="r")

    ladders = tuple(
        (np.asarray(mapped(f"keys_{n}.npy")), np.asarray(mapped(f"places_{n}.npy")))
        for n in range(len(LADDERS))
    )
    return RegisterIndex(
        np.asarray(mapped("rows.npy")), np.asarray(mapped("codes.npy")), ladders, described["is_synthetic"]
    )


def count_namesakes(rows: Rows) -> None:
    """Write into each row how many of the register bear its trade name."""
    key = np.ascontiguousarray(rows["trade"]).view("<u8").reshape(len(rows), 2)
    one = key[:, 0] * np.uint64(0x9E3779B97F4A7C15) + key[:, 1]
    order = np.argsort(one, kind="stable")
    ranked = one[order]
    begins = (
        np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1]))) if len(rows) else np.zeros(0, int)
    )
    counts = np.diff(np.concatenate((begins, [len(rows)])))
    rows["namesakes"][order] = np.repeat(counts, counts)


def _ladders(
    rows: Rows, progress: Progress | None
) -> Iterator[tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]]:
    for number, ladder in enumerate(LADDERS, start=1):
        keys = np.concatenate(
            [keys_of(ladder, rows[at : at + 1_000_000])[0] for at in range(0, max(len(rows), 1), 1_000_000)]
        )
        places = np.argsort(keys, kind="stable").astype(np.uint32)
        yield keys[places], places
        if progress:
            progress("ladders", number / len(LADDERS))


def _parsed(pool: ThreadPoolExecutor, batches: Iterable[pa.Table]) -> Iterator[tuple[pa.Table, Rows]]:
    """Each batch with its rows, in order; two are parsed at a time and no more than four wait."""
    from collections import deque

    waiting: deque[tuple[pa.Table, Any]] = deque()
    for batch in batches:
        for at in range(0, batch.num_rows, CHUNK):
            table = batch.slice(at, CHUNK)
            waiting.append((table, pool.submit(lambda t: rows_of(t)[0], table)))
        while len(waiting) > 4:
            table, job = waiting.popleft()
            yield table, job.result()
    for table, job in waiting:
        yield table, job.result()


def _codes(column: pa.ChunkedArray) -> npt.NDArray[np.bytes_]:
    return np.array(column.to_pylist(), dtype="S18")


def _describe(folder: Path, count: int, synthetic: bool) -> None:
    described = {
        "format": FORMAT,
        "entities": count,
        "is_synthetic": synthetic,
        "ladders": [ladder.name for ladder in LADDERS],
    }
    (folder / "about.json").write_text(json.dumps(described, indent=1) + "\n", "utf-8")
