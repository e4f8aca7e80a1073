"""A plain Word file of headings and paragraphs, the same to the byte for the same words: for texts that people fill in."""

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

_FONT = "SimSun"
_SIZES = {0: 18, 1: 13, None: 12}  # points by level of heading; None: body
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  (Word's own metadata are without a zone)


@dataclass(frozen=True)
class Line:
    """One paragraph; `level` 0 is the title, 1 a heading, None the body."""

    text: str
    level: int | None = None


def docx(lines: Iterable[Line], *, note: str = "") -> bytes:
    """Write the lines as a Word file. `note` stands first and last, as where the text comes from."""
    document = Document()
    document.core_properties.created = document.core_properties.modified = _EPOCH
    document.core_properties.author = ""
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(_SIZES[None])
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    if note:
        document.add_paragraph(_safe(note))
    for line in lines:
        paragraph = document.add_paragraph()
        run = paragraph.add_run(_safe(line.text))
        run.font.size = Pt(_SIZES[line.level])
        run.bold = line.level is not None
        if line.level == 0:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if note:
        document.add_paragraph(_safe(note))
    out = io.BytesIO()
    document.save(out)
    return _without_times(out.getvalue())


def _safe(text: str) -> str:
    """Leave out what XML cannot carry."""
    return "".join(c for c in text if c.isprintable() or c in "\t\u3000")


def _without_times(data: bytes) -> bytes:
    """Pack the archive again with one moment for every part, so that the same words give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            fixed = zipfile.ZipInfo(entry.filename, (2000, 1, 1, 0, 0, 0))
            fixed.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fixed, old.read(entry))
    return out.getvalue()
