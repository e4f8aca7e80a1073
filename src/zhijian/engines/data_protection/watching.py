"""Unusual access: the looks of a day are read once, and what the rules find waits for an auditor of the area."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from statistics import median

from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils.timezone import localtime

from zhijian.engines.data_protection.errors import ProtectionRefused
from zhijian.engines.data_protection.models import AccessAlert
from zhijian.engines.data_protection.rules import UNUSUAL, Look, Refused, Unusual, many_refusals, unusual
from zhijian.security.audit import record_look
from zhijian.security.models import AccessRecord, Officer, Refusal, Role
from zhijian.security.permissions import Permission, is_above, may, require
from zhijian.security.persons import is_same_person
from zhijian.standards.calendar import ZONE

SHOWN = 20
_OWN_AFFAIRS = ("account/", "emergency/", "alert/")  # changes of accounts are no looks at people


def looks_of(day: date) -> "QuerySet[AccessRecord]":
    """Return the looks of a day in the province's time."""
    first = datetime.combine(day, datetime.min.time(), tzinfo=ZONE)
    return AccessRecord.objects.filter(looked_at__gte=first, looked_at__lt=first + timedelta(days=1))


@transaction.atomic
def watch(day: date, *, ties: Mapping[str, Collection[str]], at: datetime) -> list[AccessAlert]:
    """Raise an alert for each kind of unusual access of a day; what was raised before stays. Return the new ones.

    `ties` are the firms to which officers declared a tie, by user name.
    """
    made = []
    for officer, looks in _by_officer(day):
        usual = usual_subjects(officer, before=day)
        own = ties.get(officer.username, ())
        for one in unusual(looks, usual=usual, territory=officer.territory, ties=own, on=day):
            made += _raise(officer, day, one, usual=usual, at=at)
    for officer, refused in _refused_by_officer(day):
        if found := many_refusals(refused, on=day):
            made += _raise(officer, day, found, usual=0, at=at)
    return made


def refusals_of(day: date) -> "QuerySet[Refusal]":
    """Return what was refused on a day in the province's time."""
    first = datetime.combine(day, datetime.min.time(), tzinfo=ZONE)
    return Refusal.objects.filter(refused_at__gte=first, refused_at__lt=first + timedelta(days=1))


def usual_subjects(officer: Officer, *, before: date) -> float:
    """Return how many different subjects the officer saw on a usual day with looks (the median) before this one."""
    first = datetime.combine(
        before - timedelta(days=UNUSUAL.on(before)["usual_days"]), datetime.min.time(), ZONE
    )
    last = datetime.combine(before, datetime.min.time(), ZONE)
    days = (
        AccessRecord.objects.filter(officer=officer, looked_at__gte=first, looked_at__lt=last)
        .annotate(day=TruncDate("looked_at", tzinfo=ZONE))
        .order_by()
        .values("day")
        .annotate(subjects=Count("subject", distinct=True))
        .values_list("subjects", flat=True)
    )
    return float(median(days)) if days else 0.0


def seen_by(officer: Officer) -> "QuerySet[AccessAlert]":
    """Return the alerts that somebody may read: an auditor those of the area, a leader those of units below the own."""
    found = AccessAlert.objects.select_related("officer__organisation", "closed_by")
    unit = officer.organisation
    if unit is None or not may(officer, Permission.VIEW_ACCESS_ALERTS):
        return found.none()
    inside = found.filter(officer__organisation__division_code__startswith=officer.territory).exclude(
        officer=officer
    )
    if officer.has_role(Role.AUDITOR):
        return inside
    return inside.exclude(officer__organisation__division_code=unit.division_code)


def told_people(alert: AccessAlert) -> list[Officer]:
    """Return who is told: the auditors in whose area the officer's unit lies, and the leaders of the unit above it."""
    unit = alert.officer.organisation
    assert unit is not None
    people = (
        Officer.objects.filter(is_active=True).exclude(pk=alert.officer_id).select_related("organisation")
    )
    auditors = [
        one
        for one in people.filter(roles__icontains=Role.AUDITOR)
        if may(one, Permission.VIEW_ACCESS_RECORDS, division=unit.division_code)
    ]
    leaders = [
        one
        for one in people.filter(roles__icontains=Role.LEADER)
        if one.organisation and one.has_role(Role.LEADER) and is_above(one.organisation, unit)
    ]
    nearest = max((len(one.territory) for one in leaders), default=0)
    return auditors + [one for one in leaders if len(one.territory) == nearest and one not in auditors]


@transaction.atomic
def close(alert: AccessAlert, *, is_justified: bool, finding: str, by: Officer, at: datetime) -> None:
    """Write down what an auditor found, and close the alert.

    Raises:
        Forbidden: no auditor of that area. ProtectionRefused: closed already, about oneself, or no reason.
    """
    locked = AccessAlert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
    unit = locked.officer.organisation
    require(by, Permission.VIEW_ACCESS_RECORDS, division=unit.division_code if unit else None)
    if is_same_person(by, locked.officer):
        raise ProtectionRefused("不能核实自己的查看，请由别的审计人员核实。", "Nobody closes the own alert.")
    if locked.closed_at is not None:
        raise ProtectionRefused("这一条已经核实过。", "This alert is closed already.")
    if len(finding.strip()) < 4:
        raise ProtectionRefused(
            "请写明核实的结果（至少4个字）。", "Say what you found, in at least four characters."
        )
    locked.closed_by, locked.closed_at = by, at
    locked.is_justified, locked.finding = is_justified, finding.strip()[:200]
    locked.save(update_fields=["closed_by", "closed_at", "is_justified", "finding"])
    verb = "alert_justified" if is_justified else "alert_unjustified"
    record_look(by, f"alert/{locked.pk}", verb, at=at, reason=locked.finding)


def _raise(officer: Officer, day: date, found: Unusual, *, usual: float, at: datetime) -> list[AccessAlert]:
    """Raise an alert once for an officer, a day and a kind; return it if it is new."""
    alert, is_new = AccessAlert.objects.get_or_create(
        officer=officer, day=day, kind=found.kind,
        defaults={
            "count": found.count, "limit": found.limit, "usual": Decimal(str(usual)), "raised_at": at,
            "subjects": list(found.subjects[:SHOWN]),
        },
    )  # fmt: skip
    return [alert] if is_new else []


def _refused_by_officer(day: date) -> Iterator[tuple[Officer, list[Refused]]]:
    """Yield each officer to whom anything was refused on a day, with what was."""
    rows = refusals_of(day).exclude(officer=None).order_by("officer_id", "sequence")
    values = rows.values_list("officer_id", "place", "refused_at", "count")
    for key, group in groupby(values.iterator(5000), key=lambda row: row[0]):
        refused = [Refused(place, localtime(at, ZONE), count) for _, place, at, count in group]
        yield Officer.objects.select_related("organisation").get(pk=key), refused


def _by_officer(day: date) -> Iterator[tuple[Officer, list[Look]]]:
    """Yield each officer who looked at anything on a day, with the looks; one officer is held in memory at a time."""
    rows = looks_of(day).order_by("officer_id", "sequence").values_list("officer_id", "subject", "looked_at")
    for key, group in groupby(rows.iterator(5000), key=lambda row: row[0]):
        looks = [
            Look(subject, localtime(at, ZONE))
            for _, subject, at in group
            if not subject.startswith(_OWN_AFFAIRS)
        ]
        if looks:
            yield Officer.objects.select_related("organisation").get(pk=key), looks
