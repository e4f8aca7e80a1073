"""How often one address or one device may do a thing within an hour.

An office, a school or a whole village may share one address, so an address gets many times what a device gets; whoever
throws the device's cookie away is still held by the address. Only keyed hashes are stored, and only for a day.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest

from zhijian.apps.consumer.complaints.intake.models import Count

DEVICE_COOKIE = "zhijian_device"
_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """Times an hour; 0 means that this side is not counted."""

    name: str
    per_address: int
    per_device: int


START = Limit("start", per_address=600, per_device=30)
UPLOAD = Limit("upload", per_address=2000, per_device=120)
SEND = Limit("send", per_address=300, per_device=20)
WRONG_CODE = Limit("wrong-code", per_address=200, per_device=20)
WRONG_RECEIPT = Limit("wrong-receipt", per_address=0, per_device=10)  # counted by the receipt's number


class TooOften(Exception):
    """Too many tries within the hour. What was typed is kept."""

    status = 429
    message_zh = "这一小时里次数太多了。已填的内容都在，请过一会儿再试；急事拨12315。"
    message_en = (
        "Too many tries within this hour. What you filled in is kept. Try again later, or call 12315."
    )


def address_of(request: HttpRequest) -> str:
    """Return the visitor's address; behind the site's own proxy the middleware has put it in the proxy's place."""
    return str(request.META.get("REMOTE_ADDR", ""))


def device_of(request: HttpRequest) -> str:
    return request.COOKIES.get(DEVICE_COOKIE, "")[:64]


def admit(limit: Limit, *, address: str, device: str, at: datetime) -> None:
    """Count one try; refuse it where it is one too many.

    Raises:
        TooOften: of the address or of the device.
    """
    sides = (("address", address, limit.per_address), ("device", device, limit.per_device))
    over = [_count(f"{limit.name}:{side}:{who}", at) > most for side, who, most in sides if most and who]
    if any(over):
        raise TooOften


def is_exhausted(limit: Limit, *, address: str, device: str, at: datetime) -> bool:
    """Say, without counting, whether the next try would be refused."""
    sides = (("address", address, limit.per_address), ("device", device, limit.per_device))
    return any(_times(f"{limit.name}:{side}:{who}", at) >= most for side, who, most in sides if most and who)


def refuse_exhausted(limit: Limit, *, address: str, device: str, at: datetime) -> None:
    """Refuse, without counting, where the next try would be one too many: for what counts only tries that were wrong.

    Raises:
        TooOften: of the address or of the device.
    """
    if is_exhausted(limit, address=address, device=device, at=at):
        raise TooOften


def _times(what: str, at: datetime) -> int:
    row = Count.objects.filter(key=_key(what), window_starts_at=_window(at)).first()
    return row.times if row else 0


def _count(what: str, at: datetime) -> int:
    """Add one and return the sum of this hour."""
    key, window = _key(what), _window(at)
    mine = Count.objects.filter(key=key, window_starts_at=window)
    if not mine.update(times=F("times") + 1):
        try:
            with transaction.atomic():
                Count.objects.create(key=key, window_starts_at=window, times=1)
            Count.objects.filter(window_starts_at__lt=at - _KEPT).delete()
        except IntegrityError:  # another process opened the hour at the same moment
            mine.update(times=F("times") + 1)
    return _times(what, at)


def _window(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _key(what: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"throttle:{what}".encode(), hashlib.sha256).hexdigest()
