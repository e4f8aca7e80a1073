"""A hold on deletion: placed with a reason, lifted with a reason, both facts."""

from datetime import datetime

from django.db import IntegrityError, transaction

from zhijian.engines.data_protection.errors import ProtectionRefused
from zhijian.engines.data_protection.models import LegalHold
from zhijian.engines.facts.services import record
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.security.persons import is_same_person
from zhijian.standards.calendar import statutory_day

PROVINCE = "440000"  # who lifts what a unit placed that is no more


@transaction.atomic
def place(subject: str, *, reason: str, by: Officer, at: datetime) -> LegalHold:
    """Keep everything about a subject until the hold is lifted.

    Raises:
        Forbidden: no right. ProtectionRefused: no subject, no reason, or it is held already.
    """
    require(by, Permission.HOLD_DELETION)
    subject, reason = subject.strip()[:60], reason.strip()[:200]
    if not subject or not reason:
        raise ProtectionRefused("请写明对象和理由。", "Say what is held, and why.")
    try:
        with transaction.atomic():
            made = LegalHold.objects.create(subject=subject, reason=reason, placed_by=by, placed_at=at)
    except IntegrityError as held:
        raise ProtectionRefused("这个对象已经暂停删除。", "It is held already.") from held
    _record("legal_hold.placed", made, reason, by=by, at=at)
    return made


@transaction.atomic
def lift(hold: LegalHold, *, reason: str, by: Officer, at: datetime) -> LegalHold:
    """Let the schedule delete again what its time has come for.

    Raises:
        Forbidden: no right, or a unit placed it that is not the own and not below it.
        ProtectionRefused: about oneself, lifted already, or no reason.
    """
    held_by = LegalHold.objects.select_related("placed_by__organisation").select_for_update(of=("self",))
    locked = held_by.get(pk=hold.pk)
    unit = locked.placed_by.organisation
    require(by, Permission.HOLD_DELETION, division=unit.division_code if unit else PROVINCE)
    about = Officer.objects.filter(username=locked.subject).first()
    if about is not None and is_same_person(by, about):
        raise ProtectionRefused(
            "暂停删除的是您自己的记录，请由别人恢复。", "It holds your own records: somebody else lifts it."
        )
    if locked.lifted_at is not None or not reason.strip():
        raise ProtectionRefused(
            "请写明理由；已经恢复的不再恢复。", "Give the reason; a lifted hold stays lifted."
        )
    locked.lifted_by, locked.lifted_at, locked.lift_reason = by, at, reason.strip()[:200]
    locked.save(update_fields=["lifted_by", "lifted_at", "lift_reason"])
    _record("legal_hold.lifted", locked, locked.lift_reason, by=by, at=at)
    return locked


def held() -> frozenset[str]:
    """Return the subjects that are held now."""
    return frozenset(LegalHold.objects.filter(lifted_at=None).values_list("subject", flat=True))


def _record(kind: str, hold: LegalHold, reason: str, *, by: Officer, at: datetime) -> None:
    record(
        kind, subject=hold.subject, occurred_on=statutory_day(at), payload={"reason": reason},
        source="data-protection", source_key=f"hold/{hold.pk}/{kind}", by=by, at=at,
    )  # fmt: skip
