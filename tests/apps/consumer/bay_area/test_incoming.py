"""S01, into Guangdong: taken in once, examined, answered or made a complaint; the other side hears each step."""

import json
from datetime import timedelta

import pytest

from tests.apps.consumer.bay_area.handing import HK, MO, ROW
from zhijian.apps.consumer.bay_area import outbox, queries, reading, rules, services
from zhijian.apps.consumer.bay_area.errors import BadInput
from zhijian.apps.consumer.bay_area.models import Line, Message, Transfer
from zhijian.apps.consumer.complaints.intake import keys
from zhijian.apps.consumer.complaints.models import Complaint

pytestmark = pytest.mark.django_db


def echoes(transfer):
    bodies = [json.loads(outbox.body_of(one)) for one in transfer.messages.all() if one.body_sealed]
    return [one["status"] for one in bodies]


def examined(desk, transfer, outcome, reason="商户在天河，属于本会联系范围"):
    return desk.do(transfer, "examine", desk.handler, outcome=outcome, examination_reason=reason)


def test_the_council_contacts_the_trader_and_no_clock_of_the_law_runs(desk):
    transfer = examined(desk, desk.received(), "contact")
    transfer = desk.do(transfer, "contact_trader", desk.handler, result="settled", answer="商户同意退款。")
    assert echoes(transfer) == ["ACKNOWLEDGED", "IN_CONTACT", "SETTLED"]
    assert not Complaint.objects.exists()
    assert transfer.case.status == "closed"


def test_handed_to_the_authority_it_is_a_complaint_whose_clock_begins_that_day(desk):
    transfer = desk.received()
    desk.later(3)
    transfer = examined(desk, transfer, "escalate")
    complaint = transfer.complaint
    assert (complaint.organisation, complaint.submission.channel) == (desk.journey.office.unit, "transfer")
    assert complaint.submission.competent_received_at == desk.at
    assert complaint.submission.first_received_at == desk.at - timedelta(days=3)
    assert complaint.submission.parties.get().id_type == "hk_macao"
    assert complaint.amount_yuan is None  # 699 Hong Kong dollars are not 699 yuan
    assert "HKD 699.00" in complaint.facts_text
    assert list(complaint.claims) == ["refund"]


def test_the_echo_follows_the_complaint(desk):
    desk.journey.day = desk.day
    transfer = examined(desk, desk.received(), "escalate")
    journey, office = desk.journey, desk.journey.office
    complaint = journey.do(transfer.complaint, "examine", office.intake, outcome="pass")
    assert services.follow(at=desk.at) == 0
    complaint = journey.do(
        complaint, "decide_acceptance", office.handler, outcome="accept", contact="示例李 020"
    )
    assert services.follow(at=desk.at) == 1
    assert services.follow(at=desk.at) == 0
    assert echoes(transfer) == ["ACKNOWLEDGED", "ESCALATED_TO_AUTHORITY", "IN_CONTACT"]


def test_the_same_case_delivered_twice_at_once_is_taken_in_once(desk, monkeypatch):
    first = desk.receive()
    known, asked = services._known, []

    def too_early(council, reference):
        asked.append(reference)
        return None if len(asked) == 1 else known(council, reference)

    monkeypatch.setattr(services, "_known", too_early)
    assert desk.receive() == services.Taken(first.number, "known", first.status)
    asked.clear()
    assert desk.receive(claim="换货").outcome == "changed"
    assert len(asked) == 2 and Transfer.objects.count() == 1 and Message.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("division_code", "44０１０６"),
        ("id_number", "H０１２３４５６７"),
        ("amount", "６９９"),
        ("amount", "1e3"),
        ("amount", "1_000"),
        ("amount", "-5"),
    ],
)
def test_digits_of_another_script_and_odd_numbers_are_refused_by_their_field(desk, field, value):
    with pytest.raises(BadInput) as refused:
        desk.receive(**{field: value})
    assert [name for name, _, _ in refused.value.problems] == [field]


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (["received", "id_pending", "transferred"], "ESCALATED_TO_AUTHORITY"),
        (["received", "accepted", "testing"], "IN_CONTACT"),
        (["received", "accepted", "mediating", "agreed", "closed"], "SETTLED"),
        (["received", "rejected"], "FAILED"),
        (["received", "accepted", "terminated", "closed"], "FAILED"),
    ],
)
def test_states_of_a_complaint_are_told_in_the_words_of_the_agreement(states, told):
    assert rules.status_of(states) == told


def test_outside_the_remit_it_goes_back_with_the_reason(desk):
    transfer = examined(desk, desk.received(), "return", "属于医疗服务纠纷，不是消费争议")
    body = json.loads(outbox.body_of(transfer.messages.latest("pk")))
    assert (body["status"], body["note"]) == ("RETURNED", "属于医疗服务纠纷，不是消费争议")


def test_the_same_delivery_twice_is_one_and_another_content_is_not_taken(desk):
    first, again, changed = desk.receive(), desk.receive(), desk.receive(facts="換了一個說法，要求賠償。")
    assert [first.outcome, again.outcome, changed.outcome] == ["received", "known", "changed"]
    assert first.number == again.number == changed.number
    assert Transfer.objects.get().facts == ROW["facts"]
    assert "不同的内容" in Transfer.objects.get().history[-1].note
    assert desk.receive(MO).outcome == "received"  # the same number of another council is another case


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"currency": "USD"}, "currency"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"division_code": "110101"}, "division_code"),
        ({"consents_to_transfer": False}, "consents_to_transfer"),
        ({"consumer_phone": ""}, "consumer_phone"),
        ({"language": "pt"}, "language"),
        ({"reference": " "}, "reference"),
        ({"id_number": "A123456(7)"}, "id_number"),
    ],
)
def test_a_bad_delivery_is_refused_by_its_field(desk, changed, field):
    with pytest.raises(BadInput) as refused:
        desk.receive(**changed)
    assert [name for name, _, _ in refused.value.problems] == [field]
    assert not Transfer.objects.exists()


@pytest.mark.parametrize(
    ("kind", "number", "fits"),
    [
        ("hk_macao_permit", "H01234567", True),
        ("hk_macao_permit", "m0123456701", True),
        ("hk_macao_permit", "T01234567", False),
        ("hk_macao_residence", "810000199408230021", True),
        ("hk_macao_residence", "810000199408230022", False),
        ("hk_macao_residence", "440106199001010011", False),
        ("passport", "K01234567", True),
        ("", "H01234567", False),
        ("hkid", "A1234567", False),
    ],
)
def test_documents_have_their_form(kind, number, fits):
    assert (rules.document_problem(kind, number) is None) is fits


def test_the_fingerprint_does_not_hang_on_the_order_of_fields():
    assert reading.digest_of(ROW) == reading.digest_of(dict(reversed(ROW.items())))


def test_a_firm_is_found_however_its_characters_are_written(monkeypatch):
    from types import SimpleNamespace

    firm = SimpleNamespace(name="示例广东电器有限公司", uscc="91440106MA9XH0T01X", county_code="440106")
    monkeypatch.setattr(services.finding, "search", lambda name, city: SimpleNamespace(records=(firm,)))
    assert services.found_firm("示例廣東電器有限公司", "") is firm
    assert services.found_firm("示例廣東電器", "") is None


def test_echoes_leave_signed_in_order_and_are_tried_again(desk, monkeypatch):
    key = keys.issue(
        "示例港方",
        HK.system,
        desk.handler.organisation,
        by=None,
        at=desk.at,
        randomness=desk.random.randbytes,
    )
    Line.objects.create(council="hk", address="https://hk.example/echo", key=keys.find(key), set_at=desk.at)
    transfer = examined(desk, desk.received(), "contact")
    posted, answers = [], iter(["answered 503", "sent", "sent"])

    def post(url, body, headers):
        text = body.read()
        line = Line.objects.get()
        expected = outbox.signature(
            outbox.secret_of(line), headers["X-Zhijian-Timestamp"], headers["X-Zhijian-Message"], text
        )
        assert headers["X-Zhijian-Signature"] == expected
        posted.append(json.loads(text)["status"])
        return next(answers)

    monkeypatch.setattr(outbox, "post", post)
    assert outbox.send_due(at=desk.at) == {"sent": 0, "later": 1, "dead": 0}
    assert (
        not outbox.has_due(desk.at) or outbox.send_due(at=desk.at)["sent"] == 0
    )  # the second waits for the first
    later = desk.at + timedelta(minutes=2)
    assert outbox.send_due(at=later) == {"sent": 2, "later": 0, "dead": 0}
    assert posted == ["ACKNOWLEDGED", "ACKNOWLEDGED", "IN_CONTACT"]
    assert set(Message.objects.values_list("body_sealed", flat=True)) == {""}
    assert transfer.status == "IN_CONTACT"


def test_what_never_arrives_is_given_up_where_officers_see_it(desk, monkeypatch):
    key = keys.issue(
        "示例港方",
        HK.system,
        desk.handler.organisation,
        by=None,
        at=desk.at,
        randomness=desk.random.randbytes,
    )
    Line.objects.create(council="hk", address="https://hk.example/echo", key=keys.find(key), set_at=desk.at)
    transfer = desk.received()
    monkeypatch.setattr(outbox, "post", lambda *_: "not reached: TimeoutError")
    for minutes in (0, 1, 5, 21, 85, 341):
        outbox.send_due(at=desk.at + timedelta(minutes=minutes))
    assert queries.shown(queries.numbered(transfer.number))["dead"]
