"""数据共享交换: services anybody may look at, applications, decisions, keys, and what was delivered."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from zhijian.infrastructure.home import current_home
from zhijian.portal.components.words import in_english
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.permissions import Permission, may, require

_MOST_ROWS = 200


def _lake() -> Any:
    from zhijian.datazone.lake import Lake

    return Lake(current_home().lake)


def service_list(request: HttpRequest) -> HttpResponse:
    """Every data service, with its unit and whether its table is there."""
    from zhijian.datazone.catalogue import declared
    from zhijian.engines.exchange.catalogue import data_services
    from zhijian.standards import divisions

    lake = _lake()
    there = set(lake.tables())
    services = [
        {"service": one, "owner": declared.table(one.table).get("owner", {}),
         "division": divisions.full_name(one.owner_division), "is_there": one.table in there}
        for one in data_services().values()
    ]  # fmt: skip
    context = {"services": services, "may_apply": may(request.user, Permission.APPLY_EXCHANGE),
               "may_see_deliveries": may(request.user, Permission.VIEW_DELIVERIES)}  # fmt: skip
    return render(request, "portal/exchange/list.html", context)


def service_page(request: HttpRequest, name: str) -> HttpResponse:
    """One service: its columns with their levels, and the form to apply."""
    from zhijian.datazone.catalogue import Catalogue, Level
    from zhijian.engines.exchange.catalogue import data_services
    from zhijian.engines.exchange.models import Purpose
    from zhijian.engines.exchange.policies import Refused
    from zhijian.standards import divisions

    if name not in data_services():
        raise Http404
    service, lake = data_services()[name], _lake()
    entry = Catalogue(lake, at=now()).entry(service.table) if lake.exists(service.table) else None
    problem = ""
    if request.method == "POST" and entry is not None:
        try:
            application = _apply(request, lake, name)
        except Refused as refused:
            problem = _words(refused)
        else:
            messages.success(request, gettext("已提交，由数据所属单位审批。"))
            return redirect("exchange_application", number=application.pk)
    columns = [one for one in entry.columns if one.level < Level.SENSITIVE] if entry else []
    context = {
        "service": service, "entry": entry, "columns": columns, "problem": problem, "typed": request.POST,
        "chosen": request.POST.getlist("column"), "purposes": Purpose.choices,
        "cities": divisions.children("440000") if service.region else (),
        "may_apply": may(request.user, Permission.APPLY_EXCHANGE), "synthetic": "part",
    }  # fmt: skip
    return render(request, "portal/exchange/service.html", context, status=422 if problem else 200)


def _apply(request: HttpRequest, lake: Any, name: str) -> Any:
    from zhijian.engines.exchange import services
    from zhijian.engines.exchange.models import Purpose
    from zhijian.engines.exchange.policies import Refused

    officer, form = require(request.user, Permission.APPLY_EXCHANGE), request.POST
    try:
        until = date.fromisoformat(form.get("until", ""))
    except ValueError:
        raise Refused(422, "until", "请填写截止日期。", "Give the last day.") from None
    if form.get("purpose") not in Purpose.values:
        raise Refused(422, "purpose", "请选择用途。", "Choose a purpose.")
    return services.apply(
        lake,
        name,
        columns=form.getlist("column"),
        region=form.get("region", ""),
        purpose=form["purpose"],
        reason=form.get("reason", "")[:500],
        legal_basis=form.get("legal_basis", "")[:300],
        until=until,
        webhook=form.get("webhook", "")[:300],
        by=officer,
        at=now(),
    )


def application_list(request: HttpRequest) -> HttpResponse:
    """An officer's own applications; a steward's, those that wait for the unit."""
    from zhijian.engines.exchange.catalogue import data_services
    from zhijian.engines.exchange.models import Application

    officer = require(request.user, Permission.VIEW_WORKBENCH)
    every = Application.objects.select_related("decision", "revocation")
    division = officer.organisation.division_code if officer.organisation else ""
    owned = [one.name for one in data_services().values() if one.owner_division == division]
    mine = _with_state(every.filter(applicant=officer))
    context: dict[str, Any] = {"mine": mine, "waiting": [], "decided": []}
    if may(officer, Permission.DECIDE_EXCHANGE):
        for_us = every.filter(service__in=owned)
        context["waiting"] = _with_state(for_us.filter(decision=None))
        context["decided"] = _with_state(for_us.exclude(decision=None))
    return render(request, "portal/exchange/applications.html", context)


def _with_state(applications: Any) -> list[Any]:
    found = list(applications[:_MOST_ROWS])
    for one in found:
        one.shown = one.state_on(today())
    return found


def application_page(request: HttpRequest, number: int) -> HttpResponse:
    """One application: what was asked, what was decided, and what this officer can do now."""
    from zhijian.datazone.catalogue import Level
    from zhijian.engines.exchange import policies, services, webhooks
    from zhijian.engines.exchange.models import Application, DataLevel
    from zhijian.standards import divisions

    officer = require(request.user, Permission.VIEW_WORKBENCH)
    application = get_object_or_404(Application.objects.select_related("decision", "revocation"), pk=number)
    service, is_own = services.service_named(application.service), application.applicant_id == officer.pk
    try:
        policies.check_may_decide(service, application, officer)
        may_decide = True
    except policies.Refused:
        may_decide = False
    if not (is_own or may_decide or may(officer, Permission.VIEW_DELIVERIES)):
        raise Http404
    key = problem = ""
    if request.method == "POST":
        try:
            key = _act(request, application)
        except policies.Refused as refused:
            problem = _words(refused)
        else:
            if not key:
                return redirect("exchange_application", number=number)
    if not is_own:
        record_look(officer, f"exchange {number}", "application", at=now())
    columns, lake = _asked_for(application, service), _lake()
    is_waiting = may_decide and application.state == "waiting" and lake.exists(service.table)
    used = services.used_on(application, today()) if application.state == "approved" else 0
    context = {
        "application": application, "service": service, "is_own": is_own, "may_decide": may_decide, "key": key,
        "state": application.state_on(today()), "columns": columns, "used": used,
        "table_rows": lake.count(service.table) if is_waiting else None,
        "region": divisions.full_name(application.region) if application.region else "",
        "needed": max((one["level"].word for one in columns if one["level"] <= Level.PERSONAL),
                      key=DataLevel.values.index, default=""),
        "has_key": application.keys.exists(), "is_stopped": bool(application.webhook) and webhooks.is_stopped(application),
        "secret": services.signing_secret(application) if key and application.webhook else "",
        "level": {"word": application.decision.level} if application.state != "waiting" else None,
        "problem": problem, "levels": DataLevel.choices, "typed": request.POST,
        "deliveries": application.deliveries.select_related("arrival")[:20],
    }  # fmt: skip
    answer = render(request, "portal/exchange/application.html", context, status=422 if problem else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked_for(application: Any, service: Any) -> list[dict[str, Any]]:
    """Return the columns asked for with words, level, and whether they leave under the decision."""
    from zhijian.datazone.catalogue import Level, declared, level_of

    lake = _lake()
    there = lake.schema(service.table) if lake.exists(service.table) else {}
    granted = Level[application.decision.level.upper()] if application.state != "waiting" else None
    columns = []
    for name in application.columns:
        level = level_of(service.table, name, lake.contracts)
        columns.append(
            {"name": name, "label": declared.column(service.table, name), "level": level,
             "leaves": name in there and (granted is None or level <= granted)}
        )  # fmt: skip
    return columns


def _act(request: HttpRequest, application: Any) -> str:
    """Do what the form asks; return a new key if that was it."""
    from zhijian.engines.exchange import services

    officer, form = require(request.user, Permission.APPLY_EXCHANGE), request.POST
    action, reason = form.get("action"), form.get("reason", "")[:500]
    if action == "key":
        return services.issue_key(application, by=officer, at=now())
    if action == "revoke":
        services.revoke(application, reason=reason, by=officer, at=now())
    elif action in ("approve", "reject"):
        rows = form.get("rows_per_day", "")
        services.decide(
            application,
            is_approved=action == "approve",
            level=form.get("level", ""),
            rows_per_day=int(rows) if rows.isascii() and rows.isdigit() and len(rows) < 16 else 0,
            reason=reason,
            by=officer,
            at=now(),
        )
    return ""


def deliveries(request: HttpRequest) -> HttpResponse:
    """Everything that left, newest first, for auditors."""
    from django.db.models import Q, Sum

    from zhijian.engines.exchange.models import Delivery

    officer = require(request.user, Permission.VIEW_DELIVERIES)
    record_look(officer, "exchange", "deliveries", at=now())
    every = Delivery.objects.select_related("application", "arrival")
    arrived = every.filter(Q(outcome="sent") | Q(arrival__outcome="sent"))
    context = {
        "deliveries": every[:_MOST_ROWS],
        "count": every.count(),
        "rows": arrived.aggregate(n=Sum("rows"))["n"] or 0,
    }
    return render(request, "portal/exchange/deliveries.html", context)


def _words(refused: Any) -> str:
    return str(refused.message_en if in_english() else refused.message_zh)
