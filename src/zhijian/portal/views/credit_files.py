"""Credit files of the consumer field: what everybody reads, what officers use for a stated purpose, and the statistics."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.consumer.credit_files import queries, services, sources
from zhijian.apps.consumer.credit_files.masking import masked
from zhijian.apps.consumer.credit_files.models import FileMatter, FileUse, Purpose
from zhijian.apps.consumer.credit_files.queries import CreditFile, Item
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.registers.code_lists import industry_section_label
from zhijian.engines.registers.public_records import place_on_record
from zhijian.portal.components import bar_chart, tile_map, timeline
from zhijian.portal.components.words import in_english
from zhijian.portal.views.cases import words_of
from zhijian.portal.views.declared_registers import either
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.members import words_about
from zhijian.portal.views.register import market_entities, now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.uscc import InvalidCode, UnifiedSocialCreditCode

_SHOWN = 50
_PROVINCE = "44"  # territory of the unit of the whole province


def _firm(uscc: str) -> tuple[Any, list[Any]]:
    """Return what the register of entities knows of a firm (or None), and what was delivered about it."""
    record = _record(uscc)
    register = market_entities()
    return record, register.delivered_facts(uscc) if record is not None else []


def _record(uscc: str) -> Any:
    register = market_entities()
    return register.find(uscc) if register.is_ready else None


def _is_code(text: str) -> bool:
    try:
        return UnifiedSocialCreditCode.parse(text).value == text
    except InvalidCode:
        return False


def index(request: HttpRequest) -> HttpResponse:
    """What a credit file is, how to open one, and what was collected by place and trade."""
    typed, problem = request.GET.get("code", "").replace("\x00", "").strip()[:60], ""
    if typed:
        try:
            code = UnifiedSocialCreditCode.parse(typed).value
        except InvalidCode as wrong:
            first = wrong.problems[0]
            problem = first.message_en if in_english() else first.message_zh
        else:
            return redirect("credit_file", uscc=code)
    found = queries.collected(on=today())
    sections = [(one, found.by_section[one.code]) for one in sources.SECTIONS if not one.is_internal]
    trades = _trades(found.subjects)
    if request.GET.get("format") == "csv":
        return csv_file(f"credit-files-{today()}.csv", _csv(found, sections, trades))
    rows = [(either(one.title), float(count), str(count)) for one, count in sections]
    context = {
        "typed": typed,
        "problem": problem,
        "today": today(),
        "sections": [{"section": one, "title": either(one.title), "about": either(one.about), "count": count} for one, count in sections],
        "chart": bar_chart.bars(_("在档案里的记录"), rows) if found.subjects else None,
        "trades": bar_chart.bars(_("按行业"), trades) if trades else None,
        "trade_rows": trades,
        "map": tile_map.counts(found.by_city, title=_("各市在档案里的记录"), href=lambda code: f"/entities/?prefecture_code={code}"),
        "synthetic": "part" if found.has_synthetic else "",
    }  # fmt: skip
    return render(request, "portal/credit_files/index.html", context, status=422 if problem else 200)


def _trades(subjects: tuple[str, ...]) -> list[tuple[str, float, str]]:
    """Count items by the section of industry that the register of entities names; the rest is said to be unknown."""
    register = market_entities()
    counts = _by_section(subjects, register.as_of if register.is_ready else None)
    return [
        (either(industry_section_label(code)) if code else _("登记簿未载明"), float(n), str(n))
        for code, n in counts
    ]


@lru_cache(maxsize=2)
def _by_section(subjects: tuple[str, ...], as_of: date | None) -> tuple[tuple[str, int], ...]:
    """Count once for as long as neither the items nor the register change."""
    register, counts = market_entities(), Counter[str]()
    for uscc in subjects:
        record = register.find(uscc) if as_of is not None else None
        counts[(record.industry_section or "") if record is not None else ""] += 1
    return tuple(counts.most_common())


def _csv(found: queries.Collected, sections: list[Any], trades: list[Any]) -> list[list[Any]]:
    mark = "含合成数据；" if found.has_synthetic else ""
    rows: list[list[Any]] = [
        [f"消费领域信用档案 Credit files；{mark}截至{today()}；只数本平台登记的，其他系统交付的见数据专区"],
        ["分类", "kind", "项", "item", "记录数 items"],
    ]
    rows += [["按类别", "section", one.title.zh, one.title.en, count] for one, count in sections]
    rows += [
        ["按地市", "city", code, tile_map.city_name(code), n] for code, n in sorted(found.by_city.items())
    ]
    return rows + [["按行业", "trade", name, "", int(count)] for name, count, _text in trades]


def file_page(request: HttpRequest, uscc: str) -> HttpResponse:
    """A firm's file for everybody: each item with its basis and its end; internal and past items are not there."""
    try:
        code = UnifiedSocialCreditCode.parse(uscc).value
    except InvalidCode as wrong:
        first = wrong.problems[0]
        said = first.message_en if in_english() else first.message_zh
        return render(request, "portal/credit_files/wrong_code.html", {"problem": said}, status=404)
    record, delivered = _firm(code)
    file = queries.public_file(code, on=today(), delivered=delivered)
    context = {
        **_shown(file, record),
        "may_use": _may_open(request.user, file, record),
    }
    return render(request, "portal/credit_files/file.html", context)


def _may_open(user: Any, file: CreditFile, record: Any) -> bool:
    """Say whether a reader is led to the page behind: in the area of the firm, or where the reader's unit decided a part."""
    if may(user, Permission.VIEW_CREDIT_FILE, division=place_on_record(record, file.uscc)):
        return True
    return may(user, Permission.VIEW_CREDIT_FILE) and any(one.authority == _unit(user) for one in file.items)


def _shown(file: CreditFile, record: Any) -> dict[str, Any]:
    sections = []
    for section in sources.SECTIONS:
        items, entries = file.of(section)
        if section.is_internal and not items:
            continue
        sections.append({
            "section": section, "title": either(section.title), "about": either(section.about),
            "items": [{"item": one, "entry": _line(one)} for one in items], "entries": entries,
        })  # fmt: skip
    adverse = sum(one.is_public for one in file.items)
    return {
        "file": file, "record": record, "title": record.name if record else file.name or file.uscc,
        "sections": sections, "adverse": adverse, "today": file.on, "english": in_english(),
        "association_words": words_about(file.uscc),
        "synthetic": "all" if file.is_synthetic or (record is not None and record.is_synthetic) else "",
    }  # fmt: skip


def _line(item: Item) -> timeline.Entry:
    entry = timeline.entry_of(
        item.fact, has_proof=item.is_in_log and item.is_public, is_in_log=item.is_in_log
    )
    return replace(entry, detail=masked(entry.detail), title=masked(entry.title))


# ------------------------------------------------------------------------------------------------------ officers'


@never_cache
@login_required
def whole_file_page(request: HttpRequest, uscc: str) -> HttpResponse:
    """The whole file: asked for a purpose, which is written down with who asked; from here objections and repairs begin."""
    if not _is_code(uscc):
        raise Http404
    record, delivered = _firm(uscc)
    division = place_on_record(record, uscc)
    officer = require(request.user, Permission.VIEW_CREDIT_FILE)
    file = _readable(officer, uscc, division, delivered)
    problem, act = "", request.POST.get("act", "")
    if request.method == "POST":
        try:
            if act in ("objection", "repair"):
                case = _open_case(request, uscc, act, division, delivered)
                messages.success(request, _("已登记，开始办理。"))
                return redirect("case", case_id=case.pk)
            return _use(request, officer, file, record)
        except ProcedureRefused as refused:
            problem = words_of(refused)
    context = {
        "uscc": uscc,
        "record": record,
        "purposes": _purposes(),
        "problem": problem,
        "typed": request.POST,
    }
    opened = _opened_today(officer, uscc) if problem and act in ("objection", "repair") else None
    if opened is not None:
        record_look(officer, uscc, "credit_file", at=now(), reason=opened.reason)
        context |= _work_context(officer, file, record)
        return render(request, "portal/credit_files/whole.html", context, status=422)
    return render(request, "portal/credit_files/purpose.html", context, status=422 if problem else 200)


def _readable(officer: Officer, uscc: str, division: str, delivered: list[Any]) -> CreditFile:
    """Return the whole file in the officer's area; elsewhere what is public, where the officer's own unit decided a part.

    Who punished a firm of another place hears its objection and its wish to repair, and needs nothing internal for it.
    """
    if may(officer, Permission.VIEW_CREDIT_FILE, division=division or None):
        return queries.whole_file(uscc, on=today(), delivered=delivered)
    file = queries.public_file(uscc, on=today(), delivered=delivered)
    if not any(one.authority == _unit(officer) for one in file.items):
        require(officer, Permission.VIEW_CREDIT_FILE, division=division)
    return file


def _unit(officer: Officer) -> str:
    return officer.organisation.name if officer.organisation else ""


def _opened_today(officer: Officer, uscc: str) -> FileUse | None:
    """Return for what the officer opened this file today: only then is it shown again beside what was wrong."""
    found: FileUse | None = FileUse.objects.filter(officer=officer, uscc=uscc, used_on=today()).first()
    return found


def _purposes() -> list[tuple[str, str]]:
    english = {"licensing": "Licensing and qualification", "procurement": "Procurement and tenders", "supervision": "Supervision and planning of checks",
               "case": "Handling a complaint, report or case", "honour": "Honours and model schemes", "platform": "Platform checking a seller", "finance": "Bank, as a reference"}  # fmt: skip
    return [(one.value, english[one.value] if in_english() else str(one.label)) for one in Purpose]


def _use(request: HttpRequest, officer: Officer, file: CreditFile, record: Any) -> HttpResponse:
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:200]
    if len(reason) < 4:
        raise ProcedureRefused(
            "请写明查看的事由（至少4个字），会记入查看记录。", "Say why you look, in at least four characters; it is kept."
        )  # fmt: skip
    services.record_use(
        file.uscc, asker=_unit(officer), purpose=request.POST.get("purpose", ""), reason=reason, channel="page",
        items=len(file.items) + len(file.entries), has_internal=_is_in_area(officer, file, record), by=officer, at=now(),
    )  # fmt: skip
    record_look(officer, file.uscc, "credit_file", at=now(), reason=reason)
    return render(request, "portal/credit_files/whole.html", _work_context(officer, file, record))


def _is_in_area(officer: Officer, file: CreditFile, record: Any) -> bool:
    return may(officer, Permission.VIEW_CREDIT_FILE, division=place_on_record(record, file.uscc) or None)


def _work_context(officer: Officer, file: CreditFile, record: Any) -> dict[str, Any]:
    division, unit = place_on_record(record, file.uscc), officer.organisation
    matters = FileMatter.objects.filter(uscc=file.uscc).select_related("case").order_by("-pk")
    uses = FileUse.objects.filter(uscc=file.uscc)
    if not _is_in_area(officer, file, record):
        matters, uses = matters.filter(case__organisation=unit), uses.filter(officer__organisation=unit)
    return {
        **_shown(file, record),
        "may_keep": may(officer, Permission.KEEP_CREDIT_FILE, division=division),
        "may_act": may(officer, Permission.KEEP_CREDIT_FILE),
        "unit": _unit(officer),
        "matters": matters[:_SHOWN],
        "uses": _use_rows(officer, uses[:_SHOWN], lambda _uscc: division),
        "uscc": file.uscc,
    }


def _use_rows(
    officer: Officer, uses: Iterable[FileUse], division_of: Callable[[str], str]
) -> list[dict[str, Any]]:
    """Uses as an officer may read them: a reason is free text and may tell of a report, so it needs that right."""
    words = dict(_purposes())

    def sees(use: FileUse) -> bool:
        return use.officer_id == officer.pk or may(
            officer, Permission.VIEW_REPORT, division=division_of(use.uscc)
        )

    return [
        {"use": one, "purpose": words[one.purpose], "reason": one.reason if sees(one) else ""} for one in uses
    ]


def _open_case(request: HttpRequest, uscc: str, act: str, division: str, delivered: list[Any]) -> Any:
    officer = require(request.user, Permission.KEEP_CREDIT_FILE)
    item, statement = request.POST.get("item", "")[:300], request.POST.get("statement", "")
    if act == "objection":
        return services.object_to(
            uscc, item, statement=statement, division=division, delivered=delivered, by=officer, at=now()
        )
    return services.ask_repair(
        uscc, item, statement=statement, is_committed=request.POST.get("committed") == "1", division=division,
        delivered=delivered, by=officer, at=now(),
    )  # fmt: skip


@never_cache
@login_required
def uses_page(request: HttpRequest) -> HttpResponse:
    """Who used which file for what: the province's unit reads all, another its own. A reason is free text (see `_use_rows`)."""
    officer = require(request.user, Permission.VIEW_CREDIT_FILE)
    assert officer.organisation is not None
    rows = FileUse.objects.all()
    if officer.organisation.territory != _PROVINCE:
        rows = rows.filter(officer__organisation=officer.organisation)
    record_look(officer, "credit file uses", "credit_file_uses", at=now())
    page = Paginator(rows, _SHOWN).get_page(request.GET.get("page"))
    counts = [(label, rows.filter(purpose=value).count()) for value, label in _purposes()]
    chart = bar_chart.bars(_("按用途"), [(label, float(n), str(n)) for label, n in counts])
    division_of = cache(lambda uscc: place_on_record(_record(uscc), uscc))
    shown = _use_rows(officer, page, division_of)
    return render(request, "portal/credit_files/uses.html", {"page": page, "rows": shown, "chart": chart})
