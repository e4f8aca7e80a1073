"""The page on which the next plan is handed in as its files: every fault with its line, and what loading would do."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.apps.plan.monitoring import files, handing_in
from zhijian.apps.plan.monitoring.files import WrongPlan
from zhijian.apps.plan.monitoring.models import PROVINCE, Plan
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.portal.components import words
from zhijian.portal.views.business import said
from zhijian.portal.views.register import now
from zhijian.security.permissions import Permission, may, require


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def load_page(request: HttpRequest) -> HttpResponse:
    """Hand in the four files of a plan: checked, or loaded."""
    officer = require(request.user, Permission.ENTER_PLAN_VALUE, division=PROVINCE)
    faults: list[str] = []
    problem, checked = "", None
    if request.method == "POST":
        act = request.POST.get("act", "")
        do = {"check": handing_in.check, "load": handing_in.load}.get(act)
        if do is None:
            raise Http404
        handed = {name: one.chunks() for name in files.NAMES if (one := request.FILES.get(_field(name)))}
        try:
            made = do(handing_in.read(handed), by=officer, at=now())
        except WrongPlan as wrong:
            told = wrong.message_en if words.in_english() else wrong.message_zh
            faults, problem = told.splitlines(), _("文件有错，什么都没有装入。改好以后再来。")
        except PlanRefused as refused:
            problem = said(refused)
        else:
            if act == "load":
                messages.success(request, _("已装入：新增%(added)s行，改动%(changed)s行。") % _counts(made))
                return redirect(f"{reverse('plan_work')}?plan={made.plan.code}")
            checked = {"title": made.plan.title_en if words.in_english() else made.plan.title_zh} | _counts(
                made
            )
    context = {
        "problem": problem, "faults": faults, "checked": checked, "plans": Plan.objects.all(),
        "fields": [(_field(name), name) for name in files.NAMES],
        "may_load": may(officer, Permission.DECIDE_PLAN, division=PROVINCE),
    }  # fmt: skip
    return render(request, "portal/plan/work_load.html", context, status=422 if problem else 200)


def _field(name: str) -> str:
    return name.replace(".", "_")


def _counts(made: Any) -> dict[str, int]:
    return {"added": made.added, "changed": made.changed}
