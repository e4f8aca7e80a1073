"""What time does by itself: timers fire, late steps go to the leader above, days are computed again under new holidays."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from zhijian.engines.procedures import clocks, deadlines, stepping
from zhijian.engines.procedures.errors import CaseMoved
from zhijian.engines.procedures.models import Clock, ItemState, Wait, WorkItem
from zhijian.security.models import Officer, Organisation, Role
from zhijian.standards.calendar import statutory_day

logger = logging.getLogger(__name__)


@dataclass
class Ticked:
    """What one call of `tick` did."""

    recomputed: int = 0
    fired: int = 0
    escalated: int = 0
    failed: int = 0


def tick(at: datetime, *, limit: int = 1000) -> Ticked:
    """Do what is due by `at`, at most `limit` of each kind; each case in a transaction of its own.

    Run it every few minutes; two at once do no harm. A case whose service fails is left as it was and tried again.
    """
    done = Ticked()
    _recompute(done, at, limit)
    _fire(done, at, limit)
    _escalate(done, at, limit)
    return done


def is_due(at: datetime) -> bool:
    """Say whether `tick` has anything to do: three looks at small indexes."""
    return (
        Wait.objects.filter(kind="timer", due_at__lte=at).exists()
        or WorkItem.objects.filter(
            state=ItemState.OPEN, escalated_at=None, due_on__lt=statutory_day(at)
        ).exists()
        or any(clocks_there.exists() for clocks_there in _under_other_holidays())
    )


def _under_other_holidays() -> tuple[models.QuerySet[Clock], models.QuerySet[Clock]]:
    """Running clocks computed under other holidays, of lower and of higher mark: two ends of an index, each found at once."""
    mark, running = deadlines.calendar_mark(), Clock.objects.filter(stopped_on=None)
    return running.filter(calendar_mark__lt=mark), running.filter(calendar_mark__gt=mark)


def _recompute(done: Ticked, at: datetime, limit: int) -> None:
    lower, higher = (some.order_by("calendar_mark")[:limit] for some in _under_other_holidays())
    for clock in [*lower, *higher][:limit]:
        with stepping.act(clock.case_id, by=None, at=at, moves=False) as doing:
            mine = Clock.objects.get(pk=clock.pk)
            before = mine.due_on
            clocks.compute(mine)
            mine.save()
            if mine.due_on != before:
                stepping.refresh_items(mine)
                data = {"before": str(before or ""), "after": str(mine.due_on or "")}
                doing.tell("recompute", name=mine.name, data=data)
                done.recomputed += 1


def _fire(done: Ticked, at: datetime, limit: int) -> None:
    for wait in Wait.objects.filter(kind="timer", due_at__lte=at).order_by("due_at", "pk")[:limit]:
        try:
            with stepping.act(wait.case_id, by=None, at=at) as doing:
                mine = Wait.objects.filter(pk=wait.pk, due_at__lte=at).first()
                if mine is None:
                    raise CaseMoved("", "")
                doing.tell("timer", task=mine.task, name=_name(doing, mine.task))
                token, task = mine.token, mine.task
                stepping.move(doing, lambda run, token=token, task=task: run.fire(token, task))  # type: ignore[misc]
            done.fired += 1
        except CaseMoved:
            continue
        except Exception:
            logger.exception("The timer %s of case %s failed; it is tried again.", wait.task, wait.case_id)
            done.failed += 1


def _name(doing: stepping.Act, task: str) -> str:
    from zhijian.engines.procedures import versions

    return versions.compiled_of(doing.case.version).drawing.nodes[task].name


def _escalate(done: Ticked, at: datetime, limit: int) -> None:
    day = statutory_day(at)
    late = WorkItem.objects.filter(state=ItemState.OPEN, escalated_at=None, due_on__lt=day)
    for item in late.order_by("due_on", "pk").select_related("organisation")[:limit]:
        with stepping.act(item.case_id, by=None, at=at, moves=False) as doing:
            leader = leader_above(item.organisation)
            taken = WorkItem.objects.filter(
                pk=item.pk, state=ItemState.OPEN, escalated_at=None, due_on__lt=day
            )
            if taken.update(escalated_to=leader, escalated_at=at):
                data = {"to": leader.get_username() if leader else "", "due_on": str(item.due_on)}
                doing.tell("escalate", task=item.task, name=item.name, data=data)
                done.escalated += 1


def leader_above(organisation: Organisation) -> Officer | None:
    """Return a leader of the nearest unit above that has one; of the unit itself where none above has."""
    above = organisation.parent
    while above is not None:
        if found := _leader(above):
            return found
        above = above.parent
    return _leader(organisation)


def _leader(organisation: Organisation) -> Officer | None:
    people = organisation.officers.filter(is_active=True).order_by("pk")
    return next((one for one in people if one.has_role(Role.LEADER)), None)
