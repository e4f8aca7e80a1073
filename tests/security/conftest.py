"""A county's unit with two administrators, as the tests of accounts have them."""

import pytest


def administrator(name, unit, **more):
    from zhijian.security.models import Officer, Role

    return Officer.objects.create_user(
        name, password="x", organisation=unit, roles=[str(Role.STEWARD)], **{"staff_number": f"no-{name}", **more}
    )  # fmt: skip


@pytest.fixture
def unit(db):
    from zhijian.security.models import Organisation

    return Organisation.objects.create(
        code="amr-440106", name="示例区局", name_en="Sample county", level="county", division_code="440106"
    )


@pytest.fixture
def first(unit):
    return administrator("first", unit)


@pytest.fixture
def second(unit):
    return administrator("second", unit)
