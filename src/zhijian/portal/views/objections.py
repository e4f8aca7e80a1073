"""A firm objects to an inspector of a check that it knows of, and reads what was decided."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from zhijian.apps.supervision.inspection import objecting, policies
from zhijian.apps.supervision.inspection.models import InspectorObjection
from zhijian.apps.supervision.inspection.replacement_pages import grounds, problems_of, said_of
from zhijian.apps.supervision.inspection.replacement_rules import OBJECTION_GROUNDS
from zhijian.portal.components.words import in_english
from zhijian.portal.views.business import for_firm
from zhijian.portal.views.register import now
from zhijian.security.models import BusinessPerson
from zhijian.security.permissions import OfFirm


@for_firm(OfFirm.FILE)
def object_to_inspector(request: HttpRequest, person: BusinessPerson, check_id: int) -> HttpResponse:
    """Say which inspector of a check should not come, and why; a check of which the firm cannot know is not found."""
    check = next((one for one in objecting.open_to_objection(person.uscc) if one.pk == check_id), None)
    if check is None:
        raise Http404
    problems: list[tuple[str, str]] = []
    if request.method == "POST":
        try:
            made = objecting.object_from_firm(check, said_of(request), by=person, at=now())
            messages.success(
                request,
                _("已收到，回执编号%(number)s。%(day)s前由单位负责人决定，结果会出现在本页。")
                % {"number": made.number, "day": made.due_on},
            )
            return redirect("my")
        except policies.Refused as refused:
            problems = problems_of(refused)
    context = {
        "person": person, "check": check, "grounds": grounds(), "typed": request.POST, "problems": problems,
        "english": in_english(), "synthetic": check.is_synthetic,
    }  # fmt: skip
    return render(request, "portal/my/objection.html", context, status=422 if problems else 200)


def own_objections(uscc: str) -> list[dict[str, Any]]:
    """Return what a firm said of inspectors, with the decision where there is one, the newest first."""
    rows = InspectorObjection.objects.filter(check_record__uscc=uscc).select_related(
        "officer", "decision__replacement__coming"
    )
    return [
        {
            "one": one,
            "ground": OBJECTION_GROUNDS[one.ground][in_english()],
            "decision": getattr(one, "decision", None),
            "paper": objecting.paper_of(one),
        }
        for one in rows.order_by("-said_at")
    ]
