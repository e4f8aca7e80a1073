"""S49: when an item may be repaired, and what may follow from one, by the examples of the domain page."""

from datetime import date

import pytest

from zhijian.apps.consumer.credit_files import rules
from zhijian.apps.consumer.credit_files.masking import masked, masked_values
from zhijian.engines.facts import repair

PUBLISHED = date(2026, 1, 15)


def penalty(**more):
    return {"types": ["fine"], "procedure": "ordinary", "decision_no": "1", "violation": "虚假广告", **more}


@pytest.mark.parametrize(
    ("payload", "on", "code", "earliest"),
    [
        (penalty(field="advertising"), date(2026, 7, 14), "later", date(2026, 7, 15)),
        (penalty(field="advertising"), date(2026, 7, 15), "open", date(2026, 7, 15)),
        (penalty(field="food"), date(2027, 1, 14), "later", date(2027, 1, 15)),
        (penalty(field="food"), date(2027, 1, 15), "open", date(2027, 1, 15)),
        (penalty(types=["licence_revoked"]), date(2028, 1, 1), "never", None),
        (penalty(types=["suspension", "fine"]), date(2028, 1, 1), "never", None),
    ],
)
def test_a_penalty_is_repaired_after_six_months_twelve_in_food_and_never_where_business_was_stopped(
    payload, on, code, earliest
):
    found = repair.penalty_repair(payload, published_on=PUBLISHED, on=on)
    assert (found.code, found.earliest_on) == (code, earliest)
    assert found.reason_zh and found.reason_en and found.article


def test_a_second_penalty_for_the_same_violation_and_a_listing_stand_in_the_way():
    def asked(*others):
        return repair.repair(
            "penalty.decided", penalty(), occurred_on=date(2026, 1, 10), published_on=PUBLISHED, on=date(2026, 9, 1),
            others=others,
        ).code  # fmt: skip

    assert asked() == "open"
    assert asked(("penalty.decided", date(2026, 3, 1), penalty(decision_no="2"))) == "blocked"
    assert (
        asked(("penalty.decided", date(2026, 3, 1), penalty(decision_no="2", violation="短斤缺两"))) == "open"
    )
    assert asked(("penalty.decided", date(2025, 3, 1), penalty(decision_no="0"))) == "open"
    assert asked(("abnormal_list.listed", date(2026, 3, 1), {})) == "blocked"


@pytest.mark.parametrize(
    ("on", "until", "code"),
    [(date(2027, 3, 9), None, "later"), (date(2027, 3, 10), None, "open"), (date(2027, 3, 10), "2027-12-31", "blocked")],
)  # fmt: skip
def test_the_serious_list_is_left_early_after_a_year_unless_a_restriction_runs(on, until, code):
    payload = {"decision_no": "3", "restricted_until": until}
    assert repair.serious_repair(payload, listed_on=date(2026, 3, 10), on=on).code == code


def test_a_published_complaint_is_corrected_never_repaired():
    found = repair.repair(
        "complaint.published",
        {},
        occurred_on=PUBLISHED,
        published_on=PUBLISHED,
        on=date(2026, 9, 1),
        others=(),
    )
    assert found.code == "never" and "异议" in found.reason_zh


def test_measures_follow_only_from_the_serious_list_and_from_a_running_restriction():
    on = date(2026, 9, 1)
    assert rules.measures([("complaint.published", {}), ("abnormal_list.listed", {}), ("penalty.decided", penalty())], on=on) == []  # fmt: skip
    assert len(rules.measures([("serious_list.listed", {})], on=on)) == 4
    barred = penalty(restricted_until="2026-09-01")
    assert len(rules.measures([("penalty.decided", barred)], on=on)) == 1
    assert rules.measures([("penalty.decided", barred)], on=date(2026, 9, 2)) == []


def test_what_points_to_a_person_is_masked_in_lists_and_objects_too_and_a_credit_code_is_not():
    text = masked("联系138 0013 8000，证件440106199001011234，企业91441324MAYYHQFRXP")
    assert (
        text
        == "联系＊＊＊＊＊＊＊＊＊＊＊＊＊，证件＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊，企业91441324MAYYHQFRXP"
    )
    found = masked_values(
        {"claims": ["退款到１３８００１３８０００"], "more": {"phone": "座机020-83123456"}, "sum": 12}
    )
    assert found == {
        "claims": ["退款到＊＊＊＊＊＊＊＊＊＊＊"],
        "more": {"phone": "座机＊＊＊＊＊＊＊＊＊＊＊＊"},
        "sum": 12,
    }
