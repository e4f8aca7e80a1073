"""A year's plan becomes a task, a draw, a check on two phones, a published result; firm, public and auditor see each its part."""

from datetime import datetime

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from tests.portal.pages.journeys.district import (
    PHONE,
    START,
    announces,
    both_commit_and_reveal,
    done_on_the_phone,
)
from zhijian.apps.supervision.inspection.models import Check
from zhijian.apps.supervision.planning.models import AnnualPlan
from zhijian.engines.draws.models import Draw
from zhijian.security.models import BusinessPerson
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_task_of_the_plan_is_drawn_checked_published_and_verified(person, district, clock):
    planner, leader, auditor = (person(one) for one in (district.planner, district.leader, district.auditor))
    planner.goes("/work/plans/")
    planner.presses("编制")
    plan = AnnualPlan.objects.get()
    planner.fills(item_code="REG-01", percent="10", first_month="12", last_month="12", kind="random")
    planner.presses("加入并重新合并").reads("合并后检查3次")
    planner.presses("报上一级备案").does_not_read("公布这份计划")  # who filed it does not publish it
    leader.goes(f"/work/plans/{plan.number}/").presses("公布这份计划").reads("公开页")
    visitor = person(width=PHONE)
    visitor.goes(f"/plan-of-inspections/{plan.number}/").reads("检查3次")

    planner.goes(f"/work/plans/{plan.number}/")
    form = planner.page.locator("a[href^='/work/draws/new/']").get_attribute("href")
    announces(planner, form, district)
    draw = Draw.objects.get()
    place = f"/work/draws/{draw.plan_id}/"
    planner.goes(place).presses("冻结名单").reads("才能冻结名单")  # not before its hour
    clock.forward(hours=1, minutes=5)
    planner.goes(place).presses("冻结名单").reads("名单30户")
    both_commit_and_reveal(place, (planner, auditor), clock)
    planner.goes(place).presses("抽取").reads("抽中3户")
    planner.presses("公布抽签文件")
    visitor.goes(f"/verify/?draw={draw.plan_id}")
    visitor.page.click("#start")
    expect(visitor.page.locator("#verdict-title")).to_contain_text("全部一致")
    planner.goes(place).presses("派发检查任务")

    checks = list(Check.objects.order_by("number"))
    assert len(checks) == 3 and all(one.inspector_first != one.inspector_second for one in checks)
    check = checks[0]
    clock.at(datetime(2026, 12, 2, 10, tzinfo=ZONE))
    done_on_the_phone(person, check)
    publisher = person(district.publisher)
    visitor.goes(f"/entities/{check.uscc}/").does_not_read("未发现问题")
    publisher.goes(f"/work/checks/{check.pk}/publish/")
    publisher.page.check("#understood")
    publisher.presses("公开这1条结果").reads("已公开")

    visitor.goes(f"/results/{check.pk}/").reads("未发现问题")
    visitor.does_not_read("店主外出", str(check.inspector_first))  # no names and no remarks in public
    visitor.goes(f"/entities/{check.uscc}/").reads("未发现问题")
    owner = BusinessPerson.objects.create(
        uscc=check.uscc, firm_name=check.entity_name, username="li", display_name="示例李", role="filer",
        password=make_password("correct horse battery"), created_at=START, is_synthetic=True,
    )  # fmt: skip
    person(firm=owner, width=PHONE).goes("/my/").reads("未发现问题")
    auditor.goes("/work/audit/draws/").presses("现在计算").reads("复算相符", draw.plan_id)
