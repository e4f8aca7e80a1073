"""What every officers' page of this system shares: who may open it, in which language it refuses, how it gives a table."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from zhijian.apps.supervision.inspection import policies
from zhijian.infrastructure.language import in_english
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, require

View = Callable[..., HttpResponseBase]


def officers_only(view: View) -> View:
    """Let officers who are signed in pass, and turn refusals of right into the page that explains them."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            require(request.user, Permission.VIEW_WORKBENCH)
            return view(request, *args, **kwargs)
        except (Forbidden, policies.WrongPerson) as refusal:
            denied = PermissionDenied(refusal.message_zh)
            denied.message_zh, denied.message_en = refusal.message_zh, refusal.message_en  # type: ignore[attr-defined]
            raise denied from refusal

    guarded: View = login_required(never_cache(wrapped))
    return guarded


def officer_of(request: HttpRequest) -> Officer:
    """Return who is signed in; only behind `officers_only`."""
    assert isinstance(request.user, Officer)
    return request.user


def words_of(problem: Any) -> str:
    """Return a refusal's words in the language of the page."""
    english = in_english()
    return str(problem.message_en if english else problem.message_zh)


def csv_file(name: str, rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return rows as a CSV file of this name, with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
