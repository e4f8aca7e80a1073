"""From the bytes of a delivery to a file that is safe to parse: what it is, unpacked, in UTF-8, within limits.

Everything is told by content, never by the file's name, and nothing here reads a whole file into memory.
"""

import codecs
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from zhijian.datazone.ingest.errors import (
    DecompressionBomb,
    EmptyDelivery,
    LineTooLong,
    NotAFile,
    TruncatedDelivery,
    UnknownFormat,
    WrongEncoding,
)

CHUNK = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PARQUET_MAGIC = b"PAR1"
_MARKUP = re.compile(rb"<(?:!doctype|\?xml|html|head|meta|body|table|style|workbook)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """What a delivery may cost before it is refused."""

    line_bytes: int = 4 << 20
    unpacked_bytes: int = 64 << 30
    ratio: int = 200  # unpacked to packed; real exports reach 5 to 30
    ratio_from_bytes: int = 64 << 20  # small files may shrink as they like
    excel_bytes: int = 2 << 30  # spreadsheets are parsed in memory


@dataclass(frozen=True)
class Source:
    """A delivery that is ready to be parsed."""

    path: Path  # the delivered file itself, or an unpacked and transcoded copy
    format: str  # 'csv', 'jsonl', 'xlsx', 'xls', 'parquet'
    encoding: str | None  # of the delivered text
    is_gzipped: bool
    lines: int | None  # physical lines of a text file, header and blank ones included


def prepare(path: Path, staging: Path, limits: Limits) -> Source:
    """Return the delivery as a file to parse; copies that are needed for it lie in `staging`.

    Raises:
        DeliveryError: one of its kinds, for a file that must not or cannot be parsed.
    """
    refuse_what_is_no_file(path)
    is_gzipped = _head(path).startswith(GZIP_MAGIC)
    plain = _gunzip(path, staging / "unpacked", limits) if is_gzipped else path
    head = _head(plain)
    if head.startswith(PARQUET_MAGIC):
        return Source(plain, "parquet", None, is_gzipped, None)
    if head.startswith(ZIP_MAGIC):
        _check_workbook(plain, limits)
        return Source(plain, "xlsx", None, is_gzipped, None)
    if head.startswith(OLE_MAGIC):
        return Source(plain, "xls", None, is_gzipped, None)
    lines = _scan_lines(plain, limits)
    encoding = _find_encoding(plain)
    text = _as_utf8(plain, encoding, staging / "text")
    return Source(text, _text_format(text), encoding, is_gzipped, lines)


def refuse_what_is_no_file(path: Path) -> None:
    """Refuse a folder, a missing path and a file of 0 bytes.

    Raises:
        NotAFile: there is no file at the path.
        EmptyDelivery: it has no bytes.
    """
    if path.is_dir():
        raise NotAFile(
            f"“{path}”是文件夹。请逐个指明其中的文件。", f"{path} is a folder. Name the files in it."
        )
    if not path.is_file():
        raise NotAFile(f"找不到文件“{path}”。请检查路径。", f"There is no file {path}. Check the path.")
    if path.stat().st_size == 0:
        raise EmptyDelivery(
            f"文件“{path.name}”是空的（0字节）。请重新导出。",
            f"The file {path.name} is empty (0 bytes). Export it again.",
        )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64)


def _gunzip(path: Path, target: Path, limits: Limits) -> Path:
    packed_bytes = path.stat().st_size
    unpacked_bytes = lines = 0
    with path.open("rb") as packed, target.open("wb") as unpacked:
        for piece in _inflate(packed):
            if isinstance(piece, Exception):
                raise TruncatedDelivery.after(lines, is_damaged=isinstance(piece, zlib.error)) from None
            unpacked_bytes += len(piece)
            lines += piece.count(b"\n")
            _refuse_bomb(packed_bytes, unpacked_bytes, limits)
            unpacked.write(piece)
    if unpacked_bytes == 0:
        raise EmptyDelivery(
            "压缩文件里没有内容。请重新导出。", "The compressed file holds nothing. Export it again."
        )
    return target


def _inflate(packed: BinaryIO) -> Iterator[bytes | Exception]:
    """Yield the content of a gzip file, member by member; on damage, last of all, what is wrong."""
    unpacker = zlib.decompressobj(wbits=31)
    data = packed.read(CHUNK)
    try:
        while True:
            piece = unpacker.decompress(data, CHUNK)
            yield piece
            if unpacker.eof:
                data = (unpacker.unused_data or packed.read(CHUNK)).lstrip(b"\0")
                if not data:
                    return
                unpacker = zlib.decompressobj(wbits=31)
            elif not (data := _next_input(unpacker.unconsumed_tail, piece, packed)) and len(piece) < CHUNK:
                yield EOFError()
                return
    except zlib.error as problem:
        yield problem


def _next_input(tail: bytes, piece: bytes, packed: BinaryIO) -> bytes:
    """What to feed next: what is left over; nothing while full pieces still come out; else more of the file."""
    if tail or len(piece) == CHUNK:
        return tail
    return packed.read(CHUNK)


def _refuse_bomb(packed_bytes: int, unpacked_bytes: int, limits: Limits) -> None:
    if unpacked_bytes > limits.unpacked_bytes:
        raise DecompressionBomb.of(packed_bytes, unpacked_bytes, f"{limits.unpacked_bytes >> 20} MiB")
    if unpacked_bytes > max(limits.ratio_from_bytes, packed_bytes * limits.ratio):
        raise DecompressionBomb.of(packed_bytes, unpacked_bytes, f"1:{limits.ratio}")


def _check_workbook(path: Path, limits: Limits) -> None:
    """Refuse a zip that is no workbook, or whose parts would not fit, before anything parses it."""
    packed_bytes = path.stat().st_size
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            declared = sum(part.file_size for part in parts)
            if declared > limits.excel_bytes:
                raise DecompressionBomb.of(packed_bytes, declared, f"{limits.excel_bytes >> 20} MiB")
            _refuse_bomb(packed_bytes, declared, limits)
            if not any(part.filename.lower() == "xl/workbook.xml" for part in parts):
                raise UnknownFormat.of(
                    "这是 zip 压缩包，但不是 .xlsx 工作簿", "This is a zip archive, but no .xlsx workbook"
                )
            _refuse_lying_sizes(archive, parts, packed_bytes, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as problem:
        raise UnknownFormat.of(
            f"工作簿损坏或加密（{problem}）", f"The workbook is damaged or encrypted ({problem})"
        ) from None


def _refuse_lying_sizes(
    archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], packed_bytes: int, limits: Limits
) -> None:
    """Unpack every part once and count: the directory of a bomb may declare small sizes."""
    unpacked_bytes = 0
    with _own_file(archive) as raw:
        for part in parts:
            raw.seek(part.header_offset)
            for piece in _inflate_part(raw, part):
                unpacked_bytes += len(piece)
                if unpacked_bytes > limits.excel_bytes:
                    raise DecompressionBomb.of(
                        packed_bytes, unpacked_bytes, f"{limits.excel_bytes >> 20} MiB"
                    )
                _refuse_bomb(packed_bytes, unpacked_bytes, limits)


def _own_file(archive: zipfile.ZipFile) -> BinaryIO:
    """Open the archive's own file once more, to read it without trusting its directory."""
    assert archive.filename is not None
    return Path(archive.filename).open("rb")


def _inflate_part(raw: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    header = raw.read(30)
    raw.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    if part.compress_type != zipfile.ZIP_DEFLATED:
        return
    unpacker = zlib.decompressobj(wbits=-15)
    data = raw.read(CHUNK)
    while not unpacker.eof:
        piece = unpacker.decompress(data, CHUNK)
        yield piece
        data = _next_input(unpacker.unconsumed_tail, piece, raw)
        if not data and len(piece) < CHUNK:
            return


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _scan_lines(path: Path, limits: Limits) -> int:
    """Refuse binary content and lines beyond the limit, in one pass that holds one chunk; count the lines."""
    if _head(path).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise WrongEncoding.is_utf_16()
    line, open_bytes = 1, 0
    for chunk in _chunks(path):
        if (position := chunk.find(b"\0")) >= 0:
            at_line = line + chunk.count(b"\n", 0, position)
            raise UnknownFormat.of(
                f"第{at_line}行有二进制内容，这不是文本文件",
                f"Line {at_line} has binary content, this is no text",
                at_line,
            )
        ends = np.flatnonzero(np.frombuffer(chunk, np.uint8) == 10)
        if ends.size == 0:
            open_bytes += len(chunk)
            longest_at, longest = line, open_bytes
        else:
            lengths = np.diff(ends, prepend=-1 - open_bytes)
            longest_at, longest = line + int(lengths.argmax()), int(lengths.max())
            open_bytes = len(chunk) - int(ends[-1]) - 1
            line += int(ends.size)
        if max(longest, open_bytes) > limits.line_bytes:
            raise LineTooLong.at(longest_at if longest > limits.line_bytes else line, limits.line_bytes)
    return line if open_bytes else line - 1


def _find_encoding(path: Path) -> str:
    """Return 'utf-8', 'utf-8-sig' or 'gb18030'.

    A file that fails as UTF-8 is taken for damaged UTF-8 where most of its lines with other than ASCII
    characters are right UTF-8; otherwise it must be GB18030 from end to end.
    """
    has_mark = _head(path).startswith(codecs.BOM_UTF8)
    bad_line = _first_bad_line(path, "utf-8")
    if bad_line is None:
        return "utf-8-sig" if has_mark else "utf-8"
    if has_mark or _is_mostly_utf8(path):
        raise WrongEncoding.at(*bad_line, "UTF-8")
    if _looks_like_big5(path):
        raise WrongEncoding.is_big5(bad_line[0])
    bad_line = _first_bad_line(path, "gb18030")
    if bad_line is not None:
        raise WrongEncoding.at(*bad_line, "UTF-8/GB18030")
    return "gb18030"


def _first_bad_line(path: Path, encoding: str) -> tuple[int, bytes] | None:
    """Return the number of the first line that does not decode, and the bytes there."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
            line += chunk.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as problem:  # its object begins with what was left of the chunk before
        found = problem.object[problem.start : problem.start + 12]
        return line + problem.object[: problem.start].count(b"\n"), found
    return None


def _is_mostly_utf8(path: Path, sample_bytes: int = 8 << 20) -> bool:
    with path.open("rb") as file:
        lines = [line for line in file.read(sample_bytes).splitlines() if not line.isascii()]
    right = sum(_is_utf8(line) for line in lines)
    return right * 2 > len(lines)


def _looks_like_big5(path: Path, sample_bytes: int = 1 << 20) -> bool:
    """Say whether the text reads as common characters in Big5 and as rare ones in GB18030, which accepts both."""
    with path.open("rb") as file:
        sample = file.read(sample_bytes)
    return (
        _common_share(sample, "big5", 0xA4, 0xC6, 0x40) > 0.8
        and _common_share(sample, "gb18030", 0xB0, 0xD7, 0xA1) < 0.5
    )


def _common_share(sample: bytes, encoding: str, first: int, last: int, low: int) -> float:
    """Return which share of the ideographs (and of what fails) are among the common ones: 0 to 1.

    Both encodings keep their everyday characters together: lead byte `first` to `last`, second byte from `low`.
    """
    read = [c for c in sample.decode(encoding, "replace") if c >= "\u2e80"]
    marks = [c for c in read if not "\u3000" <= c <= "\u303f" and not "\uff00" <= c <= "\uffef"]
    pairs = [c.encode(encoding, "replace") for c in marks]
    common = sum(len(p) == 2 and first <= p[0] <= last and p[1] >= low for p in pairs)
    return common / len(pairs) if pairs else 0.0


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _as_utf8(path: Path, encoding: str, target: Path) -> Path:
    """Return a UTF-8 file without byte-order mark: the file itself where it is one already."""
    if encoding == "utf-8":
        return path
    decoder = codecs.getincrementaldecoder(encoding)()
    with target.open("wb") as text:
        for chunk in _chunks(path):
            text.write(decoder.decode(chunk).encode("utf-8"))
        text.write(decoder.decode(b"", final=True).encode("utf-8"))
    return target


def _text_format(path: Path) -> str:
    """Tell JSON Lines from CSV by the first character that is not blank."""
    with path.open("rb") as file:
        start = file.read(4096).lstrip()
    if not start:
        raise EmptyDelivery(
            "文件里只有空白。请重新导出。", "The file holds nothing but blanks. Export it again."
        )
    if _MARKUP.match(start):
        raise UnknownFormat.of(
            "这是网页或 XML 文件（有的系统把网页存成 .xls），不是表格；请用 Excel 打开后另存为 .xlsx",
            "This is a web page or XML (some systems save a page as .xls), no table; open it in Excel and save it as .xlsx",
        )
    control = sum(byte < 32 and byte not in b"\t\n\r" for byte in start)
    if control * 100 > len(start):
        raise UnknownFormat.of(
            "文件开头多是控制字符，这不是文本文件", "The file begins with control characters"
        )
    return "jsonl" if start.startswith(b"{") else "csv"
