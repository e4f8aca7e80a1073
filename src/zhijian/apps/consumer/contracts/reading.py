"""The text of a contract from what somebody hands in: pasted words, a text file, or a Word file. Distrusted, never kept here.

A PDF is refused with the way out: reading its text layer needs a library that this project does not carry, and a
guess at the text would be held against rules as if it were the contract.
"""

import io
import unicodedata
import zipfile
from collections.abc import Iterable

from lxml import etree

from zhijian.apps.consumer.contracts.screening.engine import MOST_CHARACTERS
from zhijian.engines.evidence.examining import read_limited
from zhijian.engines.evidence.kinds import kind_of
from zhijian.engines.evidence.purposes import DOCX, Purpose
from zhijian.engines.evidence.refusal import RefusedFile

LIMIT_BYTES = 4 * 1024 * 1024
CONTRACT = Purpose(
    frozenset({DOCX}),
    LIMIT_BYTES,
    "这份合同",
    "The contract",
    "Word（docx）或纯文本（txt）",
    "Word (docx) or plain text (txt)",
    "请去掉图片，只留合同正文再交，或者粘贴文字。",
    "Leave out pictures and keep the words, or paste them.",
)
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MOST_XML = 24 * 1024 * 1024  # bytes of the document's own part, unpacked
_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\xef\xbb\xbf": "utf-8"}


def read_file(chunks: Iterable[bytes], name: str) -> str:
    """Return the words of a file.

    Raises:
        RefusedFile: too large, empty, of a kind that is not read, broken or dangerous; says what to do.
    """
    data = read_limited(chunks, CONTRACT)
    if data.startswith(b"%PDF-"):
        raise RefusedFile(
            "现在不读PDF：扫描件没有文字，带文字的PDF也可能读错次序。请交Word（docx）或纯文本，或者把文字复制粘贴进来。",
            "PDF is not read: scans hold no text, and a text layer may come out in the wrong order. Use Word (docx) or plain text, or paste the words.",
        )
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


def _docx(data: bytes) -> str:
    """Return the paragraphs of a Word file; deleted words and fall-back copies are left out, no entity is followed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            entry = archive.getinfo("word/document.xml")
            if entry.file_size > _MOST_XML:
                raise RefusedFile(
                    "这个文件解开后大得不正常，没有收下。请粘贴合同文字。",
                    "Unpacked, the file would be abnormally large; it was not read. Please paste the words.",
                )
            xml = archive.read(entry)
        except (KeyError, zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as problem:  # fmt: skip
            raise _unreadable() from problem
    if b"<!DOCTYPE" in xml[:4096] or b"<!ENTITY" in xml:
        raise _unreadable()
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
    return RefusedFile(
        "这个文件读不出文字。请另存为docx或txt再交，或者粘贴文字。",
        "No words can be read from this file. Save it as docx or txt, or paste the words.",
    )
