"""Who of the officers sees the files of a room: those who may mediate where its complaint lies."""

from zhijian.apps.consumer.odr import rooms
from zhijian.apps.consumer.odr.models import Room
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, may

OF_ROOM = "odr.room"  # owner of the files of a room: <number>/<side>


def check_file(owner_id: str, officer: Officer) -> str:
    """Return the complaint's number, under which the look is recorded.

    Raises:
        Forbidden: no mediator of this area; says nothing of which there is.
    """
    room = Room.objects.filter(number=owner_id.rpartition("/")[0]).first()
    if room is not None:
        complaint = rooms.complaint_of(room)
        if may(officer, Permission.MEDIATE_ONLINE, division=complaint.organisation.division_code):
            return str(complaint.number)
    raise Forbidden("您的岗位看不到这个调解室的材料。", "Your role does not see the documents of this room.")


def sees_any(officer: Officer) -> bool:
    """Say whether the officer may see files of rooms in the own unit."""
    unit = officer.organisation
    return unit is not None and may(officer, Permission.MEDIATE_ONLINE, division=unit.division_code)
