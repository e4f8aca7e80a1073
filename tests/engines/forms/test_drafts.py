"""Drafts belong to one officer or one receipt, come back as typed, and go when handed in."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.engines.forms.samples import FILLED, FORM
from tests.portal.pages import town
from zhijian.engines.forms import services
from zhijian.engines.forms.binding import typed_from
from zhijian.engines.forms.models import Draft
from zhijian.engines.forms.services import DraftRefused, Owner

pytestmark = [pytest.mark.database, pytest.mark.django_db]
AT = datetime(2026, 11, 20, 4, tzinfo=UTC)
OWNER, RECEIPT = Owner("sample", "7"), "7K4M-22QX-9PRT-4WHC"


@pytest.fixture
def officer(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return town.officer("writer", "inspector", division="440106")


def test_a_draft_comes_back_as_typed_to_its_own_person_alone(officer):
    typed = {"amount": ["一百元左右"], "name": ["陈"], "shop.told": ["a\nb"]}
    services.save_draft(FORM, OWNER, typed, by=officer, at=AT)
    services.save_draft(FORM, OWNER, {"name": ["别人"]}, by=RECEIPT, at=AT)
    assert services.find_draft(FORM, OWNER, by=officer).content == typed
    assert services.find_draft(FORM, OWNER, by=RECEIPT).content == {"name": ["别人"]}
    assert services.find_draft(FORM, OWNER, by=RECEIPT + "X") is None
    assert RECEIPT not in str(list(Draft.objects.values()))


def test_the_newest_is_kept_and_what_the_form_asks_no_more_is_left_out(officer):
    services.save_draft(FORM, OWNER, {"name": ["甲"]}, by=officer, at=AT)
    services.save_draft(
        FORM, OWNER, {"name": ["乙"], "gone": ["x"]}, by=officer, at=AT + timedelta(minutes=1)
    )
    assert Draft.objects.count() == 1
    assert services.find_draft(FORM, OWNER, by=officer).content == {"name": ["乙"]}


def test_a_draft_goes_when_handed_in_or_when_nobody_comes_back(officer):
    services.save_draft(FORM, OWNER, typed_from(FORM, FILLED), by=officer, at=AT)
    services.save_draft(FORM, OWNER, {}, by=RECEIPT, at=AT - timedelta(days=30))
    assert services.clear_drafts(before=AT - timedelta(days=7)) == 1
    services.drop_draft(FORM, OWNER, by=officer)
    assert not Draft.objects.exists()


def test_too_much_text_and_a_receipt_that_can_be_guessed_are_refused(officer):
    with pytest.raises(DraftRefused, match="a draft holds 512 KB"):
        services.save_draft(FORM, OWNER, {"name": ["字" * 200_000]}, by=officer, at=AT)
    with pytest.raises(DraftRefused, match="too short"):
        services.save_draft(FORM, OWNER, {}, by="1", at=AT)
