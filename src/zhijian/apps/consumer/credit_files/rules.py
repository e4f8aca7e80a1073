"""What the law says about items of a credit file: when one may be repaired, and what may follow from one. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhijian.standards import parameters
from zhijian.standards.calendar import add_months, add_years
from zhijian.standards.citation import rule

REPAIR_MONTHS = parameters.load("credit/penalty_repair_months")
EARLY_YEARS = parameters.load("credit/serious_list_early_removal_years")
COMPLAINT_MONTHS = parameters.load("consumer/complaint_in_file_months")

NEVER_EARLY = frozenset(
    {"suspension", "restriction", "downgrade", "permit_revoked", "licence_revoked", "closure", "ban"}
)
SAFETY_FIELDS = frozenset(
    {"食品安全", "药品器械", "特种设备", "food", "drug", "equipment", "special_equipment"}
)


@dataclass(frozen=True)
class Verdict:
    """Whether an item may be repaired: open, later (from `earliest_on`), or never; and why, by which article."""

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
    months = REPAIR_MONTHS.on(on)
    field = payload.get("field") or payload.get("field_code")
    earliest = add_months(
        published_on, months["food_drug_equipment" if field in SAFETY_FIELDS else "general"]
    )
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


@rule(cites="《市场监督管理投诉信息公示暂行规则》")
def complaint_shown_until(published_on: date) -> date:
    """Return the last day on which a published complaint stands in the file; it leaves by itself.

    ASSUMPTION: the months are a starting value of this project until the Rules' own figure was read.
    """
    return add_months(published_on, COMPLAINT_MONTHS.on(published_on))


@rule(cites="《市场监督管理信用修复管理办法》第五条至第七条")
def repair(
    kind: str,
    payload: Mapping[str, Any],
    *,
    occurred_on: date,
    published_on: date,
    on: date,
    others: Iterable[tuple[str, date, Mapping[str, Any]]],
) -> Verdict:
    """Say whether an item of a kind may be repaired; `others` are the firm's further standing facts (kind, day, payload).

    Only what the repair measures name can be repaired. A complaint that was published, a promise, a filing cannot:
    they can be objected to where they are wrong.
    """
    further = list(others)
    if kind == "abnormal_list.listed":
        return abnormal_repair(payload)
    if kind == "serious_list.listed":
        heavier = any(k == "penalty.decided" and day > occurred_on and set(p.get("types") or ()) & NEVER_EARLY
                      for k, day, p in further)  # fmt: skip
        return serious_repair(payload, listed_on=occurred_on, on=on, punished_again=heavier)
    if kind == "penalty.decided":
        again = any(
            k == kind
            and day >= occurred_on
            and p.get("decision_no") != payload.get("decision_no")
            and p.get("violation")
            and p.get("violation") == payload.get("violation")
            for k, day, p in further
        )
        is_listed = any(k in ("abnormal_list.listed", "serious_list.listed") for k, _, _ in further)
        return penalty_repair(
            payload, published_on=published_on, on=on, violated_again=again, is_listed=is_listed
        )
    return Verdict(
        "never",
        "这一类记录不属于信用修复的范围；内容有错的，可以提出异议。",
        "This kind of record is not among those that can be repaired. If it is wrong, object to it.",
        "《市场监督管理信用修复管理办法》第五条至第七条",
    )


@dataclass(frozen=True)
class Measure:
    """One thing that the law lets follow from a standing item."""

    words_zh: str
    words_en: str
    article: str


@rule(cites="《市场监督管理严重违法失信名单管理办法》第十五条、国办发〔2020〕49号")
def measures(items: Iterable[tuple[str, Mapping[str, Any]]], *, on: date) -> list[Measure]:
    """Return what may follow from standing items (kind, payload): nothing but what a text names.

    Measures hang on the serious list and on a restriction in a penalty itself. A complaint, a broken promise or the
    internal class carries none.
    """
    found: list[Measure] = []
    for kind, payload in items:
        until = payload.get("restricted_until")
        if kind == "penalty.decided" and until and date.fromisoformat(until) >= on:
            found.append(
                Measure(f"市场禁入或限制从业：到{until}止，以处罚决定写明的为限", f"Barred from the business until {until}, as far as the decision says",
                        "处罚决定所依据的法律；《市场监督管理行政处罚信息公示规定》第十三条")
            )  # fmt: skip
        if kind == "serious_list.listed":
            found += _ON_THE_SERIOUS_LIST
    return list(dict.fromkeys(found))


_LISTED = "《市场监督管理严重违法失信名单管理办法》第十五条"
_ON_THE_SERIOUS_LIST = (
    Measure("审查行政许可、资质、委托承担政府采购和招标投标时作为考量因素", "Considered in licensing, qualification, procurement and tenders", _LISTED),
    Measure("列为重点监管对象，提高检查频次，依法严格监管", "Under priority supervision, checked more often", _LISTED),
    Measure("不适用告知承诺制", "No licensing by commitment", _LISTED),
    Measure("不予授予市场监督管理部门荣誉称号等表彰奖励", "No honours of market regulators", _LISTED),
)  # fmt: skip
