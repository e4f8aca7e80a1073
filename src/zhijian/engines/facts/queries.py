"""What pages and the API read: facts as they stood on a day, newest first, corrections folded."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID

from zhijian.datazone.standard.rules import BORN_HERE, FACT_KINDS
from zhijian.engines.facts import kinds
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.publicity import FactLike, Publicity, decide
from zhijian.standards import personal_data
from zhijian.standards.calendar import ZONE


def find(fact_id: UUID | str) -> Fact | None:
    """Return a fact, or None where the id is unknown or no id at all."""
    try:
        key = fact_id if isinstance(fact_id, UUID) else UUID(fact_id)
    except ValueError:
        return None
    found: Fact | None = Fact.objects.filter(pk=key).first()
    return found


def facts_of(subject: str, *, on: date, public_only: bool) -> list[Fact]:
    """Return the facts about a subject as known at the end of the day `on` (Shanghai), newest first.

    Of a corrected fact the newest version stands for all; `fact.earlier` holds the others. Withdrawn ones are left
    out. With `public_only`, what may be shown to everybody on that day.
    """
    rows = Fact.objects.filter(subject=subject, recorded_at__lt=_end_of(on))
    standing = _folded(rows)
    return _public(standing, on) if public_only else standing


def public_facts(
    *, on: date, kind: str | None = None, subjects: Iterable[str] | None = None, limit: int = 100
) -> list[Fact]:
    """Return the newest facts that everybody may see on the day `on`, at most `limit`."""
    names = kinds.public_kinds() if kind is None else [kind]
    rows = Fact.objects.filter(kind__in=names, recorded_at__lt=_end_of(on)).order_by(
        "-occurred_on", "-recorded_at"
    )
    if subjects is not None:
        rows = rows.filter(subject__in=list(subjects))
    found: list[Fact] = []
    public: dict[str, dict[UUID, Fact]] = {}
    for row in rows.iterator(chunk_size=200):
        if row.subject not in public:
            of_subject = facts_of(row.subject, on=on, public_only=True)
            public[row.subject] = {fact.pk: fact for fact in of_subject}
        if row.pk in public[row.subject]:
            found.append(public[row.subject][row.pk])
        if len(found) == limit:
            break
    return found


class Delivered(FactLike, Protocol):
    """A fact that another system delivered and the serving store hands out."""

    @property
    def recorded_at(self) -> datetime: ...
    @property
    def source(self) -> str: ...
    @property
    def source_key(self) -> str: ...


@dataclass(frozen=True)
class PublicFact:
    """A fact that everybody may see, and whether the sealed log holds it. Without the log nothing vouches for it."""

    fact: Any  # a `Fact`, or what was delivered
    is_in_log: bool

    @property
    def shown(self) -> "ShownFact":
        return ShownFact(self.fact)


class ShownFact:
    """A fact as everybody may read it: the one place where what points to a person in its substance is masked."""

    def __init__(self, fact: Any) -> None:
        self._fact = fact
        self.payload: dict[str, Any] = personal_data.masked_values(fact.payload)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._fact, name)

    @property
    def is_masked(self) -> bool:
        return bool(self.payload != self._fact.payload)


def is_delivered(fact: Any) -> bool:
    """Say whether another system delivered a fact: who delivered it answers for what it says, a seal only for the copy."""
    return fact.kind in FACT_KINDS and fact.source not in (*BORN_HERE, "annual_reports")


@dataclass(frozen=True)
class Known:
    """What is known about a subject: everything that stands, newest first, and of it what everybody may see."""

    everything: list[Any]
    public: list[PublicFact]


def public_record(subject: str, *, on: date, delivered: Iterable[Delivered]) -> list[PublicFact]:
    """Return what everybody may see about a subject on a day, newest first: pages and API show this and no more.

    What the log holds comes first: the log alone decides about its own facts, so nothing delivered adds to them,
    changes them or ends their publicity. Of the delivered facts only those remain whose source and key the log
    never knew, about whichever subject and also where it was corrected or withdrawn since.
    """
    return known_of(subject, on=on, delivered=delivered).public


def known_of(subject: str, *, on: date, delivered: Iterable[Delivered]) -> Known:
    """Return all that is known about a subject at the end of a day, public or not: what rules of law are asked about."""
    return known_about({subject: list(delivered)}, on=on, before=_end_of(on))[subject]


def known_about(
    delivered: Mapping[str, Sequence[Delivered]], *, on: date, before: datetime
) -> dict[str, Known]:
    """Return what is known about each subject of `delivered` from what was recorded before a moment, judged on a day."""
    rows: dict[str, list[Fact]] = {subject: [] for subject in delivered}
    for fact in Fact.objects.filter(subject__in=list(delivered), recorded_at__lt=before):
        rows[fact.subject].append(fact)
    unknown = _unknown_to_the_log([fact for of_one in delivered.values() for fact in of_one], before)
    return {
        subject: _known(_folded(rows[subject]), [fact for fact in of_one if _key(fact) in unknown], on)
        for subject, of_one in delivered.items()
    }


def _known(standing: list[Fact], unknown: list[Delivered], on: date) -> Known:
    everything: list[Any] = [*standing, *unknown]
    shown = [PublicFact(fact, is_in_log=True) for fact in _public(standing, on)]
    shown += [
        PublicFact(fact, is_in_log=False)
        for fact in unknown
        if decide(fact, on=on, others=everything).is_public
    ]
    shown.sort(key=lambda one: (one.fact.occurred_on, one.fact.recorded_at), reverse=True)
    return Known(everything, shown)


def _key(fact: Delivered) -> tuple[str, str]:
    return fact.source, fact.source_key


def _unknown_to_the_log(delivered: Sequence[Delivered], before: datetime) -> set[tuple[str, str]]:
    """Return source and key of the delivered facts that nothing recorded before a moment has."""
    keys: dict[str, list[str]] = defaultdict(list)
    for fact in delivered:
        keys[fact.source].append(fact.source_key)
    known: set[tuple[str, str]] = set()
    for source, of_source in keys.items():
        rows = Fact.objects.filter(source=source, source_key__in=of_source, recorded_at__lt=before)
        known.update(rows.values_list("source", "source_key"))
    return {_key(fact) for fact in delivered} - known


def publicity_of(fact: Fact, *, on: date) -> Publicity:
    """Say whether this version of a fact may be shown to everybody on the day `on`, why, and by which article."""
    standing = facts_of(fact.subject, on=on, public_only=False)
    newest = next((f for f in standing if f.pk == fact.pk or fact.pk in {e.pk for e in f.earlier}), None)
    if newest is None:
        return Publicity(False, "已撤回或尚未记录", "withdrawn or not yet recorded", fact.legal_basis)
    return decide(newest, on=on, others=standing)


def newest_of(fact: Fact) -> Fact:
    """Return the newest version of a fact, itself where it was never corrected."""
    newest: Fact = (
        Fact.objects.filter(source=fact.source, source_key=fact.source_key).order_by("-revision").first()
        or fact
    )
    return newest


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=ZONE)


def _folded(rows: Iterable[Fact]) -> list[Fact]:
    versions: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for row in rows:
        versions[row.source, row.source_key].append(row)
    newest = []
    for same in versions.values():
        same.sort(key=lambda fact: -fact.revision)
        same[0].earlier = tuple(same[1:])
        if not same[0].is_withdrawal:
            newest.append(same[0])
    return sorted(newest, key=_age)


def _public(standing: list[Fact], on: date) -> list[Fact]:
    return [fact for fact in standing if decide(fact, on=on, others=standing).is_public]


def _age(fact: Fact) -> tuple[int, float, str]:
    """Sort newest first: by the day it happened, then by when it was recorded."""
    return (-fact.occurred_on.toordinal(), -fact.recorded_at.timestamp(), str(fact.pk))
