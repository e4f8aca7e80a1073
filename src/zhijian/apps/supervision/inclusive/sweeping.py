"""Who breached leaves the white list and the presumption at once, with the fact that ended it; a nightly look finds the delivered."""

from datetime import datetime, timedelta
from typing import Any

from zhijian.apps.supervision.inclusive import queries
from zhijian.apps.supervision.inclusive.models import Presumed, PresumptionAlarm, WhiteListed
from zhijian.engines.facts.blemishes import KINDS
from zhijian.engines.facts.models import Fact
from zhijian.engines.registers.declared import registry
from zhijian.engines.registers.declared import services as registers
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.standards.calendar import statutory_day

_ALARMS = "presumption_alarms"


def on_fact(sender: type[Fact], instance: Fact, **more: Any) -> None:
    """Look at a firm when a fact is recorded that may end what it was given; in the same transaction as the fact."""
    if instance.kind in KINDS and not instance.is_withdrawal:
        sweep_firm(instance.subject, at=instance.recorded_at, because=_told(instance))
    elif instance.payload.get("register") == _ALARMS:
        alarm = PresumptionAlarm.objects.filter(key=instance.payload["key"]).first()
        presumed = Presumed.objects.filter(key=alarm.presumed).first() if alarm else None
        if presumed is not None:
            sweep_firm(presumed.uscc, at=instance.recorded_at, because=_told(instance))


def _told(fact: Fact) -> str:
    return f"{fact.kind} {fact.source}/{fact.source_key}"


def sweep_firm(uscc: str, *, at: datetime, because: str = "") -> list[DeclaredEntry]:
    """End what no longer holds for a firm; return what was ended."""
    on = statutory_day(at)
    standing = [
        *(one for one in WhiteListed.objects.filter(uscc=uscc) if one.stands_on(on)),
        *(one for one in Presumed.objects.filter(uscc=uscc) if one.stands_on(on)),
    ]
    found = [(one, reason) for one in standing if (reason := _breach(one, at))]
    return [_end(one, f"{reason}〔{because}〕" if because else reason, at) for one, reason in found]


def sweep(*, at: datetime) -> int:
    """Look at every firm that has either: what other systems delivered has no moment here. Return how many entries ended."""
    firms = {
        *WhiteListed.objects.values_list("uscc", flat=True),
        *Presumed.objects.values_list("uscc", flat=True),
    }
    return sum(len(sweep_firm(one, at=at)) for one in sorted(firms))


def _breach(entry: DeclaredEntry, at: datetime) -> str:
    """Return in words why an entry is to end; empty where it goes on. A suspended presumption goes on."""
    on = statutory_day(at)
    against = queries.blemishes_on(entry.uscc, on=on)
    if against:
        return "、".join(one.zh for one in against)
    if isinstance(entry, Presumed) and queries.presumption(entry, on=on) == "lost":
        return "不再具备合格假定的条件"  # alarms are not public
    return ""


def _end(entry: DeclaredEntry, reason: str, at: datetime) -> DeclaredEntry:
    register = registry.find(entry.declaration.name)
    assert register is not None
    yesterday = statutory_day(at) - timedelta(days=1)
    return registers.end_by_rule(
        register, entry, last_day=yesterday, reason=f"违法即移出：{reason}"[:300], at=at
    )
