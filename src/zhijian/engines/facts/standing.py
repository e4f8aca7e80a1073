"""Our own facts as they stand, for the models that rate everyone."""

from collections.abc import Iterator
from typing import Any

from zhijian.datazone.standard.rules import BORN_HERE, FACT_KINDS
from zhijian.engines.facts.models import Fact


def standing_own_facts(subject: str | None = None) -> Iterator[dict[str, Any]]:
    """Give what our own records say of entities (results, complaints upheld): the newest version of each, nothing withdrawn.

    With `subject`, those of one entity. Facts delivered by other systems are in the lake already.
    """
    superseded = Fact.objects.filter(supersedes_id__isnull=False).values("supersedes_id")
    standing = Fact.objects.filter(source__in=BORN_HERE, kind__in=FACT_KINDS, is_withdrawal=False).exclude(
        pk__in=superseded
    )
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
