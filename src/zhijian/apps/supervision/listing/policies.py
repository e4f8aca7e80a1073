"""May this firm be put on a list, or taken off it, here and now? `check_*` raises, with words in both languages."""

from datetime import date
from typing import Any

from zhijian.apps.supervision.listing import rules, words
from zhijian.apps.supervision.listing.models import Act, ListingMatter
from zhijian.engines.facts import queries as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.publicity import is_removed
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.registers.declared import queries as registers
from zhijian.engines.registers.public_records import everything_of, registered
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import is_above
from zhijian.standards.parameters import NoValueInForce
from zhijian.standards.uscc import InvalidCode, UnifiedSocialCreditCode


def check_code(uscc: str) -> str:
    """Return the code as it is written, or refuse one that is none, with what is wrong with it."""
    try:
        return UnifiedSocialCreditCode.parse(uscc).value
    except InvalidCode as wrong:
        first = wrong.problems[0]
        raise ProcedureRefused(first.message_zh, first.message_en) from None


def check_firm(uscc: str, name: str, subject_kind: str) -> tuple[str, str]:
    """Return the code and the name, or refuse a code that is none, a firm without a name, a kind that is none."""
    code = check_code(uscc)
    plain = name.replace("\x00", "").strip()
    if len(plain) < 2 or subject_kind not in set(rules.Subject):
        raise ProcedureRefused(
            "决定书要载明名称：请写企业名称，并选明是企业还是个体工商户。",
            "The decision shows the name: give it, and say whether it is an enterprise or an individual business.",
        )
    return code, plain[:200]


def check_ground(ground: str, *, subject_kind: str, arose_on: date, on: date) -> None:
    """Refuse a ground that the text in force on its day does not know for such a subject, or a day to come."""
    if arose_on > on:
        raise ProcedureRefused(
            f"事由形成的日子{arose_on}还没有到，期限没有届满，不能提出列入。",
            f"The ground arises on {arose_on}, which is still to come; its period has not ended.",
        )
    try:
        known = rules.grounds(subject_kind, on=arose_on)
        rules.listing_due_on(arose_on)
    except NoValueInForce:
        known = ()
    if ground not in known:
        zh, en = words.ground_words(ground) if ground in set(rules.Ground) else (ground, ground)
        raise ProcedureRefused(
            f"按{arose_on}施行的规定，“{zh}”不是对这类主体列入的事由。企业信息弄虚作假的，按《企业信息公示暂行条例》第十八条处理。",
            f"Under the text in force on {arose_on}, '{en}' is no ground to list such a subject.",
        )


def check_listable(uscc: str, ground: str, *, arose_on: date) -> None:
    """Refuse to list who is deregistered, or for a report who owes none: set up in the year of filing, or revoked.

    Who is not on the register that is served is not barred: the officer who proposes answers for what the file says.
    """
    record = registered(uscc)
    if record is None:
        return
    why = rules.unlistable_because(
        ground, status=record.status_code, registered_on=record.registered_on, arose_on=arose_on
    )
    if why == "gone":
        raise ProcedureRefused(
            "这户已经注销，主体不再存在，不能列入经营异常名录。请核对代码。",
            "The entity is deregistered and exists no more: it cannot be listed. Check the code.",
        )
    if why == "owed_nothing":
        raise ProcedureRefused(
            f"这户不负有报送{arose_on.year - 1}年度报告的义务：当年登记的从下一年起报送，已吊销的不再报送。"
            "（《企业信息公示暂行条例》第八条）",
            f"The entity owed no report on {arose_on.year - 1}: who is set up in a year reports from the next one on, and who "
            "was revoked reports no more.",
        )


def check_not_dormant(uscc: str, ground: str, *, arose_on: date) -> None:
    """Refuse to list a firm as unreachable at its premises for a day on which it was dormant: it is served elsewhere.

    The annual report stays due while a firm is dormant, and so do all other grounds.
    """
    if ground != rules.Ground.UNREACHABLE:
        return
    for one in registers.holding("dormancies", on=arose_on, uscc=uscc):
        address = one.snapshot()["service_address"]
        raise ProcedureRefused(
            f"这户{arose_on}处于备案的歇业期（{one.key}），可以用法律文书送达地址代替住所，不能以住所无法联系列入。"
            f"请按送达地址联系：{address}。（《市场主体登记管理条例》第三十条）",
            f"The firm was dormant on {arose_on} ({one.key}) and is served at another address: {address}. "
            "It cannot be listed as unreachable at its premises.",
        )


def standing_listing(uscc: str, ground: str, *, on: date) -> Fact | None:
    """Return the newest listing of a firm for a ground that no removal ended by a day; None where there is none."""
    known = facts.facts_of(uscc, on=on, public_only=False)
    return next(
        (
            one
            for one in known
            if one.kind == "abnormal_list.listed"
            and one.payload.get("ground_code") == ground
            and not is_removed(one, known, on=on)
        ),
        None,
    )


def check_not_listed(uscc: str, ground: str, *, on: date) -> None:
    """Refuse to list a firm twice for one ground."""
    if standing_listing(uscc, ground, on=on) is not None:
        raise ProcedureRefused(
            "这户已经因同一事由列在经营异常名录，不能重复列入。", "The firm is on the list for this ground already."
        )  # fmt: skip


def check_listed(uscc: str, ground: str, *, authority: str, on: date) -> Fact:
    """Return the listing that is to end, or refuse: not listed, or listed by another authority."""
    listing = standing_listing(uscc, ground, on=on)
    if listing is None:
        raise ProcedureRefused(
            "这户现在没有因这一事由列在经营异常名录，没有可以移出的。",
            "The firm is not on the list for this ground: there is nothing to take it off.",
        )
    decided_by = str(listing.payload.get("authority") or "")
    if decided_by != authority:
        raise ProcedureRefused(
            f"这一条由{decided_by}列入，由它决定移出。", f"{decided_by} listed the firm and decides on its removal."
        )  # fmt: skip
    return listing


def check_not_pending(uscc: str, act: Act, ground: str, penalty_no: str = "") -> None:
    """Refuse a second case of the same kind while the first is open."""
    found = ListingMatter.objects.filter(
        uscc=uscc, act=act, ground_code=ground, penalty_no=penalty_no, outcome=""
    ).select_related("case")
    first = found.first()
    if first is not None:
        raise ProcedureRefused(
            f"已有案件{first.case.number}在办，办结后再提。", f"Case {first.case.number} about it is open; wait for its end."
        )  # fmt: skip


def penalty_of(uscc: str, decision_no: str, *, on: date) -> Any:
    """Return the standing penalty of a firm with a decision number, from our log or delivered, or refuse."""
    for one in everything_of(uscc, on=on):
        if one.kind == "penalty.decided" and one.payload.get("decision_no") == decision_no:
            return one
    raise ProcedureRefused(
        "没有找到这户的这份处罚决定。列入严重违法失信名单要以处罚决定为依据，请核对文号。",
        "No such penalty of this firm is on record. A serious listing rests on a penalty decision; check its number.",
    )


def check_penalty_authority(penalty: Any, *, unit: str) -> None:
    """Refuse a serious listing by another authority than the one that decided the penalty: it decides both (article 13)."""
    decided_by = str(penalty.payload.get("authority") or "")
    if decided_by != unit:
        raise ProcedureRefused(
            f"这份处罚由{decided_by or '没有写明的机关'}作出，是否列入由它一并决定（《市场监督管理严重违法失信名单管理办法》第十三条）。",
            "The authority that decided the penalty decides on the listing with it (article 13 of the Measures).",
        )


def check_has_superior(unit: Organisation) -> None:
    """Refuse a decision that waits for the next level where none is set: nobody could consent to it."""
    if unit.parent is None:
        raise ProcedureRefused(
            f"列入要经上一级同意，还没有登记{unit}的上级单位；请管理人员先补上。",
            f"The next level must consent, and no unit is set above {unit.name_en or unit}; have it set first.",
        )


def check_of_superior(officer: Officer | None, unit: Organisation) -> None:
    """Refuse the consent of anybody but an officer of a unit above the one that decided (article 22 of the Measures)."""
    above = officer.organisation if officer is not None else None
    if above is None or not is_above(above, unit):
        raise ProcedureRefused(
            "上一级的意见由上级单位的负责人登记，本单位的人不能代为登记（《市场监督管理严重违法失信名单管理办法》第二十二条）。",
            "The next level's word is recorded by a leader of a unit above, never by the unit that decided (article 22).",
        )


def check_penalty_unused(uscc: str, penalty_no: str) -> None:
    """Refuse to list a firm twice on one penalty: the three years would count anew."""
    found = ListingMatter.objects.filter(
        uscc=uscc, act=Act.LIST_SERIOUS, penalty_no=penalty_no, outcome="listed"
    ).select_related("case")
    first = found.first()
    if first is not None:
        raise ProcedureRefused(
            f"这份处罚决定已由案件{first.case.number}列入，不能凭同一份决定再列一次。",
            f"Case {first.case.number} listed the firm on this penalty already; one decision lists once.",
        )


__all__ = [
    "check_code",
    "check_firm",
    "check_ground",
    "check_has_superior",
    "check_listable",
    "check_listed",
    "check_not_listed",
    "check_not_pending",
    "check_of_superior",
    "check_penalty_authority",
    "check_penalty_unused",
    "penalty_of",
    "standing_listing",
]
