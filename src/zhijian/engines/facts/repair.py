"""When a public record may be repaired, and when never: one rule for every application that has repairs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhijian.engines.facts.publicity import has_short_term
from zhijian.standards import parameters
from zhijian.standards.calendar import add_years
from zhijian.standards.citation import rule
from zhijian.standards.repair_terms import penalty_repairable_from

EARLY_YEARS = parameters.load("credit/serious_list_early_removal_years")

NEVER_EARLY = frozenset(
    {"suspension", "restriction", "downgrade", "permit_revoked", "licence_revoked", "closure", "ban"}
)
LISTS = frozenset({"abnormal_list.listed", "serious_list.listed"})
Other = tuple[str, date, Mapping[str, Any]]
"""Another standing fact of the same firm: its kind, its day, its payload."""


@dataclass(frozen=True)
class Verdict:
    """Whether an item may be repaired and why: open, later (from `earliest_on`), blocked now, unneeded, or never."""

    code: str
    reason_zh: str
    reason_en: str
    article: str
    earliest_on: date | None = None

    @property
    def may_ask(self) -> bool:
        return self.code == "open"


_PENALTY = "《市场监督管理行政处罚信息公示规定》第十四条、《市场监督管理信用修复管理办法》第六条"
_SERIOUS = "《市场监督管理严重违法失信名单管理办法》第十六条"
_ABNORMAL = "《企业经营异常名录管理办法》（2025年修订）第十一条至第十四条"


@rule(cites=_PENALTY)
def penalty_repair(
    payload: Mapping[str, Any],
    *,
    published_on: date,
    on: date,
    violated_again: bool = False,
    is_listed: bool = False,
) -> Verdict:
    """Say whether publicity of a penalty may stop early, from when, and why not.

    Never where business was stopped or restricted, a licence lowered or revoked. Otherwise from six months after
    publication, twelve in food, drugs and special equipment (by the norm violated), unless the same kind of violation
    was punished again or the firm stands on a list.

    ASSUMPTION: a later penalty for the same violation stands in the way even while it may be appealed against.
    """
    if set(payload.get("types") or ()) & NEVER_EARLY:
        return Verdict(
            "never",
            "责令停产停业、限制从业、降低资质、吊销许可等较重处罚不能提前停止公示，到期自动离开档案。",
            "A penalty that stopped or restricted business, or took a licence, cannot leave publicity early.",
            _PENALTY,
        )
    if has_short_term(payload):
        return Verdict("unneeded", "通报批评或者较低数额罚款公示三个月，期满自动停止公示，不必申请。",
                       "Criticism or a low fine is shown for three months and leaves by itself; nothing to ask for.", _PENALTY)  # fmt: skip
    field = payload.get("field") or payload.get("field_code")
    earliest = penalty_repairable_from(published_on, field, on=on)
    if violated_again:
        return Verdict("blocked", "之后又因同类违法行为受到处罚，现在不能修复。",
                       "The same kind of violation was punished again since; it cannot be repaired now.", _PENALTY)  # fmt: skip
    if is_listed:
        return Verdict("blocked", "尚在经营异常名录或者严重违法失信名单中，移出后再申请。",
                       "The firm stands on a list; ask again once it was taken off.", _PENALTY)  # fmt: skip
    if on < earliest:
        return Verdict("later", f"公示满期后可以申请：{earliest}起。", f"May be asked for from {earliest}.",
                       _PENALTY, earliest)  # fmt: skip
    return Verdict("open", "已到可以申请修复的时间：须已履行处罚决定、消除危害后果。",
                   "May be asked for now: the penalty must be performed and the harm removed.", _PENALTY, earliest)  # fmt: skip


@rule(cites=_SERIOUS)
def serious_repair(
    payload: Mapping[str, Any], *, listed_on: date, on: date, punished_again: bool = False
) -> Verdict:
    """Say whether a firm may ask to leave the serious list early: after a year, no legal measure running."""
    earliest = add_years(listed_on, EARLY_YEARS.on(listed_on))
    until = payload.get("restricted_until")
    if until and date.fromisoformat(until) >= on:
        return Verdict("blocked", f"依法采取的限制措施到{until}才满，现在不能提前移出。",
                       f"A legal restriction runs until {until}; it cannot leave early now.", _SERIOUS)  # fmt: skip
    if punished_again:
        return Verdict("blocked", "列入后又受到较重行政处罚，不能提前移出。",
                       "A heavier penalty came after the listing; it cannot leave early.", _SERIOUS)  # fmt: skip
    if on < earliest:
        return Verdict("later", f"列入满一年后可以申请：{earliest}起。", f"May be asked for from {earliest}.",
                       _SERIOUS, earliest)  # fmt: skip
    return Verdict("open", "列入已满一年，可以申请提前移出：须已履行义务、消除危害后果。",
                   "Listed for a year: early removal may be asked for once duties are done.", _SERIOUS, earliest)  # fmt: skip


@rule(cites=_ABNORMAL)
def abnormal_repair(payload: Mapping[str, Any]) -> Verdict:
    """Say that a listing of abnormal operation leaves once its ground is cured, whenever that is."""
    return Verdict("open", "列入事由消除后随时可以申请移出，没有等待期。",
                   "It may be asked for at any time once the ground is cured.", _ABNORMAL)  # fmt: skip


@rule(cites="《市场监督管理行政处罚信息公示规定》第十四条")
def violated_again(payload: Mapping[str, Any], occurred_on: date, others: Iterable[Other]) -> bool:
    """Say whether another standing penalty is for the same kind of violation, and not earlier."""
    return any(
        kind == "penalty.decided"
        and day >= occurred_on
        and told.get("decision_no") != payload.get("decision_no")
        and told.get("violation")
        and told.get("violation") == payload.get("violation")
        for kind, day, told in others
    )


@rule(cites=_SERIOUS)
def heavier_since(listed_on: date, others: Iterable[Other]) -> bool:
    """Say whether a penalty that touched business or licence came after a listing."""
    return any(
        kind == "penalty.decided" and day > listed_on and set(told.get("types") or ()) & NEVER_EARLY
        for kind, day, told in others
    )


@rule(cites="《市场监督管理信用修复管理办法》第五条至第七条")
def repair(
    kind: str,
    payload: Mapping[str, Any],
    *,
    occurred_on: date,
    published_on: date,
    on: date,
    others: Iterable[Other],
) -> Verdict:
    """Say whether an item of a kind may be repaired; `others` are the firm's further standing facts (kind, day, payload).

    Only what the repair measures name can be repaired. A complaint that was published, a promise, a filing cannot:
    they can be objected to where they are wrong.
    """
    further = list(others)
    if kind == "abnormal_list.listed":
        return abnormal_repair(payload)
    if kind == "serious_list.listed":
        return serious_repair(
            payload, listed_on=occurred_on, on=on, punished_again=heavier_since(occurred_on, further)
        )
    if kind == "penalty.decided":
        again = violated_again(payload, occurred_on, further)
        is_listed = any(k in LISTS for k, _, _ in further)
        return penalty_repair(
            payload, published_on=published_on, on=on, violated_again=again, is_listed=is_listed
        )
    return Verdict(
        "never",
        "这一类记录不属于信用修复的范围；内容有错的，可以提出异议。",
        "This kind of record is not among those that can be repaired. If it is wrong, object to it.",
        "《市场监督管理信用修复管理办法》第五条至第七条",
    )
