"""Visits without a code, as leaders find them: those that nobody answered are never buried."""

from datetime import date, datetime, timedelta

import pytest

from tests.engines.registers.declared import desk
from zhijian.apps.supervision.visit_codes import queries
from zhijian.apps.supervision.visit_codes.models import UncodedVisit, UncodedVisitAnswer
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AT = datetime(2026, 9, 23, 10, 0, tzinfo=ZONE)


def test_an_unanswered_visit_stays_first_however_many_newer_ones_are_answered(monkeypatch):
    leader = desk.officer("leader", desk.unit("440106", "示例区局"), "leader")
    told = [
        UncodedVisit.objects.create(
            number=f"WM-{n}", firm_name="示例店", division_code="440106", visited_on=date(2026, 9, 1), words="没有亮码", at=AT + timedelta(days=n),
        )
        for n in range(5)
    ]  # fmt: skip
    for visit in told[2:]:
        UncodedVisitAnswer.objects.create(visit=visit, outcome="unclear", words="查不清", by=leader, at=AT)
    monkeypatch.setattr(queries, "_ANSWERED", 1)
    assert [one.number for one in queries.told("440106")] == ["WM-0", "WM-1", "WM-4"]
