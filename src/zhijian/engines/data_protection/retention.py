"""Deletion by schedule: each kind of data after its days, nothing that is held, and the deletion itself is a fact."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.db import transaction
from django.db.models import QuerySet

from zhijian.engines.data_protection.holding import held
from zhijian.engines.data_protection.models import SubjectRequest
from zhijian.engines.facts.services import record
from zhijian.security.models import BusinessCode, OfficerSession, RecoveryCode
from zhijian.standards import parameters
from zhijian.standards.calendar import ZONE, statutory_day

DAYS = parameters.load("service/retention")
BATCH = 10_000
"""The most that one night deletes of one kind, so that no table is locked for long."""


@dataclass(frozen=True)
class Schedule:
    """A kind of data in the parameter, and what deletes what is older than a moment; it returns how many."""

    what: str
    delete: Callable[[datetime, frozenset[str]], int]


def run(extra: Iterable[Schedule], *, at: datetime) -> dict[str, int]:
    """Delete what is due of every kind; `extra` are the kinds of systems above. Return how many of each."""
    day, holds, counts = statutory_day(at), held(), {}
    for one in (*_OWN, *extra):
        last_kept = day - timedelta(days=DAYS.on(day)[one.what])
        with transaction.atomic():
            count = one.delete(datetime.combine(last_kept, time.min, tzinfo=ZONE), holds)
            if count:
                record(
                    "data.deleted", subject=one.what, occurred_on=day, source="data-protection",
                    source_key=f"{one.what}/{at.isoformat()}", by="zhijian retention", at=at,
                    payload={
                        "what": one.what, "count": count, "before": last_kept.isoformat(), "held": len(holds),
                    },
                )  # fmt: skip
        counts[one.what] = count
    return counts


def _sign_ins(before: datetime, holds: frozenset[str]) -> int:
    return _deleted(OfficerSession.objects.filter(seen_at__lt=before).exclude(officer__username__in=holds))


def _sign_in_failures(before: datetime, holds: frozenset[str]) -> int:
    return _deleted(AccessAttempt.objects.filter(attempt_time__lt=before).exclude(username__in=holds))


def _recovery_codes(before: datetime, holds: frozenset[str]) -> int:
    return _deleted(RecoveryCode.objects.filter(ended_at__lt=before).exclude(officer__username__in=holds))


def _activation_codes(before: datetime, holds: frozenset[str]) -> int:
    return _deleted(BusinessCode.objects.filter(ended_at__lt=before).exclude(uscc__in=holds))


def _subject_requests(before: datetime, holds: frozenset[str]) -> int:
    """Empty the words; that there was a request, and what became of it, stays."""
    due = (
        SubjectRequest.objects.filter(answered_at__lt=before)
        .exclude(subject__in=holds)
        .exclude(words_sealed="")
    )
    keys = list(due.values_list("pk", flat=True)[:BATCH])
    return SubjectRequest.objects.filter(pk__in=keys).update(words_sealed="", answer_sealed="", asked_by="")


def _deleted(rows: "QuerySet[Any]") -> int:
    keys = list(rows.values_list("pk", flat=True)[:BATCH])
    count, _ = rows.model._default_manager.filter(pk__in=keys).delete()
    return int(count)


_OWN = (
    Schedule("sign_ins", _sign_ins),
    Schedule("sign_in_failures", _sign_in_failures),
    Schedule("recovery_codes", _recovery_codes),
    Schedule("activation_codes", _activation_codes),
    Schedule("subject_requests", _subject_requests),
)
