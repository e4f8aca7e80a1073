"""`facts verify` compares the plan's tables with the sealed facts: a published value, target or evaluation is not changed unseen."""

import json
import zipfile
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db.models import QuerySet

from tests.apps.plan.monitoring.office import Office
from tests.apps.plan.monitoring.test_evaluations import THIRD
from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import (
    adjusting,
    agreement,
    evaluating,
    package,
    queries,
    reckoning,
    services,
)  # fmt: skip
from zhijian.apps.plan.monitoring.models import Adjustment, DataPoint, Evaluation, PlanIndicator
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.services import Typed
from zhijian.engines.facts.canonical import canonical_bytes
from zhijian.engines.facts.merkle import leaf_hash
from zhijian.engines.facts.models import Fact

pytestmark = pytest.mark.database


@pytest.fixture
def office(db):
    made = Office()
    made.published("18", 2022, "4.4", parts=("44", "1000"))
    made.published("27", 2022, "91", parts=("91", "100"))
    return made


@pytest.fixture
def evaluated(office):
    one = evaluating.plan_one(office.plan, "annual", 2022, by=office.first, at=AT)
    one = evaluating.freeze(one, by=office.first, at=AT)
    one = evaluating.report_oneself(one, "各项任务按计划推进", by=office.first, at=AT)
    one = evaluating.submit(evaluating.draft(one, by=office.first, at=AT), by=office.first, at=AT)
    return evaluating.publish(evaluating.approve(one, by=office.leader, at=AT), by=office.leader, at=AT)


def said():
    return [finding.message_en for finding in agreement.findings()]


def test_of_honest_tables_nothing_is_said_also_after_a_restatement_on_its_way_and_one_given_back(
    office, evaluated
):
    assert said() == []
    point = DataPoint.objects.get(number="18", state="published")
    typed = Typed("4.6", date(2022, 12, 31), "A", "46", "1000", "统计年报更正")
    made = services.restate(point, typed, reason="统计年报更正了", by=office.first, at=AT)
    assert said() == []
    services.give_back(made, reason="依据不足以修订", by=office.second, at=AT)
    assert said() == []
    again = services.restate(
        DataPoint.objects.get(pk=point.pk), typed, reason="统计年报更正了", by=office.first, at=AT
    )
    services.publish(services.verify(again, by=office.second, at=AT), by=office.second, at=AT)
    assert said() == []


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({"value": Decimal("9.9")}, "value"),
        ({"denominator": Decimal("500")}, "denominator"),
        ({"as_of": date(2022, 6, 30)}, "as_of"),
        ({"kind": "E"}, "kind"),
        ({"evidence": "另一份年报"}, "record"),
        ({"state": "returned"}, "the table published it 0 times, the facts 1 times"),
        ({"year": 2023}, "the table published it 1 times, the facts 0 times"),
    ],
)
def test_a_published_value_that_was_changed_in_its_table_is_named(office, edit, expected):
    DataPoint.objects.filter(number="18").update(**edit)
    assert any(expected in words for words in said()), said()


def test_another_name_as_confirmer_is_named(office):
    DataPoint.objects.filter(number="18").update(confirmed_by=office.leader)
    assert any("record" in words for words in said())


def test_a_value_that_was_written_into_the_table_as_published_is_named(office):
    point = office.enter("26", 2022, "4.3", parts=("43", "1000"))
    DataPoint.objects.filter(pk=point.pk).update(state="published")
    assert any("/26/" in words for words in said())


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda one: one.frozen["data"]["indicators"][17].update(target="1"), "data"),
        (lambda one: one.frozen["figures"]["composite"].update(index="1"), "figures"),
        (lambda one: one.sections[0].update(text="一切都已完成"), "report"),
        (lambda one: setattr(one, "summary_en", "All is done."), "report"),
        (lambda one: setattr(one, "as_of", date(2022, 6, 30)), "as_of"),
    ],
)
def test_a_published_evaluation_that_was_changed_in_its_table_is_named(evaluated, edit, expected):
    one = Evaluation.objects.get(pk=evaluated.pk)
    edit(one)
    one.save()
    assert any(expected in words for words in said()), said()


def test_an_evaluation_that_was_published_by_hand_or_taken_back_is_named(evaluated):
    Evaluation.objects.filter(pk=evaluated.pk).update(state="draft")
    assert any("not published" in words for words in said())


def test_frozen_data_that_were_changed_are_not_published(office):
    one = evaluating.plan_one(office.plan, "annual", 2022, by=office.first, at=AT)
    one = evaluating.freeze(one, by=office.first, at=AT)
    one = evaluating.report_oneself(one, "各项任务按计划推进", by=office.first, at=AT)
    one = evaluating.submit(evaluating.draft(one, by=office.first, at=AT), by=office.first, at=AT)
    one = evaluating.approve(one, by=office.leader, at=AT)
    one.frozen["data"]["indicators"][17]["target"] = "1"
    one.save()
    with pytest.raises(PlanRefused, match="与冻结时不一致"):
        evaluating.publish(one, by=office.leader, at=AT)


def test_a_target_changed_past_its_decision_is_named(office):
    made = adjusting.propose(office.plan, "18", "1", reason="抽查比例另有规定", by=office.first, at=AT)
    for note in ("评估意见：影响有限", "已报送批准机关"):
        made = adjusting.move_on(made, note, by=office.first, at=AT)
    adjusting.decide(made, approves=True, document="示例文号1", by=office.leader, at=AT)
    assert said() == []
    past_the_manager = QuerySet(PlanIndicator)
    past_the_manager.filter(number="18", version=2).update(target=2)
    assert any("target" in words for words in said())
    Adjustment.objects.update(document="另一文号")
    assert any("adjustment differs" in words for words in said())


@pytest.mark.parametrize("step", ["self_report", "third_party"])
def test_who_wrote_the_self_report_or_the_third_partys_opinion_does_not_approve_the_report(office, step):
    other = desk.officer("leader-2", office.leader.organisation, "leader")
    one = evaluating.plan_one(office.plan, "annual", 2022, by=office.first, at=AT)
    one = evaluating.freeze(one, by=office.first, at=AT)
    writer = {"self_report": office.first, "third_party": office.first} | {step: office.leader}
    one = evaluating.report_oneself(one, "各项任务按计划推进", by=writer["self_report"], at=AT)
    one = evaluating.hear_third_party(one, THIRD, by=writer["third_party"], at=AT)
    one = evaluating.submit(evaluating.draft(one, by=office.first, at=AT), by=office.first, at=AT)
    with pytest.raises(PlanRefused, match="同一个人"):
        evaluating.approve(one, by=office.leader, at=AT)
    assert evaluating.approve(one, by=other, at=AT).state == "approved"


def forged(texts, number, value):
    """Return the texts of a package in which a value, every figure and every digest were written anew."""
    data = json.loads(texts[package.DATA])
    (row,) = [one for one in data["indicators"] if one["number"] == number]
    row["points"][0].update(value=value, numerator=None, denominator=None)
    made = dict(texts)
    made[package.DATA] = json.dumps(data, ensure_ascii=False)
    made[package.FIGURES] = json.dumps(reckoning.as_json(reckoning.reckon(data)), ensure_ascii=False)
    return made


def zipped(file, texts):
    sums = "".join(
        f"{sha256(text.encode()).hexdigest()}  {name}\n"
        for name, text in texts.items()
        if name != package.SEALS
    )
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in {**texts, package.SEALS: sums}.items():
            archive.writestr(name, text)
    return file


def test_a_package_whose_figures_and_digests_were_all_written_anew_is_told_from_the_sealed_facts(
    evaluated, tmp_path
):
    file = tmp_path / "package.zip"
    file.write_bytes(package.write(evaluated.frozen["data"], queries.sealed(evaluated.plan)))
    leaves = frozenset(Fact.objects.values_list("leaf_hash", flat=True))
    found = package.recompute(file, leaves)
    assert (found.is_same, found.of_facts, found.without_fact) == (True, 2, 0)
    assert found.evaluation == str(Fact.objects.get(kind="plan_evaluation.published").pk)
    assert not package.recompute(file, frozenset()).is_same
    with zipfile.ZipFile(file) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    better = forged(texts, "18", "9.9")
    found = package.recompute(zipped(tmp_path / "a.zip", better))
    assert found.different == ("values/18/440000/2022",) and found.evaluation == ""
    facts = json.loads(texts[package.FACTS])
    (of_18,) = [one for one in facts if one["subject"].endswith("/18")]
    of_18["fact"]["payload"]["value"] = "9.9"
    del of_18["fact"]["payload"]["numerator"], of_18["fact"]["payload"]["denominator"]
    lying = better | {package.FACTS: json.dumps(facts, ensure_ascii=False)}
    found = package.recompute(zipped(tmp_path / "b.zip", lying))
    assert found.different == (f"facts/{of_18['fact_id']}",)
    of_18["leaf_hash"] = leaf_hash(canonical_bytes(of_18["fact"])).hex()
    lying = better | {package.FACTS: json.dumps(facts, ensure_ascii=False)}
    found = package.recompute(zipped(tmp_path / "c.zip", lying), leaves)
    assert (found.different, found.unsealed, found.is_same) == ((), (of_18["fact_id"],), False)
    without = better | {package.FACTS: "[]"}
    found = package.recompute(zipped(tmp_path / "d.zip", without), leaves)
    assert (found.of_facts, found.without_fact, found.evaluation) == (0, 2, "")
