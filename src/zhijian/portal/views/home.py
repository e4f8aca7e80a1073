"""The public home page: find a firm, see what was drawn lately, and what the numbers mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.apps.supervision.inspection import queries as inspections
from zhijian.apps.supervision.inspection.models import Check, InspectionTask
from zhijian.apps.supervision.inspection.rules import Verb
from zhijian.engines.registers import EntityFilters, EntityRegister
from zhijian.portal.components import outline_map, tile_map
from zhijian.portal.views import data, draws
from zhijian.portal.views.about import GENERAL_ITEM_RATE
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import market_entities, today
from zhijian.standards import parameters

COUNTS, SHARES = "entities", "drawn-share"


@dataclass(frozen=True)
class Shares:
    """The drawn share of each city in one year, in percent; None where no draw gave a count."""

    year: int
    percent: Mapping[str, float | None]
    is_rehearsal: bool
    is_synthetic: bool
    target: float

    @property
    def target_text(self) -> str:
        return f"{self.target:g}"

    @property
    def is_known(self) -> bool:
        return any(value is not None for value in self.percent.values())

    @property
    def finding(self) -> str:
        """The title of the picture: what it shows, as a sentence."""
        known = [value for value in self.percent.values() if value is not None]
        reached = sum(value >= self.target for value in known)
        return _("%(reached)s个市达到%(target)s%%，%(below)s个市未达到") % {
            "reached": reached,
            "target": self.target_text,
            "below": len(known) - reached,
        }


def shares_of(year: int) -> Shares:
    found = inspections.drawn_share_by_prefecture(year)
    return Shares(
        year=year,
        percent={code: found[code].share_percent for _, _, code, _ in tile_map.PLACES if code in found},
        is_rehearsal=any(one.is_rehearsal for one in found.values()),
        is_synthetic=InspectionTask.objects.filter(drawn_on__year=year, is_synthetic=True).exists(),
        target=float(parameters.load(GENERAL_ITEM_RATE).on(today())),
    )


def home(request: HttpRequest) -> HttpResponse:
    register, shares = market_entities(), shares_of(today().year)
    chosen = request.GET.get("map") or (SHARES if shares.is_known else COUNTS)
    latest = draws.rows(5)
    results = inspections.published_results(limit=5)
    deliveries = data.reports()
    context = {
        "is_ready": register.is_ready,
        "entity_count": register.count() if register.is_ready else None,
        "synthetic_count": _count_synthetic(register),
        "as_of": register.as_of if register.is_ready else None,
        "map": _map(chosen, register, shares),
        "chosen_map": chosen,
        "shares": shares,
        "draws": latest,
        "results": results,
        "result_count": _count_results(),
        "delivery": next((one for one in deliveries if not one["is_synthetic"]), None),
        "synthetic": "part" if any(row.draw.is_synthetic for row in latest) else "",
    }
    return render(request, "portal/home.html", context)


def _count_synthetic(register: EntityRegister) -> int:
    return register.counts_by("is_synthetic").get("1", 0) if register.is_ready else 0


def _count_results() -> int:
    return Check.objects.filter(events__verb=Verb.PUBLISH).distinct().count()


def outline(request: HttpRequest) -> HttpResponse:
    """The same values on the outline of the province, with the table beside it."""
    register, shares = market_entities(), shares_of(today().year)
    chosen = SHARES if request.GET.get("map") == SHARES else COUNTS
    tiles = _map(chosen, register, shares)
    context = {
        "map": tiles,
        "shares": shares,
        "synthetic_count": _count_synthetic(register),
        "synthetic": _mark(chosen, register, shares),
        "chosen_map": chosen,
        "places": outline_map.places(tiles) if tiles else [],
        "height": outline_map.shapes()[1],
    }
    return render(request, "portal/map.html", context)


def _mark(chosen: str, register: EntityRegister, shares: Shares) -> str:
    """Say whether all or part of what the outline shows is invented."""
    if chosen == SHARES:
        return "all" if shares.is_synthetic else ""
    return "part" if _count_synthetic(register) else ""


def _map(chosen: str, register: EntityRegister, shares: Shares) -> tile_map.TileMap | None:
    if chosen == SHARES:
        return tile_map.shares(
            shares.percent,
            target=shares.target,
            title=shares.finding if shares.is_known else _("本年还没有抽签"),
            href=lambda code: f"/results/?prefecture_code={code}",
        )
    if not register.is_ready:
        return None
    return tile_map.counts(
        register.counts_by_prefecture(),
        title=_("各市市场主体户数"),
        href=lambda code: f"/entities/?prefecture_code={code}",
    )


def cities_csv(request: HttpRequest) -> HttpResponse:
    """The map of the home page as a table: Chinese header, then ids, then 21 rows."""
    register, shares = market_entities(), shares_of(today().year)
    counted = register.counts_by_prefecture() if register.is_ready else {}
    invented = (
        register.counts_by("prefecture_code", EntityFilters(is_synthetic=True)) if register.is_ready else {}
    )
    rows: list[list[Any]] = [
        ["地市代码", "地市", "市场主体（户）", "其中合成数据（户）", "本年抽查比例（%）", "截至", "是否演练"],
        ["prefecture_code", "name", "entity_count", "synthetic_count", "drawn_share_percent", "as_of", "is_rehearsal"],
    ]  # fmt: skip
    as_of = register.as_of.isoformat() if register.is_ready and register.as_of else ""
    for code, name in sorted((place[2], place[3]) for place in tile_map.PLACES):
        share = shares.percent.get(code)
        rows.append([code, name, counted.get(code, 0), invented.get(code, 0),
                     "" if share is None else f"{share:.2f}", as_of, int(shares.is_rehearsal)])  # fmt: skip
    return csv_file(f"cities-{today():%Y%m%d}.csv", rows)


def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may read the public pages; officers' pages and single searches are not for them."""
    lines = (
        "User-agent: *",
        "Disallow: /work/",
        "Disallow: /sign-in/",
        "Disallow: /entities/?",
        "Disallow: /api/",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
