"""A consumer evaluates from a phone, the firm answers from its desk, an officer decides; everybody reads what was left out."""

import pytest
from django.conf import settings

from zhijian.apps.consumer.evaluation import services
from zhijian.apps.consumer.evaluation.models import Desk, EvaluatedFirm, Evaluation, ScreeningFinding
from zhijian.apps.consumer.evaluation.registers import score_finding
from zhijian.apps.consumer.evaluation.services import Said

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(county, codes):
    return services.open_desk(county.one, randomness=codes, by=county.officer, at=county.at)


def issued(client, key):
    """Open the desk in a browser of its own and issue a ticket; return its code."""
    client.post("/consumer/evaluation/desk/", {"key": key})
    page = client.post("/consumer/evaluation/desk/", {"verb": "issue", "count": "1"}).content.decode()
    return page.split("<code>")[1].split("</code>")[0]


@pytest.fixture
def shop():
    from django.test import Client

    return Client()


def test_a_ticket_of_the_desk_is_used_on_a_phone_and_stands_on_the_public_page(client, shop, county, key):
    code = issued(shop, key)
    assert "总体评分" in client.get(f"/consumer/evaluation/new/?code={code}").content.decode()
    typed = {"code": code, "score": "2", "text": "<script>alert(1)</script>菜凉了"}
    answer = client.post("/consumer/evaluation/new/", typed, follow=True)
    assert "已计入" in answer.content.decode() and "写有程序代码" in answer.content.decode()
    page = client.get(f"/consumer/evaluation/firms/{county.one.key}/").content.decode()
    assert "文字等待查看" in page and "<script>alert" not in page
    again = client.post("/consumer/evaluation/new/", typed)
    assert again.status_code == 422 and "已经评价过了" in again.content.decode()
    assert "菜凉了" in again.content.decode()


def test_the_till_does_not_evaluate_its_own_shop(shop, county, key):
    code = issued(shop, key)
    cookies = shop.cookies["zhijian_device"].value
    assert cookies
    answer = shop.post("/consumer/evaluation/new/", {"code": code, "score": "5"})
    assert answer.status_code == 422 and "不能评价自己" in answer.content.decode()
    assert Evaluation.objects.count() == 0


def test_a_wrong_key_opens_nothing_and_a_closed_desk_neither(client, county, key, codes):
    assert client.post("/consumer/evaluation/desk/", {"key": "A" * 20}).status_code == 422
    services.open_desk(county.one, randomness=codes, by=county.officer, at=county.at)
    assert client.post("/consumer/evaluation/desk/", {"key": key}).status_code == 422
    assert Desk.objects.filter(closed_at=None).count() == 1


def test_the_firm_replies_and_objects_and_an_officer_sees_the_case(client, shop, county, key, codes):
    code = services.issue_tickets(county.one, 1, randomness=codes, by="desk", at=county.at)[0]
    made = services.evaluate(
        code, Said(1, text="等了一个小时"), device="phone", at=county.at, randomness=codes
    )
    shop.post("/consumer/evaluation/desk/", {"key": key})
    answer = {"number": made.number, "text": "抱歉，当天停电。"}
    shop.post("/consumer/evaluation/desk/", {"verb": "reply", **answer})
    shop.post("/consumer/evaluation/desk/", {"verb": "object", "ground": "not_consumer", **answer})
    page = client.get(f"/consumer/evaluation/firms/{county.one.key}/").content.decode()
    assert "抱歉，当天停电。" in page
    client.force_login(county.officer)
    case = made.objections.get().case
    panel = client.get(f"/work/cases/{case.pk}/").content.decode()
    assert "被提出异议的评价" in panel and "没有在本店消费" in panel


def test_an_officer_confirms_a_finding_with_a_reason_that_the_public_reads(client, county, codes):
    code = services.issue_tickets(county.one, 1, randomness=codes, by="desk", at=county.at)[0]
    made = services.evaluate(code, Said(5), device="phone", at=county.at, randomness=codes)
    finding = ScreeningFinding.objects.create(
        firm=county.one, found_on=county.at.date(), test="copies", chance=0.001, false_share=0.01,
        numbers=[made.number], said={"texts": 1}, is_synthetic=True,
    )  # fmt: skip
    client.force_login(county.officer)
    assert made.number in client.get(f"/work/evaluations/findings/{finding.pk}/").content.decode()
    refused = client.post("/work/evaluations/", {"verb": "confirm", "finding": finding.pk, "reason": "短"})
    assert refused.status_code == 422
    client.post(
        "/work/evaluations/", {"verb": "confirm", "finding": finding.pk, "reason": "逐字相同，没有消费"}
    )
    client.logout()
    page = client.get(f"/consumer/evaluation/firms/{county.one.key}/").content.decode()
    assert "1条评价不计入评分" in page and "逐字相同，没有消费" in page


def test_the_work_pages_are_closed_to_everybody_else(client, county):
    assert client.get("/work/evaluations/").status_code == 302
    client.force_login(_inspector(county))
    assert client.get("/work/evaluations/").status_code == 403


def _inspector(county):
    from tests.engines.registers.declared import desk

    return desk.officer("inspector", county.unit, "inspector")


def test_the_public_pages_speak_english_and_give_their_numbers(client, county):
    client.cookies["django_language"] = "en"
    assert "Evaluation after consumption" in client.get("/consumer/evaluation/").content.decode()
    assert (
        "that the score is low is none" in client.get("/consumer/evaluation/rules/").content.decode().lower()
    )
    assert b"set_aside" in client.get("/consumer/evaluation/?format=csv").content
    assert client.get("/consumer/evaluation/firms/none/").status_code == 404


def test_the_receipt_of_an_unknown_complaint_is_refused(client, county):
    typed = {"receipt": "20261120-000000-0", "receipt_code": "AAAA-BBBB", "score": "3"}
    answer = client.post("/consumer/evaluation/new/", typed)
    assert answer.status_code == 422 and "回执号或者查询码不对" in answer.content.decode()


RECEIPT_CODE = "7K4M-22QX"


@pytest.fixture
def receipts_of(county, journey):
    """Complaints about the first firm of the register with a receipt each, as far as a test takes them."""
    from zhijian.apps.consumer.complaints.entries import Respondent
    from zhijian.apps.consumer.complaints.intake import receipts

    firm = Respondent(name=county.one.name, code=county.one.uscc, address="示例路1号", division_code="440106")

    def given(make):
        kept = receipts.digest(RECEIPT_CODE, "status", settings.SECRET_KEY)
        while receipts.check_digit(f"{journey.day:%Y%m%d}{journey.count + 1:06d}") != "0":
            journey.count += 1
        return make(respondent=firm, receipt_code_hash=kept)

    return given


def run_its_course(journey, **more):
    complaint = journey.mediate(journey.in_mediation(**more), "not_agreed")
    return journey.do(
        complaint, "terminate_mediation", journey.office.handler, ground="T3", termination_statement="不同意"
    )


def evaluated(client, complaint, **more):
    typed = {"receipt": complaint.submission.receipt_number, "receipt_code": RECEIPT_CODE, "score": "2"}
    return client.post("/consumer/evaluation/new/", typed | more)


@pytest.fixture
def phone(client):
    client.cookies["zhijian_device"] = "phone"
    return client


def test_a_complaint_that_ran_its_course_is_proof_once(phone, journey, receipts_of):
    complaint = receipts_of(lambda **more: run_its_course(journey, **more))
    assert evaluated(phone, complaint).status_code == 302
    assert Evaluation.objects.get().ticket is None
    again = evaluated(phone, complaint)
    assert again.status_code == 422 and "已经评价过了" in again.content.decode()


@pytest.mark.parametrize("accepts", [False, True])
def test_a_complaint_that_was_withdrawn_is_no_proof_of_a_purchase(phone, journey, receipts_of, accepts):
    make = journey.in_mediation if accepts else journey.complaint
    complaint = journey.message(receipts_of(make), "withdrawn")
    answer = evaluated(phone, complaint)
    assert answer.status_code == 422 and "不能证明在这家消费过" in answer.content.decode()
    assert not Evaluation.objects.exists()


def test_without_the_cookie_of_a_device_nothing_is_taken_in_and_the_proof_stays_good(
    client, journey, receipts_of
):
    complaint = receipts_of(lambda **more: run_its_course(journey, **more))
    answer = evaluated(client, complaint)
    assert answer.status_code == 422 and "cookie" in answer.content.decode()
    assert evaluated(client, complaint).status_code == 302  # the refusal has set it


def test_wrong_codes_lock_a_receipt_here_and_on_the_status_page_together(phone, journey, receipts_of):
    complaint = receipts_of(lambda **more: run_its_course(journey, **more))
    number = complaint.submission.receipt_number
    for _ in range(6):
        assert evaluated(phone, complaint, receipt_code="AAAA-AAAA").status_code == 422
    for _ in range(4):
        assert phone.post("/complain/status/", {"number": number, "code": "AAAA-AAAA"}).status_code == 422
    locked = evaluated(phone, complaint)
    assert "次数太多" in locked.content.decode() and not Evaluation.objects.exists()
    assert phone.post("/complain/status/", {"number": number, "code": RECEIPT_CODE}).status_code == 429


def test_of_a_firm_with_two_shops_the_one_that_was_chosen_is_evaluated(phone, county, journey, receipts_of):
    EvaluatedFirm.objects.filter(pk=county.other.pk).update(uscc=county.one.uscc)
    complaint = receipts_of(lambda **more: run_its_course(journey, **more))
    asked = evaluated(phone, complaint)
    assert asked.status_code == 422
    assert [one.key for one in asked.context["shops"]] == [county.one.key, county.other.key]
    assert evaluated(phone, complaint, firm=county.other.key).status_code == 302
    assert Evaluation.objects.get().firm == county.other


def test_a_receipt_of_another_firm_evaluates_none(phone, county, journey, receipts_of):
    complaint = receipts_of(lambda **more: run_its_course(journey, **more))
    answer = evaluated(phone, complaint, firm=county.other.key)
    assert answer.status_code == 422 and "另一家经营者" in answer.content.decode()


def test_of_few_evaluations_the_file_and_the_register_give_the_interval_alone(client, county, codes):
    code = services.issue_tickets(county.one, 1, randomness=codes, by="desk", at=county.at)[0]
    services.evaluate(code, Said(5), device="phone", at=county.at, randomness=codes)
    lines = client.get(f"/consumer/evaluation/firms/{county.one.key}/?format=csv").content.decode("utf-8-sig")
    head, row = (line.split(",") for line in lines.splitlines()[:2])
    told = dict(zip(head, row, strict=True))
    assert told["score"] == "" and float(told["low_95"]) < float(told["high_95"])
    (finding,) = score_finding(county.one, county.at.date())
    assert "评分" not in finding.text.zh and "95%区间" in finding.text.zh


def test_the_session_of_a_desk_holds_no_key_and_ends_with_the_desk(shop, county, key, codes):
    shop.post("/consumer/evaluation/desk/", {"key": key})
    assert key not in str(dict(shop.session))
    assert shop.get("/consumer/evaluation/desk/").context["firm"] == county.one
    services.open_desk(county.one, randomness=codes, by=county.officer, at=county.at)
    closed = shop.get("/consumer/evaluation/desk/")
    assert closed.status_code == 422 and "已经停用" in closed.content.decode()
    assert shop.get("/consumer/evaluation/desk/").status_code == 200
