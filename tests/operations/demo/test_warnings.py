"""The demonstration's warning: five persons, published, marked, and not a second time."""

import pytest

from zhijian.operations.demo import warnings
from zhijian.security.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_the_public_finds_a_warning_that_five_persons_brought_there_and_a_second_run_adds_none(client):
    from zhijian.apps.consumer.analysis.models import ConsumerWarning
    from zhijian.engines.facts.models import Fact

    Organisation.objects.create(
        code="amr-440000", name="示例省局", name_en="Sample province", level="province",
        division_code="440000", is_synthetic=True,
    )  # fmt: skip
    assert (warnings.seed(), warnings.seed()) == (1, 0)
    warning = ConsumerWarning.objects.get()
    assert warning.is_synthetic and warning.state == "published"
    assert len({step.officer_id for step in warning.history}) == 5
    assert Fact.objects.filter(kind="warning.published", is_synthetic=True).count() == 1
    page = client.get("/warnings/").content.decode()
    assert warnings.TITLE in page
