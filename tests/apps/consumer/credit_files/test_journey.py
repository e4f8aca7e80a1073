"""S49 end to end: collected from facts, public by term, objected to, repaired, used for a purpose."""

from datetime import date, datetime
from importlib import import_module

import pytest
from django.db import transaction

from tests.engines.registers.declared import desk
from zhijian.apps.consumer.credit_files import deciding, queries, services
from zhijian.apps.consumer.credit_files.models import FileMatter, FileUse
from zhijian.apps.consumer.credit_files.policies import NotInFile, OtherAuthority
from zhijian.apps.consumer.worry_free.registers import COMMITMENTS
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.standing import standing_own_facts
from zhijian.engines.procedures import checks, declaration
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Case, WorkItem
from zhijian.engines.registers.declared import services as registers
from zhijian.engines.registers.records import DeliveredFact
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.models import AccessRecord
from zhijian.standards.calendar import ZONE

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 20, 10, 0, tzinfo=ZONE)
DAY = AT.date()
FIRM, OTHER = synthetic_code(810_001, "440106"), synthetic_code(810_002, "440106")


@pytest.fixture
def officers():
    unit = desk.unit("440106", "示例区局")
    return {role: desk.officer(role, unit, role) for role in ("handler", "leader", "publisher", "intake")}


def penalty(key="P-1", subject=FIRM, **more):
    payload = {
        "decision_no": f"示例罚{key}", "authority": "示例区局", "violation": "虚假广告", "procedure": "ordinary", "types": ["fine"],
        "fine_yuan": "20000", "published_on": "2026-01-15", **more,
    }  # fmt: skip
    return facts.record(
        "penalty.decided", subject=subject, occurred_on=date(2026, 1, 10), payload=payload, source="test", source_key=key,
        by="test", at=AT, is_synthetic=True,
    )  # fmt: skip


def complete(case, task, officer, **data):
    item = WorkItem.objects.get(case=case, task=task, state="open")
    procedures.complete(item, data=data, by=officer, at=AT)


def decide(case, officers, **decision):
    """Hand a case in step by step up to its end."""
    complete(case, "accept", officers["handler"], outcome="accept", decision_reason="材料齐全")
    listing = "_listing" if FileMatter.objects.get(case=case).fact_kind == "abnormal_list.listed" else ""
    complete(case, f"verify{listing}", officers["handler"], found="已向作出决定的单位核对", duties_done=True, harm_removed=True)  # fmt: skip
    complete(case, f"decide{listing}", officers["leader"], decision_reason="核查属实，依规定办理", **decision)
    complete(case, "tell", officers["handler"], told_on="2026-11-20", told_by="counter")
    case.refresh_from_db()
    return case


def public(on=DAY, uscc=FIRM):
    return [one.id for one in queries.public_file(uscc, on=on).items]


def test_a_file_is_collected_from_facts_and_an_item_leaves_by_itself_at_its_term():
    fact = penalty()
    facts.record("complaint.upheld", subject=FIRM, occurred_on=DAY, payload={"complaint_no": "T1"}, source="test",
                 source_key="u", by="test", at=AT)  # fmt: skip
    item = queries.public_file(FIRM, on=DAY).items[0]
    assert (item.id, item.until, item.section.code) == (str(fact.pk), date(2029, 1, 15), "penalties")
    assert public(date(2029, 1, 15)) == [item.id] and public(date(2029, 1, 16)) == []
    whole = queries.whole_file(FIRM, on=DAY)
    assert {one.fact.kind for one in whole.items if not one.is_public} == {"complaint.upheld"}


def test_a_published_complaint_leaves_after_its_months():
    facts.record("complaint.published", subject=FIRM, occurred_on=date(2026, 9, 1), source="test", source_key="c", by="test",
                 payload={"complaint_no": "T", "authority": "示例区局", "summary": "拒绝退货"}, at=AT)  # fmt: skip
    assert len(public(date(2027, 9, 1))) == 1 and public(date(2027, 9, 2)) == []


def test_an_objection_that_is_right_takes_the_item_off_every_page_and_keeps_it_in_the_log(officers, client):
    fact = penalty()
    case = services.object_to(FIRM, str(fact.pk), statement="处罚的不是本企业，重名了。", division="440106",
                              by=officers["intake"], at=AT)  # fmt: skip
    decide(case, officers, outcome="withdraw")
    assert case.status == "closed" and public() == []
    assert Fact.objects.filter(source="test", source_key="P-1").count() == 2
    assert FileMatter.objects.get(case=case).outcome == "withdraw"
    assert "处罚的不是本企业" not in client.get(f"/consumer/credit/{FIRM}/").content.decode()


def test_a_wrong_word_is_corrected_and_the_term_does_not_start_anew(officers):
    fact = penalty()
    case = services.object_to(FIRM, str(fact.pk), statement="违法行为写错了，应为短斤缺两。", division="440106",
                              by=officers["intake"], at=AT)  # fmt: skip
    decide(case, officers, outcome="correct", corrected_field="violation", corrected_text="短斤缺两")
    item = queries.public_file(FIRM, on=DAY).items[0]
    assert item.fact.payload["violation"] == "短斤缺两" and item.until == date(2029, 1, 15)


def test_what_the_log_tells_everybody_of_a_correction_names_nobody(officers):
    fact = penalty()
    case = services.object_to(FIRM, str(fact.pk), statement="违法行为写错了，应为短斤缺两。", division="440106",
                              by=officers["intake"], at=AT)  # fmt: skip
    with pytest.raises(ProcedureRefused, match="指向个人"), transaction.atomic():
        decide(
            case,
            officers,
            outcome="correct",
            corrected_field="violation",
            corrected_text="骗走联系人王小明的钱",
        )
    complete(case, "accept", officers["handler"], outcome="accept", decision_reason="材料齐全")
    complete(case, "verify", officers["handler"], found="投诉人王小明也这么说")
    complete(case, "decide", officers["leader"], outcome="correct", decision_reason="投诉人王小明说得对，电话13800138000",
             corrected_field="violation", corrected_text="短斤缺两")  # fmt: skip
    newest = queries.public_file(FIRM, on=DAY).items[0].fact
    assert newest.payload["violation"] == "短斤缺两" and newest.reason == f"按异议案件{case.number}的决定"


def test_a_delivered_penalty_that_is_corrected_keeps_the_term_it_had(officers):
    told = DeliveredFact("d-1", FIRM, "penalty.decided", date(2026, 1, 10), datetime(2026, 1, 15, 9, tzinfo=ZONE), "delivered",
                         "D-1", {"decision_no": "D", "authority": "示例区局", "violation": "虚假广告", "procedure": "ordinary",
                                 "types": ["fine"]}, None, date(2029, 1, 15), True)  # fmt: skip
    case = services.object_to(FIRM, "d-1", statement="违法行为写错了，应为短斤缺两。", division="440106", delivered=[told],
                              by=officers["intake"], at=AT)  # fmt: skip
    decide(case, officers, outcome="correct", corrected_field="violation", corrected_text="短斤缺两")
    item = queries.public_file(FIRM, on=DAY, delivered=[told]).items[0]
    assert (item.fact.payload["violation"], item.until) == ("短斤缺两", date(2029, 1, 15))


def test_a_correction_of_what_the_item_lacks_is_refused_and_the_case_stays(officers):
    fact = penalty()
    case = services.object_to(FIRM, str(fact.pk), statement="违法行为写错了，应为短斤缺两。", division="440106",
                              by=officers["intake"], at=AT)  # fmt: skip
    with pytest.raises(ProcedureRefused, match="这一条有"):
        decide(case, officers, outcome="correct", corrected_field="summary", corrected_text="改")
    assert WorkItem.objects.get(case=case, state="open").task == "decide"


def test_a_granted_repair_ends_publicity_by_a_fact_and_a_refused_one_does_not(officers):
    for key, outcome, left in (("P-1", "refuse", 1), ("P-1", "grant", 0)):
        fact = penalty(key)
        case = services.ask_repair(FIRM, str(fact.pk), statement="罚款缴清，广告全部撤下。", is_committed=True,
                                   division="440106", by=officers["handler"], at=AT)  # fmt: skip
        assert decide(case, officers, outcome=outcome).status == "closed"
        assert len(public()) == left
        assert queries.collected(on=DAY).by_section["penalties"] == left
    assert Fact.objects.filter(kind="penalty.repaired", subject=FIRM).count() == 1
    assert [one["kind"] for one in standing_own_facts(FIRM)] == [
        "penalty.repaired"
    ]  # so that the rating knows of it


def test_a_period_that_is_one_entry_of_a_parameter_has_its_words_on_the_case_page(client, officers):
    fact = penalty()
    case = services.ask_repair(FIRM, str(fact.pk), statement="罚款缴清，广告全部撤下。", is_committed=True,
                               division="440106", by=officers["handler"], at=AT)  # fmt: skip
    client.force_login(officers["handler"])
    text = client.get(f"/work/cases/{case.pk}/").content.decode()
    assert "行政处罚信用修复的受理和决定期限" in text
    assert "penalty_repair_working_days" not in text


def test_a_listing_is_removed_by_its_own_fact_and_by_the_shorter_clock(officers):
    fact = facts.record(
        "abnormal_list.listed", subject=FIRM, occurred_on=date(2026, 7, 10), source="test", source_key="L", by="test", at=AT,
        payload={"ground_code": "annual_report", "authority": "示例区局"},
    )  # fmt: skip
    case = services.ask_repair(FIRM, str(fact.pk), statement="年度报告已经补报并公示。", is_committed=True,
                               division="440106", by=officers["handler"], at=AT)  # fmt: skip
    complete(case, "accept", officers["handler"], outcome="accept", decision_reason="材料齐全")
    assert WorkItem.objects.get(case=case, state="open").due_on == date(2026, 11, 27)
    complete(case, "verify_listing", officers["handler"], found="年报已补报并公示", duties_done=True)
    complete(case, "decide_listing", officers["leader"], outcome="grant", decision_reason="事由消除")
    assert public() == [] and Fact.objects.filter(kind="abnormal_list.removed").exists()


def test_what_a_firm_may_not_ask_is_refused_with_the_reason(officers):
    mine, never, others = (
        penalty(),
        penalty("P-2", types=["licence_revoked"], violation="无证经营"),
        penalty("P-3", OTHER),
    )
    asked = {
        "statement": "罚款缴清，广告全部撤下。",
        "division": "440106",
        "by": officers["handler"],
        "at": AT,
    }
    with pytest.raises(NotInFile, match="不在"):
        services.object_to(FIRM, str(others.pk), **asked)
    with pytest.raises(NotInFile):
        services.ask_repair(FIRM, "no-such-item", is_committed=True, **asked)
    with pytest.raises(ProcedureRefused, match="不能提前停止公示"):
        services.ask_repair(FIRM, str(never.pk), is_committed=True, **asked)
    with pytest.raises(ProcedureRefused, match="守信承诺书"):
        services.ask_repair(FIRM, str(mine.pk), is_committed=False, **asked)
    with pytest.raises(ProcedureRefused, match="10至2000字"):
        services.object_to(FIRM, str(mine.pk), **{**asked, "statement": "错"})
    services.object_to(FIRM, str(mine.pk), **asked)
    with pytest.raises(ProcedureRefused, match="在办"):
        services.object_to(FIRM, str(mine.pk), **asked)
    assert Case.objects.count() == 1


def test_what_is_delivered_is_taken_into_the_log_to_be_withdrawn(officers):
    told = DeliveredFact("d-1", FIRM, "penalty.decided", date(2026, 1, 10), AT, "delivered", "D-1", {
        "decision_no": "D", "authority": "示例区局", "violation": "虚假广告", "procedure": "ordinary", "types": ["fine"],
        "published_on": "2026-01-15"}, None, date(2029, 1, 15), True)  # fmt: skip
    case = services.object_to(FIRM, "d-1", statement="处罚的不是本企业，重名了。", division="440106", delivered=[told],
                              by=officers["intake"], at=AT)  # fmt: skip
    assert not queries.public_file(FIRM, on=DAY, delivered=[told]).items[0].is_in_log
    decide(case, officers, outcome="withdraw")
    assert queries.public_file(FIRM, on=DAY, delivered=[told]).is_empty


def test_the_pages_show_script_as_text_and_the_class_never(client, officers):
    penalty(violation="<script>alert(1)</script>联系13800138000")
    row = {**desk.demo_rows(COMMITMENTS, 1)[0], "uscc": FIRM, "key": "T-1", "division_code": "440106"}
    keeper = desk.officer("keeper", officers["handler"].organisation, "steward")
    registers.add(COMMITMENTS, row, reason="按申请登记", by=keeper, at=AT)
    page = client.get(f"/consumer/credit/{FIRM}/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page and "13800138000" not in page
    assert row["name"] in page and "次日自动离开" in page and "合成数据" in page
    client.force_login(officers["handler"])
    assert client.get("/consumer/credit/91440101MA5AB12345/").status_code == 404
    assert client.get("/consumer/credit/?code=123").status_code == 422
    assert client.get("/consumer/credit/").status_code == 200
    assert "P-1" not in client.get("/consumer/credit/?format=csv").content.decode()


def test_a_wrong_objection_shows_no_file_that_was_not_opened_for_a_purpose(client, officers):
    fact = penalty()
    facts.record("complaint.upheld", subject=FIRM, occurred_on=DAY, payload={"complaint_no": "T1"}, source="test",
                 source_key="u", by="test", at=AT)  # fmt: skip
    client.force_login(officers["handler"])
    typed = {"act": "objection", "item": "none", "statement": "<script>alert(2)</script>说明理由"}
    refused = client.post(f"/work/credit/{FIRM}/", typed)
    page = refused.content.decode()
    assert refused.status_code == 422 and "只能对本企业的记录" in page
    assert "仅内部可见" not in page and not AccessRecord.objects.exists()
    client.post(f"/work/credit/{FIRM}/", {"purpose": "case", "reason": "办理投诉需要"})
    again = client.post(f"/work/credit/{FIRM}/", {**typed, "item": str(fact.pk), "statement": "<b>错"})
    page = again.content.decode()
    assert again.status_code == 422 and "仅内部可见" in page and "&lt;b&gt;错</textarea>" in page
    looks = AccessRecord.objects.filter(officer=officers["handler"], part="credit_file")
    assert [one.reason for one in looks] == ["办理投诉需要"] * 2


def test_another_authority_s_item_is_neither_corrected_nor_repaired_and_the_page_says_whose_it_is(
    client, officers
):
    fact = penalty(authority="示例市局")
    asked = {
        "statement": "罚款缴清，广告全部撤下。",
        "division": "440106",
        "by": officers["handler"],
        "at": AT,
    }
    with pytest.raises(OtherAuthority, match="示例市局"):
        services.object_to(FIRM, str(fact.pk), **asked)
    with pytest.raises(OtherAuthority):
        services.ask_repair(FIRM, str(fact.pk), is_committed=True, **asked)
    client.force_login(officers["handler"])
    page = client.post(
        f"/work/credit/{FIRM}/", {"purpose": "case", "reason": "办理投诉需要"}
    ).content.decode()
    assert "异议和修复由决定机关办理：示例市局" in page and "企业提出异议" not in page
    case = services.object_to(FIRM, str(penalty("P-2").pk), **asked)
    FileMatter.objects.filter(case=case).update(
        source_key="P-1", stood_as={"payload": {"authority": "示例市局"}}
    )
    for outcome in ("withdraw", "correct"):
        with pytest.raises(OtherAuthority), transaction.atomic():
            decide(case, officers, outcome=outcome, corrected_field="violation", corrected_text="改")
    assert Fact.objects.filter(source_key="P-1").count() == 1


def test_who_decided_is_never_corrected(officers):
    fact = penalty()
    case = services.object_to(FIRM, str(fact.pk), statement="决定机关写错了，应为示例市局。", division="440106",
                              by=officers["intake"], at=AT)  # fmt: skip
    with pytest.raises(ProcedureRefused):
        decide(case, officers, outcome="correct", corrected_field="authority", corrected_text="示例市局")
    matter = FileMatter.objects.get(case=case)
    with pytest.raises(ProcedureRefused, match="这一条有"):
        deciding.decide_objection(matter.case, {"outcome": "correct", "corrected_field": "authority", "corrected_text": "改"},
                                  by=officers["leader"], at=AT)  # fmt: skip
    assert Fact.objects.filter(source_key="P-1").count() == 1


def test_who_punished_a_firm_of_another_place_works_on_its_own_item_and_sees_nothing_internal(client):
    penalty(authority="示例市局")
    facts.record("complaint.upheld", subject=FIRM, occurred_on=DAY, payload={"complaint_no": "T1"}, source="test",
                 source_key="u", by="test", at=AT)  # fmt: skip
    unit, stranger = desk.unit("440300", "示例市局"), desk.unit("440400", "示例他局")
    client.force_login(desk.officer("elsewhere", unit, "handler"))
    assert f"/work/credit/{FIRM}/" in client.get(f"/consumer/credit/{FIRM}/").content.decode()
    opened = client.post(
        f"/work/credit/{FIRM}/", {"purpose": "case", "reason": "核对本局的处罚"}
    ).content.decode()
    assert "企业提出异议" in opened and "查实、未公示的投诉" not in opened
    assert FileUse.objects.get().has_internal is False
    item = queries.public_file(FIRM, on=DAY).items[0].id
    typed = {"act": "objection", "item": item, "statement": "处罚的不是本企业，重名了。"}
    assert client.post(f"/work/credit/{FIRM}/", typed).status_code == 302
    assert Case.objects.get().division_code == "440300"
    client.force_login(desk.officer("stranger", stranger, "handler"))
    assert client.get(f"/work/credit/{FIRM}/").status_code == 403


def test_what_was_withdrawn_meanwhile_does_not_come_back_by_a_correction(officers):
    fact = penalty()
    case = services.object_to(FIRM, str(fact.pk), statement="违法行为写错了，应为短斤缺两。", division="440106",
                              by=officers["intake"], at=AT)  # fmt: skip
    facts.withdraw(fact, reason="决定被撤销", by="test", at=AT)
    with pytest.raises(ProcedureRefused, match="另行撤回"):
        decide(case, officers, outcome="correct", corrected_field="violation", corrected_text="短斤缺两")
    assert public() == []


def test_a_repair_is_granted_only_where_the_check_found_duties_done_and_nothing_came_since(officers):
    fact = penalty()
    case = services.ask_repair(FIRM, str(fact.pk), statement="罚款缴清，广告全部撤下。", is_committed=True,
                               division="440106", by=officers["handler"], at=AT)  # fmt: skip
    complete(case, "accept", officers["handler"], outcome="accept", decision_reason="材料齐全")
    complete(case, "verify", officers["handler"], found="还没有缴清", harm_removed=True)
    granted = {"outcome": "grant", "decision_reason": "核查属实，依规定办理"}
    with pytest.raises(ProcedureRefused, match="义务已履行"), transaction.atomic():
        complete(case, "decide", officers["leader"], **granted)
    penalty("P-2")
    with pytest.raises(ProcedureRefused, match="同类违法"), transaction.atomic():
        deciding.decide_repair(
            case, {**granted, "duties_done": True, "harm_removed": True}, by=officers["leader"], at=AT
        )
    assert len(public()) == 2


def test_a_reason_that_may_tell_of_a_report_is_read_by_those_who_may_see_reports(client, officers):
    penalty()
    client.force_login(officers["handler"])
    client.post(f"/work/credit/{FIRM}/", {"purpose": "case", "reason": "核查举报甲的线索"})
    client.force_login(officers["leader"])
    assert "核查举报甲的线索" in client.get("/work/credit/uses/").content.decode()
    client.force_login(desk.officer("checker", officers["handler"].organisation, "inspector"))
    opened = client.post(
        f"/work/credit/{FIRM}/", {"purpose": "supervision", "reason": "安排检查"}
    ).content.decode()
    listed = client.get("/work/credit/uses/").content.decode()
    assert "举报甲" not in opened + listed and "安排检查" in opened and "安排检查" in listed
    assert "办理投诉举报或案件" in opened


def test_a_unit_without_an_area_reads_its_own_uses_alone(client, officers):
    client.get(f"/api/v1/credit-files/{FIRM}", {"asker": "示例协会", "purpose": "finance"})
    client.force_login(desk.officer("placeless", desk.unit("", "示例协会"), "handler"))
    assert FIRM not in client.get("/work/credit/uses/").content.decode()


def test_officers_open_the_whole_file_for_a_purpose_which_is_kept(client, officers):
    penalty()
    assert client.get(f"/work/credit/{FIRM}/").status_code == 302
    client.force_login(desk.officer("clerk", officers["handler"].organisation, "drawer"))
    assert client.get(f"/work/credit/{FIRM}/").status_code == 403
    client.force_login(officers["handler"])
    assert "仅内部可见" not in client.get(f"/work/credit/{FIRM}/").content.decode()
    assert (
        client.post(f"/work/credit/{FIRM}/", {"purpose": "gossip", "reason": "随便看看"}).status_code == 422
    )
    answer = client.post(f"/work/credit/{FIRM}/", {"purpose": "case", "reason": "办理投诉需要"})
    assert answer.status_code == 200 and "企业提出异议" in answer.content.decode()
    use = FileUse.objects.get()
    assert (use.asker, use.purpose, use.has_internal) == ("示例区局", "case", True)
    assert "办理投诉需要" in client.get("/work/credit/uses/").content.decode()


def test_banks_and_platforms_get_only_what_is_public_and_are_written_down(client):
    penalty()
    facts.record("complaint.upheld", subject=FIRM, occurred_on=DAY, payload={"complaint_no": "T1"}, source="test",
                 source_key="u", by="test", at=AT)  # fmt: skip
    assert client.get(f"/api/v1/credit-files/{FIRM}").status_code == 422
    answer = client.get(f"/api/v1/credit-files/{FIRM}", {"asker": "示例银行", "purpose": "finance"})
    assert [one["kind"] for one in answer.json()["items"]] == ["penalty.decided"]
    assert FileUse.objects.get().asker == "自报：示例银行"
    assert "credit_class" not in answer.content.decode()


def test_what_a_program_gets_names_nobody_and_holds_public_fields_alone(client):
    penalty(content="责令退款给电话１３８ 0013 8000的消费者", violation="拒不退款，联系人王小明")
    facts.record("complaint.published", subject=FIRM, occurred_on=DAY, source="test", source_key="c", by="test", at=AT,
                 payload={"complaint_no": "示例诉17", "authority": "示例区局", "summary": "座机02083123456无人接听",
                          "respondent": "王小明的店", "claims": ["退款到13800138000"], "outcome": "已退款"})  # fmt: skip
    answer = client.get(f"/api/v1/credit-files/{FIRM}", {"asker": "示例银行", "purpose": "finance"})
    given = {one["kind"]: one["payload"] for one in answer.json()["items"]}
    assert set(given["complaint.published"]) == {"authority", "summary", "outcome"}
    assert given["penalty.decided"]["decision_no"] == "示例罚P-1"
    for hidden in ("0013", "王小明", "83123456", "13800138000", "示例诉17"):
        assert hidden not in answer.content.decode()


def test_one_address_cannot_use_up_the_day_and_who_asks_is_written_as_said_by_itself(client, monkeypatch):
    api = import_module("zhijian.portal.api.credit_files")
    assert api.LIMIT.per_address * 24 < api.MOST_A_DAY
    monkeypatch.setattr(api, "LIMIT", api.throttle.Limit("credit-file", per_address=2, per_device=0))
    asked = {"asker": "示例区局", "purpose": "finance"}
    statuses = [client.get(f"/api/v1/credit-files/{FIRM}", asked).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert [one.asker for one in FileUse.objects.all()] == ["自报：示例区局"] * 2
    assert client.get(f"/api/v1/credit-files/{FIRM}", asked, REMOTE_ADDR="192.0.2.9").status_code == 200


@pytest.mark.parametrize("code", [services.OBJECTION, services.REPAIR])
def test_the_drawings_are_sound_and_open_to_everyone(client, code):
    procedure = declaration.get(code)
    assert checks.problems(procedure, procedure.drawing_text()) == []
    assert "告知企业" in client.get(f"/procedures/{code}/").content.decode()
