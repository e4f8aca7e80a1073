"""Key supervision in sums, for everybody: how many firms, in which field, in which city. No firm is named."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.apps.supervision.key_files import queries
from zhijian.apps.supervision.key_files.models import KeyFile
from zhijian.apps.supervision.key_files.pages import FIELDS
from zhijian.portal.components import bar_chart, tile_map
from zhijian.portal.components.words import in_english
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import today


def sums_page(request: HttpRequest) -> HttpResponse:
    """Show the open files by field and city; a sum so small that it would name a firm is not given."""
    by_field, by_city = queries.sums()
    cities = {code: n for code, n in by_city.items() if n >= queries.LEAST_SHOWN}
    rows = [
        (names[in_english()], by_field[str(field)])
        for field, names in FIELDS.items()
        if by_field[str(field)] >= queries.LEAST_SHOWN
    ]
    has_synthetic = KeyFile.objects.filter(left_on=None, is_synthetic=True).exists()
    if request.GET.get("format") == "csv":
        mark = "含合成数据；" if has_synthetic else ""
        head = [f"重点监管企业 key supervision；{mark}截至{today()}；少于{queries.LEAST_SHOWN}户的不列"]
        places = [[tile_map.city_name(code), n] for code, n in sorted(cities.items())]
        return csv_file(
            f"key-supervision-{today()}.csv", [head, ["领域或地市 field or city", "户 firms"], *rows, *places]
        )
    bars = [(name, float(n), str(n)) for name, n in rows]
    context = {
        "total": sum(by_field.values()),
        "chart": bar_chart.bars(_("重点监管企业，按领域"), bars) if bars else None,
        "chart_rows": bars,
        "map": tile_map.counts(
            cities, title=_("重点监管企业，按地市"), href=lambda code: "/key-supervision/"
        ),
        "least": queries.LEAST_SHOWN,
        "today": today(),
        "synthetic": "part" if has_synthetic else "",
    }
    return render(request, "portal/key_supervision.html", context)
