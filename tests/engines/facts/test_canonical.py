"""The canonical form of a fact: RFC 8785 without fractions."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhijian.engines.facts.canonical import NotCanonical, canonical, canonical_bytes

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def test_keys_are_sorted_and_nothing_is_padded():
    assert canonical({"b": [1, None, True], "a": {"文": "示例"}}) == '{"a":{"文":"示例"},"b":[1,null,true]}'


def test_keys_are_sorted_by_utf16_as_javascript_does():
    # RFC 8785, 3.2.3: U+1F600 begins with the unit D83D, before U+FB33.
    assert canonical({"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3}) == '{"\u20ac":3,"\U0001f600":2,"\ufb33":1}'


def test_only_what_json_demands_is_escaped():
    assert canonical('"\\/\b\f\n\r\t\x1f\x7f\u2028') == '"\\"\\\\/\\b\\f\\n\\r\\t\\u001f\x7f\u2028"'


@given(VALUES)
def test_reading_the_text_back_gives_the_value_and_writing_again_the_same_text(value):
    text = canonical_bytes(value)
    assert json.loads(text) == value
    assert canonical_bytes(json.loads(text)) == text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"fine": 0.1}, r"\$\.fine is a float \(0\.1\).*Write amounts and fractions as strings"),
        ([1, 2**53], r"\$\[1\] is 9007199254740992, beyond 2\*\*53 - 1. Write it as a string"),
        ({"a": {"b": "x\x00"}}, r"\$\.a\.b contains U\+0000 at character 2"),
        ("\ud800", r"contains U\+D800"),
        ({1: "x"}, r"\$ has the key 1; keys are text"),
        ({"on": {1, 2}}, r"\$\.on is a set"),
    ],
)
def test_what_has_no_single_form_is_refused_by_name(value, words):
    with pytest.raises(NotCanonical, match=words):
        canonical(value)
