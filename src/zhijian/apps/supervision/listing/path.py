"""The shortest lawful path off the public page: what to do about each record, from when, and when it leaves. Pure.

"Do these two things; on 1 March the record leaves." Lists are left first, for a penalty is not repaired while its
firm stands on one. Every day named comes from a rule; the planner only puts them in the order that the law demands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from zhijian.apps.supervision.listing.rules import REMOVAL_WORKING_DAYS
from zhijian.engines.facts import repair
from zhijian.standards import parameters
from zhijian.standards.calendar import add_working_days

CLOCKS = parameters.load("credit/penalty_repair_working_days")
TOLD = parameters.load("credit/repair_told_working_days")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Record:
    """A public record as the planner reads it. `public_until` is its last day by term; None: until it is ended."""

    key: str
    kind: str
    occurred_on: date
    published_on: date
    payload: Mapping[str, Any]
    public_until: date | None = None


@dataclass(frozen=True)
class Act:
    """One thing to do, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Step:
    """What leads one record off the public page.

    `code` is "ask" (do the acts and ask from `ask_on`; it leaves by `leaves_on` at the latest) or "wait" (nothing
    leads off earlier than its own term).
    """

    record: Record
    code: str
    acts: tuple[Act, ...]
    reason_zh: str
    reason_en: str
    article: str
    ask_on: date | None
    leaves_on: date | None

    @property
    def is_open_now(self) -> bool:
        return self.code == "ask"


_CURES = {
    "annual_report": Act("补报并公示没有报送的各年度报告", "file and publish every missing annual report"),
    "instant_information": Act("公示责令公示的信息", "publish the information that was ordered"),
    "falsity": Act("更正公示的信息", "correct what was published"),
    "unreachable": Act(
        "办理住所变更登记，或者提出通过登记的住所可以重新取得联系", "change the registered address, or show that you can be reached there"
    ),
    "name_not_changed": Act("办理名称变更登记", "change the name"),
}  # fmt: skip
_REMOVE = Act("向作出列入决定的机关申请移出", "ask the authority that listed you to take you off")
_PERFORM = Act(
    "自觉履行行政处罚决定中的义务，主动消除危害后果", "perform what the decision demands and remove the harm"
)
_APPLY = Act("提交信用修复申请书和守信承诺书", "hand in the application and a credit commitment")
_PLANNED = ("abnormal_list.listed", "serious_list.listed", "penalty.decided")


def plan(records: Sequence[Record], *, on: date) -> list[Step]:
    """Return a step for each record that an adverse list or a penalty left on the public page, lists first.

    ASSUMPTION: every act is done on the day from which it counts, the authority takes the whole of each of its periods,
    and no further penalty or listing comes.
    """
    ours = [one for one in records if one.kind in _PLANNED]
    lists = [_off_the_list(one, ours, on) for one in ours if one.kind in repair.LISTS]
    days = [step.leaves_on for step in lists]
    if any(day is None for day in days):
        free_on = None
    else:
        free_on = max((day for day in days if day is not None), default=on)
    return lists + [_repaired(one, ours, on, free_on) for one in ours if one.kind not in repair.LISTS]


def _off_the_list(record: Record, all_of_them: Sequence[Record], on: date) -> Step:
    if record.kind == "abnormal_list.listed":
        ground = str(record.payload.get("ground_code") or "")
        verdict = repair.abnormal_repair(record.payload)
        leaves = add_working_days(on, REMOVAL_WORKING_DAYS.on(on), provisional=True)
        acts = (*((_CURES[ground],) if ground in _CURES else ()), _REMOVE)
        return _ask(record, acts, verdict, ask_on=on, leaves_on=leaves)
    others = _others(record, all_of_them)
    ask_on = max(on, _from(record, others, on))
    verdict = repair.repair(
        record.kind, record.payload, occurred_on=record.occurred_on, published_on=record.published_on, on=ask_on,
        others=others,
    )  # fmt: skip
    if not verdict.may_ask:
        return _wait(record, verdict)
    today = repair.repair(
        record.kind, record.payload, occurred_on=record.occurred_on, published_on=record.published_on, on=on, others=others,
    )  # fmt: skip
    return _ask(record, (_PERFORM, _APPLY), today, ask_on=ask_on, leaves_on=_decided_by(ask_on))


def _repaired(record: Record, all_of_them: Sequence[Record], on: date, free_on: date | None) -> Step:
    """The step of a penalty: asked for when its months are over and no list is left; without either it waits."""
    again = repair.violated_again(record.payload, record.occurred_on, _others(record, all_of_them))

    def asked(day: date, *, is_listed: bool) -> repair.Verdict:
        return repair.penalty_repair(
            record.payload,
            published_on=record.published_on,
            on=day,
            violated_again=again,
            is_listed=is_listed,
        )

    first = asked(on, is_listed=False)
    ask_on = max(on, free_on or on, first.earliest_on or on)
    verdict = asked(ask_on, is_listed=free_on is None)
    if not verdict.may_ask:
        return _wait(record, verdict)
    today = asked(on, is_listed=free_on != on)  # why it is not to be asked for today, where it is not
    return _ask(record, (_PERFORM, _APPLY), today, ask_on=ask_on, leaves_on=_decided_by(ask_on))


def _from(record: Record, others: Sequence[repair.Other], on: date) -> date:
    """The first day on which early removal from the serious list may be asked for: a year, and no restriction running."""
    heavier = repair.heavier_since(record.occurred_on, others)
    plain = {name: told for name, told in record.payload.items() if name != "restricted_until"}
    verdict = repair.serious_repair(plain, listed_on=record.occurred_on, on=on, punished_again=heavier)
    until = record.payload.get("restricted_until")
    after = date.fromisoformat(until) + _DAY if until else on
    return max(verdict.earliest_on or on, after)


def _others(record: Record, all_of_them: Sequence[Record]) -> list[repair.Other]:
    return [(one.kind, one.occurred_on, one.payload) for one in all_of_them if one is not record]


def _decided_by(asked_on: date) -> date:
    """The last day of acceptance, decision and end of publicity, each period taken whole."""
    days = CLOCKS.on(asked_on)["accept"] + CLOCKS.on(asked_on)["decide"] + TOLD.on(asked_on)
    return add_working_days(asked_on, days, provisional=True)


def _itself_on(record: Record) -> date | None:
    return record.public_until + _DAY if record.public_until else None


def _ask(
    record: Record, acts: tuple[Act, ...], verdict: repair.Verdict, *, ask_on: date, leaves_on: date
) -> Step:
    itself = _itself_on(record)
    if itself is not None and itself <= leaves_on:
        return _wait(record, verdict, is_sooner=True)
    return Step(record, "ask", acts, verdict.reason_zh, verdict.reason_en, verdict.article, ask_on, leaves_on)


def _wait(record: Record, verdict: repair.Verdict, *, is_sooner: bool = False) -> Step:
    words = (
        (
            "公示期先于修复届满，到期自动离开，不必申请。",
            "Its own term ends before a repair could; it leaves by itself.",
        )
        if is_sooner
        else (verdict.reason_zh, verdict.reason_en)
    )
    return Step(record, "wait", (), *words, verdict.article, None, _itself_on(record))
