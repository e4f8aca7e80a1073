"""The night's deletion: the kinds of the engine, and those of systems that keep people's data."""

from datetime import datetime

from zhijian.apps.consumer.complaints import people
from zhijian.engines.data_protection.retention import BATCH, Schedule
from zhijian.engines.data_protection.retention import run as run_schedules


def run(*, at: datetime) -> dict[str, int]:
    """Delete what is due of every kind; return how many of each."""
    return run_schedules([Schedule("complaint_people", _complaint_people)], at=at)


def _complaint_people(before: datetime, held: frozenset[str]) -> int:
    return people.forget(before, held, most=BATCH)
