"""What stands in a drawing, and the articles beside it, are said in the language of the page."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.utils import translation
from lxml import etree

import zhijian
from zhijian.portal.components import drawing_words
from zhijian.portal.templatetags.zhijian import article, drawn

SOURCE = Path(zhijian.__file__).parent
DRAWINGS = sorted(SOURCE.rglob("*.bpmn"))


def names_in(path):
    named = etree.parse(str(path)).iterfind(".//{*}*[@name]")
    return {one.get("name") for one in named if not one.tag.endswith("property")}


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_every_name_in_a_drawing_has_its_english(path):
    lacking = {name for name in names_in(path) if re.search("[一-鿿]", name)} - set(drawing_words.english())
    assert not lacking, f"Add their English to {drawing_words._FILE.name}: {sorted(lacking)}"


def test_the_english_is_short_enough_for_a_box_and_names_nothing_twice():
    assert all(text.isascii() and 0 < len(text) <= 60 for text in drawing_words.english().values())


def test_a_name_and_an_article_follow_the_language_and_strange_ones_stay_marked_as_chinese():
    with translation.override("zh-hans"):
        assert drawn("组织调解") == "组织调解" and article("《广告法》第五十三条") == "《广告法》第五十三条"
    with translation.override("en"):
        assert drawn("组织调解") == "Mediate"
        assert drawn("本单位自己加的步骤<b>") == '<span lang="zh-Hans">本单位自己加的步骤&lt;b&gt;</span>'
        assert article("《广告法》第五十三条") == "Art. 53, Advertising Law"
        assert article("国办发〔2020〕42号") == '<span lang="zh-Hans">国办发〔2020〕42号</span>'
        assert article(None) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["consumer/complaint", "consumer/report"])
def test_the_english_page_of_a_procedure_holds_no_chinese_name_in_its_picture(client, code):
    client.cookies["django_language"] = "en"
    text = client.get(f"/procedures/{code}/").content.decode()
    picture = text[text.index('<svg xmlns="http://www.w3.org/2000/svg" class="drawing') :].partition(
        "</svg>"
    )[0]
    assert not re.search("[一-鿿]", picture)
    assert "Mediate" in picture or "Verify the clue" in picture
    assert "Measures for Handling Complaints and Reports in Market Regulation" in text


def test_every_template_can_be_read():
    roots = {root: path for root in SOURCE.rglob("templates") for path in root.rglob("*.html")}
    assert roots
    for root in roots:
        for path in root.rglob("*.html"):
            get_template(path.relative_to(root).as_posix())
