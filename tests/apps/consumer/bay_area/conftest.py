"""The platform at work: a consumer's dispute, the council's officers, the messages of the other side."""

import pytest

from tests.apps.consumer.complaints.conftest import journey, office  # noqa: F401 - fixtures


@pytest.fixture
def desk(journey, django_user_model):  # noqa: F811
    from tests.apps.consumer.bay_area.handing import Desk
    from zhijian.security.models import Organisation

    unit = Organisation.objects.create(
        code="council-440000", name="示例广东省消费者委员会", name_en="Guangdong Consumer Council (example)",
        level="province", division_code="440000", is_synthetic=True,
    )  # fmt: skip

    def officer(role):
        return django_user_model.objects.create(
            username=f"{role}-council",
            display_name=f"示例{role}",
            organisation=unit,
            roles=[role],
            is_synthetic=True,
        )

    return Desk(journey, officer("handler"), officer("leader"))
