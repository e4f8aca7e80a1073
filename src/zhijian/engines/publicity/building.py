"""The night's work: which codes changed since the day before, their leaves, the new root, signed and put into the log."""

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path

from zhijian.datazone.lake import Lake
from zhijian.engines.facts import kinds, queries
from zhijian.engines.facts.models import Fact
from zhijian.engines.publicity import roots
from zhijian.engines.publicity.delivered import DeliveredFact, DeliveredFacts, ServedFacts
from zhijian.engines.publicity.errors import PublicityRefused
from zhijian.engines.publicity.leaves import leaf_of
from zhijian.engines.publicity.lists import FORM, Leaf
from zhijian.engines.publicity.store import Day, PublicityMap
from zhijian.infrastructure.home import Home
from zhijian.standards.calendar import ZONE

_CODE = re.compile(r"[0-9A-Z\u4e00-\u9fff]{18}")
_BATCH = 400
_TERMS = "delivered-terms/1"  # how the last day of a delivered item is reckoned that names none
Subjects = Iterator[tuple[str, list[DeliveredFact] | None]]
"""Codes in their order; None where the delivered facts are still to be read."""


@dataclass(frozen=True)
class Built:
    """What a night did. `looked_at`: codes whose leaf was made anew; `is_new` False: the day was there already."""

    day: Day
    looked_at: int
    is_full: bool
    is_new: bool


def map_file(home: Home) -> Path:
    """Return where the map of a home lies."""
    return home.root / "publicity" / "map.sqlite3"


@contextmanager
def open_map(home: Home) -> Iterator[PublicityMap | None]:
    """Give the map for reading, or None before the first day."""
    path = map_file(home)
    if not path.exists():
        yield None
        return
    with PublicityMap(path) as found:
        yield found


def build_day(
    day: date,
    *,
    at: datetime,
    home: Home,
    delivered: DeliveredFacts | None = None,
    is_full: bool = False,
) -> Built:
    """Make the map of what is public on `day`, as known when the day began; sign its root, publish it, put it in the log.

    Only codes that changed since the day before are looked at, unless `is_full` or the declarations of kinds changed.
    A day that is there already keeps its root.

    Raises:
        PublicityRefused: the day has not begun, or lies before one that is there.
    """
    source = delivered or ServedFacts(home.serving, Lake(home.lake))
    with PublicityMap(map_file(home), is_writer=True) as store:
        known = store.day(day)
        newest = store.newest()
        if known is None:
            _check(day, at, newest)
            built = _built(store, newest, day, at, source, is_full)
        else:
            built = Built(known, 0, False, False)
    roots.record(built.day, at=at)
    roots.publish(home.published / "publicity")
    return built


def _check(day: date, at: datetime, newest: Day | None) -> None:
    if at < _begins(day):
        raise PublicityRefused(
            f"{day} 尚未开始，不能生成公示日根。", f"{day} has not begun; make its root when it has."
        )
    if newest and day < newest.day:
        raise roots.later_root(newest.day.isoformat())


def _built(
    store: PublicityMap,
    newest: Day | None,
    day: date,
    at: datetime,
    source: DeliveredFacts,
    is_full: bool,
) -> Built:
    # The mark before anything is read: what is delivered meanwhile is looked at in the next night.
    mark, form, looked_at = source.mark(), _form(), 0
    changed: set[str] | None = None
    if newest is not None and newest.form == form and not is_full:
        changed = _changed(store, newest, day, source)

    def counted() -> Iterator[tuple[Leaf, Sequence[int]]]:
        nonlocal looked_at
        for leaf in leaves(subjects, day, source):
            looked_at += 1
            yield leaf

    with store.transaction():
        subjects = _everyone(store, source) if changed is None else ((code, None) for code in sorted(changed))
        root, entities, items = store.apply(day, counted())
        made = Day(
            day=day,
            entities=entities + (newest.entities if newest else 0),
            items=items + (newest.items if newest else 0),
            root=root,
            facts=_begins(day).isoformat(),
            sources=mark,
            form=form,
            signed=None,
        )
        made = roots.signed(made, at=at)
        store.add_day(made)
    return Built(made, looked_at, changed is None, True)


def leaves(
    subjects: Iterable[tuple[str, list[DeliveredFact] | None]], day: date, source: DeliveredFacts
) -> Iterator[tuple[Leaf, Sequence[int]]]:
    """Yield the leaf of each code on a day, with the marks of its delivered facts."""
    stream = iter(subjects)
    while batch := list(islice(stream, _BATCH)):
        given: Mapping[str, list[DeliveredFact]] = {
            code: source.of(code) if facts is None else facts for code, facts in batch
        }
        known = queries.known_about(given, on=day, before=_begins(day))
        for code, facts in given.items():
            marks = [mark_of(fact.source, fact.source_key) for fact in facts]
            yield leaf_of(code, known[code], on=day), marks


def mark_of(source: str, source_key: str) -> int:
    """Return the number under which a delivered fact is found again when the log gets one of the same source and key."""
    return int.from_bytes(sha256(f"{source}\0{source_key}".encode()).digest()[:8], "big", signed=True)


def _changed(store: PublicityMap, newest: Day, day: date, source: DeliveredFacts) -> set[str] | None:
    """Return the codes whose leaf may differ since the newest day, or None where all must be looked at."""
    given = source.changed_since(newest.sources)
    if given is None:
        return None
    recorded = Fact.objects.filter(
        recorded_at__gte=datetime.fromisoformat(newest.facts), recorded_at__lt=_begins(day)
    ).values_list("subject", "source", "source_key")
    own: set[str] = set()
    marks: set[int] = set()
    for subject, name, key in recorded.iterator(chunk_size=2000):
        marks.add(mark_of(name, key))
        if is_code(subject):
            own.add(subject)
    return given | own | set(store.due(day)) | store.unsealed(marks)


def _everyone(store: PublicityMap, source: DeliveredFacts) -> Subjects:
    """Yield every code that our own records, other systems or the map know."""
    own = Fact.objects.order_by("subject").values_list("subject", flat=True).distinct()
    ours = ((code, None) for code in sorted(filter(is_code, own.iterator(chunk_size=2000))))
    with PublicityMap(store.path) as before:  # the map as it was: rows are written while it is read
        there = ((code, None) for code in before.subjects())
        delivered = ((code, facts) for code, facts in source.everything() if is_code(code))
        merged = heapq.merge(ours, there, delivered, key=itemgetter(0))
        for code, same in groupby(merged, key=itemgetter(0)):
            yield code, next((facts for _, facts in same if facts is not None), [])


def is_code(subject: str) -> bool:
    """Say whether a subject is an entity's code, not a draw plan, a document or the record of looks."""
    return _CODE.fullmatch(subject) is not None


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZONE)


def _form() -> str:
    """Return what names the declarations by which items are judged: when it changes, everything is judged anew."""
    declared = sorted(path for path in kinds.FOLDER.glob("*.yaml"))
    text = FORM + _TERMS + "".join(f"{path.name}\0{path.read_text('utf-8')}\0" for path in declared)
    return sha256(text.encode("utf-8")).hexdigest()
