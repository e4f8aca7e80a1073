"""Doubtful links: a record that speaks of a firm without its code, beside the firm that it may mean."""

import json
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from zhijian.infrastructure.home import current_home
from zhijian.portal.components.waterfall import waterfall
from zhijian.portal.components.words import in_english
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.whole_number import whole_number

_PAGE = 50
PART = "linkage_pair"


def pair_address(pair_id: str, page: str = "pair/") -> str:
    """Return the address of a pair's page, or of its waterfall as CSV."""
    return f"/data/links/{page}?" + urlencode({"pair": pair_id})


def _lake() -> Any:
    from zhijian.datazone.lake import Lake

    return Lake(current_home().lake)


def link_list(request: HttpRequest) -> HttpResponse:
    """The doubtful pairs of the officer's area: open ones first, then those decided."""
    from zhijian.engines.linkage import queries

    officer = require(request.user, Permission.VIEW_LINKS)
    every = queries.pairs(_lake(), territory=_territory(officer))
    record_look(officer, "linkage", "doubtful_pairs", at=now())
    waiting = [pair for pair in every if pair.is_open]
    decided = [pair for pair in every if not pair.is_open]
    context = {
        "open_pairs": [_listed(pair) for pair in waiting[:_PAGE]],
        "open_count": len(waiting),
        "decided_pairs": [_listed(pair) for pair in decided[:_PAGE]],
        "decided_count": len(decided),
        "synthetic": "all"
        if every and all(pair.row["is_synthetic"] for pair in every)
        else "part"
        if every
        else "",
    }
    return render(request, "portal/links/list.html", context)


def link_pair(request: HttpRequest) -> HttpResponse:
    """One pair side by side with its waterfall, and the decision."""
    officer, pair = _pair(request)
    problem = None
    if request.method == "POST":
        problem = _decide(request, pair)
        if problem is None:
            return redirect(pair_address(pair.pair_id))
    from zhijian.engines.linkage import queries

    record_look(officer, pair.row["candidate_uscc"], PART, at=now(), reason=pair.row["record_id"][:200])
    row, past = pair.row, queries.history(pair.pair_id)
    context = {
        "row": row,
        "percent": f"{100 * row['probability']:.1f}%",
        "margin": f"{row['margin_bits']:.1f}",
        "fields": [_field(gettext("名称"), row["record_name"], row["entity_name"]), _field(gettext("地址"), row["record_address"], row["entity_address"])],
        "picture": waterfall(json.loads(row["steps"])),
        "csv_address": pair_address(pair.pair_id, "pair/waterfall.csv"),
        "history": past,
        "seen": len(past),
        "may_judge": may(officer, Permission.JUDGE_LINKS),
        "problem": problem,
        "typed": {"verdict": request.POST.get("verdict", ""), "reason": request.POST.get("reason", "")},
        "synthetic": "all" if row["is_synthetic"] else "",
    }  # fmt: skip
    return render(request, "portal/links/pair.html", context, status=409 if problem else 200)


def waterfall_csv(request: HttpRequest) -> HttpResponse:
    """The waterfall of a pair as CSV: comparison, level, bits."""
    officer, pair = _pair(request)
    record_look(officer, pair.row["candidate_uscc"], PART, at=now(), reason="csv")
    rows = [
        (step["name"], step["level_zh"], step["level_en"], f"{step['bits']:.3f}")
        for step in json.loads(pair.row["steps"])
    ]
    mark = "_SYNTHETIC" if pair.row["is_synthetic"] else ""
    head = ("comparison", "level_zh", "level_en", "bits")
    return csv_file(f"waterfall{mark}.csv", [head, *rows], line_end="\r\n")


def _decide(request: HttpRequest, pair: Any) -> str | None:
    """Record the decision; return why not, in the reader's language, if it cannot be."""
    from zhijian.engines.facts.errors import FactProblem
    from zhijian.engines.linkage import services

    officer = require(request.user, Permission.JUDGE_LINKS)
    seen = whole_number(request.POST.get("seen", ""))
    try:
        services.decide(
            pair.row, request.POST.get("verdict", ""), request.POST.get("reason", ""),
            seen=-1 if seen is None else seen, by=officer, at=now(),
        )  # fmt: skip
    except (services.DecisionRefused, FactProblem) as refused:
        return refused.message_en if in_english() else refused.message_zh
    messages.success(request, gettext("判定已记录，下次训练时会用到。"))
    return None


def _pair(request: HttpRequest) -> tuple[Officer, Any]:
    from zhijian.engines.linkage import queries

    officer = require(request.user, Permission.VIEW_LINKS)
    pair = queries.find(_lake(), request.GET.get("pair", ""), territory=_territory(officer))
    if pair is None:
        raise Http404
    return officer, pair


def _territory(officer: Officer) -> str:
    assert officer.organisation is not None
    return officer.organisation.territory


def _listed(pair: Any) -> dict[str, Any]:
    row = pair.row
    listed: dict[str, Any] = row | {
        "address_of_page": pair_address(pair.pair_id),
        "percent": f"{100 * row['probability']:.0f}%",
        "verdict": pair.decision.payload["verdict"] if pair.decision else "",
    }
    return listed


def _field(label: str, one: str | None, other: str | None) -> dict[str, Any]:
    left, right = differing(one or "", other or "")
    return {"label": label, "left": left, "right": right}


def differing(one: str, other: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Cut two texts into pieces, each with whether it differs from the other text."""
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if a < b:
            left.append((one[a:b], kind != "equal"))
        if c < d:
            right.append((other[c:d], kind != "equal"))
    return left, right
