"""The law of inclusive and prudent supervision: trials, first offences, dormancy, white lists, presumption. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from zhijian.standards import parameters
from zhijian.standards.calendar import add_months, add_years
from zhijian.standards.citation import rule

DORMANCY_YEARS = parameters.load("supervision/dormancy_years")
WINDOW_MONTHS = parameters.load("supervision/first_offence_window_months")
TRIAL_MONTHS = parameters.load("supervision/sandbox_trial_months")
CONDITIONS = parameters.load("supervision/inclusive_conditions")

_PENALTY = "《行政处罚法》（2021年修订）第三十三条"
_DORMANCY = "《市场主体登记管理条例》第三十条"
_PLAN = "《广东省市场监管现代化“十四五”规划》"
NANSHA = "440115"


# ------------------------------------------------------------------------------------------------------ trials


@rule(cites=f"{_PLAN}第九章第一节")
def trial_ends_at_latest(began_on: date) -> date:
    """Return the last day that a trial may name; a trial without an end is none."""
    return add_months(began_on, TRIAL_MONTHS.on(began_on))


@rule(cites=f"{_PLAN}第九章第一节")
def rings(value: int, *, threshold: int, is_most: bool) -> bool:
    """Say whether a reading rings: above the most, or below the least, that the trial allows. The bound itself is allowed."""
    return value > threshold if is_most else value < threshold


@rule(cites=f"{_PLAN}第九章第一节")
def trial_standing(ringing: Iterable[date], *, began_on: date, ends_on: date, to_leave: int, on: date) -> str:
    """Say how a trial stands: ahead, over, leave (it rang as often as its rules allow at most), warned or running."""
    if on < began_on:
        return "ahead"
    if on > ends_on:
        return "over"
    rung = sum(began_on <= one <= on for one in ringing)
    if rung >= to_leave:
        return "leave"
    return "warned" if rung else "running"


# ---------------------------------------------------------------------------------------------- first offences


@dataclass(frozen=True)
class Offence:
    """What was found about a violation for which leniency is considered."""

    is_first: bool
    is_minor: bool  # 违法行为轻微
    harm: str  # none (没有造成危害后果), slight (危害后果轻微), real
    is_corrected_in_time: bool
    proves_no_fault: bool = False


@dataclass(frozen=True)
class Answer:
    """What follows: must_not (不予处罚), may_not (可以不予处罚) or not_lenient; and why, in both languages."""

    code: str
    zh: str
    en: str


@rule(cites=_PENALTY)
def leniency(offence: Offence) -> Answer:
    """Say whether a violation is left without a penalty, and why.

    Minor, corrected in time and without harm: no penalty, first or not. First, with slight harm and corrected in time: it
    may be left without. Evidence that there was no fault: no penalty. In every other case none of these applies.
    """
    if offence.proves_no_fault:
        return Answer(
            "must_not",
            "有证据足以证明没有主观过错，不予行政处罚。",
            "Proved to be without fault: no penalty.",
        )
    if offence.is_minor and offence.harm == "none" and offence.is_corrected_in_time:
        return Answer(
            "must_not",
            "违法行为轻微并及时改正，没有造成危害后果，不予行政处罚。",
            "Minor, corrected in time, no harm: no penalty.",
        )
    missing = [
        words
        for is_met, words in (
            (offence.is_first, ("不是初次违法", "not the first violation")),
            (offence.harm in ("none", "slight"), ("危害后果不轻微", "the harm is not slight")),
            (offence.is_corrected_in_time, ("没有及时改正", "not corrected in time")),
        )
        if not is_met
    ]
    if missing:
        return Answer(
            "not_lenient",
            f"不能首违不罚：{'、'.join(zh for zh, _ in missing)}。",
            f"No leniency: {', '.join(en for _, en in missing)}.",
        )
    return Answer(
        "may_not",
        "初次违法且危害后果轻微并及时改正，可以不予行政处罚。",
        "First violation, slight harm, corrected in time: it may be left without a penalty.",
    )


@rule(cites=_PENALTY)
def is_first(earlier: Iterable[date], *, found_on: date) -> bool:
    """Say whether a violation is the first of its kind: none on or before it within the months that are looked back.

    ASSUMPTION: the law names no window; its months are a starting value of this project, and a province sets its own.
    """
    since = add_months(found_on, -WINDOW_MONTHS.on(found_on))
    return not any(since < one <= found_on for one in earlier)


@rule(cites=_PENALTY)
def corrected_in_time(corrected_on: date | None, *, by: date) -> bool:
    """Say whether it was corrected by the day that the guidance letter set."""
    return corrected_on is not None and corrected_on <= by


# --------------------------------------------------------------------------------------------------- dormancy


@dataclass(frozen=True)
class Period:
    """One period of dormancy, both days counted."""

    begins: date
    ends: date


@rule(cites=_DORMANCY)
def dormant_until_at_latest(begins: date, others: Iterable[Period] = ()) -> date:
    """Return the last day that a period of dormancy may name: three years, less what other periods use, in whatever order they were filed."""
    used = sum((one.ends - one.begins).days + 1 for one in others)
    return add_years(begins, DORMANCY_YEARS.on(begins)) - timedelta(days=1 + used)


@rule(cites=("《市场主体登记管理条例》第三十条", "《市场主体登记管理条例实施细则》第四十条至第四十三条"))
def dormancy_standing(period: Period, *, resumed_on: date | None, acted_on: date | None, on: date) -> str:
    """Say how a dormancy stands: ahead, dormant, resumed (own notice), acted (business was done: resumed by act) or expired."""
    if on < period.begins:
        return "ahead"
    if acted_on is not None and acted_on <= on and (resumed_on is None or acted_on < resumed_on):
        return "acted"
    if resumed_on is not None and resumed_on <= on:
        return "resumed"
    return "dormant" if on <= period.ends else "expired"


@rule(cites=("《市场主体登记管理条例》第三十条", "《市场主体登记管理条例实施细则》第四十条至第四十三条"))
def dormant_through(
    period: Period, *, resumed_on: date | None, acted_on: date | None, others: Iterable[Period] = ()
) -> date:
    """Return the last day on which a dormancy stands: the day before it resumed or did business, and never past its term and the three years."""
    ended = [day - timedelta(days=1) for day in (resumed_on, acted_on) if day is not None]
    return min(period.ends, dormant_until_at_latest(period.begins, others), *ended)


@dataclass(frozen=True)
class Effects:
    """What a standing dormancy changes for others."""

    reports_annually: bool  # the duty stays
    counts_as_idle: bool  # ground of revocation after six idle months
    reached_at_service_address: bool


@rule(cites=("《市场主体登记管理条例》第三十条", "《公司法》（2023年修订）第二百六十条"))
def effects(standing: str) -> Effects:
    """Return what a dormancy changes: no idleness to be held against the firm, reached at its service address; it reports on."""
    is_dormant = standing == "dormant"
    return Effects(True, not is_dormant, is_dormant)


# --------------------------------------------------------------------------------- white lists and presumption


@rule(cites=f"{_PLAN}第十章第二节、第三节")
def clean_months(*, on: date) -> int:
    """Return for how many months before entry a firm has no penalty."""
    return int(CONDITIONS.on(on)["clean_months"])


@rule(cites=f"{_PLAN}第十章第二节、第三节")
def listed_until_at_most(entered_on: date) -> date:
    """Return the last day that an entry may name; after it the firm is looked at anew."""
    return add_months(entered_on, CONDITIONS.on(entered_on)["most_months"])


@dataclass(frozen=True)
class Alarm:
    """One alarm about a presumed firm: when it came, when it was cleared, and whether what it said was confirmed."""

    on: date
    cleared_on: date | None = None
    is_confirmed: bool = False


@rule(cites=f"{_PLAN}第十章第三节")
def presumption(alarms: Iterable[Alarm], *, is_clean: bool, on: date) -> str:
    """Say how a presumption of conformity stands: holds, suspended (an alarm is open) or lost.

    It is lost by a public list or penalty, by one confirmed alarm, or by as many alarms within twelve months as the
    parameter says.
    """
    told = [one for one in alarms if one.on <= on]
    since = add_months(on, -12)
    if not is_clean or any(one.is_confirmed for one in told):
        return "lost"
    if sum(one.on > since for one in told) >= CONDITIONS.on(on)["alarms_to_leave"]:
        return "lost"
    is_open = any(one.cleared_on is None or one.cleared_on > on for one in told)
    return "suspended" if is_open else "holds"
