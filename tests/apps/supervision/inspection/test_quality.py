"""A part of the finished inspections is drawn by a public number announced before it exists, and done again, blind, by another unit."""

from datetime import date, timedelta

import pytest

from tests.apps.supervision.inspection.casework import AT
from zhijian.apps.supervision.inspection import policies, quality
from zhijian.apps.supervision.inspection.models import Check
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.queries import facts_of
from zhijian.engines.procedures import checks, declaration
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import NotYours, ProcedureRefused
from zhijian.engines.procedures.models import Case, WorkItem
from zhijian.security.models import Organisation
from zhijian.security.permissions import Forbidden

NEXT, LATER = AT + timedelta(days=1), AT + timedelta(days=2)
NUMBER = "0123456"


def announce(officer, at=NEXT, day=None):
    return quality.announce(
        source="示例：某期七位彩票号码",
        shape="9999999",
        draw_on=day or at.date() + timedelta(days=1),
        by=officer,
        at=at,
    )


@pytest.fixture
def finished(staff, a_draw, home, steps, django_user_model):
    """Four confirmed inspections, one with a problem; a leader of the province; two inspectors of the next county."""
    steps.services.publish_item_list(by=None, at=AT)
    task = steps.services.dispatch(
        a_draw(names=[f"示例{one}店" for one in "甲乙丙丁"]), by=staff.drawer, at=AT
    )
    for place, check in enumerate(task.checks.order_by("number")):
        steps.services.begin(check, steps.HERE, certificates_shown=True, by=staff.first, at=AT)
        entry = steps.PROBLEM_FOUND if place == 0 else steps.NOTHING_FOUND
        steps.services.record_result(check, entry, by=staff.first, at=AT)
        steps.services.confirm_by_second(check, by=staff.second, at=AT)
    province, next_door = (
        Organisation.objects.create(code=f"GD-{code}", name=name, level=level, division_code=code, is_synthetic=True)
        for code, name, level in (("440000", "示例省局", "province"), ("440105", "示例海珠区局", "county"))
    )  # fmt: skip
    for name, unit in (("leader", province), ("zhou", next_door), ("wu", next_door)):
        person = django_user_model.objects.create(
            username=name, display_name=f"示例{name}", organisation=unit, certificate_valid_until=date(2027, 12, 31),
            roles=["leader" if name == "leader" else "inspector"], certificate_number=f"粤B{name}",
        )  # fmt: skip
        setattr(staff, name, person)
    return staff


def redo(case, officer, outcome):
    item = WorkItem.objects.get(case=case, state="open")
    procedures.complete(item, data={"outcome": outcome, "found": "按事项逐项看过。"}, by=officer, at=LATER)


def test_the_drawing_is_sound():
    procedure = declaration.get(quality.RECHECK)
    assert not checks.problems(procedure, procedure.drawing_text())


def test_a_sample_is_announced_drawn_given_to_another_unit_and_compared(client, finished):
    announce(finished.leader)
    client.force_login(finished.leader)
    assert "用2026年9月18日公布的数来抽" in client.get("/work/audit/quality/").content.decode()
    page = client.post("/work/audit/quality/", {"act": "draw", "value": NUMBER}, follow=True).content.decode()
    assert "已抽出2次检查" in page and "还没有抽过" not in page
    first, second = Case.objects.filter(procedure=quality.RECHECK).order_by("number")
    item = WorkItem.objects.get(case=first)
    assert item.holder in (finished.zhou, finished.wu) and first.organisation == finished.zhou.organisation
    client.force_login(item.holder)
    page = client.get(f"/work/cases/{first.pk}/").content.decode()
    assert "这里不显示第一次的结论" in page and "散装红豆" not in page and "现场已下架" not in page
    outcome = {"01": "problem"}.get(first.number[-2:], "none")
    redo(first, item.holder, outcome)
    redo(second, WorkItem.objects.get(case=second, state="open").holder, "unmet")
    (told,) = quality.samples("44")
    assert (told.compared, told.unmet, told.agreement.agreed, told.agreement.things) == (2, 1, 1, 1)
    fact = Fact.objects.filter(kind=quality.COMPARED).order_by("source_key").first()
    assert fact.payload["first_finding"] == fact.payload["second_finding"] == outcome
    client.force_login(finished.leader)
    table = client.get("/work/audit/quality/?format=csv").content.decode()
    assert "44,2026-01-01,2026-09-16,4,2,2,1,1" in table


def test_neither_who_was_there_first_nor_that_unit_goes_again(finished):
    announce(finished.leader)
    quality.draw(NUMBER, by=finished.leader, at=LATER)
    case = Case.objects.filter(procedure=quality.RECHECK).first()
    data = {
        "check": quality.check_number(case.number),
        "area": "44",
        "outcome": "none",
        "found": "按事项看过。",
    }
    for person in (finished.first, finished.third):
        with pytest.raises(NotYours, match="别的单位"):
            quality.compare(case, data, by=person, at=LATER)


def test_the_first_result_is_hidden_from_the_second_unit_until_it_recorded(finished, django_user_model):
    announce(finished.leader)
    quality.draw(NUMBER, by=finished.leader, at=LATER)
    case = Case.objects.filter(procedure=quality.RECHECK).first()
    check = Check.objects.get(number=quality.check_number(case.number))
    reader = finished.zhou
    reader.organisation.division_code = "440000"  # an upper unit, in whose area the inspection lies
    reader.organisation.save()
    with pytest.raises(Forbidden, match="不看第一次的结论"):
        policies.check_view(check, reader)
    redo(case, WorkItem.objects.get(case=case).holder, "none")
    policies.check_view(check, reader)


def test_the_day_of_the_number_is_announced_before_it_exists_and_nobody_waits_for_a_better_one(finished):
    leader = finished.leader
    with pytest.raises(ProcedureRefused, match="先公告再抽"):
        quality.draw(NUMBER, by=leader, at=LATER)
    with pytest.raises(ProcedureRefused, match="今天以后"):
        announce(leader, day=NEXT.date())
    with pytest.raises(ProcedureRefused, match="请写明用谁公布"):
        quality.announce(source="示例号码", shape="99", draw_on=LATER.date(), by=leader, at=NEXT)
    told = announce(leader).payload
    (known,) = facts_of("inspections", on=NEXT.date(), public_only=True)  # by everybody
    assert known.kind == quality.ANNOUNCED and (told["frame"], told["last"]) == (
        4,
        "2026-09-16",
    )
    with pytest.raises(ProcedureRefused, match="抽完再公告"):
        announce(leader, day=date(2026, 9, 30))
    with pytest.raises(ProcedureRefused, match="还没有到"):
        quality.draw(NUMBER, by=leader, at=NEXT)
    with pytest.raises(ProcedureRefused, match="的样子"):
        quality.draw("12345", by=leader, at=LATER)
    drawn = quality.draw(NUMBER, by=leader, at=LATER).payload
    seed = quality.seed_of(told, NUMBER)
    numbers = sorted(quality.frame("44", AT.date(), AT.date()) + drawn["chosen"])
    assert drawn["chosen"] == quality.chosen_of(numbers, seed, "44", percent=drawn["percent"])
    with pytest.raises(ProcedureRefused, match="先公告再抽"):
        quality.draw("7654321", by=leader, at=LATER)
    with pytest.raises(Forbidden):
        announce(finished.first)


def test_a_changed_frame_is_announced_anew_with_a_reason_and_the_first_announcement_stays(client, finished):
    leader, old = finished.leader, announce(finished.leader)
    again = {
        "source": "示例：七位彩票号码",
        "shape": "9999999",
        "draw_on": LATER.date(),
        "by": leader,
        "at": NEXT,
    }
    with pytest.raises(ProcedureRefused, match="抽完再公告"):
        quality.announce(**again, reason="想换一个号码来抽，不合适")
    outside = Organisation.objects.create(
        code="GX-450000", name="示例外省局", level="province", division_code="450000", is_synthetic=True
    )
    Check.objects.filter(number=quality.frame("44", AT.date(), AT.date())[0]).update(organisation=outside)
    with pytest.raises(ProcedureRefused, match="请写明为什么变了"):
        quality.announce(**again)
    new = quality.announce(**again, reason="一次检查划归外省，从办完的检查里去掉了")
    assert (new.payload["replaces"], new.payload["frame"]) == (old.source_key, 3)
    assert Fact.objects.filter(kind=quality.ANNOUNCED).count() == 2
    assert quality.announced("44") == new
    quality.draw(NUMBER, by=leader, at=LATER)
    assert quality.announced("44") is None


def test_from_the_day_of_its_number_a_changed_frame_is_drawn_by_that_number_and_by_no_other(client, finished):
    leader, told = finished.leader, announce(finished.leader)
    outside = Organisation.objects.create(
        code="GX-450000", name="示例外省局", level="province", division_code="450000", is_synthetic=True
    )
    first = quality.chosen_of(
        quality.frame("44", AT.date(), AT.date()), quality.seed_of(told.payload, NUMBER), "44", percent=50
    )
    Check.objects.filter(number=first[0]).update(organisation=outside)
    with pytest.raises(ProcedureRefused, match="不能换一个"):
        quality.announce(source="示例：七位彩票号码", shape="9999999", draw_on=date(2026, 9, 30), by=leader, at=LATER,
                         reason="一次检查划归外省，从名单里去掉了")  # fmt: skip
    with pytest.raises(ProcedureRefused, match="请写明为什么变了"):
        quality.draw(NUMBER, by=leader, at=LATER)
    client.force_login(leader)
    typed = {"act": "draw", "value": NUMBER, "reason": "一次检查划归外省，从名单里去掉了"}
    page = client.post("/work/audit/quality/", typed, follow=True).content.decode()
    assert "已抽出2次检查" in page and "从名单里去掉了" in page and "公告时4次" in page
    drawn = quality.newest("44").payload
    assert (drawn["announced_frame"], drawn["frame"]) == (4, 3)
    assert first[1] in drawn["chosen"] and first[0] not in drawn["chosen"], "the order is the announced one"


def test_a_second_account_of_the_first_team_and_one_without_a_number_go_not_again(finished):
    announce(finished.leader)
    quality.draw(NUMBER, by=finished.leader, at=LATER)
    case = Case.objects.filter(procedure=quality.RECHECK).first()
    check = Check.objects.get(number=quality.check_number(case.number))
    data = {"check": check.number, "area": "44", "outcome": "none", "found": "按事项看过。"}
    for number, words in ((finished.first.certificate_number, "别的单位"), ("", "看不出是两个人")):
        finished.wu.certificate_number = number
        finished.wu.save(update_fields=["certificate_number"])
        with pytest.raises(NotYours, match=words):
            quality.compare(case, data, by=finished.wu, at=LATER)
        assert quality.team_for(check, "ab" * 32, "44", AT.date()) == [], "and is drawn into no team"


def test_an_announcement_with_a_bad_day_is_refused_on_the_page(client, finished):
    client.force_login(finished.leader)
    typed = {"act": "announce", "source": "示例：七位彩票号码", "shape": "9999999", "draw_on": "31 September"}
    page = client.post("/work/audit/quality/", typed, follow=True).content.decode()
    assert "取数的日子要在今天以后" in page and quality.announced("44") is None


def test_who_confirms_after_the_sample_comes_into_the_next_and_no_officer_makes_a_repetition_go_away(
    finished, a_draw, steps
):
    visited = AT + timedelta(hours=1)
    task = steps.services.dispatch(
        a_draw(plan_id="GD-LATE", names=["示例戊店"]), by=finished.drawer, at=visited
    )
    check = task.checks.get()
    steps.services.begin(check, steps.HERE, certificates_shown=True, by=finished.first, at=visited)
    steps.services.record_result(check, steps.NOTHING_FOUND, by=finished.first, at=visited)
    announce(finished.leader)  # up to the day of the visit
    quality.draw(NUMBER, by=finished.leader, at=LATER)
    steps.services.confirm_by_second(check, by=finished.second, at=LATER)
    assert quality.frame("44", LATER.date(), LATER.date()) == [check.number]
    case = Case.objects.filter(procedure=quality.RECHECK).first()
    with pytest.raises(ProcedureRefused, match="只能按流程办结"):
        procedures.withdraw(case, reason="不用复核", by=finished.leader, at=LATER)


def test_a_frame_draws_its_share_and_at_least_two():
    numbers = [f"P-{n:03d}" for n in range(200)]
    assert len(quality.chosen_of(numbers, "ab" * 32, "44", percent=3)) == 6
    assert len(quality.chosen_of(numbers[:9], "ab" * 32, "44", percent=3)) == 2
    assert quality.chosen_of(numbers[:1], "ab" * 32, "44", percent=3) == ["P-000"]
