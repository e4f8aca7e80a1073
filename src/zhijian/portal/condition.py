"""How the installation is: what it stands on, what waits, how old what it shows is. Read by health checks, metrics and a page."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Max, Min, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import now
from django_tasks_db.models import DBTaskResult

from zhijian.datazone.lake import Lake
from zhijian.engines.facts import seals
from zhijian.engines.facts.models import Fact
from zhijian.engines.feed.models import FactPlace
from zhijian.engines.notices import services as notices
from zhijian.engines.notices.models import Dispatch, State
from zhijian.engines.registers import serving
from zhijian.engines.registers.market_entities import EntityRegister
from zhijian.infrastructure import backup_record, clock, verification_record
from zhijian.infrastructure.database_proof import not_proven
from zhijian.infrastructure.home import Home
from zhijian.security import factors, key_ring
from zhijian.standards import calendar
from zhijian.standards.calendar import ZONE

logger = logging.getLogger(__name__)

UNREADABLE = float("-inf")  # seconds that a certificate has left which is named and cannot be read
LEAST_FREE_BYTES = 1 << 30  # below it the site is not ready: the next delivery would fill the disk


@dataclass(frozen=True)
class Dependency:
    """Something that the site stands on, and whether it holds. `needed`: without it nobody should be sent here."""

    name: str
    is_well: bool
    needed: bool = True
    fault: str = "failed"


def dependencies(home: Home) -> list[Dependency]:
    """Ask everything that the site stands on, in milliseconds. Names no address, no path and no reason: anybody may ask."""
    return [
        _database(),
        Dependency("disk", _holds(lambda: shutil.disk_usage(home.root).free >= LEAST_FREE_BYTES)),
        Dependency("lake", _holds(lambda: Lake(home.lake).tables() is not None)),
        Dependency("keys", _holds(lambda: not key_ring.lost()), needed=False),
        Dependency("clock", _holds(_has_right_clock), needed=False),
        Dependency("serving_store", _holds(lambda: EntityRegister(home.serving).is_ready), needed=False),
    ]


def _database() -> Dependency:
    """Of a machine that could not prove that it is our database, the log says why; whoever asks learns that it is so."""
    try:
        return Dependency("database", _ask_database())
    except (DatabaseError, OSError, ValueError) as problem:
        if (unproven := not_proven(problem, connection.settings_dict)) is None:
            return Dependency("database", is_well=False)
        logger.error("%s", unproven)
        return Dependency("database", is_well=False, fault="unproven")


def _ask_database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() is not None


def _has_right_clock() -> bool:
    at = now()
    return max(abs(clock.ahead_of_database(at=at) or 0.0), _behind_records(at)) <= clock.MOST_SECONDS


def _behind_records(at: datetime) -> float:
    """Return by how many seconds this machine is behind its own records: above nothing, its clock was set back."""
    newest = Fact.objects.aggregate(at=Max("recorded_at"))["at"]
    return max(0.0, (newest - at).total_seconds()) if newest else 0.0


def _clock_off(at: datetime) -> float:
    """Return by how many seconds the clock is wrong at least, by whatever knows better."""
    others = (clock.ahead_of_database(at=at), clock.ahead_of_source(settings.TIME_SOURCE))
    return max([_behind_records(at), *(abs(one) for one in others if one is not None)])


def _holds(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except (DatabaseError, OSError, ValueError):
        return False


@dataclass(frozen=True)
class Condition:
    """Counts, and ages in seconds; None where a thing never was. Nothing in it names a person or a firm."""

    jobs_waiting: int
    jobs_running: int
    jobs_failed: int
    oldest_job_seconds: float
    notices_due: int
    notices_dead: int
    facts_not_fed: int
    facts_not_sealed: int
    seal_age_seconds: float | None
    store_age_seconds: float | None
    disk_free_bytes: int
    disk_total_bytes: int
    backup_age_seconds: float | None
    drill_age_seconds: float | None
    certificate_seconds_left: float | None
    clock_off_seconds: float = 0.0
    keys_lost: int = 0
    records_changed: int = 0  # what the last check of all records found
    verification_age_seconds: float | None = None
    backup_failed: int = 0  # 1: none was made since one failed
    time_source_answers: int | None = None  # 1 or 0; None: none is named
    clock_ahead_of_database_seconds: float | None = None  # below nought: behind; None: SQLite
    clock_disciplined: int | None = None  # 1 or 0 as the kernel says; None: it does not tell
    holidays_known_days: int = 0  # until the first year without a notice; below nought: it has begun


@dataclass(frozen=True)
class FailedJob:
    """A job that failed today: what it is called, when it ended, and the kind of error, without its words."""

    name: str
    at: datetime
    error: str


def failed_jobs(*, at: datetime, most: int = 10) -> list[FailedJob]:
    """Return the jobs that failed since midnight, newest first. The words of an error may hold data: they stay in the log."""
    return [
        FailedJob(path.rsplit(".", 1)[-1], ended or at, error.rsplit(".", 1)[-1])
        for path, ended, error in _failed(at)
        .order_by("-finished_at")
        .values_list("task_path", "finished_at", "exception_class_path")[:most]
    ]


def _failed(at: datetime) -> "QuerySet[DBTaskResult[Any, Any]]":
    midnight = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return DBTaskResult.objects.filter(status="FAILED", finished_at__gte=midnight)


def condition(home: Home, *, at: datetime) -> Condition:
    """Return how everything is at a moment (aware). A few counts over indexes; jobs that failed are those since midnight."""
    jobs = DBTaskResult.objects
    ready = jobs.filter(status="READY").exclude(run_after__gt=at)
    oldest = ready.aggregate(since=Min(Coalesce("run_after", "enqueued_at")))["since"]
    seal = seals.newest_seal()
    disk = shutil.disk_usage(home.root)
    facts = Fact.objects.count()
    checked = verification_record.last(home)
    backups = backup_record.newest(home)
    made, rehearsed, restored = (_noted(backups.get(event)) for event in ("made", "rehearsed", "restored"))
    return Condition(
        jobs_waiting=ready.count(),
        jobs_running=jobs.filter(status="RUNNING").count(),
        jobs_failed=_failed(at).count(),
        oldest_job_seconds=_age(oldest, at) or 0.0,
        notices_due=Dispatch.objects.filter(state=State.WAITING, due_at__lte=at).count(),
        notices_dead=notices.dead_letters().count(),
        facts_not_fed=facts - FactPlace.objects.count(),
        facts_not_sealed=facts - (seal.tree_size if seal else 0),
        seal_age_seconds=_age(seal.sealed_at if seal else None, at),
        store_age_seconds=_age(_built_at(home, at), at),
        disk_free_bytes=disk.free,
        disk_total_bytes=disk.total,
        backup_age_seconds=_age(made, at),
        drill_age_seconds=_age(max(filter(None, (rehearsed, restored)), default=None), at),
        certificate_seconds_left=_left(settings.CERTIFICATE, at),
        clock_off_seconds=_clock_off(now()),
        keys_lost=len(key_ring.lost()),
        records_changed=checked["found"] if checked else 0,
        verification_age_seconds=_age(datetime.fromisoformat(checked["at"]) if checked else None, at),
        backup_failed=int(backup_record.failed_since(backups) is not None),
        clock_ahead_of_database_seconds=clock.ahead_of_database(at=now()),
        clock_disciplined=None if (kept := clock.is_disciplined()) is None else int(kept),
        holidays_known_days=(date(calendar.known_years().stop, 1, 1) - calendar.statutory_day(at)).days,
        time_source_answers=int(clock.ahead_of_source(settings.TIME_SOURCE) is not None) if settings.TIME_SOURCE else None,
    )  # fmt: skip


def _age(moment: datetime | None, at: datetime) -> float | None:
    return None if moment is None else max(0.0, (at - moment).total_seconds())


def _built_at(home: Home, at: datetime) -> datetime | None:
    """Return when the store was built; of a demonstration, whose data are of its own days, when it was put in place."""
    if demonstrated_on(home, at=at) is not None:
        written = serving.pointer(home.serving).stat().st_mtime
        return datetime.fromtimestamp(written, tz=at.tzinfo)
    register = EntityRegister(home.serving)
    return datetime.fromisoformat(register.report.built_at) if register.is_ready else None


def demonstrated_on(home: Home, *, at: datetime) -> date | None:
    """Return the day on which a demonstration says that its store was built; none elsewhere."""
    register = EntityRegister(home.serving)
    if not (register.is_ready and factors.is_password_enough(at=at)):
        return None
    return datetime.fromisoformat(register.report.built_at).date()


def _noted(line: dict[str, Any] | None) -> datetime | None:
    return datetime.fromisoformat(line["at"]) if line else None


def _left(certificate: str, at: datetime) -> float | None:
    """Return how long the site's certificate is still good, in seconds; None where none is named."""
    if not certificate:
        return None
    try:
        return (
            x509.load_pem_x509_certificate(Path(certificate).read_bytes()).not_valid_after_utc - at
        ).total_seconds()
    except (OSError, ValueError):
        return UNREADABLE
