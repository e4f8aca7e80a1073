"""Standard papers and files: issued with their step, seen by whom the law lets see, taken by whoever holds the receipt."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.apps.consumer.complaints.casework import CLUE, CONSUMER, at
from tests.apps.consumer.complaints.intake import citizen
from zhijian.apps.consumer.complaints import paperwork
from zhijian.apps.consumer.complaints.intake import files, standing
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.engines.documents import services as documents
from zhijian.engines.documents import verifying
from zhijian.engines.documents.models import Document
from zhijian.engines.facts.models import Fact
from zhijian.security.models import AccessRecord

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _home(home):
    """Papers are kept in a home of the test's own."""


def codes(matter):
    """The papers of a matter by name; those of one moment have no order among them."""
    return sorted(one.template for one in paperwork.papers_of(matter))


def test_an_accepted_complaint_has_its_decision_which_verifies_and_names_nobody_in_full(journey, home):
    complaint = journey.accepted()
    paper = paperwork.papers_of(complaint).get()
    assert paper.template == "acceptance" and paper.issued_at == at(journey.day)
    assert Fact.objects.get(kind="document.issued").payload["number"] == paper.number
    kept = documents.path_of(home.media, paper.sha256).read_bytes()
    assert verifying.verify(paper, hashlib.sha256(kept).hexdigest()).outcome == "same"
    assert "示＊＊" in paper.content["addressee"] and CONSUMER.name not in str(paper.content)


def test_a_step_that_is_refused_leaves_no_paper_and_takes_no_number(journey):
    complaint = journey.complaint()
    journey.do(complaint, "examine", journey.office.intake, outcome="pass")
    with pytest.raises(Exception, match="联系人"):
        journey.do(complaint, "decide_acceptance", journey.office.handler, outcome="accept", contact=" ")
    assert not Document.objects.exists()
    later = journey.accepted()
    assert paperwork.papers_of(later).get().serial == 1


def test_mediation_that_fails_ends_with_one_paper_for_both_parties(journey):
    complaint = journey.in_mediation()
    journey.day += timedelta(days=3)
    complaint = journey.mediate(complaint, "not_agreed")
    handler = journey.office.handler
    journey.do(
        complaint, "terminate_mediation", handler, ground="T3", termination_statement="双方明确不能达成协议"
    )
    journey.do(complaint, "tell_termination", handler, notice_channels=["phone"])
    assert codes(complaint) == ["acceptance", "termination"]
    assert "第二十三条" in str(paperwork.papers_of(complaint).last().content)


def test_what_the_complainant_ended_alone_gets_its_paper_from_who_tells_the_parties(journey):
    complaint = journey.message(journey.accepted(), "withdrawn", withdrawal_text="撤回", is_settled=False)
    assert codes(complaint) == ["acceptance"]
    journey.do(complaint, "tell_termination", journey.office.handler, notice_channels=["phone"])
    assert codes(complaint) == ["acceptance", "termination"]


def test_an_agreement_reached_on_site_is_put_in_a_document(journey):
    complaint = journey.mediate(journey.in_mediation(), "agreed", agreement="退款58元", agreed_yuan="58.00")
    assert codes(complaint) == ["acceptance", "mediation_agreement"]


def test_a_reports_paper_is_seen_and_listed_only_by_who_may_see_the_report(client, journey):
    report = journey.report()
    target = journey.office.other.code
    journey.do(
        report,
        "triage_report",
        journey.office.intake,
        outcome="dispatch",
        target=target,
        dispatch_reason="属地",
    )
    paper = paperwork.papers_of(report).get()
    assert paper.template == "dispatch_notice" and CONSUMER.name not in str(paper.content)
    for officer, status in ((journey.office.mediator, 403), (journey.office.intake, 200)):
        client.force_login(officer)
        assert client.get(f"/work/documents/{paper.pk}/").status_code == status
        assert (paper.number in client.get("/work/documents/").content.decode()) == (status == 200)
    client.force_login(journey.office.other_handler)
    assert client.get(f"/work/documents/{paper.pk}/paper.pdf").status_code == 200
    assert standing.paper_of(report.submission, paper.token) is None  # from office to office


def test_the_case_page_shows_the_paper_its_delivery_and_where_to_write_one_down(client, journey):
    complaint = journey.accepted()
    paper = paperwork.papers_of(complaint).get()
    client.force_login(journey.office.handler)
    page = client.get(f"/work/cases/{complaint.case_id}/").content.decode()
    assert paper.number in page and f"/work/documents/{paper.pk}/#way" in page
    day = at(journey.day, 15)
    documents.serve(
        paper,
        way="post",
        to_whom="投诉人",
        served_at=day,
        proof="示例单号",
        by=journey.office.handler,
        at=day,
    )
    assert "邮寄" in client.get(f"/work/cases/{complaint.case_id}/").content.decode()


def test_only_the_receipt_and_its_code_open_the_papers_of_the_status_page(client, journey, monkeypatch):
    complaint = Complaint.objects.select_related("submission").get(pk=journey.accepted(report=CLUE).pk)
    paper = paperwork.papers_of(complaint).get()
    assert client.get(f"/complain/status/papers/{paper.token}/").status_code == 302
    from zhijian.apps.consumer.complaints import public_pages

    monkeypatch.setattr(public_pages, "_mine", lambda request: complaint.submission)
    assert f"/complain/status/papers/{paper.token}/" in client.get("/complain/status/").content.decode()
    answer = client.get(f"/complain/status/papers/{paper.token}/")
    assert hashlib.sha256(answer.content).hexdigest() == paper.sha256
    other = journey.accepted()
    stranger = paperwork.papers_of(other).get()
    assert client.get(f"/complain/status/papers/{stranger.token}/").status_code == 404


def test_a_file_that_was_added_is_opened_by_who_handles_the_matter_and_every_look_is_written_down(
    client, journey
):
    complaint = journey.complaint()
    upload = SimpleUploadedFile("小票.jpg", citizen.photo(), "image/jpeg")
    kept = files.attach(complaint.submission, upload, at=at(journey.day))
    place = f"/work/files/{kept.evidence_key}/"
    client.force_login(journey.office.mediator)
    assert place in client.get(f"/work/cases/{complaint.case_id}/").content.decode()
    assert client.get(place).status_code == 200
    assert client.get(f"{place}original/").status_code == 200
    subjects = AccessRecord.objects.filter(reason=kept.sha256).values_list("subject", "part")
    assert set(subjects) == {(complaint.number, "file_custody"), (complaint.number, "file_original")}
    client.force_login(journey.office.other_handler)
    assert client.get(place).status_code == 403


def test_a_file_of_a_report_stays_closed_to_who_may_not_see_the_report(client, journey):
    report = journey.report()
    upload = SimpleUploadedFile("货架.jpg", citizen.photo("red"), "image/jpeg")
    kept = files.attach(report.submission, upload, at=at(journey.day))
    for officer, status in ((journey.office.mediator, 403), (journey.office.handler, 200)):
        client.force_login(officer)
        assert client.get(f"/work/files/{kept.evidence_key}/").status_code == status


def test_nobody_finds_a_report_s_paper_by_counting_numbers_up(client, journey, home):
    report = journey.report()
    paperwork.reporter_told(report, "依法决定立案调查", by=journey.office.handler, at=at(journey.day))
    paper = paperwork.papers_of(report).get()
    number = {"number": paper.number}
    assert client.get("/verify/documents/", number).status_code == 404
    assert client.get("/verify/documents/", number | {"sha256": "0" * 64}).status_code == 404
    assert client.get("/verify/documents/", number | {"sha256": paper.sha256}).status_code == 200
    assert client.get(f"/verify/{paper.token}/").status_code == 200


CALLED = {"outcome": "mediate", "mode": "on_site", "mediators": "示例王、示例赵"}


def test_both_parties_are_called_to_the_first_session_in_writing(journey):
    complaint = journey.accepted()
    day = (journey.day + timedelta(days=3)).isoformat()
    session = {"session_on": day, "session_time": "09:30", "session_place": "示例路1号一楼调解室"}
    journey.do(complaint, "arrange_mediation", journey.office.handler, **CALLED, **session)
    assert set(codes(complaint)) == {"acceptance", "mediation_notice"}
    told = str(paperwork.papers_of(complaint).get(template="mediation_notice").content)
    assert "09:30" in told and "调解室" in told and "示例王、示例赵" in told
    assert CONSUMER.name not in told
    assert paperwork.for_the_person(complaint).count() == 2


@pytest.mark.parametrize(
    ("session", "words"),
    [
        ({"session_on": "2020-01-01", "session_place": "调解室"}, "已经过去"),
        ({"session_on": "2099-01-01", "session_place": " "}, "调解地点"),
        ({"session_on": "2099-01-01", "session_place": "调解室", "session_time": "25:99"}, "不符合要求"),
    ],
)
def test_a_session_that_lies_behind_or_has_no_place_is_refused_and_issues_nothing(journey, session, words):
    complaint = journey.accepted()
    with pytest.raises(Exception, match=words):
        journey.do(complaint, "arrange_mediation", journey.office.handler, **CALLED, **session)
    assert codes(complaint) == ["acceptance"]
