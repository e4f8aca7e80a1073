"""The visitor's own browser checks a list and an absence with code that shares nothing with ours, and finds what is wrong."""

import json
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest

from tests.engines.draws.conftest import serving
from tests.engines.publicity.conftest import DAY, FIRM, NONE, OTHER
from tests.engines.publicity.test_checking import resigned
from zhijian.engines.publicity import statements

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
VECTORS = Path(__file__).parents[2] / "data" / "publicity" / "vectors.json"
NEXT = DAY + timedelta(days=1)


@pytest.fixture(scope="module")
def page(chromium):
    opened = chromium.new_page()
    with serving() as address:
        opened.goto(f"{address}/publicity.js")
        opened.evaluate("async () => { window.whole = await import('/publicity.js') }")
    yield opened
    opened.close()


def listed(page, answer):
    return page.evaluate("(answer) => whole.checkList(answer).catch(() => 'broken')", answer)


def test_the_browser_says_whole_none_and_broken_as_we_do(page, penalty, build, ask, home):
    for key, code in (("1", FIRM), ("2", FIRM), ("3", OTHER)):
        penalty(key, subject=code)
    build()
    build(NEXT)
    whole, none = ask(FIRM, NEXT), ask(NONE, NEXT)
    hidden, forged, mixed = deepcopy(whole), deepcopy(whole), deepcopy(whole)
    hidden["leaf"]["items"].pop()
    forged |= {"leaf": None, "proof": forged["proof"] | {"end": None}}
    mixed["leaf"] = ask(OTHER, NEXT)["leaf"]
    said = [listed(page, one) for one in (whole, none, hidden, forged, mixed)]
    assert said == ["whole", "none", "broken", "broken", "broken"]
    assert listed(page, whole | {"leaf": None}) == "withheld"

    roots = json.loads((home.published / "publicity" / "roots.json").read_text())["roots"]
    split = resigned(roots[1], root="ab" * 32)
    unsigned = {**roots[1], "statement": split["statement"]}
    signed = "(all) => Promise.all(all.map((one) => whole.isSigned(one)))"
    assert page.evaluate(signed, [*roots, split, unsigned]) == [True, True, True, False]
    chained = "(roots) => whole.isChain(roots)"
    assert page.evaluate(chained, roots) is True
    assert page.evaluate(chained, [roots[1], roots[0]]) is False
    kept = {one["statement"]["day"]: statements.hash_of(one["statement"]) for one in roots}
    differing = "([kept, roots]) => whole.differences(kept, roots)"
    assert page.evaluate(differing, [kept, roots]) == {"split": [], "lost": []}
    assert page.evaluate(differing, [kept, [roots[0], split]]) == {"split": ["2026-11-04"], "lost": []}
    later = resigned(roots[1], day="2026-11-05")
    assert page.evaluate(differing, [kept, [roots[0], later]]) == {"split": [], "lost": ["2026-11-04"]}


def test_the_published_vectors_hold_in_the_browser(page):
    for case in json.loads(VECTORS.read_text("utf-8"))["proofs"]:
        found = page.evaluate("([proof, code]) => whole.follow(proof, code)", [case["proof"], case["uscc"]])
        assert found == {"root": case["root"], "value": case["value"]}
