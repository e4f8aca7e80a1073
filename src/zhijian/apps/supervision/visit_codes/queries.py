"""What pages read of coded visits: figures by unit, visits without a code."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, Q

from zhijian.apps.supervision.inspection.models import Check, CheckEvent
from zhijian.apps.supervision.inspection.rules import Verb
from zhijian.apps.supervision.visit_codes.models import UncodedVisit, VisitFeedback, VisitStep
from zhijian.apps.supervision.visit_codes.rules import Step


@dataclass(frozen=True)
class UnitFigures:
    """What businesses said of one unit's visits of a year. Shares are of those who answered."""

    unit: str
    unit_en: str
    visits: int
    confirmed: int
    answers: int
    score: float | None
    without_certificate: int
    without_basis: int
    beyond_items: int
    favours: int
    is_synthetic: bool


def by_unit(area: str, year: int) -> list[UnitFigures]:
    """Return the units of an area with visits in a year, those with most visits first."""
    begun = CheckEvent.objects.filter(
        verb=Verb.BEGIN, happened_at__year=year, check_record__task__is_rehearsal=False,
        check_record__organisation__division_code__startswith=area,
    )  # fmt: skip
    unit = ("check_record__organisation__name", "check_record__organisation__name_en")
    rows = (
        begun.order_by()
        .values_list(*unit)
        .annotate(
            n=Count("check_record", distinct=True),
            synthetic=Count("check_record", filter=Q(check_record__is_synthetic=True)),
        )
    )
    confirmed = _counts(VisitStep.objects.filter(verb=Step.ARRIVED, at__year=year), unit[0])
    said = _opinions(area, year)
    return sorted(
        (
            UnitFigures(name, name_en, n, confirmed.get(name, 0), **said.get(name, _NOTHING), is_synthetic=synthetic > 0)
            for name, name_en, n, synthetic in rows
        ),
        key=lambda one: (-one.visits, one.unit),
    )  # fmt: skip


_ANSWERED = 200  # of those that have their answer; nobody buries an open one under them
_NOTHING: dict[str, Any] = {
    "answers": 0, "score": None, "without_certificate": 0, "without_basis": 0, "beyond_items": 0, "favours": 0,
}  # fmt: skip


def _counts(rows: Any, unit: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(unit).annotate(n=Count("check_record", distinct=True)))


def _counting(area: str, year: int) -> Any:
    """Return what counts of a year's feedback: the firm's own where it gave any, else what was said by the code alone."""
    own = VisitFeedback.objects.filter(by_account=True)
    rows = VisitFeedback.objects.filter(organisation__division_code__startswith=area, at__year=year)
    return rows.exclude(by_account=False, check_record__in=own.values("check_record"))


def _opinions(area: str, year: int) -> dict[str, dict[str, Any]]:
    found = _counting(area, year).order_by().values("organisation__name").annotate(
        answers=Count("pk"), score=Avg("score"),
        without_certificate=Count("pk", filter=Q(showed_certificates=False)),
        without_basis=Count("pk", filter=Q(told_basis=False)),
        beyond_items=Count("pk", filter=Q(kept_to_items=False)),
        favours=Count("pk", filter=Q(asked_favours=True)),
    )  # fmt: skip
    return {
        str(one["organisation__name"]): {name: value for name, value in one.items() if name in _NOTHING}
        for one in found
    }


def words_said(area: str, year: int) -> list[tuple[str, str, str]]:
    """Return month, unit and words of what was written, newest first: not who wrote, and not about which check."""
    written = (
        _counting(area, year)
        .exclude(words="")
        .order_by("-at")
        .values_list("at", "organisation__name", "words")
    )
    return [(f"{at:%Y-%m}", unit, words) for at, unit, words in written[:100]]


def is_answered(check: Check, *, by_account: bool) -> bool:
    """Say whether a visit has its feedback from an account of the firm, or from who holds the code alone."""
    return bool(VisitFeedback.objects.filter(check_record=check, by_account=by_account).exists())


def own_times(check: Check) -> dict[str, Any]:
    """Return when an account of the firm said the team arrived and left."""
    return dict(VisitStep.objects.filter(check_record=check, by_account=True).values_list("verb", "at"))


def told(area: str) -> list[UncodedVisit]:
    """Return visits without a code in an area: every one without an answer, the oldest first, then the newest answered."""
    rows = UncodedVisit.objects.filter(division_code__startswith=area).select_related("answer__by")
    return [*rows.filter(answer=None).order_by("at", "id"), *rows.exclude(answer=None)[:_ANSWERED]]


def times_of(numbers: list[str]) -> dict[str, dict[str, Any]]:
    """Return when the business said the team arrived and left, by the number of the check; its account's word goes first."""
    found: dict[str, dict[str, Any]] = {}
    rows = VisitStep.objects.filter(check_record__number__in=numbers).select_related("check_record")
    for one in rows.order_by("by_account", "at"):  # the last of a verb stays
        found.setdefault(one.check_record.number, {})[one.verb] = one.at
    return found
