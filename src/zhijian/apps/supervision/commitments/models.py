"""What is promised instead of proved: the texts, the promises made at approval, and the check that follows each."""

from django.db import models

from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.declared.models import DeclaredEntry


class CommitmentText(DeclaredEntry):
    """One version of the text by which an authority tells the conditions of a matter and the applicant promises them."""

    matter_code = models.CharField(max_length=30)
    version_code = models.CharField(max_length=20)
    basis = models.CharField(max_length=300)
    conditions = models.TextField()
    may_be_cured = models.BooleanField(default=True)


class ApprovalCommitment(DeclaredEntry):
    """One promise on which an approval was given."""

    text = models.CharField(max_length=40, db_index=True)
    approval_no = models.CharField(max_length=100)
    authority = models.CharField(max_length=100)


class CommitmentMatter(models.Model):
    """The case that checks a promise after the approval, and what came of it. What was found is also a fact."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="commitment_matter")
    commitment = models.CharField(max_length=40, unique=True)  # each promise is checked by one case
    uscc = models.CharField(max_length=18, db_index=True)
    name = models.CharField(max_length=200)
    breach = models.CharField(max_length=20, blank=True)  # broken, false
    cure_by = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True)  # kept, cured, withdrawn, approval_kept
    decision_no = models.CharField(max_length=100, blank=True)
    decided_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.case} {self.commitment}"
