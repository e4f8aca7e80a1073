"""Officers' pages: the matter beside its case, names behind a purpose, a report behind its own right."""

from datetime import timedelta

import pytest

from tests.apps.consumer.complaints.casework import CLUE, CONSUMER
from zhijian.apps.consumer.complaints.models import IdentityLook
from zhijian.engines.forms.models import Draft
from zhijian.security.models import AccessRecord


@pytest.fixture
def submission(journey):
    return journey.receive(report=CLUE, reporter=CONSUMER)


def open_case(client, officer, matter):
    client.force_login(officer)
    return client.get(f"/work/cases/{matter.case_id}/")


def test_the_case_page_shows_the_complaint_with_its_maker_masked(client, journey, submission):
    page = open_case(client, journey.office.handler, submission.complaint).content.decode()
    assert "买到的饼干已经过期" in page
    assert "示＊＊" in page and "138****1234" in page
    assert CONSUMER.name not in page and CONSUMER.phone not in page


def test_a_name_is_opened_for_a_purpose_and_the_look_is_written_down(client, journey, submission):
    client.force_login(journey.office.handler)
    party = submission.parties.get()
    refused = client.post(f"/work/complaints/parties/{party.pk}/", {"purpose": ""})
    assert refused.status_code == 422
    opened = client.post(f"/work/complaints/parties/{party.pk}/", {"purpose": "核验身份"})
    assert CONSUMER.phone in opened.content.decode()
    look = AccessRecord.objects.filter(part="complaint_party").get()
    assert (look.subject, look.reason) == (submission.complaint.number, "核验身份")
    assert client.get(f"/work/complaints/parties/{party.pk}/").status_code == 405


def test_a_mediator_sees_the_complaint_and_neither_the_report_nor_that_there_is_one(
    client, journey, submission
):
    complaint = open_case(client, journey.office.mediator, submission.complaint)
    assert complaint.status_code == 200
    assert submission.report.number not in complaint.content.decode()
    assert open_case(client, journey.office.mediator, submission.report).status_code == 404
    answer = client.post(f"/work/complaints/reporters/{submission.report.pk}/", {"purpose": "核实"})
    assert answer.status_code == 404
    assert client.get(f"/work/matters/{submission.report.number}/").status_code == 404
    assert not IdentityLook.objects.exists()


def test_a_handler_sees_the_report_without_its_reporter_until_a_purpose_is_given(client, journey, submission):
    page = open_case(client, journey.office.handler, submission.report).content.decode()
    assert CLUE.clue_text in page and CONSUMER.name not in page
    opened = client.post(f"/work/complaints/reporters/{submission.report.pk}/", {"purpose": "联系核实"})
    assert CONSUMER.name in opened.content.decode()
    assert IdentityLook.objects.get().purpose == "联系核实"


def test_an_act_that_is_refused_shows_the_case_and_is_a_look_too(client, journey, submission):
    client.force_login(journey.office.handler)
    for matter, words in ((submission.complaint, "买到的饼干"), (submission.report, CLUE.clue_text)):
        page = client.post(f"/work/cases/{matter.case_id}/", {"action": "comment", "text": ""})
        assert (page.status_code, words in page.content.decode()) == (409, True)
    assert AccessRecord.objects.filter(part="case").count() == 2


def test_no_officer_makes_a_report_or_a_complaint_go_away(client, journey, submission):
    for matter in (submission.complaint, submission.report):
        assert "撤回案件" not in open_case(client, journey.office.handler, matter).content.decode()
        sent = {"action": "withdraw", "reason": "不必再办了"}
        assert client.post(f"/work/cases/{matter.case_id}/", sent).status_code == 409
        matter.case.refresh_from_db()
        assert matter.case.status == "open"


def test_a_step_is_handed_in_on_the_case_page(client, journey, submission):
    complaint = submission.complaint
    client.force_login(journey.office.intake)
    item = journey.step(complaint, "examine")
    sent = {"action": "complete", "item": item.pk, "revision": complaint.case.revision, "outcome": "pass"}
    answer = client.post(f"/work/cases/{complaint.case_id}/", sent)
    assert answer.status_code == 302
    assert journey.open_steps(complaint) == {"decide_acceptance"}


def test_an_officer_limited_to_a_station_sees_and_works_its_matters_alone(journey, client):
    from dataclasses import replace

    from tests.apps.consumer.complaints.casework import SHOP

    here = journey.complaint(respondent=replace(SHOP, division_code="440106005"))
    elsewhere = journey.complaint(respondent=replace(SHOP, division_code="440106006", name="示例另一家"))
    officer = journey.office.intake
    officer.division_code = "440106005"
    officer.save()
    client.force_login(officer)
    assert client.get(f"/work/cases/{here.case_id}/").status_code == 200
    assert client.get(f"/work/cases/{elsewhere.case_id}/").status_code in {403, 404}
    listed = client.get("/work/cases/?scope=unit").content.decode()
    assert here.number in listed and elsewhere.number not in listed
    journey.do(here, "examine", officer, outcome="pass")
    from zhijian.security.permissions import Forbidden

    with pytest.raises(Forbidden):
        journey.do(elsewhere, "examine", officer, outcome="pass")


def test_a_county_does_not_see_what_lies_with_its_city_though_the_firm_is_there(journey):
    from zhijian.apps.consumer.complaints import policies
    from zhijian.security.permissions import Forbidden

    complaint = journey.complaint()
    complaint.organisation = journey.office.city_leader.organisation
    with pytest.raises(Forbidden):
        policies.check_view_complaint(complaint, journey.office.handler)
    policies.check_view_complaint(complaint, journey.office.city_leader)


def test_the_case_leads_to_what_is_suggested(journey, client):
    complaint = journey.complaint()
    client.force_login(journey.office.handler)
    page = client.get(f"/work/cases/{complaint.case_id}/").content.decode()
    assert f"/work/matters/{complaint.number}/" in page
    assert client.get(f"/work/matters/{complaint.number}/").status_code == 200


def test_a_refused_step_keeps_what_was_typed_and_says_once_at_which_question_what_is_wrong(client, journey):
    complaint = journey.in_mediation()
    complaint = journey.mediate(complaint, "agreed", agreement="退款")
    client.force_login(journey.office.handler)
    item = journey.step(complaint, "close_complaint")
    sent = {
        "action": "complete", "item": item.pk, "revision": complaint.case.revision, "note": "说明在此",
        "is_upheld": "true", "finding": "核对小票。", "wants_publication": "true", "public_summary": "示例张三投诉饼干过期。",
    }  # fmt: skip
    answer = client.post(f"/work/cases/{complaint.case_id}/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert [one.path for one in answer.context["form"].problems] == ["public_summary"]
    assert not answer.context["problem"]
    for kept in ("示例张三投诉饼干过期。", "说明在此", "核对小票。"):
        assert kept in page
    ticked = {part.path for part in answer.context["form"].root.parts if part.is_ticked}
    assert ticked == {"is_upheld", "wants_publication"}
    assert "（按所选结果填写）" in page


def test_a_problem_named_after_a_question_stands_at_it_and_the_chosen_outcome_stays(client, journey):
    complaint = journey.complaint()
    client.force_login(journey.office.intake)
    item = journey.step(complaint, "examine")
    sent = {"action": "complete", "item": item.pk, "revision": complaint.case.revision, "outcome": "transfer"}
    answer = client.post(
        f"/work/cases/{complaint.case_id}/",
        sent | {"target": journey.office.other.code, "transfer_reason": ""},
    )
    form = answer.context["form"]
    assert [one.path for one in form.problems] == ["transfer_reason"]
    outcome = next(part for part in form.root.parts if part.path == "outcome")
    assert [one.value for one in outcome.choices if one.is_chosen] == ["transfer"]


def test_a_last_day_fixed_in_a_notice_has_no_beginning_and_no_length_and_holds_have_names(client, journey):
    complaint = journey.complaint()
    until = (journey.day + timedelta(days=20)).isoformat()
    asked = {"outcome": "ask_identity", "identity_items": "身份证复印件", "identity_until": until}
    journey.do(complaint, "examine", journey.office.intake, **asked)
    page = open_case(client, journey.office.handler, complaint).content.decode()
    assert "0日" not in page and "0天" not in page
    complaint = journey.in_mediation()
    page = open_case(client, journey.office.leader, complaint).content.decode()
    assert 'value="testing">检测、检验、鉴定</option>' in page


def test_in_english_the_case_names_places_in_english_and_keeps_no_chinese_comma(client, journey, submission):
    client.cookies["django_language"] = "en"
    page = open_case(client, journey.office.handler, submission.complaint).content.decode()
    assert "Tianhe District, Guangzhou" in page.split("Competent places")[1].split("</dd>")[0]
    assert "；" not in page.split("May follow")[1].split("</p>")[0]


def test_a_draft_of_a_step_is_kept_for_who_can_do_the_step_alone(client, journey, submission):
    complaint = submission.complaint
    item = journey.step(complaint, "examine")
    address, typed = f"/work/cases/items/{item.pk}/draft/", {"outcome": "pass"}
    client.force_login(journey.office.mediator)  # sees the case, and has no part in this step
    assert client.post(address, typed).status_code == 403
    sent = {"action": "complete", "item": item.pk, "revision": complaint.case.revision, "_save": "1"}
    assert client.post(f"/work/cases/{complaint.case_id}/", sent | typed).status_code == 409
    assert not Draft.objects.exists()
    client.force_login(journey.office.intake)
    assert client.post(address, typed).status_code == 200
    assert Draft.objects.get().officer == journey.office.intake


def test_more_text_than_a_draft_holds_is_refused_in_words_and_the_page_stays(client, journey, submission):
    complaint = submission.complaint
    item = journey.step(complaint, "examine")
    client.force_login(journey.office.intake)
    long = {"outcome": "理" * 200_000}
    refused = client.post(f"/work/cases/items/{item.pk}/draft/", long)
    assert (refused.status_code, "草稿最多512 KB" in refused.content.decode()) == (409, True)
    sent = {"action": "complete", "item": item.pk, "revision": complaint.case.revision, "_save": "1"}
    page = client.post(f"/work/cases/{complaint.case_id}/", sent | long)
    assert (page.status_code, "草稿最多512 KB" in page.content.decode()) == (409, True)
    assert not Draft.objects.exists()
