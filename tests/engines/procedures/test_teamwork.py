"""Work that several people have a part in: proposals, many at once, joint units, supervision, leave, withdrawal."""

from datetime import UTC, date, datetime
from itertools import count

import pytest

from tests.engines.procedures import drawn
from zhijian.engines.procedures import assignment, queries, services, teamwork
from zhijian.engines.procedures.assignment import Candidate, Wanted
from zhijian.engines.procedures.errors import NotYours, ProcedureRefused
from zhijian.engines.procedures.models import CaseStatus, ItemState
from zhijian.security.permissions import Forbidden

AT = datetime(2026, 5, 18, 2, tzinfo=UTC)
TODAY = date(2026, 5, 18)
_codes = count()


def candidate(number, *, area="440106", skills=(), load=0, away=False):
    return Candidate(number, f"officer{number}", area, frozenset(skills), load, away)


def test_the_skilled_come_first_then_the_nearest_then_the_least_loaded():
    wanted = Wanted("440106001", "food")
    skilled = candidate(1, skills=["food"], load=9, area="4401")
    near = candidate(2, skills=["food"], load=9, area="440106")
    free = candidate(3, skills=["food"], load=2, area="440106")
    everyone = [candidate(4, area="440106001"), skilled, near, free]
    order = []
    while everyone:
        proposal = assignment.propose(wanted, everyone)
        order.append(proposal.candidate.officer_id)
        everyone = [one for one in everyone if one.officer_id != order[-1]]
    assert order == [3, 2, 1, 4]


def test_a_proposal_says_why_and_nobody_who_is_away_is_proposed():
    proposal = assignment.propose(Wanted("440106001"), [candidate(1, load=3), candidate(2, away=True)])
    assert proposal.candidate.officer_id == 1
    assert "手上有3件" in proposal.reason_zh
    assert "holds 3 open steps" in proposal.reason_en
    assert assignment.propose(Wanted("440106001"), [candidate(2, away=True)]) is None


def test_many_steps_are_shared_out_evenly():
    proposals = assignment.share_out([Wanted("440106001")] * 6, [candidate(1), candidate(2), candidate(3)])
    assert sorted(one.candidate.officer_id for one in proposals) == [1, 1, 2, 2, 3, 3]


@pytest.fixture
def begin(tmp_path, station):
    code = f"test/teamwork_{next(_codes)}"
    drawn.declare(tmp_path, drawn.straight(drawn.node("user", "accept")), code=code)

    def opened():
        return services.start_case(
            code, number=f"{next(_codes)}", title="测试", organisation=station, division_code="440106",
            data={}, by=None, at=AT, is_synthetic=True,
        )  # fmt: skip

    return opened


def step(case):
    return case.work_items.select_related("organisation", "case").get(state=ItemState.OPEN)


pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_many_are_previewed_then_given_out_and_one_refusal_stops_no_other(begin, officer, station, leader):
    people = [officer(name, station, "handler") for name in ("a", "b")]
    items = [step(begin()) for _ in range(4)]
    planned = teamwork.preview_assignment(items, at=AT)
    assert sorted(str(one.officer) for one in planned) == ["a", "a", "b", "b"]
    assert queries.unit_inbox(station, ["handler"]).count() == 4
    services.complete(items[0], data={}, by=people[0], at=AT)
    done = services.bulk_assign({one.item.pk: one.officer for one in planned}, by=leader, at=AT)
    assert (len(done.items), len(done.refusals)) == (3, 1)
    assert queries.unit_inbox(station).count() == 0
    assert queries.inbox(people[0], on=TODAY).count() + queries.inbox(people[1], on=TODAY).count() == 3


def test_a_step_waits_for_the_answer_of_every_unit_that_was_asked(begin, handler, officer, other_station):
    item, stranger = step(begin()), officer("stranger", other_station, "handler")
    services.claim(item, by=handler, at=AT)
    with pytest.raises(NotYours):
        services.join_units(item, [other_station], by=stranger, at=AT)
    services.join_units(item, [other_station], note="请协助核实地址", by=handler, at=AT)
    assert list(queries.joint_inbox(other_station)) == [item]
    with pytest.raises(ProcedureRefused, match="other"):
        services.complete(item, data={}, by=handler, at=AT)
    services.answer_joint(item, opinion="地址属实", by=stranger, at=AT)
    with pytest.raises(Forbidden):
        services.answer_joint(item, opinion="再答一次", by=stranger, at=AT)
    assert services.complete(item, data={}, by=handler, at=AT).status == CaseStatus.CLOSED


def test_a_leader_above_supervises(begin, handler, county_leader):
    item = step(begin())
    with pytest.raises(Forbidden):
        services.supervise(item, note="请于本周内办结", by=handler, at=AT)
    services.supervise(item, note="请于本周内办结", by=county_leader, at=AT)
    assert list(queries.watched(county_leader)) == [item]


def test_a_substitute_acts_in_the_place_of_who_is_on_leave(begin, handler, officer, station, leader):
    item, substitute = step(begin()), officer("substitute", station, "handler")
    services.claim(item, by=handler, at=AT)
    with pytest.raises(NotYours):
        services.complete(item, data={}, by=substitute, at=AT)
    services.delegate_leave(handler, substitute=substitute, starts_on=TODAY, ends_on=TODAY, by=handler, at=AT)
    assert list(queries.inbox(substitute, on=TODAY)) == [item]
    assert not queries.inbox(substitute, on=date(2026, 5, 19)).exists()
    case = services.complete(item, data={}, by=substitute, at=AT)
    event = case.events.get(verb="complete")
    assert (event.officer, event.on_behalf_of) == (substitute, handler)


def test_a_colleague_without_the_roles_substitutes_only_where_the_leader_says_so(
    handler, officer, station, leader
):
    clerk = officer("clerk", station, "analyst")
    days = {"starts_on": TODAY, "ends_on": TODAY}
    with pytest.raises(Forbidden):
        services.delegate_leave(handler, substitute=clerk, **days, by=handler, at=AT)
    assert services.delegate_leave(handler, substitute=clerk, **days, by=leader, at=AT).arranged_by == leader


def test_a_step_given_back_waits_in_the_units_inbox_again(begin, handler, station):
    item = step(begin())
    services.claim(item, by=handler, at=AT)
    with pytest.raises(ProcedureRefused, match="理由"):
        services.return_item(item, reason=" ", by=handler, at=AT)
    services.return_item(item, reason="与当事人有利害关系", by=handler, at=AT)
    assert list(queries.unit_inbox(station)) == [item]


def test_a_case_that_is_taken_back_ends_with_its_reason(begin, handler, officer, other_station):
    case = begin()
    with pytest.raises(Forbidden):
        services.withdraw(case, reason="双方和解", by=officer("x", other_station, "handler"), at=AT)
    case = services.withdraw(case, reason="双方和解", by=handler, at=AT)
    assert case.status == CaseStatus.WITHDRAWN
    assert case.work_items.get().state == ItemState.CANCELLED
    assert case.events.get(verb="withdraw").note == "双方和解"
    with pytest.raises(ProcedureRefused, match="已撤回"):
        services.withdraw(case, reason="双方和解", by=None, at=AT)


def test_a_unit_of_another_city_or_without_anybody_in_the_role_is_not_asked(
    begin, handler, officer, other_station
):
    from zhijian.security.models import Organisation

    item = step(begin())
    services.claim(item, by=handler, at=AT)
    with pytest.raises(ProcedureRefused, match="不能请它协办"):
        services.join_units(item, [other_station], by=handler, at=AT)  # nobody works there yet
    far = Organisation.objects.create(
        code="far", name="示例珠海所", name_en="Far", level="station", division_code="440402001"
    )
    officer("there", far, "handler")
    with pytest.raises(ProcedureRefused, match="没有管辖"):
        services.join_units(item, [far], by=handler, at=AT)
    assert not item.units.exists()
