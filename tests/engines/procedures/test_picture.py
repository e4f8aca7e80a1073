"""A drawing becomes a picture that anyone can read: by shape and by word, not by colour alone."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from zhijian.engines.procedures.picture import Names, PictureProblem, layout, svg, wrap

SKETCH = (Path(__file__).parent / "complaint_sketch.bpmn").read_bytes()
NAMES = Names("投诉处理流程图", "已走：登记投诉；当前：审查是否受理。", key="case")
SVG = "{http://www.w3.org/2000/svg}"


def picture(marks=None):
    return ElementTree.fromstring(svg(SKETCH, NAMES, marks))


def group(root, element):
    return next(one for one in root.iter(f"{SVG}g") if one.get("data-element") == element)


def words(root):
    return "".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))


def test_every_step_event_gateway_lane_and_flow_of_the_drawing_is_in_the_picture():
    placed = layout(SKETCH)
    assert {shape.kind for shape in placed.shapes} == {"lane", "task", "event", "gateway"}
    assert len(placed.shapes) == 15
    assert len(placed.arrows) == 10
    for name in ("受理登记", "审查是否受理", "是否受理", "不予受理"):
        assert name in words(picture())


def test_the_picture_names_itself_and_says_its_content_to_a_screen_reader():
    root = picture()
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "case-title"
    assert root.find(f"{SVG}title").text == "投诉处理流程图"
    assert root.find(f"{SVG}desc").text == "已走：登记投诉；当前：审查是否受理。"


def test_a_walked_step_has_a_tick_and_the_current_one_a_double_frame():
    root = picture({"register": "walked", "screen": "current", "mediate": "possible"})
    assert "✓" in words(group(root, "register"))
    assert len(group(root, "screen").findall(f"{SVG}rect")) == 2
    assert len(group(root, "mediate").findall(f"{SVG}rect")) == 1
    assert group(root, "mediate").get("class") == "task possible"


def test_the_current_event_and_gateway_have_a_double_frame_too():
    root = picture({"wait": "current", "decide": "current"})
    assert group(root, "wait").find(f"{SVG}circle[@class='inner']") is not None
    assert group(root, "decide").find(f"{SVG}path[@class='inner']") is not None


def test_what_was_added_taken_out_or_changed_bears_a_sign_of_its_own():
    root = picture({"register": "added", "screen": "removed", "f4": "changed"})
    signs = [words(group(root, element))[-1] for element in ("register", "screen", "f4")]
    assert signs == ["＋", "－", "≠"]


def test_nothing_in_it_needs_an_inline_style_or_script():
    text = svg(SKETCH, NAMES, {"register": "walked"})
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=", text)


def test_words_of_the_drawing_cannot_become_markup():
    hostile = SKETCH.replace("登记投诉".encode(), b"&lt;script&gt;alert(1)&lt;/script&gt;")
    text = svg(hostile, NAMES)
    assert "<script" not in text
    assert "&lt;" in text


def test_nothing_lies_outside_the_picture():
    view = layout(SKETCH).view
    for shape in layout(SKETCH).shapes:
        assert view.x < shape.box.x
        assert shape.box.x + shape.box.width < view.x + view.width


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("组织调解", ["组织调解"]),
        ("告知不予受理和其他解决途径", ["告知不予受", "理和其他解", "决途径"]),
        ("Tell the reasons", ["Tell the", "reasons"]),
        ("审查是否受理，并告知", ["审查是否受", "理，并告知"]),
    ],
)
def test_a_name_breaks_into_lines_that_fit_the_step(text, lines):
    assert wrap(text, 84, 4) == lines


def test_a_name_that_is_too_long_ends_in_an_ellipsis():
    assert wrap("一二三四五六七八九十", 40, 2) == ["一二三", "四五…"]


@pytest.mark.parametrize(
    ("drawing", "words_en"),
    [
        (b"<bpmn", "not whole XML"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "document type"),
        (re.sub(rb"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", b"", SKETCH, flags=re.S), "coordinates"),
        (SKETCH.replace(b'x="180"', b'x="left"'), "no number"),
    ],
)
def test_what_is_no_drawing_with_places_is_refused_with_a_reason(drawing, words_en):
    with pytest.raises(PictureProblem) as problem:
        svg(drawing, NAMES)
    assert words_en in problem.value.message_en
    assert problem.value.message_zh
