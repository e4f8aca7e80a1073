"""The demonstration's credit files: two cases of the keeper's own unit, and a second run that changes nothing."""

import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.consumer.credit_files.models import FileMatter
from zhijian.apps.consumer.worry_free.registers import COMMITMENTS
from zhijian.engines.registers.declared import services
from zhijian.operations.demo import credit

pytestmark = pytest.mark.django_db


def test_the_cases_are_of_the_unit_that_decided_and_a_second_run_changes_nothing():
    keeper = desk.officer("keeper", desk.unit("440000", "示例省局"), "steward", "handler")
    services.take_in(COMMITMENTS, "demo.csv", COMMITMENTS.demo_file.read_bytes(), by=keeper, at=AT)
    assert credit.fill(keeper, at=AT)
    assert {one.stood_as["payload"]["authority"] for one in FileMatter.objects.all()} == {"示例省局"}
    assert FileMatter.objects.count() == 2
    assert not credit.fill(keeper, at=AT)
