"""Receipt numbers show a slip of the pen; codes are read as they were meant."""

from datetime import date

import pytest

from zhijian.apps.consumer.complaints.intake import receipts

DAY = date(2026, 11, 22)


def zeros(length):
    return bytes(length)


def test_every_wrong_digit_and_every_swap_of_neighbours_is_noticed():
    number = receipts.new_number(DAY, lambda length: (4821).to_bytes(length, "big"))
    assert number.startswith("20261122-004821-")
    digits = number.replace("-", "")
    for place in range(15):
        for wrong in set("0123456789") - {digits[place]}:
            assert receipts.read_number(digits[:place] + wrong + digits[place + 1 :]) is None
        swapped = digits[:place] + digits[place : place + 2][::-1] + digits[place + 2 :]
        assert swapped == digits or receipts.read_number(swapped) is None
    assert receipts.read_number(number) == number


@pytest.mark.parametrize("typed", ["２０２６１１２２-{}", " 20261122 {} ", "20261122{}"])
def test_a_number_is_read_in_any_width_with_or_without_dashes(typed):
    number = receipts.new_number(DAY, zeros)
    assert receipts.read_number(typed.format(number[9:])) == number


def test_a_code_is_the_same_in_small_letters_and_with_letters_for_digits():
    code = receipts.new_code(receipts.SECRET_LENGTH, lambda length: bytes([0, 1, 19, 20, 0, 1, 19, 20]))
    assert code == "01KM-01KM"
    kept = receipts.digest(code, "status", "key")
    assert receipts.is_same("oIkm oLkm", "status", kept, "key")
    assert not receipts.is_same("0IKM-01KN", "status", kept, "key")


def test_a_digest_for_one_purpose_opens_nothing_else():
    assert receipts.digest("01KM-01KM", "status", "key") != receipts.digest("01KM-01KM", "resume", "key")
