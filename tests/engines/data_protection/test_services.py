"""Unusual looks are looked into by another person, requests answered in the area, and what is held is not deleted."""

from datetime import UTC, date, datetime, timedelta

import pytest

from zhijian.engines.data_protection import holding, looks_told, requesting, retention, watching
from zhijian.engines.data_protection.errors import ProtectionRefused
from zhijian.engines.data_protection.models import AccessAlert, Channel, SubjectRequest
from zhijian.engines.facts.models import Fact
from zhijian.engines.notices.models import Notice
from zhijian.operations.access_watch import watch_and_tell
from zhijian.operations.deletion import run as delete_due
from zhijian.security.audit import record_look
from zhijian.security.models import AccessRecord, Officer, OfficerSession, Organisation, Role
from zhijian.security.permissions import Forbidden

pytestmark = [pytest.mark.database, pytest.mark.django_db]

AT = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)  # noon in Guangzhou
NEXT = AT + timedelta(days=1)
DAY = date(2026, 11, 2)
FIRM = "91440106MA59ABCD1D"


def zeros(count):
    return bytes(count)


@pytest.fixture
def people(db, home):
    def unit(division, level):
        return Organisation.objects.create(
            code=division, name=f"{division}局", name_en=division, level=level, division_code=division
        )

    county, city, other = unit("440106", "county"), unit("440100", "city"), unit("440300", "city")
    make = Officer.objects.create_user
    return {
        "inspector": make("inspector", roles=[Role.INSPECTOR], organisation=county, staff_number="1"),
        "auditor": make("auditor", roles=[Role.AUDITOR], organisation=county, staff_number="2"),
        "leader": make("leader", roles=[Role.LEADER], organisation=county, staff_number="3"),
        "above": make("above", roles=[Role.LEADER], organisation=city, staff_number="4"),
        "steward": make("steward", roles=[Role.STEWARD], organisation=county, staff_number="5"),
        "stranger": make("stranger", roles=[Role.AUDITOR, Role.LEADER, Role.STEWARD], organisation=other),
    }


@pytest.fixture
def alert(people):
    night = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)  # 23:00 in Guangzhou
    for number in range(6):
        record_look(people["inspector"], FIRM, "credit_class", at=night + timedelta(minutes=number))
    watch_and_tell(DAY, at=NEXT)
    return AccessAlert.objects.get()


def test_looks_at_night_raise_one_alert_that_auditor_and_unit_above_are_told_of(alert, people):
    assert (alert.kind, alert.count, alert.officer, alert.subjects) == (
        "night",
        6,
        people["inspector"],
        [FIRM],
    )
    told = Notice.objects.filter(kind="security.unusual_access").values_list("officer__username", flat=True)
    assert sorted(told) == ["above", "auditor"]
    assert watch_and_tell(DAY, at=NEXT) == (0, 0)


def test_an_alert_is_seen_by_the_auditor_and_from_above_and_not_by_the_own_leader_or_elsewhere(alert, people):
    seen = {name for name, one in people.items() if watching.seen_by(one).exists()}
    assert seen == {"auditor", "above"}


def test_an_auditor_closes_an_alert_with_a_reason_once_and_it_stands_in_the_chain(alert, people):
    with pytest.raises(ProtectionRefused, match="至少4个字"):
        watching.close(alert, is_justified=True, finding="可", by=people["auditor"], at=NEXT)
    for wrong in ("above", "stranger"):
        with pytest.raises(Forbidden):
            watching.close(alert, is_justified=True, finding="夜间值班核实", by=people[wrong], at=NEXT)
    watching.close(alert, is_justified=True, finding="夜间值班核实", by=people["auditor"], at=NEXT)
    look = AccessRecord.objects.get(subject=f"alert/{alert.pk}")
    assert (look.part, look.reason, look.officer) == ("alert_justified", "夜间值班核实", people["auditor"])
    with pytest.raises(ProtectionRefused, match="已经核实"):
        watching.close(alert, is_justified=False, finding="夜间值班核实", by=people["auditor"], at=NEXT)


def test_nobody_closes_an_alert_about_the_own_looks(alert, people):
    twin = people["auditor"]
    Officer.objects.filter(pk=twin.pk).update(staff_number="1")  # the inspector's second account
    twin.refresh_from_db()
    with pytest.raises(ProtectionRefused, match="自己"):
        watching.close(alert, is_justified=True, finding="夜间值班核实", by=twin, at=NEXT)


def test_changes_of_accounts_are_no_looks_at_people(people):
    night = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
    for number in range(9):
        record_look(people["steward"], f"account/{number}", "role_given", at=night)
    assert watching.watch(DAY, ties={}, at=NEXT) == []


def told(**more):
    found = looks_told.told([FIRM], **({"closed_matters": lambda numbers: (), "today": DAY} | more))
    return [(one.part, one.unit) for one in found]


def test_a_firm_is_told_of_looks_and_of_those_under_a_secret_case_once_it_is_closed(people):
    record_look(people["inspector"], FIRM, "credit_class", at=AT)
    record_look(people["inspector"], FIRM, "check", at=AT, reason="JC-1")
    record_look(people["inspector"], FIRM, "evidence_display", at=AT, reason="a" * 64)
    record_look(people["inspector"], "91440300MA5EXAMPLE", "credit_class", at=AT)
    assert told() == [("credit_class", "440106局")]
    assert told(closed_matters=lambda numbers: {"JC-1"} & set(numbers)) == [
        ("check", "440106局"), ("credit_class", "440106局"),
    ]  # fmt: skip
    assert len(told(today=DAY + timedelta(days=181))) == 3


@pytest.mark.parametrize("part", ["round", "draw_opening", "check", "file_custody", "a part of tomorrow"])
def test_no_look_warns_a_firm_that_it_lies_on_a_round_or_was_drawn(people, part):
    record_look(people["inspector"], FIRM, part, at=AT, reason="JC-1")
    assert told() == []
    assert told(closed_matters=set) == [(part, "440106局")]


def asked(kind="correction", words="法定代表人登记有误"):
    by = requesting.Asker(Channel.FIRM, FIRM, "440106", "owner", is_synthetic=True)
    return requesting.ask(kind, words, by=by, at=AT, randomness=zeros)


def test_a_request_is_sealed_gets_its_day_and_is_a_fact(people):
    made = asked()
    assert made.due_on == date(2026, 12, 2) and "法定" not in made.words_sealed
    assert Fact.objects.get(kind="data_request.received").payload["due_on"] == "2026-12-02"
    for wrong in ({"kind": "sale"}, {"words": "无"}):
        with pytest.raises(ProtectionRefused):
            asked(**wrong)


def test_a_request_is_opened_and_answered_in_its_area_and_the_opening_is_recorded(people):
    made = asked()
    with pytest.raises(Forbidden):
        requesting.opened(made, by=people["stranger"], at=AT)
    with pytest.raises(Forbidden):
        requesting.answer(made, "已经更正。", is_granted=True, by=people["inspector"], at=NEXT)
    assert requesting.opened(made, by=people["steward"], at=AT) == ("法定代表人登记有误", "")
    assert AccessRecord.objects.get(part="data_request").reason == made.number
    requesting.answer(made, "已经更正。", is_granted=True, by=people["steward"], at=NEXT)
    assert requesting.own_words(SubjectRequest.objects.get()) == ("法定代表人登记有误", "已经更正。")
    assert Fact.objects.get(kind="data_request.answered").payload["is_granted"] is True
    with pytest.raises(ProtectionRefused, match="已经答复"):
        requesting.answer(made, "再次答复。", is_granted=False, by=people["steward"], at=NEXT)


def test_a_late_answer_is_told_to_those_who_may_give_it_the_day_after(people):
    asked()
    assert watch_and_tell(DAY, at=datetime(2026, 12, 2, 4, 0, tzinfo=UTC)) == (0, 0)
    assert watch_and_tell(DAY, at=datetime(2026, 12, 3, 4, 0, tzinfo=UTC)) == (0, 1)
    told_people = Notice.objects.filter(kind="security.data_request_late").values_list(
        "officer__username", flat=True
    )
    assert sorted(told_people) == ["above", "leader", "steward"]


def session(officer, key, at):
    return OfficerSession.objects.create(
        officer=officer, key_hash=key, method="password", opened_at=at, seen_at=at
    )


def test_sign_ins_are_deleted_after_365_days_but_not_those_that_are_held_and_the_deletion_is_a_fact(people):
    session(people["inspector"], "old", AT - timedelta(days=367))
    session(people["auditor"], "held", AT - timedelta(days=367))
    session(people["auditor"], "new", AT - timedelta(days=300))
    hold = holding.place("auditor", reason="配合纪检调查", by=people["leader"], at=AT)
    assert delete_due(at=AT)["sign_ins"] == 1
    assert set(OfficerSession.objects.values_list("key_hash", flat=True)) == {"held", "new"}
    fact = Fact.objects.get(kind="data.deleted")
    assert fact.payload == {"what": "sign_ins", "count": 1, "before": "2025-11-02", "held": 1}
    holding.lift(hold, reason="调查已经结束", by=people["leader"], at=NEXT)
    assert delete_due(at=NEXT)["sign_ins"] == 1
    assert [one.kind for one in Fact.objects.filter(subject="auditor").order_by("recorded_at", "-kind")] == [
        "legal_hold.placed", "legal_hold.lifted",
    ]  # fmt: skip


def test_a_hold_is_placed_with_a_reason_by_who_may_and_once(people):
    with pytest.raises(Forbidden):
        holding.place(FIRM, reason="诉讼", by=people["inspector"], at=AT)
    with pytest.raises(ProtectionRefused):
        holding.place(FIRM, reason=" ", by=people["leader"], at=AT)
    holding.place(FIRM, reason="诉讼", by=people["leader"], at=AT)
    with pytest.raises(ProtectionRefused, match="已经暂停"):
        holding.place(FIRM, reason="诉讼", by=people["auditor"], at=AT)
    assert holding.held() == {FIRM}


def test_the_words_of_an_answered_request_go_after_three_years_and_its_outcome_stays(people):
    made = asked()
    requesting.answer(made, "已经更正。", is_granted=True, by=people["steward"], at=AT)
    assert retention.run((), at=AT + timedelta(days=1095))["subject_requests"] == 0
    assert retention.run((), at=AT + timedelta(days=1097))["subject_requests"] == 1
    kept = SubjectRequest.objects.get()
    assert (kept.words_sealed, kept.answer_sealed, kept.is_granted) == ("", "", True)


def test_a_hold_is_lifted_by_who_oversees_its_area_and_never_by_whom_it_is_about(people):
    held = holding.place("a case", reason="纪检在查", by=people["above"], at=AT)
    for wrong in ("leader", "auditor", "stranger"):
        with pytest.raises(Forbidden):
            holding.lift(held, reason="不再需要", by=people[wrong], at=NEXT)
    assert holding.lift(held, reason="已结案", by=people["above"], at=NEXT).lifted_at == NEXT
    own = holding.place("leader", reason="纪检在查", by=people["auditor"], at=AT)
    with pytest.raises(ProtectionRefused, match="自己"):
        holding.lift(own, reason="不再需要", by=people["leader"], at=NEXT)
    holding.lift(own, reason="已结案", by=people["auditor"], at=NEXT)
