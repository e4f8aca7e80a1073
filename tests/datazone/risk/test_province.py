"""Learn from the lake and score everyone in it, judged by the truth that no model reads."""

from dataclasses import replace
from datetime import UTC, date, datetime

import ibis
import pyarrow as pa
import pytest

from zhijian.datazone.lake import Lake
from zhijian.datazone.risk import province
from zhijian.datazone.risk.card import evaluate
from zhijian.datazone.risk.contract import BadDataset
from zhijian.datazone.risk.evaluation import TooShort, run_windows
from zhijian.datazone.risk.judge import judge
from zhijian.datazone.risk.visits import DrawnVisit
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


def test_scores_are_judged_by_drawn_visits_after_their_day_each_by_its_chance(tmp_path):
    lake = Lake(tmp_path / "lake")
    codes = [f"91440106MA{number:08d}" for number in range(4)]
    lake.write("entity_market_entities", pa.table({"uscc": codes, "entity_id": [1, 2, 3, 4]}))
    with pytest.raises(province.NothingToLearn, match="risk score"):
        province.judged_by_draw(lake, [])
    days = pa.array([date(2026, 10, 31)] * 4, pa.date32())
    lake.write(
        "mart_risk_score",
        pa.table({"entity_id": [1, 2, 3, 4], "chance": [0.9, 0.1, 0.2, 0.3], "as_of": days}),
    )
    visits = [
        DrawnVisit(codes[0], date(2026, 11, 2), 0.5, True),
        DrawnVisit(codes[1], date(2026, 11, 3), 0.1, False),
        DrawnVisit(codes[2], date(2026, 10, 31), 0.1, True),  # before the scores
        DrawnVisit("91440106MA99999999", date(2026, 11, 4), 0.1, True),  # not on the register
    ]
    told = province.judged_by_draw(lake, visits)
    assert (told["visits"], told["auc"]) == (2.0, 1.0)
    assert told["rate"] == pytest.approx(2 / 12)  # one of 2, none of 10
    with pytest.raises(province.NothingToLearn, match="after the day"):
        province.judged_by_draw(lake, visits[2:])
