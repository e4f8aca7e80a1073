"""What registers read of inclusive supervision: readings that ring, earlier offences, earlier dormancies, alarms, similar cases."""

from datetime import date

from zhijian.apps.supervision.inclusive import rules
from zhijian.apps.supervision.inclusive.models import (
    Dormancy,
    FirstOffenceItem,
    Leniency,
    Presumed,
    PresumptionAlarm,
    Trial,
    TrialReading,
)
from zhijian.apps.supervision.inclusive.rules import Alarm, Answer, Offence, Period
from zhijian.engines.facts.blemishes import Blemish
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.engines.registers.public_records import blemishes_of, everything_of


def trial_standing(trial: Trial, *, on: date) -> str:
    """Say how a trial stands on a day by its readings."""
    assert trial.valid_to is not None
    readings = TrialReading.objects.filter(trial=trial.key)
    ringing = [
        one.valid_from
        for one in readings
        if rules.rings(one.value, threshold=trial.threshold, is_most=trial.is_most)
    ]
    return rules.trial_standing(
        ringing, began_on=trial.valid_from, ends_on=trial.valid_to, to_leave=trial.rings_to_leave, on=on
    )


def is_first_offence(uscc: str, item: str, *, found_on: date, besides: str = "") -> bool:
    """Say whether a violation is the first of its kind: no leniency for this item, no penalty that names it.

    A penalty counts also when it is public no more: it was decided, and repair ends its publicity, not that it happened.
    """
    earlier = [one.valid_from for one in Leniency.objects.filter(uscc=uscc, item=item).exclude(key=besides)]
    named = FirstOffenceItem.objects.filter(key=item).values_list("name", flat=True).first()
    earlier += [
        one.occurred_on
        for one in everything_of(uscc, on=found_on)
        if one.kind == "penalty.decided" and named and one.payload.get("violation") == named
    ]
    return rules.is_first(earlier, found_on=found_on)


def leniency_answer(entry: Leniency, *, on: date) -> Answer | None:
    """Return what the law says about a violation, or None while the firm may still correct it."""
    if entry.corrected_on is None and on <= entry.correct_by:
        return None
    return rules.leniency(
        Offence(
            is_first=is_first_offence(entry.uscc, entry.item, found_on=entry.valid_from, besides=entry.key),
            is_minor=entry.is_minor,
            harm=entry.harm_code,
            is_corrected_in_time=rules.corrected_in_time(entry.corrected_on, by=entry.correct_by),
        )
    )


def similar(entry: Leniency) -> tuple[int, int]:
    """Return how many other cases of this item there are, and how many of them were corrected in time."""
    others = Leniency.objects.filter(item=entry.item).exclude(key=entry.key)
    return len(others), sum(rules.corrected_in_time(one.corrected_on, by=one.correct_by) for one in others)


def other_dormancies(uscc: str, *, besides: str = "") -> list[Period]:
    """Return the further periods of dormancy of a firm, each to the day on which it really ended."""
    return [
        Period(one.valid_from, min(day for day in (one.valid_to, one.resumed_on, one.acted_on) if day))
        for one in Dormancy.objects.filter(uscc=uscc).exclude(key=besides)
        if one.valid_to
    ]


def dormancy_standing(entry: Dormancy, *, on: date) -> str:
    """Say how a dormancy stands on a day."""
    assert entry.valid_to is not None
    period = Period(entry.valid_from, entry.valid_to)
    return rules.dormancy_standing(period, resumed_on=entry.resumed_on, acted_on=entry.acted_on, on=on)


def dormancy_holds(entry: DeclaredEntry, on: date) -> bool:
    """Say whether an entry of the register makes its firm dormant on a day."""
    assert isinstance(entry, Dormancy)
    return dormancy_standing(entry, on=on) == "dormant"


def white_holds(entry: DeclaredEntry, on: date) -> bool:
    """Say whether an entry of the white list spares its firm on a day: not past its term, and no breach since."""
    return entry.stands_on(on) and not blemishes_on(entry.uscc, on=on)


def presumption_holds(entry: DeclaredEntry, on: date) -> bool:
    """Say whether a firm is taken to conform on a day."""
    assert isinstance(entry, Presumed)
    return entry.stands_on(on) and presumption(entry, on=on) == "holds"


def presumption(entry: Presumed, *, on: date) -> str:
    """Say how a presumption of conformity stands on a day."""
    alarms = [
        Alarm(one.valid_from, one.cleared_on, one.is_confirmed)
        for one in PresumptionAlarm.objects.filter(presumed=entry.key)
    ]
    return rules.presumption(alarms, is_clean=not blemishes_on(entry.uscc, on=on), on=on)


def blemishes_on(uscc: str, *, on: date) -> tuple[Blemish, ...]:
    """Return what stands on a day against a firm on a white list or presumed to conform."""
    return blemishes_of(uscc, on=on, months=rules.clean_months(on=on))
