"""The proof about a code over HTTP, the chain of roots, and the files of a mirror."""

import sys
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.engines.publicity.conftest import DAY, FIRM, NONE, build, morning, penalty  # noqa: F401
from zhijian.apps.consumer.complaints.intake.throttle import Limit
from zhijian.engines.facts import seals
from zhijian.engines.publicity import mirror
from zhijian.engines.publicity.checking import Given, check

pytestmark = [pytest.mark.django_db]
ROOT = "/api/v1/publicity"


def lines(response):
    return b"".join(response.streaming_content).decode().splitlines(keepends=True)


@pytest.fixture
def today():
    return timezone.localdate()


def test_the_answer_over_http_verifies_as_a_stranger_would(penalty, build, client: Client):  # noqa: F811
    penalty()
    build()
    seals.seal_day(DAY, at=morning(DAY + timedelta(days=1)))
    given = Given(
        roots=client.get(f"{ROOT}/roots").json()["roots"], logged=client.get(f"{ROOT}/roots/{DAY}").json()
    )
    for code, count in ((FIRM, 1), (NONE, 0)):
        answer = client.get(f"{ROOT}/{code}").json()
        assert len((answer["leaf"] or {"items": []})["items"]) == count
        assert all(one.ok is not False for one in check(answer, given))
    assert client.get(f"{ROOT}/{FIRM}", {"day": "2026-11-03"}).json()["leaf"] is not None


def test_a_list_of_which_an_item_left_since_the_root_is_not_handed_out(penalty, build, client: Client):  # noqa: F811
    from zhijian.engines.facts import services

    fact = penalty()
    build()
    services.withdraw(fact, reason="处罚决定被撤销", by="demo", at=morning(DAY) + timedelta(hours=9))
    answer = client.get(f"{ROOT}/{FIRM}").json()
    assert (answer["leaf"], answer["is_withheld"]) == (None, True)
    assert all(one.ok is not False for one in check(answer, Given()))


def test_a_mirror_is_fed_with_what_is_public_today_and_no_older_list(penalty, build, client: Client, today):  # noqa: F811
    penalty()
    build()
    refused = client.get(f"{ROOT}/snapshot.jsonl")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "no_root_today")
    build(today - timedelta(days=1))
    copy = lines(client.get(f"{ROOT}/snapshot.jsonl")) if today == DAY else None
    assert copy is None
    penalty("2", subject=NONE, at=morning(today) - timedelta(hours=2))
    build(today)
    whole = lines(client.get(f"{ROOT}/snapshot.jsonl"))
    assert list(mirror.problems(whole)) == []
    found = lines(client.get(f"{ROOT}/changes.jsonl", {"since": (today - timedelta(days=1)).isoformat()}))
    assert [NONE in line for line in found] == [False, True]
    assert client.get(f"{ROOT}/changes.jsonl", {"since": "2020-01-01"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("x", 404, "wrong_code"), (NONE, 404, "no_day_root"), ("roots/2026-01-01", 404, "no_day_root")],
)
def test_what_is_not_there_is_said_in_both_languages(home, client: Client, path, status, code):
    answer = client.get(f"{ROOT}/{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_who_asks_too_often_is_told_what_to_take_instead(home, client: Client, monkeypatch):
    monkeypatch.setattr(
        sys.modules["zhijian.portal.api.publicity"], "ASK", Limit("publicity", per_address=1, per_device=0)
    )
    client.get(f"{ROOT}/roots")
    answer = client.get(f"{ROOT}/roots")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_often")
