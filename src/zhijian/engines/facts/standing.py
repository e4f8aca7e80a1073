"""Our own facts as they stand, for the models that rate everyone."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from zhijian.datazone.standard.rules import BORN_HERE, OWN_KINDS
from zhijian.engines.facts.models import Fact


def standing_own_facts(subject: str | None = None) -> Iterator[dict[str, Any]]:
    """Give what our own records say of entities (results, complaints upheld): the newest version of each, nothing withdrawn.

    With `subject`, those of one entity. Facts delivered by other systems are in the lake already; of those that were
    corrected or withdrawn here since, the newest version is given, a withdrawal too: it ends what was delivered.
    """
    superseded = Fact.objects.filter(supersedes_id__isnull=False).values("supersedes_id")
    is_ours = Q(source__in=BORN_HERE, is_withdrawal=False)
    is_revised = ~Q(source__in=BORN_HERE) & Q(supersedes_id__isnull=False)
    standing = Fact.objects.filter(is_ours | is_revised, kind__in=OWN_KINDS).exclude(pk__in=superseded)
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
            "is_withdrawal": fact.is_withdrawal,
        }
