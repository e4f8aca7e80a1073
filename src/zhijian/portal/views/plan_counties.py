"""Values of a plan by county, as pages show them: what they make of their cities, and which are late."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhijian.apps.plan.monitoring import counties
from zhijian.apps.plan.monitoring.models import PROVINCE, DataPoint
from zhijian.apps.plan.monitoring.records import plain, plain_if
from zhijian.portal.components import tile_map, words
from zhijian.portal.views import plan_quarters
from zhijian.standards import divisions


def area_name(code: str) -> str:
    """Name an area of the plan: the whole province, a city, or a county with its city."""
    if code == PROVINCE:
        return _("全省")
    if not counties.is_county(code):
        return tile_map.city_name(code)
    if words.in_english():
        return divisions.name_in_english(code) or code
    return f"{tile_map.city_name(f'{code[:4]}00')}{tile_map.area_name(code)}"


def choices(may_enter: Iterable[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return areas as the groups of a choice: the province and its cities, then the counties city by city."""
    known = list(may_enter)
    groups = [(_("全省和各市"), [one for one in known if not counties.is_county(one)])]
    for city in divisions.PREFECTURES:
        groups.append(
            (tile_map.city_name(city.code6), [one for one in known if one in counties.of_city(city.code6)])
        )
    return [(name, [(code, area_name(code)) for code in codes]) for name, codes in groups if codes]


def every_area() -> list[str]:
    """Return the province, its cities and their counties, by code."""
    cities = [one.code6 for one in divisions.PREFECTURES]
    return [PROVINCE, *cities, *(code for city in cities for code in sorted(counties.of_city(city)))]


def shown(points: Sequence[DataPoint]) -> dict[str, Any] | None:
    """Return the table of the counties' values of their newest year or quarter; None where no county reported."""
    told = [one for one in points if counties.is_county(one.area_code)]
    newest = max(((one.year, one.quarter) for one in told), default=None)
    if newest is None:
        return None
    rows = [one for one in told if (one.year, one.quarter) == newest]
    return {
        "when": plan_quarters.period(*newest),
        "rows": [
            (area_name(one.area_code), plain(one.value), plain_if(one.numerator) or "—", plain_if(one.denominator) or "—")
            for one in sorted(rows, key=lambda one: one.area_code)
        ],
    }  # fmt: skip


def late_words(late: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Say which counties keep their city from a value, as figures tell them in JSON."""
    comma = ", " if words.in_english() else "、"
    for one in late:
        told = {
            "when": plan_quarters.period(one["year"], one["quarter"]), "city": tile_map.city_name(one["city"]),
            "names": comma.join(map(tile_map.area_name, one["lacking"])),
        }  # fmt: skip
        yield _("%(when)s%(city)s缺%(names)s，没有全市的合计。") % told
