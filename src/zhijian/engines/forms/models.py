"""What is being filled in, saved as typed until it is handed in."""

from django.db import models
from django.db.models import Q

from zhijian.security.models import Officer


class Draft(models.Model):
    """The typed texts of one form about one thing, of one officer or of somebody without an account.

    A person without an account is known by a secret receipt; only its digest is kept here.
    """

    owner_kind = models.CharField(max_length=60)  # what it is about, e.g. "procedures.work_item"
    owner_id = models.CharField(max_length=80)
    form = models.CharField(max_length=80)
    officer = models.ForeignKey(
        Officer, null=True, blank=True, on_delete=models.CASCADE, related_name="form_drafts"
    )
    receipt_digest = models.CharField(max_length=64, blank=True)
    content = models.JSONField()
    saved_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_kind", "owner_id", "form", "officer"],
                condition=Q(officer__isnull=False),
                name="forms_one_draft_an_officer",
            ),
            models.UniqueConstraint(
                fields=["owner_kind", "owner_id", "form", "receipt_digest"],
                condition=Q(officer__isnull=True),
                name="forms_one_draft_a_receipt",
            ),
            models.CheckConstraint(
                condition=Q(officer__isnull=False) | ~Q(receipt_digest=""), name="forms_a_draft_is_somebodys"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_kind} {self.owner_id} {self.form}"
