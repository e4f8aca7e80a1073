"""A province's analysts and leaders, and cases that a test sets as it likes."""

from types import SimpleNamespace

import pytest


@pytest.fixture
def told(monkeypatch):
    """The list of cases that every registered system together has: a test fills it."""
    from zhijian.engines.signals import counted

    rows = []
    monkeypatch.setattr(
        counted,
        "_readers",
        {"test": lambda first, last: [row for row in rows if first <= row.received_on <= last]},
    )
    return rows


@pytest.fixture
def province(db, django_user_model):
    from zhijian.security.models import Organisation

    unit = Organisation.objects.create(
        code="amr-440000", name="示例省局", name_en="Example province", level="province",
        division_code="440000", is_synthetic=True,
    )  # fmt: skip

    def officer(name, *roles):
        return django_user_model.objects.create(
            username=name, display_name=f"示例{name}", organisation=unit, roles=list(roles), is_synthetic=True
        )

    return SimpleNamespace(
        unit=unit,
        analyst=officer("analyst", "analyst"),
        expert=officer("expert", "analyst"),
        leader=officer("leader", "leader"),
        grader=officer("grader", "leader"),
        publisher=officer("publisher", "leader"),
        handler=officer("handler", "handler"),
        inspector=officer("inspector", "inspector"),
    )
