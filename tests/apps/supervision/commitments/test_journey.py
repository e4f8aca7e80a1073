"""S203 end to end: a promise is registered, checked in time, ordered to be kept, or the approval is withdrawn; and who may not promise."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction

from tests.apps.supervision import deliveries
from tests.engines.registers.declared import desk
from zhijian.apps.supervision.commitments import queries as commitments
from zhijian.apps.supervision.commitments import rules, services
from zhijian.apps.supervision.commitments.models import ApprovalCommitment, CommitmentMatter
from zhijian.apps.supervision.commitments.paperwork import OF_MATTER
from zhijian.apps.supervision.commitments.registers import COMMITMENTS, TEXTS
from zhijian.engines.documents.models import Document
from zhijian.engines.facts import queries
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import checks, declaration
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import Incomplete, NotYours, ProcedureRefused
from zhijian.engines.procedures.models import WorkItem
from zhijian.engines.registers.declared import services as registers
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.permissions import Forbidden
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AT = datetime(2026, 9, 23, 10, 0, tzinfo=ZONE)
FIRM = synthetic_code(860_900, "440106")


@pytest.fixture
def officers():
    unit = desk.unit("440106", "示例区局")
    found = {role: desk.officer(role, unit, role) for role in ("handler", "leader", "intake")}
    keeper = desk.officer("both", unit, "handler", "leader")
    province = desk.officer("keeper", desk.unit("440000", "示例省局"), "leader")
    for row in desk.demo_rows(TEXTS):
        registers.add(TEXTS, row, reason="登记文本", by=province, at=AT)
    return found | {"both": keeper}


def promise(by, key="CN-1", *, on="2026-09-10", text="TXT-FOOD-2026", at=AT):
    row = {"key": key, "name": "示例餐饮店（合成）", "uscc": FIRM, "division_code": "440106", "text": text, "approval_no": f"示例许〔2026〕{key}",
           "authority": "示例区局", "valid_from": on, "valid_to": "2031-09-10", "tags": "", "is_synthetic": "1"}  # fmt: skip
    return registers.add(COMMITMENTS, row, reason="随许可登记", by=by, at=at)


def step(case, task, officer, at=AT, **data):
    item = WorkItem.objects.get(case=case, task=task, state="open")
    with transaction.atomic():
        procedures.complete(item, data=data, by=officer, at=at)
    case.refresh_from_db()


def standing(on=date(2026, 9, 23)):
    entry = COMMITMENTS.model.objects.get(key="CN-1")
    return [(one.text.zh, one.is_public) for one in COMMITMENTS.findings(entry, on)]


def test_a_promise_is_checked_within_two_months_and_a_kept_one_says_so(officers):
    promise(officers["intake"])
    assert "2026-11-10前核查" in standing()[0][0]
    case = services.open_check("CN-1", by=officers["intake"], at=AT)
    assert WorkItem.objects.get(case=case).due_on == date(2026, 11, 10)
    assert standing() == [("正在核查。", False)]  # what is only being looked at is nobody's business
    step(case, "check", officers["handler"], outcome="kept", method="on_site", found="布局和人员与承诺一致。")
    assert case.status == "closed" and standing() == [("已核查：承诺已履行。", True)]
    [fact] = Fact.objects.filter(subject=FIRM, kind="commitment.checked")
    assert fact.payload["outcome"] == "kept"
    with pytest.raises(ProcedureRefused, match="已经由案件"):
        services.open_check("CN-1", by=officers["intake"], at=AT)


def test_a_broken_promise_is_ordered_to_be_kept_and_then_stands_as_kept(officers):
    promise(officers["intake"])
    case = services.open_check("CN-1", by=officers["intake"], at=AT)
    step(case, "check", officers["handler"], outcome="broken", method="on_site", found="没有食品安全员。")
    with pytest.raises(Incomplete, match="今天以后"):
        step(case, "order", officers["handler"], cure_by="2026-09-23")
    step(case, "order", officers["handler"], cure_by="2026-10-09")
    assert WorkItem.objects.get(case=case, state="open").due_on == date(2026, 10, 22)
    step(case, "recheck", officers["handler"], outcome="cured", found="已经配备食品安全员。")
    assert case.status == "closed" and standing() == [("已核查：责令后承诺已履行。", True)]
    paper = Document.objects.get(owner_kind=OF_MATTER, owner_id=case.number)
    assert "没有食品安全员" in "".join(paper.content["paragraphs"])


def withdrawn(officers):
    promise(officers["intake"])
    case = services.open_check("CN-1", by=officers["intake"], at=AT)
    step(case, "check", officers["both"], outcome="false", method="on_site", found="承诺时没有经营场所。")
    step(case, "notify", officers["handler"], served_on="2026-09-23")
    step(case, "hear", officers["handler"], outcome="silent", answer="没有提出意见。")
    with pytest.raises(NotYours):
        step(case, "decide", officers["both"], outcome="withdraw", decision_reason="虚假承诺")
    step(case, "decide", officers["leader"], outcome="withdraw", decision_reason="承诺时没有经营场所")
    return case


def test_a_false_promise_costs_the_approval_after_a_hearing_and_bars_from_promises_for_three_years(officers):
    case = withdrawn(officers)
    [fact] = queries.facts_of(FIRM, on=AT.date(), public_only=True)[:1]
    matter = CommitmentMatter.objects.get(case=case)
    assert (fact.kind, fact.payload["excluded_until"]) == ("commitment.withdrawn", "2029-09-23")
    assert (matter.outcome, fact.payload["decision_no"]) == ("withdrawn", matter.decision_no)
    assert standing() == [("没有履行承诺，许可已撤销。", True)]
    with pytest.raises(registers.WrongRow, match="bar still runs"):
        promise(officers["intake"], "CN-2", on="2026-09-23")
    after = datetime(2029, 9, 24, 10, 0, tzinfo=ZONE)
    promise(officers["intake"], "CN-2", on="2029-09-24", at=after)
    assert "commitment.withdrawn" not in [
        one.kind for one in queries.facts_of(FIRM, on=after.date(), public_only=True)
    ]


def test_who_is_on_the_serious_list_is_not_approved_on_a_promise(officers):
    payload = {"decision_no": "示例罚1号", "authority": "示例区局", "ground": "食品安全"}
    facts.record("serious_list.listed", subject=FIRM, occurred_on=date(2026, 9, 11), payload=payload, source="test",
                 source_key="S", by="test", at=AT, is_synthetic=True)  # fmt: skip
    promise(officers["intake"], on="2026-09-10")  # the day before
    with pytest.raises(registers.WrongRow, match="serious-violation list"):
        promise(officers["intake"], "CN-2", on="2026-09-11")
    facts.record("serious_list.removed", subject=FIRM, occurred_on=date(2026, 9, 22), payload={"decision_no": "示例罚1号", "authority": "示例区局", "reason": "期满"},
                 source="test", source_key="R", by="test", at=AT, is_synthetic=True)  # fmt: skip
    promise(officers["intake"], "CN-3", on="2026-09-23")


def test_what_a_clerk_hands_in_wrong_is_refused_with_field_and_reason(officers):
    clerk = officers["intake"]
    with pytest.raises(registers.WrongRow, match="not in force"):
        promise(clerk, text="TXT-FOOD-2025")
    with pytest.raises(registers.WrongRow, match="lies ahead"):
        promise(clerk, on="2026-09-24")
    with pytest.raises(ProcedureRefused, match="没有这个承诺"):
        services.open_check("CN-9", by=clerk, at=AT)
    promise(clerk)
    stranger = desk.officer("stranger", desk.unit("440305", "外区局"), "intake")
    with pytest.raises(Forbidden):
        services.open_check("CN-1", by=stranger, at=AT)
    assert services.open_checks(by=stranger, at=AT) == []
    assert len(services.open_checks(by=clerk, at=AT)) == 1 and services.open_checks(by=clerk, at=AT) == []


def test_what_may_not_be_cured_goes_to_the_hearing_at_once():
    assert rules.after_check("broken", may_be_cured=True) == "order"
    assert rules.after_check("broken", may_be_cured=False) == "hear"
    assert rules.after_check("false", may_be_cured=True) == "hear"
    assert rules.excluded_until(date(2026, 9, 23), "broken") == date(2027, 9, 23)


def test_the_drawing_is_sound():
    procedure = declaration.get(services.CHECK)
    assert checks.problems(procedure, procedure.drawing_text()) == []


def test_the_desk_opens_for_keepers_and_opens_a_check(officers, client):
    promise(officers["intake"])
    client.force_login(officers["leader"])
    page = client.get("/work/commitments/").content.decode()
    assert "1项还没有开立核查" in page and "CN-1" in page
    linked = re.search(r'href="(/registers/approval_commitments/[^"]*CN-1/)"', page).group(1)
    assert client.get(linked).status_code == 200
    assert client.post("/work/commitments/", {"commitment": "CN-7"}).status_code == 422
    assert client.post("/work/commitments/", {"commitment": "CN-1"}).status_code == 302
    case = CommitmentMatter.objects.get(commitment="CN-1").case_id
    assert "承诺的条件" in client.get(f"/work/cases/{case}/").content.decode()
    above = desk.officer("clerk-above", desk.unit("440100", "示例市局"), "intake")
    client.force_login(above)
    assert client.get(f"/work/cases/{case}/").status_code == 403  # the case lies below, with others
    assert f"/work/cases/{case}/" not in client.get("/work/commitments/").content.decode()
    client.force_login(desk.officer("analyst", officers["leader"].organisation, "analyst"))
    assert client.get("/work/commitments/").status_code == 403


def test_a_firm_that_another_system_put_on_the_serious_list_may_not_promise(officers, monkeypatch):
    deliveries.serve(monkeypatch, deliveries.serious(FIRM, date(2026, 3, 2)))
    with pytest.raises(registers.WrongRow, match="serious-violation list"):
        promise(officers["intake"])


def test_a_check_of_a_promise_is_not_withdrawn_by_an_officer(officers):
    promise(officers["intake"])
    case = services.open_check("CN-1", by=officers["intake"], at=AT)
    with pytest.raises(ProcedureRefused, match="只能按流程办结"):
        procedures.withdraw(case, reason="不查了", by=officers["leader"], at=AT)


def test_the_desk_reads_a_page_and_counts_the_rest_where_they_are_kept(
    officers, django_assert_max_num_queries
):
    promise(officers["intake"])
    first = ApprovalCommitment.objects.get(key="CN-1")
    services.open_check("CN-1", by=officers["intake"], at=AT)
    values = {
        field.attname: getattr(first, field.attname)
        for field in first._meta.concrete_fields
        if not field.primary_key
    }
    ApprovalCommitment.objects.bulk_create(
        ApprovalCommitment(**values | {"key": f"CN-{n}", "valid_from": first.valid_from - timedelta(days=n), "division_code": place})
        for n, place in [*((n, "440106") for n in range(10, 70)), (70, "440305")]
    )  # fmt: skip
    found = commitments.of_area(officers["leader"])
    with django_assert_max_num_queries(4):
        shown = commitments.told(found[:20])
        waiting, late = commitments.waiting_and_late(found, on=AT.date())
    assert [one.commitment.key for one in shown] == [f"CN-{n}" for n in range(69, 49, -1)]
    assert waiting == found.count() - 1 == 60
    assert late == sum(one.due_on < AT.date() for one in commitments.told(found))
    (open_,) = (one for one in commitments.told(found) if one.matter is not None)
    assert (open_.commitment.key, open_.standing) == ("CN-1", commitments.OPEN)
    CommitmentMatter.objects.update(outcome="kept")
    assert commitments.told(found)[-1].commitment.key == "CN-1", "what is decided comes last"
