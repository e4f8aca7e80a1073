"""Rows of the quarantine delivered anew: put right, or let pass in spite of a rule that somebody waives with reason.

A correction is a small delivery of its own. It is judged by the same contract, kept under its SHA-256 and reported
like any other; each of its lines names the delivery and line that it corrects. The refused row stays where it is.
"""

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from zhijian.datazone import contracts
from zhijian.datazone.contracts import Contract, Field
from zhijian.datazone.ingest.columns import match
from zhijian.datazone.ingest.report import IngestReport
from zhijian.datazone.ingest.run import Run
from zhijian.datazone.ingest.source import Limits
from zhijian.datazone.lake import Lake

WAIVABLE = frozenset({"uscc", "pattern", "one_of", "range", "length", "reference"})
OF, STEP = "_correction_of", "_correction_step"


@dataclass(frozen=True)
class Correction:
    """One refused row with what is put in the place of what it said."""

    contract: str
    delivery_sha256: str
    source_line: int
    row: Mapping[str, Any]  # as delivered
    changes: Mapping[str, str]  # field -> new text
    step: int


def is_waivable(contract: Contract, rule_id: str) -> bool:
    """Say whether a row may be let pass in spite of this rule: it must still be readable, typed and safe."""
    kinds = {rule.id: rule.kind for _, rule in contract.every_rule()}
    return kinds.get(rule_id) in WAIVABLE


def delivered_values(contract: Contract, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the row said for each of the contract's fields; a field that it did not have is None."""
    headers = list(row)
    relaxed = replace(contract, fields=tuple(replace(one, is_required=False) for one in contract.fields))
    places, _ = match(relaxed, headers)
    return {
        one.name: row[headers[places[one.name]]] if one.name in places else None for one in contract.fields
    }


def line(contract: Contract, correction: Correction) -> str:
    """Return the corrected row as one line of JSON; the same correction gives the same line."""
    values = {
        name: value for name, value in delivered_values(contract, correction.row).items() if value is not None
    }
    values |= {name: _typed(contract.field(name), text) for name, text in correction.changes.items()}
    whose = {OF: f"{correction.delivery_sha256}#{correction.source_line}", STEP: correction.step}
    required = {one.name: None for one in contract.fields if one.is_required}
    return json.dumps({**required, **values, **whose}, ensure_ascii=False)


def _typed(field: Field, text: str) -> Any:
    """Keep a list or an object what it is; everything else is delivered as text."""
    if field.logical_type in ("array", "object"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def judge(
    lake: Lake,
    corrections: Sequence[Correction],
    *,
    at: datetime,
    is_synthetic: bool,
    waived: frozenset[str] = frozenset(),
) -> list[list[dict[str, Any]]]:
    """Return for each correction the rules that it breaks still, in words; nothing is written.

    All corrections are of one contract.
    """
    with tempfile.TemporaryDirectory() as folder:
        run = _run(lake, corrections, Path(folder), "", at, "", is_synthetic, waived)
        broken = run.judge_only()
    found: list[list[dict[str, Any]]] = [[] for _ in corrections]
    for row in broken:
        found[row["source_line"] - 1].append(row)
    return found


def resubmit(
    lake: Lake,
    corrections: Sequence[Correction],
    *,
    by: str,
    at: datetime,
    source: str,
    is_synthetic: bool,
    waived: frozenset[str] = frozenset(),
) -> IngestReport:
    """Deliver corrections under their contract; return the report of that delivery.

    Raises:
        DeliveryError: they cannot be taken in; nothing was written.
    """
    with tempfile.TemporaryDirectory() as folder:
        run = _run(lake, corrections, Path(folder), by, at, source, is_synthetic, waived)
        return run.take_in(wait=True)


def fingerprint(lake: Lake, corrections: Sequence[Correction]) -> str:
    """Return the SHA-256 under which the corrections are, or will be, kept as a delivery."""
    contract = contracts.load(corrections[0].contract, lake.contracts)
    return hashlib.sha256(_content(contract, corrections)).hexdigest()


def _content(contract: Contract, corrections: Sequence[Correction]) -> bytes:
    return "".join(line(contract, one) + "\n" for one in corrections).encode()


def _run(
    lake: Lake,
    corrections: Sequence[Correction],
    folder: Path,
    by: str,
    at: datetime,
    source: str,
    is_synthetic: bool,
    waived: frozenset[str],
) -> Run:
    (name,) = {one.contract for one in corrections}
    contract = contracts.load(name, lake.contracts)
    path = folder / "corrections.jsonl"
    path.write_bytes(_content(contract, corrections))
    return Run(lake, _without(contract, waived), path, by, at, source, is_synthetic, None, Limits())


def _without(contract: Contract, waived: frozenset[str]) -> Contract:
    """Return the contract with the waived rules only warning: the report still counts the rows that broke them."""
    fields = tuple(
        replace(
            field,
            rules=tuple(
                replace(rule, severity="warning") if rule.id in waived else rule for rule in field.rules
            ),
        )
        for field in contract.fields
    )
    return replace(contract, fields=fields)
