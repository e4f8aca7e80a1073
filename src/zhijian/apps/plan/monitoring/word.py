"""How a report stands in Word: its languages, a footer that marks invented values on every page, tables and pictures with words."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

_WIDTH = Mm(160)
_SMALL = Pt(8)


def begin(title: str, *, footer: str, issuer: str, at: datetime) -> Any:
    """Return an A4 document in Chinese whose every page ends with `footer` and its number."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Noto Serif SC", Pt(11)
    fonts = style.element.rPr
    fonts.rFonts.set(qn("w:eastAsia"), "宋体")
    fonts.append(_language(eastern="zh-CN"))
    told = document.core_properties
    told.title, told.author, told.language, told.comments = title, issuer, "zh-CN", footer
    told.created = told.modified = at.astimezone(UTC).replace(tzinfo=None)
    last = section.footer.paragraphs[0]
    last.alignment = WD_ALIGN_PARAGRAPH.CENTER
    last.add_run(f"{footer}　" if footer else "").font.size = _SMALL
    _add_page_number(last)
    document.add_heading(title, level=0)
    return document


def add_picture(document: Any, png: bytes, *, alt: str) -> None:
    """Add a picture with the words that are read out in its place."""
    shape = document.add_picture(BytesIO(png), width=_WIDTH)
    shape._inline.docPr.set("descr", alt)


def add_table(
    document: Any, lines: Sequence[Sequence[str]], *, widths: Sequence[float], numbers: Sequence[int] = ()
) -> None:
    """Add a table whose head stands on every page; `widths` are shares, `numbers` the columns that stand to the right."""
    grid = document.add_table(rows=0, cols=len(lines[0]))
    grid.style, grid.autofit = "Table Grid", False
    for place, line in enumerate(lines):
        row = grid.add_row()
        for column, (cell, text) in enumerate(zip(row.cells, line, strict=True)):
            cell.width = int(_WIDTH * widths[column] / sum(widths))
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(text)
            run.font.size, run.bold = _SMALL, place == 0 or None
            if column in numbers:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _keep_whole(row, is_head=place == 0)


def add_english(document: Any, heading: str, text: str) -> None:
    """Add a part in English, marked as such."""
    document.add_heading(heading, level=1)
    run = document.add_paragraph().add_run(text)
    run._element.get_or_add_rPr().append(_language(western="en-GB"))


def _language(*, western: str = "en-GB", eastern: str = "zh-CN") -> Any:
    made = OxmlElement("w:lang")
    made.set(qn("w:val"), western)
    made.set(qn("w:eastAsia"), eastern)
    return made


def _keep_whole(row: Any, *, is_head: bool) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if is_head:
        properties.append(OxmlElement("w:tblHeader"))


def _add_page_number(paragraph: Any) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)
