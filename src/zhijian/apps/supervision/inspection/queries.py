"""What pages and the API read: published results for everybody, the workbench for officers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from itertools import islice

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from zhijian.apps.supervision.inspection import rules, services
from zhijian.apps.supervision.inspection.codes import ALL_CODES
from zhijian.apps.supervision.inspection.models import (
    Check,
    CheckEvent,
    DrawnObject,
    FollowUp,
    InspectionItem,
    InspectionTask,
    RecordedCode,
)
from zhijian.apps.supervision.inspection.policies import place_of
from zhijian.apps.supervision.inspection.rules import Light, State, Verb
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import queries as procedures
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may
from zhijian.standards.calendar import ZONE, statutory_day

FINDING_WORDS = {
    rules.Finding.CONFORM: ("符合", "Conforms"),
    rules.Finding.NONCONFORM: ("不符合", "Does not conform"),
    rules.Finding.NOT_APPLICABLE: ("不适用", "Not applicable"),
}


@dataclass(frozen=True)
class ItemFinding:
    """An item and what was found, in both languages. Notes and photos stay inside."""

    code: str
    name_zh: str
    name_en: str
    legal_basis: str
    finding: str
    finding_zh: str
    finding_en: str


@dataclass(frozen=True)
class CodeWords:
    code: str
    label_zh: str
    label_en: str
    next_zh: str
    next_en: str
    is_problem: bool


@dataclass(frozen=True)
class ResultVersion:
    """One version of a published result: a correction stands beside what it corrects."""

    version: int
    codes: tuple[CodeWords, ...]
    items: tuple[ItemFinding, ...]
    published_at: datetime
    correction_reason: str


@dataclass(frozen=True)
class PublishedResult:
    """What the public page of a result shows. No photos, no notes, no inspector's name, no risk class."""

    id: int
    number: str
    uscc: str
    entity_name: str
    prefecture_code: str
    plan_id: str
    attempt: int
    task_title_zh: str
    task_title_en: str
    authority_zh: str
    authority_en: str
    drawn_on: date
    inspected_on: date
    published_at: datetime
    fact_id: str
    is_synthetic: bool
    is_rehearsal: bool
    versions: tuple[ResultVersion, ...]

    @property
    def is_on_a_register(self) -> bool:
        """Say whether the object has a credit code, so a page of its own; what has none goes by its library's number."""
        return not self.uscc.startswith("OBJ-")

    @property
    def current(self) -> ResultVersion:
        return self.versions[0]

    @property
    def codes(self) -> tuple[CodeWords, ...]:
        return self.current.codes

    @property
    def items(self) -> tuple[ItemFinding, ...]:
        return self.current.items

    @property
    def has_problem(self) -> bool:
        return any(code.is_problem for code in self.codes)

    @property
    def is_corrected(self) -> bool:
        return len(self.versions) > 1

    @property
    def published_on(self) -> date:
        return statutory_day(self.published_at)


@dataclass(frozen=True)
class ResultFilters:
    """What a visitor chose: a city, a code, a draw, days of publication, words of the name or code."""

    prefecture_code: str = ""
    code: str = ""
    plan_id: str = ""
    words: str = ""
    published_from: date | None = None
    published_to: date | None = None


@dataclass(frozen=True)
class PrefectureShare:
    """Drawn share of one prefecture in a year. `frame_count` is 0 where no draw has given a count."""

    prefecture_code: str
    drawn_count: int
    frame_count: int
    is_rehearsal: bool

    @property
    def share_percent(self) -> float | None:
        return self.drawn_count * 100 / self.frame_count if self.frame_count else None


def published_results(
    filters: ResultFilters | None = None, *, limit: int | None = 50
) -> list[PublishedResult]:
    """Return published results, the newest first. A code counts only if the current version carries it."""
    wanted = filters or ResultFilters()
    rows = _published(_matching(wanted))
    if not wanted.code:
        return list(_told(rows[:limit]))
    shown = _told(rows.iterator(chunk_size=_BATCH))
    return list(islice((one for one in shown if wanted.code in {row.code for row in one.codes}), limit))


def _matching(filters: ResultFilters) -> Q:
    found = Q()
    if filters.prefecture_code:
        found &= Q(division_code__startswith=filters.prefecture_code[:4])
    if filters.code:
        found &= Q(pk__in=RecordedCode.objects.filter(code=filters.code).values("result__check_record"))
    if filters.plan_id:
        found &= Q(task__plan_id=filters.plan_id)
    if filters.words:
        found &= Q(entity_name__icontains=filters.words) | Q(uscc__iexact=filters.words)
    if filters.published_from:
        found &= Q(published_at__gte=_midnight(filters.published_from))
    if filters.published_to:
        found &= Q(published_at__lt=_midnight(filters.published_to) + timedelta(days=1))
    return found


_FIRST, _LAST = date(1900, 1, 1), date(9000, 1, 1)  # beyond them a moment cannot be written in UTC


def _midnight(day: date) -> datetime:
    """Return when a day begins; a day that no result can have counts as the nearest that one may."""
    return datetime.combine(min(max(day, _FIRST), _LAST), time.min, ZONE)


def result(result_id: int) -> PublishedResult | None:
    """Return one published result, or nothing: what is not published is not there."""
    return next(_told(_published(Q(pk=result_id))), None)


def results_of(uscc: str) -> list[PublishedResult]:
    """Return the published results of one entity, the newest first."""
    if not Check.objects.filter(uscc=uscc).exists():  # nearly always: spare the large query
        return []
    return [one for one in _told(_published(Q(uscc=uscc))) if one.uscc == uscc]


def checks_this_year(uscc: str, year: int) -> int:
    """Return how many visits began at an entity in a year: the frequency cap counts visits, not items.

    Rehearsals are no visits in law and are not counted.
    """
    begun = CheckEvent.objects.filter(
        verb=Verb.BEGIN, check_record__uscc=uscc, check_record__task__is_rehearsal=False
    )
    return sum(statutory_day(event.happened_at).year == year for event in begun.only("happened_at"))


def drawn_share_by_prefecture(year: int, *, class_code: str = "") -> dict[str, PrefectureShare]:
    """Return the share of objects drawn in a year, by prefecture: distinct objects over the largest frame.

    An object drawn twice counts once. ASSUMPTION: draws of one year look at the same register, so the
    largest frame of a prefecture is its denominator. Rehearsals count only if the year has nothing else,
    and are marked. With `class_code` only draws that have an item of that class count.
    """
    found = InspectionTask.objects.filter(drawn_on__year=year)
    tasks = list(found.filter(items__class_code=class_code).distinct() if class_code else found)
    real = [task for task in tasks if not task.is_rehearsal]
    counted = real or tasks
    drawn = DrawnObject.objects.filter(task__in=counted).values("prefecture_code")
    by_prefecture = Counter(
        {row["prefecture_code"]: row["n"] for row in drawn.annotate(n=Count("uscc", distinct=True))}
    )
    frames: dict[str, int] = {}
    for task in counted:
        for prefecture, count in task.frame_by_prefecture.items():
            frames[prefecture] = max(frames.get(prefecture, 0), int(count))
    return {
        code: PrefectureShare(code, by_prefecture[code], frames.get(code, 0), not real)
        for code in sorted({*by_prefecture, *frames} - {""})
    }


_BATCH = 200


def _published(condition: Q) -> QuerySet[Check]:
    """Return the checks whose result is published: the log of facts says which, no table of ours."""
    key = Concat(OuterRef("number"), Value(services.RESULT_KEY))
    first = Fact.objects.filter(source=services.SOURCE, source_key=key, revision=0)
    return (
        Check.objects.annotate(published_at=Subquery(first.values("recorded_at")))
        .filter(condition, published_at__isnull=False)
        .order_by("-published_at", "-id")
        .select_related("task__organisation")
        .prefetch_related("task__items")
    )


def _told(checks: Iterable[Check]) -> Iterator[PublishedResult]:
    """Yield what the log says of these checks. A result that was withdrawn is not there."""
    rows = iter(checks)
    while batch := list(islice(rows, _BATCH)):
        keys = [f"{check.number}{services.RESULT_KEY}" for check in batch]
        versions: dict[str, list[Fact]] = defaultdict(list)
        told = Fact.objects.filter(source=services.SOURCE, source_key__in=keys).order_by("-revision")
        for fact in told:
            versions[fact.source_key].append(fact)
        for check, key in zip(batch, keys, strict=True):
            if versions[key] and not versions[key][0].is_withdrawal:
                yield _as_published(check, versions[key])


def _as_published(check: Check, versions: Sequence[Fact]) -> PublishedResult:
    """Say what the facts say, the newest first: whoever edits our tables changes nothing that the public sees."""
    task, newest, first = check.task, versions[0], versions[-1]
    told = newest.payload
    items = {item.code: item for item in task.items.all()}
    is_ours = task.organisation.code == told["authority_code"]
    return PublishedResult(
        id=check.pk,
        number=told["check_id"],
        uscc=newest.subject,
        entity_name=check.entity_name,
        prefecture_code=f"{check.division_code[:4]}00" if check.division_code else "",
        plan_id=told["plan"],
        attempt=told["attempt"],
        task_title_zh=told["task_title"],
        task_title_en=task.title_en,
        authority_zh=told["authority"],
        authority_en=task.organisation.name_en if is_ours else told["authority"],
        drawn_on=task.drawn_on,
        inspected_on=date.fromisoformat(told["completed_on"]),
        published_at=first.recorded_at,
        fact_id=str(newest.fact_id),
        is_synthetic=newest.is_synthetic,
        is_rehearsal=task.is_rehearsal,
        versions=tuple(_version(fact, items) for fact in versions),
    )


def _version(fact: Fact, items: Mapping[str, InspectionItem]) -> ResultVersion:
    return ResultVersion(
        version=fact.payload["version"],
        codes=tuple(_words(code) for code in fact.payload["codes"]),
        items=tuple(_item(row, items.get(row["code"])) for row in fact.payload["items"]),
        published_at=fact.recorded_at,
        correction_reason=fact.reason,
    )


def _words(code: str) -> CodeWords:
    row = ALL_CODES[code]
    return CodeWords(row.code, row.label_zh, row.label_en, row.next_zh, row.next_en, row.is_problem)


def _item(row: Mapping[str, str], item: InspectionItem | None) -> ItemFinding:
    zh, en = FINDING_WORDS[rules.Finding(row["finding"])]
    name_en, basis = (item.name_en, item.legal_basis) if item else (row["name"], "")
    return ItemFinding(row["code"], row["name"], name_en, basis, row["finding"], zh, en)


@dataclass(frozen=True)
class Row:
    """One line of the workbench: light, verb, object, number, who, one action."""

    light: Light
    due_on: date | None
    verb_zh: str
    verb_en: str
    name: str
    number: str
    who: str
    url: str
    is_waiting: bool
    is_new: bool
    is_synthetic: bool
    article: str
    check_id: int | None = None
    lot: str = ""

    @property
    def rank(self) -> tuple[int, date, str]:
        """Overdue before due today before new before the rest before what waits for others.

        Visits that are due alike stand by lot, so that neither code nor place decides which firm meets the tired inspector.
        """
        if self.is_waiting:
            group = 4
        elif self.light.colour == "red":
            group = 0
        elif self.light.working_days_left == 0:
            group = 1
        else:
            group = 2 if self.is_new else 3
        return group, self.due_on or date.max, self.lot or self.number


@dataclass(frozen=True)
class Workbench:
    """An officer's day: own rows, the unit's, the follow-ups; with counts by light."""

    mine: list[Row]
    unit: list[Row]
    follow_ups: list[Row]
    unpublished: list[Row]  # of the area, past the last day of publication

    @property
    def counts(self) -> dict[str, int]:
        rows = {(row.url, row.verb_en): row for row in [*self.mine, *self.unit, *self.follow_ups]}.values()
        return {
            "overdue": sum(row.rank[0] == 0 for row in rows),
            "due_today": sum(row.rank[0] == 1 for row in rows),
            "active": sum(row.rank[0] in {2, 3} for row in rows),
            "waiting": sum(row.is_waiting for row in rows),
        }


def case_counts(officer: Officer, today: date) -> dict[str, int]:
    """Count an officer's open steps of cases for the workbench, and those of the unit that wait for somebody."""
    mine = procedures.inbox(officer, on=today)
    free = procedures.unit_inbox(officer.organisation, officer.roles) if officer.organisation else None
    return {
        "mine": mine.count(),
        "red": mine.filter(due_on__lt=today).count(),
        "today": mine.filter(due_on=today).count(),
        "free": free.count() if free is not None else 0,
    }


def workbench(officer: Officer, today: date) -> Workbench:
    """Return what an officer has to do, in the order in which to do it."""
    checks = list(_open_checks(officer))
    mine = [row for check in checks if (row := _row_for(check, officer, today))]
    mine += [_correction_row(check, officer, today) for check in _proposed(officer)]
    taken = {row.check_id for row in mine}
    others = (check for check in checks if officer.pk not in _pair(check) and check.pk not in taken)
    unit = [_unit_row(check, today) for check in others]
    follow_ups = [follow_up_row(one, today) for one in open_follow_ups(officer)]
    late = [_publish_row(check, today) for check in checks if is_late_to_publish(check, today)]
    return Workbench(*(sorted(rows, key=lambda row: row.rank) for rows in (mine, unit, follow_ups, late)))


def is_late_to_publish(check: Check, today: date) -> bool:
    """Tell whether a result was recorded, is not public, and its last day of publication is over.

    The days run from the end of the visit: a result that the second inspector has not confirmed is late too.
    """
    result = check.result
    return (
        result is not None
        and check.state != State.PUBLISHED
        and rules.publication_due_on(result.completed_on) < today
    )


def _pair(check: Check) -> set[int]:
    return {check.inspector_first_id, check.inspector_second_id}


def _open_checks(officer: Officer) -> QuerySet[Check]:
    own = Q(inspector_first=officer) | Q(inspector_second=officer)
    return (
        Check.objects.filter(own | _area(officer))
        .exclude(events__verb=Verb.PUBLISH)
        .distinct()
        .select_related("task", "organisation", "inspector_first", "inspector_second")
        .prefetch_related("events", "results")
    )


def _area(officer: Officer, prefix: str = "") -> Q:
    if officer.organisation is None or not may(officer, Permission.VIEW_CHECK):
        return Q(pk__in=[])
    return Q(**{f"{prefix}division_code__startswith": officer.organisation.territory})


def _row_for(check: Check, officer: Officer, today: date) -> Row | None:
    state, result = check.state, check.result
    can_publish = may(officer, Permission.PUBLISH_RESULT, division=place_of(check))
    if state == State.CONFIRMED and can_publish:
        return _publish_row(check, today)
    if officer.pk not in _pair(check):
        return None
    if state == State.RESULT_ENTERED and result and result.recorded_by_id != officer.pk:
        return _row(check, today, ("确认检查结论", "Confirm the result"), f"/work/checks/{check.pk}/confirm/")
    if state in {State.RESULT_ENTERED, State.CONFIRMED}:
        words = {
            State.RESULT_ENTERED: ("等待第二人确认", "Waiting for the second inspector"),
            State.CONFIRMED: ("等待公示", "Waiting for publication"),
        }[state]
        return _row(check, today, words, f"/work/checks/{check.pk}/", is_waiting=True)
    words = {
        State.DISPATCHED: ("到场检查", "Visit"),
        State.ON_SITE: ("继续检查", "Continue the check"),
        State.RETURNED: ("补充后重交", "Complete and hand in again"),
    }[state]
    return _row(check, today, words, f"/work/checks/{check.pk}/", is_new=state == State.DISPATCHED)


def _proposed(officer: Officer) -> list[Check]:
    """Return the checks of a publisher's area whose correction was proposed and not yet decided."""
    rows = (
        Check.objects.filter(_area(officer), events__verb=Verb.PROPOSE)
        .distinct()
        .select_related("task", "organisation", "inspector_first", "inspector_second")
        .prefetch_related("events__actor", "results")
    )
    return [
        check
        for check in rows
        if check.proposal is not None and may(officer, Permission.PUBLISH_RESULT, division=place_of(check))
    ]


def _correction_row(check: Check, officer: Officer, today: date) -> Row:
    assert check.proposal is not None
    is_own = check.proposal.actor_id == officer.pk
    words = ("等待另一名公示人员确认更正", "Waiting for another publisher to confirm the correction")
    if not is_own:
        words = ("确认更正", "Confirm a correction")
    row = _row(check, today, words, f"/work/checks/{check.pk}/correct/", is_waiting=is_own)
    no_limit = rules.light(today, None, today)  # the visit's own day is over, and no law sets one for this
    return replace(row, light=no_limit, due_on=None, who=str(check.proposal.actor))


def _publish_row(check: Check, today: date) -> Row:
    result = check.result
    assert result is not None
    due_on = rules.publication_due_on(result.completed_on)
    return Row(
        light=rules.light(result.completed_on, due_on, today),
        due_on=due_on,
        verb_zh="公示检查结果",
        verb_en="Publish the result",
        name=check.entity_name,
        number=check.number,
        who=str(check.organisation),
        url=f"/work/checks/{check.pk}/publish/",
        is_waiting=False,
        is_new=False,
        is_synthetic=check.is_synthetic,
        article=rules.STEPS[State.CONFIRMED, Verb.PUBLISH].article,
        check_id=check.pk,
    )


def _unit_row(check: Check, today: date) -> Row:
    if check.state == State.CONFIRMED:
        return _publish_row(check, today)
    return _row(check, today, ("办理中", "In progress"), f"/work/checks/{check.pk}/")


def _row(
    check: Check,
    today: date,
    words: tuple[str, str],
    url: str,
    *,
    is_waiting: bool = False,
    is_new: bool = False,
) -> Row:
    return Row(
        light=check_light(check, today),
        due_on=check.due_on,
        verb_zh=words[0],
        verb_en=words[1],
        name=check.entity_name,
        number=check.number,
        who="、".join(str(one) for one in check.inspectors),
        url=url,
        is_waiting=is_waiting,
        is_new=is_new,
        is_synthetic=check.is_synthetic,
        article="",
        check_id=check.pk,
        lot=visiting_lot(check.task.plan_id, check.leaf) if check.leaf else "",
    )


def check_light(check: Check, today: date) -> Light:
    """Return the light of the visit itself: from the draw to the last day of the task."""
    return rules.light(check.task.drawn_on, check.due_on, today)


def open_follow_ups(officer: Officer) -> QuerySet[FollowUp]:
    """Return the open follow-ups of the officer's area and own checks."""
    return FollowUp.objects.filter(follow_ups_for(officer), closing=None).select_related(
        "check_record__organisation", "result"
    )


def follow_ups_for(officer: Officer) -> Q:
    """Return the condition that a follow-up lies in the officer's area or belongs to an own check."""
    own = Q(check_record__inspector_first=officer) | Q(check_record__inspector_second=officer)
    return own | _area(officer, "check_record__")


def follow_up_row(one: FollowUp, today: date) -> Row:
    check = one.check_record
    return Row(
        light=rules.light(one.starts_on, one.due_on, today),
        due_on=one.due_on,
        verb_zh=one.label_zh,
        verb_en=one.label_en,
        name=check.entity_name,
        number=check.number,
        who=str(check.organisation),
        url=f"/work/follow-ups/{one.pk}/",
        is_waiting=False,
        is_new=False,
        is_synthetic=check.is_synthetic,
        article=one.article,
        check_id=check.pk,
    )


def my_open_check_ids(officer: Officer) -> list[int]:
    """Return the checks that this officer's phone keeps for work without a network."""
    return [check.pk for check in _mine(officer) if check.state in {*_FIELD_STATES}]


_FIELD_STATES: Iterable[State] = (State.DISPATCHED, State.ON_SITE, State.RETURNED, State.RESULT_ENTERED)


def _mine(officer: Officer) -> QuerySet[Check]:
    return Check.objects.filter(Q(inspector_first=officer) | Q(inspector_second=officer)).prefetch_related(
        "events"
    )


def visiting_lot(plan_id: str, leaf: str) -> str:
    """Return the lot by which visits that are due alike stand one after the other.

    A leaf is salted, so that the order has nothing to do with the firm; anyone who may see the leaves can work it out again.
    """
    return sha256(f"{plan_id}/visit/{leaf}".encode()).hexdigest()
