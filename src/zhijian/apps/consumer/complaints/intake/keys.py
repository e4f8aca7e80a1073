"""Keys by which other systems hand in and ask back. A key is shown once and belongs to one system and one unit."""

import hashlib
from datetime import datetime

from zhijian.apps.consumer.complaints.intake.models import IntakeKey
from zhijian.apps.consumer.complaints.intake.receipts import ALPHABET, Randomness
from zhijian.security.models import Officer, Organisation

_LENGTH = 40


def issue(
    name: str,
    system: str,
    organisation: Organisation,
    *,
    by: Officer | None,
    at: datetime,
    randomness: Randomness,
) -> str:
    """Return a new key, which nobody can show again."""
    key = "zjh_" + "".join(ALPHABET[byte % 32] for byte in randomness(_LENGTH))
    IntakeKey.objects.create(
        name=name, system=system, organisation=organisation, digest=_digest(key), issued_by=by, issued_at=at
    )
    return key


def find(key: str) -> IntakeKey | None:
    """Return the key in force that was shown as this text, or None."""
    return IntakeKey.objects.filter(digest=_digest(key), revoked_at__isnull=True).first()


def revoke(key: IntakeKey, *, by: Officer | None, at: datetime) -> None:
    """End a key at once."""
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
