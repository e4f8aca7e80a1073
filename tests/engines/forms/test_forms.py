"""A form says what is wrong, where, and how to mend it; nothing typed is lost; any declared form works in a browser."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.engines.forms.samples import FILLED, FORM, SCHEMA, Browser, Sent
from zhijian.engines.forms import declaration
from zhijian.engines.forms.binding import bind, defaults, typed_from, typed_of
from zhijian.engines.forms.declaration import FormRefused
from zhijian.engines.forms.shown import html_of, show, show_bound
from zhijian.engines.forms.turns import turn_of


def filled(**changes):
    typed = typed_from(FORM, FILLED)
    for name, text in changes.items():
        typed[name.replace("__", ".")] = [text]
    return typed


def told(typed, language="zh-hans"):
    with translation.override(language):
        return {one.path: str(one.words) for one in bind(FORM, typed).problems}


def test_what_was_filled_in_is_read_exactly():
    bound = bind(FORM, filled(amount="１，２８０.50元", bought_on="2026年11月2日"))
    assert bound.is_valid, bound.problems
    assert bound.data == FILLED
    assert json.loads(json.dumps(bound.data)) == FILLED


def test_an_empty_form_names_every_required_answer_in_the_order_of_the_page():
    problems = bind(FORM, {}).problems
    assert [one.path for one in problems] == [
        *("name", "way", "bought_on", "amount", "agreed", "shop.code", "goods")
    ]
    assert told({})["way"] == "请选择“怎样联系您”。"
    assert told({}, "en")["goods"] == "Give at least one entry for “Goods”."


@pytest.mark.parametrize(
    ("path", "text", "zh", "en"),
    [
        ("bought_on", "昨天", "不是一个日期。请写年-月-日", "is not a date. Write year-month-day"),
        ("bought_on", "2026-02-30", "不是一个日期", "is not a date"),
        ("amount", "一百", "不是一个数", "is not a number"),
        ("amount", "1e9", "不是一个数", "is not a number"),
        ("amount", "1.005", "最多2位小数", "at most 2 decimals"),
        ("amount", "-1", "应不小于0", "at least 0"),
        ("people", "1.5", "不是整数", "not a whole number"),
        ("name", "陈", "至少2个字，现有1个", "at least 2 characters; this has 1"),
        ("name", "陈" * 31, "最多30个字，现有31个。请删去1个字", "at most 30 characters; this has 31"),
        ("way", "fax", "没有这个选项", "no such choice"),
        ("agreed", "", "请勾选", "Tick"),
        ("shop__code", "12345", "应为18位数字或大写字母", "18 digits or capitals"),
        ("goods__0__price", "x", "“单价”的“x”不是一个数", "“x” in “Price” is not a number"),
    ],
)
def test_what_is_wrong_is_said_in_both_languages_and_stays_in_the_form(path, text, zh, en):
    place, typed = path.replace("__", "."), filled(**{path: text})
    assert zh in told(typed)[place]
    assert en in told(typed, "en")[place]
    html = html_of(show_bound(bind(FORM, typed)))
    page = Browser(html)
    assert f"f-{place}" in page.links <= set(page.ids)
    if path not in {"way", "agreed"}:
        assert page.sent[place] == [text]


def test_script_in_every_text_is_text():
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    typed = {name: [evil] for name in typed_from(FORM, FILLED)}
    html = html_of(show_bound(bind(FORM, typed)))
    assert "<script" not in html
    assert "<img" not in html
    assert Browser(html).sent["shop.told"] == [evil]


def test_blank_rows_count_for_nothing_and_an_error_stands_at_the_row_that_was_typed():
    typed = filled() | {"goods.1.what": [""], "goods.2.price": ["5"]}
    assert told(typed) == {"goods.2.what": "请填写“名称”。"}
    assert bind(FORM, typed | {"goods.2.what": ["茶"]}).data["goods"][1] == {"what": "茶", "price": "5"}


def test_rows_are_added_and_taken_away_without_script_and_the_rest_stays():
    posted = Sent(filled() | {"_add": ["goods"], "_submit": ["1"]})
    turn = turn_of(FORM, posted)
    assert (turn.act, turn.place) == ("rows", "goods")
    assert Browser(html_of(show(FORM, turn.typed))).sent["goods.1.what"] == [""]
    fewer = turn_of(FORM, Sent(turn.typed | {"_remove": ["goods.0"]}))
    assert not [name for name in fewer.typed if name.startswith("goods.0")]
    assert fewer.typed["name"] == ["陈小丽"]
    full = filled() | {f"goods.{n}.what": ["x"] for n in range(3)}
    assert turn_of(FORM, Sent(full | {"_add": ["goods"]})).typed == full


def test_more_rows_than_allowed_and_names_of_nobody_are_told_or_left_out():
    many = filled() | {f"goods.{n}.what": ["茶"] for n in range(5)}
    assert told(many) == {"goods": "“商品”最多3项。请删去多出的。"}
    strange = Sent(
        filled() | {"is_admin": ["1"], "goods.01.what": ["x"], "shop": ["x"], "goods.x.what": [""]}
    )
    assert typed_of(FORM, strange) == filled()


def test_both_languages_are_shown_and_every_control_is_named():
    for language, words in (("zh-hans", "怎样联系您"), ("en", "How we reach you")):
        with translation.override(language):
            html = html_of(show(FORM, filled()))
        assert words in html
    page = Browser(html)
    assert set(page.controls) <= page.labels
    assert 'autocomplete="name"' in html
    assert 'inputmode="decimal"' in html


def test_a_schema_outside_the_subset_is_refused_with_every_problem():
    bad = {
        "type": "object",
        "title": "坏",
        "properties": {
            "Bad": {"type": "string", "title": "名"},
            "a": {"type": "null", "title": "a"},
            "b": {"type": "string", "title": "b", "if": {}},
            "c": {"type": "string"},
            "d": {"type": "number", "title": "d", "multipleOf": 0.01},
            "e": {"type": "string", "title": "e", "x-widget": "calendar"},
        },
        "required": ["z"],
    }
    with pytest.raises(FormRefused) as refused:
        declaration.parse(bad, "bad")
    assert len(refused.value.problems) == 7
    for part in (
        "Bad",
        "a:",
        "unsupported if",
        "c has no title",
        "not floats",
        "x-widget",
        "required names z",
    ):
        assert part in refused.value.message_en


def test_a_form_is_read_from_its_file_with_exact_numbers_and_its_defaults(tmp_path):
    path = tmp_path / "refund.json"
    schema = {**SCHEMA, "properties": {**SCHEMA["properties"]}}
    schema["properties"]["people"] = {**schema["properties"]["people"], "default": 1}
    path.write_text(json.dumps(schema, default=float), "utf-8")
    form = declaration.load(path)
    assert form.name == "refund"
    assert form.schema["properties"]["amount"]["multipleOf"] == Decimal("0.01")
    assert defaults(form) == {"people": ["1"]}


# Any schema of the subset, with values that it allows.

LINE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=12)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
TITLES = {"title": "题<目>", "x-title-en": "Title & more"}


@st.composite
def leaves(draw, *, in_row=False):
    """A question and its values."""
    kinds = ["text", "area", "number", "integer", "date", "choice"] + (
        [] if in_row else ["tick", "yesno", "choices"]
    )
    match draw(st.sampled_from(kinds)):
        case "text":
            return {"type": "string"}, LINE
        case "area":
            text = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
            return {"type": "string", "x-widget": "textarea"}, text
        case "number":
            places = draw(st.integers(0, 4))
            value = st.decimals(-(10**9), 10**9, places=places).map(lambda d: format(d, "f"))
            return {"type": "number"}, value.filter(
                lambda text: Decimal(text) != 0 or not text.startswith("-")
            )
        case "integer":
            return {"type": "integer", "minimum": -5}, st.integers(-5, 10**15)
        case "date":
            return {"type": "string", "format": "date"}, st.dates(date(1000, 1, 1)).map(date.isoformat)
        case "tick":
            return {"type": "boolean"}, st.booleans()
        case "yesno":
            return {"type": "boolean", "x-widget": "radio"}, st.booleans()
        case kind:
            values = draw(st.lists(LINE, min_size=1, max_size=9, unique=True))
            if kind == "choice":
                return {"type": "string", "enum": values}, st.sampled_from(values)
            items = {"type": "string", "enum": values}
            chosen = st.lists(st.sampled_from(values), unique=True, min_size=1).map(
                lambda some: [value for value in values if value in some]
            )
            return {"type": "array", "uniqueItems": True, "items": items}, chosen


@st.composite
def sections(draw, depth=0):
    """A section and its values; every value that may be missing is missing at times."""
    properties, values, required = {}, {}, []
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        kind = draw(st.sampled_from(["leaf"] * 3 + (["section", "rows", "plain"] if depth < 2 else [])))
        if kind == "leaf":
            schema, value = draw(leaves())
        elif kind == "section":
            schema, value = draw(sections(depth + 1))
        else:
            row, each = draw(leaves(in_row=True)) if kind == "plain" else draw(sections(3))
            schema = {"type": "array", "maxItems": 4, "items": row}
            value = st.lists(each, min_size=1, max_size=3)
        properties[name], values[name] = {**TITLES, **schema}, value
        if depth in {0, 3} or draw(st.booleans()):
            required.append(name)
    needed = {name: values[name] for name in required}
    maybe = {name: value for name, value in values.items() if name not in required}
    if not needed:  # a section in which nothing stands is left out by the browser too
        name = next(iter(maybe))
        needed, required = {name: maybe.pop(name)}, [name]
    schema = {**TITLES, "type": "object", "required": required, "properties": properties}
    return schema, st.fixed_dictionaries(needed, optional=maybe)


@st.composite
def forms(draw):
    schema, values = draw(sections())
    return declaration.parse(schema, "any"), draw(values)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(forms())
def test_any_form_of_the_subset_is_shown_accessibly_and_gives_back_what_it_was_given(pair):
    form, data = pair
    page = Browser(html_of(show(form, typed_from(form, data))))
    assert len(page.ids) == len(set(page.ids))
    assert set(page.controls) <= page.labels
    assert page.described <= set(page.ids)
    assert page.unnamed_fieldsets == 0
    direct = bind(form, typed_from(form, data))
    assert direct.is_valid, direct.problems
    assert normal(direct.data) == normal(data)
    sent = bind(form, typed_of(form, Sent(page.sent)))
    assert normal(sent.data) == normal(data)


def normal(value):
    """Compare without what is not there: unticked boxes, and rows and sections of nothing else."""
    if isinstance(value, dict):
        parts = {name: normal(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part not in (False, {}, [])}
    if isinstance(value, list):
        return [part for part in map(normal, value) if part not in (False, {}, [])]
    return value


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.one_of(st.sampled_from(sorted(typed_from(FORM, FILLED))), st.text(max_size=8)),
        st.lists(st.text(max_size=30), max_size=3),
    )
)
@example({"wants": ["a tram"]})
def test_whatever_is_sent_is_answered_and_shown_again(posted):
    turn = turn_of(FORM, Sent(posted))
    bound = bind(FORM, turn.typed)
    page = Browser(html_of(show_bound(bound)))
    assert page.links <= set(page.ids)
    assert not bound.is_valid
