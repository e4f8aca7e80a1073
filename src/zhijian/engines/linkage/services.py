"""Deciding a doubtful link: check, write down; a second decision corrects the first and both stay."""

from datetime import datetime
from typing import Any

from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.linkage import queries
from zhijian.engines.linkage.queries import KIND, SOURCE, VERDICTS
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day

LONGEST_REASON = 500


class DecisionRefused(BilingualError):
    """A decision cannot be recorded as it stands. Carries both languages."""

    wording = "{zh}"


def decide(row: dict[str, Any], verdict: str, reason: str, *, seen: int, by: Officer, at: datetime) -> Fact:
    """Record that a record and an entity are the same, different, or cannot be told apart.

    `seen` is the number of decisions on the pair that the officer knew of.

    Raises:
        Forbidden: the officer may not judge links, or not of this area.
        DecisionRefused: no such verdict, no reason, or somebody decided meanwhile.
    """
    require(by, Permission.JUDGE_LINKS, division=row["prefecture_code"] or None)
    reason = reason.strip()
    if verdict not in VERDICTS:
        raise DecisionRefused("请选择：同一主体、不是、说不准。", "Choose: the same, different, or not sure.")
    if not reason or len(reason) > LONGEST_REASON:
        raise DecisionRefused(
            f"请写明理由（1到{LONGEST_REASON}字）。", f"Give a reason of 1 to {LONGEST_REASON} characters."
        )
    before = queries.history(row["pair_id"])
    if len(before) != seen and not before:
        raise DecisionRefused(
            "表单不完整，请刷新页面后再判定。", "The form is not whole: load the page again, then decide."
        )
    if len(before) != seen:
        raise DecisionRefused(
            f"{before[-1].recorded_by}已先作判定，您填的内容没有丢，请核对后再定。",
            f"{before[-1].recorded_by} decided first. What you typed is kept; compare and decide again.",
        )
    payload = {
        "pair_id": row["pair_id"],
        "verdict": verdict,
        "reason": reason,
        "levels": [int(level) for level in row["levels"]],
        "namesakes": int(row["namesakes"]),
        "entities": int(row["entities"]),
    }
    if before:
        return facts.correct(before[-1], payload=payload, reason=reason, by=by, at=at)
    return facts.record(
        KIND,
        subject=row["candidate_uscc"],
        occurred_on=statutory_day(at),
        payload=payload,
        source=SOURCE,
        source_key=row["pair_id"],
        by=by,
        at=at,
        is_synthetic=bool(row["is_synthetic"]),
    )
