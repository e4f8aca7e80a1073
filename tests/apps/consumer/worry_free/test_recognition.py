"""S53: what Guangdong and Macao recognise together has both numbers and days, and either side may end it."""

from datetime import date, timedelta

import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.consumer.worry_free.registers import CHECKS, COMMITMENTS, RECOGNITIONS
from zhijian.apps.consumer.worry_free.rules import Mutual, mutual_standing
from zhijian.engines.registers.declared import services

ON = date(2026, 11, 28)
FIRST, SECOND = date(2026, 1, 5), date(2026, 2, 1)


@pytest.mark.parametrize(
    ("told", "own", "code"),
    [
        (Mutual(FIRST, None), "honoured", "waiting"),
        (Mutual(None, FIRST), "honoured", "waiting"),
        (Mutual(FIRST, ON + timedelta(1)), "honoured", "waiting"),
        (Mutual(FIRST, ON), "unchecked", "holds"),
        (Mutual(FIRST, SECOND, last_on=ON), "rectifying", "holds"),
        (Mutual(FIRST, SECOND, last_on=ON - timedelta(1)), "honoured", "over"),
        (Mutual(FIRST, SECOND), "suspended", "paused"),
        (Mutual(FIRST, SECOND), "removed", "paused"),
        (Mutual(FIRST, SECOND, ended_on=ON), "honoured", "ended"),
        (Mutual(FIRST, None, ended_on=ON), "honoured", "ended"),
        (Mutual(FIRST, SECOND, ended_on=ON + timedelta(1)), "honoured", "holds"),
    ],
)
def test_it_holds_from_the_second_sides_day_until_either_ends_it(told, own, code):
    assert mutual_standing(told, own_standing=own, on=ON) == code


@pytest.fixture
def keeper(db):
    return desk.province_keeper(RECOGNITIONS)


@pytest.fixture
def promise(keeper):
    row = {**desk.demo_rows(COMMITMENTS, 1)[0], "key": "T-1"}
    return services.add(COMMITMENTS, row, reason="按申请登记", by=keeper, at=AT)


@pytest.fixture
def row(promise):
    return {
        "key": "YA-T1", "name": promise.name, "side_code": "广东的店", "commitment": "T-1", "place": "示例路1号",
        "trade_code": "零售", "guangdong_number": "GD-1", "guangdong_on": "2026-01-05", "macao_number": "MO-1",
        "macao_on": "2026-02-01", "language_code": "葡文", "name_other": "Loja Exemplo", "ended_by": "没有终止",
        "valid_from": "2026-01-05", "is_synthetic": "1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"macao_on": ""}, "macao_on"),
        ({"macao_number": ""}, "macao_number"),
        (
            {"macao_number": "", "macao_on": "", "guangdong_number": "", "guangdong_on": ""},
            "guangdong_number",
        ),
        ({"commitment": ""}, "commitment"),
        ({"commitment": "没有这一条"}, "commitment"),
        ({"ended_by": "澳门一方终止"}, "ended_on"),
        ({"ended_on": "2026-11-01"}, "ended_on"),
        ({"language_code": "火星文"}, "language_code"),
    ],
)
def test_half_a_recognition_is_refused(keeper, row, change, field):
    with pytest.raises(services.WrongRow) as refused:
        services.add(RECOGNITIONS, {**row, **change}, reason="登记互认", by=keeper, at=AT)
    assert field in {one.field for one in refused.value.problems}
    assert all(one.reason.en and one.remedy.en for one in refused.value.problems)


def test_it_shows_on_the_promise_and_pauses_with_it_and_ends_on_either_side(client, keeper, row):
    entry = services.add(RECOGNITIONS, row, reason="登记互认", by=keeper, at=AT)
    promise, own = "/registers/worry_free/entries/T-1/", "/registers/macao_recognitions/entries/YA-T1/"
    page = client.get(promise).content.decode()
    assert "粤澳互认有效" in page and "GD-1、MO-1" in page
    assert "Loja Exemplo" in client.get(own).content.decode()
    check = {
        "key": "C-1", "name": row["name"], "division_code": "440106", "commitment": "T-1", "method_code": "神秘顾客",
        "promise_code": "无理由退货", "outcome_code": "没有兑现", "found": "拒绝退货", "rectify_by": "2026-11-02",
        "valid_from": "2026-11-01", "is_synthetic": "1",
    }  # fmt: skip
    services.add(CHECKS, check, reason="核查登记", by=keeper, at=AT)
    assert "互认暂停推介" in client.get(own).content.decode()
    ended = {
        **row,
        "ended_by": "澳门一方终止",
        "ended_on": "2026-11-10",
        "ended_reason": "不再符合诚信店要求",
    }
    services.change(RECOGNITIONS, "YA-T1", ended, seen=entry.version, reason="澳门来函终止", by=keeper, at=AT)
    page = client.get(promise).content.decode()
    assert "互认已终止" in page and "澳门一方终止" in page
