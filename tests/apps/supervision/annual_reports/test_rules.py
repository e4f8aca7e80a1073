"""《企业信息公示暂行条例》（2024年修订）第八至十二条；《企业经营异常名录管理办法》（2025年修订）第六条."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from zhijian.apps.supervision.annual_reports import rules
from zhijian.apps.supervision.annual_reports.contents import COOPERATIVE, ENTERPRISE, INDIVIDUAL
from zhijian.apps.supervision.annual_reports.rules import Reporter, Standing

SHANGHAI = ZoneInfo("Asia/Shanghai")
OLD = Reporter(ENTERPRISE, date(2019, 5, 6), "active")


def test_e1_who_did_not_report_on_2025_by_30_june_2026_is_listed_by_14_july():
    assert rules.period_of(2025) == (date(2026, 1, 1), date(2026, 6, 30))
    assert rules.listing_due_on(2025) == date(2026, 7, 14)


def test_e3_a_share_transfer_of_20_january_2026_is_published_by_24_february_across_the_holiday():
    assert rules.instant_information_due_on(date(2026, 1, 20)) == date(2026, 2, 24)


def test_edge_2_ten_minutes_past_midnight_of_1_july_is_late_and_ten_before_is_not():
    assert rules.is_late(2025, datetime(2026, 7, 1, 0, 10, tzinfo=SHANGHAI))
    assert not rules.is_late(2025, datetime(2026, 6, 30, 23, 50, tzinfo=SHANGHAI))
    assert rules.is_late(
        2025, datetime(2026, 6, 30, 16, 10, tzinfo=UTC)
    )  # the same ten minutes past, in Shanghai


def test_a_late_report_is_told_from_one_in_time_and_from_a_corrected_one():
    late, early = (datetime(2026, month, 1, 9, tzinfo=SHANGHAI) for month in (8, 3))
    on = date(2026, 9, 1)
    assert rules.standing(OLD, 2025, on=on, filed_at=late) is Standing.LATE_FILED
    assert rules.standing(OLD, 2025, on=on, filed_at=early) is Standing.FILED
    assert rules.standing(OLD, 2025, on=on, filed_at=early, versions=2) is Standing.CORRECTED


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2025, 12, 31), Standing.NOT_DUE),
        (date(2026, 1, 1), Standing.OPEN),
        (date(2026, 6, 30), Standing.OPEN),
        (date(2026, 7, 1), Standing.OVERDUE),
    ],
)
def test_the_period_runs_from_new_year_to_30_june(on, expected):
    assert rules.standing(OLD, 2025, on=on, filed_at=None) is expected


@pytest.mark.parametrize(
    ("registered_on", "status", "ended_on", "listed"),
    [
        (date(2019, 5, 6), "active", None, True),
        (date(2025, 12, 31), "active", None, True),  # set up in the reported year: reports in the next
        (date(2026, 1, 1), "active", None, False),  # set up this year
        (date(2019, 5, 6), "suspended", None, True),  # suspended entities still report
        (date(2019, 5, 6), "deregistered", date(2026, 6, 29), False),
        (date(2019, 5, 6), "revoked", date(2026, 6, 30), False),
        (date(2019, 5, 6), "deregistered", date(2026, 7, 2), False),  # nothing left to list
        (date(2019, 5, 6), "revoked", None, False),  # gone, nobody knows since when
        (None, "active", None, True),
    ],
)
def test_edge_3_listing_skips_who_was_set_up_this_year_or_is_gone(registered_on, status, ended_on, listed):
    reporter = Reporter(ENTERPRISE, registered_on, status, ended_on)
    assert rules.is_missing(reporter, 2025, on=date(2026, 7, 3), has_filed=False) is listed
    assert not rules.is_missing(reporter, 2025, on=date(2026, 7, 3), has_filed=True)
    assert not rules.is_missing(reporter, 2025, on=date(2026, 6, 30), has_filed=False)


def test_a_report_is_corrected_until_30_june_and_not_after():
    assert rules.may_correct(2025, date(2026, 6, 30))
    assert not rules.may_correct(2025, date(2026, 7, 1))
    assert not rules.may_correct(2025, date(2025, 12, 31))


def test_items_1_to_6_of_an_enterprise_are_public_and_item_7_only_as_it_chose():
    values = {
        "address": "广州市",
        "state": "active",
        "sites": [],
        "staff": 12,
        "revenue": "100.00",
        "tax": "1",
    }
    assert rules.public_part(ENTERPRISE, values, []) == {"address": "广州市", "state": "active"}
    assert list(rules.public_part(ENTERPRISE, values, ["tax", "staff"])) == [
        "address",
        "state",
        "staff",
        "tax",
    ]
    assert "address" in rules.public_part(COOPERATIVE, values, [])


def test_an_individual_business_may_keep_everything_to_the_authority():
    values = {"address": "广州市", "phone": "13800138000", "staff": 2}
    assert rules.public_part(INDIVIDUAL, values, []) == {}
    assert rules.public_part(INDIVIDUAL, values, ["staff"]) == {"staff": 2}
    assert "phone" in rules.may_choose(INDIVIDUAL) and "phone" not in rules.may_choose(ENTERPRISE)


def test_the_years_that_are_owed_are_the_last_three_of_which_none_was_filed():
    assert rules.owed_years(OLD, [2024], on=date(2026, 11, 28)) == [2025, 2023]
    young = Reporter(ENTERPRISE, date(2025, 3, 1), "active")
    assert rules.owed_years(young, [], on=date(2026, 11, 28)) == [2025]
