"""The text of a contract from what somebody hands in: pasted words, a text file, Word or a PDF. Distrusted, never kept here.

Of a PDF only its text layer is read; a page without one is a scan, and a contract read by half would be called free of
what stands on the other half, so it is refused.
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable

from lxml import etree

from zhijian.apps.consumer.contracts.screening.engine import MOST_CHARACTERS
from zhijian.engines.evidence.examining import read_limited
from zhijian.engines.evidence.kinds import kind_of
from zhijian.engines.evidence.purposes import DOCX, PDF, Purpose
from zhijian.engines.evidence.refusal import DangerousFile, RefusedFile
from zhijian.infrastructure import pdf_text

LIMIT_BYTES = 4 * 1024 * 1024
CONTRACT = Purpose(
    frozenset({DOCX, PDF}),
    LIMIT_BYTES,
    "这份合同",
    "The contract",
    "Word（docx）、PDF或纯文本（txt）",
    "Word (docx), PDF or plain text (txt)",
    "请去掉图片，只留合同正文再交，或者粘贴文字。",
    "Leave out pictures and keep the words, or paste them.",
)
_UNREADABLE = (
    "这个文件读不出文字。请另存为docx或txt再交，或者粘贴文字。",
    "No words can be read from this file. Save it as docx or txt, or paste the words.",
)
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MOST_XML = 24 * 1024 * 1024  # bytes of the document's own part, unpacked
_PAGE_NUMBER = re.compile(r"[-—–]?[ \t]*[0-9]{1,4}[ \t]*[-—–]?|第[ \t]*[0-9]{1,4}[ \t]*页.{0,12}")
_GAP = re.compile(r"(?<=[\u4e00-\u9fff])[ \t](?=[0-9])|(?<=[0-9])[ \t](?=[\u4e00-\u9fff])")
_PDF_REFUSALS = {
    "locked": (
        "这个PDF设了密码，读不出文字。请去掉密码再交，或者粘贴文字。",
        "The PDF is locked by a password. Remove it, or paste the words.",
    ),
    "broken": (
        "这个PDF不完整或已损坏。请重新导出再交，或者粘贴文字。",
        "The PDF is incomplete or broken. Export it again, or paste the words.",
    ),
    "too_long": (
        f"这个PDF超过{pdf_text.MOST_PAGES}页。请只留合同正文，或者分开查。",
        f"The PDF has more than {pdf_text.MOST_PAGES} pages. Keep the contract only, or check it in parts.",
    ),
    "too_much": (
        "读这个PDF太费时间，没有读完。请另存为docx或txt再交，或者粘贴文字。",
        "Reading this PDF takes too long and was given up. Save it as docx or txt, or paste the words.",
    ),
}
_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\xef\xbb\xbf": "utf-8"}


def read_file(chunks: Iterable[bytes], name: str) -> str:
    """Return the words of a file.

    Raises:
        RefusedFile: too large, empty, of a kind that is not read, broken or dangerous; says what to do.
    """
    data = read_limited(chunks, CONTRACT)
    if data.startswith(b"%PDF-"):
        kind_of(data, name, CONTRACT)
        return checked_text(_pdf(data))
    if data.startswith(b"PK\x03\x04"):
        kind_of(data, name, CONTRACT)
        return checked_text(_docx(data))
    text = _plain_text(data)
    if text is None:
        kind_of(data, name, CONTRACT)  # says what it is, and refuses it
        raise _unreadable()
    return checked_text(text)


def checked_text(text: str) -> str:
    """Return pasted or read words as they are held against the rules: line ends made plain, controls left out.

    Raises:
        RefusedFile: there is nothing in it, or more than one contract has.
    """
    if len(text) > MOST_CHARACTERS:
        raise RefusedFile(
            f"文字有{len(text):,}个字，一次最多{MOST_CHARACTERS:,}个。请只留合同正文，或者分开查。",
            f"This has {len(text):,} characters; at most {MOST_CHARACTERS:,} are checked at once. Keep the contract only, or check it in parts.",
            413,
        )
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    if not plain.strip():
        raise RefusedFile(
            "没有读到文字。如果是扫描件或者图片，请把条款打成文字再查。",
            "No words were found. If it is a scan or a picture, please type the terms.",
        )
    return plain


def _plain_text(data: bytes) -> str | None:
    """Return the bytes as text, or None where they are no text."""
    if not data:
        return None
    for mark, coding in _BOMS.items():
        if data.startswith(mark):
            return _decoded(data[len(mark) :], coding)
    if b"\x00" in data:
        return None
    return _decoded(data, "utf-8") or _decoded(data, "gb18030")


def _decoded(data: bytes, coding: str) -> str | None:
    try:
        text = data.decode(coding)
    except UnicodeDecodeError:
        return None
    strange = sum(unicodedata.category(c) in {"Cc", "Cn", "Co"} and c not in "\n\r\t\f" for c in text)
    return None if strange * 50 > len(text) else text


def _pdf(data: bytes) -> str:
    """Return the words of a PDF's text layer; page numbers, and the gaps that typesetting puts around digits, are left out."""
    try:
        pages = pdf_text.read_pages(data)
    except pdf_text.PdfUnreadable as problem:
        raise RefusedFile(*_PDF_REFUSALS[problem.why]) from problem
    empty = [number for number, page in enumerate(pages, start=1) if not page.strip()]
    if empty and len(empty) < len(pages):
        listed = "、".join(map(str, empty[:5]))
        raise RefusedFile(
            f"第{listed}页没有文字，多半是扫描的图片，只查其余各页会漏掉条款。请把这些页打成文字，或者粘贴全文。",
            f"Page {', '.join(map(str, empty[:5]))} holds no words, most likely a scanned picture; checking the rest alone would miss terms. Type these pages, or paste the whole text.",
        )
    return "\n".join(_GAP.sub("", _without_number(page)) for page in pages)


def _without_number(page: str) -> str:
    """Return a page's words without its last line where that is its number; time grows with the page's length alone."""
    head, line, last = page.rstrip(" \t\n").rpartition("\n")
    return head if line and _PAGE_NUMBER.fullmatch(last.strip(" \t")) else page


def _docx(data: bytes) -> str:
    """Return the paragraphs of a Word file; deleted words and fall-back copies are left out, no entity is followed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            entry = archive.getinfo("word/document.xml")
            if entry.file_size > _MOST_XML:
                raise DangerousFile(
                    "这个文件解开后大得不正常，没有收下。请粘贴合同文字。",
                    "Unpacked, the file would be abnormally large; it was not read. Please paste the words.",
                )
            xml = archive.read(entry)
        except (KeyError, zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as problem:  # fmt: skip
            raise _unreadable() from problem
    if b"<!DOCTYPE" in xml[:4096] or b"<!ENTITY" in xml:
        raise DangerousFile(*_UNREADABLE)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        body = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as problem:
        raise _unreadable() from problem
    lines: list[str] = []
    for paragraph in body.iter(f"{_WORD}p"):
        if not any(one.tag == _FALLBACK for one in paragraph.iterancestors()):
            lines.append("".join(_letters(paragraph)))
    return "\n".join(lines)


def _letters(paragraph: etree._Element) -> Iterable[str]:
    """Yield the words of one paragraph, without those of paragraphs inside it (text boxes stand for themselves)."""
    waiting = list(reversed(paragraph))
    while waiting:
        one = waiting.pop()
        if one.tag == f"{_WORD}t":
            yield one.text or ""
        elif one.tag in (f"{_WORD}tab", f"{_WORD}br", f"{_WORD}cr"):
            yield "\t" if one.tag.endswith("tab") else "\n"
        elif one.tag not in (_FALLBACK, f"{_WORD}p", f"{_WORD}del", f"{_WORD}pPr", f"{_WORD}rPr"):
            waiting.extend(reversed(one))


def _unreadable() -> RefusedFile:
    return RefusedFile(*_UNREADABLE)
