"""The accuracy that the documents claim, on the published labels."""

from pathlib import Path

import pytest

from zhijian.datazone.normalise.accuracy import measure, read_rows, wilson

DATA = Path(__file__).resolve().parents[3] / "data"
SAMPLE = DATA / "samples" / "registration" / "gd_limited_companies.csv.gz"


@pytest.fixture(scope="module")
def shares():
    report = measure(SAMPLE, DATA / "labels")
    return {(s.subject, s.level): s for s in report.shares} | {"calibration": report.calibration}


@pytest.mark.parametrize(
    ("key", "least_percent"),
    [
        (("division", "county"), 97),
        (("division", "street"), 85),
        (("industry", "section"), 85),
        (("industry", "4-digit"), 60),
    ],
)
def test_the_reading_is_as_good_as_promised(shares, key, least_percent):
    assert shares[key].percent >= least_percent


def test_confidence_is_within_ten_points_of_what_a_reader_accepts(shares):
    checked = shares["calibration"]
    assert abs(checked.mean_confidence_percent - checked.accepted_percent) < 10


def test_wilsons_interval_is_that_of_the_textbook():
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 0) == (0.0, 1.0)


def test_no_row_is_used_for_tuning_and_for_measuring():
    measured = {row["uscc"] for row in read_rows(DATA / "labels" / "industry_200.csv")}
    tuning = {row["uscc"] for row in read_rows(DATA / "labels" / "industry_tuning_100.csv")}
    assert len(measured) == 200
    assert not measured & tuning


def test_the_sample_shows_no_sole_trader():
    for row in read_rows(SAMPLE):
        assert row["uscc"].startswith("91")
        assert row["type"] not in {"个体户", "个体工商户", "个人独资企业", "私营企业"}
