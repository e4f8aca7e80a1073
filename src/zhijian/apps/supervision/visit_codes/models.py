"""Codes of visits, and what businesses said about visits. Rows are added and never changed."""

from django.db import models

from zhijian.apps.supervision.inspection.models import Check
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import BusinessPerson, Officer, Organisation


class VisitCode(AppendOnlyModel):
    """That a check has a code. The code itself is not kept: only its keyed hash."""

    check_record = models.OneToOneField(Check, on_delete=models.PROTECT, related_name="visit_code")
    code_hash = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()


class VisitStep(AppendOnlyModel):
    """That the business says the team arrived, or left: once by an account of the firm, once by who holds the code alone."""

    check_record = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="visit_steps")
    verb = models.CharField(max_length=10)
    person = models.ForeignKey(BusinessPerson, null=True, on_delete=models.PROTECT, related_name="+")
    by_account = models.BooleanField(
        default=False
    )  # the firm's own word, which goes before the anonymous one
    at = models.DateTimeField()

    class Meta:
        ordering = ["check_record", "at"]
        constraints = [
            models.UniqueConstraint(fields=["check_record", "verb", "by_account"], name="a_visit_step_once")
        ]


class VisitFeedback(AppendOnlyModel):
    """What the business says of one visit. It is counted by unit; nobody who inspects sees whose it is.

    The inspectors know the code too: what an account of the firm says counts instead of what was said by the code alone.
    """

    check_record = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="visit_feedback")
    by_account = models.BooleanField(default=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="visit_feedback")
    showed_certificates = models.BooleanField()
    told_basis = models.BooleanField()
    kept_to_items = models.BooleanField()
    asked_favours = models.BooleanField()
    score = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["check_record", "by_account"], name="a_visit_feedback_once")
        ]


class UncodedVisit(AppendOnlyModel):
    """A visit by people who showed no code, as somebody of the business tells it. For leaders alone."""

    number = models.CharField(max_length=20, unique=True)
    uscc = models.CharField(max_length=18, blank=True)
    firm_name = models.CharField(max_length=200)
    division_code = models.CharField(max_length=9, db_index=True)
    visited_on = models.DateField()
    claimed_unit = models.CharField(max_length=100, blank=True)
    words = models.CharField(max_length=1000)
    contact_sealed = models.TextField(blank=True)
    at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-id"]


class UncodedVisitAnswer(AppendOnlyModel):
    """What a leader found out about such a visit, and did."""

    visit = models.OneToOneField(UncodedVisit, on_delete=models.PROTECT, related_name="answer")
    outcome = models.CharField(max_length=20)
    words = models.CharField(max_length=500)
    by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
