"""What the service steps of the three procedures do. Whoever checks does not decide; each decision is a fact and a paper at once."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from zhijian.apps.supervision.listing.models import Act as ListAct
from zhijian.apps.supervision.listing.models import ListingMatter
from zhijian.apps.supervision.repair import paperwork, policies, rules
from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.engines.documents.paper import sentence
from zhijian.engines.facts import repair
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.errors import FactProblem
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures.errors import Incomplete, ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.public_records import public_record_of
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

SOURCE = "repair"
ENDED_BY = {"penalty.decided": "penalty.repaired", "serious_list.listed": "serious_list.removed"}
Data = Mapping[str, Any]
Given = dict[str, Any]


def _matter(case: Case) -> RepairMatter:
    found: RepairMatter = RepairMatter.objects.select_for_update().get(case=case)
    return found


def _day(data: Data, name: str) -> date | None:
    told = data.get(name)
    if not told:
        return None
    return told if isinstance(told, date) else date.fromisoformat(str(told))


def _close(matter: RepairMatter, outcome: str, on: date) -> None:
    matter.outcome, matter.decided_on = outcome, on
    matter.save(update_fields=["outcome", "decided_on", "decision_no"])


# ------------------------------------------------------------------------------------------------------- repair


def take_in(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Keep the day of acceptance, from which fifteen working days run."""
    return {"accepted_on": statutory_day(at).isoformat()}


def record_return(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """End a request that was not accepted; the firm may hand in another, whole one."""
    _close(_matter(case), "returned", statutory_day(at))
    return {"decided_on": statutory_day(at).isoformat()}


def record_proof(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Refuse a check on the spot without its day, or one to come.

    Raises:
        Incomplete: what is missing.
    """
    visited = _day(data, "visited_on")
    if data.get("way") == "on_site" and (visited is None or visited > statutory_day(at)):
        zh, en = (
            "实地核查要写明日期，不能晚于今天。",
            "A check on the spot needs its day, not later than today.",
        )
        raise Incomplete(zh, en, [("visited_on", zh, en)])
    return {}


def record_decision(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Grant: the fact that ends publicity and the paper in one transaction. Refuse: a paper with the reasons.

    Raises:
        ProcedureRefused: the check did not find duties done and harm removed, or something stands in the way since.
    """
    matter, day = _matter(case), statutory_day(at)
    assert by is not None
    reason = sentence(str(data["decision_reason"]))
    if data.get("outcome") != "grant":
        matter.decision_no = paperwork.issue(
            "repair_refused", matter, {"reason": reason}, by=by, at=at
        ).number
        _close(matter, "refused", day)
        return {"decided_on": day.isoformat()}
    if not (data.get("duties_done") is True and data.get("harm_removed") is True):
        raise ProcedureRefused(
            "核查没有写明义务已履行、危害后果已消除，不能准予；请决定不予修复，企业做到后可以再申请。",
            "The check did not find duties performed and harm removed: refuse the repair; the firm may ask again.",
        )
    _check_still_open(matter, on=day)
    matter.decision_no = paperwork.issue("repair_granted", matter, {"reason": reason}, by=by, at=at).number
    _end(matter, on=day, at=at)
    _close(matter, "granted", day)
    return {"decided_on": day.isoformat(), "decision_no": matter.decision_no}


def _check_still_open(matter: RepairMatter, *, on: date) -> None:
    """Hold the rule against the record once more: a penalty or a listing may have come since the application, here or delivered."""
    known = [one.fact for one in public_record_of(matter.uscc, on=on)]
    others = [one for one in known if (one.source, str(one.source_key)) != (matter.source, matter.source_key)]
    stood = matter.stood_as
    policies.check_open(
        repair.repair(
            matter.fact_kind,
            stood["payload"],
            occurred_on=date.fromisoformat(stood["occurred_on"]),
            published_on=date.fromisoformat(stood["published_on"]),
            on=on,
            others=[(one.kind, one.occurred_on, one.payload) for one in others],
        )
    )


def _end(matter: RepairMatter, *, on: date, at: datetime) -> None:
    payload, stood = matter.stood_as["payload"], matter.stood_as
    if not payload.get("decision_no"):
        raise ProcedureRefused(
            "这一条没有决定书文号，不能由本平台停止公示，请转交数据来源单位。",
            "The record names no decision; pass it to the system that delivered it.",
        )
    facts.record(
        ENDED_BY[matter.fact_kind],
        subject=matter.uscc,
        occurred_on=on,
        payload={
            "decision_no": payload["decision_no"],
            "authority": matter.case.organisation.name,
            "reason": f"按信用修复案件{matter.case.number}的决定",
            "regime": matter.regime,
            "decision_date": stood["occurred_on"],
            "published_date": stood["published_on"],
        },
        source=SOURCE,
        source_key=matter.case.number,
        by=_signed(matter.case),
        at=at,
        is_synthetic=bool(stood["is_synthetic"]),
    )


def record_told(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Refuse a day of telling that is still to come.

    Raises:
        Incomplete: it is.
    """
    told = _day(data, "told_on")
    if told is None or told > statutory_day(at):
        zh, en = "告知日期不能晚于今天。", "The day of telling cannot be later than today."
        raise Incomplete(zh, en, [("told_on", zh, en)])
    return {}


# --------------------------------------------------------------------------------------------------- revocation


def record_notice(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Issue the notice of the intended revocation, with the right to a statement.

    Raises:
        Incomplete: the day of service is still to come.
    """
    assert by is not None
    served = _day(data, "served_on")
    if served is None or served > statutory_day(at):
        zh, en = "送达日期不能晚于今天。", "The day of service cannot be later than today."
        raise Incomplete(zh, en, [("served_on", zh, en)])
    matter = _matter(case)
    paperwork.issue("revocation_notice", matter, {"facts": sentence(str(data["facts"])), "repair": _repair_of(matter).case.number}, by=by, at=at)  # fmt: skip
    return {"notified_on": served.isoformat()}


def record_answer(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Keep that the firm was heard before anything was decided."""
    return {"heard_on": statutory_day(at).isoformat()}


def record_revocation(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Take the end of publicity back and publish the record anew: its term, and the wait for a repair, count from today.

    Raises:
        ProcedureRefused: the repair is not in the log any more.
    """
    matter, day = _matter(case), statutory_day(at)
    if data.get("outcome") != "revoke":
        _close(matter, "kept", day)
        return {}
    assert by is not None
    first = _repair_of(matter)
    policies.check_granted(first)
    reason = f"申请材料弄虚作假，按案件{case.number}撤销修复"
    ended = _stored(SOURCE, first.case.number)
    if ended is None or ended.is_withdrawal:
        raise ProcedureRefused("没有找到这件修复的记录。", "The end of publicity is not on record.")
    facts.withdraw(ended, reason=reason, by=_signed(case), at=at)
    _publish_anew(matter, reason, day, at=at)
    matter.decision_no = paperwork.issue(
        "repair_revoked", matter, {"reason": sentence(str(data["decision_reason"])), "repair": first.case.number}, by=by, at=at
    ).number  # fmt: skip
    _close(matter, "revoked", day)
    return {"decision_no": matter.decision_no}


def _publish_anew(matter: RepairMatter, reason: str, day: date, *, at: datetime) -> None:
    """The listing counts as of today; the penalty as published today. The earlier version stays in the log."""
    anew, fact = rules.term_anew_from(day), _in_log(matter, at=at)
    if matter.fact_kind == "serious_list.listed":
        facts.correct(
            fact, payload=fact.payload, occurred_on=anew, reason=reason, by=_signed(matter.case), at=at
        )
        return
    payload = {**fact.payload, "published_on": anew.isoformat()}
    facts.correct(fact, payload=payload, reason=reason, by=_signed(matter.case), at=at)


def _repair_of(matter: RepairMatter) -> RepairMatter:
    assert matter.of is not None
    return matter.of


# --------------------------------------------------------------------------------------------------- withdrawal


def record_withdrawal(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Withdraw the record, and with a penalty the serious listing that rests on it; or publish the changed content.

    Raises:
        ProcedureRefused: a changed decision without its new content, or with kinds of penalty that there are not.
    """
    matter, day = _matter(case), statutory_day(at)
    if data.get("outcome") != "withdraw":
        _close(matter, "kept", day)
        return {}
    assert by is not None
    fact = _in_log(matter, at=at)
    reason = f"所依据的决定{data['event_words']}（{data['document']}），按案件{case.number}办理"
    if data.get("is_changed") is True:
        facts.correct(fact, payload=_changed(fact, data), reason=reason, by=_signed(case), at=at)
        outcome = "changed"
    else:
        facts.withdraw(fact, reason=reason, by=_signed(case), at=at)
        outcome = "withdrawn"
        if matter.fact_kind == "penalty.decided":
            _withdraw_listings(matter, reason, at=at)
    matter.decision_no = paperwork.issue(
        "publicity_withdrawn", matter, {"event": str(data["event_words"]), "document": str(data["document"]), "what": _WHAT[outcome]}, by=by, at=at
    ).number  # fmt: skip
    _close(matter, outcome, day)
    return {"decision_no": matter.decision_no}


_WHAT = {
    "withdrawn": "撤回相应的公示信息",
    "changed": "撤回原公示内容，并按变更后的内容重新公示，公示期限不重新计算",
}


def _changed(fact: Fact, data: Data) -> dict[str, Any]:
    content = str(data.get("changed_content") or "").strip()
    named = [
        word for word in str(data.get("changed_types") or "").replace("，", "、").split("、") if word.strip()
    ]
    unknown = [word for word in named if word.strip() not in rules.TYPES]
    is_penalty = fact.kind == "penalty.decided"
    if not content or unknown or (is_penalty and not named):
        known = "、".join(rules.TYPES)
        raise ProcedureRefused(
            f"变更的要写明变更后的内容；处罚还要写明变更后的处罚种类，用顿号隔开，可以写：{known}。",
            "A changed decision needs its new content and, for a penalty, its kinds as the list names them.",
        )
    if not is_penalty:
        return {**fact.payload, "ground": content}
    types = list(dict.fromkeys(rules.TYPES[word.strip()] for word in named))
    gone = {"fine_yuan"}
    if not set(types) - {"warning"} <= set(fact.payload.get("types") or ()):
        gone.add(
            "is_low_fine"
        )  # a review never makes it worse: a low fine that was not joined by another kind stays low
    if not set(types) & rules.RESTRICTING:
        gone.add("restricted_until")
    kept = {name: told for name, told in fact.payload.items() if name not in gone}
    return {**kept, "content": content, "types": types}


def _withdraw_listings(matter: RepairMatter, reason: str, *, at: datetime) -> None:
    """A listing rests on its penalty: when it falls, the listing is withdrawn with it (article 19)."""
    resting = ListingMatter.objects.filter(
        uscc=matter.uscc,
        act=ListAct.LIST_SERIOUS,
        penalty_no=matter.stood_as["payload"].get("decision_no") or "",
        outcome="listed",
    )
    for one in resting.exclude(penalty_no="").select_related("case"):
        listing = _stored("listing", one.case.number)
        if listing is not None and not listing.is_withdrawal:
            facts.withdraw(listing, reason=reason, by=_signed(matter.case), at=at)


# ------------------------------------------------------------------------------------------------------- the log


def _stored(source: str, source_key: str) -> Fact | None:
    """Return the newest version of a fact in the log."""
    found: Fact | None = (
        Fact.objects.filter(source=source, source_key=source_key).order_by("-revision").first()
    )
    return found


def _in_log(matter: RepairMatter, *, at: datetime) -> Fact:
    """Return the record's newest version in the log; a delivered one is taken in as it was delivered."""
    known = _stored(matter.source, matter.source_key)
    if known is not None and known.is_withdrawal:
        raise ProcedureRefused("这一条已经另行撤回。", "The record was withdrawn meanwhile.")
    if known is not None:
        return known
    stood = matter.stood_as
    payload = dict(stood["payload"])
    if matter.fact_kind == "penalty.decided":
        payload.setdefault("published_on", stood["published_on"])
    try:
        return facts.record(
            matter.fact_kind,
            subject=matter.uscc,
            occurred_on=date.fromisoformat(stood["occurred_on"]),
            payload=payload,
            source=matter.source,
            source_key=matter.source_key,
            legal_basis=stood["legal_basis"],
            is_synthetic=bool(stood["is_synthetic"]),
            by=_signed(matter.case),
            at=at,
        )
    except FactProblem as problem:
        raise ProcedureRefused(
            f"这一条由其他系统交付，格式不完整，请转交数据来源单位。（{problem}）",
            "The record was delivered in a form that cannot be changed here; pass it to its source.",
        ) from None


def _signed(case: Case) -> str:
    return f"supervision/repair {case.number}"
