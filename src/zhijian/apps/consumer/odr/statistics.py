"""How rooms end and in what time: pure functions on what was counted, and the counting itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from zhijian.apps.consumer.complaints.codes import ComplaintState
from zhijian.apps.consumer.odr import rooms
from zhijian.apps.consumer.odr.models import FIRM, Room
from zhijian.apps.consumer.odr.rooms import Phase
from zhijian.standards.calendar import statutory_day

FEWEST = 5  # under which no share is told: it would tell of single cases
AGREED, SETTLED, ENDED, OPEN = "agreed", "settled", "ended", "open"
OUTCOME_WORDS = {
    AGREED: ("调解达成协议", "Agreed in mediation"),
    SETTLED: ("受理前和解", "Settled before acceptance"),
    ENDED: ("没有达成", "No agreement"),
    OPEN: ("还在进行", "Going on"),
}


@dataclass(frozen=True)
class CountedRoom:
    """What the statistics know of a room: no names, no words."""

    division_code: str
    opened_on: date
    outcome: str
    ended_on: date | None
    due_on: date | None
    offers: int
    firm_came: bool
    is_synthetic: bool


@dataclass(frozen=True)
class Summary:
    """The statistics of one area or period."""

    rooms: int
    outcomes: dict[str, int]
    on_time: int  # ended by the last day of mediation
    judged: int  # had a last day, and ended or passed it
    days: float | None  # median from opening to the agreement
    offers: int
    firms_came: int

    @property
    def decided(self) -> int:
        return self.outcomes[AGREED] + self.outcomes[SETTLED] + self.outcomes[ENDED]

    @property
    def success(self) -> float | None:
        """The share of agreements and settlements among rooms that ended; None where there are too few to tell."""
        won = self.outcomes[AGREED] + self.outcomes[SETTLED]
        return won / self.decided if self.decided >= FEWEST else None

    @property
    def on_time_share(self) -> float | None:
        return self.on_time / self.judged if self.judged >= FEWEST else None


def counted(first: date, last: date, *, at: datetime) -> list[CountedRoom]:
    """Return the rooms that were made between two days."""
    several = Room.objects.select_related("conclusion").prefetch_related("events", "offers")
    found = (_counted(room, at=at) for room in several)
    return [one for one in found if first <= one.opened_on <= last]


def _counted(room: Room, *, at: datetime) -> CountedRoom:
    now = rooms.standing(room, at=at)
    conclusion = getattr(room, "conclusion", None)
    ended_on = None
    if conclusion is not None:
        outcome = AGREED if conclusion.document_id else SETTLED
        ended_on = conclusion.effective_on
    elif now.phase is Phase.AGREED:
        outcome, agreed_at = AGREED, now.complaint.moment_of(ComplaintState.AGREED)
        ended_on = statutory_day(agreed_at) if agreed_at else None
    elif now.phase is Phase.ENDED:
        outcome = ENDED
        ends = [event.at for event in room.events.all() if event.verb == "ended"]
        ended_on = statutory_day(ends[-1] if ends else now.complaint.history[-1].at)
    else:
        outcome = OPEN
    return CountedRoom(
        division_code=now.complaint.organisation.division_code,
        opened_on=statutory_day(room.created_at),
        outcome=outcome,
        ended_on=ended_on,
        due_on=now.due_on,
        offers=len(room.offers.all()),
        firm_came=any(event.verb == "entered" and event.side == FIRM for event in room.events.all()),
        is_synthetic=room.is_synthetic,
    )


def summarise(several: Sequence[CountedRoom], *, on: date) -> Summary:
    """Sum up rooms as they stand on a day.

    On time: ended by the last day of mediation, of those with such a day that ended or whose day has passed.
    Success: agreed and settled, of all that ended. Days: the median from opening to an agreement.
    """
    found = Counter(one.outcome for one in several)
    judged = [one for one in several if one.due_on and (one.ended_on or one.due_on < on)]
    kept = sum(bool(one.ended_on and one.due_on and one.ended_on <= one.due_on) for one in judged)
    took = [
        (one.ended_on - one.opened_on).days
        for one in several
        if one.ended_on and one.outcome in (AGREED, SETTLED)
    ]
    return Summary(
        rooms=len(several),
        outcomes={name: found[name] for name in OUTCOME_WORDS},
        on_time=kept,
        judged=len(judged),
        days=float(median(took)) if took else None,
        offers=sum(one.offers for one in several),
        firms_came=sum(one.firm_came for one in several),
    )


def by_place(several: Sequence[CountedRoom], *, on: date) -> dict[str, Summary]:
    """Sum up by city."""
    places: dict[str, list[CountedRoom]] = {}
    for one in several:
        places.setdefault(f"{one.division_code[:4]}00", []).append(one)
    return {code: summarise(own, on=on) for code, own in sorted(places.items())}
