"""Officers' pages of annual reports: shares by place, who is missing and goes to the lists, reports on paper, random checks."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.supervision.annual_reports import queries, rules, services
from zhijian.apps.supervision.annual_reports.contents import BY_NAME, INDIVIDUAL
from zhijian.apps.supervision.annual_reports.services import ReportIncomplete, ReportRefused
from zhijian.apps.supervision.inspection import publicity_checks
from zhijian.apps.supervision.listing import services as listing
from zhijian.apps.supervision.listing.rules import Ground, Subject
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.registers import EntityFilters, EntityRecord
from zhijian.portal.components import tile_map
from zhijian.portal.components.words import in_english
from zhijian.portal.views.annual_reports import firm_from, reporter_of, said_problem, shown_fields, typed_of
from zhijian.portal.views.business import said
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import market_entities, now, today, typed_day
from zhijian.security.permissions import Forbidden, Permission, in_area, may, require
from zhijian.standards import divisions
from zhijian.standards.uscc import normalise

_SCANNED, _SHOWN, _AT_ONCE = 20_000, 200, 50


def _years() -> list[int]:
    return list(range(today().year - 1, today().year - 4, -1))


def _year(asked: str) -> int:
    years = _years()
    return int(asked) if asked in {str(one) for one in years} else years[0]


# ---------------------------------------------------------------------------------------------- shares, and the missing


@never_cache
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """How many reported, by place; and of a county of the officer's area who did not: clues for listing."""
    officer = require(request.user, Permission.VIEW_ANNUAL_REPORT)
    told = request.POST if request.method == "POST" else request.GET
    year, place = _year(told.get("year", "")), told.get("place", "")
    found = _missing(officer, place, year) if place else []
    if request.method == "POST":
        opened, left = _hand_over(officer, found, year)
        messages.success(
            request,
            _("新移交%(n)s户。%(m)s户已经在办或者已经列入，没有重复移交。") % {"n": opened, "m": left},
        )
        return redirect(f"{request.path}?year={year}&place={place}")
    everything, late, synthetic = queries.figures(year)
    shares = queries.shares(everything, late, _registered(year))
    if request.GET.get("format") == "csv":
        return csv_file(f"annual-reports-{year}.csv", _shares_table(shares))
    if place and request.GET.get("format") == "missing":
        head = ["统一社会信用代码 code", "名称 name", "设立 registered", "列入期限 list by"]
        last = rules.listing_due_on(year)
        body = [[one.uscc, one.name, one.registered_on or "", last] for one in found]
        return csv_file(f"annual-reports-missing-{place}-{year}.csv", [head, *body])
    context = {
        "years": _years(), "year": year, "total": everything.total(), "late": late.total(), "place": place,
        "on_register": sum(one.on_register for one in shares), "shares": [(one, tile_map.city_name(one.code)) for one in shares],
        "map": tile_map.fifths(
            {one.code: one.percent for one in shares}, title=_("各市已报送年度报告的份额"),
            href=lambda code: f"/entities/?prefecture_code={code}",
        ),
        "period": rules.period_of(year), "list_by": rules.listing_due_on(year), "is_over": today() > rules.period_of(year)[1],
        "places": divisions.counties(officer.territory), "missing": found[:_SHOWN], "missing_count": len(found), "scanned": _SCANNED,
        "at_once": _AT_ONCE, "may_list": may(officer, Permission.KEEP_CREDIT_FILE), "synthetic": "part" if synthetic else "",
    }  # fmt: skip
    return render(request, "portal/annual_reports/overview.html", context)


def _registered(year: int) -> dict[str, int]:
    """Return who was on the register by the end of a year and is not gone, by prefecture."""
    register = market_entities()
    if not register.is_ready:
        return {}

    def counted(status: str | None) -> dict[str, int]:
        return register.counts_by_prefecture(EntityFilters(registered_to_year=year, status_code=status))

    everything, gone = counted(None), [counted(status) for status in sorted(rules.GONE)]
    return {code: n - sum(one.get(code, 0) for one in gone) for code, n in everything.items()}


def _shares_table(shares: list[queries.Share]) -> list[list[Any]]:
    head = [
        "地市 city",
        "代码 code",
        "已报 filed",
        "其中逾期 late",
        "登记在册 on the register",
        "份额 percent",
    ]
    return [head] + [
        [tile_map.city_name(one.code), one.code, one.filed, one.late, one.on_register,
         "" if one.percent is None else f"{one.percent:.2f}"]
        for one in shares
    ]  # fmt: skip


def _missing(officer: Any, place: str, year: int) -> list[EntityRecord]:
    """Return who did not report, of the first firms of a county.

    Raises:
        Forbidden: the county lies outside the officer's area.
    """
    if place not in dict(divisions.counties(officer.territory)) or not in_area(officer, place):
        raise Forbidden("这个地方不在您的管辖范围内。", "This place is not in your area.")
    register = market_entities()
    if not register.is_ready:
        return []
    records = {one.uscc: one for one in islice(register.iterate(filters=_of_place(place)), _SCANNED)}

    def delivered(uscc: str) -> Iterator[Any]:
        yield from register.delivered_facts(uscc)

    firms = ((one.uscc, reporter_of(one), delivered(one.uscc)) for one in records.values())
    return [records[uscc] for uscc in queries.overdue(year, today(), firms)]


def _of_place(place: str) -> EntityFilters:
    """The firms of a county, or of a city without counties."""
    return EntityFilters(prefecture_code=place) if place.endswith("00") else EntityFilters(county_code=place)


def _hand_over(officer: Any, missing: list[EntityRecord], year: int) -> tuple[int, int]:
    """Open the case of the abnormal list for who did not report, so many at once; return how many, and how many had one.

    Raises:
        Forbidden: the officer keeps no lists.
    """
    opened = left = 0
    for one in missing:
        if opened == _AT_ONCE:
            break
        kind = Subject.INDIVIDUAL if one.entity_kind_code == INDIVIDUAL else Subject.ENTERPRISE
        try:
            listing.propose_listing(
                one.uscc, name=one.name, subject_kind=kind, ground=Ground.ANNUAL_REPORT,
                arose_on=rules.period_of(year)[1], clue=f"报送期满没有报{year}年度报告，由年度报告系统核对后移交。",
                division=one.county_code or one.prefecture_code or "", by=officer, at=now(), is_synthetic=one.is_synthetic,
            )  # fmt: skip
            opened += 1
        except ProcedureRefused:  # on the list, or a case runs
            left += 1
    return opened, left


# ------------------------------------------------------------------------------------------------------------- on paper


@never_cache
@login_required
def paper(request: HttpRequest) -> HttpResponse:
    """Enter what an individual business handed in on paper."""
    officer = require(request.user, Permission.KEEP_CREDIT_FILE)
    told = request.POST if request.method == "POST" else request.GET
    code, year = normalise(told.get("code", "")[:60]), _year(told.get("year", ""))
    register = market_entities()
    record = register.find(code) if code and register.is_ready else None
    page: dict[str, Any] = {
        "code": code, "year": year, "years": _years(), "record": record, "refused": "", "problems": [], "typed": {},
        "chosen": [], "received_on": told.get("received_on", "")[:10], "today": today(),
    }  # fmt: skip
    if record is None:
        page["refused"] = _("登记簿上没有这个代码，请核对。") if code else ""
        return render(request, "portal/annual_reports/paper.html", page, status=422 if code else 200)
    firm = firm_from(record)
    if not in_area(officer, firm.division_code):
        raise Forbidden("这一户不在您的管辖范围内。", "This business is not in your area.")
    page["typed"] = {"address": record.address or "", "state": "active"}
    try:
        if request.method == "POST":
            page["typed"] = typed_of(request, firm.kind)
            page["chosen"] = [name for name in request.POST.getlist("public") if name in BY_NAME]
            made = services.enter_paper(
                firm, year, page["typed"], page["chosen"], received_on=typed_day(page["received_on"]), by=officer, at=now()
            )  # fmt: skip
            messages.success(request, _("已录入并公示，记为逾期。") if made.is_late else _("已录入并公示。"))
            _warn_of_delay(request, made.received_on)
            return redirect(f"/entities/{firm.uscc}/reports/{year}/")
        _check_paper(firm, year)
    except ReportIncomplete as wrong:
        page["problems"], page["refused"] = wrong.problems, said(wrong)
    except ReportRefused as refused:
        page["refused"], page["is_closed"] = said(refused), request.method != "POST"
    page["fields"] = shown_fields(firm, page)
    page["wrong"] = [(one.field, said_problem(one)) for one in page["problems"]]
    return render(request, "portal/annual_reports/paper.html", page, status=422 if page["refused"] else 200)


def _warn_of_delay(request: HttpRequest, received_on: date | None) -> None:
    """Say that a report on paper was published after its ten working days, where it was."""
    last = rules.paper_published_by(received_on) if received_on is not None else None
    if last is not None and today() > last:
        messages.warning(
            request,
            _("这份纸质年报应当在%(day)s以前公示，今天公示已经超过期限。")
            % {"day": date_format(last, "DATE_FORMAT")},
        )


def _check_paper(firm: services.Firm, year: int) -> None:
    """Say before anything is typed what would be said after.

    Raises:
        ReportRefused: no individual business, the year is not open, or not owed.
    """
    services.check_paper(firm)
    services.check_open(firm, year, now())


# -------------------------------------------------------------------------------------------------------- random checks


@never_cache
@login_required
def checks(request: HttpRequest) -> HttpResponse:
    """What random checks found of reports that were filed, beside the share that must be drawn."""
    officer = require(request.user, Permission.VIEW_ANNUAL_REPORT)
    year = _year(request.GET.get("year", ""))
    rows = publicity_checks.drawn(officer.territory, year + 1)
    filed = services.filed_by([one.uscc for one in rows], year)
    wording = 1 if in_english() else 0
    shown = [(one, filed.get(one.uscc), publicity_checks.FOUND[one.found][wording]) for one in rows]
    if request.GET.get("format") == "csv":
        head = [
            "统一社会信用代码 code",
            "名称 name",
            "检查 check",
            "抽中 drawn",
            "年报 filed",
            "核对 found",
            "合成数据 synthetic",
        ]
        return csv_file(
            f"annual-report-checks-{year}.csv",
            [head, *([one.uscc, one.name, one.number, one.drawn_on, when or "", said_, int(one.is_synthetic)]
                     for one, when, said_ in shown)],
        )  # fmt: skip
    drawn, frame = publicity_checks.share(year + 1)
    done = [one for one in rows if one.found != publicity_checks.OPEN]
    context = {
        "years": _years(), "year": year, "rows": shown[:_SHOWN], "count": len(rows), "done": len(done),
        "wrong": sum(one.found == publicity_checks.WRONG for one in done), "drawn": drawn, "frame": frame,
        "share": 100 * drawn / frame if frame else None, "target": publicity_checks.PERCENT.on(today()),
        "synthetic": "part" if any(one.is_synthetic for one in rows) else "",
    }  # fmt: skip
    return render(request, "portal/annual_reports/checks.html", context)
