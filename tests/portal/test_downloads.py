"""Tables that are taken away: what a stranger typed is text, not a program."""

import pytest

from zhijian.portal.views.downloads import csv_text


@pytest.mark.parametrize(
    "typed", ['=HYPERLINK("http://x")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1"]
)
def test_a_formula_in_a_firm_s_name_is_written_as_text(typed):
    assert f"'{typed[:5]}" in csv_text([[typed, 1]])


@pytest.mark.parametrize("number", ["-0.25", "+3", "-1,200.5", "-4.5%", "-1.2e-05", "-", -7])
def test_a_negative_number_stays_one(number):
    assert "'" not in csv_text([["示例", number]])
