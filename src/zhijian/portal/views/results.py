"""Published results of inspections."""

from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date

from zhijian.apps.supervision.inspection import queries
from zhijian.apps.supervision.inspection.codes import ALL_CODES
from zhijian.engines.draws.queries import public_chance_of
from zhijian.portal.components import tile_map, words

_PAGE = 50
_MOST_PAGES = 40


def result_list(request: HttpRequest) -> HttpResponse:
    """Results that are published, the newest first."""
    filters = queries.ResultFilters(
        prefecture_code=request.GET.get("prefecture_code", "")[:6],
        code=request.GET.get("code", "")[:4],
        plan_id=request.GET.get("plan", "")[:60],
        words=request.GET.get("words", "").strip()[:100],
        published_from=_day(request.GET.get("from", "")),
        published_to=_day(request.GET.get("to", "")),
    )
    number = _page_of(request.GET.get("page", ""))
    found = queries.published_results(filters, limit=number * _PAGE + 1)[(number - 1) * _PAGE :]
    chosen = {name: text for name, text in request.GET.items() if text and name != "page"}
    context = {
        "results": found[:_PAGE],
        "has_more": len(found) > _PAGE,
        "page_number": number,
        "is_last_offered": number == _MOST_PAGES,
        "previous_href": "?" + urlencode({**chosen, "page": number - 1}) if number > 1 else "",
        "next_href": "?" + urlencode({**chosen, "page": number + 1}),
        "filters": filters,
        "cities": [
            (code, tile_map.city_name(code)) for code in sorted(place[2] for place in tile_map.PLACES)
        ],
        "codes": [
            (code.code, code.label_en if words.in_english() else code.label_zh) for code in ALL_CODES.values()
        ],
        "is_filtered": filters != queries.ResultFilters(),
        "is_narrowed": filters != queries.ResultFilters(plan_id=filters.plan_id),
        "synthetic": "part" if any(one.is_synthetic for one in found) else "",
    }
    return render(request, "portal/results/list.html", context)


def _page_of(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    return min(max(number, 1), _MOST_PAGES)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def result_page(request: HttpRequest, result_id: int) -> HttpResponse:
    """One published result, with what was corrected beside it."""
    found = queries.result(result_id)
    if found is None:
        raise Http404
    context = {
        "result": found,
        "chance": public_chance_of(found.plan_id, found.attempt, found.uscc),
        "synthetic": "all" if found.is_synthetic else "",
    }
    return render(request, "portal/results/result.html", context)
