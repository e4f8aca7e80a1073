"""Typed facts of entities from facts whose substance is JSON: what models read, where no refresh has typed them.

Reading JSON is no portable expression, so this lies outside the models: it runs once, in Python, over the
deliveries of a small home and over our own records. A province's facts arrive typed.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from zhijian.datazone.standard.events import FACT_TYPES
from zhijian.datazone.standard.rules import BORN_HERE
from zhijian.standards.calendar import statutory_day

OWN_SCHEMA = pa.schema(
    {
        "sequence": pa.int64(),
        "fact_id": pa.string(),
        "supersedes_id": pa.string(),
        "is_withdrawal": pa.bool_(),
        "uscc": pa.string(),
        **FACT_TYPES,
    }
)
FACTS_SCHEMA = pa.schema({"entity_id": pa.int64(), **FACT_TYPES})
_OUTCOMES = {"合格": "pass", "不合格": "fail"}


def typed_facts(facts: Iterable[Mapping[str, Any]], entity_ids: Mapping[str, int]) -> pa.Table:
    """Return the facts of known entities in the schema of `entity_facts`.

    Each fact has uscc, kind, occurred_on and payload (JSON text or a mapping); recorded_at, source, source_key and
    is_synthetic where it is known. A fact of a code that is not on the register is left out.
    """
    rows = [typed(fact, entity_ids[fact["uscc"]]) for fact in facts if fact["uscc"] in entity_ids]
    return pa.Table.from_pylist(rows, schema=FACTS_SCHEMA)


def standing_facts(
    delivered: Iterable[Mapping[str, Any]], recorded: Iterable[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the facts that stand: those delivered, but for the ones that our log revised, and what the log says.

    Each has uscc, source and source_key; `recorded` are the newest versions in the log, a withdrawal with
    `is_withdrawal`.
    """
    own = list(recorded)
    revised = {_key(fact) for fact in own if fact["source"] not in BORN_HERE}
    return [
        *(fact for fact in delivered if _key(fact) not in revised),
        *(fact for fact in own if not fact.get("is_withdrawal")),
    ]


def _key(fact: Mapping[str, Any]) -> tuple[str, str, str]:
    return fact["uscc"], fact["source"], str(fact["source_key"])


def typed_own_facts(fed: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return facts of our own records, as the feed brings them, in the schema of `standard_own__facts`."""
    rows = [
        {
            **typed(fact, 0),
            "uscc": fact["subject"],
            **{name: fact[name] for name in ("sequence", "fact_id", "supersedes_id", "is_withdrawal")},
        }
        for fact in fed
    ]
    return pa.Table.from_pylist(rows, schema=OWN_SCHEMA)


def typed(fact: Mapping[str, Any], entity_id: int) -> dict[str, Any]:
    """Return one fact with the substance of its payload in typed columns."""
    given = fact.get("payload") or {}
    payload: Mapping[str, Any] = json.loads(given) if isinstance(given, str) else given
    reference = (
        payload.get("decision_no")
        or payload.get("complaint_no")
        or payload.get("report_year")
        or _days(payload)
    )
    return {
        "entity_id": entity_id,
        "kind": fact["kind"],
        "occurred_on": fact["occurred_on"],
        "recorded_on": _published_on(payload, fact),
        "amount_yuan": _amount(payload.get("fine_yuan") or payload.get("amount_yuan")),
        "codes": _codes(payload),
        "ground_code": payload.get("ground_code"),
        "field_code": payload.get("field") or payload.get("category"),
        "reference": None if reference is None else str(reference),
        "source": fact.get("source"),
        "source_key": fact.get("source_key"),
        "is_synthetic": fact.get("is_synthetic"),
    }


def _published_on(payload: Mapping[str, Any], fact: Mapping[str, Any]) -> date:
    """The day on which a fact became known: of its publication, else of its record, else on which it occurred."""
    if payload.get("published_on"):
        return date.fromisoformat(payload["published_on"])
    recorded_at = fact.get("recorded_at")
    return statutory_day(recorded_at) if isinstance(recorded_at, datetime) else fact["occurred_on"]


def _days(payload: Mapping[str, Any]) -> str | None:
    """The days of a filed dormancy, both counted, as an interval of ISO 8601; text that sorts as its days do."""
    days = payload.get("dormant_from"), payload.get("dormant_to")
    return f"{days[0]}/{days[1]}" if all(days) else None


def _amount(text: Any) -> Decimal | None:
    """An amount in yuan with its cents; None where none is given or it is no number."""
    try:
        return None if text in (None, "") else Decimal(str(text)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None


def _codes(payload: Mapping[str, Any]) -> str | None:
    """Result codes separated by commas; an outcome in words as pass or fail."""
    if payload.get("codes"):
        return ",".join(str(code) for code in payload["codes"])
    outcome = payload.get("outcome")
    return _OUTCOMES.get(outcome, outcome) if outcome else None


__all__ = ["FACTS_SCHEMA", "OWN_SCHEMA", "standing_facts", "typed", "typed_facts", "typed_own_facts"]
