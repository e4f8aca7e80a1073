"""NumPy arrays to Arrow columns without a Python object per row."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def words(vocabulary: Sequence[str | None], index: npt.NDArray) -> pa.Array:
    """Return the word of each index; a None of the vocabulary is null."""
    return pa.array(vocabulary, pa.string()).take(pa.array(index))


def joined(*parts: pa.Array | str) -> pa.Array:
    """Return the parts of each row written together; null if one is null."""
    return pc.binary_join_element_wise(*parts, "")


def ascii_text(rows: npt.NDArray[np.uint8], present: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Return rows of bytes as text; where `present` is false, empty text."""
    length = rows.shape[1]
    if present is None:
        offsets = np.arange(len(rows) + 1, dtype=np.int32) * np.int32(length)
    else:
        offsets = np.zeros(len(rows) + 1, dtype=np.int32)
        np.cumsum(present, out=offsets[1:])
        offsets *= np.int32(length)
        rows = rows[present]
    data = pa.py_buffer(np.ascontiguousarray(rows).reshape(-1))
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), data)


def hexadecimal(number: npt.NDArray, width: int) -> npt.NDArray[np.uint8]:
    """Return the lowest 4 × `width` bits of each number as ASCII digits, a row of `width` bytes each."""
    left = number.astype(np.uint64)
    rows = np.empty((len(left), width), dtype=np.uint8)
    for position in range(width - 1, -1, -1):
        rows[:, position] = _HEX[(left & np.uint64(15)).astype(np.intp)]
        left >>= np.uint64(4)
    return rows


def prefixed(letter: str, rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Put one ASCII letter before each row."""
    first = np.full((len(rows), 1), ord(letter), dtype=np.uint8)
    return np.concatenate((first, rows), axis=1)


def money(
    yuan: npt.NDArray[np.int64], precision: int, present: npt.NDArray[np.bool_] | None = None
) -> pa.Array:
    """Return whole yuan, not negative, as decimals with two places; null where `present` is false."""
    halves = np.zeros((len(yuan), 2), dtype=np.int64)
    halves[:, 0] = yuan * 100
    return pa.Array.from_buffers(
        pa.decimal128(precision, 2), len(yuan), [_bitmap(present), pa.py_buffer(halves.reshape(-1))]
    )


def days(day: npt.NDArray[np.int64], present: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Return days since 1970 as dates; null where `present` is false."""
    return pa.Array.from_buffers(
        pa.date32(), len(day), [_bitmap(present), pa.py_buffer(day.astype(np.int32))]
    )


def constant(value: object, kind: pa.DataType, count: int) -> pa.Array:
    """Return a column of one value."""
    return pa.repeat(pa.scalar(value, kind), count)


def _bitmap(present: npt.NDArray[np.bool_] | None) -> pa.Buffer | None:
    return None if present is None else pa.py_buffer(np.packbits(present, bitorder="little"))
