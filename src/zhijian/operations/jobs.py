"""Background jobs. They are put in the queue by `zhijian serve` and by pages, and run by its worker."""

from datetime import date, datetime, timedelta

from django_tasks import task

from zhijian.standards.calendar import ZONE, statutory_day


@task()
def seal_facts_of(day: str) -> str:
    """Seal the facts recorded up to the end of a day (YYYY-MM-DD); return the root. A sealed day keeps its seal."""
    from zhijian.engines.facts import seals

    return seals.seal_day(date.fromisoformat(day), at=datetime.now(ZONE)).root


def enqueue_nightly(now: datetime) -> None:
    """Put the jobs of the night in the queue: yesterday's seal."""
    yesterday = statutory_day(now) - timedelta(days=1)
    seal_facts_of.enqueue(yesterday.isoformat())
