"""Do the sealed texts open with these keys? Every text is counted by its generation, and a sample of each place is opened.

Asked of a backup before it is relied upon: the texts are those of the restored copy, the keys those that were backed up
with it. Nothing that opens is given out.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Model, QuerySet

from zhijian.security import rotation, sealed_text
from zhijian.security.key_ring import Key
from zhijian.security.rotation import Column

SAMPLE = 200  # texts of a place; all of them where there are no more


class Place(Protocol):
    """Somewhere sealed texts lie."""

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> str: ...

    def texts(self) -> Iterator[tuple[Any, str]]:
        """Give each text with where it is."""

    def contexts(self, chosen: list[Any]) -> Iterator[tuple[Any, str, str]]:
        """Give of those chosen where each is, its text, and to what it is bound."""


@dataclass(frozen=True)
class Tried:
    """What came of one place: how many texts lie there, how many were opened, and what is wrong."""

    place: str
    key: str
    texts: int
    opened: int
    lacking: Mapping[int, int]  # generation without a key: how many texts; 0 for what is no sealed text
    shut: tuple[str, ...]  # what did not open although its key is there

    @property
    def is_well(self) -> bool:
        return not self.lacking and not self.shut


@dataclass(frozen=True)
class ColumnIn:
    """A column of sealed texts in one database."""

    column: Column
    using: str

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def key(self) -> str:
        return self.column.key

    def texts(self) -> Iterator[tuple[Any, str]]:
        yield from self._rows().order_by("pk").values_list("pk", self.column.field).iterator(chunk_size=2000)

    def contexts(self, chosen: list[Any]) -> Iterator[tuple[Any, str, str]]:
        for row in self._rows().filter(pk__in=chosen).select_related(*self.column.joined()).order_by("pk"):
            yield row.pk, getattr(row, self.column.field), self.column.context.format(row=row)

    def _rows(self) -> QuerySet[Model]:
        return self.column.filled(self.using)


def columns(using: str) -> list[Place]:
    """Return every column of sealed texts, as it is in one database."""
    return [ColumnIn(column, using) for column in rotation.columns()]


def tried(place: Place, keys: Mapping[tuple[str, int], Key], *, seed: str, sample: int = SAMPLE) -> Tried:
    """Count the texts of a place by generation and open a sample of those whose key is there; the same seed, the same sample."""
    held: Counter[int] = Counter()
    chosen: list[Any] = []
    drawing, seen = random.Random(f"{seed}/{place.name}"), 0  # noqa: S311 (a sample, no secret)
    for where, text in place.texts():
        number = _generation(text)
        held[number] += 1
        if (place.key, number) not in keys:
            continue
        seen += 1
        if len(chosen) < sample:
            chosen.append(where)
        elif (at := drawing.randrange(seen)) < sample:
            chosen[at] = where
    opened, shut = 0, []
    for where, text, context in place.contexts(chosen):
        under = keys.get((place.key, _generation(text)))
        if under and sealed_text.opens(text, under=under, context=context):
            opened += 1
        else:
            shut.append(f"{place.name} {where}")
    lacking = {number: count for number, count in sorted(held.items()) if (place.key, number) not in keys}
    return Tried(place.name, place.key, held.total(), opened, lacking, tuple(shut))


def _generation(text: str) -> int:
    try:
        return sealed_text.generation_of(text)
    except sealed_text.CannotOpen:
        return 0
