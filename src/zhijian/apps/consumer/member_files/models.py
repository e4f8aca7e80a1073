"""Associations, the firms that agreed to be in their credit files, what an association says of them, and objections to it."""

from django.db import models

from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.declared.models import DeclaredEntry


class Association(DeclaredEntry):
    """A trade association or chamber of commerce that keeps credit files of its members and shares them by agreement."""

    trade_code = models.CharField(max_length=20)
    level_code = models.CharField(max_length=20)
    website = models.CharField(max_length=200, blank=True)
    agreement_number = models.CharField(max_length=60, blank=True)
    agreement_from = models.DateField(null=True, blank=True)
    agreement_to = models.DateField(null=True, blank=True)
    contact_name = models.CharField(max_length=60, blank=True)


class AssociationMember(DeclaredEntry):
    """A firm's membership, with its written consent to the file; it ends with the membership or the consent."""

    association = models.CharField(max_length=40, db_index=True)
    consent_on = models.DateField()
    consent_paper = models.CharField(max_length=100)
    consent_ended_on = models.DateField(null=True, blank=True)


class MemberRecord(DeclaredEntry):
    """One thing an association says of a member: praise, a measure of self-discipline, a training."""

    association = models.CharField(max_length=40, db_index=True)
    membership = models.CharField(max_length=40, db_index=True)
    kind_code = models.CharField(max_length=20)
    said = models.CharField(max_length=500)
    basis = models.CharField(max_length=200)


class MemberObjection(models.Model):
    """A member's objection to a record: the case that decides whether the platform goes on showing it."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="member_objection")
    record = models.CharField(max_length=40, db_index=True)
    association = models.CharField(max_length=40, db_index=True)
    uscc = models.CharField(max_length=18, db_index=True)
    handed_in_on = models.DateField()
    outcome = models.CharField(max_length=20, blank=True)  # keep, stop
    decided_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.case} {self.record}"
