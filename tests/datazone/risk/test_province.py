"""Learn from the lake and score everyone in it, judged by the truth that no model reads."""

from dataclasses import replace
from datetime import UTC, date, datetime

import ibis
import pytest

from zhijian.datazone.lake import Lake
from zhijian.datazone.risk import province
from zhijian.datazone.risk.card import evaluate
from zhijian.datazone.risk.contract import BadDataset
from zhijian.datazone.risk.evaluation import TooShort, run_windows
from zhijian.datazone.risk.judge import judge
from zhijian.datazone.synthesis.province import FACTS, REGISTER, synthesize

AS_OF = date(2025, 12, 31)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A province of 20,000 with keys, as a refresh would make it, learned and scored."""
    made = Lake(tmp_path_factory.mktemp("province"))
    synthesize(made, 20_000, seed=3, at=datetime(2026, 1, 1, tzinfo=UTC), workers=1)
    connection = made.ibis()
    register, facts = made.table(connection, REGISTER), made.table(connection, FACTS)
    keyed = register.mutate(entity_id=ibis.row_number().over(order_by=register.uscc) + 1)
    made.write(province.ENTITIES, keyed.to_pyarrow())
    made.write(
        province.FACTS, facts.inner_join(keyed.select("uscc", "entity_id"), "uscc").drop("uscc").to_pyarrow()
    )
    return made


@pytest.fixture(scope="module")
def learned(lake):
    return province.fit_province(lake, as_of=AS_OF)


def test_only_the_inspected_have_a_label_and_the_report_says_how_few(learned):
    model, report = learned
    assert 0.02 < report["share_with_label"] < 0.08
    assert report["violations"] < report["visited_entities"] < report["registered_entities"] == 20_000
    assert "prefecture_code" not in model.features
    assert "inspector" not in model.features


def test_everyone_is_scored_and_the_scores_order_the_true_violations(lake, learned):
    report = province.score_province(lake, learned[0], as_of=AS_OF)
    assert report["scored"] == lake.count(province.TABLE) > 19_900
    verdict = judge(lake)
    assert 0.55 < verdict["learned"]["auc"] < verdict["oracle"]["auc"]
    assert verdict["learned"]["capture_at_tenth"] > 0.13


def test_what_was_found_later_is_no_feature(lake):
    rows = province.training_set(lake, as_of=AS_OF)
    assert (rows.decided < rows.happened).all()


def test_each_origin_of_the_province_is_learned_from_what_was_known_by_then(lake):
    rows = province.training_set(lake, as_of=AS_OF, years=3)
    card = evaluate(
        rows, windows=2, held_out=1, repeats=2, settings=replace(province.SETTINGS, rounds=10), by_decision=True, is_synthetic=province.is_synthetic(lake),
    )  # fmt: skip
    assert (card["is_public"], card["is_synthetic"]) == (False, True)
    assert card["split"]["is_known_when_planned"] is True
    assert [w["from"] for w in card["windows"]] == ["2024-01-01", "2025-01-01"]
    assert (
        card["windows"][0]["trained_visits"] + card["windows"][0]["visits"]
        == card["windows"][1]["trained_visits"]
    )
    assert [m["month"] for m in card["drift"]["months"]][:2] == ["2024-01", "2024-02"]
    assert card["summary"]["held_out"]["adjusted"]["auc"]["value"] > 0.5
    with pytest.raises(TooShort, match="there are 3"):
        run_windows(rows, windows=3, held_out=1, settings=province.SETTINGS, by_decision=True)


def test_an_empty_lake_says_what_to_run(tmp_path):
    with pytest.raises(province.NothingToLearn, match="zhijian refresh"):
        province.fit_province(Lake(tmp_path), as_of=AS_OF)


def test_a_time_without_inspections_is_refused(lake):
    with pytest.raises(BadDataset, match="there are no rows"):
        province.fit_province(lake, as_of=date(2015, 1, 1))
