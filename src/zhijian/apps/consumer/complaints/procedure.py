"""The two procedures: their drawings, and what their service tasks do with what an officer handed in.

A service task calls the verb of `services` or `reporting` in the transaction of the step, so that the law is checked
whatever the drawing says. What it returns becomes data of the case; no personal data ever do.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from zhijian.apps.consumer.complaints import (
    noticing,
    pages,
    policies,
    receiving,
    reporting,
    representing,
    rules,
    services,
)
from zhijian.apps.consumer.complaints.codes import ComplaintState
from zhijian.apps.consumer.complaints.entries import (
    Agreement,
    Called,
    Closing,
    Refusal,
    Session,
    Verification,
)
from zhijian.apps.consumer.complaints.models import Complaint, ReporterIdentity, ViolationReport
from zhijian.apps.consumer.complaints.rewards import services as rewards
from zhijian.engines.procedures import services as engine
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Organisation, Role
from zhijian.security.persons import is_same_person
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

FOLDER = Path(__file__).parent
MEDIATION, VERIFICATION = "consumer/complaint_mediation", "consumer/report_verification"
Data = Mapping[str, Any]
Given = dict[str, Any]


def _complaint(case: Case) -> Complaint:
    return Complaint.objects.select_related("organisation", "submission").get(number=case.number)


def _report(case: Case) -> ViolationReport:
    return ViolationReport.objects.select_related("organisation").get(number=case.number)


def _text(data: Data, name: str) -> str:
    return str(data.get(name) or "").strip()


def _day(data: Data, name: str) -> date:
    """Read a day of a form.

    Raises:
        Incomplete: it is missing or is no day.
    """
    try:
        return date.fromisoformat(_text(data, name)[:10])
    except ValueError:
        raise policies.Incomplete([Problem(name, "请填写日期。", "Give the day.")]) from None


def _yuan(data: Data, name: str) -> Decimal | None:
    return Decimal(_text(data, name)) if _text(data, name) else None


def _unit(data: Data, name: str) -> Organisation:
    """Read the unit that a form names by its code.

    Raises:
        Incomplete: there is none of that code.
    """
    found = Organisation.objects.filter(code=_text(data, name)).first()
    if found is None:
        raise policies.Incomplete([Problem(name, "没有这个代码的单位。", "No unit has this code.")])
    return found


def _actor(by: Officer | None) -> Officer:
    """Return the officer of a step that only a person takes."""
    assert by is not None, "this step is handed in by an officer"
    return by


# ------------------------------------------------------------------------------------------------------ complaints


def record_examination(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """After the examination: ask for proof of identity, dispatch, or pass on."""
    complaint, officer = _complaint(case), _actor(by)
    if data.get("outcome") == "ask_identity":
        return _ask_identity(complaint, data, by=officer, at=at)
    if data.get("outcome") == "transfer":
        target = _unit(data, "target")
        services.transfer(complaint, target=target, reason=_text(data, "transfer_reason"), by=officer, at=at)
        _move(case, target)
    return {}


def _ask_identity(complaint: Complaint, data: Data, *, by: Officer, at: datetime) -> Given:
    until = _day(data, "identity_until")
    items = _text(data, "identity_items") or _lacking(complaint, statutory_day(at))
    services.ask_identity(complaint, items=items, until=until, by=by, at=at)
    return {"identity_until": until}


def _lacking(complaint: Complaint, on: date) -> str:
    """Return what a notice asks for by itself: the papers that an agent or a joint complaint lacks."""
    return "".join(problem.message_zh for problem in representing.lacks(complaint, on=on))


def record_signing(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The target signs: complaint and case lie there now, and the clock of acceptance starts anew (J-7)."""
    target = _unit(data, "target")
    services.sign_for(_complaint(case), target=target, by=by, at=at)
    return {"unit_code": target.code, "competent_received_on": statutory_day(at)}


def _move(case: Case, target: Organisation) -> None:
    case.organisation, case.division_code = target, target.division_code
    case.save(update_fields=["organisation", "division_code"])


def record_identity(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The complainant answered the notice, through the status page or at the counter."""
    services.supply_identity(_complaint(case), note=_text(data, "identity_note"), by=by, at=at)
    return {}


def record_acceptance(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """After the decision: accept, refuse with its ground, or ask for proof of identity."""
    complaint, officer = _complaint(case), _actor(by)
    if data.get("outcome") == "ask_identity":
        return _ask_identity(complaint, data, by=officer, at=at)
    if data.get("outcome") == "refuse":
        refusal = Refusal(
            ground=_text(data, "ground"),
            reason=_text(data, "refusal_reason"),
            remedies_text=_text(data, "remedies_text"),
            document_facts=tuple(_text(data, "document_facts").splitlines()),
            citation=_text(data, "citation"),
        )
        services.refuse(complaint, refusal, by=officer, at=at)
        return {}
    papers_seen = bool(data.get("papers_seen"))
    services.accept(complaint, contact=_text(data, "contact"), papers_seen=papers_seen, by=officer, at=at)
    return {"accepted_on": statutory_day(at)}


def record_arrangement(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Both parties agree to mediation, or it cannot be."""
    if data.get("outcome") == "mediate":
        names = [name.strip() for name in _text(data, "mediators").replace("，", "、").split("、")]
        services.begin_mediation(
            _complaint(case),
            mode=_text(data, "mode"),
            mediators=[name for name in names if name],
            delegated_to=_text(data, "delegated_to"),
            called=_called(data),
            by=_actor(by),
            at=at,
        )
    return {}


def _called(data: Data) -> Called | None:
    """Read to which session the parties are called; None where no day is fixed yet."""
    if not _text(data, "session_on"):
        return None
    return Called(_day(data, "session_on"), _text(data, "session_time"), _text(data, "session_place"))


def record_mediation(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Keep the record of a session and what came of it; a clue opens a verification of its own (IN-2)."""
    complaint, officer, outcome = _complaint(case), _actor(by), _text(data, "outcome")
    session = Session(
        mode=_text(data, "mode"),
        held_on=_day(data, "held_on"),
        attended=tuple(data.get("attended") or ()),
        statement=_text(data, "statement"),
    )
    services.record_mediation(complaint, session, result=outcome, by=officer, at=at)
    if _text(data, "clue_text"):
        receiving.open_clue(complaint, clue_text=_text(data, "clue_text"), by=officer, at=at)
    result = {"clue_text": "", "agreed_yuan": None, "represented_consent": False}  # consent is to this alone
    return result | _OUTCOMES.get(outcome, _nothing)(case, complaint, data, officer, at)


def _agreed(case: Case, complaint: Complaint, data: Data, by: Officer, at: datetime) -> Given:
    agreement = Agreement(
        content=_text(data, "agreement"),
        amount_yuan=_yuan(data, "agreed_yuan"),
        was_on_site=data.get("mode") == "on_site",
        performed_at_once=bool(data.get("performed_at_once")),
        both_waive_document=bool(data.get("both_waive_document")),
        represented_consent=bool(data.get("represented_consent")),
    )
    services.agree(complaint, agreement, by=by, at=at)
    return {}


def _testing(case: Case, complaint: Complaint, data: Data, by: Officer, at: datetime) -> Given:
    starts_on = _day(data, "testing_from")
    services.begin_testing(
        complaint,
        body=_text(data, "testing_body"),
        agree_on_body=bool(data.get("agree_on_body")),
        cost_split=_text(data, "cost_split"),
        starts_on=starts_on,
        by=by,
        at=at,
    )
    for clock in case.clocks.filter(name=MEDIATION, stopped_on=None):
        engine.hold_clock(
            clock, name="testing", reason=_text(data, "testing_body"), started_on=starts_on, by=by, at=at
        )
    return {}


def _recusal(case: Case, complaint: Complaint, data: Data, by: Officer, at: datetime) -> Given:
    services.ask_recusal(
        complaint, asked_by=_text(data, "recusal_by"), reason=_text(data, "statement"), by=by, at=at
    )
    return {"recusal_asked_on": statutory_day(at)}


def _not_agreed(case: Case, complaint: Complaint, data: Data, by: Officer, at: datetime) -> Given:
    services.fail(complaint, statement=_text(data, "statement"), by=by, at=at)
    return {}


def _nothing(case: Case, complaint: Complaint, data: Data, by: Officer, at: datetime) -> Given:
    return {}


_OUTCOMES: dict[str, Callable[[Case, Complaint, Data, Officer, datetime], Given]] = {
    "agreed": _agreed,
    "testing": _testing,
    "recusal": _recusal,
    "not_agreed": _not_agreed,
}


def record_testing(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The result is there: the clock of mediation goes on after the last day of testing."""
    ended_on = _day(data, "testing_to")
    services.end_testing(
        _complaint(case), result=_text(data, "testing_result"), ended_on=ended_on, by=by, at=at
    )
    for clock in case.clocks.filter(name=MEDIATION, stopped_on=None):
        engine.release_clock(clock, name="testing", ended_on=ended_on, by=by, at=at)
    return {}


def record_recusal(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The recusal is decided; mediation goes on."""
    services.decide_recusal(
        _complaint(case),
        steps_aside=bool(data.get("steps_aside")),
        reason=_text(data, "recusal_reason"),
        mediator=_text(data, "new_mediator"),
        by=_actor(by),
        at=at,
    )
    return {}


def record_termination(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Mediation is ended on a ground; both parties are to be told. The report of the envelope goes on (IN-1)."""
    services.terminate(
        _complaint(case),
        ground=_text(data, "ground"),
        statement=_text(data, "termination_statement"),
        disagree_on_cost=bool(data.get("disagree_on_cost")),
        refusal_ground=_text(data, "refusal_ground"),
        by=by,
        at=at,
    )
    return {"terminated_on": statutory_day(at)}


def record_withdrawal(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The complainant takes it back, or both settled: mediation ends with T1 and the parties are told.

    Where no officer says that the consent of those represented was checked, an agent or representatives need the power
    to dispose.
    """
    complaint = _complaint(case)
    is_seen = by is not None and bool(data.get("represented_consent"))
    side = representing.side_of(complaint.submission)
    policies.check_none(rules.disposing_problems(side, on=statutory_day(at), all_consent=is_seen))
    words = _text(data, "withdrawal_text") or "投诉人通过办理进度页面撤回"
    is_settled = bool(data.get("is_settled"))
    if complaint.state != ComplaintState.MEDIATING:
        services.withdraw(complaint, evidence=words, is_settled=is_settled, by=by, at=at)
        complaint = _complaint(case)
    services.terminate(complaint, ground="T1", statement=words, by=by, at=at)
    return {"terminated_on": statutory_day(at)}


def record_termination_notice(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Both parties were told that mediation ended."""
    channels = list(data.get("notice_channels") or ())
    services.tell_termination(_complaint(case), channels=channels, by=_actor(by), at=at)
    return {}


def record_closing(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Close it: upheld or not, published or not."""
    closing = Closing(
        is_upheld=bool(data.get("is_upheld")),
        finding=_text(data, "finding"),
        wants_publication=bool(data.get("wants_publication")),
        summary=_text(data, "public_summary"),
    )
    services.close(_complaint(case), closing, by=_actor(by), at=at)
    return {}


# --------------------------------------------------------------------------------------------------------- reports


def record_triage(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """After triage: told who is competent, not handled again, merged, dispatched, or to be verified."""
    report, officer, outcome = _report(case), _actor(by), _text(data, "outcome")
    if outcome == "no_authority":
        reporting.tell_no_authority(
            report,
            competent=_text(data, "competent_body"),
            is_transferred=bool(data.get("is_transferred")),
            in_writing=bool(data.get("in_writing")),
            by=officer,
            at=at,
        )
    elif outcome == "repeated":
        reporting.note_repeat(report, earlier=_earlier(report, data).number, by=officer, at=at)
    elif outcome == "merge":
        _merge(report, _earlier(report, data), by=officer, at=at)
    elif outcome == "dispatch":
        target = _unit(data, "target")
        reporting.dispatch(report, target=target, reason=_text(data, "dispatch_reason"), by=officer, at=at)
        _move(case, target)
        day = statutory_day(at)
        return {"unit_code": target.code, "competent_received_on": day, "clock_started_on": day}
    return {}


def _earlier(report: ViolationReport, data: Data) -> ViolationReport:
    """Return the earlier report that the form names.

    Raises:
        Incomplete: there is none of that number with the same unit, or it is of another reporter or about another firm:
            only the same person's report about the same firm is not handled again (IN-5).
    """
    found = ViolationReport.objects.filter(
        number=_text(data, "earlier_report"), organisation=report.organisation
    ).exclude(pk=report.pk)
    earlier = found.first()
    if earlier is None:
        problem = Problem("earlier_report", "本单位没有这个编号的举报。", "No report of this unit has it.")
        raise policies.Incomplete([problem])
    if not _is_of_the_same(report, earlier):
        problem = Problem(
            "earlier_report",
            "那件举报不是同一举报人就同一经营者提出的，这件须单独核查。",
            "That report is not of the same person about the same firm; this one is verified by itself.",
        )
        raise policies.Incomplete([problem])
    return earlier


def _is_of_the_same(report: ViolationReport, earlier: ViolationReport) -> bool:
    """Whether one person, known by the mark, reported one firm in both. Anonymous reports have no mark."""
    marks = ReporterIdentity.objects.filter(report__in=(report, earlier)).values_list(
        "person_mark", flat=True
    )
    one_person = len(marks) == 2 and len(set(marks)) == 1 and "" not in marks
    codes = {report.respondent_code, earlier.respondent_code}
    one_name = report.respondent_name == earlier.respondent_name
    return one_person and ((len(codes) == 1 and "" not in codes) or one_name)


def _merge(report: ViolationReport, earlier: ViolationReport, *, by: Officer, at: datetime) -> None:
    """Tell the earlier report's case that there are new facts; its clock starts anew there (IN-5)."""
    reporting.merge(earlier, report, by=by, at=at)
    assert earlier.case is not None
    engine.send_message(
        earlier.case,
        "new_facts",
        {"clock_started_on": reporting.received_on(report).isoformat()},
        by=by,
        at=at,
    )


def begin_verification(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Take it up: 15 working days."""
    report = _report(case)
    is_discovery = bool(
        data.get("is_discovery")
    )  # a mediator may find a clue, and does not see what becomes of it
    reporting.begin_verification(report, by=None if is_discovery else by, at=at)
    return {"has_reporter": rewards.may_be_rewarded(report)}


def restart_clock(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """New facts were merged: verification counts from the last report."""
    return {"clock_started_on": reporting.clock_started_on(_report(case))}


def record_verification(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """A case is filed, or none, or more time is asked for."""
    report, officer, outcome = _report(case), _actor(by), _text(data, "outcome")
    tests = {
        name: bool(data.get(name))
        for name in ("has_evidence", "is_punishable", "is_ours", "is_within_limitation")
    }
    found = Verification(_text(data, "finding"), _text(data, "no_case_ground"), tests)
    if outcome == "ask_extension":
        if not _text(data, "extension_reason"):
            problem = Problem("extension_reason", "请写明延长的理由。", "Say why more time is needed.")
            raise policies.Incomplete([problem])
        return {}
    if outcome == "file":
        reporting.file_case(report, found, by=officer, at=at)
    else:
        reporting.decline_case(report, found, by=officer, at=at)
    return {"is_filed": outcome == "file", "decided_on": statutory_day(at)}


def record_extension(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The head of the authority extends verification once, or does not."""
    if not data.get("approves"):
        return {}
    report, officer = _report(case), _actor(by)
    asked = case.work_items.filter(outcome="ask_extension").order_by("-finished_at", "-pk").first()
    if asked is not None and asked.finished_by is not None and is_same_person(asked.finished_by, officer):
        raise policies.NotNow(
            "延长由申请人以外的负责人批准，需要时请上级单位负责人办理。",
            "Who asked for the extension does not decide it; let another leader, or one of the unit above.",
        )
    reporting.extend(report, reason=_text(data, "extension_reason"), by=officer, at=at)
    started_on = reporting.clock_started_on(report)
    for clock in case.clocks.filter(name=VERIFICATION, started_on=started_on, stopped_on=None):
        engine.extend_clock(clock, reason=_text(data, "extension_reason"), by=officer, at=at)
    return {}


def record_filing_notice(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """A named reporter was told whether a case was filed: earlier cases only."""
    reporting.tell_filing(_report(case), channel=_text(data, "told_channel"), by=_actor(by), at=at)
    return {}


def record_answer(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The reporter was answered as a special law orders."""
    reporting.answer(
        _report(case),
        channel=_text(data, "answer_channel"),
        text=_text(data, "answer_text"),
        in_writing=bool(data.get("answer_in_writing")),
        by=_actor(by),
        at=at,
    )
    return {}


def record_reward(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The case was concluded and a reward is considered, in a procedure of its own; or none applies, with the reason."""
    if data.get("outcome") == "reward":
        rewards.open_reward(
            _report(case),
            conclusion=_text(data, "conclusion"),
            concluded_on=_day(data, "concluded_on"),
            penalty_number=_text(data, "penalty_number"),
            by=_actor(by),
            at=at,
        )
    elif not _text(data, "no_reward_reason"):
        problem = Problem("no_reward_reason", "请写明不适用奖励的理由。", "Say why no reward applies.")
        raise policies.Incomplete([problem])
    return {}


_COMPLAINT_SERVICES = (
    record_examination, record_signing, record_identity, record_acceptance, record_arrangement, record_mediation,
    record_testing, record_recusal, record_termination, record_withdrawal, record_termination_notice, record_closing,
)  # fmt: skip
_REPORT_SERVICES = (
    record_triage, begin_verification, restart_clock, record_verification, record_extension, record_filing_notice,
    record_answer, record_reward,
)  # fmt: skip

COMPLAINT = Procedure(
    code=receiving.COMPLAINT,
    title_zh="投诉处理",
    title_en="Handling a complaint",
    drawing=FOLDER / "complaint.bpmn",
    decisions=FOLDER / "decisions.dmn",
    plan_ids=("S227",),
    may_join=policies.may_join_complaint,
    services={service.__name__: service for service in _COMPLAINT_SERVICES},
    panel=pages.complaint_panel,
    on_act=noticing.tell_of_act,
    viewers=frozenset({Role.INTAKE, Role.HANDLER, Role.MEDIATOR, Role.LEADER, Role.AUDITOR}),
    ends_early=False,
)
REPORT = Procedure(
    code=receiving.REPORT,
    title_zh="举报处理",
    title_en="Handling a report of a violation",
    drawing=FOLDER / "report.bpmn",
    plan_ids=("S227", "S228"),
    extended_by_drawing=frozenset({VERIFICATION}),
    may_join=policies.may_join_report,
    services={service.__name__: service for service in _REPORT_SERVICES},
    panel=pages.report_panel,
    on_act=noticing.tell_of_act,
    viewers=frozenset({Role.INTAKE, Role.HANDLER, Role.LEADER, Role.AUDITOR}),
    ends_early=False,
)
