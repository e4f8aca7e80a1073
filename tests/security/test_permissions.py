"""Least privilege by unit and role, enforced in one place."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import AnonymousUser

from zhijian.security import permissions
from zhijian.security.audit import record_look
from zhijian.security.models import AccessRecord, Level, Officer, Organisation, Role, territory_prefix
from zhijian.security.permissions import Forbidden, Permission

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def officer():
    def make(division, *roles, username="somebody"):
        unit, _ = Organisation.objects.get_or_create(
            code=f"unit-{division}",
            defaults={
                "name": "示例局",
                "name_en": "Sample",
                "level": Level.COUNTY,
                "division_code": division,
            },
        )
        return Officer.objects.create(username=username, organisation=unit, roles=list(roles))

    return make


@pytest.mark.parametrize(
    ("division", "prefix"),
    [("440000", "44"), ("440100", "4401"), ("440106", "440106"), ("440106005", "440106005")],
)
def test_a_units_territory_is_the_digits_that_its_area_shares(division, prefix):
    assert territory_prefix(division) == prefix


def test_a_citizen_without_an_account_may_nothing_inside():
    assert not any(permissions.may(AnonymousUser(), permission) for permission in Permission)


def test_an_officer_without_a_unit_may_nothing():
    adrift = Officer(username="adrift", roles=[Role.INSPECTOR])
    assert not permissions.may(adrift, Permission.INSPECT)


def test_an_officer_who_has_left_may_nothing(officer):
    former = officer("440106", Role.INSPECTOR)
    former.is_active = False
    assert not permissions.may(former, Permission.INSPECT)


def test_a_county_inspector_inspects_in_the_county_and_not_next_door(officer):
    inspector = officer("440106", Role.INSPECTOR)
    assert permissions.may(inspector, Permission.INSPECT, division="440106")
    assert permissions.may(inspector, Permission.INSPECT, division="440106005")
    assert not permissions.may(inspector, Permission.INSPECT, division="440105")


def test_being_a_superuser_gives_no_right_to_draw(officer):
    root = officer("440000", Role.INSPECTOR)
    root.is_superuser = True
    assert not permissions.may(root, Permission.MANAGE_DRAW)


def test_only_auditors_open_all_leaves(officer):
    holders = [
        role
        for role in Role.values
        if permissions.may(officer("440000", role, username=role), Permission.OPEN_DRAW_LEAVES)
    ]
    assert holders == [Role.AUDITOR]


def test_stewards_and_drawers_see_no_check(officer):
    holders = {
        role
        for role in Role.values
        if permissions.may(officer("440106", role, username=role), Permission.VIEW_CHECK, division="440106")
    }
    assert holders == {Role.INSPECTOR, Role.PUBLISHER, Role.AUDITOR}


def test_a_refusal_says_in_both_languages_whose_area_it_is(officer):
    with pytest.raises(Forbidden) as refusal:
        permissions.require(officer("440106", Role.INSPECTOR), Permission.INSPECT, division="440105")
    assert "广东省广州市海珠区" in refusal.value.message_zh
    assert "广东省广州市海珠区" in refusal.value.message_en


def test_every_permission_is_held_by_some_role_and_none_by_all_but_the_workbench():
    for permission in Permission:
        roles = permissions._ROLES_OF[permission]
        assert roles
        assert permission is Permission.VIEW_WORKBENCH or len(roles) < len(Role.values)


def test_a_look_is_written_down_with_unit_role_and_reason(officer):
    auditor = officer("440000", Role.AUDITOR)
    at = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    record_look(auditor, "91440101MA59ABCD1D", "credit_class", at=at, reason="抽查复核")
    record = AccessRecord.objects.get()
    assert (record.organisation_name, record.role, record.reason) == ("示例局", "auditor", "抽查复核")


def test_the_refusal_names_the_place_and_not_a_bare_code(officer):
    inspector = officer("440106", Role.INSPECTOR, username="refused")
    with pytest.raises(Forbidden) as refusal:
        permissions.require(inspector, Permission.INSPECT, division="441900101")
    assert "广东省东莞市石碣镇" in refusal.value.message_zh
    assert "广东省东莞市石碣镇" in refusal.value.message_en
    assert "441900101" not in refusal.value.message_zh + refusal.value.message_en


def limited(officer, division="440106", part="440106005"):
    one = officer(division, Role.HANDLER, Role.LEADER)
    one.division_code = part
    one.save()
    return one


@pytest.mark.parametrize(
    ("division", "may"), [("440106005", True), ("440106006", False), ("440106", False), ("440104005", False)]
)
def test_an_officer_limited_to_a_stations_part_works_there_alone(officer, division, may):
    one = limited(officer)
    assert permissions.may(one, Permission.WORK_REPORT, division=division) is may
    assert permissions.may_work(one, Role.HANDLER, unit=one.organisation, division=division) is may


def test_an_area_outside_the_unit_gives_nothing(officer):
    one = limited(officer, part="440104005")
    for division in ("440104005", "440106005", "440106"):
        assert not permissions.may(one, Permission.WORK_REPORT, division=division)


def test_a_leader_of_a_part_does_not_lead_the_whole_unit(officer):
    one = limited(officer)
    assert not permissions.may_lead(one, unit=one.organisation)
    one.division_code = ""
    assert permissions.may_lead(one, unit=one.organisation)


def test_finance_pays_and_sees_neither_reports_nor_reporters(officer):
    one = officer("440106", Role.FINANCE)
    assert permissions.may(one, Permission.PAY_REWARD, division="440106")
    for permission in (
        Permission.VIEW_REPORT,
        Permission.VIEW_REPORTER,
        Permission.VIEW_REWARD,
        Permission.VIEW_COMPLAINT,
    ):
        assert not permissions.may(one, permission)


@pytest.mark.parametrize("part", ["", "440106", "440106005", "440305"])
@pytest.mark.parametrize("unit", ["440000", "440100", "440106"])
def test_rows_of_an_area_are_those_whose_division_lies_in_it(officer, unit, part):
    somebody = officer(unit, Role.LEADER)
    somebody.division_code = part
    places = ("440000", "440100", "440106", "440106005", "440305", "450100", "")
    for n, place in enumerate(places):
        Organisation.objects.create(
            code=f"row-{n}", name="示例", name_en="Sample", level=Level.COUNTY, division_code=place
        )
    rows = Organisation.objects.filter(permissions.rows_in_area(somebody), code__startswith="row-")
    assert set(rows.values_list("division_code", flat=True)) == {
        place for place in places if permissions.in_area(somebody, place)
    }


def other_unit(name, level, division):
    unit = Organisation.objects.create(
        code=f"other-{name}", name="示例单位", name_en="Sample", level=level, division_code=division
    )
    return Officer.objects.create(username=name, organisation=unit, roles=list(Role.values))


@pytest.mark.parametrize(
    ("level", "division"), [("department", "440000"), ("department", "-"), ("trade", ""), ("trade", "440000")]
)
def test_outside_market_regulation_no_role_opens_what_is_the_regulators_whatever_the_units_area(
    level, division
):
    """A council works in the whole province: its leader learns no reporter, decides no reward and no target of the plan."""
    one = other_unit("council", level, division)
    for permission in (
        Permission.VIEW_REPORTER, Permission.VIEW_PARTY, Permission.DECIDE_REWARD, Permission.PAY_REWARD, Permission.DECIDE_PLAN,
        Permission.INSPECT, Permission.VIEW_ACCESS_RECORDS, Permission.HOLD_DELETION, Permission.KEEP_CREDIT_FILE,
    ):  # fmt: skip
        assert not permissions.may(one, permission), permission
    may = {one_ for one_ in Permission if permissions.may(one, one_)}
    assert may == {
        Permission.VIEW_WORKBENCH, Permission.WORK_BAY_AREA, Permission.KEEP_REGISTER, Permission.WORK_JOINT,
        Permission.ANSWER_MEASURES, Permission.MANAGE_OFFICERS,
    }  # fmt: skip


def test_in_a_unit_without_an_area_nothing_lies(officer):
    association = other_unit("clerk", "trade", "")
    bureau = officer("440106", Role.LEADER).organisation
    assert not permissions.in_area(association, "440106")
    assert not Organisation.objects.filter(permissions.rows_in_area(association)).exists()
    assert not permissions.is_above(association.organisation, bureau)


def test_a_council_of_the_whole_province_stands_above_no_bureau_even_where_no_parent_is_entered(officer):
    council = other_unit("council", "department", "440000")
    bureau = officer("440106", Role.HANDLER).organisation
    assert bureau.parent_id is None
    assert not permissions.is_above(council.organisation, bureau)
    assert not permissions.may_lead(council, unit=bureau)
