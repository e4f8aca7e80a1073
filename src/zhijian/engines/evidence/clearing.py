"""Files that no row names: uploads of what was never handed in, or refused after they were written. They go after a while.

A file is kept as long as any table of the database names its hash, whoever's table it is: evidence of a case is never
taken away. Keeping a file makes it young again, and is shut out while one is judged and removed.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.apps import apps
from django.db import models

from zhijian.engines.evidence import examining

_AT_ONCE = 500


def clear_unnamed(media: Path, *, before: datetime) -> int:
    """Remove the originals that were last handed in before a moment and that no row names, with their copies.

    Returns how many originals went.
    """
    old = (place for place in _originals(media) if _is_older(place, before))
    count = 0
    while some := list(islice(old, _AT_ONCE)):
        named = _named({place.name for place in some})
        count += sum(_removed(media, place, before) for place in some if place.name not in named)
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


def _removed(media: Path, place: Path, before: datetime) -> bool:
    with examining.shut(media):
        if not _is_older(place, before) or _named({place.name}):  # handed in again meanwhile
            return False
        for size in ("display", "thumbnail"):
            examining.display_path(media, place.name, size).unlink(missing_ok=True)
        place.unlink(missing_ok=True)
    return True
