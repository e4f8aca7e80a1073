"""The days of the demonstration. They are fixed, so that every run tells the same story."""

from datetime import date, datetime

from zhijian.standards.calendar import ZONE


def moment(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of 2026 in China time."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


DELIVERED = moment(10, 31, 6)
CHANGES_DELIVERED = moment(11, 1, 6)
REGISTERS_KEPT = moment(11, 20, 11)
MONTH_END = date(2026, 10, 31)
CERTIFICATES_UNTIL = date(2028, 12, 31)
