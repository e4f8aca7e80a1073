"""The public API: what anybody may ask about market entities."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from tests.engines.registers.factory import AT, FACT, code, entity, write, write_class
from zhijian.datazone.lake import Lake
from zhijian.engines.registers import build
from zhijian.infrastructure.home import Home
from zhijian.portal.api import exports

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ROOT = "/api/v1"


def fact(
    key: str, kind: str, day: date, payload: dict[str, object], until: date | None = None
) -> dict[str, object]:
    return {
        "fact_id": key, "uscc": code(1), "kind": kind, "occurred_on": day,
        "recorded_at": datetime(2026, 11, 1, tzinfo=UTC), "source": "tests", "source_key": key,
        "payload": json.dumps(payload), "legal_basis": "《企业信息公示暂行条例》第六条", "public_until": until,
        "is_synthetic": True,
    }  # fmt: skip


FACTS = [
    fact("established", "registration.established", date(2019, 3, 1), {}),
    fact("listed", "abnormal_list.listed", date(2025, 7, 8), {"ground_code": "unreachable", "authority": "示例局"}),
    fact("removed", "abnormal_list.removed", date(2025, 9, 1), {"ground_code": "unreachable", "authority": "示例局"}),
    fact("relisted", "abnormal_list.listed", date(2026, 7, 8), {"ground_code": "falsity", "authority": "示例局"}),
    fact("follow", "inspection.follow_up", date(2026, 7, 9), {}),
]  # fmt: skip


@pytest.fixture
def served(home: Home) -> Home:
    lake = Lake(home.lake)
    rows = [
        entity(1, "示例禾满食品有限公司"),
        entity(2, "=示例公式有限公司", prefecture_code="440300", county_code=None, scope="@SUM(1)"),
        entity(3, "示例真实有限公司", is_synthetic=False),
    ]
    write(lake, rows)
    lake.write("standard_supervision__facts", pa.Table.from_pylist(FACTS, schema=FACT))
    write_class(lake, 1, code(1), "D", 987, rule_version="secret-rule")
    build(lake, home.serving, at=AT)
    return home


def test_a_search_answers_with_entities_count_and_day_of_the_data(served, client: Client):
    answer = client.get(f"{ROOT}/entities", {"q": "禾满"}).json()
    assert (answer["count"], answer["is_count_capped"], answer["as_of"]) == (1, False, "2026-11-19")
    found = answer["entities"][0]
    assert found["name"] == "示例禾满食品有限公司"
    assert found["is_synthetic"] is True
    assert found["status"] == {"code": None, "name": {"zh": "来源未载明", "en": "Not stated by the source"}}
    assert found["capital"]["yuan"] == "2000000.00"


def test_filters_and_cursor_work_as_on_the_page(served, client: Client):
    assert client.get(f"{ROOT}/entities", {"prefecture": "440300", "kind": ""}).json()["count"] == 1
    first = client.get(f"{ROOT}/entities", {"size": 2}).json()
    second = client.get(f"{ROOT}/entities", {"size": 2, "cursor": first["next_cursor"]}).json()
    assert len(first["entities"]) + len(second["entities"]) == 3
    assert second["next_cursor"] is None


def test_an_entity_is_found_by_its_code_in_any_case(served, client: Client):
    assert client.get(f"{ROOT}/entities/{code(1).lower()}").json()["uscc"] == code(1)


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        (f"entities/{code(77)}", 404, "no_such_entity"),
        ("entities/914401", 404, "wrong_code"),
        ("entities?size=0", 422, "wrong_parameter"),
        ("entities?section=Z", 422, "wrong_parameter"),
        ("entities?cursor=abc", 409, "bad_cursor"),
    ],
)
def test_an_error_has_a_code_and_a_message_in_both_languages(served, client: Client, path, status, error):
    response = client.get(f"{ROOT}/{path}")
    assert response.status_code == status
    body = response.json()["error"]
    assert body["code"] == error
    assert body["message_zh"] and body["message_en"]


def test_before_anything_is_served_the_answer_says_so(home, client: Client):
    response = client.get(f"{ROOT}/entities")
    assert (response.status_code, response.json()["error"]["code"]) == (503, "not_served")


def test_only_facts_that_are_public_today_are_shown_newest_first(served, client: Client):
    shown = client.get(f"{ROOT}/entities/{code(1)}/facts").json()
    ids = [one["fact_id"] for one in shown]
    assert ids[0] == "relisted"
    assert "established" in ids
    assert "listed" not in ids  # removed since
    assert "follow" not in ids  # internal
    assert client.get(f"{ROOT}/entities/{code(77)}/facts").status_code == 404


@pytest.mark.parametrize("path", ["", "/versions", "/facts"])
def test_no_answer_about_an_entity_betrays_its_class(served, client: Client, path):
    text = client.get(f"{ROOT}/entities/{code(1)}{path}").content.decode()
    assert "class" not in text and "987" not in text and "secret-rule" not in text


def test_the_published_description_knows_no_class(client: Client):
    description = client.get(f"{ROOT}/openapi.json").content.decode().lower()
    assert "credit_class" not in description and "score" not in description


def test_versions_and_suggestions_and_counts_are_given(served, client: Client):
    assert [one["version"] for one in client.get(f"{ROOT}/entities/{code(1)}/versions").json()] == [1]
    suggested = client.get(f"{ROOT}/entities/suggest", {"q": "hmsp"}).json()
    assert [part["text"] for part in suggested[0]["segments"] if part["is_match"]] == ["禾满食品"]
    counts = client.get(f"{ROOT}/entities/counts").json()["counts"]
    assert (counts["440100"], counts["440300"], counts["440200"]) == (2, 1, 0)
    assert client.get(f"{ROOT}/entities/counts", {"by": "is_synthetic"}).json()["counts"] == {"0": 1, "1": 2}


def test_a_code_is_explained(served, client: Client):
    wrong = code(1)[:17] + ("0" if code(1)[17] != "0" else "1")
    answer = client.get(f"{ROOT}/codes/{wrong}/check").json()
    assert not answer["is_valid"]
    assert "第18位" in answer["problems"][0]["message"]["zh"]
    right = client.get(f"{ROOT}/codes/{code(1)}/check").json()
    assert right["is_valid"] and right["registered"][0]["uscc"] == code(1)


def read_csv(response: object) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8")  # type: ignore[attr-defined]
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_csv_says_what_it_is_and_names_its_columns_in_both_languages(served, client: Client):
    response = client.get(f"{ROOT}/entities.csv")
    note, chinese, english, *rows = read_csv(response)
    assert "截至2026-11-19" in note[0] and "含合成数据" in note[0] and "CC BY-NC-SA 4.0" in note[0]
    assert (chinese[0], english[0]) == ("统一社会信用代码", "uscc")
    assert len(chinese) == len(english) == len(rows[0])
    assert {row[english.index("is_synthetic")] for row in rows} == {"0", "1"}
    assert "%E5%90%88%E6%88%90%E6%95%B0%E6%8D%AE" in response["Content-Disposition"]


def test_a_csv_without_invented_entities_does_not_carry_the_mark(served, client: Client):
    response = client.get(f"{ROOT}/entities.csv", {"synthetic": "false"})
    note, *_, row = read_csv(response)
    assert "合成" not in note[0]
    assert row[1] == "示例真实有限公司"
    assert "%E5%90%88" not in response["Content-Disposition"]


def test_what_a_spreadsheet_would_run_as_a_formula_is_defused(served, client: Client):
    *_, row = read_csv(client.get(f"{ROOT}/entities.csv", {"q": code(2)}))
    assert row[1] == "'=示例公式有限公司"
    assert "'@SUM(1)" in row


def test_the_workbook_holds_the_same_rows_with_text_as_text(served, client: Client):
    response = client.get(f"{ROOT}/entities.xlsx", {"q": code(2)})
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    note, _, english, row = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    )
    assert "截至2026-11-19" in str(note[0])
    assert row[english.index("name")] == "=示例公式有限公司"
    assert row[english.index("uscc")] == code(2)


def test_an_export_that_is_too_large_is_refused_with_advice_not_cut_off(served, client: Client, monkeypatch):
    monkeypatch.setattr(exports, "ROW_LIMIT", 2)
    response = client.get(f"{ROOT}/entities.csv")
    assert (response.status_code, response.json()["error"]["code"]) == (422, "too_many_rows")
    assert "分次导出" in response.json()["error"]["message_zh"]
