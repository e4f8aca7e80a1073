"""Guided intake: one question a page, nothing typed is lost, the receipt opens the status, names stand in no address."""

import io
import os
import re
from datetime import datetime
from unittest.mock import patch

import pytest

from tests.apps.consumer.complaints.intake import citizen
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOW = datetime(2026, 11, 22, 10, 42, tzinfo=ZONE)


@pytest.fixture(autouse=True)
def _now():
    with patch("zhijian.apps.consumer.complaints.public_pages._now", return_value=NOW):
        yield


@pytest.fixture
def visitor(client, shops, units):
    client.units = units
    return client


def test_a_complaint_gives_a_receipt_with_unit_day_and_article(visitor):
    number, code, _ = citizen.send(visitor)
    page = visitor.get("/complain/sent/").content.decode()
    assert number in page and code in page
    assert "示例区局" in page
    assert "2026年12月1日" in page
    assert "《消费者权益保护法》第四十六条" in page


def test_wanting_both_gives_two_linked_matters_with_two_clocks(visitor):
    citizen.send(visitor, want="both")
    page = visitor.get("/complain/sent/").content.decode()
    assert "2026年12月1日" in page and "2026年12月11日" in page
    from zhijian.apps.consumer.complaints.models import Complaint, ViolationReport

    assert Complaint.objects.get().submission == ViolationReport.objects.get().submission


def test_a_report_may_be_anonymous_and_then_nobody_is_kept(visitor):
    citizen.send(visitor, want="report", contact={"named": "no", "name": "不该留下", "phone": "13800000021"})
    from zhijian.apps.consumer.complaints.models import Party, ReporterIdentity, ViolationReport

    assert not ViolationReport.objects.get().is_named
    assert (Party.objects.count(), ReporterIdentity.objects.count()) == (0, 0)


def test_without_an_account_receipt_and_code_open_the_status_and_a_wrong_code_does_not(visitor, client):
    number, code, _ = citizen.send(visitor)
    client.cookies.clear()
    refused = client.post("/complain/status/", {"number": number, "code": "0000-0000"})
    assert refused.status_code == 422
    assert number in refused.content.decode()  # what was typed is still there
    client.post("/complain/status/", {"number": number.replace("-", ""), "code": code.lower()})
    page = client.get("/complain/status/").content.decode()
    assert "审查是否受理" in page and "2026年12月1日" in page and "剩余7个工作日" in page


def test_after_ten_wrong_codes_an_hour_even_the_right_one_waits(visitor, client):
    number, code, _ = citizen.send(visitor)
    client.cookies.clear()
    for _ in range(10):
        client.post("/complain/status/", {"number": number, "code": "0000-0000"})
    answer = client.post("/complain/status/", {"number": number, "code": code})
    assert answer.status_code == 429


def test_a_slip_of_the_pen_in_the_receipt_number_is_named_as_such(visitor):
    number, code, _ = citizen.send(visitor)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    page = visitor.post("/complain/status/", {"number": wrong, "code": code}).content.decode()
    assert "回执号有笔误" in page


def test_what_was_typed_survives_a_mistake_and_a_lost_connection(visitor):
    citizen.begin(visitor)
    visitor.post("/complain/step/want/", {"want": "complaint"})
    visitor.post("/complain/step/how/", {"respondent_kind": "ordinary"})
    typed = {"facts": "太短", "goods": "红豆", "happened_on": "2027-01-01", "amount": "三十块"}
    page = visitor.post("/complain/step/what/", typed)
    assert page.status_code == 422
    assert "这一天还没有到" in page.content.decode()
    again = visitor.get("/complain/step/what/").content.decode()
    assert all(f"{word}" in again for word in ("太短", "红豆", "三十块"))


def test_the_code_opens_the_draft_on_another_phone(visitor, client):
    citizen.begin(visitor)
    visitor.post("/complain/step/want/", {"want": "report"})
    code = visitor.get("/complain/step/how/").context["code"]
    client.cookies.clear()
    assert client.get("/complain/step/how/").status_code == 404
    assert client.post("/complain/resume/", {"code": code.lower().replace("-", " ")}).status_code == 302
    assert client.get("/complain/continue/").url == "/complain/step/how/"


def test_the_same_form_sent_twice_is_one_submission_with_one_receipt(visitor):
    number, code, key = citizen.send(visitor)
    visitor.post("/complain/check/", {"send_key": key})
    again = visitor.get("/complain/sent/")
    assert (again.context["submission"].receipt_number, again.context["code"]) == (number, code)
    from zhijian.apps.consumer.complaints.models import Submission

    assert Submission.objects.count() == 1


def test_the_same_complaint_again_is_joined_to_the_first_and_starts_no_clock(visitor):
    citizen.send(visitor)
    citizen.send(visitor)
    page = visitor.get("/complain/sent/").content.decode()
    assert "合在一起办" in page
    from zhijian.apps.consumer.complaints.models import Complaint, Submission

    assert (Submission.objects.count(), Complaint.objects.count()) == (2, 1)


def test_who_sends_a_complaint_once_more_cannot_withdraw_the_first_one(visitor):
    from zhijian.apps.consumer.complaints.models import Complaint

    citizen.send(visitor)
    visitor.cookies.clear()  # somebody who knows her telephone and her order
    citizen.send(visitor)
    assert "complain/status/withdraw" not in visitor.get("/complain/status/").content.decode()
    refused = visitor.post("/complain/status/withdraw/", {"sure": "yes"})
    assert refused.status_code == 409
    assert Complaint.objects.get().state == "received"


def test_the_receipt_of_a_repeat_takes_no_paper_of_the_first_complaint(journey, home):
    from tests.apps.consumer.complaints.casework import CLUE
    from zhijian.apps.consumer.complaints import paperwork
    from zhijian.apps.consumer.complaints.intake import standing
    from zhijian.apps.consumer.complaints.intake.models import Repeat

    first = journey.accepted()
    again = journey.receive(complaint=None, report=CLUE)
    Repeat.objects.create(submission=again, complaint=first, noticed_at=NOW)
    paper = paperwork.for_the_person(first).get()
    assert standing.paper_of(first.submission, paper.token) == paper
    assert standing.paper_of(again, paper.token) is None
    assert [one.title for one in standing.status_of(again, today=NOW.date())["matters"]] == ["举报"]


def test_who_sends_a_complaint_once_more_learns_nothing_of_the_first_one(visitor):
    from zhijian.apps.consumer.complaints.models import Complaint

    citizen.send(visitor)
    visitor.cookies.clear()  # somebody who knows her telephone and her order
    citizen.send(visitor)
    first = Complaint.objects.get()
    seen = [visitor.get(f"/complain/{name}/") for name in ("sent", "status")]
    assert seen[0].context["handling"] == [] and seen[1].context["matters"] == []
    for page in seen:
        text = page.content.decode()
        assert "合在一起办" in text
        assert not any(one in text for one in (first.number, first.respondent_name, "审查是否受理"))
    context = seen[1].context
    assert not (context["may_add"] or context["may_rate"] or context["is_rated"] or context["may_withdraw"])


SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


def test_script_in_every_text_field_is_shown_as_text_on_every_page(visitor):
    citizen.begin(visitor, None)
    by_hand = {
        "action": "by_hand",
        "shop_name": SCRIPT,
        "shop_division": "440106",
        "shop_address": SCRIPT,
        "shop_contact": SCRIPT[:50],
    }
    words = {
        "what": citizen.WANTS["what"] | {"facts": SCRIPT, "goods": SCRIPT, "order_number": SCRIPT},
        "clue": {"clue": SCRIPT, "basis": SCRIPT},
        "contact": {"name": SCRIPT[:60], "phone": "13800000021", "address": SCRIPT, "id_number": SCRIPT[:40]},
        "shop": by_hand,
        "how": {"respondent_kind": "platform_merchant", "platform_name": SCRIPT},
    }
    seen = []
    citizen.fill(visitor, want="both", uscc=None, **words)
    seen += [visitor.get(f"/complain/step/{name}/") for name in words]
    visitor.post("/complain/step/shop/", {"action": "search", "q": SCRIPT})
    seen.append(visitor.get("/complain/step/shop/"))
    seen.append(visitor.post("/complain/step/what/", {"facts": "<script>", "amount": SCRIPT}))
    visitor.post("/complain/step/what/", words["what"])
    page = visitor.get("/complain/check/")
    visitor.post("/complain/check/", {"send_key": page.context["send_key"]})
    visitor.get("/complain/sent/")
    visitor.post("/complain/status/add/", {"text": SCRIPT})
    seen += [page, visitor.get("/complain/sent/"), visitor.get("/complain/status/")]
    for shown in seen:
        text = shown.content.decode()
        assert "<script>alert" not in text and "<img" not in text
    assert "&lt;script&gt;alert" in page.content.decode()


def test_a_file_that_looks_infected_or_is_a_program_is_refused_and_a_photo_beside_it_stays(visitor):
    from django.core.files.uploadedfile import SimpleUploadedFile as Upload

    citizen.begin(visitor)
    visitor.post("/complain/step/want/", {"want": "complaint"})
    sent = [
        Upload("小票.jpg", citizen.photo(), "image/jpeg"),
        Upload("小票2.jpg", b"MZ\x90\x00" + b"\x00" * 200, "image/jpeg"),
        Upload("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/png"),
    ]
    page = visitor.post("/complain/step/photos/", {"files": sent, "action": "add"})
    assert page.status_code == 422
    text = page.content.decode()
    assert "这个文件名为.jpg，内容却是Windows程序（.exe），不收" in text and "矢量图（.svg），不收" in text
    assert [one.name for one in page.context["files"]] == ["小票.jpg"]


def test_two_gigabytes_are_refused_before_they_are_kept(visitor):
    citizen.begin(visitor)
    answer = visitor.generic(
        "POST",
        "/complain/step/photos/",
        b"",
        content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(2 * 1024**3), "wsgi.input": io.BytesIO()},
    )
    assert answer.status_code == 413
    assert "2.0 GB" in answer.content.decode()


def test_in_traditional_characters_the_words_change_and_the_names_do_not(visitor):
    visitor.post("/i18n/setlang/", {"language": "zh-hant", "next": "/complain/"})
    page = visitor.get("/complain/?shop=" + citizen.HEMAN).content.decode()
    assert 'lang="zh-Hant-HK"' in page and "投訴舉報" in page and "開始填寫" in page
    assert "广东示例禾满食品有限公司" in page
    visitor.post("/i18n/setlang/", {"language": "en", "next": "/complain/"})
    assert "Start" in visitor.get("/complain/").content.decode()


def test_the_licence_code_is_found_in_the_address_that_its_qr_code_holds(visitor):
    citizen.begin(visitor, None)
    visitor.post("/complain/step/want/", {"want": "complaint"})
    address = f"https://www.example.gov.cn/q?uniscid={citizen.HEMAN}&x=1"
    visitor.post("/complain/step/shop/", {"action": "search", "q": address})
    found = visitor.get("/complain/step/shop/").context["results"]
    assert [one.uscc for one in found] == [citizen.HEMAN]


def test_no_address_that_a_visitor_passes_holds_what_she_answered(visitor):
    passed = []
    send = visitor.request

    def noted(**request):
        passed.append(f"{request['PATH_INFO']}?{request.get('QUERY_STRING', '')}")
        answer = send(**request)
        passed.append(answer.headers.get("Location", ""))
        return answer

    visitor.request = noted
    number, code, _ = citizen.send(visitor, want="both")
    visitor.post("/complain/status/", {"number": number, "code": code})
    visitor.get("/complain/status/")
    words = (number, code, "13800000021", "示例陈某", "红豆", "%E7%BA%A2")
    assert not re.search("|".join(map(re.escape, words)), "\n".join(passed))


def test_a_draft_at_rest_can_be_read_by_nobody_who_has_the_database(visitor):
    from zhijian.apps.consumer.complaints.intake.models import Draft

    citizen.fill(visitor)
    draft = Draft.objects.get()
    assert "示例陈某" not in draft.answers_sealed and "13800000021" not in draft.answers_sealed


def test_a_complaint_can_be_withdrawn_after_a_page_that_says_what_follows(visitor):
    citizen.send(visitor, want="both")
    asked = visitor.post("/complain/status/withdraw/", {}).content.decode()
    assert "举报照样核查" in asked
    visitor.post("/complain/status/withdraw/", {"sure": "yes", "reason": "店家已退款"})
    page = visitor.get("/complain/status/").content.decode()
    assert "撤回或自行和解" in page and "核查线索" in page


def test_an_office_with_one_address_is_not_locked_out_by_one_device(visitor, client):
    from zhijian.apps.consumer.complaints.intake import throttle

    for _ in range(throttle.START.per_device + 1):  # the first visit gets the cookie
        assert citizen.begin(visitor).status_code == 302
    assert citizen.begin(visitor).status_code == 429
    client.cookies.clear()  # a colleague behind the same address
    assert citizen.begin(client).status_code == 302


def test_the_home_and_a_shops_page_lead_to_intake_and_the_shop_is_taken_along(visitor):
    assert 'href="/complain/"' in visitor.get("/").content.decode()
    assert (
        f'href="/complain/?shop={citizen.HEMAN}"'
        in visitor.get(f"/entities/{citizen.HEMAN}/").content.decode()
    )
    assert f'value="{citizen.HEMAN}"' in visitor.get(f"/complain/?shop={citizen.HEMAN}").content.decode()


# -------------------------------------------------------------------------------- a complaint and a report in one


def test_in_a_mixed_envelope_the_report_may_be_anonymous(visitor):
    from zhijian.apps.consumer.complaints.models import ReporterIdentity, ViolationReport

    contact = citizen.WANTS["contact"]
    citizen.send(visitor, want="both", contact=contact | {"report_named": "no"})
    report = ViolationReport.objects.get()
    assert not report.is_named and not ReporterIdentity.objects.exists()
    assert report.submission.parties.count() == 1  # the complaint's


def test_of_an_anonymous_report_that_came_with_a_repeat_nobody_is_a_party(visitor):
    from zhijian.apps.consumer.complaints.models import Party, ReporterIdentity, ViolationReport

    citizen.send(visitor)
    contact = citizen.WANTS["contact"]
    citizen.send(visitor, want="both", contact=contact | {"report_named": "no"})
    report = ViolationReport.objects.get()
    assert not Party.objects.filter(submission=report.submission).exists()
    assert not ReporterIdentity.objects.exists()


def test_the_named_report_of_a_mixed_envelope_keeps_its_reporter(visitor):
    from zhijian.apps.consumer.complaints.models import ReporterIdentity

    citizen.send(visitor, want="both")
    assert ReporterIdentity.objects.count() == 1


def test_a_file_that_is_for_the_report_alone_is_not_the_mediators(visitor, django_user_model):
    from django.core.files.uploadedfile import SimpleUploadedFile as Upload

    from zhijian.apps.consumer.complaints import paperwork
    from zhijian.apps.consumer.complaints.models import Attachment, Complaint, ViolationReport

    citizen.fill(visitor, want="both")
    assert "只用于举报" in visitor.get("/complain/step/photos/").content.decode()
    for colour, matter in (("red", "report"), ("blue", "complaint"), ("green", ""), ("black", "<b>")):
        upload = Upload(f"{colour}.jpg", citizen.photo(colour), "image/jpeg")
        visitor.post("/complain/step/photos/", {"action": "add", "matter": matter, "files": upload})
    key = visitor.get("/complain/check/").context["send_key"]
    visitor.post("/complain/check/", {"send_key": key})
    complaint, report = Complaint.objects.get(), ViolationReport.objects.get()
    assert [one.name for one in paperwork.files_of(complaint)] == ["blue.jpg", "green.jpg", "black.jpg"]
    assert [one.name for one in paperwork.files_of(report)] == ["red.jpg", "green.jpg", "black.jpg"]
    mediator, handler = (
        django_user_model.objects.create(username=role, organisation=complaint.organisation, roles=[role])
        for role in ("mediator", "handler")
    )
    files = {one.name: f"/work/files/{one.evidence_key}/" for one in Attachment.objects.all()}
    visitor.force_login(mediator)
    assert visitor.get(files["red.jpg"]).status_code in {403, 404}
    assert visitor.get(files["blue.jpg"]).status_code == 200
    visitor.force_login(handler)
    assert visitor.get(files["red.jpg"]).status_code == 200


def test_what_came_is_understood_at_once(visitor):
    from zhijian.apps.consumer.complaints.matters.models import Suggestion
    from zhijian.apps.consumer.complaints.models import Complaint, ViolationReport

    citizen.send(visitor, want="both")
    numbers = {Complaint.objects.get().number, ViolationReport.objects.get().number}
    assert set(Suggestion.objects.values_list("number", flat=True)) == numbers


def test_a_draft_that_nobody_sent_goes_with_its_files_and_a_file_that_was_sent_stays(visitor, home):
    """The same photo in a draft that is left and in a complaint that is sent: the complaint's stays."""
    from datetime import timedelta

    from django.core.files.uploadedfile import SimpleUploadedFile as Upload

    from zhijian.apps.consumer.complaints.intake import drafts
    from zhijian.apps.consumer.complaints.intake.models import Draft, DraftFile
    from zhijian.engines.evidence import clearing

    def add(colour):
        sent = Upload(f"{colour}.jpg", citizen.photo(colour), "image/jpeg")
        visitor.post("/complain/step/photos/", {"action": "add", "files": sent})

    citizen.fill(visitor)
    add("red")
    page = visitor.get("/complain/check/")
    visitor.post("/complain/check/", {"send_key": page.context["send_key"]})
    citizen.fill(visitor)
    add("red")
    add("blue")
    originals = home.media / "evidence" / "original"
    for place in originals.glob("??/*"):
        os.utime(place, (NOW.timestamp(), NOW.timestamp()))
    later = NOW + timedelta(days=14, seconds=1)
    assert clearing.clear_unnamed(home.media, before=drafts.oldest(later), at=later) == 0
    assert drafts.sweep(at=later) == 1
    assert not Draft.objects.exists() and not DraftFile.objects.exists()
    assert clearing.clear_unnamed(home.media, before=drafts.oldest(later), at=later) == 1
    assert [place.read_bytes() for place in originals.glob("??/*")] == [citizen.photo("red")]


def test_an_agent_fills_in_for_whom_and_both_are_sealed_parties(visitor):
    """Article 11: matter, scope, term and signature; what is not handed in yet is said before sending."""
    from zhijian.apps.consumer.complaints.models import Complaint, Party

    citizen.fill(visitor, claim=citizen.WANTS["claim"] | {"for_whom": "agent"})
    page = visitor.get("/complain/step/principal/")
    assert "您替谁投诉" in page.content.decode()
    given = {"principal_name": "示例委托人", "principal_phone": "13900000009", "principal_address": "示例路9号",
             "mandate_matter": "红豆纠纷的投诉和调解", "mandate_scope": "general", "mandate_until": "2026-11-21",
             "mandate_signed": "yes"}  # fmt: skip
    late = visitor.post("/complain/step/principal/", given)
    assert late.status_code == 422 and "授权已经到期" in late.content.decode()
    visitor.post("/complain/step/principal/", given | {"mandate_until": "2026-12-31"})
    page = visitor.get("/complain/check/")
    assert "授权委托书、代理人身份证明" in page.content.decode()
    visitor.post("/complain/check/", {"send_key": page.context["send_key"]})
    for address in ("/complain/sent/", "/complain/status/"):
        shown = visitor.get(address).content.decode()
        assert "补交：授权委托书、代理人身份证明" in shown and "不用做什么" not in shown
    submission = Complaint.objects.get().submission
    consumer, agent = submission.parties.all()
    assert (consumer.capacity, agent.capacity) == (Party.COMPLAINANT, Party.AGENT)
    assert agent.mandate["scope"] == "general" and "委托人" not in consumer.name_sealed
    visitor.get("/complain/sent/")
    barred = visitor.post("/complain/status/withdraw/").content.decode()
    assert "没有变更、放弃请求" in barred and 'name="sure"' not in barred


def test_several_complain_together_with_two_representatives_who_cannot_withdraw_online(visitor):
    """Article 12: the same dispute, everybody agrees, two represent; an officer checks the others' consent to withdraw."""
    from django.core.files.uploadedfile import SimpleUploadedFile as Upload

    from zhijian.apps.consumer.complaints.models import Complaint, Party

    citizen.fill(visitor, claim=citizen.WANTS["claim"] | {"for_whom": "joint"})
    one = {"action": "add", "name": "示例王甲", "phone": "13900000008", "address": "示例路8号"}
    assert visitor.post("/complain/step/others/", {**one, "phone": "不知道"}).status_code == 422
    visitor.post("/complain/step/others/", one)
    for unread in ("9" * 5000, "²", "7"):
        assert visitor.post("/complain/step/others/", {"remove": unread}).status_code == 422
    refused = visitor.post("/complain/step/others/", {"action": "next", "all_agree": "yes"})
    assert refused.status_code == 422 and "共同投诉须推选两名代表人" in refused.content.decode()
    assert visitor.post("/complain/step/others/", {"action": "next"}).status_code == 422
    visitor.post("/complain/step/others/", {**one, "name": "示例李乙", "represents": "yes"})
    visitor.post("/complain/step/others/", {"action": "next", "all_agree": "yes"})
    page = visitor.get("/complain/check/")
    assert "示例李乙 13900000008（代表人）" in page.content.decode()
    visitor.post("/complain/check/", {"send_key": page.context["send_key"]})
    complaint = Complaint.objects.get()
    capacities = list(complaint.submission.parties.values_list("capacity", flat=True))
    assert capacities == [Party.REPRESENTATIVE, Party.JOINT, Party.REPRESENTATIVE]
    visitor.get("/complain/sent/")
    visitor.post("/complain/status/withdraw/", {"sure": "yes"})
    assert Complaint.objects.get().state == "received"
    visitor.post(
        "/complain/status/add/",
        {"paper": "consent", "files": Upload("同意.jpg", citizen.photo(), "image/jpeg")},
    )
    visitor.post("/complain/status/withdraw/", {"sure": "yes"})
    assert Complaint.objects.get().state == "received"
    assert "由工作人员核对后登记撤回" in visitor.post("/complain/status/withdraw/").content.decode()


@pytest.mark.parametrize("number", ["123", "110105194912310021", "11010519491331002X"])
def test_a_residents_number_with_a_slip_is_told_at_once(number):
    from datetime import date

    from zhijian.apps.consumer.complaints.intake.forms import Contact, OneMore, Principal

    today = date(2026, 11, 28)
    person = {"name": "示例张三", "phone": "13800000021", "address": "示例街2号"}
    answers = {"want": "complaint"}
    for kind, name in ((Contact, "id_number"), (Principal, "principal_id_number"), (OneMore, "id_number")):
        for given, is_wrong in ((number, True), ("11010519491231002x", False), ("", False)):
            typed = {**person, "id_type": "resident", "principal_id_type": "resident", name: given}
            assert (name in kind(typed, answers=answers, today=today).errors) is is_wrong, (kind, given)
    other = {**person, "id_type": "passport", "id_number": number}
    assert "id_number" not in Contact(other, answers=answers, today=today).errors


def test_who_was_typed_but_not_added_is_kept_or_named_wrong_when_going_on(visitor):
    from zhijian.apps.consumer.complaints.intake.drafts import answers
    from zhijian.apps.consumer.complaints.intake.models import Draft

    citizen.fill(visitor, claim=citizen.WANTS["claim"] | {"for_whom": "joint"})
    page = visitor.get("/complain/step/others/").content.decode()
    typing = next(one for one in page.split("<form")[1:] if 'name="phone"' in one)
    assert 'value="next"' in typing.split("</form>")[0]  # one form: what is typed goes along
    one = {"name": "示例王甲", "phone": "不知道", "address": "示例路8号", "represents": "yes"}
    go_on = {"action": "next", "all_agree": "yes"}
    refused = visitor.post("/complain/step/others/", {**one, **go_on})
    assert refused.status_code == 422 and "示例王甲" in refused.content.decode()
    only_name = visitor.post("/complain/step/others/", {"name": "示例王甲", **go_on})
    assert only_name.status_code == 422 and "请写能联系到这个人的电话" in only_name.content.decode()
    taken = visitor.post("/complain/step/others/", {**one, **go_on, "phone": "13900000008"})
    assert taken.status_code == 302 and "others" not in taken.headers["Location"]
    assert [person["name"] for person in answers(Draft.objects.get())["others"]] == ["示例王甲"]


def test_in_a_mixed_envelope_the_name_of_the_report_is_asked_for_and_shown_before_sending(visitor):
    begun = citizen.fill(visitor, want="both")
    assert begun.status_code == 302
    contact = citizen.WANTS["contact"]
    silent = visitor.post("/complain/step/contact/", {"action": "next", **contact})
    assert silent.status_code == 422 and "id_report_named" in silent.content.decode()
    visitor.post("/complain/step/contact/", {"action": "next", **contact, "report_named": "no"})
    assert "不写，举报匿名" in visitor.get("/complain/check/").content.decode()
