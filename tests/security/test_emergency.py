"""Emergency access: opened by a second person for an hour, marked in the audit, told to auditors, reviewed after."""

from datetime import UTC, datetime, timedelta

import pytest

from zhijian.engines.notices.models import Notice
from zhijian.security import emergency
from zhijian.security.audit import record_look
from zhijian.security.emergency import EmergencyRefused
from zhijian.security.models import AccessRecord, EmergencyAccess, Officer, Organisation, Role
from zhijian.security.permissions import Permission, may

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


@pytest.fixture
def people(db):
    county = Organisation.objects.create(
        code="amr-440106", name="天河区局", name_en="Tianhe", level="county", division_code="440106"
    )

    def make(name, *held):
        return Officer.objects.create_user(name, organisation=county, roles=list(held), staff_number=name)

    return {
        "clerk": make("clerk", Role.INTAKE),
        "leader": make("leader", Role.LEADER),
        "auditor": make("auditor", Role.AUDITOR),
    }


def asked(people, role=Role.HANDLER):
    return emergency.ask(people["clerk"], role, reason="承办人失联，当天到期", at=NOW)


def test_a_role_opens_for_an_hour_by_a_second_person_and_every_look_is_marked(people):
    clerk, access = people["clerk"], asked(people)
    opened = emergency.decide(access, is_opened=True, by=people["leader"], at=NOW)
    assert opened.until == NOW + timedelta(minutes=60)
    assert not may(clerk, Permission.WORK_REWARD)
    clerk.emergency = emergency.active_of(clerk, at=NOW + timedelta(minutes=59))
    assert may(clerk, Permission.WORK_REWARD) and clerk.roles == ["intake"]
    look = record_look(clerk, "x", "party", at=NOW)
    assert look.role == f"应急#{access.pk}：handler、intake"
    assert emergency.active_of(clerk, at=NOW + timedelta(minutes=60)) is None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.STEWARD, Role.FINANCE, Role.INTAKE, "king", ""])
def test_what_oversees_or_pays_or_is_held_is_not_opened(people, role):
    with pytest.raises(EmergencyRefused):
        asked(people, role)


def test_nobody_opens_the_own_nor_an_old_one_nor_one_without_a_right(people):
    access = asked(people)
    with pytest.raises(EmergencyRefused, match="waits or is open"):
        asked(people)
    with pytest.raises(EmergencyRefused, match="steward or leader"):
        emergency.decide(access, is_opened=True, by=people["auditor"], at=NOW)
    Officer.objects.filter(username="leader").update(staff_number="clerk")
    with pytest.raises(EmergencyRefused, match="Another person"):
        emergency.decide(access, is_opened=True, by=people["leader"], at=NOW)
    Officer.objects.filter(username="leader").update(staff_number="leader")
    with pytest.raises(EmergencyRefused, match="older than an hour"):
        emergency.decide(access, is_opened=True, by=people["leader"], at=NOW + timedelta(hours=1))


def test_the_pages_ask_open_tell_the_auditors_and_take_the_review_afterwards(client, people):
    page = "/work/emergency/"
    client.force_login(people["clerk"])
    assert client.post(page, {"act": "ask", "role": "leader", "reason": ""}).status_code == 422
    client.post(page, {"act": "ask", "role": "leader", "reason": "负责人失联"})
    assert client.get("/work/officers/").status_code == 403
    access = EmergencyAccess.objects.get()
    client.force_login(people["leader"])
    assert "负责人失联" in client.get(page).content.decode()
    client.post(page, {"act": "open", "number": access.pk})
    assert Notice.objects.get(kind="security.emergency_opened").officer == people["auditor"]
    client.force_login(people["clerk"])
    assert (
        client.get("/work/officers/leader/").status_code == 200
    )  # the role counts now, and the look is marked
    client.force_login(people["auditor"])
    shown = client.get(page).content.decode()
    assert "人员账号" in shown and "officer_page" not in shown and 'name="finding"' not in shown
    assert client.post(page, {"act": "review", "number": access.pk, "finding": "早"}).status_code == 422
    EmergencyAccess.objects.update(until=NOW)
    assert 'name="finding"' in client.get(page).content.decode()
    Officer.objects.filter(username="auditor").update(staff_number="clerk")  # who used it reviews nothing
    assert client.post(page, {"act": "review", "number": access.pk, "finding": "没有问题"}).status_code == 422
    Officer.objects.filter(username="auditor").update(staff_number="auditor")
    client.post(page, {"act": "review", "number": access.pk, "finding": "情况属实"})
    assert EmergencyAccess.objects.get().reviewed_by == people["auditor"]
    parts = set(AccessRecord.objects.filter(subject=f"emergency/{access.pk}").values_list("part", flat=True))
    assert parts == {"emergency_asked", "emergency_opened", "emergency_reviewed"}


def test_whoever_uses_it_or_an_administrator_ends_it_before_its_time_and_nobody_else(people):
    for number, who in enumerate(("clerk", "leader")):
        at = NOW + timedelta(hours=2 * number)
        access = emergency.ask(people["clerk"], Role.HANDLER, reason="承办人失联", at=at)
        emergency.decide(access, is_opened=True, by=people["leader"], at=at)
        with pytest.raises(EmergencyRefused, match="administrator of the unit"):
            emergency.end(access, by=people["auditor"], at=at)
        emergency.end(access, by=people[who], at=at + timedelta(minutes=5))
        access.refresh_from_db()
        assert access.ended_at == access.until == at + timedelta(minutes=5)
        assert emergency.active_of(people["clerk"], at=access.until) is None
        assert AccessRecord.objects.filter(part="emergency_ended").first().officer == people[who]
        with pytest.raises(EmergencyRefused, match="nothing is left to end"):
            emergency.end(access, by=people[who], at=at + timedelta(minutes=6))


def test_each_access_says_how_far_it_has_come(people):
    access, minutes = asked(people), lambda count: NOW + timedelta(minutes=count)
    assert [emergency.state_of(access, at=minutes(n)) for n in (59, 60)] == ["waiting", "lapsed"]
    refused = emergency.decide(access, is_opened=False, by=people["leader"], at=NOW)
    assert emergency.state_of(refused, at=NOW) == "refused"
    opened = emergency.decide(asked(people), is_opened=True, by=people["leader"], at=NOW)
    assert [emergency.state_of(opened, at=minutes(n)) for n in (59, 60)] == ["open", "expired"]
    emergency.end(opened, by=people["clerk"], at=minutes(10))
    opened.refresh_from_db()
    assert emergency.state_of(opened, at=minutes(10)) == "ended"


def test_every_page_says_while_it_is_in_use_and_the_button_ends_it(client, people):
    page, at = "/work/emergency/", datetime.now(UTC)
    access = emergency.ask(people["clerk"], Role.HANDLER, reason="承办人失联", at=at)
    emergency.decide(access, is_opened=True, by=people["leader"], at=at)
    client.force_login(people["leader"])
    assert "应急权限使用中" not in client.get(page).content.decode()
    assert "您管理的单位里正在使用的" in client.get(page).content.decode()
    client.force_login(people["clerk"])
    for address in ("/work/", "/entities/", page):
        assert "应急权限使用中" in client.get(address).content.decode(), address
    assert client.post(page, {"act": "end", "number": access.pk}).status_code == 302
    text = client.get(page).content.decode()
    assert "应急权限使用中" not in text and "提前结束" in text
    client.force_login(people["auditor"])
    shown = client.get(page).content.decode()
    assert "clerk于" in shown and "等复核" in shown
