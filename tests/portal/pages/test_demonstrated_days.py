"""A demonstration has days of its own: how old its store is goes by the file, and the page says so."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from zhijian.engines.registers import serving
from zhijian.portal.condition import condition, demonstrated_on
from zhijian.security import factors

pytestmark = pytest.mark.django_db


@pytest.fixture
def put_in_place(home, register):
    """The moment at which the store was put in place: long after the day that its data tell."""
    moment = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
    os.utime(serving.pointer(home.serving), (moment.timestamp(), moment.timestamp()))
    return moment


def test_a_store_of_last_month_is_old_where_people_work(home, put_in_place):
    at = put_in_place + timedelta(hours=1)
    assert demonstrated_on(home, at=at) is None
    assert condition(home, at=at).store_age_seconds > 2 * 86_400


def test_a_fresh_demonstration_is_not_told_to_build_its_store_again(home, put_in_place, monkeypatch):
    monkeypatch.setattr(factors, "is_password_enough", lambda *, at: True)
    at = put_in_place + timedelta(hours=1)
    assert condition(home, at=at).store_age_seconds == 3600
    assert demonstrated_on(home, at=at) < put_in_place.date()
