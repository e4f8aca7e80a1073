"""How a matter stands, as its maker may see it: what was done, what comes next, by when, what can still be done.

The report's side says no more than its state; of the complaint's side the complainant is told what the law has told.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from zhijian.apps.consumer.complaints import codes, paperwork, representing, rules, services
from zhijian.apps.consumer.complaints.codes import (
    COMPLAINT_STATE_WORDS,
    PAPER_WORDS,
    REFUSAL_GROUNDS,
    TERMINATION_GROUNDS,
    ComplaintState,
    ReportState,
)
from zhijian.apps.consumer.complaints.intake import handing_in, handling, rating, receipts
from zhijian.apps.consumer.complaints.intake.models import Message, Rating, Repeat
from zhijian.apps.consumer.complaints.models import Complaint, ComplaintStep, Submission, ViolationReport
from zhijian.apps.consumer.complaints.standard_papers import ALL_PAPERS
from zhijian.engines.documents.models import Document
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import ProcedureRefused as Refused
from zhijian.infrastructure.language import in_english
from zhijian.security.models import Officer
from zhijian.standards import calendar
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

__all__ = [
    "Refused", "acts_for_others", "add_words", "barred", "find", "opens", "paper_of", "papers_open", "receipt_of", "status_of", "tell_identity", "withdraw",
]  # fmt: skip

IDENTITY_SUPPLIED = "identity_supplied"  # a message of the complaint's drawing
_UNTIL_ACCEPTED = {ComplaintState.RECEIVED, ComplaintState.ID_PENDING, ComplaintState.TRANSFERRED}
_OVER = {ComplaintState.REJECTED, ComplaintState.TERMINATED, ComplaintState.CLOSED}
_IN_VERIFICATION = {ReportState.VERIFYING, ReportState.EXTENDED}


@dataclass(frozen=True)
class Line:
    """One step of the path: done, now or later; `due_on` is its last day in law."""

    state: str
    words: str
    at: datetime | None = None
    due_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Light:
    """The deadline's colour with its words: green, yellow from two thirds, red when past."""

    colour: str
    words: str


@dataclass(frozen=True)
class Paper:
    """A paper of the matter that its maker may take."""

    title: str
    at: datetime
    number: str
    token: str


@dataclass(frozen=True)
class Standing:
    """A complaint or a report as its maker sees it."""

    title: str
    number: str
    respondent: str
    unit_name: str
    unit_is_synthetic: bool
    phone: str
    path: tuple[Line, ...]
    due_on: date | None
    light: Light | None
    article: str
    papers: tuple[Paper, ...] = ()
    other_ways: str = ""
    is_synthetic: bool = False


def find(number: str) -> Submission | None:
    return Submission.objects.select_related("received_by").filter(receipt_number=number).first()


def opens(submission: Submission, code: str) -> bool:
    """Say whether a typed code is the one of this receipt."""
    kept = submission.receipt_code_hash
    return bool(kept) and receipts.is_same(code, handing_in.STATUS, kept, settings.SECRET_KEY)


def matters_of(submission: Submission) -> tuple[Complaint | None, ViolationReport | None]:
    """Return the complaint and the report that came in this envelope.

    A repeat has no complaint of its own, and shows nothing of the first one: its maker may be somebody else who knows
    the consumer's telephone and order.
    """
    reports = ViolationReport.objects.select_related("organisation", "case").prefetch_related("steps")
    return own_complaint(submission), reports.filter(submission=submission).first()


def own_complaint(submission: Submission) -> Complaint | None:
    """Return the complaint that came in this envelope: only its own receipt shows it and acts on it."""
    found = Complaint.objects.select_related("organisation", "case").prefetch_related("steps")
    return found.filter(submission=submission).first()


# ------------------------------------------------------------------------------------------------------- the receipt


def receipt_of(submission: Submission) -> dict[str, Any]:
    """Return what the page after sending says: who, by when, what comes next."""
    complaint, report = matters_of(submission)
    found = []
    if complaint is not None:
        found.append(_handling_of_complaint(complaint))
    if report is not None:
        found.append(_handling_of_report(report))
    is_repeat = Repeat.objects.filter(submission=submission).exists()
    return {
        "handling": found,
        "is_repeat": is_repeat,
        "next_steps": _next_steps(complaint, report, is_repeat=is_repeat),
        "papers_wanted": papers_wanted(complaint),
        "synthetic": "part" if submission.is_synthetic else "",
    }


def _handling_of_complaint(complaint: Complaint) -> handling.Handling:
    due = None
    if complaint.competent_received_at:
        due = rules.acceptance_due_on(statutory_day(complaint.competent_received_at))
    article = rules.complaint_competence(services.place_of(complaint), services.received_on(complaint))
    basis = article[0].article if article else f"{rules.O121}第十三条"
    return handling.Handling(
        "complaint",
        gettext("投诉"),
        complaint.organisation,
        due,
        handling.complaint_duty() if due else handling.dispatched(),
        gettext("%(article)s；《消费者权益保护法》第四十六条") % {"article": basis},
    )


def _handling_of_report(report: ViolationReport) -> handling.Handling:
    due = _verification_due(report)
    return handling.Handling(
        "report",
        gettext("举报"),
        report.organisation,
        due,
        handling.report_duty() if due else handling.dispatched(),
        gettext("%(article)s；《市场监督管理行政处罚程序规定》第十八条")
        % {"article": f"{rules.O121}第二十九条"},
    )


def _next_steps(complaint: Complaint | None, report: ViolationReport | None, *, is_repeat: bool) -> list[str]:
    steps = []
    if is_repeat:
        steps.append(gettext("投诉和先前的一件合在一起办。进度请用先前的回执查。"))
    if complaint is not None:
        steps.append(gettext("办理单位审查是否受理，可能打电话核实您的身份和情况。"))
        steps.append(gettext("受理后组织调解，您和店家都愿意才能谈成；谈不成，也会告诉您还有什么路。"))
    if report is not None:
        steps.append(gettext("办理单位核查线索，决定是否立案。法律规定要答复的，会答复实名举报人。"))
    return [*steps, gettext("任何一步变了，在“查进度”里马上能看到。")]


# -------------------------------------------------------------------------------------------------------- the status


def status_of(submission: Submission, *, today: date) -> dict[str, Any]:
    """Return the status page's contents."""
    complaint, report = matters_of(submission)
    is_repeat = Repeat.objects.filter(submission=submission).exists()
    matters = []
    if complaint is not None:
        matters.append(_complaint(complaint, today))
    if report is not None:
        matters.append(_report(report, today))
    may_rate = rating.open_for(submission) is not None
    is_waiting = complaint is not None and complaint.state == ComplaintState.ID_PENDING
    return {
        "matters": matters,
        "your_turn": is_waiting or bool(papers_wanted(complaint)),
        "asked": _asked(complaint) if is_waiting and complaint is not None else None,
        "your_part": _your_part(complaint, may_rate),
        "repeat": is_repeat,
        "has_report": report is not None,
        "is_mixed": complaint is not None and report is not None,
        "sent_files": [
            {
                "name": one.name,
                "at": one.received_at,
                "sha256": one.sha256,
                "paper": _either(*PAPER_WORDS[one.paper]) if one.paper else "",
            }
            for one in submission.attachments.order_by("id")
        ],
        "messages_sent": submission.messages.all(),
        "may_add": not _is_over(complaint, report),
        "may_withdraw": complaint is not None and _waits(complaint, representing.WITHDRAWN),
        "may_rate": may_rate,
        "is_rated": _is_rated(complaint, report),
    }


def _is_rated(complaint: Complaint | None, report: ViolationReport | None) -> bool:
    if complaint is not None:
        return Rating.objects.filter(complaint=complaint).exists()
    return report is not None and Rating.objects.filter(report=report).exists()


def _your_part(complaint: Complaint | None, may_rate: bool) -> str:
    wanted = papers_wanted(complaint)
    if wanted:
        listed = gettext("、").join(wanted)
        return gettext("请补交：%(papers)s。在“补材料”里交，注明是哪一种。") % {"papers": listed}
    if may_rate:
        return gettext("已经办完。您可以评价处理。")
    return gettext("您现在不用做什么。")


def _asked(complaint: Complaint) -> dict[str, Any]:
    """Return what the unit asks for, and the last day to supply it."""
    step = complaint.history[-1]
    until = str(step.data.get("until", ""))
    return {"items": step.note, "until": date.fromisoformat(until) if until else None}


def papers_wanted(complaint: Complaint | None) -> list[str]:
    """Return the names of the papers that an agent or a joint complaint lacks before it can be accepted."""
    if complaint is None or complaint.state not in _UNTIL_ACCEPTED:
        return []
    side = representing.side_of(complaint.submission)
    return [_either(*PAPER_WORDS[one]) for one in rules.papers_of(side) if one not in side.papers]


def _is_over(complaint: Complaint | None, report: ViolationReport | None) -> bool:
    complaint_over = complaint is None or complaint.state in _OVER
    report_over = report is None or report.state not in {ReportState.RECEIVED, *_IN_VERIFICATION}
    return complaint_over and report_over


def _complaint(complaint: Complaint, today: date) -> Standing:
    received = complaint.competent_received_at
    due, started = None, None
    if complaint.state in _UNTIL_ACCEPTED and received:
        started = statutory_day(received)
        due = rules.acceptance_due_on(started)
    elif complaint.accepted_at and complaint.state not in _OVER and complaint.state != ComplaintState.AGREED:
        started = statutory_day(complaint.accepted_at)
        due = rules.mediation_period(started, services.suspensions(complaint, until=today)).due_on
    return Standing(
        title=gettext("投诉"),
        number=complaint.number,
        respondent=complaint.respondent_name,
        unit_name=handling.name_of(complaint.organisation),
        unit_is_synthetic=complaint.organisation.is_synthetic,
        phone=_phone(complaint),
        path=tuple(_complaint_path(complaint, today)),
        due_on=due,
        light=_light(started, due, today) if due and started else None,
        article="《消费者权益保护法》第四十六条；《市场监督管理投诉举报处理办法》第十五条、第二十三条",
        papers=_papers(complaint),
        other_ways=_other_ways(complaint),
        is_synthetic=complaint.is_synthetic,
    )


def _phone(complaint: Complaint) -> str:
    accepted = next((step for step in complaint.history if step.verb == "accept"), None)
    contact = str(accepted.data.get("contact", "")) if accepted else ""
    return contact or gettext("12315（请报回执号）")


def _complaint_path(complaint: Complaint, today: date) -> list[Line]:
    state = complaint.state
    lines = [Line("done", gettext("已收到"), complaint.first_received_at)]
    received = complaint.competent_received_at
    due = rules.acceptance_due_on(statutory_day(received)) if received else None
    if state in _UNTIL_ACCEPTED:
        note = _waiting_words(state)
        lines.append(Line("now", gettext("审查是否受理"), due_on=due, note=note))
        return [
            *lines,
            Line("later", gettext("调解（受理后60日内，检测的时间不算）")),
            Line("later", gettext("结果")),
        ]
    refused = next((step for step in complaint.history if step.state == ComplaintState.REJECTED), None)
    if refused is not None:
        ground = REFUSAL_GROUNDS.get(refused.ground)
        why = _either(ground.words_zh, ground.words_en) + "。" + ground.article if ground else ""
        return [*lines, Line("done", gettext("不予受理"), refused.at, note=f"{why} {refused.note}".strip())]
    accepted_at = complaint.accepted_at
    if accepted_at is not None:
        lines.append(Line("done", gettext("已受理"), accepted_at))
    return [*lines, *_mediation_path(complaint, today)]


def _waiting_words(state: str) -> str:
    if state == ComplaintState.ID_PENDING:
        return gettext("正等您提供身份证明")
    if state == ComplaintState.TRANSFERRED:
        return gettext("已分送给有权处理的单位，等它签收")
    return ""


def _mediation_path(complaint: Complaint, today: date) -> list[Line]:
    state, ended = complaint.state, None
    for step in complaint.history:
        if step.state in {ComplaintState.AGREED, ComplaintState.TERMINATED, ComplaintState.WITHDRAWN}:
            ended = ended or step
    if ended is not None:
        ground = TERMINATION_GROUNDS.get(services.last_ground(complaint))
        note = _either(ground.words_zh, ground.words_en) if ground else ""
        words = _either(*complaint_words(ended))
        result = [Line("done", words, ended.at, note=note)]
        closed_at = complaint.moment_of(ComplaintState.CLOSED)
        later = gettext("办结归档")
        result.append(Line("done", later, closed_at) if closed_at else Line("now", later))
        return result
    due = None
    if complaint.accepted_at:
        spans = services.suspensions(complaint, until=today)
        due = rules.mediation_period(statutory_day(complaint.accepted_at), spans).due_on
    words = gettext("组织调解") if state == ComplaintState.ACCEPTED else _either(*complaint.state_words)
    return [Line("now", words, due_on=due), Line("later", gettext("结果"))]


def complaint_words(step: ComplaintStep) -> tuple[str, str]:
    """Return the words of the state that a step led to."""
    return COMPLAINT_STATE_WORDS[ComplaintState(step.state)]


def _report(report: ViolationReport, today: date) -> Standing:
    due = _verification_due(report)
    started = report.clock_started_on
    is_open = report.state in {ReportState.RECEIVED, *_IN_VERIFICATION}
    lines = [Line("done", gettext("已收到"), report.first_received_at)]
    if is_open:
        lines += [Line("now", gettext("核查线索"), due_on=due), Line("later", gettext("决定是否立案"))]
    else:
        decided = report.history[-1]
        lines.append(Line("done", _either(*report.state_words), decided.at))
    return Standing(
        title=gettext("举报"),
        number=report.number,
        respondent=report.respondent_name,
        unit_name=handling.name_of(report.organisation),
        unit_is_synthetic=report.organisation.is_synthetic,
        phone=gettext("12315（请报回执号）"),
        path=tuple(lines),
        due_on=due if is_open else None,
        light=_light(started, due, today) if is_open and due and started else None,
        article="《市场监督管理行政处罚程序规定》第十八条；《市场监督管理投诉举报处理办法》第三十六条",
        papers=_papers(report),
        is_synthetic=report.is_synthetic,
    )


def _verification_due(report: ViolationReport) -> date | None:
    started = report.clock_started_on
    if started is None and report.competent_received_at:
        started = statutory_day(report.competent_received_at)
    if started is None:
        return None
    return rules.verification_due_on(started, is_extended=report.state == ReportState.EXTENDED)


def _light(started: date, due: date, today: date) -> Light:
    left = calendar.working_days_between(today, due, provisional=True)
    if today > due:
        return Light("red", gettext("逾期%(n)s个工作日") % {"n": -left})
    if today == due:
        return Light("yellow", gettext("今天到期"))
    whole = max((due - started).days, 1)
    colour = "yellow" if 3 * (today - started).days >= 2 * whole else "green"
    return Light(colour, gettext("剩余%(n)s个工作日") % {"n": left})


def _papers(matter: Complaint | ViolationReport) -> tuple[Paper, ...]:
    return tuple(
        Paper(
            _either(ALL_PAPERS[one.template].title_zh, ALL_PAPERS[one.template].title_en),
            one.issued_at,
            one.number,
            one.token,
        )
        for one in paperwork.for_the_person(matter)
    )


def paper_of(submission: Submission, token: str) -> Document | None:
    """Return a paper that whoever opened this submission may take; None where it is of another matter.

    A repeat's receipt takes no paper of the first complaint: its maker may be somebody else who knows the order.
    """
    for matter in matters_of(submission):
        found = paperwork.for_the_person(matter).filter(token=token).first() if matter is not None else None
        if found is not None:
            return found
    return None


def _other_ways(complaint: Complaint) -> str:
    refused = next((step for step in complaint.history if step.verb == "refuse"), None)
    told = str(refused.data.get("remedies", "")) if refused else ""
    if told or complaint.state in _OVER:
        return told or gettext(
            "可以请消委会调解、按约定申请仲裁，或者向法院起诉（《消费者权益保护法》第三十九条）。"
        )
    return ""


def _either(zh: str, en: str) -> str:
    return en if in_english() else zh


# --------------------------------------------------------------------------------------------- what can still be done


def add_words(submission: Submission, text: str, *, by: Officer | None, at: datetime) -> Message:
    """Keep what the person adds."""
    return Message.objects.create(submission=submission, kind=Message.ADDED, text=text, at=at)


@transaction.atomic
def withdraw(submission: Submission, *, reason: str, by: Officer | None, at: datetime) -> None:
    """Withdraw the complaint of a submission at its maker's wish; a report goes on.

    Raises:
        Refused: its present state does not allow it, or it came with another receipt: whoever knows a consumer's
            phone and order can send the same complaint once more, and must not end the first one by it. An agent or
            a representative may not dispose of the claim (see rules.disposing_problems).
    """
    complaint = own_complaint(submission)
    for problem in barred(submission, on=statutory_day(at)):
        raise Refused(problem.message_zh, problem.message_en)
    if Repeat.objects.filter(submission=submission).exists():
        raise Refused(
            "这件投诉是凭先前的回执办理的，请用那个回执撤回。",
            "This complaint is handled under an earlier receipt. Withdraw it with that one.",
        )
    if complaint is None or complaint.case is None:
        raise Refused("这里没有投诉可以撤回。", "There is no complaint to withdraw.")
    evidence = _who_withdraws(submission)  # the person's own words stay apart from the case's data
    data = {"withdrawal_text": evidence, "is_settled": False}
    procedures.send_message(complaint.case, representing.WITHDRAWN, data, by=by, at=at)
    Message.objects.create(
        submission=submission, kind=Message.WITHDRAWN, text=reason.replace("\x00", "").strip(), at=at
    )


def _who_withdraws(submission: Submission) -> str:
    who, ground = ("代理人", "，有特别授权") if representing.side_of(submission).has_agent else ("投诉人", "")
    return f"{who}凭回执号和查询码在网上撤回{ground}"


def acts_for_others(submission: Submission) -> bool:
    """Say whether the holder of the receipt acts for others: as an agent, or as a representative."""
    side = representing.side_of(submission)
    return side.has_agent or side.is_joint


def barred(submission: Submission, *, on: date) -> list[Problem]:
    """Return why the holder of the receipt may not withdraw for those represented; empty where nothing bars it."""
    return rules.disposing_problems(representing.side_of(submission), on=on)


def papers_open(submission: Submission) -> list[codes.Paper]:
    """Return which papers of who stands for whom may still be handed in; none where somebody complains alone."""
    side = representing.side_of(submission)
    papers = [codes.Paper.AUTHORISATION, codes.Paper.AGENT_ID] if side.has_agent else []
    papers += [codes.Paper.ELECTION] if side.is_joint else []
    return [*papers, codes.Paper.CONSENT] if papers else []


def tell_identity(submission: Submission, *, by: Officer | None, at: datetime) -> None:
    """Tell a case that waits for proof of identity that something was handed in."""
    complaint = own_complaint(submission)
    if complaint is not None and complaint.case is not None and _waits(complaint, IDENTITY_SUPPLIED):
        procedures.send_message(complaint.case, IDENTITY_SUPPLIED, {}, by=by, at=at)


def _waits(complaint: Complaint, message: str) -> bool:
    case = complaint.case
    return case is not None and case.waits.filter(kind="message", message=message).exists()
