"""Sealed texts are sealed anew under a newer key, row by row, while everybody works; what was not reached is reached next time.

Where a sealed text lies and to what it is bound stands in `sealed_places.csv`. Each row is written only if it still holds
what was read, so that whatever an officer saves meanwhile wins: it lies under the new key already.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from django.apps import apps
from django.db import transaction
from django.db.models import Model, QuerySet

from zhijian.security import key_ring, sealed_text
from zhijian.security.audit import record_look
from zhijian.security.models import Level, Officer
from zhijian.security.permissions import may_administer
from zhijian.security.roles import RoleRefused

_TABLE = Path(__file__).with_name("sealed_places.csv")
SETTLES_AFTER = timedelta(hours=1)
"""How old the newest generation must be before older ones go: longer than any request that began under them."""


class Holder(Protocol):
    """Something that holds texts sealed under one key: a column, or files."""

    @property
    def name(self) -> str:
        """What it is called where progress is told."""

    def counts(self) -> dict[int, int]:
        """Return how many texts lie under each generation."""

    def seal_anew(self, batch: int) -> Iterator["Step"]:
        """Seal what lies under an older generation anew, and tell each batch when it is on the disk."""


@dataclass(frozen=True)
class Step:
    """One batch: how many texts were sealed anew, and which did not open."""

    place: str
    done: int
    shut: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column of sealed texts, with its key and how the context of a row is made."""

    model: str
    field: str
    key: str
    context: str

    @property
    def name(self) -> str:
        return f"{self.model}.{self.field}"

    def counts(self) -> dict[int, int]:
        rows = self.filled()
        known = {
            number: rows.filter(**{f"{self.field}__startswith": sealed_text.prefix(number)}).count()
            for number in key_ring.generations(self.key)
        }
        lost = rows.count() - sum(known.values())
        return {number: count for number, count in known.items() if count} | ({0: lost} if lost else {})

    def seal_anew(self, batch: int) -> Iterator[Step]:
        newest = sealed_text.prefix(key_ring.newest(self.key).generation)
        rows = self.filled().exclude(**{f"{self.field}__startswith": newest}).order_by("pk")
        rows = rows.select_related(*self.joined())
        after: Any = None
        while True:
            with transaction.atomic():
                found = list((rows if after is None else rows.filter(pk__gt=after))[:batch])
                if not found:
                    return
                shut = tuple(f"{self.name} {row.pk}" for row in found if not self._seal_row(row))
            after = found[-1].pk
            yield Step(self.name, len(found) - len(shut), shut)

    def _seal_row(self, row: Model) -> bool:
        """Seal one row anew unless it was changed meanwhile; say whether its text opened."""
        before, context = getattr(row, self.field), self.context.format(row=row)
        try:
            anew = sealed_text.seal_anew(before, key=self.key, context=context)
        except (sealed_text.CannotOpen, key_ring.MissingKey):
            return False
        self._rows().filter(pk=row.pk, **{self.field: before}).update(**{self.field: anew})
        return True

    def filled(self, using: str | None = None) -> QuerySet[Model]:
        """Return the rows that hold a text, of the database `using`."""
        return self._rows(using).exclude(**{self.field: ""})

    def _rows(self, using: str | None = None) -> QuerySet[Model]:
        return QuerySet(
            apps.get_model(self.model), using=using
        )  # the plain one: what is written once is written again by this alone

    def joined(self) -> list[str]:
        """Return the relations that the context of a row reads."""
        return sorted(set(re.findall(r"\{row\.(\w+)\.\w+\}", self.context)))


@cache
def columns() -> tuple[Column, ...]:
    """Return every column of sealed texts."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(Column(**row) for row in csv.DictReader(file))


def holders(key: str, others: tuple[tuple[str, Holder], ...] = ()) -> list[Holder]:
    """Return what holds texts under a key: columns, and what is not in the database."""
    named: list[Holder] = [one for one in columns() if one.key == key]
    return named + [holder for name, holder in others if name == key]


def generation_held(text: str, key: str) -> int:
    """Return the generation under which a text lies; 0 where its file is missing or the text is no sealed one."""
    try:
        number = sealed_text.generation_of(text)
    except sealed_text.CannotOpen:
        return 0
    return number if number in key_ring.generations(key) else 0


def counts(of: list[Holder]) -> dict[int, int]:
    """Return how many texts lie under each generation; 0 stands for a generation whose file is missing."""
    whole: dict[int, int] = {}
    for holder in of:
        for number, count in holder.counts().items():
            whole[number] = whole.get(number, 0) + count
    return whole


def begin(key: str, of: list[Holder], *, by: Officer, at: datetime, is_further: bool = False) -> bool:
    """Make a new generation of a key, unless texts still lie under an older one: then that rotation goes on.

    `is_further` makes one all the same: where texts that do not open would keep a key from ever being changed again, or the
    key of a change that is not through may have been read. Say whether a new one was made.

    Raises:
        RoleRefused: not an administrator of the province's own unit, nothing is sealed under such a key, or a file is missing.
    """
    _check(key, of, by)
    held = counts(of)
    if not is_further and held.get(0):
        raise RoleRefused(
            f"{held[0]}条密文的密钥文件不见了。请先从密钥备份中取回，再更换；确实取不回的，加 --further。",
            f"The key of {held[0]} texts is missing. Bring its file back from the backup of the keys first; if it is lost for good, add --further.",
        )
    newest = key_ring.newest(key).generation
    if not is_further and any(number < newest for number in held):
        return False
    with transaction.atomic():
        made = key_ring.add_generation(key)
        words = f"第{made.generation}代密钥启用（{made.suite}）"
        record_look(by, f"key/{key}", "key_rotation_begun", at=at, reason=words)
    return True


def seal_anew(of: list[Holder], *, batch: int, told: Callable[[Step], None]) -> list[str]:
    """Seal everything anew that lies under an older generation; return what did not open."""
    shut: list[str] = []
    for holder in of:
        for step in holder.seal_anew(batch):
            shut += step.shut
            told(step)
    return shut


def retire(key: str, of: list[Holder], *, by: Officer, at: datetime) -> list[int]:
    """Take away the later generations under which nothing lies any more; return them. The first one stays.

    Raises:
        RoleRefused: no administrator, texts still lie under an older one, or the newest is younger than an hour.
    """
    _check(key, of, by)
    newest, held = key_ring.newest(key).generation, counts(of)
    if left := sum(count for number, count in held.items() if number != newest):
        raise RoleRefused(
            f"还有{left}条密文用的是旧密钥，不能撤去旧密钥。请先运行 zhijian keys rotate {key}。",
            f"{left} texts still lie under an older key, which stays. Run `zhijian keys rotate {key}` first.",
        )
    if at < key_ring.made_at(key, newest) + SETTLES_AFTER:
        raise RoleRefused(
            "新密钥启用不到一小时，可能还有没有办完的请求在用旧密钥。请一小时后再撤。",
            "The new key is younger than an hour: a request that began under the old one may still be saved. Wait.",
        )
    gone = [number for number in key_ring.generations(key) if 1 < number < newest]
    if gone:
        words = f"第{'、'.join(map(str, gone))}代密钥撤去"
        record_look(by, f"key/{key}", "key_retired", at=at, reason=words)
    for number in gone:
        key_ring.remove_generation(key, number)
    return gone


def _check(key: str, of: list[Holder], by: Officer) -> None:
    unit = by.organisation
    if unit is None or unit.level != Level.PROVINCE or not may_administer(by, unit=unit):
        raise RoleRefused(
            "密钥的更换由省局的管理人员决定。",
            "A key is changed by an administrator of the province's own unit.",
        )
    if not of:
        raise RoleRefused(
            f"没有密文用名为{key}的密钥：签名和标记的密钥不在这里更换。",
            f"No text is sealed under a key '{key}'. Keys of signatures and marks are not changed here.",
        )
