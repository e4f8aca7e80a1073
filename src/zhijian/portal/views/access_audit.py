"""查看记录: who looked at what, searched by an auditor of the area; and what was unusual, looked into and closed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zhijian.engines.data_protection import watching
from zhijian.engines.data_protection.errors import ProtectionRefused
from zhijian.engines.data_protection.models import AccessAlert
from zhijian.engines.data_protection.rules import Kind
from zhijian.portal.components import case_words, look_words
from zhijian.portal.components.words import in_english
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today, typed_day
from zhijian.security.audit import record_look
from zhijian.security.models import AccessRecord, Level, Officer, Refusal
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.calendar import ZONE

_SHOWN = 50
_MOST_IN_FILE = 10_000
_WEEK = timedelta(days=7)
_FIRST_YEAR, _LAST_YEAR = 2000, 2999  # days that a clock can be set on, in every zone


@never_cache
@login_required
@require_GET
def records_page(request: HttpRequest) -> HttpResponse:
    """The looks of the officers of one's area: by officer, subject, part and days; the search itself is a look."""
    auditor = require(request.user, Permission.VIEW_ACCESS_RECORDS)
    asked = _asked(request, ("who", "subject", "part"))
    found = _found(auditor, asked)
    _note_search(auditor, "access records", asked)
    if request.GET.get("format") == "csv":
        return csv_file(f"looks-{asked.first}-{asked.last}.csv", _csv(found))
    context = _paged(request, found, asked, _row) | {
        "open_alerts": watching.seen_by(auditor).filter(closed_at=None).count(),
        "newest": AccessRecord.objects.order_by("-sequence").values_list("sequence", "row_hash").first(),
    }
    return render(request, "portal/access/records.html", context)


@never_cache
@login_required
@require_GET
def alerts_page(request: HttpRequest) -> HttpResponse:
    """Unusual looks: open ones first. An auditor sees those of the area, a leader those of the units below."""
    officer = require(request.user, Permission.VIEW_ACCESS_ALERTS)
    record_look(officer, "access alerts", "access_records", at=now())
    found = watching.seen_by(officer).order_by(F("closed_at").desc(nulls_first=True), "-day", "-pk")
    page = Paginator(found, _SHOWN).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_alert(one) for one in page],
        "may_search": may(officer, Permission.VIEW_ACCESS_RECORDS),
    }
    return render(request, "portal/access/alerts.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def alert_page(request: HttpRequest, number: int) -> HttpResponse:
    """One alert with the looks of that day, and the form by which an auditor closes it."""
    officer = require(request.user, Permission.VIEW_ACCESS_ALERTS)
    alert = get_object_or_404(watching.seen_by(officer), pk=number)
    problem = ""
    if request.method == "POST":
        try:
            _close(request, alert, officer)
        except ProtectionRefused as refused:
            problem = refused.message_en if in_english() else refused.message_zh
        else:
            return redirect("access_alert", number=number)
    record_look(officer, f"alert/{alert.pk}", "access_records", at=now())
    is_refused = alert.kind == Kind.REFUSED
    looks = watching.looks_of(alert.day).filter(officer=alert.officer).order_by("sequence")
    turned_away = watching.refusals_of(alert.day).filter(officer=alert.officer).order_by("sequence")
    context = _alert(alert) | {
        "looks": [] if is_refused else [_row(one) for one in looks[:_SHOWN]],
        "refusals": [_refusal(one) for one in turned_away[:_SHOWN]] if is_refused else [],
        "count": (turned_away if is_refused else looks).count(),
        "problem": problem,
        "typed": request.POST,
        "may_close": alert.closed_at is None and may(officer, Permission.VIEW_ACCESS_RECORDS),
    }
    return render(request, "portal/access/alert.html", context, status=422 if problem else 200)


@never_cache
@login_required
@require_GET
def refusals_page(request: HttpRequest) -> HttpResponse:
    """What was refused to the officers of one's area: by kind, account and days; what strangers tried, for the province."""
    auditor = require(request.user, Permission.VIEW_ACCESS_RECORDS)
    asked = _asked(request, ("who", "kind"))
    found = _refused(auditor, asked)
    _note_search(auditor, "refusals", asked)
    if request.GET.get("format") == "csv":
        return csv_file(f"refusals-{asked.first}-{asked.last}.csv", _refused_csv(found))
    context = _paged(request, found, asked, _refusal) | {
        "kinds": look_words.refusals().items(),
        "has_strangers": _sees_strangers(auditor),
    }
    return render(request, "portal/access/refusals.html", context)


@dataclass(frozen=True)
class _Asked:
    """What somebody searches for in a record: words by field, from the first day to the last."""

    typed: dict[str, str]
    first: date
    last: date

    def between(self, field: str) -> Q:
        """Return what keeps the rows whose moment lies in these days."""
        first, after = (
            datetime.combine(day, time.min, tzinfo=ZONE)
            for day in (self.first, self.last + timedelta(days=1))
        )
        return Q(**{f"{field}__gte": first, f"{field}__lt": after})


def _asked(request: HttpRequest, fields: Iterable[str]) -> _Asked:
    """Read a search; without days, of the last week.

    Raises:
        Http404: days on which nobody looked at anything.
    """
    typed = {name: request.GET.get(name, "").strip()[:60] for name in fields}
    first = typed_day(request.GET.get("from", "")) or today() - _WEEK
    last = typed_day(request.GET.get("to", "")) or today()
    if not _FIRST_YEAR <= first.year <= last.year <= _LAST_YEAR or first > last:
        raise Http404
    return _Asked(typed, first, last)


def _note_search(auditor: Officer, subject: str, asked: _Asked) -> None:
    """Write down who searched a record for what: the search is a look too."""
    said = " ".join(f"{name}={value}" for name, value in asked.typed.items() if value)
    reason = f"{asked.first}–{asked.last} {said}"[:200]
    record_look(auditor, subject, "access_records", at=now(), reason=reason)


def _paged(
    request: HttpRequest, found: "QuerySet[Any]", asked: _Asked, shown: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """Return a page of what was found, each row as it is `shown`, with what the form and the links to other pages need."""
    page = Paginator(found, _SHOWN).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return vars(asked) | {"page": page, "rows": [shown(one) for one in page], "query": query.urlencode()}


def _sees_strangers(auditor: Officer) -> bool:
    """Say whether what nobody of an area did is this auditor's: it belongs to the whole province."""
    unit = auditor.organisation
    return unit is not None and unit.level == Level.PROVINCE and not auditor.division_code


def _refused(auditor: Officer, asked: _Asked) -> "QuerySet[Refusal]":
    own = Q(officer__organisation__division_code__startswith=auditor.territory)
    found = Refusal.objects.select_related("officer").filter(
        own | Q(officer__organisation=None) if _sees_strangers(auditor) else own, asked.between("refused_at")
    )
    if asked.typed["who"]:
        found = found.filter(officer__username=asked.typed["who"])
    if asked.typed["kind"]:
        found = found.filter(kind=asked.typed["kind"])
    return found.order_by("-sequence")


def _refusal(one: Refusal) -> dict[str, Any]:
    name = case_words.officer_name(one.officer) if one.officer else ""
    return {"one": one, "name": name, "kind": look_words.refusal(one.kind)}


def _refused_csv(found: "QuerySet[Refusal]") -> list[list[Any]]:
    rows: list[list[Any]] = [
        ["序号 sequence", "时间 at", "种类 kind", "账号 account", "单位 unit", "网络 network", "地址 address",
         "这一分钟第几次 nth of its minute", "行哈希 row hash"]
    ]  # fmt: skip
    for one in found[:_MOST_IN_FILE]:
        at = one.refused_at.astimezone(ZONE).isoformat(timespec="seconds")
        account = one.officer.username if one.officer else ""
        rows.append(
            [one.sequence, at, one.kind, account, one.organisation_name, one.network, one.place, one.count, one.row_hash]
        )  # fmt: skip
    return rows


def _close(request: HttpRequest, alert: AccessAlert, officer: Officer) -> None:
    answer = request.POST.get("answer", "")
    if answer not in ("justified", "unjustified"):
        raise ProtectionRefused("请选择结论。", "Choose what you found.")
    finding = request.POST.get("finding", "")
    watching.close(alert, is_justified=answer == "justified", finding=finding, by=officer, at=now())
    messages.success(request, _("已核实并结束。"))


def _found(auditor: Officer, asked: _Asked) -> "QuerySet[AccessRecord]":
    found = AccessRecord.objects.select_related("officer__organisation").filter(
        asked.between("looked_at"), officer__organisation__division_code__startswith=auditor.territory
    )
    if asked.typed["who"]:
        found = found.filter(officer__username=asked.typed["who"])
    if asked.typed["subject"]:
        found = found.filter(subject=asked.typed["subject"])
    if asked.typed["part"]:
        found = found.filter(part=asked.typed["part"])
    return found.order_by("-sequence")


def _row(look: AccessRecord) -> dict[str, Any]:
    return {"look": look, "name": case_words.officer_name(look.officer), "part": look_words.part(look.part)}


def _alert(alert: AccessAlert) -> dict[str, Any]:
    unit = alert.officer.organisation
    return {
        "alert": alert,
        "name": case_words.officer_name(alert.officer),
        "unit": case_words.unit_name(unit) if unit else "",
        "kind": look_words.kind(alert.kind),
        "why": look_words.why(alert.kind, count=alert.count, limit=alert.limit, usual=alert.usual),
        "by": case_words.officer_name(alert.closed_by) if alert.closed_by else "",
    }


def _csv(found: "QuerySet[AccessRecord]") -> list[list[Any]]:
    rows: list[list[Any]] = [
        ["序号 sequence", "时间 at", "账号 account", "单位 unit", "岗位 roles", "对象 subject", "部分 part", "理由 reason",
         "行哈希 row hash"]
    ]  # fmt: skip
    for one in found[:_MOST_IN_FILE]:
        at = one.looked_at.astimezone(ZONE).isoformat(timespec="seconds")
        rows.append(
            [one.sequence, at, one.officer.username, one.organisation_name, one.role, one.subject, one.part,
             one.reason, one.row_hash]
        )  # fmt: skip
    return rows
