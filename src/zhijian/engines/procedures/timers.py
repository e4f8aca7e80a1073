"""When a timer of a drawing fires: after the last day of a clock, or a plain while after the token came there."""

import re
from datetime import date, datetime, time, timedelta

from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import ZONE

_DURATION = re.compile(
    r"^P(?:(?P<weeks>\d{1,3})W)?(?:(?P<days>\d{1,4})D)?(?:T(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,5})M)?)?$"
)


class DurationProblem(BilingualError, ValueError):
    """A timer's duration cannot be read; the message says why, in both languages."""


def duration(text: str) -> timedelta:
    """Read an ISO 8601 duration of weeks, days, hours and minutes, such as P3D or PT12H.

    Periods of the law are not written so: they are deadlines that name a dated parameter.

    Raises:
        DurationProblem: it is none, or is zero.
    """
    plain = text.strip().strip("\"'")
    found = _DURATION.match(plain)
    length = (
        timedelta(**{key: int(value) for key, value in found.groupdict().items() if value}) if found else None
    )
    if not length:
        raise DurationProblem(
            f"时长“{text}”不是 ISO 8601 写法（如 P3D、PT12H）。",
            f"'{text}' is no ISO 8601 duration such as P3D or PT12H.",
        )
    return length


def fires_at(due_on: date | None) -> datetime | None:
    """Return the first moment after the last day of a period; None while its clock stands still."""
    if due_on is None:
        return None
    return datetime.combine(due_on + timedelta(days=1), time(), tzinfo=ZONE)
