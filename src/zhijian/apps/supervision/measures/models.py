"""The catalogue of measures, firms recognised for incentives and their use; looks of departments, their answers, and ends."""

from typing import ClassVar

from django.db import models

from zhijian.engines.exchange.models import Application
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.engines.registers.declared.models import DeclaredEntry


class DisciplineMeasure(DeclaredEntry):
    """One measure that one department takes at one kind of matter against who is on one list."""

    department = models.CharField(max_length=100)
    list_code = models.CharField(max_length=40)
    matter_code = models.CharField(max_length=30)
    subject_code = models.CharField(max_length=20)
    binding_code = models.CharField(max_length=20)
    basis_level_code = models.CharField(max_length=30)
    basis = models.CharField(max_length=300)
    is_checked = models.BooleanField(default=False)


class Recognition(DeclaredEntry):
    """A firm with a clean record to which approvals are made easier, until a day."""

    green_channel = models.BooleanField(default=False)
    tolerates_missing = models.BooleanField(default=False)
    authority = models.CharField(max_length=100)
    statement = models.CharField(max_length=300)


class TolerablePaper(DeclaredEntry):
    """A paper that may come later: at which approval, within how many working days, and what follows if it does not."""

    approval = models.CharField(max_length=200)
    is_main = models.BooleanField(default=False)
    supply_days = models.PositiveSmallIntegerField(null=True, blank=True)
    consequence_code = models.CharField(max_length=20)
    basis = models.CharField(max_length=300)


class IncentiveUse(DeclaredEntry):
    """One use: an approval taken by the green channel, or accepted while a paper was missing."""

    recognition = models.CharField(max_length=40, db_index=True)
    kind_code = models.CharField(max_length=20)
    paper = models.CharField(max_length=40, blank=True, db_index=True)
    approval_no = models.CharField(max_length=100)
    supplied_on = models.DateField(null=True, blank=True)


class MeasureLook(AppendOnlyModel):
    """A department asked, for one case of its own. Who is asked about as a person is never kept in the clear."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="measure_looks")
    organisation_name = models.CharField(max_length=100)
    purpose = models.CharField(max_length=20)
    matter_code = models.CharField(max_length=30)
    reference = models.CharField(max_length=100)
    uscc = models.CharField(max_length=18, blank=True, db_index=True)
    person = models.CharField(max_length=64, blank=True)  # keyed digest
    found = models.PositiveIntegerField()
    asked_on = models.DateField(db_index=True)
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["-asked_at", "-id"]


class MeasureMatch(AppendOnlyModel):
    """A measure that a department was told applies, for one listing, in one case of its own: told once, answered once."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="measure_matches")
    reference = models.CharField(max_length=100)
    uscc = models.CharField(max_length=18, db_index=True)
    matter_code = models.CharField(max_length=30)
    measure = models.CharField(max_length=40)
    measure_version = models.PositiveIntegerField()
    measure_name = models.CharField(max_length=200)
    list_kind = models.CharField(max_length=40)
    listing = models.CharField(max_length=300)  # source and key of the fact
    listed_on = models.DateField()
    until = models.DateField(null=True)
    told_on = models.DateField()
    due_on = models.DateField(db_index=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["due_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "reference", "measure", "listing"], name="a_measure_is_told_once"
            )
        ]

    @property
    def is_open(self) -> bool:
        return not hasattr(self, "response") and not hasattr(self, "end")


class MeasureResponse(AppendOnlyModel):
    """What the department did. Said once; the same again changes nothing."""

    match = models.OneToOneField(MeasureMatch, on_delete=models.PROTECT, related_name="response")
    action = models.CharField(max_length=20)  # applied, considered, not_applied
    decision_no = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    acted_on = models.DateField()
    told_at = models.DateTimeField()


class MeasureEnd(AppendOnlyModel):
    """The listing ended, and so the measure: who acted was told."""

    match = models.OneToOneField(MeasureMatch, on_delete=models.PROTECT, related_name="end")
    why = models.CharField(max_length=20)  # removed, expired
    ended_on = models.DateField(db_index=True)
    told_at = models.DateTimeField()


class PositionBar(AppendOnlyModel):
    """Who was head of a firm when it was put on the list: a keyed digest, for a question with the same identity, nothing else."""

    person = models.CharField(max_length=64, db_index=True)
    uscc = models.CharField(max_length=18)
    listing = models.CharField(max_length=300)
    listed_on = models.DateField()
    entered_by = models.CharField(max_length=150)
    entered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "listing"], name="a_person_is_barred_once_for_a_listing"
            )
        ]


class PositionBarLift(AppendOnlyModel):
    """That a bar was entered wrongly, as another officer than who entered it found: it holds no more. Both rows stay."""

    bar = models.OneToOneField(PositionBar, on_delete=models.PROTECT, related_name="lift")
    reason = models.CharField(max_length=300)
    lifted_by = models.CharField(max_length=150)
    lifted_at = models.DateTimeField()
