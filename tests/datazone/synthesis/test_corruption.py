"""Records without a credit code: documented corruptions, the truth beside them, the same whatever the order."""

import ibis
import numpy as np
import pyarrow as pa
import pytest

from zhijian.datazone.synthesis.corruption import (
    CORRUPTIONS,
    corrupt,
    drop_address_prefix,
    drop_digits,
    drop_form,
    drop_prefix,
    mistype,
    swap_form,
    traditional,
)

NAME = "广州市天河区示例恒丰贸易有限公司"


@pytest.fixture
def entities() -> pa.Table:
    n = 4000
    return pa.table(
        {
            "uscc": [f"91440106MAY{i:07d}" for i in range(n)],
            "name": [f"广州市示例恒丰{chr(0x4E00 + i)}贸易有限公司" for i in range(n)],
            "address": [f"广东省广州市天河区石牌街道示例路{i}号101房" for i in range(n)],
            "representative_id": [f"P{i}" for i in range(n)],
            "phone_id": [f"T{i}" for i in range(n)],
        }
    )


def test_a_record_loses_the_division_before_its_trade_name():
    assert drop_prefix(NAME) == "示例恒丰贸易有限公司"


def test_a_record_loses_or_swaps_its_legal_form():
    assert drop_form(NAME) == "广州市天河区示例恒丰贸易"
    assert swap_form(NAME, 0.0) == "广州市天河区示例恒丰贸易有限责任公司"


@pytest.mark.parametrize("detail", [0.0, 0.2, 0.5, 0.77, 0.999])
def test_a_mistyped_name_differs_in_one_character_and_in_neither_division_nor_form(detail):
    wrong = mistype(NAME, detail)
    assert sum(a != b for a, b in zip(wrong, NAME, strict=True)) == 1
    assert wrong.startswith("广州市天河区示例")
    assert wrong.endswith("有限公司")


def test_an_address_loses_its_digits_or_its_prefix():
    address = "广东省广州市天河区石牌街道天河路12号A栋305房"
    assert drop_digits(address) == "广东省广州市天河区石牌街道天河路号栋房"
    assert drop_address_prefix(address) == "石牌街道天河路12号A栋305房"


def test_a_name_is_written_in_traditional_characters():
    assert traditional("恒丰贸易") == "恆豐貿易"


def test_records_are_the_same_whatever_the_order_of_the_register(entities):
    con = ibis.duckdb.connect()
    shuffled = entities.take(pa.array(np.random.default_rng(1).permutation(len(entities))))
    assert corrupt(con, entities, share=0.25, seed=7).equals(corrupt(con, shuffled, share=0.25, seed=7))
    assert not corrupt(con, entities, share=0.25, seed=8).equals(corrupt(con, entities, share=0.25, seed=7))


def test_the_share_of_entities_and_of_each_corruption_is_the_documented_one(entities):
    records = corrupt(ibis.duckdb.connect(), entities, share=0.5, seed=7)
    chosen = set(records["true_uscc"].to_pylist())
    assert len(chosen) == pytest.approx(2000, abs=120)
    assert len(records) == pytest.approx(1.5 * len(chosen), rel=0.05)
    blank_phones = sum(phone is None for phone in records["phone_id"].to_pylist()) / len(records)
    assert blank_phones == pytest.approx(CORRUPTIONS["phone_blank"], abs=0.03)
    without_city = sum("广州" not in name and "廣州" not in name for name in records["name"].to_pylist())
    assert without_city / len(records) == pytest.approx(CORRUPTIONS["prefix_dropped"], abs=0.03)
    assert records.column_names == [
        "record_id", "name", "address", "representative_id", "phone_id", "true_uscc",
    ]  # fmt: skip


def test_the_truth_is_the_entity_that_the_record_was_copied_from(entities):
    people = dict(zip(entities["uscc"].to_pylist(), entities["representative_id"].to_pylist(), strict=True))
    for record in corrupt(ibis.duckdb.connect(), entities, share=0.1, seed=3).to_pylist():
        assert record["representative_id"] in (None, people[record["true_uscc"]])
