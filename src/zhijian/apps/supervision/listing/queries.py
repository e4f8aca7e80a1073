"""What pages read of the lists: who is on them on a day, and the records of one firm from which its path begins."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from zhijian.apps.supervision.listing import path, words
from zhijian.apps.supervision.listing.models import Act, ListingMatter
from zhijian.apps.supervision.listing.policies import standing_listing
from zhijian.apps.supervision.listing.rules import Ground, Subject, separate_register_from
from zhijian.engines.facts import queries as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.publicity import decide, published_on
from zhijian.standards.calendar import statutory_day
from zhijian.standards.parameters import NoValueInForce

ABNORMAL, SERIOUS = "abnormal_list.listed", "serious_list.listed"
_ENDED_BY = ("abnormal_list.removed", "serious_list.removed")
_MOST, _BATCH = 50_000, 1000


@dataclass(frozen=True)
class Listed:
    """One public line of a list."""

    fact: Fact
    name: str
    ground_zh: str
    ground_en: str

    @property
    def is_serious(self) -> bool:
        return self.fact.kind == SERIOUS

    @property
    def city(self) -> str:
        return f"{self.fact.subject[2:6]}00"


@dataclass(frozen=True)
class Separate:
    """An individual business in the separate register, and since when."""

    matter: ListingMatter
    since: date


def standing(*, on: date, kind: str = "", ground: str = "", city: str = "", text: str = "") -> list[Listed]:
    """Return who is publicly on a list on a day, newest first, at most fifty thousand: a read for each thousand.

    Every removal of a firm that is read is read with it: no number of removals lets one that left be shown. What other
    systems delivered stands on the page of each firm; here is what was decided on the platform.
    """
    rows = Fact.objects.filter(superseded_by__isnull=True, is_withdrawal=False)
    kinds = [one for one in (ABNORMAL, SERIOUS) if not kind or one == kind]
    inside = rows.filter(kind__in=kinds).exclude(public_until__lt=on)
    shown: list[Fact] = []
    stream = inside.order_by("-occurred_on", "-recorded_at").iterator(chunk_size=_BATCH)
    while len(shown) < _MOST and (batch := list(islice(stream, _BATCH))):
        ended: dict[str, list[Fact]] = defaultdict(list)
        for fact in rows.filter(kind__in=_ENDED_BY, subject__in={one.subject for one in batch}):
            ended[fact.subject].append(fact)
        shown += [one for one in batch if decide(one, on=on, others=ended[one.subject]).is_public]
    names = dict(ListingMatter.objects.values_list("uscc", "name"))
    found = [_line(one, names.get(one.subject, "")) for one in shown]
    return [
        one
        for one in found
        if (not ground or one.fact.payload.get("ground_code") == ground)
        and (not city or one.city == city)
        and (not text or text in one.name or text.upper() in one.fact.subject)
    ]


def separate_register(*, on: date, territory: str = "") -> list[Separate]:
    """Return the individual businesses that two full years on the list put into the separate register, longest first.

    It follows from the listing and needs no decision: a removal takes the business off it the same day. Before the
    register was introduced there is nobody on it.
    """
    matters = (
        ListingMatter.objects.filter(
            act=Act.LIST, subject_kind=Subject.INDIVIDUAL, outcome="listed", decided_on__lt=on,
            case__division_code__startswith=territory,
        )
        .select_related("case")
        .order_by("decided_on")
    )  # fmt: skip
    found = []
    for matter in matters:
        assert matter.decided_on is not None
        try:
            if separate_register_from(matter.decided_on, on=on) > on:
                break  # the oldest come first: the rest are not two years on the list either
        except NoValueInForce:
            return []
        listing = standing_listing(matter.uscc, matter.ground_code, on=on)
        since = separate_register_from(listing.occurred_on, on=on) if listing else None
        if since is not None and since <= on:
            found.append(Separate(matter, since))
    return found


def _line(fact: Fact, name: str) -> Listed:
    code = str(fact.payload.get("ground_code") or "")
    if code in set(Ground):
        return Listed(fact, name, *words.ground_words(code))
    told = str(fact.payload.get("ground") or "")
    return Listed(fact, name, told, told)


def name_of(uscc: str) -> str:
    """Return what the cases call a firm; empty where no case is about it."""
    found = ListingMatter.objects.filter(uscc=uscc).order_by("-pk").first()
    return found.name if found else ""


def path_of(uscc: str, *, on: date, delivered: Iterable[Any] = ()) -> list[path.Step]:
    """Return the shortest lawful path of a firm, from its public records alone."""
    shown = facts.public_record(uscc, on=on, delivered=list(delivered))
    return path.plan([_record(one.fact) for one in shown], on=on)


def _record(fact: Any) -> path.Record:
    return path.Record(
        key=str(fact.fact_id),
        kind=fact.kind,
        occurred_on=fact.occurred_on,
        published_on=published_on(fact.payload, statutory_day(fact.recorded_at)),
        payload=fact.payload,
        public_until=fact.public_until,
    )
