"""A plan comes in from its folder: new rows are added, changed ones become versions, a changed target is refused."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import models, transaction

from zhijian.apps.plan.monitoring import queries
from zhijian.apps.plan.monitoring.files import PlanFiles, Row, WrongPlan
from zhijian.apps.plan.monitoring.models import Plan, PlanIndicator, PlanItem
from zhijian.apps.plan.monitoring.records import plain
from zhijian.standards.bilingual import Problem

MOST: Final = Decimal(10) ** 13  # as `policies.number` says of typed values


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
    """Take a plan in; the same files again change nothing, and files with a fault change nothing either.

    Raises:
        WrongPlan: with every fault: a period that another plan has, a row that is gone, a target, baseline or binding
            nature that differs from what stands (that needs an adjustment), a series to continue that does not exist.
    """
    head = files.head
    plan = Plan.objects.select_for_update().filter(code=head["code"]).first()
    if plan is not None and plan.digest == files.digest:
        return Loaded(plan, 0, 0)
    problems = [*_wrong_period(plan, head), *_gone(plan, files), *_wrong_ties(files)]
    kinds = [
        ("commitment", files.commitments, _commitment_of(files)),
        ("paragraph", files.paragraphs, _paragraph),
    ]
    problems += _too_long(PlanIndicator, "indicators.csv", files.indicators, _indicator)
    for kind, lines, fields in kinds:
        problems += _too_long(PlanItem, f"{kind}s.csv", lines, fields)
    if problems:
        raise WrongPlan(problems)
    plan = _plan(plan, head, files.digest, at)
    added, changed = _indicators(plan, files.indicators, at)
    for kind, lines, fields in kinds:
        told = [(row["number"], fields(row) | {"sequence": n}) for n, row in enumerate(lines)]
        more, other = _items(plan, kind, told, at)
        added, changed = added + more, changed + other
    return Loaded(plan, added, changed)


def check(files: PlanFiles, *, at: datetime) -> Loaded:
    """Say what `load` would do, and do nothing.

    Raises:
        WrongPlan: as `load`.
    """
    with transaction.atomic():
        found = load(files, at=at)
        transaction.set_rollback(True)
    return found


def _wrong_period(plan: Plan | None, head: dict[str, Any]) -> Iterator[Problem]:
    """Yield that a period overlaps another plan's, or that the period of a plan with values would change.

    A real plan may stand beside an invented one; an invented one never lies over another.
    """
    others = Plan.objects.filter(starts_on__lte=head["ends_on"], ends_on__gte=head["starts_on"])
    others = others.exclude(code=head["code"])
    if not head.get("is_synthetic"):
        others = others.filter(is_synthetic=False)
    for one in others:
        yield Problem(
            "plan.yaml",
            f"规划期{head['starts_on']}至{head['ends_on']}与{one.code}（{one.starts_on}至{one.ends_on}）重叠。请改starts_on或者ends_on；"
            "要更新那个规划，code要与它相同。",
            f"The period {head['starts_on']} to {head['ends_on']} overlaps that of {one.code} ({one.starts_on} to {one.ends_on}). "
            "Change starts_on or ends_on; to renew that plan, use its code.",
        )
    if (
        plan is not None
        and (plan.starts_on, plan.ends_on) != (head["starts_on"], head["ends_on"])
        and plan.points.exists()
    ):
        yield Problem(
            "plan.yaml",
            f"{plan.code}已经有值，规划期{plan.starts_on}至{plan.ends_on}不能用文件改。请改回原来的日期。",
            f"{plan.code} has values: its period {plan.starts_on} to {plan.ends_on} does not change by a file. Write those days.",
        )  # fmt: skip


def _gone(plan: Plan | None, files: PlanFiles) -> Iterator[Problem]:
    """Yield rows that stand in the register and are no longer in the files: a file takes nothing away."""
    if plan is None:
        return
    items = plan.item_versions
    for name, stand, told in (
        ("indicators.csv", plan.indicator_versions, files.indicators),
        ("commitments.csv", items.filter(kind=PlanItem.COMMITMENT), files.commitments),
        ("paragraphs.csv", items.filter(kind=PlanItem.PARAGRAPH), files.paragraphs),
    ):
        numbers = set(stand.values_list("number", flat=True))
        for number in sorted(numbers - {row["number"] for row in told}):
            yield Problem(
                name,
                f"现有的{number}不在文件里。文件不能删去已登记的内容，请补回这一行。",
                f"{number} stands in the register and is not in the file. A file takes nothing away: put its row back.",
            )


def _wrong_ties(files: PlanFiles) -> Iterator[Problem]:
    """Yield rows that continue a series which no other plan has, or has in another unit."""
    for row in files.indicators:
        tie = row.optional("continues")
        if not tie:
            continue
        before, where = queries.tied(tie), f"indicators.csv {row.line}"
        if before is None or before.plan.code == files.head["code"]:
            yield Problem(
                where,
                f"continues一栏的“{tie}”找不到。请写“规划code/指标编号”，如gd-amr-2021-2025/18，那个规划要先装入。",
                f"'{tie}' in the column continues is not found. Write code/number, such as gd-amr-2021-2025/18, of a plan "
                "that is loaded.",
            )
        elif before.unit_zh != row["unit_zh"]:
            yield Problem(
                where,
                f"接续的{tie}单位是“{before.unit_zh}”，这里是“{row['unit_zh']}”。请统一单位，或者不写continues。",
                f"{tie} is in {before.unit_en}, this row in {row['unit_en']}. Use the same unit, or leave continues empty.",
            )


def _too_long(
    model: type[models.Model], name: str, rows: Iterable[Row], fields: Callable[[Row], dict[str, Any]]
) -> Iterator[Problem]:
    """Yield texts that are longer than the register keeps, and numbers that are too large for it."""
    most = {one.name: one.max_length for one in model._meta.concrete_fields if one.max_length}
    for row in rows:
        told = fields(row) | {"number": row["number"]}
        for field, text in told.items():
            if isinstance(text, str) and len(text) > most.get(field, len(text)):
                yield Problem(
                    f"{name} {row.line}",
                    f"{field}最多{most[field]}字，现有{len(text)}字。请缩短。",
                    f"{field} has {len(text)} characters, {most[field]} at most. Shorten it.",
                )
            if isinstance(text, Decimal) and abs(text) >= MOST:
                yield Problem(
                    f"{name} {row.line}",
                    f"{field}太大：{text}。请换大一级的单位，如万、亿。",
                    f"{field} is too large: {text}. Use a larger unit.",
                )


def _plan(plan: Plan | None, head: dict[str, Any], digest: str, at: datetime) -> Plan:
    issuer = head.get("issuer") or {}
    told = {
        "title_zh": head["title"]["zh"], "title_en": head["title"]["en"],
        "issuer_zh": issuer.get("zh", ""), "issuer_en": issuer.get("en", ""), "source": head.get("source", ""),
        "starts_on": head["starts_on"], "midterm_on": head["midterm_on"], "ends_on": head["ends_on"],
        "is_synthetic": bool(head.get("is_synthetic")), "digest": digest, "loaded_at": at, "units": head.get("units"),
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
                    f"indicators.csv {row.line}",
                    f"{row['number']}的目标、基期值或者属性与现行的不同（现行目标{plain(known.target)}）。改目标要走调整程序，不能改文件。",
                    f"Target, baseline or nature of {row['number']} differ from what stands (target {plain(known.target)}). A "
                    "target changes by an adjustment procedure, not by a file.",
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


_OPTIONAL = ("obtained_zh", "obtained_en", "owner_zh", "owner_en", "continues", "frequency")


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
        "is_sampled": row["is_sampled"] == "yes", "by_county": row.optional("by_county") == "yes", "systems": row.names("systems"),
    } | {name: row.optional(name) for name in _OPTIONAL}  # fmt: skip


def _commitment_of(files: PlanFiles) -> Callable[[Row], dict[str, Any]]:
    """Return how a commitment is read: its owner and period are those of the paragraph that promises it."""
    paragraphs = {row["number"]: _paragraph(row) for row in files.paragraphs}
    of_paragraph = ("owner_zh", "owner_en", "from_year", "to_year")

    def read(row: Row) -> dict[str, Any]:
        found = paragraphs.get(row["paragraph"], {})
        return _commitment(row) | {name: found[name] for name in of_paragraph if name in found}

    return read


def _commitment(row: Row) -> dict[str, Any]:
    return {
        "chapter": row["chapter"], "section": row["section"], "heading_zh": row["subject_zh"],
        "heading_en": row["subject_en"], "text": row["quote_zh"], "operator": row["operator"],
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
