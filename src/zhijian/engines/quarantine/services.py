"""Fix, waive and return refused rows: check, judge again, write down, deliver."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhijian.datazone import contracts, quality
from zhijian.datazone.ingest import resubmission
from zhijian.datazone.ingest.resubmission import Correction
from zhijian.datazone.lake import Lake
from zhijian.datazone.quarantine import RefusedRow
from zhijian.engines.quarantine import policies, queries
from zhijian.engines.quarantine.models import Action, Outcome, Resolution
from zhijian.engines.quarantine.policies import Conflict, Refusal
from zhijian.security.models import Officer


@dataclass
class Done:
    """What came of acts on several rows: each is decided by itself."""

    resolutions: list[Resolution] = field(default_factory=list)
    refusals: list[tuple[RefusedRow, Refusal]] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        return sum(one.outcome == outcome for one in self.resolutions)


def fix(
    lake: Lake,
    row: RefusedRow,
    changes: Mapping[str, str],
    *,
    seen: int,
    by: Officer,
    at: datetime,
    reason: str = "",
) -> Resolution:
    """Put a row right and deliver it again under its contract; it may be refused again, and that is recorded too.

    `seen` is the number of acts on the row that the officer knew of.

    Raises:
        Conflict: somebody acted on the row since.
        Refusal: nothing is changed.
        DeliveryError: the lake cannot take it in; nothing was written or recorded.
    """
    contract = contracts.load(row.contract, lake.contracts)
    before = resubmission.delivered_values(contract, row.row)
    wanted = {name: text.strip() for name, text in changes.items() if text.strip() != _text(before.get(name))}
    policies.check_changed(contract, wanted)
    told = [
        {"field": name, "before": _text(before.get(name)), "after": text} for name, text in wanted.items()
    ]
    return _deliver(lake, row, wanted, Action.FIX, told, reason, frozenset(), seen=seen, by=by, at=at)


def waive(lake: Lake, row: RefusedRow, reason: str, *, seen: int, by: Officer, at: datetime) -> Resolution:
    """Let a row pass as it was delivered, in spite of the rules that it broke.

    Raises:
        Conflict: somebody acted on the row since.
        Refusal: no reason, or a rule that cannot be waived.
    """
    policies.check_reason(reason)
    policies.check_waivable(contracts.load(row.contract, lake.contracts), row)
    told = [
        {"field": one["field"], "before": one["value"], "after": one["value"]}
        for one in row.problems
        if one["field"]
    ]
    waived = frozenset(row.rule_ids)
    return _deliver(lake, row, {}, Action.WAIVE, told, reason.strip(), waived, seen=seen, by=by, at=at)


def send_back(row: RefusedRow, reason: str, *, seen: int, by: Officer, at: datetime) -> Resolution:
    """Return a row to its source: it must come again in a new delivery.

    Raises:
        Conflict: somebody acted on the row since.
        Refusal: no reason.
    """
    policies.check_reason(reason)
    return _record(row, Action.RETURN, Outcome.RETURNED, reason=reason.strip(), seen=seen, by=by, at=at)


def each(rows: list[tuple[RefusedRow, int]], act: Callable[[RefusedRow, int], Resolution]) -> Done:
    """Do the same to several rows; what cannot be done to one does not stop the others."""
    done = Done()
    for row, seen in rows:
        try:
            done.resolutions.append(act(row, seen))
        except Refusal as refusal:
            done.refusals.append((row, refusal))
    return done


def _deliver(
    lake: Lake,
    row: RefusedRow,
    changes: Mapping[str, str],
    action: Action,
    told: list[dict[str, Any]],
    reason: str,
    waived: frozenset[str],
    *,
    seen: int,
    by: Officer,
    at: datetime,
) -> Resolution:
    """Judge first; what passes is recorded and delivered together, what fails is recorded alone."""
    policies.check_seen(queries.history(row.key), seen)
    correction = Correction(*row.key, row=row.row, changes=changes, step=seen + 1)
    report = quality.find_report(lake, row.contract, row.delivery_sha256) or {}
    is_synthetic = bool(report.get("is_synthetic"))
    (broken,) = resubmission.judge(lake, [correction], at=at, is_synthetic=is_synthetic, waived=waived)
    if broken:
        findings = [{key: one[key] for key in _TOLD} for one in broken]
        return _record(
            row,
            action,
            Outcome.REFUSED,
            changes=told,
            findings=findings,
            reason=reason,
            seen=seen,
            by=by,
            at=at,
        )
    with transaction.atomic():
        name = f"{by.display_name or by.username}（{by.organisation.name if by.organisation else ''}）"
        sha256 = resubmission.fingerprint(lake, [correction])
        resolution = _record(
            row, action, Outcome.ACCEPTED, changes=told, reason=reason, sha256=sha256, seen=seen, by=by, at=at
        )
        resubmission.resubmit(
            lake,
            [correction],
            by=name,
            at=at,
            source=report.get("source", ""),
            is_synthetic=is_synthetic,
            waived=waived,
        )
    return resolution


_TOLD = ("field", "value", "rule_id", "reason_zh", "reason_en", "remedy_zh", "remedy_en")


def _record(
    row: RefusedRow,
    action: Action,
    outcome: Outcome,
    *,
    seen: int,
    by: Officer,
    at: datetime,
    changes: list[dict[str, Any]] | None = None,
    findings: list[dict[str, Any]] | None = None,
    reason: str = "",
    sha256: str = "",
) -> Resolution:
    """Write the act down under the next number; the database lets only one act have it."""
    policies.check_seen(queries.history(row.key), seen)
    contract, delivery, line = row.key
    try:
        with transaction.atomic():
            return Resolution.objects.create(
                contract=contract, delivery_sha256=delivery, source_line=line, step=seen + 1, action=action,
                outcome=outcome, changes=changes or [], rule_ids=row.rule_ids, findings=findings or [], reason=reason,
                correction_sha256=sha256, officer=by,
                organisation_name=by.organisation.name if by.organisation else "", resolved_at=at,
            )  # fmt: skip
    except IntegrityError as problem:
        raise Conflict(queries.history(row.key)[-1]) from problem


def _text(value: Any) -> str:
    return "" if value is None else str(value)
