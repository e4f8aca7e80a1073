"""What each sees of rewards: the reporter with a code alone, officers by their right, finance no report, the public no person."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.apps.consumer.complaints.casework import CLUE, CONSUMER, GYM, SHOP
from tests.apps.consumer.complaints.rewards.casework import TESTS, anonymous
from zhijian.apps.consumer.complaints.intake import receipts
from zhijian.apps.consumer.complaints.models import Reward
from zhijian.apps.consumer.complaints.rewards import injured, rules, services
from zhijian.apps.consumer.complaints.rewards.models import Application, Claim, Payment, Protection
from zhijian.security.models import AccessRecord

CODE, STATUS = "7K4M-22QX", "/complain/status/"


@pytest.fixture
def now(monkeypatch):
    """Let the pages' clock stand within the term to claim."""
    from tests.apps.consumer.complaints.casework import at

    moment = at(date(2026, 11, 20))
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


def with_code(rewarding, client, settings, **more):
    """A proven report without a name whose maker has opened the status page."""
    digest = receipts.digest(CODE, "status", settings.SECRET_KEY)
    report = rewarding.proven(**anonymous() | {"receipt_code_hash": digest} | more)
    number = f"20260921-{rewarding.journey.count:06d}"
    number += f"-{receipts.check_digit(number.replace('-', ''))}"
    type(report.submission).objects.filter(pk=report.submission_id).update(receipt_number=number)
    response = client.post(STATUS, {"number": number, "code": CODE})
    assert response.status_code == 302
    return report


def test_a_reporter_without_a_name_asks_and_claims_with_the_code_alone(rewarding, client, settings, now):
    report = with_code(rewarding, client, settings)
    page = client.get(STATUS).content.decode()
    assert "/complain/status/reward/" in page and "/complain/status/protection/" in page
    address = "/complain/status/reward/"
    refused = client.post(address, {"act": "apply", "password": "123"})
    assert refused.status_code == 422
    assert "请承诺" in refused.content.decode()
    assert (
        client.post(address, {"act": "apply", "promises": "yes", "password": "三只猫-红豆"}).status_code
        == 302
    )
    rewarding.told(rewarding.approved(rewarding.opened(report)))
    shown = client.get(address).content.decode()
    assert "6000.00元" in shown and Reward.objects.get().payout_code in shown
    wrong = client.post(address, {"act": "claim", "way": "cash", "password": "两只猫"})
    assert wrong.status_code == 422 and "举报密码不对" in wrong.content.decode()
    assert client.post(address, {"act": "claim", "way": "cash", "password": "三只猫-红豆"}).status_code == 302
    assert Claim.objects.get().grant.state == "claimed"
    assert Application.objects.count() == 1


def test_nobody_tries_passwords_out(rewarding, client, settings, now):
    report = with_code(rewarding, client, settings)
    services.apply(report, promises=True, password="三只猫-红豆", by=None, at=now)
    rewarding.told(rewarding.approved(rewarding.opened(report)))
    given = {"act": "claim", "way": "cash"}
    answers = [
        client.post("/complain/status/reward/", given | {"password": f"猫{n}"}).status_code for n in range(12)
    ]
    assert answers[0] == 422 and answers[-1] == 429


def test_protection_is_asked_for_on_the_status_page_and_keeps_what_was_typed(
    rewarding, client, settings, now
):
    with_code(rewarding, client, settings)
    address = "/complain/status/protection/"
    refused = client.post(address, {"kind": "pay", "words": "<b>短"})
    assert refused.status_code == 422 and "&lt;b&gt;短" in refused.content.decode()
    assert client.post(address, {"kind": "pay", "words": "上个月起每月少发三千元工资。"}).status_code == 302
    assert Protection.objects.get().kind == "pay"
    assert "2个工作日内" in client.get(address).content.decode()


def test_without_the_code_there_is_no_page_of_a_reward(client, db):
    assert client.get("/complain/status/reward/").status_code == 302
    assert client.get("/complain/status/protection/").status_code == 302


def test_finance_sees_the_sum_and_the_account_and_neither_the_report_nor_the_firm(rewarding, client, now):
    rewarding.told()
    reward = Reward.objects.get()
    order = services.claim(
        reward, password="", way="account", account="示例张三，6222000000000001", by=None, at=now
    )
    client.force_login(rewarding.office.finance)
    listed = client.get("/work/rewards/payments/").content.decode()
    address = f"/work/rewards/payments/{order.order_number}/"
    page = client.get(address).content.decode()
    assert order.order_number in listed and "6222000000000001" not in listed + page
    opened = client.post(address, {"act": "open"}).content.decode()
    assert "6222000000000001" in opened
    assert AccessRecord.objects.filter(subject=order.order_number, part="payout_account").count() == 1
    for secret in (reward.report.number, reward.report.respondent_name, reward.payout_code):
        assert secret not in listed + page + opened
    assert client.get("/work/rewards/").status_code == 403
    assert client.get(f"/work/cases/{reward.report.case_id}/").status_code in {403, 404}
    assert client.get(f"/work/cases/{reward.grant.reward_case.case_id}/").status_code in {403, 404}
    wrong = client.post(address, {"act": "paid", "receipt_number": "", "paid_on": "soon"})
    assert wrong.status_code == 422
    client.post(address, {"act": "paid", "receipt_number": "示例回单1", "paid_on": "2026-11-20"})
    assert Payment.objects.get().is_paid


def test_at_the_counter_a_code_of_another_county_is_none(rewarding, client, now):
    rewarding.told()
    reward = Reward.objects.get()
    given = {"code": reward.payout_code, "way": "cash", "password": ""}
    client.force_login(rewarding.office.other_handler)
    assert client.post("/work/rewards/counter/", given).status_code == 422
    client.force_login(rewarding.office.handler)
    assert client.post("/work/rewards/counter/", given | {"code": "AAAA"}).status_code == 422
    assert client.post("/work/rewards/counter/", given).status_code == 302
    assert Claim.objects.get().counter_officer == rewarding.office.handler


def test_the_list_and_the_case_show_sums_and_terms_and_no_name(rewarding, client, now):
    reward_case = rewarding.told()
    client.force_login(rewarding.office.leader)
    listed = client.get("/work/rewards/").content.decode()
    case = client.get(f"/work/cases/{reward_case.case_id}/").content.decode()
    assert reward_case.number in listed and "6000.00" in case
    for secret in ("示例张三", "13800001234", Reward.objects.get().payout_code):
        assert secret not in listed + case
    client.post(f"/work/rewards/{reward_case.number}/extend/", {"reason": "举报人住院"})
    reward_case.refresh_from_db()
    assert reward_case.is_extended
    client.force_login(rewarding.office.mediator)
    assert client.get("/work/rewards/").status_code == 403


def pay(rewarding, at):
    """Pay one reward; its receipt is entered at a moment."""
    rewarding.told()
    order = services.claim(Reward.objects.get(), password="", way="cash", account="", by=None, at=at)
    receipt = services.Receipt(True, at.date(), "示例回单1")
    services.record_payment(order, receipt, by=rewarding.office.finance, at=at)


def test_the_public_statistic_hides_few_payments(rewarding, client, now, monkeypatch):
    pay(rewarding, now)
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=60))
    page = client.get("/complain/rewards/").content.decode()
    table = client.get("/complain/rewards/?format=csv").content.decode()
    assert "还不到5件" in page and "6000" not in page + table
    assert Reward.objects.get().report.number not in page + table


def test_the_statistic_of_today_says_nothing_of_the_quarter_that_runs(rewarding, client, now, monkeypatch):
    def told():
        return client.get("/complain/rewards/?format=csv").content.decode()

    monkeypatch.setattr(rules, "FEWEST", 1)
    before = told()
    pay(rewarding, now)
    assert told() == before and "6000.00" not in before
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=60))
    after = told()
    assert "2026-10-01,2026-12-31" in after and "1,6000.00" in after
    assert "6000.00" in client.get("/complain/rewards/").content.decode()


def test_the_twentieth_wrong_code_at_the_counter_is_the_last_and_right_ones_are_not_counted(
    rewarding, client, now
):
    rewarding.told()
    client.force_login(rewarding.office.handler)
    address, wrong = "/work/rewards/counter/", {"code": "AAAA-BBBB-CCCC", "way": "cash"}
    right = {"code": Reward.objects.get().payout_code, "way": ""}
    answers = [client.post(address, right).status_code for _ in range(25)]
    assert set(answers) == {422}
    answers = [client.post(address, wrong).status_code for _ in range(21)]
    assert (answers[19], answers[20]) == (422, 429)
    refused = client.post(address, right | {"way": "cash"})
    assert refused.status_code == 429 and "请过一会儿再试" in refused.content.decode()
    client.force_login(rewarding.office.second)
    assert client.post(address, right | {"way": "cash"}).status_code == 302


def test_an_officer_at_the_counter_tries_no_passwords_out(rewarding, client, now):
    report = rewarding.proven(**anonymous())
    services.apply(report, promises=True, password="三只猫-红豆", by=None, at=now)
    rewarding.told(rewarding.approved(rewarding.opened(report)))
    given = {"code": Reward.objects.get().payout_code, "way": "cash"}
    answers = []
    for officer in (rewarding.office.handler, rewarding.office.second):
        client.force_login(officer)
        for n in range(6):
            tried = client.post("/work/rewards/counter/", given | {"password": f"猫{n}"})
            answers.append(tried.status_code)
    assert answers == [422] * 10 + [429] * 2


def test_who_took_the_claim_or_decided_opens_no_account(rewarding, client, now):
    rewarding.told()
    handler = rewarding.office.handler
    handler.roles = ["handler", "finance"]
    handler.save()
    order = services.claim(
        Reward.objects.get(),
        password="",
        way="account",
        account="示例张三，6222000000000001",
        by=None,
        at=now,
    )
    client.force_login(handler)
    page = client.post(f"/work/rewards/payments/{order.order_number}/", {"act": "open"})
    assert page.status_code == 422 and "6222" not in page.content.decode()
    assert not AccessRecord.objects.filter(part="payout_account").exists()


def test_the_workbench_counts_the_orders_that_wait_for_who_pays_and_leads_there(rewarding, client, now):
    report = rewarding.told().report
    client.force_login(rewarding.office.finance)
    assert "待付0笔" in client.get("/work/").content.decode()
    services.claim(
        Reward.objects.get(report=report), password="", way="cash", account="", by=None, at=rewarding.now
    )
    page = client.get("/work/").content.decode()
    assert "待付1笔" in page and 'href="/work/rewards/payments/"' in page and report.number not in page
    client.force_login(rewarding.office.handler)
    assert "待付" not in client.get("/work/").content.decode()


def test_the_panel_warns_that_the_reporter_may_be_the_party_injured_and_says_what_to_check(
    rewarding, client, now
):
    journey, office = rewarding.journey, rewarding.office
    report = journey.receive(report=CLUE, reporter=CONSUMER).report
    journey.do(report, "triage_report", office.intake, outcome="verify")
    found = {"outcome": "file", "finding": "查实过期食品。", **TESTS}
    reward_case = rewarding.opened(journey.do(report, "verify_clue", office.handler, **found))
    assert injured.signs_of(report) == injured.Signs(report.submission.complaint, is_complainant=False)
    other = journey.complaint(respondent=replace(SHOP, code=""), parties=(replace(CONSUMER, name="示例张"),))
    assert injured.signs_of(report).is_complainant
    assert not injured.signs_of(journey.report(respondent=GYM))
    assert not injured.signs_of(journey.report(reporter=None))

    def panel(officer):
        client.force_login(officer)
        return client.get(f"/work/cases/{reward_case.case_id}/").content.decode()

    shown = panel(office.handler)
    assert f"同一回执里还有投诉{report.submission.complaint.number}" in shown and "第八条第二项" in shown
    assert "证件号码或者电话与举报人相同" in shown and other.number not in shown
    type(report).objects.filter(pk=report.pk).update(is_insider=True)
    assert "与举报人相同" not in panel(office.handler)  # who an insider is, a leader alone learns
    assert "与举报人相同" in panel(office.leader)
