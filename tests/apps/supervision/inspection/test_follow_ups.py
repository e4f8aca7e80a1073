"""What a check found is followed to its end: a listing, a case, a transfer, a re-check, a further order; and how units stand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.apps.supervision.inspection.casework import (
    AT,
    HERE,
    NOTHING_FOUND,
    PROBLEM_FOUND,
    corrected,
    picture,
)
from zhijian.apps.supervision.inspection import following, policies, queries, services
from zhijian.apps.supervision.inspection.ending_rules import Told
from zhijian.apps.supervision.inspection.models import FollowUp
from zhijian.apps.supervision.inspection.services import DrawnVisit, ResultEntry
from zhijian.apps.supervision.listing import services as listing
from zhijian.engines.facts.models import Fact
from zhijian.operations.seed.synthetic import synthetic_code

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LATER = AT + timedelta(days=5)
DAY = LATER.date()
FIRM, OTHER = synthetic_code(830_101, "440106"), synthetic_code(830_102, "440106")


def follow(kind):
    return FollowUp.objects.get(kind=kind, closing=None)


def closed(kind, told, by, at=LATER, **more):
    found = follow(kind)
    services.close_follow_up(found, told, by=by, at=at, **more)
    return FollowUp.objects.get(pk=found.pk).closing


def fact_of(step):
    return (
        Fact.objects.filter(kind="inspection.follow_up", payload__step=step)
        .order_by("-recorded_at")
        .first()
        .payload
    )


@pytest.fixture
def unreachable(staff, a_draw, home):
    """A confirmed check of a firm that could not be found at its premises."""
    services.publish_item_list(by=None, at=AT)
    visit = DrawnVisit(
        FIRM, "示例禾满食品有限公司", "广州市天河区示例路88号", "440106", True, (staff.first, staff.second)
    )
    check = services.dispatch(a_draw(visits=(visit,)), by=staff.drawer, at=AT).checks.get()
    services.begin(check, HERE, certificates_shown=True, by=staff.first, at=AT)
    services.add_evidence(check, picture(), "door.jpg", media=home.media, by=staff.first, at=AT)
    gone = ResultEntry(codes=("5",), findings={}, unreachable_proof="premises_missing")
    services.record_result(check, gone, by=staff.first, at=AT)
    services.confirm_by_second(check, by=staff.second, at=AT)
    return check


@pytest.fixture
def clerk(staff, django_user_model):
    return django_user_model.objects.create(
        username="clerk",
        display_name="示例登记",
        organisation=staff.unit,
        roles=["intake"],
        is_synthetic=True,
    )


def proposed(uscc, by, at=LATER):
    return listing.propose_listing(
        uscc, name="示例禾满食品有限公司", subject_kind="enterprise", ground="unreachable", arose_on=AT.date(),
        clue="双随机检查2026-0312-1-0001", division="440106", by=by, at=at, is_synthetic=True,
    )  # fmt: skip


def test_a_listing_ends_the_follow_up_with_its_case_and_the_fact_names_it(unreachable, staff, clerk):
    case = proposed(FIRM, clerk)
    assert [one.number for one in services.cases_to_choose(follow("abnormal_list"))] == [case.number]
    closing = closed("abnormal_list", Told("listed", case=case.number), staff.first)
    assert (closing.case, closing.ending_zh) == (case, "已立案办理列入")
    assert fact_of("closed")["case"] == case.number
    assert fact_of("closed")["ending"] == "listed"


def test_no_case_of_another_firm_or_from_before_the_check_is_offered_or_taken(unreachable, staff, clerk):
    another = proposed(OTHER, clerk)
    early = proposed(FIRM, clerk, at=AT)
    early.opened_at = AT - timedelta(days=1)
    early.save()
    assert services.cases_to_choose(follow("abnormal_list")) == []
    for case, words in ((another, "另一户企业"), (early, "早于")):
        with pytest.raises(policies.Incomplete, match=words):
            closed("abnormal_list", Told("listed", case=case.number), staff.first)
    assert follow("abnormal_list").is_open


def test_a_listing_for_what_this_check_did_not_find_ends_nothing(unreachable, staff, clerk):
    case = listing.propose_listing(
        FIRM, name="示例禾满食品有限公司", subject_kind="enterprise", ground="instant_information", arose_on=AT.date(),
        clue="责令期满没有公示", division="440106", by=clerk, at=LATER, is_synthetic=True,
    )  # fmt: skip
    assert services.cases_to_choose(follow("abnormal_list")) == []
    with pytest.raises(policies.Incomplete, match="同一事由"):
        closed("abnormal_list", Told("listed", case=case.number), staff.first)


def test_each_ground_of_a_listing_is_followed_up_by_itself(unreachable, staff, home):
    both = ResultEntry(codes=("5", "2"), findings={}, unreachable_proof="premises_missing")
    services.publish(unreachable, by=staff.publisher, at=AT)
    corrected(unreachable, both, "年度报告也没有公示", staff=staff, at=LATER)
    rows = FollowUp.objects.filter(kind="abnormal_list", closing=None)
    assert sorted(rows.values_list("code", flat=True)) == ["2", "5"]


def test_a_case_is_filed_with_number_and_day(confirmed, staff):
    closing = closed("file_case", Told("filed", number=" 示市监案〔2026〕12号 ", acted_on=DAY), staff.first)
    assert (closing.number, closing.acted_on, closing.case) == ("示市监案〔2026〕12号", DAY, None)


def test_the_number_of_another_firms_case_is_refused(unreachable, staff, clerk, a_draw):
    number = proposed(OTHER, clerk).number
    visit = DrawnVisit(
        FIRM, "示例禾满食品有限公司", "广州市天河区示例路88号", "440106", True, (staff.first, staff.second)
    )
    check = services.dispatch(
        a_draw(visits=(visit,), plan_id="2026-0313"), by=staff.drawer, at=AT
    ).checks.get()
    services.begin(check, HERE, certificates_shown=True, by=staff.first, at=AT)
    services.record_result(check, PROBLEM_FOUND, by=staff.first, at=AT)
    services.confirm_by_second(check, by=staff.second, at=AT)
    with pytest.raises(policies.Incomplete, match="另一户企业的案件"):
        closed("file_case", Told("filed", number=number, acted_on=DAY), staff.first)


def test_a_transfer_keeps_authority_letter_and_day_and_nothing_of_other_endings(confirmed, staff):
    told = Told(
        "transferred", authority="示例消防救援大队", number="移〔2026〕3号", acted_on=DAY, until=DAY, case="x"
    )
    closing = closed("file_case", told, staff.second)
    assert (closing.authority, closing.number, closing.acted_on) == ("示例消防救援大队", "移〔2026〕3号", DAY)
    assert (closing.until, closing.case) == (None, None)


def test_a_firm_that_did_not_correct_is_ordered_again_and_looked_at_again(published, staff):
    order = Told("ordered_again", acted_on=DAY, until=date(2026, 10, 20))
    with pytest.raises(policies.Incomplete, match="还可以改正"):  # the order runs until 30 September
        closed("recheck", order, staff.first)
    later = AT + timedelta(days=15)
    order = replace(order, acted_on=later.date())
    closed("recheck", order, staff.first, at=later)
    again = follow("recheck")
    assert (again.starts_on, again.due_on, again.code) == (later.date(), date(2026, 10, 20), "6")
    assert fact_of("opened")["due_on"] == "2026-10-20"
    with pytest.raises(policies.Incomplete, match="早于"):  # the day of the first visit is over
        closed("recheck", Told("corrected", acted_on=AT.date()), staff.first, at=later)
    closed("recheck", Told("corrected", acted_on=later.date()), staff.first, at=later)
    assert not FollowUp.objects.filter(kind="recheck", closing=None).exists()


def test_a_follow_up_is_closed_once_and_with_what_really_happened(confirmed, staff):
    with pytest.raises(policies.Incomplete, match="请选择怎样办结"):
        closed("recheck", Told(outcome="已改正"), staff.first)
    found = follow("recheck")
    closed("recheck", Told("corrected", acted_on=DAY), staff.first)
    with pytest.raises(policies.NotNow, match="示例陈检办结"):
        services.close_follow_up(found, Told("corrected", acted_on=DAY), by=staff.second, at=LATER)


def test_a_corrected_result_supersedes_what_it_no_longer_calls_for(published, staff):
    corrected(published, NOTHING_FOUND, "食品标签系另一家企业", staff=staff, at=LATER)
    assert {one.closing.ending for one in FollowUp.objects.all()} == {"superseded"}


def test_units_are_counted_by_age_deadline_and_ending(confirmed, staff):
    closed("file_case", Told("filed", number="案1", acted_on=DAY), staff.first)
    late = date(2026, 10, 17)  # 31 days after the visit, and the order ran until 30 September
    (tally,) = following.tallies(staff.first, year=2026, today=late)
    assert (tally.unit, tally.open_by_age, tally.open_by_light) == (staff.unit, {"90": 1}, {"late": 1})
    assert (tally.ended, tally.ended_by_light) == ({"filed": 1}, {"in_time": 1})
    (before,) = following.tallies(staff.first, year=2026, today=date(2026, 9, 30))
    assert (before.open_by_age, before.open_by_light) == ({"15": 1}, {"in_time": 1})
    (next_year,) = following.tallies(staff.first, year=2027, today=date(2027, 1, 4))
    assert (next_year.ended_count, next_year.open_by_age) == (0, {"more": 1})


def test_another_area_sees_and_counts_none_of_it(confirmed, staff, django_user_model):
    from zhijian.security.models import Organisation

    far = Organisation.objects.create(
        code="GD-440300", name="示例深圳局", name_en="x", level="city", division_code="440300"
    )
    stranger = django_user_model.objects.create(username="far", organisation=far, roles=["publisher"])
    assert following.tallies(stranger, year=2026, today=DAY) == []
    assert not following.of_area(stranger).exists()
    assert queries.open_follow_ups(staff.publisher).count() == 2
