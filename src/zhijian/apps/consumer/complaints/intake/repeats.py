"""The same complaint by another way (H-3): one person, one respondent, one transaction, claims in common.

Only keyed marks are compared, never names. A transaction is known by its order number, its day, or the very words in
which it was told; one of them in common is enough. Reports are not looked at here: whether a report repeats another
one is decided by an officer (IN-5), and nobody may learn from us that somebody reported.
"""

import unicodedata
from collections.abc import Iterator
from datetime import timedelta

from zhijian.apps.consumer.complaints.codes import ComplaintState
from zhijian.apps.consumer.complaints.entries import ComplaintEntry, Respondent, SubmissionEntry
from zhijian.apps.consumer.complaints.intake.models import SameMatter
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.complaints.people import PARTIES, Person
from zhijian.security.sealed_text import fingerprint

WITHIN_DAYS = 365  # a complaint about what is long closed is looked at anew
_OVER = {ComplaintState.CLOSED, ComplaintState.WITHDRAWN, ComplaintState.TERMINATED, ComplaintState.REJECTED}


def marks_of(entry: SubmissionEntry) -> list[str]:
    """Return the marks of a complaint; none where nobody is named or nothing tells the transaction."""
    if entry.complaint is None or entry.respondent is None:
        return []
    who = _person_key(entry.parties[0]) if entry.parties else ""
    if not who:
        return []
    return [
        fingerprint(f"{who}|{about}|{what}", key=PARTIES)
        for about in _respondent_keys(entry.respondent)
        for what in _transactions(entry.complaint)
    ]


def find(entry: SubmissionEntry) -> Complaint | None:
    """Return the earliest complaint that this one repeats and that is still open; None where it is new."""
    marks = marks_of(entry)
    if not marks or entry.complaint is None:
        return None
    since = entry.first_received_at - timedelta(days=WITHIN_DAYS)
    found = (
        Complaint.objects.filter(same_matter__mark__in=marks, first_received_at__gte=since)
        .prefetch_related("steps")
        .order_by("first_received_at", "id")
        .distinct()
    )
    claims = set(entry.complaint.claims)
    return next(
        (one for one in found if one.state not in _OVER and _in_common(claims, set(one.claims))), None
    )


def remember(complaint: Complaint, entry: SubmissionEntry) -> None:
    """Keep the marks of a new complaint."""
    for mark in marks_of(entry):
        SameMatter(complaint=complaint, mark=mark).save()


def _in_common(ours: set[str], theirs: set[str]) -> bool:
    return not ours or not theirs or bool(ours & theirs)


def _person_key(person: Person) -> str:
    phone = "".join(character for character in _plain(person.phone) if character.isdigit())
    return phone[-11:] or _plain(person.id_number) or _plain(person.name)


def _respondent_keys(respondent: Respondent) -> list[str]:
    """A hotline often knows the name alone, so code and name are both looked for."""
    return [key for key in (_plain(respondent.code), _plain(respondent.name)) if key]


def _transactions(complaint: ComplaintEntry) -> Iterator[str]:
    if complaint.order_number:
        yield f"order:{_plain(complaint.order_number)}"
    if complaint.bought_on:
        yield f"day:{complaint.bought_on.isoformat()}"
    if len(_plain(complaint.facts_text)) >= 10:
        yield f"words:{_plain(complaint.facts_text)}"


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())
