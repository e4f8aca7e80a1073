"""The round of a day: which visits, in which order, on a drawing and as a list that also works without a network."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhijian.apps.supervision.inspection import policies, round_rules, rounds
from zhijian.apps.supervision.inspection.frame import officer_of, officers_only, words_of
from zhijian.apps.supervision.inspection.models import Check, DayRound
from zhijian.apps.supervision.inspection.rounds import Chosen
from zhijian.portal.components import round_map
from zhijian.portal.views.register import now, today, typed_day
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.bilingual import Problem

_OFFERED, _TICKED = 60, 5


@require_http_methods(["GET", "POST"])
@officers_only
def round_page(request: HttpRequest) -> HttpResponse:
    """Show an inspector's round of a day, the visits on colleagues' rounds, and set one."""
    officer = require(officer_of(request), Permission.INSPECT)
    day = _day(request)
    problems: list[tuple[str, str]] = []
    if request.method == "POST":
        try:
            wanted = typed_day(request.POST.get("day", ""))
            if wanted is None:
                raise policies.Incomplete([Problem("day", "请填写哪一天。", "Say for which day.")])
            made = rounds.set_round(
                _chosen(request, officer),
                day=wanted,
                by=officer,
                at=now(),
                reason=request.POST.get("reason", ""),
            )
            return redirect(f"{request.path}?day={made.day.isoformat()}")
        except policies.Incomplete as refused:
            problems = [(one.field, words_of(one)) for one in refused.problems]
        except policies.Refused as refused:
            problems = [("", words_of(refused))]
    row = rounds.round_on(officer, day)
    found, along = _shown(row, officer) if row else None, rounds.with_colleagues(officer, day)
    for seen in [*(found["legs"] if found else ()), *(pair[1] for pair in along)]:
        record_look(officer, seen.check.uscc, "round", at=now(), reason=seen.check.number)
    waiting = rounds.to_visit(officer)
    context = {
        "officer_id": officer.pk, "field_api": "/work/field", "day": day, "today": today(), "one": found,
        "along": [(one.officer, leg, f"{leg.stop.arrives_at:%H:%M}") for one, leg in along],
        "waiting": _waiting(waiting, officer, request), "count": len(waiting),
        "most": round_rules.most_visits(today()), "problems": problems,
        "reason": request.POST.get("reason", ""), "width": round_map.WIDTH, "height": round_map.HEIGHT,
        "synthetic": "part" if (row and row.is_synthetic) or any(one.is_synthetic for one in waiting) else "",
    }  # fmt: skip
    return render(request, "portal/rounds/round.html", context, status=422 if problems else 200)


def _day(request: HttpRequest) -> date:
    given = request.POST if request.method == "POST" else request.GET
    return typed_day(given.get("day", "")) or today()


def _chosen(request: HttpRequest, officer: Officer) -> list[Chosen]:
    """Read which checks were ticked and where they are, if that was typed.

    Raises:
        Incomplete: a place is typed that cannot be one.
    """
    ticked = set(request.POST.getlist("checks"))
    return [
        Chosen(check, _place(check, request.POST.get(f"place-{check.pk}", "")))
        for check in rounds.to_visit(officer)
        if str(check.pk) in ticked
    ]


def _place(check: Check, typed: str) -> round_rules.Place | None:
    if not typed.strip():
        return None
    parts = typed.replace("，", ",").split(",")
    try:
        north, east = (float(part) for part in parts)
    except ValueError:
        north = east = 0.0
    if not (18 <= north <= 54 and 73 <= east <= 136):
        raise policies.Incomplete(
            [
                Problem(
                    f"place-{check.pk}",
                    f"{check.entity_name}的位置读不懂。请写“纬度,经度”，如23.12911,113.26436，或者留空。",
                    f"The place of {check.entity_name} cannot be read. Write “latitude,longitude”, like 23.12911,113.26436, or "
                    "leave it empty.",
                )
            ]
        )
    return north, east


def _waiting(waiting: list[Check], officer: Officer, request: HttpRequest) -> list[dict[str, Any]]:
    """Return what may go into a round, each with who comes along; the first are ticked."""
    ticked = set(request.POST.getlist("checks"))
    return [
        {
            "check": check,
            "colleague": next(one for one in check.inspectors if one.pk != officer.pk),
            "ticked": str(check.pk) in ticked if ticked else place < _TICKED,
            "place": request.POST.get(f"place-{check.pk}", "")[:40],
        }
        for place, check in enumerate(waiting[:_OFFERED])
    ]


def _shown(row: DayRound, officer: Officer) -> dict[str, Any]:
    legs = rounds.legs_of(row)
    words = {
        rounds.TYPED: _("按排路线时填的位置"),
        rounds.ARRIVAL: _("按上次到场的位置"),
        rounds.COUNTY: _("只知道在哪个县区，按县区中点画"),
    }
    return {
        "row": row,
        "legs": legs,
        "rows": [_line(leg, words[leg.known], officer) for leg in legs],
        "map": round_map.drawn((row.station[0], row.station[1]), [leg.place for leg in legs]),
        "is_as_set": rounds.is_as_set(row),
        "length_km": row.length_m / 1000,
        "shortest_km": row.shortest_m / 1000,
        "mean_place": (len(legs) + 1) / 2,
    }


def _line(leg: rounds.Leg, known: str, officer: Officer) -> tuple[Any, ...]:
    """Return a stop as the list shows it: how its place is known, kilometres, hours, who comes along."""
    colleague = next((one for one in leg.check.inspectors if one.pk != officer.pk), None)
    arrives, leaves = f"{leg.stop.arrives_at:%H:%M}", f"{leg.stop.leaves_at:%H:%M}"
    return leg, known, leg.stop.metres / 1000, arrives, leaves, colleague
