"""What the leader's board counts, gathered from the systems that know it: at night for all areas, by day for today alone."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from zhijian.apps.consumer.analysis.models import Signal
from zhijian.apps.plan.board import keeping
from zhijian.apps.plan.board.keeping import CHECKED, COMPLAINED, OPENED, REGISTERED, RISEN, Happening
from zhijian.apps.supervision.inspection.models import CheckEvent
from zhijian.apps.supervision.inspection.rules import Verb
from zhijian.datazone.lake import Lake
from zhijian.engines.procedures.models import Case
from zhijian.engines.signals import counted
from zhijian.security.models import Officer, Role
from zhijian.standards import divisions
from zhijian.standards.calendar import ZONE, statutory_day

REGISTER = "entity_market_entities"
PROVINCE = "44"
COUNTED_APART = ("consumer/complaint", "consumer/report")
RISKS = ("consumer/goods_risk", "consumer/prepaid_risk", "consumer/warning")
SIGNAL = "signal"


def keep_night(lake: Lake, *, day: date, at: datetime) -> int:
    """Count everything up to a day, the last whole one, and keep the board of every area; return how many."""
    first = day - timedelta(days=keeping.DAYS - 1)
    registered, last = _registered(lake, day)
    happenings = [*registered, *_at_work(first, day)]
    ends = dict.fromkeys(keeping.TOPICS, day) | {REGISTERED: last}
    return keeping.keep(happenings, areas(), ends, day=day, at=at)


def areas() -> list[str]:
    """Return every area that has a board: the province, its cities and counties, and those to which a leader is limited."""
    found = {PROVINCE}
    for city in divisions.PREFECTURES:
        found.add(city.code6[:4])
        found.update(one.code6 for one in divisions.children(city.code6) if one.level == 3)
    leaders = Officer.objects.filter(is_active=True).exclude(organisation=None).select_related("organisation")
    found.update(one.territory for one in leaders if Role.LEADER in one.roles and one.territory != "-")
    return sorted(found)


def on_day(day: date) -> list[Happening]:
    """Return what a day has brought so far, but for registrations, which are delivered at night."""
    return list(_at_work(day, day))


def _at_work(first: date, last: date) -> Iterator[Happening]:
    yield from _complained(first, last)
    yield from _checked(first, last)
    yield from _opened(first, last)
    yield from _risen(first, last)


def _registered(lake: Lake, day: date) -> tuple[list[Happening], date]:
    """Return the registrations of the last days that the register knows, and its last day: it is delivered later than made."""
    if not lake.exists(REGISTER):
        return [], day
    table = lake.table(lake.ibis(), REGISTER)
    known = table.filter(table.registered_on <= day)
    last: Any = known.registered_on.max().to_pyarrow().as_py()
    if last is None:
        return [], day
    recent = known.filter(known.registered_on > last - timedelta(days=keeping.DAYS))
    keys = ["registered_on", "prefecture_code", "county_code", "industry_section", "is_synthetic"]
    rows = recent.group_by(keys).aggregate(entity_count=recent.count()).to_pyarrow().to_pylist()
    return [
        Happening(
            REGISTERED,
            row["registered_on"],
            row["county_code"] or row["prefecture_code"] or "",
            row["industry_section"] or "",
            row["entity_count"],
            is_synthetic=bool(row["is_synthetic"]),
        )
        for row in rows
    ], last


def _complained(first: date, last: date) -> Iterable[Happening]:
    for case in counted.cases(first, last):
        yield Happening(
            COMPLAINED, case.received_on, case.division_code, case.topic, is_synthetic=case.is_synthetic
        )


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    return tuple(datetime.combine(day, time.min, ZONE) for day in (first, last + timedelta(days=1)))  # type: ignore[return-value]


def checks_confirmed(first: date, last: date, territory: str = "") -> Any:
    """Return the confirmations of finished inspections, the newest first. Rehearsals are no visits in law."""
    begin, end = _moments(first, last)
    return (
        CheckEvent.objects.filter(
            verb=Verb.CONFIRM,
            happened_at__gte=begin,
            happened_at__lt=end,
            check_record__task__is_rehearsal=False,
            check_record__division_code__startswith=territory,
        )
        .select_related("check_record__task")
        .order_by("-happened_at", "-pk")
    )


def _checked(first: date, last: date) -> Iterable[Happening]:
    rows = checks_confirmed(first, last).values_list(
        "happened_at", "check_record__division_code", "check_record__task__plan_id", "check_record__is_synthetic"
    )  # fmt: skip
    for at, division, plan, is_synthetic in rows:
        yield Happening(CHECKED, statutory_day(at), division, plan, is_synthetic=is_synthetic)


def cases_opened(first: date, last: date, *, of_risk: bool, territory: str = "") -> Any:
    """Return the cases that were opened, but for complaints and reports; those of risks, or the others."""
    begin, end = _moments(first, last)
    found = Case.objects.filter(
        opened_at__gte=begin, opened_at__lt=end, division_code__startswith=territory
    ).defer("version")
    chosen = (
        found.filter(procedure__in=RISKS) if of_risk else found.exclude(procedure__in=COUNTED_APART + RISKS)
    )
    return chosen.order_by("-opened_at", "-pk")


def _opened(first: date, last: date) -> Iterable[Happening]:
    yield from _cases(OPENED, first, last)


def _cases(topic: str, first: date, last: date) -> Iterable[Happening]:
    rows = cases_opened(first, last, of_risk=topic == RISEN)
    for at, division, procedure, is_synthetic in rows.values_list(
        "opened_at", "division_code", "procedure", "is_synthetic"
    ):
        yield Happening(topic, statutory_day(at), division, procedure, is_synthetic=is_synthetic)


def signals_told(first: date, last: date, territory: str = "") -> Any:
    """Return the signals that stood out first in these days, the surest first. Those of no one place are the province's."""
    found = Signal.objects.filter(first_on__range=(first, last))
    if len(territory) <= len(PROVINCE):
        return found
    return found.filter(division_code__startswith=territory)


def _risen(first: date, last: date) -> Iterable[Happening]:
    yield from _cases(RISEN, first, last)
    for day, division, is_synthetic in signals_told(first, last).values_list(
        "first_on", "division_code", "is_synthetic"
    ):
        yield Happening(RISEN, day, division or f"{PROVINCE}0000", SIGNAL, is_synthetic=is_synthetic)
