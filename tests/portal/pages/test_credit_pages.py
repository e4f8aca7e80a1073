"""The class of a firm for officers with what would change it; its method for everybody; activity in sums only."""

import json
from datetime import date

import pyarrow as pa
import pytest
from django.test import Client

from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.rating import rate
from zhijian.engines.registers import build

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def rated(inspected, home):
    """The town with its classes computed from its own facts."""
    from zhijian.engines.facts.standing import standing_own_facts

    lake = Lake(home.lake)
    rate(lake, month_end=date(2026, 11, 30), own_facts=standing_own_facts())
    build(lake, home.serving, at=inspected.AT)
    return inspected


@pytest.fixture
def inspector(inspected, client):
    client.force_login(inspected.officer("one", "inspector"))
    return client


def text(client, path, **query):
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_everybody_may_read_the_method_but_no_weight_and_no_firm(inspected, client):
    page = text(client, "/about/credit-class/")
    for words in (
        "企业基础属性",
        "动态信息",
        "监管信息",
        "关联关系",
        "社会评价",
        "还没有数据来源的指标",
        "失信被执行人",
    ):
        assert words in page
    assert "每次分值" not in page
    assert inspected.HEMAN not in page
    assert "尚待第二人核对" in page


def test_officers_see_what_each_indicator_weighs(inspector):
    assert "每次分值" in text(inspector, "/about/credit-class/")


def test_the_public_and_officers_of_another_area_do_not_reach_a_firms_class(rated, client):
    path = f"/entities/{rated.HEMAN}/class/"
    assert client.get(path).status_code == 403
    client.force_login(rated.officer("two", "inspector", division="440305"))
    assert client.get(path).status_code == 403


def test_the_class_page_shows_every_indicator_and_records_the_look(rated, inspector):
    from zhijian.security.models import AccessRecord

    page = text(inspector, f"/entities/{rated.HEMAN}/class/")
    assert "仅内部可见" in page
    assert "36个月内1次，越近分值越高" in page
    assert "关联主体受处罚" in page
    assert AccessRecord.objects.filter(subject=rated.HEMAN, part="credit_class").count() == 1


def test_ticking_a_repair_forecasts_class_score_and_month_and_promises_nothing(rated, inspector):
    path = f"/entities/{rated.HEMAN}/class/"
    page = text(inspector, path)
    assert "处罚示例罚〔2026〕1号已缴清并修复" in page
    page = text(inspector, path, change="penalty_repaired:示例罚〔2026〕1号")
    assert "做完所选的事，2027-05至2027-06评定预计" in page
    assert "不是承诺" in page


def test_the_class_page_tells_the_last_change_with_its_cause_and_from_when_the_rules_apply(
    rated, inspector, monkeypatch
):
    from zhijian.datazone.mart.class_history import Cause, ClassChange
    from zhijian.portal.views import credit

    cause = Cause("行政处罚", "Penalties", 140, "36个月内1次，越近分值越高", "1 in 36 months")
    change = ClassChange("B", "C", 420, 660, "2026-09", "2026-10", "v2026.12", "v2026.12", (cause,))
    monkeypatch.setattr(credit, "last_change", lambda lake, entity_id: change)
    page = text(inspector, f"/entities/{rated.HEMAN}/class/")
    assert "上次变化：B类变为C类" in page and "2026-09评定420分，2026-10评定660分。" in page
    assert "+140" in page.split('id="change-title"')[1].split("</section>")[0]
    assert "自2022年1月13日起适用。" in page


def test_where_the_facts_are_not_those_of_the_rating_no_forecast_is_given(inspected, inspector):
    """The town's stored class was written by hand: it does not follow from its facts."""
    page = text(inspector, f"/entities/{inspected.HEMAN}/class/", change="penalty_repaired:示例罚〔2026〕1号")
    assert "推算不准，先不给出" in page
    assert "评定预计" not in page


def test_a_firm_without_a_class_has_no_class_page(inspected, client):
    client.force_login(inspected.officer("three", "inspector", division="440100"))
    assert client.get(f"/entities/{inspected.QUIET}/class/").status_code in (403, 404)


def test_activity_is_published_in_sums_with_a_file(register, home, client):
    assert "还没有测算" in text(client, "/data/activity/")
    rows = [
        {"snapshot_month": "2026-10", "prefecture_code": "440100", "industry_section": "F", "is_synthetic": True,
         "state_code": state, "entity_count": count, "score_sum": 0}
        for state, count in {"active": 60, "weak": 20, "dormant": 15, "lost": 5}.items()
    ]  # fmt: skip
    Lake(home.lake).write("mart_activity_summary", pa.Table.from_pylist(rows))
    page = text(client, "/data/activity/")
    assert all(words in page for words in ("60.0%", "低活跃", "广州", "合成数据"))
    assert page.count("<rect") == 4
    answer = client.get("/data/activity/", {"format": "csv"})
    assert "activity_2026-10_SYNTHETIC.csv" in answer["Content-Disposition"]
    assert "440100,60,20,15,5" in answer.content.decode()


@pytest.mark.parametrize("path", ["/about/credit-class/", "/data/activity/"])
def test_the_pages_are_complete_in_english(register, client, path):
    client.post("/i18n/setlang/", {"language": "en", "next": "/"})
    page = text(client, path)
    assert json.dumps("怎么算")[1:-1] not in page
    assert "How it is computed" in page


# --- the back-test on the method page ---


def test_the_method_page_shows_what_followed_for_each_class_marked_synthetic(inspected, client):
    page = text(client, "/about/credit-class/")
    section = page.split('id="test-title"')[1].split("</section>")[0]
    for words in ("合成数据", "B类（数据不足）", "<svg", "whisker", "95%区间", "zhijian bench credit_class"):
        assert words in section


def test_the_finding_says_honestly_whether_violations_rise_by_class():
    from zhijian.datazone.mart.credit_judging import Rate
    from zhijian.portal.views.credit_backtest import is_rising, shown

    rates = {code: Rate.of(100, n, 0.1) for code, n in zip("ABCD", (5, 9, 8, 20), strict=True)}
    assert not is_rising(rates)
    assert is_rising({**rates, "C": Rate.of(100, 9, 0.1)})
    assert {version for version, *_ in shown()["compared"]} == {"v2026.12", "v2026.12.1"}


def test_the_back_test_can_be_taken_as_a_file_that_says_it_is_synthetic(inspected, client):
    answer = client.get("/about/credit-class/", {"format": "csv"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert "SYNTHETIC" in answer["Content-Disposition"]
    assert "合成数据" in lines[0]
    assert lines[1].startswith("seed,rule_version,origin,outcome")


def test_the_old_rules_are_shown_with_the_class_that_broke_the_order(inspected, client):
    from zhijian.portal.views.credit_backtest import shown

    compared = shown()["compared"]
    broken = [(version, rising) for version, _outcome, _rates, rising in compared if not rising]
    assert broken == [("v2026.12", False)]
    assert "v2026.12.1" in text(client, "/about/credit-class/")


def test_sector_classes_of_a_firm_are_for_officers_of_the_area_alone_and_a_review_is_asked_with_reasons(
    rated, inspector
):
    path = f"/entities/{rated.HEMAN}/class/sectors/"
    assert Client().get(path).status_code == 403
    page = text(inspector, path)
    assert "从严者定" in page and "仅内部可见" in page and "请人复核" in page
    assert inspector.post(path, {"scope": "general", "reason": "短"}).status_code == 422
    asked = inspector.post(path, {"scope": "general", "reason": "抽检样品经复检合格，数据没有更正。"})
    assert asked.status_code == 302 and "分类人工复核" in inspector.get(asked["Location"]).content.decode()
    assert "在办" in text(inspector, path)
