"""Facts are recorded once, corrected by new facts, and never changed."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction

from tests.engines.facts.conftest import FIRM, MORNING
from zhijian.engines.facts import queries, services
from zhijian.engines.facts.errors import (
    AlreadySuperseded,
    AppendOnly,
    FactProblem,
    MayNotRecord,
    PayloadRefused,
    RecordedDifferently,
    UnknownKind,
)
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.services import Draft

pytestmark = [pytest.mark.database, pytest.mark.django_db]

TODAY = date(2026, 11, 2)
RESULT = {"codes": ["1"], "authority": "示例市市场监督管理局"}


def test_the_same_fact_again_is_the_fact_that_is_there(record):
    assert record().pk == record(at=MORNING + timedelta(days=3), by="somebody else").pk
    assert Fact.objects.count() == 1


def test_a_key_that_says_something_else_is_refused_and_names_what_differs(record):
    record()
    with pytest.raises(
        RecordedDifferently, match=r"differs in occurred_on、payload.*call correct"
    ) as refused:
        record(occurred_on=date(2026, 10, 1), payload={**RESULT, "codes": ["4"]})
    assert "不能改写" in refused.value.message_zh


def test_the_article_of_the_kind_is_the_basis_unless_another_is_named(record):
    assert record().legal_basis == "《企业公示信息抽查办法》（2025年修订）第十二条"
    assert record("2", legal_basis="《食品生产经营监督检查管理办法》第三十九条").legal_basis.startswith(
        "《食品"
    )
    with pytest.raises(RecordedDifferently, match="legal_basis"):
        record(legal_basis="《食品生产经营监督检查管理办法》第三十九条")


def test_a_correction_is_a_new_fact_and_the_old_one_stays(record):
    old = record()
    new = services.correct(
        old, payload={**RESULT, "codes": ["4"]}, reason="录入错误", by="demo", at=MORNING + timedelta(days=1)
    )
    assert (new.supersedes_id, new.revision, new.reason) == (old.pk, 1, "录入错误")
    [shown] = queries.facts_of(FIRM, on=date(2026, 11, 3), public_only=True)
    assert (shown.pk, [fact.pk for fact in shown.earlier]) == (new.pk, [old.pk])


def test_on_the_day_before_the_correction_the_old_version_stood(record):
    old = record()
    services.correct(
        old, payload={**RESULT, "codes": ["4"]}, reason="更正", by="demo", at=MORNING + timedelta(days=1)
    )
    assert [fact.pk for fact in queries.facts_of(FIRM, on=TODAY, public_only=False)] == [old.pk]


def test_the_same_correction_again_is_the_correction_that_is_there(record):
    old = record()
    twice = [
        services.correct(
            old, payload={**RESULT, "codes": ["4"]}, reason="更正", by="demo", at=MORNING + timedelta(n)
        )
        for n in (1, 2)
    ]
    assert twice[0].pk == twice[1].pk


def test_a_fact_that_was_corrected_is_not_corrected_again(record):
    old = record()
    new = services.correct(old, payload={**RESULT, "codes": ["4"]}, reason="更正", by="demo", at=MORNING)
    with pytest.raises(AlreadySuperseded, match=f"newest version is {new.pk}"):
        services.correct(old, payload={**RESULT, "codes": ["5"]}, reason="又更正", by="demo", at=MORNING)


def test_what_was_delivered_again_after_a_correction_is_known_in_both_versions(record):
    old = record()
    new = services.correct(old, payload={**RESULT, "codes": ["4"]}, reason="更正", by="demo", at=MORNING)
    assert record(payload={**RESULT, "codes": ["4"]}).pk == new.pk
    assert record().pk == old.pk


def test_a_withdrawn_fact_is_shown_to_nobody_and_stays(record):
    old = record()
    services.withdraw(old, reason="处罚决定被撤销", by="demo", at=MORNING)
    assert queries.facts_of(FIRM, on=TODAY, public_only=False) == []
    assert not queries.publicity_of(old, on=TODAY).is_public
    assert Fact.objects.count() == 2


def test_a_correction_without_a_reason_is_refused(record):
    with pytest.raises(FactProblem, match="Say why"):
        services.correct(record(), payload=RESULT, reason=" ", by="demo", at=MORNING)


def test_saving_or_deleting_a_fact_is_refused(record):
    fact = record()
    fact.subject = "somebody else"
    for change in (fact.save, fact.delete, Fact.objects.all().delete, lambda: Fact.objects.update(kind="x")):
        with pytest.raises(AppendOnly):
            change()


@pytest.mark.parametrize(
    "sql",
    ["UPDATE facts_fact SET subject = 'x'", "DELETE FROM facts_fact", "UPDATE facts_fact SET payload = '{}'"],
)
def test_the_database_itself_refuses_to_change_a_fact(record, sql):
    record()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("changed", "problem", "words"),
    [
        ({"kind": "inspection.rumour"}, UnknownKind, "No kind of fact is called 'inspection.rumour'"),
        ({"payload": {"codes": []}}, PayloadRefused, "inspection.result"),
        ({"payload": {**RESULT, "credit_class": "D"}}, PayloadRefused, "credit_class"),
        ({"payload": {**RESULT, "version": 1.5}}, PayloadRefused, "payload.version is a float"),
        ({"payload": {**RESULT, "completed_on": "2026-02-30"}}, PayloadRefused, "payload.completed_on"),
        ({"subject": ""}, FactProblem, "needs 'subject'"),
        ({"source_key": "长" * 201}, FactProblem, "'source_key' has 201 characters; at most 200"),
        ({"subject": "a\x00b"}, FactProblem, r"subject contains U\+0000"),
        ({"at": datetime(2026, 11, 2)}, FactProblem, "a time with its zone"),
    ],
)
def test_what_cannot_be_recorded_is_refused_by_name(record, changed, problem, words):
    with pytest.raises(problem, match=words):
        record(**changed)
    assert Fact.objects.count() == 0


def test_an_officer_needs_one_of_the_roles_of_the_kind(record):
    drawer = SimpleNamespace(roles=["drawer"], get_username=lambda: "示例抽签人")
    inspector = SimpleNamespace(roles=["inspector"], get_username=lambda: "示例检查人")
    with pytest.raises(MayNotRecord, match="needs one of the roles inspector、publisher"):
        record(by=drawer)
    assert record(by=inspector).recorded_by == "示例检查人"


def test_no_draw_fact_carries_a_class_or_a_salt(record):
    for name in ("class_code", "score", "salt", "openings"):
        with pytest.raises(PayloadRefused):
            record(kind="draw.drawn", payload={"plan": "示例", name: "x"})
    assert record(kind="draw.drawn", payload={"plan": "示例", "drawn_count": 3})


def drafts(count, codes="1"):
    return [
        Draft("inspection.result", FIRM, TODAY, {**RESULT, "codes": [codes]}, "bulk", str(n))
        for n in range(count)
    ]


def test_many_facts_are_recorded_once_however_often_they_come():
    assert services.record_many(drafts(1500), by="demo", at=MORNING) == services.Counts(1500, 0)
    assert services.record_many(drafts(1501), by="demo", at=MORNING) == services.Counts(1, 1500)
    assert services.record_many([*drafts(1), *drafts(1)], by="demo", at=MORNING) == services.Counts(0, 2)


def test_of_many_facts_all_are_recorded_or_none():
    services.record_many(drafts(1), by="demo", at=MORNING)
    with pytest.raises(RecordedDifferently):
        services.record_many([*drafts(1100)[1:], *drafts(1, codes="4")], by="demo", at=MORNING)
    assert Fact.objects.count() == 1


def test_one_recorded_alone_and_one_of_many_are_the_same_fact(record):
    fact = record(
        kind="inspection.result", source="bulk", source_key="0", occurred_on=TODAY, is_synthetic=False
    )
    assert services.record_many(drafts(1), by="demo", at=MORNING) == services.Counts(0, 1)
    assert Fact.objects.get() == fact


def test_facts_come_newest_first(record):
    keys = {record(str(n), occurred_on=date(2026, 10, n)).occurred_on for n in (3, 9, 5)}
    found = queries.facts_of(FIRM, on=TODAY, public_only=False)
    assert [fact.occurred_on for fact in found] == sorted(keys, reverse=True)


def test_the_newest_public_facts_of_everybody_leave_internal_kinds_out(record):
    record("1", subject="A", occurred_on=date(2026, 10, 1))
    record("2", subject="B", occurred_on=date(2026, 10, 2))
    record("3", subject="B", kind="complaint.upheld", payload={"complaint_no": "示例1"})
    assert [fact.subject for fact in queries.public_facts(on=TODAY)] == ["B", "A"]
    assert [fact.subject for fact in queries.public_facts(on=TODAY, limit=1)] == ["B"]
    assert queries.public_facts(on=TODAY, kind="complaint.upheld") == []
    assert [fact.subject for fact in queries.public_facts(on=TODAY, subjects=["A"])] == ["A"]


def test_an_id_that_is_none_finds_nothing(record):
    fact = record()
    assert queries.find(str(fact.pk)) == fact
    assert queries.find("no id") is None
