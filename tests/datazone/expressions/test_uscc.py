"""The vectorised check says what the check of one code says."""

import json
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhijian.datazone.expressions.uscc import uscc_normalised, uscc_organisation_check_fails, uscc_problem
from zhijian.standards import uscc

VECTORS = json.loads((Path(__file__).parents[2] / "data/standards/uscc.json").read_text(encoding="utf-8"))
RIGHT = "91350100M000100Y43"

valid_codes = st.text(alphabet=uscc.ALPHABET, min_size=17, max_size=17).map(
    lambda body: body + uscc.check_character(body)
)
one_changed = st.tuples(valid_codes, st.integers(0, 17), st.sampled_from(uscc.ALPHABET + "IOSVZ×-０o")).map(
    lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] + 1 :]
)
typed_otherwise = st.tuples(valid_codes, st.sampled_from([" {}", "{}\t", "{}\u3000"])).map(
    lambda parts: parts[1].format(parts[0].lower())
)
anything = st.text(alphabet=uscc.ALPHABET + "IOSVZ〓é -oｘ０\u3000", min_size=16, max_size=20)
codes = st.lists(st.one_of(valid_codes, one_changed, typed_otherwise, anything), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def con():
    """DuckDB with the checks of a table `typed` compiled once, as `checked`."""
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar=false")
    typed = ibis.table({"n": "int64", "code": "string"}, name="typed")
    checked = typed.select(
        "n",
        read=uscc_normalised(typed.code),
        problem=uscc_problem(typed.code),
        is_flagged=uscc_organisation_check_fails(typed.code),
    ).order_by("n")
    return connection, str(ibis.to_sql(checked, dialect="duckdb"))


def vectorised(con, texts):
    connection, sql = con
    connection.register("typed", pa.table({"n": range(len(texts)), "code": pa.array(texts, pa.string())}))
    return connection.sql(sql).to_arrow_table().to_pylist()


def one_by_one(text):
    kinds = [problem.kind for problem in uscc.find_problems(uscc.normalise(text))]
    refused = [kind for kind in kinds if kind != "check_organisation"]
    return {"problem": refused[0] if refused else None, "is_flagged": "check_organisation" in kinds}


def assert_agrees(con, texts):
    for text, row in zip(texts, vectorised(con, texts), strict=True):
        assert row["read"] == uscc.normalise(text)
        assert {"problem": row["problem"], "is_flagged": row["is_flagged"]} == one_by_one(text), text


@settings(max_examples=60, deadline=None)
@given(texts=codes)
def test_both_checks_agree_on_any_input(con, texts):
    assert_agrees(con, texts)


def test_both_checks_agree_on_published_codes(con):
    assert_agrees(con, [vector["code"] for vector in VECTORS])


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (RIGHT, None),
        (RIGHT.lower(), None),
        (RIGHT[:-1], "length"),
        (RIGHT + "0", "length"),
        ("", "length"),
        (RIGHT.replace("M", "O"), "charset"),
        ("〓" + RIGHT[1:], "charset"),
        (RIGHT[:-1] + "D", "check_18"),
        (None, None),
    ],
)
def test_the_first_failing_check_is_named(con, code, problem):
    (row,) = vectorised(con, [code])
    assert row["problem"] == problem


def test_a_wrong_organisation_code_inside_a_right_code_is_flagged_only(con):
    body = "91440101MA59ABCD2"
    (row,) = vectorised(con, [body + uscc.check_character(body)])
    assert (row["problem"], row["is_flagged"]) == (None, True)


def test_nothing_is_said_of_a_missing_code(con):
    (row,) = vectorised(con, [None])
    assert (row["problem"], row["is_flagged"]) == (None, None)
