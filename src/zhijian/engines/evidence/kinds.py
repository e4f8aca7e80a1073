"""What a file is, read from its bytes, never from its name; and what no purpose takes."""

import io
import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from zhijian.engines.evidence.purposes import DOCX, JPEG, PDF, PNG, XLSX, Purpose
from zhijian.engines.evidence.refusal import DangerousFile, RefusedFile
from zhijian.infrastructure import virus_scanner

_log = logging.getLogger(__name__)

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"%PDF-", PDF),
)
_STRANGERS: tuple[tuple[bytes, str], ...] = (  # lower case: looked for in the first bytes, after blanks
    (b"mz", ".exe"),
    (b"\x7felf", ".elf"),
    (b"\xca\xfe\xba\xbe", ".class"),
    (b"\xcf\xfa\xed\xfe", ".macho"),
    (b"#!", ".sh"),
    (b"pk\x03\x04", ".zip"),
    (b"rar!", ".rar"),
    (b"7z\xbc\xaf\x27\x1c", ".7z"),
    (b"\x1f\x8b", ".gz"),
    (b"gif8", ".gif"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".doc/.xls"),
    (b"{\\rtf", ".rtf"),
    (b"<svg", ".svg"),
    (b"<?xml", ".xml"),
    (b"<?php", ".php"),
    (b"<!doctype", ".html"),
    (b"<html", ".html"),
    (b"<script", ".html"),
)
_WORDS: dict[str, tuple[str, str]] = {  # what a kind is, for people
    ".exe": ("Windows程序", "a Windows program"),
    ".elf": ("Linux程序", "a Linux program"),
    ".class": ("Java程序", "a Java program"),
    ".macho": ("苹果电脑程序", "a macOS program"),
    ".sh": ("命令脚本", "a script of commands"),
    ".php": ("网站程序", "a program of a web site"),
    ".zip": ("压缩包", "an archive"),
    ".rar": ("压缩包", "an archive"),
    ".7z": ("压缩包", "an archive"),
    ".gz": ("压缩包", "an archive"),
    ".gif": ("动图", "a GIF picture"),
    ".doc/.xls": ("旧版Office文件", "an old Office file"),
    ".docx": ("Word文件", "a Word file"),
    ".xlsx": ("Excel文件", "an Excel file"),
    ".pptx": ("PowerPoint文件", "a PowerPoint file"),
    ".rtf": ("写字板文件", "a rich text file"),
    ".svg": ("可能带脚本的矢量图", "a drawing that may carry script"),
    ".svg/.html": ("可能带脚本的网页或矢量图", "a page or drawing that may carry script"),
    ".xml": ("XML数据", "XML data"),
    ".html": ("网页", "a web page"),
    ".jpg": ("JPG照片", "a JPG photo"),
    ".png": ("PNG图片", "a PNG picture"),
    ".pdf": ("PDF文件", "a PDF"),
    ".txt": ("普通文字", "plain text"),
}
_RUNNING = frozenset({".exe", ".elf", ".class", ".macho", ".sh", ".php", ".svg", ".svg/.html", ".html"})
"""What could run where it is opened."""
_OFFICE = {".docx": DOCX, ".xlsx": XLSX, ".pptx": ""}
_ENDINGS = {JPEG: ".jpg", PNG: ".png", PDF: ".pdf", DOCX: ".docx", XLSX: ".xlsx"}
_SAME = {".jpeg": ".jpg", ".htm": ".html", ".doc": ".doc/.xls", ".xls": ".doc/.xls"}
_TEST_VIRUS = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
_MOST_ENTRIES = 2_000
_MOST_UNPACKED = 200 * 1024 * 1024  # bytes that an office file may unpack to
_MOST_RATIO = 100  # unpacked to packed, beyond a megabyte
_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|RichMedia|XFA)(?![A-Za-z0-9])")
_ESCAPES = sorted(
    {
        (form % ord(letter), letter.encode("ascii"))
        for letter in "JavaScript JS Launch RichMedia XFA Type ObjStm".replace(" ", "")
        for form in (b"#%02x", b"#%02X")
    }
)
_PACKED = re.compile(rb"/Type\s*/ObjStm")
_BEGINS = re.compile(rb"stream\r?\n")
_MOST_INFLATED = 8 * 1024 * 1024  # bytes of object streams of one PDF that are looked into
_MOST_FED = (
    4  # times the length of the file that is unpacked in all: streams may be made to reach over one another
)
_FED = 4096  # bytes at a time


def kind_of(data: bytes, name: str, purpose: Purpose) -> str:
    """Return what the bytes are.

    Raises:
        RefusedFile: empty, of a kind that the purpose does not take, or dangerous whatever it is.
    """
    if not data:
        raise RefusedFile("这个文件是空的。请重新拍一张。", "The file is empty. Please take the photo again.")
    if _TEST_VIRUS in data[:4096]:
        raise _infected()
    mime = next((mime for magic, mime in _MAGIC if data.startswith(magic)), "")
    if not mime and data.startswith(b"PK\x03\x04") and purpose.mimes & {DOCX, XLSX}:
        mime = _office(data)
    if mime == PDF:
        _check_pdf(data)
    if mime in purpose.mimes:
        _refuse_infected(data)
        return mime
    raise _not_taken(data, name, purpose)


def _not_taken(data: bytes, name: str, purpose: Purpose) -> RefusedFile:
    if data[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1"}:
        return RefusedFile(
            "手机存成了HEIC格式。请在相机设置里选“兼容性最佳”，或用“拍照”直接拍。",
            "The phone saved HEIC. Choose “Most compatible” in the camera settings, or take the photo here.",
        )
    named = Path(name).suffix.lower()[:12]
    found = _found(data, _SAME.get(named, named), purpose)
    zh, en = _finding(found, named)
    kind = DangerousFile if found in _RUNNING else RefusedFile
    return kind(
        f"{zh}，不收。请交{purpose.takes_zh}。", f"{en}, which is not accepted. Use {purpose.takes_en}."
    )


def _found(data: bytes, named: str, purpose: Purpose) -> str:
    """Return the ending that the content should have, or nothing where nobody can tell."""
    head = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    known = [(magic.lower(), _ENDINGS[mime]) for magic, mime in _MAGIC]
    kind = next((ending for magic, ending in (*known, *_STRANGERS) if head.startswith(magic)), "")
    if kind == ".zip" and _OFFICE.get(named, "") not in purpose.mimes:
        return named if named in _OFFICE else kind
    if not kind and (b"<svg" in data[:4096].lower() or b"<script" in data[:4096].lower()):
        return ".svg/.html"
    return kind or (".txt" if named in _WORDS and _is_text(data) else "")


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _finding(found: str, named: str) -> tuple[str, str]:
    """Say what a file is, and where its name says something else, that too. Both are endings, or nothing."""
    is_true_name = not named or _SAME.get(named, named) == found
    if found:
        zh, en = f"{_WORDS[found][0]}（{found}）", f"{_WORDS[found][1]} ({found})"
        if is_true_name:
            return f"这是{zh}", f"This is {en}"
        return f"这个文件名为{named}，内容却是{zh}", f"The file is named {named} but is {en}"
    if _SAME.get(named, named) in _WORDS:
        return (
            f"这个文件名为{named}，内容却认不出是什么",
            f"The file is named {named} but its content is something unknown",
        )
    if named:
        return f"这是{named}文件", f"This is a {named} file"
    return "认不出这个文件是什么", "Nobody can tell what this file is"


def _refuse_infected(data: bytes) -> None:
    """Ask the office's scanner, where one is set; without its verdict nothing is taken."""
    if (scanner := settings.VIRUS_SCANNER) is None:
        return
    try:
        found = virus_scanner.found_in(data, scanner)
    except virus_scanner.ScannerSilent as problem:
        _log.error("the virus scanner gives no verdict: %s", problem)
        raise RefusedFile(
            "现在查不了病毒，所以没有收下这个文件。已填的内容都在，请过几分钟再交。",
            "Files cannot be scanned for viruses just now, so this one was not kept. Your answers are; please send it again in a few minutes.",
            503,
        ) from problem
    if found:
        raise _infected()


def _infected() -> DangerousFile:
    return DangerousFile(
        "这个文件像是带病毒的，没有收下。请先杀毒，或改交照片。",
        "The file looks infected and was not kept. Please scan your device, or hand in a photo.",
    )


def _office(data: bytes) -> str:
    """Return which office file a zip archive is, or nothing; refuse bombs, macros and strange paths."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as problem:
        raise RefusedFile(
            "这个文件不完整，打不开。请重新导出后再交。",
            "The file is incomplete and cannot be opened. Please export it again.",
        ) from problem
    unpacked = sum(entry.file_size for entry in entries)
    is_bomb = unpacked > _MOST_UNPACKED or (unpacked > 1 << 20 and unpacked > _MOST_RATIO * len(data))
    if is_bomb or len(entries) > _MOST_ENTRIES:
        raise DangerousFile(
            "这个文件解开后大得不正常，没有收下。请另存为PDF再交。",
            "Unpacked, the file would be abnormally large; it was not kept. Save it as PDF instead.",
        )
    names = {entry.filename for entry in entries}
    if any(name.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs")) for name in names) or any(
        ".." in name or name.startswith("/") for name in names
    ):
        raise DangerousFile(
            "这个文件带有宏或程序，没有收下。请另存为不带宏的文件或PDF再交。",
            "The file carries macros or programs and was not kept. Save it without macros, or as PDF.",
        )
    return next((mime for part, mime in _PARTS.items() if part in names), "")


def _check_pdf(data: bytes) -> None:
    """Refuse a PDF that acts: script, programs to launch. Files inside are let be: electronic invoices carry some."""
    if any(_ACTIVE.search(_plain(part)) for part in _pdf_parts(data)):
        raise DangerousFile(
            "这个PDF里带有脚本或程序，没有收下。请打印成不带脚本的PDF再交。",
            "The PDF carries script or programs and was not kept. Print it to a plain PDF.",
        )


def _plain(part: bytes) -> bytes:
    """Undo the escapes that a name may hide behind: /J#53 is /JS. Letter by letter, so that millions of them cost no memory."""
    if b"#" in part:
        for escape, letter in _ESCAPES:
            part = part.replace(escape, letter)
    return part


def _pdf_parts(data: bytes) -> Iterator[bytes]:
    """Yield what stands around the streams of a file, then what its packed object streams hold.

    Each byte is looked at a few times whatever the file says: no search begins anew at every word `stream`.
    """
    around, packed, at, is_open = bytearray(), [], 0, True
    while is_open and (begins := _BEGINS.search(data, at)):
        before = data[at : begins.end()]
        around += before
        ends = data.find(b"endstream", begins.end())
        is_open, at = ends >= 0, max(ends, begins.end())
        if _PACKED.search(_plain(before)):
            packed.append((begins.end(), at))
    yield bytes(around + data[at:])
    yield from _inflated(data, packed)


def _inflated(data: bytes, places: list[tuple[int, int]]) -> Iterator[bytes]:
    """Yield what begins at each place, unpacked: beyond the word that claims to be its end, too, where it goes on."""
    left, feed = _MOST_INFLATED, _MOST_FED * len(data)
    for start, claimed in places:
        unpacking, part, at, upto = zlib.decompressobj(), bytearray(), start, claimed
        while not unpacking.eof and at < len(data):
            upto = max(upto, at + 1)
            try:
                part += unpacking.decompress(unpacking.unconsumed_tail + data[at:upto], left + 1 - len(part))
            except zlib.error:
                break
            feed -= upto - at
            if len(part) > left or feed < 0:
                raise DangerousFile(
                    "这个PDF解开后大得不正常，没有收下。请重新导出后再交。",
                    "Unpacked, the PDF would be abnormally large; it was not kept. Please export it again.",
                )
            at, upto = upto, upto + _FED
        left -= len(part)
        yield bytes(part)


def clean_name(name: str) -> str:
    """Return a file name without folders, controls and the characters that systems treat as their own."""
    last = Path(name.replace("\\", "/")).name
    plain = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*\u202e\u202d\u2066\u2067\u2068')
    return plain.strip(". ")[-150:] or "file"
