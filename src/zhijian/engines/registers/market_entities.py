"""The register of market entities: the declaration, and reading it from the serving store."""

import base64
import binascii
import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path as FilePath
from typing import Any

from zhijian.engines.registers import code_lists
from zhijian.engines.registers.declaration import Audience, Field, Geography, Label, RegisterDeclaration
from zhijian.engines.registers.filters import FACETS, EntityFilters
from zhijian.engines.registers.layers import Layers
from zhijian.engines.registers.linked import Linked
from zhijian.engines.registers.marking import mark
from zhijian.engines.registers.query import CODE_LENGTH, Query, paths_of
from zhijian.engines.registers.records import (
    CreditClass,
    DeliveredFact,
    EntityRecord,
    EntityVersion,
    Suggestion,
)
from zhijian.engines.registers.serving import (
    FACT_COLUMNS,
    FACTS,
    NothingServed,
    ServingReport,
    StoreFiles,
    find_current,
    open_read_only,
    pointer,
)
from zhijian.standards import uscc as credit_codes

COUNT_LIMIT = 1000
MAX_PAGE_SIZE = 100
_READ_AHEAD = 500

DECLARATION = RegisterDeclaration(
    name="market_entities",
    title=Label("市场主体登记簿", "Register of market entities"),
    keeper=Label("登记机关", "Registration authorities"),
    audience=Audience.PUBLIC,
    contract="entity_market_entities",
    key="uscc",
    geography=Geography.STREET,
    tags=("登记", "信用"),
    legal_basis="《企业信息公示暂行条例》第六条",
    fields=(
        Field("uscc", Label("统一社会信用代码", "Unified social credit code")),
        Field("name", Label("名称", "Name")),
        Field("status_code", Label("登记状态", "Status"), is_filter=True),
        Field("entity_kind_code", Label("主体类别", "Kind of entity"), is_filter=True),
        Field("enterprise_type_code", Label("企业类型代码", "Enterprise type code")),
        Field("registered_on", Label("成立日期", "Registered on"), is_filter=True),
        Field("capital_amount", Label("注册资本", "Registered capital"), unit="currency unit"),
        Field("capital_currency_code", Label("币种", "Currency")),
        Field("capital_yuan", Label("注册资本（人民币元）", "Registered capital in yuan"), unit="CNY"),
        Field("capital_text", Label("注册资本原文", "Registered capital as delivered")),
        Field("prefecture_code", Label("地市代码", "Prefecture code"), is_filter=True),
        Field("county_code", Label("县区代码", "County code"), is_filter=True),
        Field("street_code", Label("镇街代码", "Street code")),
        Field("address", Label("住所", "Address")),
        Field("industry_code", Label("行业代码", "Industry code")),
        Field("industry_section", Label("行业门类", "Industry section"), is_filter=True),
        Field("industry_confidence", Label("行业把握", "Industry confidence"), unit="0-1"),
        Field("scope", Label("经营范围", "Business scope")),
        Field("source", Label("来源", "Source")),
        Field("delivered_on", Label("交付日期", "Delivered on")),
        Field("version", Label("版本", "Version")),
        Field("is_synthetic", Label("合成数据", "Synthetic"), is_filter=True),
    ),
)


class BadCursor(ValueError):
    """A cursor that this register did not give, or one from data that have been renewed since."""

    message_zh = "翻页位置已失效，数据可能已更新。请从第一页重新开始。"
    message_en = (
        "This place in the list is no longer valid; the data may have been renewed. Start at page one."
    )


@dataclass(frozen=True)
class CodeCheck:
    """What can be said of something that looks like a credit code.

    `flags` are oddities of a valid code; `suggestions` are right codes that look alike, to be asked and
    never filled in; `registered` are those of the code and its suggestions that are on the register.
    """

    code: str
    is_valid: bool
    problems: tuple[credit_codes.CodeProblem, ...]
    flags: tuple[credit_codes.CodeProblem, ...]
    suggestions: tuple[str, ...]
    registered: tuple[EntityRecord, ...]


@dataclass(frozen=True)
class Page:
    """Some of the entities found. `count` is exact unless `is_count_capped`: then there are more."""

    records: tuple[EntityRecord, ...]
    count: int
    is_count_capped: bool
    next_cursor: str | None
    code_check: CodeCheck | None
    as_of: date | None

    @property
    def count_text(self) -> str:
        return f">{self.count}" if self.is_count_capped else f"{self.count:,}"


@dataclass(frozen=True)
class _Place:
    """Where a search goes on: store, path and place after the last entity shown (0: none); with the count, so it is counted once."""

    store: int
    path: int
    after: int
    count: int
    is_capped: bool

    def write(self) -> str:
        text = json.dumps([self.store, self.path, self.after, self.count, int(self.is_capped)])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, cursor: str, store: int, path_count: int) -> "_Place":
        try:
            parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            number, path, after, count, is_capped = map(_whole_number, parts)
            place = cls(number, path, after, count, bool(is_capped))
        except (binascii.Error, ValueError, TypeError, IndexError, KeyError) as error:
            raise BadCursor from error
        if place.store != store or place.path >= path_count:
            raise BadCursor
        return place


def _whole_number(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**62:
        raise BadCursor
    return value


@dataclass
class _Store:
    files: StoreFiles
    entities: sqlite3.Connection
    report: ServingReport
    layers: Layers

    @cached_property
    def classes(self) -> Linked:
        return Linked(self.files.classes)

    @cached_property
    def typed_facts(self) -> Linked:
        return Linked(self.files.facts)


class EntityRegister:
    """The register of market entities as served from one folder; safe to share between threads.

    Every method raises `NothingServed` before the first build. A new store is noticed at the next call.
    """

    declaration = DECLARATION

    def __init__(self, serving_dir: FilePath) -> None:
        self._dir = FilePath(serving_dir)
        self._local = threading.local()

    # --- the store ---

    def _store(self) -> _Store:
        try:
            stat = pointer(self._dir).stat()
        except FileNotFoundError as error:
            raise _nothing_served(self._dir) from error
        seen = (stat.st_mtime_ns, stat.st_ino)
        if getattr(self._local, "seen", None) != seen:
            self._local.store = self._open()
            self._local.seen = seen
        store: _Store = self._local.store
        return store

    def _open(self) -> _Store:
        for _ in range(2):  # again if two builds passed between reading the pointer and opening
            files = find_current(self._dir)
            with contextlib.suppress(sqlite3.OperationalError, FileNotFoundError):
                if files is not None:
                    return _open(files)
        raise _nothing_served(self._dir)

    @property
    def is_ready(self) -> bool:
        return pointer(self._dir).exists()

    @property
    def report(self) -> ServingReport:
        """What the build of the store in use did."""
        return self._store().report

    @property
    def as_of(self) -> date | None:
        """The day of the newest delivery in the register: 截至."""
        text = self._store().report.as_of
        return date.fromisoformat(text) if text else None

    def count(self, filters: EntityFilters | None = None) -> int:
        """Return how many entities are on the register, exactly."""
        if filters is None or filters.is_empty:
            return self._store().report.entity_count
        return sum(self.counts_by("is_synthetic", filters).values())

    # --- one entity ---

    def find(self, uscc: str) -> EntityRecord | None:
        """Return the entity with this code, in whatever width or case it was typed; None if not there."""
        return self._store().layers.find(credit_codes.normalise(uscc))

    def versions(self, uscc: str) -> list[EntityVersion]:
        """Return every version of an entity, newest first; nothing for a code not on the register."""
        current = self.find(uscc)
        if current is None:
            return []
        rows = self._store().entities.execute(
            "select snapshot, valid_to, changed_fields, change_reason from versions"
            " where uscc = ? order by version desc",
            [current.uscc],
        )
        found = [_version(current, *row) for row in rows]
        if not any(one.record.version == current.version for one in found):
            found.insert(0, EntityVersion(current, None, (), None))
        return found

    def delivered_facts(self, uscc: str) -> list[DeliveredFact]:
        """Return what other systems delivered about an entity, newest first.

        All of it: whether a kind may be shown, and until when, engine `facts` decides.
        """
        rows = self._store().entities.execute(
            f"select {', '.join(FACT_COLUMNS)} from facts where uscc = ? order by occurred_on desc, fact_id",  # noqa: S608
            [credit_codes.normalise(uscc)],
        )
        found = [delivered_fact(row) for row in rows]
        return found or self._typed_facts(uscc)

    def _typed_facts(self, uscc: str) -> list[DeliveredFact]:
        """Facts of a home whose refresh typed them: read from the files of the lake, by the entity's number."""
        entity, store = self.find(uscc), self._store()
        if entity is None or FACTS in store.report.sources:
            return []
        return [
            DeliveredFact.from_typed(row, entity.uscc)
            for row in store.typed_facts.facts(entity.entity_id)
            if row["is_synthetic"] == entity.is_synthetic
        ]

    def credit_class(self, uscc: str) -> CreditClass | None:
        """Return the internal credit class; None if none was computed.

        Call this only after `zhijian.security` has allowed it: it is never for a public page. It lies in a
        file of its own, which public pages do not open.
        """
        entity = self.find(uscc)
        row = None if entity is None else self._store().classes.credit_class(entity.entity_id)
        return None if row is None else CreditClass(**row)

    def sector_classes(self, entity_id: int) -> dict[str, Any]:
        """Return class and score of an entity in each sector, by column, as last rated; empty if never. As internal as a class."""
        return self._store().classes.sector_class(entity_id) or {}

    def class_cut(self) -> int | None:
        """Return the score from which the quota lets an entity be D; None if nobody was rated. As internal as a class."""
        return self._store().classes.cut()

    # --- many entities ---

    def search(
        self,
        query: str = "",
        filters: EntityFilters | None = None,
        cursor: str | None = None,
        size: int = 20,
    ) -> Page:
        """Return a page of the entities found: exact names first, then by how they match and how short.

        An empty query lists all that the filters leave. The count stops at a thousand when text is searched.

        Raises:
            BadCursor: the cursor is not from this register, or the data were renewed since.
        """
        filters = filters or EntityFilters()
        store, paths = self._store(), paths_of(query)
        size = max(1, min(size, MAX_PAGE_SIZE))
        if cursor:
            start = _Place.read(cursor, store.files.number, len(paths))
            hits = list(islice(store.layers.hits(paths, filters, start.path, start.after - 1), size + 1))
        else:
            wanted = COUNT_LIMIT + 1 if query.strip() else size + 1
            hits = list(islice(store.layers.hits(paths, filters), wanted))
            count = len(hits) if query.strip() else self.count(filters)
            is_capped = bool(query.strip()) and count > COUNT_LIMIT
            start = _Place(store.files.number, 0, 0, COUNT_LIMIT if is_capped else count, is_capped)
        return Page(
            records=tuple(store.layers.records([place for _, place in hits[:size]])),
            count=start.count,
            is_count_capped=start.is_capped,
            next_cursor=_next(start, hits, size),
            code_check=None if cursor else self._explain(query),
            as_of=self.as_of,
        )

    def count_found(self, query: str, filters: EntityFilters | None = None, *, limit: int) -> int:
        """Return how many entities a search finds, counting no further than `limit`."""
        filters = filters or EntityFilters()
        if not query.strip():
            return min(self.count(filters), limit)
        return sum(1 for _ in islice(self._store().layers.hits(paths_of(query), filters), limit))

    def suggest(self, query: str, size: int = 8) -> list[Suggestion]:
        """Return the first entities found, for the list under the search box."""
        if not Query.read(query).text:
            return []
        layers = self._store().layers
        hits = islice(layers.hits(paths_of(query), EntityFilters()), size)
        return [_suggestion(record, query) for record in layers.records([place for _, place in hits])]

    def iterate(
        self, query: str = "", filters: EntityFilters | None = None, limit: int | None = None
    ) -> Iterator[EntityRecord]:
        """Give the entities found one by one, in the order of `search`, for an export."""
        layers = self._store().layers
        hits = layers.hits(paths_of(query), filters or EntityFilters())
        hits = islice(hits, limit)
        while places := [place for _, place in islice(hits, _READ_AHEAD)]:
            yield from layers.records(places)

    def counts_by(self, field: str, filters: EntityFilters | None = None) -> dict[str, int]:
        """Return how many entities there are by the values of a filter field, or by `registered_year`.

        Entities without a value are counted under `unknown`; synthetic ones under `1`, real under `0`.

        Raises:
            ValueError: the field is none of those.
        """
        if field not in FACETS and field != "registered_year":
            raise ValueError(
                f"'{field}' cannot be counted by; use one of {', '.join(FACETS)}, registered_year."
            )
        return self._store().layers.counts_by(field, filters or EntityFilters())

    def counts_by_prefecture(self, filters: EntityFilters | None = None) -> dict[str, int]:
        """Return the number of entities in each of the 21 prefectures, zeros included, and `unknown`."""
        counted = self.counts_by("prefecture_code", filters)
        return {**dict.fromkeys(code_lists.PREFECTURES_EN, 0), **counted}

    # --- codes ---

    def check_code(self, text: str) -> CodeCheck:
        """Say whether a credit code is right, what is wrong with it, and which right ones look like it."""
        value = credit_codes.normalise(text)
        problems = credit_codes.find_problems(value)
        flags = tuple(one for one in problems if one.kind == "check_organisation")
        refusals = tuple(one for one in problems if one.kind != "check_organisation")
        alike = tuple(credit_codes.suggestions(value)) if refusals else ()
        asked = [value] if not refusals else list(alike)
        registered = tuple(filter(None, map(self.find, asked)))
        return CodeCheck(value, not refusals, refusals, flags, alike, registered)

    def _explain(self, query: str) -> CodeCheck | None:
        """Explain what looks like a whole credit code but is not on the register under it."""
        value = credit_codes.normalise(query)
        has_form = value.isascii() and value.isalnum() and abs(len(value) - CODE_LENGTH) <= 2
        if not has_form or sum(character.isdigit() for character in value) < 8 or self.find(value):
            return None
        return self.check_code(value)


@lru_cache(maxsize=4)
def register_at(serving_dir: FilePath) -> EntityRegister:
    """Return the one register of this process that is served from a folder."""
    return EntityRegister(serving_dir)


def _open(files: StoreFiles) -> _Store:
    entities = open_read_only(files.entities)
    (text,) = entities.execute("select value from meta where key = 'report'").fetchone()
    report = ServingReport(**json.loads(text))
    return _Store(files, entities, report, Layers(files.base(report), files.over(report)))


def _nothing_served(serving_dir: FilePath) -> NothingServed:
    return NothingServed(
        "还没有可查询的数据。请先运行：zhijian serving build。",
        f"Nothing can be read in {serving_dir}. Run 'zhijian serving build' first.",
    )


def _next(start: _Place, hits: Sequence[tuple[int, int]], size: int) -> str | None:
    if len(hits) <= size:
        return None
    path, last = hits[size - 1]
    return _Place(start.store, path, last + 1, start.count, start.is_capped).write()


def _version(
    current: EntityRecord,
    snapshot: str | None,
    valid_to: str | None,
    changed_fields: str | None,
    change_reason: str | None,
) -> EntityVersion:
    return EntityVersion(
        record=EntityRecord.from_stored(json.loads(snapshot)) if snapshot else current,
        valid_to=datetime.fromisoformat(valid_to) if valid_to else None,
        changed_fields=tuple(json.loads(changed_fields or "[]")),
        change_reason=change_reason,
    )


def delivered_fact(row: Sequence[Any]) -> DeliveredFact:
    """Read a row of the store's table of facts."""
    values = dict(zip(FACT_COLUMNS, row, strict=True))
    until = values["public_until"]
    return DeliveredFact(
        **{
            **values,
            "occurred_on": date.fromisoformat(values["occurred_on"]),
            "recorded_at": datetime.fromisoformat(values["recorded_at"]),
            "payload": json.loads(values["payload"]),
            "public_until": date.fromisoformat(until) if until else None,
            "is_synthetic": bool(values["is_synthetic"]),
        }
    )


def _suggestion(record: EntityRecord, query: str) -> Suggestion:
    return Suggestion(
        uscc=record.uscc,
        name=record.name,
        segments=mark(record.name, query),
        prefecture=record.prefecture,
        status=record.status,
        is_synthetic=record.is_synthetic,
    )
