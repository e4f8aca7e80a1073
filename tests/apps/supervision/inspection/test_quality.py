"""A part of the finished inspections is drawn from a sealed root and done again by others, blind; both are compared."""

from datetime import date, timedelta

import pytest

from tests.apps.supervision.inspection.casework import AT
from zhijian.apps.supervision.inspection import quality
from zhijian.engines.facts import seals
from zhijian.engines.facts.models import Fact, Seal
from zhijian.engines.procedures import checks, declaration
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import NotYours, ProcedureRefused
from zhijian.engines.procedures.models import Case, WorkItem
from zhijian.security.permissions import Forbidden

LATER = AT + timedelta(days=2)


@pytest.fixture
def finished(staff, a_draw, home, steps, django_user_model):
    """Four confirmed inspections, one with a problem; a sealed day; a leader and two more inspectors."""
    steps.services.publish_item_list(by=None, at=AT)
    task = steps.services.dispatch(
        a_draw(names=[f"示例{one}店" for one in "甲乙丙丁"]), by=staff.drawer, at=AT
    )
    for place, check in enumerate(task.checks.order_by("number")):
        steps.services.begin(check, steps.HERE, certificates_shown=True, by=staff.first, at=AT)
        entry = steps.PROBLEM_FOUND if place == 0 else steps.NOTHING_FOUND
        steps.services.record_result(check, entry, by=staff.first, at=AT)
        steps.services.confirm_by_second(check, by=staff.second, at=AT)
    for name in ("leader", "zhou"):
        role = "leader" if name == "leader" else "inspector"
        person = django_user_model.objects.create(
            username=name, display_name=f"示例{name}", organisation=staff.unit, roles=[role],
            certificate_valid_until=date(2027, 12, 31),
        )  # fmt: skip
        setattr(staff, name, person)
    seals.seal_day(AT.date(), at=AT + timedelta(days=1))
    return staff


def redo(case, officer, outcome):
    item = WorkItem.objects.get(case=case, state="open")
    procedures.complete(item, data={"outcome": outcome, "found": "按事项逐项看过。"}, by=officer, at=LATER)


def test_the_drawing_is_sound():
    procedure = declaration.get(quality.RECHECK)
    assert not checks.problems(procedure, procedure.drawing_text())


def test_a_sample_is_drawn_given_to_another_team_and_compared(client, finished):
    client.force_login(finished.leader)
    page = client.post("/work/audit/quality/", follow=True).content.decode()
    assert "已抽出2次检查" in page and "还没有抽过" not in page
    first, second = Case.objects.filter(procedure=quality.RECHECK).order_by("number")
    item = WorkItem.objects.get(case=first)
    assert item.holder in (finished.third, finished.zhou)
    page = client.get(f"/work/cases/{first.pk}/").content.decode()
    assert "这里不显示第一次的结论" in page and "散装红豆" not in page and "现场已下架" not in page
    outcome = {"01": "problem"}.get(first.number[-2:], "none")
    redo(first, item.holder, outcome)
    redo(second, WorkItem.objects.get(case=second, state="open").holder, "unmet")
    (told,) = quality.samples("44")
    assert (told.compared, told.unmet, told.agreement.agreed, told.agreement.things) == (2, 1, 1, 1)
    fact = Fact.objects.filter(kind=quality.COMPARED).order_by("source_key").first()
    assert fact.payload["first_finding"] == fact.payload["second_finding"] == outcome
    assert (
        "440106,2026-01-01,2026-09-16,4,2,2,1,1"
        in client.get("/work/audit/quality/?format=csv").content.decode()
    )


def test_whoever_was_there_first_does_not_go_again(finished):
    quality.draw(by=finished.leader, at=LATER)
    case = Case.objects.filter(procedure=quality.RECHECK).first()
    item = WorkItem.objects.get(case=case)
    procedures.assign(item, to=finished.first, by=finished.leader, at=LATER)
    with pytest.raises(NotYours, match="第一次是您查的"):
        redo(case, finished.first, "none")


def test_the_sealed_root_chooses_and_nobody_draws_twice_in_a_period(finished):
    fact = quality.draw(by=finished.leader, at=LATER)
    told = fact.payload
    root = Seal.objects.get(day=AT.date()).root
    numbers = quality.frame("440106", AT.date(), AT.date()) + told["chosen"]
    assert told["seal_root"] == root and told["frame"] == 4
    assert told["chosen"] == quality.chosen_of(sorted(numbers), root, "440106", percent=told["percent"])
    with pytest.raises(ProcedureRefused, match="还没有封存过新的一天"):
        quality.draw(by=finished.leader, at=LATER)
    with pytest.raises(Forbidden):
        quality.draw(by=finished.first, at=LATER)


def test_who_confirms_after_the_sample_comes_into_the_next_and_no_officer_makes_a_repetition_go_away(
    finished, a_draw, steps
):
    visited = AT + timedelta(days=1, hours=1)
    task = steps.services.dispatch(
        a_draw(plan_id="GD-LATE", names=["示例戊店"]), by=finished.drawer, at=visited
    )
    check = task.checks.get()
    steps.services.begin(check, steps.HERE, certificates_shown=True, by=finished.first, at=visited)
    steps.services.record_result(check, steps.NOTHING_FOUND, by=finished.first, at=visited)
    seals.seal_day(visited.date(), at=LATER)
    quality.draw(by=finished.leader, at=LATER)  # up to the day of the visit
    steps.services.confirm_by_second(check, by=finished.second, at=LATER)
    assert quality.frame("440106", LATER.date(), LATER.date()) == [check.number]
    case = Case.objects.filter(procedure=quality.RECHECK).first()
    with pytest.raises(ProcedureRefused, match="只能按流程办结"):
        procedures.withdraw(case, reason="不用复核", by=finished.leader, at=LATER)


def test_a_frame_draws_its_share_and_at_least_two():
    numbers = [f"P-{n:03d}" for n in range(200)]
    assert len(quality.chosen_of(numbers, "ab" * 32, "44", percent=3)) == 6
    assert len(quality.chosen_of(numbers[:9], "ab" * 32, "44", percent=3)) == 2
    assert quality.chosen_of(numbers[:1], "ab" * 32, "44", percent=3) == ["P-000"]
