"""What an auditor looks into, what people ask about their own data, and what must not be deleted for now."""

from django.db import models

from zhijian.security.models import Officer


class AccessAlert(models.Model):
    """Unusual looks of one officer on one day, until an auditor closes it with what was found."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="access_alerts")
    day = models.DateField()
    kind = models.CharField(max_length=10)
    count = models.IntegerField()
    limit = models.IntegerField()
    usual = models.DecimalField(max_digits=8, decimal_places=1)
    subjects = models.JSONField()  # at most 20 of them
    raised_at = models.DateTimeField()
    closed_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    is_justified = models.BooleanField(null=True)
    finding = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["officer", "day", "kind"], name="one_alert_a_day_and_kind")
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.day} {self.kind}"


class RequestKind(models.TextChoices):
    COPY = "copy", "要一份复制件"
    CORRECTION = "correction", "要求更正"
    EXPLANATION = "explanation", "问为什么看"
    DELETION = "deletion", "要求删除"


class Channel(models.TextChoices):
    FIRM = "firm", "企业账号"
    RECEIPT = "receipt", "回执"


class SubjectRequest(models.Model):
    """What somebody asks about the own data. The words are sealed, for they may name people."""

    number = models.CharField(max_length=30, unique=True)
    kind = models.CharField(max_length=12, choices=RequestKind.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    subject = models.CharField(max_length=60, db_index=True)  # a credit code, or the number of a complaint
    division_code = models.CharField(max_length=9, db_index=True)
    asked_by = models.CharField(max_length=40, blank=True)  # the name of a firm's account
    words_sealed = models.TextField()
    asked_at = models.DateTimeField()
    due_on = models.DateField(db_index=True)
    answered_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    is_granted = models.BooleanField(null=True)
    answer_sealed = models.TextField(blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return self.number


class LegalHold(models.Model):
    """Nothing about a subject is deleted while a case, a suit or an inquiry needs it."""

    subject = models.CharField(max_length=60, db_index=True)
    reason = models.CharField(max_length=200)
    placed_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=models.Q(lifted_at=None), name="one_standing_hold"
            )
        ]

    def __str__(self) -> str:
        return self.subject
