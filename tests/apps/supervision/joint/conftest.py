"""A draw that is announced, two departments with three people each, and the leading unit of the inspection's tests."""

from datetime import date
from types import SimpleNamespace

import pytest

from tests.apps.supervision.inspection.conftest import _hashed, a_draw, staff, steps

__all__ = ["a_draw", "staff", "steps"]


@pytest.fixture
def departments(staff, django_user_model):
    """Fire and culture, each with three people; every account has one role."""
    from tests.apps.supervision.inspection.casework import PASSWORD
    from zhijian.apps.supervision.joint import services

    def made(code, name, name_en):
        unit = services.add_department(code, name, name_en, is_synthetic=True)
        people = [
            django_user_model.objects.create(
                username=f"{code}-{n}",
                password=_hashed(PASSWORD),
                display_name=f"示例{name[2:4]}{n}",
                organisation=unit,
                roles=["partner"],
                certificate_number=f"{code}{n}",
                certificate_valid_until=date(2027, 12, 31),
                is_synthetic=True,
            )
            for n in (1, 2, 3)
        ]
        return SimpleNamespace(unit=unit, people=people)

    return SimpleNamespace(
        fire=made("fire", "示例消防救援大队", "Fire rescue (example)"),
        culture=made("culture", "示例文化旅游局", "Culture and tourism (example)"),
    )


@pytest.fixture
def ceremony(staff, a_draw, home, steps):
    """The draw of 2026-0312 up to its announcement; `drawn()` gives it its seed and dispatches its two checks."""
    from tests.apps.supervision.joint.ceremony import Ceremony

    steps.services.publish_item_list(by=None, at=steps.AT)
    return Ceremony(staff, a_draw)


@pytest.fixture
def joined(ceremony, staff, departments, steps):
    """A joint inspection with both departments, drawn and given out; fire has two visits."""
    from zhijian.apps.supervision.joint import services

    plan = services.open_plan(ceremony.draw, by=staff.drawer, at=steps.AT)
    parts = {}
    for name, item in (("fire", "消防通道"), ("culture", "经营许可")):
        one = getattr(departments, name)
        part = services.invite(plan, one.unit, [(item, "《示例条例》第一条")], by=staff.drawer, at=steps.AT)
        services.join(part, [person.username for person in one.people], by=one.people[0], at=steps.AT)
        parts[name] = part
    ceremony.drawn()
    services.give_out(plan, by=staff.drawer, at=steps.AT)
    return SimpleNamespace(plan=plan, **parts)
