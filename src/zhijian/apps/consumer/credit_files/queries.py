"""A firm's credit file: derived from facts and registers each time it is read. Nothing is stored a second time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zhijian.apps.consumer.credit_files import rules, sources
from zhijian.apps.consumer.credit_files.masking import masked_values
from zhijian.apps.consumer.credit_files.models import FileMatter
from zhijian.apps.consumer.credit_files.sources import Section
from zhijian.engines.facts import kinds, repair
from zhijian.engines.facts import queries as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.publicity import Publicity, decide, published_on
from zhijian.engines.facts.repair import Verdict
from zhijian.engines.procedures.models import CaseStatus
from zhijian.engines.registers.declared import queries as registers
from zhijian.engines.registers.declared.declaration import Finding, Register
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.standards import parameters
from zhijian.standards.calendar import add_months, statutory_day

ENDED_MONTHS = parameters.load("consumer/credit_file_ended_months")


@dataclass(frozen=True)
class Item:
    """One item made of a fact: whether everybody may see it, until when, and whether it may be repaired."""

    fact: Any  # a `Fact`, or what was delivered
    section: Section
    is_public: bool
    publicity: Publicity | None
    is_in_log: bool
    repair: Verdict
    is_disputed: bool = False  # an objection or a request is being decided; for officers

    @property
    def id(self) -> str:
        return str(self.fact.fact_id)

    @property
    def authority(self) -> str:
        """Who decided; empty where what was delivered does not say."""
        return str(self.fact.payload.get("authority") or "").strip()

    @property
    def shown_payload(self) -> dict[str, Any]:
        """What everybody is given of it: the fields that are public, and in their texts nothing that points to a person."""
        named = sources.SHOWN_FIELDS.get(self.fact.kind, ())
        return {name: masked_values(self.fact.payload[name]) for name in named if name in self.fact.payload}

    @property
    def until(self) -> date | None:
        """The last day on which everybody finds it here; None where it stands until it is taken off the list."""
        return _until(self.fact)


@dataclass(frozen=True)
class Entry:
    """One item that stands on a register of its own: it shows there, with its history, and here what holds."""

    register: Register
    entry: DeclaredEntry
    section: Section
    findings: tuple[Finding, ...]
    has_ended: bool


@dataclass(frozen=True)
class CreditFile:
    """What a reader finds in a file on a day."""

    uscc: str
    on: date
    items: tuple[Item, ...]
    entries: tuple[Entry, ...]
    measures: tuple[rules.Measure, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        return not self.items and not self.entries

    @property
    def is_synthetic(self) -> bool:
        return any(one.fact.is_synthetic for one in self.items) or any(
            one.entry.is_synthetic for one in self.entries
        )

    @property
    def name(self) -> str:
        """What the registers call the firm, where the register of entities does not know it."""
        return next((one.entry.name for one in self.entries), "")

    def of(self, section: Section) -> tuple[tuple[Item, ...], tuple[Entry, ...]]:
        return (
            tuple(one for one in self.items if one.section == section),
            tuple(one for one in self.entries if one.section == section),
        )


def public_file(uscc: str, *, on: date, delivered: Iterable[Any] = ()) -> CreditFile:
    """Return what everybody may read in a firm's file on a day; what reached its term is not there any more."""
    shown = [
        one
        for one in facts.public_record(uscc, on=on, delivered=delivered)
        if sources.section_of(one.fact.kind) is not None and on <= (_until(one.fact) or on)
    ]
    items = [
        _item(one.fact, shown_facts=[other.fact for other in shown], on=on, is_public=True, is_in_log=one.is_in_log)
        for one in shown
    ]  # fmt: skip
    return _file(uscc, on, items)


def whole_file(uscc: str, *, on: date, delivered: Iterable[Any] = ()) -> CreditFile:
    """Return a file as officers with the right read it: also what is internal, and what has left publicity, with the reason."""
    public = public_file(uscc, on=on, delivered=delivered)
    seen = {one.id for one in public.items}
    standing = facts.facts_of(uscc, on=on, public_only=False)
    further = [
        _item(fact, shown_facts=standing, on=on, is_public=False, is_in_log=True,
              publicity=decide(fact, on=on, others=standing))
        for fact in standing
        if fact.kind in sources.FACT_KINDS and str(fact.pk) not in seen
    ]  # fmt: skip
    disputed = _disputed(uscc)
    items = [_marked(one, disputed) for one in (*public.items, *further)]
    return _file(uscc, on, items)


def find_public_item(uscc: str, item_id: str, *, on: date, delivered: Iterable[Any] = ()) -> Item | None:
    """Return an item of this firm's file that everybody may read, or None where there is no such item."""
    file = public_file(uscc, on=on, delivered=delivered)
    return next((one for one in file.items if one.id == item_id), None)


def _item(
    fact: Any,
    *,
    shown_facts: Sequence[Any],
    on: date,
    is_public: bool,
    is_in_log: bool,
    publicity: Publicity | None = None,
) -> Item:
    section = sources.section_of(fact.kind)
    assert section is not None
    others = [(one.kind, one.occurred_on, one.payload) for one in shown_facts if one is not fact]
    verdict = repair.repair(
        fact.kind,
        fact.payload,
        occurred_on=fact.occurred_on,
        published_on=published_on(fact.payload, statutory_day(fact.recorded_at)),
        on=on,
        others=others,
    )
    return Item(fact, section, is_public, publicity, is_in_log, verdict)


def _until(fact: Any) -> date | None:
    if fact.kind == "complaint.published":
        return rules.complaint_shown_until(fact.occurred_on)
    last: date | None = fact.public_until
    return last


def _marked(item: Item, disputed: set[tuple[str, str]]) -> Item:
    key = (item.fact.source, str(item.fact.source_key))
    return Item(
        item.fact, item.section, item.is_public, item.publicity, item.is_in_log, item.repair, key in disputed
    )


def _disputed(uscc: str) -> set[tuple[str, str]]:
    found = FileMatter.objects.filter(uscc=uscc, case__status=CaseStatus.OPEN)
    return set(found.values_list("source", "source_key"))


def _file(uscc: str, on: date, items: Sequence[Item]) -> CreditFile:
    standing = [(one.fact.kind, one.fact.payload) for one in items if one.is_public]
    return CreditFile(
        uscc, on, tuple(items), tuple(_entries(uscc, on)), tuple(rules.measures(standing, on=on))
    )


def _entries(uscc: str, on: date) -> Iterable[Entry]:
    """Yield the firm's entries on the registers of the catalogue; an ended one leaves after the months of the parameter."""
    by_register = {name: section for section in sources.SECTIONS for name in section.registers}
    months = ENDED_MONTHS.on(on)
    for register, entry in registers.of_entity(uscc):
        section, ended_on = by_register.get(register.name), entry.valid_to
        if ended_on is not None and ended_on >= on:
            ended_on = None
        if section is None or (ended_on is not None and add_months(ended_on, months) < on):
            continue
        findings = tuple(one for one in register.findings(entry, on) if one.is_public)
        yield Entry(register, entry, section, findings, ended_on is not None)


@dataclass(frozen=True)
class Collected:
    """What the platform itself collected, for the statistics: items by section, by city and by trade."""

    by_section: Counter[str]
    by_city: Counter[str]
    subjects: tuple[str, ...]
    has_synthetic: bool


def collected(*, on: date) -> Collected:
    """Count the public items that were recorded here and the entries that stand; what others delivered is in the data zone."""
    by_section: Counter[str] = Counter()
    by_city: Counter[str] = Counter()
    subjects: list[str] = []
    has_synthetic = False
    for fact, section in _standing_items(on):
        by_section[section.code] += 1
        by_city[f"{fact.subject[2:6]}00"] += 1
        subjects.append(fact.subject)
        has_synthetic |= fact.is_synthetic
    for section in sources.SECTIONS:
        for name in section.registers:
            for uscc, place, synthetic in _standing_entries(name, on):
                by_section[section.code] += 1
                by_city[f"{place[:4]}00"] += 1
                subjects.append(uscc)
                has_synthetic |= synthetic
    return Collected(by_section, by_city, tuple(subjects), has_synthetic)


_MOST = 50_000


def _standing_items(on: date) -> Iterable[tuple[Fact, Section]]:
    """Yield the newest public items of the log with their sections: two reads, however many firms there are."""
    ending = [
        kind.removed_by for name in sources.FACT_KINDS if (kind := kinds.find(name)) and kind.removed_by
    ]
    rows = Fact.objects.filter(superseded_by__isnull=True, is_withdrawal=False).order_by("-recorded_at")
    ended: dict[str, list[Fact]] = defaultdict(list)
    for fact in rows.filter(kind__in=ending)[:_MOST]:
        ended[fact.subject].append(fact)
    for fact in rows.filter(kind__in=sources.FACT_KINDS)[:_MOST]:
        section = sources.section_of(fact.kind)
        is_shown = decide(fact, on=on, others=ended[fact.subject]).is_public and on <= (_until(fact) or on)
        if section is not None and is_shown:
            yield fact, section


def _standing_entries(name: str, on: date) -> Iterable[tuple[str, str, bool]]:
    from zhijian.engines.registers.declared import registry

    register = registry.find(name)
    if register is None:
        return ()
    found = registers.search(register, registers.Filters(state="current"), on=on)
    return list(found.values_list("uscc", "division_code", "is_synthetic"))


def stored(source: str, source_key: str) -> Fact | None:
    """Return the newest version of a fact that the log holds under this source and key."""
    found: Fact | None = (
        Fact.objects.filter(source=source, source_key=source_key).order_by("-revision").first()
    )
    return found
