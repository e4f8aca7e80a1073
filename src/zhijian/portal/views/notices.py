"""The bell: what an officer was told; and the letters that did not arrive, for the steward."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from zhijian.engines.notices import services
from zhijian.engines.notices.models import Dispatch, Notice
from zhijian.portal.work_navigation import PROVINCE
from zhijian.security.audit import record_look
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.whole_number import whole_number

_MOST = 100


@login_required
@require_http_methods(["GET", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """An officer's own notices, unread first; reading is marked by the officer, not by opening the page."""
    officer = require(request.user, Permission.VIEW_WORKBENCH)
    if request.method == "POST":
        one = whole_number(request.POST.get("notice", ""))
        services.mark_read(officer, None if one is None else [one], at=now())
        found = None if one is None else Notice.objects.filter(officer=officer, pk=one).first()
        return redirect(found.link if found and found.link else "work_notices")
    own = Notice.objects.filter(officer=officer)
    context = {
        "unread": own.filter(read_at__isnull=True)[:_MOST],
        "read": own.filter(read_at__isnull=False)[:_MOST],
        "may_see_dead": may(officer, Permission.WORK_DEAD_LETTERS, division=PROVINCE),
    }
    return render(request, "portal/notices/inbox.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def dead_letters(request: HttpRequest) -> HttpResponse:
    """What did not arrive after six tries: send again, or give up and forget the address."""
    officer = require(request.user, Permission.WORK_DEAD_LETTERS, division=PROVINCE)
    if request.method == "POST":
        try:
            number = UUID(request.POST.get("dispatch", ""))
        except ValueError:
            return redirect("work_dead_letters")
        dispatch = get_object_or_404(Dispatch, pk=number)
        act = services.try_again if request.POST.get("action") == "again" else services.forget
        act(dispatch, by=officer, at=now())
        return redirect("work_dead_letters")
    record_look(officer, "notices", "dead_letters", at=now())
    dead = services.dead_letters()
    return render(request, "portal/notices/dead.html", {"dead": dead[:_MOST], "count": dead.count()})
