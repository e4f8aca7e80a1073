"""S48: a firm's contract from the finding to the amended text or the clue, and what everybody sees of it."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from zhijian.standards.calendar import ZONE

AT = datetime(2026, 11, 20, 10, 0, tzinfo=ZONE)
BAD = (
    "第一条 会员卡一经售出，概不退款。\n第二条 会员在场内受伤，本店概不负责。\n第三条 最终解释权归本店所有。"
)
GOOD = "第一条 会员可以随时解除合同，按实际使用结算。\n第二条 因本店原因造成会员受伤的，依法承担赔偿责任。"
REASON = "这几条排除了消费者的权利"


@pytest.fixture
def opened(office):
    from zhijian.apps.consumer.contracts import services

    opening = services.Opening(
        "示例跃动健身", "", "fitness", "440106", "年卡协议", BAD, "complaint", "TS-1", True
    )
    return services.open_matter(opening, office.unit, by=office.handler, at=AT)


def hand_in(matter, task, by, days=0, **data):
    from zhijian.engines.procedures import services

    item = matter.case.work_items.get(task=task, state="open")
    services.complete(item, data=data, by=by, at=AT + timedelta(days=days))
    matter.refresh_from_db()
    return item


def to_assessment(matter, office):
    hand_in(matter, "review", office.handler, outcome="ask_firm", reason=REASON)
    hand_in(matter, "explain", office.handler, outcome="explained", explanation="行业惯例")


def papers(matter):
    from zhijian.apps.consumer.contracts.paperwork import papers_of

    return [one.template for one in papers_of(matter)]


def test_guidance_amendment_recheck_and_publication(office, opened, client):
    from zhijian.engines.facts.models import Fact

    assert set(opened.versions.get().kinds) == {"prepaid", "exempts_injury", "interpretation"}
    to_assessment(opened, office)
    hand_in(opened, "assess", office.handler, outcome="expert", reason=REASON)
    hand_in(opened, "expert", office.handler, experts=3, opinion="三条均应修改")
    hand_in(
        opened, "assess", office.handler, outcome="guide", reason=REASON, clauses="第一条\n第二条\n第三条"
    )
    amend = hand_in(
        opened, "amend", office.handler, days=10, outcome="amended", amended_text=BAD[:20] + "。\n" + GOOD
    )
    assert amend.due_on == datetime(2026, 12, 21).date()  # 30 days end on a Sunday
    hand_in(opened, "recheck", office.handler, days=10, outcome="again", reason="第一条没有改好")
    hand_in(opened, "amend", office.handler, days=20, outcome="amended", amended_text=GOOD)
    hand_in(opened, "recheck", office.handler, days=20, outcome="accepted", reason="三条都已改好")
    hand_in(opened, "publish", office.leader, days=21, outcome="publish", summary="已删去不退款等三条。")
    assert opened.state == "amended" and opened.case.status == "closed"
    assert [len(one.findings) for one in opened.versions.all()] == [3, 1, 0]
    assert papers(opened) == ["explanation_notice", "guidance_letter", "guidance_letter", "closing_notice"]
    assert Fact.objects.filter(kind="contract.published", subject=f"contract/{opened.number}").exists()
    page = client.get("/consumer/contracts/results/").content.decode()
    assert "已删去不退款等三条" in page and "TS-1" not in page


def test_what_is_not_amended_becomes_a_clue_that_the_leader_hands_over(office, opened):
    from zhijian.apps.consumer.complaints.models import ViolationReport

    to_assessment(opened, office)
    hand_in(opened, "assess", office.handler, outcome="guide", reason=REASON, clauses="第一条")
    hand_in(opened, "amend", office.handler, days=40, outcome="refused")
    hand_in(opened, "recheck", office.handler, days=40, outcome="clue", reason="到期没有修改")
    hand_in(
        opened, "decide_clue", office.leader, days=41, outcome="hand_over", clue_reason="使用不公平格式条款"
    )
    report = ViolationReport.objects.get(number=opened.clue_number)
    assert opened.state == "clue" and opened.case.status == "closed"
    assert report.respondent_name == "示例跃动健身" and report.case.status == "open"


def test_the_leader_sends_a_clue_back_and_nothing_unfair_ends_it(office, opened):
    to_assessment(opened, office)
    hand_in(opened, "assess", office.handler, outcome="clue", reason=REASON)
    hand_in(opened, "decide_clue", office.leader, outcome="return", clue_reason="先行政指导")
    hand_in(opened, "assess", office.handler, outcome="no_issue", reason="重新核对，没有问题")
    assert opened.state == "no_issue" and opened.case.status == "closed"


def test_an_amendment_that_never_came_is_not_accepted(office, opened):
    from zhijian.engines.procedures.errors import ProcedureRefused

    to_assessment(opened, office)
    hand_in(opened, "assess", office.handler, outcome="guide", reason=REASON, clauses="第一条")
    with pytest.raises(ProcedureRefused):
        hand_in(opened, "amend", office.handler, outcome="amended", amended_text=" ")
    hand_in(opened, "amend", office.handler, outcome="refused")
    with pytest.raises(ProcedureRefused):
        hand_in(opened, "recheck", office.handler, outcome="accepted", reason="三条都已改好")


def test_other_areas_and_other_roles_neither_see_nor_open_a_matter(office, opened, client):
    from zhijian.apps.consumer.contracts import services
    from zhijian.security.models import AccessRecord
    from zhijian.security.permissions import Forbidden

    address = f"/work/contracts/{opened.number}/"
    for person, status in ((office.stranger, 403), (office.intake, 403), (office.analyst, 200)):
        client.force_login(person)
        assert client.get(address).status_code == status
    assert "TS-1" not in client.get(address).content.decode()  # who sees no reports learns of none here
    client.force_login(office.handler)
    assert "TS-1" in client.get(address).content.decode()
    assert AccessRecord.objects.filter(officer=office.analyst, subject=f"contract/{opened.number}").exists()
    opening = services.Opening("示例店", "", "fitness", "440106", "协议", BAD, "finding")
    for person in (office.stranger, office.analyst):
        with pytest.raises(Forbidden):
            services.open_matter(opening, office.unit, by=person, at=AT)


def test_an_officer_registers_a_contract_and_sees_it_marked_on_matter_and_case(office, client):
    client.force_login(office.handler)
    typed = SimpleNamespace(
        firm_name="示例店",
        title="协议",
        division_code="440106",
        source="filing",
        source_number="BA-1",
        trade="fitness",
    )
    wrong = client.post("/work/contracts/new/", {**vars(typed), "trade": "", "text": BAD})
    assert (
        wrong.status_code == 422
        and "请选行业" in wrong.content.decode()
        and "概不退款" in wrong.content.decode()
    )
    made = client.post("/work/contracts/new/", {**vars(typed), "text": BAD}, follow=True)
    page = made.content.decode()
    assert page.count('<mark class="term">') == 3 and "规则提示3处" in page
    from zhijian.apps.consumer.contracts.models import Matter

    case = client.get(f"/work/cases/{Matter.objects.get().case_id}/").content.decode()
    assert "第1稿" in case and "示例店" in case
    assert Matter.objects.get().number in client.get("/work/contracts/").content.decode()


def test_the_demonstration_takes_each_contract_to_its_stage_once(office):
    from tests.engines.registers.declared import desk
    from zhijian.apps.consumer.contracts.models import Matter
    from zhijian.operations.demo import contracts
    from zhijian.operations.seed.officers import unit_code
    from zhijian.security.models import Organisation

    for county in contracts.COUNTIES:
        Organisation.objects.filter(division_code=county).update(code=unit_code(county))
        unit = Organisation.objects.get(code=unit_code(county))
        for role in ("handler", "leader"):
            desk.officer(f"{role}-{county}", unit, role)
    assert contracts.seed(now=AT) == 5 and contracts.seed(now=AT) == 0
    assert sorted(Matter.objects.values_list("state", flat=True)) == [
        "amended",
        "clue",
        "open",
        "open",
        "open",
    ]
    assert all(one.is_synthetic and one.case.is_synthetic for one in Matter.objects.all())
