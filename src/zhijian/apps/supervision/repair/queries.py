"""What pages read of repair: the public records of a firm with what may be done about each, and the cases about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhijian.apps.consumer.credit_files.models import FileMatter
from zhijian.apps.supervision.listing.models import ListingMatter
from zhijian.apps.supervision.repair import policies
from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.engines.facts import queries as facts
from zhijian.engines.facts.repair import Verdict
from zhijian.engines.procedures.models import Case


@dataclass(frozen=True)
class Standing:
    """One public record that may burden a firm, and what the law lets be done about it today."""

    fact: Any
    verdict: Verdict
    pending: str = ""  # the number of the case that runs about it

    @property
    def authority(self) -> str:
        return str(self.fact.payload.get("authority") or "")

    @property
    def is_listing(self) -> bool:
        return bool(self.fact.kind == "abnormal_list.listed")


def records_of(uscc: str, *, on: date, delivered: Iterable[Any] = ()) -> list[Standing]:
    """Return the penalties and listings that are public about a firm on a day, newest first."""
    shown = [one.fact for one in facts.public_record(uscc, on=on, delivered=list(delivered))]
    burdens = [one for one in shown if one.kind in policies.WITHDRAWABLE]
    found = [
        Standing(
            one,
            policies.verdict_of(one, [other for other in shown if other is not one], on=on),
            policies.pending(one.source, str(one.source_key)),
        )
        for one in burdens
    ]
    return sorted(found, key=lambda one: one.fact.occurred_on, reverse=True)


def cases_of(uscc: str) -> list[Case]:
    """Return every case of repair, objection, listing and removal about a firm, newest first."""
    found: dict[int, Case] = {}
    for model in (RepairMatter, FileMatter, ListingMatter):
        for matter in model.objects.filter(uscc=uscc).select_related("case__organisation"):
            found[matter.case_id] = matter.case
    return sorted(found.values(), key=lambda one: one.opened_at, reverse=True)


def granted_by(unit: Any) -> list[RepairMatter]:
    """Return the repairs that a unit granted and nobody revoked, newest first."""
    return list(
        RepairMatter.objects.filter(case__organisation=unit, outcome="granted")
        .exclude(revocations__outcome="revoked")
        .select_related("case")
        .order_by("-pk")[:50]
    )


def name_of(uscc: str) -> str:
    """Return what the cases call a firm; empty where none is about it."""
    found = RepairMatter.objects.filter(uscc=uscc).order_by("-pk").first()
    return found.name if found else ""
