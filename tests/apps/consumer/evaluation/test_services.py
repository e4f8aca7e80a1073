"""One ticket, one evaluation; forged, foreign and own ones refused; nothing deleted, everything with its reason."""

from datetime import timedelta

import pytest

from zhijian.apps.consumer.evaluation import queries, services
from zhijian.apps.consumer.evaluation.models import Evaluation, ScreeningFinding
from zhijian.apps.consumer.evaluation.policies import NotNow
from zhijian.apps.consumer.evaluation.services import Said
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.models import WorkItem
from zhijian.security.permissions import Forbidden
from zhijian.standards.calendar import statutory_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(county, codes):
    return services.issue_tickets(county.one, 1, randomness=codes, by="desk", at=county.at, device="till")[0]


def give(code, said, county, codes, **more):
    return services.evaluate(code, said, at=county.at, randomness=codes, **{"device": "phone", **more})


def test_a_ticket_is_good_for_one_evaluation_and_only_one(county, codes, ticket):
    made = give(services.written(ticket).lower(), Said(4, {"taste": 5}, "菜很好"), county, codes)
    assert made.score == 4 and made.text_state == "shown"
    with pytest.raises(NotNow, match="已经评价过了"):
        give(ticket, Said(1), county, codes, device="other")
    assert Evaluation.objects.count() == 1
    assert Fact.objects.get(kind="evaluation.received").payload["score"] == 4


def test_a_forged_ticket_is_refused_before_it_is_looked_for(county, codes, ticket, django_assert_num_queries):
    forged = ticket[:-1] + ("A" if ticket[-1] != "A" else "B")
    with django_assert_num_queries(0), pytest.raises(NotNow, match="有效的评价凭证"):
        services.ticket_of(forged, firm=None, at=county.at)


def test_a_signed_code_that_was_never_issued_is_refused(county, codes):
    with pytest.raises(NotNow, match="没有签发过"):
        give(services._signed("ABCDEFGHJKLM"), Said(4), county, codes)


def test_a_ticket_of_another_firm_is_refused(county, codes, ticket):
    with pytest.raises(NotNow, match="另一家"):
        give(ticket, Said(4), county, codes, firm=county.other)


def test_the_firm_s_own_device_does_not_evaluate_it(county, codes, ticket):
    with pytest.raises(NotNow, match="不能评价自己"):
        give(ticket, Said(5), county, codes, device="till")


@pytest.mark.parametrize(
    "said", [Said(0), Said(6), Said(4, {"taste": 9}), Said(4, {"teaching": 4}), Said(4, text="长" * 501)]
)
def test_what_is_off_the_scale_or_too_long_is_refused_and_the_ticket_stays_good(county, codes, ticket, said):
    with pytest.raises(NotNow):
        give(ticket, said, county, codes)
    assert give(ticket, Said(4), county, codes).score == 4


def test_a_ticket_expires(county, codes, ticket):
    with pytest.raises(NotNow, match="过期"):
        services.evaluate(
            ticket, Said(4), at=county.at + timedelta(days=91), randomness=codes, device="phone"
        )


def test_a_text_with_a_telephone_waits_and_its_score_counts(county, codes, ticket):
    made = give(ticket, Said(2, text="老板电话13800138000"), county, codes)
    assert made.text_state == "held"
    assert queries.standing_of(county.one, on=statutory_day(county.at)).estimate.count == 1
    with pytest.raises(NotNow, match="公布的理由"):
        services.moderate(
            made, shows=False, ground="bad_for_business", note="影响生意", by=county.officer, at=county.at
        )
    services.moderate(
        made, shows=False, ground="personal", note="写有电话号码", by=county.officer, at=county.at
    )
    again = {
        "shows": False,
        "ground": "personal",
        "note": "写有电话号码",
        "by": county.officer,
        "at": county.at,
    }
    services.moderate(Evaluation.objects.get(), **again)  # the button was pressed twice
    assert made.steps.filter(verb="withhold").count() == 1
    assert Evaluation.objects.get().text_state == "withheld"


def test_what_is_set_aside_is_kept_counted_and_can_come_back(county, codes, ticket):
    made = give(ticket, Said(1), county, codes)
    day = statutory_day(county.at)
    with pytest.raises(NotNow, match="差评不是理由"):
        services.set_aside(made, ground="low_score", reason="分数太低了", by=county.officer, at=county.at)
    services.set_aside(
        made, ground="not_consumer", reason="核对没有这笔交易", by=county.officer, at=county.at
    )
    found = queries.standing_of(county.one, on=day)
    assert found.estimate.count == 0 and found.aside == (("not_consumer", 1),)
    assert Fact.objects.get(kind="evaluation.set_aside").payload["reason"] == "核对没有这笔交易"
    services.restore(Evaluation.objects.get(), reason="补交了小票", by=county.officer, at=county.at)
    assert queries.standing_of(county.one, on=day).estimate.count == 1


def test_nobody_deletes_or_changes_an_evaluation(county, codes, ticket):
    from django.db import DatabaseError, connection, transaction

    made = give(ticket, Said(1), county, codes)
    with pytest.raises(Exception, match="Evaluation"):
        made.delete()
    for statement in ("DELETE FROM evaluation_evaluation", "UPDATE evaluation_evaluation SET score = 5"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Evaluation.objects.get().score == 1


def test_an_officer_of_another_place_decides_nothing(county, codes, ticket):
    from tests.engines.registers.declared import desk

    made = give(ticket, Said(1), county, codes)
    stranger = desk.officer("stranger", desk.unit("440305", "示例南山区局"), "handler")
    with pytest.raises(Forbidden):
        services.set_aside(made, ground="not_consumer", reason="没有这笔交易", by=stranger, at=county.at)


def test_an_objection_is_a_case_and_until_it_is_decided_the_evaluation_counts(county, codes, ticket):
    made = give(ticket, Said(1), county, codes)
    with pytest.raises(NotNow, match="另一家"):
        services.object_to(
            made, ground="rival", statement="同行恶意差评", firm=county.other, by="desk", at=county.at
        )
    objection = services.object_to(
        made, ground="not_consumer", statement="当天没有这位顾客", firm=county.one, by="desk", at=county.at
    )
    assert not Evaluation.objects.get().is_aside
    item = WorkItem.objects.get(case=objection.case)
    assert item.due_on is not None
    data = {"outcome": "set_aside", "ground": "not_consumer", "decision_reason": "核对没有这笔交易"}
    procedures.complete(item, data=data, by=county.officer, at=county.at)
    assert Evaluation.objects.get().is_aside
    objection.refresh_from_db()
    assert objection.outcome == "upheld"


def test_a_finding_sets_aside_only_once_a_person_confirms_it(county, codes):
    tickets = services.issue_tickets(
        county.one, 60, randomness=codes, by="desk", at=county.at - timedelta(days=30)
    )
    text = "环境一流服务周到性价比超高强烈推荐大家都来体验"
    for number, code in enumerate(tickets[::6]):
        services.evaluate(code, Said(5, text=f"{text[: number + 3]}，{text[number + 3 :]}"), device=f"d{number}",
                          at=county.at - timedelta(days=2 * number), randomness=codes)  # fmt: skip
    run = services.run_screening(seed=0, by=None, at=county.at)
    assert run.evaluations == 10 and run.found == 1
    finding = ScreeningFinding.objects.get()
    day = statutory_day(county.at)
    assert queries.standing_of(county.one, on=day).aside_count == 0
    assert queries.standing_of(county.one, on=day).is_checked
    services.decide_finding(
        finding, confirms=True, reason="逐字相同，没有消费", by=county.officer, at=county.at
    )
    assert queries.standing_of(county.one, on=day).aside == (("copies", 10),)
    with pytest.raises(NotNow, match="已经有人"):
        services.decide_finding(finding, confirms=False, reason="再想想看", by=county.officer, at=county.at)
    assert services.run_screening(seed=0, by=None, at=county.at).found == 0
