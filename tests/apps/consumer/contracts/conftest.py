"""A county's unit with those who supervise contracts. Django is not ready when this file is read."""

from types import SimpleNamespace

import pytest


@pytest.fixture
def office(db, home):
    from tests.engines.registers.declared import desk

    here, there = desk.unit("440106", "示例天河区市场监督管理局"), desk.unit("440305", "示例南山区局")
    return SimpleNamespace(
        unit=here,
        handler=desk.officer("handler", here, "handler"),
        leader=desk.officer("leader", here, "leader"),
        analyst=desk.officer("analyst", here, "analyst"),
        intake=desk.officer("intake", here, "intake"),
        stranger=desk.officer("stranger", there, "handler", "leader"),
    )
