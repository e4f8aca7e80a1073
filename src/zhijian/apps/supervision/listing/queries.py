"""What pages read of the lists: who is on them on a day, and the records of one firm from which its path begins."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any
from uuid import UUID

from zhijian.apps.supervision.listing import path, words
from zhijian.apps.supervision.listing.models import Act, ListingMatter
from zhijian.apps.supervision.listing.policies import standing_listing
from zhijian.apps.supervision.listing.rules import Ground, Right, Subject, rights, separate_register_from
from zhijian.engines.facts import queries as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.publicity import decide, published_on
from zhijian.standards.calendar import statutory_day
from zhijian.standards.parameters import NoValueInForce

ABNORMAL, SERIOUS = "abnormal_list.listed", "serious_list.listed"
_ENDED_BY = ("abnormal_list.removed", "serious_list.removed")
_MOST, _BATCH = 50_000, 1000


@dataclass(frozen=True, slots=True)
class Listed:
    """One public line of a list: of its fact what a list shows, and no more, for fifty thousand are kept."""

    kind: str
    subject: str
    name: str
    ground_code: str
    ground_zh: str
    ground_en: str
    occurred_on: date
    authority: str
    decision_no: str
    fact_id: UUID
    is_synthetic: bool

    @property
    def is_serious(self) -> bool:
        return self.kind == SERIOUS

    @property
    def city(self) -> str:
        return f"{self.subject[2:6]}00"


@dataclass(frozen=True)
class Separate:
    """An individual business in the separate register, and since when."""

    matter: ListingMatter
    since: date


def standing(
    *, on: date, kind: str = "", ground: str = "", city: str = "", text: str = ""
) -> tuple[Listed, ...]:
    """Return who is publicly on a list on a day, newest first, at most fifty thousand.

    What other systems delivered stands on the page of each firm; here is what was decided on the platform. The lines are
    read once for a day and kept until a fact of the lists is recorded; a view reads two numbers to know that none was.
    """
    found = _standing(on, *_state())
    if not (kind or ground or city or text):
        return found
    return tuple(
        one
        for one in found
        if (not kind or one.kind == kind)
        and (not ground or one.ground_code == ground)
        and (not city or one.city == city)
        and (not text or text in one.name or text.upper() in one.subject)
    )


def _state() -> tuple[int, str]:
    """What changes with every fact of the lists: how many there are, and the random mark of the newest."""
    rows = Fact.objects.filter(kind__in=(ABNORMAL, SERIOUS, *_ENDED_BY))
    newest = rows.order_by("-recorded_at", "-fact_id").values_list("recorder_salt", flat=True).first()
    return rows.count(), newest or ""


@lru_cache(maxsize=1)
def _standing(on: date, _count: int, _newest: str) -> tuple[Listed, ...]:
    """Read the lines: a read for each thousand listings, and one for what ended any of theirs.

    Every removal of a firm that is read is read with it: no number of removals lets one that left be shown.
    """
    rows = Fact.objects.filter(superseded_by__isnull=True, is_withdrawal=False)
    inside = rows.filter(kind__in=(ABNORMAL, SERIOUS)).exclude(public_until__lt=on)
    names = dict(ListingMatter.objects.values_list("uscc", "name"))
    shown: list[Listed] = []
    stream = inside.order_by("-occurred_on", "-recorded_at").iterator(chunk_size=_BATCH)
    while len(shown) < _MOST and (batch := list(islice(stream, _BATCH))):
        ended: dict[str, list[Fact]] = defaultdict(list)
        for fact in rows.filter(kind__in=_ENDED_BY, subject__in={one.subject for one in batch}):
            ended[fact.subject].append(fact)
        shown += [
            _line(one, names.get(one.subject, ""))
            for one in batch
            if decide(one, on=on, others=ended[one.subject]).is_public
        ]
    return tuple(shown)


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
        since = _separate_since(matter, on)
        if since is not None:
            found.append(Separate(matter, since))
    return found


def separate_since(uscc: str, *, on: date) -> date | None:
    """Return the day from which an individual business stands in the separate register; None where it does not."""
    matters = ListingMatter.objects.filter(
        uscc=uscc, act=Act.LIST, subject_kind=Subject.INDIVIDUAL, outcome="listed", decided_on__lt=on
    )
    try:
        return min((day for one in matters if (day := _separate_since(one, on))), default=None)
    except NoValueInForce:
        return None


def _separate_since(matter: ListingMatter, on: date) -> date | None:
    listing = standing_listing(matter.uscc, matter.ground_code, on=on)
    since = separate_register_from(listing.occurred_on, on=on) if listing else None
    return since if since is not None and since <= on else None


def _line(fact: Fact, name: str) -> Listed:
    code, told = (str(fact.payload.get(part) or "") for part in ("ground_code", "ground"))
    zh, en = words.ground_words(code) if fact.kind == ABNORMAL and code in set(Ground) else (told, told)
    return Listed(
        fact.kind, fact.subject, name, code, zh, en, fact.occurred_on, str(fact.payload.get("authority") or ""),
        str(fact.payload.get("decision_no") or ""), fact.fact_id, fact.is_synthetic,
    )  # fmt: skip


def known_on(matter: ListingMatter) -> date | None:
    """Return the day on which a listing became public, from which it is challenged; None while nothing is listed.

    It may lie days after the decision: of the serious list, publication is a step of its own.
    """
    if matter.outcome != "listed":
        return None
    kind = SERIOUS if matter.act == Act.LIST_SERIOUS else ABNORMAL
    fact = Fact.objects.filter(kind=kind, subject=matter.uscc, source_key=matter.case.number).first()
    return published_on(fact.payload, statutory_day(fact.recorded_at)) if fact is not None else None


def rights_of(uscc: str, *, on: date) -> list[tuple[ListingMatter, Right]]:
    """Return what a firm may still do on a day about each case that lists it, what ends first in front."""
    matters = (
        ListingMatter.objects.filter(uscc=uscc).exclude(act=Act.REMOVE).select_related("case__organisation")
    )
    found = [
        (one, right)
        for one in matters
        if one.outcome in ("", "listed")
        for right in rights(
            is_serious=one.act == Act.LIST_SERIOUS,
            is_individual=one.subject_kind == Subject.INDIVIDUAL,
            noticed_on=one.notified_on,
            known_on=known_on(one),
            on=on,
        )
    ]
    return sorted(found, key=lambda pair: pair[1].until)


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
