"""Departments join before the seed, are drawn by it, look at their own items in one visit, and answer for them alone."""

from datetime import timedelta

import pytest
from django.test import Client

pytestmark = pytest.mark.database


def client_of(officer):
    client = Client()
    client.force_login(officer)
    return client


def team_of(visit):
    from zhijian.apps.supervision.joint import queries

    return queries.people_of(visit)


def begin(visit, staff, steps):
    steps.services.begin(visit.check_record, steps.HERE, certificates_shown=True, by=staff.first, at=steps.AT)


def told(visit, finding="conform", note=""):
    return {one["code"]: (finding, note) for one in visit.participation.items}


def test_lots_come_from_the_seed_and_a_recused_one_gives_way_to_the_next():
    from zhijian.apps.supervision.joint.rules import lots, team

    def order(roster, **more):
        asked = {"plan": "P", "attempt": 1, "department": "fire", "subject": "X"} | more
        return lots("5eed" * 16, roster=roster, **asked)

    people = [f"p{n}" for n in range(9)]
    first = order(people)
    assert first == order(reversed(people)) and sorted(first) == people
    assert first != order(people, subject="Y") and first != order(people, department="culture")
    assert [one for one in first if one != first[3]] == order([one for one in people if one != first[3]])
    assert team(first, [first[0]]) == (first[1], first[2]) and team(first[:1], []) == (first[0],)
    from collections import Counter

    seen = Counter(order(people, subject=str(n))[0] for n in range(900))
    assert all(60 < seen[one] < 145 for one in people)  # 100 each, within 4.5 deviations


def test_who_takes_part_is_settled_before_the_seed(ceremony, staff, departments, steps):
    from zhijian.apps.supervision.joint import services
    from zhijian.apps.supervision.joint.policies import JointRefused
    from zhijian.engines.facts.models import Fact
    from zhijian.security.permissions import Forbidden

    at, fire, culture = steps.AT, departments.fire, departments.culture
    with pytest.raises(Forbidden):
        services.open_plan(ceremony.draw, by=staff.first, at=at)
    plan = services.open_plan(ceremony.draw, by=staff.drawer, at=at)
    assert services.open_plan(ceremony.draw, by=staff.drawer, at=at) == plan
    items = [("消防通道", "《消防法》第二十八条")]
    for wrong in ([], [("消防通道", " ")], items * 2):
        with pytest.raises(JointRefused):
            services.invite(plan, fire.unit, wrong, by=staff.drawer, at=at)
    with pytest.raises(JointRefused):
        services.invite(plan, staff.unit, items, by=staff.drawer, at=at)
    part = services.invite(plan, fire.unit, items, by=staff.drawer, at=at)
    late = services.invite(plan, culture.unit, items, by=staff.drawer, at=at)
    lead, names = fire.people[0], [one.username for one in fire.people]
    with pytest.raises(Forbidden):
        services.join(part, names, by=culture.people[0], at=at)
    for wrong in (names[:1], [*names, "chen"]):
        with pytest.raises(JointRefused):
            services.join(part, wrong, by=lead, at=at)
    fire.people[2].certificate_valid_until = at.date()
    fire.people[2].save()
    with pytest.raises(JointRefused, match="失效"):
        services.join(part, names, by=lead, at=at)
    services.join(part, names[:2], by=lead, at=at)
    with pytest.raises(JointRefused):
        services.decline(part, "没空", by=lead, at=at)
    with pytest.raises(JointRefused, match="派发"):
        services.give_out(plan, by=staff.drawer, at=at)
    fact = Fact.objects.get(kind="joint.joined")
    assert fact.payload["inspectors"] == 2 and names[0] not in str(fact.payload)

    ceremony.drawn()
    with pytest.raises(JointRefused, match="种子"):
        services.join(late, [one.username for one in culture.people], by=culture.people[0], at=at)
    assert services.give_out(plan, by=staff.drawer, at=at) == 2
    assert services.give_out(plan, by=staff.drawer, at=at) == 0


def test_a_department_records_its_own_items_in_the_visit_and_its_other_inspector_publishes_them(
    joined, staff, steps
):
    from zhijian.apps.supervision.joint import services
    from zhijian.apps.supervision.joint.policies import JointRefused
    from zhijian.engines.facts.models import Fact

    at, visit = steps.AT, joined.fire.visits.first()
    first, second = team_of(visit)
    with pytest.raises(JointRefused, match="到场"):
        services.record(visit, told(visit), by=first, at=at)
    begin(visit, staff, steps)
    visit = joined.fire.visits.get(pk=visit.pk)
    with pytest.raises(JointRefused):
        services.record(visit, told(visit, "nonconform"), by=first, at=at)
    with pytest.raises(JointRefused):
        services.record(visit, {**told(visit), "FOO-01": ("conform", "")}, by=first, at=at)
    kept = services.record(visit, told(visit, "nonconform", "通道堆了纸箱"), by=first, at=at)
    again = services.record(visit, told(visit, "nonconform", "通道堆了纸箱"), by=first, at=at)
    assert again == kept and visit.records.count() == 1  # the button was pressed twice
    with pytest.raises(JointRefused):
        services.confirm(visit, 1, by=first, at=at)
    with pytest.raises(JointRefused, match="重新看过"):
        services.confirm(visit, 2, by=second, at=at)
    services.confirm(visit, 1, by=second, at=at)
    fact = Fact.objects.get(kind="joint.result")
    assert fact.subject == visit.check_record.uscc and fact.payload["items"][0]["finding"] == "nonconform"
    assert "纸箱" not in str(fact.payload) and first.username not in str(fact.payload)

    visit = joined.fire.visits.get(pk=visit.pk)
    with pytest.raises(JointRefused):
        services.record(visit, told(visit), by=first, at=at)  # published: a reason is needed
    services.record(visit, told(visit), by=first, at=at + timedelta(days=1), reason="当场误记")
    services.confirm(joined.fire.visits.get(pk=visit.pk), 2, by=second, at=at + timedelta(days=1))
    assert [
        one.payload["version"] for one in Fact.objects.filter(kind="joint.result").order_by("revision")
    ] == [1, 2]
    public = Client().get("/joint/2026-0312/").content.decode()
    assert "消防通道" in public and "纸箱" not in public and first.username not in public
    assert Client().get("/joint/2026-0312/?format=csv").status_code == 200
    assert Client().get("/joint/").status_code == 200 and Client().get("/joint/none/").status_code == 404


def test_standing_aside_sends_the_next_lot_and_an_edited_roster_or_order_stops_everything(
    joined, staff, steps
):
    from zhijian.apps.supervision.joint import queries, services
    from zhijian.apps.supervision.joint.models import JointVisit, ParticipationAnswer
    from zhijian.apps.supervision.joint.policies import JointRefused

    visit = joined.fire.visits.first()
    first, second = team_of(visit)
    with pytest.raises(JointRefused):
        services.recuse(visit, " ", by=first, at=steps.AT)
    assert services.recuse(visit, "店主是亲属", by=first, at=steps.AT) == (second.username, visit.order[2])
    with pytest.raises(JointRefused, match="不足两名"):
        services.recuse(visit, "也认识", by=second, at=steps.AT)
    begin(visit, staff, steps)
    visit = joined.fire.visits.get(pk=visit.pk)
    with pytest.raises(JointRefused):
        services.record(visit, told(visit), by=first, at=steps.AT)
    from django.db.models import QuerySet

    QuerySet(JointVisit).filter(pk=visit.pk).update(
        order=list(reversed(visit.order))
    )  # behind the program's back
    moved = joined.fire.visits.get(pk=visit.pk)
    with pytest.raises(JointRefused, match="被改动"):
        services.record(moved, told(moved), by=queries.people_of(moved)[0], at=steps.AT)
    QuerySet(ParticipationAnswer).filter(participation=joined.fire).update(roster=["fire-1", "fire-2"])
    with pytest.raises(JointRefused, match="封存的不符"):
        services.give_out(joined.plan, by=staff.drawer, at=steps.AT)


def test_a_department_sees_its_own_part_and_nothing_else(joined, departments, staff, steps):
    from zhijian.security.models import AccessRecord

    visit = joined.fire.visits.first()
    fire, culture = client_of(departments.fire.people[0]), client_of(departments.culture.people[0])
    assert fire.get("/work/joint/2026-0312/").status_code == 200
    assert fire.get(f"/work/joint/visits/{visit.pk}/").status_code == 200
    assert AccessRecord.objects.filter(part="joint visit", subject=visit.check_record.uscc).count() == 1
    assert culture.get(f"/work/joint/visits/{visit.pk}/").status_code == 403
    check, uscc = visit.check_record, visit.check_record.uscc
    for closed in ("/work/", f"/work/checks/{check.pk}/", f"/entities/{uscc}/class/", "/work/draws/", "/work/cases/",
                   "/work/plans/", "/work/registers/"):  # fmt: skip
        assert fire.get(closed).status_code in {403, 404}, closed
    assert client_of(staff.first).get("/work/joint/").status_code == 403
    lead = client_of(staff.drawer)
    page = lead.get("/work/joint/2026-0312/").content.decode()
    assert "消防通道" in page and lead.get(f"/work/joint/visits/{visit.pk}/").status_code == 403
    assert lead.post("/work/joint/2026-0312/", {"act": "invite", "department": "nobody"}).status_code == 422
    assert fire.post(f"/work/joint/visits/{visit.pk}/", {"act": "record"}).status_code in {403, 409}
    assert fire.post("/work/joint/2026-0312/", {"act": "give_out"}).status_code == 403
