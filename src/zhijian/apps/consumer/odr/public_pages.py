"""The parties' pages of a room: in by receipt or invitation, out by a button; no account, nothing in an address.

The page keeps who came in as what in a signed cookie of its own path. An invitation that is taken back ends at the next
click. What is refused comes back with what was typed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from secrets import token_urlsafe
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhijian.apps.consumer.complaints.intake import receipts, throttle
from zhijian.apps.consumer.complaints.intake.receipt_door import open_receipt
from zhijian.apps.consumer.complaints.public_pages import public_page, script_of
from zhijian.apps.consumer.odr import noticing, opening, packages, queries, services
from zhijian.apps.consumer.odr.errors import BadInput, InvitationEnded, NoRoom, OdrRefused, WrongCode
from zhijian.apps.consumer.odr.models import CONSUMER, FIRM, PARTIES, Invitation, Room
from zhijian.engines.documents import services as documents
from zhijian.engines.evidence import examining
from zhijian.engines.evidence import services as evidence
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.standards.calendar import statutory_day
from zhijian.standards.whole_number import whole_number

COOKIE, _ROOT, _SECONDS = "zhijian_room", "/odr/", 1800
WRONG_ROOM = throttle.Limit("wrong-room", per_address=0, per_device=10)  # counted by the room's number
ACT = throttle.Limit("room-act", per_address=2000, per_device=120)  # counted by room and side


@dataclass(frozen=True)
class Visitor:
    """Who is in which room, and by which invitation."""

    room: Room
    side: str
    invitation: Invitation | None


def _now() -> datetime:
    return timezone.now()


def _show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, f"odr/public/{template}", {"script": script_of(request), **context}, status=status)


def _words(request: HttpRequest, refused: Any) -> str:
    return str(refused.message_en if script_of(request) == "en" else refused.message_zh)


def _remember(response: HttpResponse, visitor: Visitor) -> None:
    pk = visitor.invitation.pk if visitor.invitation else 0
    response.set_signed_cookie(
        COOKIE,
        f"{visitor.room.pk}|{visitor.side}|{pk}",
        salt=COOKIE,
        max_age=_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path=_ROOT,
    )


def _visitor(request: HttpRequest) -> Visitor | None:
    """Return who came in.

    Raises:
        InvitationEnded: the firm's code does not hold any more.
    """
    kept = str(request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=_SECONDS) or "")
    if not kept:
        return None
    room_pk, side, invitation_pk = kept.split("|")
    room = Room.objects.filter(pk=int(room_pk)).first()
    if room is None or side not in PARTIES:
        return None
    if side == CONSUMER:
        return Visitor(room, side, None)
    invitation = Invitation.objects.filter(pk=int(invitation_pk), room=room).first()
    if invitation is None:
        return None
    opening.check_invitation(invitation, at=_now())
    return Visitor(room, side, invitation)


def inside(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a page its visitor; who is not in, or not any more, is led to the door."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            visitor = _visitor(request)
        except InvitationEnded as refused:
            response = _door(request, [{"href": "", "text": _words(request, refused)}], status=refused.status)
            response.delete_cookie(COOKIE, path=_ROOT, samesite="Lax")
            return response
        if visitor is None:
            return redirect("odr")
        return view(request, visitor, *args, **kwargs)

    return shown


# --------------------------------------------------------------------------------------------------------- the door


def _door(
    request: HttpRequest, problems: list[dict[str, str]] | None = None, *, status: int = 200, **typed: str
) -> HttpResponse:
    return _show(request, "door.html", {"problems": problems or [], "typed": typed}, status=status)


@require_safe
@public_page
def door(request: HttpRequest) -> HttpResponse:
    """What a room is, who may come in and how."""
    return _door(request)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"address": throttle.address_of(request), "device": throttle.device_of(request), "at": _now()}


@require_POST
@public_page
def enter_consumer(request: HttpRequest) -> HttpResponse:
    """In with the receipt's number and code, as on the status page; wrong tries count together with that page's."""
    typed, code = request.POST.get("number", "")[:40], request.POST.get("code", "")[:40]
    number = receipts.read_number(typed)
    if number is None:
        text = gettext("回执号有笔误：应为15位数字，最后一位是校验码。请对照回执核对。")
        return _door(request, [{"href": "#id_number", "text": text}], status=422, number=typed)
    submission = open_receipt(number, code, **_who(request))
    if submission is None:
        text = gettext("回执号和查询码对不上。请对照回执核对；忘了查询码，可以打12315凭身份查询。")
        return _door(request, [{"href": "#id_code", "text": text}], status=422, number=typed)
    try:
        room = opening.consumer_room(submission)
    except NoRoom as refused:
        problem = {"href": "", "text": _words(request, refused)}
        return _door(request, [problem], status=refused.status, number=typed)
    return _let_in(request, Visitor(room, CONSUMER, None))


@require_POST
@public_page
def enter_firm(request: HttpRequest) -> HttpResponse:
    """In with the room's number and the invitation's code."""
    typed, code = request.POST.get("room", "")[:60], request.POST.get("code", "")[:40]
    by_number: dict[str, Any] = {"address": "", "device": typed.strip().upper(), "at": _now()}
    throttle.refuse_exhausted(WRONG_ROOM, **by_number)
    throttle.refuse_exhausted(throttle.WRONG_CODE, **_who(request))
    try:
        room, invitation = opening.firm_by_code(typed, code, at=_now())
        return _let_in(request, Visitor(room, FIRM, invitation))
    except OdrRefused as refused:
        if isinstance(refused, WrongCode):
            throttle.admit(WRONG_ROOM, **by_number)
            throttle.admit(throttle.WRONG_CODE, **_who(request))
        problem = {"href": "#id_invitation", "text": _words(request, refused)}
        return _door(request, [problem], status=refused.status, room=typed)


def _let_in(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    opening.come_in(visitor.room, visitor.side, by=None, at=_now())
    response = redirect("odr_room")
    _remember(response, visitor)
    if not throttle.device_of(request):
        response.set_cookie(
            throttle.DEVICE_COOKIE,
            token_urlsafe(16),
            max_age=24 * 3600,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            path=_ROOT,
        )
    return response


@require_POST
@public_page
def leave(request: HttpRequest) -> HttpResponse:
    """Out of the room; nothing stays on the device."""
    response = redirect("odr")
    response.delete_cookie(COOKIE, path=_ROOT, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


# --------------------------------------------------------------------------------------------------------- the room


@require_safe
@public_page
@inside
def room_page(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _room(request, visitor)


def _room(
    request: HttpRequest, visitor: Visitor, problem: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    context = queries.view(visitor.room, visitor.side, at=_now()) | {
        "problems": [problem] if problem else [],
        "typed": request.POST if problem else {},
        "limit_bytes": examining.LIMIT_BYTES,
        "synthetic": "all" if visitor.room.is_synthetic else "",
        "today": statutory_day(_now()),
        "told_at": noticing.address_of(visitor.room, visitor.side, at=_now()),
    }
    response = _show(request, "room.html", context, status=status)
    _remember(response, visitor)
    return response


def _admit(visitor: Visitor, request: HttpRequest) -> None:
    who = f"{visitor.room.pk} {visitor.side}"
    throttle.admit(ACT, address=throttle.address_of(request), device=who, at=_now())


@require_POST
@public_page
@inside
def act(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Do one thing in the room, or say why not and keep what was typed."""
    _admit(visitor, request)
    name = request.POST.get("act", "")
    done = _ACTS.get(name)
    if done is None:
        raise Http404
    try:
        done(visitor, request)
    except (ProcedureRefused, RefusedFile) as refused:
        field = getattr(refused, "field", "")
        problem = {"href": f"#id_{field}" if field else "", "text": _words(request, refused)}
        return _room(request, visitor, problem, refused.status)
    return redirect(f"/odr/room/#{_PLACES.get(name, 'talk')}")


def _number(text: str, field: str) -> int:
    number = whole_number(text, most_digits=6)
    if number is None:
        raise BadInput(field, "请从页面上选。", "Choose it on the page.")
    return number


def _say(visitor: Visitor, request: HttpRequest) -> None:
    is_private = request.POST.get("private") == "yes"
    text = request.POST.get("text", "")
    services.say(visitor.room, text, side=visitor.side, is_private=is_private, by=None, at=_now())


def _offer(visitor: Visitor, request: HttpRequest) -> None:
    form = request.POST
    services.offer(
        visitor.room,
        amount=form.get("amount", "")[:60],
        what=form.get("what", ""),
        done_by=form.get("done_by", "")[:20],
        open_until=form.get("open_until", "")[:20],
        side=visitor.side,
        seen=_number(form.get("seen", ""), "seen"),
        by=None,
        at=_now(),
    )


def _answer(verb: Callable[..., Any]) -> Callable[[Visitor, HttpRequest], None]:
    def done(visitor: Visitor, request: HttpRequest) -> None:
        number = _number(request.POST.get("offer", ""), "offer")
        verb(visitor.room, number, side=visitor.side, by=None, at=_now())

    return done


def _confirm(visitor: Visitor, request: HttpRequest) -> None:
    room, limit = visitor.room, WRONG_ROOM
    by_number: dict[str, Any] = {"address": "", "device": f"{room.number} {visitor.side}", "at": _now()}
    if throttle.is_exhausted(limit, **by_number):
        raise throttle.TooOften
    try:
        services.confirm(
            room,
            code=request.POST.get("code", "")[:60],
            side=visitor.side,
            digest=request.POST.get("digest", "")[:64],
            invitation=visitor.invitation,
            by=None,
            at=_now(),
        )
    except WrongCode:
        throttle.admit(limit, **by_number)
        raise


def _reject(visitor: Visitor, request: HttpRequest) -> None:
    reason = request.POST.get("reason", "")
    services.reject(visitor.room, reason=reason, side=visitor.side, by=None, at=_now())


def _disclose(visitor: Visitor, request: HttpRequest) -> None:
    number = _number(request.POST.get("file", ""), "file")
    services.disclose(visitor.room, number, side=visitor.side, by=None, at=_now())


def _come(visitor: Visitor, request: HttpRequest) -> None:
    sequence = _number(request.POST.get("appointment", ""), "appointment")
    comes = request.POST.get("comes") == "yes"
    services.answer_appointment(visitor.room, sequence, comes=comes, side=visitor.side, by=None, at=_now())


def _court(visitor: Visitor, request: HttpRequest) -> None:
    services.ask_for_court(visitor.room, side=visitor.side, by=None, at=_now())


def _address(visitor: Visitor, request: HttpRequest) -> None:
    noticing.keep_address(
        visitor.room,
        request.POST.get("email", "")[:200],
        side=visitor.side,
        invitation=visitor.invitation,
        language=script_of(request),
        at=_now(),
    )


def _hand_in(visitor: Visitor, request: HttpRequest) -> None:
    uploads = request.FILES.getlist("files")
    if not uploads:
        raise BadInput("files", "请选一个文件。", "Choose a file.")
    for upload in uploads:
        examining.refuse_if_too_large(upload.size or 0)
        services.hand_in(
            visitor.room,
            upload.chunks(),
            upload.name or "",
            side=visitor.side,
            discloses=request.POST.get("discloses") == "yes",
            media=settings.HOME.media,
            by=None,
            at=_now(),
        )


_ACTS: dict[str, Callable[[Visitor, HttpRequest], None]] = {
    "say": _say,
    "offer": _offer,
    "accept": _answer(services.accept),
    "decline": _answer(services.decline),
    "withdraw": _answer(services.withdraw),
    "confirm": _confirm,
    "reject": _reject,
    "hand_in": _hand_in,
    "disclose": _disclose,
    "come": _come,
    "court": _court,
    "address": _address,
}
_PLACES = {
    "offer": "offers", "accept": "offers", "decline": "offers", "withdraw": "offers", "confirm": "agreement",
    "reject": "offers", "hand_in": "files", "disclose": "files", "court": "agreement",
    "address": "notices",
}  # fmt: skip


@require_safe
@public_page
@inside
def file(request: HttpRequest, visitor: Visitor, number: int) -> HttpResponse:
    """A document that this side may see; a picture without the place where it was taken, unless it is one's own."""
    row = services.file_for(visitor.room, number, visitor.side)
    if row is None:
        raise Http404
    is_mine = row.side == visitor.side
    size = "original" if is_mine else packages.shown_size(row)
    who = f"{services.SIDE_WORDS[visitor.side][0]}（在线调解室）"
    try:
        place = evidence.show(row.file, size, media=settings.HOME.media, by=who, at=_now())
    except FileNotFoundError:
        raise Http404 from None
    name = (
        row.file.name
        if is_mine
        else f"{visitor.room.number}-{row.number}{place.suffix or _ending(row.file.mime)}"
    )
    mime = row.file.mime if size == "original" else "image/jpeg"
    return _taken(place.read_bytes(), name, mime)


def _ending(mime: str) -> str:
    return {"application/pdf": ".pdf", "image/png": ".png"}.get(mime, ".jpg")


@require_safe
@public_page
@inside
def paper(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The mediation agreement as it was issued."""
    made = getattr(visitor.room, "conclusion", None)
    document = made.document if made is not None else None
    place = documents.path_of(settings.HOME.media, document.sha256) if document is not None else None
    if document is None or place is None or not place.exists():
        raise Http404
    marked = "_SYNTHETIC" if document.is_synthetic else ""
    return _taken(place.read_bytes(), f"{document.number}{document.title}{marked}.pdf", "application/pdf")


@require_safe
@public_page
@inside
def package(request: HttpRequest, visitor: Visitor, number: int) -> HttpResponse:
    """A package for the court, as it was issued, to the sides that it is made for."""
    found = visitor.room.packages.filter(pk=number).first()
    if found is None or not packages.open_to(found, visitor.side) or not packages.path_of(found).exists():
        raise Http404
    marked = "_SYNTHETIC" if visitor.room.is_synthetic else ""
    name = f"{visitor.room.number}-{found.kind}{marked}.zip"
    return _taken(packages.path_of(found).read_bytes(), name, "application/zip")


def _taken(data: bytes, name: str, mime: str) -> HttpResponse:
    response = HttpResponse(data, content_type=mime)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


urlpatterns = [
    path("", door, name="odr"),
    path("enter/consumer/", enter_consumer, name="odr_enter_consumer"),
    path("enter/firm/", enter_firm, name="odr_enter_firm"),
    path("leave/", leave, name="odr_leave"),
    path("room/", room_page, name="odr_room"),
    path("room/act/", act, name="odr_act"),
    path("room/files/<int:number>/", file, name="odr_file"),
    path("room/paper/", paper, name="odr_paper"),
    path("room/packages/<int:number>/", package, name="odr_package"),
]
