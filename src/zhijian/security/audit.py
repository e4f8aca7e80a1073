"""Every look at what is not public is written down, in a chain that shows a record that was changed or taken away."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from zhijian.security.chain import START, row_hash
from zhijian.security.models import AccessRecord, Officer
from zhijian.security.receipts import note_look

_LOCK = 5_137_001  # any number, the same for everybody who adds to the chain


def record_look(officer: Officer, subject: str, part: str, *, at: datetime, reason: str = "") -> AccessRecord:
    """Write down that an officer saw a part of a subject's file (e.g. 'credit_class')."""
    with transaction.atomic():
        _one_at_a_time()
        last = AccessRecord.objects.order_by("-sequence").values_list("sequence", "row_hash").first()
        sequence, before = last or (0, START)
        record = AccessRecord(
            officer=officer,
            organisation_name=officer.organisation.name if officer.organisation else "",
            role=_acting_as(officer)[:60],
            subject=subject,
            part=part,
            reason=reason,
            looked_at=at,
            sequence=sequence + 1,
            previous_hash=before,
        )
        record.row_hash = row_hash(record)
        record.save()
    note_look(subject)
    return record


def record_looks(
    officer: Officer, seen: Sequence[tuple[str, str, str]], *, at: datetime
) -> list[AccessRecord]:
    """Write down many looks (subject, part, reason) of one moment, one after another in the chain."""
    with transaction.atomic():
        _one_at_a_time()
        last = AccessRecord.objects.order_by("-sequence").values_list("sequence", "row_hash").first()
        sequence, before = last or (0, START)
        name = officer.organisation.name if officer.organisation else ""
        role, made = _acting_as(officer)[:60], []
        for place, (subject, part, reason) in enumerate(seen, start=sequence + 1):
            record = AccessRecord(
                officer=officer, organisation_name=name, role=role, subject=subject, part=part, reason=reason[:200],
                looked_at=at, sequence=place, previous_hash=before,
            )  # fmt: skip
            record.row_hash = before = row_hash(record)
            made.append(record)
        AccessRecord.objects.bulk_create(made, batch_size=500)
    for subject, _, _ in seen:
        note_look(subject)
    return made


def _acting_as(officer: Officer) -> str:
    """Return the roles; what is done under an emergency access is marked with its number, first."""
    mark = [f"{officer.emergency.mark}{officer.emergency.role}"] if officer.emergency else []
    return "、".join([*mark, *officer.roles])


def _one_at_a_time() -> None:
    """Let nobody else take the same place in the chain. SQLite's transaction does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
