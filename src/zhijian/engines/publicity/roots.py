"""The root of each day: signed, chained to the one before, recorded as a fact of the growing log, and published."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from zhijian.engines.facts import seals, services
from zhijian.engines.facts.canonical import canonical, canonical_bytes
from zhijian.engines.facts.errors import RecordedDifferently
from zhijian.engines.facts.leaves import moment
from zhijian.engines.facts.models import Fact
from zhijian.engines.publicity.errors import PublicityRefused
from zhijian.engines.publicity.statements import FORM, NO_ROOT_BEFORE, Signed, day_files, hash_of, roots_text
from zhijian.engines.publicity.store import Day
from zhijian.security import signing

KEY, KIND, SUBJECT, SOURCE = "publicity", "publicity.root", "publicity-roots", "publicity"


def all_roots(since: str = "", *, most: int | None = None) -> list[Signed]:
    """Return the signed roots from a day on, oldest first, all or the first `most`: read from the log alone."""
    rows = _recorded().filter(source_key__gte=since).order_by("source_key")
    return list(rows.values_list("payload", flat=True)[:most])


def fact_of(day: str) -> Fact | None:
    """Return the fact that holds the root of a day, or None where there is none."""
    return _recorded().filter(source_key=day).first()


def _recorded() -> QuerySet[Fact]:
    """Return the fact of every root; `source_key` is its day."""
    found: QuerySet[Fact] = Fact.objects.filter(kind=KIND, source=SOURCE, revision=0)
    return found


def signed(day: Day, *, at: datetime) -> Day:
    """Return a day with its signed root; a day that the log has already keeps the one that it has.

    Raises:
        PublicityRefused: the log has another root of this day, or one of a later day.
    """
    there = fact_of(day.day.isoformat())
    if there is not None:
        if there.payload["statement"]["root"] != day.root.hex():
            raise two_roots(day.day.isoformat())
        return replace(day, signed=canonical(there.payload))
    last = _recorded().order_by("-source_key").first()
    if last is not None and last.source_key > day.day.isoformat():
        raise later_root(last.source_key)
    before = last.payload["statement"] if last else None
    seal = seals.newest_seal()
    statement = {
        "form": FORM,
        "day": day.day.isoformat(),
        "root": day.root.hex(),
        "entities": day.entities,
        "items": day.items,
        "known_until": moment(datetime.fromisoformat(day.facts)),
        "log_size": seal.tree_size if seal else 0,
        "log_root": seal.root if seal else NO_ROOT_BEFORE,
        "made_at": moment(at),
        "previous_day": before["day"] if before else None,
        "previous_hash": hash_of(before) if before else NO_ROOT_BEFORE,
    }
    data = canonical_bytes(statement)
    signature = signing.sign(data, key=KEY).hex()
    full = {"statement": statement, "key": signing.public_key(KEY).hex(), "signature": signature}
    return replace(day, signed=canonical(full))


def record(day: Day, *, at: datetime) -> Fact:
    """Put the root of a day into the log, where its next seal covers it; the same again changes nothing.

    Raises:
        PublicityRefused: the log has another root of this day.
    """
    assert day.signed is not None
    try:
        return services.record(
            KIND,
            subject=SUBJECT,
            occurred_on=day.day,
            payload=json.loads(day.signed),
            source=SOURCE,
            source_key=day.day.isoformat(),
            by="zhijian publicity build",
            at=at,
        )
    except RecordedDifferently as problem:
        raise two_roots(day.day.isoformat()) from problem


def publish(folder: Path) -> None:
    """Write every root and the chain of all; what lies there already is never overwritten.

    Raises:
        PublicityRefused: a published root is not the one that the log has.
    """
    folder.mkdir(parents=True, exist_ok=True)
    every = all_roots()
    path = folder / "roots.json"
    if path.exists():
        published = _read(path)
        if published != every[: len(published)]:
            raise _differs(path)
    for name, text in day_files(every).items():
        single = folder / name
        if not single.exists():
            seals.write_whole(single, [text])
        elif single.read_text("utf-8") != text:
            raise _differs(single)
    seals.write_whole(path, [roots_text(every)])


def later_root(day: str) -> PublicityRefused:
    return PublicityRefused(
        f"已有 {day} 的公示日根，不能补做更早的一天。",
        f"There is a root of {day} already; an earlier day cannot be added after it.",
    )


def two_roots(day: str) -> PublicityRefused:
    return PublicityRefused(
        f"封存日志中已有 {day} 的公示日根，与这次算出的不同：一天只能有一个根。请运行 zhijian facts verify 查明，并从备份恢复。",
        f"The log has a root of {day} that differs from the one just made: a day has one root. Run `zhijian facts verify` "
        "to find out what was changed, and restore it from a backup.",
    )


def _read(path: Path) -> list[Any]:
    try:
        found = json.loads(path.read_text("utf-8"))["roots"]
    except (ValueError, KeyError, TypeError) as problem:
        raise _differs(path) from problem
    return list(found)


def _differs(path: Path) -> PublicityRefused:
    return PublicityRefused(
        f"已公布的 {path.name} 与封存日志中的公示日根不一致，未覆盖。请运行 zhijian facts verify。",
        f"The published {path.name} is not what the log has and was not overwritten. Run `zhijian facts verify`.",
    )
