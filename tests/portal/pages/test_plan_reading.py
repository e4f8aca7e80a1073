"""The plan as everybody reads it: text, commitments, indicators with their series and cities, evaluations and their files."""

import csv
import io
import re
import zipfile

import pypdfium2
import pytest
from docx import Document

from tests.apps.plan.monitoring.office import Office
from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import evaluating, money, reports, writing
from zhijian.standards.divisions import children

THIRD = {"name": "示例研究院", "contract": "示例合同1号", "independence": "与各单位没有利害关系", "method": "数据复算",
         "opinion": "总体可信", "dissent": "样本太小"}  # fmt: skip


@pytest.fixture
def office(db):
    made = Office()
    made.published("18", 2022, "4.4", parts=("44", "1000"))
    made.published("18", 2023, "5.1", parts=("51", "1000"))
    made.published("26", 2022, "4.3", parts=("43", "1000"))
    return made


def _draft(office):
    by = {"by": office.first, "at": AT}
    one = evaluating.freeze(evaluating.plan_one(office.plan, "annual", 2022, **by), **by)
    one = evaluating.report_oneself(one, "各项任务按计划推进", **by)
    return evaluating.draft(evaluating.hear_third_party(one, THIRD, **by), **by)


def _page(client, address, language="zh-hans"):
    client.cookies["django_language"] = language
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def _rows(client, address):
    return list(csv.reader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))


def test_without_a_plan_the_pages_say_so_and_nothing_leads_to_them(client, db):
    assert client.get("/plan/text/").status_code == client.get("/plan/indicators/").status_code == 404
    assert "/plan/text/" not in client.get("/plan/").content.decode()
    text = _page(client, "/plan/evaluations/")
    assert "还没有公布的评估报告" in text and "/plan/indicators/" not in text


def test_a_paragraph_stands_beside_its_indicators_commitments_and_systems(client, office):
    assert "/plan/text/" in _page(client, "/plan/")
    text = _page(client, "/plan/text/?q=双随机")
    assert "找到" in text and "/plan/indicators/18/" in text and "责任：" in text
    assert "找到0段" in _page(client, "/plan/text/?q=没有这样的话")
    assert len(_rows(client, "/plan/text/?format=csv")) == 211
    assert client.get("/plan/text/?plan=none").status_code == 404


def test_all_93_commitments_are_listed_with_their_own_words(client, office):
    text = _page(client, "/plan/commitments/")
    assert text.count('<li id="') == 93 == len(_rows(client, "/plan/commitments/?format=csv")) - 1


def test_a_commitment_is_judged_from_its_published_values_at_the_day_asked_for(client, office):
    for year, value in ((2021, "610000"), (2022, "630000"), (2023, "580000")):
        office.published("C22", year, value)
    before, after = (_page(client, f"/plan/commitments/?on={year}&kept=broken") for year in (2022, 2023))
    assert before.count('<li id="') == 0 and after.count('<li id="') == 1
    assert "2023年580,000" in after and "未达到" in after and "每年≥600,000 批次" in after
    rows = {row[0]: row for row in _rows(client, "/plan/commitments/?format=csv&on=2022")}
    assert rows["C22"][12:14] == ["2021:610,000 2022:630,000", "on_way"] and rows["C73"][13] == "open"
    assert "≥ 600,000 batches each year" in _page(client, "/plan/commitments/?on=2023", "en")


def test_the_table_of_indicators_judges_what_is_published_at_the_day_asked_for(client, office):
    text = _page(client, "/plan/indicators/?on=2023")
    assert "28项指标" in text and "没有可用数据" in text and "5.1" in text
    shown = {row[0]: row for row in _rows(client, "/plan/indicators/?format=csv&on=2022")[2:]}
    assert len(shown) == 28 and (shown["18"][8], shown["18"][13]) == ("4.4", "green")
    assert shown["1"][8] == "—"
    office.enter("19", 2022, "4.2", parts=("42", "10000"))  # entered, confirmed by nobody: not public
    assert shown == {row[0]: row for row in _rows(client, "/plan/indicators/?format=csv&on=2022")[2:]}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_indicator_has_a_page_with_or_without_values(client, office, language):
    office.plan.points.update(is_synthetic=True)
    for number in ("1", "2", "18", "24a", "26", "27"):
        text = _page(client, f"/plan/indicators/{number}/", language)
        assert ("合成数据" in text or "Synthetic" in text) == (number in ("18", "26"))
    assert client.get("/plan/indicators/99/").status_code == 404


def test_a_judgement_by_the_value_of_an_earlier_year_says_so_and_none_is_made_of_nothing(client, office):
    told = "2025年没有公布的值，这是2023年的值"
    assert told in _page(client, "/plan/indicators/") and told in _page(client, "/plan/indicators/18/")
    assert "没有公布的值，这是" not in _page(client, "/plan/indicators/18/?on=2023")
    assert "还没有公布的值，目标62户" in _page(client, "/plan/indicators/2/")


def test_two_prefectures_that_did_not_report_are_no_data_and_never_zero(client, office):
    for place, city in enumerate(children("440000")[:-2]):
        office.published(
            "21", 2024, f"{40 + place}", area=city.code[:6], parts=(str((40 + place) * 10), "1000")
        )
    text = _page(client, "/plan/indicators/21/")
    assert "2个市没有报数" in text and "珠三角核心区" in text and "95%区间" in text
    assert len(_rows(client, "/plan/indicators/21/?format=csv")) == 2 + 19


def test_a_report_is_read_by_everybody_once_published_and_comes_as_pdf_docx_and_package(client, office):
    draft = _draft(office)
    assert client.get(f"/plan/evaluations/{draft.pk}/").status_code == 404
    assert client.get(f"/plan/evaluations/{draft.pk}/report.pdf").status_code == 404
    one = evaluating.approve(evaluating.submit(draft, by=office.first, at=AT), by=office.leader, at=AT)
    one = evaluating.publish(one, by=office.leader, at=AT)
    assert f"/plan/evaluations/{one.pk}/" in _page(client, "/plan/evaluations/")
    text = _page(client, f"/plan/evaluations/{one.pk}/")
    assert (
        "各项任务按计划推进" in text and "样本太小" in text and "年度监测分析" in text and one.digest in text
    )
    _page(client, f"/plan/evaluations/{one.pk}/", "en")
    pdf = client.get(f"/plan/evaluations/{one.pk}/report.pdf").content
    told = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    assert "各项任务按计划推进" in told and "Summary in English" in told and "没有公布" not in told
    word = Document(io.BytesIO(client.get(f"/plan/evaluations/{one.pk}/report.docx").content))
    assert len(word.tables[0].rows) == 29 and len(word.inline_shapes) == 2
    package = client.get(f"/plan/evaluations/{one.pk}/report.zip").content
    assert zipfile.ZipFile(io.BytesIO(package)).testzip() is None


def test_the_word_file_is_read_aloud_in_its_languages_and_marks_invented_values_on_every_page(client, office):
    office.plan.points.update(is_synthetic=True)
    draft = _draft(office)
    word = Document(io.BytesIO(reports.docx(draft, at=AT)))
    assert "合成数据" in word.sections[0].footer.paragraphs[0].text
    told = word.element.body.xml + word.styles.element.xml
    assert 'w:eastAsia="zh-CN"' in told and 'w:val="en-GB"' in told
    assert all(shape._inline.docPr.get("descr") for shape in word.inline_shapes)
    assert all("w:tblHeader" in table.rows[0]._tr.xml for table in word.tables)
    assert (word.core_properties.title, word.core_properties.language) == (reports.title_of(draft), "zh-CN")


def test_what_an_officer_writes_stands_in_the_next_pdf_and_word_file(client, office):
    draft = _draft(office)
    one = evaluating.edit(draft, "causes", "复查频次不足（示例）", seen=draft.version, by=office.first, at=AT)
    word = Document(io.BytesIO(reports.docx(one, at=AT)))
    pages = pypdfium2.PdfDocument(reports.pdf(one, at=AT))
    printed = "".join(page.get_textpage().get_text_range() for page in pages)
    assert "复查频次不足（示例）" in [part.text for part in word.paragraphs] and "复查频次不足" in printed


def test_the_report_tells_the_same_figures_as_the_page(client, office):
    draft = _draft(office)
    one = evaluating.approve(evaluating.submit(draft, by=office.first, at=AT), by=office.leader, at=AT)
    page = _page(client, f"/plan/evaluations/{evaluating.publish(one, by=office.leader, at=AT).pk}/")
    cells = dict.fromkeys(re.findall(r'data-label="值">([^<]+)<', page))
    word = Document(io.BytesIO(reports.docx(one, at=AT)))
    assert {"4.4", "4.3", "—"} <= set(cells) == {row.cells[4].text for row in word.tables[0].rows[1:]}


def test_what_lacks_the_last_year_is_projected_in_the_final_report_and_the_words_say_so(office):
    for year, value in ((2021, "41"), (2024, "56")):
        office.published("18", year, f"{int(value) / 10}", parts=(value, "1000"))
    by = {"by": office.first, "at": AT}
    one = evaluating.freeze(evaluating.plan_one(office.plan, "final", 2025, **by), **by)
    outlook = next(part["text"] for part in writing.sections(one, {}) if part["key"] == "outlook")
    assert outlook == "规划期已满，末年还没有值的1项按趋势推算，见趋势预测表。"
    assert [line[0][:2] for line in reports.forecasts(one)] == ["18"]


def test_a_draft_says_on_paper_that_it_is_not_published(office):
    told = pypdfium2.PdfDocument(reports.pdf(_draft(office), at=AT))[0].get_textpage().get_text_range()
    assert "草稿，没有公布" in told


def test_money_is_shown_once_another_person_confirmed_it(client, office):
    made = money.enter(office.plan, "P150", 2022, money.Typed("1000000", "900000", "450", "户次", "决算第2页"),
                       by=office.first, at=AT)  # fmt: skip
    assert "还没有公布的经费数据" in _page(client, "/plan/money/")
    money.confirm(made, by=office.second, at=AT)
    text = _page(client, "/plan/money/")
    assert "90.0%" in text and "500" in text and "P150" in text
    assert len(_rows(client, "/plan/money/?format=csv")) == 2
