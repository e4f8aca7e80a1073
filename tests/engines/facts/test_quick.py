"""The quick form of a schema never lets through what the general validator refuses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from zhijian.engines.facts import kinds
from zhijian.engines.facts.quick import compiled

NAMES = sorted({name for kind in kinds.all_kinds().values() for name in kind.schema.get("properties", {})})
WORDS = [
    "",
    "x",
    "fine",
    "warning",
    "ordinary",
    "annual_report",
    "2026-02-28",
    "2026-02-30",
    "20260228",
    "5.00",
    "1",
    "1\n",
]
LEAVES = st.sampled_from(WORDS) | st.integers(-5, 3000) | st.booleans() | st.none()
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*NAMES, "salt", "Ä"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@st.composite
def payloads(draw, schema):
    """Payloads near to what the schema wants: all that it requires, some that it knows, some that it does not."""
    required = {name: draw(VALUES) for name in schema.get("required", ()) if draw(st.integers(0, 9))}
    known = schema.get("properties", {})
    wanted = {name: draw(st.sampled_from(known[name]["enum"])) for name in required if "enum" in known[name]}
    more = draw(st.dictionaries(st.sampled_from([*known, "salt", "other", "Ä"]), VALUES, max_size=3))
    return {**required, **wanted, **more}


@pytest.mark.parametrize("name", ["penalty.decided", "inspection.result", "abnormal_list.listed", "draw.drawn",
                                  "inspection.follow_up", "annual_report.published"])  # fmt: skip
@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_both_say_the_same_of_every_payload(name, data):
    schema = kinds.get(name).schema
    payload = data.draw(payloads(schema) | VALUES)
    general = Draft202012Validator(schema, format_checker=FormatChecker(["date"]))
    assert compiled(schema)(payload) == general.is_valid(payload)


@pytest.mark.parametrize("name", sorted(kinds.all_kinds()))
def test_every_kind_has_a_quick_form(name):
    assert compiled(kinds.get(name).schema) is not None


@pytest.mark.parametrize(
    "schema", [{"oneOf": [{}]}, {"type": "number"}, {"format": "email"}, {"items": {"$ref": "#"}}]
)
def test_a_keyword_that_is_not_known_has_no_quick_form(schema):
    assert compiled(schema) is None
