"""Two firms of the register with their desks, a county's officers, and a source of codes."""

from types import SimpleNamespace

import pytest

from tests.apps.consumer.complaints.conftest import journey, office  # noqa: F401 - fixtures
from tests.engines.registers.declared import desk


@pytest.fixture
def county(db):
    from zhijian.apps.consumer.evaluation.registers import FIRMS
    from zhijian.engines.registers.declared import services

    unit = desk.unit("440106", "示例天河区局")
    keeper = desk.officer("keeper", unit, "handler", "steward", "leader")
    rows = [row for row in desk.demo_rows(FIRMS, 30) if row["division_code"] == "440106"][:2]
    for row in rows:
        services.add(FIRMS, row, reason="按申请登记", by=keeper, at=desk.AT)
    from zhijian.apps.consumer.evaluation.models import EvaluatedFirm

    one, other = EvaluatedFirm.objects.order_by("key")
    return SimpleNamespace(unit=unit, officer=keeper, one=one, other=other, at=desk.AT)


@pytest.fixture
def codes():
    """Random bytes that are the same in every run."""
    from random import Random

    return Random(51).randbytes
