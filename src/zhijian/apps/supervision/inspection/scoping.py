"""Whom a draw is about, as the form says it: read, checked against the officer's area, written before the announcement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from zhijian.apps.supervision.inspection import policies
from zhijian.apps.supervision.inspection.eligibility import ENTERPRISE, Scope
from zhijian.apps.supervision.inspection.models import DrawScope
from zhijian.engines.registers.declared import queries, registry
from zhijian.security.models import Officer
from zhijian.security.permissions import in_area
from zhijian.standards import divisions
from zhijian.standards.bilingual import Problem

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


def tag_names() -> dict[str, str]:
    """Return the tags of objects with their names."""
    register = registry.find("object_tags")
    return dict(queries.entries(register).values_list("key", "name")) if register else {}


def told(scope: Scope, officer: Officer) -> str:
    """Return what the announced title says of a scope that is not simply the unit's area."""
    unit = officer.organisation
    assert unit is not None
    parts = [libraries()[scope.library][0]] if scope.library != ENTERPRISE else []
    if scope.division != unit.division_code[:6]:
        parts.append(divisions.full_name(scope.division) or scope.division)
    names = tag_names()
    parts += [f"{'非' if tag.startswith('-') else ''}{names[tag.lstrip('-')]}" for tag in scope.tags]
    return f"〔对象：{'、'.join(parts)}〕" if parts else ""


def words_of_form(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the scope fields that a form was opened with, and what they say in the page's language."""
    names, english = tag_names(), (get_language() or "").startswith("en")
    library = data.get("library") or ENTERPRISE
    division, tags = str(data.get("division") or ""), str(data.get("tags") or "")
    said = [libraries().get(library, (library, library))[english]]
    said += [divisions.full_name(division) or division] if division else []
    said += [
        f"{'≠' if tag.startswith('-') else ''}{names.get(tag.lstrip('-'), tag)}"
        for tag in tags.split(",")
        if tag
    ]
    return {
        "library": library, "division": division, "tags": tags, "task": str(data.get("task") or ""),
        "said": " · ".join(said),
    }  # fmt: skip


def write(plan_id: str, scope: Scope, task: str, *, by: Officer, at: datetime) -> None:
    """Write the scope of a draw once; a later attempt at the same draw keeps it."""
    DrawScope.objects.get_or_create(
        plan_id=plan_id,
        defaults={
            "library": scope.library, "division_code": scope.division, "tags": list(scope.tags),
            "task": task[:60], "written_by": by, "written_at": at,
        },
    )  # fmt: skip
