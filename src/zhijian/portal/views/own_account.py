"""Whoever signs in and may nothing yet: who that is here, what the account lacks, and whose administrators give it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhijian.portal.components import case_words
from zhijian.security.models import Officer
from zhijian.security.permissions import Lack, lacking
from zhijian.security.roles import administering_units


def landing(officer: Officer, wanted: str) -> str:
    """Return where an officer goes after signing in: where it was wanted, or to the page of what the account lacks."""
    return reverse("own_account") if lacking(officer) else wanted


def about(officer: Officer) -> dict[str, Any]:
    """Return what the page says. Units are named, persons are not."""
    units = administering_units(officer.organisation)
    return {
        "name": case_words.officer_name(officer),
        "officer": officer,
        "has_unit": lacking(officer) != Lack.UNIT,
        "own_unit": case_words.unit_name(officer.organisation) if officer.organisation else "",
        "units": [case_words.unit_name(unit) for unit in units],
    }


@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What the account lacks. Once it lacks nothing, the officer goes on to the own sign-ins."""
    officer = request.user
    assert isinstance(officer, Officer)
    if not lacking(officer):
        return redirect("own_sign_ins")
    return render(request, "portal/own_account.html", about(officer))
