"""查阅和更正申请: what firms and people ask about their own data, answered by the day of the law; and holds on deletion."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zhijian.engines.data_protection import holding, requesting
from zhijian.engines.data_protection.errors import ProtectionRefused
from zhijian.engines.data_protection.models import LegalHold, SubjectRequest
from zhijian.engines.data_protection.retention import DAYS
from zhijian.portal.components import case_words, look_words
from zhijian.portal.components.words import in_english
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.permissions import Permission, require

_SHOWN = 50


@never_cache
@login_required
@require_GET
def request_list(request: HttpRequest) -> HttpResponse:
    """The requests of one's area: open ones first, the earliest due day first."""
    officer = require(request.user, Permission.ANSWER_DATA_REQUESTS)
    page = Paginator(requesting.waiting_in_area(officer), _SHOWN).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [_row(one) for one in page], "today": today()}
    return render(request, "portal/data_requests/list.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def request_page(request: HttpRequest, number: str) -> HttpResponse:
    """One request: what is asked, until when it is answered, and the answer. Opening it is recorded."""
    officer = require(request.user, Permission.ANSWER_DATA_REQUESTS)
    found = get_object_or_404(SubjectRequest.objects.select_related("answered_by"), number=number)
    problem = ""
    if request.method == "POST":
        try:
            answer = request.POST.get("answer", "")
            if answer not in ("granted", "refused"):
                raise ProtectionRefused("请选择结论。", "Choose the outcome.")
            words = request.POST.get("words", "")
            requesting.answer(found, words, is_granted=answer == "granted", by=officer, at=now())
        except ProtectionRefused as refused:
            problem = _said(refused)
        else:
            messages.success(request, _("已答复，申请人在自己的页面看得到。"))
            return redirect("data_request", number=number)
    asked, answered = requesting.opened(found, by=officer, at=now())
    context = _row(found) | {
        "asked": asked,
        "answered": answered,
        "problem": problem,
        "typed": request.POST,
        "today": today(),
    }
    return render(request, "portal/data_requests/request.html", context, status=422 if problem else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def holds_page(request: HttpRequest) -> HttpResponse:
    """How long each kind of data is kept, and what is held from deletion, with the reason."""
    officer = require(request.user, Permission.HOLD_DELETION)
    problem = ""
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            if number := request.POST.get("lift", ""):
                key = int(number) if number.isdecimal() and len(number) < 10 else 0
                holding.lift(get_object_or_404(LegalHold, pk=key), reason=reason, by=officer, at=now())
                messages.success(request, _("已恢复到期删除。"))
            else:
                holding.place(request.POST.get("subject", ""), reason=reason, by=officer, at=now())
                messages.success(request, _("已暂停删除。"))
        except ProtectionRefused as refused:
            problem = _said(refused)
        else:
            return redirect("deletion_holds")
    record_look(officer, "deletion holds", "deletion_holds", at=now())
    holds = LegalHold.objects.select_related("placed_by", "lifted_by").order_by(
        F("lifted_at").desc(nulls_first=True), "-placed_at"
    )
    context = {
        "rows": [{"hold": one, "by": case_words.officer_name(one.placed_by)} for one in holds[:_SHOWN]],
        "schedule": [(_kinds().get(what, what), days) for what, days in DAYS.on(today()).items()],
        "problem": problem,
        "typed": request.POST,
    }
    return render(request, "portal/data_requests/holds.html", context, status=422 if problem else 200)


def _kinds() -> dict[str, str]:
    return {
        "sign_ins": _("人员的登录记录"), "sign_in_failures": _("没有成功的登录"),
        "recovery_codes": _("用过、作废的恢复码"), "activation_codes": _("用过、作废的企业激活码"),
        "complaint_people": _("投诉人的身份和联系方式（从办结起）"),
        "subject_requests": _("查阅、更正申请里的文字（从答复起）"),
    }  # fmt: skip


def _row(one: SubjectRequest) -> dict[str, Any]:
    return {
        "one": one,
        "kind": look_words.request_kind(one.kind),
        "is_late": one.answered_at is None and one.due_on < today(),
        "by": case_words.officer_name(one.answered_by) if one.answered_by else "",
    }


def _said(refused: ProtectionRefused) -> str:
    return refused.message_en if in_english() else refused.message_zh
