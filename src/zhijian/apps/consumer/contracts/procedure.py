"""The supervision of a firm's standard contract: the drawing, and what its service tasks do."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from zhijian.apps.consumer.complaints import receiving
from zhijian.apps.consumer.contracts import paperwork, services
from zhijian.apps.consumer.contracts.models import Matter
from zhijian.apps.consumer.contracts.panel import contract_panel
from zhijian.engines.facts import services as facts
from zhijian.engines.procedures import deadlines
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.errors import Incomplete
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Role
from zhijian.standards.calendar import statutory_day

Data = Mapping[str, Any]
Given = dict[str, Any]
EXPLANATION, AMENDMENT = "consumer/contract_explanation", "consumer/contract_amendment"


def _matter(case: Case) -> Matter:
    return Matter.objects.select_for_update().get(number=case.number)


def _text(data: Data, name: str) -> str:
    return str(data.get(name) or "").strip()


def _actor(by: Officer | None) -> Officer:
    assert by is not None, "this step is handed in by an officer"
    return by


def _needed(data: Data, name: str, zh: str, en: str) -> str:
    """Return a text of the form.

    Raises:
        Incomplete: it is empty.
    """
    text = _text(data, name)
    if not text:
        raise Incomplete(zh, en, [(name, zh, en)])
    return text


def _due(parameter: str, day: date) -> date:
    """Return the last day that a paper names: the one that the step's clock has."""
    last = deadlines.deadline(deadlines.period_on(parameter, day), day).due_on
    assert last is not None, "nothing holds a clock that begins now"
    return last


def _end(matter: Matter, state: str, result: str, *, by: Officer, at: datetime) -> None:
    matter.state = state
    matter.save(update_fields=["state"])
    paperwork.tell_result(matter, result, by=by, at=at)


def record_review(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The officer looked at the hints: the firm is asked, or there is nothing."""
    matter, officer, reason = _matter(case), _actor(by), _text(data, "reason")
    if data.get("outcome") == "no_issue":
        matter.state = "no_issue"
        matter.save(update_fields=["state"])
        return {}
    day = statutory_day(at)
    paperwork.ask_explanation(matter, reason, _due(EXPLANATION, day), by=officer, at=at)
    return {"asked_on": day}


def record_explanation(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The firm explained, or did not in time."""
    if data.get("outcome") == "explained":
        _needed(data, "explanation", "请写说明的要点。", "Write what the firm said.")
    return {}


def record_assessment(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Guidance, experts, a clue, or nothing unfair."""
    matter, officer, outcome = _matter(case), _actor(by), _text(data, "outcome")
    if outcome == "no_issue":
        _end(matter, "no_issue", "没有发现需要修改的条款", by=officer, at=at)
    if outcome != "guide":
        return {}
    clauses = _needed(data, "clauses", "请写明要求修改的条款。", "Name the terms to amend.")
    return _guide(matter, clauses, _text(data, "reason"), by=officer, at=at)


def _guide(matter: Matter, clauses: str, reason: str, *, by: Officer, at: datetime) -> Given:
    day = statutory_day(at)
    listed = "；".join(line.strip().rstrip("。；") for line in clauses.splitlines() if line.strip())
    paperwork.guide(matter, f"建议修改：{listed}。", reason, _due(AMENDMENT, day), by=by, at=at)
    return {"guided_on": day, "clauses": clauses}


def record_opinion(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The experts' opinion lies in the time line; the officer assesses again."""
    return {}


def record_amendment(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The amended text is kept and held against the rules; how many hints are left goes on with the case."""
    matter, officer = _matter(case), _actor(by)
    if data.get("outcome") != "amended":
        return {"amended_text": "", "left": None}
    text = _needed(data, "amended_text", "请粘贴修改后的合同全文。", "Paste the amended contract in full.")
    version = services.keep_version(matter, text, by=officer, at=at)
    return {"amended_text": "", "left": len(version.findings)}


def record_recheck(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Amended well, to be amended again, or a clue."""
    matter, officer, outcome = _matter(case), _actor(by), _text(data, "outcome")
    if outcome == "accepted" and matter.versions.count() < 2:
        zh, en = (
            "还没有收到修改后的合同，不能认为已改好。",
            "No amended contract came in; it cannot be accepted.",
        )
        raise Incomplete(zh, en, [("outcome", zh, en)])
    if outcome == "accepted":
        _end(matter, "amended", "合同已经修改", by=officer, at=at)
    if outcome == "again":
        clauses = _text(data, "clauses") or "见本建议书的理由"
        return _guide(matter, clauses, _text(data, "reason"), by=officer, at=at)
    return {}


def record_publication(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The leader publishes the result with its summary, or keeps it."""
    if data.get("outcome") != "publish":
        return {}
    matter, officer = _matter(case), _actor(by)
    matter.summary = _needed(data, "summary", "请写公布的摘要。", "Write the summary to publish.")[:500]
    matter.published_at = at
    matter.save(update_fields=["summary", "published_at"])
    facts.record(
        "contract.published",
        subject=f"contract/{matter.number}",
        occurred_on=statutory_day(at),
        payload={
            "contract_no": matter.number, "authority": matter.organisation.name, "title": matter.title,
            "firm": matter.firm_name, "outcome": matter.state, "summary": matter.summary,
        },
        source=services.SUPERVISION,
        source_key=f"{matter.number}/published",
        legal_basis="《合同行政监督管理办法》",
        by=officer,
        at=at,
        is_synthetic=matter.is_synthetic,
    )  # fmt: skip
    return {}


def record_clue(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The leader hands the matter over to verification, where a case is filed or not; or sends it back."""
    if data.get("outcome") != "hand_over":
        return {}
    matter, officer = _matter(case), _actor(by)
    found = receiving.open_finding(
        receiving.Found(
            number=f"JB{matter.number}",
            respondent_name=matter.firm_name,
            respondent_code=matter.uscc,
            clue_text=_text(data, "clue_reason"),
            factual_basis=f"合同监管{matter.number}：{matter.title}，共{matter.versions.count()}个文本。",
            goods=matter.title,
            is_synthetic=matter.is_synthetic,
        ),
        matter.organisation,
        by=officer,
        at=at,
    )
    matter.state, matter.clue_number = "clue", found.number
    matter.save(update_fields=["state", "clue_number"])
    return {}


_SERVICES = (
    record_review, record_explanation, record_assessment, record_opinion, record_amendment, record_recheck,
    record_publication, record_clue,
)  # fmt: skip

SUPERVISION = Procedure(
    code=services.SUPERVISION,
    title_zh="格式条款监管",
    title_en="Supervision of standard terms",
    drawing=Path(__file__).parent / "supervision.bpmn",
    plan_ids=("S48",),
    services={service.__name__: service for service in _SERVICES},
    panel=contract_panel,
    viewers=frozenset({Role.HANDLER, Role.LEADER, Role.ANALYST, Role.AUDITOR}),
    ends_early=False,
)
