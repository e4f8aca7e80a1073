"""What of an association's word is shown, and the association's own desk."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from zhijian.apps.consumer.member_files import rules
from zhijian.apps.consumer.member_files.models import (
    Association,
    AssociationMember,
    MemberObjection,
    MemberRecord,
)


@dataclass(frozen=True)
class Word:
    """What one association says of a firm: the membership and the records that stand."""

    association: Association
    membership: AssociationMember
    records: tuple[MemberRecord, ...]


def shown(uscc: str, *, on: date) -> list[Word]:
    """Return what associations say of a firm, as it may be shown on a day.

    Only of members, while they agree, under an agreement in force, and without what was objected to with success.
    """
    found = []
    members = AssociationMember.objects.filter(uscc=uscc).order_by("key")
    stopped = set(MemberObjection.objects.filter(uscc=uscc, outcome="stop").values_list("record", flat=True))
    for one in members:
        association = Association.objects.filter(key=one.association).first()
        if association is None or not _is_shown(association, one, on):
            continue
        own = MemberRecord.objects.filter(membership=one.key, association=one.association, uscc=uscc)
        rows = own.filter(valid_from__lte=on).exclude(key__in=stopped)
        rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on)).order_by("-valid_from", "-key")
        found.append(Word(association, one, tuple(rows[:50])))
    return found


def _is_shown(association: Association, member: AssociationMember, on: date) -> bool:
    return rules.is_shared(association.agreement_from, association.agreement_to, on=on) and rules.is_member(
        member.valid_from, member.valid_to, member.consent_on, member.consent_ended_on, on=on
    )
