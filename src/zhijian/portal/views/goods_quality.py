"""消费品质量状况: for everybody by category, a report of an injury, and the officers' desk of risks."""

import secrets
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.consumer.complaints.intake import throttle
from zhijian.apps.consumer.goods_quality import codes, policies, queries, report, rules, services
from zhijian.apps.consumer.goods_quality.models import InjuryNotice, RiskAssessment
from zhijian.apps.consumer.goods_quality.registers import INJURIES
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.registers.declared.columns import Kind
from zhijian.engines.registers.declared.policies import Refusal
from zhijian.engines.registers.declared.services import WrongRow
from zhijian.portal.components import bar_chart, interval_chart
from zhijian.portal.components.words import in_english
from zhijian.portal.views.declared_registers import either
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require

_INJURY = throttle.Limit("injury-report", per_address=100, per_device=20)
_NOT_ASKED = ("key", "uscc", "valid_to", "tags", "is_synthetic", "source_code")
_FORMS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_SHOWN = 100


def _pair(pair: tuple[str, str]) -> str:
    return pair[1] if in_english() else pair[0]


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def quality_page(request: HttpRequest) -> HttpResponse:
    """Every category with its newest pass rate of supervision sampling, and the plan's indicator 25."""
    day = today()
    states = queries.states(on=day)
    monitored = [one for one in queries.indicator_25(on=day) if one.rate.share is not None]
    if request.GET.get("format") == "csv":
        return csv_file("goods-quality.csv", _rows(states))
    rows = [
        (f"{either(one.category.name)} {one.newest.year}", *_drawn(one.newest.rate))
        for one in states
        if one.newest
    ]
    context = {
        "rows": [{"state": one, "name": either(one.category.name), "rate": one.newest} for one in states],
        "chart": interval_chart.draw(_("监督抽查合格率和95%区间，最近一年"), rows) if rows else None,
        "indicator": interval_chart.draw(
            _("风险监测合格率（规划指标25）"), [(str(one.year), *_drawn(one.rate)) for one in monitored]
        ) if monitored else None,
        "monitored": monitored,
        "target": rules.LIMITS.on(day)["target_percent"],
        "synthetic": "part" if any(one.is_synthetic for one in states) else "",
    }  # fmt: skip
    return render(request, "portal/goods_quality/list.html", context)


def _drawn(rate: rules.Rate) -> tuple[float, float, float, str]:
    return rate.share or 0.0, rate.low, rate.high, _percent(rate.share)


def _rows(states: list[queries.CategoryState]) -> list[tuple[Any, ...]]:
    head = (
        "category",
        "name",
        "year",
        "design",
        "batches",
        "failed",
        "pass_rate",
        "low_95",
        "high_95",
        "is_synthetic",
    )
    return [
        head,
        *(
            (state.category.code, either(state.category.name), one.year, one.design, one.rate.batches,
             one.rate.batches - one.rate.passed, f"{one.rate.share:.4f}" if one.rate.share is not None else "",
             f"{one.rate.low:.4f}", f"{one.rate.high:.4f}", int(state.is_synthetic))
            for state in states
            for one in state.rates
        ),
    ]  # fmt: skip


def category_page(request: HttpRequest, code: str) -> HttpResponse:
    """One category: pass rates by year and design, failed items, injuries, recalls, risks with their measures."""
    if code not in codes.CATEGORIES:
        raise Http404
    state = queries.state_of(code, on=today())
    if request.GET.get("format") == "csv":
        return csv_file(f"goods-quality-{code}.csv", _rows([state]))
    designs = {one.value: either(one.label) for one in codes.DESIGNS}
    hazards = {one.value: either(one.label) for one in codes.HAZARDS}
    chart = [(f"{one.year} {designs[one.design]}", *_drawn(one.rate)) for one in state.rates]
    told = [(hazards[name], float(n), str(n)) for name, n in state.injuries if n]
    context = {
        "state": state,
        "name": either(state.category.name),
        "chart": interval_chart.draw(_("合格率和95%区间，按年份和选取办法"), chart) if chart else None,
        "rates": [{"one": one, "design": designs[one.design]} for one in state.rates],
        "injuries": bar_chart.bars(_("伤害报告，按危害"), told) if told else None,
        "hazards": [(hazards[name], "<5" if n is None else n) for name, n in state.injuries],
        "risks": [
            {"risk": one, "level": _pair(codes.LEVELS[one.level]), "measure": _pair(codes.MEASURES[one.measure])}
            for one in state.risks
        ],
        "recalls": [{"one": one, "hazard": hazards[one.hazard_code], "share": one.remedied / one.quantity if one.quantity else None} for one in state.recalls],
        "synthetic": "part" if state.is_synthetic else "",
    }  # fmt: skip
    return render(request, "portal/goods_quality/category.html", context)


@never_cache
def injury_page(request: HttpRequest) -> HttpResponse:
    """A report of an injury with a product: hospitals and consumers, no account, no person's data."""
    asked = [one for one in INJURIES.columns if one.name not in _NOT_ASKED]
    typed = {one.name: request.POST.get(one.name, "")[:1000] for one in asked}
    problems: dict[str, list[tuple[str, str]]] = {}
    if request.method == "POST":
        try:
            throttle.admit(
                _INJURY, address=throttle.address_of(request), device=throttle.device_of(request), at=now()
            )
            is_hospital = request.POST.get("source_code") == "hospital"
            row = {**typed, "source_code": "hospital" if is_hospital else "consumer", "is_synthetic": "0"}
            made = services.report_injury(row, randomness=secrets.token_bytes, by="public", at=now())
        except WrongRow as wrong:
            for one in wrong.problems:
                problems.setdefault(one.field, []).append((either(one.reason), either(one.remedy)))
        except throttle.TooOften as often:
            problems["name"] = [(_pair((often.message_zh, often.message_en)), "")]
        else:
            return render(request, "portal/goods_quality/injury_done.html", {"number": made.number})
    fields = [
        {
            "name": one.name, "label": either(one.label), "value": typed[one.name], "required": one.is_required,
            "problems": problems.get(one.name, []), "kind": one.kind.value,
            "options": [(code.value, either(code.label)) for code in one.codes],
        }
        for one in asked
        if one.kind is not Kind.BOOLEAN
    ]  # fmt: skip
    context = {
        "fields": fields,
        "typed": typed,
        "has_problems": bool(problems),
        "is_hospital": request.POST.get("source_code") == "hospital",
    }
    return render(request, "portal/goods_quality/injury.html", context, status=422 if problems else 200)


# ------------------------------------------------------------------------------------------------------ officers' desk


@never_cache
@login_required
def quality_at_work(request: HttpRequest) -> HttpResponse:
    """What asks for a look, risks under way, reports of injuries that wait, the yearly report."""
    officer = require(request.user, Permission.WORK_GOODS_QUALITY)
    problem = ""
    if request.method == "POST":
        try:
            case_id = _act(request, officer)
        except (ProcedureRefused, Refusal) as refused:
            problem = refused.message_en if in_english() else refused.message_zh
        except WrongRow as wrong:
            problem = "；".join(f"{either(one.reason)} {either(one.remedy)}" for one in wrong.problems)
        else:
            return redirect("case", case_id) if case_id else redirect("work_goods_quality")
    else:
        record_look(officer, "goods_quality", "injuries", at=now())
    found = queries.signals(on=today())
    notices = [_notice(one) for one in queries.waiting_notices(officer)[:_SHOWN]]
    context = {
        "problem": problem,
        "signals": [{"one": one, "kind": _pair(codes.SIGNALS[one.kind]), "words": _pair(one.words), "category": either(codes.CATEGORIES[one.category].name)} for one in found],
        "risks": [_risk(one) for one in RiskAssessment.objects.filter(case__division_code__startswith=officer.territory).select_related("case")[:_SHOWN]],
        "notices": notices,
        "categories": [(code, either(one.name)) for code, one in codes.CATEGORIES.items()],
        "years": queries.sampled_years(on=today())[:5],
        "synthetic": "part",
    }  # fmt: skip
    return render(request, "portal/goods_quality/work.html", context, status=422 if problem else 200)


def _notice(one: InjuryNotice) -> dict[str, Any]:
    """A report that waits, with the words of its codes."""
    words = [
        either(column.words(one.row.get(column.name)))
        for column in INJURIES.columns
        if column.name in ("category_code", "severity_code", "hazard_code", "nature_code", "source_code")
    ]
    return {"one": one, "words": words}


def _risk(one: RiskAssessment) -> dict[str, Any]:
    return {
        "one": one,
        "category": either(codes.CATEGORIES[one.category_code].name),
        "level": _pair(codes.LEVELS[one.level]) if one.level else "",
        "measure": _pair(codes.MEASURES[one.measure]) if one.measure else "",
    }


def _act(request: HttpRequest, officer: Officer) -> int | None:
    """Do what the form asks; returns the case that was opened."""
    form, verb = request.POST, request.POST.get("verb", "")
    if verb == "open":
        risk = services.open_risk(
            category=form.get("category", ""), product=form.get("product", ""), grounds=form.get("grounds", ""),
            signal=form.get("signal", "") or "own", model_number=form.get("model_number", ""),
            randomness=secrets.token_bytes, by=officer, at=now(),
        )  # fmt: skip
        return int(risk.case_id)
    if verb in ("enter", "leave"):
        notice = get_object_or_404(InjuryNotice, number=form.get("number", ""))
        services.decide_notice(
            notice, enters=verb == "enter", reason=form.get("reason", ""), by=officer, at=now()
        )
    return None


@never_cache
@login_required
def year_report(request: HttpRequest, year: int, form: str) -> HttpResponse:
    """The yearly analysis as a file."""
    officer = require(request.user, Permission.WORK_GOODS_QUALITY)
    if form not in _FORMS or not 2000 <= year <= today().year:
        raise Http404
    policies.check_officer(officer)
    made = report.build(year, on=_last(year))
    content = report.pdf(made, at=now()) if form == "pdf" else report.docx(made)
    response = HttpResponse(content, content_type=_FORMS[form])
    marked = "-synthetic" if made.is_synthetic else ""
    response.headers["Content-Disposition"] = f'attachment; filename="goods-quality-{year}{marked}.{form}"'
    return response


def _last(year: int) -> date:
    return min(date(year, 12, 31), today())
