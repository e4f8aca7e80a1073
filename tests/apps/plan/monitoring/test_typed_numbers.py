"""A typed number is read when it can mean one thing only."""

from decimal import Decimal

import pytest

from zhijian.apps.plan.monitoring.typed_numbers import NotANumber, read


@pytest.mark.parametrize(
    ("typed", "value"),
    [("4.4", "4.4"), (" 1,808 ", "1808"), ("１，８０８．５", "1808.5"), ("90%", "90"), ("９０％", "90"), ("−3.5", "-3.5"),
     (".5", "0.5"), ("5,600,000.00", "5600000.00")],
)  # fmt: skip
def test_thousands_full_width_signs_and_percent_are_read(typed, value):
    assert read(typed, unit="%") == Decimal(value)


@pytest.mark.parametrize("typed", ["4,4", "1,80", "18,08", "1,8080", "4,4.5", ",5", "1.808,5"])
def test_a_comma_that_could_be_a_decimal_point_is_refused_and_never_makes_tenfold(typed):
    with pytest.raises(NotANumber, match="comma") as refused:
        read(typed)
    assert "小数点" in refused.value.zh


@pytest.mark.parametrize(
    "typed", ["", "九十", "约90", "90%%", "1e3", "1_000", "NaN", "90 万", "99999999999999"]
)
def test_what_is_no_number_is_refused_with_an_example(typed):
    with pytest.raises(NotANumber, match=r"4\.4"):
        read(typed)


@pytest.mark.parametrize(("unit", "told"), [("万户", "（万户）"), ("", "不能带百分号")])
def test_a_percent_sign_is_refused_where_the_unit_is_none(unit, told):
    with pytest.raises(NotANumber, match="percent sign") as refused:
        read("90%", unit=unit)
    assert told in refused.value.zh
