"""The design of a draw: what its sample will be able to tell, before anything is announced. For officers who hold draws."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhijian.apps.supervision.inspection import designing, rosters
from zhijian.apps.supervision.inspection.designing import Option, Preview
from zhijian.apps.supervision.inspection.frame import officers_only, words_of
from zhijian.datazone.lake import Lake
from zhijian.engines.draws.errors import DrawRefused
from zhijian.engines.draws.expectation import Expected
from zhijian.engines.draws.plan import Plan
from zhijian.engines.forms.words import Words
from zhijian.portal.components import bar_chart
from zhijian.portal.components.tile_map import area_words
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import today
from zhijian.security.permissions import Permission, require
from zhijian.standards import parameters

_IN_THE_PICTURE = 21  # areas; a table below has all
_DEAREST = 1_000_000  # yuan or whatever unit the officer counts in, for one visit


@require_GET
@officers_only
def design_page(request: HttpRequest) -> HttpResponse:
    """Reckon a design from the address, show it by area, beside other allocations and methods; also as CSV."""
    require(request.user, Permission.MANAGE_DRAW)
    given, refusal, found, draft = request.GET, "", None, None
    if given:
        try:
            costs = _costs(given)
            design = designing.design_of(given)
            is_synthetic = given.get("subjects", "synthetic") == "synthetic"
            sector = given.get("sector", "")
            draft = designing.draft_of(design, is_synthetic=is_synthetic, at=timezone.now(), sector=sector)
            keys = [rate.key for rate in design.rates]
            found = designing.preview(
                draft, Lake(settings.HOME.lake), costs=dict(zip(keys, costs, strict=False))
            )
        except (DrawRefused, rosters.NoRegister) as problem:
            refusal = words_of(problem)
        except ValueError:
            refusal = _("比例、最少户数应为整数，费用应为大于0的数。请核对。")
    if found is not None and draft is not None and given.get("format") == "csv":
        mark = "_SYNTHETIC" if draft.is_synthetic else ""
        return csv_file(f"draw-design{mark}.csv", _table(found, draft))
    context = {
        "refusal": refusal,
        "costs": [(letter, given.get(f"cost-{letter}", "1")) for letter in "ABCD"],
        "subjects": given.get("subjects", "synthetic"),
        "sectors": [(code, words) for code, words in _sectors().items() if code != rosters.GENERAL],
        "sector": given.get("sector", ""),
        "found": found and _told(found, draft, given.dict()),
        "csv_address": "?" + urlencode(given.dict() | {"format": "csv"}),
        "announce_address": "/work/draws/new/?" + urlencode(given.dict()),
        "synthetic": "all" if found and draft and draft.is_synthetic else "",
        **designing.form_of(given),
    }
    return render(request, "portal/draws/design.html", context, status=422 if refusal else 200)


def _costs(given: Any) -> list[float]:
    """Read what one visit costs, for each class.

    Raises:
        ValueError: a cost is no number above zero.
    """
    costs = [float(given.get(f"cost-{letter}") or 1) for letter in "ABCD"]
    if not all(0 < cost <= _DEAREST for cost in costs):
        raise ValueError("a cost is out of bounds")
    return costs


def _told(found: Preview, draft: Plan | None, given: dict[str, str]) -> dict[str, Any]:
    assert draft is not None
    areas: list[dict[str, Any]] = [
        {"name": area_words(code, members), "told": told} for code, members, told in found.by_area
    ]
    shown = sorted(areas, key=lambda one: -(one["told"].half_width or 2))[:_IN_THE_PICTURE]
    letters = dict(zip(found.supposed.shares, "ABCD", strict=False))
    return {
        "overall": found.overall,
        "areas": areas,
        "chart": bar_chart.bars(
            _("各地区问题率的预期误差（±百分点），最不准的在前"),
            [(one["name"], _points(one["told"]), _plus_minus(one["told"])) for one in shown],
        ),
        "classes": [
            {"letter": letters[key] if draft.design.follows_class else "", "share": share,
             "visits": found.supposed.visits[key], "objects": found.objects_by_rate[key]}
            for key, share in found.supposed.shares.items()
        ],
        "governed": [(_sectors().get(code, code), count) for code, count in sorted(found.governed_by.items())],
        "has_visits": any(found.supposed.visits.values()),
        "allocations": [_option(one, letters, given) for one in found.allocations],
        "allocation_chart": bar_chart.bars(
            _("同样多的检查或费用，各种分配的预期误差（±百分点）"),
            [(_names()[one.key], _points(one.overall), _plus_minus(one.overall)) for one in found.allocations],
        ),
        "methods": [{"name": _names()[one.key], "one": one, "is_bound": one.key == "by_county"} for one in found.methods],
        "certain": sum(one.certain for one in found.strata),
    }  # fmt: skip


def _sectors() -> dict[str, str]:
    """Return the classes that may govern a rate, with their names."""
    listed = parameters.load("supervision/sector_class").on(today())["sectors"]
    named = {
        code: str(Words(listed[code]["zh"], listed[code]["en"])) for code in designing.sectors_on(today())
    }
    return {rosters.GENERAL: _("通用分类")} | named


def _names() -> dict[str, str]:
    return {
        "planned": _("所填的比例"),
        "proportional": _("各类同一比例"),
        "neyman": _("最优分配（Neyman），检查数相同"),
        "by_cost": _("按费用最优，费用相同"),
        "simple": _("简单随机"),
        "systematic": _("系统抽样，随机次序"),
        "by_county": _("系统抽样，按县区次序"),
        "by_capital": _("按注册资本加权"),
    }


def _points(told: Expected) -> float | None:
    return None if told.half_width is None else 100 * told.half_width


def _plus_minus(told: Expected) -> str:
    return "—" if told.half_width is None else f"±{100 * told.half_width:.1f}"


def _option(one: Option, letters: dict[str, str], given: dict[str, str]) -> dict[str, Any]:
    rates = {f"rate-{letters[key]}": str(rate) for key, rate in one.rates.items()}
    return {
        "name": _names()[one.key],
        "rates": [(letters[key], rate) for key, rate in one.rates.items()],
        "told": one.overall,
        "is_planned": one.key == "planned",
        "address": "?" + urlencode(given | rates),
    }


def _table(found: Preview, draft: Plan) -> Iterator[list[Any]]:
    """Every number of the page in one table: what, its name, objects, visits, cost, half width, expected finds."""
    yield [
        "kind",
        "name",
        "objects",
        "visits",
        "cost",
        "half_width_percent_points",
        "expected_finds",
        "unseen",
    ]
    yield ["overall", "", *_numbers(found.overall)]
    for code, members, told in found.by_area:
        yield ["area", f"{code} {area_words(code, members)}", *_numbers(told)]
    for one in found.allocations:
        rates = " ".join(f"{key}={rate}" for key, rate in one.rates.items())
        yield ["allocation", f"{one.key} {rates}", *_numbers(one.overall)]
    for one in found.methods:
        yield ["method", one.key, *_numbers(one.overall)]
    for rate in draft.design.rates:
        share = found.supposed.shares[rate.key]
        objects, visits = found.objects_by_rate[rate.key], found.supposed.visits[rate.key]
        yield ["supposed_rate_percent", rate.key, objects, visits, "", f"{100 * share:.2f}", "", ""]


def _numbers(told: Expected) -> list[Any]:
    width = "" if told.half_width is None else f"{100 * told.half_width:.2f}"
    return [told.objects, told.visits, f"{told.cost:.2f}", width, f"{told.finds:.1f}", told.unseen]
