"""A draw's task, two inspectors and a publisher: enough for a whole inspection.

Django is not ready when this file is read, so what needs it is imported inside.
"""

from datetime import date
from functools import cache
from types import SimpleNamespace

import pytest


@pytest.fixture
def steps():
    """The services and the shared entries, imported once Django is there."""
    from tests.apps.supervision.inspection import casework
    from zhijian.apps.supervision.inspection import services

    return SimpleNamespace(**{**vars(casework), "services": services})


@cache
def _hashed(password):
    """Hash once: making it slow is for real accounts."""
    from django.contrib.auth.hashers import make_password

    return make_password(password)


@pytest.fixture
def staff(db, django_user_model):
    """The unit and its people, by role."""
    from tests.apps.supervision.inspection.casework import PASSWORD
    from zhijian.security.models import Organisation

    unit = Organisation.objects.create(
        code="GD-440106",
        name="示例天河区市场监督管理局",
        name_en="Tianhe Market Supervision (example)",
        level="county",
        division_code="440106",
        is_synthetic=True,
    )

    def officer(username, name, *roles):
        return django_user_model.objects.create(
            username=username,
            password=_hashed(PASSWORD),
            display_name=name,
            organisation=unit,
            roles=list(roles),
            certificate_number=f"粤A{username}",
            certificate_valid_until=date(2027, 12, 31),
            is_synthetic=True,
        )

    return SimpleNamespace(
        unit=unit,
        first=officer("chen", "示例陈检", "inspector"),
        second=officer("li", "示例李检", "inspector"),
        third=officer("wang", "示例王检", "inspector"),
        drawer=officer("zhao", "示例赵抽", "drawer"),
        publisher=officer("qian", "示例钱公示", "publisher"),
        reviewer=officer("sunli", "示例孙复核", "publisher"),
    )


@pytest.fixture
def a_draw(staff):
    """What a finished draw hands over; `made(...)` changes parts of it."""
    from tests.apps.supervision.inspection.casework import ITEMS
    from zhijian.apps.supervision.inspection.services import Dispatch, DrawnVisit

    def made(
        *, names=("示例禾满食品有限公司",), is_synthetic=True, is_rehearsal=False, plan_id="2026-0312", **more
    ):
        visits = tuple(
            DrawnVisit(
                uscc=f"91440106MA9XH0T{number:02d}X",
                name=name,
                address="广州市天河区示例路88号302",
                division_code="440106",
                is_synthetic=is_synthetic,
                inspectors=(staff.first, staff.second),
                leaf=f"{number:064x}",
                stratum="R1",
            )
            for number, name in enumerate(names, start=10)
        )
        values = {
            "plan_id": plan_id,
            "attempt": 1,
            "title": "食品销售监督检查",
            "title_en": "Food retail inspection",
            "item_codes": ITEMS,
            "organisation": staff.unit,
            "drawn_on": date(2026, 9, 1),
            "due_on": date(2026, 9, 30),
            "is_rehearsal": is_rehearsal,
            "visits": visits,
            "frame_by_prefecture": {"440100": 40},
        }
        return Dispatch(**values | more)

    return made


@pytest.fixture
def check(staff, a_draw, home, steps):
    """A check that was dispatched and not begun."""
    steps.services.publish_item_list(by=None, at=steps.AT)
    return steps.services.dispatch(a_draw(), by=staff.drawer, at=steps.AT).checks.get()


@pytest.fixture
def on_site(check, staff, steps):
    steps.services.begin(check, steps.HERE, certificates_shown=True, by=staff.first, at=steps.AT)
    return check


@pytest.fixture
def entered(on_site, staff, steps):
    steps.services.record_result(on_site, steps.PROBLEM_FOUND, by=staff.first, at=steps.AT)
    return on_site


@pytest.fixture
def confirmed(entered, staff, steps):
    steps.services.confirm_by_second(entered, by=staff.second, at=steps.AT)
    return entered


@pytest.fixture
def published(confirmed, staff, steps):
    steps.services.publish(confirmed, by=staff.publisher, at=steps.AT)
    return confirmed
