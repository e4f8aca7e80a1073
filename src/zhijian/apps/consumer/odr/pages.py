"""Officers' pages: the rooms of the area, the desk of one complaint, a room from the mediator's side.

Every opening of a room is a look that is written down. A code for the firm is shown once and kept nowhere.
"""

from collections.abc import Callable
from decimal import Decimal
from secrets import token_bytes
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zhijian.apps.consumer.complaints import representing
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.odr import opening, packages, queries, reading, referrals, rooms, rules, services
from zhijian.apps.consumer.odr.errors import NoRoom
from zhijian.apps.consumer.odr.models import (
    MEDIATOR,
    OFFICE,
    DisputeBody,
    Invitation,
    Package,
    Referral,
    Room,
)
from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.infrastructure.language import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.calendar import statutory_day
from zhijian.standards.whole_number import whole_number

_MOST = 200


def _said(refused: Any) -> str:
    is_english = in_english()
    return str(refused.message_en if is_english else refused.message_zh)


# ------------------------------------------------------------------------------------------------- rooms of the area


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def room_list(request: HttpRequest) -> HttpResponse:
    """The rooms and referrals of the area; a complaint's desk by its number."""
    officer = require(request.user, Permission.VIEW_COMPLAINT)
    if request.method == "POST":
        return _to_desk(request, officer)
    return _list(request, officer)


def _to_desk(request: HttpRequest, officer: Officer) -> HttpResponse:
    typed = request.POST.get("number", "")
    try:
        complaint = opening.complaint_numbered(typed)
    except NoRoom as refused:
        return _list(request, officer, _said(refused), typed[:40], refused.status)
    return redirect("odr_desk", number=complaint.number)


def _list(
    request: HttpRequest, officer: Officer, problem: str = "", typed: str = "", status: int = 200
) -> HttpResponse:
    assert officer.organisation is not None
    at, area = (
        timezone.now(),
        {"complaint__organisation__division_code__startswith": officer.organisation.territory},
    )
    found = Room.objects.filter(**area).select_related("complaint__organisation")
    mine = [room for room in found[:_MOST] if _sees(officer, room.complaint)]
    asked = Referral.objects.filter(**area, answer=None).select_related("complaint__organisation")
    waiting = [one for one in asked[:_MOST] if _sees(officer, one.complaint)]
    context = {
        "rows": [(room, rooms.standing(room, at=at)) for room in mine],
        "referrals": [(one, referrals.light(one, today=statutory_day(at))) for one in waiting],
        "problem": problem,
        "typed": typed,
        "synthetic": "part" if any(room.is_synthetic for room in mine) else "",
    }
    return render(request, "odr/work/list.html", context, status=status)


def _sees(officer: Officer, complaint: Complaint) -> bool:
    return may(officer, Permission.VIEW_COMPLAINT, division=complaint.organisation.division_code)


# ---------------------------------------------------------------------------------------------- desk of a complaint


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest, number: str) -> HttpResponse:
    """Open a room for a complaint, ask the ODR enterprise first, refer it to a third-party body."""
    complaint = _complaint(number)
    officer = require(request.user, Permission.VIEW_COMPLAINT, division=complaint.organisation.division_code)
    if request.method == "GET":
        record_look(officer, complaint.number, "odr_desk", at=timezone.now())
        return _desk(request, officer, complaint)
    act = _DESK.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    try:
        return act(request, complaint, officer)
    except ProcedureRefused as refused:
        record_look(officer, complaint.number, "odr_desk", at=timezone.now())
        return _desk(request, officer, complaint, _said(refused), refused.status)


def _complaint(number: str) -> Complaint:
    try:
        return opening.complaint_numbered(number)
    except NoRoom:
        raise Http404 from None


def _desk(
    request: HttpRequest, officer: Officer, complaint: Complaint, problem: str = "", status: int = 200
) -> HttpResponse:
    at = timezone.now()
    division = complaint.organisation.division_code
    earlier = list(complaint.odr_referrals.select_related("answer", "result"))
    context = {
        "complaint": complaint,
        "room": Room.objects.filter(complaint=complaint).first(),
        "enterprise": opening.enterprise_of(complaint, at=at),
        "may_mediate": may(officer, Permission.MEDIATE_ONLINE, division=division),
        "bodies": [one for one in DisputeBody.objects.order_by("key") if one.stands_on(statutory_day(at))],
        "referrals": earlier,
        "may_refer": complaint.consents_to_delegation and not any(referrals.is_open(one) for one in earlier),
        "outcomes": referrals.OUTCOMES,
        "results": {code: referrals.OUTCOMES[code] for code in referrals.RESULTS},
        "problem": problem,
        "typed": request.POST if problem else {},
        "synthetic": "all" if complaint.is_synthetic else "",
    }
    return render(request, "odr/work/desk.html", context, status=status)


def _open(request: HttpRequest, complaint: Complaint, officer: Officer) -> HttpResponse:
    room = opening.open_room(complaint, by=officer, at=timezone.now())
    return redirect("odr_work_room", number=room.number)


def _ask_enterprise(request: HttpRequest, complaint: Complaint, officer: Officer) -> HttpResponse:
    room, code = opening.invite_enterprise(complaint, by=officer, at=timezone.now(), randomness=token_bytes)
    return _code_page(request, room, code)


def _refer(request: HttpRequest, complaint: Complaint, officer: Officer) -> HttpResponse:
    key, reason = request.POST.get("body", ""), request.POST.get("reason", "")
    referrals.refer(complaint, body_key=key, reason=reason, by=officer, at=timezone.now())
    messages.success(request, gettext("已转办。答复期限和转办的投诉在“在线调解”里看。"))
    return redirect("odr_desk", number=complaint.number)


def _answered(request: HttpRequest, complaint: Complaint, officer: Officer) -> HttpResponse:
    pk = whole_number(request.POST.get("referral", ""), most_digits=11) or 0
    referral = complaint.odr_referrals.filter(pk=pk).first()
    if referral is None:
        raise Http404
    outcome, text = request.POST.get("outcome", ""), request.POST.get("text", "")
    enter = referrals.conclude if request.POST.get("act") == "result" else referrals.answer
    enter(referral, outcome=outcome, text=text, by=officer, at=timezone.now())
    return redirect("odr_desk", number=complaint.number)


_DESK: dict[str, Callable[[HttpRequest, Complaint, Officer], HttpResponse]] = {
    "open": _open,
    "enterprise": _ask_enterprise,
    "refer": _refer,
    "answer": _answered,
    "result": _answered,
}


# ------------------------------------------------------------------------------------------------------------- a room


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def room_page(request: HttpRequest, number: str) -> HttpResponse:
    """One room: all of it to who may mediate; to others of the complaint without what was said in private."""
    room, officer, side = _room_of(request, number)
    if request.method == "GET":
        opening.look_in(room, by=officer, at=timezone.now())
        return _room(request, officer, room, side)
    act = _ROOM.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    try:
        return act(request, room, officer)
    except (ProcedureRefused, RefusedFile, DocumentRefused) as refused:
        opening.look_in(room, by=officer, at=timezone.now())
        return _room(request, officer, room, side, _said(refused), getattr(refused, "status", 422))


def _room_of(request: HttpRequest, number: str) -> tuple[Room, Officer, str]:
    try:
        room = rooms.find(number)
    except NoRoom:
        raise Http404 from None
    division = rooms.complaint_of(room).organisation.division_code
    officer = require(request.user, Permission.VIEW_COMPLAINT, division=division)
    mediates = may(officer, Permission.MEDIATE_ONLINE, division=division)
    return room, officer, MEDIATOR if mediates else OFFICE


def _room(
    request: HttpRequest, officer: Officer, room: Room, side: str, problem: str = "", status: int = 200
) -> HttpResponse:
    at = timezone.now()
    context = queries.view(room, side, at=at)
    text = context["text"]
    refused = services.why_not_sealed_by(officer, text, context["now"].complaint) if text else None
    context |= {
        "not_by_me": _said(refused) if refused else "",
        "needs_consent": representing.needs_officer(context["now"].complaint, on=statutory_day(at)),
        "may_seal": services.may_be_sealed(text, context["now"]),
        "invitations": room.invitations.select_related("issued_by", "end"),
        "live": {one.pk for one in opening.live_invitations(room, at=at)},
        "ways": services.WAYS,
        "problem": problem,
        "typed": request.POST if problem else {},
        "may_mediate": side == MEDIATOR,
        "synthetic": "all" if room.is_synthetic else "",
    }
    return render(request, "odr/work/room.html", context, status=status)


def _code_page(request: HttpRequest, room: Room, code: str) -> HttpResponse:
    context = {"room": room, "code": code, "synthetic": "all" if room.is_synthetic else ""}
    return render(request, "odr/work/code.html", context)


def _back(room: Room, place: str = "") -> HttpResponse:
    return redirect(f"/work/odr/rooms/{room.number}/{place}")


def _say(request: HttpRequest, room: Room, officer: Officer) -> HttpResponse:
    to, text = request.POST.get("to", ""), request.POST.get("text", "")
    if to:
        services.note_to(room, text, to=to, by=officer, at=timezone.now())
    else:
        services.say(room, text, side=MEDIATOR, by=officer, at=timezone.now())
    return _back(room, "#talk")


def _appoint(request: HttpRequest, room: Room, officer: Officer) -> HttpResponse:
    form = request.POST
    services.appoint(
        room,
        starts=form.get("starts", "")[:20],
        way=form.get("way", ""),
        place=form.get("place", ""),
        by=officer,
        at=timezone.now(),
    )
    return _back(room, "#talk")


def _invite(request: HttpRequest, room: Room, officer: Officer) -> HttpResponse:
    code = opening.invite(room, by=officer, at=timezone.now(), randomness=token_bytes)
    return _code_page(request, room, code)


def _revoke(request: HttpRequest, room: Room, officer: Officer) -> HttpResponse:
    pk = whole_number(request.POST.get("invitation", ""), most_digits=11) or 0
    invitation = Invitation.objects.filter(room=room, pk=pk).first()
    if invitation is None:
        raise Http404
    opening.revoke(invitation, reason=request.POST.get("reason", ""), by=officer, at=timezone.now())
    return _back(room, "#invitations")


def _conclude(request: HttpRequest, room: Room, officer: Officer) -> HttpResponse:
    is_seen = request.POST.get("consent_seen") == "yes"
    services.conclude(room, consent_seen=is_seen, by=officer, at=timezone.now())
    return _back(room, "#agreement")


def _reject(request: HttpRequest, room: Room, officer: Officer) -> HttpResponse:
    services.reject(room, reason=request.POST.get("reason", ""), side=MEDIATOR, by=officer, at=timezone.now())
    return _back(room, "#agreement")


def _end(request: HttpRequest, room: Room, officer: Officer) -> HttpResponse:
    services.end_without(room, statement=request.POST.get("statement", ""), by=officer, at=timezone.now())
    return _back(room)


def _judicial(request: HttpRequest, room: Room, officer: Officer) -> HttpResponse:
    packages.issue_judicial(room, by=officer, at=timezone.now())
    return _back(room, "#court")


def _small_claim(request: HttpRequest, room: Room, officer: Officer) -> HttpResponse:
    amount: Decimal = reading.yuan("amount", request.POST.get("amount", "")[:60])
    ticked = {want.code: request.POST.get(want.code) == "yes" for want in rules.WANTS}
    packages.issue_small_claim(room, packages.Claim(amount, ticked), by=officer, at=timezone.now())
    return _back(room, "#court")


_ROOM: dict[str, Callable[[HttpRequest, Room, Officer], HttpResponse]] = {
    "say": _say,
    "appoint": _appoint,
    "invite": _invite,
    "revoke": _revoke,
    "conclude": _conclude,
    "reject": _reject,
    "end": _end,
    "judicial": _judicial,
    "small_claim": _small_claim,
}


@never_cache
@login_required
@require_GET
def package(request: HttpRequest, number: str, package_id: int) -> HttpResponse:
    """A package as it was issued, to who may mediate; the taking is a look."""
    room, officer, side = _room_of(request, number)
    found = Package.objects.filter(room=room, pk=package_id).first()
    if found is None or side != MEDIATOR or not packages.path_of(found).exists():
        raise Http404
    record_look(
        officer, rooms.complaint_of(room).number, "odr_package", at=timezone.now(), reason=found.sha256
    )
    response = HttpResponse(packages.path_of(found).read_bytes(), content_type="application/zip")
    marked = "_SYNTHETIC" if room.is_synthetic else ""
    named = content_disposition_header(True, f"{room.number}-{found.kind}{marked}.zip")
    response.headers["Content-Disposition"] = named or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


urlpatterns = [
    path("", room_list, name="odr_work"),
    path("complaints/<str:number>/", desk, name="odr_desk"),
    path("rooms/<str:number>/", room_page, name="odr_work_room"),
    path("rooms/<str:number>/packages/<int:package_id>/", package, name="odr_work_package"),
]
