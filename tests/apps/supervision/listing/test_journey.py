"""S197 end to end: a ground is checked, a firm is listed by two persons, published, cured, removed; and the serious list."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction

from tests.apps.supervision import deliveries
from tests.engines.registers.declared import desk
from zhijian.apps.supervision.inclusive.registers import DORMANCIES
from zhijian.apps.supervision.listing import queries as listings
from zhijian.apps.supervision.listing import services
from zhijian.apps.supervision.listing.models import ListingMatter
from zhijian.apps.supervision.listing.paperwork import OF_MATTER
from zhijian.engines.documents.models import Document
from zhijian.engines.facts import queries
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.standing import standing_own_facts
from zhijian.engines.procedures import checks, declaration
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import CaseMoved, Incomplete, NotYours, ProcedureRefused
from zhijian.engines.procedures.models import WorkItem
from zhijian.engines.registers.declared import services as registers
from zhijian.engines.registers.public_records import place_of
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.permissions import Forbidden
from zhijian.standards.calendar import ZONE

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 23, 10, 0, tzinfo=ZONE)
FIRM = synthetic_code(830_001, "440106")


@pytest.fixture
def officers():
    unit, city = desk.unit("440106", "示例区局"), desk.unit("440100", "示例市局")
    unit.parent = city
    unit.save()
    found = {role: desk.officer(role, unit, role) for role in ("handler", "leader", "publisher", "intake")}
    found["above"] = desk.officer("above", city, "leader")
    return found | {"both": desk.officer("both", unit, "handler", "leader")}


def propose(by, ground="unreachable", kind="enterprise", arose_on=date(2026, 9, 21)):
    return services.propose_listing(
        FIRM, name="示例有限公司（合成）", subject_kind=kind, ground=ground, arose_on=arose_on,
        clue="双随机检查发现人去楼空", division="440106", by=by, at=AT, is_synthetic=True,
    )  # fmt: skip


def step(case, task, officer, at=AT, **data):
    item = WorkItem.objects.get(case=case, task=task, state="open")
    with transaction.atomic():
        procedures.complete(item, data=data, by=officer, at=at)
    case.refresh_from_db()


def listed(officers, ground="unreachable", **more):
    case = propose(officers["intake"], ground, **more)
    step(case, "check", officers["handler"], outcome="grounded", found="实地核查属实", proof="no_premises", visited_on="2026-09-20")  # fmt: skip
    step(case, "decide", officers["leader"], outcome="list", decision_reason="事由成立")
    return case


def shown(on=date(2026, 9, 23)):
    return [one.kind for one in queries.facts_of(FIRM, on=on, public_only=True)]


def test_a_firm_that_cannot_be_reached_is_listed_by_two_persons_with_a_paper_and_a_fact(officers):
    case = propose(officers["intake"])
    assert WorkItem.objects.get(case=case).due_on == date(2026, 10, 12)
    with pytest.raises(Incomplete, match="证明"):
        step(case, "check", officers["both"], outcome="grounded", found="找不到人")
    step(case, "check", officers["both"], outcome="grounded", found="两封信都退回", proof="letters",
         first_sent_on="2026-08-20", second_sent_on="2026-09-08")  # fmt: skip
    with pytest.raises(NotYours):
        step(case, "decide", officers["both"], outcome="list", decision_reason="事由成立")
    assert shown() == []
    step(case, "decide", officers["leader"], outcome="list", decision_reason="事由成立")
    [fact] = Fact.objects.filter(subject=FIRM, kind="abnormal_list.listed")
    paper = Document.objects.get(owner_kind=OF_MATTER, owner_id=case.number)
    text = paper.content["addressee"] + "".join(paper.content["paragraphs"])
    assert all(word in text for word in ("示例有限公司", FIRM, "无法联系", "示例区局", "2026年9月23日"))
    assert (fact.payload["decision_no"], fact.payload["authority"]) == (paper.number, "示例区局")
    assert shown() == ["abnormal_list.listed"]
    assert [one["kind"] for one in standing_own_facts(FIRM)] == ["abnormal_list.listed"]


def test_a_cured_ground_leaves_the_public_page_with_the_removal_and_stays_in_the_log(officers):
    listed(officers)
    case = services.ask_removal(
        FIRM, "unreachable", statement="已办理住所变更登记", division="440106", by=officers["intake"], at=AT
    )
    assert WorkItem.objects.get(case=case).due_on is None  # the five days run from verification
    step(case, "verify_on_site", officers["handler"], found="新住所能找到", is_cured="cured")
    assert WorkItem.objects.get(case=case, state="open").due_on == date(2026, 10, 8)
    step(case, "decide", officers["leader"], outcome="remove", decision_reason="事由已经消除")
    assert shown() == [] and Fact.objects.filter(subject=FIRM, kind="abnormal_list.listed").exists()
    with pytest.raises(ProcedureRefused, match="没有可以移出"):
        services.ask_removal(FIRM, "unreachable", statement="再申请一次", division="440106", by=officers["intake"], at=AT)  # fmt: skip


def test_nobody_is_taken_off_without_a_decision_that_rests_on_a_check(officers):
    listed(officers, "annual_report", arose_on=date(2026, 9, 10))
    case = services.ask_removal(
        FIRM, "annual_report", statement="年报已补报", division="440106", by=officers["intake"], at=AT
    )
    assert WorkItem.objects.get(case=case).due_on == date(2026, 10, 8)  # from the application
    later = AT + timedelta(days=5)
    step(case, "verify", officers["handler"], at=later, found="还没有补报", is_cured="not_cured")
    assert WorkItem.objects.get(case=case, state="open").due_on == date(2026, 10, 8)
    with pytest.raises(ProcedureRefused, match="不能移出"):
        step(case, "decide", officers["leader"], at=later, outcome="remove", decision_reason="酌情照顾")
    assert shown() == ["abnormal_list.listed"]
    step(case, "decide", officers["leader"], at=later, outcome="keep", decision_reason="没有补报")
    assert shown() == ["abnormal_list.listed"] and case.status == "closed"


def test_an_individual_business_listed_for_its_report_is_shown_until_30_june(officers):
    listed(officers, "annual_report", kind="individual", arose_on=date(2026, 9, 10))
    assert shown(date(2027, 6, 30)) == ["abnormal_list.listed"] and shown(date(2027, 7, 1)) == []


def test_an_individual_business_two_full_years_on_the_list_is_in_the_separate_register_until_removed(
    officers,
):
    listed(officers, "unreachable", kind="individual")

    def separate(on, **more):
        return [(one.matter.uscc, one.since) for one in listings.separate_register(on=on, **more)]

    assert separate(date(2028, 9, 22)) == [] and separate(date(2028, 9, 23)) == [(FIRM, date(2028, 9, 23))]
    assert separate(date(2028, 9, 23), territory="4403") == []
    assert listings.separate_since(FIRM, on=date(2028, 9, 22)) is None
    assert listings.separate_since(FIRM, on=date(2028, 10, 1)) == date(2028, 9, 23)  # the own page tells it
    case = services.ask_removal(
        FIRM, "unreachable", statement="已恢复经营", division="440106", by=officers["intake"], at=AT
    )
    step(case, "verify_on_site", officers["handler"], found="原址找到", is_cured="cured")
    step(case, "decide", officers["leader"], outcome="remove", decision_reason="事由已经消除")
    assert separate(date(2028, 9, 23)) == [] and listings.separate_since(FIRM, on=date(2028, 9, 23)) is None


def test_what_a_clerk_may_not_propose_is_refused_with_the_reason(officers):
    clerk = officers["intake"]
    with pytest.raises(ProcedureRefused, match="不是对这类主体"):
        propose(clerk, "falsity")
    with pytest.raises(ProcedureRefused, match="还没有到"):
        propose(clerk, arose_on=date(2026, 9, 24))
    with pytest.raises(ProcedureRefused, match="不是对这类主体"):
        propose(clerk, "annual_report", arose_on=date(2024, 6, 30))
    with pytest.raises(Forbidden):
        services.propose_listing(FIRM, name="示例", subject_kind="enterprise", ground="unreachable", arose_on=AT.date(),
                                 clue="外地的企业", division="440305", by=clerk, at=AT)  # fmt: skip
    propose(clerk)
    with pytest.raises(ProcedureRefused, match="在办"):
        propose(clerk)
    assert ListingMatter.objects.count() == 1


def test_a_deregistered_firm_and_one_set_up_in_the_year_of_filing_are_not_listed_for_a_report(
    officers, monkeypatch
):
    report = {"ground": "annual_report", "arose_on": date(2026, 6, 30)}
    deliveries.register(monkeypatch, FIRM, status_code="deregistered", registered_on=date(2019, 1, 1))
    with pytest.raises(ProcedureRefused, match="已经注销"):
        propose(officers["intake"], **report)
    deliveries.register(monkeypatch, FIRM, status_code="active", registered_on=date(2026, 1, 5))
    with pytest.raises(ProcedureRefused, match="不负有报送2025年度报告"):
        propose(officers["intake"], **report)
    assert not ListingMatter.objects.exists()
    deliveries.register(monkeypatch, FIRM, status_code="active", registered_on=date(2025, 12, 31))
    case = propose(officers["intake"], **report)
    step(case, "check", officers["handler"], outcome="grounded", found="没有报送")
    deliveries.register(monkeypatch, FIRM, status_code="deregistered", registered_on=date(2025, 12, 31))
    with pytest.raises(ProcedureRefused, match="已经注销"):  # it left the register before the decision
        step(case, "decide", officers["leader"], outcome="list", decision_reason="事由成立")
    step(case, "decide", officers["leader"], outcome="not_list", decision_reason="已经注销")
    assert shown() == [] and case.status == "closed"


def test_a_firm_that_moved_is_handled_where_it_is_registered_now(officers, monkeypatch):
    listed(officers)
    here = {"status_code": "active", "registered_on": date(2019, 1, 1), "county_code": "440106"}
    moved = synthetic_code(830_001, "440305")  # its code was given elsewhere
    deliveries.register(monkeypatch, moved, **here)
    assert place_of(moved) == "440106"
    assert place_of(FIRM) == "440106" and place_of(synthetic_code(830_002, "440305")) == "440305"


def test_two_who_decide_at_once_list_once(officers):
    case = propose(officers["intake"])
    step(case, "check", officers["handler"], outcome="grounded", found="住所不存在", proof="no_premises", visited_on="2026-09-20")  # fmt: skip
    first = WorkItem.objects.get(case=case, task="decide", state="open")
    second = WorkItem.objects.get(pk=first.pk)
    for item, expected in ((first, None), (second, CaseMoved)):
        data = {"outcome": "list", "decision_reason": "事由成立"}
        if expected is None:
            procedures.complete(item, data=data, by=officers["leader"], at=AT)
            continue
        with pytest.raises(expected), transaction.atomic():
            procedures.complete(item, data=data, by=officers["both"], at=AT)
    assert Fact.objects.filter(subject=FIRM, kind="abnormal_list.listed").count() == 1


def penalised(**more):
    payload = {"decision_no": "示例罚1号", "authority": "示例区局", "violation": "使用非食品原料", "types": ["fine"],
               "procedure": "ordinary", "field": "food", **more}  # fmt: skip
    return facts.record("penalty.decided", subject=FIRM, occurred_on=date(2026, 9, 1), payload=payload, source="test",
                        source_key="P", by="test", at=AT, is_synthetic=True)  # fmt: skip


def serious(officers):
    case = services.propose_serious(
        FIRM, name="示例食品厂（合成）", subject_kind="enterprise", family="food", penalty_no="示例罚1号", clue="随处罚一并决定",
        division="440106", by=officers["intake"], at=AT,
    )  # fmt: skip
    step(
        case, "notify", officers["handler"], facts="在食品中添加非食用物质，数量大。", served_on="2026-09-20"
    )
    step(case, "hear", officers["handler"], outcome="stated", answer="申辩理由不成立")
    return case


def test_that_nobody_answered_the_notice_is_recorded_only_after_the_days_for_it(officers):
    penalised()
    case = services.propose_serious(
        FIRM, name="示例食品厂（合成）", subject_kind="enterprise", family="food", penalty_no="示例罚1号", clue="随处罚一并决定",
        division="440106", by=officers["intake"], at=AT,
    )  # fmt: skip
    step(
        case, "notify", officers["handler"], facts="在食品中添加非食用物质，数量大。", served_on="2026-09-21"
    )
    silent = {"outcome": "no_statement", "answer": "没有提出"}
    last = datetime(2026, 9, 29, 17, 0, tzinfo=ZONE)  # the 25th to the 27th are mid-autumn
    with pytest.raises(Incomplete, match="期限没有满"):
        step(case, "hear", officers["handler"], at=last, **silent)
    step(case, "hear", officers["handler"], at=last + timedelta(days=1), **silent)
    assert WorkItem.objects.get(case=case, state="open").task == "decide"


def test_a_listing_for_falsified_publicity_tells_its_ground_and_names_the_regulation(officers):
    penalised(types=["suspension"])
    case = services.propose_serious(
        FIRM, name="示例食品厂（合成）", subject_kind="enterprise", family="publicity", penalty_no="示例罚1号",
        clue="随处罚一并决定", division="440106", by=officers["intake"], at=AT,
    )  # fmt: skip
    step(case, "notify", officers["handler"], facts="公示的出资和资产信息全部虚假。", served_on="2026-09-20")
    step(case, "hear", officers["handler"], outcome="stated", answer="申辩理由不成立")
    step(case, "decide", officers["leader"], outcome="list", decision_reason="情节严重", **GRAVE)
    step(case, "consent", officers["above"], outcome="agreed", consent_no="示例批〔2026〕3号")
    step(case, "publish", officers["publisher"], confirmed="yes")
    [fact] = Fact.objects.filter(subject=FIRM, kind="serious_list.listed")
    assert fact.payload["ground_code"] == "publicity"
    for paper in Document.objects.filter(owner_kind=OF_MATTER, owner_id=case.number):
        assert "《企业信息公示暂行条例》第十八条" in "".join(paper.content["paragraphs"])


GRAVE = {"is_bad_nature": True, "is_serious": True, "harms_society": True}


def test_the_serious_list_is_decided_after_a_hearing_consented_to_above_and_ends_after_three_years(officers):
    penalised()
    case = serious(officers)
    with pytest.raises(ProcedureRefused, match="较重行政处罚"):
        step(case, "decide", officers["leader"], outcome="list", decision_reason="情节严重", **GRAVE)
    step(
        case,
        "decide",
        officers["leader"],
        outcome="list",
        decision_reason="情节严重",
        fine_is_heavy=True,
        **GRAVE,
    )
    assert "serious_list.listed" not in shown()
    later = AT + timedelta(days=6)
    step(case, "consent", officers["above"], at=later, outcome="agreed", consent_no="示例批〔2026〕3号")
    assert WorkItem.objects.get(case=case, state="open").due_on == date(2026, 11, 2)
    step(case, "publish", officers["publisher"], at=later, confirmed="yes")
    [fact] = Fact.objects.filter(subject=FIRM, kind="serious_list.listed")
    assert (fact.occurred_on, fact.public_until) == (date(2026, 9, 29), date(2029, 9, 29))
    assert Document.objects.filter(owner_kind=OF_MATTER, owner_id=case.number).count() == 2


def test_a_firm_reads_until_when_it_may_be_heard_and_the_remedies_run_from_publication_not_from_the_consent(
    officers,
):
    def told(on):
        return [(right.code, right.until) for _, right in listings.rights_of(FIRM, on=on)]

    penalised(types=["suspension"])
    case = serious(officers)
    assert told(AT.date()) == [("hearing", date(2026, 9, 28))]
    step(case, "decide", officers["leader"], outcome="list", decision_reason="情节严重", **GRAVE)
    step(case, "consent", officers["above"], outcome="agreed", consent_no="示例批〔2026〕3号")
    published = AT + timedelta(days=20)
    step(case, "publish", officers["publisher"], at=published, confirmed="yes")
    matter = ListingMatter.objects.get(case=case)
    assert (matter.decided_on, listings.known_on(matter)) == (AT.date(), published.date())
    assert told(published.date()) == [("reconsideration", date(2026, 12, 12)), ("suit", date(2027, 4, 13))]
    assert told(date(2027, 4, 14)) == []


def test_without_consent_or_without_a_penalty_nobody_is_on_the_serious_list(officers):
    with pytest.raises(ProcedureRefused, match="没有找到"):
        serious(officers)
    penalised(types=["licence_revoked"])
    case = serious(officers)
    step(case, "decide", officers["leader"], outcome="list", decision_reason="情节严重", **GRAVE)
    step(case, "consent", officers["above"], outcome="refused", consent_no="示例批〔2026〕4号")
    assert case.status == "closed" and "serious_list.listed" not in shown()


def listed_seriously(officers):
    case = serious(officers)
    step(case, "decide", officers["leader"], outcome="list", decision_reason="情节严重", **GRAVE)
    step(case, "consent", officers["above"], outcome="agreed", consent_no="示例批〔2026〕3号")
    step(case, "publish", officers["publisher"], confirmed="yes")


def test_the_next_level_consents_and_neither_the_unit_itself_nor_who_decided_or_prepared(officers):
    penalised(types=["suspension"])
    case = serious(officers)
    step(case, "decide", officers["leader"], outcome="list", decision_reason="情节严重", **GRAVE)
    word = {"outcome": "agreed", "consent_no": "示例批〔2026〕3号"}
    own = desk.officer("second", officers["leader"].organisation, "leader")
    for one in (own, officers["leader"]):
        with pytest.raises(Forbidden, match="示例市局"):
            step(case, "consent", one, **word)
    decided = officers["leader"]
    decided.organisation = officers["above"].organisation  # who moved up does not consent to the own decision
    decided.save()
    with pytest.raises(NotYours):
        step(case, "consent", decided, **word)
    WorkItem.objects.filter(case=case, state="open").update(organisation=own.organisation)
    with pytest.raises(
        ProcedureRefused, match="第二十二条"
    ):  # also where the step was drawn for the own unit
        step(case, "consent", own, **word)
    WorkItem.objects.filter(case=case, state="open").update(organisation=decided.organisation)
    step(case, "consent", officers["above"], **word)
    assert WorkItem.objects.get(case=case, state="open").organisation == own.organisation


def test_a_listing_that_needs_consent_is_not_decided_where_nobody_is_set_above(officers):
    penalised(types=["suspension"])
    case = serious(officers)
    unit = officers["leader"].organisation
    unit.parent = None
    unit.save()
    with pytest.raises(ProcedureRefused, match="上级单位"):
        step(case, "decide", officers["leader"], outcome="list", decision_reason="情节严重", **GRAVE)


def test_one_penalty_lists_a_firm_once_whatever_the_family(officers):
    penalised(types=["suspension"])
    first = serious(officers)
    second = services.propose_serious(
        FIRM, name="示例食品厂（合成）", subject_kind="enterprise", family="quality", penalty_no="示例罚1号", clue="另一种情形",
        division="440106", by=officers["intake"], at=AT,
    )  # fmt: skip
    for case in (first, second):
        if case is second:
            step(
                case,
                "notify",
                officers["handler"],
                facts="与前一件是同一份处罚决定。",
                served_on="2026-09-20",
            )
            step(case, "hear", officers["handler"], outcome="stated", answer="理由不成立")
        step(case, "decide", officers["leader"], outcome="list", decision_reason="情节严重", **GRAVE)
        step(case, "consent", officers["above"], outcome="agreed", consent_no="示例批〔2026〕3号")
    for case in (first, second):
        step(case, "publish", officers["publisher"], confirmed="yes")
    assert Fact.objects.filter(subject=FIRM, kind="serious_list.listed").count() == 1
    assert ListingMatter.objects.get(case=second).outcome == "not_listed"
    with pytest.raises(ProcedureRefused, match="同一份决定"):
        serious(officers)


def test_a_penalty_that_fell_meanwhile_lists_nobody(officers):
    penalty = penalised(types=["suspension"])
    case = serious(officers)
    step(case, "decide", officers["leader"], outcome="list", decision_reason="情节严重", **GRAVE)
    step(case, "consent", officers["above"], outcome="agreed", consent_no="示例批〔2026〕3号")
    facts.withdraw(penalty, reason="行政复议撤销", by="test", at=AT)
    step(case, "publish", officers["publisher"], confirmed="yes")
    assert case.status == "closed" and not Fact.objects.filter(kind="serious_list.listed").exists()


def test_who_decided_the_penalty_decides_on_the_list_also_about_a_firm_from_elsewhere(officers, monkeypatch):
    penalised(types=["suspension"], authority="外区局")
    with pytest.raises(ProcedureRefused, match="第十三条"):
        serious(officers)
    deliveries.serve(monkeypatch, deliveries.penalty(FIRM, date(2026, 9, 1), types=["suspension"]))
    case = services.propose_serious(
        FIRM, name="示例食品厂（合成）", subject_kind="enterprise", family="food", penalty_no="外罚D1", clue="随处罚一并决定",
        division="441900", by=officers["intake"], at=AT,
    )  # fmt: skip
    assert case.division_code == "440106"  # the unit's own: that is where the case lies


def test_no_officer_makes_a_proposed_listing_go_away(officers):
    case = propose(officers["intake"])
    with pytest.raises(ProcedureRefused, match="只能按流程办结"):
        procedures.withdraw(case, reason="不办了", by=officers["leader"], at=AT)
    step(case, "check", officers["handler"], outcome="dropped", found="企业还在原址")
    assert propose(officers["intake"]).pk != case.pk


@pytest.mark.parametrize("code", [services.LISTING, services.REMOVAL, services.SERIOUS])
def test_every_drawing_is_sound(code):
    procedure = declaration.get(code)
    assert checks.problems(procedure, procedure.drawing_text()) == []


def test_a_dormant_firm_is_not_listed_for_its_empty_premises_and_still_for_its_missing_report(officers):
    row = {**desk.demo_rows(DORMANCIES, 1)[0], "uscc": FIRM, "key": "XY-1", "division_code": "440106"}
    dormant = {"valid_from": "2026-05-01", "valid_to": "2027-04-30", "resumed_on": "", "acted_on": ""}
    registers.add(DORMANCIES, {**row, **dormant}, reason="办理歇业备案", by=officers["intake"], at=AT)
    with pytest.raises(ProcedureRefused, match="送达地址"):
        propose(officers["intake"])
    assert propose(officers["intake"], "annual_report", arose_on=date(2026, 7, 1))
