"""The night's look at looks: who is told of what was unusual, and whose answer about people's own data is late."""

from datetime import date, datetime

from zhijian.engines.data_protection import requesting, watching
from zhijian.engines.data_protection.models import AccessAlert
from zhijian.engines.data_protection.rules import Kind
from zhijian.engines.notices.services import notify
from zhijian.engines.recusal.services import recused_on
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may
from zhijian.standards.calendar import statutory_day

_WORDS = {
    Kind.MANY: ("看了很多对象", "many subjects"),
    Kind.NIGHT: ("夜里查看", "at night"),
    Kind.OUTSIDE: ("看了辖区以外的对象", "outside the own area"),
    Kind.TIES: ("看了自己申报过利害关系的单位", "firms with a declared tie"),
    Kind.AGAIN: ("反复看同一个对象", "one subject again and again"),
    Kind.REFUSED: ("短时间内多次被拒绝", "many refusals within a short time"),
}


def watch_and_tell(day: date, *, at: datetime) -> tuple[int, int]:
    """Raise the alerts of a day and tell of them; tell of late answers. Return how many alerts and late requests."""
    alerts = watching.watch(day, ties=recused_on(day), at=at)
    for one in alerts:
        _tell(one, at=at)
    late = requesting.late_on(statutory_day(at))
    people = list(Officer.objects.filter(is_active=True).select_related("organisation")) if late else []
    for request in late:
        to = [
            one for one in people if may(one, Permission.ANSWER_DATA_REQUESTS, division=request.division_code)
        ]
        data = {"number": request.number, "day": request.due_on.isoformat()}
        notify("security.data_request_late", to=to, data=data, at=at, once=f"late {request.number}")
    return len(alerts), len(late)


def _tell(alert: AccessAlert, *, at: datetime) -> None:
    unit = alert.officer.organisation
    if unit is None:
        return
    zh, en = _WORDS[Kind(alert.kind)]
    data = {
        "unit": unit.name, "unit_en": unit.name_en, "who": str(alert.officer), "day": alert.day.isoformat(),
        "what": zh, "what_en": en, "number": alert.pk,
    }  # fmt: skip
    to = watching.told_people(alert)
    notify("security.unusual_access", to=to, data=data, at=at, once=f"access alert {alert.pk}")
