"""One call tells a person by every way; nothing twice, nothing at night, nothing lost in silence."""

import hashlib
import hmac
import json
from datetime import datetime, timedelta

import pytest
from django.core import mail

from tests.portal.pages import town
from zhijian.engines.notices import declaration, quiet, services
from zhijian.engines.notices.declaration import NoticeKind, NoticeProblem
from zhijian.engines.notices.models import Dispatch, Notice
from zhijian.engines.notices.services import Contact, notify, send_due
from zhijian.operations.jobs import enqueue_notices, send_notices
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.usefixtures("kinds")]
NOON = datetime(2026, 11, 20, 12, tzinfo=ZONE)
NIGHT = datetime(2026, 11, 20, 22, 30, tzinfo=ZONE)
DATA = {"what": "公示检查结果", "n": 7}
CITIZEN = Contact({"sms": "13800000021", "email": "wang@example.com"}, language="en")


def told(kind="due", to=(CITIZEN,), at=NOON, **more):
    return notify(kind, to=to, data=DATA, at=at, **more)


def test_an_officer_reads_it_in_the_bell_at_once_even_at_night(client, officer):
    told(to=[officer], at=NIGHT)
    client.force_login(officer)
    page = client.get("/work/notices/").content.decode()
    assert "公示检查结果今天到期。" in page
    assert "通知1条未读" in page
    notice = Notice.objects.get()
    assert client.post("/work/notices/", {"notice": notice.pk}).headers["Location"] == "/work/7/"
    assert services.unread_count(officer) == 0
    told(to=[officer], once="another day")
    assert client.post("/work/notices/").headers["Location"] == "/work/notices/"
    assert services.unread_count(officer) == 0


def test_nobody_reads_or_marks_the_notices_of_another(client, officer):
    (notice,) = told(to=[officer])
    client.force_login(town.officer("other", "handler", division="440106"))
    assert "公示检查结果" not in client.get("/work/notices/").content.decode()
    assert client.post("/work/notices/", {"notice": notice.pk}).headers["Location"] == "/work/notices/"
    assert services.unread_count(officer) == 1


def test_a_person_outside_gets_it_by_each_way_in_their_language(gateway):
    told()
    assert send_due(at=NOON) == {"sent": 2, "later": 0, "dead": 0}
    ((url, body, headers),) = gateway.sent
    content = json.loads(body)
    assert url == "https://sms.example.com/in"
    assert (content["to"], content["text"]) == ("13800000021", "公示检查结果 is due today.")
    told_bytes = f"{headers['X-Zhijian-Timestamp']}.{headers['X-Zhijian-Notice']}.".encode() + body
    assert headers["X-Zhijian-Signature"] == hmac.new(b"s" * 32, told_bytes, hashlib.sha256).hexdigest()
    (message,) = mail.outbox
    assert (message.subject, message.to) == ("Due today", ["wang@example.com"])
    assert set(Dispatch.objects.values_list("state", "address")) == {("sent", "")}
    assert set(Dispatch.objects.values_list("address_shown", flat=True)) == {
        "138****0021",
        "w***@example.com",
    }


def test_the_same_is_told_once_and_another_occasion_again(gateway, officer):
    told(to=[CITIZEN, CITIZEN, officer])
    told(to=[CITIZEN, officer], at=NOON + timedelta(hours=1))
    assert Notice.objects.count() == 2
    told(once="2026-12-01")
    told(once="2026-12-01")
    assert Notice.objects.count() == 3
    assert send_due(at=NOON + timedelta(hours=2))["sent"] == 4
    assert send_due(at=NOON + timedelta(hours=2))["sent"] == 0


@pytest.mark.parametrize(
    ("hour", "minute", "leaves"),
    [(20, 59, (20, 20, 59)), (21, 0, (21, 8, 0)), (23, 59, (21, 8, 0)), (0, 0, (20, 8, 0)), (7, 59, (20, 8, 0)), (8, 0, (20, 8, 0))],
)  # fmt: skip
def test_between_nine_and_eight_it_waits_for_the_morning(hour, minute, leaves):
    moment = quiet.after(datetime(2026, 11, 20, hour, minute, tzinfo=ZONE))
    assert (moment.day, moment.hour, moment.minute) == leaves


def test_at_night_only_what_is_urgent_leaves(gateway):
    told(at=NIGHT)
    told("recall", at=NIGHT)
    assert send_due(at=NIGHT)["sent"] == 2
    assert b"recall" in gateway.sent[0][1]
    assert send_due(at=NIGHT + timedelta(hours=10))["sent"] == 2


def test_what_does_not_arrive_is_tried_six_times_ever_later_and_then_seen_by_the_steward(gateway, client):
    gateway.answer = "answered 503"
    told(to=[Contact({"sms": "13800000021"})])
    at, waits = NOON, []
    for _ in range(6):
        send_due(at=at)
        kept = Dispatch.objects.get()
        waits.append(round((kept.due_at - at).total_seconds() / 60))
        at = kept.due_at
    assert waits[:4] == [1, 4, 16, 64]
    assert (kept.state, kept.tries, kept.problem) == ("dead", 6, "answered 503")
    assert len({headers["X-Zhijian-Notice"] for _url, _body, headers in gateway.sent}) == 1
    client.force_login(town.officer("keeper", "steward", division="440000"))
    page = client.get("/work/notices/dead/").content.decode()
    assert "138****0021" in page
    assert "13800000021" not in page
    gateway.answer = "sent"
    client.post("/work/notices/dead/", {"dispatch": kept.pk, "action": "again"})
    assert send_due(at=datetime.now(ZONE) + timedelta(days=1))["sent"] == 1
    assert "都已送达" in client.get("/work/notices/dead/").content.decode()


def test_what_was_subscribed_to_and_did_not_arrive_leaves_no_address_behind(gateway):
    gateway.answer = "answered 503"
    declaration.register([NoticeKind("weekly", "周报", "Weekly", "本周。", "This week.", forgets_dead=True)])
    told("weekly", to=[Contact({"sms": "13800000021"})])
    for _ in range(6):
        send_due(at=Dispatch.objects.get().due_at)
    kept = Dispatch.objects.get()
    assert (kept.state, kept.address, kept.address_shown) == ("dead", "", "138****0021")


def test_a_dead_letter_is_given_up_and_its_address_forgotten(gateway, client, officer):
    told(to=[Contact({"sms": "13800000021"})])
    Dispatch.objects.update(state="dead")
    number = Dispatch.objects.get().pk
    client.force_login(officer)
    assert client.get("/work/notices/dead/").status_code == 403
    client.force_login(town.officer("county", "steward", division="440106"))  # letters of the whole province
    assert client.get("/work/notices/dead/").status_code == 403
    assert client.post("/work/notices/dead/", {"dispatch": number, "action": "forget"}).status_code == 403
    assert Dispatch.objects.get().address
    client.force_login(town.officer("keeper", "steward", division="440000"))
    assert client.post("/work/notices/dead/", {"dispatch": "x"}).status_code == 302
    client.post("/work/notices/dead/", {"dispatch": number, "action": "forget"})
    assert Dispatch.objects.get().address == ""
    assert not services.dead_letters().exists()


def test_a_sender_that_died_leaves_its_letters_to_the_next(gateway):
    told(to=[Contact({"sms": "13800000021"})])
    (taken,) = services._take_up(10, at=NOON)
    assert taken.state == "sending"
    assert send_due(at=NOON + timedelta(minutes=5))["sent"] == 0
    assert send_due(at=NOON + services.STUCK)["sent"] == 1


def test_a_way_that_is_not_set_up_is_not_promised(settings, officer):
    settings.NOTICE_WEBHOOKS, settings.NOTICE_SENDER = {}, ""
    told(to=[CITIZEN, officer])
    assert (Notice.objects.count(), Dispatch.objects.count()) == (2, 0)


def test_the_worker_sends_what_is_due_and_rests_otherwise(gateway):
    now = datetime.now(ZONE)
    assert not enqueue_notices(now)
    told("recall", at=now)
    assert enqueue_notices(now)
    assert "'sent': 2" in send_notices.call()


def test_a_mistake_of_the_program_is_told_at_once():
    for kind, data in (("nothing", DATA), ("due", {"what": "x"})):
        with pytest.raises(NoticeProblem):
            notify(kind, to=[CITIZEN], data=data, at=NOON)
    with pytest.raises(NoticeProblem, match="no such way: pigeon"):
        told(to=[Contact({"pigeon": "x"})])
    declaration.register([NoticeKind("out", "外", "Out", "x", "x", "//evil.example/")])
    with pytest.raises(NoticeProblem, match="no path of this site"):
        told("out")
    assert not Notice.objects.exists()


def test_a_subject_is_one_line_and_a_text_no_markup(client, officer):
    data = {"what": "<script>x</script>\r\nBcc: all@example.com", "n": 1}
    (notice,) = notify("due", to=[officer], data=data, at=NOON)
    assert "\n" not in notice.text_zh
    client.force_login(officer)
    assert "<script>x" not in client.get("/work/notices/").content.decode()


def test_kinds_are_read_from_a_file_with_both_languages(tmp_path):
    path = tmp_path / "notices.yaml"
    path.write_text("a:\n  title: {zh: 甲, en: A}\n  text: {zh: 甲, en: A}\n  is_urgent: true\n", "utf-8")
    assert declaration.load(path) == (NoticeKind("a", "甲", "A", "甲", "A", "", True),)
    half = tmp_path / "half.yaml"
    half.write_text("a:\n  title: {zh: 甲}\n", "utf-8")
    with pytest.raises(NoticeProblem, match="'a' is not whole"):
        declaration.load(half)
