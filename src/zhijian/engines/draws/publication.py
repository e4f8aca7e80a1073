"""The files of a draw: sealed lines that verifiers and people can read, and tables for spreadsheets."""

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zhijian.engines.draws.core import PROTOCOL, canonical

DRAW_HEADER = f'{{"protocol":"{PROTOCOL}","lines":['
LEDGER_HEADER = f'{{"protocol":"{PROTOCOL}","ledger":['


def seal(records: Iterable[Mapping[str, Any]], header: str = DRAW_HEADER) -> Iterator[bytes]:
    """Yield the lines of a file. Each record carries 16 hex digits of SHA-256 over its predecessor's and itself."""
    whole = hashlib.sha256()
    check = hashlib.sha256(f"{header}\n".encode()).hexdigest()[:16]
    pending, line = "", f"{header}\n".encode()
    for record in records:
        text = canonical(record)
        check = hashlib.sha256((check + text).encode()).hexdigest()[:16]
        whole.update(line)
        yield line
        line = (pending + f'["{check}",{text}]').encode()
        pending = ",\n"
    tail = line + b"\n"
    whole.update(tail)
    yield tail
    yield f'],"sha256":"{whole.hexdigest()}"}}\n'.encode()


def write(path: Path, chunks: Iterable[bytes], *, mode: int = 0o644) -> str:
    """Write a file whole or not at all, and return its SHA-256 (hex)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    candidate = path.with_name(f".{path.name}.{os.getpid()}")
    digest = hashlib.sha256()
    try:
        candidate.touch(mode=mode)
        with candidate.open("wb") as out:
            for chunk in chunks:
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        candidate.replace(path)
    finally:
        candidate.unlink(missing_ok=True)
    return digest.hexdigest()


def digest_of(chunks: Iterable[bytes]) -> str:
    """Return SHA-256 (hex) over chunks of a file."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def table(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, protocol: str = PROTOCOL
) -> Iterator[bytes]:
    """Yield a CSV with byte order mark, so that spreadsheets read Chinese; every row names the protocol."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["protocol", *columns])
    yield b"\xef\xbb\xbf"
    for row in rows:
        writer.writerow([protocol, *(_cell(row.get(column, "")) for column in columns)])
        if buffer.tell() > 1 << 20:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _cell(value: Any) -> Any:
    """Keep a spreadsheet from running a cell as a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def file_name(plan_id: str, attempt: int, part: str, suffix: str, *, is_synthetic: bool) -> str:
    """Return for example ``draw-2026-0312-1-roster_SYNTHETIC.csv``."""
    mark = "_SYNTHETIC" if is_synthetic else ""
    return f"draw-{plan_id}-{attempt}{'-' + part if part else ''}{mark}{suffix}"
