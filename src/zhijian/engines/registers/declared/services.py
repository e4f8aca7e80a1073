"""Verbs on a declared register: add, change, end an entry; take in a file. Each leaves a version and a fact."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction

from zhijian.engines.facts import services as facts
from zhijian.engines.registers.declaration import Label
from zhijian.engines.registers.declared import paperwork, policies, reading
from zhijian.engines.registers.declared.checking import Checked, check
from zhijian.engines.registers.declared.columns import Kind, Problem
from zhijian.engines.registers.declared.declaration import Register
from zhijian.engines.registers.declared.models import DeclaredEntry, Delivery, RefusedRow
from zhijian.engines.registers.declared.policies import Refusal
from zhijian.engines.registers.services import save_version
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden
from zhijian.standards.calendar import statutory_day

PROGRAM = "zhijian"


class WrongRow(Exception):
    """A row was refused; `problems` says why, field by field."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.reason.en}" for one in problems))
        self.problems = problems


@transaction.atomic
def add(
    register: Register, row: Mapping[str, str], *, reason: str, by: Officer, at: datetime
) -> DeclaredEntry:
    """Put a new entry on the register; the letter to the firm, where it has one, goes out with it.

    A file brings what was decided elsewhere, and no letters.

    Raises:
        WrongRow: a field is wrong, or the number is taken.
        Refusal, Forbidden: no reason; not a keeper, or not of this area.
    """
    policies.check_reason(reason)
    checked = check(register, row, on=statutory_day(at))
    if not checked.is_right:
        raise WrongRow(checked.problems)
    check_free(register, checked.values["key"])
    entry = _store(register, register.model(), checked, reason=reason, by=by, at=at)
    paperwork.issue_letter(register, entry, by=by, at=at)
    return entry


@transaction.atomic
def change(
    register: Register, key: str, row: Mapping[str, str], *, seen: int, reason: str, by: Officer, at: datetime
) -> DeclaredEntry:
    """Change an entry that the officer saw in version `seen`; its number stays.

    Raises:
        WrongRow: a field is wrong.
        Refusal, Forbidden: no reason, a version not seen; not a keeper, or not of this area.
    """
    policies.check_reason(reason)
    entry = locked(register, key)
    policies.check_seen(entry.version, seen)
    policies.check_keeper(register, by, division=entry.division_code)
    policies.check_row(register, by, values_of(register, entry))
    checked = check(register, {**row, "key": key}, on=statutory_day(at))
    if not checked.is_right:
        raise WrongRow(checked.problems)
    return _store(register, entry, checked, reason=reason, by=by, at=at)


@transaction.atomic
def end(
    register: Register, key: str, *, last_day: date, seen: int, reason: str, by: Officer, at: datetime
) -> DeclaredEntry:
    """End an entry with its last day; it stays on the register as ended.

    Raises:
        Refusal, Forbidden: no reason, a day before it began, a version not seen; not a keeper of this area.
    """
    policies.check_reason(reason)
    entry = locked(register, key)
    policies.check_seen(entry.version, seen)
    if last_day < entry.valid_from:
        raise Refusal("最后一天早于开始的日子。", "The last day lies before the first.")
    checked = Checked({**values_of(register, entry), "valid_to": last_day})
    return _store(register, entry, checked, reason=reason, by=by, at=at, is_end=True)


@transaction.atomic
def end_by_rule(
    register: Register, entry: DeclaredEntry, *, last_day: date, reason: str, at: datetime
) -> DeclaredEntry:
    """End an entry because a rule of its register says so: by the program, with the reason, at once.

    The last day is never before the first.
    """
    kept = locked(register, entry.key)
    if kept.valid_to is not None and kept.valid_to <= last_day:
        return kept
    values = {**values_of(register, kept), "valid_to": max(last_day, kept.valid_from)}
    return _write(
        register, kept, Checked(values), reason=reason, by=PROGRAM, at=max(at, kept.changed_at), kind="ended"
    )


def check_free(register: Register, key: str) -> None:
    """Refuse a number that is on the register already.

    Raises:
        WrongRow: it is taken.
    """
    if register.model._default_manager.filter(key=key).exists():
        raise WrongRow([_taken(key)])


def locked(register: Register, key: str) -> DeclaredEntry:
    """Return an entry for writing.

    Raises:
        Refusal: there is none of that number.
    """
    found = register.model._default_manager.select_for_update().filter(key=key).first()
    if found is None:
        raise Refusal("没有这个编号。", "There is no entry of that number.")
    return found


def _store(
    register: Register,
    entry: DeclaredEntry,
    checked: Checked,
    *,
    reason: str,
    by: Officer,
    at: datetime,
    is_end: bool = False,
) -> DeclaredEntry:
    """Write the entry as a keeper who may, its version and the fact of the change: all or none."""
    policies.check_keeper(register, by, division=checked.values.get("division_code"))
    policies.check_row(register, by, checked.values)
    kind = "ended" if is_end else "changed" if entry.version else "added"
    return _write(register, entry, checked, reason=reason, by=by, at=at, kind=kind)


def _write(
    register: Register, entry: DeclaredEntry, checked: Checked, *, reason: str, by: Officer | str, at: datetime, kind: str
) -> DeclaredEntry:  # fmt: skip
    for column in register.columns:
        value = checked.values[column.name]
        field = register.model._meta.get_field(column.name)
        is_text = getattr(field, "empty_strings_allowed", False) and not getattr(field, "null", False)
        setattr(entry, column.name, "" if value is None and is_text else value)
    before, entry.changed_at = entry.version, at
    version = save_version(entry, by=_signature(by), at=at, reason=reason)
    if version.version == before:
        return entry
    entry.version = version.version
    entry.save(update_fields=["version"])
    _record(register, entry, kind, version.changed_fields, by=by, at=at)
    return entry


def _record(
    register: Register,
    entry: DeclaredEntry,
    kind: str,
    changed: list[str],
    *,
    by: Officer | str,
    at: datetime,
) -> None:
    public = {one.name for one in register.public_columns}
    shown = {name: value for name, value in entry.snapshot().items() if name in public}
    text = json.dumps(shown, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    facts.record(
        f"register.{kind}" if register.is_public else "register.internal",
        subject=entry.uscc or f"register/{register.name}/{entry.key}",
        occurred_on=statutory_day(at),
        payload={
            "register": register.name,
            "title_zh": register.title.zh,
            "title_en": register.title.en,
            "key": entry.key,
            "version": entry.version,
            "act": kind,
            "fields": sorted(public & set(changed)),
            "digest": hashlib.sha256(text.encode()).hexdigest(),
        },
        source=f"register/{register.name}",
        source_key=f"{entry.key}/{entry.version}",
        legal_basis=register.legal_basis or None,
        by=by,
        at=at,
        is_synthetic=entry.is_synthetic,
    )


def take_in(register: Register, file_name: str, content: bytes, *, by: Officer, at: datetime) -> Delivery:
    """Take in a CSV or Excel file row by row; what fails is kept with field, reason and remedy.

    A file that came in whole returns its first delivery when the same unit sends it again; one with refused rows is
    tried again. A row that says what the register says already makes no version.

    Raises:
        reading.Unreadable: no row can be read; nothing was written.
        Forbidden: not a keeper.
    """
    policies.check_keeper(register, by)
    sha256, unit = hashlib.sha256(content).hexdigest(), by.organisation.name if by.organisation else ""
    same = Delivery.objects.filter(register=register.name, sha256=sha256, organisation_name=unit)
    if (known := same.filter(refused=0).first()) is not None:
        return known
    rows = reading.read(register, file_name, content)
    counts, refused = {"added": 0, "changed": 0, "unchanged": 0}, []
    reason = f"导入文件{file_name}"[:200]
    with transaction.atomic():
        for line, row in rows:
            outcome = _take_row(register, row, reason=reason, by=by, at=at)
            if isinstance(outcome, str):
                counts[outcome] += 1
            else:
                refused.append((line, row, outcome))
        delivery = Delivery.objects.create(
            register=register.name, file_name=file_name[:200], sha256=sha256, size_bytes=len(content),
            rows=len(rows), refused=len(refused), officer=by, organisation_name=unit, delivered_at=at, **counts,
        )  # fmt: skip
        RefusedRow.objects.bulk_create(
            RefusedRow(delivery=delivery, line=line, row=row, problems=[one.as_json() for one in problems])
            for line, row, problems in refused
        )
    return delivery


def _take_row(
    register: Register, row: Mapping[str, str], *, reason: str, by: Officer, at: datetime
) -> str | list[Problem]:
    """Put one row on the register; say what became of it, or why it is refused."""
    checked = check(register, row, on=statutory_day(at))
    if not checked.is_right:
        return checked.problems
    manager = register.model._default_manager
    entry = manager.select_for_update().filter(key=checked.values["key"]).first()
    before = entry.version if entry is not None else 0
    try:
        with transaction.atomic():
            if entry is not None:
                policies.check_keeper(register, by, division=entry.division_code)
                policies.check_row(register, by, values_of(register, entry))
            stored = _store(register, entry or register.model(), checked, reason=reason, by=by, at=at)
    except Forbidden as refused:
        return [_not_here(row, refused)]
    except IntegrityError:
        return [_taken(checked.values["key"])]
    if not before:
        return "added"
    return "changed" if stored.version > before else "unchanged"


def _not_here(row: Mapping[str, str], refused: Forbidden) -> Problem:
    return Problem(
        "division_code", row.get("division_code", ""), Label(refused.message_zh, refused.message_en),
        Label("请交由管辖单位登记。", "Let the unit of that area register it."),
    )  # fmt: skip


def _taken(key: str) -> Problem:
    return Problem(
        "key", key, Label("这个编号已经有了", "the number is taken"),
        Label("要改它请用“变更”；新登记请换一个编号。", "To change it use 'change'; a new entry needs a new number."),
    )  # fmt: skip


def values_of(register: Register, entry: DeclaredEntry) -> dict[str, Any]:
    """Return the values of an entry by column."""
    return {one.name: getattr(entry, one.name) for one in register.columns}


def as_text(register: Register, entry: DeclaredEntry) -> dict[str, str]:
    """Return an entry as a form or a file writes it, which reads back as the same."""
    found = {}
    for column in register.columns:
        value = getattr(entry, column.name)
        if column.kind is Kind.BOOLEAN:
            found[column.name] = "1" if value else "0"
        elif column.kind is Kind.TAGS:
            found[column.name] = "、".join(value or [])
        else:
            found[column.name] = "" if value is None else str(value)
    return found


def _signature(by: Officer | str) -> str:
    if isinstance(by, str):
        return by
    unit = by.organisation.name if by.organisation else ""
    return f"{by.display_name or by.username}（{unit}）"
