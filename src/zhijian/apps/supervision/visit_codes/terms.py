"""What this installation has set for codes of visits: no law says it."""

from datetime import date, datetime, timedelta

from zhijian.standards import parameters
from zhijian.standards.calendar import statutory_day

CODE = parameters.load("supervision/visit_code")
_INVENTED = "示例"  # invented people are named so; it is no part of the name


def window_seconds(on: date) -> int:
    """Return for how many seconds one code stands on an inspector's phone."""
    return 60 * int(CODE.on(on)["window_minutes"])


def window_of(at: datetime) -> int:
    """Return the number of the window of time in which a moment lies, counted from 1970."""
    return int(at.timestamp()) // window_seconds(statutory_day(at))


def feedback_until(last: date) -> date:
    """Return the last day on which the business may still say how it was."""
    return last + timedelta(days=int(CODE.on(last)["feedback_days"]))


def shown_name(name: str, on: date) -> str:
    """Return an inspector's name as a visitor of the public page reads it: whole, the surname, or not at all.

    The certificate number is always shown: by it the business compares the certificate that it is handed.
    """
    how = CODE.on(on)["names"]
    if how == "whole":
        return name
    if how == "none" or not name:
        return ""
    lead = _INVENTED if name.startswith(_INVENTED) else ""
    return f"{lead}{name[len(lead) :][:1]}＊"
