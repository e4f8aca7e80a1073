"""The visitor's own browser checks what the server says: independent code in another language."""

import base64
import json
from pathlib import Path

import pytest

from tests.engines.draws.conftest import serving
from zhijian.engines.facts import merkle
from zhijian.engines.facts.canonical import canonical, canonical_bytes

pytestmark = pytest.mark.browser

VECTORS = Path(__file__).parents[2] / "data" / "merkle"


@pytest.fixture(scope="module")
def page(chromium):
    """A page that has loaded the module. WebCrypto needs a secure context, which 127.0.0.1 is."""
    opened = chromium.new_page()
    with serving() as address:
        opened.goto(f"{address}/inclusion.js")
        opened.evaluate("async () => { window.seal = await import('/inclusion.js') }")
    yield opened
    opened.close()


def hexadecimal(text):
    return base64.b64decode(text).hex() if text else ""


def cases(name):
    return json.loads((VECTORS / name).read_text())


def test_the_browser_accepts_and_refuses_inclusion_as_published(page):
    said = cases("merkle_inclusion.json")
    asked = [
        [
            hexadecimal(case["leafHash"]),
            case["leafIdx"],
            case["treeSize"],
            [hexadecimal(step) for step in case["proof"] or []],
            hexadecimal(case["root"]),
        ]
        for case in said
    ]
    answers = page.evaluate("(all) => Promise.all(all.map((one) => seal.verifyInclusion(...one)))", asked)
    assert [not case["wantErr"] for case in said] == answers


def test_the_browser_accepts_and_refuses_consistency_as_published(page):
    said = [case for case in cases("merkle_consistency.json") if case["case"].startswith("consistency")]
    asked = [
        [
            case["size1"],
            case["size2"],
            hexadecimal(case["root1"]),
            hexadecimal(case["root2"]),
            [hexadecimal(step) for step in case["proof"] or []],
        ]
        for case in said
    ]
    answers = page.evaluate("(all) => Promise.all(all.map((one) => seal.verifyConsistency(...one)))", asked)
    wrong = [c["case"] for c, answer in zip(said, answers, strict=True) if answer is c["wantErr"]]
    assert wrong == []


FACTS = [
    {"payload": {"b": [1, None, True], "a": '示例 \u2028 \x7f \x1f "\\/'}, "z": -(2**53) + 1, "": {}},
    {"\ufb33": 1, "\U0001f600": "😀", "\u20ac": [], "form": "zhijian-fact/1"},
    {"10": 1, "9": 2, "a": {"10": "x", "9": "y"}},
]


@pytest.mark.parametrize("fact", FACTS, ids=range(len(FACTS)))
def test_both_languages_write_and_hash_a_fact_alike(page, fact):
    assert page.evaluate("(fact) => seal.canonical(fact)", fact) == canonical(fact)
    hashed = page.evaluate("(fact) => seal.factLeafHash(fact)", fact)
    assert hashed == merkle.leaf_hash(canonical_bytes(fact)).hex()


def test_the_browser_refuses_a_fraction(page):
    assert (
        page.evaluate("() => seal.factLeafHash({a: 0.5}).then(() => '', (e) => e.message)")
        == "not a whole number: 0.5"
    )


@pytest.mark.database
@pytest.mark.django_db
def test_a_sealed_fact_is_proved_in_the_browser_and_a_changed_one_is_not(page, record, home):
    from datetime import date, timedelta

    from tests.engines.facts.conftest import MORNING
    from zhijian.engines.facts import seals

    facts = [record(str(number)) for number in range(11)]
    seals.seal_day(date(2026, 11, 2), at=MORNING + timedelta(days=1))
    check = """async ([fact, proof]) => seal.verifyInclusion(
        await seal.factLeafHash(fact), proof.index, proof.tree_size, proof.proof, proof.root)"""
    for fact in facts:
        shown = seals.published_form(fact)
        assert page.evaluate(check, [shown, seals.inclusion(fact)]) is True
        assert page.evaluate(check, [shown | {"subject": "x"}, seals.inclusion(fact)]) is False
