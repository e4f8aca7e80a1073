"""A year's plan becomes a task, a draw, a check on two phones, a published result; firm, public and auditor see each its part."""

import re
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from tests.engines.registers.declared import desk
from tests.portal.pages import town
from tests.portal.pages.journeys.conftest import PHONE
from zhijian.apps.supervision.inspection import services as inspections
from zhijian.apps.supervision.inspection.models import Check
from zhijian.apps.supervision.planning.models import AnnualPlan
from zhijian.apps.supervision.planning.object_registers import TAGS
from zhijian.apps.supervision.planning.registers import ITEMS
from zhijian.datazone.lake import Lake
from zhijian.engines.draws.models import Draw
from zhijian.engines.registers import build
from zhijian.engines.registers.declared import services as registers
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.models import BusinessPerson, Officer, Organisation
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
START = datetime(2026, 11, 24, 9, tzinfo=ZONE)
FIRMS = [synthetic_code(870_000 + number, "440106") for number in range(30)]


def on_the_register(home, codes):
    """Put the town's firms and these on the register, as a night's build does."""
    lake = Lake(home.lake)
    rows = [
        town.entity(
            number, code, f"广州示例{number}号食品店（合成）", status_code="active", industry_section="F"
        )
        for number, code in enumerate(codes, start=1)
    ]
    lake.write("entity_market_entities", town._table(rows, town._ENTITY))
    build(lake, home.serving, at=town.AT)


@pytest.fixture
def district(transactional_db, register, home, clock):
    """A district's people, its lists and thirty invented firms, on a Tuesday morning."""
    clock.at(START)
    keeper = desk.province_keeper(ITEMS)
    for kept, most in ((ITEMS, 100), (TAGS, 9)):
        registers.take_in(kept, "demo.csv", desk.as_csv(desk.demo_rows(kept, most)), by=keeper, at=START)
    inspections.publish_item_list(by=None, at=START)
    on_the_register(home, FIRMS)
    people = SimpleNamespace(
        planner=town.officer("zhao", "drawer"),
        second=town.officer("zhou", "drawer"),
        leader=town.officer("leader", "leader"),
        auditor=town.officer("sun", "auditor"),
        publisher=town.officer("qian", "publisher"),
        inspectors=[town.officer(name, "inspector") for name in ("chen", "li", "wang", "he")],
    )
    Organisation.objects.filter(division_code="440106").update(is_synthetic=True)
    for number, one in enumerate(Officer.objects.filter(organisation__division_code="440106")):
        one.skills, one.certificate_number = ["general"], f"粤A{number:04d}"
        one.save()
    return people


def times(draw):
    """The moments of a ceremony that begins in an hour, as the form asks for them."""
    after = {"freeze_at": 1, "commit_until": 3, "exists_at": 6, "reveal_until": 9}
    return {name: f"{draw + timedelta(hours=hours):%Y-%m-%dT%H:%M}" for name, hours in after.items()}


def announces(who, address, people, **changes):
    """Fill what the task of a plan leaves open in the form of a draw, and announce it."""
    who.goes(address).fills(
        subjects="synthetic", auditor=people.auditor.username, source_name="示例彩票第1期", source_place="示例网站",
        source_shape="9999999999", **{**times(START), "inspection_until": "2026-12-31", **changes},
    )  # fmt: skip
    who.presses("公告这次抽签")


def both_commit_and_reveal(place, parties, clock):
    """Each party makes its number on its own device, promises it, and reveals it after the public value is known."""
    for who in parties:
        who.goes(place)
        who.page.click("[data-make]")
        expect(who.page.locator("#commitment")).to_have_value(re.compile("^[0-9a-f]{64}$"))
        who.presses("公布我方承诺")
    clock.at(START + timedelta(hours=6, minutes=30))
    parties[0].goes(place).fills(value="0123456789").presses("记录公共随机数")
    for who in parties:
        who.goes(place).presses("揭示我方秘密数")


def done_on_the_phone(person, check):
    """The first inspector arrives, looks at every item, records that nobody would sign; the second confirms."""
    first = person(check.inspector_first, width=PHONE)
    page = first.page
    first.goes(f"/work/checks/{check.pk}/")
    page.wait_for_selector("html[data-field=ready]")
    page.check("#certificates_shown")
    page.fill("#position_words", "店内")
    page.click("[data-begin]")
    page.wait_for_selector("[data-sync] >> text=全部已上传")
    for item in check.task.ordered_items:
        page.check(f"#f-{item.code}-conform")
        page.click("[data-next]")
    page.check("#code-1")
    page.click("[data-next]")
    page.check("#signing-refused")
    page.fill("#refusal_reason", "店主外出，店员不愿签字")
    page.select_option("#refusal_witness", index=1)
    first.fits()
    page.click("[data-hand-in]")
    page.wait_for_selector("text=等待第二名检查人员确认", timeout=20_000)
    second = person(check.inspector_second, width=PHONE)
    second.goes(f"/work/checks/{check.pk}/confirm/").presses("确认属实")
    second.reads("已确认")


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
