from datetime import date

import pytest

from tests.apps.consumer.complaints.casework import at
from zhijian.apps.consumer.complaints.matters import services

DAY = date(2026, 9, 21)


@pytest.fixture
def complaint(journey, home):
    made = journey.receive().complaint
    journey.receive()
    services.understand(made, model=None, by=None, at=at(DAY))
    return made


def test_the_page_shows_what_is_suggested_and_takes_a_correction(client, complaint, office):
    client.force_login(office.handler)
    address = f"/work/matters/{complaint.number}/"
    text = client.get(address).content.decode()
    assert "食品：过期或变质" in text
    assert "<mark>过期</mark>" in text
    assert "同一事件另有1件" in text
    assert "属于其单位辖区" in text
    assert client.post(address, {"topic": "", "reason": ""}).status_code == 422
    assert client.post(address, {"topic": "M0104", "reason": "标签"}).status_code == 302
    assert "食品：标签与标识" in client.get(address).content.decode()


def test_another_county_sees_nothing_and_an_unknown_number_is_not_found(client, complaint, office):
    client.force_login(office.other_handler)
    assert client.get(f"/work/matters/{complaint.number}/").status_code == 403
    client.force_login(office.handler)
    assert client.get("/work/matters/TS0/").status_code == 404
