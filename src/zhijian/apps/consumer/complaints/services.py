"""The verbs of complaints: each checks, decides, writes a step and records the fact, in one transaction.

Who acts and when come in as `by` (None: the system, on a message of the complainant) and `at`. The verbs of reports are
in `reporting`, receiving both is in `receiving`. No fact names a person. A complaint's facts are about the complaint, not
about the firm: only what was upheld goes into the firm's file.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from zhijian.apps.consumer.complaints import noticing, paperwork, representing, revealing, rules
from zhijian.apps.consumer.complaints.codes import TERMINATION_GROUNDS, ComplaintState, RespondentKind
from zhijian.apps.consumer.complaints.entries import Agreement, Called, Closing, Refusal, Session
from zhijian.apps.consumer.complaints.ledger import COMPLAINTS
from zhijian.apps.consumer.complaints.models import Complaint, ComplaintStep, Publication
from zhijian.apps.consumer.complaints.rules import Span
from zhijian.engines.facts import services as facts
from zhijian.security.models import Officer, Organisation
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

MODES = ("on_site", "online", "phone")
SOURCE = COMPLAINTS.source
add_step, tell = COMPLAINTS.add_step, COMPLAINTS.tell


@transaction.atomic
def ask_identity(
    complaint: Complaint, *, items: str, until: date, by: Officer, at: datetime
) -> ComplaintStep:
    """Ask the complainant to prove the identity by a day; the clock of acceptance goes on (D1, D2).

    Raises:
        Incomplete: nothing is asked for, or the day is not ahead.
    """

    def missing(complaint: Complaint) -> list[Problem]:
        problems = []
        if not items.strip():
            problems.append(Problem("items", "请写明需要提供的材料。", "Say what is to be supplied."))
        if until <= statutory_day(at):
            problems.append(Problem("until", "期限应在今天之后。", "The last day must be ahead."))
        return problems

    last = rules.party_due_on(until)
    step = add_step(
        complaint,
        "ask_identity",
        by=by,
        at=at,
        note=items.strip(),
        data={"until": last.isoformat()},
        check=missing,
    )
    paperwork.identity_asked(complaint, items, last, by=by, at=at)
    return step


@transaction.atomic
def supply_identity(complaint: Complaint, *, note: str, by: Officer | None, at: datetime) -> ComplaintStep:
    """Write down that the complainant answered the notice."""
    step = add_step(complaint, "supply_identity", by=by, at=at, note=note)
    complaint.submission.parties.update(is_identity_proven=True)
    return step


@transaction.atomic
def transfer(
    complaint: Complaint, *, target: Organisation, reason: str, by: Officer, at: datetime
) -> ComplaintStep:
    """Dispatch a complaint to a competent unit (J-5). Its clock starts when that unit signs for it.

    Raises:
        Incomplete: the target is where it lies already, or no reason is given; a unit without authority returns what
            it was sent and does not pass it on.
    """

    def wrong(complaint: Complaint) -> list[Problem]:
        problems = []
        if target.pk == complaint.organisation_id:
            problems.append(
                Problem("target", "投诉已经在这个单位。", "The complaint lies with this unit already.")
            )
        if not reason.strip():
            problems.append(Problem("reason", "请写明分送的理由。", "Say why it is dispatched."))
        if passed_on(complaint, target):
            problems.append(
                Problem(
                    "target",
                    "收到分送的单位没有权限时应退回，不得自行再转。",
                    "A unit that was sent a complaint returns it; it does not pass it on.",
                )
            )
        words = {"transfer_reason": (("分送的理由", "Why it is dispatched"), reason)}
        return problems + revealing.problems_in(words, [complaint.submission], firm=complaint.respondent_name)

    step = add_step(
        complaint,
        "transfer",
        by=by,
        at=at,
        note=reason.strip(),
        data={"target": target.code, "from": complaint.organisation.code},
        check=wrong,
    )
    tell(
        complaint,
        "complaint.transferred",
        {"target": target.name, "reason": reason.strip()},
        step,
        by=by,
        at=at,
    )
    paperwork.dispatched(complaint, target, by=by, at=at)
    return step


def passed_on(complaint: Complaint, target: Organisation) -> bool:
    """Say whether the target would be a third unit: one that was sent a complaint may only send it back."""
    sent = next((step for step in reversed(complaint.history) if step.verb == "transfer"), None)
    return sent is not None and target.code != sent.data["from"]


@transaction.atomic
def sign_for(
    complaint: Complaint, *, target: Organisation, by: Officer | None, at: datetime
) -> ComplaintStep:
    """Let the target take the complaint over: from now it lies there and the clock of acceptance starts (J-7)."""
    complaint.organisation, complaint.division_code = target, target.division_code
    complaint.competent_received_at = at
    complaint.save(update_fields=["organisation", "division_code", "competent_received_at"])
    step = add_step(complaint, "sign_for", by=by, at=at, data={"unit": target.code})
    complaint.submission.competent_received_at = at
    complaint.submission.save(update_fields=["competent_received_at"])
    return step


@transaction.atomic
def refuse(complaint: Complaint, refusal: Refusal, *, by: Officer, at: datetime) -> ComplaintStep:
    """Do not accept a complaint, on a ground of article 16, and say what other ways are open.

    Raises:
        Incomplete: what the ground rests on is missing (see rules.refusal_problems).
    """

    def missing(complaint: Complaint) -> list[Problem]:
        return rules.refusal_problems(
            refusal.ground,
            received_on=received_on(complaint),
            decided_on=statutory_day(at),
            reason=refusal.reason,
            remedies_text=refusal.remedies_text,
            document_facts=refusal.document_facts,
            citation=refusal.citation,
            knew_on=complaint.knew_on,
            identity_asked=complaint.moment_of(ComplaintState.ID_PENDING) is not None,
            competent_elsewhere=_elsewhere(complaint),
            side_lacks=representing.lacks(complaint, on=statutory_day(at)),
        )

    step = add_step(
        complaint,
        "refuse",
        by=by,
        at=at,
        ground=refusal.ground,
        note=refusal.reason.strip(),
        data={
            "remedies": refusal.remedies_text.strip(),
            "document_facts": [fact.strip() for fact in refusal.document_facts if fact.strip()],
            "citation": refusal.citation.strip(),
        },
        check=missing,
    )
    tell(complaint, "complaint.refused", {"ground": refusal.ground}, step, by=by, at=at)
    paperwork.refused(complaint, step, by=by, at=at)
    noticing.complaint_refused(complaint, by=by, at=at)
    return step


@transaction.atomic
def accept(
    complaint: Complaint, *, contact: str, papers_seen: bool = False, by: Officer, at: datetime
) -> ComplaintStep:
    """Accept a complaint and name the officer to talk to; the clock of mediation starts.

    `papers_seen`: the officer has the originals of an agent's or a joint complaint's papers in hand.

    Raises:
        Incomplete: nobody is named; an agent's power or a joint complaint's election lacks something, or its originals
            were not seen.
    """

    def missing(complaint: Complaint) -> list[Problem]:
        problem = Problem("contact", "请写明联系人和电话。", "Name the officer to talk to, with a phone.")
        return ([] if contact.strip() else [problem]) + _side_missing(complaint, papers_seen, at)

    step = add_step(
        complaint,
        "accept",
        by=by,
        at=at,
        note=contact.strip(),
        data={"contact": contact.strip(), **({"papers_seen": True} if papers_seen else {})},
        check=missing,
    )
    due_on = rules.mediation_period(statutory_day(at)).due_on
    tell(complaint, "complaint.accepted", {"due_on": due_on.isoformat()}, step, by=by, at=at)
    paperwork.accepted(complaint, contact.strip(), due_on, by=by, at=at)
    noticing.complaint_accepted(complaint, due_on, by=by, at=at)
    return step


def _side_missing(complaint: Complaint, papers_seen: bool, at: datetime) -> list[Problem]:
    side = representing.side_of(complaint.submission)
    problems = rules.side_problems(side, on=statutory_day(at), originals_seen=papers_seen)
    if (side.has_agent or side.is_joint) and not papers_seen and not problems:
        problems = [
            Problem(
                "papers_seen",
                "委托代理、共同投诉的，请先核对授权委托书、推选代表人材料的原件。",
                "Check the originals of the power of attorney or of the election of representatives first.",
            )
        ]
    return problems


@transaction.atomic
def begin_mediation(
    complaint: Complaint,
    *,
    mode: str,
    mediators: Sequence[str],
    delegated_to: str = "",
    called: Called | None = None,
    by: Officer,
    at: datetime,
) -> ComplaintStep:
    """Begin mediation, both parties having agreed to it; it may be delegated once, with the complainant's consent.

    Where day and place of the first session are fixed (`called`), the notice of mediation is issued.

    Raises:
        Incomplete: no mediator, no mode, no consent to the delegation, or a session that lies behind or has no place.
    """

    def missing(complaint: Complaint) -> list[Problem]:
        problems = []
        if mode not in MODES:
            problems.append(Problem("mode", "请选择调解方式。", "Choose how mediation is held."))
        if not any(name.strip() for name in mediators):
            problems.append(Problem("mediators", "请写明调解人员。", "Name the mediators."))
        if delegated_to.strip() and not complaint.consents_to_delegation:
            problems.append(
                Problem(
                    "delegated_to", "投诉人没有同意委托调解。", "The complainant did not agree to delegation."
                )
            )
        if called is not None and called.on < statutory_day(at):
            problems.append(Problem("session_on", "调解日期已经过去。", "The day of the session is past."))
        if called is not None and not called.place.strip():
            problems.append(Problem("session_place", "请写明调解地点。", "Say where the session is held."))
        return problems

    data: dict[str, Any] = {"mode": mode, "mediators": list(mediators), "delegated_to": delegated_to.strip()}
    if called is not None:
        data["session"] = {"on": called.on.isoformat(), "time": called.time, "place": called.place.strip()}
    step = add_step(complaint, "begin_mediation", by=by, at=at, data=data, check=missing)
    if called is not None:
        paperwork.mediation_called(complaint, called, mediators, by=by, at=at)
    return step


@transaction.atomic
def record_mediation(
    complaint: Complaint, session: Session, *, result: str, by: Officer, at: datetime
) -> ComplaintStep:
    """Keep the record of one session: how, when, who came, what was said, what came of it.

    Raises:
        Incomplete: the mode or the statement is missing, or the day lies ahead.
    """

    def missing(complaint: Complaint) -> list[Problem]:
        problems = []
        if session.mode not in MODES:
            problems.append(Problem("mode", "请选择调解方式。", "Choose how mediation was held."))
        if not session.statement.strip():
            problems.append(Problem("statement", "请写明调解情况。", "Say what was said."))
        if session.held_on > statutory_day(at):
            problems.append(Problem("held_on", "调解日期不能晚于今天。", "The session cannot lie ahead."))
        return problems

    step = add_step(
        complaint,
        "record_mediation",
        by=by,
        at=at,
        note=session.statement.strip(),
        data={
            "mode": session.mode,
            "held_on": session.held_on.isoformat(),
            "attended": list(session.attended),
            "result": result,
        },
        check=missing,
    )
    tell(complaint, "complaint.mediated", {"mode": session.mode, "result": result}, step, by=by, at=at)
    return step


@transaction.atomic
def begin_testing(
    complaint: Complaint,
    *,
    body: str,
    agree_on_body: bool,
    cost_split: str,
    starts_on: date,
    by: Officer,
    at: datetime,
) -> ComplaintStep:
    """Send goods to testing; the clock of mediation stands still from `starts_on`.

    The parties name the body or, failing that, the authority designates it. Without agreement on the cost there is no
    testing: mediation ends (T4).

    Raises:
        Incomplete: no body, or no agreement on the cost.
    """

    def missing(complaint: Complaint) -> list[Problem]:
        problems = []
        if not body.strip():
            problems.append(Problem("body", "请写明检测、鉴定机构。", "Name the testing body."))
        if not cost_split.strip():
            problems.append(
                Problem(
                    "cost_split",
                    "请写明双方商定的费用承担；协商不成的，终止调解。",
                    "Say who pays, as agreed; without agreement mediation ends.",
                )
            )
        return problems

    named_by = rules.testing_body(agree_on_body=agree_on_body, agree_on_cost=True)
    data = {
        "body": body.strip(),
        "named_by": named_by.value,
        "cost_split": cost_split.strip(),
        "starts_on": starts_on.isoformat(),
    }
    return add_step(complaint, "begin_testing", by=by, at=at, data=data, check=missing)


@transaction.atomic
def end_testing(
    complaint: Complaint, *, result: str, ended_on: date, by: Officer | None, at: datetime
) -> ComplaintStep:
    """Take in the result of testing; the clock goes on after `ended_on`."""

    def missing(complaint: Complaint) -> list[Problem]:
        problem = Problem("result", "请写明检测、鉴定结论。", "Give the result.")
        return [] if result.strip() else [problem]

    step = add_step(
        complaint,
        "end_testing",
        by=by,
        at=at,
        note=result.strip(),
        data={"ended_on": ended_on.isoformat()},
        check=missing,
    )
    span = suspensions(complaint)[-1]
    payload = {
        "result": "testing",
        "first_on": span.first.isoformat(),
        "last_on": span.last.isoformat(),
    }
    tell(complaint, "complaint.mediated", payload, step, by=by, at=at)
    return step


@transaction.atomic
def ask_recusal(
    complaint: Complaint, *, asked_by: str, reason: str, by: Officer, at: datetime
) -> ComplaintStep:
    """Suspend mediation because a party asks that a mediator step aside."""
    return add_step(complaint, "ask_recusal", by=by, at=at, note=reason.strip(), data={"asked_by": asked_by})


@transaction.atomic
def decide_recusal(
    complaint: Complaint, *, steps_aside: bool, reason: str, mediator: str = "", by: Officer, at: datetime
) -> ComplaintStep:
    """Decide on a recusal; mediation goes on, with another mediator where it was granted.

    Raises:
        Incomplete: it was granted and nobody new is named.
    """

    def missing(complaint: Complaint) -> list[Problem]:
        problem = Problem("mediator", "同意回避的，请写明更换的调解人员。", "Name the new mediator.")
        return [problem] if steps_aside and not mediator.strip() else []

    return add_step(
        complaint,
        "decide_recusal",
        by=by,
        at=at,
        note=reason.strip(),
        data={"steps_aside": steps_aside, "mediator": mediator.strip()},
        check=missing,
    )


@transaction.atomic
def agree(complaint: Complaint, agreement: Agreement, *, by: Officer, at: datetime) -> ComplaintStep:
    """Write down what the parties agreed: in a document after mediation on site, otherwise in a record (article 24).

    Raises:
        Incomplete: there is no content, or who agreed may not settle for those represented (see
            rules.disposing_problems).
    """

    def missing(complaint: Complaint) -> list[Problem]:
        problem = Problem("agreement", "请写明协议内容。", "Say what was agreed.")
        side, consent = representing.side_of(complaint.submission), agreement.represented_consent
        barred = rules.disposing_problems(side, on=statutory_day(at), all_consent=consent)
        return ([] if agreement.content.strip() else [problem]) + barred

    waived = agreement.performed_at_once or agreement.both_waive_document
    document = "document" if agreement.was_on_site and not waived else "record"
    step = add_step(
        complaint,
        "agree",
        by=by,
        at=at,
        note=agreement.content.strip(),
        amount_yuan=agreement.amount_yuan,
        data={"document": document, "performed_at_once": agreement.performed_at_once},
        check=missing,
    )
    payload: dict[str, Any] = {"document": document}
    if agreement.amount_yuan is not None:
        payload["amount_yuan"] = str(agreement.amount_yuan)
    tell(complaint, "complaint.agreed", payload, step, by=by, at=at)
    paperwork.agreed(complaint, step, by=by, at=at)
    return step


@transaction.atomic
def fail(complaint: Complaint, *, statement: str, by: Officer, at: datetime) -> ComplaintStep:
    """Write down that a party clearly says that no agreement is possible."""
    return add_step(complaint, "fail", by=by, at=at, note=statement.strip())


@transaction.atomic
def withdraw(
    complaint: Complaint, *, evidence: str, is_settled: bool, by: Officer | None, at: datetime
) -> ComplaintStep:
    """Take a complaint back at its maker's wish, or because the parties settled by themselves.

    Raises:
        Incomplete: nothing shows that the complainant wishes it.
    """

    def missing(complaint: Complaint) -> list[Problem]:
        problem = Problem("evidence", "请写明撤回的依据。", "Say what shows the complainant's wish.")
        return [] if evidence.strip() else [problem]

    step = add_step(
        complaint,
        "withdraw",
        by=by,
        at=at,
        note=evidence.strip(),
        data={"is_settled": is_settled},
        check=missing,
    )
    tell(complaint, "complaint.withdrawn", {"is_settled": is_settled}, step, by=by, at=at)
    return step


@transaction.atomic
def terminate(
    complaint: Complaint,
    *,
    ground: str,
    statement: str,
    disagree_on_cost: bool = False,
    refusal_ground: str = "",
    by: Officer | None,
    at: datetime,
) -> ComplaintStep:
    """End mediation on a ground of article 23; both parties are told within 7 working days. The report goes on (IN-1).

    Raises:
        Incomplete: the ground does not hold (see rules.termination_problems).
    """

    def missing(complaint: Complaint) -> list[Problem]:
        accepted_at = complaint.accepted_at
        if accepted_at is None and ground != "T1":
            return [
                Problem("ground", "受理前只能因撤回而终止。", "Before acceptance only a withdrawal ends it.")
            ]
        return rules.termination_problems(
            ground,
            accepted_on=statutory_day(accepted_at or at),
            decided_on=statutory_day(at),
            statement=statement,
            suspensions=suspensions(complaint, until=statutory_day(at)),
            was_organised=any(step.verb == "record_mediation" for step in complaint.history),
            disagree_on_cost=disagree_on_cost,
            refusal_ground=refusal_ground,
        )

    step = add_step(
        complaint,
        "terminate",
        by=by,
        at=at,
        ground=ground,
        note=statement.strip(),
        data={"refusal_ground": refusal_ground},
        check=missing,
    )
    tell(complaint, "complaint.terminated", {"ground": ground}, step, by=by, at=at)
    paperwork.terminated(complaint, by=by, at=at)
    return step


@transaction.atomic
def tell_termination(
    complaint: Complaint, *, channels: Sequence[str], by: Officer, at: datetime
) -> ComplaintStep:
    """Write down that both parties were told that mediation ended, and how."""
    step = add_step(complaint, "tell_termination", by=by, at=at, data={"channels": list(channels)})
    paperwork.terminated(complaint, by=by, at=at)
    return step


@transaction.atomic
def close(complaint: Complaint, closing: Closing, *, by: Officer, at: datetime) -> ComplaintStep:
    """Close a complaint: was it upheld, is it published. Only an upheld one becomes a fact about the firm.

    Raises:
        Incomplete: upheld without a finding or without the firm's code; published against the rules.
    """
    ground = last_ground(complaint)
    published = rules.publication_problems(
        consented=complaint.consents_to_publish,
        is_upheld=closing.is_upheld,
        ground=ground,
        is_for_daily_life=complaint.is_for_daily_life,
    )
    step = add_step(
        complaint,
        "close",
        by=by,
        at=at,
        note=closing.finding.strip(),
        data={"is_upheld": closing.is_upheld, "wants_publication": closing.wants_publication},
        check=lambda complaint: _closing_problems(complaint, closing, published),
    )
    is_public = closing.wants_publication and not published
    tell(
        complaint,
        "complaint.closed",
        {"is_upheld": closing.is_upheld, "is_published": is_public},
        step,
        by=by,
        at=at,
    )
    _decide_publication(complaint, closing, published, by=by, at=at)
    if rules.touches_credit(is_upheld=closing.is_upheld, finding=closing.finding, ground=ground):
        _uphold(complaint, step, by=by)
    return step


def _closing_problems(complaint: Complaint, closing: Closing, published: Sequence[Problem]) -> list[Problem]:
    problems = []
    if closing.is_upheld and not closing.finding.strip():
        problems.append(Problem("finding", "查实的，请写明依据。", "Say on what it was found true."))
    if closing.is_upheld and not complaint.respondent_code:
        problems.append(
            Problem(
                "is_upheld",
                "被投诉人的统一社会信用代码还没有核对，不能记入其信用。请先核对。",
                "The firm's code was not established: nothing can be entered in its file. Establish it first.",
            )
        )
    if closing.wants_publication:
        problems += published
        if not closing.summary.strip():
            problems.append(Problem("public_summary", "请写明公示内容。", "Write what is published."))
    texts = {}
    if closing.wants_publication:
        texts["public_summary"] = (("公示内容", "What is published"), closing.summary)
    if closing.is_upheld:  # it becomes the summary of a fact in the firm's file
        texts["finding"] = (("查实的依据", "On what it was found true"), closing.finding)
    return problems + revealing.problems_in(texts, [complaint.submission], firm=complaint.respondent_name)


def _decide_publication(
    complaint: Complaint, closing: Closing, published: Sequence[Problem], *, by: Officer, at: datetime
) -> None:
    is_public = closing.wants_publication and not published
    reason = "".join(problem.message_zh for problem in published) or (
        "决定公示" if is_public else "决定不公示"
    )
    Publication.objects.create(
        complaint=complaint,
        is_public=is_public,
        reason=reason[:300],
        summary=closing.summary.strip() if is_public else "",
        decided_by=by,
        decided_at=at,
    )
    if is_public:
        facts.record(
            "complaint.published",
            subject=complaint.respondent_code,
            occurred_on=statutory_day(at),
            payload={
                "complaint_no": complaint.number,
                "authority": complaint.organisation.name,
                "respondent": complaint.respondent_name,
                "summary": closing.summary.strip(),
                "claims": list(complaint.claims),
                "outcome": outcome_of(complaint),
                "received_on": received_on(complaint).isoformat(),
            },
            source=SOURCE,
            source_key=f"{complaint.number}/published",
            by=by,
            at=at,
            is_synthetic=complaint.is_synthetic,
        )


def _uphold(complaint: Complaint, step: ComplaintStep, *, by: Officer) -> None:
    """Enter an upheld complaint in the firm's file: the one fact of a complaint that touches its credit."""
    payload: dict[str, Any] = {"complaint_no": complaint.number, "summary": step.note[:500]}
    if complaint.topic_code:
        payload["category"] = complaint.topic_code
    if complaint.amount_yuan is not None:
        payload["amount_yuan"] = str(complaint.amount_yuan)
    facts.record(
        "complaint.upheld",
        subject=complaint.respondent_code,
        occurred_on=statutory_day(step.at),
        payload=payload,
        source=SOURCE,
        source_key=f"{complaint.number}/upheld",
        by=by,
        at=step.at,
        is_synthetic=complaint.is_synthetic,
    )


def received_on(complaint: Complaint) -> date:
    """Return the day from which the law counts: that of the competent authority, else the first."""
    return statutory_day(complaint.competent_received_at or complaint.first_received_at)


def last_ground(complaint: Complaint) -> str:
    """Return the ground on which it was refused or terminated; empty where it was neither."""
    return next((step.ground for step in reversed(complaint.history) if step.ground), "")


def outcome_of(complaint: Complaint) -> str:
    """Return how it ended, in Chinese: agreed, or the ground of its termination."""
    ground = last_ground(complaint)
    if ground in TERMINATION_GROUNDS:
        return TERMINATION_GROUNDS[ground].words_zh
    return "达成调解协议" if complaint.moment_of(ComplaintState.AGREED) else complaint.state_words[0]


def suspensions(complaint: Complaint, *, until: date | None = None) -> list[Span]:
    """Return the days of testing, during which mediation's clock stands still; one that goes on ends with `until`."""
    return suspensions_in(list(complaint.steps.order_by("sequence")), until=until)


def suspensions_in(history: Sequence[ComplaintStep], *, until: date | None = None) -> list[Span]:
    """As `suspensions`, from steps that were read already, in their order."""
    spans, begun = [], None
    for step in history:
        if step.verb == "begin_testing":
            begun = date.fromisoformat(step.data["starts_on"])
        elif step.verb == "end_testing" and begun is not None:
            spans.append(Span(begun, date.fromisoformat(step.data["ended_on"])))
            begun = None
    if begun is not None and until is not None and until >= begun:
        spans.append(Span(begun, until))
    return spans


def place_of(complaint: Complaint) -> rules.Place:
    """Return the places that decide who is competent."""
    return rules.Place(
        RespondentKind(complaint.respondent_kind),
        business=complaint.respondent_division_code,
        published=complaint.published_division_code,
        platform=complaint.platform_division_code,
    )


def _elsewhere(complaint: Complaint) -> list[rules.Competence]:
    """Return who is competent, if that is somebody else."""
    found = rules.complaint_competence(place_of(complaint), received_on(complaint))
    return [] if rules.is_competent(complaint.organisation.division_code, found) else found
