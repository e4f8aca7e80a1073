"""The demonstration's two departments join before the seed and carry out a few visits; a second run changes nothing."""

import pytest
from django.test import Client

pytestmark = pytest.mark.database


def test_the_invented_departments_join_and_publish_once(ceremony, staff, steps, monkeypatch):
    from zhijian.apps.supervision.inspection.models import Check
    from zhijian.operations.demo import joint

    monkeypatch.setattr(joint, "PLAN", "2026-0312")
    assert joint.ask(ceremony.draw, drawer=staff.drawer) and not joint.ask(ceremony.draw, drawer=staff.drawer)
    ceremony.drawn()
    for check in Check.objects.all():
        steps.services.begin(check, steps.HERE, certificates_shown=True, by=staff.first, at=steps.AT)
    assert joint.carry_out(ceremony.draw) == (4, True)
    assert joint.carry_out(ceremony.draw) == (4, False)
    page = Client().get("/joint/2026-0312/").content.decode()
    assert "各部门的结果（4份）" in page and "杂物" not in page
