"""Refused rows for a person to read: which field, what it said, why it was refused, how to mend it."""

# ruff: noqa: S608 - names in the SQL come from published contracts and column numbers, texts are quoted

import difflib
import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa

from zhijian.datazone.contracts import Contract, Field, Rule, bound
from zhijian.datazone.ingest.judging import Judging
from zhijian.standards import uscc

QUARANTINE = "standard_quarantine"
SCHEMA = pa.schema(
    [
        ("contract", pa.string()),
        ("delivery_sha256", pa.string()),
        ("source_line", pa.int64()),
        ("field", pa.string()),
        ("value", pa.string()),
        ("rule_id", pa.string()),
        ("reason_zh", pa.string()),
        ("reason_en", pa.string()),
        ("remedy_zh", pa.string()),
        ("remedy_en", pa.string()),
        ("suggestion", pa.string()),
        ("row", pa.string()),
        ("state", pa.string()),
    ]
)
_BATCH = 50_000
_SHOWN_CHARACTERS = 120
_CHOICES_SHOWN = 20
_FLAG_ZH = {"synthetic": "合成数据", "real": "真实数据"}
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # Unicode categories: control, format, surrogate, separators


def quarantine_rows(judging: Judging, headers: list[str], sha256: str) -> Iterator[pa.RecordBatch]:
    """Yield every broken 'error' rule with its row as delivered, in the order of the source's lines.

    A row that breaks several rules comes several times. Wording is made in Python: only refused rows pay for it.
    """
    rules = _rules_by_id(judging.contract)
    fields = {field.name: field for field in judging.contract.fields}
    found: Any = judging.con.sql(_query(judging, headers)).to_arrow_reader(_BATCH)
    for batch in found:
        rows = [_row(entry, rules, fields, judging, headers, sha256) for entry in batch.to_pylist()]
        yield pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def _rules_by_id(contract: Contract) -> dict[str, Rule]:
    return {rule.id: rule for _, rule in contract.every_rule()}


def _query(judging: Judging, headers: list[str]) -> str:
    raw_values = " ".join(
        f"when '{field.name}' then {judging.raw(field)}" for field in judging.contract.fields
    )
    clean_values = " ".join(f"when '{field.name}' then c_{field.name}" for field in judging.contract.fields)
    columns = ", ".join(f"delivered.r{place}" for place in range(len(headers)))
    return (
        f"select findings.*, delivered.problem_details, delivered.raw, [{columns}]::varchar[] as cells, "
        f"{judging.is_invented()} as is_invented, case field {raw_values} end as value, case field {clean_values} end as clean_value "
        "from findings join delivered using (source_line) join judged using (source_line) "
        "where severity = 'error' order by source_line, rule_id"
    )


def _row(
    entry: dict[str, Any],
    rules: dict[str, Rule],
    fields: dict[str, Field],
    judging: Judging,
    headers: list[str],
    sha256: str,
) -> dict[str, Any]:
    rule, field = rules[entry["rule_id"]], fields.get(entry["field"])
    texts = explain(rule, field, entry, judging.today)
    return {
        "contract": judging.contract.name,
        "delivery_sha256": sha256,
        "source_line": entry["source_line"],
        "field": field.name if field else None,
        "value": entry["raw"] if field is None else entry["value"],
        "rule_id": rule.id,
        **texts,
        "row": _as_delivered(entry, headers),
        "state": "open",
    }


def _as_delivered(entry: dict[str, Any], headers: list[str]) -> str:
    if entry["raw"] is None:
        return json.dumps(dict(zip(headers, entry["cells"] or [], strict=True)), ensure_ascii=False)
    try:
        row = json.loads(entry["raw"])
    except ValueError:
        row = {"_text": entry["raw"]}
    return json.dumps(row if isinstance(row, dict) else {"_text": entry["raw"]}, ensure_ascii=False)


def explain(rule: Rule, field: Field | None, entry: dict[str, Any], today: date) -> dict[str, str | None]:
    """Return reason and remedy in both languages, with the row's values filled in, and a suggestion or None."""
    known = _placeholders(rule, field, entry, today)
    texts: dict[str, str | None] = {
        name: rule.wording[name].format_map(known)
        for name in ("reason_zh", "reason_en", "remedy_zh", "remedy_en")
    }
    texts["suggestion"] = None
    if rule.kind == "uscc":
        texts.update(_about_code(entry["clean_value"] or "", texts))
    return texts


def _placeholders(rule: Rule, field: Field | None, entry: dict[str, Any], today: date) -> dict[str, Any]:
    details = json.loads(entry.get("problem_details") or "{}")
    own, held = ("synthetic", "real") if entry.get("is_invented") else ("real", "synthetic")
    return {
        "label": field.label_zh if field else "",
        "label_en": field.label_en if field else "",
        "value": _shortened(entry["value"]),
        "earlier_line": entry["earlier_line"],
        "minimum": bound(rule.arguments.get("minimum"), today),
        "maximum": bound(rule.arguments.get("maximum"), today),
        "table": rule.arguments.get("table"),
        "choices": _choices(rule.arguments.get("choices", []), entry["value"]),
        "own_zh": _FLAG_ZH[own],
        "own_en": own,
        "held_zh": _FLAG_ZH[held],
        "held_en": held,
        "characters": _invisible_in(entry["value"]),
        **details,
    }


def _choices(choices: list[str], value: str | None) -> str:
    """The whole of a short code list; of a long one those most like the value, and how many there are."""
    if len(choices) <= _CHOICES_SHOWN:
        return "、".join(choices)
    near = difflib.get_close_matches(value or "", choices, n=3, cutoff=0.3) or choices[:2]
    return f"{'、'.join(near)} …（{len(choices)}）"


def _invisible_in(value: str | None) -> str:
    """Name the characters that a reader cannot see, as U+202E, at most five of them."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), value or "")
    hidden = (one for one in text if one not in "\t\n\r" and unicodedata.category(one) in _INVISIBLE)
    return "、".join(f"U+{ord(one):04X}" for one in list(dict.fromkeys(hidden))[:5])


def _shortened(value: str | None) -> str:
    if value is None or len(value) <= _SHOWN_CHARACTERS:
        return value or ""
    return value[:_SHOWN_CHARACTERS] + "…"


def _about_code(code: str, texts: dict[str, str | None]) -> dict[str, str | None]:
    """Say which character is wrong and what it should be; suggest, never repair."""
    problems = [problem for problem in uscc.find_problems(code) if problem.kind != "check_organisation"]
    if not problems:
        return {}
    suggestion = next((problem.suggestion for problem in problems if problem.suggestion), None)
    zh, en = (texts["remedy_zh"] or ""), (texts["remedy_en"] or "")
    return {
        "reason_zh": " ".join(problem.message_zh for problem in problems),
        "reason_en": " ".join(problem.message_en for problem in problems),
        "remedy_zh": f"是否应为“{suggestion}”？{zh}" if suggestion else zh,
        "remedy_en": f"Was {suggestion} meant? {en}" if suggestion else en,
        "suggestion": suggestion,
    }
