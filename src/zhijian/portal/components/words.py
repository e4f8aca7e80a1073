"""How the portal writes dates, numbers and codes, in both languages."""

from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from zhijian.infrastructure.language import in_english as in_english  # pages call it `words.in_english`

_MONTHS = "January February March April May June July August September October November December".split()


def day(value: date | datetime, *, within: int | None = None) -> str:
    """Write a day: `2026年11月22日` or `22 November 2026`; without the year if it is `within`."""
    moment = local(value)
    if in_english():
        text = f"{moment.day} {_MONTHS[moment.month - 1]}"
        return text if moment.year == within else f"{text} {moment.year}"
    text = f"{moment.month}月{moment.day}日"
    return text if moment.year == within else f"{moment.year}年{text}"


def moment(value: datetime) -> str:
    """Write a day and a time of Beijing: `2026年11月22日 10:42`."""
    return f"{day(value)} {local(value):%H:%M}"


def local(value: date | datetime) -> date | datetime:
    """Return a moment in Beijing's time; a plain day stays as it is."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


_BROWSERS = (
    ("MicroMessenger/", "微信", "WeChat"),
    ("Edg/", "Edge", "Edge"),
    ("Firefox/", "Firefox", "Firefox"),
    ("Chrome/", "Chrome", "Chrome"),
    ("Safari/", "Safari", "Safari"),
)
_MACHINES = (
    ("HarmonyOS", "鸿蒙", "HarmonyOS"),
    ("Android", "安卓", "Android"),
    ("iPhone", "iPhone", "iPhone"),
    ("iPad", "iPad", "iPad"),
    ("Windows", "Windows", "Windows"),
    ("Macintosh", "Mac", "Mac"),
    ("Linux", "Linux", "Linux"),
)


def browser(agent: str) -> str:
    """Name a browser and its machine as a person knows them, from what the browser calls itself; else that, whole."""
    place = 2 if in_english() else 1
    named = [next((one[place] for one in known if one[0] in agent), None) for known in (_BROWSERS, _MACHINES)]
    return " · ".join(one for one in named if one) or agent


def number(value: int | float | Decimal) -> str:
    """Write a count: below 10,000 in full, then 万 with one decimal, then 亿 with two.

    English gives millions with up to three decimals, and everything below a million in full.
    """
    if in_english():
        return (
            f"{value / 1_000_000:.3f}".rstrip("0").rstrip(".") + " million"
            if value >= 1_000_000
            else f"{value:,}"
        )
    if value >= 100_000_000:
        return f"{value / 100_000_000:,.2f}亿"
    if value >= 10_000:
        return f"{value / 10_000:,.1f}万"
    return f"{value:,}"


def percent(part: int, whole: int) -> str | None:
    """Write a share with one decimal, or nothing where there is no whole."""
    return f"{100 * part / whole:.1f}%" if whole else None


def code_groups(code: str) -> list[str]:
    """Cut a unified social credit code 2-6-9-1 for reading; anything else stays whole."""
    return [code[:2], code[2:8], code[8:17], code[17:]] if len(code) == 18 else [code]
