"""The next plan is data: loaded from files beside the one before, whose series run on; a file with a fault changes nothing."""

import shutil
from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest

from tests.apps.plan.monitoring.office import Office
from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import evaluating, exporting, files, loading, queries, services, warning
from zhijian.apps.plan.monitoring.models import Plan, PlanIndicator, PlanItem
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.rules import Light
from zhijian.apps.plan.monitoring.services import Typed
from zhijian.standards import divisions

SECOND = Path(__file__).resolve().parents[3] / "data" / "plans" / "second"


def changed(folder, name, *pairs):
    shutil.copytree(SECOND, folder)
    text = (folder / name).read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def office(db):
    return Office()


@pytest.mark.parametrize(
    ("name", "old", "new", "zh", "en"),
    [
        ("indicators.csv", "Z2,", "Z1,", "indicators.csv第3行：编号Z1与第2行重复。请改其中一个", "line 3: The number Z1 stands in line 2"),
        ("indicators.csv", "Z2,", ",", "indicators.csv第3行：编号空着", "line 3: The number is empty"),
        ("indicators.csv", "≥97%", "", "indicators.csv第4行：没有目标值。请在target一栏", "line 4: There is no target"),
        ("indicators.csv", "抽检合格率,Pass rate,%,%", "抽检合格率,Pass rate,单,lots", "第4行：unit_zh一栏的“单”不认识，请核对", "under units in plan.yaml"),
        ("indicators.csv", "binding", "bnding", "attribute一栏的“bnding”不认识，只能是：binding, expected", "Write one of binding, expected"),
        ("indicators.csv", "零事故", "", "第2行：name_zh一栏空着", "name_zh is empty"),
        ("indicators.csv", "(50)", "(50", "第3行：“(50”的括号没有成对", "bracket is not closed"),
        ("indicators.csv", "linear,yes,,,,", "linear,yes,,,,,多一格", "第4行：格数和表头不同", "line 4: The number of cells"),
        ("commitments.csv", ",checks,", ",heaps,", "commitments.csv第2行：unit一栏的“heaps”不认识", "line 2: 'heaps'"),
        ("commitments.csv", "per year", "per annum", "basis一栏的“per annum”不认识", "'per annum'"),
        ("commitments.csv", ",checks,,", ",checks,soon,", "due一栏的“soon”不是年份", "is no year"),
        ("commitments.csv", ",Q2", ",Q9", "没有段落Q9", "no paragraph Q9"),
        ("paragraphs.csv", ",2026,2030,", ",2026,later,", "paragraphs.csv第3行：to_year一栏的“later”不是年份", "line 3: 'later'"),
        ("paragraphs.csv", "示例处,Sample office", ",", "第3行：任务没有写责任单位", "line 3: A task has no owner"),
        ("paragraphs.csv", ",task,", ",chore,", "kind一栏的“chore”不认识", "'chore'"),
        ("plan.yaml", "is_synthetic: true", "is_synthetic: true\nunits: [a]", "units写作", "Write units as"),
    ],
)  # fmt: skip
def test_a_file_with_a_fault_says_where_and_what_to_do(tmp_path, name, old, new, zh, en):
    with pytest.raises(files.WrongPlan) as wrong:
        files.read(changed(tmp_path / "p", name, (old, new)))
    assert zh in wrong.value.message_zh and en in wrong.value.message_en


def test_every_fault_of_a_folder_is_told_at_once_and_nothing_of_it_is_kept(office, tmp_path):
    wrong_cells = (("≥97%", "ninety"), ("binding", "bnding"), ("Z2,", "Z1,"), ("个,", "堆,"))
    folder = changed(tmp_path / "p", "indicators.csv", *wrong_cells)
    with pytest.raises(files.WrongPlan) as wrong:
        loading.load(files.read(folder), at=AT)
    fields = [
        one.field for one in wrong.value.problems
    ]  # 3: twice Z1, and the unit; the paragraph links to a lost Z2
    assert fields == [f"indicators.csv {line}" for line in (3, 2, 3, 4)] + ["paragraphs.csv 3"]
    assert Plan.objects.count() == 1


@pytest.mark.parametrize("is_synthetic", ["true", "false"])
def test_a_period_that_another_plan_has_is_refused_and_nothing_is_kept(office, tmp_path, is_synthetic):
    head = (("2026-01-01", "2025-07-01"), ("is_synthetic: true", f"is_synthetic: {is_synthetic}"))
    folder = changed(tmp_path / "p", "plan.yaml", *head)
    with pytest.raises(files.WrongPlan) as wrong:
        loading.load(files.read(folder), at=AT)
    assert "重叠" in wrong.value.message_zh and "gd-amr-2021-2025" in wrong.value.message_en
    assert not PlanIndicator.objects.filter(number="Z1").exists()


def test_a_real_plan_may_come_beside_an_invented_one_of_the_same_years(db, tmp_path):
    loading.load(files.read(SECOND), at=AT)
    real = changed(
        tmp_path / "p",
        "plan.yaml",
        ("invented-2026-2030", "real-2026-2030"),
        ("synthetic: true", "synthetic: false"),
    )
    loading.load(files.read(real), at=AT)
    assert queries.plan_on(date(2027, 1, 1)).code == "real-2026-2030"


def test_a_unit_of_its_own_is_declared_in_the_head_of_the_plan(db, tmp_path):
    folder = changed(tmp_path / "p", "commitments.csv", (",checks,", ",jobs,"))
    head = folder / "plan.yaml"
    head.write_text(head.read_text("utf-8") + "units: {jobs: 个岗位}\n", "utf-8")
    plan = loading.load(files.read(folder), at=AT).plan
    assert queries.commitment(plan, "K1").unit_zh == "个岗位"


def test_a_row_that_is_gone_or_a_text_too_long_is_refused_and_the_register_stands(db, tmp_path):
    loading.load(files.read(SECOND), at=AT)
    table = (SECOND / "indicators.csv").read_text("utf-8")
    last = table.splitlines()[-1]
    gone = changed(tmp_path / "gone", "indicators.csv", (last, last.replace("Z3", "Z4")))
    with pytest.raises(files.WrongPlan, match="takes nothing away"):
        loading.load(files.read(gone), at=AT)
    long = changed(tmp_path / "long", "indicators.csv", ("抽检合格率", "抽检合格率" * 30))
    with pytest.raises(files.WrongPlan) as wrong:
        loading.load(files.read(long), at=AT)
    assert "indicators.csv第4行：name_zh最多120字，现有150字" in wrong.value.message_zh
    assert sorted(PlanIndicator.objects.values_list("number", flat=True)) == ["Z1", "Z2", "Z3"]


def test_the_period_of_a_plan_with_values_does_not_change_by_a_file(db, tmp_path, office):
    plan = loading.load(files.read(SECOND), at=AT).plan
    services.submit(plan, "Z1", 2026, _typed("3"), by=office.first, at=AT)
    later = changed(tmp_path / "p", "plan.yaml", ("2030-12-31", "2031-12-31"))
    with pytest.raises(files.WrongPlan, match="does not change by a file"):
        loading.load(files.read(later), at=AT)


def test_a_check_says_what_loading_would_do_and_does_nothing(db):
    found = loading.check(files.read(SECOND), at=AT)
    assert (
        (found.added, found.changed) == (6, 0) and not Plan.objects.exists() and not PlanItem.objects.exists()
    )


CONTINUES = (
    ("definition_zh,definition_en", "definition_zh,definition_en,continues"),
    (",binding,linear,,,,,", ",binding,linear,,,,,,"),
    ("(50),expected,linear,,,,,", "(50),expected,linear,,,,,,"),
    ("抽检合格率,Pass rate,%,%,95%,≥97%,expected,linear,yes,,,,", "电梯保险覆盖率,Lift insurance,%,%,92%,≥97%,expected,linear,,,,,,gd-amr-2021-2025/27"),
)  # fmt: skip


def test_a_row_that_continues_a_series_names_it_and_a_lost_or_other_series_is_refused(office, tmp_path):
    plan = loading.load(files.read(changed(tmp_path / "a", "indicators.csv", *CONTINUES)), at=AT).plan
    office.published("27", 2024, "91")
    row = queries.indicator(plan, "Z3")
    before = queries.earlier(row, is_public=True)
    assert (before.row.number, before.series) == ("27", {2024: D("91")})
    assert [one.number for one in queries.later(queries.indicator(office.plan, "27"))] == ["Z3"]
    for tie, told in (("gd-amr-2021-2025/99", "is not found"), ("gd-amr-2021-2025/1", "Use the same unit")):
        last = (CONTINUES[-1][0], CONTINUES[-1][1].replace("gd-amr-2021-2025/27", tie))
        folder = changed(tmp_path / tie.rpartition("/")[2], "indicators.csv", *CONTINUES[:-1], last)
        with pytest.raises(files.WrongPlan, match=told):
            loading.load(files.read(folder), at=AT)


def _typed(value):
    return Typed(value, AT.date(), "P", evidence="示例月报第2页")


def test_the_next_plan_is_measured_by_two_persons_and_evaluated_as_the_one_before_whose_series_run_on(office):
    plan, by = loading.load(files.read(SECOND), at=AT).plan, {"by": office.first, "at": AT}
    for number, value in (("Z1", "5"), ("Z2", "9"), ("Z3", "96")):
        point = services.submit(plan, number, 2026, _typed(value), **by)
        assert point.is_synthetic
        services.publish(services.verify(point, by=office.second, at=AT), by=office.second, at=AT)
    office.published("27", 2025, "92.5")
    services.submit(office.plan, "27", 2026, _typed("93"), **by)  # the series of the plan before runs on
    figures = {one.number: one for one in queries.whole(plan, date(2026, 11, 30)).figures}
    assert figures["Z1"].light == Light.RED and figures["Z1"].goal.is_binding
    assert (figures["Z2"].judged.value, figures["Z2"].light) == (9, Light.GREEN)
    plan.midterm_on = date(2026, 11, 20)
    plan.save()
    one = evaluating.freeze(evaluating.plan_one(plan, "midterm", 2026, **by), **by)
    one = evaluating.draft(evaluating.report_oneself(one, "示例：按年度任务推进", **by), **by)
    assert "示例市场监管规划" in one.plan.title_zh and "3 indicators" in one.summary_en and one.is_synthetic
    assert [found.number for found in warning.raise_from(one, **by)] == ["Z1"]
    one = evaluating.submit(one, **by)
    evaluating.publish(evaluating.approve(one, by=office.leader, at=AT), by=office.leader, at=AT)
    assert office.plan.evaluations.count() == 0


CITIES = [one.code6 for one in divisions.PREFECTURES]


def test_a_rate_of_a_thousand_people_is_summed_by_its_unit_and_what_is_counted_adds_up(office):
    for place, area in enumerate(CITIES):
        office.published("19", 2023, "7", area=area, parts=("7000", "1000000"))
        office.published("9", 2023, str(100 + place), area=area)
        office.published("2", 2023, "60", area=area)
    by_number = {one.number: one for one in queries.whole(office.plan, date(2023, 12, 31)).figures}
    assert (by_number["19"].judged.value, by_number["19"].is_from_cities) == (7, True)
    assert by_number["9"].judged.value == sum(100 + place for place in range(21))
    assert by_number["2"].judged.value is None  # a level that is no rate: the province reports it itself


def test_a_rate_of_a_thousand_people_that_is_not_its_parts_is_refused(office):
    with pytest.raises(PlanRefused, match=r"7\.00批次/千人"):
        office.enter("19", 2023, "70", parts=("7000", "1000000"))


def test_a_plan_is_written_as_its_folder_to_begin_the_next_with_and_read_again_changes_nothing(
    office, tmp_path
):
    exporting.write(office.plan, tmp_path / "out")
    again = loading.load(files.read(tmp_path / "out"), at=AT)
    assert (again.added, again.changed) == (0, 0) and again.plan.code == "gd-amr-2021-2025"
    with pytest.raises(exporting.NotEmpty, match="not empty"):
        exporting.write(office.plan, tmp_path / "out")
