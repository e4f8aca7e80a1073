"""The quality sample: a part of the finished inspections is done again by others who do not know what was found; how far they agree.

The sample is drawn from the root of a sealed day, so that whoever draws it chooses nothing: the period begins where the last
one ended and ends with the newest sealed day, and anyone with the frame can draw it again.
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
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.errors import RecordedDifferently
from zhijian.engines.facts.models import Fact, Seal
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import NotYours, ProcedureRefused
from zhijian.engines.procedures.models import Case, WorkItem
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import Permission, require
from zhijian.standards import parameters
from zhijian.standards.calendar import ZONE, statutory_day

RECHECK = "supervision/quality_recheck"
SOURCE = "zhijian/inspection-quality"
SAMPLED, COMPARED = "inspection.quality_sampled", "inspection.reinspected"
PERCENT = parameters.load("supervision/quality_recheck_percent")
FEWEST = 2
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


def chosen_of(numbers: Sequence[str], seal_root: str, area: str, *, percent: int) -> list[str]:
    """Return the numbers that a sealed root draws: the first by hash, at least two."""
    count = min(len(numbers), max(FEWEST, -(-len(numbers) * percent // 100)))
    return sorted(sorted(numbers, key=lambda number: rank(seal_root, area, number))[:count])


def rank(seal_root: str, area: str, number: str) -> str:
    return sha256(f"{seal_root}/{area}/{number}".encode()).hexdigest()


def draw(*, by: Officer, at: datetime) -> Fact:
    """Draw the next sample of the officer's area and open a case for each inspection in it, given to another team.

    Raises:
        Forbidden: neither auditor nor leader.
        ProcedureRefused: no day was sealed since the last sample, nothing was finished in the period, or somebody else
            drew it at this moment.
    """
    require(by, Permission.AUDIT_DRAWS)
    try:
        return _drawn(by.territory, by=by, at=at)
    except (IntegrityError, RecordedDifferently):
        raise ProcedureRefused(
            "同时有人抽了这一期，请刷新后再看。", "Somebody drew this sample at this moment; look again."
        ) from None


def _drawn(area: str, *, by: Officer, at: datetime) -> Fact:
    with transaction.atomic():
        before = newest(area)
        seal = Seal.objects.filter(day__lt=statutory_day(at)).order_by("-day").first()
        first = (
            date.fromisoformat(before.payload["last"]) + timedelta(days=1)
            if before
            else date(statutory_day(at).year, 1, 1)
        )
        if seal is None or seal.day < first:
            raise ProcedureRefused(
                "上次抽样之后还没有封存过新的一天，明天再抽。",
                "No day was sealed since the last sample; draw tomorrow.",
            )
        numbers = frame(area, first, seal.day)
        if not numbers:
            raise ProcedureRefused("这段时间没有办完的检查。", "Nothing was finished in this period.")
        percent = int(PERCENT.on(statutory_day(at)))
        chosen = chosen_of(numbers, seal.root, area, percent=percent)
        checks = (
            Check.objects.filter(number__in=chosen).select_related("organisation", "task").order_by("number")
        )
        fact = facts.record(
            SAMPLED, subject="inspections", occurred_on=statutory_day(at),
            payload={
                "area": area, "first": first.isoformat(), "last": seal.day.isoformat(), "seal_root": seal.root,
                "frame": len(numbers), "frame_root": sha256("\n".join(numbers).encode()).hexdigest(),
                "percent": percent, "chosen": chosen,
            },
            source=SOURCE, source_key=f"sample/{area}/{seal.day}", by=by, at=at,
            is_synthetic=all(check.is_synthetic for check in checks),
        )  # fmt: skip
        for check in checks:
            _open(check, fact, by=by, at=at)
    return fact


def newest(area: str) -> Fact | None:
    """Return the newest sample of an area."""
    rows = Fact.objects.filter(kind=SAMPLED, source=SOURCE, source_key__startswith=f"sample/{area}/")
    return rows.order_by("-source_key").first()


def _open(check: Check, sample: Fact, *, by: Officer, at: datetime) -> Case:
    team = team_for(check, sample.payload["seal_root"], statutory_day(at))
    case = procedures.start_case(
        RECHECK,
        number=case_number(sample.payload["area"], check.number),
        title=f"检查质量复核：{check.entity_name}",
        organisation=check.organisation,
        division_code=check.organisation.division_code,
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
        procedures.assign(item, to=team[0], by=None, at=at, note="按封存的根抽出的另一组")
    return case


def team_for(check: Check, seal_root: str, on: date) -> list[Officer]:
    """Return two certified inspectors of the unit who were not there first, by hash; fewer where it has not so many."""
    barred = were_there(check)
    able = [
        one
        for one in Officer.objects.filter(organisation=check.organisation, is_active=True)
        if one.has_role(Role.INSPECTOR)
        and one.certificate_valid_until is not None
        and one.certificate_valid_until >= on
        and one.pk not in barred
    ]
    return sorted(able, key=lambda one: rank(seal_root, check.number, one.username))[:2]


def were_there(check: Check) -> set[int]:
    """Return who was ever on the team of an inspection: those who were replaced do not judge it either."""
    left = check.replacements.values_list("leaving_id", flat=True)
    return {check.inspector_first_id, check.inspector_second_id, *left}


def compare(case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime) -> dict[str, Any]:
    """Seal what the second team found beside what the first had found.

    Raises:
        NotYours: who did the first inspection does the second.
    """
    check = Check.objects.get(number=data["check"])
    if by is not None and by.pk in were_there(check):
        raise NotYours(
            "第一次是您查的，复核要由别人去。请交给同事。",
            "You made the first inspection; somebody else makes the second. Hand it over.",
        )
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
