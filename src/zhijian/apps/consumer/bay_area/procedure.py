"""The two procedures of the platform: out of Guangdong and into it; what their steps do and what their pages show."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from zhijian.apps.consumer.bay_area import queries, services
from zhijian.apps.consumer.bay_area.codes import Status
from zhijian.apps.consumer.bay_area.models import Transfer
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import Case, CaseStatus
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import Permission, may
from zhijian.standards.calendar import statutory_day

_FOLDER = Path(__file__).parent
Data = Mapping[str, Any]
Given = dict[str, Any]


def _transfer(case: Case) -> Transfer:
    return Transfer.objects.get(number=case.number)


def _actor(by: Officer | None) -> Officer:
    assert by is not None, "this step is handed in by an officer"
    return by


def _text(data: Data, name: str) -> str:
    return str(data.get(name) or "").strip()


# --------------------------------------------------------------------------------------------------------- outgoing


def record_check(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Keep why a transfer is not sent; what is fit goes on to be sent."""
    if data.get("outcome") == "refuse":
        services.tell(_transfer(case), Status.RETURNED, "us", by=by, at=at, note=_text(data, "check_reason"))
        return {"replied_on": statutory_day(at).isoformat()}
    return {"checked_on": statutory_day(at).isoformat()}


def record_sending(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Let the package leave, unless the leader sends it back to be checked again."""
    if data.get("decision") == "back":
        return {"received_on": statutory_day(at).isoformat()}
    services.send(_transfer(case), by=_actor(by), at=at)
    return {"sent_on": statutory_day(at).isoformat()}


def record_telling(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Keep that the consumer was told: the answer, and where there is none, what is left to do."""
    transfer = _transfer(case)
    services.tell(transfer, transfer.status, "us", by=by, at=at, note=_text(data, "words"))
    return {}


def end_of_outgoing(case: Case, events: Sequence[Any], *, by: Officer | None, at: datetime) -> None:
    """A case that is taken back ends its transfer; what was sent cannot be taken back."""
    if case.status == CaseStatus.WITHDRAWN:
        services.end_unsent(_transfer(case), by=by, at=at)


# --------------------------------------------------------------------------------------------------------- incoming


def record_examination(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Return a case outside the remit with its reason, or begin: with the trader, or at the authority."""
    transfer = _transfer(case)
    if data["outcome"] == "return":
        services.tell(transfer, Status.RETURNED, "us", by=by, at=at, note=_text(data, "examination_reason"))
        services.echo(transfer, at=at)
    elif data["outcome"] == "contact":
        services.tell(transfer, Status.IN_CONTACT, "us", by=by, at=at)
        services.echo(transfer, at=at)
    return {"contacted_on": statutory_day(at).isoformat()}


def record_contact(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Tell the other side what the trader answered."""
    if data["result"] != "escalate":
        status = Status.SETTLED if data["result"] == "settled" else Status.FAILED
        transfer = _transfer(case)
        services.tell(transfer, status, "us", by=by, at=at, note=_text(data, "answer"))
        services.echo(transfer, at=at)
    return {}


def hand_to_authority(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Make it a complaint of the competent authority."""
    services.hand_to_authority(_transfer(case), by=by, at=at)
    return {}


def panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Show the dispute, the consent, the path and what the other side may not tell. Personal data open on request."""
    transfer = queries.numbered(case.number)
    if transfer is None or not may(officer, Permission.WORK_BAY_AREA, division=services.AREA):
        return None
    return "bay_area/panel.html", queries.shown(transfer)


OUTGOING = Procedure(
    code=services.OUT,
    title_zh="粤港澳消费投诉转出",
    title_en="Complaints handed to Hong Kong and Macao",
    drawing=_FOLDER / "outgoing.bpmn",
    plan_ids=("S01",),
    services={one.__name__: one for one in (record_check, record_sending, record_telling)},
    panel=panel,
    on_act=end_of_outgoing,
    messages={
        services.RECEIPT: ("对方回执", "The other side's receipt"),
        services.ANSWER: ("对方答复", "The other side's answer"),
    },
    viewers=frozenset({Role.HANDLER, Role.LEADER}),
)
INCOMING = Procedure(
    code=services.IN,
    title_zh="粤港澳消费投诉转入",
    title_en="Complaints from Hong Kong and Macao",
    drawing=_FOLDER / "incoming.bpmn",
    plan_ids=("S01",),
    services={one.__name__: one for one in (record_examination, record_contact, hand_to_authority)},
    panel=panel,
    viewers=frozenset({Role.HANDLER, Role.LEADER}),
    ends_early=False,
)
