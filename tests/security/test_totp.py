"""Codes of an app: those of RFC 6238, once each, within half a minute; a slow clock is told, a fast one is not."""

from datetime import UTC, datetime, timedelta

import pytest

from zhijian.security import totp

SECRET = b"12345678901234567890"  # of the RFC's appendix B, whose eight digits end in our six
NOW = datetime(2026, 11, 28, 9, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)  # fmt: skip
def test_codes_are_those_of_the_standard(seconds, code):
    assert totp.code(SECRET, totp.step_of(datetime.fromtimestamp(seconds, UTC))) == code


def code_at(moment):
    return totp.code(SECRET, totp.step_of(moment))


@pytest.mark.parametrize(
    ("seconds", "is_taken"), [(0, True), (-30, True), (30, True), (-60, False), (60, False)]
)
def test_half_a_minute_wrong_is_taken_and_more_is_not(seconds, is_taken):
    typed = code_at(NOW + timedelta(seconds=seconds))
    assert (totp.matching_step(SECRET, f" {typed[:3]} {typed[3:]}", at=NOW, after=0) is not None) is is_taken


def test_a_code_is_taken_once():
    step = totp.matching_step(SECRET, code_at(NOW), at=NOW, after=0)
    assert totp.matching_step(SECRET, code_at(NOW), at=NOW, after=step) is None


def test_a_clock_that_is_an_hour_slow_is_told_and_a_code_of_the_future_is_not():
    assert totp.minutes_late(SECRET, code_at(NOW - timedelta(hours=1)), at=NOW) == 60
    assert totp.minutes_late(SECRET, code_at(NOW + timedelta(hours=1)), at=NOW) is None
    assert totp.minutes_late(SECRET, "十二", at=NOW) is None
