"""What the service steps of the three procedures do: proofs are checked, and a decision becomes a fact and a paper at once."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from zhijian.apps.supervision.listing import paperwork, policies, rules, words
from zhijian.apps.supervision.listing.models import ListingMatter
from zhijian.apps.supervision.listing.rules import Ground, SeriousCase, Subject
from zhijian.engines.documents.paper import sentence
from zhijian.engines.facts import services as facts
from zhijian.engines.procedures.errors import Incomplete, ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

SOURCE = "listing"
Data = Mapping[str, Any]
Given = dict[str, Any]


def _matter(case: Case) -> ListingMatter:
    found: ListingMatter = ListingMatter.objects.select_for_update().get(case=case)
    return found


def _day(data: Data, name: str) -> date | None:
    told = data.get(name)
    if not told:
        return None
    return told if isinstance(told, date) else date.fromisoformat(str(told))


def _close(matter: ListingMatter, outcome: str, on: date) -> None:
    matter.outcome, matter.decided_on = outcome, on
    matter.save(update_fields=["outcome", "decided_on", "decision_no"])


def record_check(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Refuse a ground "cannot be reached" without one whole proof; end the matter where the ground does not hold.

    Raises:
        Incomplete: what is missing of the proof.
    """
    matter = _matter(case)
    if data.get("outcome") != "grounded":
        _close(matter, "dropped", statutory_day(at))
        return {}
    if matter.ground_code == Ground.UNREACHABLE:
        missing = rules.unreachable_problem(
            str(data.get("proof") or "") or "none",
            visited_on=_day(data, "visited_on"),
            first_sent_on=_day(data, "first_sent_on"),
            second_sent_on=_day(data, "second_sent_on"),
            is_signed=data.get("is_signed") is True,
        )
        if not data.get("proof"):
            missing = "请选一种证明：实地核查加证明、住所不存在，或者两次专用信函。"
        if missing:
            en = "The proof that the firm cannot be reached is not whole: a visit with its day, or two unsigned letters 15 to 30 days apart."
            raise Incomplete(missing, en, [("proof", missing, en)])
    return {}


def record_listing(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Put the firm on the abnormal list: the paper and the public fact, in one transaction; or leave it off.

    Raises:
        ProcedureRefused: somebody listed it for this ground meanwhile.
    """
    matter, day = _matter(case), statutory_day(at)
    if data.get("outcome") != "list":
        _close(matter, "not_listed", day)
        return {}
    assert by is not None
    policies.check_listable(matter.uscc, matter.ground_code, arose_on=matter.arose_on)
    policies.check_not_dormant(matter.uscc, matter.ground_code, arose_on=matter.arose_on)
    policies.check_not_listed(matter.uscc, matter.ground_code, on=day)
    ground = words.ground_words(matter.ground_code)[0]
    paper = paperwork.issue("abnormal_listing", matter, {"ground": ground}, by=by, at=at)
    matter.decision_no = paper.number
    shown = {}
    if matter.subject_kind == Subject.INDIVIDUAL and matter.ground_code == Ground.ANNUAL_REPORT:
        shown = {"shown_until": rules.individual_shown_until(day).isoformat()}
    payload = {"ground_code": matter.ground_code, "ground": ground, "decision_no": paper.number, **shown}
    _record("abnormal_list.listed", matter, payload, on=day, at=at)
    _close(matter, "listed", day)
    return {"decision_no": paper.number}


def record_verification(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """From a verified name or premises the five days run; from an application for a report they ran already."""
    day = statutory_day(at)
    kept = _day(data, "counted_from") if data.get("runs_from_application") else None
    return {"counted_from": (kept or day).isoformat(), "verified_on": day.isoformat()}


def record_removal(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Take the firm off for the ground; publicity of the listing stops with the same fact.

    Raises:
        ProcedureRefused: the check did not find the ground cured; the firm left the list meanwhile.
    """
    matter, day = _matter(case), statutory_day(at)
    if data.get("outcome") != "remove":
        _close(matter, "kept", day)
        return {}
    assert by is not None
    if data.get("is_cured") != "cured":
        raise ProcedureRefused(
            "核实没有写明事由已经消除，不能移出；请决定不予移出，企业消除后可以随时再申请。",
            "The check did not find the ground cured: the firm cannot be taken off; keep it, and let it ask anew.",
        )
    policies.check_listed(matter.uscc, matter.ground_code, authority=case.organisation.name, on=day)
    ground = words.ground_words(matter.ground_code)[0]
    paper = paperwork.issue("abnormal_removal", matter, {"ground": ground}, by=by, at=at)
    matter.decision_no = paper.number
    payload = {"ground_code": matter.ground_code, "decision_no": paper.number, "reason": "列入事由已经消除"}
    _record("abnormal_list.removed", matter, payload, on=day, at=at)
    _close(matter, "removed", day)
    return {"decision_no": paper.number}


# ------------------------------------------------------------------------------------------------ serious list


def record_notice(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Issue the notice of the intended listing, with the right to a statement and a hearing.

    Raises:
        Incomplete: the day of service is still to come.
    """
    assert by is not None
    served = _day(data, "served_on")
    if served is None or served > statutory_day(at):
        zh, en = "送达日期不能晚于今天。", "The day of service cannot be later than today."
        raise Incomplete(zh, en, [("served_on", zh, en)])
    matter = _matter(case)
    matter.notified_on = served
    matter.save(update_fields=["notified_on"])
    paperwork.issue("serious_notice", matter, {"facts": sentence(str(data["facts"])), **_serious(matter)}, by=by, at=at)  # fmt: skip
    return {"notified_on": served.isoformat()}


def record_hearing(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Keep that the party was heard before anything was decided; the answer lies in the time line.

    Raises:
        Incomplete: "made no statement in time", while the party may still ask for a hearing.
    """
    matter, day = _matter(case), statutory_day(at)
    last = rules.hearing_asked_by(matter.notified_on) if matter.notified_on else None
    if data.get("outcome") == "no_statement" and last is not None and day <= last:
        zh = f"当事人可以在{last}以前（含当日）陈述申辩、要求听证，期限没有满，不能记为期满没有提出。"
        en = f"The party may make a statement or ask for a hearing until {last}; the term runs still."
        raise Incomplete(zh, en, [("outcome", zh, en)])
    return {"heard_on": day.isoformat()}


def record_serious_decision(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Hold a decision to list against the test of the Measures; say whether the next level must consent.

    Raises:
        ProcedureRefused: the test is not met (the words name what is missing), the penalty stands no more, or nobody is
            set above the unit to consent.
    """
    matter, day = _matter(case), statutory_day(at)
    if data.get("outcome") != "list":
        _close(matter, "not_listed", day)
        return {"next": "none", "decided_on": day.isoformat()}
    _check_rests(matter, day)
    missing = rules.serious_test(
        SeriousCase(
            matter.ground_code,
            matter.penalty_types,
            **{
                name: data.get(name) is True
                for name in ("fine_is_heavy", "is_bad_nature", "is_serious", "harms_society", "proves_no_intent", "refuses_while_able")
            },
        )
    )  # fmt: skip
    if missing:
        raise ProcedureRefused(
            f"不能列入：{''.join(missing)}", "It cannot be listed: the test of articles 2 and 5 to 12 of the Measures is not met."
        )  # fmt: skip
    upwards = rules.needs_consent(case.organisation.level, on=day)
    if upwards:
        policies.check_has_superior(case.organisation)
    return {"next": "consent" if upwards else "publish", "decided_on": day.isoformat()}


def record_consent(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Keep the word of the next level. ASSUMPTION: the firm is listed, and the clock runs, from the consent.

    Raises:
        ProcedureRefused: the word is of the unit that decided.
    """
    day = statutory_day(at)
    policies.check_of_superior(by, case.organisation)
    if data.get("outcome") != "agreed":
        _close(_matter(case), "not_agreed", day)
    return {"decided_on": day.isoformat()}


def record_serious_listing(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Publish the listing: the decision as a paper and the fact from which its three years run.

    Where the penalty was annulled since, or another case listed the firm on it, the case ends without a listing.
    """
    assert by is not None
    matter, day = _matter(case), _day(data, "decided_on") or statutory_day(at)
    try:
        _check_rests(matter, statutory_day(at))
    except ProcedureRefused:
        _close(matter, "not_listed", statutory_day(at))
        return {}
    told = _serious(matter)
    paper = paperwork.issue("serious_listing", matter, told, by=by, at=at)
    matter.decision_no = paper.number
    until = matter.restricted_until.isoformat() if matter.restricted_until else None
    payload = {
        "decision_no": paper.number,
        "ground": told["ground"],
        "ground_code": matter.ground_code,
        "restricted_until": until,
    }
    _record("serious_list.listed", matter, payload, on=day, at=at)
    _close(matter, "listed", day)
    return {"decision_no": paper.number}


def _check_rests(matter: ListingMatter, day: date) -> None:
    """A listing rests on its penalty, and one penalty lists once: both are asked again at every step that counts."""
    policies.penalty_of(matter.uscc, matter.penalty_no, on=day)
    policies.check_penalty_unused(matter.uscc, matter.penalty_no)


def _serious(matter: ListingMatter) -> dict[str, str]:
    family = rules.FAMILIES[matter.ground_code]
    return {
        "ground": family.zh,
        "penalty_no": matter.penalty_no,
        "article": f"{family.regulation}第{words.numeral(family.article)}条",
    }


def _record(kind: str, matter: ListingMatter, payload: dict[str, Any], *, on: date, at: datetime) -> None:
    facts.record(
        kind,
        subject=matter.uscc,
        occurred_on=on,
        payload={**payload, "authority": matter.case.organisation.name},
        source=SOURCE,
        source_key=matter.case.number,
        by=f"supervision/listing {matter.case.number}",
        at=at,
        is_synthetic=matter.case.is_synthetic,
    )
