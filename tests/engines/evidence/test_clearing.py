"""Files that nobody handed in go after their days; a file that any row names stays for ever."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from tests.apps.supervision.inspection.casework import picture
from zhijian.engines.evidence import clearing, examining, services
from zhijian.engines.evidence.models import EvidenceFile
from zhijian.engines.evidence.services import Owner

pytestmark = [pytest.mark.database, pytest.mark.django_db]
AT = datetime(2026, 11, 20, 4, tzinfo=UTC)


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


def clear(home, at=AT):
    return clearing.clear_unnamed(home.media, before=at - timedelta(days=14), at=at)


def receive(home, *, at=AT, **more):
    return services.receive(
        [picture(**more)], "a.jpg", Owner("sample", "7"), media=home.media, by="投诉人", at=at
    )


@pytest.fixture
def other(home):
    """The database holds evidence of some case: it is one by which files may be judged."""
    return receive(home, colour="blue")


def test_what_nobody_sent_goes_after_its_days_with_its_copies_and_not_a_day_before(home, other):
    place = kept(home, "a.jpg", days_old=13)
    assert clear(home) == 0 and place.exists()
    age(place, 15)
    copy = examining.display_path(home.media, place.name, "thumbnail")
    assert copy.exists()
    assert clear(home) == 1 and not place.exists() and not copy.exists()
    assert clear(home) == 0


def test_evidence_of_a_case_is_never_taken_away_however_old(home):
    file = receive(home)
    place = examining.original_path(home.media, file.sha256)
    age(place, 4000)
    assert clear(home) == 0 and place.exists()


def test_what_is_handed_in_again_is_young_again(home, other):
    place = kept(home, "a.jpg", days_old=20)
    examining.keep(home.media, picture(), examining.examine(picture(), "a.jpg"))
    assert clear(home) == 0 and place.exists()


def test_where_nothing_was_ever_uploaded_there_is_nothing_to_clear(home):
    assert clear(home) == 0


def test_a_database_without_any_evidence_judges_no_file(home):
    place = kept(home, "a.jpg", days_old=4000)
    assert clear(home) == 0 and place.exists()


def test_what_an_older_database_does_not_name_is_set_aside_and_comes_back_with_the_right_one(home, other):
    place = kept(home, "a.jpg", days_old=400)
    data = place.read_bytes()
    assert clear(home) == 1 and not place.exists()
    aside = examining.aside_path(home.media, place.name)
    assert aside.read_bytes() == data
    named = EvidenceFile.objects.bulk_create([row(other, place.name)])[0]
    with pytest.raises(FileNotFoundError, match="set aside at"):
        services.show(named, "original", media=home.media, by="投诉人", at=AT)
    clear(home, AT + timedelta(days=400))
    assert place.read_bytes() == data and not aside.exists()
    assert examining.display_path(home.media, place.name, "thumbnail").exists()


def test_what_lies_aside_goes_for_good_after_180_days_and_not_before(home, other):
    place = kept(home, "a.jpg", days_old=15)
    aside = examining.aside_path(home.media, place.name)
    clear(home)
    clear(home, AT + timedelta(days=180))
    assert aside.exists()
    clear(home, AT + timedelta(days=181))
    assert not aside.exists()
    assert not examining.aside_path(home.media, place.name, "thumbnail").exists()


def row(like, sha256):
    return EvidenceFile(
        owner_kind="sample",
        owner_id="8",
        sha256=sha256,
        size_bytes=like.size_bytes,
        mime=like.mime,
        name="a.jpg",
        received_at=AT,
    )
