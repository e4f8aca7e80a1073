"""The chain of custody: links that carry the hash of the one before, so that none goes or changes unseen."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from hashlib import sha256
from typing import Any

FORM = "zhijian-custody/1"
_FIELDS = ("sequence", "verb", "officer_id", "who", "whom", "reason", "previous_hash")


def start_of(file: Any) -> str:
    """Return what stands before the first link: the file's own number and hash."""
    return sha256(f"{FORM} {file.pk} {file.sha256}".encode()).hexdigest()


def link_hash(event: Any) -> str:
    moment = event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    values = [FORM, str(event.file_id), *(getattr(event, name) for name in _FIELDS), moment]
    return sha256(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def broken(file: Any, events: Iterable[Any]) -> Iterator[tuple[int, str]]:
    """Yield each place of a file's chain that does not hold, with 'missing' or 'altered'; links come in order."""
    place, before = 0, start_of(file)
    for event in events:
        if event.sequence != place + 1:
            yield place + 1, "missing"
        elif event.previous_hash != before or event.row_hash != link_hash(event):
            yield event.sequence, "altered"
        place, before = event.sequence, event.row_hash
    if place == 0:
        yield 1, "missing"
