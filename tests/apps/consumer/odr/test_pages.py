"""Pages of the parties and of officers: in, act, refused, out; and what each never sees."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.apps.consumer.complaints.casework import CLUE
from tests.apps.consumer.complaints.casework import CONSUMER as PERSON
from tests.apps.consumer.odr.roomwork import CODE, Table
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.odr import opening, services
from zhijian.apps.consumer.odr.models import CONSUMER, FIRM, NoticeAddress, RoomEvent
from zhijian.security.models import AccessRecord
from zhijian.standards.calendar import statutory_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def today_table(journey, home, monkeypatch):
    """A room of today: the pages ask the clock."""
    monkeypatch.setattr(Table, "now", property(lambda self: timezone.now() - timedelta(minutes=5)))
    started = statutory_day(timezone.now())
    table = Table.__new__(Table)
    table.journey, table.office = journey, journey.office
    journey.day = started - timedelta(days=1)
    from tests.apps.consumer.odr.roomwork import give_receipt

    table.complaint = give_receipt(journey.in_mediation(), 4821)
    table.room = opening.open_room(table.complaint, by=table.office.mediator, at=table.now)
    table.firm_code = table.invite()
    journey.day = started
    return table


def enter_consumer(client, table, code=CODE):
    number = table.complaint.submission.receipt_number
    return client.post("/odr/enter/consumer/", {"number": number, "code": code}, follow=True)


def enter_firm(client, table, code=None):
    sent = {"room": table.room.number, "code": code or table.firm_code}
    return client.post("/odr/enter/firm/", sent, follow=True)


def act(client, name, **data):
    return client.post("/odr/room/act/", {"act": name, **data}, follow=True)


def test_both_sides_talk_agree_and_the_mediator_seals(client, django_user_model, today_table):
    from django.test import Client

    table, firm = today_table, Client()
    assert "您是：消费者" in enter_consumer(client, table).content.decode()
    page = enter_firm(firm, table).content.decode()
    assert "您是：商家" in page and PERSON.phone not in page and PERSON.name not in page
    last = (table.journey.day + timedelta(days=9)).isoformat()
    given = {"amount": "58", "what": "退货", "done_by": last, "open_until": last, "seen": "0"}
    act(client, "offer", **given)
    page = act(firm, "offer", **given | {"amount": "40", "seen": "0"})
    assert page.status_code == 409 and "对方刚刚提出" in page.content.decode()
    assert 'value="40"' in page.content.decode()
    act(firm, "offer", **given | {"amount": "40", "seen": "1"})
    assert "方案已接受" in act(client, "accept", offer="2").content.decode()
    digest = services.pending_agreement(table.room).digest
    assert act(client, "confirm", code="0000-0000", digest=digest).status_code == 422
    act(client, "confirm", code=CODE, digest=digest)
    assert "双方都已确认" in act(firm, "confirm", code=table.firm_code, digest=digest).content.decode()
    desk = Client()
    desk.force_login(table.office.mediator)
    place = f"/work/odr/rooms/{table.room.number}/"
    assert "出具调解书" in desk.get(place).content.decode()
    assert desk.post(place, {"act": "conclude"}, follow=True).status_code == 200
    assert Complaint.objects.get(pk=table.complaint.pk).state == "agreed"
    for one in (client, firm):
        assert one.get("/odr/room/paper/").content.startswith(b"%PDF")
        act(one, "court")
    assert desk.post(place, {"act": "judicial"}, follow=True).status_code == 200
    number = table.room.packages.get().pk
    assert client.get(f"/odr/room/packages/{number}/").status_code == 200
    assert desk.get(f"{place}packages/{number}/")["Content-Type"] == "application/zip"
    parts = set(AccessRecord.objects.values_list("part", flat=True))
    assert {"odr_room", "odr_package"} <= parts
    entered = RoomEvent.objects.filter(verb="entered").values_list("side", flat=True)
    assert list(entered) == [CONSUMER, FIRM]


def test_what_is_refused_says_why_and_keeps_what_was_typed(client, today_table):
    enter_consumer(client, today_table)
    for data, says in (
        ({"act": "offer", "amount": "-3", "what": "退货一件", "seen": "0"}, "负数"),
        ({"act": "offer", "amount": "1e30", "what": "退货一件", "seen": "0"}, "普通数字"),
        ({"act": "say", "text": "<script>alert(1)</script>退货一件"}, "网页代码"),
        ({"act": "say", "text": "退货一件，打13800001234"}, "电话"),
        ({"act": "accept", "offer": "7"}, "没有这个方案"),
        ({"act": "accept", "offer": "x"}, "请从页面上选"),
        ({"act": "hand_in"}, "请选一个文件"),
    ):
        page = client.post("/odr/room/act/", data)
        text = page.content.decode()
        assert page.status_code in (409, 422) and says in text, data
        assert "<script>alert" not in text
        assert ("退货一件" in text) == ("amount" in data or "text" in data)
    assert client.post("/odr/room/act/", {"act": "fly"}).status_code == 404


def test_wrong_codes_are_counted_with_those_of_the_status_page(client, today_table):
    for _try in range(10):
        assert enter_consumer(client, today_table, "0000-0000").status_code == 422
    assert enter_consumer(client, today_table).status_code == 429
    number = today_table.complaint.submission.receipt_number
    assert client.post("/complain/status/", {"number": number, "code": CODE}).status_code == 429


def test_wrong_invitations_are_counted_by_the_room(client, today_table):
    for _try in range(10):
        assert enter_firm(client, today_table, "0000-0000-0000").status_code == 422
    assert enter_firm(client, today_table).status_code == 429


def test_a_firm_whose_invitation_is_taken_back_is_out_at_once(client, today_table):
    enter_firm(client, today_table)
    opening.revoke(today_table.invitation, reason="换人", by=today_table.office.mediator, at=timezone.now())
    page = client.get("/odr/room/")
    assert page.status_code == 403 and "已被收回" in page.content.decode()
    assert client.get("/odr/room/").status_code == 302
    assert enter_firm(client, today_table).status_code == 403


def test_who_is_not_in_comes_to_the_door_and_leaving_closes_it(client, today_table):
    assert client.get("/odr/room/").status_code == 302
    enter_consumer(client, today_table)
    assert client.get("/odr/room/").status_code == 200
    client.post("/odr/leave/")
    assert client.get("/odr/room/").status_code == 302
    client.cookies["zhijian_room"] = "1|consumer|0:forged"
    assert client.get("/odr/room/").status_code == 302


def test_a_report_s_receipt_opens_no_room(client, journey, home, today_table):
    from tests.apps.consumer.odr.roomwork import give_receipt

    report = give_receipt(journey.report(clue=CLUE), 99)
    sent = {"number": report.submission.receipt_number, "code": CODE}
    page = client.post("/odr/enter/consumer/", sent)
    assert page.status_code == 404 and "举报不调解" in page.content.decode()


def test_the_other_side_s_documents_are_not_there_until_disclosed(client, today_table):
    from django.test import Client

    from tests.apps.consumer.complaints.intake.citizen import photo

    firm = Client()
    enter_consumer(client, today_table)
    enter_firm(firm, today_table)
    upload = SimpleUploadedFile("小票.jpg", photo(), "image/jpeg")
    client.post("/odr/room/act/", {"act": "hand_in", "files": [upload]})
    assert client.get("/odr/room/files/1/").status_code == 200
    assert firm.get("/odr/room/files/1/").status_code == 404
    assert act(firm, "disclose", file="1").status_code == 422
    act(client, "disclose", file="1")
    shown = firm.get("/odr/room/files/1/")
    assert shown.status_code == 200 and today_table.room.number in shown["Content-Disposition"]
    file = today_table.room.files.get().file
    assert [one.who for one in file.custody.all()][-1] == "商家（在线调解室）"
    for officer, status in ((today_table.office.mediator, 200), (today_table.office.handler, 403)):
        firm.force_login(officer)
        assert firm.get(f"/work/files/{file.pk}/").status_code == status


def test_officers_see_rooms_of_their_area_and_private_words_only_who_mediates(client, today_table):
    table, place = today_table, f"/work/odr/rooms/{today_table.room.number}/"
    services.note_to(table.room, "悄悄话", to=FIRM, by=table.office.mediator, at=timezone.now())
    for officer, status, sees in ((table.office.mediator, 200, True), (table.office.handler, 200, False)):
        client.force_login(officer)
        page = client.get(place)
        assert page.status_code == status and ("悄悄话" in page.content.decode()) is sees
    client.force_login(table.office.other_handler)
    assert client.get(place).status_code == 403
    assert table.room.number not in client.get("/work/odr/").content.decode()
    client.force_login(table.office.handler)
    assert client.post(place, {"act": "conclude"}).status_code == 403
    code = client.post(place, {"act": "invite"}).content.decode()
    assert "只显示这一次" in code


def test_the_desk_refuses_in_words_and_a_report_s_number_leads_nowhere(client, journey, home, today_table):
    client.force_login(journey.office.mediator)
    page = client.post("/work/odr/", {"number": journey.report().number})
    assert page.status_code == 404 and "没有这个编号的投诉" in page.content.decode()
    desk = f"/work/odr/complaints/{today_table.complaint.number}/"
    assert client.get(desk).status_code == 200
    assert client.post(desk, {"act": "open"}).status_code == 409
    refused = client.post(desk, {"act": "refer", "body": "x", "reason": "y"})
    assert refused.status_code == 409 and "没有同意" in refused.content.decode()


def test_a_refused_act_shows_the_room_and_is_a_look_as_well(client, today_table):
    table, place = today_table, f"/work/odr/rooms/{today_table.room.number}/"
    client.force_login(table.office.mediator)
    assert client.post(place, {"act": "say", "text": ""}).status_code == 422
    assert AccessRecord.objects.get(part="odr_room").reason == table.room.number
    desk = f"/work/odr/complaints/{table.complaint.number}/"
    assert client.post(desk, {"act": "open"}).status_code == 409
    assert AccessRecord.objects.get(part="odr_desk").subject == table.complaint.number


def test_the_page_offers_no_seal_to_who_issued_the_code(client, today_table):
    table, place = today_table, f"/work/odr/rooms/{today_table.room.number}/"
    table.firm_code = table.invite(by=table.office.mediator)
    table.agree()
    table.confirm(CONSUMER)
    table.confirm(FIRM)
    client.force_login(table.office.mediator)
    page = client.get(place).content.decode()
    assert "您不能再核对、出具" in page and 'value="conclude"' not in page
    assert client.post(place, {"act": "conclude"}).status_code == 403
    client.force_login(table.another_mediator())
    assert 'value="conclude"' in client.get(place).content.decode()


def test_the_page_keeps_an_address_shows_it_masked_and_forgets_it(client, today_table):
    enter_consumer(client, today_table)
    page = client.post("/odr/room/act/", {"act": "address", "email": "zhang"})
    assert page.status_code == 422 and "邮箱的写法不对" in page.content.decode()
    page = client.post("/odr/room/act/", {"act": "address", "email": "zhang@example.com"}, follow=True)
    assert "z***@example.com" in page.content.decode()
    page = client.post("/odr/room/act/", {"act": "address"}, follow=True)
    assert "z***@example.com" not in page.content.decode() and not NoticeAddress.objects.exists()


def test_statistics_are_public_with_their_file(client, today_table):
    page = client.get("/odr/statistics/")
    assert page.status_code == 200 and "1个调解室" in page.content.decode()
    file = client.get("/odr/statistics/?format=csv")
    assert file.content.startswith(b"\xef\xbb\xbfdivision_code") and b"440100" in file.content
    assert client.get("/odr/").status_code == 200
    client.cookies["django_language"] = "en"
    assert "Room" in client.get("/odr/").content.decode()
