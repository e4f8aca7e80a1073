"""S194: the three lists of items: what comes on them, who writes them, and what everybody reads."""

import html

import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.supervision.planning.registers import ITEMS
from zhijian.engines.registers.declared import services
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    rows = desk.demo_rows(ITEMS, 100)
    return {**next(row for row in rows if row["level_code"] == "county"), "key": "T-1"}


@pytest.fixture
def county():
    return desk.officer("county", desk.unit("440106", "示例区局"), *ITEMS.keepers)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"law": "区里的工作要求"}, "law"),
        ({"article": "有关规定"}, "article"),
        ({"level_code": "省级"}, "level_code"),
        ({"published_on": "2026-03-02", "valid_from": "2026-03-01"}, "valid_from"),
        ({"cap_per_year": "0"}, "cap_per_year"),
        ({"class_code": "随便"}, "class_code"),
    ],
)
def test_a_county_cannot_add_what_has_no_basis_or_was_not_published(county, row, change, field):
    with pytest.raises(services.WrongRow) as refused:
        services.add(ITEMS, {**row, **change}, reason="增加事项", by=county, at=AT)
    assert field in {one.field for one in refused.value.problems}


def test_a_county_writes_its_own_list_and_no_list_above(county, row):
    assert services.add(ITEMS, row, reason="增加事项", by=county, at=AT).version == 1
    above = {**row, "key": "T-2", "level_code": "city", "division_code": "440100"}
    with pytest.raises(Forbidden):
        services.add(ITEMS, above, reason="增加事项", by=county, at=AT)


def test_everybody_reads_the_item_its_basis_its_cap_and_each_version(client, county, row):
    entry = services.add(ITEMS, row, reason="增加事项", by=county, at=AT)
    services.change(ITEMS, "T-1", {**row, "cap_per_year": "2"}, seen=entry.version, reason="提高次数上限", by=county, at=AT)  # fmt: skip
    page = client.get("/registers/inspection_items/entries/T-1/").content.decode()
    assert "《食品安全法》" in page and "每年最多检查2次" in page
    assert "已公布" in page


def test_an_english_page_names_every_shipped_item_in_english_and_keeps_its_chinese_name(client):
    keeper = desk.province_keeper(ITEMS)
    rows = desk.demo_rows(ITEMS, 100)
    services.take_in(ITEMS, "items.csv", desk.as_csv(rows), by=keeper, at=AT)
    client.cookies["django_language"] = "en"
    listed = "".join(client.get(f"/registers/inspection_items/?page={n}").content.decode() for n in (1, 2))
    assert all(row["name_en"] in html.unescape(listed) for row in rows)
    page = client.get("/registers/inspection_items/entries/GZ-CUL-01/").content.decode()
    assert "<h1>Identity checks at internet cafés</h1>" in page and "互联网上网服务场所核验登记" in page
    assert "Look at the registration system on site." in page and "现场查看登记系统" not in page
    client.cookies["django_language"] = "zh-hans"
    assert (
        "<h1>互联网上网服务场所核验登记</h1>"
        in client.get("/registers/inspection_items/entries/GZ-CUL-01/").content.decode()
    )


def test_an_ended_item_says_that_it_may_not_be_planned(client, county, row):
    entry = services.add(ITEMS, row, reason="增加事项", by=county, at=AT)
    services.end(ITEMS, "T-1", last_day=entry.valid_from, seen=1, reason="依据废止", by=county, at=AT)
    assert "不得列入计划" in client.get("/registers/inspection_items/entries/T-1/").content.decode()


def test_the_list_goes_out_as_csv_and_comes_in_again_unchanged(client):
    keeper = desk.province_keeper(ITEMS)
    rows = desk.demo_rows(ITEMS, 100)
    first = services.take_in(ITEMS, "items.csv", desk.as_csv(rows), by=keeper, at=AT)
    assert (first.added, first.refused) == (len(rows), 0)
    again = services.take_in(ITEMS, "items-again.csv", desk.as_csv(rows) + b"\r\n", by=keeper, at=AT)
    assert (again.unchanged, again.refused) == (len(rows), 0)
