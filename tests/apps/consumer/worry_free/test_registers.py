"""S53: what the register of promises refuses, and what a check does to what people read."""

from datetime import date

import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.consumer.worry_free.registers import CHECKS, COMMITMENTS
from zhijian.engines.registers.declared import services

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    return desk.province_keeper(COMMITMENTS)


@pytest.fixture
def row():
    return {**desk.demo_rows(COMMITMENTS, 1)[0], "key": "T-1", "takes_returns": "1", "return_days": "7"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"pays_first": "0", "protects_rights": "否", "takes_returns": ""}, "takes_returns"),
        ({"return_days": "6"}, "return_days"),
        ({"return_days": ""}, "return_days"),
        ({"macao_code": "已互认", "macao_number": ""}, "macao_number"),
        ({"uscc": "91440101MA5AB12345"}, "uscc"),
        ({"division_code": "999999"}, "division_code"),
        ({"key": "a b<script>"}, "key"),
    ],
)
def test_a_row_that_breaks_the_promise_s_own_rules_is_refused(keeper, row, change, field):
    with pytest.raises(services.WrongRow) as refused:
        services.add(COMMITMENTS, {**row, **change}, reason="试一试登记", by=keeper, at=AT)
    assert field in {one.field for one in refused.value.problems}


def test_two_broken_promises_show_on_the_public_page(client, keeper, row):
    services.add(COMMITMENTS, row, reason="按申请登记", by=keeper, at=AT)
    page = client.get("/registers/worry_free/entries/T-1/").content.decode()
    assert "没有核查不等于已兑现" in page and row["contact_name"] not in page
    for number in (1, 2):
        check = {
            "key": f"C-{number}", "name": row["name"], "division_code": row["division_code"], "commitment": "T-1",
            "method_code": "神秘顾客", "promise_code": "无理由退货", "outcome_code": "没有兑现", "found": "拒绝退货",
            "rectify_by": "2026-11-30", "valid_from": date(2026, 11, number).isoformat(), "is_synthetic": "1",
        }  # fmt: skip
        services.add(CHECKS, check, reason="核查登记", by=keeper, at=AT)
    page = client.get("/registers/worry_free/entries/T-1/").content.decode()
    assert "应当移出名录" in page and "C-2" in page


def test_script_in_a_field_is_shown_as_text(client, keeper, row):
    typed = {**row, "return_terms": "<script>alert(1)</script>"}
    services.add(COMMITMENTS, typed, reason="按申请登记", by=keeper, at=AT)
    page = client.get("/registers/worry_free/entries/T-1/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page
