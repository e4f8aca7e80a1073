"""Rewards from the concluded case to the receipt of payment, with a code alone; and protection (S228)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.apps.consumer.complaints.casework import CLUE, CONSUMER, SHOP, at
from tests.apps.consumer.complaints.rewards.casework import FOUND, anonymous
from zhijian.apps.consumer.complaints import people
from zhijian.apps.consumer.complaints.codes import ReportState
from zhijian.apps.consumer.complaints.models import IdentityLook, Reward
from zhijian.apps.consumer.complaints.policies import Incomplete, NotNow
from zhijian.apps.consumer.complaints.rewards import protecting, queries, services
from zhijian.apps.consumer.complaints.rewards.models import Assessment, Claim, RewardCase
from zhijian.engines.documents.models import Document
from zhijian.engines.facts.errors import AppendOnly
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import services as engine
from zhijian.engines.procedures.models import Case
from zhijian.security.models import AccessRecord
from zhijian.security.permissions import Forbidden

ACCOUNT = "示例张三，示例银行天河支行，6222000000000001"
PAID = services.Receipt(True, date(2026, 11, 20), "示例回单001")


def fields(refused):
    return [field for field, _, _ in refused.value.problems]


def claimed(rewarding, reward, **more):
    given = {"password": "", "way": "account", "account": ACCOUNT} | more
    return services.claim(reward, by=None, at=rewarding.now, **given)


def test_a_proven_report_is_rewarded_by_three_persons_and_paid_by_a_fourth(rewarding):
    reward_case = rewarding.told()
    reward = Reward.objects.get()
    assert (reward.amount_yuan, reward_case.claim_until) == (Decimal("6000.00"), date(2026, 12, 10))
    assert reward_case.report.state is ReportState.RESULT_TOLD
    rewarding.journey.day = date(2026, 11, 19)
    order = claimed(rewarding, reward)
    rewarding.journey.day = date(2026, 11, 20)
    services.record_payment(order, PAID, by=rewarding.office.finance, at=rewarding.now)
    case = Case.objects.get(pk=reward_case.case_id)
    assert (case.status, case.ending) == ("closed", "paid")
    kinds = set(Fact.objects.filter(subject=f"report/{reward.report.number}").values_list("kind", flat=True))
    assert {"report.rewarded", "report.reward_paid"} <= kinds


def test_no_fact_no_paper_and_no_case_tells_the_code_of_payment_the_account_or_the_name(rewarding):
    reward_case = rewarding.told()
    reward = Reward.objects.get()
    order = claimed(rewarding, reward)
    facts = str(list(Fact.objects.values_list("payload", "source_key", "subject")))
    papers = str(list(Document.objects.values_list("content", "title")))
    events = str(list(reward_case.case.events.values_list("data", "note")))
    for secret in (reward.payout_code, "6222000000000001", CONSUMER.name, CONSUMER.phone):
        assert secret not in facts + papers + events
    assert "6222" not in order.account_sealed
    assert "6,000.00元" in papers


def test_who_assessed_does_not_look_again_and_who_did_either_does_not_approve(rewarding):
    reward_case = rewarding.opened()
    office = rewarding.office
    office.handler.roles = office.second.roles = ["handler", "leader"]
    office.handler.save()
    office.second.save()
    rewarding.do(reward_case, "assess_reward", office.handler, **FOUND)
    with pytest.raises(NotNow, match="认定奖励"):
        rewarding.do(reward_case, "review_reward", office.handler, outcome="agree")
    rewarding.do(reward_case, "review_reward", office.second, outcome="agree")
    for one in (office.handler, office.second):
        with pytest.raises(NotNow):
            rewarding.do(reward_case, "approve_reward", one, outcome="approve")
    assert not Reward.objects.exists()
    rewarding.do(reward_case, "approve_reward", office.leader, outcome="approve")
    assert Reward.objects.exists()


def test_what_is_returned_is_assessed_anew_and_both_assessments_stay(rewarding):
    reward_case = rewarding.opened()
    office = rewarding.office
    rewarding.do(reward_case, "assess_reward", office.handler, **FOUND)
    with pytest.raises(Incomplete) as refused:
        rewarding.do(reward_case, "review_reward", office.second, outcome="return")
    assert fields(refused) == ["reward_note"]
    rewarding.do(reward_case, "review_reward", office.second, outcome="return", reward_note="等级偏高")
    rewarding.do(reward_case, "assess_reward", office.handler, **FOUND | {"reward_level": "third"})
    rewarding.do(reward_case, "review_reward", office.second, outcome="agree")
    rewarding.do(reward_case, "approve_reward", office.leader, outcome="approve")
    assert [one.level for one in Assessment.objects.order_by("sequence")] == ["second", "third"]
    assert Reward.objects.get().amount_yuan == 2000


def test_an_insider_gets_the_multiple_of_the_published_table_once_finance_agreed(rewarding):
    reward_case = rewarding.opened(clue=replace(CLUE, is_insider=True))
    found = FOUND | {"touches_life": True}
    with pytest.raises(Incomplete) as refused:
        rewarding.do(reward_case, "assess_reward", rewarding.office.handler, **found)
    assert fields(refused) == ["finance_agrees"]
    rewarding.approved(reward_case, found | {"finance_agrees": True})
    assert (Reward.objects.get().amount_yuan, Assessment.objects.get().multiple) == (12_000, 2)


def test_without_danger_to_life_the_insiders_multiple_is_the_smaller_one(rewarding):
    reward_case = rewarding.opened(clue=replace(CLUE, is_insider=True))
    rewarding.approved(reward_case, FOUND | {"finance_agrees": True})
    assert Reward.objects.get().amount_yuan == 9_000


@pytest.mark.parametrize("ground", ["official", "known", "offender"])
def test_officials_known_clues_and_offenders_get_none_and_the_reporter_is_told_why(rewarding, ground):
    found = {"outcome": "none", "no_reward_ground": ground, "assessment_reason": "查明不符合条件。"}
    reward_case = rewarding.told(rewarding.approved(found=found))
    assert (reward_case.case.status, reward_case.case.ending) == ("closed", "not_rewarded")
    assert not Reward.objects.exists()
    assert Document.objects.filter(template="reward_refusal").exists()
    assert Fact.objects.get(kind="report.reward_refused").payload["ground"] == ground
    assert queries.standing_of(reward_case.report).state == "none"


def test_two_who_reported_the_same_apart_share_and_the_first_is_not_left_out(rewarding):
    other = replace(CONSUMER, name="示例李四", phone="13900001234", id_number="440106199202020022")
    first, second = rewarding.proven(), rewarding.proven(reporter=other)
    reward_case = rewarding.opened(second)
    found = FOUND | {"shares": f"{second.number}：100"}
    with pytest.raises(Incomplete) as refused:
        rewarding.do(reward_case, "assess_reward", rewarding.office.handler, **found)
    assert first.number in str(refused.value)
    rewarding.approved(reward_case, FOUND | {"shares": f"{first.number}：70\n{second.number}：30"})
    amounts = dict(Reward.objects.values_list("report__number", "amount_yuan"))
    assert amounts == {first.number: Decimal("4200.00"), second.number: Decimal("1800.00")}


def test_a_case_ends_only_when_every_share_is_paid_or_given_up(rewarding):
    other = replace(CONSUMER, name="示例李四", phone="13900001234", id_number="440106199202020022")
    first, second = rewarding.proven(), rewarding.proven(reporter=other)
    reward_case = rewarding.opened(first)
    shares = f"{first.number}：70\n{second.number}：30"
    reward_case = rewarding.told(rewarding.approved(reward_case, FOUND | {"shares": shares}))
    order = claimed(rewarding, Reward.objects.get(report=first))
    rewarding.journey.day = date(2026, 12, 11)
    engine.tick(at=rewarding.now, limit=10)
    states = {one.reward.report.number: one.state for one in reward_case.grants.all()}
    assert states == {first.number: "claimed", second.number: "lapsed"}
    assert Case.objects.get(pk=reward_case.case_id).status == "open"
    paid = services.Receipt(True, date(2026, 12, 11), "示例回单002")
    services.record_payment(order, paid, by=rewarding.office.finance, at=rewarding.now)
    assert Case.objects.get(pk=reward_case.case_id).ending == "paid"


def test_who_does_not_claim_in_thirty_days_gives_the_reward_up(rewarding):
    reward_case = rewarding.told()
    rewarding.journey.day = date(2026, 12, 10)
    engine.tick(at=rewarding.now, limit=10)
    assert reward_case.grants.get().state == "waiting"
    rewarding.journey.day = date(2026, 12, 11)
    with pytest.raises(NotNow, match="2026-12-10届满"):
        claimed(rewarding, Reward.objects.get())
    engine.tick(at=rewarding.now, limit=10)
    assert reward_case.grants.get().state == "lapsed"
    assert Case.objects.get(pk=reward_case.case_id).ending == "lapsed"
    assert Fact.objects.filter(kind="report.reward_lapsed").count() == 1


def test_the_term_is_extended_once_by_a_leader_for_a_reason(rewarding):
    reward_case = rewarding.told()
    of_another_tab = type(reward_case).objects.get(pk=reward_case.pk)
    office = rewarding.office
    with pytest.raises(Forbidden):
        services.extend_claim(reward_case, reason="出国", by=office.handler, at=rewarding.now)
    with pytest.raises(Incomplete):
        services.extend_claim(reward_case, reason=" ", by=office.leader, at=rewarding.now)
    until = services.extend_claim(reward_case, reason="举报人出国", by=office.leader, at=rewarding.now)
    assert until == date(2026, 12, 24)
    with pytest.raises(NotNow, match="一次"):
        services.extend_claim(reward_case, reason="再延", by=office.leader, at=rewarding.now)
    with pytest.raises(NotNow, match="一次"):  # opened before the first extension
        services.extend_claim(of_another_tab, reason="举报人出国", by=office.leader, at=rewarding.now)
    rewarding.journey.day = date(2026, 12, 24)
    engine.tick(at=rewarding.now, limit=10)
    assert claimed(rewarding, Reward.objects.get()).way == "account"


def test_a_reporter_without_a_name_claims_with_the_password_that_only_she_knows(rewarding):
    report = rewarding.proven(**anonymous())
    given = {"promises": True, "by": None, "at": rewarding.now}
    with pytest.raises(Incomplete) as refused:
        services.apply(report, password="123", **given)
    assert fields(refused) == ["password"]
    with pytest.raises(Incomplete) as refused:
        services.apply(report, password="红豆-三只猫", **given | {"promises": False})
    assert fields(refused) == ["promises"]
    asked = services.apply(report, password="红豆-三只猫", **given)
    assert "三只猫" not in asked.password_digest
    with pytest.raises(NotNow):
        services.apply(report, password="红豆-三只猫", **given)
    rewarding.told(rewarding.approved(rewarding.opened(report)))
    with pytest.raises(Incomplete) as refused:
        claimed(rewarding, Reward.objects.get(), password="红豆-两只猫")
    assert fields(refused) == ["password"]
    cash = services.find_by_code(Reward.objects.get().payout_code.lower().replace("-", " "))
    assert claimed(rewarding, cash, password="红豆-三只猫", way="cash", account="").account_sealed == ""


def test_nobody_claims_before_being_told_or_twice_or_without_saying_how(rewarding):
    rewarding.approved()
    reward = Reward.objects.get()
    with pytest.raises(NotNow, match="还没有告知"):
        claimed(rewarding, reward)
    rewarding.told(RewardCase.objects.get())
    with pytest.raises(Incomplete) as refused:
        claimed(rewarding, reward, way="bitcoin")
    assert fields(refused) == ["way"]
    with pytest.raises(Incomplete) as refused:
        claimed(rewarding, reward, account="1")
    assert fields(refused) == ["account"]
    claimed(rewarding, reward)
    with pytest.raises(NotNow, match="不能重复"):
        claimed(rewarding, reward)


def test_money_that_came_back_is_claimed_again_and_no_order_has_two_receipts(rewarding):
    rewarding.told()
    reward, finance = Reward.objects.get(), rewarding.office.finance
    order = claimed(rewarding, reward)
    with pytest.raises(Forbidden):
        services.record_payment(order, PAID, by=rewarding.office.leader, at=rewarding.now)
    with pytest.raises(Incomplete) as refused:
        services.record_payment(order, services.Receipt(True, None), by=finance, at=rewarding.now)
    assert fields(refused) == ["receipt_number", "paid_on"]
    with pytest.raises(Incomplete) as refused:
        services.record_payment(order, services.Receipt(False, None), by=finance, at=rewarding.now)
    assert fields(refused) == ["note"]
    back = services.Receipt(False, None, note="账号与户名不符")
    services.record_payment(order, back, by=finance, at=rewarding.now)
    with pytest.raises(NotNow):
        services.record_payment(order, back, by=finance, at=rewarding.now)
    again = claimed(rewarding, reward, account="示例张三，示例银行，6222000000000002")
    assert (again.sequence, again.order_number != order.order_number) == (2, True)


def test_a_reward_opens_once_for_a_proven_report_with_a_day_that_can_be(rewarding):
    report = rewarding.proven()
    rewarding.journey.day = date(2026, 11, 3)
    given = {
        "conclusion": "penalty",
        "penalty_number": "罚9号",
        "by": rewarding.office.leader,
        "at": rewarding.now,
    }
    for wrong in (None, date(2026, 9, 1), date(2026, 11, 4)):
        with pytest.raises(Incomplete) as refused:
            services.open_reward(report, concluded_on=wrong, **given)
        assert fields(refused) == ["concluded_on"]
    with pytest.raises(Incomplete) as refused:
        wrong = given | {"conclusion": "", "penalty_number": " "}
        services.open_reward(report, concluded_on=date(2026, 11, 2), **wrong)
    assert fields(refused) == ["conclusion", "penalty_number"]
    rewarding.opened(report)
    with pytest.raises(NotNow, match="已经启动"):
        services.open_reward(report, concluded_on=date(2026, 11, 2), **given)
    with pytest.raises(NotNow, match="查证属实"):
        services.open_reward(rewarding.journey.report(), concluded_on=date(2026, 11, 2), **given)


def test_a_clue_that_an_officer_found_is_rewarded_to_nobody(rewarding):
    complaint = rewarding.journey.in_mediation()
    complaint = rewarding.journey.mediate(complaint, "not_agreed", clue_text="仓库里有过期食品。")
    clue = complaint.clues.get()
    assert not services.may_be_rewarded(clue)


def test_without_a_reason_the_leader_does_not_say_that_no_reward_applies(rewarding):
    report = rewarding.proven()
    with pytest.raises(Incomplete) as refused:
        rewarding.journey.do(report, "consider_reward", rewarding.office.leader, outcome="none")
    assert fields(refused) == ["no_reward_reason"]
    done = rewarding.journey.do(
        report, "consider_reward", rewarding.office.leader, outcome="none", no_reward_reason="未予处罚"
    )
    assert done.case.status == "closed"


OTHER = replace(CONSUMER, name="示例李四", phone="13900001234", id_number="440106199202020022")


def test_the_first_in_time_is_not_left_out_where_nobody_writes_shares(rewarding):
    first, second = rewarding.proven(), rewarding.proven(reporter=OTHER)
    reward_case = rewarding.opened(second)
    with pytest.raises(Incomplete) as refused:
        rewarding.do(reward_case, "assess_reward", rewarding.office.handler, **FOUND)
    assert fields(refused) == ["shares"] and first.number in str(refused.value)
    found = FOUND | {"others_differ": True}
    rewarding.do(reward_case, "assess_reward", rewarding.office.handler, **found)
    assert Assessment.objects.get().set_apart == [first.number]  # who looks again sees what was set apart


def test_an_earlier_report_that_nobody_has_finished_is_not_passed_over(rewarding):
    first = rewarding.journey.report()
    reward_case = rewarding.opened(rewarding.proven(reporter=OTHER))
    with pytest.raises(Incomplete) as refused:
        rewarding.do(reward_case, "assess_reward", rewarding.office.handler, **FOUND)
    assert fields(refused) == ["shares"] and first.number in str(refused.value)


def test_an_earlier_report_without_the_firms_code_is_found_by_its_name(rewarding):
    first = rewarding.proven(respondent=replace(SHOP, code=""))
    reward_case = rewarding.opened(rewarding.proven(reporter=OTHER))
    with pytest.raises(Incomplete, match=first.number):
        rewarding.do(reward_case, "assess_reward", rewarding.office.handler, **FOUND)


def test_one_fine_opens_one_reward_however_its_number_is_written(rewarding):
    first, second = rewarding.proven(), rewarding.proven(reporter=OTHER)
    rewarding.opened(first)
    given = {
        "conclusion": "penalty",
        "concluded_on": date(2026, 11, 2),
        "penalty_number": "穗天市监罚[2026]第09号",
        "by": rewarding.office.leader,
        "at": rewarding.now,
    }
    with pytest.raises(NotNow, match="不重复奖励"):
        services.open_reward(second, **given)
    assert services.open_reward(second, **given | {"penalty_number": "穗天市监罚〔2026〕10号"}).pk


def test_one_fine_that_two_opened_at_once_is_approved_once(rewarding):
    first, second = rewarding.proven(), rewarding.proven(reporter=OTHER)
    one = rewarding.opened(first)
    given = {"conclusion": "penalty", "concluded_on": date(2026, 11, 2), "penalty_number": "罚10号"}
    two = services.open_reward(second, **given, by=rewarding.office.leader, at=rewarding.now)
    RewardCase.objects.filter(pk=two.pk).update(penalty_key=one.penalty_key)
    rewarding.approved(one)
    with pytest.raises(NotNow, match="不重复奖励"):
        rewarding.approved(two, FOUND | {"others_differ": True})
    assert Reward.objects.get().report == first


def test_who_has_a_share_is_not_rewarded_again_and_a_share_twice_is_refused_in_words(rewarding):
    first, second = rewarding.proven(), rewarding.proven(reporter=OTHER)
    shared = rewarding.opened(second)
    given = {"conclusion": "penalty", "concluded_on": date(2026, 11, 2), "penalty_number": "罚10号"}
    own = services.open_reward(first, **given, by=rewarding.office.leader, at=rewarding.now)
    shares = f"{first.number}：70\n{second.number}：30"
    rewarding.do(own, "assess_reward", rewarding.office.handler, **FOUND)
    rewarding.do(own, "review_reward", rewarding.office.second, outcome="agree")
    rewarding.approved(shared, FOUND | {"shares": shares})
    with pytest.raises(NotNow, match=first.number):
        rewarding.do(own, "approve_reward", rewarding.office.leader, outcome="approve")
    assert Reward.objects.count() == 2
    RewardCase.objects.filter(pk=own.pk).update(report=rewarding.journey.report())
    with pytest.raises(NotNow, match="已经分得奖励"):
        services.open_reward(first, **given, by=rewarding.office.leader, at=rewarding.now)


def test_who_took_the_claim_or_decided_does_not_pay(rewarding):
    rewarding.told()
    office = rewarding.office
    for one in (office.second, office.leader, office.finance):
        one.roles = [*one.roles, "handler", "finance"]
        one.save()
    order = claimed(rewarding, Reward.objects.get(), counter_officer=office.finance)
    paid = services.Receipt(True, date(2026, 11, 10), "示例回单001")
    for one in (office.second, office.leader, office.finance):
        with pytest.raises(NotNow, match="另一个人付款"):
            services.record_payment(order, paid, by=one, at=rewarding.now)
    office.other_handler.roles, office.other_handler.organisation = ["finance"], office.unit
    office.other_handler.save()
    assert services.record_payment(order, paid, by=office.other_handler, at=rewarding.now).is_paid


def test_orders_and_rewards_of_another_area_are_not_found(rewarding):
    rewarding.told()
    office = rewarding.office
    order = claimed(rewarding, Reward.objects.get())
    elsewhere = office.finance
    for unit, part in ((office.other, ""), (office.unit, "440106001"), (office.other, "440106")):
        elsewhere.organisation, elsewhere.division_code = unit, part
        assert queries.find_order(order.order_number, elsewhere) is None
        assert queries.orders(elsewhere) == queries.reward_cases(elsewhere) == []
        with pytest.raises(Forbidden):
            services.open_account(order, by=elsewhere, at=rewarding.now)


@pytest.mark.parametrize("typed", ["红豆三只猫o1", "红豆-三只猫ol", "红豆-三只猫O1", "红豆 三只猫o1", ""])
def test_a_password_is_known_to_the_letter(rewarding, typed):
    report = rewarding.proven(**anonymous())
    services.apply(report, promises=True, password="红豆-三只猫o1", by=None, at=rewarding.now)
    rewarding.told(rewarding.approved(rewarding.opened(report)))
    with pytest.raises(Incomplete) as refused:
        claimed(rewarding, Reward.objects.get(), password=typed)
    assert fields(refused) == ["password"]
    assert claimed(rewarding, Reward.objects.get(), password="红豆-三只猫o1").pk


# ---------------------------------------------------------------------------------------------------- protection


def asked(rewarding, report, words="老板说要开除我，今天把我的工牌收走了。"):
    return protecting.ask(report, kind="dismissal", words=words, by=None, at=rewarding.now)


def decide(rewarding, protection, by, **data):
    item = protection.case.work_items.get(task="assess_protection", state="open")
    engine.complete(item, data=data, by=by, at=rewarding.now)
    protection.refresh_from_db()
    return protection


PROTECT = {
    "outcome": "protect",
    "guards_identity": True,
    "refers_labour": True,
    "protection_reason": "存在解雇的现实风险。",
}


def test_after_protection_only_a_leader_opens_who_reported_and_every_look_is_written_down(rewarding):
    report = rewarding.proven()
    office = rewarding.office
    given = {"purpose": "联系举报人", "at": rewarding.now}
    assert people.reveal_reporter(report, by=office.handler, **given).name == CONSUMER.name
    protection = asked(rewarding, report)
    due = protection.case.work_items.get(task="assess_protection", state="open").due_on
    assert due == date(2026, 9, 23)
    protection = decide(rewarding, protection, office.leader, **PROTECT)
    with pytest.raises(Forbidden):
        people.reveal_reporter(report, by=office.handler, **given)
    assert people.reveal_reporter(report, by=office.leader, **given).name == CONSUMER.name
    assert IdentityLook.objects.count() == 2
    assert protection.case.work_items.get(task="follow_up", state="open").due_on == date(2026, 10, 21)


def test_what_the_reporter_wrote_is_sealed_and_read_by_a_leader_for_a_purpose(rewarding):
    protection = asked(rewarding, rewarding.proven())
    assert "工牌" not in protection.words_sealed
    assert "工牌" not in str(list(protection.case.events.values_list("data", "note", "name")))
    with pytest.raises(Forbidden):
        protecting.read_words(protection, purpose="评估", by=rewarding.office.handler, at=rewarding.now)
    with pytest.raises(Incomplete):
        protecting.read_words(protection, purpose="", by=rewarding.office.leader, at=rewarding.now)
    words = protecting.read_words(
        protection, purpose="评估风险", by=rewarding.office.leader, at=rewarding.now
    )
    assert "工牌" in words
    assert AccessRecord.objects.filter(subject=protection.number, part="reporter_protection").count() == 1


def test_a_request_needs_words_a_kind_and_no_other_that_is_open(rewarding):
    report = rewarding.proven()
    with pytest.raises(Incomplete) as refused:
        protecting.ask(report, kind="", words="短", by=None, at=rewarding.now)
    assert fields(refused) == ["kind", "words"]
    with pytest.raises(Incomplete) as refused:
        protecting.ask(report, kind="pay", words="长" * 2001, by=None, at=rewarding.now)
    assert fields(refused) == ["words"]
    protection = asked(rewarding, report)
    with pytest.raises(NotNow):
        asked(rewarding, report)
    with pytest.raises(Incomplete) as refused:
        decide(rewarding, protection, rewarding.office.leader, outcome="protect", protection_reason="有风险")
    assert fields(refused) == ["guards_identity"]


def test_protection_goes_on_grows_and_ends_by_its_follow_ups(rewarding):
    protection = decide(rewarding, asked(rewarding, rewarding.proven()), rewarding.office.leader, **PROTECT)

    def look(outcome):
        item = protection.case.work_items.get(task="follow_up", state="open")
        data = {"outcome": outcome, "follow_up_note": "电话回访。"}
        engine.complete(item, data=data, by=rewarding.office.handler, at=at(rewarding.journey.day))

    rewarding.journey.day = date(2026, 10, 12)
    look("go_on")
    look("more")
    decide(rewarding, protection, rewarding.office.leader, **PROTECT | {"refers_police": True})
    assert "refers_police" in protection.measures
    look("end")
    protection.refresh_from_db()
    assert (protection.ended_on, Case.objects.get(pk=protection.case_id).status) == (
        date(2026, 10, 12),
        "closed",
    )
    assert protection.guards_identity  # what was closed is not opened again


def test_a_guarded_identity_stays_guarded_where_more_protection_is_declined(rewarding):
    report = rewarding.proven()
    office = rewarding.office
    protection = decide(rewarding, asked(rewarding, report), office.leader, **PROTECT)
    item = protection.case.work_items.get(task="follow_up", state="open")
    engine.complete(
        item, data={"outcome": "more", "follow_up_note": "又来电。"}, by=office.handler, at=rewarding.now
    )
    declined = {"outcome": "decline", "protection_reason": "没有新的风险。"}
    protection = decide(rewarding, protection, office.leader, **declined)
    assert protection.guards_identity and protection.measures == []
    with pytest.raises(Forbidden):
        people.reveal_reporter(report, purpose="联系举报人", by=office.handler, at=rewarding.now)


def test_claims_and_orders_are_written_once(rewarding):
    rewarding.told()
    order = claimed(rewarding, Reward.objects.get())
    with pytest.raises(AppendOnly):
        order.save()
    with pytest.raises(AppendOnly):
        Claim.objects.get(pk=order.pk).delete()
