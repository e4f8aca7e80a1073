"""What the service steps of a check do: what was found is a fact at once; a withdrawal is a paper, a fact and a bar."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from zhijian.apps.supervision.commitments import paperwork, rules
from zhijian.apps.supervision.commitments.models import CommitmentMatter
from zhijian.apps.supervision.commitments.policies import WITHDRAWN
from zhijian.engines.documents.paper import chinese_day, sentence
from zhijian.engines.facts import services as facts
from zhijian.engines.procedures.errors import Incomplete
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

SOURCE = "commitments"
Data = Mapping[str, Any]
Given = dict[str, Any]


def _matter(case: Case) -> CommitmentMatter:
    found: CommitmentMatter = CommitmentMatter.objects.select_for_update().get(case=case)
    return found


def _day(data: Data, name: str) -> date | None:
    told = data.get(name)
    if not told:
        return None
    return told if isinstance(told, date) else date.fromisoformat(str(told))


def _close(matter: CommitmentMatter, outcome: str, on: date) -> None:
    matter.outcome, matter.decided_on = outcome, on
    matter.save()


def record_check(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Keep what the check found, and say what follows: done, order or hear."""
    matter, day = _matter(case), statutory_day(at)
    outcome = str(data["outcome"])
    _found(matter, "check", outcome, str(data.get("found") or ""), at=at)
    following = rules.after_check(outcome, may_be_cured=data.get("may_be_cured") is True)
    if following == "done":
        _close(matter, "kept", day)
    else:
        matter.breach = outcome
        matter.save(update_fields=["breach"])
    return {"next": following, "checked_found": str(data.get("found") or "")}


def record_order(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Issue the order to meet the conditions by a day.

    Raises:
        Incomplete: the day is not to come.
    """
    assert by is not None
    matter, until = _matter(case), _day(data, "cure_by")
    if until is None or until <= statutory_day(at):
        zh, en = "改正期限应当在今天以后。", "The day to put it right lies after today."
        raise Incomplete(zh, en, [("cure_by", zh, en)])
    paperwork.issue("commitment_order", matter, {**_told(data), "cure_by": chinese_day(until)}, by=by, at=at)
    matter.cure_by = until
    matter.save(update_fields=["cure_by"])
    return {"cure_by": until.isoformat()}


def record_recheck(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Keep what the second check found: cured ends the matter, not cured goes on to a hearing."""
    matter, outcome = _matter(case), str(data["outcome"])
    _found(matter, "recheck", outcome, str(data.get("found") or ""), at=at)
    if outcome == "cured":
        _close(matter, "cured", statutory_day(at))
    return {"next": "done" if outcome == "cured" else "hear", "checked_found": str(data.get("found") or "")}


def record_notice(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Issue the notice of the intended withdrawal, with the right to a statement.

    Raises:
        Incomplete: the day of service is still to come.
    """
    assert by is not None
    served = _day(data, "served_on")
    if served is None or served > statutory_day(at):
        zh, en = "送达日期不能晚于今天。", "The day of service cannot be later than today."
        raise Incomplete(zh, en, [("served_on", zh, en)])
    paperwork.issue("commitment_notice", _matter(case), _told(data), by=by, at=at)
    return {"notified_on": served.isoformat()}


def record_hearing(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Keep that the firm was heard before anything was decided; the answer lies in the time line."""
    return {"heard_on": statutory_day(at).isoformat()}


def record_decision(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Withdraw the approval: paper, public fact and the bar from further promises in one transaction; or keep it."""
    matter, day = _matter(case), statutory_day(at)
    if data.get("outcome") != "withdraw":
        _close(matter, "approval_kept", day)
        return {}
    assert by is not None
    until = rules.excluded_until(day, matter.breach)
    reason = sentence(str(data["decision_reason"]))
    told = {"approval_no": str(data["approval_no"]), "reason": reason, "excluded_until": chinese_day(until)}
    matter.decision_no = paperwork.issue("commitment_withdrawal", matter, told, by=by, at=at).number
    payload = {
        "commitment": matter.commitment, "approval_no": str(data["approval_no"]), "decision_no": matter.decision_no,
        "breach": matter.breach, "excluded_until": until.isoformat(), "shown_until": until.isoformat(),
    }  # fmt: skip
    _record(WITHDRAWN, matter, "withdrawal", payload, at=at)
    _close(matter, "withdrawn", day)
    return {"decision_no": matter.decision_no}


def _told(data: Data) -> dict[str, str]:
    return {"approval_no": str(data["approval_no"]), "found": sentence(str(data.get("checked_found") or ""))}


def _found(matter: CommitmentMatter, step: str, outcome: str, found: str, *, at: datetime) -> None:
    payload = {"commitment": matter.commitment, "outcome": outcome, "found": found}
    _record("commitment.checked", matter, step, payload, at=at)


def _record(kind: str, matter: CommitmentMatter, step: str, payload: dict[str, Any], *, at: datetime) -> None:
    facts.record(
        kind,
        subject=matter.uscc,
        occurred_on=statutory_day(at),
        payload={**payload, "authority": matter.case.organisation.name},
        source=SOURCE,
        source_key=f"{matter.case.number}/{step}",
        by=f"supervision/commitments {matter.case.number}",
        at=at,
        is_synthetic=matter.case.is_synthetic,
    )
