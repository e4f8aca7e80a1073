"""Home, draws, results, facts, data: what everybody may read, and the frame around it."""

import json
import re
from html import unescape

import pytest
from django.utils import translation

from zhijian.portal.api import api

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def read(client, path, **query):
    answer = client.get(path, query)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_home_leads_with_search_then_draws_and_the_citys_share_against_the_target(settled, client):
    page = read(client, "/")
    assert (
        page.index('role="search"') < page.index("食品销售监督检查") < page.index("0个市达到5%，1个市未达到")
    )
    assert "▼2.5%" in page
    assert "方格示意图，不代表行政区域界线。" in page


def test_the_cities_come_as_csv_with_chinese_header_ids_date_and_synthetic_count(settled, client):
    text = client.get("/data/cities.csv").content.decode("utf-8")
    lines = text.splitlines()
    assert text.startswith("\ufeff地市代码,地市,")
    assert lines[1].startswith("prefecture_code,name,entity_count,synthetic_count")
    assert "440100,广州,2,1,2.50,2026-11-22,0" in lines
    assert len(lines) == 23


def test_a_draw_shows_its_six_steps_with_what_became_impossible_and_its_files(settled, client):
    page = read(client, "/draws/2026-0312/")
    assert "从60户中抽到" in page
    assert page.count('class="ribbon-step done"') == 6
    assert "此后任何改动" in page or "改动都会被发现" in page
    assert "/published/draws/draw-2026-0312-1_SYNTHETIC.json" in page
    assert "演练，没有法律效力" in page


def test_a_draw_page_names_no_class_and_no_firm_that_was_not_published(settled, client):
    page = read(client, "/draws/2026-0312/")
    assert "示例企业" not in page
    assert "示例禾满" in page  # its result is published
    assert not any(f"{letter}类" in page for letter in "ABCD")


def test_published_files_are_handed_out_and_nothing_else_is(settled, home, client):
    answer = client.get("/published/draws/draw-2026-0312-1_SYNTHETIC.json")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert b"".join(answer.streaming_content).startswith(b'{"protocol":"zhijian-draw/1"')
    (home.published / "draws" / ".hidden.json").write_text("{}")
    for name in (".hidden.json", "..%2f..%2fsecret_key", "none.json", "private"):
        assert client.get(f"/published/draws/{name}").status_code == 404


def test_a_result_is_public_without_inspectors_notes_or_photos(inspected, client):
    page = read(client, f"/results/{inspected.result_id}/")
    assert "发现问题已责令改正" in page
    assert "▲ 不符合" in page
    assert not any(words in page for words in ("示例chen", "示例li", "散装红豆"))
    assert "示例禾满" in read(client, "/results/", words="禾满")
    assert "没有符合条件的结果" in read(client, "/results/", code="1")


def test_a_fact_is_grey_until_this_device_has_checked_it(inspected, client):
    from zhijian.engines.facts.models import Fact

    fact = Fact.objects.get(kind="inspection.result")
    page = read(client, f"/fact/{fact.fact_id}/")
    assert 'data-state="unchecked"' in page
    assert "封存证明：本机还没有核验" in page


def test_an_internal_fact_has_no_page(inspected, client):
    from zhijian.engines.facts.models import Fact

    for fact in Fact.objects.filter(kind__in=["inspection.dispatched", "inspection.follow_up"]):
        assert client.get(f"/fact/{fact.fact_id}/").status_code == 404
    assert client.get("/fact/nonsense/").status_code == 404


@pytest.mark.parametrize("path", ["/draws/none/", "/results/999/", "/entities/x/versions/", "/nowhere/"])
def test_what_is_not_there_says_so_and_offers_a_search(register, client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert 'role="search"' in answer.content.decode()


@pytest.mark.parametrize("path", ["/results/?words=%00", "/draws/%00/", "/fact/%00/", "/entities/?q=a%00b"])
def test_an_address_with_nul_in_it_is_refused_in_words(client, register, path):
    answer = client.get(path)
    assert answer.status_code == 400
    assert "没有看懂这个请求" in answer.content.decode()
    assert "Content-Security-Policy" in answer.headers


def test_every_page_carries_the_content_security_policy(client, register):
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_chinese_comes_first_whatever_the_browser_prefers_and_a_choice_is_kept(client, register):
    assert 'lang="zh-Hans"' in client.get("/", headers={"accept-language": "en"}).content.decode()
    answer = client.post("/i18n/setlang/", {"language": "en", "next": "/draws/"})
    assert answer.headers["Location"] == "/draws/"
    assert 'lang="en"' in client.get("/").content.decode()
    translation.activate("zh-hans")


def test_large_text_is_a_cookie_and_leads_back_only_to_this_site(client, register):
    assert (
        client.post("/preferences/elder/", {"elder": "1", "next": "/data/"}).headers["Location"] == "/data/"
    )
    assert 'class="elder"' in client.get("/").content.decode()
    elsewhere = client.post("/preferences/elder/", {"elder": "0", "next": "https://example.org/"})
    assert elsewhere.headers["Location"] == "/"


def test_public_pages_set_no_cookie(client, register):
    for path in ("/", "/entities/", "/draws/", "/verify/", "/results/", "/data/"):
        assert not client.get(path).cookies, path


def test_signing_out_takes_a_post(inspected, client):
    client.force_login(inspected.officer("one", "inspector"))
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/"


def test_a_wrong_password_is_explained_and_the_name_stays(inspected, client):
    page = client.post("/sign-in/", {"username": "chen", "password": "wrong"}).content.decode()
    assert "用户名和密码对不上" in page
    assert 'value="chen"' in page


@pytest.fixture
def quarantined(home):
    """Two rows that a rule refused, taken in through the ingest."""
    from datetime import UTC, datetime

    from zhijian.datazone.ingest import ingest
    from zhijian.datazone.lake import Lake

    file = home.root / "rows.csv"
    header = "file_year,uscc,name,registered_on,type,capital,scope,province,city,address\n"
    rows = [
        "2021,91440106MA9XH0TW2T,示例甲有限公司,2021-04-19,N/A,N/A,食品,广东,广州,示例路1号\n",
        "2021,91440106MA9XH0TW23,示例乙有限公司,2021-04-19,N/A,N/A,食品,广东,广州,示例路2号\n",
    ]
    file.write_text(header + "".join(rows), "utf-8")
    return ingest(
        Lake(home.lake), "registration__enterprises", file,
        by="示例", at=datetime(2026, 11, 22, tzinfo=UTC), source="示例来源", is_synthetic=True,
    )  # fmt: skip


def test_the_public_sees_how_many_rows_are_kept_apart_and_why_but_no_row(quarantined, client):
    page = read(client, "/data/quarantine/")
    assert "有1行没有通过规则" in page
    assert "示例乙" not in page
    assert "MA9XH0TW23" not in page


def test_a_steward_sees_the_rows_and_the_look_is_recorded(quarantined, settled_steward, client):
    from zhijian.security.models import AccessRecord

    client.force_login(settled_steward)
    page = read(client, "/data/quarantine/")
    assert "91440106MA9XH0TW2" in page
    assert "rows.csv" in page  # a line number alone says nothing
    assert AccessRecord.objects.get().subject == "standard_quarantine"


@pytest.fixture
def settled_steward(db):
    from tests.portal.pages import town

    return town.officer("steward", "steward", division="440000")


def test_the_data_page_leads_with_the_verdict_on_the_newest_delivery(quarantined, client):
    page = read(client, "/data/")
    assert "共交付1次2行：收下1行，隔离1行" in page
    assert "质量分" in page


def test_components_are_for_those_who_build(inspected, client):
    assert client.get("/components/").status_code == 403
    client.force_login(inspected.officer("one", "auditor"))
    assert client.get("/components/").status_code == 200


def test_every_link_of_the_footer_leads_somewhere(settled, client):
    footer = read(client, "/").split('class="site-foot"')[1]
    links = re.findall(r'href="(/[^"]*)"', footer)
    assert "/about/api/" in links
    assert [client.get(link).status_code for link in links] == [200] * len(links)


def test_the_page_of_the_interface_lists_every_address_in_words(client, register):
    page = read(client, "/about/api/")
    for path, operations in api.get_openapi_schema()["paths"].items():
        assert f"<code>{next(iter(operations)).upper()} {path}</code>" in page
        assert f">{path}</h2>" not in page, "an address without a title"
    for example in re.findall(r'href="(/api/v1/[^"]*\?[^"]*)"', page):
        assert client.get(unescape(example)).status_code == 200


def test_pages_that_show_invented_rows_among_others_carry_the_strip(settled, client):
    for path in ("/map/", "/verify/"):
        assert 'class="strip strip-synthetic"' in read(client, path), path
    assert "为演示而造，不对应真实企业" in read(client, "/verify/?draw=2026-0312")


def test_a_draw_reads_in_english_whatever_its_file_says(settled, client):
    client.cookies["django_language"] = "en"
    page = read(client, "/draws/2026-0312/")
    assert all(word not in page for word in ("组织单位", "监督单位", "已注销", "已吊销"))


def test_numbers_and_plan_are_explained(client, home, db):
    numbers = read(client, "/about/numbers/")
    assert all(words in numbers for words in ("分子", "分母", "≥5%"))
    assert "S221" in read(client, "/plan/")
    assert "Disallow: /work/" in read(client, "/robots.txt")


def test_the_proof_of_a_fact_is_handed_over_whole(inspected, client):
    from html import unescape

    from zhijian.engines.facts.models import Fact

    fact = Fact.objects.get(kind="inspection.result")
    page = read(client, f"/fact/{fact.fact_id}/")
    material = json.loads(unescape(page.split('data-material="')[1].split('"')[0]))
    assert material["proof"]["leaf_hash"] == fact.leaf_hash
    assert material["fact"]["fact_id"] == str(fact.fact_id)
