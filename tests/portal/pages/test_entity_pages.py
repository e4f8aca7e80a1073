"""The page of an entity: the same truth for everybody, and what law withholds stays withheld."""

import json
import re
import sqlite3
from datetime import date

import pytest
from django.utils import timezone

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def page(inspected, client):
    return client.get(f"/entities/{inspected.HEMAN}/").content.decode()


def test_the_answer_comes_as_a_sentence_with_the_penalty_in_publicity(page):
    assert "正常存续。有1条行政处罚在公示期内。" in page
    assert "最近一次检查在2026年9月16日：发现问题已责令改正；发现问题待后续处理。" in page


def test_each_record_names_source_basis_and_end_of_publicity(page):
    assert "行政处罚：罚款20,000元" in page
    assert "文号：示例罚〔2026〕1号。依据《示例规定》第一条。公示至" in page
    assert "来源：示例来源（" in page and "交付）。" in page


def test_a_penalty_past_its_term_and_a_complaint_are_not_on_the_page(page):
    assert "2020年5月18日" not in page
    assert "示例投诉第4号" not in page


def test_no_class_score_or_reason_reaches_the_public(page):
    assert not any(words in page for words in ("C类", "612", "越近分值越高", "class-C"))


def test_an_invented_entity_is_marked_on_strip_and_beside_its_name(page):
    assert page.count("合成数据") >= 2
    assert "不对应真实企业" in page


def test_no_record_is_not_praise(inspected, client):
    page = client.get(f"/entities/{inspected.QUIET}/").content.decode()
    assert "没有记录不等于没有问题" in page
    assert "登记来源没有写明现在是否存续。" in page
    assert "良好" not in page


@pytest.mark.parametrize("role", ["inspector", "drawer", "auditor", "publisher"])
def test_an_officer_of_the_area_sees_the_class_and_the_look_is_recorded(inspected, client, role):
    from zhijian.security.models import AccessRecord

    client.force_login(inspected.officer("one", role))
    page = client.get(f"/entities/{inspected.HEMAN}/").content.decode()
    assert "C类，风险较高" in page
    assert "仅内部可见" in page
    assert "36个月内1次，越近分值越高" in page
    look = AccessRecord.objects.get()
    assert (look.subject, look.part, look.officer.username) == (inspected.HEMAN, "credit_class", "one")


@pytest.mark.parametrize(("role", "division"), [("steward", "440106"), ("inspector", "440305")])
def test_an_officer_without_the_role_or_of_another_area_sees_what_the_public_sees(
    inspected, client, role, division
):
    from zhijian.security.models import AccessRecord

    client.force_login(inspected.officer("one", role, division=division))
    assert "C类" not in client.get(f"/entities/{inspected.HEMAN}/").content.decode()
    assert not AccessRecord.objects.exists()


def test_a_wrong_code_is_explained(inspected, client):
    answer = client.get("/entities/91440106MA9XH0TW23/")
    assert answer.status_code == 404
    assert "第18位（校验码）应为“T”，现为“3”" in answer.content.decode()


def test_a_code_typed_in_small_letters_leads_to_the_page(inspected, client):
    assert (
        client.get(f"/entities/{inspected.HEMAN.lower()}/").headers["Location"]
        == f"/entities/{inspected.HEMAN}/"
    )


def test_a_name_with_markup_in_it_is_shown_as_text(inspected, client):
    page = client.get("/entities/?q=佛冈").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_versions_page_tells_the_first_version(inspected, client):
    page = client.get(f"/entities/{inspected.HEMAN}/versions/").content.decode()
    assert "第1版" in page
    assert "首次收到的登记信息。" in page


def test_search_marks_the_match_and_counts(inspected, client):
    page = client.get("/entities/", {"q": "禾满"}).content.decode()
    assert "<mark>禾满</mark>" in page
    assert "找到1户" in page


def test_nothing_found_says_what_to_try(inspected, client):
    page = client.get("/entities/", {"q": "不存在的店"}).content.decode()
    assert "没有找到“不存在的店”" in page
    assert "试试简称" in page


def test_filters_narrow_and_wrong_ones_do_no_harm(inspected, client):
    assert "找到1户" in client.get("/entities/", {"prefecture_code": "441800"}).content.decode()
    assert (
        client.get("/entities/", {"from_year": "x", "is_synthetic": "7", "cursor": "zz"}).status_code == 200
    )


def test_the_suggestions_are_what_the_search_box_reads(inspected, client):
    (item,) = client.get("/entities/suggest/", {"q": "禾满"}).json()
    assert item["href"] == f"/entities/{inspected.HEMAN}/"
    assert ["禾满", True] in item["parts"]
    assert "合成数据" in item["hint"]


def test_before_any_data_the_pages_say_so(home, client):
    assert "还没有可查的数据" in client.get("/entities/").content.decode()
    assert client.get("/").status_code == 200
    assert client.get("/entities/suggest/?q=禾满").json() == []


def record_the_penalty(town, subject=None, **changed):
    """Record in the log what the town's register has as its second delivered fact."""
    from zhijian.engines.facts import services

    said = {"source": "示例来源", "source_key": "2", "by": "demo", "at": timezone.now(), "is_synthetic": True}
    return services.record(
        "penalty.decided", subject=subject or town.HEMAN, occurred_on=date(2026, 5, 18),
        **{"payload": town.PENALTY, **said, **changed},
    )  # fmt: skip


def penalties(client, uscc):
    """What page and API say: how many penalties, and how many of them nothing vouches for."""
    page = client.get(f"/entities/{uscc}/").content.decode()
    said = re.search("有(\\d+)条行政处罚", page)
    listed = client.get(f"/api/v1/entities/{uscc}/facts").json()
    of_api = [one["is_in_log"] for one in listed if one["kind"] == "penalty.decided"]
    unsealed = page.count("<strong>来自交付数据，尚未封存</strong>")
    assert unsealed == sum(not one["is_in_log"] for one in listed)
    assert int(said[1] if said else 0) == len(of_api)
    return len(of_api), of_api.count(False)


def test_page_and_api_count_a_delivered_and_recorded_fact_once(inspected, client):
    assert penalties(client, inspected.HEMAN) == (1, 1)
    record_the_penalty(inspected)
    assert penalties(client, inspected.HEMAN) == (1, 0)


def test_a_withdrawn_penalty_leaves_page_and_api(inspected, client):
    from zhijian.engines.facts import services

    fact = record_the_penalty(inspected)
    services.withdraw(fact, reason="撤销处罚决定", by="demo", at=timezone.now())
    assert penalties(client, inspected.HEMAN) == (0, 0)


def test_what_the_log_does_not_hold_says_so_and_has_no_proof(inspected, client):
    page = client.get(f"/entities/{inspected.HEMAN}/").content.decode()
    assert "其中1条来自交付数据，尚未封存。" in page
    assert "/fact/00000000-0000-5000-8000-000000000002/" not in page
    [entry] = [
        one
        for one in client.get(f"/api/v1/entities/{inspected.HEMAN}/facts").json()
        if one["kind"] == "penalty.decided"
    ]
    assert (entry["is_in_log"], entry["proof"]) == (False, None)
    day = entry["recorded_at"][:10]
    assert entry["note"] == {
        "zh": f"由示例来源于{day}交付，没有在这里封存", "en": f"Delivered by 示例来源 on {day}, not sealed here",
    }  # fmt: skip
    assert "来源：示例来源（" in page and "交付）。" in page


def test_what_points_to_a_person_is_masked_on_every_page_of_a_fact_and_who_delivered_it_is_said(
    inspected, client
):
    payload = inspected.PENALTY | {"violation": "向联系人李明（电话13800001234）推销"}
    fact = record_the_penalty(inspected, payload=payload)
    page = client.get(f"/fact/{fact.fact_id}/").content.decode()
    assert "由示例来源交付" in page and "内容由交付的一方负责" in page and "这里已遮盖" in page
    listed = str(client.get(f"/api/v1/entities/{inspected.HEMAN}/facts").json())
    for shown in (page, client.get(f"/entities/{inspected.HEMAN}/").content.decode(), listed):
        assert "推销" in shown and "13800001234" not in shown and "李明" not in shown


def test_the_english_page_says_so_too(inspected, client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(f"/entities/{inspected.HEMAN}/").content.decode()
    assert "From delivered data, not sealed yet" in page


def forge(home, town, **changed):
    """Write a penalty of a real firm into the serving store, as somebody with the file could."""
    row = {
        "fact_id": "f0", "uscc": town.QUIET, "kind": "penalty.decided", "occurred_on": "2026-05-18",
        "recorded_at": "2026-05-20T00:00:00+00:00", "source": "市场监督管理部门", "source_key": "forged",
        "payload": json.dumps(town.PENALTY | {"plan": "2026-0312"}), "legal_basis": "《示例规定》", "public_until": None,
        "is_synthetic": 0,
    } | changed  # fmt: skip
    [path] = home.serving.glob("entities-*.sqlite")
    with sqlite3.connect(path) as store:
        store.execute(f"insert into facts values ({', '.join('?' * len(row))})", list(row.values()))
    store.close()


def test_a_row_forged_into_the_serving_store_does_not_look_sealed(inspected, home, client):
    forge(home, inspected)
    assert penalties(client, inspected.QUIET) == (1, 1)
    page = client.get(f"/entities/{inspected.QUIET}/").content.decode()
    assert "其中1条来自交付数据，尚未封存。" in page
    assert "封存证明" not in page and "/draws/2026-0312/" not in page


def test_a_forged_row_under_the_id_or_key_of_a_recorded_fact_borrows_nothing_from_it(inspected, home, client):
    sealed = record_the_penalty(inspected)
    forge(home, inspected, source=sealed.source, source_key=sealed.source_key)
    assert penalties(client, inspected.QUIET) == (0, 0)
    forge(home, inspected, fact_id=str(sealed.pk))
    assert penalties(client, inspected.QUIET) == (1, 1)
    assert f"/fact/{sealed.pk}/" not in client.get(f"/entities/{inspected.QUIET}/").content.decode()


def test_every_invented_entry_carries_the_tag_and_no_other_does(inspected, home, client):
    def tags(uscc):
        timeline = client.get(f"/entities/{uscc}/").content.decode().partition('id="timeline"')[2]
        return ["tag-synthetic" in entry for entry in re.findall(r'<li class="fact .*?</li>', timeline, re.S)]

    assert tags(inspected.HEMAN) == [True, True, True]
    forge(home, inspected)
    forge(home, inspected, source_key="invented", is_synthetic=1)
    assert sorted(tags(inspected.QUIET)) == [False, True]
