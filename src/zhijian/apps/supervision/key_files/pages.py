"""Pages of key supervision: the files of an area, one firm's file with its measures; and sums for everybody."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.apps.supervision.key_files import queries, services
from zhijian.apps.supervision.key_files.models import Field, KeyFile, KeyMatter
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.registers import register_at
from zhijian.engines.registers.public_records import place_on_record
from zhijian.infrastructure.home import current_home
from zhijian.infrastructure.language import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.calendar import statutory_day

_SHOWN, _MOST_HISTORY = 50, 200
FIELDS = {
    Field.FOOD: ("食品", "Food"),
    Field.DRUG: ("药品和医疗器械", "Drugs and devices"),
    Field.EQUIPMENT: ("特种设备", "Special equipment"),
    Field.PRODUCT: ("工业产品", "Industrial products"),
    Field.OTHER: ("其他", "Other"),
}


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Show the open files of the area; enter a firm by rule, or propose it."""
    officer = require(request.user, Permission.VIEW_KEY_FILE)
    refusal, at = "", timezone.now()
    if request.method == "POST":
        try:
            return _entered(request, officer)
        except ProcedureRefused as problem:
            refusal = problem.message_en if in_english() else problem.message_zh
    record_look(officer, "key files", "key_files", at=at)
    page = Paginator(queries.of_area(officer), _SHOWN).get_page(request.GET.get("page"))
    matters = KeyMatter.objects.filter(outcome="", case__organisation=officer.organisation).select_related(
        "case"
    )
    context = {
        "refusal": refusal,
        "typed": request.POST,
        "page": page,
        "rows": [_row(one, statutory_day(at)) for one in page],
        "matters": matters.order_by("-pk")[:_SHOWN],
        "fields": FIELDS.items(),
        "may_keep": may(officer, Permission.KEEP_KEY_FILE),
    }
    return render(request, "key_files/desk.html", context, status=422 if refusal else 200)


def _row(file: KeyFile, today: date) -> dict[str, Any]:
    late = sum(one.done_on is None and one.due_on < today for one in file.measures.all())
    return {
        "file": file,
        "field": FIELDS[Field(file.field)],
        "ground": services.GROUNDS[file.ground],
        "late": late,
        "is_due": file.review_on <= today,
    }


def _entered(request: HttpRequest, officer: Officer) -> HttpResponse:
    uscc, given = request.POST.get("uscc", "").strip().upper(), request.POST
    register = register_at(current_home().serving)
    record = register.find(uscc) if register.is_ready else None
    firm: dict[str, Any] = {
        "name": record.name if record is not None else given.get("name", ""),
        "division": place_on_record(record, uscc),
        "field": given.get("field", ""),
        "by": officer,
        "at": timezone.now(),
        "is_synthetic": bool(record is not None and record.is_synthetic),
    }
    if given.get("act") == "rule":
        delivered = register.delivered_facts(uscc) if record is not None else ()
        file = services.enter_by_rule(uscc, delivered=delivered, **firm)
        messages.success(request, gettext("已按规则列入。"))
        return redirect("key_file", number=file.pk)
    case = services.propose(uscc, reason=given.get("reason", ""), **firm)
    return redirect("case", case_id=case.pk)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def file_page(request: HttpRequest, number: int) -> HttpResponse:
    """Show one firm's file: why, until when, measures, history from the facts. Each look is recorded."""
    file = KeyFile.objects.filter(pk=number).first()
    if file is None:
        raise Http404
    officer = require(request.user, Permission.VIEW_KEY_FILE, division=file.division_code)
    refusal, at = "", timezone.now()
    if request.method == "POST":
        try:
            return _acted(request, file, officer)
        except ProcedureRefused as problem:
            refusal = problem.message_en if in_english() else problem.message_zh
        except ValueError:
            refusal = gettext("请写明日期，如2026-11-28。")
    record_look(officer, file.uscc, "key_file", at=at)
    today = statutory_day(at)
    facts = queries.history(file.uscc, on=today)[:_MOST_HISTORY]
    context = {
        "refusal": refusal,
        "typed": request.POST,
        "row": _row(file, today),
        "file": file,
        "measures": [{"one": one, "is_late": one.done_on is None and one.due_on < today} for one in file.measures.all()],
        "history": [{"fact": one, "label": queries.label(one.kind), "is_in_log": isinstance(one, Fact)} for one in facts],
        "may_keep": may(officer, Permission.KEEP_KEY_FILE, division=file.division_code) and file.left_on is None,
    }  # fmt: skip
    return render(request, "key_files/file.html", context, status=422 if refusal else 200)


def _acted(request: HttpRequest, file: KeyFile, officer: Officer) -> HttpResponse:
    given, at = request.POST, timezone.now()
    acts: dict[str, Callable[[], None]] = {
        "review": lambda: services.review(file, note=given.get("text", ""), by=officer, at=at),
        "measure": lambda: _add(file, given, officer, at),
        "finish": lambda: _finish(file, given, officer, at),
    }
    if given.get("act") == "leave":
        case = services.propose_leaving(file, reason=given.get("text", ""), by=officer, at=at)
        return redirect("case", case_id=case.pk)
    if given.get("act") not in acts:
        raise Http404
    acts[given["act"]]()
    messages.success(request, gettext("已记下。"))
    return redirect("key_file", number=file.pk)


def _add(file: KeyFile, given: Any, officer: Officer, at: Any) -> None:
    due_on = date.fromisoformat(given.get("due_on", ""))
    services.add_measure(
        file,
        text=given.get("text", ""),
        responsible=given.get("responsible", ""),
        due_on=due_on,
        by=officer,
        at=at,
    )


def _finish(file: KeyFile, given: Any, officer: Officer, at: Any) -> None:
    asked = given.get("measure", "")
    measure = file.measures.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 12 else None
    if measure is None:
        raise Http404
    services.finish_measure(measure, note=given.get("text", ""), by=officer, at=at)


urlpatterns = [path("", desk, name="key_files"), path("<int:number>/", file_page, name="key_file")]
