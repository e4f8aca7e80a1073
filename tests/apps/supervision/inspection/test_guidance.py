"""How to look at each item: shipped beside the list, in both languages, drawn, and on the phone's page itself."""

import re
from importlib import resources
from xml.etree import ElementTree

import pytest
import yaml

from zhijian.apps.supervision.inspection import guidance

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _listed():
    text = (
        resources.files("zhijian.apps.supervision.inspection").joinpath("data/items.yaml").read_text("utf-8")
    )
    return {row["code"] for row in yaml.safe_load(text)["items"]}


def test_guidance_is_of_listed_items_only():
    assert guidance.guidance() and set(guidance.guidance()) <= _listed()


def test_every_step_and_caption_is_in_both_languages():
    for code, one in guidance.guidance().items():
        for words in [*one.steps, *(example.caption for example in one.examples)]:
            assert CHINESE.search(words.zh), code
            assert words.en and not CHINESE.search(words.en), code


def test_each_drawing_is_well_formed_small_and_has_no_words_script_or_picture_of_others():
    for code, one in guidance.guidance().items():
        assert [example.is_good for example in one.examples] == [True, False]
        for example in one.examples:
            tree = ElementTree.fromstring(example.drawing)
            kinds = {node.tag.rpartition("}")[2] for node in tree.iter()}
            assert kinds <= {"svg", "g", "path", "rect", "circle", "text"}, code
            assert not CHINESE.search(example.drawing) and "style=" not in example.drawing
            assert len(example.drawing) < 4000


@pytest.mark.django_db
def test_the_task_on_the_phone_shows_steps_and_drawings_inline(check, staff, client):
    client.force_login(staff.first)
    page = client.get(f"/work/checks/{check.pk}/").content.decode()
    for words in ("散装的还看是不是原来的日期", "挂在进门看得见的地方", "图是示意，不代替条文"):
        assert words in page
    assert page.count('class="example ') == 6  # three items, a drawing of each kind


@pytest.mark.django_db
def test_an_item_without_guidance_keeps_its_listed_content(check, staff, client, monkeypatch):
    monkeypatch.setattr(guidance, "of_item", lambda code: None)
    client.force_login(staff.first)
    page = client.get(f"/work/checks/{check.pk}/").content.decode()
    assert "怎么查" in page and 'class="example ' not in page
