"""Run a day's judgement, close a signal, bring a warning from draft to review, take cases up together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from zhijian.apps.consumer.analysis.models import ConsumerWarning, FastGroup, Run, Signal, WarningStep
from zhijian.apps.consumer.analysis.policies import NotNow, check_step, without_reported_firm
from zhijian.apps.consumer.analysis.steps import SEVERITY_WORDS, TASKS, State
from zhijian.engines.facts import services as facts
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import CaseStatus, ItemState, WorkItem
from zhijian.engines.signals import daily
from zhijian.engines.signals.counted import COMPLAINT, Counted, cases
from zhijian.engines.signals.daily import KEYS, Limits
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards import consumer_matters, county_centroids, divisions, parameters, personal_data
from zhijian.standards.calendar import add_working_days, statutory_day

LIMITS = parameters.load("consumer/complaint_signals")
FAST_ANSWER = parameters.load("consumer/fast_group_answer")
SOURCE = "consumer/analysis"
WHOLE_PROVINCE = "440000"
PROCEDURE = "consumer/warning"
_LONGEST = {"title": 120, "body": 5000, "title_en": 200, "body_en": 8000, "note": 500, "closing_note": 300}
_WORDS = {
    "title": ("标题", "a title"), "body": ("正文", "the text"), "title_en": ("英文标题", "the title in English"),
    "body_en": ("英文正文", "the text in English"), "note": ("意见", "an opinion"), "closing_note": ("意见", "an opinion"),
}  # fmt: skip


@transaction.atomic
def run_day(day: date, *, seed: int, by: Officer | None, at: datetime) -> Run:
    """Judge the cases up to a day; what is open already takes in the new cases. Running a day again changes nothing more."""
    value = LIMITS.on(day)
    limits = Limits.of(value)
    first = day - timedelta(days=limits.history_days + limits.recent_days - 1)
    known = [without_reported_firm(case) for case in cases(first, day)]
    told = daily.judge(known, on=day, limits=limits, seed=seed, places=county_centroids.points())
    by_number = {case.number: case for case in known}
    added = sum(_keep(signal, [by_number[n] for n in signal.numbers], day) for signal in told)
    run, _ = Run.objects.update_or_create(
        day=day, defaults={"cases": len(known), "told": len(told), "added": added, "ran_at": at}
    )
    return run


def _keep(told: daily.Signal, own: Sequence[Counted], day: date) -> bool:
    """Add to the open signal of the same key, or open one. Returns whether one was opened."""
    signal = Signal.objects.select_for_update().filter(kind=told.kind, key=told.key, is_open=True).first()
    is_new = signal is None
    if signal is None:
        signal = Signal(kind=told.kind, key=told.key, first_on=day, days=0, is_open=True)
    elif day < signal.last_on:
        return False
    if is_new or day > signal.last_on:
        signal.days += 1
    signal.label, signal.last_on = told.label, day
    signal.division_code = _division(own)
    signal.count, signal.expected, signal.chance = told.count, told.expected, told.chance
    signal.false_share = told.false_share
    signal.reasons = [[reason.zh, reason.en] for reason in told.reasons]
    signal.numbers = sorted({*signal.numbers, *told.numbers})
    signal.also = [list(pair) for pair in told.also]
    signal.is_synthetic = any(case.is_synthetic for case in own)
    signal.save()
    return is_new


def _division(own: Sequence[Counted]) -> str:
    """Return the county of most cases, or the city where no county has half of them."""
    counties = Counter(case.division_code[:6] for case in own)
    if not counties:
        return ""
    code, count = max(counties.items(), key=lambda item: (item[1], item[0]))
    if count * 2 >= len(own):
        return code
    cities = Counter(case.division_code[:4] for case in own)
    city, count = max(cities.items(), key=lambda item: (item[1], item[0]))
    return f"{city}00" if count * 2 >= len(own) else "440000"


@transaction.atomic
def close_signal(signal: Signal, *, note: str, by: Officer, at: datetime) -> Signal:
    """Close a signal with what was found; the same key may be told again.

    Raises:
        NotNow: it is closed already, or no word is said.
    """
    require(by, Permission.WORK_WARNING, division=signal.division_code or None)
    if not signal.is_open:
        raise NotNow("这个信号已经关闭。", "This signal is closed already.")
    _need("closing_note", note)
    signal.is_open, signal.closing_note = False, note.strip()
    signal.closed_by, signal.closed_at = by, at
    signal.save()
    return signal


@transaction.atomic
def draft_warning(
    *,
    title: str,
    body: str,
    signal: Signal | None,
    by: Officer,
    at: datetime,
    title_en: str = "",
    body_en: str = "",
    topic_code: str = "",
    division_code: str = "",
) -> ConsumerWarning:
    """Begin a warning, from a signal or without one; its case begins with it. Topic and place say whom it concerns:
    a warning without a topic concerns all, one without a place the whole province.

    Raises:
        NotNow: no title, no text, too long, or no such topic or place.
        Forbidden: a place outside the officer's area; the whole province is for its own unit.
    """
    require(by, Permission.WORK_WARNING)
    check_scope(topic_code, division_code)
    require(by, Permission.WORK_WARNING, division=division_code or WHOLE_PROVINCE)
    if signal is not None:
        require(by, Permission.WORK_WARNING, division=signal.division_code or None)
    _check_words(title=title, body=body, title_en=title_en, body_en=body_en)
    assert by.organisation is not None
    day = statutory_day(at)
    last = ConsumerWarning.objects.filter(number__startswith=f"XJ{day:%Y}-").aggregate(last=Max("number"))[
        "last"
    ]
    warning = ConsumerWarning.objects.create(
        number=f"XJ{day:%Y}-{int(last[-4:]) + 1 if last else 1:04d}",
        organisation=by.organisation,
        signal=signal,
        title=title.strip(),
        title_en=title_en.strip(),
        body=body.strip(),
        body_en=body_en.strip(),
        topic_code=topic_code,
        division_code=division_code,
        drafted_at=at,
        is_synthetic=by.is_synthetic or bool(signal and signal.is_synthetic),
    )
    _add(warning, "draft", State.DRAFTED, by=by, at=at)
    warning.case = procedures.start_case(
        PROCEDURE,
        number=warning.number,
        title=warning.title,
        organisation=by.organisation,
        division_code=by.organisation.division_code,
        data={"warning": warning.number, "opinion": "", "severity": ""},
        by=by,
        at=at,
        is_synthetic=warning.is_synthetic,
    )
    warning.save(update_fields=["case"])
    return warning


def check_scope(topic_code: str, division_code: str) -> None:
    """Refuse a topic that the taxonomy lacks, or a place outside the province.

    Raises:
        NotNow: which of both.
    """
    if topic_code and consumer_matters.find(topic_code) is None:
        raise NotNow("没有这个事项。", "There is no such topic.")
    if division_code and not (
        division_code.startswith("44") and len(division_code) == 6 and divisions.full_name(division_code)
    ):
        raise NotNow("没有这个市、县（区）。", "There is no such city or county.")


@transaction.atomic
def rewrite(
    warning: ConsumerWarning, *, title: str, body: str, title_en: str, body_en: str, by: Officer, at: datetime
) -> ConsumerWarning:
    """Change the words of a draft; the words before are kept in the step.

    Raises:
        NotNow: it is no draft any more, or the words are missing or too long.
    """
    require(by, Permission.WORK_WARNING, division=warning.organisation.division_code)
    if warning.state != State.DRAFTED:
        raise NotNow("审核中的稿子不能改；请先退回。", "It is under check; return it first.")
    _check_words(title=title, body=body, title_en=title_en, body_en=body_en)
    before = {name: getattr(warning, name) for name in ("title", "body", "title_en", "body_en")}
    warning.title, warning.body = title.strip(), body.strip()
    warning.title_en, warning.body_en = title_en.strip(), body_en.strip()
    warning.save()
    _add(warning, "rewrite", State.DRAFTED, by=by, at=at, data=before)
    return warning


@transaction.atomic
def take_step(
    warning: ConsumerWarning, verb: str, *, note: str = "", severity: str = "", by: Officer, at: datetime
) -> WarningStep:
    """Take a step: checks, grade, publication, return, revision, drop, take back. Review has a verb of its own.

    Raises:
        Forbidden, NotNow: the officer, the state or what was handed in does not allow it.
    """
    check_step(warning, verb, by)
    if verb == "review":
        raise NotNow("请用评估效果。", "Use the review of effect.")
    _check_handed_in(verb, note, severity)
    return _take(warning, verb, note=note, severity=severity, by=by, at=at)


@transaction.atomic
def review(warning: ConsumerWarning, *, note: str, by: Officer, at: datetime) -> WarningStep:
    """Compare the days after the publication with as many before, and write the opinion down.

    Raises:
        NotNow: the days after are not over yet, or no opinion.
    """
    check_step(warning, "review", by)
    _check_handed_in("review", note, "")
    _check_days_over(warning, at)
    return _take(warning, "review", note=note, severity="", by=by, at=at)


def _take(
    warning: ConsumerWarning, verb: str, *, note: str, severity: str, by: Officer, at: datetime
) -> WarningStep:
    """Move the case, whose service writes the step down; without an open case, write it down at once."""
    case = warning.case
    if case is None or case.status != CaseStatus.OPEN:
        return record(warning, verb, note=note, severity=severity, by=by, at=at)
    given = {"opinion": note.strip(), **({"severity": severity} if severity else {})}
    try:
        if verb in ("drop", "take_back"):
            procedures.send_message(case, verb, given, by=by, at=at)
        else:
            outcome = {"return": "return", "publish": "publish"}.get(verb, "pass")
            procedures.complete(_item(warning, verb), data={"outcome": outcome, **given}, by=by, at=at)
    except ProcedureRefused as refused:
        raise NotNow(refused.message_zh, refused.message_en) from None
    warning.refresh_from_db()
    return warning.history[-1]


def _item(warning: ConsumerWarning, verb: str) -> WorkItem:
    """Return the open step of the case at which this is done.

    Raises:
        NotNow: the case waits for something else.
    """
    assert warning.case is not None
    tasks = [task for task, verbs in TASKS.items() if verb in verbs]
    found = warning.case.work_items.filter(state=ItemState.OPEN, task__in=tasks).first()
    if found is None:
        raise NotNow("流程现在没有等这一步。", "The procedure does not wait for this step now.")
    return found


def record(
    warning: ConsumerWarning, verb: str, *, note: str, severity: str = "", by: Officer, at: datetime
) -> WarningStep:
    """Write a step down and do what follows from it: the words of the service tasks of the drawing.

    Raises:
        Forbidden, NotNow: the officer, the state or what was handed in does not allow it.
    """
    step = check_step(warning, verb, by)
    _check_handed_in(verb, note, severity)
    data = {}
    if verb == "review":
        _check_days_over(warning, at)
        data = dict(zip(("before", "after"), effect(warning), strict=True))
    if verb == "grade":
        warning.severity = severity
    if verb == "publish":
        warning.published_at = at
    warning.save()
    taken = _add(warning, verb, step.after, by=by, at=at, note=note, data=data)
    if verb in ("publish", "take_back"):
        _tell_published(warning, is_taken_back=verb == "take_back", by=by, at=at)
    if verb == "review":
        _tell_reviewed(warning, taken, by=by, at=at)
    return taken


def _check_handed_in(verb: str, note: str, severity: str) -> None:
    if verb not in ("publish", "grade"):
        _need("note", note)
    if verb == "grade" and severity not in SEVERITY_WORDS:
        raise NotNow("请选择提示、提醒或者警示。", "Choose note, reminder or warning.")


def _check_days_over(warning: ConsumerWarning, at: datetime) -> None:
    due = review_due_on(warning)
    if due is None or statutory_day(at) < due:
        raise NotNow(f"发布满30天（{due}）后再评估。", f"It is reviewed after 30 days, from {due}.")


def _tell_reviewed(warning: ConsumerWarning, taken: WarningStep, *, by: Officer, at: datetime) -> None:
    facts.record(
        "warning.reviewed",
        subject=f"warning/{warning.number}",
        occurred_on=statutory_day(at),
        payload={
            "warning_no": warning.number,
            "authority": warning.organisation.name,
            "cases_before": taken.data["before"],
            "cases_after": taken.data["after"],
        },
        source=SOURCE,
        source_key=f"{warning.number}/{taken.sequence}",
        by=by,
        at=at,
        is_synthetic=warning.is_synthetic,
    )


def review_due_on(warning: ConsumerWarning) -> date | None:
    """Return the day from which the effect is reviewed; None before publication."""
    if warning.published_at is None:
        return None
    published_on = statutory_day(warning.published_at)
    return published_on + timedelta(days=LIMITS.on(published_on)["effect_review_days"])


def effect(warning: ConsumerWarning) -> tuple[int, int]:
    """Return how many cases of the signal's key came in the days before, and in as many from the publication."""
    if warning.published_at is None or warning.signal is None or warning.signal.kind not in KEYS:
        return 0, 0
    published_on = statutory_day(warning.published_at)
    days = LIMITS.on(published_on)["effect_review_days"]
    key, kind = warning.signal.key, warning.signal.kind

    def count(first: date, last: date) -> int:
        return sum(KEYS[kind](case) == key for case in map(without_reported_firm, cases(first, last)))

    return (
        count(published_on - timedelta(days=days), published_on - timedelta(days=1)),
        count(published_on, published_on + timedelta(days=days - 1)),
    )


@transaction.atomic
def take_up(key: str, own: Sequence[Counted], *, plan: str, by: Officer, at: datetime) -> FastGroup:
    """Take open complaints about one platform or shop up together. Every one keeps its own clock and its own end.

    Raises:
        NotNow: nothing to take up, a report among them, no plan, or somebody has taken it up already.
    """
    require(by, Permission.WORK_WARNING)
    _need("note", plan)
    if not own or any(case.kind != COMPLAINT for case in own):
        raise NotNow("没有可以集中办理的件。", "There is no case to take up.")
    if FastGroup.objects.filter(key=key, ended_at=None).exists():
        raise NotNow("这一组已经有人牵头办理。", "Somebody has taken this group up already.")
    return FastGroup.objects.create(
        key=key,
        label=own[0].platform or own[0].firm_name,
        numbers=sorted(case.number for case in own),
        lead=by,
        plan=plan.strip(),
        begun_at=at,
        is_synthetic=any(case.is_synthetic for case in own),
    )


@transaction.atomic
def add_to_group(group: FastGroup, own: Sequence[Counted], *, by: Officer, at: datetime) -> FastGroup:
    """Take cases that came since into an open group.

    Raises:
        Forbidden, NotNow: another unit leads it; it has ended, or there is no new case.
    """
    group = _open_group(group, by)
    new = sorted({case.number for case in own} - set(group.numbers))
    if not new:
        raise NotNow("没有新的件可以并入。", "There is no new case to add.")
    group.numbers = sorted([*group.numbers, *new])
    group.save(update_fields=["numbers"])
    return group


@transaction.atomic
def ask_for_offer(group: FastGroup, *, by: Officer, at: datetime) -> FastGroup:
    """Write down that the platform or shop was asked for one offer to all, and by when it answers.

    Raises:
        Forbidden, NotNow: another unit leads it; it has ended, or was asked before.
    """
    group = _open_group(group, by)
    if group.asked_on is not None:
        raise NotNow("已经请对方提出统一方案。", "It was asked for an offer before.")
    day = statutory_day(at)
    group.asked_on = day
    group.answer_by = add_working_days(day, FAST_ANSWER.on(day), provisional=True)
    group.save(update_fields=["asked_on", "answer_by"])
    return group


@transaction.atomic
def keep_offer(group: FastGroup, *, offer: str, by: Officer, at: datetime) -> FastGroup:
    """Keep what the platform or shop offers to all. Nobody is bound by it: each consumer agrees, or not, in the own case.

    Raises:
        Forbidden, NotNow: another unit leads it; it has ended, was not asked, or nothing is written.
    """
    group = _open_group(group, by)
    if group.asked_on is None:
        raise NotNow("请先请对方提出统一方案。", "Ask for an offer first.")
    _need("note", offer)
    group.offer, group.offered_on = offer.strip(), statutory_day(at)
    group.save(update_fields=["offer", "offered_on"])
    return group


def _open_group(group: FastGroup, by: Officer) -> FastGroup:
    unit = group.lead.organisation
    require(by, Permission.WORK_WARNING, division=unit.division_code if unit else None)
    locked: FastGroup = FastGroup.objects.select_for_update().get(pk=group.pk)
    if locked.ended_at is not None:
        raise NotNow("这一组已经办结。", "This group has ended already.")
    return locked


@transaction.atomic
def end_group(group: FastGroup, *, outcome: str, by: Officer, at: datetime) -> FastGroup:
    """End a group with its outcome.

    Raises:
        Forbidden: another unit leads it, and none below the officer's.
        NotNow: it has ended, or no outcome is told.
    """
    group = _open_group(group, by)
    _need("note", outcome)
    group.outcome, group.ended_at = outcome.strip(), at
    group.save()
    return group


def _tell_published(warning: ConsumerWarning, *, is_taken_back: bool, by: Officer, at: datetime) -> None:
    payload: dict[str, Any] = {
        "warning_no": warning.number,
        "authority": warning.organisation.name,
        "title": warning.title,
        "severity": warning.severity,
    }
    if is_taken_back:
        payload["is_taken_back"] = True
    facts.record(
        "warning.published",
        subject=f"warning/{warning.number}",
        occurred_on=statutory_day(at),
        payload=payload,
        source=SOURCE,
        source_key=f"{warning.number}/{'taken_back' if is_taken_back else 'published'}",
        by=by,
        at=at,
        is_synthetic=warning.is_synthetic,
    )


def _add(
    warning: ConsumerWarning,
    verb: str,
    state: str,
    *,
    by: Officer,
    at: datetime,
    note: str = "",
    data: Mapping[str, Any] | None = None,
) -> WarningStep:
    return WarningStep.objects.create(
        warning=warning,
        sequence=warning.steps.count() + 1,
        verb=verb,
        state=state,
        officer=by,
        at=at,
        note=note.strip(),
        data=dict(data or {}),
    )


def _check_words(**texts: str) -> None:
    """Refuse words for the public that lack or are too long, or that point to a person; only the English ones may lack.

    What points to a person: a telephone number, a document's number, an e-mail address.
    """
    for field, text in texts.items():
        if text.strip() or not field.endswith("_en"):
            _need(field, text)
    for field, text in texts.items():
        found = personal_data.numbers_and_addresses_in(text)
        if found:
            zh, en = _WORDS[field]
            raise NotNow(
                f"“{zh}”里写有{'、'.join(one for one, _ in found)}，请删去：提示向公众发布，不得指向个人。咨询电话写12315。",
                f"There is {', '.join(one for _, one in found)} in {en}: take it out. A warning is public and points to nobody; "
                "give 12315 for questions.",
            )


def _need(field: str, text: str) -> None:
    words, longest = _WORDS[field], _LONGEST[field]
    if not text.strip() or len(text) > longest:
        raise NotNow(
            f"请写明{words[0]}（1至{longest}字）。", f"Give {words[1]} of 1 to {longest} characters."
        )
