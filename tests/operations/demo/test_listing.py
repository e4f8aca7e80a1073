"""The demonstration's lists: one firm listed by three persons, one clue open, and a second run that changes nothing."""

import pytest

from tests.engines.registers.declared import desk
from zhijian.apps.supervision.listing import queries
from zhijian.apps.supervision.listing.models import ListingMatter
from zhijian.operations.demo import listing
from zhijian.operations.seed.officers import unit_code
from zhijian.security.models import Organisation

pytestmark = pytest.mark.django_db


def test_one_firm_is_listed_one_is_checked_and_a_second_run_changes_nothing():
    Organisation.objects.create(code=unit_code("440100"), name="示例市局", name_en="Sample", level="city", division_code="440100")  # fmt: skip
    assert listing.seed(now=desk.AT)
    assert [one.name for one in queries.standing(on=desk.AT.date())] == ["示例灯饰有限公司（合成）"]
    assert sorted(one.outcome for one in ListingMatter.objects.all()) == ["", "listed"]
    assert not listing.seed(now=desk.AT)
