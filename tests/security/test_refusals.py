"""What is refused is written down: what, to whom, where, how often; bounded, in a chain, and told where it is unusual."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from tests.security.test_signing_in import BROWSER, changes, code_now, person, signs_in, with_app
from zhijian.engines.data_protection import watching
from zhijian.engines.data_protection.rules import Refused, many_refusals
from zhijian.engines.evidence.examining import examine
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.engines.facts import append_only, looks
from zhijian.engines.facts.models import Fact
from zhijian.security import refusals, totp
from zhijian.security.models import Refusal, RefusalKind, Role

pytestmark = [pytest.mark.database, pytest.mark.django_db]
AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_counted_yet(home, monkeypatch):
    monkeypatch.setattr(refusals, "_flood", refusals.Flood())


def kept():
    return [
        (one.kind, one.officer.username if one.officer else "", one.place)
        for one in Refusal.objects.order_by("sequence")
    ]


def test_an_address_that_the_role_does_not_open_leaves_a_record_without_what_was_typed():
    person("clerk", Role.INTAKE)
    browser, _ = signs_in("clerk")
    assert browser.get("/work/officers/somebody/?reason=secret").status_code == 403
    assert kept() == [("role", "clerk", "work/officers/<str:username>/")]
    one = Refusal.objects.get()
    assert one.network == "10.1.2.0/24" and one.organisation_name == "示例局"
    assert "somebody" not in json.dumps([str(value) for value in vars(one).values()])


def test_what_is_let_through_leaves_none():
    person("clerk", Role.INTAKE)
    browser, _ = signs_in("clerk")
    assert browser.get("/work/me/").status_code == 200 and browser.get("/").status_code == 200
    assert browser.get("/no-such-page/").status_code == 404
    assert kept() == []


def test_a_unit_outside_the_own_area_is_told_from_a_role_that_is_missing():
    person("leader", Role.LEADER)
    person("stranger", Role.INTAKE, division="440305")
    with_app(leader := person("other", Role.LEADER))
    browser = Client(**BROWSER)
    browser.force_login(leader)
    assert browser.get("/work/officers/stranger/").status_code == 403
    assert kept() == [("area", "other", "work/officers/<str:username>/")]


def test_who_decides_about_oneself_is_written_down_as_a_step_of_two_persons():
    leader = person("leader", Role.LEADER)
    browser = Client(**BROWSER)
    browser.force_login(leader)
    typed = {"act": "give", "role": Role.INTAKE, "reason": "自己"}
    assert browser.post("/work/officers/leader/", typed).status_code == 422
    assert kept() == [("duties", "leader", "work/officers/<str:username>/")]


def test_wrong_passwords_and_codes_and_the_lock_after_five_are_of_different_kinds():
    secret, _ = with_app(person("leader", Role.LEADER))
    browser = Client(**BROWSER)
    browser.post("/sign-in/", {"username": "leader", "password": "wrong horse battery"})
    browser.post("/sign-in/", {"username": "nobody here", "password": "wrong horse battery"})
    browser, _ = signs_in("leader")
    browser.post("/sign-in/code/", {"code": totp.code(secret, 1)})
    assert browser.post("/sign-in/code/", {"code": code_now(secret)}).status_code == 302
    changes(browser, old="wrong horse battery")
    told = kept()
    assert [(kind, who) for kind, who, _ in told] == [
        ("password", "leader"), ("password", ""), ("second_factor", "leader"), ("password", "leader")
    ]  # fmt: skip
    again = Client(**BROWSER)
    for _try in range(6):
        answer = again.post("/sign-in/", {"username": "leader", "password": "wrong horse battery"})
    assert answer.status_code == 429 and kept()[-1][0] == "locked"


def test_a_form_without_a_token_and_a_wrong_key_of_a_system_and_nul_are_written_down():
    stranger = Client(enforce_csrf_checks=True, **BROWSER)
    assert stranger.post("/sign-in/", {"username": "x"}).status_code == 403
    assert stranger.get("/api/v1/bay-area/cases/X", HTTP_AUTHORIZATION="Bearer no").status_code == 401
    assert stranger.get("/?q=%00").status_code == 400
    assert [kind for kind, who, _ in kept() if not who] == ["token", "key", "malformed"]


@pytest.mark.parametrize(
    ("data", "name", "is_noted"),
    [
        (b"MZ\x90\x00" + bytes(60), "invoice.pdf", True),
        (b"<svg onload=x>", "a.png", True),
        (b"", "a.jpg", False),
    ],
)
def test_a_file_that_could_do_harm_is_noted_and_one_that_is_only_wrong_is_not(data, name, is_noted):
    with refusals.noted() as notes, pytest.raises(RefusedFile):
        examine(data, name)
    assert [one.kind for one in notes] == ([RefusalKind.FILE] if is_noted else [])


def refuse(times, *, at=AT, officer=None, network="203.0.113.0/24"):
    for _time in range(times):
        refusals.record(RefusalKind.ROLE, officer=officer, network=network, place="work/", at=at)


def test_of_a_flood_the_first_five_of_a_minute_are_written_and_then_each_tenfold():
    refuse(1234)
    assert list(Refusal.objects.order_by("sequence").values_list("count", flat=True)) == [
        1, 2, 3, 4, 5, 10, 100, 1000
    ]  # fmt: skip
    refuse(1, at=AT + timedelta(minutes=1))
    assert Refusal.objects.first().count == 1


def test_a_flood_from_everywhere_is_counted_in_one_and_fills_no_disk(monkeypatch):
    class Few:
        @staticmethod
        def on(day):
            return {"per_minute": 2, "all_per_minute": 10}

    monkeypatch.setattr(refusals, "KEPT", Few)
    for number in range(500):
        refuse(1, network=f"198.51.{number}.0/24")
    assert Refusal.objects.filter(kind="role").count() == 10
    assert list(Refusal.objects.filter(kind="flood").order_by("sequence").values_list("count", flat=True)) == [
        1, 10, 100
    ]  # fmt: skip
    assert len(refusals._flood.counts) <= 11


def test_no_record_of_a_refusal_is_changed_unseen():
    refuse(3)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE security_refusal SET place = 'x'")
    looks.anchor(at=AT)
    assert Fact.objects.get(kind="refusals.kept").payload["count"] == 3
    assert list(looks.differences(looks.REFUSALS_KEPT)) == []
    append_only.drop_guards(connection, "security_refusal")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE security_refusal SET count = 9 WHERE sequence = 2")
        cursor.execute("DELETE FROM security_refusal WHERE sequence = 3")
    append_only.add_guards(connection, "security_refusal")
    assert list(looks.differences(looks.REFUSALS_KEPT)) == [(2, "altered"), (3, "missing")]


@pytest.mark.parametrize(
    ("minutes", "count", "is_told"),
    [([0] * 9, 1, False), ([0] * 10, 1, True), ([0] * 5 + [15] * 5, 1, True), ([0] * 5 + [16] * 5, 1, False),
     ([0], 100, True)],
)  # fmt: skip
def test_ten_refusals_within_a_quarter_of_an_hour_are_looked_into(minutes, count, is_told):
    refused = [Refused("work/", AT + timedelta(minutes=one), count) for one in minutes]
    assert (many_refusals(refused, on=date(2026, 11, 2)) is not None) is is_told


def test_an_officer_who_is_refused_again_and_again_gets_an_alert_with_the_reason_that_an_auditor_opens():
    clerk, auditor = person("clerk", Role.INTAKE), person("auditor", Role.AUDITOR)
    for minute in range(10):
        refuse(1, at=AT + timedelta(minutes=minute), officer=clerk)
    (alert,) = watching.watch(date(2026, 11, 2), ties={}, at=AT)
    assert (alert.kind, alert.officer, alert.count) == ("refused", clerk, 10)
    assert watching.watch(date(2026, 11, 2), ties={}, at=AT) == []
    browser = Client(**BROWSER)
    browser.force_login(auditor)
    page = browser.get(f"/work/audit/access/alerts/{alert.pk}/").content.decode()
    assert "短时间内被拒绝10次" in page and "岗位没有这项权限" in page


def test_an_auditor_searches_the_refusals_of_the_area_and_the_province_those_of_strangers():
    clerk = person("clerk", Role.INTAKE)
    refuse(1, officer=clerk)
    refusals.record(RefusalKind.TOKEN, officer=None, network="203.0.113.0/24", place="sign-in/", at=AT)
    days = {"from": "2026-11-01", "to": "2026-11-03"}
    for name, division, sees in (
        ("own", "440106", {"role"}), ("next-door", "440305", set()), ("province", "440000", {"role", "token"})
    ):  # fmt: skip
        browser = Client(**BROWSER)
        browser.force_login(person(name, Role.AUDITOR, division=division))
        rows = browser.get("/work/audit/access/refusals/", {**days, "format": "csv"}).content.decode()
        assert {kind for kind in ("role", "token") if f",{kind}," in rows} == sees, name
        few = browser.get("/work/audit/access/refusals/", {**days, "kind": "token"}).content.decode()
        assert ("203.0.113.0/24" in few) is ("token" in sees)
