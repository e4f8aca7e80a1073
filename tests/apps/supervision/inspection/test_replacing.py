"""An inspector who cannot go is replaced by the next in the drawn order; a firm objects, a leader decides."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password

from tests.apps.supervision.inspection.casework import HERE, NOTHING_FOUND
from tests.engines.draws import ceremony
from zhijian.apps.supervision.inspection import (
    agreement,
    objecting,
    policies,
    quality,
    replacement_audit,
    replacing,
    services,
)
from zhijian.apps.supervision.inspection.dispatching import dispatch_of
from zhijian.apps.supervision.inspection.models import Check, Replacement
from zhijian.apps.supervision.inspection.objecting import Said
from zhijian.engines.draws import services as draws
from zhijian.engines.draws.errors import Tampered
from zhijian.engines.draws.models import Selection
from zhijian.engines.draws.plan import Item
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures.models import Leave
from zhijian.engines.recusal import services as recusal
from zhijian.engines.registers.market_entities import EntityRegister
from zhijian.security.models import AccessRecord, BusinessPerson, BusinessRole, Officer, Organisation
from zhijian.security.permissions import Forbidden

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VISITED = ceremony.DRAWN_AT + timedelta(days=6)
ITEM = Item("REG-01", "登记事项", "《市场主体登记管理条例》第三十八条", "food")
YESTERDAY = VISITED.date() - timedelta(days=1)


@pytest.fixture
def drawn(home):
    """Ten firms' worth of a real draw, dispatched; the first check, its team and who follows."""
    plan = ceremony.open_plan(items=(ITEM,), is_synthetic=True, rehearsal=False)
    frame = ceremony.objects(20, rates=("R1",))
    draw, _ = ceremony.published(plan, frame)
    leader = ceremony.officer("leader", "leader", "drawer")
    unit = leader.organisation
    for number in range(16):
        one = ceremony.officer(f"E{number:02d}", "inspector")
        one.display_name, one.certificate_valid_until = f"示例检查员{number}", date(2027, 6, 30)
        one.staff_number = f"no-E{number:02d}"
        one.save()
    services.publish_item_list(by=None, at=ceremony.ANNOUNCED_AT)
    register = EntityRegister(home.serving)
    task = services.dispatch(dispatch_of(draw, register, leader), by=leader, at=ceremony.DRAWN_AT)
    check = task.checks.order_by("number").first()
    order = draws.succession_of(draw, check.leaf)
    follow = [Officer.objects.get(username=name) for name in order.all]
    return SimpleNamespace(
        draw=draw, leader=leader, unit=unit, check=check, order=order, follow=follow, first=check.inspector_first,
        second=check.inspector_second,
    )  # fmt: skip


def lapse(officer, *, until=YESTERDAY):
    Officer.objects.filter(pk=officer.pk).update(certificate_valid_until=until)
    officer.refresh_from_db()


def away(officer, first, last):
    other = Officer.objects.exclude(pk=officer.pk).first()
    Leave.objects.create(
        officer=officer,
        substitute=other,
        starts_on=first,
        ends_on=last,
        arranged_by=other,
        arranged_at=VISITED,
    )


def fresh(check):
    return Check.objects.get(pk=check.pk)


def replaced(drawn, officer=None):
    return replacing.replace(fresh(drawn.check), officer or drawn.first, by=drawn.leader, at=VISITED)


def test_the_order_goes_on_after_the_standby_by_the_same_seed_and_holds_everybody_who_may_come(drawn):
    everybody = {one.inspector_id for one in ceremony.inspectors()} - {
        drawn.first.username,
        drawn.second.username,
    }
    assert set(drawn.order.all) == everybody
    assert list(drawn.order.standby) == Selection.objects.get(leaf=drawn.check.leaf).standby
    assert drawn.order == draws.succession_of(drawn.draw, drawn.check.leaf)


def test_a_lapsed_certificate_is_found_by_itself_and_the_first_of_the_standby_goes(drawn):
    assert replacing.troubles("44", VISITED.date()) == []
    lapse(drawn.first)
    with pytest.raises(policies.Incomplete, match="执法证件"):
        services.begin(fresh(drawn.check), HERE, certificates_shown=True, by=drawn.first, at=VISITED)
    found = [one for one in replacing.troubles("44", VISITED.date()) if one.check == drawn.check]
    assert [(one.officer, one.ground) for one in found] == [(drawn.first, "certificate")]
    made = replaced(drawn)
    assert (made.coming, made.passed_over) == (drawn.follow[0], [])
    check = fresh(drawn.check)
    assert check.inspectors == (drawn.follow[0], drawn.second)
    services.begin(check, HERE, certificates_shown=True, by=drawn.follow[0], at=VISITED)
    with pytest.raises(policies.WrongPerson):
        services.record_result(fresh(check), NOTHING_FOUND, by=drawn.first, at=VISITED)
    assert list(agreement.findings()) == []


def test_those_who_cannot_come_are_passed_over_with_why_and_the_list_is_not_at_its_end_with_the_standby(
    drawn,
):
    lapse(drawn.first)
    lapse(drawn.follow[0])
    away(drawn.follow[1], VISITED.date(), VISITED.date())
    Officer.objects.filter(pk=drawn.follow[2].pk).update(is_active=False)
    made = replaced(drawn)
    assert made.coming == drawn.follow[3]
    assert [one["why"] for one in made.passed_over] == ["certificate", "leave", "left"]
    fact = Fact.objects.get(kind=replacing.REPLACED)
    assert fact.payload["succession_sha256"] == replacing.order_digest(drawn.order.all)
    assert fresh(drawn.check).inspector_first == drawn.follow[3]


def test_a_replaced_person_does_not_come_back_and_replacements_are_followed_in_order(drawn):
    lapse(drawn.first)
    replaced(drawn)
    lapse(drawn.follow[0])
    lapse(drawn.first, until=date(2027, 6, 30))
    made = replaced(drawn, drawn.follow[0])
    assert (made.sequence, made.coming) == (2, drawn.follow[1])
    assert list(agreement.findings()) == []
    Replacement.objects.filter(sequence=2).update(coming=drawn.follow[5])
    assert any("replacements differ" in one.message_en for one in agreement.findings())
    Check.objects.filter(pk=drawn.check.pk).update(inspector_first=drawn.follow[5])
    assert any("dispatch differs" in one.message_en for one in agreement.findings())


def test_a_short_leave_is_waited_for_and_one_over_half_of_the_days_is_not(drawn):
    away(drawn.first, VISITED.date(), VISITED.date() + timedelta(days=3))
    assert replacing.troubles("44", VISITED.date()) == []
    away(drawn.first, VISITED.date(), drawn.check.due_on)
    assert {one.ground for one in replacing.troubles("44", VISITED.date()) if one.check == drawn.check} == {
        "leave"
    }


def test_nobody_is_replaced_without_a_reason_after_the_result_or_by_who_is_touched(drawn):
    with pytest.raises(policies.NotNow, match="没有发现"):
        replaced(drawn)
    lapse(drawn.second)
    Officer.objects.filter(pk=drawn.follow[4].pk).update(roles=["inspector", "leader"])
    touched = Officer.objects.get(pk=drawn.follow[4].pk)
    with pytest.raises(policies.WrongPerson, match="候补"):
        replacing.replace(drawn.check, drawn.second, by=touched, at=VISITED)
    with pytest.raises(Forbidden):
        replacing.replace(drawn.check, drawn.second, by=drawn.first, at=VISITED)
    other = Organisation.objects.create(
        code="GD-440300", name="示例深圳局", name_en="Shenzhen", level="city", division_code="440300"
    )
    stranger = Officer.objects.create(username="szleader", organisation=other, roles=["leader"])
    with pytest.raises(Forbidden):
        replacing.replace(drawn.check, drawn.second, by=stranger, at=VISITED)
    lapse(drawn.second, until=date(2027, 6, 30))
    services.begin(fresh(drawn.check), HERE, certificates_shown=True, by=drawn.first, at=VISITED)
    services.record_result(fresh(drawn.check), NOTHING_FOUND, by=drawn.first, at=VISITED)
    lapse(drawn.first)
    with pytest.raises(policies.NotNow, match="检查结论已经交出"):
        replaced(drawn)


def test_an_edited_standby_decides_nothing_and_an_order_at_its_end_names_who_draws_anew(drawn):
    lapse(drawn.first)
    row = Selection.objects.filter(leaf=drawn.check.leaf)
    row.update(standby=[drawn.follow[5].username])
    with pytest.raises(Tampered):
        replaced(drawn)
    row.update(standby=list(drawn.order.standby))
    Officer.objects.filter(username__in=drawn.order.all).update(is_active=False)
    with pytest.raises(replacing.NobodyFollows, match=r"14名后续人员都不能去.*示例省局的抽签人员"):
        replaced(drawn)
    assert not Replacement.objects.exists()


SAID = {"ground": "interest", "words": "这名检查人员的配偶在对门开店，和我们竞争。"}


@pytest.fixture
def manager(drawn):
    return BusinessPerson.objects.create(
        uscc=drawn.check.uscc, firm_name=drawn.check.entity_name, username="boss", display_name="示例老板",
        role=BusinessRole.MANAGER, is_synthetic=True, created_at=VISITED,
    )  # fmt: skip


def objection(drawn, officer, **changes):
    return objecting.object_at_door(
        fresh(drawn.check), Said(**{"officer_id": officer.pk, **SAID, **changes}), by=drawn.second, at=VISITED
    )


def test_a_firm_objects_once_it_knows_of_its_check_and_reads_what_was_decided(drawn, manager):
    said = Said(officer_id=drawn.first.pk, **SAID)
    with pytest.raises(Forbidden, match="没有这次检查"):
        objecting.object_from_firm(fresh(drawn.check), said, by=manager, at=VISITED)
    services.begin(fresh(drawn.check), HERE, certificates_shown=True, by=drawn.first, at=VISITED)
    assert objecting.open_to_objection(manager.uscc) == [drawn.check]
    made = objecting.object_from_firm(fresh(drawn.check), said, by=manager, at=VISITED)
    assert (made.number, made.due_on) == (f"HB-{drawn.check.number}-1", date(2026, 11, 30))
    assert "配偶" not in made.sealed and objecting.words_of(made) == SAID["words"]
    with pytest.raises(policies.NotNow, match="已经申请过"):
        objecting.object_from_firm(fresh(drawn.check), said, by=manager, at=VISITED)
    decision = objecting.decide(made, "upheld", "情况属实，应当回避。", by=drawn.leader, at=VISITED)
    assert decision.replacement.coming == drawn.follow[0]
    assert fresh(drawn.check).inspectors == (drawn.follow[0], drawn.second)
    paper = objecting.paper_of(made)
    text = str(paper.content)
    assert "准许你单位的回避申请" in text and f"由{drawn.follow[0]}" in text and "配偶" not in text
    assert Fact.objects.get(kind=objecting.DECIDED).payload["outcome"] == "upheld"
    assert list(agreement.findings()) == []
    with pytest.raises(policies.NotNow, match="已经有决定"):
        objecting.decide(made, "refused", "再想一想。", by=drawn.leader, at=VISITED)


def test_the_firms_page_names_each_problem_takes_an_objection_and_refuses_it_twice(client, drawn, manager):
    manager.password = make_password("correct horse battery")
    manager.save()
    sign_in = {"uscc": manager.uscc, "username": "boss", "password": "correct horse battery"}
    client.post("/my/sign-in/", sign_in)
    address = f"/my/checks/{drawn.check.pk}/objection/"
    assert client.get(address).status_code == 404
    services.begin(fresh(drawn.check), HERE, certificates_shown=True, by=drawn.first, at=VISITED)
    wrong = client.post(address, {"officer": drawn.follow[0].pk, "ground": "mood", "words": "不"})
    assert wrong.status_code == 422
    assert [one for one, _ in wrong.context["problems"]] == ["officer", "ground", "words"]
    assert "请选择这次检查的一名检查人员。" in wrong.content.decode()
    said = {"officer": drawn.first.pk, **SAID}
    assert client.post(address, said)["Location"] == "/my/"
    twice = client.post(address, said)
    assert (twice.status_code, twice.context["problems"][0][0]) == (422, "")
    assert "已经申请过回避" in twice.content.decode()


def test_what_is_said_at_the_door_is_written_down_and_the_check_goes_on(drawn):
    with pytest.raises(policies.WrongPerson):
        objecting.object_at_door(drawn.check, Said(drawn.first.pk, **SAID), by=drawn.follow[0], at=VISITED)
    with pytest.raises(policies.Incomplete) as wrong:
        objection(drawn, drawn.follow[0], ground="mood", words="不")
    assert [one.field for one in wrong.value.problems] == ["officer", "ground", "words"]
    made = objection(drawn, drawn.first)
    services.begin(fresh(drawn.check), HERE, certificates_shown=True, by=drawn.first, at=VISITED)
    services.record_result(fresh(drawn.check), NOTHING_FOUND, by=drawn.first, at=VISITED)
    with pytest.raises(Forbidden):
        objecting.decide(made, "refused", "没有这种关系。", by=drawn.first, at=VISITED)
    decision = objecting.decide(made, "upheld", "确有关系，但结论已经交出。", by=drawn.leader, at=VISITED)
    assert decision.replacement is None and fresh(drawn.check).inspector_first == drawn.first
    assert "检查人员不再更换" in str(objecting.paper_of(made).content)


def test_the_leader_sees_what_keeps_a_check_from_going_and_one_press_replaces(client, drawn):
    lapse(drawn.first)
    client.force_login(drawn.leader)
    page = client.get("/work/replacements/").content.decode()
    assert "不能去" in page and "执法证件已失效" in page and "由下一名候补替换" in page
    form = {"check": drawn.check.pk, "officer": drawn.first.pk}
    page = client.post("/work/replacements/", form, follow=True).content.decode()
    assert f"{drawn.first}由{drawn.follow[0]}替换" in page
    assert "换过的" in page and "抽到这个人的检查" in page
    assert client.post("/work/replacements/", form).status_code == 422  # pressed twice
    assert "leaves," in client.get("/work/replacements/tests.csv").content.decode()
    client.force_login(drawn.second)
    page = client.get(f"/work/checks/{drawn.check.pk}/").content.decode()
    assert f"{drawn.first} → {drawn.follow[0]}" in page
    client.force_login(drawn.first)
    assert client.get("/work/replacements/").status_code == 403


def test_an_objection_goes_from_the_door_to_the_leader_by_pages_and_no_other_officer_reads_it(client, drawn):
    address = f"/work/checks/{drawn.check.pk}/objection/"
    client.force_login(drawn.second)
    assert "照企业说的记下来" in client.get(f"/work/checks/{drawn.check.pk}/").content.decode()
    assert client.post(address, {"officer": "x"}).status_code == 422
    page = client.post(address, {"officer": drawn.first.pk, **SAID}, follow=True).content.decode()
    number = f"HB-{drawn.check.number}-1"
    assert number in page
    assert client.get(f"/work/objections/{number}/").status_code == 403
    client.force_login(drawn.leader)
    assert number in client.get("/work/replacements/").content.decode()
    assert "配偶" in client.get(f"/work/objections/{number}/").content.decode()
    assert AccessRecord.objects.filter(part="inspector_objection", officer=drawn.leader).exists()
    assert client.post(f"/work/objections/{number}/", {"outcome": "refused"}).status_code == 422
    answer = {"outcome": "refused", "reason": "经查没有这种关系。"}
    page = client.post(f"/work/objections/{number}/", answer, follow=True).content.decode()
    assert "已驳回申请" in page and "决定书" in page
    assert fresh(drawn.check).inspector_first == drawn.first


def test_favourites_who_always_come_ring_and_replacements_spread_by_lot_do_not():
    def checks(favoured):
        names = [f"E{n}" for n in range(8)]
        return [
            replacement_audit.Drawn(
                "示例局",
                (names[n % 8], names[(n + 3) % 8]),
                names[(n + 5) % 8],
                (n % 8 == 2) if favoured else n % 9 == 0,
            )
            for n in range(160)
        ]

    rung = [(one.kind, one.who) for one in replacement_audit.tested(checks(True)) if one.rings]
    assert ("comes", "E7") in rung
    assert not any(one.rings for one in replacement_audit.tested(checks(False)))
    assert replacement_audit.tested([]) == []


def test_one_replacement_among_many_units_is_no_alarm_since_every_unit_is_asked_about():
    checks = [replacement_audit.Drawn(f"示例{n % 40}局", ("A", "B"), "C", n == 7) for n in range(400)]
    told = replacement_audit.tested(checks)
    assert sum(one.kind == "unit" for one in told) == 40 and not any(one.rings for one in told)


def test_who_was_replaced_does_not_repeat_the_check_blind(drawn):
    lapse(drawn.first)
    replaced(drawn)
    lapse(drawn.first, until=date(2027, 6, 30))
    check, unit = fresh(drawn.check), drawn.check.organisation
    there = {one.pk for one in quality.were_there(check)}
    assert {drawn.first.pk, drawn.second.pk, drawn.follow[0].pk} == there
    other = Organisation.objects.create(
        code="GD-OTHER", name="示例邻区局", level=unit.level, division_code=unit.division_code, is_synthetic=unit.is_synthetic
    )  # fmt: skip
    moved = [drawn.first.pk, *(one.pk for one in drawn.follow if one.pk not in there)][:3]
    Officer.objects.filter(pk__in=moved).update(organisation=other)
    team = quality.team_for(check, "ab" * 32, unit.division_code, VISITED.date())
    assert {one.pk for one in team} == set(
        moved[1:]
    )  # who was replaced has moved to that unit, and stays away


def test_a_tie_declared_after_the_draw_keeps_an_inspector_away(drawn):
    uscc = drawn.check.uscc
    people = replacing.People(VISITED.date())
    assert not people.of(drawn.first, uscc).has_tie
    people._ties = {drawn.first.username: frozenset({uscc})}
    assert people.why_replaced(drawn.first, drawn.check) == "tie"
    assert recusal.recused_on(VISITED.date()) == {}
