"""One step of a person while an act is done to it."""

from zhijian.engines.procedures import policies
from zhijian.engines.procedures.models import WorkItem
from zhijian.engines.procedures.stepping import Act
from zhijian.security.models import Officer


def locked(item: WorkItem, doing: Act) -> WorkItem:
    """Return the step as it is now, open, with the case that is locked."""
    mine = WorkItem.objects.select_related("organisation", "holder").get(pk=item.pk)
    mine.case = doing.case
    policies.check_item_open(mine)
    return mine


def hold(doing: Act, item: WorkItem, to: Officer, verb: str, *, note: str = "") -> WorkItem:
    before = item.holder
    item.holder = to
    item.save(update_fields=["holder"])
    data = {"to": to.get_username(), "from": before.get_username() if before else ""}
    doing.tell(verb, task=item.task, name=item.name, note=note, data=data)
    return item
