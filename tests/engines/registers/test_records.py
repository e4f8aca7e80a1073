"""What a record says of itself, in both languages."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.engines.registers.factory import code, entity, register_of
from zhijian.engines.facts.publicity import decide
from zhijian.engines.registers import DeliveredFact, EntityRecord, Label
from zhijian.engines.registers.code_lists import capital_label
from zhijian.engines.registers.public_records import is_on_serious_list


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> EntityRecord:
    folder: Path = tmp_path_factory.mktemp("records")
    found = register_of(folder, [entity(1, "示例甲有限公司", status_code="revoked")]).find(code(1).lower())
    assert found is not None
    return found


def test_a_record_comes_back_from_the_store_as_it_went_in(record):
    row = entity(1, "示例甲有限公司", status_code="revoked")
    del row["division_evidence"]
    assert {name: getattr(record, name) for name in row} == row


def test_the_code_is_grouped_as_people_read_it(record):
    assert "".join(record.code_groups) == record.uscc
    assert [len(group) for group in record.code_groups] == [2, 6, 9, 1]


def test_codes_are_said_in_words(record):
    assert record.status == Label("吊销，未注销", "Licence revoked, not deregistered")
    assert record.prefecture == Label("广州市", "Guangzhou")
    assert record.division_full_name == "广州市天河区"
    assert record.industry_section_label.zh == "批发和零售业"
    assert record.industry_name
    assert record.enterprise_type_name


def test_the_evidence_says_which_words_decided(record):
    assert record.evidence_sentences[0].zh == "县（市、区）：天河区（依据住所中的“天河区”）"
    assert record.evidence_sentences[0].en == "County: 天河区 (from “天河区” in the address)"
    assert record.industry_sentence.zh == "由经营范围推定：“食品销售”，把握82%"


@pytest.mark.parametrize(
    ("amount", "currency", "text", "zh", "en"),
    [
        ("2000000", "CNY", "200(万元人民币)", "200万元人民币", "CNY 2 million"),
        ("16502000.0000", "CNY", "", "1,650.2万元人民币", "CNY 16.502 million"),
        ("120000000", "USD", "", "1.2亿美元", "USD 120 million"),
        ("9999.5", "HKD", "", "9,999.5港元", "HKD 9,999.5"),
        ("20000", "XYZ", "", "2万XYZ", "XYZ 20,000"),
        ("30000", None, "3万", "3万（币种未载明）", "30,000 (currency not stated)"),
        (None, None, "叁拾万", "叁拾万（原文）", "叁拾万 (as delivered)"),
        (None, None, "N/A", "来源未载明", "Not stated by the source"),
        (None, None, None, "来源未载明", "Not stated by the source"),
    ],
)
def test_capital_is_said_in_its_own_currency_and_never_converted(amount, currency, text, zh, en):
    assert capital_label(Decimal(amount) if amount else None, currency, text) == Label(zh, en)


@pytest.mark.parametrize(
    ("kind", "listed_on", "until"),
    [
        ("serious_list.listed", date(2023, 3, 10), date(2026, 3, 10)),
        (
            "serious_list.listed",
            date(2019, 5, 1),
            date(2024, 9, 1),
        ),  # before the Measures: it ends all the same
        ("abnormal_list.listed", date(2023, 3, 10), None),  # until it is removed
        ("no.such_kind", date(2023, 3, 10), None),
    ],
)
def test_a_typed_delivery_ends_by_the_dated_rule_of_its_kind(kind, listed_on, until):
    row = {
        "kind": kind, "occurred_on": listed_on, "recorded_on": listed_on, "amount_yuan": None, "codes": None,
        "ground_code": None, "field_code": "food", "reference": "示例列1号", "source": "tests", "source_key": "a",
        "is_synthetic": True,
    }  # fmt: skip
    fact = DeliveredFact.from_typed(row, code(1))
    assert fact.public_until == until
    if until is not None:
        assert decide(fact, on=until).is_public and not decide(fact, on=until + timedelta(days=1)).is_public
        assert not is_on_serious_list([fact], on=until + timedelta(days=1))
