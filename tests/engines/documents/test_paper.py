"""A paper is PDF/A-2b, the same to the byte, in the form of GB/T 9704, and never runs what was typed into it."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from docx import Document as Word

from tests.engines.documents.issuing import AT, DATA, TEMPLATE
from zhijian.engines.documents import declaration, paper, pictures
from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.documents.paper import Paper

PAPER = Paper(
    title="投诉受理决定书",
    organisation="示例市市场监督管理局",
    addressee="陈小丽",
    paragraphs=("本局决定受理。",),
    dated=date(2026, 11, 22),
    number="示市监消受〔2026〕1号",
    verify_url="https://zhijian.example/verify/ABC/",
)


def test_the_pdf_says_that_it_is_pdf_a_2b_and_carries_what_the_standard_demands():
    made = paper.pdf(PAPER, at=AT)
    assert made.startswith(b"%PDF-1.7\n%")
    assert len([byte for byte in made.split(b"\n")[1][1:5] if byte > 127]) == 4
    assert b"<pdfaid:part>2</pdfaid:part>" in made
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in made
    assert re.search(rb"/OutputIntents (\[|\d+ 0 R)", made)
    assert b"/GTS_PDFA1" in made
    assert re.search(rb"/DestOutputProfile \d+ 0 R", made)
    assert re.search(rb"/FontFile3 \d+ 0 R", made)  # the font is inside
    assert made.count(b"/FontDescriptor ") == made.count(b"/FontFile3 ")
    assert len(re.findall(rb"/ID\s*\[", made)) == 1
    for forbidden in (b"/Encrypt", b"/JavaScript", b"/Launch", b"/EmbeddedFile"):
        assert forbidden not in made
    assert not any(word in made for word in (b"Helvetica", b"Times-Roman"))


def test_the_same_paper_is_the_same_to_the_byte_and_another_is_not():
    assert paper.pdf(PAPER, at=AT) == paper.pdf(PAPER, at=AT)
    assert paper.pdf(PAPER, at=AT) != paper.pdf(replace(PAPER, addressee="陈小力"), at=AT)
    assert paper.pdf(PAPER, at=AT) != paper.pdf(PAPER, at=datetime(2026, 11, 23, tzinfo=UTC))


def test_what_was_typed_is_text_in_both_forms_and_no_markup():
    evil = '#image("/etc/passwd") $x$ *b* {{ 7*7 }} <w:p/> ]] \\ " & {% for x in y %}'
    made = replace(PAPER, paragraphs=(evil,), addressee=evil)
    assert paper.pdf(made, at=AT).startswith(b"%PDF")
    words = [one.text for one in Word(io.BytesIO(paper.docx(made))).paragraphs]
    assert evil in words
    assert f"{evil}：" in words


def test_a_preview_has_no_number_no_seal_and_no_code():
    content = paper._content(replace(PAPER, number="", verify_url=""))
    assert (content["number"], content["seal"], content["qr"], content["is_preview"]) == ("", "", "", True)
    words = [
        one.text for one in Word(io.BytesIO(paper.docx(replace(PAPER, number="", verify_url="")))).paragraphs
    ]
    assert "（样稿，没有文号）" in words
    assert "合成数据：为演示而造，不对应真实企业和个人" in words


def test_a_character_that_the_font_lacks_is_named_and_not_dropped():
    content = paper._content(replace(PAPER, addressee="𬱖女士"))
    assert content["addressee"] == "〓女士"
    assert content["missing"] == "〓处依次为：U+2CC56"
    assert paper.missing_in(["国務院〔2026〕，“一”……—"]) == []


def test_the_seal_says_that_it_is_invented_and_a_name_is_no_markup():
    drawn = pictures.seal_svg("<script>局&")
    assert "示例" in drawn
    assert "非真实印章" in drawn
    assert "<script>" not in drawn


def test_a_code_leads_to_its_address():
    assert pictures.qr_svg("https://zhijian.example/verify/X/").startswith("<svg")


def test_a_long_paper_goes_over_several_pages():
    made = paper.pdf(replace(PAPER, paragraphs=("本局决定受理。" * 60,) * 12), at=AT)
    assert len(re.findall(rb"/Type\s*/Page[^s]", made)) >= 3


def test_a_text_without_its_data_is_refused_with_their_names():
    with pytest.raises(DocumentRefused, match="needs: day, name"):
        TEMPLATE.written({"note": ""})
    addressee, paragraphs = TEMPLATE.written(DATA)
    assert (addressee, len(paragraphs)) == ("陈小丽", 1)
    reaching = replace(TEMPLATE, paragraphs=("{{ ''.__class__.__mro__ }}",))
    with pytest.raises(DocumentRefused):
        reaching.written(DATA)


def test_a_template_file_that_is_not_whole_is_refused(tmp_path):
    (tmp_path / "half.yaml").write_text("title: {zh: 半, en: Half}\nword: 半\n", "utf-8")
    with pytest.raises(DocumentRefused, match="addressee, basis, paragraphs"):
        declaration.load_folder(tmp_path)


def test_the_word_file_opens_as_an_archive_of_xml():
    with zipfile.ZipFile(io.BytesIO(paper.docx(PAPER))) as archive:
        assert "word/document.xml" in archive.namelist()
        assert any(name.endswith(".png") for name in archive.namelist())
