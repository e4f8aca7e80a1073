"""A firm's drug-safety file, read each time from registers and facts; and the firms of an area."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from zhijian.apps.supervision.drug_files import rules
from zhijian.apps.supervision.drug_files.models import AdverseCount, DrugLicence, DrugRecall
from zhijian.apps.supervision.drug_files.rules import Event, Graded
from zhijian.engines.facts.publicity import is_removed
from zhijian.engines.registers.public_records import history_of
from zhijian.security.models import Officer
from zhijian.security.permissions import rows_in_area

FIELDS = ("drug", "drugs", "device", "medical_device", "药品器械")
PROBLEM_CODES, REFUSAL_CODE = {"4", "6", "9", "fail"}, "7"


@dataclass(frozen=True)
class DrugFile:
    """What is on record of a firm of the drug field on a day."""

    uscc: str
    name: str
    division_code: str
    licences: tuple[DrugLicence, ...]
    recalls: tuple[DrugRecall, ...]
    adverse: tuple[AdverseCount, ...]
    facts: tuple[Any, ...]
    graded: Graded
    is_synthetic: bool


def file_of(uscc: str, *, on: date) -> DrugFile | None:
    """Return the file of a firm that has or had a licence of the field; None of any other."""
    licences = tuple(DrugLicence.objects.filter(uscc=uscc).order_by("-valid_from", "key"))
    if not licences:
        return None
    recalls = tuple(DrugRecall.objects.filter(uscc=uscc).order_by("-valid_from", "key"))
    known = history_of(uscc, on=on)
    shown = tuple(one for one in known if _concerns(one))
    events = [*_of_facts(shown, known, on), *_of_recalls(recalls)]
    first = licences[0]
    return DrugFile(
        uscc, first.name, first.division_code, licences, recalls,
        tuple(AdverseCount.objects.filter(uscc=uscc).order_by("-year")), shown, rules.grade(events, on=on), first.is_synthetic,
    )  # fmt: skip


def firms_of_area(officer: Officer) -> QuerySet[DrugLicence, str]:
    """Return the codes of the firms with a licence in the officer's area, in order."""
    own = DrugLicence.objects.filter(rows_in_area(officer))
    return own.order_by("uscc").values_list("uscc", flat=True).distinct()


def codes_of(field: str, on: date) -> Iterator[str]:
    """Yield who is checked more often than the best grade of the drug field asks; nobody in other fields."""
    if field != "drug":
        return
    usual = rules.grade((), on=on).visits_per_year
    for uscc in DrugLicence.objects.order_by("uscc").values_list("uscc", flat=True).distinct().iterator():
        found = file_of(uscc, on=on)
        if found is not None and found.graded.visits_per_year > usual:
            yield uscc


def _concerns(fact: Any) -> bool:
    """Say whether a fact belongs into the file: of the field where it names one, listings and inspections in any case."""
    if fact.kind == "penalty.decided":
        return str(fact.payload.get("field") or fact.payload.get("field_code") or "") in FIELDS
    return fact.kind in ("inspection.result", "sampling.result", "serious_list.listed")


def _of_facts(shown: tuple[Any, ...], known: list[Any], on: date) -> Iterator[Event]:
    for one in shown:
        stands = not is_removed(one, known, on=on)
        codes = {str(code) for code in one.payload.get("codes") or ()}
        if one.kind == "serious_list.listed":
            yield Event(
                "serious_list", one.occurred_on, is_standing=stands and (one.public_until or on) >= on
            )
        elif one.kind == "penalty.decided":
            types = tuple(str(kind) for kind in one.payload.get("types") or ())
            yield Event("penalty", one.occurred_on, types, is_standing=stands)
        elif REFUSAL_CODE in codes:
            yield Event("refusal", one.occurred_on)
        elif codes & PROBLEM_CODES or one.payload.get("result") == "fail":
            yield Event("problem", one.occurred_on)


def _of_recalls(recalls: tuple[DrugRecall, ...]) -> Iterator[Event]:
    for one in recalls:
        yield Event("ordered_recall" if one.initiative_code == "ordered" else "own_recall", one.valid_from)
