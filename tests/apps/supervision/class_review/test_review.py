"""A class is reviewed by people: asked for with reasons, examined by one officer, decided by another; the letter never in the log."""

from datetime import date, datetime

import pytest
from django.db import transaction

from tests.apps.supervision import deliveries
from tests.engines.registers.declared import desk
from zhijian.apps.supervision.class_review import queries, services
from zhijian.apps.supervision.class_review.services import Rated
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import checks, declaration
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import NotYours, ProcedureRefused
from zhijian.engines.procedures.models import WorkItem
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.permissions import Forbidden
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AT = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
FIRM = synthetic_code(870_001, "440106")
REASON = "抽检不合格的样品经复检为合格，交付的数据还没有更正。"


def rated(scope="food", letter="C"):
    return Rated(FIRM, "示例食品厂（合成）", "440106", scope, letter, 510, "2026-10", True)


@pytest.fixture
def officers():
    unit = desk.unit("440106", "示例区局")
    found = {name: desk.officer(name, unit, "inspector") for name in ("asker", "examiner")}
    return found | {
        "leader": desk.officer("leader", unit, "leader"),
        "both": desk.officer("both", unit, "inspector", "leader"),
    }


def step(case, task, officer, **data):
    with transaction.atomic():
        procedures.complete(
            WorkItem.objects.get(case=case, task=task, state="open"), data=data, by=officer, at=AT
        )


def examined(officers, by="examiner"):
    case = services.ask_review(rated(), reason=REASON, by=officers["asker"], at=AT)
    step(case, "examine", officers[by], outcome="change", found="复检报告属实。")
    return case


def test_three_persons_set_a_class_for_half_a_year_and_the_log_says_that_but_not_which(officers):
    case = services.ask_review(rated(), reason=REASON, by=officers["asker"], at=AT)
    assert WorkItem.objects.get(case=case).due_on == date(2026, 12, 7)
    with pytest.raises(NotYours):
        step(case, "examine", officers["asker"], outcome="change", found="复检报告属实。")
    step(case, "examine", officers["both"], outcome="change", found="复检报告属实。")
    with pytest.raises(NotYours):
        step(case, "decide", officers["both"], outcome="change", class_code="B", decision_reason="以复检为准")
    step(case, "decide", officers["leader"], outcome="change", class_code="B", decision_reason="以复检为准")
    for day, stands in ((date(2027, 5, 23), True), (date(2027, 5, 24), False)):
        assert ("food" in queries.set_by_people(FIRM, on=day)) is stands
    [fact] = Fact.objects.filter(kind="class.reviewed")
    assert fact.payload == {
        "scope": "food",
        "outcome": "changed",
        "until": "2027-05-23",
        "authority": "示例区局",
    }
    assert "C类" not in case.title and "B类" not in case.title


def test_the_models_own_letter_and_a_better_class_while_on_the_serious_list_are_refused(officers):
    case = examined(officers)
    with pytest.raises(ProcedureRefused, match="与模型的不同"):
        step(case, "decide", officers["leader"], outcome="change", class_code="C", decision_reason="维持原状")
    with pytest.raises(ProcedureRefused, match="与模型的不同"):
        step(case, "decide", officers["leader"], outcome="change", decision_reason="没有选等级")
    payload = {"decision_no": "示例罚1号", "authority": "示例区局", "ground": "食品安全"}
    facts.record("serious_list.listed", subject=FIRM, occurred_on=date(2026, 11, 1), payload=payload, source="test",
                 source_key="S", by="test", at=AT, is_synthetic=True)  # fmt: skip
    with pytest.raises(ProcedureRefused, match="严重违法失信名单"):
        step(case, "decide", officers["leader"], outcome="change", class_code="B", decision_reason="酌情从轻")
    step(case, "decide", officers["leader"], outcome="keep", decision_reason="仍在名单上")
    assert queries.set_by_people(FIRM, on=AT.date()) == {}


def test_a_request_says_why_comes_once_and_from_who_may_see_the_class(officers):
    with pytest.raises(ProcedureRefused, match="为什么"):
        services.ask_review(rated(), reason="不对", by=officers["asker"], at=AT)
    services.ask_review(rated(), reason=REASON, by=officers["asker"], at=AT)
    with pytest.raises(ProcedureRefused, match="正在复核"):
        services.ask_review(rated(), reason=REASON, by=officers["examiner"], at=AT)
    services.ask_review(rated("general"), reason=REASON, by=officers["examiner"], at=AT)
    for stranger in (desk.officer("clerk", officers["leader"].organisation, "intake"),
                     desk.officer("far", desk.unit("440305", "外区局"), "inspector")):  # fmt: skip
        with pytest.raises(Forbidden):
            services.ask_review(rated("drug"), reason=REASON, by=stranger, at=AT)


def test_the_drawing_is_sound():
    procedure = declaration.get(services.REVIEW)
    assert checks.problems(procedure, procedure.drawing_text()) == []


def test_nobody_betters_the_class_of_a_firm_that_another_system_put_on_the_serious_list(
    officers, monkeypatch
):
    case = examined(officers)
    deliveries.serve(monkeypatch, deliveries.serious(FIRM, date(2026, 3, 2)))
    with pytest.raises(ProcedureRefused, match="严重违法失信名单"):
        step(
            case, "decide", officers["leader"], outcome="change", class_code="B", decision_reason="以复检为准"
        )
    step(
        case,
        "decide",
        officers["leader"],
        outcome="change",
        class_code="D",
        decision_reason="在严重违法失信名单上",
    )
