"""A council's file: JSON Lines with the fields of the interface. What breaks a rule is told by line and field, not kept."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from zhijian.apps.consumer.bay_area import services
from zhijian.apps.consumer.bay_area.codes import COUNCILS
from zhijian.apps.consumer.bay_area.errors import BadInput
from zhijian.apps.consumer.complaints.intake.receipts import Randomness
from zhijian.engines.procedures.errors import ProcedureRefused

MOST_LINES, LONGEST_LINE = 5_000, 40_000  # bytes
_LENGTHS = {
    "reference": 80, "language": 10, "consumer_name": 60, "consumer_phone": 40, "consumer_email": 100, "id_type": 20,
    "id_number": 40, "trader_name": 200, "trader_uscc": 18, "trader_address": 300, "division_code": 9, "goods_code": 10,
    "goods": 200, "facts": 5000, "claim": 300, "currency": 10, "amount": 20,
}  # fmt: skip


def take_in(
    lines: Sequence[bytes],
    council: str,
    *,
    at: datetime,
    randomness: Randomness,
    is_synthetic: bool = False,
) -> dict[str, Any]:
    """Take in each line that is right; return the counts by outcome and every refusal with its line, fields and reason."""
    told: dict[str, Any] = {"received": 0, "known": 0, "changed": 0, "refused": []}
    for number, line in enumerate(lines[:MOST_LINES], start=1):
        if not line.strip():
            continue
        try:
            taken = services.receive(
                COUNCILS[council],
                _row(line),
                by=None,
                at=at,
                randomness=randomness,
                is_synthetic=is_synthetic,
            )
        except _Unreadable as refused:
            told["refused"].append(
                {"line": number, "fields": refused.fields, "zh": refused.zh, "en": refused.en}
            )
        except ProcedureRefused as problem:
            fields = [name for name, _, _ in problem.problems] if isinstance(problem, BadInput) else []
            said = {"zh": problem.message_zh, "en": problem.message_en}
            told["refused"].append({"line": number, "fields": fields, **said})
        else:
            told[taken.outcome] += 1
    if len(lines) > MOST_LINES:
        zh, en = (
            f"一份文件最多{MOST_LINES}行，其余没有收。",
            f"A file has {MOST_LINES} lines at most; the rest was not taken.",
        )
        told["refused"].append({"line": MOST_LINES + 1, "fields": [], "zh": zh, "en": en})
    return told


class _Unreadable(Exception):
    """A line is no object of the known fields."""

    def __init__(self, zh: str, en: str, fields: Sequence[str] = ()) -> None:
        super().__init__(en)
        self.zh, self.en, self.fields = zh, en, list(fields)


def _row(line: bytes) -> dict[str, Any]:
    """Read a line into the fields of the interface, as the interface would."""
    try:
        given = json.loads(line) if len(line) <= LONGEST_LINE else None
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise _Unreadable("这一行不是一件JSON记录。", "The line is no JSON object, or too long.")
    unknown = [
        str(name)[:40] for name in given if name not in {*_LENGTHS, "consents_to_transfer", "bought_on"}
    ]
    if unknown:
        raise _Unreadable(
            f"有不认识的字段：{'、'.join(unknown)}。", f"Unknown fields: {', '.join(unknown)}.", unknown
        )
    wrong = [
        name
        for name, most in _LENGTHS.items()
        if not isinstance(given.get(name, ""), str)
        or len(given.get(name, "")) > most
        or "\x00" in given.get(name, "")
    ]
    try:
        bought = date.fromisoformat(given["bought_on"]) if given.get("bought_on") else None
    except (TypeError, ValueError):
        wrong.append("bought_on")
    if wrong:
        raise _Unreadable(
            f"写法不对：{'、'.join(wrong)}。", f"Not as the interface has it: {', '.join(wrong)}.", wrong
        )
    plain = {name: given.get(name, "") for name in _LENGTHS}
    return {**plain, "consents_to_transfer": given.get("consents_to_transfer") is True, "bought_on": bought}
