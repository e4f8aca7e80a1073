"""Hours in which nobody is disturbed: a dated parameter, in Beijing time."""

from datetime import datetime, time, timedelta

from zhijian.standards import parameters
from zhijian.standards.calendar import ZONE, statutory_day

HOURS = parameters.load("service/notice_quiet_hours")


def disturbs(at: datetime) -> bool:
    """Say whether a message at this moment would fall into the quiet hours."""
    hours = HOURS.on(statutory_day(at))
    hour, begins, ends = at.astimezone(ZONE).hour, hours["begins"], hours["ends"]
    return begins <= hour or hour < ends if begins > ends else begins <= hour < ends


def after(at: datetime) -> datetime:
    """Return the moment itself, or the end of the quiet hours that it falls into."""
    if not disturbs(at):
        return at
    local = at.astimezone(ZONE)
    ends = HOURS.on(statutory_day(at))["ends"]
    morning = datetime.combine(local.date(), time(ends), ZONE)
    return morning if morning > local else morning + timedelta(days=1)
