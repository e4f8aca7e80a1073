"""How good the data are: deliveries, the rules they broke, and the rows kept apart."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime

from zhijian.infrastructure.home import current_home
from zhijian.portal.views.quarantine_work import row_address
from zhijian.portal.views.register import market_entities, now
from zhijian.portal.work_navigation import PROVINCE
from zhijian.security.audit import record_look
from zhijian.security.permissions import Permission, may, require

_PAGE = 50


def _quality() -> Any:
    """The data zone's own words about quality; loaded when asked for, because Arrow is heavy."""
    from zhijian.datazone import quality
    from zhijian.datazone.lake import Lake

    return quality, Lake(current_home().lake)


def reports() -> list[dict[str, Any]]:
    """Return every delivery's quality report, newest first, with its time as a time."""
    quality, lake = _quality()
    return [
        report | {"delivered": parse_datetime(report["delivered_at"]), "score_text": f"{report['score']:.1f}"}
        for report in quality.reports(lake)
    ]


def data_page(request: HttpRequest) -> HttpResponse:
    """Deliveries with their verdict, and why rows were refused."""
    quality, lake = _quality()
    every = reports()
    register = market_entities()
    totals = {name: sum(one[name] for one in every) for name in ("rows_in", "rows_clean", "rows_quarantined")}
    context = {
        "reports": every,
        "totals": totals,
        "quarantined_share": _share(totals["rows_quarantined"], totals["rows_in"]),
        "worst": min(every, key=lambda one: one["score"], default=None),
        "reasons": quality.reasons(lake),
        "score_zh": quality.SCORE_DEFINITION_ZH,
        "score_en": quality.SCORE_DEFINITION_EN,
        "register": register.report if register.is_ready else None,
        "as_of": register.as_of if register.is_ready else None,
        "may_see_rows": may(request.user, Permission.VIEW_QUARANTINE, division=PROVINCE),
        "synthetic": "part" if any(report["is_synthetic"] for report in every) else "",
    }
    return render(request, "portal/data/data.html", context)


def _share(part: int, whole: int) -> str:
    """Write a small share with two decimals: one row in thirty thousand is not 0.0%."""
    percent = 100 * part / whole if whole else 0.0
    return "<0.01%" if 0 < percent < 0.01 else f"{percent:.2f}%"


def quarantine(request: HttpRequest) -> HttpResponse:
    """Rows kept apart. Everybody sees how many and why; officers with the right see the rows."""
    quality, lake = _quality()
    reasons = quality.reasons(lake)
    context: dict[str, Any] = {
        "reasons": reasons,
        "total": sum(report["rows_quarantined"] for report in quality.reports(lake)),
        "may_see_rows": may(request.user, Permission.VIEW_QUARANTINE, division=PROVINCE),
    }
    if context["may_see_rows"]:
        context |= _rows(request, quality, lake)
    return render(request, "portal/data/quarantine.html", context)


def _rows(request: HttpRequest, quality: Any, lake: Any) -> dict[str, Any]:
    from zhijian.engines.quarantine import queries

    officer = require(request.user, Permission.VIEW_QUARANTINE, division=PROVINCE)
    chosen = {name: request.GET[name] for name in ("rule_id", "contract") if request.GET.get(name)}
    wanted = _page_start(request.GET.get("page", "1"))
    found = quality.quarantine(lake, chosen, settled=queries.settled_keys(), first=wanted, limit=_PAGE)
    record_look(officer, "standard_quarantine", "rows", at=now(), reason=str(chosen or "all"))
    number = found.first // _PAGE + 1
    acts = queries.newest_of(map(_key, found.rows))
    every_report = quality.reports(lake)
    labels, files = _labels(every_report), {one["delivery_sha256"]: one["file_name"] for one in every_report}
    return {
        "rows": [
            row
            | labels.get((row["contract"], row["field"]), {})
            | {"pieces": marked(row), "file_name": files.get(row["delivery_sha256"], "")}
            | {
                "href": row_address(_key(row)),
                "act": acts.get(_key(row)),
                "key": "|".join(map(str, _key(row))),
            }
            for row in found.rows
        ],
        "row_count": found.count,
        "may_work": may(request.user, Permission.WORK_QUARANTINE, division=PROVINCE),
        "worked": queries.counts(),
        "chosen": chosen,
        "page": number,
        "previous_page": number - 1 if number > 1 else None,
        "next_page": number + 1 if found.first + _PAGE < found.count else None,
    }


def _key(row: dict[str, Any]) -> tuple[str, str, int]:
    return row["contract"], row["delivery_sha256"], row["source_line"]


def _labels(every: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, str]]:
    """Return the words for each contract's fields, as its reports carry them."""
    return {
        (report["contract"], field["name"]): {"label_zh": field["label_zh"], "label_en": field["label_en"]}
        for report in every
        for field in report["fields"]
    }


def _page_start(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    return (number - 1) * _PAGE


def marked(row: dict[str, Any]) -> list[tuple[str, bool]]:
    """Cut a refused value where it differs from the suggested one, so that the page can mark the characters."""
    value, suggestion = str(row.get("value") or ""), str(row.get("suggestion") or "")
    if not suggestion or len(suggestion) != len(value):
        return [(value, False)]
    pieces: list[tuple[str, bool]] = []
    for found, wanted in zip(value, suggestion, strict=True):
        differs = found != wanted
        if pieces and pieces[-1][1] == differs:
            pieces[-1] = (pieces[-1][0] + found, differs)
        else:
            pieces.append((found, differs))
    return pieces
