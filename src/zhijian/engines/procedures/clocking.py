"""What people do to a clock: hold it, let it go on, extend it, start it anew. Each is an event; an extension is a fact."""

from datetime import date, datetime

from zhijian.engines.procedures import clocks, policies, stepping
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Clock, ClockHold, ItemState
from zhijian.engines.procedures.stepping import Act
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import Forbidden, may_lead, may_work


def extend_clock(clock: Clock, *, reason: str, by: Officer, at: datetime) -> Clock:
    """Extend a period as its parameter allows: by the role named there, as often as said there, before it is over.

    Raises:
        Forbidden: the officer has not that role in the unit, or holds the step for which the time is wanted.
        ProcedureRefused: the law allows none, it was extended already, it is over, only a step of the drawing extends
            it, or no reason is given.
    """
    with stepping.act(clock.case_id, by=by, at=at) as doing:
        mine, period = _running(clock, doing), clocks.period_of(clock)
        if not period.extension:
            raise ProcedureRefused("这项期限不得延长。", "The law allows no extension of this period.")
        if mine.extension_count >= period.extensions:
            raise ProcedureRefused(
                f"这项期限最多延长{period.extensions}次，已经延长过。",
                f"This period may be extended {period.extensions} time(s), and was.",
            )
        if mine.due_on is not None and doing.day > mine.due_on:
            raise ProcedureRefused(
                f"期限已于{mine.due_on}届满，不能再延长。",
                f"The period ended on {mine.due_on}; it is too late.",
            )
        if not doing.is_moving:
            policies.check_extended_by_hand(doing.case, mine.name)
        _check_extender(mine, period.extended_by, by)
        _check_not_own(mine, doing, by)
        before = mine.due_on
        mine.extended_length += period.extension
        mine.extension_count += 1
        mine.extension_reason, mine.extended_by, mine.extended_at = policies.check_reason(reason), by, at
        _save(mine)
        payload = {
            "procedure": doing.case.procedure,
            "number": doing.case.number,
            "clock": mine.name,
            "length": period.extension,
            "unit": period.unit,
            "reason": mine.extension_reason,
            "due_before": before.isoformat() if before else None,
            "due_after": mine.due_on.isoformat() if mine.due_on else None,
        }
        stepping.fact(doing, "procedure.extended", f"extended/{mine.pk}/{mine.extension_count}", payload)
        doing.tell("extend", name=mine.name, note=mine.extension_reason, data=payload)
    return mine


def hold_clock(
    clock: Clock,
    *,
    name: str,
    reason: str = "",
    by: Officer | None,
    at: datetime,
    started_on: date | None = None,
) -> ClockHold:
    """Let a clock stand still from a day on (today unless said), for a cause that its deadline names.

    Raises:
        Forbidden: the officer does not work on the case.
        ProcedureRefused: the clock does not stand still for that, does already, or the day has not come.
    """
    with stepping.act(clock.case_id, by=by, at=at) as doing:
        mine = _running(clock, doing)
        _check_handles(doing, by)
        if name not in mine.hold_names:
            raise ProcedureRefused(
                f"这项期限不因“{name}”而停止计算。", f"This period does not stand still for '{name}'."
            )
        if mine.holds.filter(ended_on=None, name=name).exists():
            raise ProcedureRefused(f"期限已因“{name}”停止计算。", f"It stands still for '{name}' already.")
        _check_days(mine, doing, started_on or doing.day)
        hold = ClockHold.objects.create(
            clock=mine, name=name, started_on=started_on or doing.day, reason=reason[:500], held_by=by
        )
        _save(mine)
        doing.tell(
            "hold", name=name, note=reason, data={"clock": mine.name, "from": hold.started_on.isoformat()}
        )
    return hold


def release_clock(
    clock: Clock, *, name: str = "", by: Officer | None, at: datetime, ended_on: date | None = None
) -> Clock:
    """Let a clock go on after a day (today unless said): the last one that is not counted.

    Raises:
        Forbidden: the officer does not work on the case.
        ProcedureRefused: it does not stand still, would go on before it stopped, or the day has not come.
    """
    with stepping.act(clock.case_id, by=by, at=at) as doing:
        mine = _running(clock, doing)
        _check_handles(doing, by)
        open_holds = mine.holds.filter(ended_on=None)
        hold = (open_holds.filter(name=name) if name else open_holds).last()
        last = ended_on or doing.day
        if hold is None or last < hold.started_on:
            raise ProcedureRefused("这项期限没有在停止计算。", "The period does not stand still.")
        _check_days(mine, doing, last)
        hold.ended_on, hold.released_by = last, by
        hold.save(update_fields=["ended_on", "released_by"])
        _save(mine)
        data = {
            "clock": mine.name,
            "until": last.isoformat(),
            "due_on": mine.due_on.isoformat() if mine.due_on else "",
        }
        doing.tell("release", name=hold.name, data=data)
    return mine


def restart_clock(clock: Clock, *, started_on: date, reason: str, by: Officer | None, at: datetime) -> Clock:
    """Start a period anew from a later day, as the law orders it (new facts about the same matter).

    Raises:
        Forbidden: the officer does not work on the case.
        ProcedureRefused: the day is not later, or no reason is given.
    """
    with stepping.act(clock.case_id, by=by, at=at) as doing:
        mine = _running(clock, doing)
        _check_handles(doing, by)
        if started_on <= mine.started_on:
            raise ProcedureRefused(
                f"新的起算日应晚于{mine.started_on}。",
                f"The new first day must be later than {mine.started_on}.",
            )
        before = mine.started_on
        mine.started_on, mine.extended_length, mine.extension_count = started_on, 0, 0
        _save(mine)
        data = {"clock": mine.name, "before": before.isoformat(), "after": started_on.isoformat()}
        doing.tell("restart", name=mine.name, note=policies.check_reason(reason), data=data)
    return mine


def _running(clock: Clock, doing: Act) -> Clock:
    policies.check_open(doing.case)
    mine = next(one for one in doing.clocks if one.pk == clock.pk)
    if mine.stopped_on is not None:
        raise ProcedureRefused("这项期限已经办结。", "What this period was for is done.")
    return mine


def _check_handles(doing: Act, by: Officer | None) -> None:
    if by is not None and not doing.is_moving:
        policies.check_may_handle(doing.case, by)


def _check_extender(clock: Clock, role: str, by: Officer) -> None:
    """An extension is decided by the role that the law names, in the unit whose period it is."""
    division = clock.organisation.division_code
    able = (
        may_lead(by, unit=clock.organisation)
        if role == Role.LEADER
        else may_work(by, role, unit=clock.organisation, division=division)
    )
    if not able:
        raise Forbidden(
            f"延长期限由{clock.organisation}的{policies.role_name(role)}批准。",
            f"An extension is decided by the role '{role}' of {clock.organisation.name_en or clock.organisation}.",
        )


def _check_not_own(clock: Clock, doing: Act, by: Officer) -> None:
    """Nobody gives more time to the step that he holds himself."""
    if not doing.is_moving and clock.work_items.filter(state=ItemState.OPEN, holder=by).exists():
        raise Forbidden(
            "这一步由您本人承办，延长期限请由其他负责人批准。",
            "You hold this step yourself; another leader decides on more time for it.",
        )


def _check_days(clock: Clock, doing: Act, *days: date) -> None:
    """Refuse a standstill before the period began or after today: nobody moves a deadline ahead of what happened."""
    if any(not clock.started_on <= day <= doing.day for day in days):
        raise ProcedureRefused(
            f"日期应在{clock.started_on}与{doing.day}之间：还没有发生的不能先停。",
            f"The day must lie between {clock.started_on} and {doing.day}; what has not happened stops nothing.",
        )


def _save(clock: Clock) -> None:
    clocks.compute(clock)
    clock.save()
    stepping.refresh_items(clock)
