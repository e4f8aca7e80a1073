"""The business's own page: what is on record about it, for whoever signed in for it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zhijian.apps.supervision.inspection import queries as inspections
from zhijian.portal.views.business import for_firm
from zhijian.portal.views.entities import entries_of
from zhijian.portal.views.register import market_entities, today
from zhijian.security.models import BusinessPerson
from zhijian.security.permissions import OfFirm


@for_firm(OfFirm.READ)
def my_page(request: HttpRequest, person: BusinessPerson) -> HttpResponse:
    """What everybody may read about the firm today, with the way to its accounts."""
    register, day = market_entities(), today()
    record = register.find(person.uscc) if register.is_ready else None
    entries = entries_of(register, record, day, inspections.results_of(person.uscc)) if record else []
    context = {
        "person": person,
        "record": record,
        "entries": entries,
        "today": day,
        "synthetic": "all" if person.is_synthetic else "",
    }
    return render(request, "portal/my/index.html", context)
