"""Data leave by application, approval and key; only what was granted, and never unrecorded."""

import hashlib
import io
import json
import socket
from datetime import date, timedelta

import pyarrow as pa
import pytest

from tests.engines.exchange.conftest import AT, TABLE, applied, approved, rows_of
from tests.portal.pages import town
from zhijian.engines.exchange import services, webhooks
from zhijian.engines.exchange.models import Delivery, Key
from zhijian.engines.exchange.policies import Refused
from zhijian.engines.facts.errors import AppendOnly

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ROWS = "/api/v1/exchange/market_entities/rows"


@pytest.fixture
def grant(lake, applicant, steward):
    return approved(lake, applicant, steward)


@pytest.fixture
def ask(client, applicant):
    def get(application, status=200, key=None, **query):
        key = key or services.issue_key(application, by=applicant, at=AT)
        answer = client.get(
            ROWS, {"purpose": "statistics", **query}, headers={"Authorization": f"Bearer {key}"}
        )
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == status, body
        return (json.loads(body)["error"]["code"] if status != 200 else body), answer.headers

    return get


def lines(body):
    return [json.loads(line) for line in body.splitlines()]


def test_a_key_gives_the_granted_columns_marked_synthetic_and_the_delivery_is_recorded(grant, ask):
    body, headers = ask(grant)
    assert lines(body)[0] == {"entity_id": 1, "name": "示例1店", "is_synthetic": True}
    record = Delivery.objects.get()
    assert (record.rows, record.bytes, record.sha256) == (3, len(body), hashlib.sha256(body).hexdigest())
    assert (headers["X-Exchange-Mode"], headers["X-Quota-Used"], headers["X-Quota-Limit"]) == (
        "full",
        "3",
        "1000",
    )


def test_a_version_as_cursor_gives_what_was_added_and_a_rewritten_table_all(lake, grant, ask):
    _, headers = ask(grant)
    lake.write(TABLE, rows_of(4), mode="append")
    body, headers = ask(grant, since=headers["X-Exchange-Version"])
    assert ([row["entity_id"] for row in lines(body)], headers["X-Exchange-Mode"]) == ([4], "increment")
    assert ask(grant, since=headers["X-Exchange-Version"])[0] == b""
    lake.write(TABLE, rows_of(9), mode="overwrite")
    body, headers = ask(grant, since=headers["X-Exchange-Version"])
    assert ([row["entity_id"] for row in lines(body)], headers["X-Exchange-Mode"]) == ([9], "full")
    assert ask(grant, since=99)[1]["X-Exchange-Mode"] == "full"


def test_a_patched_table_gives_the_newest_row_of_each_changed_key_once(lake, grant, ask):
    con = lake.ibis()
    for mode, numbers in (("overwrite", (1, 2)), ("patch", (2, 5)), ("patch", (2,))):
        with lake.transaction() as writing:
            con.con.register("written", rows_of(*numbers))
            expression = con.table("written")
            writing.write_query(TABLE, con, expression, at=AT, mode=mode, key=("entity_id",))
        if mode == "overwrite":
            since = lake.version(TABLE)
    assert sorted(row["entity_id"] for row in lines(ask(grant, since=since)[0])) == [2, 5]


def test_arrow_says_the_same_as_json_lines(grant, ask):
    with pa.ipc.open_stream(io.BytesIO(ask(grant, format="arrow")[0])) as stream:
        assert stream.read_all().to_pylist() == lines(ask(grant)[0])


def test_no_column_above_the_granted_level_leaves_nor_one_that_nobody_classified(
    lake, applicant, steward, ask
):
    every = ["name", "representative_id", "nobody_classified_this"]
    low = approved(lake, applicant, steward, columns=every)
    assert lines(ask(low)[0])[0].keys() == {"name", "is_synthetic"}
    high = approved(lake, applicant, steward, columns=every, level="personal")
    assert "nobody_classified_this" not in lines(ask(high)[0])[0]
    assert ask(low, 422, columns="representative_id")[0] == "unknown_column"


def test_a_grant_for_one_city_gives_its_rows_alone(lake, applicant, steward, ask):
    city = approved(lake, applicant, steward, region="440300")
    assert [row["entity_id"] for row in lines(ask(city)[0])] == [3]


def test_a_wrong_key_purpose_or_day_and_a_used_up_quota_are_told_apart(lake, applicant, steward, grant, ask):
    assert ask(grant, 401, key="zj_wrong")[0] == "unknown_key"
    assert ask(grant, 403, purpose="service")[0] == "wrong_purpose"
    small = approved(lake, applicant, steward, rows=4)
    ask(small)
    assert ask(small, 429)[0] == "quota"
    with pytest.raises(Refused, match="ended on"):
        key = services.issue_key(grant, by=applicant, at=AT)
        services.granted(key, "market_entities", "statistics", at=AT + timedelta(days=40_000))
    services.revoke(grant, reason="不再需要", by=steward, at=AT)
    assert Delivery.objects.count() == 1
    grant.refresh_from_db()
    with pytest.raises(Refused, match="revoked"):
        services.granted(key, "market_entities", "statistics", at=AT)


def test_a_new_key_ends_the_old_one_and_no_key_is_stored(grant, applicant, ask):
    old = services.issue_key(grant, by=applicant, at=AT)
    services.issue_key(grant, by=applicant, at=AT)
    assert ask(grant, 401, key=old)[0] == "unknown_key"
    assert not Key.objects.filter(digest__contains=old[3:]).exists()


def test_only_a_steward_of_the_owning_unit_decides_and_nobody_on_the_own_application(
    lake, applicant, steward
):
    application = applied(lake, steward)
    words = {"is_approved": True, "level": "public", "rows_per_day": 1, "reason": "符合规定", "at": AT}
    with pytest.raises(Refused, match="own application"):
        services.decide(application, **words, by=steward)
    for other in (applicant, town.officer("elsewhere", "steward", division="440300")):
        with pytest.raises(Refused, match="steward of the owning unit"):
            services.decide(application, **words, by=other)
    services.decide(application, **words, by=town.officer("second", "steward", division="440000"))
    with pytest.raises(Refused, match="decided already"):
        services.decide(application, **words, by=town.officer("third", "steward", division="440000"))


def test_an_application_without_reason_day_or_known_column_is_refused(lake, applicant):
    for wrong in (
        {"reason": ""},
        {"until": date(2020, 1, 1)},
        {"columns": ["no"]},
        {"columns": []},
        {"region": "999999"},
    ):
        with pytest.raises(Refused):
            applied(lake, applicant, **wrong)


def test_what_was_recorded_stays(grant, ask):
    ask(grant)
    with pytest.raises(AppendOnly):
        Delivery.objects.get().delete()


def test_a_push_is_signed_recorded_and_not_sent_twice(lake, applicant, steward, receiver):
    address = f"http://127.0.0.1:{receiver.server_port}/in"
    grant = approved(lake, applicant, steward, webhook=address)
    assert webhooks.push(lake, grant, at=AT).outcome == "sent"
    headers, body = receiver.received[0]
    secret = services.signing_secret(grant)
    assert headers["X-Zhijian-Signature"] == webhooks.signature(secret, headers["X-Zhijian-Timestamp"], body)
    assert webhooks.push(lake, grant, at=AT) is None
    assert len(lines(body)) == Delivery.objects.get().rows == 3


def test_a_push_that_does_not_arrive_is_recorded_and_sent_whole_again_later(
    lake, applicant, steward, receiver
):
    grant = approved(lake, applicant, steward, webhook=f"http://127.0.0.1:{receiver.server_port}/in")
    for status in (500, 302):
        receiver.status = status
        assert webhooks.push(lake, grant, at=AT).outcome == f"answered {status}"
    receiver.status = 204
    assert webhooks.push(lake, grant, at=AT).rows == 3
    assert [webhooks.next_try(n) for n in (1, 2, 6)] == [timedelta(minutes=1), timedelta(minutes=4), None]


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://user:word@example.com/", "ftp://example.com", "https://"]
)
def test_a_webhook_must_be_https_without_a_password(lake, applicant, url):
    with pytest.raises(Refused):
        applied(lake, applicant, webhook=url)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "100.64.0.1"]
)
def test_a_name_that_leads_into_a_private_network_is_not_called(
    lake, applicant, steward, monkeypatch, address
):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (address, 443))])
    grant = approved(lake, applicant, steward, webhook="https://receiver.example.com/in")
    assert "private network" in webhooks.push(lake, grant, at=AT).outcome


def test_pages_lead_from_a_service_to_a_key_and_auditors_see_what_left(lake, applicant, steward, client, ask):
    assert "representative_id" in client.get("/data/exchange/market_entities/").content.decode()
    client.force_login(applicant)
    form = {
        "column": ["name"],
        "purpose": "statistics",
        "reason": "季度统计分析",
        "legal_basis": "统计法第二十条",
    }
    assert client.post("/data/exchange/market_entities/", form).status_code == 422
    page = client.post("/data/exchange/market_entities/", {**form, "until": "2099-01-01"}, follow=True)
    address = page.redirect_chain[-1][0]
    client.force_login(steward)
    assert address in client.get("/data/exchange/applications/").content.decode()
    act = {"action": "approve", "level": "public", "rows_per_day": "50", "reason": "符合规定"}
    assert client.post(address, act).status_code == 302
    client.force_login(applicant)
    assert "zj_" in client.post(address, {"action": "key"}).content.decode()
    assert "zj_" not in client.get(address).content.decode()
    assert client.get("/data/exchange/deliveries/").status_code == 403
    client.force_login(town.officer("watch", "auditor", division="440000"))
    assert client.get("/data/exchange/deliveries/").status_code == 200
    assert client.get("/data/exchange/").status_code == 200
