"""Recordings of checks: register by hash, take in a station's list, verify a file, say for what the film is asked."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.supervision.inspection import policies
from zhijian.apps.supervision.inspection.models import Check
from zhijian.apps.supervision.joint import queries as joint
from zhijian.apps.supervision.recordings import rules, services
from zhijian.apps.supervision.recordings.models import Recording, RefusedRow
from zhijian.apps.supervision.recordings.services import RecordingRefused, Typed
from zhijian.portal.components.words import in_english
from zhijian.portal.views.business import said
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.whole_number import whole_number

_FIELDS = ("sha256", "size_bytes", "device", "begun_at", "ended_at", "keeper")


@never_cache
@login_required
def check_page(request: HttpRequest, check_id: int) -> HttpResponse:
    """One check's recordings, what they leave open, who asked for them; and the departments that come along."""
    rows = Check.objects.select_related("task", "organisation", "inspector_first", "inspector_second")
    check = get_object_or_404(rows.prefetch_related("events"), pk=check_id)
    officer = require(request.user, Permission.VIEW_CHECK)
    policies.check_view(check, officer)
    typed, problem, field, status = {name: request.POST.get(name, "")[:300] for name in _FIELDS}, "", "", 200
    if request.method == "POST":
        try:
            _act(request, check, typed, officer)
            return redirect("work_recordings_of_check", check_id=check_id)
        except RecordingRefused as refused:
            problem, field, status = said(refused), refused.problems[0].field, 422
        except policies.Refused as refused:
            problem, status = said(refused), refused.status
    else:
        record_look(officer, check.uscc, "recordings", at=now(), reason=check.number)
    context = {
        "check": check,
        "recordings": list(check.recordings.prefetch_related("uses__by").select_related("registered_by")),
        "gaps": services.gaps_of(check),
        "purposes": [(key, pair[in_english()]) for key, pair in rules.PURPOSES.items()],
        "purpose_words": {key: pair[in_english()] for key, pair in rules.PURPOSES.items()},
        "departments": joint.departments_of(check),
        "is_mine": officer in check.inspectors,
        "typed": typed,
        "problem": problem,
        "field": field,
        "today": today(),
        "english": in_english(),
        "synthetic": "all" if check.is_synthetic else "",
    }
    return render(request, "portal/recordings/check.html", context, status=status)


def _act(request: HttpRequest, check: Check, typed: dict[str, str], officer: Officer) -> None:
    if request.POST.get("act") == "use":
        key = whole_number(request.POST.get("recording", ""), most_digits=12) or 0
        found = get_object_or_404(Recording, pk=key, check_record=check)
        services.use(
            found, request.POST.get("purpose", ""), request.POST.get("matter", ""), by=officer, at=now()
        )
        messages.success(request, _("已记下用途。请凭此向保管单位调取。"))
    else:
        services.register(check, Typed(**typed), by=officer, at=now())
        messages.success(request, _("已登记。文件留在采集站，这里只留摘要。"))


@never_cache
@login_required
def work_page(request: HttpRequest) -> HttpResponse:
    """Take in a station's list, see what was set aside, and verify a file."""
    officer = require(request.user, Permission.VIEW_CHECK)
    if request.GET.get("format") == "csv":
        return csv_file("recordings-refused.csv", _refused_csv(officer))
    context: dict[str, Any] = {"problem": "", "verified": None, "typed": ""}
    status = 200
    if request.method == "POST":
        try:
            if request.POST.get("act") == "verify":
                context |= _verified(request.POST.get("sha256", "")[:100], officer)
            else:
                _take_in(request, officer)
                return redirect("work_recordings")
        except RecordingRefused as refused:
            context["problem"], status = said(refused), 422
    context |= {
        "may_register": may(officer, Permission.INSPECT),
        "refused": RefusedRow.objects.filter(sent_by=officer)[:100],
        "columns": ",".join(services.COLUMNS),
    }
    return render(request, "portal/recordings/work.html", context, status=status)


def _take_in(request: HttpRequest, officer: Officer) -> None:
    upload = request.FILES.get("file")
    if upload is None:
        raise services.refusal("file", "请选一个文件。", "Choose a file.")
    if (upload.size or 0) > services.MOST_BYTES:
        raise services.refusal(
            "file", "文件超过5兆字节，请分批。", "The file is larger than 5 MB: send it in parts."
        )
    taken, refused = services.take_in(upload.name or "", upload.read(), by=officer, at=now())
    messages.success(request, _("登记{a}行，隔离{b}行。").format(a=taken, b=refused))


def _verified(typed: str, officer: Officer) -> dict[str, Any]:
    found = services.find(typed, by=officer)
    if found is not None:
        record_look(
            officer, found.check_record.uscc, "recordings", at=now(), reason=found.check_record.number
        )
    return {"verified": "yes" if found else "no", "found": found, "typed": typed}


def _refused_csv(officer: Officer) -> list[list[Any]]:
    rows = RefusedRow.objects.filter(sent_by=officer)[:5000]
    return [
        [*services.COLUMNS, "line", "reasons"],
        *(
            [*(one.row.get(key, "") for key in services.COLUMNS), one.line, "；".join(one.reasons)]
            for one in rows
        ),
    ]
