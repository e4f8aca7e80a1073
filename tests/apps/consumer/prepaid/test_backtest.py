"""The score is judged on invented issuers: the same seed draws the same, figures are reckoned as they should be."""

import math
from datetime import date

import pytest

from zhijian.apps.consumer.prepaid import backtest

ON = date(2026, 11, 28)


def test_auc_counts_ties_half_and_lift_shares_them_out():
    assert backtest.auc([3, 2, 1], [True, False, False]) == 1
    assert backtest.auc([1, 1, 1, 1], [True, False, True, False]) == 0.5
    assert backtest.auc([1, 2, 2], [False, True, False]) == 0.75
    assert math.isnan(backtest.auc([1, 2], [False, False]))
    assert backtest.lift([9, 0, 0, 0], [True, False, False, False], share=0.25) == 4
    assert backtest.lift([1, 1, 1, 1], [True, False, False, False], share=0.25) == pytest.approx(1)


def test_the_same_seed_draws_the_same_and_no_filing_follows_the_end():
    one = backtest.draw("open", issuers=60, seed=7, on=ON)
    assert one == backtest.draw("open", issuers=60, seed=7, on=ON)
    assert one != backtest.draw("open", issuers=60, seed=8, on=ON)
    assert all(0 <= row.score <= 100 for row in one)
    lasts = {row.issuer: row.ran_away for row in one}
    for issuer in {row.issuer for row in one if row.ran_away}:
        assert lasts[issuer]  # the last filing is one before the end


def test_the_score_tells_more_than_chance_and_lies_cost_it():
    told = {
        world: backtest.compare(world, issuers=250, seeds=[21, 22], on=ON) for world in ("open", "hidden")
    }
    low, high = told["open"]["score"]["auc_95"]
    assert 0.5 < low <= told["open"]["score"]["auc"] <= high
    assert told["hidden"]["score"]["auc"] < told["open"]["score"]["auc"]


def test_an_unknown_world_is_refused():
    with pytest.raises(ValueError, match="open, hidden, silent"):
        backtest.draw("best", issuers=1, seed=1, on=ON)
