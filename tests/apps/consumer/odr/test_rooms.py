"""Whole rooms: from the first offer to the paper, and everything that is refused on the way."""

from datetime import timedelta

import pytest
from django.db import connection

from tests.apps.consumer.complaints.casework import CLUE
from tests.apps.consumer.complaints.casework import CONSUMER as PERSON
from tests.apps.consumer.odr.roomwork import CODE, drawn, enterprise, give_receipt
from zhijian.apps.consumer.complaints import paperwork
from zhijian.apps.consumer.odr import opening, queries, record, rooms, services
from zhijian.apps.consumer.odr.errors import (
    BadInput,
    InvitationEnded,
    NoRoom,
    NotIndependent,
    NotJoint,
    OdrRefused,
    OfferGone,
    RoomClosed,
    RoomMoved,
    TermOver,
    WrongCode,
)
from zhijian.apps.consumer.odr.models import CONSUMER, FIRM, MEDIATOR, Invitation, Offer, Room, RoomEvent
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures.errors import NotYours
from zhijian.security.permissions import Forbidden

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_offers_make_a_chain_and_the_agreement_drives_the_complaint(table, home):
    made = table.conclude()
    assert table.complaint.submission.receipt_number not in table.room.number
    first, second = table.room.offers.all()
    assert second.answers == first and first.end.verb == "countered" and second.end.verb == "accepted"
    assert table.state() == "agreed"
    paper = paperwork.for_the_person(table.complaint).get(template="mediation_agreement")
    assert made.document == paper and made.agreement.digest in str(paper.content)
    assert "支付40.00元" in str(paper.content) and PERSON.phone not in str(paper.content)
    step = table.complaint.steps.get(verb="agree")
    assert (str(step.amount_yuan), step.officer) == ("40.00", table.office.mediator)
    assert Fact.objects.get(kind="odr.agreed").payload["agreement_sha256"] == made.agreement.digest
    assert table.journey.open_steps(table.complaint) == {"close_complaint"}
    assert list(record.broken(table.room)) == []
    with pytest.raises(RoomClosed, match="已经结束"):
        table.offer(CONSUMER)


def test_nothing_is_sealed_before_both_signed_and_a_failed_step_leaves_no_paper(table):
    table.agree()
    table.confirm(CONSUMER)
    with pytest.raises(NotJoint):
        services.conclude(table.room, by=table.office.mediator, at=table.now)
    table.confirm(FIRM)
    item = table.journey.step(table.complaint, "mediate")
    other = table.another_mediator()
    item.holder = other
    item.save()
    with pytest.raises(NotYours):
        services.conclude(table.room, by=table.office.mediator, at=table.now)
    assert not paperwork.for_the_person(table.complaint).filter(template="mediation_agreement").exists()
    assert table.state() == "mediating" and not hasattr(Room.objects.get(), "conclusion")


def test_who_issued_the_firm_s_code_does_not_seal_what_it_signed(table):
    mediator = table.office.mediator
    table.firm_code = table.invite(by=mediator)
    table.agree()
    table.confirm(CONSUMER)
    table.confirm(FIRM)
    assert table.invite(by=table.office.handler)  # a newer code of somebody else changes nothing
    with pytest.raises(NotIndependent, match="另一名"):
        services.conclude(table.room, by=mediator, at=table.now)
    assert table.state() == "mediating" and not hasattr(Room.objects.get(), "conclusion")
    with connection.cursor() as cursor:  # signed before invitations were kept
        cursor.execute("UPDATE odr_confirmation SET invitation_id = NULL")
        later = table.now + timedelta(hours=1)
        cursor.execute(
            "UPDATE odr_invitation SET issued_at = %s WHERE issued_by_id <> %s", [later, mediator.pk]
        )
    with pytest.raises(NotIndependent):
        services.conclude(table.room, by=mediator, at=table.now)
    other = table.another_mediator()
    assert services.conclude(table.room, by=other, at=table.now).officer == other


def test_who_made_the_consumer_s_receipt_does_not_seal_either(table):
    submission = table.complaint.submission
    submission.registered_by = table.office.mediator
    submission.save()
    with pytest.raises(NotIndependent, match="回执"):
        table.conclude()


def test_offers_that_ran_out_were_withdrawn_or_are_ones_own_are_not_accepted(table):
    old = table.offer(FIRM, days=2)
    with pytest.raises(OdrRefused, match="由对方接受"):
        table.accept(old.number, FIRM)
    table.later(3)
    with pytest.raises(OfferGone, match="已过期"):
        table.accept(old.number, CONSUMER)
    new = table.offer(FIRM)
    services.withdraw(table.room, new.number, side=FIRM, by=None, at=table.now)
    with pytest.raises(OfferGone, match="已被撤回"):
        table.accept(new.number, CONSUMER)
    with pytest.raises(OfferGone, match="没有这个方案"):
        table.accept(99, CONSUMER)
    assert services.pending_agreement(table.room) is None


def test_when_both_act_at_once_the_second_learns_what_the_first_did(table):
    table.offer(CONSUMER)
    made = table.offer(FIRM, "30")
    with pytest.raises(RoomMoved, match="刚刚提出"):
        table.offer(CONSUMER, "50", seen=1)
    services.withdraw(table.room, made.number, side=FIRM, by=None, at=table.now)
    with pytest.raises(OfferGone, match="已被撤回"):
        table.accept(made.number, CONSUMER)
    again = table.offer(FIRM, "30")
    table.accept(again.number, CONSUMER)
    for verb in (services.withdraw, services.decline):
        with pytest.raises(OfferGone, match="已被接受"):
            verb(table.room, again.number, side=FIRM, by=None, at=table.now)


@pytest.mark.parametrize("amount", ["-1", "1e30", "99999999999999"])
def test_a_mad_sum_makes_no_offer(table, amount):
    with pytest.raises(BadInput):
        table.offer(CONSUMER, amount)
    assert not Offer.objects.exists()


def test_an_own_offer_waits_and_the_other_side_alone_declines_it(table):
    made = table.offer(CONSUMER)
    with pytest.raises(OdrRefused, match="请先撤回"):
        table.offer(CONSUMER, "10")
    with pytest.raises(OdrRefused, match="不是您能"):
        services.withdraw(table.room, made.number, side=FIRM, by=None, at=table.now)
    services.decline(table.room, made.number, side=FIRM, by=None, at=table.now)
    assert table.offer(CONSUMER, "10").answers is None


def test_a_signature_needs_the_own_code_and_the_text_that_was_shown(table):
    text = table.agree()
    with pytest.raises(WrongCode):
        table.confirm(CONSUMER, "0000-0000")
    with pytest.raises(WrongCode):
        table.confirm(CONSUMER, table.firm_code)
    with pytest.raises(WrongCode):
        table.confirm(FIRM, CODE)
    with pytest.raises(OdrRefused, match="刷新"):
        services.confirm(table.room, code=CODE, side=CONSUMER, digest="0" * 64, by=None, at=table.now)
    table.confirm(CONSUMER)
    with pytest.raises(OdrRefused, match="已经确认过"):
        table.confirm(CONSUMER)
    with pytest.raises(OdrRefused, match="不能再反悔"):
        services.reject(table.room, reason="变了", side=CONSUMER, by=None, at=table.now)
    with pytest.raises(OdrRefused, match="等双方确认"):
        table.offer(CONSUMER)
    services.reject(table.room, reason="金额不对", side=FIRM, by=None, at=table.now)
    assert services.pending_agreement(table.room) is None and text.end.side == FIRM
    assert table.offer(FIRM).number == 3


def test_an_invitation_that_was_taken_back_or_replaced_lets_nobody_in(table):
    old, used = table.firm_code, table.invitation
    new = table.invite()
    with pytest.raises(InvitationEnded, match="收回或者换发"):
        opening.firm_by_code(table.room.number, old, at=table.now)
    room, invitation = opening.firm_by_code(table.room.number.lower(), new.lower(), at=table.now)
    assert room == table.room and used.end.reason and new not in invitation.code_hash
    with pytest.raises(BadInput):
        opening.revoke(invitation, reason="", by=table.office.handler, at=table.now)
    opening.revoke(invitation, reason="经办人离职", by=table.office.handler, at=table.now)
    with pytest.raises(InvitationEnded):
        opening.firm_by_code(table.room.number, new, at=table.now)
    with pytest.raises(InvitationEnded):
        opening.revoke(invitation, reason="再收一次", by=table.office.handler, at=table.now)
    with pytest.raises(InvitationEnded, match="收回或者换发"):
        table.agree()
        table.firm_code = new
        table.confirm(FIRM)
    last = table.invite()
    with pytest.raises(InvitationEnded, match="过期"):
        opening.firm_by_code(table.room.number, last, at=table.now + timedelta(days=31))


def test_a_firm_that_the_complaint_is_not_about_any_more_is_out(table):
    table.agree()
    table.complaint.respondent_code = "91440106MA9XH0T09X"
    table.complaint.save()
    with pytest.raises(InvitationEnded, match="更正"):
        opening.firm_by_code(table.room.number, table.firm_code, at=table.now)
    with pytest.raises(InvitationEnded):
        table.confirm(FIRM)
    assert opening.firm_by_code(table.room.number, table.invite(), at=table.now)


def test_nobody_but_a_mediator_of_the_area_speaks_as_one(table):
    for officer in (table.office.handler, table.office.other_handler, None):
        with pytest.raises(Forbidden):
            services.say(table.room, "请双方再谈", side=MEDIATOR, by=officer, at=table.now)


def test_a_code_of_another_room_opens_nothing_here(table, journey):
    other = give_receipt(journey.in_mediation(), 17)
    there = opening.open_room(other, by=table.office.mediator, at=table.now)
    code = opening.invite(there, by=table.office.mediator, at=table.now, randomness=drawn)
    with pytest.raises(WrongCode, match="别的调解室"):
        opening.firm_by_code(table.room.number, code, at=table.now)
    with pytest.raises(WrongCode):
        opening.firm_by_code("ODR-NONE", code, at=table.now)
    table.agree()
    with pytest.raises(WrongCode):
        services.confirm(
            table.room, code=code, side=FIRM, digest=services.pending_agreement(table.room).digest,
            invitation=Invitation.objects.get(room=there), by=None, at=table.now,
        )  # fmt: skip


def test_a_code_goes_to_a_registered_entity_only(table):
    table.complaint.respondent_code = ""
    table.complaint.save()
    with pytest.raises(OdrRefused, match="还没有核对"):
        table.invite()


def test_a_room_opens_in_mediation_by_a_mediator_of_the_area_and_once(journey, home):
    complaint = journey.accepted()
    office, now = journey.office, None
    from tests.apps.consumer.complaints.casework import at

    now = at(journey.day)
    with pytest.raises(RoomClosed, match="已受理"):
        opening.open_room(complaint, by=office.mediator, at=now)
    mediated = journey.in_mediation()
    for officer in (office.handler, office.other_handler):
        with pytest.raises(Forbidden):
            opening.open_room(mediated, by=officer, at=now)
    opening.open_room(mediated, by=office.mediator, at=now)
    with pytest.raises(OdrRefused, match="已有在线调解室"):
        opening.open_room(mediated, by=office.mediator, at=now)


def test_a_report_never_has_a_room(journey, home):
    submission = journey.receive(complaint=None, report=CLUE, reporter=PERSON)
    with pytest.raises(NoRoom, match="举报不调解"):
        opening.consumer_room(submission)
    with pytest.raises(NoRoom, match="举报不开"):
        opening.complaint_numbered(submission.report.number)
    assert not Room.objects.exists()


def test_documents_and_private_words_stay_on_their_side(table, home):
    from tests.apps.consumer.complaints.intake.citizen import photo

    file = services.hand_in(
        table.room, [photo()], "示例张三的小票.jpg", side=CONSUMER, media=home.media, by=None, at=table.now
    )
    services.note_to(table.room, "底线是多少", to=CONSUMER, by=table.office.mediator, at=table.now)
    services.say(table.room, "三十元", side=CONSUMER, is_private=True, by=None, at=table.now)
    firm = queries.view(table.room, FIRM, at=table.now)
    assert services.file_for(table.room, file.number, FIRM) is None and firm["files"] == []
    assert not any(one.is_private for one in firm["events"])
    with pytest.raises(BadInput, match="没有交过"):
        services.disclose(table.room, file.number, side=FIRM, by=None, at=table.now)
    services.disclose(table.room, file.number, side=CONSUMER, by=None, at=table.now)
    assert services.file_for(table.room, file.number, FIRM) == file
    assert [one.is_mine for one in queries.view(table.room, FIRM, at=table.now)["files"]] == [False]
    mine = queries.view(table.room, CONSUMER, at=table.now)["events"]
    assert [one.event.verb for one in mine if one.is_private] == ["caucus", "message"]


def test_the_term_ends_the_talk_and_the_drawing_ends_mediation(table):
    made = table.offer(CONSUMER, days=20)
    with pytest.raises(BadInput, match="不能更晚"):
        table.offer(FIRM, days=90)
    table.later(61)
    assert rooms.standing(table.room, at=table.now).due_on < table.journey.day
    for act in (lambda: table.accept(made.number, FIRM), lambda: table.offer(FIRM)):
        with pytest.raises(TermOver, match="届满"):
            act()
    services.end_without(
        table.room, statement="期限届满，未达成协议。", by=table.office.mediator, at=table.now
    )
    assert table.journey.open_steps(table.complaint) == {"terminate_mediation"}
    assert rooms.standing(table.room, at=table.now).phase is rooms.Phase.ENDED


def test_a_side_that_says_no_ends_it_before_the_term(table):
    services.end_without(table.room, statement="商家明确拒绝。", by=table.office.mediator, at=table.now)
    assert table.state() == "not_agreed"
    with pytest.raises(RoomClosed):
        services.end_without(table.room, statement="再来一次", by=table.office.mediator, at=table.now)


def test_no_mediator_ends_alone_what_both_signed_in_time(table):
    table.agree()
    table.confirm(CONSUMER)
    table.confirm(FIRM)
    mediator, other = table.office.mediator, table.another_mediator()
    ended = {"statement": "谈不成。", "by": mediator}
    table.later(61)  # over the term, and signed within it
    with pytest.raises(NotIndependent, match="请出具调解书"):
        services.end_without(table.room, at=table.now, **ended)
    services.reject(table.room, reason="违反法律。", side=MEDIATOR, by=mediator, at=table.now)
    with pytest.raises(NotIndependent, match="另一名工作人员"):
        services.end_without(table.room, at=table.now, **ended)
    services.end_without(table.room, statement="期限届满。", by=other, at=table.now)
    assert table.journey.open_steps(table.complaint) == {"terminate_mediation"}


def test_an_agreement_at_a_session_beside_the_room_ends_it_as_agreed(table):
    table.journey.mediate(table.complaint, "agreed", agreement="退款58元。")
    assert rooms.standing(table.room, at=table.now).phase is rooms.Phase.AGREED
    with pytest.raises(RoomClosed):
        table.offer(CONSUMER)


def test_testing_makes_the_room_stand_still(table):
    table.journey.mediate(
        table.complaint, "testing", testing_body="示例中心", cost_split="各半", testing_from="2026-09-21"
    )
    with pytest.raises(RoomClosed, match="暂停"):
        table.offer(CONSUMER)


def test_an_enterprise_settles_before_acceptance_and_the_complaint_is_taken_back(journey, home):
    from tests.apps.consumer.complaints.casework import at

    complaint = give_receipt(journey.complaint(), 33)
    by, now = journey.office.intake, at(journey.day)
    with pytest.raises(NoRoom, match="不在"):
        opening.invite_enterprise(complaint, by=by, at=now, randomness=drawn)
    enterprise(complaint.respondent_code, now)
    room, code = opening.invite_enterprise(complaint, by=by, at=now, randomness=drawn)
    with pytest.raises(RoomClosed, match="还没有进来"):
        services.say(room, "您好", side=CONSUMER, by=None, at=now)
    with pytest.raises(TermOver, match="应答期限"):
        opening.come_in(room, FIRM, by=None, at=now + timedelta(days=30))
    opening.come_in(room, FIRM, by=None, at=now)
    last = (journey.day + timedelta(days=5)).isoformat()
    made = services.offer(
        room, amount="58", what="", done_by=last, open_until=last, side=FIRM, by=None, at=now
    )
    text = services.accept(room, made.number, side=CONSUMER, by=None, at=now)
    services.confirm(room, code=CODE, side=CONSUMER, digest=text.digest, by=None, at=now)
    invitation = room.invitations.get()
    with pytest.raises(NotJoint):
        services.conclude(room, by=journey.office.handler, at=now)
    services.confirm(room, code=code, side=FIRM, digest=text.digest, invitation=invitation, by=None, at=now)
    complaint.refresh_from_db()
    assert complaint.state == "received"  # two signatures alone take nothing back
    with pytest.raises(NotIndependent, match="另一名"):
        services.conclude(room, by=by, at=now)
    with pytest.raises(Forbidden):
        services.conclude(room, by=journey.office.other_handler, at=now)
    sealed = services.conclude(room, by=journey.office.handler, at=now)
    assert (sealed.officer, sealed.agreement) == (journey.office.handler, text)
    complaint.refresh_from_db()
    assert complaint.steps.get(verb="withdraw").data["is_settled"] is True
    assert room.conclusion.document is None and rooms.standing(room, at=now).phase is rooms.Phase.AGREED
    with pytest.raises(OdrRefused, match="调解达成"):
        services.ask_for_court(room, side=CONSUMER, by=None, at=now)


def test_a_changed_or_missing_event_shows(table):
    table.offer(CONSUMER)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE odr_roomevent SET text = 'x' WHERE sequence = 2")
    assert list(record.broken(table.room)) == [(2, "altered")]
    with pytest.raises(Exception, match="RoomEvent"):
        RoomEvent.objects.first().save()


def test_talks_are_appointed_within_the_term_and_answered(table):
    by = table.office.mediator
    with pytest.raises(BadInput, match="届满"):
        services.appoint(table.room, starts="2026-12-30T10:00", way="phone", place="", by=by, at=table.now)
    with pytest.raises(BadInput, match="电话、线上"):
        services.appoint(table.room, starts="2026-09-25T10:00", way="x", place="", by=by, at=table.now)
    made = services.appoint(table.room, starts="2026-09-25T10:00", way="phone", place="", by=by, at=table.now)
    services.answer_appointment(table.room, made.sequence, comes=True, side=FIRM, by=None, at=table.now)
    with pytest.raises(BadInput, match="没有这次"):
        services.answer_appointment(table.room, 1, comes=True, side=FIRM, by=None, at=table.now)
    shown = next(one for one in queries.view(table.room, FIRM, at=table.now)["events"] if one.appointed_at)
    assert shown.answers == ((("商家", "Firm"), True),)


def test_what_both_signed_on_the_last_day_is_sealed_after_it_and_nothing_else_is_done(client, table):
    due_on = rooms.standing(table.room, at=table.now).due_on
    table.journey.day = due_on
    table.offer(CONSUMER, days=0, done_by=(due_on + timedelta(days=9)).isoformat())
    table.accept(1, FIRM)
    table.confirm(CONSUMER)
    table.firm_code = table.invite()
    table.confirm(FIRM)
    table.later(1)
    with pytest.raises(TermOver):
        table.offer(CONSUMER)
    client.force_login(table.office.mediator)
    assert 'value="conclude"' in client.get(f"/work/odr/rooms/{table.room.number}/").content.decode()
    made = services.conclude(table.room, by=table.office.mediator, at=table.now)
    assert table.state() == "agreed" and made.effective_on == table.journey.day


def test_an_agents_signature_is_sealed_only_once_the_mediator_saw_the_consumers_consent(
    client, journey, home
):
    """The agent has no special power; a paper that the agent uploaded shows nothing by itself."""
    from dataclasses import replace

    from tests.apps.consumer.odr.roomwork import Table
    from zhijian.apps.consumer.complaints.models import Party
    from zhijian.apps.consumer.complaints.policies import Incomplete

    agent = replace(PERSON, name="示例李代", phone="13900001111", capacity=Party.AGENT)
    journey.in_mediation = _mediated_for(journey, (PERSON, agent))
    table = Table(journey)
    table.agree()
    table.confirm(CONSUMER)
    table.confirm(FIRM)
    with pytest.raises(Incomplete):
        services.conclude(table.room, by=table.office.mediator, at=table.now)
    assert table.state() == "mediating"
    client.force_login(table.office.mediator)
    assert 'name="consent_seen"' in client.get(f"/work/odr/rooms/{table.room.number}/").content.decode()
    services.conclude(table.room, consent_seen=True, by=table.office.mediator, at=table.now)
    assert table.state() == "agreed"


def test_representatives_who_settle_before_mediation_need_the_consent_that_an_officer_saw(journey, home):
    from dataclasses import replace

    from tests.apps.consumer.complaints.casework import at
    from zhijian.apps.consumer.complaints.models import Party
    from zhijian.apps.consumer.complaints.policies import Incomplete

    speaks = replace(PERSON, capacity=Party.REPRESENTATIVE)
    joined = replace(PERSON, name="示例赵六", phone="13600001111", capacity=Party.JOINT)
    complaint = give_receipt(journey.complaint(parties=(speaks, joined)), 33)
    now = at(journey.day)
    enterprise(complaint.respondent_code, now)
    room, code = opening.invite_enterprise(complaint, by=journey.office.intake, at=now, randomness=drawn)
    opening.come_in(room, FIRM, by=None, at=now)
    last = (journey.day + timedelta(days=5)).isoformat()
    services.offer(room, amount="58", what="", done_by=last, open_until=last, side=FIRM, by=None, at=now)
    text = services.accept(room, 1, side=CONSUMER, by=None, at=now)
    services.confirm(room, code=CODE, side=CONSUMER, digest=text.digest, by=None, at=now)
    invitation = room.invitations.get()
    services.confirm(room, code=code, side=FIRM, digest=text.digest, invitation=invitation, by=None, at=now)
    officer = journey.office.handler
    with pytest.raises(Incomplete):
        services.conclude(room, by=officer, at=now)
    services.conclude(room, consent_seen=True, by=officer, at=now)
    step = complaint.steps.get(verb="withdraw")
    assert step.officer == officer and "书面同意已核对" in step.note


def _mediated_for(journey, parties):
    """The power of attorney is checked from the original, so that the complaint is accepted."""
    from datetime import date

    from zhijian.apps.consumer.complaints import representing

    def made():
        complaint = journey.complaint(parties=parties)
        agent = complaint.submission.parties.get(capacity="agent")
        mandate = representing.Mandate("投诉、调解", "general", date(2026, 12, 31), True)
        at = complaint.first_received_at
        representing.keep_mandate(agent, complaint, mandate, by=journey.office.handler, at=at)
        handler = journey.office.handler
        journey.do(complaint, "examine", journey.office.intake, outcome="pass")
        accepted = {"outcome": "accept", "contact": "示例李", "papers_seen": True}
        complaint = journey.do(complaint, "decide_acceptance", handler, **accepted)
        how = {"outcome": "mediate", "mode": "on_site", "mediators": "示例王、示例赵"}
        return journey.do(complaint, "arrange_mediation", handler, **how)

    return made
