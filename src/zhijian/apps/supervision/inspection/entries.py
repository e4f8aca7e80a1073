"""What a form or a phone sent, turned into what the services take. Both send the same fields."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from zhijian.apps.supervision.inspection.models import Check
from zhijian.apps.supervision.inspection.rules import Signed
from zhijian.apps.supervision.inspection.services import Position, ResultEntry, clean_draft

EMPTY_DRAFT: dict[str, Any] = clean_draft({}, ())


def content_of_form(data: QueryDict, check: Check) -> dict[str, Any]:
    """Read the task page's form into a draft's content."""
    codes = [item.code for item in check.task.ordered_items]
    content: dict[str, Any] = {name: data.get(name, "") for name in EMPTY_DRAFT}
    content["codes"] = data.getlist("codes")
    content["certificates_shown"] = data.get("certificates_shown") == "on"
    content["findings"] = {
        code: {"finding": data.get(f"finding-{code}", ""), "note": data.get(f"note-{code}", "")}
        for code in codes
    }
    return clean_draft(content, codes)


def entry_of(content: Mapping[str, Any], *, with_signing: bool = False) -> ResultEntry:
    """Turn a draft's content into a result to hand in. What cannot be read as a day counts as missing.

    A correction is not signed again: `with_signing` is for the record made on the spot.
    """
    first, second = _day(content.get("letter_first_on")), _day(content.get("letter_second_on"))
    return ResultEntry(
        codes=tuple(content.get("codes") or ()),
        findings={
            code: (row.get("finding", ""), row.get("note", ""))
            for code, row in (content.get("findings") or {}).items()
        },
        summary=content.get("summary") or "",
        unreachable_proof=content.get("unreachable_proof") or "",
        letters=(first, second) if first and second else None,
        correct_by=_day(content.get("correct_by")),
        signed=_signed(content) if with_signing else None,
    )


def _signed(content: Mapping[str, Any]) -> Signed:
    choice, reason, witness = (
        content.get(name) or "" for name in ("signing", "refusal_reason", "refusal_witness")
    )
    return Signed(choice, reason, witness)


def content_of_result(check: Check) -> dict[str, Any]:
    """Write the newest result as a draft's content, so that it can be corrected in the same form."""
    result = check.result
    assert result is not None
    content = {
        "codes": [code.code for code in result.codes],
        "summary": result.summary,
        "unreachable_proof": result.unreachable_proof,
        "letter_first_on": result.letter_first_on.isoformat() if result.letter_first_on else "",
        "letter_second_on": result.letter_second_on.isoformat() if result.letter_second_on else "",
        "correct_by": result.correct_by.isoformat() if result.correct_by else "",
        "signing": result.signing,
        "refusal_reason": result.refusal_reason,
        "refusal_witness": result.refusal_witness,
        "findings": {
            row.item.code: {"finding": row.finding, "note": row.note}
            for row in result.item_results.select_related("item")
        },
    }
    return clean_draft(content, [item.code for item in check.task.ordered_items])


def position_of(data: Mapping[str, Any]) -> Position:
    """Read where the phone was."""

    def text(name: str) -> str:
        value = data.get(name)
        return "" if value is None else str(value)

    return Position.from_texts(
        text("latitude"), text("longitude"), text("accuracy_m"), text("position_words")
    )


def moment_of(text: str | None) -> datetime | None:
    """Read a phone's moment; one without a zone, or that cannot be read, counts as unknown."""
    try:
        moment = parse_datetime(text or "")
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def key_of(text: str | None) -> UUID | None:
    """Read a send's key, or the number of a paper; a form without script may have none, and what is no such number is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
