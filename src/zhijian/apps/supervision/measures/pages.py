"""Officers' page of measures: what applies to a firm and why, how departments answer, who is barred, what is to be ended."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.apps.supervision.measures import policies, queries, services
from zhijian.apps.supervision.measures.answering import answers
from zhijian.apps.supervision.measures.codes import BINDINGS, LISTS, MATTERS
from zhijian.apps.supervision.measures.rules import ANY_MATTER
from zhijian.engines.exchange.policies import Refused
from zhijian.engines.registers.declared.columns import Code
from zhijian.infrastructure.language import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, require
from zhijian.standards.calendar import statutory_day

_SHOWN = 50


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Ask what applies to a firm; see how departments answer; end what lost its ground; enter the head of a listed firm."""
    officer, at = require(request.user, Permission.KEEP_CREDIT_FILE), timezone.now()
    context: dict[str, Any] = {"refusal": "", "asked": None}
    if request.method == "POST":
        try:
            if (done := _act(request, officer, at)) is not None:
                messages.success(request, done)
                return redirect("measures_desk")
            context["asked"] = _asked(request, officer, at)
        except (Refused, Forbidden) as problem:
            context["refusal"] = problem.message_en if in_english() else problem.message_zh
    record_look(officer, "measures desk", "measures_desk", at=at)
    context |= _overview(officer, at) | {"typed": request.POST}
    return render(request, "measures/desk.html", context, status=422 if context["refusal"] else 200)


def _act(request: HttpRequest, officer: Officer, at: datetime) -> str | None:
    """Do what the officer asked for and say what was done; None where it was a question."""
    act = request.POST.get("act", "")
    if act == "end":
        ended = services.tell_ended(by=officer, at=at)
        return gettext("已终止%(n)s项措施，采取了措施的部门已收到通知。") % {"n": ended}
    if act == "recognitions":
        ended_ones = services.end_broken_recognitions(by=officer, at=at)
        return gettext("已取消%(n)s户的守信激励认定。") % {"n": len(ended_ones)}
    if act == "bar":
        bar = services.bar_head(_typed(request, "uscc"), _typed(request, "name"), _typed(request, "number"), by=officer, at=at)  # fmt: skip
        return gettext("已登记。任职限制从%(day)s起三年，只能凭本人身份查询。") % {"day": bar.listed_on}
    if act == "lift":
        services.lift_bar(
            _typed(request, "uscc"), _typed(request, "name"), _typed(request, "number"), _typed(request, "reason"), by=officer, at=at
        )  # fmt: skip
        return gettext("已取消，这个人不再受这条任职限制。")
    return None


def _asked(request: HttpRequest, officer: Officer, at: datetime) -> dict[str, Any]:
    matter = _typed(request, "matter")
    uscc = policies.check_code(_typed(request, "uscc"))
    policies.check_matter(matter)
    record_look(officer, uscc, "measures", at=at)
    on = statutory_day(at)
    return {
        "uscc": uscc,
        "matter": _words(MATTERS, matter),
        "rows": [
            {
                "entry": one.entry,
                "listing": one.match.listing,
                "list": _words(LISTS, one.entry.list_code),
                "binding": _words(BINDINGS, one.entry.binding_code),
            }
            for one in queries.applicable(uscc, matter, on=on)
        ],
        "recognition": queries.recognition_of(uscc, on=on),
    }


def _overview(officer: Officer, at: datetime) -> dict[str, Any]:
    on, waiting = statutory_day(at), queries.unanswered(officer)
    return {
        "today": on,
        "matters": [(one.value, _words(MATTERS, one.value)) for one in MATTERS if one.value not in (ANY_MATTER, "post")],
        "standings": queries.statistics(on=on),
        "waiting": [{"match": one, "is_late": one.due_on < on, "matter": _words(MATTERS, one.matter_code)} for one in waiting[:_SHOWN]],
        "waiting_count": len(waiting),
        "broken": queries.broken_recognitions(officer, on=on),
    }  # fmt: skip


def _typed(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()[:200]


def _words(codes: tuple[Code, ...], value: str) -> str:
    found = next((one.label for one in codes if one.value == value), None)
    return value if found is None else found.en if in_english() else found.zh


urlpatterns = [path("", desk, name="measures_desk"), path("answers/", answers, name="measure_answers")]
