"""What the service steps of the two procedures do: the day of acceptance, and the decision carried out on the facts.

The decision itself is a fact of the procedure. What it does to the item is done where the item lies: a fact of the log is
corrected, withdrawn or ended there; a delivered one is taken into the log first, so that every page stops showing it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from zhijian.apps.consumer.credit_files import queries
from zhijian.apps.consumer.credit_files.models import FileMatter
from zhijian.apps.consumer.credit_files.policies import check_authority
from zhijian.engines.facts import queries as log
from zhijian.engines.facts import repair
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.errors import FactProblem
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer
from zhijian.standards import personal_data
from zhijian.standards.calendar import statutory_day

ENDED_BY = {
    "penalty.decided": "penalty.repaired",
    "abnormal_list.listed": "abnormal_list.removed",
    "serious_list.listed": "serious_list.removed",
}

CORRECTABLE = frozenset({"violation", "content", "ground", "decision_no", "summary", "outcome"})
"""Texts of an item that a decision may put right. Who decided is none of them: it says whose the item is."""


def take_in(case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime) -> dict[str, Any]:
    """Keep the day of acceptance, from which the period of the decision runs."""
    return {"accepted_on": statutory_day(at).isoformat()}


def decide_objection(
    case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime
) -> dict[str, Any]:
    """Withdraw or correct the item where the objection was right; otherwise leave it.

    Raises:
        OtherAuthority: another authority than the case's unit decided the item.
        ProcedureRefused: the correction names a field that the item has not; the item was withdrawn meanwhile.
    """
    matter = FileMatter.objects.select_for_update().get(case=case)
    outcome = str(data.get("outcome", ""))
    if outcome in ("withdraw", "correct"):
        _check_ours(matter)
    reason = _reason("异议", case)
    if outcome == "withdraw":
        facts.withdraw(_in_log(matter, at=at), reason=reason, by=_signed(case), at=at)
    elif outcome == "correct":
        _correct(matter, data, reason=reason, at=at)
    _close(matter, outcome, at)
    return {"carried_out": outcome in ("withdraw", "correct")}


def decide_repair(case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime) -> dict[str, Any]:
    """End the item's publicity where repair was granted, by the fact that ends this kind.

    Raises:
        OtherAuthority: another authority than the case's unit decided the item.
        ProcedureRefused: the check did not find what the law asks for, or something stands in the way since.
    """
    matter = FileMatter.objects.select_for_update().get(case=case)
    outcome = str(data.get("outcome", ""))
    if outcome == "grant":
        _check_ours(matter)
        _check_found(matter, data)
        _check_nothing_since(matter, on=statutory_day(at))
        _end(matter, reason=_reason("修复", case), at=at)
    _close(matter, outcome, at)
    return {"carried_out": outcome == "grant"}


def _reason(what: str, case: Case) -> str:
    """Why a fact was changed, as everybody may read it in the log; what the leader wrote stays in the case."""
    return f"按{what}案件{case.number}的决定"


def _check_ours(matter: FileMatter) -> None:
    """Refuse where the item, as it was taken up and as it stands now, is not of the unit that decides the case."""
    unit = matter.case.organisation.name
    check_authority(str(matter.stood_as["payload"].get("authority") or ""), unit=unit)
    known = queries.stored(matter.source, matter.source_key)
    if known is not None:
        check_authority(str(known.payload.get("authority") or ""), unit=unit)


def _check_found(matter: FileMatter, data: Mapping[str, Any]) -> None:
    """Refuse a repair for which the check did not find duties done and, beyond the abnormal list, harm removed."""
    is_whole = data.get("duties_done") is True and (
        data.get("harm_removed") is True or matter.fact_kind == "abnormal_list.listed"
    )
    if not is_whole:
        raise ProcedureRefused(
            "核查没有写明义务已履行、危害后果已消除，不能予以修复；请决定不予修复，或者补充核查后重新申请。",
            "The check did not find duties performed and harm removed: a repair cannot be granted; refuse it, and let the firm ask anew.",
        )


def _check_nothing_since(matter: FileMatter, *, on: date) -> None:
    """Refuse a repair where a penalty or a listing came between the request and the decision."""
    stood, key = matter.stood_as, (matter.source, matter.source_key)
    occurred_on = date.fromisoformat(stood["occurred_on"])
    others = [
        (one.kind, one.occurred_on, one.payload)
        for one in log.facts_of(matter.uscc, on=on, public_only=False)
        if (one.source, str(one.source_key)) != key and (one.kind not in ENDED_BY or _stands(one, on))
    ]
    found = repair.repair(
        matter.fact_kind, stood["payload"], occurred_on=occurred_on, published_on=occurred_on, on=on, others=others
    )  # fmt: skip
    if found.code == "blocked":
        raise ProcedureRefused(
            f"不能予以修复：{found.reason_zh}依据：{found.article}。",
            f"It cannot be repaired: {found.reason_en} Basis: {found.article}.",
        )


def _stands(fact: Fact, on: date) -> bool:
    return log.publicity_of(fact, on=on).is_public


def _close(matter: FileMatter, outcome: str, at: datetime) -> None:
    matter.outcome, matter.decided_on = outcome, statutory_day(at)
    matter.save(update_fields=["outcome", "decided_on"])


def _in_log(matter: FileMatter, *, at: datetime) -> Fact:
    """Return the item's newest version in the log; a delivered one is taken in as it was delivered."""
    known = queries.stored(matter.source, matter.source_key)
    if known is not None and known.is_withdrawal:
        raise ProcedureRefused(
            "这一条已经另行撤回，没有可以更正或撤回的了；请决定维持，并告知企业。",
            "The item was withdrawn meanwhile: nothing is left to correct; reject the objection and tell the firm.",
        )
    if known is not None:
        return known
    stood = matter.stood_as
    try:
        return facts.record(
            matter.fact_kind,
            subject=matter.uscc,
            occurred_on=date.fromisoformat(stood["occurred_on"]),
            payload=stood["payload"],
            source=matter.source,
            source_key=matter.source_key,
            legal_basis=stood["legal_basis"],
            is_synthetic=stood["is_synthetic"],
            by=_signed(matter.case),
            at=at,
        )
    except FactProblem as problem:
        raise ProcedureRefused(
            f"这一条由其他系统交付，格式不完整，本平台不能代为更正，请转交数据来源单位。（{problem}）",
            "The item was delivered by another system in a form that cannot be corrected here; pass it to its source.",
        ) from None


def _correct(matter: FileMatter, data: Mapping[str, Any], *, reason: str, at: datetime) -> None:
    field, text = str(data.get("corrected_field") or ""), str(data.get("corrected_text") or "").strip()
    fact = _in_log(matter, at=at)
    if field not in CORRECTABLE or not isinstance(fact.payload.get(field), str) or not text:
        known = "、".join(name for name in fact.payload if name in CORRECTABLE)
        raise ProcedureRefused(
            f"更正要写明改哪一项、改成什么。这一条有：{known}。",
            f"A correction names the field and its new text. This item has: {known}.",
        )
    if personal_data.found_in(text):
        raise ProcedureRefused(
            f"改成的内容里有指向个人的信息（{personal_data.masked(text)}），公示前要去掉，请重写。",
            f"The new text points to a person ({personal_data.masked(text)}): what is published names nobody; write it anew.",
        )
    try:
        facts.correct(
            fact, payload={**fact.payload, field: text}, reason=reason, by=_signed(matter.case), at=at
        )
    except FactProblem as problem:
        raise ProcedureRefused(f"不能这样更正：{problem}", f"It cannot be corrected so: {problem}") from None


def _end(matter: FileMatter, *, reason: str, at: datetime) -> None:
    payload = matter.stood_as["payload"]
    kind = ENDED_BY[matter.fact_kind]
    key = "ground_code" if kind == "abnormal_list.removed" else "decision_no"
    if not payload.get(key):
        raise ProcedureRefused(
            "这一条没有决定书文号或列入事由，不能由本平台停止公示，请转交数据来源单位。",
            "The item names no decision or ground; pass it to the system that delivered it.",
        )
    facts.record(
        kind,
        subject=matter.uscc,
        occurred_on=statutory_day(at),
        payload={key: payload[key], "authority": matter.case.organisation.name, "reason": reason},
        source="credit_files",
        source_key=matter.case.number,
        is_synthetic=matter.stood_as["is_synthetic"],
        by=_signed(matter.case),
        at=at,
    )


def _signed(case: Case) -> str:
    """The program that carries the decision out; who decided stands in the case and in its fact."""
    return f"consumer/credit_files {case.number}"
