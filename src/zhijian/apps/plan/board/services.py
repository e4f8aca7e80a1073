"""Keys of wall screens: made and ended by a leader, written down, good for a year at most."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from zhijian.apps.plan.board.models import WallKey
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day

GOOD_DAYS = 365


class WallRefused(BilingualError):
    """This key cannot be made or ended. Carries both languages."""


@transaction.atomic
def make_key(name: str, *, by: Officer, at: datetime) -> str:
    """Make a key for a screen that shows the officer's area; return it. It is told once and kept as a hash.

    Raises:
        Forbidden: no leader.
        WallRefused: no name.
    """
    require(by, Permission.VIEW_LEADER_BOARD)
    name = name.strip()[:100]
    if not name:
        raise WallRefused("请写明屏幕放在哪里。", "Say where the screen stands.")
    key = secrets.token_urlsafe(24)
    made = WallKey.objects.create(
        name=name,
        area=by.territory,
        digest=digest_of(key),
        made_by=by,
        made_at=at,
        until=statutory_day(at) + timedelta(days=GOOD_DAYS),
    )
    record_look(by, f"wall/{made.pk}", "wall_key_made", at=at, reason=name)
    return key


@transaction.atomic
def end_key(number: int, *, by: Officer, at: datetime) -> WallKey:
    """End a key at once.

    Raises:
        Forbidden: no leader.
        WallRefused: there is no such key in the officer's area, or it was ended before.
    """
    require(by, Permission.VIEW_LEADER_BOARD)
    found = WallKey.objects.select_for_update().filter(pk=number, area__startswith=by.territory).first()
    if found is None or found.ended_at is not None:
        raise WallRefused(
            "本辖区没有这把密钥，或者已经停用。", "There is no such key in your area, or it was ended."
        )
    found.ended_at, found.ended_by = at, by
    found.save(update_fields=["ended_at", "ended_by"])
    record_look(by, f"wall/{found.pk}", "wall_key_ended", at=at, reason=found.name)
    return found


def keys_of(officer: Officer) -> list[WallKey]:
    """Return the keys of the officer's area, the newest first."""
    return list(
        WallKey.objects.filter(area__startswith=officer.territory).select_related("made_by__organisation")[
            :50
        ]
    )


def find_good(key: str, *, at: datetime) -> WallKey | None:
    """Return the screen to which a key belongs, if it is still good."""
    found = WallKey.objects.filter(digest=digest_of(key)).select_related("made_by__organisation").first()
    return found if found is not None and found.is_good(at) else None


def digest_of(key: str) -> str:
    """Return what is kept of a key."""
    return sha256(key.encode()).hexdigest()
