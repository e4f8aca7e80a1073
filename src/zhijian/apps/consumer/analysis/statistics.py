"""The statistics that the regulations ask for, over complaints and reports: pure functions on what was counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zhijian.engines.signals.counted import COMPLAINT, REPORT, Counted

REPEAT_DAYS = 90
FEWEST = 5  # under which no share is told: it would tell of single cases


@dataclass(frozen=True)
class Share:
    """A numerator over a denominator; `ratio` is None where there are too few to tell."""

    part: int
    whole: int

    @property
    def ratio(self) -> float | None:
        return self.part / self.whole if self.whole >= FEWEST else None


@dataclass(frozen=True)
class Summary:
    """The statistics of one area or period."""

    complaints: int
    reports: int
    on_time: Share
    mediated_on_time: Share
    mediated: Share
    verified_on_time: Share
    filed: Share
    repeated: Share
    recovered_yuan: Decimal
    recoveries: int  # complaints in which anything was got back
    entities: int | None

    @property
    def recovered_told(self) -> Decimal | None:
        """What was got back, in yuan; None where so few got anything that it would tell of single cases."""
        return self.recovered_yuan if self.recoveries == 0 or self.recoveries >= FEWEST else None

    @property
    def per_10000(self) -> float | None:
        """Complaints per 10,000 market entities."""
        return self.complaints / self.entities * 10_000 if self.entities else None


def summarise(cases: Sequence[Counted], *, on: date, entities: int | None = None) -> Summary:
    """Sum up the cases as they stand on a day.

    On time: accepted or refused by the last of 7 working days, of all whose day has passed or that were answered.
    Mediation on time: agreed or terminated within 60 days of acceptance without testing, of all whose day has passed or
    that ended. Mediation success: agreed, of agreed and terminated without those withdrawn. Filing rate: filed, of all verified.
    Repeated: the same person about the same firm within 90 days, of all whose person is known.
    """
    complaints = [case for case in cases if case.kind == COMPLAINT]
    reports = [case for case in cases if case.kind == REPORT]
    agreed = sum(case.ending == "agreed" for case in complaints)
    ended = agreed + sum(case.ending == "terminated" for case in complaints)
    filed = sum(case.ending == "filed" for case in reports)
    decided = filed + sum(case.ending == "not_filed" for case in reports)
    return Summary(
        complaints=len(complaints),
        reports=len(reports),
        on_time=_on_time(complaints, on),
        mediated_on_time=_mediated_on_time(complaints, on),
        mediated=Share(agreed, ended),
        verified_on_time=_on_time(reports, on),
        filed=Share(filed, decided),
        repeated=_repeated(complaints),
        recovered_yuan=sum((case.amount_yuan for case in complaints), Decimal(0)),
        recoveries=sum(case.amount_yuan > 0 for case in complaints),
        entities=entities,
    )


def by_place(
    cases: Sequence[Counted], *, on: date, entities: Mapping[str, int], digits: int = 4
) -> dict[str, Summary]:
    """Sum up by the leading digits of the division: cities where there are four."""
    places: dict[str, list[Counted]] = {}
    for case in cases:
        places.setdefault(case.division_code[:digits].ljust(6, "0"), []).append(case)
    return {code: summarise(own, on=on, entities=entities.get(code)) for code, own in sorted(places.items())}


def recovered_told(places: Mapping[str, Summary]) -> dict[str, Decimal | None]:
    """Return what was got back in each place, in yuan; None where it would tell of single cases.

    Places that are told take what the whole is more than their sum: where those left out have too few cases together,
    the next smallest is left out with them.
    """
    told = {code: sums.recovered_told for code, sums in places.items()}
    shown = sorted((sums.recoveries, code) for code, sums in places.items() if told[code])
    left_out = sum(sums.recoveries for code, sums in places.items() if told[code] is None)
    while 0 < left_out < FEWEST and shown:
        count, code = shown.pop(0)
        told[code], left_out = None, left_out + count
    return told


def by_month(cases: Sequence[Counted]) -> list[tuple[str, int, int]]:
    """Return (month, complaints, reports), the earliest first; months without any are among them."""
    complaints = Counter(f"{case.received_on:%Y-%m}" for case in cases if case.kind == COMPLAINT)
    reports = Counter(f"{case.received_on:%Y-%m}" for case in cases if case.kind == REPORT)
    names = {*complaints, *reports}
    if not names:
        return []
    year, month = map(int, min(names).split("-"))
    rows: list[tuple[str, int, int]] = []
    while (name := f"{year:04d}-{month:02d}") <= max(names):
        rows.append((name, complaints[name], reports[name]))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return rows


def _on_time(cases: Sequence[Counted], on: date) -> Share:
    judged = [case for case in cases if case.due_on and (case.answered_on or case.due_on < on)]
    kept = sum(bool(case.answered_on and case.due_on and case.answered_on <= case.due_on) for case in judged)
    return Share(kept, len(judged))


def _mediated_on_time(cases: Sequence[Counted], on: date) -> Share:
    judged = [
        (case.mediation_due_on, case.mediation_ended_on)
        for case in cases
        if case.mediation_due_on and (case.mediation_ended_on or case.mediation_due_on < on)
    ]
    kept = sum(bool(ended and ended <= due) for due, ended in judged)
    return Share(kept, len(judged))


def _repeated(cases: Sequence[Counted]) -> Share:
    known = sorted((case for case in cases if case.person), key=lambda case: (case.received_on, case.number))
    last: dict[tuple[str, str], date] = {}
    again = 0
    for case in known:
        key = (case.person, case.firm)
        again += key in last and (case.received_on - last[key]).days <= REPEAT_DAYS
        last[key] = case.received_on
    return Share(again, len(known))
