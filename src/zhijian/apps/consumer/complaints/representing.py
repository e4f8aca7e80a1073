"""Who stands for whom: an agent for a consumer, representatives for all who complain jointly (Order 121 articles 11, 12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from zhijian.apps.consumer.complaints import policies, rules
from zhijian.apps.consumer.complaints.codes import SCOPE_WORDS, ComplaintState
from zhijian.apps.consumer.complaints.models import Complaint, Party, Submission
from zhijian.engines.procedures import services as procedures
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

WITHDRAWN = "withdrawn"  # a message of the complaint's drawing
_LONGEST_MATTER = 200
_LONGEST_REASON = 200
_OVER = {
    ComplaintState.REJECTED,
    ComplaintState.WITHDRAWN,
    ComplaintState.TERMINATED,
    ComplaintState.CLOSED,
}


@dataclass(frozen=True)
class Mandate:
    """What an agent may do: for which matter, how far (`codes.Scope`), until when, and whether the consumer signed it."""

    matter: str
    scope: str
    until: date
    is_signed: bool

    def kept(self) -> dict[str, object]:
        """Return it as a party keeps it."""
        return {
            "matter": self.matter.strip(),
            "scope": self.scope,
            "until": self.until.isoformat(),
            "signed": self.is_signed,
        }


def side_of(submission: Submission) -> rules.Side:
    """Return the complainants' side of a submission, as the rules take it."""
    parties = list(submission.parties.all())
    agent = next((one for one in parties if one.capacity == Party.AGENT), None)
    return rules.Side(
        complainants=sum(one.capacity in Party.CONSUMERS for one in parties) or 1,
        representatives=sum(one.capacity == Party.REPRESENTATIVE for one in parties),
        has_agent=agent is not None,
        mandate=agent.mandate if agent is not None else {},
        papers=frozenset(submission.attachments.exclude(paper="").values_list("paper", flat=True)),
    )


def lacks(complaint: Complaint, *, on: date, originals_seen: bool = False) -> list[Problem]:
    """Return what an agent or a joint complaint lacks before it is accepted; empty for one who complains alone."""
    return rules.side_problems(side_of(complaint.submission), on=on, originals_seen=originals_seen)


def names_of(complaint: Complaint) -> str:
    """Return how a paper names the complainants: by masks, with representatives and agent."""
    parties = list(complaint.submission.parties.all())
    consumers = [one.name_mask for one in parties if one.capacity in Party.CONSUMERS]
    elected = [one.name_mask for one in parties if one.capacity == Party.REPRESENTATIVE]
    agents = [one.name_mask for one in parties if one.capacity == Party.AGENT]
    named = "、".join(consumers) or "投诉人"
    if len(consumers) > 1:
        named += f"（共同投诉{len(consumers)}人" + (f"，代表人：{'、'.join(elected)}）" if elected else "）")
    return named + (f"（委托代理人：{'、'.join(agents)}）" if agents else "")


@transaction.atomic
def keep_mandate(party: Party, complaint: Complaint, mandate: Mandate, *, by: Officer, at: datetime) -> Party:
    """Write down what the power of attorney says, as an officer reads it from the original; the look is recorded.

    Raises:
        Forbidden: another role, or another area.
        Incomplete: no agent, the complaint has ended, or a part is missing.
    """
    require(by, Permission.WORK_COMPLAINT, **policies.area_of(complaint))
    problems = _over_problems(complaint)
    if party.capacity != Party.AGENT:
        problems.append(Problem("party", "这个人不是代理人。", "This person is no agent."))
    if not mandate.matter.strip() or len(mandate.matter) > _LONGEST_MATTER:
        problems.append(
            Problem("matter", "请写明授权事项（200字以内）。", "Give the matter in 200 characters.")
        )
    if mandate.scope not in SCOPE_WORDS:
        problems.append(Problem("scope", "请选择授权范围。", "Choose the scope."))
    policies.check_none(problems)
    change = f"{_briefly(party.mandate)}→{_briefly(mandate.kept())}"
    record_look(by, complaint.number, "agent_mandate", at=at, reason=change[:_LONGEST_REASON])
    party.mandate = mandate.kept()
    party.save(update_fields=["mandate"])
    return party


@transaction.atomic
def elect(parties: Sequence[Party], complaint: Complaint, *, by: Officer, at: datetime) -> None:
    """Write down whom the joint complainants elected, as an officer reads it from the paper they signed.

    Raises:
        Forbidden: another role, or another area.
        Incomplete: the complaint is not joint or has ended; not as many as the present text says, or one who is none of
            the complainants.
    """
    require(by, Permission.WORK_COMPLAINT, **policies.area_of(complaint))
    consumers = list(complaint.submission.parties.filter(capacity__in=Party.CONSUMERS))
    chosen = {one.pk for one in parties}
    side = rules.Side(
        complainants=len(consumers), representatives=len(chosen & {one.pk for one in consumers})
    )
    problems = [
        *_over_problems(complaint),
        *rules.side_problems(side, on=statutory_day(at), originals_seen=True),
    ]
    if not side.is_joint:
        problems.append(Problem("party", "这件投诉不是共同投诉。", "This is no joint complaint."))
    if not chosen <= {one.pk for one in consumers}:
        problems.append(
            Problem("party", "代表人应当是共同投诉人。", "A representative is one of the complainants.")
        )
    policies.check_none(problems)
    before = {one.pk for one in consumers if one.capacity == Party.REPRESENTATIVE}
    change = f"{_listed(before)}→{_listed(chosen)}"
    record_look(by, complaint.number, "joint_election", at=at, reason=change[:_LONGEST_REASON])
    for one in consumers:
        one.capacity = Party.REPRESENTATIVE if one.pk in chosen else Party.JOINT
        one.save(update_fields=["capacity"])


def _over_problems(complaint: Complaint) -> list[Problem]:
    is_over = complaint.state in _OVER
    return [Problem("party", "案件已经办结。", "The case has ended.")] if is_over else []


def _listed(keys: set[int]) -> str:
    return "、".join(map(str, sorted(keys))) or "无"


def _briefly(mandate: Mapping[str, object]) -> str:
    parts = (str(mandate.get(key) or "") for key in ("scope", "until"))
    return " ".join(part for part in parts if part) or "无"


def needs_officer(complaint: Complaint, *, on: date) -> bool:
    """Say whether an officer records a withdrawal, because whoever acts may not dispose of the claim alone."""
    return complaint.state not in _OVER and bool(
        rules.disposing_problems(side_of(complaint.submission), on=on)
    )


@transaction.atomic
def withdraw_for_represented(complaint: Complaint, *, paper_seen: bool, by: Officer, at: datetime) -> None:
    """Record that those represented withdraw, from the paper of their consent that the officer has in hand.

    Raises:
        Forbidden: another role, or another area.
        Incomplete: the paper was not seen. ProcedureRefused: the case does not wait for a withdrawal now.
    """
    require(by, Permission.WORK_COMPLAINT, **policies.area_of(complaint))
    problems = _over_problems(complaint)
    if not paper_seen:
        problems.append(
            Problem(
                "paper_seen",
                "请先核对委托人、被代表的投诉人同意这一次撤回的书面材料。",
                "First check the paper by which those represented consent to this withdrawal.",
            )
        )
    policies.check_none(problems)
    assert complaint.case is not None
    words = "委托人、被代表的投诉人书面同意撤回，工作人员已核对材料"
    data = {"withdrawal_text": words, "is_settled": False, "represented_consent": True}
    procedures.send_message(complaint.case, WITHDRAWN, data, by=by, at=at)
