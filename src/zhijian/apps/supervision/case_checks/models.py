"""Checks for a lead in hand, outside plan and draw. Rows are added and never changed."""

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import Officer, Organisation


class CaseCheck(AppendOnlyModel):
    """That two inspectors want to go for a lead. Where the lead lies stays inside; the firm reads the ground alone."""

    number = models.CharField(max_length=20, unique=True)
    uscc = models.CharField(max_length=18, db_index=True)
    firm_name = models.CharField(max_length=200)
    division_code = models.CharField(max_length=9, db_index=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="case_checks")
    ground = models.CharField(max_length=20)
    lead = models.CharField(max_length=60)  # number of the complaint, report, transfer or alert: internal
    reason = models.CharField(max_length=500)  # internal
    items = models.JSONField()  # code, name, basis, as the published list said
    inspector_first = models.ForeignKey(
        Officer, on_delete=models.PROTECT, related_name="case_checks_as_first"
    )
    inspector_second = models.ForeignKey(
        Officer, on_delete=models.PROTECT, related_name="case_checks_as_second"
    )
    visits_this_year = models.PositiveIntegerField()
    cap = models.PositiveIntegerField(null=True)
    needs_approval = models.BooleanField()  # the cap is reached: a leader decides
    proposed_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-proposed_at", "-id"]


class CaseCheckDecision(AppendOnlyModel):
    """A second person's word: the leader's where the cap is reached, else the other inspector's."""

    check_record = models.OneToOneField(CaseCheck, on_delete=models.PROTECT, related_name="decision")
    is_approved = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()


class CaseCheckOutcome(AppendOnlyModel):
    """When the two went and what they found, as one recorded it."""

    check_record = models.OneToOneField(CaseCheck, on_delete=models.PROTECT, related_name="outcome")
    visited_on = models.DateField()
    has_problem = models.BooleanField()
    words = models.CharField(max_length=1000)
    recorded_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()


class CaseCheckConfirmation(AppendOnlyModel):
    """That the other inspector confirmed the outcome."""

    outcome = models.OneToOneField(CaseCheckOutcome, on_delete=models.PROTECT, related_name="confirmation")
    confirmed_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
