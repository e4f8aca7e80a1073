"""Doubtful links: who may see and judge them, what is marked, what a decision leaves behind."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from tests.portal.pages import town
from zhijian.datazone.lake import Lake
from zhijian.datazone.linkage import index, linking, register, scoring
from zhijian.engines.facts.models import Fact
from zhijian.engines.linkage import queries
from zhijian.portal.views.links import differing, pair_address
from zhijian.security.models import AccessRecord

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, tzinfo=UTC)
CODE = "91440300MAYY00001A"


@pytest.fixture
def pair(home):
    """A complaint that may mean a shop of Shenzhen, put before officers whatever the weights say."""
    lake = Lake(home.lake)
    shop = {"uscc": CODE, "name": "深圳市示例禾满食品有限公司", "address": "深圳市南山区粤海街道科苑路1号",
            "prefecture_code": "440300", "county_code": "440305", "is_synthetic": True}  # fmt: skip
    entities = pa.Table.from_pylist([shop])
    lake.write("entity_market_entities", entities)
    ready, weights = index.build(entities), scoring.load()
    records = pa.table({"record_id": ["1"], "name": ["深圳示例禾萬食品"], "address": ["科苑路2号"]})
    costs = linking.Costs(false_link=1e9, missed_link=1e9, review=0.0, share_not_on_register=0.05)
    ((chunk, links),) = linking.link_table(records, ready, weights, costs)
    lake.write(
        register.DOUBTFUL_PAIRS,
        register.doubtful_pairs(chunk, links, ready, weights, lake, source="示例投诉"),
    )
    return f"示例投诉:1:{CODE}"


def test_an_officer_sees_both_sides_with_what_differs_and_the_look_is_recorded(pair, client):
    client.force_login(town.officer("auditor", "auditor", division="440000"))
    assert "示例禾萬食品" in client.get("/data/links/").content.decode()
    page = client.get(pair_address(pair)).content.decode()
    assert (
        "<mark>萬</mark>" in page and "<mark>满</mark>" in page and "waterfall" in page and "合成数据" in page
    )
    assert set(AccessRecord.objects.values_list("part", flat=True)) == {"doubtful_pairs", "linkage_pair"}
    table = client.get(pair_address(pair, "pair/waterfall.csv"))
    assert table["Content-Disposition"].endswith('_SYNTHETIC.csv"') and "trade," in table.content.decode()


def test_only_officers_with_the_right_see_the_pairs_and_only_of_their_area(pair, client):
    assert client.get("/data/links/").status_code in (302, 403)
    client.force_login(town.officer("inspector", "inspector", division="440000"))
    assert client.get("/data/links/").status_code == 403
    client.force_login(town.officer("elsewhere", "steward", division="440106"))
    assert "禾萬" not in client.get("/data/links/").content.decode()
    assert client.get(pair_address(pair)).status_code == 404


def test_a_decision_is_a_fact_with_its_reason_and_leaves_the_list(pair, client):
    client.force_login(town.officer("steward", "steward", division="440000"))
    answer = client.post(pair_address(pair), {"verdict": "same", "reason": "电话核实", "seen": "0"})
    assert answer.status_code == 302
    fact = Fact.objects.get(kind="linkage.decided")
    assert (fact.subject, fact.payload["verdict"], fact.payload["reason"]) == (CODE, "same", "电话核实")
    assert fact.is_synthetic and "禾" not in str(fact.payload)
    assert "没有待判定的记录" in client.get("/data/links/").content.decode()
    assert [one.pk for one in queries.decisions()] == [fact.pk]


def test_a_second_thought_corrects_the_first_and_both_stay(pair, client):
    client.force_login(town.officer("steward", "steward", division="440000"))
    client.post(pair_address(pair), {"verdict": "unsure", "reason": "看不清", "seen": "0"})
    assert "有人说不准" in client.get("/data/links/").content.decode()
    late = client.post(pair_address(pair), {"verdict": "same", "reason": "已核", "seen": "0"})
    assert late.status_code == 409 and "已先作判定" in late.content.decode()
    client.post(pair_address(pair), {"verdict": "different", "reason": "门牌不同", "seen": "1"})
    assert [fact.payload["verdict"] for fact in queries.history(pair)] == ["unsure", "different"]
    assert [fact.payload["verdict"] for fact in queries.decisions()] == ["different"]


@pytest.mark.parametrize("seen", ["", "-1", "9" * 5000, "1"])
def test_a_decision_on_a_form_that_is_not_whole_is_refused_in_words(pair, client, seen):
    client.force_login(town.officer("steward", "steward", division="440000"))
    answer = client.post(pair_address(pair), {"verdict": "same", "reason": "电话核实", "seen": seen})
    assert (answer.status_code, "请刷新页面后再判定" in answer.content.decode()) == (409, True)
    assert not Fact.objects.filter(kind="linkage.decided").exists()


@pytest.mark.parametrize("said", [{"verdict": "maybe", "reason": "x"}, {"verdict": "same", "reason": " "}])
def test_a_decision_without_verdict_or_reason_is_refused(pair, client, said):
    client.force_login(town.officer("steward", "steward", division="440000"))
    assert client.post(pair_address(pair), said | {"seen": "0"}).status_code == 409
    assert not Fact.objects.filter(kind="linkage.decided").exists()


def test_an_auditor_looks_and_does_not_judge(pair, client):
    client.force_login(town.officer("auditor", "auditor", division="440000"))
    assert client.post(pair_address(pair), {"verdict": "same", "reason": "x", "seen": "0"}).status_code == 403


def test_the_public_catalogue_shows_nothing_of_a_pair(pair, client):
    page = client.get(f"/data/catalogue/{register.DOUBTFUL_PAIRS}/").content.decode()
    assert "＊＊＊" in page and not any(told in page for told in ("禾萬", "禾满", "科苑路", CODE, "示例投诉"))


def test_pieces_that_differ_are_cut_out():
    left, right = differing("示例禾萬食品", "示例禾满食品店")
    assert left == [("示例禾", False), ("萬", True), ("食品", False)]
    assert right == [("示例禾", False), ("满", True), ("食品", False), ("店", True)]
