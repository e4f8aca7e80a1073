from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest

from tests.engines.signals.test_daily import TODAY, case, quiet, shop
from zhijian.apps.consumer.analysis import services
from zhijian.apps.consumer.analysis.grouping import newcomers, progress
from zhijian.apps.consumer.analysis.models import Run, Signal
from zhijian.apps.consumer.analysis.policies import NotNow, possible_for
from zhijian.apps.consumer.analysis.steps import STEPS, State
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import services as procedures
from zhijian.security.permissions import Forbidden
from zhijian.standards.calendar import ZONE


def at(day, hour=10):
    return datetime.combine(day, time(hour), tzinfo=ZONE)


def run(day=TODAY):
    return services.run_day(day, seed=1, by=None, at=at(day))


@pytest.mark.django_db
def test_a_hundred_complaints_about_one_shop_raise_one_signal_that_stays_one(told):
    told += quiet(1) + shop(100)
    made = run()
    assert (made.told, made.added) == (1, 1)
    assert run().added == 0
    told += [case(950_000 + n, -1, firm="SHOP") for n in range(20)]
    run(TODAY + timedelta(1))
    signal = Signal.objects.get()
    assert (signal.kind, signal.key, signal.days, len(signal.numbers)) == ("firm", "SHOP", 2, 120)
    assert signal.division_code == "440106"
    assert Run.objects.count() == 2


@pytest.mark.django_db
def test_an_earlier_day_run_late_does_not_turn_a_signal_back(told):
    told += quiet(1) + shop(100)
    run()
    run(TODAY - timedelta(1))
    assert Signal.objects.get().last_on == TODAY


@pytest.mark.django_db
def test_a_closed_signal_may_be_told_again(told, province):
    told += quiet(1) + shop(100)
    run()
    signal = Signal.objects.get()
    with pytest.raises(NotNow, match="意见"):
        services.close_signal(signal, note=" ", by=province.analyst, at=at(TODAY))
    services.close_signal(signal, note="已约谈", by=province.analyst, at=at(TODAY))
    with pytest.raises(NotNow, match="已经关闭"):
        services.close_signal(signal, note="再关", by=province.analyst, at=at(TODAY))
    run(TODAY + timedelta(1))
    assert Signal.objects.filter(key="SHOP").count() == 2


def drafted(province, signal=None):
    return services.draft_warning(
        title="警惕健身房闭店",
        body="办卡前核实，小额充值。",
        signal=signal,
        by=province.analyst,
        at=at(TODAY),
    )


def published(province, signal=None):
    warning = drafted(province, signal)
    services.take_step(warning, "check_expert", note="属实", by=province.expert, at=at(TODAY, 11))
    services.take_step(warning, "check_law", note="不指名", by=province.leader, at=at(TODAY, 12))
    services.take_step(warning, "grade", severity="warning", by=province.grader, at=at(TODAY, 13))
    services.take_step(warning, "publish", by=province.publisher, at=at(TODAY, 14))
    return warning


@pytest.mark.django_db
def test_a_warning_goes_from_draft_over_expert_law_and_grade_to_the_public(province):
    warning = published(province)
    assert warning.number == f"XJ{TODAY:%Y}-0001"
    assert [step.verb for step in warning.history] == [
        "draft",
        "check_expert",
        "check_law",
        "grade",
        "publish",
    ]
    fact = Fact.objects.get(kind="warning.published")
    assert fact.payload["severity"] == "warning"
    assert drafted(province).number == f"XJ{TODAY:%Y}-0002"


@pytest.mark.django_db
def test_no_step_is_left_out_and_nobody_checks_a_draft_of_their_own(province):
    warning = drafted(province)
    for verb in ("check_law", "grade", "publish", "review"):
        with pytest.raises(NotNow, match="不能做这一步"):
            services.take_step(warning, verb, note="x", by=province.leader, at=at(TODAY))
    with pytest.raises(NotNow, match="起草人"):
        services.take_step(warning, "check_expert", note="x", by=province.analyst, at=at(TODAY))
    with pytest.raises(NotNow, match="其他岗位"):
        services.take_step(warning, "check_expert", note="x", by=province.leader, at=at(TODAY))
    with pytest.raises(Forbidden):
        services.take_step(warning, "check_expert", note="x", by=province.inspector, at=at(TODAY))
    assert [verb for verb, _ in possible_for(warning, province.expert)] == ["check_expert", "return", "drop"]
    assert [verb for verb, _ in possible_for(warning, province.analyst)] == ["drop"]


@pytest.mark.django_db
def test_words_change_only_as_a_draft_and_the_words_before_are_kept(province):
    warning = drafted(province)
    words = {"title": "新标题", "body": "新正文", "title_en": "", "body_en": ""}
    services.rewrite(warning, **words, by=province.analyst, at=at(TODAY))
    assert warning.history[-1].data["title"] == "警惕健身房闭店"
    services.take_step(warning, "check_expert", note="好", by=province.expert, at=at(TODAY))
    with pytest.raises(NotNow, match="先退回"):
        services.rewrite(warning, **words, by=province.analyst, at=at(TODAY))
    services.take_step(warning, "return", note="缺依据", by=province.leader, at=at(TODAY))
    assert warning.state == State.DRAFTED
    assert [verb for verb, _ in possible_for(warning, province.analyst)] == ["revise", "drop"]
    services.rewrite(warning, **words, by=province.analyst, at=at(TODAY))
    services.take_step(warning, "revise", note="补了依据", by=province.analyst, at=at(TODAY))
    services.take_step(warning, "check_expert", note="好", by=province.expert, at=at(TODAY))
    assert warning.state == State.EXPERT_CHECKED


@pytest.mark.django_db
def test_the_effect_is_reviewed_from_the_thirtieth_day_with_the_cases_before_and_after(told, province):
    told += quiet(1) + shop(100)
    run()
    warning = published(province, Signal.objects.get())
    assert services.review_due_on(warning) == TODAY + timedelta(30)
    with pytest.raises(NotNow, match="满30天"):
        services.review(warning, note="x", by=province.analyst, at=at(TODAY + timedelta(29)))
    told += [case(960_000 + n, -n - 1, firm="SHOP") for n in range(7)]
    procedures.tick(at(TODAY + timedelta(30), 15))
    taken = services.review(warning, note="明显下降", by=province.analyst, at=at(TODAY + timedelta(30), 16))
    assert taken.data == {"before": 80, "after": 27}  # twenty came on the day of publication itself
    assert warning.state == State.REVIEWED
    assert Fact.objects.get(kind="warning.reviewed").payload["cases_after"] == 27


@pytest.mark.django_db
def test_a_warning_that_is_taken_back_stays_public_and_says_so(province):
    warning = published(province)
    services.take_step(warning, "take_back", note="数据有误", by=province.leader, at=at(TODAY + timedelta(1)))
    assert warning.state == State.TAKEN_BACK
    assert Fact.objects.filter(kind="warning.published").count() == 2


@pytest.mark.django_db
def test_cases_are_taken_up_together_once_and_ended_with_an_outcome(province):
    own = shop(6)
    group = services.take_up("SHOP", own, plan="统一约谈", by=province.leader, at=at(TODAY))
    assert (group.label, len(group.numbers)) == ("店SHOP", 6)
    with pytest.raises(NotNow, match="已经有人"):
        services.take_up("SHOP", own, plan="x", by=province.leader, at=at(TODAY))
    services.end_group(group, outcome="全部退款", by=province.leader, at=at(TODAY))
    services.take_up("SHOP", own, plan="第二批", by=province.leader, at=at(TODAY))


@pytest.mark.django_db
def test_a_group_takes_in_what_comes_later_and_one_offer_to_all_that_binds_nobody(province):
    own = shop(6)
    group = services.take_up("SHOP", own, plan="统一约谈", by=province.leader, at=at(TODAY))
    later = case(970_001, -1, firm="SHOP")
    assert newcomers([*own, later], key="SHOP", known=group.numbers, elsewhere=()) == [later]
    assert newcomers([*own, later], key="SHOP", known=group.numbers, elsewhere=[later.number]) == []
    group = services.add_to_group(group, [later], by=province.leader, at=at(TODAY))
    assert len(group.numbers) == 7
    with pytest.raises(NotNow, match="没有新的件"):
        services.add_to_group(group, [later], by=province.leader, at=at(TODAY))
    with pytest.raises(NotNow, match="先请对方"):
        services.keep_offer(group, offer="全部退款", by=province.leader, at=at(TODAY))
    group = services.ask_for_offer(group, by=province.leader, at=at(TODAY))
    assert group.answer_by > TODAY
    with pytest.raises(NotNow, match="已经请"):
        services.ask_for_offer(group, by=province.leader, at=at(TODAY))
    with pytest.raises(NotNow, match="意见"):
        services.keep_offer(group, offer=" ", by=province.leader, at=at(TODAY))
    group = services.keep_offer(group, offer="七日内全部退款", by=province.leader, at=at(TODAY))
    with pytest.raises(Forbidden):
        services.keep_offer(group, offer="越权", by=province.inspector, at=at(TODAY))
    services.end_group(group, outcome="全部退款", by=province.leader, at=at(TODAY))
    with pytest.raises(NotNow, match="已经办结"):
        services.add_to_group(group, [case(970_002, -1, firm="SHOP")], by=province.leader, at=at(TODAY))


def test_progress_counts_each_case_by_its_own_end_and_day():
    rows = shop(3)
    ended = replace(rows[0], ending="agreed", amount_yuan=Decimal("80.50"), answered_on=TODAY)
    late = replace(rows[1], due_on=TODAY - timedelta(1), answered_on=None, ending="")
    found = progress([ended, late, replace(rows[2], ending="terminated")], on=TODAY)
    assert (found.total, found.ended, found.open, found.agreed, found.late) == (3, 2, 1, 1, 1)
    assert found.recovered_yuan == Decimal("80.50")


def test_every_step_has_a_role_and_a_text_and_every_state_but_the_last_ones_leads_on():
    assert all(step.role and step.article and step.words_en for step in STEPS.values())
    ends = set(State) - {before for before, _ in STEPS}
    assert ends == {State.DROPPED, State.TAKEN_BACK}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "length", "said"), [("title_en", 201, "英文标题"), ("body_en", 8001, "英文正文")]
)
def test_english_words_that_no_column_holds_are_refused(province, field, length, said):
    words = {"title": "t", "body": "b", field: "x" * length}
    with pytest.raises(NotNow, match=said):
        services.draft_warning(**words, signal=None, by=province.analyst, at=at(TODAY))
    warning = drafted(province)
    kept = {"title": "t", "body": "b", "title_en": "", "body_en": ""} | words
    with pytest.raises(NotNow, match=said):
        services.rewrite(warning, **kept, by=province.analyst, at=at(TODAY))


@pytest.mark.django_db
def test_a_closing_note_that_no_column_holds_is_refused(province):
    signal = Signal.objects.create(
        kind="firm", key="S", label="店", first_on=TODAY, last_on=TODAY, days=1, count=9, expected=1, chance=0.01,
        false_share=0.05, division_code="440106",
    )  # fmt: skip
    with pytest.raises(NotNow, match="1至300字"):
        services.close_signal(signal, note="x" * 301, by=province.analyst, at=at(TODAY))


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["title", "body", "title_en", "body_en"])
def test_a_warning_holds_no_consumers_telephone(province, field):
    words = {"title": "t", "body": "b", "title_en": "", "body_en": "", field: "被骗的（13500135000）"}
    with pytest.raises(NotNow, match="电话号码") as refused:
        services.draft_warning(**words, signal=None, by=province.analyst, at=at(TODAY))
    assert "135" not in refused.value.message_zh
    with pytest.raises(NotNow, match="电话号码"):
        services.rewrite(drafted(province), **words, by=province.analyst, at=at(TODAY))
