"""The review of a reward: asked for with the code, decided by others than first, told with the code (S228)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.apps.consumer.complaints.casework import CLUE, at
from tests.apps.consumer.complaints.rewards.casework import FOUND
from tests.apps.consumer.complaints.rewards.test_pages import with_code
from zhijian.apps.consumer.complaints.models import Reward
from zhijian.apps.consumer.complaints.policies import Incomplete, NotNow
from zhijian.apps.consumer.complaints.rewards import protecting, queries, reviewing, rules, services
from zhijian.apps.consumer.complaints.rewards.models import Claim, Outcome, Review, RewardCase
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import services as engine
from zhijian.engines.procedures.errors import NotYours
from zhijian.engines.procedures.models import Case
from zhijian.security.models import AccessRecord
from zhijian.security.permissions import Forbidden

WORDS = "我提供了内部出库单和录像，应当是一级，不是二级。"
RAISE = {
    "outcome": "change",
    "reward_level": "first",
    "counted_yuan": "200000",
    "review_reason": "有直接证据。",
}
ADOPT = {"outcome": "adopt", "told_reason": "复核认定为一级。"}
REFUSED = {"outcome": "none", "no_reward_ground": "known", "assessment_reason": "线索已经掌握。"}


def fields(refused):
    return [field for field, _, _ in refused.value.problems]


def asked(rewarding, report=None):
    report = report or Reward.objects.get().report
    return reviewing.ask(report, words=WORDS, by=None, at=rewarding.now)


def do(rewarding, review, task, by, **data):
    item = review.case.work_items.get(task=task, state="open")
    engine.complete(item, data=data, by=by, at=rewarding.now)
    return Review.objects.get(pk=review.pk)


def decided(rewarding, review, examined=RAISE, decision=ADOPT):
    do(rewarding, review, "examine_review", rewarding.office.second, **examined)
    do(rewarding, review, "decide_review", rewarding.office.city_leader, **decision)
    return do(rewarding, review, "tell_review", rewarding.office.handler, told_channel="status")


def claim(rewarding):
    return services.claim(
        Reward.objects.get(), password="", way="cash", account="", by=None, at=rewarding.now
    )


def pay(rewarding, order):
    receipt = services.Receipt(True, rewarding.journey.day, f"示例回单{order.sequence}")
    return services.record_payment(order, receipt, by=rewarding.office.finance, at=rewarding.now)


def test_a_review_is_examined_and_decided_by_people_who_did_not_decide_first(rewarding):
    rewarding.told()
    review, office = asked(rewarding), rewarding.office
    item = review.case.work_items.get(task="examine_review")
    assert item.due_on == date(2026, 12, 1)  # 15 working days from 10 November
    for one in (office.leader, office.city_leader):
        one.roles = ["handler", "leader"]
        one.save()
    for one in (office.handler, office.leader):
        with pytest.raises(NotNow, match="另一个人"):
            do(rewarding, review, "examine_review", one, **RAISE)
    do(rewarding, review, "examine_review", office.second, **RAISE)
    step = review.case.work_items.get(task="decide_review")
    assert step.organisation == office.city_leader.organisation  # the county's one leader decided first
    with pytest.raises(Forbidden):
        do(rewarding, review, "decide_review", office.leader, **ADOPT)
    with pytest.raises(NotNow, match="另一个人"):
        reviewing.decide(review, adopts=True, reason="同意", by=office.leader, at=rewarding.now)
    with pytest.raises(Incomplete) as refused:
        reviewing.decide(review, adopts=True, reason=" ", by=office.city_leader, at=rewarding.now)
    assert fields(refused) == ["told_reason"]
    do(rewarding, review, "decide_review", office.city_leader, **ADOPT)
    assert Outcome.objects.get().amount_yuan == Decimal("10000.00")
    outcomes = Fact.objects.filter(kind="report.reward_reviewed").values_list("payload", flat=True)
    assert sorted(one["outcome"] for one in outcomes) == ["asked", "changed"]


def test_who_examined_does_not_decide_even_as_a_leader_of_another_unit(rewarding):
    rewarding.told()
    review, office = asked(rewarding), rewarding.office
    office.second.roles = ["handler", "leader"]
    office.second.save()
    do(rewarding, review, "examine_review", office.second, **RAISE)
    step = review.case.work_items.get(task="decide_review")
    step.organisation = office.unit
    step.save()
    with pytest.raises(NotYours):
        do(rewarding, review, "decide_review", office.second, **ADOPT)


def test_a_leader_is_not_bound_to_what_was_proposed_and_has_it_examined_again(rewarding):
    reward_case = rewarding.told()
    review, office = asked(rewarding, reward_case.report), rewarding.office
    uphold = {"outcome": "uphold", "review_reason": "与原来一致。"}
    do(rewarding, review, "examine_review", office.second, **uphold)
    with pytest.raises(Incomplete) as refused:
        do(rewarding, review, "decide_review", office.city_leader, outcome="return")
    assert fields(refused) == ["review_note"]
    back = {"outcome": "return", "review_note": "请核对出库单。"}
    do(rewarding, review, "decide_review", office.city_leader, **back)
    assert not Outcome.objects.exists()
    review = decided(rewarding, Review.objects.get(pk=review.pk))
    assert (
        review.outcome.is_changed
        and claim(rewarding).amount_yuan > reward_case.grants.get().reward.amount_yuan
    )


def test_what_was_paid_already_is_topped_up_and_no_yuan_is_paid_twice(rewarding):
    reward_case = rewarding.told()
    review = asked(rewarding)
    first = claim(rewarding)
    pay(rewarding, first)
    assert Case.objects.get(pk=reward_case.case_id).ending == "paid"
    decided(rewarding, review)
    grant = reward_case.grants.get()
    assert (grant.state, grant.due_yuan, grant.total_yuan) == ("waiting", Decimal(4000), Decimal(10000))
    second = claim(rewarding)
    assert (first.amount_yuan, second.amount_yuan) == (Decimal(6000), Decimal(4000))
    with pytest.raises(NotNow):
        claim(rewarding)
    pay(rewarding, second)
    assert Case.objects.get(pk=review.case_id).ending == "paid"
    assert {one.yuan for one in queries.paid()} == {Decimal(6000), Decimal(4000)}
    with pytest.raises(NotNow):
        claim(rewarding)


def test_who_examined_or_decided_the_review_neither_opens_the_account_nor_pays(rewarding):
    reward_case = rewarding.told()
    review = asked(rewarding, reward_case.report)
    decided(rewarding, review)
    order = claim(rewarding)
    for busy in (rewarding.office.second, rewarding.office.city_leader):
        busy.roles = [*busy.roles, "finance"]
        busy.save(update_fields=["roles"])
        with pytest.raises(NotNow, match="由另一个人付款"):
            services.open_account(order, by=busy, at=rewarding.now)
    assert pay(rewarding, order).is_paid


def test_a_field_that_is_corrected_later_changes_no_published_sum(rewarding):
    reward_case = rewarding.told()
    pay(rewarding, claim(rewarding))
    before = queries.paid()
    report = reward_case.report
    type(report).objects.filter(pk=report.pk).update(
        topic_code="Z99" if report.topic_code[:3] != "Z99" else "Y11"
    )
    assert queries.paid() == before


def test_before_the_outcome_is_told_nobody_claims_the_higher_sum(rewarding):
    reward_case = rewarding.told()
    review = asked(rewarding)
    do(rewarding, review, "examine_review", rewarding.office.second, **RAISE)
    do(rewarding, review, "decide_review", rewarding.office.city_leader, **ADOPT)
    assert claim(rewarding).amount_yuan == Decimal(6000)
    do(rewarding, review, "tell_review", rewarding.office.handler, told_channel="status")
    assert reward_case.grants.get().due_yuan == Decimal(4000)


def test_while_a_review_is_open_nothing_lapses_and_afterwards_the_term_runs_anew(rewarding):
    reward_case = rewarding.told()
    rewarding.journey.day = date(2026, 11, 24)
    review = asked(rewarding)
    rewarding.journey.day = date(2026, 12, 14)
    engine.tick(at=rewarding.now, limit=10)
    assert reward_case.grants.get().state == "waiting"
    review = decided(rewarding, review, examined={"outcome": "uphold", "review_reason": "等级恰当。"})
    assert reward_case.grants.get().claim_until == review.claim_until == date(2027, 1, 13)
    assert reward_case.grants.get().total_yuan == Decimal(6000)
    rewarding.journey.day = date(2027, 1, 14)
    engine.tick(at=rewarding.now, limit=10)
    assert reward_case.grants.get().state == "lapsed"
    cases = Case.objects.filter(pk__in=[review.case_id, reward_case.case_id])
    assert set(cases.values_list("status", flat=True)) == {"closed"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reward_level": "third"}, "reward_level"),  # less than before
        ({"reward_level": "second"}, "reward_level"),  # as before
        ({"reward_level": ""}, "reward_level"),
        ({"counted_yuan": ""}, "counted_yuan"),
        ({"counted_yuan": "200000.01"}, "counted_yuan"),  # more than the whole fine
        ({"review_reason": " "}, "review_reason"),
    ],
)
def test_a_higher_sum_follows_from_grade_and_base_alone(rewarding, change, field):
    rewarding.told()
    review = asked(rewarding)
    found = reviewing.Finding(
        is_change=True,
        reason=change.get("review_reason", "有直接证据。"),
        level=change.get("reward_level", "first"),
        counted_yuan=Decimal(change.get("counted_yuan", "200000") or "0")
        if change.get("counted_yuan") != ""
        else None,
    )
    with pytest.raises(Incomplete) as refused:
        reviewing.examine(review, found, by=rewarding.office.second, at=rewarding.now)
    assert fields(refused) == [field]


def test_a_wrong_fine_and_multiple_are_put_right_by_a_new_assessment_by_other_hands_and_both_are_kept(
    rewarding,
):
    insider = {"finance_agrees": True}
    reward_case = rewarding.told(
        rewarding.approved(found=FOUND | insider, clue=replace(CLUE, is_insider=True))
    )
    report, office = reward_case.report, rewarding.office
    assert Reward.objects.get().amount_yuan == Decimal(
        9000
    )  # 200,000 yuan, second grade, one and a half times
    review = asked(rewarding, report)
    more = {"is_change": True, "reason": "漏算一笔没收款，涉及人身健康。", "level": "second"}
    given = {"counted_yuan": Decimal(260000), "fine_yuan": Decimal(260000), "multiple": Decimal(2)}
    for change, field in (
        ({"fine_yuan": None}, "counted_yuan"),  # more than the whole fine as first assessed
        ({"multiple": Decimal(6)}, "multiple"),
        ({}, "finance_agrees"),
    ):
        with pytest.raises(Incomplete) as refused:
            reviewing.examine(
                review, reviewing.Finding(**more, **given | change), by=office.second, at=rewarding.now
            )
        assert fields(refused)[0] == field
    examined = RAISE | {
        "reward_level": "second", "counted_yuan": "260000", "fine_yuan": "260000", "multiple": "2", **insider,
    }  # fmt: skip
    rewarding.journey.day = date(2026, 11, 12)
    decided(rewarding, review, examined=examined)
    first, second = reward_case.assessments.all()
    assert (first.fine_yuan, first.multiple, first.officer) == (200000, Decimal("1.5"), office.handler)
    assert (second.fine_yuan, second.multiple, second.officer) == (260000, 2, office.second)
    grant = reward_case.grants.get()
    assert grant.total_yuan == second.amount_yuan == Decimal(second.shares[0][2]) == Decimal(15600)
    assert reviewing.assessment_asked_about(review) == first


def test_nobody_but_an_insider_gets_more_by_a_multiple(rewarding):
    rewarding.told()
    found = reviewing.Finding(
        True, "有直接证据。", "first", Decimal(200000), multiple=Decimal(2), finance_agrees=True
    )
    with pytest.raises(Incomplete) as refused:
        reviewing.examine(asked(rewarding), found, by=rewarding.office.second, at=rewarding.now)
    assert fields(refused) == ["multiple"]


def test_a_refusal_that_does_not_stand_is_assessed_anew_by_others(rewarding, django_user_model):
    reward_case = rewarding.told(rewarding.approved(found=REFUSED))
    office = rewarding.office
    review = asked(rewarding, reward_case.report)
    examined = {"outcome": "change", "review_reason": "线索没有掌握。"}
    decided(rewarding, review, examined=examined, decision=ADOPT | {"told_reason": "重新认定。"})
    reward_case = RewardCase.objects.get()
    assert reward_case.case.number == f"{reward_case.number}-2"
    assert queries.standing_of(reward_case.report).state == ""
    third, fourth = (
        django_user_model.objects.create(
            username=name, organisation=office.unit, roles=["handler"], is_synthetic=True
        )
        for name in ("third", "fourth")
    )
    for first in (office.handler, office.second):  # one assessed it first, the other looked at that
        with pytest.raises(NotNow, match="没有办过原决定"):
            rewarding.do(reward_case, "assess_reward", first, **FOUND)
    rewarding.do(reward_case, "assess_reward", third, **FOUND)
    with pytest.raises(NotNow, match="没有办过原决定"):
        rewarding.do(reward_case, "review_reward", office.second, outcome="agree")
    rewarding.do(reward_case, "review_reward", fourth, outcome="agree")
    with pytest.raises(NotNow, match="没有办过原决定"):
        rewarding.do(reward_case, "approve_reward", office.leader, outcome="approve")
    other = django_user_model.objects.create(
        username="deputy", organisation=office.unit, roles=["leader"], is_synthetic=True
    )
    rewarding.do(reward_case, "approve_reward", other, outcome="approve")
    rewarding.told(reward_case)
    assert claim(rewarding).amount_yuan == Decimal(6000)
    assert not reviewing.may_ask(reward_case.report, rewarding.now)


def test_a_review_is_asked_for_once_within_ten_working_days_with_words(rewarding):
    reward_case = rewarding.approved()
    report = reward_case.report
    with pytest.raises(NotNow):
        asked(rewarding)  # not told yet
    rewarding.told(reward_case)
    rewarding.journey.day = date(2026, 11, 25)
    with pytest.raises(NotNow):
        asked(rewarding)
    rewarding.journey.day = date(2026, 11, 24)
    assert rules.review_until(date(2026, 11, 10)) == rewarding.journey.day
    with pytest.raises(Incomplete) as refused:
        reviewing.ask(report, words="太少", by=None, at=rewarding.now)
    assert fields(refused) == ["review_words"]
    asked(rewarding)
    with pytest.raises(NotNow):
        asked(rewarding)


def test_what_the_reporter_wrote_is_sealed_and_opened_for_a_purpose_and_by_a_leader_alone_where_guarded(
    rewarding,
):
    rewarding.told()
    review, office = asked(rewarding), rewarding.office
    case = str(list(review.case.events.values_list("data", "note", "name")))
    assert "出库单" not in review.words_sealed + case
    assert "出库单" not in str(list(Fact.objects.values_list("payload", flat=True)))
    given = {"by": office.second, "at": rewarding.now}
    with pytest.raises(Incomplete):
        reviewing.read_words(review, purpose="", **given)
    assert reviewing.read_words(review, purpose="复核审查", **given) == WORDS
    assert AccessRecord.objects.filter(subject=review.number, part="reward_review").count() == 1
    with pytest.raises(Forbidden):
        reviewing.read_words(review, purpose="看看", by=office.other_handler, at=rewarding.now)
    request = protecting.ask(
        review.report, kind="exposed", words="有人在打听是谁举报的。", by=None, at=rewarding.now
    )
    given_measures = {"is_protected": True, "measures": ["guards_identity"], "reason": "有风险"}
    protecting.decide(request, **given_measures, by=office.leader, at=rewarding.now)
    with pytest.raises(Forbidden):
        reviewing.read_words(review, purpose="复核审查", **given)


def test_the_reporter_asks_and_reads_the_outcome_with_the_code_alone(
    rewarding, client, settings, monkeypatch
):
    monkeypatch.setattr(timezone, "now", lambda: at(date(2026, 11, 20)))
    report = with_code(rewarding, client, settings)
    rewarding.told(rewarding.approved(rewarding.opened(report)))
    address = "/complain/status/reward/"
    assert "前可以申请一次" in client.get(address).content.decode()
    refused = client.post(address, {"act": "review", "review_words": "<b>短"})
    assert refused.status_code == 422 and "&lt;b&gt;短" in refused.content.decode()
    assert client.post(address, {"act": "review", "review_words": WORDS}).status_code == 302
    shown = client.get(address).content.decode()
    assert "已收到您的复核申请" in shown and WORDS not in shown
    decided(rewarding, Review.objects.get())
    shown = client.get(address).content.decode()
    assert "10000.00元" in shown and "复核认定为一级。" in shown
    assert client.post(address, {"act": "claim", "way": "cash"}).status_code == 302
    assert Claim.objects.get().amount_yuan == Decimal(10000)


def test_officers_see_the_review_and_open_its_words_apart(rewarding, client, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at(date(2026, 11, 20)))
    rewarding.told()
    review = asked(rewarding)
    client.force_login(rewarding.office.second)
    listed = client.get("/work/rewards/").content.decode()
    case = client.get(f"/work/cases/{review.case_id}/").content.decode()
    assert review.number in listed and "复核中" in listed and "出库单" not in listed + case
    opened = client.post(f"/work/rewards/reviews/{review.number}/words/", {"purpose": "复核审查"})
    assert "出库单" in opened.content.decode()
    empty = client.post(f"/work/rewards/reviews/{review.number}/words/", {"purpose": ""})
    assert empty.status_code == 422
    for one in (rewarding.office.other_handler, rewarding.office.mediator, rewarding.office.finance):
        client.force_login(one)
        refused = client.post(f"/work/rewards/reviews/{review.number}/words/", {"purpose": "看看"})
        assert refused.status_code == 403


def test_how_reviews_end_is_told_for_closed_quarters_and_not_for_few(rewarding, client, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at(date(2026, 11, 20)) + timedelta(days=60))
    rewarding.told()
    decided(rewarding, asked(rewarding))
    assert "复核的结果" not in client.get("/complain/rewards/").content.decode()
    monkeypatch.setattr(rules, "FEWEST", 1)
    assert "改变原决定" in client.get("/complain/rewards/").content.decode()
