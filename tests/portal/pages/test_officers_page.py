"""The page of a unit's officers: who holds what, and changes by one or two administrators."""

import pytest

from zhijian.security.models import AccessRecord, Officer, Organisation, Role, RoleRequest

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def people(db):
    def unit(division, name):
        return Organisation.objects.create(
            code=f"amr-{division}",
            name=name,
            name_en=f"AMR {division}",
            level="county",
            division_code=division,
        )

    county, next_door, province = (
        unit("440106", "天河区局"),
        unit("440105", "海珠区局"),
        unit("440000", "省局"),
    )
    make = Officer.objects.create_user
    return {
        "leader": make(
            "leader", staff_number="A1", roles=[Role.LEADER], organisation=county, display_name="负责人甲"
        ),
        "clerk": make("clerk", roles=[Role.INTAKE], organisation=county, display_name="登记员乙"),
        "steward": make("steward", staff_number="A2", roles=[Role.STEWARD], organisation=province),
        "neighbour": make("neighbour", roles=[Role.LEADER], organisation=next_door),
    }


def test_a_leader_sees_the_people_and_gives_a_role_and_an_area_with_a_reason(client, people):
    client.force_login(people["leader"])
    text = client.get("/work/officers/").content.decode()
    assert "登记员乙" in text and "受理登记人员" in text and "没有登录过" in text and "neighbour" not in text
    address = "/work/officers/clerk/"
    refused = client.post(address, {"act": "give", "role": "handler", "reason": ""})
    assert refused.status_code == 422 and "请写明理由。" in refused.content.decode()
    assert client.post(address, {"act": "give", "role": "handler", "reason": "轮岗"}).status_code == 302
    outside = client.post(address, {"act": "area", "division": "440105", "reason": "派驻<b>"})
    assert outside.status_code == 422 and "派驻&lt;b&gt;" in outside.content.decode()
    assert (
        client.post(address, {"act": "area", "division": "440106001", "reason": "派驻所里"}).status_code
        == 302
    )
    clerk = Officer.objects.get(username="clerk")
    assert (set(clerk.roles), clerk.division_code) == ({"intake", "handler"}, "440106001")
    shown = client.get(address).content.decode()
    assert "投诉举报办理人员：轮岗" in shown and "440106001" in shown and "给予岗位" in shown
    looks = AccessRecord.objects.filter(subject__startswith="account/").values_list("part", flat=True)
    assert set(looks) == {"role_given", "area_set", "officer_page"}


def test_a_privileged_role_waits_on_both_pages_until_another_administrator_agrees(client, people):
    client.force_login(people["leader"])
    client.post("/work/officers/clerk/", {"act": "give", "role": "finance", "reason": "接任出纳"})
    number = RoleRequest.objects.get().pk
    own = client.get("/work/officers/").content.decode()
    assert "等第二个人决定" in own and "收回" in own and 'value="agree"' not in own
    client.post(f"/work/officers/requests/{number}/", {"answer": "agree"})
    assert Officer.objects.get(username="clerk").roles == ["intake"]
    client.force_login(people["steward"])
    assert 'value="agree"' in client.get("/work/officers/?unit=amr-440106").content.decode()
    client.post(f"/work/officers/requests/{number}/", {"answer": "agree"})
    assert Officer.objects.get(username="clerk").roles == ["intake", "finance"]


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        ("clerk", "/work/officers/", 403),
        ("neighbour", "/work/officers/?unit=amr-440106", 403),
        ("neighbour", "/work/officers/clerk/", 403),
        ("leader", "/work/officers/?unit=amr-440000", 403),
        ("leader", "/work/officers/nobody/", 404),
        ("leader", "/work/officers/leader/", 200),
    ],
)
def test_people_are_shown_only_to_administrators_of_their_unit(client, people, who, address, status):
    client.force_login(people[who])
    answer = client.get(address)
    assert answer.status_code == status
    if who == "leader" and status == 200:
        assert "岗位和辖区由别人定" in answer.content.decode() and 'name="act"' not in answer.content.decode()
