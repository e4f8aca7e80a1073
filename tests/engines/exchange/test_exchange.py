"""Data leave by application, approval and key; only what was granted, and never unrecorded."""

import hashlib
import io
import json
from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from tests.engines.exchange.conftest import AT, TABLE, applied, approved, patch, rows_of
from tests.portal.pages import town
from zhijian.datazone.catalogue import Level, level_of
from zhijian.engines.exchange import packing, services
from zhijian.engines.exchange.catalogue import data_services
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
    patch(lake, "overwrite", rows_of(1, 2))
    since = lake.version(TABLE)
    patch(lake, "patch", rows_of(2, 5))
    patch(lake, "patch", rows_of(2))
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
    account = town.officer("steward-2", "steward", division="440000")
    type(account).objects.filter(pk=account.pk).update(certificate_number=steward.certificate_number)
    account.refresh_from_db()
    with pytest.raises(Refused, match="own application"):  # a second account is no second person
        services.decide(application, **words, by=account)
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


def test_texts_are_kept_without_what_a_database_cannot_store_and_a_column_once(lake, applicant, steward):
    told = applied(lake, applicant, reason="季度\x00统计分析 ", columns=["name", "name"])
    assert (told.reason, told.columns) == ("季度统计分析", ["name"])
    with pytest.raises(Refused):
        applied(lake, applicant, legal_basis="\x00\x00\x00\x00")


def test_two_stewards_who_revoke_at_once_are_told_so(lake, applicant, steward, grant):
    seen_before = services.Application.objects.select_related("decision", "revocation").get(pk=grant.pk)
    services.revoke(grant, reason="不再需要", by=steward, at=AT)
    with pytest.raises(Refused, match="was revoked"):
        services.revoke(seen_before, reason="不再需要", by=steward, at=AT)


def test_what_was_recorded_stays(grant, ask):
    ask(grant)
    with pytest.raises(AppendOnly):
        Delivery.objects.get().delete()


def test_all_values_say_the_same_in_arrow_and_json_lines(lake, applicant, steward, ask):
    rows = pa.table(
        {
            "entity_id": pa.array([1, 2], pa.int64()),
            "capital_yuan": pa.array([Decimal("12345678901234567890.10"), None], pa.decimal128(24, 2)),
            "registered_on": [date(2020, 2, 29), None],
            "valid_from": pa.array([AT.replace(microsecond=5), None], pa.timestamp("us", "UTC")),
            "industry_confidence": [0.1, float("nan")],
            "scope": ["“一”\n\u2028", None],
        }
    )
    lake.write(TABLE, rows, mode="overwrite")
    grant = approved(lake, applicant, steward, columns=rows.column_names)
    with pa.ipc.open_stream(io.BytesIO(ask(grant, format="arrow")[0])) as stream:
        arrow = stream.read_all()
    first, second = lines(ask(grant)[0])
    assert (Decimal(first["capital_yuan"]), first["industry_confidence"]) == (
        arrow["capital_yuan"][0].as_py(),
        0.1,
    )
    assert (first["registered_on"], first["valid_from"]) == ("2020-02-29", "2026-11-20T04:00:00.000005+00:00")
    assert first["scope"] == arrow["scope"][0].as_py()
    assert set(second.values()) == {2, None}


def test_the_credit_class_leaves_at_no_level_and_no_service_is_made_of_it(lake, applicant, steward, ask):
    lake.write(
        TABLE, rows_of(1).append_column("class_code", [["D"]]).append_column("score", [[7]]), mode="overwrite"
    )
    grant = approved(lake, applicant, steward, columns=["name", "class_code", "score"], level="personal")
    assert lines(ask(grant)[0])[0].keys() == {"name", "is_synthetic"}
    for service in data_services().values():
        assert not service.table.startswith("mart_")
        for column in ("class_code", "score", "points_x", "reasons", "hazard", "risk", "risk_rank"):
            assert level_of(service.table, column) is Level.SENSITIVE, (service.table, column)


def test_a_level_that_covers_no_column_asked_for_gives_words_not_an_error(lake, applicant, steward, ask):
    grant = approved(lake, applicant, steward, columns=["representative_id"])
    assert ask(grant, 403)[0] == "nothing_covered"


def test_facts_of_kinds_that_are_never_public_do_not_leave(lake, applicant, steward):
    kinds = [
        "inspection.result",
        "complaint.upheld",
        "inspection.dispatched",
        "linkage.decided",
        "penalty.decided",
    ]
    lake.write("raw_own__facts", pa.table({"kind": kinds, "payload": ["{}"] * 5}), mode="append")
    grant = approved(
        lake, applicant, steward, service="own_facts", columns=["kind", "payload"], level="internal"
    )
    selection = services.prepare(lake, grant, since=None, columns=None, by="pull", at=AT)
    assert set(selection.expression.to_pyarrow()["kind"].to_pylist()) == {
        "inspection.result",
        "penalty.decided",
    }


def test_a_row_that_left_the_granted_area_is_told_by_its_key_alone(lake, applicant, steward, ask):
    patch(lake, "overwrite", rows_of(3, 4, 5))
    city = approved(lake, applicant, steward, region="440300")
    body, headers = ask(city)
    assert [row["_left"] for row in lines(body)] == [False] * 3
    moved = rows_of(4).set_column(2, "prefecture_code", [["440100"]])
    patch(lake, "patch", moved)
    patch(lake, "patch", rows_of(1, 5))
    body, _ = ask(city, since=headers["X-Exchange-Version"])
    told = sorted(lines(body), key=lambda row: row["entity_id"])
    assert told == [
        {"entity_id": 4, "name": None, "is_synthetic": None, "_left": True},
        {"entity_id": 5, "name": "示例5店", "is_synthetic": True, "_left": False},
    ]


@pytest.mark.parametrize("region", ["110000", "110100", "440000", "440106001", "441999"])
def test_an_area_that_rows_cannot_be_chosen_by_is_refused_not_served_whole(lake, applicant, region):
    with pytest.raises(Refused, match="cannot be served"):
        applied(lake, applicant, region=region)


def test_rows_published_while_a_pull_is_packed_come_with_the_next(lake, grant, ask, monkeypatch):
    select = packing.select

    def and_then_publish(*arguments):
        selection = select(*arguments)
        monkeypatch.setattr(packing, "select", select)
        lake.write(TABLE, rows_of(4), mode="append")
        return selection

    monkeypatch.setattr(packing, "select", and_then_publish)
    body, headers = ask(grant)
    assert len(lines(body)) == Delivery.objects.get().rows == 3
    assert [row["entity_id"] for row in lines(ask(grant, since=headers["X-Exchange-Version"])[0])] == [4]


def test_a_grant_revoked_while_its_rows_are_packed_gives_none(lake, grant, steward, ask, monkeypatch):
    pack = packing.pack

    def and_then_revoke(*arguments):
        services.revoke(grant, reason="不再需要", by=steward, at=AT)
        return pack(*arguments)

    monkeypatch.setattr(packing, "pack", and_then_revoke)
    assert ask(grant, 403)[0] == "revoked"
    assert Delivery.objects.count() == 0


def test_a_grant_that_is_over_gives_no_key(lake, applicant, steward):
    grant = approved(lake, applicant, steward, until=AT.date())
    with pytest.raises(Refused, match="in force"):
        services.issue_key(grant, by=applicant, at=AT + timedelta(days=2))
    assert [grant.state_on(AT.date() + timedelta(days=days)) for days in (0, 1)] == ["approved", "ended"]


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


def test_a_steward_sees_the_level_of_each_column_and_the_size_and_needs_not_guess_the_level(
    lake, applicant, steward, client
):
    application = applied(lake, applicant, columns=["name", "representative_id"], region="440300")
    client.force_login(steward)
    page = client.get(f"/data/exchange/applications/{application.pk}/").content.decode()
    assert '<option value="personal" selected>' in page
    assert all(words in page for words in ("representative_id", "广东省深圳市", "全表3行", "示例analyst"))


def test_an_applicant_sees_that_a_grant_is_over_and_where_to_apply_again(
    lake, applicant, steward, client, monkeypatch
):
    monkeypatch.setattr("zhijian.portal.views.exchange.today", lambda: AT.date() + timedelta(days=1))
    over = approved(lake, applicant, steward, until=AT.date(), columns=["name", "representative_id"])
    client.force_login(applicant)
    page = client.get(f"/data/exchange/applications/{over.pk}/").content.decode()
    assert all(words in page for words in ("已到期", "请重新申请", "不提供"))
    assert 'value="key"' not in page
    assert "已到期" in client.get("/data/exchange/applications/").content.decode()


def test_the_service_of_repairs_gives_what_ended_a_publicity_and_nothing_else(lake):
    def row(number, kind):
        return {"sequence": number, "subject": f"{number}", "kind": kind}

    kinds = ("penalty.repaired", "penalty.decided", "complaint.received", "serious_list.removed")
    rows = pa.Table.from_pylist([row(number, kind) for number, kind in enumerate(kinds)])
    lake.write("raw_own__facts", rows, mode="overwrite")
    found = packing.select(lake, data_services()["repairs"], ("subject", "kind"), "", None)
    assert [one["subject"] for one in found.expression.order_by("subject").to_pyarrow().to_pylist()] == [
        "0",
        "3",
    ]
