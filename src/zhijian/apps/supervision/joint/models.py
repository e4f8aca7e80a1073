"""What a joint inspection stores. Rows are added and never changed: who takes part, with whom, what each recorded."""

from django.db import models

from zhijian.apps.supervision.inspection.models import Check
from zhijian.engines.draws.models import Draw
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import Officer, Organisation


class JointPlan(AppendOnlyModel):
    """That a draw's visits are made together with other departments. Opened before anybody can know the seed."""

    draw = models.OneToOneField(Draw, on_delete=models.PROTECT, related_name="joint_plan")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="joint_plans")
    opened_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return self.draw.plan_id


class Participation(AppendOnlyModel):
    """That a department is asked to look at its own items in the same visits. Each item is a code, a name and its basis."""

    plan = models.ForeignKey(JointPlan, on_delete=models.PROTECT, related_name="participations")
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="participations")
    items = models.JSONField()
    invited_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()

    class Meta:
        ordering = ["plan", "department__code"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "department"], name="a_department_once_per_joint_plan")
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.department.code}"


class ParticipationAnswer(AppendOnlyModel):
    """Whether the department joins, with the roster of its inspectors as it stood then; or why it does not."""

    participation = models.OneToOneField(Participation, on_delete=models.PROTECT, related_name="answer")
    is_joining = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    roster = models.JSONField(default=list)  # account names, in order
    roster_sha256 = models.CharField(max_length=64, blank=True)
    answered_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()


class JointVisit(AppendOnlyModel):
    """One department's part of one visit: its inspectors in the order of their lots. The first two who may go, go."""

    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="visits")
    check_record = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="joint_visits")
    order = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["check_record__due_on", "check_record__number"]
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "check_record"], name="a_department_once_per_visit"
            )
        ]


class JointRecusal(AppendOnlyModel):
    """That a drawn inspector of a department does not go, and why. The next lot goes instead."""

    visit = models.ForeignKey(JointVisit, on_delete=models.PROTECT, related_name="recusals")
    username = models.CharField(max_length=150)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "username"], name="a_joint_recusal_once")]


class JointRecord(AppendOnlyModel):
    """What one inspector of a department recorded for its own items. A new version stands beside the old."""

    visit = models.ForeignKey(JointVisit, on_delete=models.PROTECT, related_name="records")
    version = models.PositiveIntegerField()
    findings = models.JSONField()  # code of an item: [finding, note]
    reason = models.CharField(max_length=300, blank=True)  # of a correction after publication
    recorded_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["visit", "version"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "version"], name="records_of_a_joint_visit_in_order")
        ]


class JointConfirmation(AppendOnlyModel):
    """That the department's other inspector confirmed a record, which published it."""

    record = models.OneToOneField(JointRecord, on_delete=models.PROTECT, related_name="confirmation")
    confirmed_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    fact_id = models.CharField(max_length=36)
