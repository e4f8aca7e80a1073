"""Reminders by night: of a year's values that are not entered, and of warnings without reply and measures that are late."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from zhijian.apps.plan.monitoring import counties, queries, warning
from zhijian.apps.plan.monitoring.models import PROVINCE, Plan, PlanIndicator, PlanItem, PlanWarning
from zhijian.apps.plan.monitoring.queries import Lack
from zhijian.engines.notices.services import notify
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may
from zhijian.standards import divisions, parameters
from zhijian.standards.calendar import statutory_day

DAYS = parameters.load("service/plan_value_days")
_NAMED = 8


def due_on(year: int) -> date:
    """Return the day by which a year's values are entered: one of the next year."""
    told = DAYS.on(date(year, 12, 31))["due"]
    return date.fromisoformat(f"{year + 1}-{told}")


def stage(year: int, on: date) -> int | None:
    """Return which reminder of a year's values it is time for: that whose day came last. None before the first.

    Not the day alone: a night on which nothing ran makes no reminder fall away.
    """
    after = [days for days in sorted(DAYS.on(on)["remind"]) if due_on(year) + timedelta(days=days) <= on]
    return after[-1] if after else None


def remind(*, at: datetime) -> int:
    """Tell who enters values what lacks of last year, and who decides what is late; each thing once. Return how many things."""
    on = statutory_day(at)
    people = list(Officer.objects.filter(is_active=True).select_related("organisation"))
    told = 0
    for plan in Plan.objects.all():
        told += _of_values(plan, on.year - 1, on, people, at)
        told += sum(_of_warning(one, on, people, at) for one in plan.warnings.exclude(state=warning.CLOSED))
    return told


def _of_values(plan: Plan, year: int, on: date, people: Iterable[Officer], at: datetime) -> int:
    found = stage(year, on) if year in plan.years else None
    if found is None:
        return 0
    lacks = queries.lacking(plan, year)
    by_area = {PROVINCE: [one for one in lacks if not one.cities]}
    for one in lacks:
        for area in (*one.cities, *one.counties):
            by_area.setdefault(area, []).append(one)
    for area, rows in by_area.items():
        to = [one for one in people if _enters(one, area)]
        if rows and to:
            data = _words(plan, area, year, rows, on)
            notify("plan.values_lacking", to=to, data=data, at=at, once=f"{plan.code} {area} {year} {found}")
    return sum(1 for rows in by_area.values() if rows)


def _enters(officer: Officer, area: str) -> bool:
    """Say whether somebody enters the values of an area: a city's or a county's own people, not those above it."""
    above = f"{area[:4]}00" if counties.is_county(area) else PROVINCE
    is_above = may(officer, Permission.ENTER_PLAN_VALUE, division=above)
    return may(officer, Permission.ENTER_PLAN_VALUE, division=area) and (area == PROVINCE or not is_above)


def _words(plan: Plan, area: str, year: int, rows: Sequence[Lack], on: date) -> dict[str, object]:
    named, more = [one.row for one in rows[:_NAMED]], len(rows) > _NAMED
    place = divisions.find(area)
    return {
        "plan": plan.title_zh, "plan_en": plan.title_en, "code": plan.code, "year": year, "count": len(rows),
        "area": place.name if place else area, "area_en": divisions.name_in_english(area) or area,
        "names": "、".join(f"{one.number} {one.name_zh}" for one in named) + ("等" if more else ""),
        "numbers": ", ".join(one.number for one in named) + (" and others" if more else ""),
        "due_on": due_on(year).isoformat(), "is_over": on > due_on(year),
    }  # fmt: skip


def is_late(one: PlanWarning, on: date) -> bool:
    """Say whether the reply to a warning, or the measure against it, is late."""
    if one.state == warning.TASK:
        return one.due_on is not None and one.due_on < on
    return one.state == warning.RAISED and one.replied_at is None and one.reply_due_on < on


def _of_warning(one: PlanWarning, on: date, people: Iterable[Officer], at: datetime) -> bool:
    if not is_late(one, on):
        return False
    is_task = one.state == warning.TASK
    row: PlanIndicator | PlanItem = queries.get_measured(one.plan, one.number)
    due = one.due_on if is_task and one.due_on else one.reply_due_on
    data = {
        "number": one.number, "name": row.name_zh, "name_en": row.name_en, "is_task": is_task, "due_on": due.isoformat(),
        "pk": one.pk,
    }  # fmt: skip
    to = [officer for officer in people if may(officer, Permission.ENTER_PLAN_VALUE, division=PROVINCE)]
    notify("plan.warning_late", to=to, data=data, at=at, once=f"plan warning {one.pk} {one.state} {due}")
    return True
