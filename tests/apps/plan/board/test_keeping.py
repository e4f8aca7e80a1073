"""The figures of a night: by area, by day, by part and kind; and the keys of wall screens."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.board import keeping, services
from zhijian.apps.plan.board.keeping import COMPLAINED, Happening, part_of
from zhijian.apps.plan.board.models import BoardNight
from zhijian.security.models import AccessRecord, Officer, Organisation
from zhijian.security.permissions import Forbidden

DAY = date(2026, 11, 28)


def complaint(days_ago, division, kind="M0101", count=1, **more):
    return Happening(COMPLAINED, DAY - timedelta(days=days_ago), division, kind, count, **more)


TOWN = [
    complaint(0, "440106"), complaint(6, "440106"), complaint(7, "440104", "M0601", 3), complaint(29, "440305"),
    complaint(30, "440100"), complaint(59, "440305", is_synthetic=True), complaint(60, "440305", count=50),
]  # fmt: skip


def told(area, span):
    return keeping.figures(TOWN, area, {COMPLAINED: DAY})[COMPLAINED]["spans"][span]


def test_a_week_ends_on_the_last_day_and_is_compared_with_the_seven_days_before():
    week = told("44", "7")
    assert (week["now"], week["before"]) == (2, 3)
    assert week["parts"] == [["440100", 2, 3]]
    assert week["kinds"] == [["M0101", 2, 0], ["M0601", 0, 3]]


def test_a_month_has_thirty_days_and_what_is_older_counts_nowhere():
    month = told("44", "30")
    assert (month["now"], month["before"]) == (6, 2)
    assert sum(keeping.figures(TOWN, "44", {COMPLAINED: DAY})[COMPLAINED]["daily"]) == 8


def test_a_city_counts_its_own_and_by_county():
    month = told("4401", "30")
    assert (month["now"], month["before"]) == (5, 1)
    assert month["parts"] == [["", 0, 1], ["440104", 3, 0], ["440106", 2, 0]]


@pytest.mark.parametrize(
    ("area", "division", "part"),
    [
        ("44", "440106", "440100"), ("44", "440000", ""), ("4401", "440106", "440106"), ("4401", "440100", ""),
        ("440106", "440106012", "440106012"), ("440106", "440106", ""),
    ],
)  # fmt: skip
def test_a_part_is_the_city_in_the_province_the_county_in_a_city_the_street_in_a_county(area, division, part):
    assert part_of(area, division) == part


def test_a_source_that_is_delivered_late_is_compared_up_to_its_own_last_day():
    late = keeping.figures(TOWN, "44", {COMPLAINED: DAY - timedelta(days=7)})[COMPLAINED]["spans"]["7"]
    assert (late["now"], late["before"]) == (3, 0)


@pytest.mark.database
def test_a_night_counted_again_is_replaced_and_the_newest_is_read(db):
    for day, rows in ((DAY - timedelta(days=1), []), (DAY, []), (DAY, TOWN)):
        assert keeping.keep(rows, ["44", "4401"], {COMPLAINED: DAY}, day=day, at=AT) == 2
    assert BoardNight.objects.count() == 4
    assert keeping.newest("44").figures[COMPLAINED]["spans"]["7"]["now"] == 2
    assert keeping.newest("4403") is None


def officer(name, *roles, division="440100"):
    unit = Organisation.objects.create(
        code=f"unit-{name}", name="示例局", name_en="Sample", level="city", division_code=division
    )
    return Officer.objects.create_user(name, password="x" * 16, organisation=unit, roles=list(roles))


@pytest.mark.database
def test_a_wall_key_opens_its_area_until_its_year_is_over_or_it_is_ended(db):
    leader = officer("leader", "leader")
    at = datetime(2026, 11, 28, 4, tzinfo=UTC)
    key = services.make_key("二楼大厅", by=leader, at=at)
    found = services.find_good(key, at=at)
    assert found.area == "4401" and key not in found.digest
    assert services.find_good(key, at=at + timedelta(days=365)) == found
    assert services.find_good(key, at=at + timedelta(days=366)) is None
    assert services.find_good(f"{key}x", at=at) is None
    services.end_key(found.pk, by=leader, at=at)
    assert services.find_good(key, at=at) is None
    parts = AccessRecord.objects.order_by("sequence").values_list("part", flat=True)
    assert list(parts) == ["wall_key_made", "wall_key_ended"]
    with pytest.raises(services.WallRefused):
        services.end_key(found.pk, by=leader, at=at)


@pytest.mark.database
def test_only_a_leader_of_the_area_makes_and_ends_a_key(db):
    leader, other = officer("leader", "leader"), officer("other", "leader", division="440300")
    services.make_key("大厅", by=leader, at=AT)
    number = services.keys_of(leader)[0].pk
    assert services.keys_of(other) == []
    with pytest.raises(services.WallRefused):
        services.end_key(number, by=other, at=AT)
    with pytest.raises(services.WallRefused):
        services.make_key("  ", by=leader, at=AT)
    with pytest.raises(Forbidden):
        services.make_key("大厅", by=officer("inspector", "inspector", division="440106"), at=AT)


@pytest.mark.database
@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"roles": ["inspector"]}, {"organisation": None}, {"division_code": "440106"}],
    ids=["closed account", "another role", "no unit", "a part of the area"],
)
def test_a_wall_key_ends_with_what_let_its_maker_see_the_area(db, change):
    leader = officer("leader", "leader")
    key = services.make_key("二楼大厅", by=leader, at=AT)
    assert services.find_good(key, at=AT)
    for name, value in change.items():
        setattr(leader, name, value)
    leader.save()
    assert services.find_good(key, at=AT) is None


@pytest.mark.database
def test_the_last_day_of_a_wall_key_is_one_of_shanghai(db):
    leader = officer("leader", "leader")
    at = datetime(2026, 11, 28, 17, tzinfo=UTC)  # already the 29th in Shanghai
    key = services.make_key("二楼大厅", by=leader, at=at)
    found = services.find_good(key, at=at)
    assert found.until == date(2027, 11, 29)
    assert services.find_good(key, at=datetime(2027, 11, 29, 15, 59, tzinfo=UTC)) == found
    assert services.find_good(key, at=datetime(2027, 11, 29, 16, 0, tzinfo=UTC)) is None
