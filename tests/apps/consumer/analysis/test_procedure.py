"""A warning goes by its drawing: whether the step is taken on its own page or from the inbox, it is the same step."""

import re
from datetime import timedelta

import pytest

from tests.apps.consumer.analysis.test_services import TODAY, at, drafted, published
from tests.engines.registers.declared import desk
from zhijian.apps.consumer.analysis import services
from zhijian.apps.consumer.analysis.models import ConsumerWarning, WarningStep
from zhijian.apps.consumer.analysis.policies import NotNow
from zhijian.apps.consumer.analysis.procedure import WARNING
from zhijian.apps.consumer.analysis.steps import State
from zhijian.engines.procedures import checks
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import Incomplete, NotYours, ProcedureRefused

pytestmark = pytest.mark.django_db


def hand_in(warning, task, by, **data):
    item = warning.case.work_items.get(task=task, state="open")
    procedures.complete(item, data=data, by=by, at=at(TODAY, 11))


def test_the_drawing_is_right_and_waits_as_long_as_the_parameter_says():
    assert checks.problems(WARNING, WARNING.drawing_text()) == []
    (waits,) = re.findall(r'"P(\d+)D"', WARNING.drawing_text())
    assert int(waits) == services.LIMITS.on(TODAY)["effect_review_days"]


def test_steps_from_the_inbox_are_the_warnings_steps(province):
    warning = drafted(province)
    hand_in(warning, "check_expert", province.expert, outcome="pass", opinion="属实")
    hand_in(warning, "check_law", province.leader, outcome="pass", opinion="不指名")
    with pytest.raises(Incomplete):
        hand_in(warning, "grade", province.grader, outcome="pass", severity="terrible")
    with pytest.raises(ProcedureRefused, match="提示、提醒或者警示"):
        hand_in(warning, "grade", province.grader, outcome="pass")
    hand_in(warning, "grade", province.grader, outcome="pass", severity="note")
    hand_in(warning, "publish", province.publisher, outcome="publish")
    told = ConsumerWarning.objects.get()
    assert (told.state, told.severity, told.published_at) == (State.PUBLISHED, "note", at(TODAY, 11))
    assert [step.note for step in told.history] == ["", "属实", "不指名", "", ""]


@pytest.mark.parametrize("before", ["analyst", "expert", "leader", "grader"])
def test_nobody_publishes_what_they_wrote_checked_or_graded(province, before):
    warning = drafted(province)
    hand_in(warning, "check_expert", province.expert, outcome="pass", opinion="属实")
    hand_in(warning, "check_law", province.leader, outcome="pass", opinion="不指名")
    hand_in(warning, "grade", province.grader, outcome="pass", severity="note")
    person = getattr(province, before)
    person.roles = ["analyst", "leader"]
    person.save()
    with pytest.raises(NotYours, match="不同的人"):
        hand_in(warning, "publish", person, outcome="publish")
    with pytest.raises(NotNow, match="不同的人"):
        services.take_step(warning, "publish", by=person, at=at(TODAY))
    assert warning.case.work_items.filter(task="publish", state="open").exists()


def test_a_dropped_draft_ends_its_case_and_a_taken_back_warning_too(province):
    dropped = drafted(province)
    services.take_step(dropped, "drop", note="信号不成立", by=province.analyst, at=at(TODAY))
    dropped.case.refresh_from_db()
    assert (dropped.state, dropped.case.status, dropped.case.ending) == (State.DROPPED, "closed", "dropped")
    warning = published(province)
    services.take_step(warning, "take_back", note="数据有误", by=province.leader, at=at(TODAY + timedelta(2)))
    warning.case.refresh_from_db()
    assert warning.case.ending == "was_taken_back"


def test_a_reviewed_warning_may_still_be_taken_back(province):
    warning = published(province)
    procedures.tick(at(TODAY + timedelta(30), 15))
    services.review(warning, note="无明显变化", by=province.analyst, at=at(TODAY + timedelta(30), 16))
    services.take_step(warning, "take_back", note="已过时", by=province.leader, at=at(TODAY + timedelta(60)))
    assert warning.state == State.TAKEN_BACK


def test_a_warning_begun_before_there_was_a_drawing_ends_by_the_table(province):
    warning = ConsumerWarning.objects.create(
        number="XJ2025-0001", organisation=province.unit, title="旧稿", body="正文", drafted_at=at(TODAY)
    )
    WarningStep.objects.create(
        warning=warning, sequence=1, verb="draft", state=State.DRAFTED, officer=province.analyst, at=at(TODAY)
    )
    services.take_step(warning, "check_expert", note="属实", by=province.expert, at=at(TODAY))
    with pytest.raises(NotNow, match="不能做这一步"):
        services.take_step(warning, "revise", note="改", by=province.analyst, at=at(TODAY))
    services.take_step(warning, "check_law", note="可", by=province.leader, at=at(TODAY))
    with pytest.raises(NotNow, match="不同的人"):
        services.take_step(warning, "grade", severity="note", by=province.leader, at=at(TODAY))


@pytest.mark.parametrize(("topic", "place"), [("M77", ""), ("", "110000"), ("", "4401"), ("", "440199")])
def test_a_topic_or_place_that_is_none_is_refused(province, topic, place):
    with pytest.raises(NotNow, match="没有这个"):
        services.draft_warning(
            title="t", body="b", signal=None, topic_code=topic, division_code=place, by=province.analyst, at=at(TODAY)
        )  # fmt: skip


def test_a_county_warns_its_own_people_and_not_another_city_or_the_province(province, client):
    county = desk.officer("county", desk.unit("440106", "示例天河局"), "analyst")
    client.force_login(county)
    offered = client.get("/work/warnings/new/").context["places"]
    assert [code for code, _name in offered] == ["440106"]
    words = {"title": "警惕闭店", "body": "办卡前核实。"}
    for place in ("440300", "440100", ""):
        assert client.post("/work/warnings/new/", {**words, "division_code": place}).status_code == 403
    assert not ConsumerWarning.objects.exists()
    assert client.post("/work/warnings/new/", {**words, "division_code": "440106"}).status_code == 302
    assert ConsumerWarning.objects.get().division_code == "440106"


def test_a_city_is_offered_itself_and_the_province_every_city(province, client):
    client.force_login(desk.officer("city", desk.unit("440300", "示例深圳局"), "analyst"))
    assert [code for code, _name in client.get("/work/warnings/new/").context["places"]] == ["440300"]
    client.force_login(province.analyst)
    offered = [code for code, _name in client.get("/work/warnings/new/").context["places"]]
    assert offered[0] == "" and len(offered) == 22
