"""A push is on record before it leaves, signed whole, and goes nowhere inside that the operator did not name."""

import io
import re
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from tests.engines.exchange.conftest import AT, TABLE, applied, approved, rows_of
from zhijian.engines.exchange import services, webhooks
from zhijian.engines.exchange.addresses import is_open_internet
from zhijian.engines.exchange.models import Delivery
from zhijian.engines.exchange.policies import Refused

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def pushed(lake, applicant, steward, receiver):
    def grant(**more):
        address = f"http://127.0.0.1:{receiver.server_port}/in"
        found = approved(lake, applicant, steward, **{"webhook": address, **more})
        services.issue_key(found, by=applicant, at=AT)
        return found

    return grant


def signed(grant, headers, body, **changed):
    told = {name: headers[f"X-{name}"] for name in ("Zhijian-Timestamp", "Exchange-Version", "Exchange-Mode")}
    return webhooks.signature(services.signing_secret(grant), *{**told, **changed}.values(), io.BytesIO(body))


def test_a_push_is_signed_recorded_and_not_sent_twice(lake, receiver, pushed):
    grant = pushed()
    assert webhooks.push(lake, grant, at=AT).outcome == "sent"
    headers, body = receiver.received[0]
    assert headers["X-Zhijian-Signature"] == signed(grant, headers, body)
    assert webhooks.push(lake, grant, at=AT) is None
    assert body.count(b"\n") == Delivery.objects.get().rows == 3
    lake.write(TABLE, rows_of(4), mode="append")
    webhooks.push(lake, grant, at=AT)
    assert [one["X-Exchange-Mode"] for one, _ in receiver.received] == ["full", "increment"]


def test_time_version_and_mode_are_signed_as_well_as_the_rows(lake, receiver, pushed):
    grant = pushed()
    webhooks.push(lake, grant, at=AT)
    headers, body = receiver.received[0]
    for changed in ({"Zhijian-Timestamp": "1"}, {"Exchange-Version": "9"}, {"Exchange-Mode": "increment"}):
        assert signed(grant, headers, body, **changed) != headers["X-Zhijian-Signature"]
    assert signed(grant, headers, body + b" ") != headers["X-Zhijian-Signature"]


def test_the_check_that_the_how_to_page_gives_to_departments_takes_ours_and_no_other(lake, receiver, pushed):
    page = (Path(__file__).parents[3] / "docs/how-to/exchange.md").read_text("utf-8")
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", page, re.S) if "def is_genuine" in block]
    given = {}
    exec(code, given)
    grant = pushed()
    webhooks.push(lake, grant, at=AT)
    headers, body = receiver.received[0]
    ask = lambda body, now: given["is_genuine"](services.signing_secret(grant), headers, body, now)  # noqa: E731
    moment = AT.timestamp()
    assert (ask(body, moment), ask(body + b" ", moment), ask(body, moment + 3600)) == (True, False, False)


def test_a_new_key_brings_a_new_signing_secret_and_without_a_key_nothing_is_pushed(
    lake, applicant, steward, pushed
):
    grant = pushed()
    old = services.signing_secret(grant)
    services.issue_key(grant, by=applicant, at=AT)
    assert services.signing_secret(grant) != old
    with pytest.raises(Refused, match="No key"):
        webhooks.push(lake, approved(lake, applicant, steward, webhook="https://a.example.com/"), at=AT)


def test_a_push_is_on_record_when_its_first_byte_leaves(lake, receiver, pushed, monkeypatch):
    seen = []
    sent = webhooks.post
    monkeypatch.setattr(
        webhooks, "post", lambda *told: (seen.append(Delivery.objects.get().result), sent(*told))[1]
    )
    webhooks.push(lake, pushed(), at=AT)
    assert (seen, Delivery.objects.get().result) == (["sending"], "sent")


def test_a_push_that_does_not_arrive_is_recorded_and_sent_whole_again_later(lake, receiver, pushed):
    grant = pushed()
    for status in (500, 302):
        receiver.status = status
        assert webhooks.push(lake, grant, at=AT).outcome == f"answered {status}"
    receiver.status = 204
    assert webhooks.push(lake, grant, at=AT).delivery.rows == 3
    assert [webhooks.next_try(n) for n in (1, 2, 6)] == [timedelta(minutes=1), timedelta(minutes=4), None]


def test_a_receiver_that_takes_rows_but_never_says_so_uses_up_its_quota_once(lake, receiver, pushed):
    grant = pushed(rows=4)
    receiver.status = 500
    for _ in range(3):
        webhooks.push(lake, grant, at=AT)
    assert services.used_on(grant, AT.date()) == 3
    with pytest.raises(Refused, match="quota"):
        services.prepare(lake, grant, since=None, columns=None, by="pull", at=AT)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://user:word@example.com/",
        "https://@example.com/",
        "ftp://example.com",
        "https://",
        "https://[::1",
        "https://example.com:99999/",
        "https://example.com/收",
        "https://example.com/a\r\nb: c",
    ],
)
def test_a_webhook_must_be_https_in_plain_ascii_without_a_password(lake, applicant, url):
    with pytest.raises(Refused):
        applied(lake, applicant, webhook=url)


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "::7f00:1",
    "fec0::1",
    "fe80::1%eth0",
    "2001:0:a00:1::",
]


def test_no_spelling_of_a_private_address_is_taken_for_the_open_internet():
    assert [address for address in PRIVATE if is_open_internet(address)] == []
    assert all(map(is_open_internet, ("8.8.8.8", "2400:3200::1", "64:ff9b::808:808")))


@pytest.mark.parametrize("address", ["127.0.0.1", "64:ff9b::a00:1"])
def test_a_name_that_leads_into_a_private_network_is_not_called(lake, pushed, monkeypatch, address):
    found = [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    grant = pushed(webhook="https://receiver.example.com/in")
    assert "private network" in webhooks.push(lake, grant, at=AT).outcome


def test_the_address_that_was_checked_is_called_though_the_name_changes_meanwhile(
    lake, receiver, pushed, monkeypatch
):
    asked = []

    def once_here_then_there(host, port, *_, **__):
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(asked) == 1 else "10.0.0.1", port))]

    monkeypatch.setenv("ZHIJIAN_EXCHANGE_HOSTS", "Receiver.example.com")
    grant = pushed(webhook=f"http://receiver.example.com:{receiver.server_port}/in")
    connect = socket.create_connection

    def connect_by_number(where, **more):
        asked.append(where[0])
        monkeypatch.undo()
        return connect(where, **more)

    monkeypatch.setattr(socket, "getaddrinfo", once_here_then_there)
    monkeypatch.setattr(socket, "create_connection", connect_by_number)
    assert webhooks.push(lake, grant, at=AT).outcome == "sent"
    assert asked == ["receiver.example.com", "127.0.0.1"]
    assert receiver.received[0][0]["Host"] == f"receiver.example.com:{receiver.server_port}"
