"""Files that nobody handed in go after their days; a file that any row names stays for ever."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from tests.apps.supervision.inspection.casework import picture
from zhijian.engines.evidence import clearing, examining, services
from zhijian.engines.evidence.services import Owner

pytestmark = [pytest.mark.database, pytest.mark.django_db]
AT = datetime(2026, 11, 20, 4, tzinfo=UTC)
LIMIT = AT - timedelta(days=14)


def kept(home, name, *, days_old, **more):
    """Keep a picture that no row names, and make it so many days old."""
    data = picture(**more)
    examined = examining.examine(data, name)
    examining.keep(home.media, data, examined)
    place = examining.original_path(home.media, examined.sha256)
    age(place, days_old)
    return place


def age(place, days):
    moment = (AT - timedelta(days=days)).timestamp()
    os.utime(place, (moment, moment))


def clear(home):
    return clearing.clear_unnamed(home.media, before=LIMIT)


def test_what_nobody_sent_goes_after_its_days_with_its_copies_and_not_a_day_before(home):
    place = kept(home, "a.jpg", days_old=13)
    assert clear(home) == 0 and place.exists()
    age(place, 15)
    copy = examining.display_path(home.media, place.name, "thumbnail")
    assert copy.exists()
    assert clear(home) == 1 and not place.exists() and not copy.exists()
    assert clear(home) == 0


def test_evidence_of_a_case_is_never_taken_away_however_old(home):
    file = services.receive([picture()], "a.jpg", Owner("sample", "7"), media=home.media, by="投诉人", at=AT)
    place = examining.original_path(home.media, file.sha256)
    age(place, 4000)
    assert clear(home) == 0 and place.exists()


def test_what_is_handed_in_again_is_young_again(home):
    place = kept(home, "a.jpg", days_old=20)
    examining.keep(home.media, picture(), examining.examine(picture(), "a.jpg"))
    assert clear(home) == 0 and place.exists()


def test_where_nothing_was_ever_uploaded_there_is_nothing_to_clear(home):
    assert clear(home) == 0
