"""What pages, files and the API read of a declared register."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractYear, Substr

from zhijian.engines.registers.declared import registry
from zhijian.engines.registers.declared.checking import check
from zhijian.engines.registers.declared.columns import Column, Kind
from zhijian.engines.registers.declared.declaration import Register
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.engines.registers.declared.services import as_text
from zhijian.engines.registers.models import RegisterVersion
from zhijian.security.models import territory_prefix

SAMPLE = 1000
"""How many of the newest entries are judged again for the share that keeps the rules."""

Entries = QuerySet[DeclaredEntry]


@dataclass(frozen=True)
class Filters:
    """By what a list is narrowed: words, a division, values of code columns, and whether entries stand."""

    words: str = ""
    division: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    state: str = ""  # current, ended or empty


def entries(register: Register) -> Entries:
    found: Entries = register.model._default_manager.all()
    return found


def holding(name: str, *, on: date, uscc: str = "") -> list[DeclaredEntry]:
    """Return the entries of a register that have their effect on a day, of one firm or of all; none where there is no such register.

    Systems do not import one another: what one keeps, others ask for by the register's name.
    """
    register = registry.find(name)
    if register is None:
        return []
    begun = entries(register).filter(valid_from__lte=on)
    found = begun.filter(uscc=uscc) if uscc else begun
    return [one for one in found if register.holds(one, on)]


def find(register: Register, key: str) -> DeclaredEntry | None:
    return entries(register).filter(key=key).first()


def search(register: Register, filters: Filters, *, on: date, internal: bool = False) -> Entries:
    """Return the entries that match; words and codes look into columns that the reader may read."""
    found = entries(register)
    readable = {one.name for one in register.readable(internal=internal, personal=False)}
    if filters.words:
        wanted = Q()
        for column in register.columns:
            if column.is_searched and column.name in readable:
                wanted |= Q(**{f"{column.name}__icontains": filters.words})
        found = found.filter(wanted)
    if filters.division and "division_code" in register.field_names:
        found = found.filter(division_code__startswith=territory_prefix(filters.division))
    for name, value in filters.codes:
        if name in readable:
            found = found.filter(**{name: value})
    if filters.state == "current":
        found = found.filter(_stands(on))
    elif filters.state == "ended":
        found = found.filter(valid_to__lt=on)
    return found


def _stands(on: date) -> Q:
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on))


@dataclass(frozen=True)
class Change:
    """One version of an entry as somebody may read it: what changed, from what to what."""

    version: RegisterVersion
    changes: tuple[tuple[Column, Any, Any], ...]  # column, before, after


def history(register: Register, key: str, columns: Iterable[Column]) -> list[Change]:
    """Return every version, newest first, of the columns given."""
    found = RegisterVersion.objects.filter(register=register.name, object_key=key).order_by("version")
    shown, changes = tuple(columns), []
    before: dict[str, Any] = {}
    for version in found:
        changed = tuple(
            (one, before.get(one.name), version.snapshot.get(one.name))
            for one in shown
            if version.version > 1 and one.name in version.changed_fields
        )
        changes.append(Change(version, changed))
        before = version.snapshot
    return changes[::-1]


def related(register: Register, key: str) -> list[tuple[Register, list[DeclaredEntry]]]:
    """Return the entries of other registers that refer to this one, the newest fifty of each."""
    found = []
    for other, name in registry.referring_to(register.name):
        rows = list(entries(other).filter(**{name: key}).order_by("-valid_from", "-key")[:50])
        if rows:
            found.append((other, rows))
    return found


def of_entity(uscc: str) -> list[tuple[Register, DeclaredEntry]]:
    """Return the public entries that concern a firm."""
    return [
        (register, entry)
        for register in registry.every()
        if register.is_public and register.has_entities and register.column("uscc").is_public
        for entry in entries(register).filter(uscc=uscc)[:20]
    ]


def counts_by_prefecture(found: Entries) -> dict[str, int]:
    """Count entries by the six digits of their prefecture."""
    rows = found.annotate(place=Substr("division_code", 1, 4)).order_by().values("place")
    counted = rows.annotate(n=Count("pk")).values_list("place", "n")
    return {f"{place}00": n for place, n in counted if place}


def counts_by(found: Entries, column: Column) -> dict[Any, int]:
    """Count entries by a column; by year where it is a date."""
    rows = found.order_by()
    if column.kind is Kind.DATE:
        rows = rows.annotate(part=ExtractYear(column.name))
        return dict(rows.values("part").annotate(n=Count("pk")).order_by("part").values_list("part", "n"))
    return dict(rows.values(column.name).annotate(n=Count("pk")).values_list(column.name, "n"))


@dataclass(frozen=True)
class Quality:
    """How good the entries are, in points of 100; `parts` are the shares it is made of, from 0 to 1."""

    entries: int
    is_complete: float
    is_right: float
    judged: int

    @property
    def score(self) -> float:
        """Half for rules kept, four tenths for columns filled, one tenth for numbers given once (always so)."""
        return 100 * (0.5 * self.is_right + 0.4 * self.is_complete + 0.1)


_NOT_COUNTED = ("valid_to", "tags", "is_synthetic")  # empty here means nothing is missing


def quality(register: Register, *, on: date) -> Quality | None:
    """Judge the newest entries again by today's rules; None where there is none."""
    found = entries(register)
    newest = list(found.order_by("-changed_at", "-pk")[:SAMPLE])
    if not newest:
        return None
    counted = [one for one in register.columns if one.name not in _NOT_COUNTED]
    filled = sum(getattr(entry, one.name) not in (None, "", []) for entry in newest for one in counted)
    right = sum(check(register, as_text(register, entry), on=on).is_right for entry in newest)
    return Quality(found.count(), filled / (len(newest) * len(counted)), right / len(newest), len(newest))
