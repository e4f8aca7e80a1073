"""A hotline's system hands tickets in by key, again without harm, and asks how they stand."""

import json
from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from tests.apps.consumer.complaints.intake import citizen

pytestmark = [pytest.mark.database, pytest.mark.django_db]
AT = datetime(2026, 11, 22, 2, 42, tzinfo=UTC)
TICKET = {
    "ticket_no": "GZ-1",
    "kind": "both",
    "first_call_at": "2026-11-21T09:00:00+08:00",
    "deadline_on": "2026-11-27",
    "person": {"name": "示例陈某", "phone": "13800000021"},
    "respondent": {"name": "广东示例禾满食品有限公司", "uscc": citizen.HEMAN},
    "division_code": "440106",
    "facts": "买了过期红豆，要求退款，也请查处。",
    "claim": "退款",
}


@pytest.fixture
def call(client, shops, units):
    from zhijian.apps.consumer.complaints.intake import keys

    key = keys.issue(
        "示例热线",
        "hotline_12345",
        units["440100"],
        by=None,
        at=AT,
        randomness=lambda length: bytes(range(length)),
    )

    def called(method, path, body=None, key=key):
        with patch("zhijian.portal.api.complaints.timezone.now", return_value=AT):
            return client.generic(
                method,
                f"/api/v1/complaints{path}",
                json.dumps(body) if body is not None else "",
                content_type="application/json",
                headers={"Authorization": f"Bearer {key}"},
            )

    return called


def test_a_ticket_is_taken_in_and_the_same_again_is_recognised(call):
    first = call("POST", "/tickets", TICKET)
    assert first.status_code == 201
    told = first.json()
    assert (told["outcome"], told["shown_due_on"], told["unit_name"]) == (
        "received",
        "2026-11-27",
        "示例区局",
    )
    assert len(told["receipt_code"]) == 9
    again = call("POST", "/tickets", TICKET)
    assert again.status_code == 200
    assert (again.json()["outcome"], again.json()["receipt_number"]) == ("known", told["receipt_number"])
    assert again.json()["receipt_code"] == ""


def test_the_hotline_reads_how_both_matters_stand_and_nobody_is_named(call):
    call("POST", "/tickets", TICKET)
    answer = call("GET", "/tickets/GZ-1")
    assert [one["kind"] for one in answer.json()["matters"]] == ["complaint", "report"]
    assert "示例陈某" not in answer.content.decode() and "13800000021" not in answer.content.decode()


def test_without_a_key_nothing_comes_in_and_a_revoked_key_is_none(call):
    from zhijian.apps.consumer.complaints.intake import keys
    from zhijian.apps.consumer.complaints.intake.models import IntakeKey

    assert call("POST", "/tickets", TICKET, key="zjh_wrong").status_code == 401
    keys.revoke(IntakeKey.objects.get(), by=None, at=AT)
    assert call("POST", "/tickets", TICKET).status_code == 401


def test_a_bad_ticket_is_refused_with_the_field_named(call):
    answer = call(
        "POST", "/tickets", TICKET | {"division_code": "广州", "first_call_at": "0001-01-01T00:00:00Z"}
    )
    assert answer.status_code == 422
    assert "division_code" in answer.json()["error"]["message_en"]


def test_a_hotlines_system_names_the_agent_and_those_who_complain_together(call):
    from zhijian.apps.consumer.complaints.models import Party

    agent = {"name": "示例代理", "scope": "special", "until": "2026-12-31", "matter": "投诉"}
    joint = [{"name": "示例乙", "phone": "13900000006", "is_representative": True}]
    assert call("POST", "/tickets", TICKET | {"agent": agent, "joint": joint}).status_code == 201
    capacities = list(Party.objects.values_list("capacity", flat=True))
    assert capacities == [Party.REPRESENTATIVE, Party.REPRESENTATIVE, Party.AGENT]
    bad = call("POST", "/tickets", TICKET | {"ticket_no": "GZ-2", "joint": [{"name": "乙；丙"}]})
    assert bad.status_code == 422 and "name" in bad.content.decode()
