"""Anybody checks a contract without an account, nothing of it is kept, and bad input meets words."""

import io
import zipfile

import pytest
import typst
from docx import Document

from zhijian.apps.consumer.contracts.reading import _without_number
from zhijian.apps.consumer.contracts.texts import all_texts
from zhijian.engines.documents.paper import FONT
from zhijian.infrastructure.pdf_text import PdfUnreadable, read_pages

pytestmark = pytest.mark.django_db
ADDRESS = "/consumer/contracts/"
BAD = "第一条 会员卡一经售出，概不退款。\n第二条 最终解释权归本店所有。"
PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\n%%EOF"
LOCKED = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"3 0 obj<</Filter/Standard/V 1/R 2/P -4/O(12345678901234567890123456789012)/U(12345678901234567890123456789012)>>endobj\n"
    b"trailer<</Root 1 0 R/Encrypt 3 0 R/ID[(a)(b)]>>\n%%EOF"
)
SCRIPTED = b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def file(name, content):
    out = io.BytesIO(content)
    out.name = name
    return out


def word(*paragraphs):
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.add_table(1, 1).cell(0, 0).text = "最终解释权归本店所有。"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf(*pages):
    """A PDF as an office suite makes it: text with fonts inside, page numbers at the foot."""
    source = '#set text(font: "Noto Serif SC")\n#set page(numbering: "1")\n' + "\n#pagebreak()\n".join(pages)
    return typst.compile(source.encode(), font_paths=[str(FONT.parent)], ignore_system_fonts=True)


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w>" + b" " * (60 * 1024 * 1024))
    return out.getvalue()


def entity():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "word/document.xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
        )
    return out.getvalue()


def test_a_pasted_contract_is_answered_at_once_marked_and_not_kept(client):
    from zhijian.apps.consumer.contracts.models import ContractVersion, Matter, PublicCheck

    page = client.post(ADDRESS, {"text": BAD, "trade": "fitness"})
    text = page.content.decode()
    assert page.status_code == 200 and "查到2处" in text and "不是行政决定" in text
    assert text.count('<mark class="term">') == 2 and "《民法典》第四百九十八条" in text
    assert not Matter.objects.exists() and not ContractVersion.objects.exists()
    counted = {(one.trade_code, one.kind): one.times for one in PublicCheck.objects.all()}
    assert counted == {("fitness", ""): 1, ("fitness", "prepaid"): 1, ("fitness", "interpretation"): 1}


def test_a_fair_contract_is_not_praised(client):
    text = client.post(ADDRESS, {"text": "双方协商一致。"}).content.decode()
    assert "没有查到不等于没有问题" in text


def test_the_page_speaks_english(client):
    client.cookies["zhijian_language"] = "en"
    from django.conf import settings

    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    text = client.post(ADDRESS, {"text": BAD}).content.decode()
    assert "Prepaid money is never refunded" in text and "The trader alone interprets" in text


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.docx", word("会员卡一经售出，概不退款。")), ("a.txt", BAD.encode("gb18030")), ("a.txt", b"\xef\xbb\xbf" + BAD.encode()),
     ("a", BAD.encode("utf-16"))],
)  # fmt: skip
def test_word_files_and_texts_are_read_whatever_their_coding(client, name, content):
    text = client.post(ADDRESS, {"file": file(name, content)}).content.decode()
    assert "查到2处" in text


@pytest.mark.parametrize(
    ("name", "content", "status", "said"),
    [
        ("a.pdf", PDF, 422, "不完整或已损坏"),
        ("a.pdf", LOCKED, 422, "设了密码"),
        ("a.pdf", SCRIPTED, 422, "带有脚本"),
        ("a.docx", bomb(), 422, "大得不正常"),
        ("a.docx", entity(), 422, "读不出文字"),
        ("a.docx", b"PK\x03\x04broken", 422, "不完整"),
        ("a.txt", bytes(range(256)) * 40, 422, "不收"),
        ("a.docx", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, 422, "内容却是PNG图片"),
        ("a.txt", b"MZ\x00\x01\x02" * 50, 422, "exe"),
        ("a.txt", b"", 422, "空的"),
        ("a.txt", b" \n ", 422, "没有读到文字"),
        ("a.txt", "长".encode() * 7_000_000, 413, "最多4 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_way_out(client, name, content, status, said):
    answer = client.post(ADDRESS, {"file": file(name, content), "text": ""})
    assert answer.status_code == status and said in answer.content.decode()


@pytest.mark.parametrize(("text", "status"), [("", 422), ("长" * 600_000, 413), ("长" * 7_000_000, 413)])
def test_nothing_and_20_megabytes_of_pasted_text_meet_words(client, text, status):
    assert client.post(ADDRESS, {"text": text}).status_code == status


def test_the_terms_of_a_pdf_are_found_as_those_of_its_words(client):
    long = "会员应当妥善保管会员卡并且在每次消费的时候主动出示，" * 4
    text = client.post(
        ADDRESS,
        {"file": file("a.pdf", pdf(f"第3条 {long}会员卡一经售出，概不退款。", "最终解释权归本店所有。"))},
    ).content.decode()
    assert "查到2处" in text and "第3条" in text


def test_a_page_of_blanks_behind_a_digit_costs_no_more_than_its_length():
    page = "第一条\n1" + "\t" * 300_000 + "z"  # a small PDF can say so; this took half an hour
    assert _without_number(page) == page
    assert _without_number("第一条 甲\n— 12 —\n") == "第一条 甲"
    assert _without_number("第一条 甲\n第 3 页 共 9 页") == "第一条 甲"


def test_a_pdf_with_a_scanned_page_is_not_checked_by_half(client):
    answer = client.post(
        ADDRESS, {"file": file("a.pdf", pdf("第一条 概不退款。", "#set page(numbering: none)\n#rect()"))}
    )
    assert answer.status_code == 422 and "第2页没有文字" in answer.content.decode()


def test_a_pdf_of_too_many_pages_or_too_dear_to_read_is_refused(client):
    with pytest.raises(PdfUnreadable) as told:
        read_pages(pdf("一", "二", "三"), most_pages=2)
    assert told.value.why == "too_long"
    with pytest.raises(PdfUnreadable) as told:
        read_pages(pdf("一"), seconds=0)
    assert told.value.why == "too_much"


def test_script_in_the_text_stays_text(client):
    script = "<script>alert(1)</script>最终解释权归本店。"
    text = client.post(ADDRESS, {"text": script, "trade": "<b>"}).content.decode()
    assert "<script>alert" not in text and "&lt;script&gt;" in text and 'value="<b>"' not in text


def test_only_what_is_handed_in_is_kept_and_nobody_is_asked_for_a_name(client, office):
    from zhijian.apps.consumer.contracts.models import Matter

    placed = {
        "firm_name": "示例店",
        "title": "会员协议",
        "division_code": "440106",
        "trade": "fitness",
        "text": BAD,
    }
    wrong = client.post(f"{ADDRESS}hand-in/", {**placed, "uscc": "91440106MA9XH0T010"})
    assert wrong.status_code == 422 and "会员协议" in wrong.content.decode() and not Matter.objects.exists()
    sent = client.post(f"{ADDRESS}hand-in/", placed)
    matter = Matter.objects.get()
    assert sent.status_code == 200 and matter.number in sent.content.decode()
    assert matter.source == "handed_in" and matter.organisation == office.unit
    assert matter.case.work_items.get().task == "review"
    assert "示例店" not in client.get(f"{ADDRESS}results/").content.decode()


def test_handing_in_has_a_measure(client, office):
    placed = {
        "firm_name": "示例店",
        "title": "协议",
        "division_code": "440106",
        "trade": "other",
        "text": "x",
    }
    client.cookies["zhijian_device"] = "one-device"
    statuses = [client.post(f"{ADDRESS}hand-in/", placed | {"trade": ""}).status_code for _ in range(21)]
    assert statuses[:20] == [422] * 20 and statuses[20] == 429


def test_rules_are_published_with_examples_and_as_data(client):
    page = client.get(f"{ADDRESS}rules/").content.decode()
    assert "特价商品一经售出，概不退换" in page and 'id="final_interpretation"' in page
    data = client.get(f"{ADDRESS}rules/?format=json").json()
    assert len(data["rules"]) == page.count('<section class="finding')
    assert client.get(f"{ADDRESS}rules/?format=csv").content.startswith(b"\xef\xbb\xbfrule,kind")


def test_a_model_contract_is_downloaded_filled_in_and_counted(client):
    from tests.engines.registers.declared import desk
    from zhijian.apps.consumer.contracts.models import TextUse
    from zhijian.apps.consumer.contracts.registers import MODEL_CONTRACTS

    desk.fill(MODEL_CONTRACTS, desk.province_keeper(MODEL_CONTRACTS))
    address = f"{ADDRESS}models/SF-2026-001/"
    assert "SF-2024-001" not in client.get(f"{ADDRESS}models/").content.decode()
    assert "旧版" in client.get(f"{ADDRESS}models/SF-2024-001/").content.decode()
    assert "健身服务预付费合同" in client.get(f"{address}?format=md").content.decode()
    blank = client.get(f"{address}?format=docx")
    again = client.get(f"{address}?format=docx")
    assert blank["Content-Type"] == WORD and blank.content == again.content
    wrong = client.post(address, {"price": "很多", "trader": "示例健身"})
    assert wrong.status_code == 422 and "示例健身" in wrong.content.decode()
    filled = client.post(
        address,
        {"trader": "示例健身\n# 新标题 {{ consumer }}", "price": "1200.50", "starts_on": "2026-12-01"},
    )
    words = [one.text for one in Document(io.BytesIO(filled.content)).paragraphs]
    assert "甲方（经营者）：示例健身 # 新标题 {{ consumer }}" in words
    assert any("2026年12月1日" in one and "＿＿" in one for one in words) and "合成数据" in words[0]
    assert {one.way: one.times for one in TextUse.objects.all()} == {"md": 1, "docx": 2, "filled": 1}


def test_every_entry_of_the_library_has_its_text_and_every_text_its_blanks():
    for words in all_texts().values():
        assert "{{" not in words.filled({}) and words.lines({})[0].level == 0


def test_statistics_count_terms_by_trade_and_kind(client, office):
    from tests.apps.consumer.contracts.test_journey import AT
    from zhijian.apps.consumer.contracts import services

    opening = services.Opening("示例店", "", "fitness", "440106", "协议", BAD, "finding", is_synthetic=True)
    services.open_matter(opening, office.unit, by=office.handler, at=AT)
    page = client.get(f"{ADDRESS}statistics/").content.decode()
    assert "监管的合同1份" in page and "<svg" in page and "合成数据" in page
    assert "matters,fitness,prepaid,1,1" in client.get(f"{ADDRESS}statistics/?format=csv").content.decode()


def test_a_filing_of_a_trade_that_is_not_listed_is_refused():
    from tests.engines.registers.declared import desk
    from zhijian.apps.consumer.contracts.registers import FILINGS
    from zhijian.engines.registers.declared import services

    keeper = desk.province_keeper(FILINGS)
    delivery, rows = desk.fill(FILINGS, keeper, 10)
    assert delivery.added == len(rows) == 10
    row = {**rows[0], "key": "BA-T-1", "trade_code": "laundry"}
    with pytest.raises(services.WrongRow, match="trade"):
        services.add(FILINGS, row, reason="核对备案材料", by=keeper, at=desk.AT)


def test_the_command_prints_places_rules_and_lawful_wording(tmp_path):
    import json

    from click.testing import CliRunner

    from zhijian.operations.commands.contracts import command

    path = tmp_path / "contract.txt"
    path.write_text(BAD, "utf-8")
    told = json.loads(
        CliRunner().invoke(command, ["check", str(path), "--json", "--on", "2026-11-28"]).output
    )
    assert [one["rule"] for one in told["findings"]] == ["prepaid_no_refund", "final_interpretation"]
    assert told["is_decision"] is False and BAD[told["findings"][0]["start"] :].startswith("会员卡")
    path.write_bytes(PDF)
    refused = CliRunner().invoke(command, ["check", str(path)])
    assert refused.exit_code == 1


def test_one_address_checks_so_many_contracts_an_hour_and_what_was_pasted_stays(client, monkeypatch):
    from zhijian.portal.views import contracts

    monkeypatch.setattr(
        contracts, "CHECK", contracts.throttle.Limit("contract-check", per_address=1, per_device=0)
    )
    assert client.post(ADDRESS, {"text": BAD}).status_code == 200
    often = client.post(ADDRESS, {"text": BAD})
    assert (
        often.status_code == 429
        and "次数太多" in often.content.decode()
        and "概不退款" in often.content.decode()
    )
    assert client.post(ADDRESS, {"text": BAD}, REMOTE_ADDR="192.0.2.9").status_code == 200
