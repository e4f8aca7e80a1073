import pytest

from zhijian.standards.whole_number import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("0042", 42), ("9" * 18, 10**18 - 1)])
def test_digits_are_read(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", " 1", "-1", "+1", "1.0", "1_000", "²", "٣", "１", "9" * 19, "1" * 5000])
def test_what_is_no_number_in_plain_digits_is_none(text):
    assert whole_number(text) is None


def test_fewer_digits_may_be_asked_for():
    assert whole_number("99", most_digits=2) == 99
    assert whole_number("100", most_digits=2) is None
