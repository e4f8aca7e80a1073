"""S201 end to end: asked for by the firm or at the counter, checked before filing, decided by two, revoked, withdrawn."""

from datetime import date, datetime

import pytest
from django.db import transaction

from tests.apps.supervision import deliveries
from tests.engines.registers.declared import desk
from zhijian.apps.consumer.credit_files import services as credit_files
from zhijian.apps.supervision.listing.models import Act as ListAct
from zhijian.apps.supervision.listing.models import ListingMatter
from zhijian.apps.supervision.repair import policies, services
from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.apps.supervision.repair.paperwork import OF_MATTER
from zhijian.engines.documents.models import Document
from zhijian.engines.facts import queries
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.standing import standing_own_facts
from zhijian.engines.procedures import checks, declaration
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import CaseMoved, Incomplete, NotYours, ProcedureRefused
from zhijian.engines.procedures.models import WorkItem
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.models import BusinessPerson, BusinessRole
from zhijian.security.permissions import Forbidden
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AT = datetime(2026, 9, 28, 10, 0, tzinfo=ZONE)
FIRM = synthetic_code(840_001, "440106")
WHY = "罚款已缴清，广告已全部撤下，附缴款凭证"


@pytest.fixture
def officers():
    unit = desk.unit("440106", "示例区局")
    found = {role: desk.officer(role, unit, role) for role in ("handler", "leader", "intake")}
    return found | {"both": desk.officer("both", unit, "handler", "leader")}


def penalty(key="1", published_on="2026-01-15", **more):
    payload = {
        "decision_no": f"示例罚{key}号", "authority": "示例区局", "violation": f"违法行为{key}", "procedure": "ordinary",
        "types": ["fine"], "field": "advertising", "published_on": published_on, **more,
    }  # fmt: skip
    return facts.record("penalty.decided", subject=FIRM, occurred_on=date(2026, 1, 10), payload=payload, source="test",
                        source_key=key, by="test", at=AT, is_synthetic=True)  # fmt: skip


def listing(on=date(2025, 3, 10), key="L", **more):
    payload = {"decision_no": f"示例列{key}", "authority": "示例区局", "ground": "食品安全", **more}
    return facts.record("serious_list.listed", subject=FIRM, occurred_on=on, payload=payload, source="listing",
                        source_key=key, by="test", at=AT, is_synthetic=True)  # fmt: skip


def ask(fact, by, **more):
    told = {"name": "示例广告有限公司（合成）", "statement": WHY, "is_committed": True, "at": AT, **more}
    return services.ask_repair(FIRM, str(fact.pk), by=by, **told)


def step(case, task, officer, at=AT, **data):
    item = WorkItem.objects.get(case=case, task=task, state="open")
    with transaction.atomic():
        procedures.complete(item, data=data, by=officer, at=at)
    case.refresh_from_db()


def due(case):
    return WorkItem.objects.get(case=case, state="open").due_on


def shown(on=date(2026, 9, 28)):
    return [one.payload["decision_no"] for one in queries.facts_of(FIRM, on=on, public_only=True)]


def checked(case, officers, at=AT, **more):
    step(case, "accept", officers["handler"], at, outcome="accept", decision_reason="材料齐全")
    found = {"way": "documents", "found": "缴款凭证属实", "duties_done": True, "harm_removed": True, **more}
    step(case, "verify", officers["handler"], at, **found)


def granted(case, officers, at=AT):
    checked(case, officers, at)
    step(case, "decide", officers["leader"], at, outcome="grant", decision_reason="符合条件")
    step(case, "tell", officers["handler"], at, told_on=at.date().isoformat(), told_by="paper")
    return case


def test_a_penalty_is_repaired_by_two_persons_within_its_clocks_and_stays_in_the_log(officers):
    fact = penalty()
    case = ask(fact, officers["intake"])
    assert due(case) == date(2026, 9, 30)  # two working days
    step(case, "accept", officers["both"], outcome="accept", decision_reason="材料齐全")
    assert due(case) == date(
        2026, 10, 23
    )  # fifteen, without the seven days of National Day, with the Saturday worked for them
    with pytest.raises(Incomplete, match="日期"):
        step(
            case,
            "verify",
            officers["both"],
            way="on_site",
            found="到现场看过",
            duties_done=True,
            harm_removed=True,
        )
    step(case, "verify", officers["both"], way="on_site", visited_on="2026-09-28", found="广告已撤", duties_done=True, harm_removed=True)  # fmt: skip
    with pytest.raises(NotYours):
        step(case, "decide", officers["both"], outcome="grant", decision_reason="符合条件")
    assert shown() == ["示例罚1号"]
    step(case, "decide", officers["leader"], outcome="grant", decision_reason="符合条件")
    assert shown() == [] and Fact.objects.filter(pk=fact.pk).exists()
    assert due(case) == date(2026, 10, 8)  # three working days to tell
    step(case, "tell", officers["handler"], told_on="2026-09-28", told_by="paper")
    ended = Fact.objects.get(kind="penalty.repaired").payload
    assert (ended["regime"], ended["decision_date"], ended["published_date"]) == (
        "samr_2021",
        "2026-01-10",
        "2026-01-15",
    )
    paper = Document.objects.get(owner_kind=OF_MATTER, owner_id=case.number)
    assert (paper.template, RepairMatter.objects.get().decision_no, case.status) == (
        "repair_granted",
        paper.number,
        "closed",
    )


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"types": ["licence_revoked"]}, "不能提前停止公示"),
        ({"types": ["fine", "ban"]}, "不能提前停止公示"),
        ({"field": "food"}, "2027-01-15起"),
        ({"published_on": "2026-06-01"}, "2026-12-01起"),
        ({"is_low_fine": True}, "不必申请"),
    ],
)
def test_what_the_law_does_not_let_be_repaired_is_refused_before_filing_with_reason_and_first_day(
    officers, more, why
):
    fact = penalty(**{"published_on": "2026-07-15" if more.get("is_low_fine") else "2026-01-15", **more})
    with pytest.raises(ProcedureRefused, match=why):
        ask(fact, officers["intake"])
    assert not RepairMatter.objects.exists()


def test_a_second_application_while_one_runs_here_or_in_the_credit_file_is_refused(officers):
    fact, clerk = penalty(), officers["intake"]
    case = ask(fact, clerk)
    with pytest.raises(ProcedureRefused, match=case.number):
        ask(fact, clerk)
    again = {"statement": WHY, "is_committed": True, "division": "440106", "by": clerk, "at": AT}
    with pytest.raises(ProcedureRefused, match=case.number):
        credit_files.ask_repair(FIRM, str(fact.pk), **again)
    step(case, "accept", officers["handler"], outcome="return", decision_reason="缺缴款凭证")
    other = credit_files.ask_repair(FIRM, str(fact.pk), **again)
    with pytest.raises(ProcedureRefused, match=other.number):
        ask(fact, clerk)


def test_an_application_needs_a_commitment_words_the_own_firm_and_the_own_authority(officers):
    fact, clerk = penalty(), officers["intake"]
    with pytest.raises(ProcedureRefused, match="守信承诺书"):
        ask(fact, clerk, is_committed=False)
    with pytest.raises(ProcedureRefused, match="至"):
        ask(fact, clerk, statement="求修复")
    with pytest.raises(policies.NoSuchRecord):
        services.ask_repair(synthetic_code(840_002, "440106"), str(fact.pk), name="他", statement=WHY, is_committed=True, by=clerk, at=AT)  # fmt: skip
    elsewhere = desk.officer("far", desk.unit("440305", "外地区局"), "intake")
    with pytest.raises(ProcedureRefused, match="示例区局"):
        ask(fact, elsewhere)


def test_a_repair_is_not_granted_over_an_unfinished_check_or_what_came_since(officers):
    case = ask(penalty(), officers["intake"])
    checked(case, officers, harm_removed=False)
    with pytest.raises(ProcedureRefused, match="没有写明"):
        step(case, "decide", officers["leader"], outcome="grant", decision_reason="酌情照顾")
    step(case, "decide", officers["leader"], outcome="refuse", decision_reason="危害后果没有消除")
    assert (
        shown() == ["示例罚1号"] and Document.objects.get(owner_kind=OF_MATTER).template == "repair_refused"
    )
    step(case, "tell", officers["handler"], told_on="2026-09-28", told_by="counter")
    second = ask(Fact.objects.get(kind="penalty.decided"), officers["intake"])
    checked(second, officers)
    penalty("2", violation="违法行为1")
    with pytest.raises(ProcedureRefused, match="同类违法行为"):
        step(second, "decide", officers["leader"], outcome="grant", decision_reason="符合条件")


def test_two_who_decide_at_once_repair_once(officers):
    case = ask(penalty(), officers["intake"])
    checked(case, officers)
    first = WorkItem.objects.get(case=case, task="decide", state="open")
    second, data = WorkItem.objects.get(pk=first.pk), {"outcome": "grant", "decision_reason": "符合条件"}
    procedures.complete(first, data=data, by=officers["leader"], at=AT)
    with pytest.raises(CaseMoved), transaction.atomic():
        procedures.complete(second, data=data, by=officers["both"], at=AT)
    assert Fact.objects.filter(kind="penalty.repaired").count() == 1


def test_the_serious_list_is_left_early_after_a_year_and_not_a_day_before(officers):
    with pytest.raises(ProcedureRefused, match="2026-10-10起"):
        ask(listing(date(2025, 10, 10), "late"), officers["intake"])
    granted(ask(listing(), officers["intake"]), officers)
    assert shown() == ["示例列late"]


def test_false_papers_bring_the_record_back_with_its_term_anew(officers):
    case = granted(ask(penalty(), officers["intake"]), officers)
    serious = granted(ask(listing(), officers["intake"]), officers)
    assert shown() == []
    later = datetime(2026, 11, 20, 10, 0, tzinfo=ZONE)
    for repair in (case, serious):
        found = services.propose_revocation(
            repair.number, clue="缴款凭证系伪造，银行回函证实", by=officers["intake"], at=later
        )
        step(
            found,
            "notify",
            officers["handler"],
            later,
            facts="缴款凭证系伪造，银行回函证实",
            served_on="2026-11-20",
        )
        step(found, "hear", officers["handler"], later, outcome="silent", answer="逾期没有提出意见")
        step(found, "decide", officers["leader"], later, outcome="revoke", decision_reason="查证属实")
    punished, listed = (Fact.objects.filter(kind=kind).order_by("-revision").first() for kind in ("penalty.decided", "serious_list.listed"))  # fmt: skip
    assert (punished.payload["published_on"], punished.public_until) == ("2026-11-20", date(2029, 11, 20))
    assert (listed.occurred_on, listed.public_until) == (date(2026, 11, 20), date(2029, 11, 20))
    assert not {one["kind"] for one in standing_own_facts(FIRM)} & {
        "penalty.repaired",
        "serious_list.removed",
    }
    with pytest.raises(ProcedureRefused, match="已经撤销"):
        services.propose_revocation(
            case.number, clue="缴款凭证系伪造，银行回函证实", by=officers["intake"], at=later
        )


def test_an_annulled_penalty_is_withdrawn_in_three_working_days_with_the_listing_that_rests_on_it(officers):
    fact = penalty()
    resting = services.procedures.start_case("supervision/abnormal_listing", number="LS-1", title="列严", organisation=officers["intake"].organisation,
                                             division_code="440106", data={"arose_on": AT.date()}, by=None, at=AT, is_synthetic=True)  # fmt: skip
    ListingMatter.objects.create(case=resting, act=ListAct.LIST_SERIOUS, uscc=FIRM, name="示例", subject_kind="enterprise", ground_code="food",
                                 penalty_no="示例罚1号", arose_on=AT.date(), outcome="listed")  # fmt: skip
    listing(key="LS-1")
    case = services.propose_withdrawal(FIRM, str(fact.pk), name="示例", event="annulled", fell_on=date(2026, 9, 28), document="粤复决〔2026〕1号",
                                       by=officers["intake"], at=AT)  # fmt: skip
    assert due(case) == date(2026, 10, 8)
    step(case, "decide", officers["leader"], outcome="withdraw", decision_reason="复议决定撤销")
    assert shown() == []
    assert not [one for one in standing_own_facts(FIRM) if not one.get("is_withdrawal")]
    assert Document.objects.get(owner_kind=OF_MATTER).template == "publicity_withdrawn"


def test_a_delivered_serious_listing_is_withdrawn_by_the_level_above_who_decided_and_by_no_neighbour(
    officers, monkeypatch
):
    delivered = [deliveries.fact(FIRM, "serious_list.listed", date(2026, 3, 10), "S1", until=date(2029, 3, 10),
                                 decision_no="外列S1", authority="示例区局", ground="食品安全")]  # fmt: skip
    city, other = desk.unit("440100", "示例市局"), desk.unit("440305", "示例邻局")
    told = {"name": "示例", "event": "annulled", "fell_on": date(2026, 9, 25), "document": "穗市监复决〔2026〕1号",
            "delivered": delivered, "at": AT}  # fmt: skip
    named = delivered[0].fact_id
    with pytest.raises(ProcedureRefused, match="示例区局"):
        services.propose_withdrawal(FIRM, named, by=desk.officer("neighbour", other, "intake"), **told)
    clerk, leader = (desk.officer(f"city-{role}", city, role) for role in ("intake", "leader"))
    case = services.propose_withdrawal(FIRM, named, by=clerk, **told)
    assert case.organisation == city and due(case) == date(2026, 9, 30)
    with pytest.raises(Forbidden, match="示例市局"):  # the unit whose decision fell does not decide about it
        step(case, "decide_listing", officers["leader"], outcome="withdraw", decision_reason="复议撤销")
    assert not Fact.objects.filter(kind="serious_list.listed").exists()  # nothing leaves without a decision
    step(case, "decide_listing", leader, outcome="withdraw", decision_reason="复议撤销")
    newest = Fact.objects.filter(kind="serious_list.listed").order_by("-revision").first()
    assert newest.is_withdrawal and (newest.source, newest.source_key) == ("delivered", "S1")
    assert not queries.public_record(FIRM, on=date(2026, 9, 28), delivered=delivered)


def test_a_changed_penalty_is_published_with_its_new_content_and_its_old_term(officers):
    fact = penalty(types=["fine", "licence_revoked"])
    case = services.propose_withdrawal(FIRM, str(fact.pk), name="示例", event="changed", fell_on=AT.date(), document="（2026）粤行终1号",
                                       by=officers["intake"], at=AT)  # fmt: skip
    with pytest.raises(ProcedureRefused, match="顿号"):
        step(case, "decide", officers["leader"], outcome="withdraw", decision_reason="判决变更", changed_content="罚款一万元", changed_types="罚金")  # fmt: skip
    step(case, "decide", officers["leader"], outcome="withdraw", decision_reason="判决变更", changed_content="罚款一万元", changed_types="罚款、警告")  # fmt: skip
    newest = Fact.objects.filter(kind="penalty.decided").order_by("-revision").first()
    assert (newest.payload["types"], newest.payload["content"], newest.public_until) == (["fine", "warning"], "罚款一万元", date(2029, 1, 15))  # fmt: skip


def test_a_firm_asks_itself_at_the_authority_that_decided_and_a_reader_may_not(officers):
    fact = penalty()
    filer, reader = (
        BusinessPerson(uscc=FIRM, firm_name="示例广告有限公司（合成）", username=role, display_name="示例", role=role, is_active=True)
        for role in (BusinessRole.FILER, BusinessRole.READER)
    )  # fmt: skip
    told = {"statement": WHY, "is_committed": True, "at": AT}
    with pytest.raises(Forbidden):
        services.ask_repair_for_firm(reader, str(fact.pk), **told)
    case = services.ask_repair_for_firm(filer, str(fact.pk), **told)
    assert (case.organisation.name, case.repair_matter.asked_by, case.entity_code) == (
        "示例区局",
        "示例",
        FIRM,
    )
    away = penalty("9", authority="外省某局")
    with pytest.raises(ProcedureRefused, match="外省某局"):
        services.ask_repair_for_firm(filer, str(away.pk), **told)


@pytest.mark.parametrize(("on", "is_late"), [(date(2026, 10, 28), False), (date(2026, 10, 29), True)])
def test_an_abnormal_listing_is_objected_to_within_thirty_days_of_its_publication(officers, on, is_late):
    fact = facts.record("abnormal_list.listed", subject=FIRM, occurred_on=AT.date(), source="listing", source_key="A", by="test", at=AT,
                        payload={"ground_code": "annual_report", "authority": "示例区局"}, is_synthetic=True)  # fmt: skip
    at = datetime(on.year, on.month, on.day, 9, tzinfo=ZONE)
    told = {"statement": "年度报告早已按期公示，附公示截图", "at": at}
    if is_late:
        with pytest.raises(ProcedureRefused, match="三十日"):
            credit_files.object_to_own(FIRM, str(fact.pk), **told)
        return
    case = credit_files.object_to_own(FIRM, str(fact.pk), **told)
    assert due(case) == date(2026, 11, 4)  # five working days to accept


@pytest.mark.parametrize("code", [services.REPAIR, services.REVOCATION, services.WITHDRAWAL])
def test_every_drawing_is_sound(code):
    procedure = declaration.get(code)
    assert checks.problems(procedure, procedure.drawing_text()) == []


def test_what_another_system_delivered_since_the_application_stands_in_the_way_of_the_decision(
    officers, monkeypatch
):
    case = ask(penalty(), officers["intake"])
    checked(case, officers)
    deliveries.serve(monkeypatch, deliveries.serious(FIRM, date(2026, 9, 27)))
    with pytest.raises(ProcedureRefused, match="名单"):
        step(case, "decide", officers["leader"], outcome="grant", decision_reason="符合条件")


def test_an_application_for_repair_ends_by_its_procedure_and_blocks_the_record_no_longer(officers):
    fact = penalty()
    case = ask(fact, officers["intake"])
    with pytest.raises(ProcedureRefused, match="只能按流程办结"):
        procedures.withdraw(case, reason="企业撤回", by=officers["leader"], at=AT)
    step(case, "accept", officers["handler"], outcome="return", decision_reason="企业撤回申请")
    step(case, "tell", officers["handler"], told_on="2026-09-28", told_by="paper")
    assert ask(fact, officers["intake"]).pk != case.pk


@pytest.mark.parametrize(
    ("before", "named", "until"),
    [
        (
            {"is_low_fine": True},
            "罚款",
            date(2026, 12, 10),
        ),  # a low fine that is lowered is a low fine: three months
        ({"is_low_fine": True}, "罚款、没收", date(2029, 9, 10)),
        ({"types": ["fine", "ban"], "restricted_until": "2031-09-10"}, "限制从业", date(2031, 9, 10)),
        ({"types": ["fine", "ban"], "restricted_until": "2031-09-10"}, "罚款", date(2029, 9, 10)),
    ],
)
def test_a_changed_penalty_is_shown_as_long_as_what_is_left_of_it(officers, before, named, until):
    fact = penalty(published_on="2026-09-10", **before)
    case = services.propose_withdrawal(FIRM, str(fact.pk), name="示例", event="changed", fell_on=AT.date(), document="（2026）粤行终1号",
                                       by=officers["intake"], at=AT)  # fmt: skip
    step(case, "decide", officers["leader"], outcome="withdraw", decision_reason="判决变更", changed_content="变更后的内容", changed_types=named)  # fmt: skip
    newest = Fact.objects.get(source="test", source_key="1", revision=1)
    assert newest.public_until == until
