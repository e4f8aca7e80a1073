"""Jobs that were cut off in their midst, by the death of their worker or of the database: they are done again.

A job says in the queue which worker took it. Every worker that `zhijian serve` starts has a name of its own that begins
with that of its site, so a site knows which of the jobs that run belong to a worker of its own that is no more. Every
job may be done twice: it looks at what is there before it does something.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django_tasks_db.models import DBTaskResult

MOST_TRIES = 3  # a job that takes its worker with it each time (memory) must not do so for ever
LONGEST = timedelta(
    hours=6
)  # the longest job takes minutes; one that runs for hours has lost its whole machine
LOST_CONNECTION = ("django.db.utils.OperationalError", "django.db.utils.InterfaceError")
GIVEN_UP = "zhijian.operations.interrupted.GivenUp"


@dataclass(frozen=True)
class PutBack:
    """How many jobs are done again, and how many are given up because they were cut off each time."""

    again: int
    given_up: int


@transaction.atomic
def put_back(site: str, *, alive: str, at: datetime) -> PutBack:
    """Put what was cut off back in the queue; what was begun often enough is marked as failed, which the alert sees.

    `site` is how the names of a site's workers begin, `alive` the one that works now: what it runs is left alone.
    """
    jobs = DBTaskResult.objects.select_for_update()
    lost = jobs.filter(
        status="FAILED", exception_class_path__in=LOST_CONNECTION, finished_at__gte=at - LONGEST
    )
    found = [*filter(lambda job: _is_orphan(job, site, alive, at), jobs.filter(status="RUNNING"))]
    found += [job for job in lost if len(job.worker_ids) < MOST_TRIES]
    given_up = 0
    for job in found:
        if len(job.worker_ids) < MOST_TRIES:
            job.status, job.started_at, job.finished_at = "READY", None, None
        else:
            given_up += 1
            job.status, job.finished_at, job.exception_class_path = "FAILED", at, GIVEN_UP
            job.traceback = (
                f"Its worker died each of {len(job.worker_ids)} times: {', '.join(job.worker_ids)}."
            )
        job.save(update_fields=["status", "started_at", "finished_at", "exception_class_path", "traceback"])
    return PutBack(len(found) - given_up, given_up)


def _is_orphan(job: "DBTaskResult[Any, Any]", site: str, alive: str, at: datetime) -> bool:
    worker = job.worker_ids[-1] if job.worker_ids else ""
    is_old = job.started_at is None or job.started_at < at - LONGEST
    return worker != alive and (worker.startswith(site) or is_old)
