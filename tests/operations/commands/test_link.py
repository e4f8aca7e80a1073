"""`zhijian link`: from a file of records to a file of links, and clear words where it cannot."""

import json

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner

from zhijian.datazone.lake import Lake
from zhijian.datazone.linkage import register, scoring
from zhijian.operations.commands.link import command

CODE = "91440300MAYY00001A"


@pytest.fixture
def lake(home):
    lake = Lake(home.lake)
    rows = [
        {"uscc": CODE, "name": "深圳市示例禾满食品有限公司", "address": "深圳市南山区粤海街道科苑路1号"},
        {
            "uscc": "91440100MAYY00002B",
            "name": "广州市示例盛源电子科技有限公司",
            "address": "广州市天河区天河路2号",
        },
    ]
    more = {
        "prefecture_code": None,
        "county_code": None,
        "representative_id": None,
        "phone_id": None,
        "is_synthetic": True,
    }
    lake.write("raw_registration__market_entities", pa.Table.from_pylist([row | more for row in rows]))
    return lake


def run(*words):
    return CliRunner().invoke(command, [str(word) for word in words])


def test_a_file_of_records_comes_back_with_codes_chances_and_reasons(lake, tmp_path):
    file = tmp_path / "complaints.csv"
    file.write_text("\ufeff名称,地址\n禾滿食品,粤海街道科苑路1号\n火星百货,\n", "utf-8")
    done = run(file, "--register", "--json")
    assert done.exit_code == 0, done.output
    told = csv.read_csv(tmp_path / "complaints-linked.csv").to_pylist()
    assert told[0]["uscc"] == CODE and told[0]["probability"] > 0.95
    assert "trade=exact" in told[0]["explanation"] and "address=number" in told[0]["explanation"]
    assert (told[1]["uscc"] or "", told[1]["decision"]) == ("", "not_found")
    assert json.loads(done.output)["records"] == 2


def test_parquet_goes_in_and_out(lake, tmp_path):
    parquet.write_table(
        pa.table({"name": ["盛源电子科技"], "address": ["天河路2号"]}), tmp_path / "a.parquet"
    )
    assert run(tmp_path / "a.parquet", "--register", "-o", tmp_path / "b.parquet").exit_code == 0
    assert parquet.read_table(tmp_path / "b.parquet")["uscc"].to_pylist() == ["91440100MAYY00002B"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"shop,place\nx,y\n", "没有名称列"),
        ("a.csv", b"name\n", "没有数据行"),
        ("a.csv", "name\n禾满".encode("gb18030"), "不是 UTF-8"),
        ("a.csv", b"name,address\nx,y,z\n", "无法读取"),
        ("a.xlsx", b"x", ".csv"),
        ("a.parquet", b"no parquet", "无法读取"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(lake, tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    done = run(tmp_path / name, "--register")
    assert done.exit_code == 1 and words in done.output and "Traceback" not in done.output


def test_without_file_or_register_it_says_what_to_do(home, tmp_path):
    assert "找不到文件" in run(tmp_path / "none.csv", "--register").output
    file = tmp_path / "a.csv"
    file.write_text("name\n禾满\n", "utf-8")
    assert "--register" in run(file).output
    assert "zhijian build" in run(file, "--register").output


@pytest.mark.django_db
def test_decisions_of_officers_teach_the_weights_once(home, lake):
    from datetime import UTC, date, datetime

    from zhijian.engines.facts import services

    assert "Nothing was decided" in run("retrain").output
    payload = {
        "verdict": "different",
        "reason": "核实",
        "levels": [5, 2, 1, 1, -1, -1, 1],
        "namesakes": 9,
        "entities": 1000,
    }
    for number in range(30):
        services.record("linkage.decided", subject=CODE, occurred_on=date(2026, 11, 1), source="linkage", source_key=str(number),
                        payload=payload | {"pair_id": str(number)}, by="test", at=datetime(2026, 11, 2, tzinfo=UTC), is_synthetic=True)  # fmt: skip
    assert run("retrain").exit_code == 0
    first = register.weights_of(home.root)
    assert first.labels == scoring.load().labels + 30
    assert run("retrain").exit_code == 0
    assert register.weights_of(home.root) == first
