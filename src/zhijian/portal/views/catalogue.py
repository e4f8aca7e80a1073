"""The catalogue of tables with lineage, freshness and quality. What may be seen, `levels` decides."""

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.infrastructure.home import current_home
from zhijian.portal.components import trend_chart
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.portal.work_navigation import PROVINCE
from zhijian.security.audit import record_look
from zhijian.security.permissions import Permission, may

_QUALITY_HEAD = ("delivered_at", "score", "validity", "completeness", "uniqueness", "broken_rules")
_SHOWN_DELIVERIES = 30


def reader_level(user: Any) -> Any:
    """Return how far this reader's right goes: tables hold the whole province, so what is personal opens for its own unit alone."""
    from zhijian.datazone.catalogue import Level

    for permission, level, division in (
        (Permission.VIEW_SENSITIVE_DATA, Level.SENSITIVE, PROVINCE),
        (Permission.VIEW_PERSONAL_DATA, Level.PERSONAL, PROVINCE),
        (Permission.VIEW_INTERNAL_DATA, Level.INTERNAL, None),
    ):
        if may(user, permission, division=division):
            return level
    return Level.PUBLIC


def _catalogue() -> Any:
    from zhijian.datazone.catalogue import Catalogue
    from zhijian.datazone.lake import Lake

    return Catalogue(Lake(current_home().lake), at=now())


@lru_cache(maxsize=4)
def _graph(lake_root: str, published: str) -> Any:
    """The lineage of a lake, kept until something new is published."""
    from pathlib import Path

    from zhijian.datazone.catalogue import model_graph
    from zhijian.datazone.lake import Lake

    return model_graph(Lake(Path(lake_root)))


def _graph_now(lake: Any) -> Any:
    file = lake.root / "catalog.json"
    return _graph(str(lake.root), str(file.stat().st_mtime_ns) if file.exists() else "")


def catalogue_page(request: HttpRequest) -> HttpResponse:
    """Every table: what it is, how new and how good, whose, and how much of it anybody may see."""
    made = _catalogue()
    entries = [made.entry(name) for name in made.tables()]
    if request.GET.get("format") == "csv":
        head = (
            "table",
            "meaning_zh",
            "meaning_en",
            "owner_zh",
            "rows",
            "version",
            "written_at",
            "light",
            "quality",
            "level",
        )
        return csv_response("catalogue", head, [
            (one.table, one.meaning.zh, one.meaning.en, one.owner.zh, one.rows, one.version,
             one.freshness.written_at.isoformat(), one.freshness.light,
             one.scores[-1].score if one.scores else "", one.level.word)
            for one in entries
        ])  # fmt: skip
    late = sum(one.freshness.light in ("yellow", "red") for one in entries)
    context = {"entries": entries, "late": late, "synthetic": "part" if entries else ""}
    return render(request, "portal/data/catalogue.html", context)


def table_page(request: HttpRequest, table: str) -> HttpResponse:
    """One table: meaning, freshness, owner, columns with levels, lineage, a masked sample, readers, versions."""
    from zhijian.datazone import catalogue
    from zhijian.datazone.lake import LakeError
    from zhijian.portal.components import lineage_map

    made = _catalogue()
    try:
        entry = made.entry(table)
    except LakeError as problem:
        raise Http404 from problem
    if request.GET.get("format") == "csv":
        rows = [
            (c.name, c.label.zh, c.label.en, c.type, c.level.word, c.unit, c.code_list) for c in entry.columns
        ]
        return csv_response(
            table, ("column", "label_zh", "label_en", "type", "level", "unit", "code_list"), rows
        )
    if request.GET.get("format") == "quality":
        return csv_response(f"{table}-quality", _QUALITY_HEAD, map(_quality_row, entry.scores))
    column = request.GET.get("column")
    column = column if column in {one.name for one in entry.columns} else None
    graph, level = _graph_now(made.lake), reader_level(request.user)
    try:
        sample, damage = catalogue.sample(made.lake, table, level), ""
    except LakeError as found:
        sample, damage = [], str(found)
    if level > catalogue.Level.PUBLIC and sample:
        record_look(request.user, table[:60], "sample", at=now())  # type: ignore[arg-type]
    context = {
        "entry": entry, "column": column, "sample": sample, "problem": damage, "mask": catalogue.MASK,
        "rows": [list(row.values()) for row in sample], "map": lineage_map.draw(graph, table, column),
        "readers": catalogue.readers_of(graph, table, column), "versions": made.lake.versions(table)[:10],
        "trend": entry.scores[-_SHOWN_DELIVERIES:][::-1], "synthetic": "part",
        "trend_chart": _trend_chart(entry.scores[-_SHOWN_DELIVERIES:]) if entry.scores else None,
    }  # fmt: skip
    return render(request, "portal/data/catalogue_table.html", context)


def _quality_row(score: Any) -> tuple[Any, ...]:
    broken = " ".join(f"{rule['rule_id']}×{rule['count']}" for rule in score.rules)
    shares = (score.validity, score.completeness, score.uniqueness)
    return score.delivered_at.isoformat(), score.score, *shares, broken


def _trend_chart(scores: Any) -> Any:
    """Draw quality, validity and completeness of each delivery, oldest first, from 0 to 100."""
    numbers = range(1, len(scores) + 1)
    newest, before = scores[-1], scores[-2] if len(scores) > 1 else None
    said = {"score": newest.score, "before": before.score if before else None}
    title = _("最近一次质量%(score)s分，上一次%(before)s分") if before else _("质量%(score)s分，只交付过一次")
    lines = [
        (_("质量分"), [one.score for one in scores]),
        (_("有效率（%）"), [100 * one.validity for one in scores]),
        (_("完整率（%）"), [100 * one.completeness for one in scores]),
    ]
    series = [(name, list(numbers), values) for name, values in lines]
    return trend_chart.draw(
        title % said, _("第几次交付"), _("0至100"), series, write=lambda v: f"{v:.0f}", top=100
    )


def csv_response(name: str, head: tuple[str, ...], rows: Any) -> HttpResponse:
    """Return rows as a file of that name and of today."""
    return csv_file(f"{name}-{today():%Y%m%d}.csv", [head, *rows])
