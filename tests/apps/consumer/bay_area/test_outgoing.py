"""S01, out of Guangdong: consent, check, approval, receipt, echoes, answer, the consumer is told."""

import json
from dataclasses import replace

import pytest

from tests.apps.consumer.bay_area.handing import AGREED, DISPUTE, HK, MO, PERSON
from tests.apps.consumer.complaints.casework import CONSUMER
from zhijian.apps.consumer.bay_area import outbox, queries, services
from zhijian.apps.consumer.bay_area.codes import PERSONAL_FIELDS
from zhijian.apps.consumer.bay_area.errors import BadInput, NotNow, NotOurs
from zhijian.apps.consumer.bay_area.models import Consent, Message, Transfer
from zhijian.apps.consumer.complaints.models import Party
from zhijian.apps.consumer.complaints.people import Person
from zhijian.engines.procedures import checks
from zhijian.engines.procedures.errors import NotYours, ProcedureRefused
from zhijian.security.models import AccessRecord
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.django_db


def body_of(transfer):
    return json.loads(outbox.body_of(Message.objects.filter(transfer=transfer).latest("pk")))


def test_a_dispute_goes_out_is_answered_and_told_to_the_consumer(desk):
    transfer = desk.sent()
    assert transfer.status == "TRANSFERRED"
    transfer = desk.hear(transfer, "ACKNOWLEDGED")
    transfer = desk.hear(transfer, "IN_CONTACT")
    transfer = desk.hear(transfer, "IN_CONTACT", "商户要求看单据")
    assert desk.tasks(transfer) == set()
    transfer = desk.hear(transfer, "SETTLED", "商户退款")
    assert desk.tasks(transfer) == {"tell_consumer"}
    transfer = desk.do(transfer, "tell_consumer", desk.handler, way="phone", words="商户同意退款。")
    assert transfer.status == "SETTLED"
    assert transfer.case.status == "closed"


def test_only_the_data_that_consent_names_leave_in_traditional_characters_and_the_currency_as_paid(desk):
    sent = body_of(desk.sent())
    assert sent["consumer"] == {"name": "示例陈小明", "phone": "13800004321", "email": "ming@example.com"}
    assert set(sent["consumer"]) == set(PERSONAL_FIELDS)
    assert "示例街8号" not in json.dumps(sent, ensure_ascii=False)
    assert sent["facts"].startswith("買的手錶走時不準")
    assert (sent["currency"], sent["amount"]) == ("HKD", "12800.00")


def test_who_reads_english_gets_english_names_of_goods(desk):
    transfer = desk.hand_in(
        replace(DISPUTE, language="en", facts="The watch stopped after a day.", goods="watch")
    )
    assert services.package_of(transfer)["goods"].isascii()


def test_who_checked_does_not_approve(desk):
    transfer = desk.checked(desk.hand_in())
    desk.handler.roles = ["handler", "leader"]
    desk.handler.save()
    with pytest.raises((NotYours, Forbidden, ProcedureRefused)):
        desk.do(transfer, "send_package", desk.handler, decision="send", decision_reason="同意")
    assert not Message.objects.exists()


def test_without_a_separate_consent_nothing_is_opened(desk):
    for wrong in (replace(AGREED, fields=()), replace(AGREED, fields=("name",)), replace(AGREED, way=" ")):
        with pytest.raises(BadInput, match="单独同意"):
            desk.hand_in(consent=wrong)
    assert not Transfer.objects.exists()


def test_consent_taken_back_between_check_and_approval_sends_nothing_and_erases_the_person(desk):
    transfer = desk.checked(desk.hand_in())
    services.revoke_consent(transfer, by=None, at=desk.at)
    transfer.refresh_from_db()
    assert (transfer.status, transfer.person_sealed) == ("WITHDRAWN", "")
    assert Consent.objects.get().revoked_at == desk.at
    assert desk.tasks(transfer) == set()
    assert not Message.objects.exists()
    assert queries.of_council(HK, transfer.number) is None
    with pytest.raises(NotNow, match="同意已经撤回"):
        services.send(transfer, by=desk.leader, at=desk.at)


def test_after_sending_consent_cannot_be_taken_back_here_and_the_consumer_hears_what_is_left(desk):
    transfer = desk.sent()
    with pytest.raises(NotNow, match="要求对方停止处理"):
        services.revoke_consent(transfer, by=None, at=desk.at)
    assert Transfer.objects.get().status == "TRANSFERRED"


def test_an_echo_before_the_receipt_is_refused_and_changes_nothing(desk):
    transfer = desk.sent()
    with pytest.raises(NotNow, match="先发回执"):
        desk.hear(transfer, "IN_CONTACT")
    assert Transfer.objects.get().status == "TRANSFERRED"


def test_the_same_message_twice_is_one_and_with_other_content_is_refused(desk):
    transfer = desk.sent()
    for _ in range(2):
        transfer = desk.hear(transfer, "ACKNOWLEDGED", message_no="a1")
    assert [step.status for step in transfer.history].count("ACKNOWLEDGED") == 1
    with pytest.raises(NotNow, match="内容不同"):
        desk.hear(transfer, "SETTLED", message_no="a1")


def test_a_reply_for_a_case_that_is_not_theirs_is_not_found(desk):
    sent, unsent = desk.sent(), desk.hand_in()
    for number, council in (("WB-20260101-000000-0", HK), (sent.number, MO), (unsent.number, HK)):
        with pytest.raises(NotOurs):
            services.reply(
                council, number, message_no="x", status="ACKNOWLEDGED", note="", by=None, at=desk.at
            )


def test_what_is_outside_their_remit_comes_back_with_the_reason_and_is_told(desk):
    transfer = desk.sent()
    with pytest.raises(BadInput, match="理由"):
        desk.hear(transfer, "RETURNED")
    transfer = desk.hear(transfer, "RETURNED", "商戶不在香港註冊，也沒有門店。")
    assert desk.tasks(transfer) == {"tell_consumer"}
    assert queries.shown(queries.numbered(transfer.number))["is_returned"]
    with pytest.raises(NotNow):
        desk.hear(transfer, "SETTLED")


def test_a_state_nobody_agreed_on_is_refused(desk):
    with pytest.raises(BadInput, match="没有这个状态"):
        desk.hear(desk.sent(), "LOST")
    with pytest.raises(BadInput, match="没有这个状态"):
        desk.hear(Transfer.objects.get(), "WITHDRAWN")


def test_every_missing_or_wrong_field_is_named(desk):
    with pytest.raises(BadInput) as refused:
        desk.hand_in(
            replace(DISPUTE, currency="USD", trader_name="", council="tw"),
            replace(PERSON, phone="", email=""),
        )
    assert {field for field, _, _ in refused.value.problems} == {
        "trader_name",
        "council",
        "currency",
        "phone",
    }


def test_an_unfit_dispute_is_not_sent_and_the_consumer_is_told_why(desk):
    transfer = desk.do(
        desk.hand_in(), "check_package", desk.handler, outcome="refuse", check_reason="商户在广州，不在香港"
    )
    assert (transfer.status, desk.tasks(transfer)) == ("RETURNED", {"tell_consumer"})
    assert not Message.objects.exists()
    assert queries.of_council(HK, transfer.number) is None


def test_an_accepted_complaint_may_be_handed_over_once_and_the_look_is_written_down(desk):
    complaint = desk.journey.accepted()
    how = services.Agreed(tuple(PERSONAL_FIELDS), "9月21日电话询问，本人同意")
    made, _ = services.from_complaint(
        complaint, DISPUTE, how, by=desk.handler, at=desk.at, randomness=desk.random.randbytes
    )
    assert services.package_of(made)["consumer"]["name"] == "示例张三"
    assert AccessRecord.objects.filter(subject=complaint.number, part="complaint_party").exists()
    with pytest.raises(BadInput, match="已经在转办"):
        services.from_complaint(
            complaint, DISPUTE, how, by=desk.handler, at=desk.at, randomness=desk.random.randbytes
        )
    with pytest.raises(Forbidden):
        services.from_complaint(
            complaint,
            DISPUTE,
            how,
            by=desk.journey.office.handler,
            at=desk.at,
            randomness=desk.random.randbytes,
        )


def test_what_leaves_names_the_consumer_and_not_the_agent_who_complained_first(desk):
    agent = Person(name="示例代理人", phone="13800009999", capacity=Party.AGENT)
    complaint = desk.journey.complaint(parties=(agent, CONSUMER))
    how = services.Agreed(tuple(PERSONAL_FIELDS), "9月21日电话询问，本人同意")
    made, _ = services.from_complaint(
        complaint, DISPUTE, how, by=desk.handler, at=desk.at, randomness=desk.random.randbytes
    )
    assert services.package_of(made)["consumer"]["name"] == CONSUMER.name


def test_a_joint_complaint_leaves_in_the_name_of_its_first_representative(desk):
    first = Person(name="示例王五", phone="13700001111", capacity=Party.REPRESENTATIVE)
    complaint = desk.journey.complaint(parties=(first, Person(name="示例赵六", capacity=Party.JOINT)))
    how = services.Agreed(tuple(PERSONAL_FIELDS), "9月21日电话询问，本人同意")
    made, _ = services.from_complaint(
        complaint, DISPUTE, how, by=desk.handler, at=desk.at, randomness=desk.random.randbytes
    )
    assert services.package_of(made)["consumer"]["name"] == "示例王五"


def test_an_officer_cannot_withdraw_what_was_sent(desk):
    from zhijian.engines.procedures import services as procedures

    transfer = desk.sent()
    with pytest.raises(ProcedureRefused, match="已经转出"):
        procedures.withdraw(transfer.case, reason="不办了，撤回", by=desk.leader, at=desk.at)
    assert Transfer.objects.get().case.status == "open"


def test_the_days_we_wait_are_parameters(desk):
    transfer = queries.numbered(desk.sent().number)
    assert queries.due_on(transfer).isoformat() == "2026-09-29"  # five working days over Mid-Autumn


@pytest.mark.parametrize("name", ["outgoing", "incoming"])
def test_the_drawings_pass_the_checks(name):
    from zhijian.apps.consumer.bay_area import procedure

    declared = procedure.OUTGOING if name == "outgoing" else procedure.INCOMING
    assert declared.drawing.stem == name
    assert checks.problems(declared, declared.drawing_text()) == []
