"""Two counties with their people, and a shop to complain about: enough for whole journeys.

Django is not ready when this file is read, so what needs it is imported inside.
"""

from types import SimpleNamespace

import pytest


@pytest.fixture
def office(db, django_user_model):
    """A county's unit and its people by role; `other` is the neighbouring county's unit."""
    from zhijian.security.models import Organisation

    def unit(division, name, parent=None, level="county"):
        return Organisation.objects.create(
            code=f"amr-{division}",
            name=name,
            name_en=f"AMR {division} (example)",
            level=level,
            division_code=division,
            parent=parent,
            is_synthetic=True,
        )

    city = unit("440100", "示例广州市市场监督管理局", level="city")
    here, there = unit("440106", "示例天河区局", city), unit("440104", "示例越秀区局", city)

    def officer(role, at=here, name=""):
        return django_user_model.objects.create(
            username=f"{name or role}-{at.division_code}",
            display_name=f"示例{name or role}",
            organisation=at,
            roles=[role],
            is_synthetic=True,
        )

    return SimpleNamespace(
        unit=here,
        other=there,
        intake=officer("intake"),
        handler=officer("handler"),
        second=officer("handler", name="second"),
        mediator=officer("mediator"),
        leader=officer("leader"),
        city_leader=officer("leader", city),
        other_intake=officer("intake", there),
        other_handler=officer("handler", there),
    )


@pytest.fixture
def journey(office):
    """Hand submissions in and take the steps of their cases, as the pages would."""
    from tests.apps.consumer.complaints.casework import Journey

    return Journey(office)
