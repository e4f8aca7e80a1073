"""The published feature contract: what is asked of a data set, and how a wrong one is refused."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.datazone.risk.conftest import tiny_rows
from zhijian.datazone.risk import contract
from zhijian.datazone.risk.contract import BadDataset, BadRiskContract


def refusal(table, path):
    with pytest.raises(BadDataset) as refused:
        contract.dataset(table, contract.load(path))
    return str(refused.value)


@pytest.mark.parametrize("name", ["chicago_food_inspections", "province_violations"])
def test_every_published_contract_declares_who_is_sent_and_three_slices(name):
    published = contract.load(name)
    assert [column.logical_type for column in published.features("assignment")] == ["string"]
    assert {column.name for column in published.slices()} == {"slice_division", "slice_size", "slice_age"}
    assert published.limits


def test_an_unknown_contract_is_answered_with_those_that_exist():
    with pytest.raises(BadRiskContract, match=r"chicago_food_inspections, province_violations"):
        contract.load("nothing")


def test_words_have_no_direction(write_contract):
    def change(document):
        document["schema"][0]["properties"][8]["customProperties"].append(
            {"property": "direction", "value": "increasing"}
        )

    with pytest.raises(BadRiskContract, match="inspector: words have no order"):
        contract.load(write_contract(change))


def test_a_contract_without_label_is_refused(write_contract):
    path = write_contract(lambda document: document["schema"][0]["properties"].pop(3))
    with pytest.raises(BadRiskContract, match="one column with riskRole label; this one names none"):
        contract.load(path)


def test_yaml_that_is_no_contract_is_refused_by_name(tmp_path):
    (tmp_path / "list.yaml").write_text("- 1\n")
    with pytest.raises(BadRiskContract, match=r"list.yaml is no feature contract"):
        contract.load(tmp_path / "list.yaml")


def test_every_missing_column_is_named_at_once(write_contract):
    told = refusal(tiny_rows().drop_columns(["dirt", "size"]), write_contract())
    assert "column dirt is missing" in told
    assert "column size is missing" in told


def test_a_label_that_is_neither_0_nor_1_is_named_with_its_row(write_contract):
    rows = tiny_rows()
    labels = rows["found"].to_pylist()
    labels[4] = 3
    told = refusal(rows.set_column(3, "found", pa.array(labels)), write_contract())
    assert "the label is 3.0 in row 5. It must be 0 (nothing found) or 1 (violation)." in told


def test_a_visit_cannot_be_decided_after_it_happened(write_contract):
    rows = tiny_rows()
    told = refusal(rows.set_column(1, "decided", rows["happened"].slice(0).combine_chunks().take(pa.array([*range(1, 2_400), 2_399]))), write_contract())  # fmt: skip
    assert "was decided after it happened" in told


def test_a_unit_happens_once_a_day(write_contract):
    rows = tiny_rows()
    told = refusal(pa.concat_tables([rows, rows.slice(9, 1)]), write_contract())
    assert "unit u9 happens twice on one day (1 such pairs)" in told


def test_words_where_numbers_belong_are_refused_and_an_empty_day_is_told_with_its_row(write_contract):
    rows = tiny_rows()
    told = refusal(rows.set_column(5, "dirt", pa.array(["much"] * 2_400)), write_contract())
    assert "column dirt holds string, which is no number" in told
    days = rows["happened"].to_pylist()
    days[2] = None
    told = refusal(rows.set_column(2, "happened", pa.array(days, pa.date32())), write_contract())
    assert "column happened is empty in 1 rows, first in row 3" in told


def test_infinite_numbers_and_too_few_violations_are_refused(write_contract):
    rows = tiny_rows()
    dirt = rows["dirt"].to_pylist()
    dirt[0] = float("inf")
    assert "column dirt is infinite, first in row 1" in refusal(
        rows.set_column(5, "dirt", pa.array(dirt)), write_contract()
    )
    assert "At least 20 of each are needed" in refusal(
        rows.set_column(3, "found", pa.array([0] * 2_400)), write_contract()
    )


def test_a_file_that_is_no_parquet_is_refused(tmp_path, write_contract):
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"not parquet")
    with pytest.raises(BadDataset, match="cannot be read as Parquet"):
        contract.read(path, contract.load(write_contract()))


def test_the_order_of_rows_in_the_file_does_not_matter(tmp_path, write_contract):
    rows, published = tiny_rows(), contract.load(write_contract())
    pq.write_table(rows.take(pa.array(range(2_399, -1, -1))), tmp_path / "turned.parquet")
    turned = contract.read(tmp_path / "turned.parquet", published)
    assert turned.unit.tolist() == contract.dataset(rows, published).unit.tolist()
