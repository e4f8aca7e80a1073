"""Persons of a submission: sealed on the way in, masked for lists, opened for a purpose that is written down."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from zhijian.apps.consumer.complaints import policies
from zhijian.apps.consumer.complaints.models import (
    Complaint,
    IdentityLook,
    Party,
    ReporterIdentity,
    Submission,
    ViolationReport,
)
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.security.sealed_text import fingerprint, seal, unseal

PARTIES, REPORTERS = "parties", "reporters"  # the names of the two keys
_SEALED = ("name", "phone", "email", "address", "id_number")
_MARKS = ("name_mark", "phone_mark", "address_mark", "id_mark")


@dataclass(frozen=True)
class Person:
    """What somebody says of herself. All texts may be empty; an anonymous reporter gives none."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    id_type: str = ""
    id_number: str = ""
    capacity: str = Party.COMPLAINANT
    mandate: Mapping[str, Any] = field(default_factory=dict)  # an agent's: matter, scope, until, signed
    relation: str = ""  # an insider's post at the reported firm
    payment: str = ""  # where a reward would be paid

    @property
    def is_named(self) -> bool:
        """Whether a true identity was given (实名): a name and a way to reach or to check it."""
        return bool(self.name.strip() and (self.phone.strip() or self.id_number.strip()))


def masked_name(name: str) -> str:
    """Return a name of which only the first character can be read: 张＊＊."""
    plain = name.strip()
    return plain[:1] + "＊" * min(max(len(plain) - 1, 1), 2) if plain else "未填写"


def masked_phone(phone: str) -> str:
    """Return a number of which the middle cannot be read: 138****0000; short ones show nothing."""
    plain = "".join(phone.split())
    return f"{plain[:3]}****{plain[-4:]}" if len(plain) >= 9 else "****" if plain else ""


def keep_party(submission: Submission, person: Person) -> Party:
    """Store a party of a complaint, sealed under the parties' key."""
    place = submission.receipt_number
    sealed = {f"{name}_sealed": _sealed(getattr(person, name), PARTIES, place, name) for name in _SEALED}
    party = Party(
        submission=submission,
        capacity=person.capacity,
        name_mask=masked_name(person.name),
        phone_mask=masked_phone(person.phone),
        id_type=person.id_type,
        name_mark=fingerprint(person.name, key=PARTIES),
        phone_mark=fingerprint(person.phone, key=PARTIES),
        address_mark=fingerprint(person.address, key=PARTIES),
        id_mark=fingerprint(person.id_number, key=PARTIES),
        mandate=dict(person.mandate),
        **sealed,
    )
    party.save()
    return party


def keep_reporter(report: ViolationReport, person: Person) -> ReporterIdentity:
    """Store who reported, sealed under the reporters' key."""
    place = report.number
    names = (*_SEALED, "relation", "payment")
    sealed = {f"{name}_sealed": _sealed(getattr(person, name), REPORTERS, place, name) for name in names}
    identity = ReporterIdentity(
        report=report, id_type=person.id_type, person_mark=reporter_mark(person), **sealed
    )
    identity.save()
    return identity


def reporter_mark(person: Person) -> str:
    """Return the mark by which another report of the same person is found; empty for one who is anonymous."""
    return fingerprint(person.id_number or person.phone, key=REPORTERS)


def reveal_party(party: Party, complaint: Complaint, *, purpose: str, by: Officer, at: datetime) -> Person:
    """Return a party's data and write down who looked, when, and why.

    Raises:
        Forbidden: another role, or another area.
        Incomplete: no purpose is given.
    """
    require(by, Permission.VIEW_PARTY, **policies.area_of(complaint))
    policies.check_purpose(purpose)
    with transaction.atomic():
        record_look(by, complaint.number, "complaint_party", at=at, reason=purpose.strip()[:200])
        place = party.submission.receipt_number
        opened: dict[str, Any] = {
            name: unseal(getattr(party, f"{name}_sealed"), key=PARTIES, context=f"{place}/{name}")
            for name in _SEALED
        }
    return Person(**opened, id_type=party.id_type, capacity=party.capacity, mandate=party.mandate)


def told(submission: Submission) -> Party | None:
    """Return who is told of a complaint: the first who left an e-mail address and speaks for the side.

    That is the complainant, her agent or a representative, never one who only joined.
    """
    parties = submission.parties.exclude(email_sealed="").exclude(capacity=Party.JOINT)
    found = parties.order_by("pk").first()
    return found if isinstance(found, Party) else None


def address_for_notices(party: Party) -> str:
    """Return the e-mail address that the person left for being told; for the messenger alone, nobody sees it."""
    place = party.submission.receipt_number
    return unseal(party.email_sealed, key=PARTIES, context=f"{place}/email") if party.email_sealed else ""


def reveal_reporter(report: ViolationReport, *, purpose: str, by: Officer, at: datetime) -> Person:
    """Return a reporter's identity and write down who looked, when, and why: in the chain of looks and beside it.

    Raises:
        Forbidden: another role, or another area; an insider's or a protected one's identity only to a leader.
        Incomplete: no purpose is given.
    """
    require(by, policies.right_to_reporter(report), **policies.area_of(report))
    policies.check_purpose(purpose)
    identity = ReporterIdentity.objects.filter(report=report).first()
    if identity is None:
        return Person()
    with transaction.atomic():
        look = record_look(by, report.number, "reporter_identity", at=at, reason=purpose.strip()[:200])
        IdentityLook.objects.create(
            identity=identity,
            officer=by,
            purpose=purpose.strip()[:200],
            at=at,
            look_sequence=look.sequence,
        )
        names = (*_SEALED, "relation", "payment")
        opened: dict[str, Any] = {
            name: unseal(
                getattr(identity, f"{name}_sealed"), key=REPORTERS, context=f"{report.number}/{name}"
            )
            for name in names
        }
    return Person(**opened, id_type=identity.id_type)


def forget(before: datetime, held: Collection[str], *, most: int) -> int:
    """Empty who a complaint's people were, where it closed before a moment and nothing holds it; return how many.

    What was complained about, decided and published stays: nothing that names a person.
    """
    found = (
        Party.objects.filter(submission__complaint__case__closed_at__lt=before)
        .exclude(submission__complaint__number__in=held)
        .exclude(submission__receipt_number__in=held)
        .exclude(name_sealed="")
        .order_by("pk")
    )
    keys = list(found.values_list("pk", flat=True)[:most])
    empty = {f"{name}_sealed": "" for name in _SEALED} | dict.fromkeys(_MARKS, "")
    return Party.objects.filter(pk__in=keys).update(name_mask="＊", phone_mask="", mandate={}, **empty)


def _sealed(text: str, key: str, place: str, name: str) -> str:
    return seal(text.strip(), key=key, context=f"{place}/{name}")
