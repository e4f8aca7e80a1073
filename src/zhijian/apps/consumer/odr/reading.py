"""What people type into a room: sums, days, words. What cannot be taken is refused with the reason and the remedy."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from unicodedata import normalize

from zhijian.apps.consumer.odr.errors import BadInput
from zhijian.standards.calendar import ZONE, statutory_day

LONGEST = 1000  # characters of a message or offer
MOST_YUAN = Decimal("9999999.99")
LONGEST_DAYS = 366
_MARKUP = re.compile(r"<\s*[/!]?\s*[a-zA-Z][^<>]{0,200}>?")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PLAIN = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")


def words(field: str, typed: str, *, longest: int = LONGEST, may_be_empty: bool = False) -> str:
    """Return what was typed as plain text; line breaks stay.

    Raises:
        BadInput: empty, too long, with markup, or with a telephone or identity number that the other side would read.
    """
    text = "".join(c for c in typed.replace("\r\n", "\n") if c.isprintable() or c in "\n\u3000").strip()
    if not text and not may_be_empty:
        raise BadInput(field, "请写几句话。", "Please write something.")
    if len(text) > longest:
        raise BadInput(
            field,
            f"最多{longest}个字，现有{len(text)}个。请分几次写。",
            f"At most {longest} characters; this has {len(text)}. Write it in parts.",
        )
    if found := _MARKUP.search(normalize("NFKC", text)):
        raise BadInput(
            field,
            f"里面有网页代码“{found.group()[:20]}”，没有收下。请只写文字。",
            f"It holds markup '{found.group()[:20]}' and was not taken. Please write plain words.",
        )
    plain = normalize("NFKC", text)
    if _PHONE.search(plain) or _IDENTITY.search(plain):
        raise BadInput(
            field,
            "里面有电话或者证件号码，对方会看到，没有收下。请去掉号码；要联系，请由调解员转达。",
            "It holds a telephone or identity number that the other side would read. Take it out; the mediator passes messages on.",
        )
    return text


def yuan(field: str, typed: str) -> Decimal:
    """Return a sum of money with at most two decimals; nothing typed is zero.

    Raises:
        BadInput: negative, no number, in powers of ten, or beyond what a consumer dispute is about.
    """
    text = normalize("NFKC", typed).strip().removesuffix("元").replace(",", "").replace(" ", "")
    if not text:
        return Decimal(0)
    if text.startswith("-"):
        raise BadInput(
            field,
            "金额不能是负数。没有金钱的，写0，在“做什么”里写明。",
            "A sum cannot be negative. Where no money is paid write 0 and say what is done.",
        )
    if not text.isascii() or not _PLAIN.fullmatch(text):
        raise BadInput(
            field,
            "请写成普通数字，最多两位小数，例如199.00。",
            "Write a plain number with at most two decimals, e.g. 199.00.",
        )
    found = Decimal(text)
    if found > MOST_YUAN:
        raise BadInput(
            field,
            f"金额太大：这里最多{MOST_YUAN:,}元。请核对有没有多写零。",
            f"The sum is too large: at most CNY {MOST_YUAN:,}. Check for extra zeros.",
        )
    return found


def day(field: str, typed: str, *, at: datetime) -> date:
    """Return a day from today to a year ahead.

    Raises:
        BadInput: no day, past, or too far ahead.
    """
    try:
        found = date.fromisoformat(normalize("NFKC", typed).strip()[:10])
    except ValueError:
        raise BadInput(field, "请填写日期。", "Give the day.") from None
    today = statutory_day(at)
    if found < today:
        raise BadInput(
            field, "日期已经过去。请填今天或以后的日子。", "The day is past. Give today or a later day."
        )
    if (found - today).days > LONGEST_DAYS:
        raise BadInput(field, "日期在一年以后，太远了。", "The day is more than a year ahead.")
    return found


def end_of(found: date) -> datetime:
    """Return the last second of a day in China."""
    return datetime.combine(found, time(23, 59, 59), tzinfo=ZONE)


def moment(field: str, typed: str, *, at: datetime) -> datetime:
    """Return a moment ahead, as a browser's field for day and time sends it.

    Raises:
        BadInput: no moment, or not ahead within a year.
    """
    try:
        found = datetime.fromisoformat(typed.strip()[:16])
    except ValueError:
        raise BadInput(field, "请填写日期和时间。", "Give the day and the time.") from None
    found = found.replace(tzinfo=ZONE)
    if found <= at or (found - at).days > LONGEST_DAYS:
        raise BadInput(field, "时间应在现在之后、一年以内。", "The moment must be ahead, and within a year.")
    return found
