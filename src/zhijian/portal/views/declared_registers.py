"""Declared registers for everybody: all of them, one, an entry with its history, statistics, files."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

import yaml
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.engines.registers.declaration import Geography, Label
from zhijian.engines.registers.declared import files, policies, queries, registry
from zhijian.engines.registers.declared.columns import Column, Kind
from zhijian.engines.registers.declared.declaration import Figure, Register
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.portal.components import bar_chart, tile_map, trend_chart, words
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require

_PAGE = 20
MOST_EXPORTED = 50_000


def either(label: Label) -> str:
    """A label in the page's language."""
    return label.en if words.in_english() else label.zh


def readable_register(request: HttpRequest, name: str) -> Register:
    """Return a register that this reader may open.

    Raises:
        Http404: there is none of that code.
        Forbidden: it is not public, and the reader is no officer who may read it.
    """
    register = registry.find(name)
    if register is None:
        raise Http404
    if not policies.can_read(register, request.user):
        require(request.user, Permission.VIEW_REGISTER_INTERNALS)
    return register


def register_list(request: HttpRequest) -> HttpResponse:
    """Every register that this reader may open, with how many entries stand."""
    rows = []
    for register in registry.every():
        if policies.can_read(register, request.user):
            found = queries.search(register, queries.Filters(state="current"), on=today())
            rows.append({"register": register, "count": found.count()})
    return render(request, "portal/registers/index.html", {"rows": rows})


def _filters(request: HttpRequest, register: Register) -> queries.Filters:
    codes = []
    for column in register.columns:
        text = request.GET.get(column.name, "")
        if column.is_filter and column.kind is Kind.CODE and column.code(text):
            codes.append((column.name, text))
    place = request.GET.get("division_code", "")
    state = request.GET.get("state", "")
    return queries.Filters(
        words=request.GET.get("q", "").replace("\x00", "").strip()[:100],
        division=place if place.isascii() and place.isdigit() and len(place) in (6, 9) else "",
        codes=tuple(codes),
        state=state if state in ("current", "ended") else "",
    )


def register_page(request: HttpRequest, name: str) -> HttpResponse:
    """One register: what it is, search and filters, the map, and the entries that match."""
    register = readable_register(request, name)
    filters = _filters(request, register)
    internal = not register.is_public
    found = queries.search(register, filters, on=today(), internal=internal)
    page = Paginator(found.order_by("-valid_from", "key"), _PAGE).get_page(request.GET.get("page"))
    chosen = {key: text for key, text in request.GET.items() if text and key != "page"}
    columns = register.readable(internal=internal, personal=False)
    context = {
        "register": register, "filters": filters, "page": page, "total": page.paginator.count,
        "rows": [_listed(entry, columns) for entry in page],
        "code_filters": _code_filters(register, filters, columns), "chosen": urlencode(chosen),
        "cities": _cities() if "division_code" in register.field_names else (),
        "map": _map(register, filters, internal=internal), "is_filtered": filters != queries.Filters(),
        "can_keep": policies.can_keep(register, request.user), "synthetic": _synthetic(found),
    }  # fmt: skip
    if internal and isinstance(request.user, Officer):
        record_look(request.user, f"register {register.name}", "list", at=now())
    return render(request, "portal/registers/list.html", context)


def _cities() -> list[tuple[str, str]]:
    return [(code, tile_map.city_name(code)) for code in sorted(place[2] for place in tile_map.PLACES)]


def _listed(entry: DeclaredEntry, columns: tuple[Column, ...]) -> dict[str, Any]:
    shown = [one for one in columns if one.in_list and one.name not in ("key", "name")]
    values = [either(said(entry, one)) for one in shown if getattr(entry, one.name) not in (None, "")]
    return {
        "entry": entry,
        "values": values,
        "stands": entry.stands_on(today()),
        "title": _title(entry, columns),
    }


def said(entry: DeclaredEntry, column: Column) -> Label:
    """Write a value for people; in English as the column's English twin says it (`name_en` of `name`), where that is filled in."""
    label = column.words(getattr(entry, column.name))
    return Label(label.zh, getattr(entry, f"{column.name}_en", "") or label.en)


def _title(entry: DeclaredEntry, columns: tuple[Column, ...]) -> str:
    name = next((one for one in columns if one.name == "name"), None)
    return either(said(entry, name)) if name else entry.key


def _rows(entry: DeclaredEntry, columns: tuple[Column, ...], title: str) -> list[Column]:
    """Return the columns that stand on the page below its title; the Chinese name too where an English one is the title."""
    known = {one.name for one in columns}
    above = {"is_synthetic"} | ({"name"} if title == entry.name else set())
    twins = {f"{name}_en" for name in known} if words.in_english() else set()
    return [one for one in columns if one.name not in above | twins]


def _code_filters(
    register: Register, filters: queries.Filters, columns: tuple[Column, ...]
) -> list[dict[str, Any]]:
    chosen = dict(filters.codes)
    return [
        {"column": one, "label": either(one.label), "chosen": chosen.get(one.name, ""),
         "codes": [(code.value, either(code.label)) for code in one.codes]}
        for one in columns
        if one.is_filter and one.kind is Kind.CODE
    ]  # fmt: skip


def _map(register: Register, filters: queries.Filters, *, internal: bool) -> tile_map.TileMap | None:
    if register.geography is Geography.NONE:
        return None
    everywhere = queries.Filters(filters.words, "", filters.codes, filters.state)
    found = queries.search(register, everywhere, on=today(), internal=internal)
    kept = [("q", filters.words), ("state", filters.state), *filters.codes]
    address = urlencode([pair for pair in kept if pair[1]])
    return tile_map.counts(
        queries.counts_by_prefecture(found),
        title=_("各市在册数"),
        href=lambda code: f"?{address}{'&' if address else ''}division_code={code}",
    )


def _synthetic(found: Any) -> str:
    if not found.filter(is_synthetic=True).exists():
        return ""
    return "part" if found.filter(is_synthetic=False).exists() else "all"


def entry_page(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """One entry: what it says, what the rules say about it, its history, and what hangs on it."""
    register = readable_register(request, name)
    entry = queries.find(register, key)
    if entry is None:
        raise Http404
    place = entry.division_code or None
    internal = policies.can_read_internals(request.user, division=place)
    personal = internal and policies.can_read_personal(register, request.user, division=place)
    if not register.is_public and not internal:
        require(request.user, Permission.VIEW_REGISTER_INTERNALS, division=place)
    columns = register.readable(internal=internal, personal=personal)
    if internal and isinstance(request.user, Officer) and set(columns) - set(register.public_columns):
        record_look(request.user, f"register {register.name}/{entry.key}"[:60], "internal columns", at=now())
    title = _title(entry, columns)
    context = {
        "register": register, "entry": entry, "title": title,
        "stands": entry.stands_on(today()), "today": today(),
        "values": [_shown(one, entry, register) for one in _rows(entry, columns, title)],
        "findings": [one for one in register.findings(entry, today()) if one.is_public or internal],
        "history": [_change(one) for one in queries.history(register, entry.key, columns)],
        "shows_who": internal, "related": _related(register, entry, request.user),
        "facts": _facts_of(register, entry),
        "can_keep": policies.can_keep(register, request.user) and internal,
        "synthetic": "all" if entry.is_synthetic else "",
    }  # fmt: skip
    return render(request, "portal/registers/entry.html", context)


def _shown(column: Column, entry: DeclaredEntry, register: Register) -> dict[str, Any]:
    value = getattr(entry, column.name)
    href = ""
    if column.kind is Kind.USCC and value:
        href = f"/entities/{value}/"
    if column.kind is Kind.REFERENCE and value:
        href = f"/registers/{column.refers_to}/entries/{value}/"
    text = column.words(value) if column.name == "name" else said(entry, column)
    return {"label": either(column.label), "text": either(text), "href": href,
            "is_code": column.kind is Kind.USCC and bool(value), "is_internal": column not in register.public_columns}  # fmt: skip


def _change(change: queries.Change) -> dict[str, Any]:
    return {
        "version": change.version,
        "changes": [
            {"label": either(one.label), "before": either(one.words(before)),
             "after": either(one.words(after))}
            for one, before, after in change.changes
        ],
    }  # fmt: skip


def _related(register: Register, entry: DeclaredEntry, reader: Any) -> list[dict[str, Any]]:
    found = []
    for other, rows in queries.related(register, entry.key):
        if policies.can_read(other, reader):
            columns = other.readable(internal=not other.is_public, personal=False)
            found.append({"register": other, "rows": [_listed(row, columns) for row in rows]})
    return found


def _facts_of(register: Register, entry: DeclaredEntry) -> list[Any]:
    if not register.is_public:
        return []
    from zhijian.engines.facts.models import Fact

    keys = [f"{entry.key}/{number}" for number in range(max(1, entry.version - 19), entry.version + 1)]
    found = Fact.objects.filter(source=f"register/{register.name}", source_key__in=keys, supersedes=None)
    return list(found.order_by("-recorded_at"))


def statistics_page(request: HttpRequest, name: str) -> HttpResponse:
    """How many, where, of which kind, since when; what the system itself counts; and how good the entries are."""
    register = readable_register(request, name)
    internal = policies.can_read_internals(request.user)
    found = queries.entries(register)
    context = {
        "register": register, "total": found.count(),
        "current": queries.search(register, queries.Filters(state="current"), on=today()).count(),
        "ended": queries.search(register, queries.Filters(state="ended"), on=today()).count(),
        "charts": [_chart(one) for one in _figures(register, internal=internal)],
        "map": _map(register, queries.Filters(), internal=not register.is_public),
        "trend": _trend(register), "quality": queries.quality(register, on=today()), "today": today(),
        "synthetic": _synthetic(found),
    }  # fmt: skip
    if not register.is_public and isinstance(request.user, Officer):
        record_look(request.user, f"register {register.name}", "statistics", at=now())
    return render(request, "portal/registers/statistics.html", context)


def _figures(register: Register, *, internal: bool) -> list[Figure]:
    """The pictures of a register: one for each column it counts by, and its own."""
    found = [
        _counted(register, register.column(name))
        for name in register.counted_by
        if internal or register.column(name) in register.public_columns
    ]
    return found + [one for one in register.figures(today()) if one.is_public or internal]


def _counted(register: Register, column: Column) -> Figure:
    counts = queries.counts_by(queries.entries(register), column)
    values = [one.value for one in column.codes] if column.kind is Kind.CODE else sorted(counts, key=str)
    rows = tuple(
        (column.words(value), float(counts.get(value, 0)), f"{counts.get(value, 0):,}") for value in values
    )
    return Figure(
        Label(f"按{column.label.zh}", f"By {column.label.en.lower()}"), rows, Label("条", "entries")
    )


def _chart(figure: Figure) -> dict[str, Any]:
    rows = [(either(name), value, text) for name, value, text in figure.rows]
    title = f"{either(figure.title)}（{either(figure.unit)}）" if figure.unit.zh else either(figure.title)
    return {
        "chart": bar_chart.bars(title, rows),
        "title": title,
        "rows": rows,
        "is_internal": not figure.is_public,
    }


def _trend(register: Register) -> Any:
    counts = queries.counts_by(queries.entries(register), register.column("valid_from"))
    years = sorted(year for year in counts if year)
    if len(years) < 2:
        return None
    return trend_chart.draw(
        _("每年新增"), _("年"), _("条"), [(_("新增"), years, [counts[year] for year in years])],
        write=lambda value: f"{value:g}", break_after=today().year - 1, break_text=str(today().year),
    )  # fmt: skip


def statistics_csv(request: HttpRequest, name: str) -> HttpResponse:
    """Every number of the page of statistics as one table."""
    register = readable_register(request, name)
    internal = policies.can_read_internals(request.user)
    rows: list[list[Any]] = [
        [_note(register, queries.entries(register))],
        ["图", "picture", "项", "item", "数值", "单位"],
    ]
    for figure in _figures(register, internal=internal):
        for label, value, _text in figure.rows:
            rows.append([figure.title.zh, figure.title.en, label.zh, label.en, value, figure.unit.zh])
    if "division_code" in register.field_names:
        for code, count in sorted(queries.counts_by_prefecture(queries.entries(register)).items()):
            rows.append(["按地市", "By prefecture", code, tile_map.city_name(code), count, "条"])
    for year, count in queries.counts_by(queries.entries(register), register.column("valid_from")).items():
        rows.append(["每年新增", "New by year", year, year, count, "条"])
    return csv_file(f"{register.name}-statistics-{today()}.csv", rows)


def _note(register: Register, found: Any) -> str:
    has_synthetic = found.filter(is_synthetic=True).exists()
    return files.note(register, count=found.count(), as_of=today(), has_synthetic=has_synthetic)


def _exported(request: HttpRequest, register: Register) -> tuple[Any, tuple[Column, ...]]:
    """The entries of a search and the columns that leave; internal ones only on request, by right and on record."""
    internal = not register.is_public or request.GET.get("internal") == "1"
    found = queries.search(register, _filters(request, register), on=today(), internal=internal).order_by(
        "key"
    )
    if not internal:
        return found[:MOST_EXPORTED], register.public_columns
    officer = require(request.user, Permission.VIEW_REGISTER_INTERNALS)
    territory = officer.organisation.territory if officer.organisation else "-"
    if "division_code" in register.field_names:
        found = found.filter(division_code__startswith=territory)
    personal = policies.can_read_personal(register, officer)
    record_look(officer, f"register {register.name}"[:60], "export", at=now())
    return found[:MOST_EXPORTED], register.readable(internal=True, personal=personal)


def entries_csv(request: HttpRequest, name: str) -> HttpResponse:
    """The open file of a register; with filters, what they leave. It reads back by the import as it is."""
    from zhijian.portal.api.exports import defused

    register = readable_register(request, name)
    found, columns = _exported(request, register)
    rows: list[list[Any]] = [[_note(register, queries.entries(register))], *files.heading(columns)]
    rows += [[defused(value) for value in files.row(entry, columns)] for entry in found]
    return csv_file(f"{_stem(register, found)}.csv", rows)


def entries_xlsx(request: HttpRequest, name: str) -> FileResponse:
    """The same as an Excel workbook."""
    from zhijian.portal.api.exports import Export, xlsx_file

    register = readable_register(request, name)
    found, columns = _exported(request, register)
    has_synthetic = any(entry.is_synthetic for entry in found)
    export = Export(
        columns=tuple((one.name, one.label.zh) for one in columns),
        rows=(files.row(entry, columns) for entry in found),
        note=_note(register, queries.entries(register)),
        file_stem=_stem(register, found),
        has_synthetic=has_synthetic,
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return FileResponse(
        xlsx_file(export), content_type=kind, as_attachment=True, filename=f"{export.file_stem}.xlsx"
    )


def _stem(register: Register, found: Any) -> str:
    mark = "-synthetic" if any(entry.is_synthetic for entry in found) else ""
    return f"{register.name}-{today()}{mark}"


def contract_file(request: HttpRequest, name: str) -> HttpResponse:
    """The data contract of the open file."""
    register = readable_register(request, name)
    text = yaml.safe_dump(files.contract(register), allow_unicode=True, sort_keys=False)
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{register.contract}.odcs.yaml"'
    return response


def schema_file(request: HttpRequest, name: str) -> HttpResponse:
    """The JSON Schema of one public entry."""
    return JsonResponse(
        files.json_schema(readable_register(request, name)), json_dumps_params={"ensure_ascii": False}
    )


def as_day(text: str) -> date | None:
    """Read a day from a form."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
