"""Who hears that something is new in a room: what waits, never what it says."""

from dataclasses import replace
from datetime import date

import pytest

from tests.apps.consumer.complaints.casework import CONSUMER as PERSON
from tests.apps.consumer.complaints.casework import at
from tests.apps.consumer.odr.roomwork import Table
from zhijian.apps.consumer.odr import noticing, services
from zhijian.apps.consumer.odr.errors import BadInput
from zhijian.apps.consumer.odr.models import CONSUMER, FIRM, NoticeAddress
from zhijian.engines.notices.models import Dispatch, Notice

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def table(journey, home, settings):
    """A room whose consumer left an e-mail address with the complaint."""
    settings.NOTICE_SENDER = "noreply@example.com"
    mediated = journey.in_mediation
    journey.in_mediation = lambda: mediated(parties=(replace(PERSON, email="zhang@example.com"),))
    return Table(journey)


def keep(table, typed, side=FIRM):
    invitation = table.invitation if side == FIRM else None
    return noticing.keep_address(
        table.room, typed, side=side, invitation=invitation, language="en", at=table.now
    )


def addresses():
    return sorted(of_rooms(Dispatch).values_list("notice__kind", "address", "language"))


def of_rooms(model):
    """What is told of rooms; the complaint's own messages are tested there."""
    kind = "kind" if model is Notice else "notice__kind"
    return model.objects.filter(**{f"{kind}__startswith": "odr."})


def test_a_side_hears_of_an_offer_and_an_acceptance_and_reads_nothing_of_them(table):
    keep(table, "firm@example.com")
    table.offer(CONSUMER, "58.00", "全额退款")
    made = table.offer(FIRM, "40.00", "商品留用")
    table.accept(made.number, CONSUMER)
    assert addresses() == [
        ("odr.new_offer", "firm@example.com", "en"),
        ("odr.new_offer", "zhang@example.com", "zh"),
        ("odr.text_waits", "firm@example.com", "en"),
    ]
    said = " ".join(f"{one.title_zh}{one.text_zh}{one.title_en}{one.text_en}" for one in of_rooms(Notice))
    secrets = ("58", "40.00", "退款", "留用", PERSON.name, table.room.number, table.complaint.respondent_name)
    assert not any(word in said for word in secrets)


def test_a_message_of_the_night_waits_for_the_morning(table):
    moment = at(date(2026, 9, 21), 23)
    last = "2026-09-30"
    services.offer(
        table.room, amount="9", what="", done_by=last, open_until=last, side=FIRM, by=None, at=moment
    )
    due_at = of_rooms(Dispatch).get().due_at
    assert due_at > moment and due_at.date() == date(2026, 9, 22)


def test_the_firm_s_address_ends_with_its_invitation_or_when_it_is_taken_back(table):
    assert "firm@example.com" not in keep(table, "firm@example.com").email_sealed
    table.invite()
    table.offer(CONSUMER)
    assert addresses() == []
    keep(table, "firm@example.com")
    assert keep(table, " ") is None and not NoticeAddress.objects.exists()
    for wrong in ("firm", "a@b.cn\nBcc: x@example.com", f"{'a' * 99}@example.com"):
        with pytest.raises(BadInput, match="邮箱"):
            keep(table, wrong)


def test_both_hear_of_a_talk_and_officers_who_may_seal_of_both_signatures(table):
    services.appoint(
        table.room, starts="2026-09-25T10:00", way="phone", place="", by=table.office.mediator, at=table.now
    )
    table.firm_code = table.invite(by=table.office.mediator)
    other = table.another_mediator()
    table.agree()
    table.confirm(CONSUMER)
    assert not Notice.objects.filter(kind="odr.to_seal").exists()
    table.confirm(FIRM)
    assert [one.officer for one in Notice.objects.filter(kind="odr.to_seal")] == [other]
    assert Notice.objects.filter(kind="odr.talk_appointed").count() == 1  # the firm left no address


def test_the_representative_of_a_joint_complaint_hears_of_an_offer(journey, home, settings):
    from zhijian.apps.consumer.complaints.models import Party

    settings.NOTICE_SENDER = "noreply@example.com"
    speaks = replace(PERSON, email="speaks@example.com", capacity=Party.REPRESENTATIVE)
    mediated = journey.in_mediation
    journey.in_mediation = lambda: mediated(parties=(speaks,))
    Table(journey).offer(FIRM)
    assert addresses() == [("odr.new_offer", "speaks@example.com", "zh")]
