"""What can be done to an entry of a register of our own: save a version, with who, when and why."""

import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from zhijian.engines.registers.models import RegisterEntry, RegisterVersion
from zhijian.standards.bilingual import BilingualError


class VersionRefused(BilingualError):
    """A version cannot be saved so. The message says why and what to do."""

    wording = "{zh}"


def _check(by: str, at: datetime, reason: str, latest: RegisterVersion | None) -> None:
    if not by.strip() or not reason.strip():
        raise VersionRefused(
            "变更登记簿必须写明由谁、因何。", "A change of a register needs a name and a reason."
        )
    if at.tzinfo is None:
        raise VersionRefused("变更时间缺少时区。", "The time of the change has no time zone.")
    if latest is not None and at < latest.valid_from:
        raise VersionRefused(
            f"变更时间早于现行版本（{latest.valid_from.isoformat()}）。请核对时间。",
            f"The change is dated before the version in force ({latest.valid_from.isoformat()}).",
        )


def _as_stored(snapshot: dict[str, Any]) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(json.dumps(snapshot, cls=DjangoJSONEncoder))
    return stored


@transaction.atomic
def save_version(entry: RegisterEntry, *, by: str, at: datetime, reason: str) -> RegisterVersion:
    """Save `entry` and keep what it was: the version before ends at `at`, where the new one begins.

    An entry saved without any change keeps its version.

    Raises:
        VersionRefused: no name, no reason, no time zone, or a time before the version in force.
    """
    register, key = entry.declaration.name, entry.register_key
    of_entry = RegisterVersion.objects.select_for_update().filter(register=register, object_key=key)
    latest = of_entry.filter(valid_to__isnull=True).first()
    _check(by, at, reason, latest)
    entry.save()
    snapshot = _as_stored(entry.snapshot())
    if latest is not None and latest.snapshot == snapshot:
        return latest
    before: dict[str, Any] = latest.snapshot if latest else {}
    changed = [name for name in snapshot if snapshot[name] != before.get(name)] if latest else []
    if latest is not None:
        of_entry.filter(pk=latest.pk).update(valid_to=at)
    return RegisterVersion.objects.create(
        register=register,
        object_key=key,
        version=latest.version + 1 if latest else 1,
        snapshot=snapshot,
        changed_fields=changed,
        valid_from=at,
        changed_by=by.strip(),
        reason=reason.strip(),
    )


def versions_of(entry: RegisterEntry) -> list[RegisterVersion]:
    """Return every version of an entry, newest first."""
    return list(
        RegisterVersion.objects.filter(
            register=entry.declaration.name, object_key=entry.register_key
        ).order_by("-version")
    )


def find_version_at(declaration_name: str, key: str, at: datetime) -> RegisterVersion | None:
    """Return the version of an entry that stood at a time, or None before its first."""
    versions = RegisterVersion.objects.filter(
        register=declaration_name, object_key=key, valid_from__lte=at
    ).order_by("-version")
    found = versions.first()
    return found if found and (found.valid_to is None or at < found.valid_to) else None
