"""Roles are given and ended with a reason, privileged ones by two persons; every change stands in the chain of looks."""

from datetime import UTC, datetime, timedelta

import pytest

from zhijian.security import areas, roles
from zhijian.security.models import AccessRecord, Officer, Organisation, Role, RoleRequest
from zhijian.security.permissions import may_administer, may_lead
from zhijian.security.roles import Outcome, RoleRefused

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


def unit(division):
    defaults = {
        "name": "示例局",
        "name_en": "Sample",
        "level": "province" if division.endswith("0000") else "county",
        "division_code": division,
    }
    return Organisation.objects.get_or_create(code=f"unit-{division}", defaults=defaults)[0]


def person(username, *held, division="440106", area="", number=None):
    return Officer.objects.create(
        username=username, organisation=unit(division) if division else None, roles=list(held), division_code=area,
        staff_number=username if number is None else number,
    )  # fmt: skip


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
        AccessRecord.objects.filter(subject=f"account/{officer.pk}").order_by("sequence").values_list("officer__username", "part", "reason")
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
def test_a_privileged_role_is_held_only_when_a_second_administrator_agreed(leader, steward, role):
    clerk = person("clerk")
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
        change(leader, Role.STEWARD, leader)
    change(leader, Role.STEWARD, steward)
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


def agree(by, *, after=timedelta(0), is_agreed=True):
    return roles.decide(RoleRequest.objects.get(decided_at=None), is_agreed=is_agreed, by=by, at=NOW + after)


@pytest.mark.parametrize("numbers", [{"staff_number": " LEADER "}, {"certificate_number": "粤A1"}])
def test_two_accounts_of_one_person_do_not_give_a_privileged_role(leader, steward, clerk, numbers):
    Officer.objects.filter(pk=leader.pk).update(certificate_number="粤A 1")
    Officer.objects.filter(pk=steward.pk).update(**numbers)
    change(clerk, Role.FINANCE, leader)
    with pytest.raises(RoleRefused, match="Who asked cannot agree"):
        agree(steward)
    Officer.objects.filter(pk=steward.pk).update(staff_number="", certificate_number="")
    with pytest.raises(RoleRefused, match="need a staff or certificate number"):
        agree(steward)
    assert held(clerk) == {"intake"}


def test_nobody_gives_a_role_to_a_second_account_of_the_own(leader):
    second = person("second", number="leader")
    with pytest.raises(RoleRefused, match="own roles"):
        change(second, Role.HANDLER, leader)


@pytest.mark.parametrize("role", sorted(roles.AGREED_ABOVE))
def test_power_over_a_unit_is_agreed_to_from_above_and_not_by_a_colleague(leader, steward, clerk, role):
    colleague = person("colleague", Role.STEWARD)
    Officer.objects.filter(pk=clerk.pk).update(roles=[])
    change(clerk, role, leader)
    with pytest.raises(RoleRefused, match="unit above"):
        agree(colleague)
    agree(steward)
    assert held(clerk) == {role}


def test_who_asked_must_still_be_an_administrator_when_the_second_agrees(leader, steward, clerk):
    change(clerk, Role.FINANCE, leader)
    Officer.objects.filter(pk=leader.pk).update(roles=[Role.HANDLER])
    with pytest.raises(RoleRefused, match="no longer administers"):
        agree(steward)
    agree(steward, is_agreed=False)
    assert held(clerk) == {"intake"}


def test_a_request_is_good_for_its_days_and_then_makes_room(leader, steward, clerk):
    change(clerk, Role.FINANCE, leader)
    days = timedelta(days=roles.REQUEST_DAYS.on(NOW.date()))
    assert roles.open_requests(leader.organisation, at=NOW + days).count() == 0
    with pytest.raises(RoleRefused, match="expired"):
        agree(steward, after=days)
    asked = roles.change(clerk, Role.FINANCE, is_giving=True, reason="再提", by=leader, at=NOW + days)
    assert asked is Outcome.ASKED and RoleRequest.objects.count() == 2
    agree(steward, after=days)
    assert "finance" in held(clerk)
    assert [part for _, part, _ in written(clerk)] == [
        "role_asked",
        "role_expired",
        "role_asked",
        "role_given",
    ]


@pytest.mark.parametrize(
    ("has", "new"),
    [
        (Role.INTAKE, Role.AUDITOR), (Role.AUDITOR, Role.HANDLER), (Role.LEADER, Role.AUDITOR), (Role.AUDITOR, Role.STEWARD),
        (Role.LEADER, Role.FINANCE), (Role.FINANCE, Role.LEADER), (Role.DRAWER, Role.STEWARD), (Role.STEWARD, Role.DRAWER),
        (Role.ASSOCIATION, Role.INTAKE),
    ],
)  # fmt: skip
def test_roles_that_watch_or_pay_one_another_are_never_one_persons(steward, has, new):
    one = person("one", has)
    with pytest.raises(RoleRefused):
        change(one, new, steward)
    assert held(one) == {has} and not RoleRequest.objects.exists()


def test_a_role_that_came_meanwhile_makes_a_request_that_does_not_fit_any_more(leader, steward):
    one = person("one")
    change(one, Role.FINANCE, leader)
    Officer.objects.filter(pk=one.pk).update(roles=[Role.LEADER])
    with pytest.raises(RoleRefused, match="two persons"):
        agree(steward)


def test_a_request_of_the_opposite_is_not_taken_for_ones_own(leader, steward, clerk):
    change(clerk, Role.FINANCE, leader)
    Officer.objects.filter(pk=clerk.pk).update(roles=[Role.INTAKE, Role.FINANCE])  # by another road
    with pytest.raises(RoleRefused, match="opposite"):
        change(clerk, Role.FINANCE, leader, gives=False)
    with pytest.raises(RoleRefused, match="Nothing would change"):
        agree(steward)


def test_an_account_without_a_unit_loses_its_roles_by_the_province_alone(leader, steward):
    stray = person("stray", Role.HANDLER, Role.FINANCE, division="")
    with pytest.raises(RoleRefused, match="no unit"):
        change(stray, Role.HANDLER, leader, gives=False)
    with pytest.raises(RoleRefused, match="no unit"):
        change(stray, Role.INTAKE, steward)
    assert change(stray, Role.HANDLER, steward, gives=False) is Outcome.DONE
    change(stray, Role.FINANCE, steward, gives=False)
    assert roles.open_requests(steward.organisation, at=NOW).count() == 1
    agree(person("second", Role.LEADER, division="440000"))
    assert held(stray) == set()


def test_who_decides_is_read_again_and_not_taken_as_the_page_had_it(leader, clerk):
    Officer.objects.filter(pk=leader.pk).update(is_active=False)  # the object in memory does not know
    with pytest.raises(RoleRefused, match="steward or leader"):
        change(clerk, Role.HANDLER, leader)


def test_an_administrator_above_sees_what_waits_in_the_units_below(leader, steward, clerk):
    change(clerk, Role.FINANCE, leader)
    assert [one.officer for one in roles.open_requests(steward.organisation, at=NOW)] == [clerk]
    assert not roles.open_requests(unit("440105"), at=NOW).exists()


def test_two_long_names_that_begin_alike_are_two_subjects(leader):
    one, other = (person("x" * 70 + end, number=end) for end in "ab")
    change(one, Role.HANDLER, leader)
    assert len(written(one)) == 1 and written(other) == []


def test_the_area_of_whoever_has_power_is_set_from_above(leader, steward):
    colleague = person("colleague", Role.STEWARD)
    with pytest.raises(areas.WrongArea, match="from above"):
        areas.limit(leader, "440106001", reason="派驻", by=colleague, at=NOW)
    assert areas.limit(leader, "440106001", reason="派驻", by=steward, at=NOW)


@pytest.mark.parametrize("division", ["-", ""])
def test_a_department_administers_its_own_people_and_no_other_departments(db, division):
    def department(code):
        return Organisation.objects.create(
            code=code, name="示例部门", name_en="Department", level="department", division_code=division
        )

    fire, culture = department("fire"), department("culture")
    steward = Officer.objects.create(
        username="steward", organisation=culture, roles=[Role.STEWARD], staff_number="1"
    )
    own, other = (
        Officer.objects.create(username=name, organisation=unit_, roles=[], staff_number=name)
        for name, unit_ in (("own", culture), ("other", fire))
    )
    inspector = person("inspector", Role.INSPECTOR)
    assert may_administer(steward, unit=culture)
    assert not may_administer(steward, unit=fire) and not may_administer(steward, unit=inspector.organisation)
    for stranger in (other, inspector):
        with pytest.raises(RoleRefused):
            roles.change(stranger, Role.PARTNER, is_giving=True, reason="轮岗", by=steward, at=NOW)
    asked = RoleRequest.objects.create(
        officer=other, role=Role.LEADER, is_giving=True, reason="轮岗", asked_by=other, asked_at=NOW
    )
    assert asked not in roles.open_requests(culture, at=NOW)
    assert roles.change(own, Role.PARTNER, is_giving=True, reason="轮岗", by=steward, at=NOW) == Outcome.DONE


def test_a_council_that_works_in_the_whole_province_stands_above_no_bureau_there(db):
    def entered(code, level, division, parent):
        return Organisation.objects.create(
            code=code, name=code, name_en=code, level=level, division_code=division, parent=parent
        )

    bureau = entered("bureau", "province", "440000", None)
    council = entered("council", "department", "440000", bureau)
    city = entered("city", "city", "440100", bureau)
    county = entered("county", "county", "440106", city)
    heads = {
        unit_.code: Officer.objects.create(
            username=unit_.code, organisation=unit_, roles=[Role.LEADER], staff_number=unit_.code
        )
        for unit_ in (bureau, council)
    }
    for right in (may_administer, may_lead):
        assert all(right(heads["bureau"], unit=one) for one in (bureau, council, city, county))
        assert [one.code for one in (bureau, council, city, county) if right(heads["council"], unit=one)] == [
            "council"
        ]
    asked = RoleRequest.objects.create(
        officer=heads["bureau"], role=Role.AUDITOR, is_giving=True, reason="轮岗", asked_by=heads["bureau"], asked_at=NOW
    )  # fmt: skip
    assert asked not in roles.open_requests(council, at=NOW)


def test_a_role_with_power_over_a_department_is_agreed_to_by_its_own_people_because_nothing_is_above_it(db):
    culture = Organisation.objects.create(
        code="culture", name="示例部门", name_en="Department", level="department", division_code="-"
    )
    first, second, third = (
        Officer.objects.create(
            username=name, organisation=culture, roles=[Role.STEWARD] if name != "third" else [], staff_number=name
        )
        for name in ("first", "second", "third")
    )  # fmt: skip
    assert roles.change(third, Role.LEADER, is_giving=True, reason="轮岗", by=first, at=NOW) == Outcome.ASKED
    [request] = roles.open_requests(culture, at=NOW)
    roles.decide(request, is_agreed=True, by=second, at=NOW)
    third.refresh_from_db()
    assert third.roles == [Role.LEADER]
