"""The records of looks and of refusals, anchored in the facts at each seal, so that their newest rows cannot be cut off unseen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from zhijian.engines.facts import services
from zhijian.engines.facts.models import Fact
from zhijian.security.chain import LOOKS, REFUSALS, Form, broken
from zhijian.security.models import AccessRecord, Refusal
from zhijian.standards.calendar import statutory_day

SOURCE = "security"


@dataclass(frozen=True)
class Kept:
    """A record in a chain, and under which kind and key the facts say how long it is."""

    model: type[models.Model]
    form: Form
    kind: str
    subject: str
    key: str

    @property
    def newest(self) -> tuple[int, str] | None:
        """The place and the hash of the newest row."""
        rows = self.model._default_manager.order_by("-sequence")
        return rows.values_list("sequence", "row_hash").first()


LOOKS_KEPT = Kept(AccessRecord, LOOKS, "looks.kept", "access-record", "looks")
REFUSALS_KEPT = Kept(Refusal, REFUSALS, "refusals.kept", "refusal-record", "refusals")


def anchor(*, at: datetime) -> list[Fact]:
    """Record of each how many rows are kept and the hash of the newest; the same again changes nothing."""
    return [fact for kept in (LOOKS_KEPT, REFUSALS_KEPT) if (fact := _anchor(kept, at=at)) is not None]


def anchored(kept: Kept) -> int:
    """Return up to which place the facts know the rows."""
    payloads = Fact.objects.filter(kind=kept.kind, source=SOURCE).values_list("payload", flat=True)
    return max((payload["count"] for payload in payloads), default=0)


def differences(kept: Kept = LOOKS_KEPT) -> Iterator[tuple[int, str]]:
    """Yield the places of a record that were altered or are missing, by the chain and by the anchors."""
    anchors = Fact.objects.filter(kind=kept.kind, source=SOURCE).values_list("payload", flat=True)
    heads = {payload["count"]: payload["head"] for payload in anchors.iterator()}
    rows, told = kept.model._default_manager, set()
    for place, what in broken(rows.order_by("sequence").iterator(2000), kept.form):
        told.add(place)
        yield place, what
    hashes = dict(rows.filter(sequence__in=list(heads)).values_list("sequence", "row_hash"))
    for place in sorted(heads.keys() - told):
        if hashes.get(place) != heads[place]:
            yield place, "altered" if place in hashes else "missing"


def _anchor(kept: Kept, *, at: datetime) -> Fact | None:
    last = kept.newest
    if last is None or Fact.objects.filter(source=SOURCE, source_key=f"{kept.key}/{last[0]}").exists():
        return None
    return services.record(
        kept.kind,
        subject=kept.subject,
        occurred_on=statutory_day(at),
        payload={"count": last[0], "head": last[1]},
        source=SOURCE,
        source_key=f"{kept.key}/{last[0]}",
        by="zhijian facts seal",
        at=at,
    )
