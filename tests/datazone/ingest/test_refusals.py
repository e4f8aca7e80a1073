"""A row that breaks the contract goes to quarantine with field, value, reason and remedy; the others go in."""

import json
from pathlib import Path

import pytest

from tests.datazone.ingest.samples import (
    AT,
    TABLE,
    code,
    csv_text,
    fact,
    line,
    quarantined,
    take_in,
)
from zhijian.datazone import quality
from zhijian.datazone.lake import Lake


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "delivery.csv"


@pytest.mark.parametrize(
    ("changed", "field", "rule_id", "words"),
    [
        ({"name": "N/A"}, "name", "C-111", "企业名称为必填项"),
        ({"name": "长" * 201}, "name", "C-112", "超过200个字符"),
        ({"registered_on": "2019-02-30"}, "registered_on", "C-122", "不是日历上的日期"),
        ({"registered_on": "2026-11-25"}, "registered_on", "C-123", "不在1840-01-01至2026-11-24之间"),
        ({"file_year": "2019.5"}, "file_year", "C-131", "不是整数"),
        ({"file_year": "1066"}, "file_year", "C-132", "不在1840至2100之间"),
        ({"province": "电烤箱"}, "province", "C-152", "不在代码表内"),
        ({"province": ""}, "province", "C-151", "所在省份为必填项"),
        ({"city": "市" * 31}, "city", "C-161", "超过30个字符"),
    ],
)
def test_each_rule_names_the_field_the_value_and_the_reason(
    changed: dict[str, str], field: str, rule_id: str, words: str, lake: Lake, path: Path
) -> None:
    path.write_text(csv_text(line(1), line(2, **changed)))
    report = take_in(lake, path)
    (row,) = quarantined(lake)
    assert (row["source_line"], row["field"], row["rule_id"], row["state"]) == (3, field, rule_id, "open")
    assert row["value"] == changed[field] and words in row["reason_zh"]
    assert row["remedy_zh"] and row["remedy_en"] and row["reason_en"]
    assert json.loads(row["row"])["uscc"] == code(2)
    assert (report.rows_clean, report.rows_quarantined) == (1, 1)


def test_a_registration_on_the_day_of_delivery_in_china_is_not_in_the_future(lake: Lake, path: Path) -> None:
    path.write_text(csv_text(line(1, registered_on="2026-11-24")))
    assert take_in(lake, path, at=AT).rows_clean == 1


def test_a_wrong_check_character_says_which_and_what_it_should_be(lake: Lake, path: Path) -> None:
    right = code(1)
    wrong = right[:17] + ("A" if right[17] != "A" else "B")
    path.write_text(csv_text(line(1, uscc=wrong)))
    take_in(lake, path)
    (row,) = quarantined(lake)
    assert row["rule_id"] == "C-102"
    assert f"应为“{right[17]}”，现为“{wrong[17]}”" in row["reason_zh"]
    assert f"should be {right[17]}, it is {wrong[17]}" in row["reason_en"]
    assert not lake.exists(TABLE)


def test_a_letter_that_looks_like_a_digit_is_suggested_and_not_repaired(lake: Lake, path: Path) -> None:
    wrong = code(1)[:2] + "44O101" + code(1)[8:]
    path.write_text(csv_text(line(1, uscc=wrong)))
    take_in(lake, path)
    (row,) = quarantined(lake)
    assert row["suggestion"] == code(1) and row["value"] == wrong


def test_of_two_rows_with_one_code_the_later_is_refused_and_names_the_earlier_line(
    lake: Lake, path: Path
) -> None:
    path.write_text(csv_text(line(1), line(2), line(1, name="另一家")))
    take_in(lake, path)
    (row,) = quarantined(lake)
    assert (row["source_line"], row["rule_id"]) == (4, "C-103")
    assert "第2行已经出现" in row["reason_zh"]


def test_a_right_row_is_not_refused_for_repeating_a_refused_one(lake: Lake, path: Path) -> None:
    path.write_text(csv_text(line(1, province="电烤箱"), line(1)))
    assert take_in(lake, path).rows_clean == 1


def test_a_wrong_organisation_code_inside_is_counted_and_accepted(lake: Lake, path: Path) -> None:
    path.write_text(csv_text(line(1, uscc="914401131911696976")))
    report = take_in(lake, path)
    assert report.rows_clean == 1
    assert [(rule["rule_id"], rule["severity"], rule["count"]) for rule in report.rules] == [
        ("C-104", "warning", 1)
    ]


def test_a_row_that_breaks_two_rules_is_one_row_with_two_reasons(lake: Lake, path: Path) -> None:
    path.write_text(csv_text(line(1, name="", province="")))
    report = take_in(lake, path)
    assert report.rows_quarantined == 1
    assert [row["rule_id"] for row in quarantined(lake)] == ["C-111", "C-151"]


def test_facts_need_a_known_kind_an_object_and_a_key_of_their_own(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_text(
        "\n".join(
            [
                fact(1),
                fact(2, kind="rumour.heard"),
                fact(3, payload="[]"),
                fact(4, source_key="K1"),
                fact(6, payload="no json"),
                "{broken",
            ]
        )
    )
    report = take_in(lake, path, "supervision__facts")
    refused = [(row["source_line"], row["rule_id"]) for row in quarantined(lake)]
    assert refused == [(2, "C-222"), (3, "C-252"), (4, "C-201"), (5, "C-252"), (6, "C-002")]
    assert report.rows_clean == 1
    warned = [rule for rule in report.rules if rule["rule_id"] == "C-213"]
    assert warned[0]["count"] == 5  # no enterprise is registered in this lake: accepted, and said


def test_a_fact_without_id_gets_the_one_that_the_engine_of_facts_gives(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_text(fact(1))
    take_in(lake, path, "supervision__facts")
    (row,) = lake.read("standard_supervision__facts").to_pylist()
    from zhijian.engines.facts.leaves import fact_id_of

    assert row["fact_id"] == str(fact_id_of("处罚系统", "K1", 0))
    assert row["recorded_at"] == AT and row["is_synthetic"] is False
    assert json.loads(row["payload"]) == {"fine_yuan": "5000.00"}


def test_a_penalty_without_title_goes_to_quarantine_and_lists_keep_their_types(
    lake: Lake, tmp_path: Path
) -> None:
    rows = [
        {
            "decision_no": f"粤市监处罚〔2026〕{number}号",
            "published_on": "2026-09-03",
            "agency": "广东省市场监督管理局",
            "field": "广告违法",
            "title": title,
            "laws_cited": ["中华人民共和国广告法"],
            "amounts_yuan": [493702.42],
            "url": "https://example.org/a",
        }
        for number, title in ((1, "某案"), (2, ""))
    ]
    path = tmp_path / "p.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    take_in(lake, path, "enforcement__penalty_decisions")
    (clean,) = lake.read("standard_enforcement__penalty_decisions").to_pylist()
    assert str(clean["amounts_yuan"][0]) == "493702.42" and clean["laws_cited"] == ["中华人民共和国广告法"]
    (refused,) = quarantined(lake)
    assert (refused["field"], refused["rule_id"]) == ("title", "C-341")


def test_the_quality_report_counts_what_it_says_it_counts(lake: Lake, path: Path) -> None:
    path.write_text(csv_text(line(1, scope="百货〓"), line(2, capital="N/A"), line(3, name=""), line(1)))
    report = take_in(lake, path)
    assert (report.rows_in, report.rows_clean, report.rows_quarantined) == (4, 2, 2)
    assert {(entry["field"], entry["what"], entry["count"]) for entry in report.cleaned} == {
        ("scope", "stray_character", 1),
        ("capital", "unknown_word", 1),
        ("type", "unknown_word", 4),
    }
    fields = {entry["name"]: entry for entry in report.fields}
    assert fields["capital"]["completeness"] == 0.75 and fields["uscc"]["uniqueness"] == 0.75
    # 10 counted fields: 7 known everywhere, capital 3/4, name 3/4, type nowhere
    assert report.completeness == pytest.approx((7 + 0.75 + 0.75 + 0) / 10)
    assert report.score == round(100 * (0.5 * 0.5 + 0.4 * 0.85 + 0.1 * 0.75), 1)
    assert quality.reports(lake) == [report.to_dict()]
    beside = lake.deliveries / report.delivery_sha256 / "registration__enterprises" / "quality.json"
    assert json.loads(beside.read_text()) == report.to_dict()
    assert [entry["rule_id"] for entry in quality.reasons(lake)] == ["C-103", "C-111"]
    found = quality.quarantine(lake, {"rule_id": "C-111"}, limit=5)
    assert [row["rule_id"] for row in found.rows] == ["C-111"]


def test_the_quarantine_is_read_page_by_page_without_what_is_settled(lake: Lake, path: Path) -> None:
    path.write_text(csv_text(*(line(number, name="") for number in range(1, 8))))
    take_in(lake, path)
    every = quality.quarantine(lake, limit=50)
    keys = [(row["contract"], row["delivery_sha256"], row["source_line"]) for row in every.rows]
    assert [line_number for _, _, line_number in keys] == [2, 3, 4, 5, 6, 7, 8]
    page = quality.quarantine(lake, settled=keys[:2], first=3, limit=3)
    assert ([row["source_line"] for row in page.rows], page.first, page.count) == ([7, 8], 3, 5)
    past_the_end = quality.quarantine(lake, first=50, limit=3)
    assert ([row["source_line"] for row in past_the_end.rows], past_the_end.first) == ([2, 3, 4], 0)
    assert quality.quarantine(lake, {"rule_id": "C-999"}, limit=3).count == 0


def test_a_score_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="share between 0 and 1"):
        quality.score(validity=1.2, completeness=1, uniqueness=1)


def test_a_later_delivery_of_the_same_code_is_kept_as_another_version(lake: Lake, path: Path) -> None:
    path.write_text(csv_text(line(1)))
    take_in(lake, path)
    path.write_text(csv_text(line(1, name="改名后的公司")))
    assert take_in(lake, path).rows_clean == 1
    assert sorted(lake.read(TABLE)["name"].to_pylist()) == ["改名后的公司", "示例1有限公司"]


def test_a_long_code_list_is_told_by_its_entries_most_like_the_value(lake: Lake, path: Path) -> None:
    path.write_text(csv_text(line(1, province="廣东省")))
    take_in(lake, path)
    (row,) = quarantined(lake)
    assert row["remedy_zh"].startswith("改为代码表中的一项：广东省、") and "…（68）" in row["remedy_zh"]
