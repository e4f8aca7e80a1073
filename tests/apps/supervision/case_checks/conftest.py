"""The unit of the inspection's tests, with a leader, and a firm in its area."""

import pytest

from tests.apps.supervision.inspection.conftest import a_draw, check, staff, steps

__all__ = ["a_draw", "check", "staff", "steps"]


@pytest.fixture
def leader(staff, django_user_model):
    return django_user_model.objects.create(
        username="leader",
        display_name="示例负责人",
        organisation=staff.unit,
        roles=["leader"],
        is_synthetic=True,
    )


@pytest.fixture
def firm(check):
    from zhijian.apps.supervision.case_checks.services import Firm

    return Firm(check.uscc, check.entity_name, "440106", True)
