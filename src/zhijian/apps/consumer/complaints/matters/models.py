"""What the program suggested about a complaint or report, and what officers corrected. Corrections are never changed."""

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import Officer


class Suggestion(models.Model):
    """What a complaint or report was taken for when it was last looked at, with what that rests on."""

    number = models.CharField(max_length=40, unique=True)
    leaning_code = models.CharField(max_length=40)
    topic_code = models.CharField(max_length=40, blank=True)  # empty: nothing was sure enough
    confidence = models.FloatField()
    words = models.JSONField(default=list)
    urgency = models.JSONField(default=list)  # of [code, Chinese, English, [words found]]
    made_by = models.CharField(max_length=80)  # the digest of the model, or 'words'
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.number


class TopicCorrection(AppendOnlyModel):
    """An officer says what a complaint or report is about. The newest one stands; all of them teach the next model."""

    number = models.CharField(max_length=40, db_index=True)
    told_code = models.CharField(max_length=40, blank=True)
    right_code = models.CharField(max_length=40)
    reason = models.CharField(max_length=200, blank=True)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.number}: {self.right_code}"
