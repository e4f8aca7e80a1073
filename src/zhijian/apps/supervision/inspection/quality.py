"""The quality sample: a part of the finished inspections is done again by others who do not know what was found; how far they agree.

Whoever draws chooses nothing and gains nothing by waiting: the period, its frame and the day of a public number are announced
as a published fact before the number exists; that day's number orders the frame, and anyone with the frame can draw it again.
The second team is of another unit, and the first result stays hidden from that unit until the team recorded its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Min

from zhijian.apps.supervision.inspection.models import Check, CheckEvent, CheckResult
from zhijian.apps.supervision.inspection.rules import Verb
from zhijian.datazone.mart.risk_features import PROBLEM_CODES, UNREACHABLE_CODE
from zhijian.engines.draws.concordance import Concordance, kappa
from zhijian.engines.draws.policies import fits_shape
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.errors import RecordedDifferently
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import NotYours, ProcedureRefused
from zhijian.engines.procedures.models import Case, CaseStatus, WorkItem
from zhijian.security.models import Officer, Organisation, Role
from zhijian.security.permissions import Permission, require
from zhijian.security.persons import UNPROVEN, are_two_persons, is_same_person
from zhijian.standards import parameters
from zhijian.standards.calendar import ZONE, statutory_day

RECHECK = "supervision/quality_recheck"
SOURCE = "zhijian/inspection-quality"
ANNOUNCED = "inspection.quality_announced"
SAMPLED, COMPARED = "inspection.quality_sampled", "inspection.reinspected"
PERCENT = parameters.load("supervision/quality_recheck_percent")
FEWEST, FEWEST_LETTERS = 2, 10  # inspections of a sample; letters of a reason
FEWEST_DIGITS, LATEST = 7, timedelta(days=31)  # of the public number; of its day after the announcement
NONE, PROBLEM, UNMET = "none", "problem", "unmet"


@dataclass(frozen=True)
class Sample:
    """One drawn sample: its area and period, the cases it gave, and how far both teams agree so far."""

    fact: Fact
    cases: tuple[Case, ...]
    compared: int
    unmet: int
    agreement: Concordance

    @property
    def first(self) -> date:
        return date.fromisoformat(self.fact.payload["first"])

    @property
    def last(self) -> date:
        return date.fromisoformat(self.fact.payload["last"])


def finding_of(result: CheckResult | None) -> str:
    """Return what a result says: nothing, a problem, or that nobody was met."""
    codes = {one.code for one in result.codes} if result else set()
    if UNREACHABLE_CODE in codes:
        return UNMET
    return PROBLEM if codes & {*PROBLEM_CODES} else NONE


def frame(area: str, first: date, last: date) -> list[str]:
    """Return the numbers of the inspections of an area whose first confirmation reached us in a period; drills are none.

    The period asks when two people confirmed, not when they visited: who confirms late comes into the next period, and
    nobody confirms past the sample.
    """
    rows = CheckEvent.objects.filter(
        verb=Verb.CONFIRM,
        check_record__organisation__division_code__startswith=area,
        check_record__task__is_rehearsal=False,
    )
    confirmed = rows.order_by().values_list("check_record__number").annotate(first=Min("recorded_at"))
    begins, ends = (datetime.combine(day, time(), ZONE) for day in (first, last + timedelta(days=1)))
    numbers = confirmed.filter(first__gte=begins, first__lt=ends).values_list(
        "check_record__number", flat=True
    )
    done = set(Case.objects.filter(number__startswith=f"QS-{area}-").values_list("number", flat=True))
    return sorted(one for one in numbers if case_number(area, one) not in done)


def case_number(area: str, check: str) -> str:
    return f"QS-{area}-{check}"


def check_number(case: str) -> str:
    """Return the number of the inspection that a case repeats."""
    return case.split("-", 2)[2]


def chosen_of(numbers: Sequence[str], seed: str, area: str, *, percent: int) -> list[str]:
    """Return the numbers that a seed draws: the first by hash, at least two."""
    count = min(len(numbers), max(FEWEST, -(-len(numbers) * percent // 100)))
    return sorted(sorted(numbers, key=lambda number: rank(seed, area, number))[:count])


def rank(seed: str, area: str, number: str) -> str:
    return sha256(f"{seed}/{area}/{number}".encode()).hexdigest()


def seed_of(announced: Mapping[str, Any], value: str) -> str:
    """Return what orders the frame: the announcement's frame and the public number, hashed."""
    return sha256(f"{announced['frame_root']}/{announced['draw_on']}/{value}".encode()).hexdigest()


def _root(numbers: Sequence[str]) -> str:
    return sha256("\n".join(numbers).encode()).hexdigest()


def announce(*, source: str, shape: str, draw_on: date, by: Officer, at: datetime, reason: str = "") -> Fact:
    """Publish which inspections the next sample is drawn from, and which number of which day to come draws it.

    `source`: whose public number it is; `shape`: how it is written, with a 9 for each digit. `reason`: why what was
    announced and not drawn is announced anew, which its changed frame alone allows; both stay published.

    Raises:
        Forbidden: neither auditor nor leader.
        ProcedureRefused: one is announced already and can be drawn, its number may be known, or no reason is given;
            nothing was finished, the day is not to come, no such number.
    """
    officer, today = require(by, Permission.AUDIT_DRAWS), statutory_day(at)
    area, plain = officer.territory, source.replace("\x00", "").strip()
    if not 4 <= len(plain) <= 100 or not FEWEST_DIGITS <= shape.count("9") <= len(shape) <= 40:
        raise ProcedureRefused(
            f"请写明用谁公布的哪一个数（4至100字），以及写法：一个9代表一位数字，至少{FEWEST_DIGITS}位。",
            f"Say whose public number it is, and how it is written: a 9 for each digit, {FEWEST_DIGITS} or more.",
        )
    if not today < draw_on <= today + LATEST:
        raise ProcedureRefused(
            "取数的日子要在今天以后、31天以内：公告的时候这个数还没有产生。",
            "The day of the number lies after today, within 31 days: it does not exist yet when it is announced.",
        )
    before, why = announced(area), _plain(reason)
    _check_anew(before, why, today)
    first, last = _next_period(area, today)
    numbers = frame(area, first, last)
    if not numbers:
        raise ProcedureRefused("这段时间没有办完的检查。", "Nothing was finished in this period.")
    invented = Check.objects.filter(number__in=numbers[:1]).values_list("is_synthetic", flat=True)
    try:
        return facts.record(
            ANNOUNCED, subject="inspections", occurred_on=today,
            payload={
                "area": area, "first": first.isoformat(), "last": last.isoformat(), "frame": len(numbers),
                "frame_root": _root(numbers), "draw_on": draw_on.isoformat(), "source": plain, "shape": shape,
                **({"replaces": before.source_key, "reason": why} if before else {}),
            },
            source=SOURCE, source_key=f"announced/{area}/{last}" + (f"/{_count(area) + 1}" if before else ""), by=by, at=at, is_synthetic=all(invented),
        )  # fmt: skip
    except (IntegrityError, RecordedDifferently):
        raise ProcedureRefused(
            "这一期已经公告过，请刷新后再看。", "This sample was announced already; look again."
        ) from None


def _check_anew(before: Fact | None, reason: str, today: date) -> None:
    """Refuse to announce beside what can still be drawn, to give up what cannot without a reason, and to choose another number
    once the announced one may be known."""
    if before is None:
        return
    if not is_changed(before):
        raise ProcedureRefused(
            "已经公告了一期，抽完再公告下一期。", "One is announced already; draw it before the next."
        )
    if is_known(before, today):
        raise ProcedureRefused(
            f"公告的取数日{before.payload['draw_on']}已经到了，号码可能已知，不能换一个。请用那个号码按现在的名单抽，并写明为什么变了。",
            f"The announced day {before.payload['draw_on']} has come: its number may be known and is not exchanged for another. Draw by it from what there is now, and say why it changed.",
        )
    _check_why(reason)


def is_known(told: Fact, today: date) -> bool:
    """Say whether the announced number may be known by now."""
    return today >= date.fromisoformat(told.payload["draw_on"])


def _check_why(reason: str) -> None:
    if not FEWEST_LETTERS <= len(reason) <= 500:
        raise ProcedureRefused(
            f"办完的检查和公告时不一样了，请写明为什么变了（{FEWEST_LETTERS}至500字），理由一并留存。",
            f"The finished inspections are not those announced. Say why, in {FEWEST_LETTERS} to 500 letters; the reason is kept.",
        )


def _plain(reason: str) -> str:
    return reason.replace("\x00", "").strip()


def is_changed(told: Fact) -> bool:
    """Say whether the finished inspections are no longer those that were announced."""
    first, last = (date.fromisoformat(told.payload[name]) for name in ("first", "last"))
    return _root(frame(told.payload["area"], first, last)) != str(told.payload["frame_root"])


def _count(area: str) -> int:
    return Fact.objects.filter(
        kind=ANNOUNCED, source=SOURCE, source_key__startswith=f"announced/{area}/"
    ).count()


def _next_period(area: str, today: date) -> tuple[date, date]:
    """Return the days from the end of the last sample, or of January, to yesterday."""
    before = newest(area)
    first = (
        date.fromisoformat(before.payload["last"]) + timedelta(days=1) if before else date(today.year, 1, 1)
    )
    return first, today - timedelta(days=1)


def announced(area: str) -> Fact | None:
    """Return the announcement of an area that was not drawn yet."""
    rows = Fact.objects.filter(kind=ANNOUNCED, source=SOURCE, source_key__startswith=f"announced/{area}/")
    told, drawn = rows.order_by("-recorded_at", "-source_key").first(), newest(area)
    if told is None or (drawn is not None and drawn.payload["last"] >= told.payload["last"]):
        return None
    return told


def draw(value: str, *, by: Officer, at: datetime, reason: str = "") -> Fact:
    """Draw the announced sample of the officer's area by its public number; each case goes to a team of another unit.

    The order of the frame hangs on what was announced and on the number alone. Where the frame changed since, what is left of
    it is drawn in that same order, and both frames and the `reason` are sealed: nobody gains another number by changing it.

    Raises:
        Forbidden: neither auditor nor leader.
        ProcedureRefused: nothing is announced, its day has not come, the number is not written as announced, the frame
            changed and no reason is given, or somebody else drew it at this moment.
    """
    require(by, Permission.AUDIT_DRAWS)
    try:
        return _drawn(by.territory, value.strip(), _plain(reason), by=by, at=at)
    except (IntegrityError, RecordedDifferently):
        raise ProcedureRefused(
            "同时有人抽了这一期，请刷新后再看。", "Somebody drew this sample at this moment; look again."
        ) from None


def _check_draw(told: Fact | None, value: str, on: date) -> Fact:
    if told is None:
        raise ProcedureRefused("还没有公告，先公告再抽。", "Nothing is announced; announce it first.")
    what = told.payload
    if on < date.fromisoformat(what["draw_on"]):
        raise ProcedureRefused(
            f"公告的取数日是{what['draw_on']}，还没有到。", f"The announced day is {what['draw_on']}; it has not come."
        )  # fmt: skip
    if not fits_shape(value, what["shape"]):
        raise ProcedureRefused(
            f"公共数应写成“{what['shape']}”的样子（9代表一位数字）。",
            f"The public number is written like '{what['shape']}' (9 is a digit).",
        )
    return told


def _drawn(area: str, value: str, reason: str, *, by: Officer, at: datetime) -> Fact:
    with transaction.atomic():
        told = _check_draw(announced(area), value, statutory_day(at))
        what = told.payload
        numbers = frame(area, date.fromisoformat(what["first"]), date.fromisoformat(what["last"]))
        changed = {}
        if (root := _root(numbers)) != what["frame_root"]:
            _check_why(reason)
            changed = {"announced_frame": what["frame"], "drawn_root": root, "reason": reason}
        percent, seed = int(PERCENT.on(statutory_day(at))), seed_of(what, value)
        chosen = chosen_of(numbers, seed, area, percent=percent)
        checks = (
            Check.objects.filter(number__in=chosen).select_related("organisation", "task").order_by("number")
        )
        fact = facts.record(
            SAMPLED, subject="inspections", occurred_on=statutory_day(at),
            payload={
                "area": area, "first": what["first"], "last": what["last"], "value": value, "seed": seed,
                "frame": len(numbers), "frame_root": what["frame_root"], "percent": percent, "chosen": chosen, **changed,
            },
            source=SOURCE, source_key=f"sample/{area}/{what['last']}", by=by, at=at,
            is_synthetic=all(check.is_synthetic for check in checks) if checks else told.is_synthetic,
        )  # fmt: skip
        for check in checks:
            _open(check, fact, by=by, at=at)
    return fact


def newest(area: str) -> Fact | None:
    """Return the newest sample of an area."""
    rows = Fact.objects.filter(kind=SAMPLED, source=SOURCE, source_key__startswith=f"sample/{area}/")
    return rows.order_by("-source_key").first()


def _open(check: Check, sample: Fact, *, by: Officer, at: datetime) -> Case:
    team = team_for(check, sample.payload["seed"], sample.payload["area"], statutory_day(at))
    unit = team[0].organisation if team else by.organisation
    assert unit is not None
    case = procedures.start_case(
        RECHECK,
        number=case_number(sample.payload["area"], check.number),
        title=f"检查质量复核：{check.entity_name}",
        organisation=unit,
        division_code=unit.division_code,
        data={
            "check": check.number,
            "area": sample.payload["area"],
            "last": sample.payload["last"],
            "sampled_on": statutory_day(at),
            "team": [one.username for one in team],
        },
        by=by,
        at=at,
        entity_code=check.uscc,
        is_synthetic=check.is_synthetic,
    )
    if team:
        item = WorkItem.objects.get(case=case, task="recheck", state="open")
        procedures.assign(item, to=team[0], by=None, at=at, note="按公共数抽出的另一单位的一组")
    return case


def team_for(check: Check, seed: str, area: str, on: date) -> list[Officer]:
    """Return two certified inspectors of another unit, both of the same, by hash: of the sample's area, else of the
    prefecture, else of the province. None where no other unit has two: whoever drew finds them."""
    able: dict[int, list[Officer]] = defaultdict(list)
    for one in _able(check, on):
        able[one.organisation_id or 0].append(one)
    units = Organisation.objects.filter(pk__in=[pk for pk, people in able.items() if len(people) > 1])
    for around in dict.fromkeys((area, area[:4], area[:2])):
        near = [unit for unit in units if unit.division_code.startswith(around)]
        if near:
            unit = min(near, key=lambda one: rank(seed, check.number, one.code))
            return sorted(able[unit.pk], key=lambda one: rank(seed, check.number, one.username))[:2]
    return []


def _able(check: Check, on: date) -> list[Officer]:
    barred = were_there(check)
    people = Officer.objects.filter(
        is_active=True, organisation__is_synthetic=check.organisation.is_synthetic, certificate_valid_until__gte=on
    ).exclude(organisation=check.organisation)  # fmt: skip
    return [
        one
        for one in people
        if one.has_role(Role.INSPECTOR) and all(are_two_persons(one, first) for first in barred)
    ]


def is_hidden(check: Check, by: Officer) -> bool:
    """Say whether the officer's unit does this inspection again and has not recorded yet: the first result stays hidden."""
    open_here = Case.objects.filter(
        procedure=RECHECK, status=CaseStatus.OPEN, organisation=by.organisation, entity_code=check.uscc
    ).values_list("number", flat=True)
    return check.number in map(check_number, open_here)


def were_there(check: Check) -> list[Officer]:
    """Return who was ever on the team of an inspection: those who were replaced do not judge it either."""
    left = [one.leaving for one in check.replacements.select_related("leaving")]
    return list(dict.fromkeys([check.inspector_first, check.inspector_second, *left]))


def compare(case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime) -> dict[str, Any]:
    """Seal what the second team found beside what the first had found.

    Raises:
        NotYours: who did the first inspection, or is of its unit, does the second, or nothing shows that it is somebody else.
    """
    check = Check.objects.get(number=data["check"])
    if by is not None:
        _check_other(check, by)
    first = finding_of(check.result)
    facts.record(
        COMPARED, subject=check.uscc, occurred_on=statutory_day(at),
        payload={
            "check": check.number, "area": data["area"], "last": data["last"], "first_finding": first,
            "second_finding": str(data["outcome"]), "note": str(data["found"])[:1000],
        },
        source=SOURCE, source_key=f"compared/{case.number}", by=by or "zhijian", at=at, is_synthetic=check.is_synthetic,
    )  # fmt: skip
    return {"compared": True}


def _check_other(check: Check, by: Officer) -> None:
    team = were_there(check)
    if by.organisation_id == check.organisation_id or any(is_same_person(by, one) for one in team):
        raise NotYours(
            "第一次是您或者您单位查的，复核要由别的单位去。请交给别人。",
            "You or your unit made the first inspection; another unit makes the second. Hand it over.",
        )
    if not all(are_two_persons(by, one) for one in team):
        raise NotYours(*UNPROVEN)


def samples(area: str) -> list[Sample]:
    """Return the samples of an area and of the areas within it, the newest first."""
    facts_of = [
        one for one in Fact.objects.filter(kind=SAMPLED, source=SOURCE).order_by("-recorded_at")
        if one.payload["area"].startswith(area)
    ]  # fmt: skip
    told: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for fact in Fact.objects.filter(kind=COMPARED, source=SOURCE):
        told[fact.payload["area"], fact.payload["last"]].append(fact.payload)
    return [_sample(one, told[one.payload["area"], one.payload["last"]]) for one in facts_of]


def _sample(fact: Fact, compared: Sequence[Mapping[str, Any]]) -> Sample:
    numbers = [case_number(fact.payload["area"], number) for number in fact.payload["chosen"]]
    cases = Case.objects.filter(number__in=numbers).order_by("number")
    unmet = sum(UNMET in {one["first_finding"], one["second_finding"]} for one in compared)
    return Sample(fact, tuple(cases), len(compared), unmet, agreement(compared))


def agreement(compared: Iterable[Mapping[str, Any]]) -> Concordance:
    """Return how far both teams agree where both met somebody."""
    pairs = [(one["first_finding"], one["second_finding"]) for one in compared]
    return kappa([pair for pair in pairs if UNMET not in pair])
