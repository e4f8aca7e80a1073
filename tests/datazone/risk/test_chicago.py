"""The real proof: only the past is read, and the shipped card tells what the code computes."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.datazone.risk.conftest import SAMPLE
from zhijian.datazone.risk import chicago, contract
from zhijian.datazone.risk.card import assignment_share, evaluate
from zhijian.datazone.risk.evaluation import TooShort, measure, run_windows
from zhijian.datazone.risk.histories import Key, days_since_last, expected_by_inspector, histories
from zhijian.datazone.risk.learner import Settings
from zhijian.datazone.risk.stored import CARDS

CARD = json.loads((CARDS / "chicago_food_inspections.card.json").read_text("utf-8"))


def test_nothing_in_the_future_changes_what_was_known(chicago_table):
    """Rows decided in the first windows are the same whether or not the later inspections exist."""
    longer = chicago_table
    cut = longer["decided_on"].to_pylist()[1_500]
    known = [name for name in longer.column_names if not name.startswith(("slice", "near_visits"))]
    source = pq.read_table(SAMPLE / chicago.FILE).sort_by(
        [("Inspection_Date", "ascending"), ("Inspection_ID", "ascending")]
    )
    turned = source.slice(0, 4_000)
    later = np.array([day.date() > cut for day in turned["Inspection_Date"].to_pylist()])
    flipped = [
        1 - value if after else value
        for value, after in zip(turned["criticalFound"].to_pylist(), later, strict=True)
    ]
    changed = turned.set_column(turned.column_names.index("criticalFound"), "criticalFound", [flipped])
    again = chicago.prepared(changed)
    before = [day <= cut for day in longer["decided_on"].to_pylist()]
    for name in known:
        if name == "has_critical":
            continue
        first, second = (table[name].filter(before).to_pylist() for table in (longer, again))
        assert list(map(str, first)) == list(map(str, second)), name


def test_a_history_counts_days_before_the_decision_and_not_the_day_itself():
    days = np.array([0, 5, 5, 9])
    key = Key("own", np.array([1, 1, 2, 1]), prior=1.0, half_life_days=1e9)
    told = histories(days, days, {"found": np.array([1.0, 1.0, 1.0, 0.0])}, (key,))
    assert told["own_visits"].tolist() == [0, 1, 0, 2]
    assert told["own_found"].tolist() == pytest.approx([0, 1 / 2, 0, 2 / 3])
    assert days_since_last(days, days, key.codes)[[1, 3]].tolist() == [5, 4]
    assert np.isnan(days_since_last(days, days, key.codes)[[0, 2]]).all()


def test_a_unit_without_key_has_no_history():
    key = Key("ward", np.array([-1, -1]), prior=1.0, half_life_days=10)
    assert histories(np.array([0, 9]), np.array([0, 9]), {"found": np.ones(2)}, (key,))[
        "ward_visits"
    ].tolist() == [0, 0]


def test_what_a_strict_inspector_finds_is_expected_of_him():
    days = np.repeat(np.arange(200), 2)
    inspector = np.tile([0, 1], 200)
    expected = expected_by_inspector(days, inspector, (inspector == 1).astype(float))
    assert expected[-1] > 0.7
    assert expected[-2] < 0.3


def test_everything_was_known_on_the_day_of_the_plan(chicago_table):
    rows = contract.dataset(chicago_table, contract.load("chicago_food_inspections"))
    (window,) = run_windows(rows, windows=1, held_out=1, settings=Settings(rounds=30, seeds=1))
    assert (window.rows.decided <= window.start).all()
    assert measure(window, "with")["days_earlier"] > measure(window, "lottery")["days_earlier"]


def test_too_many_windows_are_refused_with_how_many_are_possible(chicago_table):
    rows = contract.dataset(chicago_table, contract.load("chicago_food_inspections"))
    with pytest.raises(TooShort, match="at most 3 are possible"):
        run_windows(rows, windows=9, held_out=2, settings=Settings(rounds=10))


def test_the_cheap_part_of_the_shipped_card_is_what_the_code_computes_on_the_whole_set():
    """Orders that need no trees, in every window: by inspector group alone, by lottery, as it happened."""
    rows = contract.dataset(chicago.prepare(SAMPLE), contract.load("chicago_food_inspections"))
    assert (CARD["data"]["visits"], CARD["data"]["violations"]) == (len(rows), int(rows.label.sum()))
    for window in run_windows(rows, windows=8, held_out=2, settings=Settings(), does_learn=False):
        told = CARD["windows"][window.number - 1]
        for name in ("assignment_only", "lottery", "as_happened"):
            for key, value in measure(window, name).items():
                assert told["orders"][name][key] == pytest.approx(value, abs=2e-5), (name, key)


def test_the_card_tells_both_with_and_without_and_what_assignment_explains(tiny):
    card = evaluate(tiny, windows=2, held_out=1, repeats=5, settings=Settings(rounds=20, seeds=1))
    assert {"with", "without", "adjusted", "ridge_without", "lottery", "as_happened"} <= set(
        card["summary"]["all"]
    )
    assert set(card["assignment"]["held_out"]) == {
        "by_assignment_alone",
        "lost_without",
        "lost_placeless",
        "lost_adjusted",
    }
    assert card["split"]["is_known_when_planned"] is True
    assert json.loads(json.dumps(card)) == card


def test_the_share_of_assignment_is_of_the_whole_gain():
    gain = {name: {"days_earlier": {"value": days}} for name, days in (("with", 10.0), ("without", 6.0), ("placeless", 5.0), ("adjusted", 4.0), ("assignment_only", 9.0))}  # fmt: skip
    assert assignment_share(gain) == {
        "by_assignment_alone": 0.9,
        "lost_without": 0.4,
        "lost_placeless": 0.5,
        "lost_adjusted": 0.6,
    }


def test_without_the_inspectors_column_places_still_carry_the_inspector_and_the_card_says_how_much():
    """Follows-assignment is 1 for the order by inspector alone, and falls as the column, then places, go."""
    told = [CARD["summary"]["held_out"][name]["follows_assignment"]["value"] for name in ("assignment_only", "with", "without", "placeless")]  # fmt: skip
    assert told[0] == pytest.approx(1)
    assert told == sorted(told, reverse=True)
