"""Our own results as they stand, for the models that rate everyone."""

from collections.abc import Iterator
from typing import Any

from zhijian.engines.facts.models import Fact


def standing_inspections(subject: str | None = None) -> Iterator[dict[str, Any]]:
    """Give the inspection results of our own records: the newest version of each, nothing that was withdrawn.

    With `subject`, those of one entity. Facts delivered by other systems are in the lake already.
    """
    superseded = Fact.objects.filter(supersedes_id__isnull=False).values("supersedes_id")
    standing = Fact.objects.filter(
        source="inspection", kind="inspection.result", is_withdrawal=False
    ).exclude(pk__in=superseded)
    if subject is not None:
        standing = standing.filter(subject=subject)
    for fact in standing.iterator():
        yield {
            "uscc": fact.subject,
            "kind": fact.kind,
            "occurred_on": fact.occurred_on,
            "recorded_at": fact.recorded_at,
            "payload": fact.payload,
            "source": fact.source,
            "source_key": str(fact.source_key),
            "is_synthetic": fact.is_synthetic,
        }
