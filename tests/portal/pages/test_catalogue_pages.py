"""Catalogue, standards and the quarantine at work: what each reader sees, and what an officer's act leaves behind."""

import re
from datetime import UTC, datetime

import pytest

from tests.datazone.ingest.samples import TABLE, code, csv_text, line, take_in
from tests.portal.pages import town
from zhijian.datazone.lake import Lake
from zhijian.security.models import AccessRecord

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, tzinfo=UTC)
WRONG = code(2)[:17] + ("0" if code(2)[17] != "0" else "1")


@pytest.fixture
def lake(home):
    lake = Lake(home.lake)
    file = home.root / "rows.csv"
    file.write_text(csv_text(line(1), line(2, uscc=WRONG)), "utf-8")
    take_in(lake, file, is_synthetic=True)
    return lake


@pytest.fixture
def address(lake):
    (row,) = lake.read("standard_quarantine").to_pylist()
    return f"/data/quarantine/row/?contract={row['contract']}&delivery={row['delivery_sha256']}&line={row['source_line']}"


def read(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_catalogue_lists_every_table_and_a_table_draws_its_lineage(lake, client):
    assert "共3张表" in read(client, "/data/catalogue/")
    page = read(client, f"/data/catalogue/{TABLE}/?column=address")
    assert "entity_market_entities" in page and "<svg" in page and "county_code" in page
    assert read(client, "/data/catalogue/?format=csv").startswith("\ufefftable,")
    assert client.get("/data/catalogue/mart_nothing/").status_code == 404


def test_the_public_sees_a_masked_sample_and_an_officers_look_is_recorded(lake, client):
    page = read(client, "/data/catalogue/standard_quarantine/")
    assert WRONG not in page and "＊＊＊" in page and not AccessRecord.objects.exists()
    client.force_login(town.officer("steward", "steward", division="440000"))
    assert WRONG in read(client, "/data/catalogue/standard_quarantine/")
    assert AccessRecord.objects.get().part == "sample"


def test_the_quality_of_deliveries_is_drawn_and_can_be_downloaded(lake, client):
    page = read(client, f"/data/catalogue/{TABLE}/")
    assert 'class="line-chart"' in page and "只交付过一次" in page
    assert read(client, f"/data/catalogue/{TABLE}/?format=quality").startswith("\ufeffdelivered_at,score,")


def test_the_index_of_standards_leads_to_a_page_for_each(home, client):
    index = read(client, "/data/standards/")
    assert all(words in index for words in ("基础标准", "技术标准", "应用标准", "管理标准"))
    links = sorted(set(re.findall(r'href="(/data/standards/[^"?]+)"', index)))
    assert len(links) > 10
    for link in links:
        assert "数据标准" in read(client, link)


def test_the_standards_can_be_downloaded(home, client):
    assert "uscc,统一社会信用代码" in read(client, "/data/standards/elements/?format=csv")
    assert "440100" in read(client, "/data/standards/codes/divisions/?format=csv")
    assert "C-102" in read(client, "/data/standards/rules/?format=csv")
    assert "省数据处" in read(client, "/data/standards/owners/?format=csv")
    contract = "/data/standards/contracts/registration__enterprises/"
    assert "apiVersion" in read(client, f"{contract}?format=yaml")


def test_a_code_list_is_read_one_level_at_a_time(home, client):
    assert "制造业" in read(client, "/data/standards/codes/industries/")
    assert "监察委员会" in read(client, "/data/standards/codes/industries/?under=923")
    assert "天河区" in read(client, "/data/standards/codes/divisions/?under=440100")
    assert "有限责任公司" in read(client, "/data/standards/codes/enterprise_types/?under=1000")


@pytest.mark.parametrize(
    "path",
    ["codes/nothing/", "codes/industries/?under=99", "codes/divisions/?under=110000", "codes/status/?under=active",
     "contracts/nothing/", "rules/?contract=nothing"],
)  # fmt: skip
def test_what_is_no_standard_is_not_found(home, client, path):
    read(client, f"/data/standards/{path}", status=404)


def test_the_page_of_industries_says_what_of_the_amendment_is_not_confirmed(home, client):
    page = read(client, "/data/standards/codes/industries/")
    assert "修改单全文没有找到" in page and "两份一致" in page and "只见于一份" in page


def test_a_steward_fixes_a_row_and_both_values_stay_on_its_page(lake, address, client):
    client.force_login(town.officer("steward", "steward", division="440000"))
    client.post(address, {"action": "fix", "seen": "0", "field-uscc": code(2)})
    page = read(client, address)
    assert "已修重交" in page and WRONG in page and code(2) in page and "示例steward" in page
    assert "已修重交1行" in read(client, "/data/quarantine/")
    assert code(2) in lake.read(TABLE)["uscc"].to_pylist()


def test_an_auditor_may_look_but_not_act_and_the_public_neither(lake, address, client):
    assert client.get(address).status_code == 403
    client.force_login(town.officer("auditor", "auditor", division="440000"))
    assert "只有数据管理员能处理" in read(client, address)
    assert client.post(address, {"action": "return", "seen": "0", "reason": "请核对代码"}).status_code == 403


@pytest.mark.parametrize("division", ["440106", "440300", "-"])
def test_rows_of_the_whole_province_open_for_the_provinces_own_unit_alone(lake, address, client, division):
    client.force_login(town.officer("steward", "steward", division=division))
    assert client.get(address).status_code == 403
    given = {"action": "return", "seen": "0", "reason": "请核对代码"}
    assert client.post(address, given).status_code == 403
    (row,) = lake.read("standard_quarantine").to_pylist()
    key = f"{row['contract']}|{row['delivery_sha256']}|{row['source_line']}|0"
    given = {"action": "return", "row": key, "confirmed": "1", "reason": "请登记机关核对"}
    assert client.post("/data/quarantine/bulk/", given).status_code == 403
    assert "/data/quarantine/row/" not in read(client, "/data/quarantine/")
    assert WRONG not in read(client, "/data/catalogue/standard_quarantine/")


def test_what_an_officer_typed_is_kept_when_another_was_quicker(lake, address, client):
    client.force_login(town.officer("wang", "steward", division="440000"))
    client.post(address, {"action": "return", "seen": "0", "reason": "请登记机关核对"})
    client.force_login(town.officer("chen", "steward", division="440000"))
    answer = client.post(
        address, {"action": "fix", "seen": "0", "field-uscc": code(2), "reason": "已电话核实"}
    )
    assert answer.status_code == 409 and "示例wang已先处理第3行" in answer.content.decode()


def test_several_rows_are_shown_before_they_are_acted_on(lake, address, client):
    client.force_login(town.officer("steward", "steward", division="440000"))
    (row,) = lake.read("standard_quarantine").to_pylist()
    key = f"{row['contract']}|{row['delivery_sha256']}|{row['source_line']}"
    preview = client.post("/data/quarantine/bulk/", {"action": "return", "row": key}).content.decode()
    assert "将处理1行" in preview
    given = {"action": "return", "row": f"{key}|0", "confirmed": "1", "reason": "请登记机关核对"}
    assert (
        "1行已处理，0行又错，0行没有处理"
        in client.post("/data/quarantine/bulk/", given, follow=True).content.decode()
    )
