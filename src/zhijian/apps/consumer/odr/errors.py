"""Refusals of the room, each with words in both languages and what to do next."""

from zhijian.engines.procedures.errors import ProcedureRefused


class OdrRefused(ProcedureRefused):
    """What was asked of a room cannot be done."""


class BadInput(OdrRefused):
    """What was typed cannot be taken; `field` names where."""

    status = 422

    def __init__(self, field: str, message_zh: str, message_en: str) -> None:
        super().__init__(message_zh, message_en)
        self.field = field


class NoRoom(OdrRefused):
    """There is no such room, or none for this matter."""

    status = 404


class WrongCode(OdrRefused):
    """The code is not that of this room and this side."""

    status = 422


class InvitationEnded(OdrRefused):
    """The invitation was taken back, replaced, or has run out."""

    status = 403


class OfferGone(OdrRefused):
    """The offer is not open any more: accepted, declined, withdrawn, countered or run out."""


class RoomMoved(OdrRefused):
    """The other side acted first; what it did should be read before going on."""


class RoomClosed(OdrRefused):
    """The room is closed, or stands still, or is not open yet."""


class TermOver(OdrRefused):
    """The statutory term is over."""


class NotJoint(OdrRefused):
    """Both sides are needed, and one has not acted yet."""


class NotIndependent(OdrRefused):
    """Who could have signed for a side, because the code of it passed the own hands, does not seal."""

    status = 403
