"""Numbers of residents' cards: the standard's own examples, and what a hurried thumb makes of them."""

import pytest

from zhijian.standards import resident_number


@pytest.mark.parametrize(
    "text", ["11010519491231002X", "440524188001010014", "１１０１０５19491231002x", "110105 19491231 002X"]
)
def test_the_examples_of_the_standard_are_right(text):
    assert resident_number.is_valid(text)


@pytest.mark.parametrize(
    "text",
    ["", "123", "110105194912310021", "11010519491331002X", "X10105194912310021"],
)
def test_a_wrong_length_day_or_check_digit_is_not(text):
    assert not resident_number.is_valid(text)
