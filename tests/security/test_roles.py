"""Roles are given and ended with a reason, privileged ones by two persons; every change stands in the chain of looks."""

from datetime import UTC, datetime, timedelta

import pytest

from zhijian.security import roles
from zhijian.security.models import AccessRecord, Officer, Organisation, Role, RoleRequest
from zhijian.security.permissions import may_administer
from zhijian.security.roles import Outcome, RoleRefused

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


def unit(division):
    defaults = {"name": "示例局", "name_en": "Sample", "level": "county", "division_code": division}
    return Organisation.objects.get_or_create(code=f"unit-{division}", defaults=defaults)[0]


def person(username, *held, division="440106", area=""):
    return Officer.objects.create(
        username=username, organisation=unit(division), roles=list(held), division_code=area
    )


@pytest.fixture
def leader(db):
    return person("leader", Role.LEADER)


@pytest.fixture
def steward(db):
    return person("steward", Role.STEWARD, division="440000")


@pytest.fixture
def clerk(db):
    return person("clerk", Role.INTAKE)


def change(officer, role, by, *, gives=True, reason="轮岗"):
    return roles.change(officer, role, is_giving=gives, reason=reason, by=by, at=NOW)


def held(officer):
    return set(Officer.objects.get(pk=officer.pk).roles)


def written(officer):
    return list(
        AccessRecord.objects.filter(subject=f"officer/{officer.username}").order_by("sequence").values_list("officer__username", "part", "reason")
    )  # fmt: skip


def test_a_leader_gives_and_ends_a_role_and_both_are_written_down(leader, clerk):
    assert change(clerk, Role.HANDLER, leader) is Outcome.DONE and held(clerk) == {"intake", "handler"}
    assert change(clerk, Role.HANDLER, leader) is Outcome.UNCHANGED
    assert change(clerk, Role.HANDLER, leader, gives=False, reason="调离") is Outcome.DONE
    assert held(clerk) == {"intake"}
    assert written(clerk) == [
        ("leader", "role_given", "投诉举报办理人员：轮岗"), ("leader", "role_ended", "投诉举报办理人员：调离"),
    ]  # fmt: skip


@pytest.mark.parametrize("role", sorted(roles.PRIVILEGED))
def test_a_privileged_role_is_held_only_when_a_second_administrator_agreed(leader, steward, clerk, role):
    assert change(clerk, role, leader) is Outcome.ASKED and role not in held(clerk)
    asked = RoleRequest.objects.get()
    with pytest.raises(RoleRefused, match="second administrator"):
        roles.decide(asked, is_agreed=True, by=leader, at=NOW)
    roles.decide(asked, is_agreed=True, by=steward, at=NOW + timedelta(hours=1))
    assert role in held(clerk)
    assert [(who, part) for who, part, _ in written(clerk)] == [
        ("leader", "role_asked"),
        ("steward", "role_given"),
    ]
    with pytest.raises(RoleRefused, match="already"):
        roles.decide(asked, is_agreed=False, by=steward, at=NOW)


def test_an_auditor_is_not_put_out_by_one_person(leader, steward):
    auditor = person("auditor", Role.AUDITOR)
    assert change(auditor, Role.AUDITOR, leader, gives=False) is Outcome.ASKED
    assert held(auditor) == {"auditor"}
    roles.decide(RoleRequest.objects.get(), is_agreed=False, by=steward, at=NOW)
    assert held(auditor) == {"auditor"} and written(auditor)[-1][1] == "role_refused"
    assert change(auditor, Role.AUDITOR, leader, gives=False) is Outcome.ASKED  # may be asked again


def test_asking_twice_leaves_one_request(leader, clerk):
    assert [change(clerk, Role.FINANCE, leader) for _ in range(2)] == [Outcome.ASKED] * 2
    assert RoleRequest.objects.count() == 1 and len(written(clerk)) == 1


def test_nobody_sets_the_own_roles_nor_agrees_about_the_own_person(leader, steward):
    with pytest.raises(RoleRefused, match="own roles"):
        change(leader, Role.FINANCE, leader)
    change(leader, Role.FINANCE, steward)
    with pytest.raises(RoleRefused, match="own roles"):
        roles.decide(RoleRequest.objects.get(), is_agreed=True, by=leader, at=NOW)


@pytest.mark.parametrize(
    ("role", "reason", "words"),
    [("king", "x", "no role king"), (Role.HANDLER, " ", "reason"), (Role.ASSOCIATION, "x", "no other role")],
)
def test_what_cannot_be_given_is_refused_in_words(leader, clerk, role, reason, words):
    with pytest.raises(RoleRefused, match=words):
        change(clerk, role, leader, reason=reason)
    assert held(clerk) == {"intake"} and written(clerk) == []


@pytest.mark.parametrize(
    ("held_by", "division", "area"),
    [(Role.HANDLER, "440106", ""), (Role.LEADER, "440105", ""), (Role.LEADER, "440106", "440106001"), (Role.AUDITOR, "440000", "")],
)  # fmt: skip
def test_only_an_administrator_of_the_unit_or_above_changes_roles(clerk, held_by, division, area):
    other = person("other", held_by, division=division, area=area)
    assert not may_administer(other, unit=clerk.organisation)
    with pytest.raises(RoleRefused, match="steward or leader"):
        change(clerk, Role.HANDLER, other)


def test_a_request_of_somebody_who_lost_the_office_still_needs_a_present_administrator(leader, clerk):
    change(clerk, Role.FINANCE, leader)
    former = person("former", Role.STEWARD)
    former.is_active = False
    former.save()
    with pytest.raises(RoleRefused, match="steward or leader"):
        roles.decide(RoleRequest.objects.get(), is_agreed=True, by=former, at=NOW)
