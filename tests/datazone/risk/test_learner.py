"""The learner: obeys directions, is calibrated, repeats itself, and can learn the firm instead of the inspector."""

import numpy as np
import pytest

from tests.datazone.risk.conftest import tiny_rows
from zhijian.datazone.risk import contract, measures
from zhijian.datazone.risk.evaluation import select
from zhijian.datazone.risk.learner import Model, Settings, calibrated, columns_of, fit, sigmoid
from zhijian.datazone.risk.scoring import score_dataset

QUICK = Settings(rounds=60, seeds=1)


def test_more_of_a_feature_declared_increasing_never_lowers_the_chance(tiny):
    model = fit(tiny, variant="adjusted", settings=QUICK)
    names = [column.name for column in columns_of(tiny.contract, "adjusted")]
    rows = np.zeros((200, len(names)))
    rows[:, names.index("dirt")] = np.linspace(-4, 4, 200)
    assert (np.diff(model.chance(rows)) >= 0).all()


def test_the_same_rows_give_the_same_model_and_it_survives_storage(tiny):
    first, second = (fit(tiny, variant="with", settings=QUICK) for _ in range(2))
    assert first == second
    assert Model.from_json(first.to_json()) == first
    with pytest.raises(ValueError, match="no stored risk model"):
        Model.from_json("{}")


def test_adjusted_learning_reads_neither_place_nor_inspector(tiny):
    assert set(fit(tiny, variant="adjusted", settings=QUICK).features) == {"dirt", "noise"}
    assert "inspector" not in fit(tiny, variant="without", settings=QUICK).features


def test_leaving_the_inspectors_column_out_does_not_leave_the_inspector_out_while_places_stay(tiny):
    """The strict one works in the east, so places order visits by inspector; adjusted learning does not."""
    early, late = (
        select(tiny, tiny.happened < np.median(tiny.happened)),
        select(tiny, tiny.happened >= np.median(tiny.happened)),
    )
    scores = {
        variant: fit(early, variant=variant, settings=QUICK, does_calibrate=False).raw(
            late.matrix(columns_of(tiny.contract, variant))
        )
        for variant in ("without", "adjusted")
    }
    is_strict = late.values["inspector"].astype(int)
    assert measures.auc(is_strict, scores["without"]) > 0.7
    assert measures.auc(is_strict, scores["adjusted"]) < 0.6
    within = {
        name: measures.auc_within(late.label, score, late.assignment()) for name, score in scores.items()
    }
    assert within["adjusted"] > within["without"]


def test_chances_agree_with_what_is_found_later(tiny):
    cut = np.quantile(tiny.happened, 0.6)
    early, late = select(tiny, tiny.happened < cut), select(tiny, tiny.happened >= cut)
    model = fit(early, variant="with", settings=QUICK)
    chance = model.chance(late.matrix(columns_of(tiny.contract, "with")))
    assert chance.mean() == pytest.approx(late.label.mean(), abs=0.05)
    assert 0.6 < measures.calibration_line(late.label, chance)[0] < 1.5


def test_calibration_by_steps_takes_over_where_there_is_enough_to_learn_steps():
    draw = np.random.default_rng(3)
    raw = draw.normal(size=30_000)
    found = (draw.uniform(size=30_000) < sigmoid(2 * raw)).astype(int)
    steps, line = calibrated(raw, found), calibrated(raw[:500], found[:500])
    assert (steps.kind, line.kind) == ("isotonic", "platt")
    assert steps.chance(np.array([1.0]))[0] == pytest.approx(sigmoid(np.array([2.0]))[0], abs=0.04)


def test_a_word_never_seen_before_is_unknown_and_a_model_of_another_version_is_refused(
    tiny, tmp_path, write_contract
):
    import pyarrow as pa
    import pyarrow.parquet as pq

    model = fit(tiny, variant="with", settings=QUICK)
    rows = tiny_rows()
    strangers = rows.set_column(8, "inspector", pa.array(["never seen"] * len(rows)))
    report = score_dataset(contract.dataset(strangers, tiny.contract), model, tmp_path / "scores.parquet")
    assert report["scored"] == len(rows)
    assert sorted(pq.read_table(tmp_path / "scores.parquet")["rank"].to_pylist()) == list(
        range(1, len(rows) + 1)
    )
    newer = contract.load(write_contract(lambda document: document.update(version="2.0.0")))
    with pytest.raises(ValueError, match=r"learned under tiny 1.0.0, the rows are under tiny 2.0.0"):
        score_dataset(contract.dataset(rows, newer), model, tmp_path / "no.parquet")
