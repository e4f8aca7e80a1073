"""Rules about looks at others' data: which an auditor has to look into, which are told to whom they concern, and when."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from zhijian.standards import parameters
from zhijian.standards.citation import rule

UNUSUAL = parameters.load("service/unusual_access")
UNUSUAL_REFUSALS = parameters.load("service/unusual_refusals")
REQUEST_DAYS = parameters.load("service/subject_request_days")
SECRECY_DAYS = parameters.load("service/look_secrecy_days")


class Kind(StrEnum):
    MANY = "many"
    NIGHT = "night"
    OUTSIDE = "outside"
    TIES = "ties"
    AGAIN = "again"
    REFUSED = "refused"


@dataclass(frozen=True)
class Look:
    """One look as the rules see it; the time is that of the wall clock."""

    subject: str
    looked_at: datetime


@dataclass(frozen=True)
class Unusual:
    """A kind of unusual access, how often it happened, from how many on it is told, and at whom."""

    kind: Kind
    count: int
    limit: int
    subjects: tuple[str, ...]


@rule(cites=("《个人信息保护法》第五十一条", "《网络安全法》第二十三条"))
def unusual(
    looks: Sequence[Look], *, usual: float, territory: str, ties: Collection[str], on: date
) -> list[Unusual]:
    """Say what is unusual about the looks of one officer on one day.

    `usual` is how many different subjects the officer sees on a day with looks, `territory` the leading digits of the
    own area, `ties` the firms to which the officer declared a tie.

    ASSUMPTION: a firm lies where its credit code says that it was registered; a code of a larger division that contains
    the officer's area, and what is no credit code, lies nowhere else.
    """
    limits = UNUSUAL.on(on)
    seen = Counter(one.subject for one in looks)
    night = [one.subject for one in looks if is_at_night(one.looked_at.time(), on=on)]
    outside = [subject for subject in seen if _lies_outside(subject, territory)]
    most = max(limits["subjects_per_day"], int(usual * limits["times_usual"]))
    again = [subject for subject, count in seen.items() if count >= limits["same_subject"]]
    found = (
        (Kind.MANY, len(seen), most + 1, list(seen)),
        (Kind.NIGHT, len(night), limits["night_looks"], night),
        (Kind.OUTSIDE, len(outside), limits["outside_subjects"], outside),
        (Kind.TIES, len(seen.keys() & set(ties)), 1, sorted(seen.keys() & set(ties))),
        (Kind.AGAIN, max(seen.values(), default=0), limits["same_subject"], again),
    )
    return [
        Unusual(kind, count, limit, tuple(dict.fromkeys(subjects)))
        for kind, count, limit, subjects in found
        if count >= limit
    ]


@dataclass(frozen=True)
class Refused:
    """Something that was refused to an officer, where, and how often within its minute up to then."""

    place: str
    refused_at: datetime
    count: int = 1


@rule(cites="《网络安全法》第二十三条")
def many_refusals(refusals: Sequence[Refused], *, on: date) -> Unusual | None:
    """Say whether so much was refused to one officer within a short time that an auditor looks into it.

    ASSUMPTION: where a minute held too many to be written down one by one, the count of its last record is not lost: it
    stands for all of that minute.
    """
    limits = UNUSUAL_REFUSALS.on(on)
    span, most, places = timedelta(minutes=limits["within_minutes"]), 0, set[str]()
    ordered = sorted(refusals, key=lambda one: one.refused_at)
    first = 0
    for last, one in enumerate(ordered):
        while one.refused_at - ordered[first].refused_at > span:
            first += 1
        window = ordered[first : last + 1]
        total = max(len(window), max(one.count for one in window))
        if total >= limits["refusals"]:
            places |= {one.place for one in window}
        most = max(most, total)
    if most < limits["refusals"]:
        return None
    return Unusual(Kind.REFUSED, most, limits["refusals"], tuple(sorted(places)))


@rule(cites="《个人信息保护法》第五十一条")
def is_at_night(moment: time, *, on: date) -> bool:
    """Say whether an hour is one at which nobody is expected to read files; the night goes over midnight."""
    limits = UNUSUAL.on(on)
    first, last = (time.fromisoformat(limits[name]) for name in ("night_from", "night_to"))
    return moment >= first or moment < last


@rule(cites=("《个人信息保护法》第十八条", "《个人信息保护法》第三十五条"))
def is_told(looked_on: date, *, is_secret: bool, today: date) -> bool:
    """Say whether a look is told to the one whom it concerns: at once, or once its case is no secret, or at the latest
    after the days of the parameter in force when the look was taken."""
    return not is_secret or today > looked_on + timedelta(days=SECRECY_DAYS.on(looked_on))


@rule(cites=("《个人信息保护法》第四十五条", "《个人信息保护法》第四十六条", "GB/T 35273—2020 8.7"))
def answer_due_on(asked_on: date) -> date:
    """Return the last day on which a request to see, copy or correct one's data is answered in time.

    ASSUMPTION: calendar days, counted from the day after the request.
    """
    return asked_on + timedelta(days=REQUEST_DAYS.on(asked_on))


def _lies_outside(subject: str, territory: str) -> bool:
    if len(subject) != 18 or not subject[2:8].isdigit() or not territory.strip("-"):
        return False
    code = subject[2:8]
    larger = code.rstrip("0") if code.endswith("00") else code
    return not (code.startswith(territory[:6]) or territory.startswith(larger))
