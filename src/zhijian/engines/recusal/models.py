"""Ties to a firm that an officer declared, and when a tie ended. Whom it concerns is sealed at rest."""

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import Officer


class Interest(AppendOnlyModel):
    """One declared tie. `sealed` holds code and words; `mark` only finds an equal tie again."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="interests")
    kind = models.CharField(max_length=20)
    sealed = models.TextField()
    mark = models.CharField(max_length=64)
    starts_on = models.DateField()
    declared_at = models.DateTimeField()

    class Meta:
        ordering = ["officer", "declared_at", "id"]

    def __str__(self) -> str:
        return f"{self.officer_id}/{self.pk}"

    @property
    def context(self) -> str:
        """The place to which the sealed words are bound."""
        return f"interest/{self.officer_id}/{self.mark}"


class InterestEnd(AppendOnlyModel):
    """That a declared tie is over, with the last day and the reason."""

    interest = models.OneToOneField(Interest, on_delete=models.PROTECT, related_name="ending")
    last_day = models.DateField()
    reason = models.CharField(max_length=200)
    ended_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField()
