"""Checking a draw in the visitor's own browser. The server only hands out the page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zhijian.engines.draws.models import Draw
from zhijian.portal.views.draws import row_of


def verify(request: HttpRequest) -> HttpResponse:
    """The page; `?draw=<plan>` names a published file that the page's script then loads."""
    plan = request.GET.get("draw", "")
    draws = Draw.objects.filter(plan_id=plan).order_by("-attempt") if plan else Draw.objects.all()
    published = [row for row in map(row_of, draws[:10]) if row.file]
    invented = [row.draw.is_synthetic for row in published]
    context = {
        "wanted": published[0] if plan and published else None,
        "recent": published,
        "is_missing": bool(plan) and not published,
        "synthetic": "" if not any(invented) else "all" if plan and all(invented) else "part",
    }
    return render(request, "portal/verify.html", context)
