"""Files that no row names: uploads of what was never handed in, or refused after they were written. They go after a while.

A file is kept as long as any table of the database names its hash, whoever's table it is: evidence of a case is never
taken away. Keeping a file makes it young again, and is shut out while one is judged and removed.

The database that is asked may be a fresh one, or one restored from before the file: so a file is first set aside, comes
back in the night after a row names it, and goes for good only after `data/set_aside_days`.
"""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.apps import apps
from django.db import models

from zhijian.engines.evidence import examining
from zhijian.engines.evidence.models import EvidenceFile
from zhijian.standards import parameters
from zhijian.standards.calendar import statutory_day

SET_ASIDE = parameters.load("data/set_aside_days")
_AT_ONCE = 500


def clear_unnamed(media: Path, *, before: datetime, at: datetime) -> int:
    """Set aside the originals that were last handed in before a moment and that no row names, with their copies.

    What lies aside and is named again comes back; what lay there for its days is removed. A database that holds no
    evidence at all is new or not ours: by it nothing is judged. Returns how many originals were set aside.
    """
    if not EvidenceFile.objects.exists():
        return 0
    _review_set_aside(media, at=at)
    old = (place for place in _originals(media) if _is_older(place, before))
    count = 0
    while some := list(islice(old, _AT_ONCE)):
        named = _named({place.name for place in some})
        count += sum(_set_aside(media, place, before, at) for place in some if place.name not in named)
    return count


def _originals(media: Path) -> Iterator[Path]:
    root = media / "evidence" / "original"
    if root.is_dir():
        yield from (place for place in root.glob("??/*") if len(place.name) == 64)


def _is_older(place: Path, before: datetime) -> bool:
    try:
        return place.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def _named(hashes: set[str]) -> set[str]:
    """Return those of the hashes that a row of any table names."""
    found: set[str] = set()
    for model in apps.get_models():
        if any(
            isinstance(field, models.CharField) and field.name == "sha256" for field in model._meta.fields
        ):
            rows = model._default_manager.filter(sha256__in=hashes)
            found.update(rows.values_list("sha256", flat=True))
    return found


def _set_aside(media: Path, place: Path, before: datetime, at: datetime) -> bool:
    with examining.shut(media):
        if not _is_older(place, before) or _named({place.name}):  # handed in again meanwhile
            return False
        for size in examining.SIZES:
            _move(examining.path_of(media, place.name, size), examining.aside_path(media, place.name, size))
        os.utime(examining.aside_path(media, place.name), (at.timestamp(), at.timestamp()))
    return True


def _review_set_aside(media: Path, *, at: datetime) -> None:
    """Bring back what a row names by now, and remove what lay aside for its days."""
    oldest = at - timedelta(days=int(SET_ASIDE.on(statutory_day(at))))
    asides = (media / "evidence" / "set_aside" / "original").glob("*")
    while some := list(islice(asides, _AT_ONCE)):
        named = _named({place.name for place in some})
        for place in some:
            if place.name in named:
                _bring_back(media, place.name)
            elif _is_older(place, oldest):
                _remove(media, place.name)


def _bring_back(media: Path, sha256: str) -> None:
    with examining.shut(media):
        for size in examining.SIZES:
            _move(examining.aside_path(media, sha256, size), examining.path_of(media, sha256, size))


def _remove(media: Path, sha256: str) -> None:
    with examining.shut(media):
        if _named({sha256}):  # handed in meanwhile; the next night brings it back
            return
        for size in examining.SIZES:
            examining.aside_path(media, sha256, size).unlink(missing_ok=True)


def _move(place: Path, to: Path) -> None:
    """Move a file; there may be none, and what is there already is the same, for its name is its hash."""
    if place.exists():
        to.parent.mkdir(parents=True, exist_ok=True)
        place.replace(to)
