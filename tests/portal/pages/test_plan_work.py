"""Officers measure the plan by pages: a value with its paper by two persons, an evaluation to its publication, a finding to its effect."""

import re
import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.apps.plan.monitoring.office import Office
from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import adjusting, evaluating, files, loading, queries
from zhijian.apps.plan.monitoring.models import (
    Adjustment,
    DataPoint,
    Evaluation,
    Plan,
    PlanWarning,
    TaskMoney,
)
from zhijian.engines.evidence.models import EvidenceFile
from zhijian.portal.views.register import today

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
VALUE = {"number": "18", "area": "440000", "year": "2023", "kind": "A", "value": "4.4", "numerator": "44",
         "denominator": "1000", "evidence": "统计年报第3页"}  # fmt: skip


@pytest.fixture
def office(db):
    return Office()


@pytest.fixture
def as_(client):
    def sign_in(officer):
        client.force_login(officer)
        return client

    return sign_in


def _post(client, address, status=302, **typed):
    answer = client.post(address, typed)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer


def test_a_value_with_its_paper_is_entered_by_one_and_confirmed_and_published_by_another(office, as_):
    paper = SimpleUploadedFile("年报.pdf", PDF, content_type="application/pdf")
    client = as_(office.first)
    entered = _post(client, "/work/plan/enter/", **VALUE, paper=paper)
    point = DataPoint.objects.get()
    assert entered.url == f"/work/plan/values/{point.pk}/"
    own = client.get(entered.url).content.decode()
    assert "年报.pdf" in own and "这是您填报的" in own and "复核通过" not in own
    assert "不能是同一个人" in _post(client, entered.url, 422, act="verify").content.decode()
    assert client.get(f"/work/files/{EvidenceFile.objects.get().pk}/").status_code == 200
    client = as_(office.second)
    assert "18 " in client.get("/work/plan/").content.decode()
    _post(client, entered.url, act="verify")
    _post(client, entered.url, act="publish")
    _post(client, entered.url, act="restate", value="4.6", numerator="46", denominator="1000", kind="A",
          evidence="统计年报更正", reason="漏统一个市")  # fmt: skip
    point.refresh_from_db()
    assert (point.state, DataPoint.objects.get(replaces=point).value) == ("restated", Decimal("4.6"))
    assert client.post(entered.url, {"act": "burn"}).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"value": "四成"}, "不是数字"), ({"value": "九十"}, "请只填数字"), ({"value": "4,4"}, "看不出是千位分隔还是小数点"),
     ({"value": "1e3"}, "不是数字"), ({"numerator": "44%"}, "分子不能带百分号"), ({"number": "1", "value": "1808%"}, "不是百分数（万户）"), ({"numerator": "50"}, "5.00%"), ({"evidence": ""}, "数据来源"),
     ({"year": "1999"}, "年度应在"), ({"year": "x"}, "年度应在"), ({"number": "99"}, "没有这个指标"),
     ({"area": "110000"}, "21个地市"), ({"kind": "Z"}, "实际值")],
)  # fmt: skip
def test_a_wrong_value_is_refused_beside_what_was_typed(office, as_, wrong, told):
    text = _post(as_(office.first), "/work/plan/enter/", 422, **(VALUE | wrong)).content.decode()
    assert told in text
    assert ("统计年报第3页" in text) == ("evidence" not in wrong)
    assert not DataPoint.objects.exists()


def test_a_value_entered_twice_and_a_paper_that_is_none_are_refused_whole(office, as_):
    client = as_(office.first)
    fake = SimpleUploadedFile("年报.pdf", b"no pdf at all")
    _post(client, "/work/plan/enter/", 422, **VALUE, paper=fake)
    assert not DataPoint.objects.exists() and not EvidenceFile.objects.exists()
    _post(client, "/work/plan/enter/", **VALUE)
    twice = _post(client, "/work/plan/enter/", 422, **VALUE).content.decode()
    assert (
        "广东省2023年的18已经有值4.4" in twice
        and "等待另一人复核），不能重复填报" in twice
        and "退回" in twice
    )
    point = DataPoint.objects.get()
    client = as_(office.second)
    for act in ("verify", "publish"):
        _post(client, f"/work/plan/values/{point.pk}/", act=act)
    assert (
        "已公布），不能重复填报。要改它，请打开这个值用“修订”"
        in _post(client, "/work/plan/enter/", 422, **VALUE).content.decode()
    )


def test_a_target_of_zero_and_a_count_below_zero_are_refused_in_words(office, as_):
    client = as_(office.first)
    _post(client, "/work/plan/start/", act="adjust", number="18", target="0", reason="示例理由写在这里")
    assert "任何值都算达到" in client.get("/work/plan/").content.decode() and not Adjustment.objects.exists()
    _post(client, "/work/plan/start/", act="adjust", number="26", target="0", reason="示例理由写在这里")
    assert Adjustment.objects.get().number == "26"  # it should fall: zero is a target
    wrong = VALUE | {"number": "1", "value": "-5", "numerator": "", "denominator": ""}
    assert "不能小于零" in _post(client, "/work/plan/enter/", 422, **wrong).content.decode()


def test_a_commitment_is_entered_confirmed_and_published_as_a_value_is(office, as_):
    told = {"number": "C54", "area": "440000", "year": "2023", "kind": "A", "evidence": "年报第3页"}
    client = as_(office.first)
    assert "C54" in client.get("/work/plan/enter/?number=C54").content.decode()
    assert "做到填1" in _post(client, "/work/plan/enter/", 422, **told, value="0.5").content.decode()
    page = _post(client, "/work/plan/enter/", **told, value="1").url
    client = as_(office.second)
    _post(client, page, act="verify")
    _post(client, page, act="publish")
    assert "/plan/commitments/?plan=" in client.get(page).content.decode()
    assert (
        "C22" in client.get("/work/plan/?year=2023").content.decode()
    )  # a floor without a value of that year


def test_a_city_enters_its_own_value_alone_and_two_lacking_cities_are_named(office, as_):
    client = as_(office.of_city)
    assert client.post("/work/plan/enter/", VALUE).status_code == 403
    _post(client, "/work/plan/enter/", **(VALUE | {"area": "440100"}))
    assert client.get("/work/plan/money/").status_code == 403
    assert "广州" in client.get("/work/plan/").content.decode()
    lacking = as_(office.second).get("/work/plan/?year=2023").content.decode()
    assert "没有报数的市：" in lacking and "深圳" in lacking
    assert as_(office.second).get("/work/plan/?year=x&page=x").status_code == 200


def test_an_evaluation_goes_over_the_pages_from_its_plan_to_its_publication(office, as_):
    office.published("26", 2022, "4.3", parts=("43", "1000"))
    client = as_(office.first)
    _post(client, "/work/plan/start/", act="evaluation", kind="annual", year="0")
    assert not Evaluation.objects.exists()
    _post(client, "/work/plan/start/", act="evaluation", kind="annual", year="2022")
    one = Evaluation.objects.get()
    page = f"/work/plan/evaluations/{one.pk}/"
    assert client.get(f"{page}report.pdf").status_code == 404
    _post(client, page, act="freeze")
    assert "自评情况" in _post(client, page, 422, act="report", text="").content.decode()
    _post(client, page, act="report", text="各项任务按计划推进")
    _post(client, page, act="third", name="示例研究院", contract="示例合同1号", independence="与各单位无关",
          method="数据复算", opinion="总体可信")  # fmt: skip
    _post(client, page, act="draft")
    seen = str(Evaluation.objects.get().version)
    _post(client, page, act="edit", key="causes", text="抽样经费到位较晚", seen=seen)
    assert (
        "刚改过"
        in _post(client, page, 422, act="edit", key="causes", text="另一说法", seen=seen).content.decode()
    )
    _post(client, page, act="warn")
    _post(client, page, act="submit")
    assert "审定" not in client.get(page).content.decode()
    client = as_(office.leader)
    assert "审定" in client.get(page).content.decode()
    _post(client, page, act="approve")
    _post(client, page, act="publish")
    assert Evaluation.objects.get().state == "published"
    assert client.get(f"{page}report.pdf").content[:5] == b"%PDF-"
    found = PlanWarning.objects.get()
    finding = f"/work/plan/findings/{found.pk}/"
    assert (
        "完成期限"
        in _post(client, finding, 422, act="assign", task="加密复查", owner="监管处").content.decode()
    )
    _post(client, finding, act="reply", cause_policy="复查人手不足", means="加密复查")
    told = client.get(finding).content.decode()
    assert "责任单位的答复" in told and "复查人手不足" in told
    due = (today() + timedelta(days=30)).isoformat()
    _post(client, finding, act="assign", task="加密复查", owner="产品质量监管处", due_on=due)
    _post(client, finding, act="close", effect="复查翻倍，发现率下降")
    assert PlanWarning.objects.get().state == "closed"
    client.cookies["django_language"] = "en"
    text = client.get(finding).content.decode()
    assert "复查翻倍" in text and "Effect" in text


def test_a_target_changes_by_its_procedure_on_the_pages_and_never_by_who_proposed_it(office, as_):
    client = as_(office.leader)
    _post(client, "/work/plan/start/", act="adjust", number="18", target="6", reason="国家要求提高")
    page = f"/work/plan/adjustments/{Adjustment.objects.get().pk}/"
    _post(client, page, act="on", note="评估认为可行")
    _post(client, page, act="on", note="已报批准机关")
    assert (
        "同一个人" in _post(client, page, 422, act="approve", document="示例办〔2026〕1号").content.decode()
    )
    assert as_(office.second).get(page).status_code == 200


def test_the_money_of_a_task_is_entered_by_one_and_confirmed_by_another(office, as_):
    typed = {
        "act": "enter",
        "paragraph": "P150",
        "year": "2022",
        "planned": "1000000",
        "spent": "900000",
        "evidence": "决算第2页",
    }
    client = as_(office.first)
    assert "负数" in _post(client, "/work/plan/money/", 422, **(typed | {"spent": "-1"})).content.decode()
    _post(client, "/work/plan/money/", **typed)
    made = TaskMoney.objects.get()
    assert "复核通过" not in client.get("/work/plan/money/").content.decode()
    for number in ("9" * 5000, "²", "-1", ""):
        _post(as_(office.second), "/work/plan/money/", 404, act="confirm", money=number)
    _post(as_(office.second), "/work/plan/money/", act="confirm", money=str(made.pk))
    assert TaskMoney.objects.get().confirmed_by == office.second


def test_without_a_plan_the_desk_says_so(db, client):
    from tests.engines.registers.declared import desk

    client.force_login(desk.officer("analyst-0", desk.unit("440000", "示例省局"), "analyst"))
    page = client.get("/work/plan/")
    assert page.status_code == 200 and "zhijian plan load" in page.content.decode()


def test_a_changed_definition_is_declared_by_one_and_reviewed_by_another_and_both_series_are_shown(
    office, as_
):
    for year, value in ((2021, "90.5"), (2022, "91.0"), (2023, "95")):
        office.published("27", year, value)
    typed = {"act": "declare", "number": "27", "year": "2023", "baseline": "86.2", "recalculated": "2021 86.8",
             "reason": "含家用电梯，见通知"}  # fmt: skip
    client = as_(office.first)
    assert (
        "读不懂"
        in _post(client, "/work/plan/breaks/", 422, **(typed | {"recalculated": "x"})).content.decode()
    )
    _post(client, "/work/plan/breaks/", **typed)
    number = str(office.plan.breaks.get().pk)
    review = {"act": "review", "break": number}
    assert "同一个人" in _post(client, "/work/plan/breaks/", 422, **review).content.decode()
    page = client.get("/plan/indicators/27/?on=2023").content.decode()
    assert "口径变化未经复核" in page and "实际（旧口径）" in page and "按新口径" in page and "86.8" in page
    _post(as_(office.second), "/work/plan/breaks/", **review)
    page = client.get("/plan/indicators/27/?on=2023").content.decode()
    assert "口径变化未经复核" not in page and "实际（新口径）" in page
    assert as_(office.of_city).get("/work/plan/breaks/").status_code == 403


@pytest.fixture
def following(office, tmp_path):
    """An invented next plan beside the one of 2021-2025, one of whose series it continues."""
    folder = tmp_path / "next"
    shutil.copytree(Path(__file__).parents[2] / "data" / "plans" / "second", folder)
    lines = (folder / "indicators.csv").read_text("utf-8").splitlines()
    rows = [lines[0] + ",continues", *(line + "," for line in lines[1:])]
    rows.append(
        "Z4,示例,Sample,电梯保险覆盖率,Lift insurance,%,%,92%,≥97%,expected,linear,,,,,,gd-amr-2021-2025/27"
    )
    (folder / "indicators.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return loading.load(files.read(folder), at=AT).plan


def test_every_page_of_the_next_plan_stays_with_it_and_shows_the_series_that_run_on(office, following, as_):
    office.published("27", 2024, "91.5")
    client = as_(office.first)
    named = {"plan": following.code}
    typed = VALUE | named | {"number": "Z4", "year": "2026", "as_of": "2026-11-20", "kind": "P", "value": "93",
                             "numerator": "93", "denominator": "100"}  # fmt: skip
    page = _post(client, "/work/plan/enter/", **typed).url
    client = as_(office.second)
    for act in ("verify", "publish"):
        _post(client, page, act=act)
    for address in (
        "/plan/text/",
        "/plan/commitments/",
        "/plan/indicators/",
        "/plan/indicators/Z4/",
        "/plan/money/",
    ):
        text = client.get(address, named).content.decode()
        assert "示例市场监管规划" in text or "Z4" in text
        links = re.findall(r'href="(/plan/(?:text|commitments|indicators|money)/[^"]*)"', text)
        assert all("plan=" in link for link in links), (address, links)
    shown = client.get("/plan/indicators/Z4/", named).content.decode()
    assert (
        "91.5" in shown and "上一规划期" in shown and "接着上一个规划的数列" in shown and "合成数据" in shown
    )
    assert "这个数列在下一个规划里接着" in client.get("/plan/indicators/27/").content.decode()
    for address in ("/work/plan/", "/work/plan/enter/", "/work/plan/money/", "/work/plan/breaks/"):
        assert client.get(address, named).status_code == 200
    back = _post(client, "/work/plan/start/", **named, act="adjust", number="Z4", target="x", reason="示例")
    assert back.url == f"/work/plan/?plan={following.code}"
    paid = named | {
        "act": "enter",
        "paragraph": "Q2",
        "year": "2026",
        "planned": "5",
        "spent": "4",
        "evidence": "示例决算",
    }
    assert _post(client, "/work/plan/money/", **paid).url == f"/work/plan/money/?plan={following.code}"


def _files(**changed):
    folder = Path(__file__).parents[2] / "data" / "plans" / "second"
    made = {}
    for name in files.NAMES:
        text = (folder / name).read_text("utf-8")
        old, new = changed.get(name.replace(".", "_"), ("", ""))
        assert old in text
        made[name.replace(".", "_")] = SimpleUploadedFile(name, text.replace(old, new, 1).encode())
    return made


def test_the_next_plan_is_checked_by_an_analyst_and_loaded_by_a_leader_on_a_page_without_a_line_of_code(
    office, as_
):
    client, page = as_(office.first), "/work/plan/load/"
    wrong = _post(client, page, 422, act="check", **_files(indicators_csv=("Z2,", "Z1,"))).content.decode()
    assert "indicators.csv第3行：编号Z1与第2行重复。请改其中一个" in wrong and "什么都没有装入" in wrong
    assert "没有这个文件" in _post(client, page, 422, act="check").content.decode()
    huge = _files() | {"plan_yaml": SimpleUploadedFile("plan.yaml", b"a: 1\n" * 20_000)}
    assert "64KB" in _post(client, page, 422, act="check", **huge).content.decode()
    assert "装入会新增6行，改动0行" in _post(client, page, 200, act="check", **_files()).content.decode()
    assert client.post(page, {"act": "load", **_files()}).status_code == 403
    assert Plan.objects.count() == 1
    client = as_(office.leader)
    assert client.post(page, {"act": "burn"}).status_code == 404
    loaded = _post(client, page, act="load", **_files())
    assert loaded.url == "/work/plan/?plan=invented-2026-2030"
    plan = Plan.objects.get(code="invented-2026-2030")
    assert [one.actor for one in queries.steps_of("plan", plan.pk)] == [office.leader]
    assert "示例市场监管规划" in client.get(loaded.url).content.decode()
    assert as_(office.of_city).get(page).status_code == 403


def test_an_account_of_the_demonstration_loads_invented_plans_only(office, as_):
    office.leader.is_synthetic = True
    office.leader.save(update_fields=["is_synthetic"])
    real = _files(plan_yaml=("is_synthetic: true", "is_synthetic: false"))
    told = _post(as_(office.leader), "/work/plan/load/", 422, act="load", **real).content.decode()
    assert "演示账号只能装入" in told and Plan.objects.count() == 1


def test_the_targets_of_the_next_plan_are_broken_down_by_year_on_a_page(office, following, as_):
    client, page = as_(office.first), f"/work/plan/targets/?plan={following.code}"
    told = {"act": "enter", "plan": following.code, "number": "Z4", "evidence": "示例分解通知1号"}
    years = "2026 93\n2027 94\n2028 95\n2029 96\n2030 97"
    assert "还缺2027" in _post(client, page, 422, **told, targets="2026 93").content.decode()
    assert _post(client, page, **told, targets=years).url == page
    assert "复核通过" not in client.get(page).content.decode()
    client = as_(office.second)
    _post(client, page, plan=following.code, act="confirm", number="Z4")
    shown = client.get("/plan/indicators/Z4/", {"plan": following.code}).content.decode()
    assert "年度目标" in shown
    assert "规划期已满" in client.get("/work/plan/targets/?plan=gd-amr-2021-2025").content.decode()
    assert as_(office.of_city).get(page).status_code == 403


def test_a_quarter_is_entered_by_the_page_shown_in_a_table_and_a_line_and_written_to_the_csv(office, as_):
    client = as_(office.first)
    form = client.get("/work/plan/enter/?number=6").content.decode()
    assert "可按季报" in form and "四季相加为全年" in form
    typed = {
        "number": "6",
        "area": "440000",
        "year": "2024",
        "quarter": "2",
        "kind": "A",
        "value": "120",
        "evidence": "季度快报第2期",
    }
    entered = _post(client, "/work/plan/enter/", **typed)
    assert "2024年二季度" in client.get(entered.url).content.decode()
    again = _post(client, "/work/plan/enter/", 422, **typed).content.decode()
    assert "第2季度" in again and 'value="2" selected' in again
    assert "按年报" in _post(client, "/work/plan/enter/", 422, **(typed | {"number": "18"})).content.decode()
    client = as_(office.second)
    assert "2024年二季度" in client.get("/work/plan/").content.decode()
    _post(client, entered.url, act="verify")
    _post(client, entered.url, act="publish")
    point = DataPoint.objects.get()
    assert (point.quarter, point.as_of.isoformat()) == (2, "2024-06-30")
    client.logout()
    page = client.get("/plan/indicators/6/").content.decode()
    assert "各季的值" in page and "二季度" in page and "2024Q2" in page
    assert ",2024,2,2024-06-30," in client.get("/plan/indicators/6/?format=csv").content.decode()
    assert "2024年一季度没有公布的值" in client.get("/plan/indicators/?on=2024").content.decode()


def test_a_county_s_value_is_entered_by_its_own_officer_and_shown_with_what_its_city_lacks(office, as_):
    unit = desk.unit("441202", "示例区局")
    first, second = (desk.officer(f"county-{n}", unit, "analyst") for n in (1, 2))
    client = as_(first)
    form = client.get("/work/plan/enter/?number=18").content.decode()
    assert "可按县报" in form and 'value="441202"' in form
    assert 'value="441203"' not in form and 'value="441200"' not in form
    typed = VALUE | {"area": "441202"}
    assert client.post("/work/plan/enter/", VALUE | {"area": "441203"}).status_code == 403
    assert (
        "不按县（区）填报"
        in _post(client, "/work/plan/enter/", 422, **(typed | {"number": "20"})).content.decode()
    )
    entered = _post(client, "/work/plan/enter/", **typed)
    client = as_(second)
    assert "肇庆端州区" in client.get("/work/plan/").content.decode()
    _post(client, entered.url, act="verify")
    _post(client, entered.url, act="publish")
    assert as_(office.of_city).get(entered.url).status_code == 403
    client.logout()
    page = client.get("/plan/indicators/18/?on=2023").content.decode()
    assert "2023年各县（区）" in page and "肇庆端州区" in page and "2023年肇庆缺" in page
    assert "441202,2023,," in client.get("/plan/indicators/18/?format=csv").content.decode()
    assert "迟到的县（区）" in client.get("/plan/indicators/?on=2023").content.decode()


def test_a_returned_draft_says_who_returned_it_and_why_until_it_is_handed_in_again(office, as_):
    by = {"by": office.first, "at": AT}
    office.published("18", 2023, "4.4", parts=("44", "1000"))
    one = evaluating.freeze(evaluating.plan_one(office.plan, "annual", 2023, **by), **by)
    one = evaluating.draft(evaluating.report_oneself(one, "各项任务按计划推进", **by), **by)
    address = f"/work/plan/evaluations/{one.pk}/"
    client = as_(office.first)
    fresh = client.get(address).content.decode()
    assert "已有第三方意见" not in fresh and "改好后请再送审" not in fresh
    one = evaluating.submit(one, **by)
    evaluating.give_back(one, "原因一节没有依据", by=office.leader, at=AT)
    page = client.get(address).content.decode()
    assert "改好后请再送审" in page and "原因一节没有依据" in page
    _post(client, address, act="submit")
    assert "改好后请再送审" not in client.get(address).content.decode()


def test_an_approved_adjustment_shows_the_target_that_it_took_the_place_of(office, as_):
    made = adjusting.propose(office.plan, "20", "98.2", reason="抽样方案变化", by=office.first, at=AT)
    for note in ("评估意见：影响有限", "已报送批准机关"):
        made = adjusting.move_on(made, note, by=office.first, at=AT)
    client = as_(office.leader)
    assert "调整前的目标" not in client.get(f"/work/plan/adjustments/{made.pk}/").content.decode()
    adjusting.decide(made, approves=True, document="示例文号1", by=office.leader, at=AT)
    page = client.get(f"/work/plan/adjustments/{made.pk}/").content.decode()
    assert "调整前的目标" in page and "98.5%" in page and "98.2%" in page
