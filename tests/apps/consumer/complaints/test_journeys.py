"""Whole complaints and reports, step by step through their drawings."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.apps.consumer.complaints.casework import CLUE, CONSUMER, DISPUTE, SHOP, at
from zhijian.apps.consumer.complaints import people, reporting, services
from zhijian.apps.consumer.complaints.codes import ComplaintState, ReportState
from zhijian.apps.consumer.complaints.models import (
    Complaint,
    IdentityLook,
    Submission,
    ViolationReport,
)
from zhijian.apps.consumer.complaints.policies import Incomplete, NotNow, can_view_report
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import CaseMoved
from zhijian.security.permissions import Forbidden

UPHELD = {
    "is_upheld": True,
    "finding": "现场核对小票与货架，饼干确已过期。",
    "wants_publication": True,
    "public_summary": "销售过期食品，调解后退款。",
}


def kinds(matter):
    return list(
        Fact.objects.filter(source_key__startswith=matter.number)
        .order_by("recorded_at", "source_key")
        .values_list("kind", flat=True)
    )


# ---------------------------------------------------------------------------------------------------- complaints


def test_a_complaint_is_accepted_mediated_agreed_and_published(journey):
    complaint = journey.in_mediation()
    assert journey.step(complaint, "mediate").due_on == date(2026, 11, 20)
    journey.day = date(2026, 10, 9)
    complaint = journey.mediate(complaint, "agreed", agreement="退款58元并赔偿1000元", agreed_yuan="1058.00")
    assert complaint.state is ComplaintState.AGREED
    complaint = journey.do(complaint, "close_complaint", journey.office.handler, **UPHELD)
    assert complaint.state is ComplaintState.CLOSED
    assert complaint.case.status == "closed"
    assert complaint.publication.is_public
    upheld = Fact.objects.get(kind="complaint.upheld")
    assert upheld.subject == "91440106MA9XH0T01X"
    published = Fact.objects.get(kind="complaint.published")
    assert "示例张三" not in str(published.payload)
    assert set(kinds(complaint)) >= {"complaint.received", "complaint.accepted", "complaint.agreed"}


def test_a_complaint_that_was_not_upheld_leaves_the_firms_file_empty(journey):
    complaint = journey.in_mediation()
    complaint = journey.mediate(complaint, "agreed", agreement="商家出于善意退款")
    journey.do(complaint, "close_complaint", journey.office.handler, is_upheld=False)
    assert not Fact.objects.filter(subject="91440106MA9XH0T01X").exists()


def test_nothing_is_published_without_the_consumers_consent(journey):
    complaint = journey.in_mediation(complaint=replace(DISPUTE, consents_to_publish=False))
    complaint = journey.mediate(complaint, "agreed", agreement="退款")
    with pytest.raises(Incomplete) as refused:
        journey.do(complaint, "close_complaint", journey.office.handler, **UPHELD)
    assert refused.value.problems[0][0] == "consent"
    journey.do(complaint, "close_complaint", journey.office.handler, **UPHELD | {"wants_publication": False})
    assert Fact.objects.filter(kind="complaint.upheld").count() == 1
    assert not Fact.objects.filter(kind="complaint.published").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("示例张三投诉买到过期饼干，已退款。", "姓名"),
        ("示例 张·三投诉买到过期饼干。", "姓名"),
        ("消费者（138 0000-1234）买到过期饼干。", "电话"),
        ("另一位消费者13500135000也买到。", "电话号码"),
        ("消费者４４０１０６１９９００１０１００１１买到过期饼干。", "证件号码"),
        ("回复了mail@example.cn的消费者。", "电子邮箱"),
    ],
)
def test_who_complained_is_not_published_and_not_repeated_by_the_refusal(journey, words, said):
    complaint = journey.in_mediation()
    complaint = journey.mediate(complaint, "agreed", agreement="退款")
    for field in ("public_summary", "finding"):
        with pytest.raises(Incomplete, match=said) as refused:
            journey.do(complaint, "close_complaint", journey.office.handler, **UPHELD | {field: words})
        assert [problem[0] for problem in refused.value.problems] == [field]
        assert "张三" not in str(refused.value) + refused.value.message_zh
    assert not Fact.objects.filter(kind__in=("complaint.published", "complaint.upheld")).exists()


def test_the_firms_own_name_and_an_order_number_may_be_published(journey):
    shop = replace(SHOP, name="示例张三饼店")
    complaint = journey.in_mediation(respondent=shop)
    complaint = journey.mediate(complaint, "agreed", agreement="退款")
    words = "示例张三饼店售出的过期饼干（订单202609210001），投诉人于十一月收到退款。"
    journey.do(complaint, "close_complaint", journey.office.handler, **UPHELD | {"public_summary": words})
    assert Fact.objects.get(kind="complaint.published").payload["summary"] == words


def test_without_an_agreement_mediation_ends_and_both_are_told_within_seven_working_days(journey):
    complaint = journey.in_mediation()
    complaint = journey.mediate(complaint, "not_agreed")
    assert complaint.state is ComplaintState.NOT_AGREED
    journey.day = date(2026, 11, 27)
    complaint = journey.do(
        complaint,
        "terminate_mediation",
        journey.office.handler,
        ground="T3",
        termination_statement="被投诉人明确表示不同意",
    )
    assert journey.step(complaint, "tell_termination").due_on == date(2026, 12, 8)
    journey.do(complaint, "tell_termination", journey.office.handler, notice_channels=["phone"])
    complaint = journey.do(complaint, "close_complaint", journey.office.handler, is_upheld=False)
    assert complaint.state is ComplaintState.CLOSED


def test_while_goods_are_tested_the_clock_of_mediation_stands_still(journey):
    journey.day = date(2026, 9, 28)
    complaint = journey.in_mediation()
    assert journey.step(complaint, "mediate").due_on == date(2026, 11, 27)
    journey.day = date(2026, 10, 12)
    test = {"testing_body": "示例检测中心", "cost_split": "被投诉人先行承担", "testing_from": "2026-10-12"}
    complaint = journey.mediate(complaint, "testing", **test)
    assert complaint.state is ComplaintState.TESTING
    assert journey.step(complaint, "finish_testing").due_on is None
    assert complaint.history[-1].data["named_by"] == "authority_designates"
    journey.day = date(2026, 10, 22)
    complaint = journey.do(
        complaint,
        "finish_testing",
        journey.office.handler,
        testing_result="不合格",
        testing_to="2026-10-21",
    )
    assert journey.step(complaint, "mediate").due_on == date(2026, 12, 7)
    assert services.suspensions(complaint)[0].last == date(2026, 10, 21)


def test_a_recusal_suspends_mediation_until_a_leader_decides(journey):
    complaint = journey.in_mediation()
    complaint = journey.mediate(complaint, "recusal", recusal_by="complainant")
    assert complaint.state is ComplaintState.RECUSAL
    with pytest.raises(Incomplete):
        journey.do(
            complaint, "decide_recusal", journey.office.leader, steps_aside=True, recusal_reason="亲属"
        )
    complaint = journey.do(
        complaint,
        "decide_recusal",
        journey.office.leader,
        steps_aside=True,
        recusal_reason="亲属",
        new_mediator="示例孙",
    )
    assert complaint.state is ComplaintState.MEDIATING
    assert journey.open_steps(complaint) == {"mediate"}


def test_proof_of_identity_is_asked_for_and_the_clock_of_acceptance_goes_on(journey):
    complaint = journey.complaint()
    due_on = journey.step(complaint, "examine").due_on
    asked = {"identity_items": "身份证复印件", "identity_until": "2026-09-24"}
    complaint = journey.do(complaint, "examine", journey.office.intake, outcome="ask_identity", **asked)
    assert complaint.state is ComplaintState.ID_PENDING
    journey.day = date(2026, 9, 23)
    complaint = journey.message(complaint, "identity_supplied", identity_note="已上传")
    assert journey.step(complaint, "decide_acceptance").due_on == due_on == date(2026, 10, 8)
    assert complaint.submission.parties.get().is_identity_proven


def test_whoever_does_not_prove_the_identity_is_refused_with_what_else_is_open(journey):
    from zhijian.engines.procedures import services as engine

    complaint = journey.complaint()
    asked = {"identity_items": "身份证复印件", "identity_until": "2026-09-23"}
    journey.do(complaint, "examine", journey.office.intake, outcome="ask_identity", **asked)
    engine.tick(at=at(date(2026, 9, 24)), limit=10)
    journey.day = date(2026, 9, 28)
    refusal = {
        "outcome": "refuse",
        "ground": "R6",
        "refusal_reason": "逾期未提供身份证明",
        "remedies_text": "可以与经营者协商、提请仲裁或者向人民法院起诉。",
    }
    complaint = journey.do(complaint, "decide_acceptance", journey.office.handler, **refusal)
    assert complaint.state is ComplaintState.REJECTED
    assert (complaint.case.status, complaint.case.ending) == ("closed", "rejected")
    assert Fact.objects.get(kind="complaint.refused").payload["ground"] == "R6"


def test_a_score_alone_never_refuses_a_complaint(journey):
    complaint = journey.complaint()
    journey.do(complaint, "examine", journey.office.intake, outcome="pass")
    refusal = {
        "outcome": "refuse",
        "ground": "R3",
        "refusal_reason": "提示为职业索赔",
        "remedies_text": "可以起诉。",
        "document_facts": " ",
    }
    with pytest.raises(Incomplete) as refused:
        journey.do(complaint, "decide_acceptance", journey.office.handler, **refusal)
    assert refused.value.problems[0][0] == "document_facts"
    assert Complaint.objects.get().state is ComplaintState.RECEIVED


def test_a_dispatched_complaint_starts_its_clock_when_the_competent_unit_signs(journey):
    complaint = journey.complaint()
    sent = {"target": "amr-440104", "transfer_reason": "经营地在越秀区"}
    complaint = journey.do(complaint, "examine", journey.office.intake, outcome="transfer", **sent)
    assert complaint.state is ComplaintState.TRANSFERRED
    journey.day = date(2026, 9, 22)
    complaint = journey.do(complaint, "sign_for", journey.office.other_intake, signed=True)
    assert complaint.organisation == journey.office.other
    assert journey.step(complaint, "examine").due_on == date(2026, 10, 9)
    assert (complaint.first_received_at, complaint.competent_received_at) == (
        at(date(2026, 9, 21), 9),
        at(date(2026, 9, 22)),
    )


@pytest.mark.parametrize("stage", ["complaint", "accepted", "in_mediation"])
def test_a_complaint_may_be_withdrawn_and_ends_with_t1(journey, stage):
    complaint = getattr(journey, stage)()
    complaint = journey.message(complaint, "withdrawn", withdrawal_text="已自行和解", is_settled=True)
    assert (complaint.state, complaint.history[-1].ground) == (ComplaintState.TERMINATED, "T1")
    assert journey.open_steps(complaint) == {"tell_termination"}


def test_a_deadline_that_passes_over_the_national_day_holiday_escalates(journey):
    complaint = journey.complaint()
    item = journey.step(complaint, "examine")
    assert (item.due_on, item.light_on(date(2026, 10, 8))) == (date(2026, 10, 8), "yellow")
    procedures.tick(at=at(date(2026, 10, 8)), limit=10)
    item.refresh_from_db()
    assert item.escalated_at is None
    procedures.tick(at=at(date(2026, 10, 9), 1), limit=10)
    item.refresh_from_db()
    assert item.light_on(date(2026, 10, 9)) == "red"
    assert item.escalated_to == journey.office.city_leader


def test_of_two_officers_at_once_the_second_is_told_and_nothing_is_done_twice(journey):
    complaint = journey.complaint()
    journey.do(complaint, "examine", journey.office.intake, outcome="pass")
    seen_by_both = journey.step(complaint, "decide_acceptance")
    revision = Complaint.objects.get().case.revision
    acceptance = {"outcome": "accept", "contact": "示例李"}
    for_first = {"by": journey.office.handler, "at": at(journey.day), "revision": revision}
    procedures.complete(seen_by_both, data=acceptance, **for_first)
    with pytest.raises(CaseMoved):
        procedures.complete(seen_by_both, data=acceptance, **for_first | {"by": journey.office.second})
    assert Fact.objects.filter(kind="complaint.accepted").count() == 1


def test_a_process_that_dies_within_a_step_leaves_the_case_before_it(journey, monkeypatch):
    complaint = journey.complaint()
    journey.do(complaint, "examine", journey.office.intake, outcome="pass")
    before = (Complaint.objects.get().case.revision, Fact.objects.count(), complaint.steps.count())

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    monkeypatch.setattr("zhijian.apps.consumer.complaints.services.tell", die)
    with pytest.raises(Killed):
        journey.do(complaint, "decide_acceptance", journey.office.handler, outcome="accept", contact="示例李")
    monkeypatch.undo()
    after = (Complaint.objects.get().case.revision, Fact.objects.count(), complaint.steps.count())
    assert after == before
    complaint = journey.do(
        complaint, "decide_acceptance", journey.office.handler, outcome="accept", contact="示例李"
    )
    assert complaint.state is ComplaintState.ACCEPTED


# ------------------------------------------------------------------------------------------------------- reports

PROVEN = {
    "outcome": "file",
    "finding": "现场查获过期饼干12袋",
    "has_evidence": True,
    "is_punishable": True,
    "is_ours": True,
    "is_within_limitation": True,
}


def test_a_report_becomes_a_case_clue_that_names_nobody(journey):
    journey.day = date(2026, 4, 24)
    report = journey.report()
    report = journey.do(report, "triage_report", journey.office.intake, outcome="verify")
    assert report.state is ReportState.VERIFYING
    assert journey.step(report, "verify_clue").due_on == date(2026, 5, 19)
    report = journey.do(report, "verify_clue", journey.office.handler, **PROVEN)
    assert report.state is ReportState.CASE_FILED
    signal = Fact.objects.get(kind="report.case_filed")
    assert signal.payload["entity"] == "91440106MA9XH0T01X"
    assert signal.subject == f"report/{report.number}"
    assert not any("示例张三" in str(fact.payload) for fact in Fact.objects.all())
    report = journey.do(
        report,
        "consider_reward",
        journey.office.leader,
        outcome="reward",
        conclusion="penalty",
        concluded_on="2026-04-24",
        penalty_number="示例罚〔2026〕1号",
    )
    assert report.case.status == "closed"
    opened = report.reward_case.case
    assert list(opened.work_items.values_list("task", "role")) == [("assess_reward", "handler")]
    assert not any(text in opened.title + str(opened.state.data) for text in ("示例", "91440106MA9XH0T01X"))


def test_a_head_may_extend_verification_once(journey):
    journey.day = date(2026, 4, 24)
    report = journey.report()
    journey.do(report, "triage_report", journey.office.intake, outcome="verify")
    ask = {"outcome": "ask_extension", "extension_reason": "需要赴外省调查"}
    journey.do(report, "verify_clue", journey.office.handler, **ask)
    report = journey.do(report, "decide_extension", journey.office.leader, approves=True)
    assert report.state is ReportState.EXTENDED
    assert journey.step(report, "verify_clue").due_on == date(2026, 6, 9)
    journey.do(report, "verify_clue", journey.office.handler, **ask)
    with pytest.raises(NotNow):
        journey.do(report, "decide_extension", journey.office.leader, approves=True)


def test_one_text_that_asks_for_both_becomes_two_matters_with_fates_of_their_own(journey):
    submission = journey.receive(report=CLUE, reporter=CONSUMER)
    complaint, report = submission.complaint, submission.report
    assert Submission.objects.get().kind == "both"
    report = journey.do(report, "triage_report", journey.office.intake, outcome="verify")
    complaint = journey.message(complaint, "withdrawn", withdrawal_text="已退款", is_settled=True)
    journey.do(complaint, "tell_termination", journey.office.handler, notice_channels=["phone"])
    journey.do(complaint, "close_complaint", journey.office.handler, is_upheld=False)
    assert Complaint.objects.get().state is ComplaintState.CLOSED
    report = ViolationReport.objects.get()
    assert (report.state, report.case.status) == (ReportState.VERIFYING, "open")


def test_a_clue_found_while_mediating_starts_a_verification_of_its_own(journey):
    complaint = journey.in_mediation()
    complaint = journey.mediate(complaint, "continue", clue_text="仓库里还有过期食品")
    report = complaint.clues.get()
    assert (report.state, report.discovered_in) == (ReportState.VERIFYING, complaint)
    assert journey.step(report, "verify_clue").due_on == date(2026, 10, 19)
    complaint = journey.mediate(complaint, "continue")
    assert complaint.clues.count() == 1


def test_new_facts_of_the_same_reporter_are_merged_and_the_clock_restarts(journey):
    journey.day = date(2026, 4, 24)
    first = journey.report()
    journey.do(first, "triage_report", journey.office.intake, outcome="verify")
    journey.day = date(2026, 5, 12)
    newer = journey.report(clue=replace(CLUE, clue_text="昨日又见该店涂改生产日期"))
    earlier, repeat = reporting.earlier_of(newer)
    assert (earlier, repeat.value) == (first, "merged")
    newer = journey.do(
        newer, "triage_report", journey.office.intake, outcome="merge", earlier_report=first.number
    )
    assert newer.state is ReportState.REPEATED
    assert newer.merged_into == first
    assert journey.step(first, "verify_clue").due_on == date(2026, 6, 2)


def test_the_same_facts_again_are_not_handled_again(journey):
    first = journey.report()
    journey.do(first, "triage_report", journey.office.intake, outcome="verify")
    again = journey.report()
    assert reporting.earlier_of(again)[1].value == "not_again"
    again = journey.do(
        again, "triage_report", journey.office.intake, outcome="repeated", earlier_report=first.number
    )
    assert (again.state, again.case.ending) == (ReportState.REPEATED, "repeated")


def test_a_report_is_buried_neither_under_another_person_s_nor_under_an_anonymous_one(journey):
    earlier = [
        journey.report(reporter=replace(CONSUMER, id_number="440106199001010099")),
        journey.report(reporter=None),
    ]
    report = journey.report()
    for one in earlier:
        for outcome in ("repeated", "merge"):
            with pytest.raises(Incomplete):
                journey.do(
                    report, "triage_report", journey.office.intake, outcome=outcome, earlier_report=one.number
                )
    assert journey.open_steps(report) == {"triage_report"}


def test_who_asked_for_more_time_does_not_grant_it(journey):
    report = journey.report()
    journey.do(report, "triage_report", journey.office.intake, outcome="verify")
    both = journey.office.handler
    both.roles = ["handler", "leader"]
    both.save()
    ask = {"outcome": "ask_extension", "extension_reason": "需要赴外省调查"}
    journey.do(report, "verify_clue", both, **ask)
    with pytest.raises(NotNow):
        journey.do(report, "decide_extension", both, approves=True)
    report = journey.do(report, "decide_extension", journey.office.leader, approves=True)
    assert report.state is ReportState.EXTENDED


def test_an_advertising_report_is_answered_within_seven_working_days_and_only_after_the_decision(journey):
    journey.day = date(2026, 5, 18)
    report = journey.report(clue=replace(CLUE, special_field="advertising"))
    journey.do(report, "triage_report", journey.office.intake, outcome="verify")
    assert journey.open_steps(report) == {"verify_clue", "answer_advertising"}
    assert journey.step(report, "answer_advertising").due_on == date(2026, 5, 27)
    answer = {"answer_channel": "phone", "answer_text": "已立案调查"}
    with pytest.raises(NotNow):
        journey.do(report, "answer_advertising", journey.office.handler, **answer)
    journey.do(report, "verify_clue", journey.office.handler, **PROVEN)
    report = journey.do(report, "answer_advertising", journey.office.handler, **answer)
    assert report.state is ReportState.RESULT_TOLD


def test_since_the_new_order_a_named_reporter_of_general_goods_is_not_told_of_the_filing(journey):
    report = journey.report()
    journey.do(report, "triage_report", journey.office.intake, outcome="verify")
    journey.do(
        report,
        "verify_clue",
        journey.office.handler,
        outcome="no_case",
        no_case_ground="N0",
        finding="未发现",
    )
    assert "tell_filing" not in journey.open_steps(report)
    assert ViolationReport.objects.get().case.status == "closed"


def test_food_reported_to_the_wrong_body_is_transferred_and_told_in_writing(journey):
    report = journey.report(clue=replace(CLUE, special_field="food"))
    told = {"outcome": "no_authority", "competent_body": "示例市农业农村局"}
    with pytest.raises(Incomplete):
        journey.do(report, "triage_report", journey.office.intake, **told)
    report = journey.do(
        report, "triage_report", journey.office.intake, **told, is_transferred=True, in_writing=True
    )
    assert report.state is ReportState.NO_AUTHORITY_TOLD


# ------------------------------------------------------------------------------------------- rights and identity


def test_who_reported_is_opened_for_a_purpose_only_and_every_look_is_written_down(journey):
    report = journey.report()
    with pytest.raises(Incomplete):
        people.reveal_reporter(report, purpose="", by=journey.office.handler, at=at(journey.day))
    with pytest.raises(Forbidden):
        people.reveal_reporter(report, purpose="核实", by=journey.office.mediator, at=at(journey.day))
    person = people.reveal_reporter(
        report, purpose="联系举报人核实细节", by=journey.office.handler, at=at(journey.day)
    )
    assert person.name == "示例张三"
    look = IdentityLook.objects.get()
    assert (look.officer, look.purpose) == (journey.office.handler, "联系举报人核实细节")


def test_an_insider_is_opened_by_a_leader_alone(journey):
    report = journey.report(clue=replace(CLUE, is_insider=True))
    with pytest.raises(Forbidden):
        people.reveal_reporter(report, purpose="核实", by=journey.office.handler, at=at(journey.day))
    assert people.reveal_reporter(
        report, purpose="核实", by=journey.office.leader, at=at(journey.day)
    ).phone.endswith("1234")


def test_no_column_of_the_database_holds_a_name_or_a_number_in_the_clear(journey):
    from django.db import connection

    journey.receive(report=CLUE, reporter=CONSUMER)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = str(cursor.fetchall())
            assert CONSUMER.name not in rows, table
            assert CONSUMER.phone not in rows, table
            assert CONSUMER.id_number not in rows, table


def test_whoever_mediates_the_dispute_does_not_see_the_report(journey):
    submission = journey.receive(report=CLUE, reporter=CONSUMER)
    assert can_view_report(submission.report, journey.office.handler)
    assert not can_view_report(submission.report, journey.office.mediator)
    assert not can_view_report(submission.report, journey.office.other_handler)


def test_a_ticket_that_was_delivered_twice_is_one_submission(journey):
    from zhijian.apps.consumer.complaints.entries import Reference

    ticket = (Reference("hotline_12345", "GZ-0001", deadline_on=journey.day + timedelta(days=3)),)
    assert journey.receive(references=ticket) == journey.receive(references=ticket)
    assert Complaint.objects.count() == 1


# ----------------------------------------------------------------------------------------- who helps, who extends


def test_a_report_is_shown_to_no_unit_that_can_have_no_competence(journey, django_user_model):
    from zhijian.engines.procedures.errors import ProcedureRefused

    journey.office.other_handler.organisation.officers.update(is_active=True)
    report = journey.report()
    journey.do(report, "triage_report", journey.office.intake, outcome="verify")
    item = journey.step(report, "verify_clue")
    procedures.claim(item, by=journey.office.handler, at=at(journey.day))
    with pytest.raises(ProcedureRefused, match="没有管辖"):
        procedures.join_units(item, [journey.office.other], by=journey.office.handler, at=at(journey.day))
    there = journey.report(clue=replace(CLUE, conduct_division_code="440104"))
    journey.do(there, "triage_report", journey.office.intake, outcome="verify")
    item = journey.step(there, "verify_clue")
    procedures.claim(item, by=journey.office.handler, at=at(journey.day))
    procedures.join_units(item, [journey.office.other], by=journey.office.handler, at=at(journey.day))
    assert item.units.get().organisation == journey.office.other


def test_nobody_extends_the_clock_of_a_report_beside_the_drawing(journey):
    from zhijian.engines.procedures import policies as engine_policies
    from zhijian.engines.procedures.errors import ProcedureRefused

    report = journey.report()
    journey.do(report, "triage_report", journey.office.intake, outcome="verify")
    clock = report.case.clocks.get(stopped_on=None)
    with pytest.raises(ProcedureRefused, match="流程里延长"):
        procedures.extend_clock(clock, reason="案情复杂", by=journey.office.leader, at=at(journey.day))
    assert not engine_policies.extends_by_hand(report.case, clock.name)
    journey.do(
        report, "verify_clue", journey.office.handler, outcome="ask_extension", extension_reason="赴外省调查"
    )
    report = journey.do(report, "decide_extension", journey.office.leader, approves=True)
    assert report.history[-1].verb == "extend"
