"""Consumer education for everybody: read, test oneself, see how far it reaches. No page sets a mark on its reader."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhijian.apps.consumer.complaints.intake import throttle
from zhijian.apps.consumer.education import queries, quiz, services
from zhijian.apps.consumer.education.models import EducationEvent, EducationItem
from zhijian.apps.consumer.education.registers import AUDIENCES, FIELDS, ITEMS, KINDS, LANGUAGES
from zhijian.portal.components import bar_chart, tile_map
from zhijian.portal.components.words import in_english
from zhijian.portal.views.declared_registers import either
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.standards import divisions

_PAGE = 12
READING = throttle.Limit("reading", per_address=100, per_device=0)
"""A school reads behind one address; a program that counts a county covered is held. The address's mark lasts a day."""
_FILTERS = (("kind_code", KINDS), ("field_code", FIELDS), ("audience_code", AUDIENCES), ("language_code", LANGUAGES))  # fmt: skip


def learn(request: HttpRequest) -> HttpResponse:
    """What there is to read, narrowed by trade, audience, kind and language, and the next events."""
    chosen = {name: request.GET.get(name, "") for name, _codes in _FILTERS}
    chosen = {name: value for name, value in chosen.items() if ITEMS.column(name).code(value)}
    found = queries.standing(today()).filter(**chosen)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    if words:
        found = found.filter(name__icontains=words) | found.filter(title_en__icontains=words)
    page = Paginator(found.order_by("-valid_from", "key"), _PAGE).get_page(request.GET.get("page"))
    filters = [
        {"name": name, "label": either(ITEMS.column(name).label), "chosen": chosen.get(name, ""),
         "codes": [(one.value, either(one.label)) for one in codes]}
        for name, codes in _FILTERS
    ]  # fmt: skip
    events = EducationEvent.objects.filter(valid_from__gte=today()).order_by("valid_from")[:5]
    context = {
        "page": page, "rows": [_listed(one) for one in page], "filters": filters, "words": words, "total": page.paginator.count,
        "chosen": urlencode({**chosen, **({"q": words} if words else {})}), "events": events, "is_filtered": bool(chosen or words),
        "synthetic": "part" if found.filter(is_synthetic=True).exists() else "",
    }  # fmt: skip
    return render(request, "portal/education/learn.html", context)


def _listed(item: EducationItem) -> dict[str, Any]:
    marks = [either(ITEMS.column(name).words(getattr(item, name))) for name in ("kind_code", "field_code", "audience_code")]  # fmt: skip
    return {"item": item, "title": _title(item), "marks": marks}


def _title(item: EducationItem) -> str:
    return str((in_english() and item.title_en) or item.name)


def _item(key: str) -> EducationItem:
    found = queries.standing(today()).filter(key=key).first()
    if found is None:
        raise Http404
    return found


def item_page(request: HttpRequest, key: str) -> HttpResponse:
    """One item to read. Opening it counts nothing; the reader may count it for a county, and that is all that is kept."""
    item = _item(key)
    has_english = bool(in_english() and item.body_en)
    others = [one for one in queries.for_topic(item.field_code, on=today(), most=4) if one.key != key][:3]
    context = {
        "item": item, "title": _title(item), "body": item.body_en if has_english else item.body,
        "is_chinese_only": in_english() and not item.body_en and bool(item.body), "marks": _listed(item)["marks"],
        "others": [_listed(one) for one in others], "counties": _counties(),
        "synthetic": "all" if item.is_synthetic else "",
    }  # fmt: skip
    return render(request, "portal/education/item.html", context)


def _counties() -> list[tuple[str, list[tuple[str, str]]]]:
    """Cities, each with the counties that a reader may choose."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for code in queries.counties():
        place = divisions.find(code)
        assert place is not None
        grouped.setdefault(f"{code[:4]}00", []).append((code, place.name))
    return [(tile_map.city_name(city), inside) for city, inside in grouped.items()]


@require_POST
def count_reading(request: HttpRequest, key: str) -> HttpResponse:
    """Count one reading for the county chosen; not how often one address says so within the hour."""
    item = _item(key)
    try:
        throttle.admit(READING, address=throttle.address_of(request), device="", at=now())
        services.count_reading(item.key, request.POST.get("county", "")[:9], by=None, at=now())
    except (services.NotCounted, throttle.TooOften) as refused:
        messages.error(request, refused.message_en if in_english() else refused.message_zh)
    else:
        messages.success(request, _("已记一次。只记了日期和县区，没有记是谁。"))
    return redirect("learn_item", key=item.key)


def quiz_page(request: HttpRequest) -> HttpResponse:
    """The quiz; the answers are judged and forgotten."""
    typed = {f"q{one.number}": request.POST.get(f"q{one.number}", "") for one in quiz.questions()}
    answered = quiz.judged(typed) if request.method == "POST" else []
    rows = [
        {"q": one, "text": either(one.text), "options": [(n, either(label)) for n, label in enumerate(one.options, 1)],
         "answer": next((a for a in answered if a.question == one), None), "why": either(one.why)}
        for one in quiz.questions()
    ]  # fmt: skip
    right = sum(one.is_right for one in answered)
    context = {"rows": rows, "is_judged": bool(answered), "right": right, "all": len(rows)}
    return render(request, "portal/education/quiz.html", context)


def coverage_page(request: HttpRequest) -> HttpResponse:
    """How many counties education reaches, by city, with picture and CSV; and readings by month."""
    day = today()
    rows, found, months = queries.by_city(day), queries.coverage(day), queries.readings_by_month(day)
    if request.GET.get("format") == "csv":
        return csv_file(f"education-coverage-{day}.csv", _csv(rows, months, day))
    context = {
        "today": day, "covered": len(found.covered), "counties": found.counties, "share": found.share_percent,
        "rows": [(tile_map.city_name(code), part, whole, share) for code, part, whole, share in rows],
        "map": tile_map.fifths({code: share for code, _p, _w, share in rows}, title=_("各市覆盖的县区占比"),
                               href=lambda code: f"/registers/education_bases/?division_code={code}"),
        "months": bar_chart.bars(_("每月记下的阅读次数"), [(month, float(n), f"{n:,}") for month, n in months]) if months else None,
        "synthetic": "part" if EducationEvent.objects.filter(is_synthetic=True).exists() else "",
    }  # fmt: skip
    return render(request, "portal/education/coverage.html", context)


def _csv(rows: list[tuple[str, int, int, float]], months: list[tuple[str, int]], day: Any) -> list[list[Any]]:
    mark = "含合成数据；" if EducationEvent.objects.filter(is_synthetic=True).exists() else ""
    table: list[list[Any]] = [
        [
            f"消费教育覆盖 Coverage of consumer education；{mark}截至{day}；算法见参数 consumer/education_coverage"
        ],
        ["地市 city", "名称 name", "覆盖县区 counties reached", "全部县区 counties", "占比 share_percent"],
    ]
    table += [[code, tile_map.city_name(code), part, whole, share] for code, part, whole, share in rows]
    return table + [["月份 month", month, n, "", ""] for month, n in months]
