"""Market entities: finding one, reading its page, and how its register entry changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from unicodedata import normalize
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from zhijian.apps.supervision.inspection import queries as inspections
from zhijian.engines.facts import queries as facts
from zhijian.engines.publicity.building import is_code, open_map
from zhijian.engines.registers import (
    BadCursor,
    CreditClass,
    EntityFilters,
    EntityRecord,
    EntityRegister,
    Label,
    mark,
)
from zhijian.engines.registers.code_lists import KINDS, STATUSES, industry_section_label, prefecture_label
from zhijian.infrastructure.home import current_home
from zhijian.portal.components import tile_map, timeline, words
from zhijian.portal.views.register import filters_of, market_entities, now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may
from zhijian.standards.calendar import statutory_day

FILTER_NAMES = (
    "prefecture_code", "industry_section", "entity_kind_code", "status_code", "is_synthetic",
    "from_year", "to_year",
)  # fmt: skip
_LONGEST_REASON = 400


@dataclass(frozen=True)
class Choice:
    """One value of a filter, with how many entities have it."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Filter:
    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Tile:
    """One of the four figures of an entity. Zero tiles are quiet; adverse ones stand out."""

    label: str
    value: str
    unit: str
    hint: str
    href: str
    tone: str
    day: date | None = None


def entity_list(request: HttpRequest) -> HttpResponse:
    """Search and browse the register."""
    register = market_entities()
    if not register.is_ready:
        return render(request, "portal/entities/not_ready.html")
    typed, filters = request.GET.get("q", "").strip(), filters_of(request.GET)
    try:
        page = register.search(typed, filters, request.GET.get("cursor") or None, 20)
    except BadCursor:
        page = register.search(typed, filters, None, 20)
    if page.code_check is None and len(page.records) == 1 and page.records[0].uscc == _as_code(typed):
        return redirect("entity", uscc=page.records[0].uscc)
    chosen = {name: request.GET[name] for name in ("q", *FILTER_NAMES) if request.GET.get(name)}
    context = {
        "typed": typed,
        "page": page,
        "rows": [(record, mark(record.name, typed) if typed else ()) for record in page.records],
        "filters": _filters(register, filters),
        "years": (request.GET.get("from_year", ""), request.GET.get("to_year", "")),
        "chosen_count": sum(name != "q" for name in chosen),
        "next_href": "?" + urlencode({**chosen, "cursor": page.next_cursor}) if page.next_cursor else "",
        "is_first_page": not request.GET.get("cursor"),
        "first_href": "?" + urlencode(chosen),
        "export": urlencode(_export_query(typed, filters)),
        "synthetic": "part" if any(record.is_synthetic for record in page.records) else "",
        "map": None if typed else _map(register, filters, chosen),
    }
    return render(request, "portal/entities/list.html", context)


def _as_code(typed: str) -> str:
    """Read what was typed as a code: full-width characters, small letters and spaces are forgiven."""
    return "".join(normalize("NFKC", typed).split()).upper()


def suggest(request: HttpRequest) -> JsonResponse:
    """The list of eight under the search box, as the page's script reads it."""
    register = market_entities()
    found = register.suggest(request.GET.get("q", "")[:100], 8) if register.is_ready else []
    items = [
        {
            "href": f"/entities/{one.uscc}/",
            "parts": [[piece.text, piece.is_match] for piece in one.segments],
            "hint": " · ".join(_hints(one)),
        }
        for one in found
    ]
    return JsonResponse(items, safe=False)


def _hints(one: Any) -> list[str]:
    known = [one.prefecture, one.status] if one.status in STATUSES.values() else [one.prefecture]
    return [_said(label) for label in known] + ([_("合成数据")] if one.is_synthetic else [])


def _said(label: Label) -> str:
    return label.en if words.in_english() else label.zh


def _export_query(typed: str, filters: EntityFilters) -> dict[str, object]:
    given = {name: value for name, value in vars(filters).items() if value is not None}
    if "is_synthetic" in given:
        given["is_synthetic"] = str(given["is_synthetic"]).lower()
    return {**({"q": typed} if typed else {}), **given}


def _filters(register: EntityRegister, filters: EntityFilters) -> list[Filter]:
    prefectures = {code: _said(prefecture_label(code)) for *_rest, code, _name in tile_map.PLACES}
    sections = {
        code: _said(industry_section_label(code)) for code in register.counts_by("industry_section")
        if code != "unknown"
    }  # fmt: skip
    kinds = {code: _said(label) for code, label in KINDS.items()}
    statuses = {code: _said(label) for code, label in STATUSES.items()} | {"unknown": _("来源未载明")}
    synthetic = {"0": _("真实登记"), "1": _("合成数据")}
    return [
        _filter(register, filters, "prefecture_code", _("地市"), dict(sorted(prefectures.items()))),
        _filter(register, filters, "industry_section", _("行业"), sections),
        _filter(register, filters, "entity_kind_code", _("类别"), kinds),
        _filter(register, filters, "status_code", _("状态"), statuses),
        _filter(register, filters, "is_synthetic", _("数据性质"), synthetic),
    ]


def _filter(
    register: EntityRegister, filters: EntityFilters, name: str, label: str, values: dict[str, str]
) -> Filter:
    counted = register.counts_by(name)
    current = getattr(filters, name)
    current = {True: "1", False: "0"}.get(current, current) if isinstance(current, bool) else current
    choices = [
        Choice(value, text, counted.get(value, 0), value == current)
        for value, text in values.items()
        if counted.get(value) or value == current
    ]
    return Filter(name, label, tuple(choices))


def _map(register: EntityRegister, filters: EntityFilters, chosen: dict[str, str]) -> tile_map.TileMap:
    counted = register.counts_by_prefecture(filters)
    kept = {name: value for name, value in chosen.items() if name != "prefecture_code"}
    return tile_map.counts(
        counted,
        title=_("各市市场主体户数"),
        href=lambda code: "/entities/?" + urlencode({**kept, "prefecture_code": code}),
    )


def entity(request: HttpRequest, uscc: str) -> HttpResponse:
    """The public page of one entity; officers who may see more get more, marked as internal."""
    register = market_entities()
    record = register.find(uscc) if register.is_ready else None
    if record is None:
        return _unknown(request, register, uscc)
    if record.uscc != uscc:
        return redirect("entity", uscc=record.uscc)
    day = today()
    results = inspections.results_of(record.uscc)
    entries = entries_of(register, record, day, results)
    context = {
        "record": record,
        "as_of": register.as_of,
        "answer": answer_sentence(record, entries, results),
        "tiles": tiles_of(record, entries, day),
        "years": timeline.by_year(entries),
        "entry_count": len(entries),
        "sealable_count": sum(entry.is_in_log for entry in entries),
        "version_count": record.version,
        "credit": _credit_class(request, register, record),
        "synthetic": "all" if record.is_synthetic else "",
        "whole": whole_of(record.uscc, [entry.fact_id for entry in entries]),
    }
    return render(request, "portal/entities/entity.html", context)


def whole_of(uscc: str, shown: Iterable[str]) -> dict[str, object] | None:
    """Return what the panel of completeness needs: code, ids that the page shows, day of the newest root; None before it."""
    with open_map(current_home()) as store:
        newest = store.newest() if store else None
    return {"uscc": uscc, "shown": " ".join(shown), "day": newest.day} if newest else None


def _unknown(request: HttpRequest, register: EntityRegister, uscc: str) -> HttpResponse:
    check = register.check_code(uscc) if register.is_ready else None
    whole = whole_of(check.code, []) if check and check.is_valid and is_code(check.code) else None
    context = {"uscc": uscc, "check": check, "whole": whole}
    return render(request, "portal/entities/unknown.html", context, status=404)


def entries_of(
    register: EntityRegister, record: EntityRecord, day: date, results: Iterable[Any]
) -> list[timeline.Entry]:
    """Return what everybody may see of an entity on a day: the log's facts, and delivered ones marked as such."""
    delivered = register.delivered_facts(record.uscc)
    links = {one.fact_id: f"/results/{one.id}/" for one in results}
    return [_entry(shown, links) for shown in facts.public_record(record.uscc, on=day, delivered=delivered)]


def _entry(shown: facts.PublicFact, links: Mapping[str, str]) -> timeline.Entry:
    """Return the line of a fact; what no seal covers says who delivered it, and when."""
    fact, is_in_log = shown.shown, shown.is_in_log
    entry = timeline.entry_of(fact, result_links=links, has_proof=is_in_log, is_in_log=is_in_log)
    if is_in_log:
        return entry
    said = {"source": entry.source, "day": words.day(statutory_day(fact.recorded_at))}
    return replace(entry, source=_("%(source)s（%(day)s交付）") % said)


def tiles_of(record: EntityRecord, entries: Iterable[timeline.Entry], day: date) -> list[Tile]:
    """Return the four figures: penalties, the two lists, inspections of the year."""
    shown = list(entries)
    by_kind: dict[str, list[timeline.Entry]] = {}
    for entry in shown:
        by_kind.setdefault(entry.kind, []).append(entry)
    inspected = [one for one in by_kind.get("inspection.result", ()) if one.day.year == day.year]
    return [
        _penalty_tile(by_kind.get("penalty.decided", [])),
        _list_tile(_("经营异常名录"), by_kind.get("abnormal_list.listed", [])),
        _list_tile(_("严重违法失信名单"), by_kind.get("serious_list.listed", [])),
        Tile(
            label=_("本年检查"),
            value=str(len(inspected)),
            unit=_("次"),
            hint=_("只数已公示结果的检查"),
            href="#timeline" if inspected else "",
            tone="" if inspected else "zero",
        ),
    ]


def _penalty_tile(penalties: list[timeline.Entry]) -> Tile:
    until = max((one.public_until for one in penalties if one.public_until), default=None)
    return Tile(
        label=_("行政处罚"),
        value=str(len(penalties)),
        unit=_("条"),
        hint=_("公示至") if until else _("在公示期内的"),
        href="#timeline" if penalties else "",
        tone="warn" if penalties else "zero",
        day=until,
    )


def _list_tile(label: str, listings: list[timeline.Entry]) -> Tile:
    if not listings:
        return Tile(label, _("未见列入"), "", _("以本平台收到的数据为准"), "", "zero")
    newest = max(listings, key=lambda one: one.day)
    return Tile(label, _("已列入"), "", _("列入日期"), "#timeline", "warn", newest.day)


def answer_sentence(record: EntityRecord, entries: Iterable[timeline.Entry], results: list[Any]) -> list[str]:
    """Return the sentences that answer: is it in business, is anything wrong, how was the last inspection."""
    shown = list(entries)
    kinds = [entry.kind for entry in shown]
    unsealed = sum(entry.kind in timeline.ADVERSE and not entry.is_in_log for entry in shown)
    said = [_status_sentence(record)]
    penalties = kinds.count("penalty.decided")
    if penalties:
        said.append(_("有%(count)s条行政处罚在公示期内。") % {"count": penalties})
    listed = [
        name
        for kind, name in (
            ("abnormal_list.listed", _("经营异常名录")),
            ("serious_list.listed", _("严重违法失信名单")),
        )
        if kind in kinds
    ]
    if listed:
        said.append(_("已列入%(lists)s。") % {"lists": _("、").join(listed)})
    if unsealed:
        said.append(_("其中%(count)s条来自交付数据，尚未封存。") % {"count": unsealed})
    if not penalties and not listed:
        said.append(_("在公示期内没有行政处罚，也未见列入异常或失信名单；没有记录不等于没有问题。"))
    said.append(_inspection_sentence(results, [one for one in shown if one.kind == "inspection.result"]))
    return said


def _status_sentence(record: EntityRecord) -> str:
    if record.status_code is None:
        return _("登记来源没有写明现在是否存续。")
    if record.status_code == "active":
        return _("正常存续。")
    return _("登记状态：%(status)s。") % {"status": _said(record.status)}


def _inspection_sentence(results: list[Any], shown: list[timeline.Entry]) -> str:
    """Say how the last inspection went: our own, or a later one that another system delivered."""
    newest_shown = max(shown, key=lambda one: one.day, default=None)
    if newest_shown and (not results or newest_shown.day > results[0].inspected_on):
        return _("最近一次%(title)s（%(day)s）。") % {
            "title": newest_shown.title,
            "day": words.day(newest_shown.day),
        }
    if not results:
        return _("在本平台还没有被随机检查过。")
    newest = results[0]
    found = _("；").join(code.label_en if words.in_english() else code.label_zh for code in newest.codes)
    return _("最近一次检查在%(day)s：%(found)s。") % {"day": words.day(newest.inspected_on), "found": found}


def _credit_class(request: HttpRequest, register: EntityRegister, record: EntityRecord) -> CreditClass | None:
    """Return the internal class for an officer of this area, and write down that it was seen."""
    division = record.county_code or record.prefecture_code
    user = request.user
    if not division or not may(user, Permission.VIEW_CREDIT_CLASS, division=division):
        return None
    assert isinstance(user, Officer)
    found = register.credit_class(record.uscc)
    if found is not None:
        record_look(user, record.uscc, "credit_class", at=now(), reason=_("查看主体页"))
    return found


def versions(request: HttpRequest, uscc: str) -> HttpResponse:
    """Every version of an entity's register entry, newest first, with what changed."""
    register = market_entities()
    record = register.find(uscc) if register.is_ready else None
    if record is None:
        raise Http404
    labels = {field.name: field.label for field in register.declaration.fields}
    rows, every = [], register.versions(record.uscc)
    for position, version in enumerate(every):
        older = every[position + 1].record if position + 1 < len(every) else None
        changes = [_change(name, labels, older, version.record) for name in version.changed_fields]
        rows.append({"version": version, "changes": [one for one in changes if one]})
    context = {"record": record, "rows": rows, "synthetic": "all" if record.is_synthetic else ""}
    return render(request, "portal/entities/versions.html", context)


def _change(
    name: str, labels: dict[str, Label], older: EntityRecord | None, newer: EntityRecord
) -> dict[str, str] | None:
    if name not in labels or older is None:
        return None
    before, after = getattr(older, name, None), getattr(newer, name, None)
    empty = _("（空）")
    return {"label": _said(labels[name]), "before": str(before or empty), "after": str(after or empty)}
