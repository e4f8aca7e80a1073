"""Working the quarantine: one refused row put right, let pass or sent back; several at once after a preview."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from zhijian.infrastructure.home import current_home
from zhijian.portal.components.words import in_english
from zhijian.portal.views.register import now
from zhijian.portal.work_navigation import PROVINCE
from zhijian.security.audit import record_look
from zhijian.security.permissions import Permission, may, require

_MOST_AT_ONCE = 200


def row_address(key: tuple[str, str, int]) -> str:
    """Return the address of one refused row's page."""
    return "/data/quarantine/row/?" + urlencode(dict(zip(("contract", "delivery", "line"), key, strict=True)))


def row_page(request: HttpRequest) -> HttpResponse:
    """One refused row: what is wrong, what was done, and what an officer of the right can do now."""
    from zhijian.datazone import contracts, quarantine
    from zhijian.datazone.ingest.resubmission import delivered_values
    from zhijian.datazone.lake import Lake
    from zhijian.engines.quarantine import policies, queries

    officer = require(request.user, Permission.VIEW_QUARANTINE, division=PROVINCE)
    lake = Lake(current_home().lake)
    row = quarantine.find(lake, _key(request))
    if row is None:
        raise Http404
    contract = contracts.load(row.contract, lake.contracts)
    typed: dict[str, str] = {}
    conflict: Any = None
    if request.method == "POST":
        typed = {name[6:]: str(value) for name, value in request.POST.items() if name.startswith("field-")}
        done, conflict = _act(request, lake, row, typed)
        if done is not None:
            return redirect(row_address(row.key))
    record_look(officer, "standard_quarantine", f"{row.delivery_sha256[:8]}#{row.source_line}", at=now())
    acts, values = queries.history(row.key), delivered_values(contract, row.row)
    wrong = {one["field"] for one in row.problems if one["field"]} or set(values)
    context = {
        "row": row,
        "contract": contract,
        "acts": acts,
        "seen": len(acts),
        "is_open": not acts or not acts[-1].is_final,
        "may_work": may(request.user, Permission.WORK_QUARANTINE, division=PROVINCE),
        "can_waive": policies.can_waive(contract, row),
        "conflict": conflict,
        "reason": request.POST.get("reason", ""),
        "fields": [
            {
                "name": one.name, "label_zh": one.label_zh, "label_en": one.label_en, "before": values[one.name],
                "typed": typed.get(one.name, "" if values[one.name] is None else values[one.name]),
                "suggestion": row.suggestions.get(one.name), "is_wrong": one.name in wrong,
            }
            for one in contract.fields
        ],
    }  # fmt: skip
    return render(request, "portal/data/quarantine_row.html", context, status=409 if conflict else 200)


def _act(request: HttpRequest, lake: Any, row: Any, typed: dict[str, str]) -> tuple[Any, Any]:
    """Do what the form asks; return the record, or the refusal with what was typed kept by the page."""
    from zhijian.datazone.ingest import DeliveryError
    from zhijian.engines.quarantine import services
    from zhijian.engines.quarantine.policies import Refusal

    officer = require(request.user, Permission.WORK_QUARANTINE, division=PROVINCE)
    seen, reason = _number(request.POST.get("seen", "")), request.POST.get("reason", "")
    try:
        if request.POST.get("action") == "fix":
            done = services.fix(lake, row, typed, seen=seen, by=officer, at=now(), reason=reason)
        elif request.POST.get("action") == "waive":
            done = services.waive(lake, row, reason, seen=seen, by=officer, at=now())
        else:
            done = services.send_back(row, reason, seen=seen, by=officer, at=now())
    except (Refusal, DeliveryError) as problem:
        return None, problem.message_en if in_english() else problem.message_zh
    if done.state == "refused":
        messages.error(request, gettext("又错：仍不符合规则，没有写入。见下方最近一次处理。"))
    else:
        messages.success(request, gettext("已记录。原始行、改前改后和经办人都保留。"))
    return done, None


def bulk(request: HttpRequest) -> HttpResponse:
    """Several rows at once: first what would happen to each, then the act."""
    from zhijian.datazone import quarantine
    from zhijian.datazone.lake import Lake
    from zhijian.engines.quarantine import queries, services
    from zhijian.engines.quarantine.models import Outcome

    officer = require(request.user, Permission.WORK_QUARANTINE, division=PROVINCE)
    lake, action = Lake(current_home().lake), request.POST.get("action", "")
    if request.method != "POST" or action not in ("suggest", "waive", "return"):
        return redirect("/data/quarantine/")
    chosen = [_split(text) for text in request.POST.getlist("row")[:_MOST_AT_ONCE]]
    found = [(quarantine.find(lake, key), seen) for key, seen in chosen]
    rows = [
        (row, len(queries.history(row.key)) if seen < 0 else seen) for row, seen in found if row is not None
    ]
    if action == "suggest":
        rows = [(row, seen) for row, seen in rows if row.suggestions]
    record_look(officer, "standard_quarantine", "bulk", at=now(), reason=action)
    if request.POST.get("confirmed") != "1":
        listed = [
            (row, f"{row.contract}|{row.delivery_sha256}|{row.source_line}|{seen}") for row, seen in rows
        ]
        return render(request, "portal/data/quarantine_bulk.html", {"rows": listed, "action": action})
    reason, at = request.POST.get("reason", ""), now()
    acts = {
        "suggest": lambda row, seen: services.fix(
            lake, row, row.suggestions, seen=seen, by=officer, at=at, reason=reason
        ),
        "waive": lambda row, seen: services.waive(lake, row, reason, seen=seen, by=officer, at=at),
        "return": lambda row, seen: services.send_back(row, reason, seen=seen, by=officer, at=at),
    }
    done = services.each(rows, acts[action])
    settled = len(done.resolutions) - done.count(Outcome.REFUSED)
    words = gettext("%(done)s行已处理，%(again)s行又错，%(left)s行没有处理。")
    left = len(done.refusals)
    messages.success(request, words % {"done": settled, "again": done.count(Outcome.REFUSED), "left": left})
    for row, refusal in done.refusals[:5]:
        text = refusal.message_en if in_english() else refusal.message_zh
        messages.error(request, f"{row.source_line}：{text}")
    return redirect("/data/quarantine/")


def _key(request: HttpRequest) -> tuple[str, str, int]:
    return (
        request.GET.get("contract", ""),
        request.GET.get("delivery", ""),
        _number(request.GET.get("line", "")),
    )


def _split(text: str) -> tuple[tuple[str, str, int], int]:
    contract, delivery, line, *seen = [*text.split("|"), "", ""][:4]
    return (contract, delivery, _number(line)), _number(seen[0]) if seen and seen[0] else -1


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
