"""Officers' pages of the platform: the list, a transfer from a complaint, the consumer and the package of one case."""

import json
from secrets import token_bytes
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zhijian.apps.consumer.bay_area import outbox, queries, services
from zhijian.apps.consumer.bay_area.codes import DIRECTION_WORDS, PERSONAL_FIELDS
from zhijian.apps.consumer.bay_area.errors import BadInput
from zhijian.apps.consumer.bay_area.forms import FromComplaintForm
from zhijian.apps.consumer.bay_area.models import Message, Transfer
from zhijian.apps.consumer.complaints.intake import rows
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.infrastructure.language import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

_MOST = 200


@never_cache
@login_required
@require_GET
def transfer_list(request: HttpRequest) -> HttpResponse:
    """Transfers both ways, those that wait longest for the other side first."""
    services.check_officer(request.user)
    found = Transfer.objects.prefetch_related("steps", "messages")[:_MOST]
    today = statutory_day(timezone.now())
    listed = [(one, DIRECTION_WORDS[one.direction], due, bool(due and due < today)) for one in found for due in [queries.due_on(one)]]  # fmt: skip
    listed.sort(key=lambda row: not row[3])
    dead = Message.objects.filter(state="dead").select_related("transfer")
    context = {"rows": listed, "dead": dead, "synthetic": any(one.is_synthetic for one, *_ in listed)}
    return render(request, "bay_area/list.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def new_transfer(request: HttpRequest) -> HttpResponse:
    """Open a transfer from a complaint that concerns a trader in Hong Kong or Macao."""
    officer = services.check_officer(request.user)
    given = request.POST if request.method == "POST" else None
    start = {"complaint": request.GET.get("complaint", "")[:40]}
    form = FromComplaintForm(given, initial=start, answers={}, today=statutory_day(timezone.now()))
    if given is not None and form.is_valid():
        made = _opened(form, officer)
        if made is not None:
            messages.success(request, gettext("已开始转办，编号%(number)s。") % {"number": made.number})
            return redirect("case", case_id=made.case_id)
    listed = rows.rows_of(form)
    problems = [{"href": f"#{row.first_id}", "text": error} for row in listed for error in row.errors]
    status = 422 if given is not None else 200
    return render(request, "bay_area/new.html", {"rows": listed, "problems": problems}, status=status)


def _opened(form: FromComplaintForm, officer: Officer) -> Transfer | None:
    rows_of = Complaint.objects.select_related("organisation", "submission")
    complaint = rows_of.filter(number=form.cleaned_data["complaint"].strip()).first()
    if complaint is None:
        form.add_error("complaint", gettext("没有这个编号的投诉。"))
        return None
    dispute = form.dispute()
    how = services.Agreed(tuple(PERSONAL_FIELDS), form.cleaned_data["way"])
    try:
        made, _ = services.from_complaint(
            complaint, dispute, how, by=officer, at=timezone.now(), randomness=token_bytes
        )
    except BadInput as refused:
        is_english = in_english()
        for name, zh, en in refused.problems:
            form.add_error(name if name in form.fields else "complaint", en if is_english else zh)
        return None
    return made


@never_cache
@login_required
@require_GET
def consumer(request: HttpRequest, number: str) -> HttpResponse:
    """Who the consumer is, and the package word by word; the look is written down."""
    transfer = _named(request, number)
    assert isinstance(request.user, Officer)
    person = services.person_of(transfer, by=request.user, at=timezone.now())
    context: dict[str, Any] = {**queries.shown(transfer), "person": person, "package": ""}
    context["synthetic"] = "all" if transfer.is_synthetic else ""
    if transfer.direction == "out" and person:
        context["package"] = json.dumps(services.package_of(transfer), ensure_ascii=False, indent=2)
    return render(request, "bay_area/consumer.html", context)


@never_cache
@login_required
@require_GET
def carried(request: HttpRequest, number: str, message_id: int) -> HttpResponse:
    """A message as a file, where the council has no line; the look is written down."""
    transfer = _named(request, number)
    message = Message.objects.filter(pk=message_id, transfer=transfer).exclude(body_sealed="").first()
    if message is None:
        raise Http404
    assert isinstance(request.user, Officer)
    record_look(request.user, transfer.number, f"bay_area_{message.kind}", at=timezone.now())
    response = HttpResponse(outbox.body_of(message), content_type="application/json; charset=utf-8")
    mark = "_SYNTHETIC" if transfer.is_synthetic else ""
    response.headers["Content-Disposition"] = (
        content_disposition_header(True, f"{number}-{message.pk}{mark}.json") or ""
    )
    return response


def _named(request: HttpRequest, number: str) -> Transfer:
    services.check_officer(request.user)
    found = queries.numbered(number)
    if found is None:
        raise Http404
    return found


urlpatterns = [
    path("", transfer_list, name="bay_area_work"),
    path("new/", new_transfer, name="bay_area_new"),
    path("<str:number>/", consumer, name="bay_area_consumer"),
    path("<str:number>/messages/<int:message_id>.json", carried, name="bay_area_carried"),
]
