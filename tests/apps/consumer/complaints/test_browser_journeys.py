"""In a browser: a deadline passes over a holiday and goes to the leader above; a hundred complaints are one alert."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_deadline_passes_over_the_national_holiday_and_the_leader_above_has_it(
    desk, office, journey, clock
):
    from tests.apps.consumer.complaints.casework import at
    from zhijian.engines.procedures import services as procedures

    complaint = journey.complaint()  # received on 21 September; 1 to 7 October do not count
    clock(at(date(2026, 10, 8)))
    intake, above = desk(office.intake), desk(office.city_leader)
    intake.goto(f"/work/cases/{complaint.case_id}/")
    assert intake.locator(".case-marks .pill-yellow").inner_text().strip() == "今天到期"
    assert "国庆节放假" in intake.locator(".clock").first.inner_text()  # why it is this day
    procedures.tick(at=at(date(2026, 10, 8), 23), limit=10)
    above.goto("/work/cases/?scope=watched")
    assert above.locator("[data-row]").count() == 0

    clock(at(date(2026, 10, 9)))
    procedures.tick(at=at(date(2026, 10, 9), 1), limit=10)
    intake, above = desk(office.intake), desk(office.city_leader)  # yesterday's sessions are over
    intake.goto(f"/work/cases/{complaint.case_id}/")
    assert "逾期1个工作日" in intake.locator(".case-marks .pill-red").inner_text()
    above.goto("/work/cases/?scope=watched")
    assert above.locator("[data-row] .pill-red").count() == 1
    assert "1条未读" in above.locator(".head-tools").inner_text()
    above.locator("[data-row] a").click()
    expect(above.locator(".case-head")).to_contain_text(complaint.number)
    expect(above.locator("#timeline")).to_contain_text("逾期")


def test_a_hundred_complaints_about_one_prepaid_card_shop_are_one_alert_that_leads_to_them(
    desk, office, journey, clock, django_user_model
):
    from tests.apps.consumer.complaints.casework import CARD, GYM, at
    from zhijian.apps.consumer.analysis import services as analysis
    from zhijian.apps.consumer.complaints.people import Person

    for number in range(100):
        journey.day = date(2026, 9, 17) + timedelta(days=number // 20)
        holder = Person(name=f"示例持卡人{number}", phone=f"138000{number:05d}")
        journey.receive(complaint=CARD, respondent=GYM, parties=(holder,))
    analysis.run_day(journey.day, seed=1, by=None, at=at(journey.day, 23))
    clock(at(journey.day, 23))
    analyst = django_user_model.objects.create(
        username="analyst",
        display_name="示例分析",
        organisation=office.unit,
        roles=["analyst"],
        is_synthetic=True,
    )
    page = desk(analyst)
    page.goto("/work/analysis/")
    assert page.locator("a[href*='/work/analysis/signals/']").count() == 1
    page.locator("a[href*='/work/analysis/signals/']").click()
    expect(page.locator("h1")).to_contain_text("示例闪光健身")
    expect(page.locator("#cases-title")).to_have_text("涉及100件")
    expect(page.locator(".rows li")).to_have_count(50)  # the file has all
    page.wait_for_load_state()
    expect(page.locator(".rows a")).to_have_count(0)  # who counts cases does not open them
    at_the_county = desk(office.handler)
    at_the_county.goto(page.url)
    at_the_county.locator(".rows a").first.click()
    expect(at_the_county.locator("main")).to_contain_text("示例闪光健身")
