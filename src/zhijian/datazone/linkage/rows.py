"""A record in sixty-four bytes: what the parser found, as numbers that can be compared a million at a time.

The same row stands for an entity of the register and for a record without a code, so batch and single look-up cannot
drift apart. Hashes are cut to what the comparison needs; two different representatives or telephones get equal numbers
once in 2^64, two roads once in 2^32, two industries once in 65,000.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhijian.datazone.linkage.parsing import Parsed, parse
from zhijian.datazone.linkage.spans import Hashes, mixed

ROW = np.dtype(
    {
        "names": [
            "trade", "sound", "industry", "industry_head", "sound_head", "form", "trade_length", "county", "address_county",
            "prefecture", "address_prefecture", "street", "road", "number", "room", "namesakes", "representative", "phone",
        ],
        "formats": [
            ("<u2", (8,)), "<u4", "<u2", "<u2", "<u2", "u1", "u1", "<u2", "<u2",
            "u1", "u1", "<u2", "<u4", "<u2", "<u2", "<u4", "<u8", "<u8",
        ],
        "offsets": [0, 16, 20, 22, 24, 26, 27, 28, 30, 32, 33, 34, 36, 40, 42, 44, 48, 56],
        "itemsize": 64,
    }
)  # fmt: skip
Rows = npt.NDArray[Any]
PROVINCE = 440000
WITHOUT_COUNTIES = (19, 20)  # Dongguan and Zhongshan: the city stands for the county
COLUMNS = ("name", "address", "representative_id", "phone_id")


def rows_of(table: pa.Table, *, keep_words: bool = False) -> tuple[Rows, Parsed]:
    """Rows of a table with `name` and, where they are known, address, representative_id, phone_id, prefecture_code, county_code.

    The codes of the register complete an address that names no division.
    """
    count = table.num_rows
    parsed = parse(table["name"], _column(table, "address"), with_words=keep_words)
    rows = np.zeros(count, ROW)
    rows["trade"], rows["trade_length"] = parsed.trade, parsed.trade_length
    for field, bits in (
        ("sound", 32),
        ("sound_head", 16),
        ("industry", 16),
        ("industry_head", 16),
        ("street", 16),
    ):
        rows[field] = _cut(getattr(parsed, field), bits)
    rows["road"], rows["room"] = _cut(parsed.road, 32), _cut(parsed.room, 16)
    rows["form"], rows["number"] = parsed.form, np.minimum(parsed.number, 65535)
    rows["prefecture"] = np.where(parsed.prefecture > 0, parsed.prefecture % 100, 0)
    rows["county"] = np.where(parsed.county > 0, parsed.county - PROVINCE, 0)
    prefecture = np.where(parsed.address_prefecture > 0, parsed.address_prefecture % 100, 0)
    county = np.where(parsed.address_county > 0, parsed.address_county - PROVINCE, 0)
    rows["address_prefecture"] = np.where(
        prefecture > 0, prefecture, _code(table, "prefecture_code", 100) % 100
    )
    rows["address_county"] = np.where(county > 0, county, _code(table, "county_code", 1) % 10000)
    rows["representative"] = hashes_of(_column(table, "representative_id"))
    rows["phone"] = hashes_of(_column(table, "phone_id"))
    return rows, parsed


def hashes_of(column: pa.Array | pa.ChunkedArray) -> Hashes:
    """64-bit hashes of opaque identifiers; 0 for one that is missing or blank."""
    from zhijian.datazone.linkage.spans import Texts

    texts = Texts.of(column, 40)
    return np.where(texts.lengths > 0, mixed(texts.hashes(np.zeros(len(texts), np.int64), 40)), np.uint64(0))


def place_prefecture(rows: Rows) -> npt.NDArray[np.uint8]:
    """The prefecture of the address or, without one, of the name."""
    found: npt.NDArray[np.uint8] = np.where(
        rows["address_prefecture"] > 0, rows["address_prefecture"], rows["prefecture"]
    )
    return found


def place_county(rows: Rows) -> npt.NDArray[np.uint16]:
    """The county of the address or, without one, of the name; the city itself where it has no counties."""
    county = np.where(rows["address_county"] > 0, rows["address_county"], rows["county"])
    prefecture = place_prefecture(rows)
    whole = (prefecture == WITHOUT_COUNTIES[0]) | (prefecture == WITHOUT_COUNTIES[1])
    found: npt.NDArray[np.uint16] = np.where(whole, prefecture.astype(np.uint16) * 100, county)
    return found


def _cut(hashes: Hashes, bits: int) -> npt.NDArray[np.uint64]:
    """The lowest bits of a hash; never 0 where the hash is not."""
    low = hashes & np.uint64((1 << bits) - 1)
    return np.where((hashes != 0) & (low == 0), np.uint64(1), low)


def _column(table: pa.Table, name: str) -> Any:
    if name in table.column_names:
        return table[name].cast(pa.string())
    return pa.nulls(table.num_rows, pa.string())


def _code(table: pa.Table, name: str, per: int) -> npt.NDArray[np.int64]:
    if name not in table.column_names:
        return np.zeros(table.num_rows, np.int64)
    column = table[name].cast(pa.string())
    texts = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    import pyarrow.compute as pc

    usable = pc.if_else(pc.match_substring_regex(texts.fill_null(""), "^44[0-9]{4}"), texts, "440000")
    six = np.asarray(pc.utf8_slice_codeunits(usable.fill_null("440000"), 0, 6).cast(pa.int64()))
    in_province: npt.NDArray[np.int64] = (six - PROVINCE) // per
    return in_province
