"""The demonstration's follow-ups: each ending is there once, hangs on what it says, and a second run changes nothing."""

import pytest

from tests.apps.supervision.inspection.casework import AT
from tests.apps.supervision.inspection.conftest import a_draw, staff  # noqa: F401 - fixtures
from zhijian.apps.supervision.inspection import services
from zhijian.apps.supervision.inspection.codes import Ending
from zhijian.apps.supervision.inspection.models import FollowUp, FollowUpClosing
from zhijian.apps.supervision.inspection.services import DrawnVisit
from zhijian.operations.demo import days, fieldwork, follow_ups
from zhijian.operations.seed.officers import unit_code
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.models import Organisation

pytestmark = pytest.mark.django_db

CODES = ("6", "6", "6", "9", "9", "9", "8", "8")


def test_follow_ups_end_in_every_way_and_a_second_run_changes_nothing(staff, a_draw, home, monkeypatch):  # noqa: F811
    monkeypatch.setattr(follow_ups, "_LEFT_ALONE", 0)
    Organisation.objects.create(code=unit_code("440100"), name="示例市局", name_en="Sample", level="city", division_code="440100")  # fmt: skip
    services.publish_item_list(by=None, at=AT)
    tasks = [
        services.dispatch(
            a_draw(
                plan_id=plan,
                visits=tuple(
                    DrawnVisit(synthetic_code(first + n, "440106"), f"示例{n}", "示例路", "440106", True, (staff.first, staff.second))
                    for n in range(count)
                ),
            ),
            by=staff.drawer,
            at=AT,
        )
        for plan, first, count in (("done", 840_001, len(CODES)), ("open", 840_101, 3))
    ]  # fmt: skip
    for check, code in zip(tasks[0].checks.order_by("number"), CODES, strict=True):
        fieldwork.visit(check, code, days.moment(11, 10, 9).date())
    assert follow_ups.seed(*tasks, now=AT) == len(follow_ups.stories(AT.date())) + 2
    assert set(FollowUpClosing.objects.values_list("ending", flat=True)) == set(Ending) - {Ending.SUPERSEDED}
    assert FollowUpClosing.objects.get(ending="listed").case.organisation.code == unit_code("440100")
    assert FollowUp.objects.get(kind="recheck", closing=None).due_on == days.moment(12, 12, 9).date()
    assert follow_ups.seed(*tasks, now=AT) == 0
