"""GB54: what is not on the published list on the day cannot be drawn; the register of items says what is."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.supervision.inspection import item_list, policies, rosters, scoping
from zhijian.apps.supervision.inspection import services as inspection
from zhijian.engines.registers.declared import registry, services
from zhijian.security.models import Role

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 1)


@pytest.fixture
def items():
    """The register with its demonstration, beside the shipped list."""
    register = registry.find("inspection_items")
    inspection.publish_item_list(by=None, at=AT)
    keeper = desk.province_keeper(register)
    services.take_in(register, "items.csv", desk.as_csv(desk.demo_rows(register, 100)), by=keeper, at=AT)
    return SimpleNamespace(register=register, keeper=keeper)


def test_an_item_that_left_the_register_cannot_be_drawn_though_the_shipped_list_has_it(items):
    services.end(items.register, "REG-01", last_day=date(2026, 11, 30), seen=1, reason="依据废止", by=items.keeper, at=AT)  # fmt: skip
    assert inspection.items_in_force(["REG-01"], date(2026, 11, 30))
    with pytest.raises(policies.Incomplete, match="REG-01"):
        inspection.items_in_force(["REG-01", "REG-02"], DAY)


def test_a_draw_keeps_the_text_of_the_version_that_it_was_drawn_by(items):
    (old,) = inspection.items_in_force(["REG-01"], DAY)
    row = next(row for row in desk.demo_rows(items.register, 100) if row["key"] == "REG-01")
    changed = {**row, "content": "新的检查内容"}
    services.change(items.register, "REG-01", changed, seen=1, reason="修改内容", by=items.keeper, at=AT)
    (new,) = inspection.items_in_force(["REG-01"], DAY)
    old.refresh_from_db()
    assert (new.content, new.cap_per_year, new.pk != old.pk) == ("新的检查内容", 2, True)
    assert old.content == row["content"] and old.content_en.startswith("Licence")
    assert inspection.items_in_force(["REG-01"], DAY) == [new]
    assert inspection.publish_item_list(by=None, at=AT) == 0


def test_a_draw_copies_the_english_words_of_the_register_and_the_shipped_ones_where_it_has_none(items):
    row = next(row for row in desk.demo_rows(items.register, 100) if row["key"] == "REG-01")
    (culture,) = inspection.items_in_force(["GZ-CUL-01"], DAY)
    assert culture.name_en == "Identity checks at internet cafés"
    services.change(
        items.register, "REG-01", row | {"name_en": ""}, seen=1, reason="英文另定", by=items.keeper, at=AT
    )
    (licence,) = inspection.items_in_force(["REG-01"], DAY)
    assert licence.name_en == "Proper display and use of the business licence"


def test_a_unit_draws_items_of_the_lists_whose_area_holds_its_own(items):
    province, tianhe = items.keeper.organisation, desk.unit("440106", "示例天河区局")
    offered = {one.code for one in item_list.offered(tianhe, DAY)}
    assert {"REG-01", "GZ-CUL-01", "TH-FOO-03"} <= offered and "SZ-ADV-02" not in offered
    assert "TH-FOO-03" not in {one.code for one in item_list.offered(province, DAY)}
    with pytest.raises(policies.Incomplete):
        inspection.items_in_force(["TH-FOO-03"], DAY, unit=province)


@pytest.mark.parametrize(
    "wrong", [{"division": "440305"}, {"library": "moon"}, {"tags": "no-such-tag"}, {"division": "99"}]
)
def test_a_scope_outside_the_area_or_of_no_library_is_refused(wrong):
    drawer = desk.officer("drawer", desk.unit("440106", "示例天河区局"), Role.DRAWER)
    assert scoping.scope_of({}, drawer).division == "440106"
    with pytest.raises(policies.Incomplete):
        scoping.scope_of(wrong, drawer)


def test_where_the_library_holds_officers_of_a_division_nobody_else_is_drawn_from_there():
    register = registry.find("inspectors")
    keeper, tianhe = desk.province_keeper(register), desk.unit("440106", "示例天河区局")
    rows = [row for row in desk.demo_rows(register, 100) if row["key"] == "YF-440106-001"]
    people = [desk.officer(f"inspector-440106-{n}", tianhe, Role.INSPECTOR) for n in (1, 2)]
    for one in people:
        one.certificate_valid_until = DAY + timedelta(days=900)
        one.save()
    plan = SimpleNamespace(freeze_at=AT, reveal_until=AT, inspection_until=DAY)
    assert len(rosters.pool(plan)) == 2
    services.take_in(register, "one.csv", desk.as_csv(rows), by=keeper, at=AT)
    assert [one.inspector_id for one in rosters.pool(plan)] == ["inspector-440106-1"]
    assert rosters.certificate_end(people[0]) == date(2028, 12, 31)
