"""Characters of names and addresses, one table each: to the form in which they are compared, and to their sound.

Both tables have an entry for every 16-bit code unit, so a column of a million names is folded by one look-up into an
array. Folding: full to half width, capital to small, traditional to simplified, blanks and punctuation away
(brackets and hyphens stay: a name may carry its division in brackets, 70-1号 is not 701号). Sound: the lowest character that has the same
toneless first reading stands for all of that reading.
"""

from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

SIZE = 1 << 16
TABLES = Path(__file__).parent / "data" / "characters.npz"
FIRST_HAN, LAST_HAN = 0x3400, 0x9FFF
Codes: TypeAlias = npt.NDArray[np.uint16]


@cache
def folding_table() -> Codes:
    """The folded code unit of each code unit; 0 for one that is left out."""
    return _tables()["folding"]


@cache
def sound_table() -> Codes:
    """The code unit that stands for the sound of each code unit."""
    return _tables()["sound"]


@cache
def _folding_map() -> dict[int, int | None]:
    return {code: int(folded) or None for code, folded in enumerate(folding_table())}


@cache
def syllables() -> dict[str, str]:
    """The character that stands for each toneless pinyin syllable."""
    with np.load(TABLES) as stored:
        return dict(zip(stored["syllables"].tolist(), map(chr, stored["characters"].tolist()), strict=True))


def fold(text: str) -> str:
    """Fold one text, as `fold_column` does a column."""
    return text.translate(_folding_map())


def fold_column(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Fold a column of text; null becomes empty."""
    units, lengths = code_units(column)
    folded = folding_table()[units]
    kept = folded != 0
    bounds = np.concatenate(([0], np.cumsum(lengths)))
    so_far = np.concatenate(([0], np.cumsum(kept, dtype=np.int32)))
    return text_of(folded[kept], np.diff(so_far[bounds]))


def code_units(column: pa.Array | pa.ChunkedArray) -> tuple[Codes, npt.NDArray[np.int64]]:
    """The UTF-16 code units of all rows, one after the other, and how many each row has."""
    array = _one_array(column)
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
    data = bytes(array.buffers()[2] or b"")[offsets[0] : offsets[-1]] if len(array) else b""
    units = np.frombuffer(data.decode("utf-8").encode("utf-16-le"), np.uint16)
    lengths = np.asarray(pc.utf8_length(array)).astype(np.int64)
    if int(lengths.sum()) == len(units):
        return units, lengths
    octets = np.frombuffer(data, np.uint8)
    # characters beyond the basic plane: a unit for every byte that begins one, two for those of four bytes
    begun = (octets & 0xC0) != 0x80
    counts = np.concatenate(([0], np.cumsum(begun.astype(np.int64) + (octets >= 0xF0))))
    bounds = counts[offsets - offsets[0]] if len(array) else np.zeros(1, np.int64)
    return units, np.diff(bounds)


def text_of(units: Codes, lengths: npt.NDArray[np.int64]) -> pa.Array:
    """A column of text from code units and the length of each row. Half of a pair is replaced, never refused."""
    encoded = units.tobytes().decode("utf-16-le", "replace")
    if len(encoded) != len(units):  # characters beyond the basic plane: rare, so row by row
        ends = np.cumsum(lengths)
        rows = [
            units[e - n : e].tobytes().decode("utf-16-le", "replace")
            for e, n in zip(ends, lengths, strict=True)
        ]
        return pa.array(rows, pa.string())
    data = encoded.encode("utf-8")
    widths = 1 + (units >= 0x80).view(np.uint8) + (units >= 0x800).view(np.uint8)
    bounds = np.concatenate(([0], np.cumsum(lengths)))
    ends = np.concatenate(([0], np.cumsum(widths, dtype=np.int64)))[bounds]
    return pa.StringArray.from_buffers(
        len(lengths), pa.py_buffer(ends.astype(np.int32).tobytes()), pa.py_buffer(data)
    )


def matrix(column: pa.Array | pa.ChunkedArray, width: int) -> Codes:
    """The first `width` code units of each row, padded with 0: one row of the matrix per row of the column."""
    units, lengths = code_units(column)
    starts = np.cumsum(lengths) - lengths
    if len(lengths) == 1:
        alone = np.zeros((1, width), np.uint16)
        alone[0, : min(width, len(units))] = units[:width]
        return alone
    padded = np.concatenate((units, np.zeros(width, np.uint16)))
    found = np.zeros((len(lengths), width), np.uint16)
    for place in range(width):
        found[:, place] = np.where(lengths > place, padded[starts + place], 0)
    return found


def _one_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())
    return column.cast(pa.string()).fill_null("")


def _tables() -> dict[str, Any]:
    with np.load(TABLES) as stored:
        return {"folding": stored["folding"], "sound": stored["sound"]}


def build(path: Path = TABLES) -> None:
    """Work the tables out anew from OpenCC's and pypinyin's, and store them at `path`.

    SOURCE: OpenCC's traditional to simplified characters (Apache-2.0), pypinyin's first readings (MIT).
    """
    folding = _folding()
    readings = _readings()
    standing: dict[str, int] = {}
    for code in range(SIZE):
        if reading := readings.get(code):
            standing.setdefault(reading, code)
    sound = np.arange(SIZE, dtype=np.uint16)
    for code, reading in readings.items():
        sound[code] = standing[reading]
    names = sorted(standing)
    np.savez_compressed(
        path,
        folding=folding,
        sound=sound,
        syllables=np.array(names),
        characters=np.array([standing[name] for name in names], np.uint16),
    )


def _folding() -> Codes:
    import unicodedata

    from opencc import OpenCC

    han = [chr(code) for code in range(FIRST_HAN, LAST_HAN + 1)]
    simple = dict(zip(han, OpenCC("t2s").convert("\n".join(han)).split("\n"), strict=True))
    table = np.zeros(SIZE, np.uint16)
    for code in range(SIZE):
        if 0xD800 <= code < 0xE000:
            table[code] = code  # half of a pair: kept, so that the character stays
            continue
        plain = unicodedata.normalize("NFKC", chr(code)).casefold()
        if chr(code) in "（(〔[【｛{":
            plain = "("
        elif chr(code) in "）)〕]】｝}":
            plain = ")"
        elif chr(code) in "-－—–‐":
            plain = "-"
        plain = simple.get(plain, plain)
        if len(plain) == 1 and ord(plain) < SIZE and (plain.isalnum() or plain in "()-"):
            table[code] = ord(plain)
    table[ord("〇")] = ord("〇")
    return table


def _readings() -> dict[int, str]:
    from pypinyin import lazy_pinyin

    found: dict[int, str] = {}
    for code in range(0x4E00, LAST_HAN + 1):
        reading = lazy_pinyin(chr(code), errors="ignore")
        if reading and reading[0]:
            found[code] = reading[0].replace("ü", "v")
    return found
