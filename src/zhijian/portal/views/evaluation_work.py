"""Evaluations for officers: findings to confirm or dismiss, texts that wait, desks of firms."""

import secrets
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.consumer.evaluation import codes, queries, services
from zhijian.apps.consumer.evaluation.models import (
    EvaluatedFirm,
    Evaluation,
    ScreeningFinding,
    ScreeningRun,
)
from zhijian.apps.consumer.evaluation.policies import NotNow
from zhijian.portal.components.words import in_english
from zhijian.portal.views.register import now
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.whole_number import whole_number

_SHOWN = 100


def _pair(pair: tuple[str, str]) -> str:
    return pair[1] if in_english() else pair[0]


@never_cache
@login_required
def evaluations_at_work(request: HttpRequest) -> HttpResponse:
    """What waits: findings of the tests, texts held back; and the desks of firms."""
    officer = require(request.user, Permission.WORK_EVALUATION)
    area, problem, key = officer.territory, "", ""
    if request.method == "POST":
        try:
            key = _act(request, officer)
        except NotNow as refused:
            problem = refused.message_en if in_english() else refused.message_zh
        else:
            if not key:
                return redirect("work_evaluations")
    rows = list(queries.findings(area)[:_SHOWN])
    context = {
        "problem": problem,
        "key": services.written(key) if key else "",
        "open": [_finding(row) for row in rows if not row.decision],
        "decided": [_finding(row) for row in rows if row.decision],
        "held": [_held(row) for row in queries.held(area)[:_SHOWN]],
        "grounds": [(code, _pair(pair)) for code, pair in codes.TEXT_GROUNDS.items()],
        "firms": EvaluatedFirm.objects.filter(division_code__startswith=area).prefetch_related("desks")[
            :_SHOWN
        ],
        "run": ScreeningRun.objects.first(),
        "synthetic": "part" if any(row.is_synthetic for row in rows) else "",
    }
    return render(request, "portal/evaluations/work.html", context, status=422 if problem else 200)


def _finding(row: ScreeningFinding) -> dict[str, Any]:
    return {
        "row": row,
        "words": _pair(codes.GROUNDS[row.test]),
        "said": [(_said_words(name), value) for name, value in row.said.items() if name != "first_day"],
        "shape": f"{row.excess:.0f}" if row.excess else "",
    }


def _said_words(name: str) -> str:
    return {
        "days": _("天数"), "count": _("条数"), "expected": _("预计"), "share": _("极端分占比"), "runs": _("段数"),
        "used": _("已用凭证"), "issued": _("签发凭证"), "longest": _("最长连号"), "seen": _("实有"), "texts": _("文本数"),
        "copies": _("雷同数"), "groups": _("组数"), "devices": _("设备数"), "evaluations": _("评价数"), "ring": _("结伴设备"),
    }[name]  # fmt: skip


def _held(row: Evaluation) -> dict[str, Any]:
    hold = row.last("hold")
    return {"row": row, "ground": _pair(codes.TEXT_GROUNDS[hold.ground]) if hold else ""}


def _act(request: HttpRequest, officer: Officer) -> str:
    """Do what the form asks; returns the key of a desk that was opened."""
    verb, note = request.POST.get("verb", ""), request.POST.get("reason", "")
    if verb in ("confirm", "dismiss"):
        finding = get_object_or_404(ScreeningFinding, pk=_number(request.POST.get("finding", "")))
        services.decide_finding(finding, confirms=verb == "confirm", reason=note, by=officer, at=now())
    elif verb in ("show", "withhold"):
        row = _evaluation(request)
        ground = request.POST.get("ground", "")
        services.moderate(row, shows=verb == "show", ground=ground, note=note, by=officer, at=now())
    elif verb == "restore":
        services.restore(_evaluation(request), reason=note, by=officer, at=now())
    elif verb == "desk":
        firm = get_object_or_404(EvaluatedFirm, key=request.POST.get("firm", "")[:40])
        return services.open_desk(firm, randomness=secrets.token_bytes, by=officer, at=now())
    return ""


def _number(text: str) -> int:
    return whole_number(text, most_digits=11) or 0


def _evaluation(request: HttpRequest) -> Evaluation:
    found: Evaluation = get_object_or_404(Evaluation, number=request.POST.get("number", ""))
    return found


@never_cache
@login_required
def finding_page(request: HttpRequest, finding_id: int) -> HttpResponse:
    """One finding with the evaluations that it marks, to confirm or dismiss."""
    officer = require(request.user, Permission.WORK_EVALUATION)
    finding = get_object_or_404(ScreeningFinding.objects.select_related("firm"), pk=finding_id)
    require(officer, Permission.WORK_EVALUATION, division=finding.firm.division_code)
    record_look(officer, f"evaluation_finding/{finding.pk}", "finding", at=now())
    rows = Evaluation.objects.filter(number__in=finding.numbers).prefetch_related("steps").order_by("at")
    context = {
        "item": _finding(finding),
        "finding": finding,
        "rows": rows[:500],
        "synthetic": "all" if finding.is_synthetic else "",
    }
    return render(request, "portal/evaluations/finding.html", context)
