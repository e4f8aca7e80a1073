"""The audit's result, kept: reckoned by the nightly job or at a button, sealed as a fact with the hash of all that it was reckoned from.

A page shows the kept result with its moment. Whatever changed since (a draw, a selection, a file, the register) changes the
hash, and the page says that the result is old.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db.models import Max

from zhijian.apps.supervision.inspection import audit
from zhijian.datazone.lake import Lake
from zhijian.engines.draws import store
from zhijian.engines.draws.errors import Tampered
from zhijian.engines.draws.models import CeremonyEvent, Draw, Selection
from zhijian.engines.draws.queries import State, state_of
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.infrastructure.home import current_home
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day

KIND = "inspection.audit_computed"
RULE = "3"  # of the tests; another number makes every kept result old
PROVINCE = "44"
_BLOCK = 1 << 20
_MOST_REMEMBERED = 20_000
REMEMBERED = timedelta(minutes=10)  # how long a look may rely on selections that it read before


@dataclass(frozen=True)
class Kept:
    """A result as it was sealed. `is_current`: nothing that it was reckoned from has changed."""

    fact: Fact
    is_current: bool

    @property
    def at(self) -> datetime:
        return self.fact.recorded_at

    @property
    def input_hash(self) -> str:
        return str(self.fact.payload["input"])

    @cached_property
    def tests(self) -> tuple[audit.Finding, ...]:
        return tuple(
            audit.Finding(
                one["kind"],
                one["draw"],
                float(one["seen"]),
                float(one["expected"]),
                float(one["chance"]),
                float(one["q"]),
                tuple((name, float(seen), float(expected)) for name, seen, expected in one["parts"]),
            )
            for one in self.fact.payload["tests"]
        )

    def key_of(self, test: audit.Finding) -> str:
        """Return under which key a test of this result is answered: one over many draws has its area, its year and whom it names."""
        if test.draw:
            return test.key
        named = test.parts[0][0] if test.parts else ""
        return f"{test.kind}@{self.fact.payload['scope']}/{self.fact.occurred_on.year}/{named}"

    @cached_property
    def checked(self) -> Mapping[str, audit.Recomputed]:
        """What the public verifier said of each draw's newest file."""
        return {
            one["draw"]: audit.Recomputed(
                one["is_right"], tuple((zh, en) for zh, en in one["problems"]), one["milliseconds"]
            )
            for one in self.fact.payload["checked"]
        }


def scope_of(officer: Officer) -> str:
    """Return the leading digits of the area whose draws an officer audits."""
    return officer.territory


def draws_in(scope: str) -> list[Draw]:
    """Return the draws of an area that count, the newest first; drills are no draws."""
    return list(
        Draw.objects.filter(rehearsal=False, organisation__division_code__startswith=scope).select_related(
            "organisation"
        )
    )


def newest(scope: str, lake: Lake, *, at: datetime) -> Kept | None:
    """Return the kept result that fits what there is now, else the newest one; None where none was ever reckoned.

    Files that nobody touched, and selections read within ten minutes, are not read again; all are where an older result would fit.
    """
    rows = Fact.objects.filter(kind=KIND, source=audit.SOURCE)
    last = rows.filter(source_key__startswith=f"audit/{scope}/").order_by("-recorded_at").first()
    if last is None:
        return None
    every = draws_in(scope)
    fits = rows.filter(source_key=_key(scope, input_of(every, lake, seen_at=at))).first()
    if fits is not None and fits != last:
        fits = rows.filter(source_key=_key(scope, input_of(every, lake))).first()
    return Kept(last, False) if fits is None else Kept(fits, True)


def newest_told(scope: str = PROVINCE) -> Kept | None:
    """Return the newest result of an area for a page that tells sums; old as soon as the ledger has grown."""
    last = (
        Fact.objects.filter(kind=KIND, source=audit.SOURCE, source_key__startswith=f"audit/{scope}/")
        .order_by("-recorded_at")
        .first()
    )
    return Kept(last, last.payload["last_event"] == _last_event(draws_in(scope))) if last else None


def compute(scope: str, lake: Lake, *, by: Officer | str, at: datetime, clock: Any) -> tuple[Kept, bool]:
    """Reckon an area's audit and seal it; what is kept for the same input is returned as it is. Says whether it is new.

    Raises:
        Forbidden: an officer who may not audit.
    """
    if isinstance(by, Officer):
        require(by, Permission.AUDIT_DRAWS)
    every = draws_in(scope)
    hashed = input_of(every, lake)
    known = Fact.objects.filter(kind=KIND, source=audit.SOURCE, source_key=_key(scope, hashed)).first()
    if known is not None:
        return Kept(known, True), False
    held, broken = held_of(every)
    fact = facts.record(
        KIND,
        subject="draws",
        occurred_on=statutory_day(at),
        payload={
            "scope": scope,
            "input": hashed,
            "last_event": _last_event(every),
            "tests": [_test(one) for one in audit.findings(held, lake)],
            "checked": _checked(every, clock),
            "unreadable": [str(draw) for draw, _ in broken],
        },
        source=audit.SOURCE,
        source_key=_key(scope, hashed),
        by=by,
        at=at,
        is_synthetic=bool(every) and all(draw.is_synthetic for draw in every),
    )
    return Kept(fact, True), True


def compute_kept_scopes(lake: Lake, *, at: datetime, clock: Any) -> int:
    """Reckon the province, and every area that anybody ever asked for, anew; return how many results are new."""
    return sum(compute(scope, lake, by="zhijian", at=at, clock=clock)[1] for scope in sorted(scopes()))


def scopes() -> set[str]:
    """Return the province, and every area whose audit anybody ever asked for."""
    asked = Fact.objects.filter(kind=KIND, source=audit.SOURCE).values_list("source_key", flat=True)
    return {PROVINCE, *(key.split("/")[1] for key in asked)}


def held_of(every: Iterable[Draw]) -> tuple[list[audit.Held], list[tuple[Draw, Tampered]]]:
    """Return the draws that can be tested, and those whose kept roster is missing or damaged."""
    held, broken = [], []
    for draw in every:
        try:
            one = audit.held(draw)
        except Tampered as problem:
            broken.append((draw, problem))
            continue
        if one is not None:
            held.append(one)
    return held, broken


def input_of(every: Sequence[Draw], lake: Lake, *, seen_at: datetime | None = None) -> str:
    """Return the hash of all that an audit is reckoned from: ledger, selections, files, the register's version.

    With the moment of a look, what this process read before is not read again: a file with the same stamps, selections of
    the same event in the same ten minutes. Without one all is read anew.
    """
    anew = seen_at is None
    register = "entity_market_entities"
    seen = sha256(f"{RULE}\n{lake.version(register) if lake.exists(register) else '-'}\n".encode())
    folder = current_home().published / "draws"
    seen.update(_file_hash(folder / "ledger.json", anew).encode())
    last = dict(CeremonyEvent.objects.values_list("draw").annotate(Max("n")).values_list("draw", "n__max"))
    hashes = dict(CeremonyEvent.objects.filter(n__in=last.values()).values_list("n", "hash"))
    for draw in sorted(every, key=str):
        state = state_of(draw)
        files = [one["file"] for one in state.published[-1:]]
        told = [str(draw), hashes[last[draw.pk]], *(_file_hash(folder / name, anew) for name in files)]
        private = store.private_folder(draw)
        told += [_file_hash(private / f"{part}.jsonl", anew) for part in ("objects", "inspectors")]
        seen.update(json.dumps(told).encode())
        if state.drawn:
            seen.update(_selections_hash(draw, hashes[last[draw.pk]], seen_at).encode())
    return seen.hexdigest()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_read: dict[tuple[str, ...], str] = {}  # hashes of what this process read, by name and stamps


def _remembered(key: tuple[str, ...], anew: bool, read: Callable[[], str]) -> str:
    if anew or key not in _read:
        if len(_read) >= _MOST_REMEMBERED:
            _read.clear()
        _read[key] = read()
    return _read[key]


def _selections_hash(draw: Draw, event: str, seen_at: datetime | None) -> str:
    def read() -> str:
        seen = sha256()
        rows = Selection.objects.filter(draw=draw).order_by("pk")
        columns = ("object_id", "stratum", "order", "is_reserve", "inspectors", "pool")
        for row in rows.values_list(*columns).iterator(5000):
            seen.update(repr(row).encode())
        return seen.hexdigest()

    span = "" if seen_at is None else str((seen_at - _EPOCH) // REMEMBERED)
    return _remembered((str(current_home().root), str(draw), event, span), seen_at is None, read)


def _file_hash(path: Path, anew: bool) -> str:
    """Return a file's hash. Nobody sets the time of change of its entry (ctime) by hand, so that it tells a file that was touched."""
    try:
        stat = path.stat()
        stamps = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        return _remembered((str(path), *map(str, stamps)), anew, partial(_read_hash, path))
    except OSError:
        return "-"


def _read_hash(path: Path) -> str:
    seen = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            seen.update(block)
    return seen.hexdigest()


def _key(scope: str, hashed: str) -> str:
    return f"audit/{scope}/{hashed[:32]}"


def _last_event(every: Sequence[Draw]) -> int:
    found = CeremonyEvent.objects.filter(draw__in=[draw.pk for draw in every]).aggregate(Max("n"))
    return int(found["n__max"] or 0)


def _test(one: audit.Finding) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "draw": one.draw,
        **{name: _text(getattr(one, name)) for name in ("seen", "expected", "chance", "q")},
        "parts": [[name, _text(seen), _text(expected)] for name, seen, expected in one.parts],
    }


def _text(value: float) -> str:
    return f"{float(value):.12g}"


def _checked(every: Sequence[Draw], clock: Any) -> list[dict[str, Any]]:
    told = []
    for draw in every:
        found = audit.recomputed(state_of(draw), clock=clock)
        if found is not None:
            told.append(
                {
                    "draw": str(draw),
                    "is_right": found.is_right,
                    "problems": [list(pair) for pair in found.problems],
                    "milliseconds": found.milliseconds,
                }
            )
    return told


@dataclass(frozen=True)
class PublicSums:
    """What everybody may know of an area's audit: sums, and the reasons of voided attempts, which are published anyway."""

    kept: Kept
    drawn: int
    published: int
    right: int
    wrong: int
    voided: tuple[tuple[Draw, str], ...]
    register: int
    by_hand: int
    tests: int
    ringing: int
    explained: int
    looked_into: int

    @property
    def unanswered(self) -> int:
        return self.ringing - self.explained - self.looked_into

    @property
    def by_hand_share(self) -> float | None:
        return self.by_hand / self.register if self.register else None


def public_sums(scope: str = PROVINCE) -> PublicSums | None:
    """Return the sums of the newest kept result; None where none was reckoned."""
    kept = newest_told(scope)
    if kept is None:
        return None
    courses = [(draw, audit.course_of(draw)) for draw in draws_in(scope)]
    said = audit.answers()
    answered = [(said.get(kept.key_of(one)), one) for one in kept.tests if one.rings]
    verdicts = Counter(
        str(fact.payload["verdict"])
        for fact, one in answered
        if fact and audit.holds(fact, seen=one.seen, expected=one.expected, chance=one.chance)
    )
    right = sum(one.is_right for one in kept.checked.values())
    return PublicSums(
        kept,
        drawn=sum(bool(course.state.drawn) for _, course in courses),
        published=len(kept.checked),
        right=right,
        wrong=len(kept.checked) - right,
        voided=tuple((draw, _reason(course.state)) for draw, course in courses if course.state.voided),
        register=sum(course.objects + sum(count for _, count, _ in course.excluded) for _, course in courses),
        by_hand=sum(count for _, course in courses for _, count, is_by_hand in course.excluded if is_by_hand),
        tests=len(kept.tests),
        ringing=sum(one.rings for one in kept.tests),
        explained=verdicts["explained"],
        looked_into=verdicts["look_into"],
    )


def _reason(state: State) -> str:
    return str(state.voided.get("reason", ""))
