"""Whom a draw is about, as the form says it: read, checked against the officer's area, written before the announcement."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhijian.apps.supervision.inspection import layering, policies
from zhijian.apps.supervision.inspection.eligibility import ENTERPRISE, Scope
from zhijian.apps.supervision.inspection.models import DrawScope
from zhijian.engines.draws.plan import Plan
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.registers.declared import queries, registry
from zhijian.infrastructure.language import in_english
from zhijian.security.models import Officer
from zhijian.security.permissions import in_area
from zhijian.standards import divisions
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

SOURCE, OUTSIDE = "inspection", "draw.outside_plan"
LEAST_REASON = 4  # characters
_LABELS = {ENTERPRISE: ("市场主体", "Market entities")}


def scope_of(data: Mapping[str, Any], officer: Officer) -> Scope:
    """Read the scope of a draw from a form; without a division it is the unit's own area.

    Raises:
        Incomplete: a library or tag that there is not, or a division outside the officer's area.
    """
    unit = officer.organisation
    assert unit is not None
    library = data.get("library") or ENTERPRISE
    division = data.get("division") or unit.division_code[:6]
    tags = tuple(tag for tag in str(data.get("tags") or "").split(",") if tag)
    problems = []
    if library not in libraries():
        problems.append(Problem("library", f"没有名录库{library}。", f"There is no library {library}."))
    if not in_area(officer, division):
        problems.append(
            Problem(
                "division",
                f"{division}不在您单位的管辖范围内。",
                f"{division} lies outside your unit's area.",
            )
        )
    if strange := [tag for tag in tags if tag.lstrip("-") not in tag_names()]:
        problems.append(
            Problem("tags", f"没有标签{'、'.join(strange)}。", f"There is no tag {', '.join(strange)}.")
        )
    if problems:
        raise policies.Incomplete(problems)
    return Scope(library, division, tags)


def libraries() -> dict[str, tuple[str, str]]:
    """Return the libraries of objects with their names: market entities, and those kept by hand."""
    register = registry.find("inspection_objects")
    codes = register.column("library_code").codes if register else ()
    return _LABELS | {code.value: (code.label.zh, code.label.en) for code in codes}


def tag_names() -> dict[str, tuple[str, str]]:
    """Return the tags of objects with their names; in English the Chinese one where the register has no other."""
    register = registry.find("object_tags")
    entries = queries.entries(register) if register else ()
    return {one.key: (one.name, str(one.snapshot()["name_en"]) or one.name) for one in entries}


def told(scope: Scope, officer: Officer) -> str:
    """Return what the announced title says of a scope that is not simply the unit's area."""
    unit = officer.organisation
    assert unit is not None
    parts = [libraries()[scope.library][0]] if scope.library != ENTERPRISE else []
    if scope.division != unit.division_code[:6]:
        parts.append(divisions.full_name(scope.division) or scope.division)
    names = tag_names()
    parts += [f"{'非' if tag.startswith('-') else ''}{names[tag.lstrip('-')][0]}" for tag in scope.tags]
    return (f"〔对象：{'、'.join(parts)}〕" if parts else "") + layering.told(scope.layers, names)


def words_of_form(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the scope fields that a form was opened with, and what they say in the page's language."""
    names, english = tag_names(), in_english()
    library = data.get("library") or ENTERPRISE
    division, tags = str(data.get("division") or ""), str(data.get("tags") or "")
    said = [libraries().get(library, (library, library))[english]]
    said += [divisions.full_name(division) or division] if division else []
    said += [
        f"{'≠' if tag.startswith('-') else ''}{names[tag.lstrip('-')][english] if tag.lstrip('-') in names else tag}"
        for tag in tags.split(",")
        if tag
    ]
    return {
        "library": library, "division": division, "tags": tags, "task": str(data.get("task") or ""),
        "said": " · ".join(said),
    }  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """What a draw says of the annual plan: the task that it carries out, or why there is none."""

    task: str = ""
    outside_reason: str = ""


def planned_of(data: Mapping[str, Any], codes: Collection[str], *, until: date) -> Planned:
    """Read from a form which task of a published plan a draw carries out, or why it lies outside every plan.

    Raises:
        Incomplete: the task stands in no plan in force, or has other items or another year, and no reason is given.
    """
    task, reason = str(data.get("task") or "").strip()[:60], str(data.get("outside_reason") or "").strip()
    problem = _outside(task, codes, until=until)
    if problem is None:
        return Planned(task)
    if len(reason) < LEAST_REASON:
        raise policies.Incomplete([problem])
    return Planned(task, reason[:300])


def _outside(task: str, codes: Collection[str], *, until: date) -> Problem | None:
    """Say why a draw lies outside the published plans; None where its task stands in the newest version of one."""
    number, _, place = task.rpartition("-")
    plan, _, version = number.rpartition("-")
    newest = (
        Fact.objects.filter(kind="plan.published", subject=f"plan/{plan}").order_by("-recorded_at").first()
    )
    told = newest.payload if newest is not None else {}
    stands = (
        str(told.get("version")) == version and place.isdigit() and 1 <= int(place) <= told.get("tasks", 0)
    )
    if not stands or told["year"] != until.year:
        return Problem(
            "outside_reason",
            "这次抽签不在现行公布的年度抽查计划内，请写明理由（至少4个字）；理由会给审计人员看。",
            "This draw lies outside every annual plan in force. Give the reason (four characters or more); auditors see it.",
        )
    more = [code for code in codes if code not in told.get("items", codes)]
    if more:
        return Problem(
            "outside_reason",
            f"年度计划里没有{'、'.join(more)}，请写明理由（至少4个字）；理由会给审计人员看。",
            f"The annual plan does not hold {', '.join(more)}. Give the reason (four characters or more); auditors see it.",
        )
    return None


def write(plan: Plan, scope: Scope, planned: Planned, *, by: Officer, at: datetime) -> None:
    """Write the scope of a draw once, and as a fact why it lies outside the plans; a later attempt at the draw keeps it.

    Raises:
        Incomplete: an earlier attempt had other layers.
    """
    kept, _ = DrawScope.objects.get_or_create(
        plan_id=plan.plan_id,
        defaults={
            "library": scope.library, "division_code": scope.division, "tags": list(scope.tags),
            "layers": layering.as_json(scope.layers) or None, "task": planned.task, "written_by": by, "written_at": at,
        },
    )  # fmt: skip
    layering.check_kept(kept, scope)
    if planned.outside_reason:
        assert by.organisation is not None
        payload = {
            "draw": plan.plan_id, "authority": by.organisation.name, "items": [one.code for one in plan.items],
            "reason": planned.outside_reason,
        }  # fmt: skip
        facts.record(
            OUTSIDE, subject=f"draw/{plan.plan_id}", occurred_on=statutory_day(at), source=SOURCE,
            payload=payload | ({"task": planned.task} if planned.task else {}),
            source_key=f"outside/{plan.plan_id}/{at.isoformat()}", by=by, at=at, is_synthetic=plan.is_synthetic,
        )  # fmt: skip


def outside_reason(plan_id: str) -> Fact | None:
    """Return the fact that says why a draw lies outside the plans, the newest; None where a plan holds it."""
    return Fact.objects.filter(kind=OUTSIDE, subject=f"draw/{plan_id}").order_by("-recorded_at").first()


def outside_plans() -> set[str]:
    """Return the draws that lie outside every plan."""
    subjects = Fact.objects.filter(kind=OUTSIDE).values_list("subject", flat=True)
    return {one.removeprefix("draw/") for one in subjects}
