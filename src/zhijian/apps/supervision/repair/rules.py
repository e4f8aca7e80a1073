"""The law of repair beside the one rule of what may be repaired: its clocks, its two regimes, withdrawal, the term anew. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhijian.apps.supervision.listing import rules as listing
from zhijian.standards import parameters
from zhijian.standards.calendar import add_working_days
from zhijian.standards.citation import rule

CLOCKS = parameters.load("credit/penalty_repair_working_days")
TOLD = parameters.load("credit/repair_told_working_days")

_MEASURES = "《市场监督管理信用修复管理办法》"
_SERIOUS = "《市场监督管理严重违法失信名单管理办法》"
_CHINA = "《信用修复管理办法》（国家发展改革委令第36号）"


class Regime(StrEnum):
    """Under which text a record is shown and repaired. Two systems, two regimes: neither shortens the other."""

    PUBLICITY_SYSTEM = "samr_2021"  # the national publicity system: terms from publication
    CREDIT_CHINA = "ndrc_36"  # the Credit China platforms: terms from the determination


@dataclass(frozen=True)
class RepairClock:
    """By when an application is accepted, decided, and the end of publicity carried out and told."""

    accept_by: date
    decide_by: date | None
    told_by: date | None


@rule(cites=(_MEASURES, f"{_SERIOUS}第十七条、第十八条"))
def repair_clock(
    applied_on: date, *, accepted_on: date | None = None, decided_on: date | None = None
) -> RepairClock:
    """Return the days of a repair: 2 working days to accept, 15 to decide, 3 to end publicity and tell the firm."""

    def after(day: date | None, days: int) -> date | None:
        return add_working_days(day, days, provisional=True) if day else None

    accept_by = add_working_days(applied_on, CLOCKS.on(applied_on)["accept"], provisional=True)
    decide_by = after(accepted_on, CLOCKS.on(accepted_on)["decide"]) if accepted_on else None
    return RepairClock(accept_by, decide_by, after(decided_on, TOLD.on(decided_on)) if decided_on else None)


@rule(cites=f"{_CHINA}第八条至第十一条")
def credit_china_level(types: Collection[str], *, is_low_fine: bool, procedure: str = "ordinary") -> str:
    """Return the level of a penalty on the Credit China platforms: minor, ordinary or serious; the gravest part decides.

    ASSUMPTION: no standard of the sector fixes the amounts, so a fine counts as smaller where its authority said so.
    """
    if set(types) & listing.HEAVIER_TYPES:
        return "serious"
    if procedure == "summary" or set(types) <= {"warning", "criticism"}:
        return "minor"
    if is_low_fine and set(types) <= {"warning", "criticism", "fine"}:
        return "minor"
    return "ordinary"


@rule(cites=(f"{_CHINA}第七条、第十二条", "《市场监督管理行政处罚信息公示规定》第十三条"))
def credit_china_term(
    types: Collection[str], *, is_low_fine: bool, decided_on: date, on: date
) -> listing.CreditTerm:
    """Return from when a penalty may be repaired at Credit China and until when it is shown there, from its determination.

    Raises:
        NoValueInForce: asked about a day before the text was in force.
    """
    level = credit_china_level(types, is_low_fine=is_low_fine)
    return listing.credit_china_term(level, decided_on=decided_on, law_in_force_on=on)


@rule(cites=("《市场监督管理行政处罚信息公示规定》第十一条", f"{_SERIOUS}第十九条"))
def withdrawal_due_on(kind: str, fell_on: date) -> date:
    """Return the last day to withdraw what rests on a decision that was changed, annulled, found unlawful or void."""
    if kind == "serious_list.listed":
        return listing.serious_withdrawal_due_on(fell_on)
    return listing.penalty_withdrawal_due_on(fell_on)


@rule(cites=(f"{_SERIOUS}第二十条", _MEASURES))
def term_anew_from(revoked_on: date) -> date:
    """Return the day from which a record counts whose repair rested on false papers: the day of the revocation.

    ASSUMPTION: what the text says of the serious list holds for penalties, too.
    """
    return revoked_on


TYPES = {
    "警告": "warning", "通报批评": "criticism", "罚款": "fine", "没收": "confiscation", "责令停产停业": "suspension",
    "限制经营": "restriction", "降低资质": "downgrade", "吊销许可": "permit_revoked", "吊销营业执照": "licence_revoked",
    "责令关闭": "closure", "限制从业": "ban", "其他": "other",
}  # fmt: skip
"""Kinds of penalty as a changed decision names them."""
RESTRICTING = frozenset({"restriction", "ban", "suspension"})
"""Kinds that may last until a day of their own, by which publicity lasts longer."""
