import duckdb
import numpy as np
import pytest

from zhijian.datazone.linkage import scoring, training
from zhijian.datazone.linkage.comparing import COMPARISONS, NAMES, compare
from zhijian.datazone.linkage.rows import rows_of


def test_splinks_levels_are_ours_on_pairs_of_every_kind(records, register):
    """The SQL that trains and the arrays that link give each pair the same level in every comparison."""
    rows = rows_of(records)[0]
    record, entity = register.candidates(rows)
    chance = np.random.default_rng(0)
    chosen = chance.choice(len(record), 4000, replace=False)
    left, right = rows[record[chosen]], register.rows[entity[chosen]]
    strangers = chance.integers(0, len(rows), 500), chance.integers(0, len(register), 500)
    left = np.concatenate((left, rows[strangers[0]]))
    right = np.concatenate((right, register.rows[strangers[1]]))
    con = duckdb.connect()
    for side, of in (("l", left), ("r", right)):
        con.register(f"{side}_rows", training.splink_columns(of))
        con.execute(f"""create view {side}_side as select unique_id, columns(* exclude unique_id) as "\\0_{side}" from (
            select * replace (nullif(trade, '') as trade),
            list_transform(range(1, length(trade) + 1), lambda i: trade[:i-1] || '?' || trade[i+1:]) as gaps,
            list_transform(range(1, length(trade) + 1), lambda i: trade[:i-1] || trade[i+1:]) as less from {side}_rows)""").fetchall()
    cases = []
    for comparison in COMPARISONS:
        silent, *conditions = training.SQL[comparison.name]
        levels = range(len(comparison.levels) - 1, 0, -1)
        whens = " ".join(f"when {sql} then {n}" for n, sql in zip(levels, conditions, strict=True))
        cases.append(f"case when {silent} then -1 {whens} else 0 end")
    sql = f"select {', '.join(cases)} from l_side join r_side using (unique_id) order by unique_id"
    found = np.array(con.execute(sql).fetchall())
    ours = compare(left, right)
    for place, name in enumerate(NAMES):
        assert np.array_equal(found[:, place], ours[:, place]), name
    assert len(np.unique(ours[:, 0])) >= 5


def test_decisions_move_the_weights_and_a_handful_moves_them_little(weights):
    levels = np.tile(
        np.array([[5, 2, 1, 1, -1, -1, 1]], np.int8), (400, 1)
    )  # agents' telephones: shared by strangers
    levels[:, 0] = 0
    namesakes, different = np.full(400, 3), np.zeros(400, bool)
    taught = {
        n: training.learn_from_levels(
            weights,
            levels[:n],
            namesakes[:n],
            different[:n],
            entities=1000,
            share_not_on_register=0.05,
            ridge=5,
        )
        for n in (3, 400)
    }
    total = {
        n: training.contributions(levels[:1], namesakes[:1], 1000, w).sum() + w.offset_bits
        for n, w in taught.items()
    }
    before = training.contributions(levels[:1], namesakes[:1], 1000, weights).sum() + weights.offset_bits
    assert total[400] < total[3] <= before + 1e-6
    assert taught[400].labels == weights.labels + 400


def test_without_decisions_nothing_changes(weights):
    none = np.zeros((0, len(NAMES)), np.int8)
    same = training.learn_from_levels(
        weights, none, np.zeros(0), np.zeros(0, bool), entities=10, share_not_on_register=0.05
    )
    assert same == weights


def test_splink_learns_that_agreement_speaks_for_and_conflict_against(records, register):
    learnt = training.train(rows_of(records)[0], register.rows, seed=1, source="a test")
    table = learnt.table
    assert (table[NAMES.index("trade"), 6], table[NAMES.index("phone"), 2]) > (5, 5)
    assert table[NAMES.index("form"), 1] < 0 < table[NAMES.index("form"), 2]
    for name in NAMES:
        assert sum(learnt.m[name]) == pytest.approx(1, abs=0.01)


def test_weights_survive_being_written_and_a_broken_file_is_named(tmp_path, weights):
    scoring.save(weights, tmp_path / "w.json")
    assert scoring.load(tmp_path / "w.json") == weights
    (tmp_path / "w.json").write_text("{}")
    with pytest.raises(scoring.WeightsProblem, match="zhijian link train"):
        scoring.load(tmp_path / "w.json")
