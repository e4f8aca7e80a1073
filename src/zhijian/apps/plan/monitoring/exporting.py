"""A plan written as the folder that it is loaded from: to be kept, handed on, or changed into the next plan."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from zhijian.apps.plan.monitoring import files, queries
from zhijian.apps.plan.monitoring.models import Plan, PlanIndicator, PlanItem
from zhijian.standards.bilingual import BilingualError

_INDICATORS = (
    "number", "group_zh", "group_en", "name_zh", "name_en", "unit_zh", "unit_en", "baseline", "target", "attribute",
    "path", "is_sampled", "source", "systems", "definition_zh", "definition_en", "obtained_zh", "obtained_en",
    "owner_zh", "owner_en", "continues", "frequency", "by_county",
)  # fmt: skip
_COMMITMENTS = (
    "number", "chapter", "section", "subject_zh", "subject_en", "operator", "value", "unit", "due", "basis", "quote_zh",
    "paragraph",
)  # fmt: skip
_PARAGRAPHS = (
    "number", "chapter", "section", "heading", "kind", "text", "owner_zh", "owner_en", "from_year", "to_year",
    "systems", "commitments", "indicators",
)  # fmt: skip


class NotEmpty(BilingualError):
    """There are files already where a plan would be written."""


def write(plan: Plan, folder: Path) -> None:
    """Write a plan's head and three tables, as they were published: a target that was adjusted stands as printed.

    Raises:
        NotEmpty: the folder has files.
    """
    if folder.exists() and any(folder.iterdir()):
        raise NotEmpty(
            f"{folder}不是空的。请给一个新的文件夹。", f"{folder} is not empty. Name a new folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    head, indicators, commitments, paragraphs = files.NAMES
    (folder / head).write_text(yaml.safe_dump(_head(plan), allow_unicode=True, sort_keys=False), "utf-8")
    first = {one.number: one for one in plan.indicator_versions.order_by("-version")}
    rows = [_indicator(one, first[one.number]) for one in queries.indicators(plan)]
    _table(folder / indicators, _INDICATORS, rows)
    _table(folder / commitments, _COMMITMENTS, map(_commitment, queries.items(plan, PlanItem.COMMITMENT)))
    _table(folder / paragraphs, _PARAGRAPHS, map(_paragraph, queries.items(plan, PlanItem.PARAGRAPH)))


def _head(plan: Plan) -> dict[str, Any]:
    told = {
        "code": plan.code, "title": {"zh": plan.title_zh, "en": plan.title_en},
        "issuer": {"zh": plan.issuer_zh, "en": plan.issuer_en}, "starts_on": plan.starts_on,
        "midterm_on": plan.midterm_on, "ends_on": plan.ends_on, "is_synthetic": plan.is_synthetic, "source": plan.source,
    }  # fmt: skip
    return told | ({"units": plan.units} if plan.units else {})


def _table(file: Path, names: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _indicator(one: PlanIndicator, first: PlanIndicator) -> dict[str, Any]:
    made = {name: getattr(one, name) for name in _INDICATORS if hasattr(one, name)}
    return made | {
        "baseline": first.baseline_text, "target": first.target_text,
        "attribute": "binding" if one.is_binding else "expected",
        "path": "geometric" if one.is_geometric else "linear", "is_sampled": "yes" if one.is_sampled else "", "by_county": "yes" if one.by_county else "",
        "systems": " ".join(one.systems),
    }  # fmt: skip


def _commitment(one: PlanItem) -> dict[str, Any]:
    made = {name: getattr(one, name) for name in _COMMITMENTS if hasattr(one, name)}
    return made | {
        "subject_zh": one.heading_zh, "subject_en": one.heading_en, "value": one.value_text, "quote_zh": one.text,
    }  # fmt: skip


def _paragraph(one: PlanItem) -> dict[str, Any]:
    made = {name: getattr(one, name) for name in _PARAGRAPHS if hasattr(one, name)}
    links = {name: " ".join(getattr(one, name)) for name in ("systems", "commitments", "indicators")}
    kind = "text" if not one.is_task else "box" if "专栏" in one.section else "task"
    return made | links | {"heading": one.heading_zh, "kind": kind}
