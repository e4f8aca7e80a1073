"""经营异常名录 and 严重违法失信名单: the public lists, the shortest lawful way off them, and the officers' desk."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.supervision.listing import policies, queries, rules, services, words
from zhijian.apps.supervision.listing.models import Act, ListingMatter
from zhijian.apps.supervision.listing.path import Step
from zhijian.apps.supervision.listing.procedures import ground_of
from zhijian.apps.supervision.listing.queries import Listed
from zhijian.apps.supervision.repair import queries as repair
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.registers.public_records import place_on_record
from zhijian.portal.components import bar_chart, tile_map
from zhijian.portal.components.words import in_english
from zhijian.portal.views.cases import words_of
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import market_entities, now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require

_SHOWN = 50


def _pair(zh: str, en: str) -> str:
    return en if in_english() else zh


def _kinds() -> list[tuple[str, str]]:
    return [(queries.ABNORMAL, _("经营异常名录")), (queries.SERIOUS, _("严重违法失信名单"))]


def _grounds() -> list[tuple[str, str]]:
    return [(str(code), _pair(*words.ground_words(code))) for code in rules.Ground]


def lists_page(request: HttpRequest) -> HttpResponse:
    """Who is on a list today, by list, ground, city and word; how many; as CSV. A past listing is not there."""
    asked = {
        name: request.GET.get(name, "").replace("\x00", "").strip()[:60]
        for name in ("kind", "ground", "city", "q")
    }
    found = queries.standing(
        on=today(), kind=asked["kind"], ground=asked["ground"], city=asked["city"], text=asked["q"]
    )
    if request.GET.get("format") == "csv":
        return csv_file(f"lists-{today()}.csv", _csv(found))
    by_ground = Counter(_pair(one.ground_zh, one.ground_en) for one in found)
    rows = [(name, float(n), str(n)) for name, n in by_ground.most_common()]
    page = Paginator(found, _SHOWN).get_page(request.GET.get("page"))
    given = urlencode({name: value for name, value in asked.items() if value})
    context = {
        "asked": asked,
        "given": given,
        "kinds": _kinds(),
        "grounds": _grounds(),
        "cities": tile_map_cities(),
        "page": page,
        "rows": [_row(one) for one in page],
        "total": len(found),
        "chart": bar_chart.bars(_("在列的主体，按事由"), rows) if rows else None,
        "chart_rows": rows,
        "map": tile_map.counts(Counter(one.city for one in found), title=_("在列的主体，按地市"), href=lambda code: f"/lists/?city={code}"),
        "today": today(),
        "synthetic": "part" if any(one.is_synthetic for one in found) else "",
    }  # fmt: skip
    return render(request, "portal/lists/list.html", context)


def tile_map_cities() -> list[tuple[str, str]]:
    """Return the cities of the map, for the filter."""
    return [(code, tile_map.city_name(code)) for _x, _y, code, _name in tile_map.PLACES]


def _row(one: Listed) -> dict[str, Any]:
    return {
        "listed": one,
        "ground": _pair(one.ground_zh, one.ground_en),
        "name": one.name or _registered(one.subject),
    }


def _registered(uscc: str) -> str:
    register = market_entities()
    record = register.find(uscc) if register.is_ready else None
    return record.name if record is not None else uscc


def _csv(found: Sequence[Listed]) -> list[list[Any]]:
    mark = "含合成数据；" if any(one.is_synthetic for one in found) else ""
    rows: list[list[Any]] = [
        [f"在列名单 Lists；{mark}截至{today()}；只列本平台作出的决定，移出的不在此列"],
        [
            "名单 list",
            "代码 code",
            "名称 name",
            "事由 ground",
            "列入日期 listed on",
            "机关 authority",
            "文号 decision",
        ],
    ]
    for one in found:
        rows.append(
            [one.kind, one.subject, one.name, one.ground_zh, one.occurred_on, one.authority, one.decision_no]
        )
    counts = Counter(one.city for one in found)
    return rows + [["按地市 by city", code, name, counts[code]] for code, name in tile_map_cities()]


def path_page(request: HttpRequest, uscc: str) -> HttpResponse:
    """The shortest lawful way off the public page, for everybody; made of public records and of nothing else."""
    try:
        code = policies.check_code(uscc)
    except ProcedureRefused as wrong:
        return render(request, "portal/lists/wrong_code.html", {"problem": words_of(wrong)}, status=404)
    register = market_entities()
    record = register.find(code) if register.is_ready else None
    delivered = register.delivered_facts(code) if record is not None else []
    steps = queries.path_of(code, on=today(), delivered=delivered)
    lasts = [one.leaves_on for one in steps]
    context = {
        "uscc": code,
        "title": record.name if record is not None else queries.name_of(code) or repair.name_of(code) or code,
        "record": record,
        "steps": [_shown(one) for one in steps],
        "to_do": sum(one.is_open_now for one in steps),
        "all_left_on": max((day for day in lasts if day), default=None) if all(lasts) else None,
        "today": today(),
        "synthetic": "all" if _is_synthetic(code, record) else "",
    }
    return render(request, "portal/lists/path.html", context)


def _is_synthetic(code: str, record: Any) -> bool:
    if record is not None:
        return bool(record.is_synthetic)
    return Fact.objects.filter(subject=code, is_synthetic=True).exists()


_TITLES = {
    "abnormal_list.listed": ("经营异常名录", "abnormal list"),
    "serious_list.listed": ("严重违法失信名单", "serious-violation list"),
    "penalty.decided": ("行政处罚", "penalty"),
}


def _shown(step: Step) -> dict[str, Any]:
    payload = step.record.payload
    code = str(payload.get("ground_code") or "")
    about = _pair(*words.ground_words(code)) if code in set(rules.Ground) else payload.get("ground") or payload.get("violation") or ""  # fmt: skip
    return {
        "step": step,
        "title": _pair(*_TITLES[step.record.kind]),
        "about": about,
        "number": payload.get("decision_no") or "",
        "authority": payload.get("authority") or "",
        "acts": [_pair(one.zh, one.en) for one in step.acts],
        "reason": _pair(step.reason_zh, step.reason_en),
        "procedure": "supervision/abnormal_removal" if step.record.kind == queries.ABNORMAL else "supervision/credit_repair",
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------------ officers'


@never_cache
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """Propose a listing, register an application to leave, propose the serious list; and the newest cases of the unit."""
    officer = require(request.user, Permission.KEEP_CREDIT_FILE)
    problem = ""
    if request.method == "POST":
        try:
            case = _opened(request, officer)
        except ProcedureRefused as refused:
            problem = words_of(refused)
        else:
            messages.success(request, _("已登记，开始办理。"))
            return redirect("case", case_id=case.pk)
    record_look(officer, "lists desk", "lists_desk", at=now())
    matters = ListingMatter.objects.filter(case__organisation=officer.organisation).select_related("case")
    context = {
        "problem": problem,
        "typed": request.POST or request.GET,
        "act": request.POST.get("act", "list"),
        "grounds": _grounds(),
        "separate": queries.separate_register(on=today(), territory=officer.organisation.territory) if officer.organisation else [],
        "families": [(one.code, _pair(one.zh, one.en)) for one in rules.FAMILIES.values()],
        "matters": [{"matter": one, "ground": _pair(*ground_of(one)), "act": _ACTS[Act(one.act)][in_english()]} for one in matters.order_by("-pk")[:_SHOWN]],
    }  # fmt: skip
    return render(request, "portal/lists/desk.html", context, status=422 if problem else 200)


_ACTS = {
    Act.LIST: ("列入经营异常名录", "abnormal list: put on"),
    Act.REMOVE: ("移出经营异常名录", "abnormal list: take off"),
    Act.LIST_SERIOUS: ("列入严重违法失信名单", "serious list: put on"),
}


def _opened(request: HttpRequest, officer: Officer) -> Any:
    told = {
        name: value.replace("\x00", "").strip()
        for name, value in request.POST.items()
        if isinstance(value, str)
    }
    uscc, act = policies.check_code(told.get("uscc", "")), told.get("act", "")
    register = market_entities()
    record = register.find(uscc) if register.is_ready else None
    place, at = place_on_record(record, uscc), now()
    if act == "remove":
        return services.ask_removal(
            uscc, told.get("ground", ""), statement=told.get("clue", ""), division=place, by=officer, at=at
        )
    firm: dict[str, Any] = {
        "name": record.name if record is not None else told.get("name", ""),
        "subject_kind": _kind(record, told),
        "clue": told.get("clue", ""),
        "division": place,
        "by": officer,
        "at": at,
    }
    if act == "serious":
        return services.propose_serious(
            uscc, family=told.get("family", ""), penalty_no=told.get("penalty_no", ""), **firm
        )
    synthetic = record is not None and record.is_synthetic
    return services.propose_listing(
        uscc,
        ground=told.get("ground", ""),
        arose_on=_day(told.get("arose_on", "")),
        is_synthetic=synthetic,
        **firm,
    )


def _kind(record: Any, told: dict[str, str]) -> str:
    if record is not None:
        return "individual" if record.entity_kind_code == "individual_business" else "enterprise"
    return told.get("subject_kind", "")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ProcedureRefused(
            "请写明事由形成的日期，例如2026-06-30。",
            "Give the day on which the ground arose, such as 2026-06-30.",
        ) from None
