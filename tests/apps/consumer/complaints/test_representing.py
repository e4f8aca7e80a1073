"""Agents (article 11) and joint complaints (article 12): what they need, what they may do, and for whom."""

from datetime import date, timedelta

import pytest

from tests.apps.consumer.complaints.casework import CONSUMER
from zhijian.apps.consumer.complaints import people, representing, rules
from zhijian.apps.consumer.complaints.codes import Paper, Scope
from zhijian.apps.consumer.complaints.models import Attachment, Party
from zhijian.apps.consumer.complaints.people import Person
from zhijian.apps.consumer.complaints.policies import Incomplete
from zhijian.apps.consumer.complaints.rules import Side
from zhijian.engines.documents.models import Document

ON = date(2026, 9, 21)
POWER = {"matter": "就饼干纠纷投诉、参加调解", "scope": Scope.GENERAL, "until": "2026-12-31", "signed": True}
PAPERS = frozenset({Paper.AUTHORISATION, Paper.AGENT_ID})
AGENT = Person(name="示例李代", phone="13900001111", capacity=Party.AGENT, mandate=POWER)
SECOND = Person(name="示例王五", phone="13700001111", address="示例街3号", capacity=Party.REPRESENTATIVE)
THIRD = Person(name="示例赵六", phone="13600001111", address="示例街4号", capacity=Party.JOINT)


def lacking(side, **more):
    return [one.field for one in rules.side_problems(side, on=ON, **more)]


def agent_side(**changes):
    return Side(has_agent=True, mandate=POWER | changes, papers=PAPERS)


def test_who_complains_alone_needs_no_such_paper_and_disposes_of_the_claim_freely():
    assert lacking(Side()) == [] and rules.disposing_problems(Side(), on=ON) == []


def test_an_agent_hands_in_the_power_of_attorney_and_proof_of_identity():
    assert lacking(agent_side()) == []
    assert lacking(Side(has_agent=True, mandate=POWER)) == ["authorisation", "agent_id"]


@pytest.mark.parametrize("part", ["matter", "scope", "until", "signed"])
def test_the_power_says_matter_scope_and_term_and_is_signed(part):
    assert lacking(agent_side(**{part: ""})) == ["mandate"]


def test_the_power_holds_to_its_last_day_and_no_longer():
    assert lacking(agent_side(until="2026-09-21")) == []
    assert lacking(agent_side(until="2026-09-20")) == ["mandate_until"]


@pytest.mark.parametrize("elected", [0, 1, 3])
def test_joint_complainants_elect_two_representatives_in_writing(elected):
    papers = frozenset({Paper.ELECTION})
    assert lacking(Side(complainants=3, representatives=2, papers=papers)) == []
    assert lacking(Side(complainants=3, representatives=elected, papers=papers)) == ["representatives"]
    assert lacking(Side(complainants=3, representatives=2)) == ["election"]
    assert lacking(Side(complainants=3, representatives=2), originals_seen=True) == []


def test_a_general_power_does_not_settle_or_withdraw_a_special_one_does_while_it_runs():
    special = agent_side(scope=Scope.SPECIAL)
    assert rules.disposing_problems(agent_side(), on=ON)
    assert rules.disposing_problems(special, on=ON) == []
    assert rules.disposing_problems(special, on=date(2027, 1, 1))
    assert rules.disposing_problems(agent_side(), on=ON, all_consent=True) == []


def test_representatives_settle_or_withdraw_with_the_consent_of_those_they_represent():
    joint = Side(complainants=3, representatives=2, papers=frozenset({Paper.ELECTION}))
    assert rules.disposing_problems(joint, on=ON)
    assert rules.disposing_problems(joint, on=ON, all_consent=True) == []
    assert rules.disposing_problems(Side(complainants=3, papers=frozenset({Paper.CONSENT})), on=ON)


def test_papers_of_an_agent_are_asked_for_before_the_complaint_is_refused_for_want_of_them():
    given = {"received_on": ON, "decided_on": ON, "reason": "没有授权委托书", "remedies_text": "可以起诉"}
    lacks = rules.side_problems(Side(has_agent=True), on=ON)
    found = rules.refusal_problems("R5", **given, side_lacks=lacks)
    assert [one.field for one in found] == ["ground"]
    assert rules.refusal_problems("R5", **given, side_lacks=lacks, identity_asked=True) == []
    assert rules.refusal_problems("R5", **given) == []


# ---------------------------------------------------------------------------------------------------- journeys


def accept(journey, complaint, **more):
    journey.do(complaint, "examine", journey.office.intake, outcome="pass")
    return journey.do(
        complaint, "decide_acceptance", journey.office.handler, outcome="accept", contact="示例李", **more
    )


@pytest.mark.django_db
def test_each_person_of_a_joint_complaint_is_a_party_of_its_own_and_sealed(journey):
    complaint = journey.complaint(parties=(CONSUMER, SECOND, THIRD))
    for party, person in zip(complaint.submission.parties.all(), (CONSUMER, SECOND, THIRD), strict=True):
        assert person.name not in party.name_sealed and person.phone not in party.phone_sealed
    second = complaint.submission.parties.get(capacity=Party.REPRESENTATIVE)
    opened = people.reveal_party(
        second, complaint, purpose="核验身份", by=journey.office.handler, at=complaint.first_received_at
    )
    assert opened.name == "示例王五"


@pytest.mark.django_db
def test_a_complaint_by_an_agent_is_accepted_once_the_originals_were_checked_and_papers_name_both(journey):
    complaint = journey.complaint(parties=(CONSUMER, AGENT))
    with pytest.raises(Incomplete):
        accept(journey, complaint)
    complaint = journey.do(
        complaint, "decide_acceptance", journey.office.handler, outcome="accept", contact="示例李", papers_seen=True
    )  # fmt: skip
    assert complaint.accepted_at
    assert representing.names_of(complaint) == "示＊＊（委托代理人：示＊＊）"


@pytest.mark.django_db
def test_missing_papers_are_asked_for_by_a_notice_and_only_then_a_ground_of_refusal(journey, home):
    complaint = journey.complaint(parties=(CONSUMER, AGENT))
    journey.do(complaint, "examine", journey.office.intake, outcome="pass")
    refusal = {
        "outcome": "refuse", "ground": "R5", "refusal_reason": "没有交授权委托书", "remedies_text": "可以向法院起诉。"
    }  # fmt: skip
    with pytest.raises(Incomplete):
        journey.do(complaint, "decide_acceptance", journey.office.handler, **refusal)
    until = (journey.day + timedelta(days=5)).isoformat()
    journey.do(
        complaint, "decide_acceptance", journey.office.handler, outcome="ask_identity", identity_until=until
    )
    notice = complaint.steps.get(verb="ask_identity")
    assert notice.note == "还没有交授权委托书。还没有交代理人身份证明。"
    assert Document.objects.filter(template="identity_notice").exists()
    journey.day += timedelta(days=20)
    complaint = journey.message(complaint, "identity_supplied")
    complaint = journey.do(complaint, "decide_acceptance", journey.office.handler, **refusal)
    assert complaint.state == "rejected"


@pytest.mark.django_db
def test_an_officer_enters_the_power_and_the_election_from_the_originals_and_the_look_is_written_down(
    journey,
):
    from zhijian.security.models import AccessRecord

    unread = Person(name="示例李代", phone="13900001111", capacity=Party.AGENT)
    complaint = journey.complaint(parties=(CONSUMER, THIRD, unread))
    officer, at = journey.office.handler, complaint.first_received_at
    agent = complaint.submission.parties.get(capacity=Party.AGENT)
    mandate = representing.Mandate("投诉、调解", Scope.GENERAL, date(2026, 12, 31), True)
    representing.keep_mandate(agent, complaint, mandate, by=officer, at=at)
    consumers = list(complaint.submission.parties.filter(capacity__in=Party.CONSUMERS))
    with pytest.raises(Incomplete):
        representing.elect(consumers[:1], complaint, by=officer, at=at)
    representing.elect(consumers, complaint, by=officer, at=at)
    assert representing.lacks(complaint, on=ON, originals_seen=True) == []
    assert {"agent_mandate", "joint_election"} <= set(AccessRecord.objects.values_list("part", flat=True))
    with pytest.raises(Incomplete):
        representing.keep_mandate(consumers[0], complaint, mandate, by=officer, at=at)


@pytest.mark.django_db
def test_representatives_agree_for_all_only_with_their_consent(journey):
    complaint = accept(journey, journey.complaint(parties=(
        Person(**{**vars(CONSUMER), "capacity": Party.REPRESENTATIVE}), SECOND, THIRD)), papers_seen=True)  # fmt: skip
    journey.do(complaint, "arrange_mediation", journey.office.handler,
               outcome="mediate", mode="on_site", mediators="示例王")  # fmt: skip
    with pytest.raises(Incomplete):
        journey.mediate(complaint, "agreed", agreement="退款58元")
    complaint = journey.mediate(complaint, "agreed", agreement="退款58元", represented_consent=True)
    assert complaint.state == "agreed"
    paper = Document.objects.get(template="mediation_agreement")
    assert "共同投诉3人，代表人：" in str(
        paper.data if hasattr(paper, "data") else representing.names_of(complaint)
    )


@pytest.mark.django_db
def test_a_consent_that_the_holder_of_the_receipt_uploads_ends_nothing_an_officer_checks_it(journey):
    from zhijian.apps.consumer.complaints.intake import standing

    complaint = journey.complaint(parties=(CONSUMER, AGENT))
    at = complaint.first_received_at
    Attachment.objects.create(
        submission=complaint.submission, matter="complaint", paper=Paper.CONSENT, sha256="ab" * 32, name="同意.jpg",
        mime="image/jpeg", size_bytes=1, received_at=at,
    )  # fmt: skip
    with pytest.raises(standing.Refused):
        standing.withdraw(complaint.submission, reason="", by=None, at=at)
    with pytest.raises(Incomplete):
        journey.message(complaint, "withdrawn", withdrawal_text="撤回", represented_consent=True)
    officer = journey.office.handler
    with pytest.raises(Incomplete):
        representing.withdraw_for_represented(complaint, paper_seen=False, by=officer, at=at)
    representing.withdraw_for_represented(complaint, paper_seen=True, by=officer, at=at)
    step = complaint.steps.get(verb="withdraw")
    assert step.officer == officer and "书面同意撤回，工作人员已核对材料" in step.note
    complaint.refresh_from_db()
    with pytest.raises(Incomplete, match="已经办结"):
        representing.withdraw_for_represented(complaint, paper_seen=True, by=officer, at=at)


@pytest.mark.django_db
def test_an_agent_with_a_special_power_withdraws_online(journey):
    from zhijian.apps.consumer.complaints.intake import standing

    agent = Person(**{**vars(AGENT), "mandate": POWER | {"scope": Scope.SPECIAL}})
    complaint = journey.complaint(parties=(CONSUMER, agent))
    standing.withdraw(complaint.submission, reason="", by=None, at=complaint.first_received_at)
    assert complaint.steps.get(verb="withdraw").note == "代理人凭回执号和查询码在网上撤回，有特别授权"


@pytest.mark.django_db
def test_an_officer_records_the_withdrawal_on_the_page_of_the_case_once_the_paper_was_seen(client, journey):
    complaint = journey.complaint(parties=(CONSUMER, AGENT))
    client.force_login(journey.office.handler)
    place = f"/work/complaints/{complaint.pk}/withdraw/"
    assert place in client.get(f"/work/cases/{complaint.case_id}/").content.decode()
    assert client.post(place).status_code == 422
    assert client.post(place, {"paper_seen": "yes"}).status_code == 302
    assert complaint.steps.filter(verb="withdraw").exists()
    assert place not in client.get(f"/work/cases/{complaint.case_id}/").content.decode()


@pytest.mark.django_db
def test_nobody_is_elected_in_a_complaint_of_one_and_nothing_changes_once_the_case_has_ended(journey):
    alone = journey.complaint()
    by, at = journey.office.handler, alone.first_received_at
    with pytest.raises(Incomplete, match="不是共同投诉"):
        representing.elect([], alone, by=by, at=at)
    assert alone.submission.parties.get().capacity == Party.COMPLAINANT
    complaint = journey.complaint(parties=(CONSUMER, THIRD, AGENT))
    representing.withdraw_for_represented(complaint, paper_seen=True, by=by, at=at)
    complaint.refresh_from_db()
    parties = list(complaint.submission.parties.filter(capacity__in=Party.CONSUMERS))
    with pytest.raises(Incomplete, match="已经办结"):
        representing.elect(parties, complaint, by=by, at=at)
    agent = complaint.submission.parties.get(capacity=Party.AGENT)
    mandate = representing.Mandate("全部", Scope.SPECIAL, date(2026, 12, 31), True)
    with pytest.raises(Incomplete, match="已经办结"):
        representing.keep_mandate(agent, complaint, mandate, by=by, at=at)


@pytest.mark.django_db
def test_the_record_of_the_look_says_what_was_there_before(journey):
    from zhijian.security.models import AccessRecord

    complaint = journey.complaint(parties=(CONSUMER, SECOND, AGENT))
    by, at = journey.office.handler, complaint.first_received_at
    agent = complaint.submission.parties.get(capacity=Party.AGENT)
    mandate = representing.Mandate("全部", Scope.SPECIAL, date(2026, 10, 31), True)
    representing.keep_mandate(agent, complaint, mandate, by=by, at=at)
    first, second = complaint.submission.parties.filter(capacity__in=Party.CONSUMERS).order_by("pk")
    representing.elect([first, second], complaint, by=by, at=at)
    reasons = dict(AccessRecord.objects.filter(subject=complaint.number).values_list("part", "reason"))
    assert reasons["agent_mandate"] == f"{Scope.GENERAL} 2026-12-31→{Scope.SPECIAL} 2026-10-31"
    assert reasons["joint_election"] == f"{second.pk}→{first.pk}、{second.pk}"


@pytest.mark.django_db
def test_a_joint_complaint_counts_once_and_each_who_complains_is_looked_up(journey):
    from zhijian.apps.consumer.complaints import queries

    journey.complaint(parties=(THIRD,))
    first = Person(**{**vars(CONSUMER), "capacity": Party.REPRESENTATIVE})
    complaint = journey.complaint(parties=(first, SECOND, THIRD))
    assert len(queries.filings_of(complaint)) == 2


@pytest.mark.django_db
def test_no_message_without_an_officer_ends_a_joint_complaint_without_the_consent_of_all(journey):
    first = Person(**{**vars(CONSUMER), "capacity": Party.REPRESENTATIVE})
    complaint = journey.complaint(parties=(first, SECOND, THIRD))
    with pytest.raises(Incomplete):
        journey.message(complaint, "withdrawn", withdrawal_text="双方和解", is_settled=True)
    assert not complaint.steps.filter(verb="withdraw").exists()
