"""The province's people for the quality of goods: an analyst, a second one, a leader, a keeper."""

from types import SimpleNamespace

import pytest

from tests.engines.registers.declared import desk


@pytest.fixture
def province(db):
    unit = desk.unit("440000", "示例省局")
    return SimpleNamespace(
        unit=unit,
        analyst=desk.officer("analyst", unit, "analyst"),
        leader=desk.officer("leader", unit, "leader"),
        keeper=desk.officer("keeper", unit, "handler", "steward", "leader", "intake"),
        at=desk.AT,
    )


@pytest.fixture
def codes():
    """Random bytes that are the same in every run."""
    from random import Random

    return Random(52).randbytes


@pytest.fixture
def injury():
    from zhijian.apps.consumer.goods_quality.registers import INJURIES

    row = desk.demo_rows(INJURIES, 1)[0]
    return {name: value for name, value in row.items() if name != "key"}


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    """Papers go to a folder of the test's own."""
    settings.SITE = "https://zhijian.example/"
