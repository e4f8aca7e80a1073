"""The opening of a firm's own leaf: handed to the firm with its notice, and to auditors. Every look is recorded."""

import json
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone

from zhijian.apps.supervision.inspection import policies
from zhijian.apps.supervision.inspection.api import refusal
from zhijian.apps.supervision.inspection.frame import officer_of, officers_only
from zhijian.apps.supervision.inspection.models import Check
from zhijian.engines.draws import services as draws
from zhijian.engines.draws import store
from zhijian.engines.draws.errors import DrawRefused
from zhijian.engines.draws.models import Draw
from zhijian.security.audit import record_look
from zhijian.security.permissions import Permission, require

PART = "draw_opening"


@officers_only
def opening_of_check(request: HttpRequest, check_id: int) -> JsonResponse:
    """The opening of a drawn firm, for the two inspectors who bring it with the notice."""
    check = Check.objects.select_related("task").filter(pk=check_id).first()
    if check is None:
        raise Http404
    officer = officer_of(request)
    policies.check_inspector(check, officer)
    return _opening(request, check.task.plan_id, check.task.attempt, check.uscc, check.number)


@officers_only
def opening_for_auditors(request: HttpRequest, plan_id: str, attempt: int) -> JsonResponse:
    """The opening of a firm of a roster (``?uscc=…&reason=…``), drawn or not, for auditors of its area alone."""
    require(request.user, Permission.OPEN_DRAW_LEAVES)
    uscc, reason = (request.GET.get(name, "").strip()[:200] for name in ("uscc", "reason"))
    uscc = uscc.upper()
    draw = get_object_or_404(Draw, plan_id=plan_id, attempt=attempt)
    try:
        policies.check_audit_opening(officer_of(request), division=_division(draw, uscc), reason=reason)
    except policies.Incomplete as refused:
        return refusal("Incomplete", refused, refused.status)
    return _opening(request, plan_id, attempt, uscc, reason)


def _division(draw: Draw, uscc: str) -> str:
    """Return where a firm of the roster lies."""
    found = (str(row["division"]) for row in store.kept(draw, "objects") if row["object"] == uscc)
    division = next(found, None)
    if division is None:
        raise Http404
    return division


def _opening(request: HttpRequest, plan_id: str, attempt: int, uscc: str, reason: str) -> JsonResponse:
    draw = Draw.objects.filter(plan_id=plan_id, attempt=attempt).first()
    if draw is None:
        raise Http404
    try:
        opening: dict[str, Any] = draws.opening_of(draw, uscc)
    except DrawRefused as refused:
        raise Http404(refused.message_zh) from refused
    record_look(officer_of(request), uscc, PART, at=timezone.now(), reason=reason)
    answer = JsonResponse(opening, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f"attachment; filename={json.dumps(_file_name(draw, uscc))}"
    return answer


def _file_name(draw: Draw, uscc: str) -> str:
    mark = "_SYNTHETIC" if draw.is_synthetic else ""
    return f"opening-{draw.plan_id}-{draw.attempt}-{uscc}{mark}.json"


urlpatterns = [
    path("checks/<int:check_id>/opening.json", opening_of_check, name="work_opening"),
    path("draws/<str:plan_id>/<int:attempt>/openings/", opening_for_auditors, name="audit_opening"),
]
