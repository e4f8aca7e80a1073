"""The public API of declared registers: what the public pages show, for programs."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, P, PathEx, Query, Router, Schema

from zhijian.engines.registers.declared import files, queries, registry
from zhijian.engines.registers.declared.declaration import Register
from zhijian.portal.api.errors import ApiError, ErrorOut
from zhijian.portal.api.schemas import WITHOUT_NUL, Words

router = Router(tags=["registers"])
_ERRORS: dict[int, Any] = {404: ErrorOut, 422: ErrorOut, 500: ErrorOut}
Name = PathEx[str, P(max_length=40, pattern=r"^[a-z0-9_]+$", description="code of a register")]
Key = PathEx[str, P(max_length=40, pattern=r"^[A-Za-z0-9._-]+$", description="number of an entry")]


class RegisterOut(Schema):
    """One register; `entry_schema` is the JSON Schema of an entry's `values`."""

    name: str
    title: Words
    about: Words
    keeper: Words
    plan_ids: list[str]
    legal_basis: str
    entries: int
    entry_schema: dict[str, Any]


class EntryOut(Schema):
    """One entry: `stands` says whether it holds today; `values` obeys the register's schema."""

    key: str
    version: int
    changed_at: datetime
    stands: bool
    values: dict[str, Any]


class EntryPage(Schema):
    total: int
    next_page: int | None
    entries: list[EntryOut]


class EntryVersionOut(Schema):
    version: int
    valid_from: datetime
    valid_to: datetime | None
    changed_fields: list[str]
    values: dict[str, Any]


class EntrySearch(Schema):
    q: str = Field("", max_length=100, pattern=WITHOUT_NUL, description="name, number or credit code")
    division: str = Field("", pattern=r"^([0-9]{6}|[0-9]{9})?$", description="GB/T 2260 code")
    state: Literal["", "current", "ended"] = ""
    page: int = Field(1, ge=1, le=1000)
    size: int = Field(50, ge=1, le=200)


def _register(name: str) -> Register:
    register = registry.find(name)
    if register is None or not register.is_public:
        raise ApiError(404, "no_such_register", f"没有名录{name}。", f"There is no register '{name}'.")
    return register


def _described(register: Register) -> RegisterOut:
    return RegisterOut(
        name=register.name, title=Words.of(register.title), about=Words.of(register.about),
        keeper=Words.of(register.keeper), plan_ids=list(register.plan_ids), legal_basis=register.legal_basis,
        entries=queries.entries(register).count(), entry_schema=files.json_schema(register),
    )  # fmt: skip


def _entry(register: Register, entry: Any, day: date) -> EntryOut:
    values = files.as_json(entry, register.public_columns)
    return EntryOut(
        key=entry.key,
        version=entry.version,
        changed_at=entry.changed_at,
        stands=entry.stands_on(day),
        values=values,
    )


@router.get("", response={200: list[RegisterOut], **_ERRORS})
def every(request: HttpRequest) -> list[RegisterOut]:
    """Return every public register with the schema of its entries."""
    return [_described(one) for one in registry.every() if one.is_public]


@router.get("/{name}", response={200: RegisterOut, **_ERRORS})
def one(request: HttpRequest, name: Name) -> RegisterOut:
    """Return one register with the schema of its entries."""
    return _described(_register(name))


@router.get("/{name}/entries", response={200: EntryPage, **_ERRORS})
def entries(request: HttpRequest, name: Name, params: Query[EntrySearch]) -> EntryPage:
    """Search the entries of a register."""
    register, today = _register(name), timezone.localdate()
    filters = queries.Filters(words=params.q.strip(), division=params.division, state=params.state)
    found = queries.search(register, filters, on=today).order_by("key")
    total, start = found.count(), (params.page - 1) * params.size
    rows = found[start : start + params.size]
    has_more = start + params.size < total
    return EntryPage(
        total=total,
        next_page=params.page + 1 if has_more else None,
        entries=[_entry(register, one, today) for one in rows],
    )


@router.get("/{name}/entries/{key}", response={200: EntryOut, **_ERRORS})
def entry(request: HttpRequest, name: Name, key: Key) -> EntryOut:
    """Return one entry as it stands."""
    register = _register(name)
    found = queries.find(register, key)
    if found is None:
        raise ApiError(404, "no_such_entry", f"没有编号{key}。", f"There is no entry '{key}'.")
    return _entry(register, found, timezone.localdate())


@router.get("/{name}/entries/{key}/versions", response={200: list[EntryVersionOut], **_ERRORS})
def versions(request: HttpRequest, name: Name, key: Key) -> list[EntryVersionOut]:
    """Return every version of an entry, newest first, in its public columns."""
    register = _register(name)
    public = {one.name for one in register.public_columns}
    return [
        EntryVersionOut(
            version=one.version.version, valid_from=one.version.valid_from, valid_to=one.version.valid_to,
            changed_fields=sorted(public & set(one.version.changed_fields)),
            values={name: value for name, value in one.version.snapshot.items() if name in public},
        )
        for one in queries.history(register, key, register.public_columns)
    ]  # fmt: skip
