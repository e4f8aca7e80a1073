"""The register of market entities: the newest delivery per credit code, and every version before it.

A version is a change in what was delivered. What the platform reads out of the words (division, industry, capital,
type) is computed anew for every version at every build, so that better rules reach old versions too; what an earlier
build said stays readable in the earlier version of the Delta table.
"""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from zhijian.datazone import normalise
from zhijian.datazone.lake import Lake, LakeError, NoSuchTable
from zhijian.datazone.normalise.capital import Capital, parse_capitals
from zhijian.datazone.normalise.division import Location, locate_all
from zhijian.datazone.normalise.enterprise_type import EnterpriseType, read_types
from zhijian.datazone.normalise.gazetteer import guangdong
from zhijian.datazone.normalise.industry import IndustryFinding, classify_all
from zhijian.standards.calendar import statutory_day

STANDARD = "standard_registration__enterprises"
DELIVERIES = "standard_deliveries"
CONTRACT = "registration__enterprises"
ENTITIES = "entity_market_entities"
HISTORY = "entity_market_entities__history"
STAGES = ("read", "capital", "division", "industry", "versions", "write")

Progress = Callable[[str, float], None]
"""Called with a stage of `STAGES` and the share done, 0 to 1."""

# Column of the delivery, and the column of the register that a change in it is told under.
COMPARED = {
    "name": "name",
    "registered_on": "registered_on",
    "type_text": "enterprise_type_code",
    "capital_text": "capital_text",
    "scope": "scope",
    "city_text": "prefecture_code",
    "address": "address",
    "status_text": "status_code",
}
STATUSES = {
    "存续": "active",
    "在业": "active",
    "开业": "active",
    "在营": "active",
    "正常": "active",
    "登记成立": "active",
    "停业": "suspended",
    "歇业": "suspended",
    "清算": "liquidating",
    "吊销": "revoked",
    "注销": "deregistered",
}

_TEXT, _DAY, _INSTANT = pa.string(), pa.date32(), pa.timestamp("us", "UTC")
ENTITY_SCHEMA = pa.schema(
    {
        "entity_id": pa.int64(),
        "uscc": _TEXT,
        "name": _TEXT,
        "status_code": _TEXT,
        "registered_on": _DAY,
        "enterprise_type_code": _TEXT,
        "entity_kind_code": _TEXT,
        "capital_yuan": pa.decimal128(24, 2),
        "capital_amount": pa.decimal128(24, 4),
        "capital_currency_code": _TEXT,
        "capital_text": _TEXT,
        "scope": _TEXT,
        "prefecture_code": _TEXT,
        "county_code": _TEXT,
        "street_code": _TEXT,
        "division_evidence": _TEXT,
        "division_former_code": _TEXT,
        "industry_code": _TEXT,
        "industry_section": _TEXT,
        "industry_confidence": pa.float64(),
        "industry_words": _TEXT,
        "address": _TEXT,
        "is_synthetic": pa.bool_(),
        "source": _TEXT,
        "delivery_sha256": _TEXT,
        "delivered_on": _DAY,
        "valid_from": _INSTANT,
        "version": pa.int32(),
        # Known only where a source delivers them as codes; null where the register was read from words.
        "ended_on": _DAY,
        "employees": pa.int32(),
        "representative_id": _TEXT,  # opaque: never a name
        "phone_id": _TEXT,  # opaque: never a number
    }
)
HISTORY_SCHEMA = pa.schema(
    [
        *ENTITY_SCHEMA,
        pa.field("valid_to", _INSTANT),
        pa.field("changed_fields", _TEXT),
        pa.field("change_reason", _TEXT),
    ]
)


@dataclass(frozen=True)
class BuildReport:
    """What a build did. `is_unchanged`: neither deliveries nor rules were new, so nothing was written.

    The counts `with_…` say for how many entities the value could be determined.
    """

    is_unchanged: bool
    rows_read: int
    entity_count: int
    version_count: int
    new_entities: int
    new_versions: int
    with_capital_yuan: int
    with_type: int
    with_county: int
    with_street: int
    with_industry: int
    built_at: str
    seconds: float
    table_version: int

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


class NothingToBuild(Exception):
    """No registration has been delivered yet."""

    message_zh = "还没有企业登记数据。请先运行：zhijian ingest registration__enterprises 文件。"
    message_en = "No registrations were delivered yet. Run: zhijian ingest registration__enterprises FILE."

    def __init__(self) -> None:
        super().__init__(self.message_en)


class MixedFlags(LakeError):
    """Real and invented rows were delivered under one credit code, past the checks of ingest."""

    def __init__(self, mixed: Mapping[str, Iterable[str]]) -> None:
        shown = list(mixed.items())[:5]
        zh = "；".join(f"{uscc}（交付 {'、'.join(sorted(sha[:12] for sha in by))}）" for uscc, by in shown)
        en = "; ".join(
            f"{uscc} (deliveries {', '.join(sorted(sha[:12] for sha in by))})" for uscc, by in shown
        )
        self.message_zh = (
            f"有{len(mixed)}个统一社会信用代码下混有真实数据和合成数据，主体库未作任何改变：{zh}。"
            "请核对这些交付，在新的数据目录中只导入正确的一份后重建。"
        )
        self.message_en = (
            f"Real and synthetic rows share {len(mixed)} credit codes, so the register was left as it is: {en}. "
            "Check these deliveries, then ingest only the right ones into a new home and build there."
        )
        super().__init__(f"{self.message_zh}\n{self.message_en}")


def build_market_entities(lake: Lake, *, at: datetime, progress: Progress | None = None) -> BuildReport:
    """Build the register of market entities and its history from every delivery; change nothing if nothing is new.

    An entity keeps its `entity_id` over all builds; new ones follow in the order of delivery. `valid_from` is the
    time of the delivery, `at` (aware) only the time of the build. A row counts as a new version if a delivered
    field differs from the delivery before. Both tables become visible together.

    Raises:
        NothingToBuild: there is no table of registrations.
        MixedFlags: a code was delivered both as real and as synthetic.
    """
    started = time.perf_counter()
    tell = progress or (lambda stage, share: None)
    if not lake.exists(STANDARD):
        raise NothingToBuild
    inputs = {"standard_version": str(lake.version(STANDARD)), "rules": rules_fingerprint()}
    if (last := _last_report(lake, inputs)) is not None:
        return last
    tell("read", 0.0)
    rows = _rows_in_order(lake)
    _refuse_mixed_flags(rows)
    findings = _read_words(rows, tell)
    tell("versions", 0.8)
    ids = _entity_ids(lake, rows)
    before = lake.count(HISTORY) if lake.exists(HISTORY) else 0
    history = _history(rows, findings, ids)
    entities = [row for row in history if row["valid_to"] is None]
    tell("write", 0.9)
    report = _report(rows, entities, history, before, lake, at)
    properties = {**inputs, "built_at": at.isoformat(), "report": json.dumps(report.as_dict())}
    with lake.transaction() as transaction:
        transaction.write(HISTORY, pa.Table.from_pylist(history, schema=HISTORY_SCHEMA))
        version = transaction.write(
            ENTITIES, pa.Table.from_pylist(entities, schema=ENTITY_SCHEMA), properties=properties
        )
    tell("write", 1.0)
    return _replaced(report, seconds=round(time.perf_counter() - started, 3), table_version=version)


@cache
def rules_fingerprint() -> str:
    """A digest of the rules and words that read the deliveries: if it changes, the register is built anew."""
    folder = Path(normalise.__file__).parent
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted([*folder.glob("*.py"), *folder.glob("data/*.csv")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _replaced(report: BuildReport, **changes: Any) -> BuildReport:
    return BuildReport(**{**report.as_dict(), **changes})


def _last_report(lake: Lake, inputs: Mapping[str, str]) -> BuildReport | None:
    """The report of the newest build if it had the same inputs."""
    if not lake.exists(ENTITIES):
        return None
    newest = lake.versions(ENTITIES)[0]
    if any(newest.properties.get(key) != value for key, value in inputs.items()):
        return None
    report = BuildReport(**json.loads(newest.properties["report"]))
    return _replaced(
        report,
        is_unchanged=True,
        new_entities=0,
        new_versions=0,
        seconds=0.0,
        table_version=newest.version,
        built_at=newest.properties["built_at"],
    )


def _rows_in_order(lake: Lake) -> list[dict[str, Any]]:
    """All delivered rows in the order of their deliveries, each with `delivered_at`."""
    delivered_at = _delivery_times(lake)
    rows = lake.read(STANDARD).to_pylist()
    for row in rows:
        row["delivered_at"] = delivered_at[row["delivery_sha256"]]
    rows.sort(key=lambda row: (row["delivered_at"], row["delivery_sha256"], row["source_line"]))
    return rows


def _refuse_mixed_flags(rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep the invented and the real apart, whatever way a row came into the lake."""
    flags: dict[str, bool] = {}
    mixed = {
        row["uscc"]
        for row in rows
        if flags.setdefault(row["uscc"], row["is_synthetic"]) != row["is_synthetic"]
    }
    if mixed:
        deliveries: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            if row["uscc"] in mixed:
                deliveries[row["uscc"]].add(row["delivery_sha256"])
        raise MixedFlags(deliveries)


def _delivery_times(lake: Lake) -> dict[str, datetime]:
    """When each delivery under the contract of registrations was made."""
    try:
        deliveries = lake.read(DELIVERIES).select(["contract", "delivery_sha256", "delivered_at"])
    except NoSuchTable as problem:
        raise NoSuchTable(
            f"{STANDARD} has rows, but {DELIVERIES} is missing, so their times are unknown."
        ) from problem
    return {
        row["delivery_sha256"]: row["delivered_at"]
        for row in deliveries.to_pylist()
        if row["contract"] == CONTRACT
    }


@dataclass(frozen=True)
class _Findings:
    capitals: Mapping[str | None, Capital]
    types: list[EnterpriseType]
    locations: list[Location]
    industries: list[IndustryFinding]


def _read_words(rows: list[dict[str, Any]], tell: Progress) -> _Findings:
    tell("capital", 0.1)
    capitals = parse_capitals(row["capital_text"] for row in rows)
    types = read_types((row["type_text"], row["name"], row["uscc"]) for row in rows)
    tell("division", 0.2)
    locations = locate_all(guangdong(), [(row["uscc"], row["city_text"], row["address"]) for row in rows])
    tell("industry", 0.4)
    return _Findings(capitals, types, locations, classify_all((row["scope"], row["name"]) for row in rows))


def _entity_ids(lake: Lake, rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Ids by credit code: those given before, then new ones in the order of delivery."""
    ids: dict[str, int] = {}
    if lake.exists(ENTITIES):
        known = lake.read(ENTITIES).select(["uscc", "entity_id"])
        ids = dict(zip(known["uscc"].to_pylist(), known["entity_id"].to_pylist(), strict=True))
    following = max(ids.values(), default=0) + 1
    for row in rows:
        if row["uscc"] not in ids:
            ids[row["uscc"]] = following
            following += 1
    return ids


def _history(rows: list[dict[str, Any]], findings: _Findings, ids: Mapping[str, int]) -> list[dict[str, Any]]:
    """Every version of every entity, by entity and version."""
    by_entity: dict[int, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        by_entity[ids[row["uscc"]]].append(number)
    history: list[dict[str, Any]] = []
    for entity_id in sorted(by_entity):
        versions: list[dict[str, Any]] = []
        last: dict[str, Any] | None = None
        for number in by_entity[entity_id]:
            row = rows[number]
            changed = _changed(last, row)
            if last is not None and not changed:
                continue
            if versions:
                versions[-1]["valid_to"] = row["delivered_at"]
            versions.append(_version(row, number, findings, entity_id, len(versions) + 1, changed))
            last = row
        history += versions
    return history


def _changed(last: Mapping[str, Any] | None, row: Mapping[str, Any]) -> list[str]:
    """Columns of the register whose delivered words differ from the version before; none for a first version."""
    if last is None:
        return []
    return [column for field, column in COMPARED.items() if last.get(field) != row.get(field)]


def _version(
    row: Mapping[str, Any],
    number: int,
    findings: _Findings,
    entity_id: int,
    version: int,
    changed: list[str],
) -> dict[str, Any]:
    """One row of the history."""
    kind = "首次交付" if version == 1 else "交付变更"
    return {
        "entity_id": entity_id,
        **{key: row[key] for key in ("uscc", "name", "registered_on", "scope", "address", "is_synthetic")},
        **{key: row[key] for key in ("capital_text", "source", "delivery_sha256")},
        "status_code": _status_code(row.get("status_text")),
        "enterprise_type_code": findings.types[number].type_code,
        "entity_kind_code": findings.types[number].kind_code,
        **_capital_columns(findings.capitals[row["capital_text"]]),
        **_division_columns(findings.locations[number]),
        **_industry_columns(findings.industries[number]),
        "delivered_on": statutory_day(row["delivered_at"]),
        "valid_from": row["delivered_at"],
        "valid_to": None,
        "version": version,
        "changed_fields": json.dumps(changed, ensure_ascii=False),
        "change_reason": f"{kind} {row['delivery_sha256'][:12]}",
    }


def _status_code(text: str | None) -> str | None:
    """The status in the source's words; None if it says nothing that is known."""
    plain = (text or "").replace("未注销", "").replace("非正常", "")
    return next((code for word, code in STATUSES.items() if word in plain), None)


def _capital_columns(capital: Capital) -> dict[str, Any]:
    return {
        "capital_yuan": capital.yuan,
        "capital_amount": capital.amount,
        "capital_currency_code": capital.currency_code,
    }


def _division_columns(found: Location) -> dict[str, Any]:
    """Division columns; Dongguan and Zhongshan have no county, so theirs is null and the prefecture is the leaf."""
    has_county = found.county_code != found.prefecture_code
    evidence = [e.as_json() for e in found.evidence if has_county or e.level != "county"]
    return {
        "prefecture_code": found.prefecture_code,
        "county_code": found.county_code if has_county else None,
        "street_code": found.street_code,
        "division_evidence": json.dumps(evidence, ensure_ascii=False),
        "division_former_code": found.former_code,
    }


def _industry_columns(found: IndustryFinding) -> dict[str, Any]:
    return {
        "industry_code": found.class_code,
        "industry_section": found.section,
        "industry_confidence": found.confidence,
        "industry_words": "、".join(found.words) or None,
    }


def _report(
    rows: list[dict[str, Any]],
    entities: list[dict[str, Any]],
    history: list[dict[str, Any]],
    versions_before: int,
    lake: Lake,
    at: datetime,
) -> BuildReport:
    def filled(column: str) -> int:
        return sum(row[column] is not None for row in entities)

    before = lake.count(ENTITIES) if lake.exists(ENTITIES) else 0
    return BuildReport(
        is_unchanged=False,
        rows_read=len(rows),
        entity_count=len(entities),
        version_count=len(history),
        new_entities=len(entities) - before,
        new_versions=len(history) - versions_before,
        with_capital_yuan=filled("capital_yuan"),
        with_type=filled("enterprise_type_code"),
        with_county=filled("county_code"),
        with_street=filled("street_code"),
        with_industry=filled("industry_code"),
        built_at=at.isoformat(),
        seconds=0.0,
        table_version=0,
    )
