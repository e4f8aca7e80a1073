"""A plan comes in from its folder: new rows are added, changed ones become versions, a changed target is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from zhijian.apps.plan.monitoring.files import PlanFiles, Row, WrongPlan
from zhijian.apps.plan.monitoring.models import Plan, PlanIndicator, PlanItem
from zhijian.apps.plan.monitoring.records import plain
from zhijian.standards.bilingual import Problem


@dataclass(frozen=True)
class Loaded:
    """What loading did: rows that are new, and rows that became a further version."""

    plan: Plan
    added: int
    changed: int

    @property
    def is_new(self) -> bool:
        return bool(self.added or self.changed)


@transaction.atomic
def load(files: PlanFiles, *, at: datetime) -> Loaded:
    """Take a plan in; the same files again change nothing.

    Raises:
        WrongPlan: a target, baseline or binding nature differs from what stands: that needs an adjustment.
    """
    head = files.head
    plan = Plan.objects.select_for_update().filter(code=head["code"]).first()
    if plan is not None and plan.digest == files.digest:
        return Loaded(plan, 0, 0)
    plan = _plan(plan, head, files.digest, at)
    added, changed = _indicators(plan, files.indicators, at)
    rows = [("commitment", files.commitments, _commitment), ("paragraph", files.paragraphs, _paragraph)]
    for kind, lines, fields in rows:
        told = [(row["number"], fields(row) | {"sequence": n}) for n, row in enumerate(lines)]
        more, other = _items(plan, kind, told, at)
        added, changed = added + more, changed + other
    return Loaded(plan, added, changed)


def _plan(plan: Plan | None, head: dict[str, Any], digest: str, at: datetime) -> Plan:
    issuer = head.get("issuer") or {}
    told = {
        "title_zh": head["title"]["zh"], "title_en": head["title"]["en"],
        "issuer_zh": issuer.get("zh", ""), "issuer_en": issuer.get("en", ""), "source": head.get("source", ""),
        "starts_on": head["starts_on"], "midterm_on": head["midterm_on"], "ends_on": head["ends_on"],
        "is_synthetic": bool(head.get("is_synthetic")), "digest": digest, "loaded_at": at,
    }  # fmt: skip
    if plan is None:
        made: Plan = Plan.objects.create(code=head["code"], **told)
        return made
    for name, value in told.items():
        setattr(plan, name, value)
    plan.version += 1
    plan.save()
    return plan


def _indicators(plan: Plan, rows: Iterable[Row], at: datetime) -> tuple[int, int]:
    newest = {one.number: one for one in plan.indicator_versions.order_by("version")}
    problems, added, changed = [], 0, 0
    for sequence, row in enumerate(rows):
        fields, known = _indicator(row) | {"sequence": sequence}, newest.get(row["number"])
        if known is None:
            PlanIndicator.objects.create(plan=plan, number=row["number"], added_at=at, **fields)
            added += 1
        elif known.goal != row.goal and not _is_adjusted(plan, known, row):
            problems.append(
                Problem(
                    f"indicators.csv {row['number']}",
                    f"目标、基期值或者属性与现行的不同（现行目标{plain(known.target)}）。改目标要走调整程序，不能改文件。",
                    f"Target, baseline or nature differ from what stands (target {plain(known.target)}). A target changes by "
                    "an adjustment procedure, not by a file.",
                )
            )
        elif _differs(known, {k: v for k, v in fields.items() if k not in _GOAL}):
            kept = {name: getattr(known, name) for name in _GOAL}
            PlanIndicator.objects.create(
                plan=plan, number=row["number"], version=known.version + 1, added_at=at, **(fields | kept)
            )
            changed += 1
    if problems:
        raise WrongPlan(problems)
    return added, changed


_GOAL = ("basis", "baseline", "target", "is_at_most", "is_binding", "baseline_text", "target_text")


def _is_adjusted(plan: Plan, known: PlanIndicator, row: Row) -> bool:
    """Say whether the file still has the target as published, and an approved adjustment is why another stands."""
    first = plan.indicator_versions.filter(number=known.number).order_by("version").first()
    return first is not None and first.goal == row.goal and known.goal != first.goal


def _indicator(row: Row) -> dict[str, Any]:
    goal = row.goal
    assert goal is not None
    same = (
        "group_zh",
        "group_en",
        "name_zh",
        "name_en",
        "unit_zh",
        "unit_en",
        "source",
        "definition_zh",
        "definition_en",
    )
    return {name: row[name] for name in same} | {
        "baseline_text": row["baseline"], "target_text": row["target"], "basis": goal.basis.value,
        "baseline": goal.baseline, "target": goal.target, "is_at_most": goal.is_at_most,
        "is_binding": goal.is_binding, "is_geometric": row["path"] == "geometric",
        "is_sampled": row["is_sampled"] == "yes", "systems": row.names("systems"),
        "obtained_zh": row.optional("obtained_zh")[:300], "obtained_en": row.optional("obtained_en")[:400],
    }  # fmt: skip


def _commitment(row: Row) -> dict[str, Any]:
    return {
        "chapter": row["chapter"], "section": row["section"][:40], "heading_zh": row["subject_zh"][:200],
        "heading_en": row["subject_en"][:300], "text": row["quote_zh"], "operator": row["operator"],
        "value_text": row["value"], "unit": row["unit"], "due": row["due"], "basis": row["basis"],
        "paragraph": row["paragraph"],
    }  # fmt: skip


def _paragraph(row: Row) -> dict[str, Any]:
    years = {name: int(row[name]) if row[name] else None for name in ("from_year", "to_year")}
    return years | {
        "chapter": row["chapter"], "section": row["section"], "heading_zh": row["heading"], "text": row["text"],
        "is_task": row["kind"] in ("task", "box"), "owner_zh": row["owner_zh"], "owner_en": row["owner_en"],
        "systems": row.names("systems"), "commitments": row.names("commitments"), "indicators": row.names("indicators"),
    }  # fmt: skip


def _items(
    plan: Plan, kind: str, told: Iterable[tuple[str, dict[str, Any]]], at: datetime
) -> tuple[int, int]:
    newest = {one.number: one for one in plan.item_versions.filter(kind=kind).order_by("version")}
    made, added = [], 0
    for number, fields in told:
        known = newest.get(number)
        if known is None:
            added += 1
        if known is None or _differs(known, fields):
            version = known.version + 1 if known else 1
            made.append(PlanItem(plan=plan, kind=kind, number=number, version=version, added_at=at, **fields))
    PlanItem.objects.bulk_create(made, batch_size=200)
    return added, len(made) - added


def _differs(known: Any, fields: dict[str, Any]) -> bool:
    return any(getattr(known, name) != value for name, value in fields.items())
