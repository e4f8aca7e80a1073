"""The catalogue of tables with lineage, and the data standards as published pages. What may be seen, `levels` decides."""

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from zhijian.infrastructure.home import current_home
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.permissions import Permission, may

_ELEMENTS_HEAD = ("element", "label_zh", "label_en", "level", "unit", "code_list", "rule")


def reader_level(user: Any) -> Any:
    """Return how far this reader's right goes."""
    from zhijian.datazone.catalogue import Level

    for permission, level in (
        (Permission.VIEW_SENSITIVE_DATA, Level.SENSITIVE),
        (Permission.VIEW_PERSONAL_DATA, Level.PERSONAL),
        (Permission.VIEW_INTERNAL_DATA, Level.INTERNAL),
    ):
        if may(user, permission):
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
        return _csv("catalogue", head, [
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
        return _csv(table, ("column", "label_zh", "label_en", "type", "level", "unit", "code_list"), rows)
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
        "trend": entry.scores[-30:], "synthetic": "part",
    }  # fmt: skip
    return render(request, "portal/data/catalogue_table.html", context)


def standards_page(request: HttpRequest) -> HttpResponse:
    """Base, technical, application and management standards of the data zone, as they are applied."""
    from zhijian.datazone import contracts
    from zhijian.datazone.catalogue import declared
    from zhijian.datazone.lake import LAYERS
    from zhijian.standards import parameters

    elements = [{"name": name, **one} for name, one in declared.elements().items()]
    kind = request.GET.get("format")
    if kind == "elements":
        rows = [
            (e["name"], e["zh"], e["en"], e["level"], e.get("unit", ""), e.get("list", ""), e.get("rule", ""))
            for e in elements
        ]
        return _csv("data-elements", _ELEMENTS_HEAD, rows)
    if kind in _CODE_LISTS:
        return _csv(kind, ("code", "name"), _CODE_LISTS[kind]())
    every = [contracts.load(name, current_home().lake / "contracts") for name in contracts.names()]
    if kind == "rules":
        every_rule = [
            (c.name, c.version, f.name if f else "", r.id, r.kind, r.severity)
            for c in every
            for f, r in c.every_rule()
        ]
        return _csv("quality-rules", ("contract", "version", "field", "rule", "kind", "severity"), every_rule)
    for one in every:
        if kind == f"contract-{one.name}":
            response = HttpResponse(one.path.read_bytes(), content_type="application/yaml")
            response.headers["Content-Disposition"] = (
                f'attachment; filename="{one.name}-{one.version}.odcs.yaml"'
            )
            return response
    context = {
        "elements": elements, "contracts": every, "code_lists": sorted(_CODE_LISTS), "layers": LAYERS,
        "tables": [{"name": name, **one} for name, one in declared.tables().items()],
        "retention": parameters.load("data/lake_retention_days").on(today()).items(),
    }  # fmt: skip
    return render(request, "portal/data/standards.html", context)


def _industries() -> list[tuple[str, str]]:
    from zhijian.standards import industries

    return [(one.code, one.name) for one in (*industries.sections(), *industries.classes())]


def _enterprise_types() -> list[tuple[str, str]]:
    from zhijian.standards import enterprise_types

    return [(one.code, one.name) for one in enterprise_types.all_types()]


def _divisions() -> list[tuple[str, str]]:
    from zhijian.standards import divisions

    cities = divisions.children("440000")
    return [(one.code, one.name) for city in cities for one in (city, *divisions.children(city.code))]


def _statuses() -> list[tuple[str, str]]:
    from zhijian.engines.registers.code_lists import STATUSES

    return [(code, label.zh) for code, label in STATUSES.items()]


_CODE_LISTS = {
    "divisions": _divisions,
    "enterprise_types": _enterprise_types,
    "industries": _industries,
    "status": _statuses,
}


def _csv(name: str, head: tuple[str, ...], rows: Any) -> HttpResponse:
    return csv_file(f"{name}-{today():%Y%m%d}.csv", [head, *rows])
