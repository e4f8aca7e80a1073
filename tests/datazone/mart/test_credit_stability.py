"""Without new facts a class changes only by what ages: each indicator fades, none grows of itself."""

from datetime import date, timedelta

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.datazone.mart.engines import FACT
from tests.datazone.mart.test_credit_judging import REGISTER, entity
from zhijian.datazone.mart.credit_score import mart_credit_related, mart_credit_score, points_column
from zhijian.datazone.mart.indicator_tree import tree_of
from zhijian.standards import parameters

WEIGHTS = parameters.load("supervision/credit_class").on(date(2026, 12, 1))
TREE = tree_of(WEIGHTS)
MONTH, NEXT = date(2025, 10, 31), date(2025, 11, 30)
# A complaint of 13 months moves from the one to the other; a firm that turns ten is old.
MOVES_WITH_TIME = {"complaint_earlier", "age_old"}

facts_of_a_firm = st.lists(
    st.tuples(
        st.sampled_from(
            ["penalty.decided", "complaint.upheld", "inspection.result", "sampling.result",
             "annual_report.published", "abnormal_list.listed", "equipment.inspected", "product.failed"]
        ),
        st.integers(0, 1500),
        st.sampled_from(["1", "3", "5", "pass", "fail", None]),
    ),
    max_size=6,
)  # fmt: skip


def scored(firms, as_of):
    facts = [
        {
            **dict.fromkeys(FACT.names),
            "entity_id": number, "kind": kind, "codes": codes, "source": "s", "source_key": f"{number}-{n}",
            "reference": f"{number}-{n}", "occurred_on": MONTH - timedelta(days=days), "recorded_on": MONTH,
        }
        for number, firm in enumerate(firms)
        for n, (kind, days, codes) in enumerate(firm)
    ]  # fmt: skip
    register = ibis.memtable(pa.Table.from_pylist([entity(n) for n in range(len(firms))], schema=REGISTER))
    known = ibis.memtable(pa.Table.from_pylist(facts, schema=FACT))
    related = mart_credit_related(register, known, as_of=as_of, weights=WEIGHTS)
    score = mart_credit_score(register, known, related, as_of=as_of, weights=WEIGHTS)
    return score.to_pyarrow().sort_by("entity_id").to_pylist()


@settings(max_examples=3, deadline=None)
@given(st.lists(facts_of_a_firm, min_size=25, max_size=25))
def test_a_month_without_new_facts_only_lets_indicators_fade(firms):
    for before, after in zip(scored(firms, MONTH), scored(firms, NEXT), strict=True):
        for one in TREE.indicators:
            if one.id not in MOVES_WITH_TIME:
                name = points_column(one.id)
                assert abs(after[name]) <= abs(before[name]), (one.id, before, after)


@settings(max_examples=2, deadline=None)
@given(st.lists(facts_of_a_firm, min_size=25, max_size=25))
def test_rating_the_same_month_again_gives_the_same_scores(firms):
    assert scored(firms, MONTH) == scored(firms, MONTH)
