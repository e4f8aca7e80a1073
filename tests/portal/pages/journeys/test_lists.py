"""Onto a list and off it again in a browser: proposed, told, heard, decided by another, public, removed, kept in the log."""

from datetime import datetime

import pytest
from django.contrib.auth.hashers import make_password

from tests.portal.pages.journeys.conftest import PHONE
from tests.portal.pages.town import HEMAN, officer
from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.security.models import BusinessPerson, Organisation
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
START = datetime(2026, 11, 24, 10, tzinfo=ZONE)
NAME = "广东示例禾满食品有限公司"


@pytest.fixture
def staff(transactional_db, register, clock):
    """The people of the district and the one above, on a Tuesday morning."""
    clock.at(START)
    people = {
        role: officer(role, role, division="440106") for role in ("intake", "handler", "leader", "publisher")
    }
    above = officer("above", "leader", division="440100")
    Organisation.objects.filter(division_code="440106").update(parent=above.organisation)
    return people | {"above": above}


@pytest.fixture
def firm(transactional_db):
    return BusinessPerson.objects.create(
        uscc=HEMAN, firm_name=NAME, username="li", display_name="示例李", role="filer",
        password=make_password("correct horse battery"), created_at=START, is_synthetic=True,
    )  # fmt: skip


def works(who, case, **told):
    """Open the case, answer the step's form and hand it in."""
    who.goes(case).fills(**told).presses("办结“")
    return who


def test_a_firm_that_cannot_be_reached_is_listed_by_two_persons_seen_by_all_and_leaves_when_it_is_cured(
    person, staff, firm, clock
):
    clerk, handler, leader = (person(staff[one]) for one in ("intake", "handler", "leader"))
    visitor = person(width=PHONE)
    clerk.goes("/work/lists/").fills(act="list", uscc=HEMAN, ground="unreachable", arose_on="2026-11-30")
    clerk.fills(clue="双随机检查发现人去楼空").presses("登记")
    clerk.reads("没有登记", "还没有到")  # the day is still to come; nothing typed is lost
    assert clerk.page.input_value("[name=clue]") == "双随机检查发现人去楼空"
    clerk.fills(arose_on="2026-11-23").presses("登记")
    case = clerk.page.url.split("?")[0]

    handler.goes(case).fills(outcome="grounded", found="实地核查，已经搬走").presses("办结")
    handler.reads("请选一种证明")
    handler.fills(proof="no_premises", visited_on="2026-11-23").presses("办结")
    handler.does_not_read("本步要办")  # who checked does not decide
    visitor.goes("/lists/").does_not_read(NAME)
    leader.goes(case).fills(outcome="list", decision_reason="事由成立").presses("办结")

    visitor.goes("/lists/").reads(NAME, "无法联系")
    visitor.goes(f"/entities/{HEMAN}/").reads("经营异常名录")
    visitor.goes(f"/lists/{HEMAN}/").reads("向谁申请", "示例区局")

    clock.forward(days=7)
    phone = person(firm=firm, width=PHONE)
    phone.goes("/my/records/")
    phone.opens("申请移出", about="经营异常名录")
    phone.fills(statement="已经办理住所变更登记").presses("提交移出申请")
    phone.reads("在办")
    removal = leader.goes("/work/lists/").page.locator("section a", has_text=NAME).first.get_attribute("href")
    works(handler, removal, found="新住所的门锁着", is_cured="not_cured")
    works(leader, removal, outcome="remove", decision_reason="酌情照顾")
    leader.reads("核实没有写明事由已经消除，不能移出")  # no removal without a check that finds it cured
    visitor.goes("/lists/").reads(NAME)
    works(leader, removal, outcome="keep", decision_reason="事由没有消除")

    clock.forward(days=2)
    clerk.goes("/work/lists/").fills(act="remove", uscc=HEMAN, ground="unreachable", clue="已在新住所办公")
    clerk.presses("登记")
    second = clerk.page.url.split("?")[0]
    works(handler, second, found="新住所能找到人", is_cured="cured")
    works(leader, second, outcome="remove", decision_reason="事由已经消除")
    visitor.goes("/lists/").does_not_read(NAME)
    visitor.goes(f"/lists/{HEMAN}/").does_not_read("经营异常名录：")
    clerk.goes("/work/lists/").fills(act="remove", uscc=HEMAN, ground="unreachable", clue="再申请一次")
    clerk.presses("登记").reads("没有可以移出")
    assert (
        Fact.objects.filter(subject=HEMAN, kind__startswith="abnormal_list.").count() == 2
    )  # kept in the log


def test_the_serious_list_hears_the_firm_asks_above_and_is_left_early_after_a_year_with_its_proof(
    person, staff, firm, clock
):
    penalty = {
        "decision_no": "示例罚9号", "authority": "示例区局", "violation": "使用非食品原料", "types": ["suspension"],
        "procedure": "ordinary", "field": "food", "published_on": "2026-11-20",
    }  # fmt: skip
    facts.record("penalty.decided", subject=HEMAN, occurred_on=START.date(), payload=penalty, source="test",
                 source_key="9", by="test", at=START, is_synthetic=True)  # fmt: skip
    clerk, handler, leader, publisher, above = (
        person(staff[one]) for one in ("intake", "handler", "leader", "publisher", "above")
    )
    visitor = person(width=PHONE)
    clerk.goes("/work/lists/").fills(
        act="serious", uscc=HEMAN, family="food", penalty_no="示例罚8号", clue="随处罚一并决定"
    )
    clerk.presses("登记").reads("没有找到")  # nobody is listed without a penalty
    clerk.fills(penalty_no="示例罚9号").presses("登记")
    case = clerk.page.url.split("?")[0]
    works(handler, case, facts="在食品中添加非食用物质，数量大。", served_on="2026-11-24")
    works(handler, case, outcome="no_statement", answer="没有提出意见")
    handler.reads("期限没有满")  # five working days to be heard
    works(handler, case, outcome="heard", answer="听证时当事人认为处罚过重，不成立")
    works(leader, case, outcome="list", decision_reason="情节严重", is_bad_nature=True, is_serious=True, harms_society=True)  # fmt: skip
    visitor.goes("/lists/").does_not_read(NAME)
    works(above, case, outcome="agreed", consent_no="示例批〔2026〕3号")
    works(publisher, case, confirmed="yes")
    visitor.goes("/lists/?kind=serious_list.listed").reads(NAME, "严重违法失信名单")
    visitor.goes(f"/lists/{HEMAN}/").reads("最早可以申请", "2027")

    phone = person(firm=firm, width=PHONE)
    phone.goes("/my/records/").reads("严重违法失信名单")
    clock.at(datetime(2027, 12, 1, 10, tzinfo=ZONE))
    phone.goes("/my/records/")
    phone.opens("申请修复", about="严重违法失信名单")
    phone.fills(statement="已停止违法行为，缴清罚款，整改完毕", committed=True)
    phone.presses("提交修复申请")
    phone.reads("在办")
    repair = RepairMatter.objects.get().case
    asked = f"/work/cases/{repair.pk}/"
    works(handler, asked, outcome="accept", decision_reason="材料齐全")
    works(
        handler, asked, way="documents", found="缴款凭证和整改报告属实", duties_done=True, harm_removed=True
    )
    visitor.goes("/lists/").reads(NAME)  # asked for is not granted
    works(leader, asked, outcome="grant", decision_reason="符合条件，提前移出")
    visitor.goes("/lists/").does_not_read(NAME)
    assert (
        Fact.objects.filter(subject=HEMAN, kind="serious_list.listed").count() == 1
    )  # kept in the log, not shown
