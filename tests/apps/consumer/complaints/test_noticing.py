"""Notices of the consumer field: officers hear of their steps, the complainant by e-mail, of a report only who sees it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.apps.consumer.complaints import casework
from tests.apps.consumer.complaints.casework import CONSUMER, SHOP, at
from zhijian.apps.consumer.complaints import noticing, receiving
from zhijian.engines.notices.models import Dispatch, Notice
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.models import WorkItem

pytestmark = [pytest.mark.database, pytest.mark.django_db]
FIELD = (receiving.COMPLAINT, receiving.REPORT)


@pytest.fixture(autouse=True)
def _ways(home, settings):
    settings.NOTICE_SENDER = "noreply@example.com"


def told(kind):
    return set(Notice.objects.filter(kind=f"consumer.{kind}").values_list("officer__username", flat=True))


def test_a_new_step_is_told_to_those_of_the_unit_who_may_take_it(journey):
    complaint = journey.complaint()
    assert told("step_waits") == {"intake-440106"}
    journey.do(complaint, "examine", journey.office.intake, outcome="pass")
    assert told("step_waits") == {"intake-440106", "handler-440106", "second-440106"}
    words = " ".join(one.text_zh + one.text_en for one in Notice.objects.all())
    assert complaint.number in words
    assert CONSUMER.name not in words and SHOP.name not in words


def test_a_step_that_is_given_to_an_officer_is_told_to_that_officer(journey):
    complaint = journey.complaint()
    journey.do(complaint, "examine", journey.office.intake, outcome="pass")
    item = journey.step(complaint, "decide_acceptance")
    Notice.objects.all().delete()
    procedures.assign(item, to=journey.office.second, by=journey.office.leader, at=at(journey.day, 11))
    assert told("step_waits") == {"second-440106"}
    procedures.supervise(item, note="请尽快办理", by=journey.office.leader, at=at(journey.day, 12))
    assert told("step_supervised") == {"second-440106"}


def test_of_a_report_nobody_hears_who_may_not_see_it(journey):
    report = journey.report(reporter=replace(CONSUMER, email="reporter@example.com"))
    journey.do(report, "triage_report", journey.office.intake, outcome="verify")
    everyone = set(Notice.objects.values_list("officer__username", flat=True))
    assert everyone == {"intake-440106", "handler-440106", "second-440106"}
    assert not Dispatch.objects.exists()


def test_a_colour_that_changes_is_told_once_and_red_follows_yellow(journey):
    complaint = journey.complaint()
    item = journey.step(complaint, "examine")
    day = item.yellow_on
    assert noticing.tell_of_colours(FIELD, by=None, at=at(day - timedelta(days=1))) == 0
    for _ in range(2):
        noticing.tell_of_colours(FIELD, by=None, at=at(day))
    noticing.tell_of_colours(FIELD, by=None, at=at(item.due_on + timedelta(days=1)))
    kinds = list(Notice.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["consumer.step_waits", "consumer.step_yellow", "consumer.step_red"]


def test_a_late_step_is_told_to_the_leader_it_goes_up_to(journey):
    complaint = journey.complaint()
    item = journey.step(complaint, "examine")
    procedures.tick(at(item.due_on + timedelta(days=1)))
    assert WorkItem.objects.get(pk=item.pk).escalated_to == journey.office.city_leader
    assert told("step_escalated") == {"leader-440100"}


def test_a_complainant_who_left_an_address_gets_receipt_and_decision_by_email_in_the_morning(
    journey, monkeypatch
):
    monkeypatch.setattr(casework, "CONSUMER", replace(CONSUMER, email="zhang@example.com"))
    journey.day = date(2026, 9, 21)
    complaint = journey.accepted()
    sent = Dispatch.objects.filter(notice__officer=None).order_by("notice__pk")
    assert [one.notice.kind for one in sent] == ["consumer.complaint_received", "consumer.complaint_accepted"]
    assert {(one.channel, one.address) for one in sent} == {("email", "zhang@example.com")}
    texts = [one.notice.text_zh for one in sent]
    assert "2026-" in texts[0] and "2026-" in texts[1]
    assert complaint.number not in "".join(texts) and SHOP.name not in "".join(texts)
    night = journey.complaint()
    noticing.complaint_refused(night, by=journey.office.handler, at=at(journey.day, 22))
    late = Dispatch.objects.get(notice__kind="consumer.complaint_refused")
    assert late.due_at == at(journey.day + timedelta(days=1), 8)


def test_who_left_no_address_is_sent_nothing(journey):
    journey.accepted()
    assert not Notice.objects.filter(officer=None).exists()


def test_of_a_joint_complaint_the_representative_is_told_and_of_an_agents_the_agent(journey):
    from zhijian.apps.consumer.complaints import people
    from zhijian.apps.consumer.complaints.models import Party

    joined = replace(CONSUMER, name="示例赵六", email="joined@example.com", capacity=Party.JOINT)
    speaks = replace(CONSUMER, email="speaks@example.com", capacity=Party.REPRESENTATIVE)
    agent = replace(CONSUMER, name="示例李代", email="agent@example.com", capacity=Party.AGENT)
    for parties, address in (
        ((joined, speaks), "speaks@example.com"),
        ((CONSUMER, agent), "agent@example.com"),
    ):
        party = people.told(journey.complaint(parties=parties).submission)
        assert people.address_for_notices(party) == address
