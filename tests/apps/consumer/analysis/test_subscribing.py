"""Warnings by e-mail: nothing before the click, nothing at night, nothing after leaving, and no address anywhere."""

import re
from datetime import timedelta

import pytest
from django.core import mail

from tests.apps.consumer.analysis.test_services import TODAY, at, published
from zhijian.apps.consumer.analysis import services, subscribing
from zhijian.apps.consumer.analysis.models import Subscription
from zhijian.apps.consumer.analysis.policies import NotNow
from zhijian.engines.notices.models import Dispatch
from zhijian.engines.notices.services import send_due

pytestmark = pytest.mark.django_db
ADDRESS = "Reader@Example.com"


@pytest.fixture(autouse=True)
def house(settings, tmp_path):
    settings.NOTICE_SENDER = "zhijian@example.com"
    settings.SITE = "https://zhijian.example/"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def posted(day=TODAY, hour=10):
    """What leaves at that moment; the mailbox is emptied."""
    send_due(at=at(day, hour))
    found, mail.outbox = list(mail.outbox), []
    return found


def subscribed(address=ADDRESS, language="zh", **chosen):
    subscribing.ask(address, language=language, at=at(TODAY - timedelta(1)), **chosen)
    (message,) = posted(TODAY - timedelta(1))
    code = re.search(r"/warnings/subscribe/([0-9a-f]{40})/", message.body)[1]
    found = subscribing.waiting(code, at=at(TODAY - timedelta(1), 11))
    return subscribing.confirm(found, at=at(TODAY - timedelta(1), 11))


def test_nothing_is_sent_before_the_click_and_the_address_lies_sealed(province):
    subscribing.ask(ADDRESS, language="zh-hans", at=at(TODAY))
    assert len(posted()) == 1
    published(province)
    assert subscribing.tell_subscribers(at=at(TODAY, 15)) == 0
    row = Subscription.objects.values().get()
    assert "xample" not in str(row).lower()
    assert not Dispatch.objects.exclude(address="").exists()


def test_a_subscriber_is_told_once_in_the_morning_and_leaves_by_one_click(province, client):
    subscribed(language="en")
    warning = published(province)
    assert subscribing.tell_subscribers(at=at(TODAY, 22)) == 1
    assert not subscribing.has_untold()
    assert posted(TODAY, 23) == []
    (message,) = posted(TODAY + timedelta(1), 8)
    assert f"https://zhijian.example/warnings/{warning.number}/" in message.body
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    leave = message.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("https://zhijian.example")
    assert client.get(leave).status_code == 200
    assert Subscription.objects.count() == 1  # a scanner that opens links ends nothing
    page = client.post(leave, {"List-Unsubscribe": "One-Click"})
    assert "example.com" not in page.content.decode().lower()
    assert Subscription.objects.count() == 0
    assert client.post(leave).status_code == 200


def test_only_chosen_topics_and_cities_are_told_and_what_concerns_all(province):
    mine = subscribed(topic_codes=["M11"], division_codes=["440300"])
    warning = published(province)
    for topic, place, wanted in (
        ("", "", True), ("M11", "440305", True), ("M1102", "", True), ("M01", "", False), ("M11", "440100", False),
        ("M11", "440000", True),
    ):  # fmt: skip
        warning.topic_code, warning.division_code = topic, place
        assert mine.wants(warning) is wanted, (topic, place)


def test_who_was_told_hears_that_it_was_taken_back(province):
    subscribed()
    warning = published(province)
    subscribing.tell_subscribers(at=at(TODAY, 15))
    posted(TODAY, 15)
    services.take_step(warning, "take_back", note="数据有误", by=province.leader, at=at(TODAY, 16))
    assert subscribing.tell_subscribers(at=at(TODAY, 17)) == 1
    assert subscribing.tell_subscribers(at=at(TODAY, 18)) == 0
    assert "已撤回" in posted(TODAY, 18)[0].body


def test_nobody_is_told_of_what_was_published_before_they_subscribed(province):
    published(province)
    subscribing.ask(ADDRESS, language="zh", at=at(TODAY, 15))
    subscribing.confirm(Subscription.objects.get(), at=at(TODAY, 16))
    assert subscribing.tell_subscribers(at=at(TODAY, 17)) == 0


def test_a_new_choice_takes_the_place_of_the_old_one_after_its_own_click():
    first = subscribed(topic_codes=["M01"])
    subscribing.ask(ADDRESS.lower(), topic_codes=["M11"], language="zh", at=at(TODAY))
    assert Subscription.objects.filter(confirmed_at__isnull=False).get() == first
    subscribing.confirm(Subscription.objects.get(confirmed_at=None), at=at(TODAY, 11))
    assert Subscription.objects.get().topic_codes == ["M11"]


def test_a_stranger_cannot_fill_a_mailbox_and_what_nobody_confirmed_is_forgotten():
    for _ in range(6):
        subscribing.ask(ADDRESS, language="zh", at=at(TODAY))
    assert len(posted()) == subscribing.MOST_MESSAGES
    assert subscribing.forget_unconfirmed(at=at(TODAY + timedelta(1))) == 0
    assert subscribing.forget_unconfirmed(at=at(TODAY + timedelta(2))) == subscribing.MOST_MESSAGES


@pytest.mark.parametrize(
    ("address", "topics", "cities"),
    [
        ("", [], []), ("nobody", [], []), ("a@b", [], []), ("a@example.com\nBcc: b@example.com", [], []),
        ("x" * 250 + "@example.com", [], []), ("a@example.com", ["M0101"], []), ("a@example.com", [], ["110000"]),
    ],
)  # fmt: skip
def test_what_is_no_address_topic_or_city_is_refused(address, topics, cities):
    with pytest.raises(NotNow) as refused:
        subscribing.ask(address, topic_codes=topics, division_codes=cities, language="zh", at=at(TODAY))
    assert refused.value.message_en
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "code", ["", "1", "1-", "0-abc", "九-abc", "99999999999999999999-a", "1-" + "f" * 40]
)
def test_a_link_that_is_none_of_ours_ends_nothing(code):
    subscribed()
    assert subscribing.find_leaving(code) is None
    assert subscribing.waiting(code, at=at(TODAY)) is None
    assert Subscription.objects.count() == 1


def test_the_pages_say_the_same_to_known_and_unknown_and_show_no_address(client):
    subscribed()
    known = client.post("/warnings/subscribe/", {"address": ADDRESS, "topic": ["M01"], "city": ["440100"]})
    other = client.post("/warnings/subscribe/", {"address": "other@example.com"})
    assert known.content == other.content
    assert b"xample.com" not in known.content
    wrong = client.post("/warnings/subscribe/", {"address": "<script>alert(1)</script>"})
    assert wrong.status_code == 422
    assert b"<script>alert" not in wrong.content
    assert client.get("/warnings/subscribe/nothing/").status_code == 404


def test_what_waited_for_the_morning_is_not_sent_to_who_has_left(province):
    subscription = subscribed()
    published(province)
    assert subscribing.tell_subscribers(at=at(TODAY, 22)) == 1
    subscribing.leave(subscription)
    assert posted(TODAY + timedelta(1), 8) == []
    assert not Dispatch.objects.exclude(address="").exists()
