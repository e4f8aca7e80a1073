"""What a firm may read of who looked waits until its check is over: until then the check is told as such."""

import pytest

from zhijian.portal.views.own_looks import closed_matters

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_check_under_way_is_not_over(check):
    assert closed_matters([check.number]) == set()


def test_a_check_whose_result_is_published_is_over(published):
    numbers = list(type(published).objects.values_list("number", flat=True))
    assert published.number in closed_matters(numbers)
