"""Firms that are evaluated, their desks and tickets, evaluations that nobody deletes, and what was found about them."""

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Officer


class EvaluatedFirm(DeclaredEntry):
    """A firm or shop that hands out tickets with its receipts, and so may be evaluated."""

    trade_code = models.CharField(max_length=20)
    channel_code = models.CharField(max_length=20)
    address = models.CharField(max_length=300, blank=True)


class Desk(models.Model):
    """The right of a firm to issue tickets, reply and object: a key of which only the mark is kept."""

    firm = models.ForeignKey(EvaluatedFirm, on_delete=models.PROTECT, related_name="desks")
    key_mark = models.CharField(max_length=64, unique=True)
    opened_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.firm_id}"


class DeskDevice(AppendOnlyModel):
    """A device on which a firm's desk was used: it does not evaluate that firm."""

    firm = models.ForeignKey(EvaluatedFirm, on_delete=models.PROTECT, related_name="desk_devices")
    device_mark = models.CharField(max_length=64, db_index=True)
    first_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "device_mark"], name="a_desk_device_once")]

    def __str__(self) -> str:
        return f"{self.firm_id}"


class Ticket(AppendOnlyModel):
    """Proof of one transaction, good for one evaluation. Of the code only its mark is kept."""

    firm = models.ForeignKey(EvaluatedFirm, on_delete=models.PROTECT, related_name="tickets")
    serial = models.PositiveIntegerField()
    code_mark = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "serial"], name="tickets_in_sequence")]

    def __str__(self) -> str:
        return f"{self.firm_id}/{self.serial}"


class Evaluation(AppendOnlyModel):
    """One evaluation. It is never changed and never deleted; what happens to it is in its steps."""

    number = models.CharField(max_length=24, unique=True)
    firm = models.ForeignKey(EvaluatedFirm, on_delete=models.PROTECT, related_name="evaluations")
    ticket = models.OneToOneField(Ticket, null=True, on_delete=models.PROTECT, related_name="evaluation")
    proof_mark = models.CharField(
        max_length=64, unique=True
    )  # of the ticket, or of the ended complaint's receipt
    score = models.PositiveSmallIntegerField()
    criteria = models.JSONField(default=dict)
    text = models.CharField(max_length=500, blank=True)
    device_mark = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_index=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["firm", "at"], name="evaluations_of_a_firm")]

    def __str__(self) -> str:
        return self.number

    @property
    def history(self) -> list["EvaluationStep"]:
        """Every step, first to last."""
        return sorted(self.steps.all(), key=lambda step: step.sequence)

    def last(self, *verbs: str) -> "EvaluationStep | None":
        """Return the newest step of these verbs."""
        return next((step for step in reversed(self.history) if step.verb in verbs), None)

    @property
    def is_aside(self) -> bool:
        """Whether it is left out of the score now."""
        step = self.last("set_aside", "restore")
        return step is not None and step.verb == "set_aside"

    @property
    def text_state(self) -> str:
        """none, shown, held or withheld."""
        if not self.text:
            return "none"
        step = self.last("hold", "show", "withhold")
        return {"hold": "held", "withhold": "withheld"}.get(step.verb if step else "show", "shown")

    @property
    def reply(self) -> str:
        step = self.last("reply")
        return step.note if step else ""


class EvaluationStep(AppendOnlyModel):
    """What was done to an evaluation, by whom, when and on which ground. Written once."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="steps")
    sequence = models.PositiveIntegerField()
    verb = models.CharField(max_length=12)  # hold, show, withhold, set_aside, restore, reply, object, keep
    ground = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=500, blank=True)
    officer = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["evaluation", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "sequence"], name="evaluation_steps_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id}/{self.verb}"


class ScreeningRun(models.Model):
    """One day's screening: how many evaluations were read, what was found."""

    day = models.DateField(unique=True)
    evaluations = models.PositiveIntegerField()
    found = models.PositiveIntegerField()
    ran_at = models.DateTimeField()

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day}"


class ScreeningFinding(models.Model):
    """One test that stood out for one firm: a proposal until an officer confirms or dismisses it."""

    firm = models.ForeignKey(EvaluatedFirm, on_delete=models.PROTECT, related_name="findings")
    found_on = models.DateField()
    test = models.CharField(max_length=10)
    chance = models.FloatField()
    false_share = models.FloatField()
    numbers = models.JSONField(default=list)
    score = models.PositiveSmallIntegerField(default=0)
    excess = models.FloatField(default=0)
    said = models.JSONField(default=dict)
    decision = models.CharField(max_length=10, blank=True)  # confirmed, dismissed
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["decision", "chance", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "test"], condition=models.Q(decision=""), name="one_open_finding_of_a_test"
            )
        ]

    def __str__(self) -> str:
        return f"{self.firm_id} {self.test}"


class Objection(models.Model):
    """A firm's objection to an evaluation: the record beside its case."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="evaluation_objection")
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="objections")
    ground = models.CharField(max_length=20)
    statement = models.CharField(max_length=500)
    lodged_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True)  # upheld, rejected
    reason = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.case.number
