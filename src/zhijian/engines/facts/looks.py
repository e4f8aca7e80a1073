"""The record of looks, anchored in the facts at each seal, so that its newest rows cannot be cut off unseen."""

from collections.abc import Iterator
from datetime import datetime

from zhijian.engines.facts import services
from zhijian.engines.facts.models import Fact
from zhijian.security.chain import broken
from zhijian.security.models import AccessRecord
from zhijian.standards.calendar import statutory_day

KIND, SUBJECT, SOURCE = "looks.kept", "access-record", "security"


def anchor(*, at: datetime) -> Fact | None:
    """Record how many looks are kept and the hash of the newest; the same again changes nothing."""
    last = AccessRecord.objects.order_by("-sequence").values_list("sequence", "row_hash").first()
    if last is None or Fact.objects.filter(source=SOURCE, source_key=f"looks/{last[0]}").exists():
        return None
    return services.record(
        KIND,
        subject=SUBJECT,
        occurred_on=statutory_day(at),
        payload={"count": last[0], "head": last[1]},
        source=SOURCE,
        source_key=f"looks/{last[0]}",
        by="zhijian facts seal",
        at=at,
    )


def differences() -> Iterator[tuple[int, str]]:
    """Yield the places of the record that were altered or are missing, by the chain and by the anchors."""
    anchors = Fact.objects.filter(kind=KIND, source=SOURCE).values_list("payload", flat=True)
    heads = {payload["count"]: payload["head"] for payload in anchors.iterator()}
    told = set()
    for place, what in broken(AccessRecord.objects.order_by("sequence").iterator(2000)):
        told.add(place)
        yield place, what
    stored = AccessRecord.objects.filter(sequence__in=list(heads)).values_list("sequence", "row_hash")
    hashes = dict(stored)
    for place in sorted(heads.keys() - told):
        if hashes.get(place) != heads[place]:
            yield place, "altered" if place in hashes else "missing"
