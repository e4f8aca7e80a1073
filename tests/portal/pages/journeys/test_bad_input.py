"""What goes wrong in a browser is refused in words: a changed roster, somebody on leave, two at once, a ban, a clock."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password

from tests.portal.pages.journeys.district import FIRMS, PHONE, START, announces, both_commit_and_reveal
from zhijian.apps.supervision.inspection.models import Check
from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.engines.draws import queries, store
from zhijian.engines.draws.models import CeremonyEvent, Draw, Selection
from zhijian.engines.facts import services as facts
from zhijian.engines.procedures.models import Leave
from zhijian.security.models import BusinessPerson
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FORM = "/work/draws/new/"
PLACE = "/work/draws/TH-2026-9/"
BAN = "责令停产停业、限制从业、降低资质、吊销许可等较重处罚不能提前停止公示"


def announced(who, people):
    who.goes(FORM).page.check("#item-REG-01")
    announces(
        who, "", people, plan_id="TH-2026-9", title="示例：登记事项抽查", mode="plain", outside_reason="上级交办", **{"rate-A": "2000"}
    )  # fmt: skip


def test_a_changed_roster_a_clock_set_back_and_two_at_once_do_not_make_a_draw(person, district, clock):
    planner, second, auditor = (person(one) for one in (district.planner, district.second, district.auditor))
    away = district.inspectors[3]
    Leave.objects.create(officer=away, substitute=district.inspectors[0], starts_on=date(2026, 11, 20),
                         ends_on=date(2027, 1, 10), arranged_by=district.leader, arranged_at=START)  # fmt: skip
    announced(planner, district)
    clock.forward(hours=1, minutes=5)
    planner.goes(PLACE).presses("冻结名单").reads("名单30户")
    draw = Draw.objects.get()
    assert queries.state_of(draw).frozen["inspectors"] == 3  # who is on leave is in no pool

    clock.at(START - timedelta(days=1))  # somebody sets the machine's clock back
    party = person(district.auditor)
    party.goes(PLACE).page.click("[data-make]")
    party.presses("公布我方承诺").reads("这一步不能更早", "请核对时钟")
    clock.at(START + timedelta(hours=4))  # an hour past the time for promises
    late = person(district.auditor)
    late.goes(PLACE).page.click("[data-make]")
    late.presses("公布我方承诺").reads("截止")
    clock.at(START + timedelta(hours=1, minutes=30))
    both_commit_and_reveal(PLACE, (planner, auditor), clock)

    kept = store.private_folder(draw) / "objects.jsonl"
    honest = kept.read_bytes()
    kept.write_bytes(honest.replace("示例7号".encode(), "示例8号".encode()))
    planner.goes(PLACE).presses("抽取").reads("与冻结时公布的指纹不符")
    assert not Selection.objects.exists()
    kept.write_bytes(honest)

    planner.goes(PLACE)
    second.goes(PLACE)  # two drawers have the same button before them
    planner.presses("抽取").reads("抽中6户")
    second.presses("抽取").reads("没有完成")
    assert CeremonyEvent.objects.filter(draw=draw, kind="drawn").count() == 1
    planner.presses("公布抽签文件")
    second.goes(PLACE)
    planner.presses("派发检查任务")
    second.presses("派发检查任务").reads("已派发6项检查")  # the same six, not six more
    assert Check.objects.count() == 6

    check = Check.objects.order_by("number").first()
    leaving = check.inspector_first
    Leave.objects.create(officer=leaving, substitute=away, starts_on=date(2026, 11, 25), ends_on=date(2027, 1, 10),
                         arranged_by=district.leader, arranged_at=START)  # fmt: skip
    clock.at(datetime(2026, 12, 2, 10, tzinfo=ZONE))
    boss = person(district.leader)
    boss.goes("/work/replacements/").reads(f"{leaving}不能去", "请假")
    boss.presses("由下一名候补替换").reads("替换")
    check.refresh_from_db()
    assert leaving not in check.inspectors and away not in check.inspectors


def test_a_ban_is_never_repaired_neither_by_the_firm_nor_at_the_counter(person, district):
    firm = FIRMS[0]
    payload = {
        "decision_no": "示例罚3号", "authority": "示例区局", "violation": "使用非食品原料", "procedure": "ordinary",
        "types": ["fine", "ban"], "field": "food", "published_on": "2024-03-01",
    }  # fmt: skip
    made = facts.record("penalty.decided", subject=firm, occurred_on=date(2024, 2, 20), payload=payload, source="test",
                        source_key="3", by="test", at=START, is_synthetic=True)  # fmt: skip
    owner = BusinessPerson.objects.create(
        uscc=firm, firm_name="广州示例1号食品店（合成）", username="li", display_name="示例李", role="filer",
        password=make_password("correct horse battery"), created_at=START, is_synthetic=True,
    )  # fmt: skip
    phone = person(firm=owner, width=PHONE)
    phone.goes("/my/records/").reads("示例罚3号", BAN).does_not_read("提交修复申请")
    # a form made by hand: what the page does not offer is refused as well
    phone.page.evaluate(
        """record => { const form = document.createElement("form"); form.method = "post"; form.action = "/my/records/";
        const told = { act: "repair", record, statement: "罚款已缴清，整改已经完成", committed: "1",
                       csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]").value };
        for (const [name, value] of Object.entries(told)) { const one = document.createElement("input"); one.name = name; one.value = value; form.append(one); }
        const button = document.createElement("button"); button.textContent = "手工"; form.append(button); document.querySelector("main").append(form); }""",
        str(made.pk),
    )
    phone.presses("手工").reads("没有提交", BAN)
    clerk = person(district.counter)
    clerk.goes(f"/work/repair/?code={firm}").reads(BAN).does_not_read("登记修复申请")
    assert not RepairMatter.objects.exists()
    visitor = person(width=PHONE)
    visitor.goes(f"/lists/{firm}/").reads("只能等期满")
