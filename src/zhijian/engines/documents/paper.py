"""A paper laid out: PDF/A-2b that is the same to the byte for the same content, and docx for working on."""

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import segno
import typst
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2.sandbox import SandboxedEnvironment

from zhijian.engines.documents.pictures import qr_svg, seal_svg

FOLDER = Path(__file__).parent
FONT = FOLDER / "fonts" / "NotoSerifSC-Regular.otf"
STANDARD: Final = "a-2b"
GETA = "〓"

_WORDS = {
    "preview": "样稿",
    "synthetic": "合成数据：为演示而造，不对应真实企业和个人",
    "no_number": "（样稿，没有文号）",
    "seal": "印章图样，示例，非真实印章",
    "qr": "核验用的二维码",
    "verify": "扫码或打开下面的网址，核对这份文书是否与封存的一致：",
}


@dataclass(frozen=True)
class Paper:
    """Everything that stands on a paper."""

    title: str
    organisation: str
    addressee: str
    paragraphs: tuple[str, ...]
    dated: date
    number: str = ""  # empty: a preview
    verify_url: str = ""
    is_synthetic: bool = True
    has_seal: bool = True

    @property
    def is_preview(self) -> bool:
        return not self.number


def chinese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def sentence(text: str) -> str:
    """End a text with a stop."""
    plain = text.strip()
    return plain if plain.endswith(("。", "！", "？")) else f"{plain}。"


@cache
def _printable() -> frozenset[str]:
    """The characters of the font, listed beside it."""
    return frozenset((FONT.parent / "characters.txt").read_text("utf-8"))


def shown(text: str) -> str:
    """Put 〓 in the place of a character that the font lacks; none is dropped in silence."""
    return "".join(letter if letter in _printable() else GETA for letter in text)


def missing_in(texts: Iterable[str]) -> list[str]:
    """Return the characters that the font lacks, in order, each once."""
    letters = dict.fromkeys(letter for text in texts for letter in text)
    return [letter for letter in letters if letter not in _printable()]


def pdf(paper: Paper, *, at: datetime) -> bytes:
    """Lay the paper out as PDF/A-2b: fonts inside, output intent, the moment `at` in its metadata."""
    made = typst.compile(
        str(FOLDER / "layout" / "official.typ"),
        root=str(FOLDER),
        font_paths=[str(FONT.parent)],
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(_content(paper), ensure_ascii=False)},
        pdf_standards=STANDARD,
        timestamp=int(at.timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def docx(paper: Paper) -> bytes:
    """Write the paper as a Word file: the same words; the PDF is the one that counts."""
    document = DocxTemplate(FOLDER / "layout" / "official.docx")
    content = _content(paper) | {
        "paragraphs": list(paper.paragraphs),
        "number": paper.number or _WORDS["no_number"],
    }
    content["qr"] = _qr_picture(document, paper.verify_url) if paper.verify_url else ""
    document.render(content, jinja_env=SandboxedEnvironment(), autoescape=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _qr_picture(document: DocxTemplate, address: str) -> InlineImage:
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", border=2, scale=6)
    return InlineImage(document, io.BytesIO(out.getvalue()), width=Mm(26))


def _content(paper: Paper) -> dict[str, Any]:
    texts = [paper.title, paper.organisation, paper.addressee, *paper.paragraphs]
    lacking = missing_in(texts)
    told = "、".join(f"U+{ord(letter):04X}" for letter in lacking)
    return {
        "title": shown(paper.title),
        "number": paper.number,
        "organisation": shown(paper.organisation),
        "addressee": shown(paper.addressee),
        "paragraphs": [shown(text) for text in paper.paragraphs],
        "date": chinese_day(paper.dated),
        "seal": "" if paper.is_preview or not paper.has_seal else seal_svg(shown(paper.organisation)),
        "qr": qr_svg(paper.verify_url) if paper.verify_url else "",
        "verify_url": paper.verify_url,
        "missing": f"〓处依次为：{told}" if lacking else "",
        "is_preview": paper.is_preview,
        "is_synthetic": paper.is_synthetic,
        "words": _WORDS,
    }
