"""The quality report of one delivery, counted from the tables of its judging."""

# ruff: noqa: S608 - names in the SQL come from published contracts and column numbers, texts are quoted

import json
from dataclasses import asdict, dataclass
from typing import Any

from zhijian.datazone import quality
from zhijian.datazone.contracts import Field, Rule
from zhijian.datazone.ingest.judging import Judging

_EXAMPLES = 5


@dataclass(frozen=True)
class IngestReport:
    """What a delivery held and what became of it. Counts are rows, durations seconds, times ISO 8601."""

    contract: str
    contract_version: str
    table: str
    delivery_sha256: str
    file_name: str
    file_bytes: int
    format: str
    encoding: str | None
    is_gzipped: bool
    delivered_at: str
    delivered_by: str
    source: str
    is_synthetic: bool
    rows_in: int
    rows_clean: int
    rows_quarantined: int
    rules: list[dict[str, Any]]  # rule_id, field, severity, title_zh, title_en, count, examples
    fields: list[dict[str, Any]]  # name, label_zh, label_en, completeness, uniqueness, validity
    cleaned: list[dict[str, Any]]  # field, what, count
    ignored_columns: list[str]
    missing_columns: list[str]
    validity: float
    completeness: float
    uniqueness: float
    score: float
    score_definition_zh: str
    score_definition_en: str
    seconds: float
    rows_per_second: int
    already_delivered: bool = False
    lines_in: int | None = None  # physical lines of a text file, header and blank ones included

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self)

    def to_json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "IngestReport":
        """Return the report that `to_dict` gave."""
        return cls(**data)


@dataclass(frozen=True)
class Measures:
    """What is counted inside DuckDB for a report."""

    rows_in: int
    rows_clean: int
    rules: list[dict[str, Any]]
    fields: list[dict[str, Any]]
    cleaned: list[dict[str, Any]]
    validity: float
    completeness: float
    uniqueness: float

    @property
    def score(self) -> float:
        """The quality score, 0 to 100."""
        return quality.score(
            validity=self.validity, completeness=self.completeness, uniqueness=self.uniqueness
        )


def measure(judging: Judging) -> Measures:
    """Count rows, broken rules, cleaned cells and the completeness, uniqueness and validity of each field."""
    rows_in = _count(judging, "select count(*) from delivered")
    refused = _count(judging, "select count(distinct source_line) from refused")
    fields = _fields(judging, rows_in)
    keys = [entry["uniqueness"] for entry in fields if entry["uniqueness"] is not None]
    counted = [
        entry["completeness"]
        for entry, field in zip(fields, judging.contract.fields, strict=True)
        if field.is_counted_for_completeness
    ]
    return Measures(
        rows_in=rows_in,
        rows_clean=rows_in - refused,
        rules=_rules(judging),
        fields=fields,
        cleaned=_cleaned(judging),
        validity=(rows_in - refused) / rows_in,
        completeness=sum(counted) / len(counted) if counted else 1.0,
        uniqueness=sum(keys) / len(keys) if keys else 1.0,
    )


def _count(judging: Judging, query: str) -> int:
    return int(judging.con.execute(query).fetchall()[0][0])


def _fields(judging: Judging, rows_in: int) -> list[dict[str, Any]]:
    names = [field.name for field in judging.contract.fields]
    known = ", ".join(f"count(c_{name}), count(c_{name}) filter (e_{name} is null)" for name in names)
    counts = judging.con.execute(f"select {known} from judged").fetchall()[0]
    repeated = dict(
        judging.con.execute(
            "select field, count(*) from findings where earlier_line is not null group by field"
        ).fetchall()
    )
    return [
        _field_entry(field, counts[2 * place], counts[2 * place + 1], repeated.get(field.name, 0), rows_in)
        for place, field in enumerate(judging.contract.fields)
    ]


def _field_entry(field: Field, known: int, valid: int, repeated: int, rows_in: int) -> dict[str, Any]:
    is_key = any(rule.kind == "unique" for rule in field.rules)
    return {
        "name": field.name,
        "label_zh": field.label_zh,
        "label_en": field.label_en,
        "completeness": round(known / rows_in, 6),
        "uniqueness": round((known - repeated) / known, 6) if is_key and known else None,
        "validity": round(valid / known, 6) if known else None,
    }


def _rules(judging: Judging) -> list[dict[str, Any]]:
    rows = judging.con.execute(
        "select rule_id, field, severity, count(*), min(source_line, ?) from findings "
        "group by all order by count(*) desc, rule_id",
        [_EXAMPLES],
    ).fetchall()
    known = {rule.id: (field, rule) for field, rule in judging.contract.every_rule()}
    return [
        {
            "rule_id": rule_id,
            "field": field,
            "severity": severity,
            **_titles(*known[rule_id], field, judging),
            "count": count,
            "examples": _examples(judging, field, lines),
        }
        for rule_id, field, severity, count, lines in rows
    ]


def _titles(field: Field | None, rule: Rule, name: str | None, judging: Judging) -> dict[str, str]:
    field = field or (judging.contract.field(name) if name else None)
    labels = {"label": field.label_zh if field else "", "label_en": field.label_en if field else ""}
    return {side: rule.wording[side].format_map(labels) for side in ("title_zh", "title_en")}


def _examples(judging: Judging, field: str | None, lines: list[int]) -> list[dict[str, Any]]:
    value = judging.raw(judging.contract.field(field)) if field else "raw"
    rows = judging.con.execute(
        f"select source_line, {value}[:120] from delivered where source_line in (select unnest(?)) order by 1",
        [lines],
    ).fetchall()
    return [{"source_line": line, "value": text} for line, text in rows]


def _cleaned(judging: Judging) -> list[dict[str, Any]]:
    """Count the cells that were cleaned: unknown words made unknown, stray characters left out, others put right."""
    counts, labels = [], []
    for field in judging.contract.fields:
        raw, clean = judging.raw(field), f"c_{field.name}"
        words = ", ".join("'" + word + "'" for word in judging.contract.unknown_words if word)
        stray = " or ".join(f"contains({raw}, '{letter}')" for letter in judging.contract.stray_characters)
        stray = stray or "false"
        counts += [
            f"count(*) filter ({clean} is null and {raw} in ({words}))",
            f"count(*) filter ({stray})",
            f"count(*) filter ({clean} is not null and {raw} <> {clean} and not ({stray}))",
        ]
        labels += [(field.name, what) for what in ("unknown_word", "stray_character", "normalised")]
    row = judging.con.execute(
        f"select {', '.join(counts)} from delivered join judged using (source_line)"
    ).fetchall()[0]
    return [
        {"field": name, "what": what, "count": count}
        for (name, what), count in zip(labels, row, strict=True)
        if count
    ]
