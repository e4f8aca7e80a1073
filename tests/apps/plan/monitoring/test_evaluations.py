"""An evaluation goes its way to the report; findings are tracked to their effect; a third party gets every figure again."""

import zipfile
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.apps.plan.monitoring.office import Office
from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import evaluating, money, package, queries, reports, services, warning
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.services import Typed
from zhijian.engines.facts.models import Fact
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.database
THIRD = {"name": "示例研究院", "contract": "示例合同1号", "independence": "与各单位没有利害关系", "method": "数据复算和访谈",
         "opinion": "总体可信", "dissent": "第26项样本太小"}  # fmt: skip


@pytest.fixture
def office(db):
    made = Office()
    made.published("18", 2022, "4.4", parts=("44", "1000"))
    made.published("26", 2022, "4.3", parts=("43", "1000"))
    return made


def test_an_evaluation_goes_from_frozen_data_over_draft_and_review_to_a_sealed_report(office):
    at, by = {"at": AT}, {"by": office.first}
    one = evaluating.plan_one(office.plan, "annual", 2022, **by, **at)
    with pytest.raises(PlanRefused, match="已经有了"):
        evaluating.plan_one(office.plan, "annual", 2022, **by, **at)
    with pytest.raises(PlanRefused, match="别的环节"):
        evaluating.draft(one, **by, **at)
    one = evaluating.freeze(one, **by, **at)
    office.published("27", 2022, "91", parts=("91", "100"))  # comes too late: what is frozen stays
    one = evaluating.report_oneself(one, "各项任务按计划推进", **by, **at)
    with pytest.raises(PlanRefused, match="独立性声明"):
        evaluating.hear_third_party(one, {**THIRD, "independence": ""}, **by, **at)
    one = evaluating.hear_third_party(one, THIRD, **by, **at)
    one = evaluating.draft(one, **by, **at)
    texts = {section["key"]: section["text"] for section in one.sections}
    assert "达到进度1项" in texts["overall"] and "约束性" in texts["overall"] and "26 " in texts["behind"]
    assert texts["self_report"] == "各项任务按计划推进" and "28 indicators" in one.summary_en
    assert "27 电梯保险覆盖率" in texts["behind"] and "没有可用数据" in texts["behind"]
    assert texts["outlook"].startswith("28项不作预测：年度值还不足4个")
    assert {point["as_of"] for row in one.frozen["data"]["indicators"] for point in row["points"]} == {
        "2022-12-31"
    }
    edited = evaluating.edit(one, "causes", "抽样口径没有变化，经费到位较晚", seen=one.version, **by, **at)
    with pytest.raises(PlanRefused, match="刚改过"):
        evaluating.edit(one, "causes", "另一个说法", seen=one.version, by=office.second, **at)
    one = evaluating.submit(edited, by=office.leader, **at)
    with pytest.raises(Forbidden):
        evaluating.approve(one, by=office.second, **at)
    with pytest.raises(PlanRefused, match="同一个人"):
        evaluating.approve(one, by=office.leader, **at)
    one = evaluating.give_back(one, "原因写得太少", by=office.leader, **at)
    one = evaluating.approve(evaluating.submit(one, **by, **at), by=office.leader, **at)
    one = evaluating.publish(one, by=office.leader, **at)
    fact = Fact.objects.get(kind="plan_evaluation.published")
    assert fact.payload["figures"] == one.digest == evaluating.digest_of(one.frozen["data"])
    assert [step.verb for step in queries.steps_of("evaluation", one.pk)][-3:] == [
        "review",
        "approved",
        "published",
    ]


def test_a_day_ahead_cannot_be_frozen(office):
    office.plan.ends_on = date(2027, 12, 31)
    office.plan.save()
    one = evaluating.plan_one(office.plan, "final", 2025, by=office.first, at=AT)
    with pytest.raises(PlanRefused, match="还没有到"):
        evaluating.freeze(one, by=office.first, at=AT)


def test_a_finding_becomes_a_task_and_is_closed_by_what_it_changed(office):
    one = evaluating.plan_one(office.plan, "annual", 2022, by=office.first, at=AT)
    with pytest.raises(PlanRefused, match="没有冻结"):
        warning.raise_from(one, by=office.first, at=AT)
    one = evaluating.freeze(one, by=office.first, at=AT)
    raised = warning.raise_from(one, by=office.first, at=AT)
    assert [(found.number, found.level, found.reply_due_on) for found in raised] == [
        ("26", "red", date(2026, 12, 4))
    ]
    assert warning.raise_from(one, by=office.first, at=AT) == []
    with pytest.raises(PlanRefused, match="不能早于今天"):
        warning.assign(raised[0], "加密复查", "产品质量监管处", date(2026, 11, 1), by=office.leader, at=AT)
    task = warning.assign(
        raised[0], "加密复查", "产品质量监管处", date(2026, 12, 31), by=office.leader, at=AT
    )
    office.published("26", 2023, "3.1", parts=("31", "1000"))
    closed = warning.close(task, "复查次数翻倍，发现率下降", by=office.leader, at=AT)
    assert (float(closed.value_before), float(closed.value_after), closed.state) == (4.3, 3.1, "closed")


def test_a_third_party_gets_every_figure_again_and_sees_what_was_changed(office, tmp_path):
    data = queries.data(office.plan, date(2022, 12, 31), is_public=True)
    made, file = package.write(data, queries.sealed(office.plan)), tmp_path / "package.zip"
    assert made == package.write(data, queries.sealed(office.plan))
    file.write_bytes(made)
    found = package.recompute(file)
    assert (found.same, found.is_same) == (125, True)
    with zipfile.ZipFile(file) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert (
        len(queries.sealed(office.plan)) == 2
        and queries.sealed(office.plan)[0]["leaf_hash"] in texts["facts.json"]
    )
    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(forged, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text.replace('"4.4"', '"4.9"') if name == package.DATA else text)
    with pytest.raises(package.WrongPackage, match="changed"):
        package.recompute(forged)
    file.write_bytes(made[:100])
    with pytest.raises(package.WrongPackage):
        package.recompute(file)


def test_who_wrote_a_section_does_not_approve_the_report_though_another_hands_it_in(office):
    at, by = {"at": AT}, {"by": office.first}
    one = evaluating.freeze(evaluating.plan_one(office.plan, "annual", 2022, **by, **at), **by, **at)
    one = evaluating.draft(evaluating.report_oneself(one, "各项任务按计划推进", **by, **at), **by, **at)
    one = evaluating.edit(one, "causes", "经费到位较晚，人手不足", seen=one.version, by=office.leader, **at)
    one = evaluating.submit(one, **by, **at)
    with pytest.raises(PlanRefused, match="同一个人"):
        evaluating.approve(one, by=office.leader, **at)


def _frozen(office, year):
    by = {"by": office.first, "at": AT}
    return evaluating.freeze(evaluating.plan_one(office.plan, "annual", year, **by), **by)


def test_the_owner_replies_with_causes_of_their_kind_and_the_report_tells_them_apart(office):
    by, one = {"by": office.first, "at": AT}, _frozen(office, 2022)
    (found,) = warning.raise_from(one, **by)
    for causes in ({}, {"policy": " "}, {"luck": "运气不好没有办法"}):
        with pytest.raises(PlanRefused, match="至少写明一种原因"):
            warning.reply(found, causes, "加密复查", **by)
    with pytest.raises(PlanRefused, match="口径变化要先"):
        warning.reply(found, {"definition": "今年含网店"}, "加密复查", **by)
    with pytest.raises(Forbidden):
        warning.reply(found, {"policy": "复查人手不足"}, "加密复查", by=office.of_city, at=AT)
    told = warning.reply(
        found, {"policy": "复查人手不足", "external": "", "data": "两个市晚报"}, "加密复查", **by
    )
    assert (told.causes, told.state) == ({"policy": "复查人手不足", "data": "两个市晚报"}, "raised")
    one = evaluating.draft(evaluating.report_oneself(one, "各项任务按计划推进", **by), **by)
    causes = next(part["text"] for part in one.sections if part["key"] == "causes")
    assert (
        "26 质量违法产品继续销售发现率：政策和工作：复查人手不足。数据：两个市晚报。责任单位打算：加密复查。"
        in causes
    )
    warning.assign(told, "加密复查", "产品质量监管处", date(2026, 12, 31), by=office.leader, at=AT)
    with pytest.raises(PlanRefused, match="别的环节"):
        warning.reply(told, {"policy": "复查人手不足"}, "加密复查", **by)


def test_without_a_reply_the_report_says_so_and_gives_no_cause(office):
    by, one = {"by": office.first, "at": AT}, _frozen(office, 2022)
    warning.raise_from(one, **by)
    one = evaluating.draft(evaluating.report_oneself(one, "各项任务按计划推进", **by), **by)
    causes = next(part["text"] for part in one.sections if part["key"] == "causes")
    assert "责任单位还没有答复（2026年12月4日前应答复）" in causes


def test_a_changed_definition_is_told_as_a_cause_once_it_is_declared(office):
    by = {"by": office.first, "at": AT}
    services.declare_break(office.plan, "26", 2022, reason="今年含网店", baseline="4.8", **by)
    one = _frozen(office, 2022)
    (found,) = warning.raise_from(one, **by)
    warning.reply(found, {"definition": "含网店以后发现率升高"}, "两种口径并报", **by)
    one = evaluating.draft(evaluating.report_oneself(one, "各项任务按计划推进", **by), **by)
    causes = next(part["text"] for part in one.sections if part["key"] == "causes")
    assert (
        "口径自2022年有变化（今年含网店，基期按新口径为4.8，还没有复核）" in causes
        and "口径变化：含网店以后" in causes
    )


def test_a_yellow_warning_becomes_red_when_a_later_evaluation_finds_the_row_clearly_behind(office):
    by = {"by": office.first, "at": AT}
    office.published("3", 2022, "64")  # 9 of 25 points after 40 percent of the time
    raised = {found.number: found for found in warning.raise_from(_frozen(office, 2022), **by)}
    assert raised["3"].level == "yellow"
    office.published("3", 2023, "60")
    assert warning.raise_from(_frozen(office, 2023), **by) == []
    raised["3"].refresh_from_db()
    assert (raised["3"].level, raised["3"].evaluation.year) == ("red", 2023)
    assert [one.verb for one in queries.steps_of("warning", raised["3"].pk)] == ["raised", "worsened"]


def _published(office, one, at):
    by = {"by": office.first, "at": at}
    one = evaluating.draft(
        evaluating.report_oneself(evaluating.freeze(one, **by), "各项任务按计划推进", **by), **by
    )
    one = evaluating.submit(one, **by)
    return evaluating.publish(evaluating.approve(one, by=office.leader, at=at), by=office.leader, at=at)


def test_the_final_evaluation_comes_before_the_period_ends_of_estimates_and_is_restated_with_actual_values(
    office,
):
    autumn = datetime(2025, 9, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    spring = datetime(2025, 6, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    typed = Typed("1790", date(2025, 12, 31), "E", evidence="示例处预计")
    by = {"by": office.first, "at": autumn}
    with pytest.raises(PlanRefused, match="只能填预计值"):
        services.submit(
            office.plan, "1", 2025, Typed("1790", date(2025, 12, 31), "A", evidence="示例处预计"), **by
        )
    point = services.submit(office.plan, "1", 2025, typed, **by)
    point = services.publish(services.verify(point, by=office.second, at=autumn), by=office.second, at=autumn)
    planned = evaluating.plan_one(office.plan, "final", 2025, **by)
    with pytest.raises(PlanRefused, match="还没有到"):
        evaluating.freeze(planned, by=office.first, at=spring)
    first = _published(office, planned, autumn)
    assert rows_of(first)["1"] == ("1790", "attained", ["estimate"])
    with pytest.raises(PlanRefused, match="没有变"):
        evaluating.plan_one(office.plan, "final", 2025, **by)
    actual = Typed("1765", date(2025, 12, 31), "A", evidence="统计年报第3页")
    new = services.restate(point, actual, reason="年报的实际值", by=office.first, at=AT)
    services.publish(services.verify(new, by=office.second, at=AT), by=office.second, at=AT)
    second = evaluating.plan_one(office.plan, "final", 2025, by=office.first, at=AT)
    with pytest.raises(PlanRefused, match="已经有了"):
        evaluating.plan_one(office.plan, "final", 2025, by=office.first, at=AT)
    second = _published(office, second, AT)
    assert (second.edition, rows_of(second)["1"]) == (2, ("1765", "basically", []))
    told = next(part["text"] for part in second.sections if part["key"] == "restated")
    assert "1 期末市场主体总量：1,790（预计值）、实现目标改为1,765、基本实现。" in told
    first.refresh_from_db()
    assert (first.state, rows_of(first)["1"][0]) == ("published", "1790")
    assert evaluating.later_edition(first) == second and evaluating.earlier_edition(second) == first
    assert reports.title_of(second).endswith("总结评估报告（第2版）")
    assert Fact.objects.filter(kind="plan_evaluation.published").count() == 2


def rows_of(one):
    told = {row["number"]: row["judged"] for row in one.frozen["figures"]["figures"]}
    return {number: (judged["value"], judged["light"], judged["notes"]) for number, judged in told.items()}


def test_the_report_has_tasks_with_their_money_the_error_of_samples_and_every_definition(office):
    by = {"by": office.first, "at": AT}
    spent = [
        money.enter(
            office.plan, "P150", 2022, money.Typed("1000000", "800000", "400", "户次", "示例决算1号"), **by
        ),
        money.enter(office.plan, "P150", 2023, money.Typed("9", "9", "9", "户次", "示例决算2号"), **by),
        money.enter(office.plan, "P093", 2022, money.Typed("500000", "0", "", "", "示例决算3号"), **by),
        money.enter(office.plan, "P074", 2022, money.Typed("500000", "0", "", "", "示例决算4号"), **by),
    ]
    for one in spent[:3]:
        money.confirm(one, by=office.second, at=AT)
    office.published("20", 2022, "98.4", parts=("984", "1000"))
    one = _frozen(office, 2022)
    one = evaluating.draft(evaluating.report_oneself(one, "各项任务按计划推进", **by), **by)
    texts = {part["key"]: part["text"] for part in one.sections}
    assert (
        "（2022年）：预算100.00万元，支出80.00万元，执行率80.0%；产出400户次，每万元5.00户次。"
        in texts["projects"]
    )
    assert (
        "P093" in texts["projects"]
        and "不算单位产出" in texts["projects"]
        and "P074" not in texts["projects"]
    )
    assert "97.42%至99.01%，目标≥98.5%：点估计未达标，差异不显著。" in texts["sampling"]
    assert "战略性新兴产业的发明专利" in texts["definitions"] and len(texts["definitions"].splitlines()) == 28
    assert (
        "由本站登记数据每夜计算" in texts["definitions"]
        and "战略性" in one.frozen["data"]["indicators"][3]["definition_zh"]
    )
    assert all(len(text) <= 6000 for text in texts.values())
