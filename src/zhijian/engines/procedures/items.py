"""One step of a person while an act is done to it."""

from zhijian.engines.procedures import policies, rows
from zhijian.engines.procedures.models import WorkItem
from zhijian.engines.procedures.stepping import Act
from zhijian.security.models import Officer


def locked(item: WorkItem, doing: Act) -> WorkItem:
    """Return the step as it is now, with the case that is locked.

    Raises:
        CaseMoved: it is not open any more.
    """
    found = next((one for one in doing.open_items if one.pk == item.pk), None)
    if found is None:
        raise policies.moved(doing.case)
    return found


def hold(doing: Act, item: WorkItem, to: Officer, verb: str, *, note: str = "") -> WorkItem:
    before = item.holder
    item.holder = to
    rows.update(item, "holder")
    data = {"to": to.get_username(), "from": before.get_username() if before else ""}
    doing.tell(verb, task=item.task, name=item.name, note=note, data=data)
    return item
