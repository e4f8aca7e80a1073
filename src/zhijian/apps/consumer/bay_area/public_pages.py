"""The public's pages of the platform in three languages: what it is, hand in, the status, taking the consent back."""

from secrets import token_bytes, token_urlsafe
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhijian.apps.consumer.bay_area import queries, services
from zhijian.apps.consumer.bay_area.codes import COUNCILS, PERSONAL_FIELDS, STATUS_WORDS, Direction
from zhijian.apps.consumer.bay_area.errors import BadInput
from zhijian.apps.consumer.bay_area.forms import ConsumerForm
from zhijian.apps.consumer.bay_area.models import Transfer
from zhijian.apps.consumer.complaints.intake import receipts, rows, throttle
from zhijian.apps.consumer.complaints.people import Person
from zhijian.apps.consumer.complaints.public_pages import public_page, script_of
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.standards.calendar import statutory_day

WRONG_TRANSFER = throttle.Limit("wrong-transfer", per_address=0, per_device=10)  # counted by the number
COOKIE, _ROOT, _SECONDS = "zhijian_transfer", "/bay-area/", 1800


def _show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(
        request, f"bay_area/public/{template}", {"script": script_of(request), **context}, status=status
    )


def _who(request: HttpRequest) -> dict[str, Any]:
    return {
        "address": throttle.address_of(request),
        "device": throttle.device_of(request),
        "at": timezone.now(),
    }


def _words(request: HttpRequest, refused: Any) -> str:
    return str(refused.message_en if script_of(request) == "en" else refused.message_zh)


@require_safe
@public_page
def door(request: HttpRequest) -> HttpResponse:
    """What is handed over, by whom, what leaves and what the other side may not tell."""
    context = {
        "councils": COUNCILS.values(),
        "fields": PERSONAL_FIELDS.values(),
        "statuses": [words for code, words in STATUS_WORDS.items()],
    }
    return _show(request, "door.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def complain(request: HttpRequest) -> HttpResponse:
    """Complain about a trader in Hong Kong or Macao; the consent is a question of its own."""
    today = statutory_day(timezone.now())
    key = _send_key(request)
    if again := services.sent_before(key):
        return _sent(request, *again)
    form = ConsumerForm(request.POST if request.method == "POST" else None, answers={}, today=today)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, key, status=422 if request.method == "POST" else 200)
    throttle.admit(throttle.SEND, **_who(request))
    person = Person(**{name: form.cleaned_data[name] for name in PERSONAL_FIELDS})
    try:
        made, code = services.hand_in(
            form.dispute(),
            person,
            form.agreed(),
            by=None,
            at=timezone.now(),
            randomness=token_bytes,
            send_key=key,
        )
    except BadInput as refused:
        for name, zh, en in refused.problems:
            form.add_error(name if name in form.fields else None, en if script_of(request) == "en" else zh)
        return _form_page(request, form, key, status=422)
    except IntegrityError:  # the second of two clicks: the first one made it
        again = services.sent_before(key)
        if again is None:
            raise
        made, code = again
    return _sent(request, made, code)


def _send_key(request: HttpRequest) -> UUID | None:
    """Return the key of the form that was sent, a new one for a new form; None where a sender gave none."""
    if request.method != "POST":
        return uuid4()
    try:
        return UUID(request.POST.get("send_key", ""))
    except ValueError:
        return None


def _sent(request: HttpRequest, made: Transfer, code: str) -> HttpResponse:
    response = _show(request, "sent.html", {"transfer": made, "code": code})
    _remember(request, response, made)
    return response


def _form_page(request: HttpRequest, form: ConsumerForm, key: UUID | None, *, status: int) -> HttpResponse:
    listed = rows.rows_of(form)
    problems = [{"href": f"#{row.first_id}", "text": error} for row in listed for error in row.errors]
    context = {"rows": listed, "problems": problems, "send_key": key or uuid4()}
    return _show(request, "complain.html", context, status=status)


def _remember(request: HttpRequest, response: HttpResponse, transfer: Transfer) -> None:
    plain: dict[str, Any] = {
        "httponly": True,
        "samesite": "Lax",
        "secure": settings.SESSION_COOKIE_SECURE,
        "path": _ROOT,
    }
    response.set_signed_cookie(COOKIE, transfer.number, salt=COOKIE, max_age=_SECONDS, **plain)
    if not throttle.device_of(request):
        response.set_cookie(throttle.DEVICE_COOKIE, token_urlsafe(16), max_age=_SECONDS, **plain)


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def status(request: HttpRequest) -> HttpResponse:
    """How a transfer stands, by its number and code."""
    if request.method == "POST":
        return _ask(request)
    mine = _mine(request)
    return _show(request, "ask.html", {"problems": []}) if mine is None else _standing(request, mine)


def _mine(request: HttpRequest) -> Transfer | None:
    number = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=_SECONDS)
    found = queries.numbered(str(number)) if number else None
    return found if found is not None and found.direction == Direction.OUT else None


def _ask(request: HttpRequest) -> HttpResponse:
    throttle.refuse_exhausted(throttle.WRONG_CODE, **_who(request))
    typed, code = request.POST.get("number", "")[:40], request.POST.get("code", "")[:40]
    number = receipts.read_number(typed.strip().upper().removeprefix("WB").lstrip("-–— "))
    by_number: dict[str, Any] = {"address": "", "device": number or "", "at": timezone.now()}
    throttle.refuse_exhausted(WRONG_TRANSFER, **by_number)  # no number, no count
    found = queries.numbered(f"WB-{number}") if number else None
    fits = found is not None and receipts.is_same(
        code, services.STATUS_CODE, found.code_hash, settings.SECRET_KEY
    )
    if found is None or not fits or found.direction != Direction.OUT:
        throttle.admit(throttle.WRONG_CODE, **_who(request))
        throttle.admit(WRONG_TRANSFER, **by_number)
        context = {"problems": [{"href": "#id_number", "text": _words(request, _NOT_FOUND)}], "typed": typed}
        return _show(request, "ask.html", context, status=404)
    response = redirect("bay_area_status")
    _remember(request, response, found)
    return response


class _NotFound:
    message_zh = "没有这个编号，或者查询码不对。请照回执核对。"
    message_en = "There is no such number, or the code is wrong. Compare them with your receipt."


_NOT_FOUND = _NotFound()


def _standing(request: HttpRequest, transfer: Transfer, problem: str = "", status: int = 200) -> HttpResponse:
    problems = [{"href": "", "text": problem}] if problem else []
    return _show(request, "status.html", {**queries.shown(transfer), "problems": problems}, status=status)


@require_POST
@public_page
def revoke(request: HttpRequest) -> HttpResponse:
    """Take the consent back, as long as nothing was sent."""
    mine = _mine(request)
    if mine is None:
        return redirect("bay_area_status")
    try:
        services.revoke_consent(mine, by=None, at=timezone.now())
    except ProcedureRefused as refused:
        fresh = queries.numbered(mine.number)
        assert fresh is not None
        return _standing(request, fresh, _words(request, refused), status=refused.status)
    return redirect("bay_area_status")


urlpatterns = [
    path("", door, name="bay_area"),
    path("complain/", complain, name="bay_area_complain"),
    path("status/", status, name="bay_area_status"),
    path("status/revoke/", revoke, name="bay_area_revoke"),
]
