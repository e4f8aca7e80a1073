"""Officers' pages of drug safety: the firms of the area with their grades, and one firm's file. Each look is recorded."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhijian.apps.supervision.drug_files import queries, rules
from zhijian.apps.supervision.drug_files.registers import INITIATIVES, KINDS, LEVELS
from zhijian.apps.supervision.drug_files.rules import Grade
from zhijian.engines.facts import kinds
from zhijian.engines.facts.models import Fact
from zhijian.security.audit import record_look
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day

_SHOWN = 30
GRADES = {
    Grade.TRUSTED: ("守信", "Trusted"),
    Grade.WARNED: ("警示", "Warned"),
    Grade.DISHONEST: ("失信", "Dishonest"),
    Grade.GRAVE: ("严重失信", "Gravely dishonest"),
}
EVENTS = {
    "penalty": ("行政处罚", "penalty"),
    "problem": ("检查或者抽检发现问题", "problem found"),
    "refusal": ("不配合检查", "inspection refused"),
    "ordered_recall": ("责令召回", "recall by order"),
    "serious_list": ("在严重违法失信名单", "on the serious-violation list"),
}


@never_cache
@login_required
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """List the firms of the area with grade and checks a year."""
    officer, at = require(request.user, Permission.VIEW_KEY_FILE), timezone.now()
    record_look(officer, "drug files", "drug_files", at=at)
    page = Paginator(queries.firms_of_area(officer), _SHOWN).get_page(request.GET.get("page"))
    files = [queries.file_of(uscc, on=statutory_day(at)) for uscc in page]
    rows = [{"file": one, "grade": GRADES[one.graded.grade]} for one in files if one is not None]
    return render(request, "drug_files/desk.html", {"page": page, "rows": rows})


@never_cache
@login_required
@require_GET
def file_page(request: HttpRequest, uscc: str) -> HttpResponse:
    """Show one firm's file: the grade with what makes it, licences, recalls, counts, and what the facts say."""
    at = timezone.now()
    file = queries.file_of(uscc, on=statutory_day(at))
    if file is None:
        raise Http404
    officer = require(request.user, Permission.VIEW_KEY_FILE, division=file.division_code)
    record_look(officer, file.uscc, "drug_file", at=at)
    context: dict[str, Any] = {
        "file": file,
        "grade": GRADES[file.graded.grade],
        "because": [(EVENTS[one.what], one.on) for one in file.graded.because],
        "licences": [(one, _words(KINDS, one.kind_code), one.stands_on(statutory_day(at))) for one in file.licences],
        "recalls": [(one, _words(LEVELS, one.level_code), _words(INITIATIVES, one.initiative_code)) for one in file.recalls],
        "adverse": [(one, rules.serious_share(one.reports, one.serious_reports)) for one in file.adverse],
        "history": [(one, (kinds.get(one.kind).label_zh, kinds.get(one.kind).label_en), isinstance(one, Fact)) for one in file.facts if kinds.find(one.kind)],
    }  # fmt: skip
    return render(request, "drug_files/file.html", context)


def _words(codes: Any, value: str) -> tuple[str, str]:
    found = next(one.label for one in codes if one.value == value)
    return found.zh, found.en


urlpatterns = [path("", desk, name="drug_files"), path("<str:uscc>/", file_page, name="drug_file")]
