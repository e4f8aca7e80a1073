"""企业活跃度 (S204): signals of a living business, drawn to mean ± 1.5 deviations, four states and dormancy by filing."""

from datetime import date

import pytest

from tests.datazone.mart.engines import ENTITY as ENTITY_SCHEMA
from tests.datazone.mart.engines import FACT as FACT_SCHEMA
from tests.datazone.mart.engines import DuckDB
from tests.datazone.mart.test_credit_class import fact
from zhijian.datazone.mart.activity import (
    BY_SCORE,
    activity_reasons,
    last_season,
    mart_activity,
    mart_activity_scale,
    mart_activity_summary,
    signals_of,
)
from zhijian.datazone.mart.activity_judging import Judgement
from zhijian.standards import parameters

AS_OF = date(2026, 10, 31)
WEIGHTS = parameters.load("supervision/activity").on(AS_OF)
ENTITY = {
    "uscc": "U", "registered_on": date(2015, 1, 1), "industry_section": "F", "entity_kind_code": "enterprise",
    "status_code": "active", "prefecture_code": "440100", "is_synthetic": True,
}  # fmt: skip
REPORTS = [date(2024, 3, 1), date(2025, 3, 1), date(2026, 3, 1)]
ENGINE = DuckDB()


def town():
    """Forty firms with reports, of which some changed their registration once, twice, or twenty times."""
    entities = [{**ENTITY, "entity_id": n} for n in range(40)]
    facts = [fact("annual_report.published", day, of=n) for n in range(40) for day in REPORTS]
    for n, times in {1: 1, 2: 2, 3: 20}.items():
        facts += [fact("registration.changed", date(2026, 9, 1 + t), of=n) for t in range(times)]
    return entities, facts


def measured(entities, facts, engine=ENGINE):
    register = engine.table("register", entities, ENTITY_SCHEMA)
    known = engine.table("facts", facts, FACT_SCHEMA)

    def scale():
        return mart_activity_scale(register, known, as_of=AS_OF, weights=WEIGHTS)

    kept = engine.keep("scale", scale)

    def activity():
        return mart_activity(register, known, kept, as_of=AS_OF, weights=WEIGHTS)

    return {row["entity_id"]: row for row in engine.rows_again("activity", activity)}


def with_firm(facts=(), **entity):
    entities, others = town()
    return measured([*entities, {**ENTITY, "entity_id": 99, **entity}], [*others, *facts])[99]


def test_the_positive_weights_add_up_to_a_hundred():
    assert sum(s.weight for s in signals_of(WEIGHTS) if s.weight > 0) == 100


@pytest.mark.parametrize(
    ("day", "season"), [(date(2026, 6, 29), 2025), (date(2026, 6, 30), 2026), (date(2026, 7, 1), 2026)]
)
def test_a_reporting_season_is_over_with_the_thirtieth_of_june(day, season):
    assert last_season(day) == season


def test_a_firm_with_all_reports_is_active_and_one_without_anything_is_lost():
    reports = [fact("annual_report.published", day, of=99) for day in REPORTS]
    assert with_firm(reports)["state_code"] == "active"
    assert with_firm()["state_code"] == "lost"


def test_a_missing_last_report_makes_a_firm_weak_and_two_make_it_dormant():
    reports = [fact("annual_report.published", day, of=99) for day in REPORTS]
    assert with_firm(reports[:2])["state_code"] == "weak"
    assert with_firm(reports[:1])["state_code"] == "dormant"


def test_a_firm_set_up_this_year_owes_no_report_and_is_not_the_worse_for_it():
    row = with_firm(registered_on=date(2026, 2, 1))
    assert (row["state_code"], row["points_report_last"]) == ("active", 28)


def test_what_is_revoked_or_deregistered_is_lost_whatever_it_filed():
    reports = [fact("annual_report.published", day, of=99) for day in REPORTS]
    assert with_firm(reports, status_code="revoked")["state_code"] == "lost"
    assert with_firm(reports, status_code="deregistered")["activity_score"] == 0


def test_an_outlier_counts_no_more_than_mean_and_one_and_a_half_deviations():
    rows = measured(*town())
    assert rows[0]["points_changes"] == 0
    assert 0 < rows[1]["points_changes"] < rows[2]["points_changes"]
    assert rows[3]["points_changes"] == 14  # drawn to the upper end, the full weight


def test_no_business_found_and_unreachable_take_points_off():
    reports = [fact("annual_report.published", day, of=99) for day in REPORTS]
    gone = [
        fact("inspection.result", date(2026, 9, 1), of=99, codes="8"),
        fact("abnormal_list.listed", date(2026, 9, 20), of=99, ground_code="unreachable"),
    ]
    row = with_firm(reports + gone)
    told = {signal.id for signal, points in activity_reasons(row, WEIGHTS) if points < 0}
    assert told == {"not_found", "unreachable_open"}
    assert row["activity_score"] == 52 - 20 - 25


def filed(days, **more):
    return fact("dormancy.filed", date(2026, 5, 1), of=99, reference=days, **more)


def test_a_firm_in_filed_dormancy_is_neither_active_nor_idle_by_neglect():
    reports = [fact("annual_report.published", day, of=99) for day in REPORTS]
    days = "2026-05-01/2027-04-30"
    for others, without in ((reports, "active"), (reports[:1], "dormant"), ([], "lost")):
        assert with_firm(others)["state_code"] == without
        assert with_firm([*others, filed(days)])["state_code"] == "filed"


@pytest.mark.parametrize(
    ("days", "state"),
    [
        ("2026-10-31/2027-04-30", "filed"),  # its first day
        ("2026-05-01/2026-10-31", "filed"),  # its last day
        ("2026-11-01/2027-04-30", "lost"),  # filed ahead
        ("2026-05-01/2026-10-30", "lost"),  # over, or resumed
        ("2026-05-01/2026-04-30", "lost"),  # did business on the first day, so it never was
    ],
)
def test_dormancy_by_filing_lasts_from_its_first_to_its_last_day(days, state):
    assert with_firm([filed(days)])["state_code"] == state
    again = [filed("2023-01-01/2023-12-31", source_key="a"), filed(days, source_key="b")]
    assert with_firm(again)["state_code"] == state


def test_a_firm_in_filed_dormancy_still_owes_its_report_and_has_the_points_of_everybody():
    listed = fact("abnormal_list.listed", date(2026, 9, 20), of=99, ground_code="annual_report")
    without, dormant = with_firm([listed]), with_firm([listed, filed("2026-05-01/2027-04-30")])
    assert dormant["points_unreported_open"] == -8 and dormant["points_report_last"] == 0
    assert {**dormant, "state_code": without["state_code"]} == without


def test_what_is_revoked_is_lost_though_it_filed_its_dormancy():
    assert with_firm([filed("2026-05-01/2027-04-30")], status_code="revoked")["state_code"] == "lost"


def test_the_public_summary_counts_states_and_names_no_firm():
    entities, facts = town()
    register = ENGINE.table("register", entities, ENTITY_SCHEMA)
    rows = list(measured(entities, facts).values())
    import pyarrow as pa

    kinds = {str: pa.string(), int: pa.int64()}
    schema = pa.schema({name: kinds[type(value)] for name, value in rows[0].items()})
    summary = ENGINE.rows(mart_activity_summary(register, ENGINE.table("activity", rows, schema)))
    assert [(row["state_code"], row["entity_count"]) for row in summary] == [("active", 40)]
    assert not {"uscc", "entity_id", "name"} & set(summary[0])


def test_the_judgement_of_a_blind_guess_is_a_quarter():
    guess = {
        true: dict.fromkeys(BY_SCORE, 0) | {"active": n}
        for true, n in zip(BY_SCORE, (80, 10, 6, 4), strict=True)
    }
    found = Judgement.of(guess, "v")
    assert (found.balanced_accuracy, found.accuracy, found.commonest_share) == (0.25, 0.8, 0.8)
    assert found.macro_f1 == pytest.approx((2 * 80 / 180) / 4)
