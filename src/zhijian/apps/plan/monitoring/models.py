"""A plan as registers with versions, its values as they pass from hand to hand, and what is made of them."""

import csv
from functools import cache
from pathlib import Path
from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhijian.apps.plan.monitoring import promise_rules
from zhijian.apps.plan.monitoring.promise_rules import Promise
from zhijian.apps.plan.monitoring.rules import Basis, Goal
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import Officer

PROVINCE = "440000"
QUARTERLY = "quarterly"
_UNITS = Path(__file__).parent / "data" / "units.csv"


@cache
def units() -> dict[str, str]:
    """Return the Chinese words of the units that commitments are counted in."""
    with _UNITS.open(encoding="utf-8", newline="") as stream:
        return {row["en"]: row["zh"] for row in csv.DictReader(stream)}


class Plan(models.Model):
    """One plan: its period, and the digest of the files that it was loaded from last."""

    code = models.CharField(max_length=40, unique=True)
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200)
    issuer_zh = models.CharField(max_length=120, blank=True)
    issuer_en = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=300, blank=True)
    starts_on = models.DateField()
    midterm_on = models.DateField()
    ends_on = models.DateField()
    digest = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1)
    loaded_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)
    units = models.JSONField(null=True, blank=True)  # English: Chinese, of units that the shipped list lacks

    class Meta:
        ordering: ClassVar = ["-starts_on", "code"]

    def __str__(self) -> str:
        return self.title_zh

    @property
    def years(self) -> range:
        return range(self.starts_on.year, self.ends_on.year + 1)


class PlanIndicator(AppendOnlyModel):
    """One version of one row of the indicator table. A target is never edited: an approved adjustment adds a version."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="indicator_versions")
    number = models.CharField(max_length=8)
    version = models.PositiveIntegerField(default=1)
    sequence = models.PositiveIntegerField()
    group_zh = models.CharField(max_length=60)
    group_en = models.CharField(max_length=100)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=200)
    unit_zh = models.CharField(max_length=30)
    unit_en = models.CharField(max_length=60)
    baseline_text = models.CharField(max_length=30, blank=True)  # as printed
    target_text = models.CharField(max_length=30)
    basis = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Basis])
    baseline = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    target = models.DecimalField(max_digits=20, decimal_places=6)
    is_at_most = models.BooleanField(default=False)
    is_binding = models.BooleanField(default=False)
    is_geometric = models.BooleanField(default=False)
    is_sampled = models.BooleanField(default=False)
    source = models.CharField(max_length=40, blank=True)  # the formula of ours that computes it, if any
    systems = models.JSONField(default=list)
    definition_zh = models.TextField(blank=True)
    definition_en = models.TextField(blank=True)
    obtained_zh = models.CharField(max_length=300, blank=True, db_default="")  # where its value comes from
    obtained_en = models.CharField(max_length=400, blank=True, db_default="")
    owner_zh = models.CharField(max_length=100, blank=True, db_default="")  # who enters it and answers for it
    owner_en = models.CharField(max_length=150, blank=True, db_default="")
    continues = models.CharField(max_length=60, blank=True, db_default="")  # code/number in the plan before
    by_county = models.BooleanField(default=False, db_default=False)  # counties report it too
    frequency = models.CharField(max_length=9, blank=True, db_default="")  # quarterly; else by year
    why = models.CharField(max_length=300, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["sequence", "version"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "number", "version"], name="plan_indicator_versions_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name_zh}"

    @property
    def is_quarterly(self) -> bool:
        return self.frequency == QUARTERLY

    @property
    def goal(self) -> Goal:
        return Goal(
            Basis(self.basis),
            self.baseline,
            self.target,
            is_at_most=self.is_at_most,
            is_binding=self.is_binding,
        )


class PlanItem(AppendOnlyModel):
    """One version of a commitment or a paragraph of the plan's text."""

    COMMITMENT, PARAGRAPH = "commitment", "paragraph"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="item_versions")
    kind = models.CharField(max_length=12)  # commitment, paragraph
    number = models.CharField(max_length=8)
    version = models.PositiveIntegerField(default=1)
    sequence = models.PositiveIntegerField()
    chapter = models.CharField(max_length=20, blank=True)
    section = models.CharField(max_length=40, blank=True)
    heading_zh = models.CharField(max_length=200, blank=True)
    heading_en = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    is_task = models.BooleanField(default=False)
    operator = models.CharField(max_length=12, blank=True)
    value_text = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    due = models.CharField(max_length=10, blank=True)
    basis = models.CharField(max_length=30, blank=True)
    owner_zh = models.CharField(max_length=100, blank=True)
    owner_en = models.CharField(max_length=150, blank=True)
    from_year = models.PositiveSmallIntegerField(null=True, blank=True)
    to_year = models.PositiveSmallIntegerField(null=True, blank=True)
    paragraph = models.CharField(max_length=8, blank=True)  # of a commitment
    systems = models.JSONField(default=list)
    commitments = models.JSONField(default=list)
    indicators = models.JSONField(default=list)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["kind", "sequence", "version"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "kind", "number", "version"], name="plan_item_versions_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.heading_zh}"

    @property
    def promise(self) -> Promise:
        """What a commitment promises."""
        return promise_rules.promise(
            self.operator, self.value_text, self.unit, self.due, self.basis, ends_on=self.plan.ends_on
        )

    @property
    def name_zh(self) -> str:
        return self.heading_zh

    @property
    def name_en(self) -> str:
        return self.heading_en

    @property
    def unit_zh(self) -> str:
        """The unit of a commitment's value; where the text gives no number, 1 is done and 0 is not."""
        return (
            ((units() | (self.plan.units or {})).get(self.unit, self.unit))
            if self.promise.target is not None
            else "1为做到，0为没有做到"
        ) or "—"

    @property
    def unit_en(self) -> str:
        return (self.unit if self.promise.target is not None else "1 done, 0 not") or "—"


class PointState(models.TextChoices):
    """Where a value stands. What is expected and not entered has no row."""

    SUBMITTED = "submitted", "已填报"
    CHECKED = "checked", "已自动校验"
    RETURNED = "returned", "已退回"
    VERIFIED = "verified", "已复核"
    PUBLISHED = "published", "已公布"
    FINAL = "final", "已定案"
    RESTATED = "restated", "已被修订"


class PointKind(models.TextChoices):
    ACTUAL = "A", "实际值"
    ESTIMATE = "E", "预计值"
    PROVISIONAL = "P", "初步值"


class DataPoint(models.Model):
    """One value of an indicator for an area and a year, or a quarter of it, entered by one officer and confirmed by another."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="points")
    number = models.CharField(max_length=8)
    area_code = models.CharField(max_length=6, default=PROVINCE)
    year = models.PositiveSmallIntegerField()
    quarter = models.PositiveSmallIntegerField(default=0, db_default=0)  # 1 to 4; 0 is the whole year
    as_of = models.DateField()  # the day the value is of
    kind = models.CharField(max_length=1, choices=PointKind.choices)
    value = models.DecimalField(max_digits=20, decimal_places=6)
    numerator = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    strata = models.JSONField(default=dict, blank=True)  # name: [numerator, denominator]
    state = models.CharField(max_length=10, choices=PointState.choices)
    evidence = models.CharField(max_length=300)  # where it is known from
    entered_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["number", "area_code", "year", "quarter", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "number", "area_code", "year", "quarter"],
                condition=~Q(state__in=["returned", "restated"]),
                name="one_standing_value_of_a_quarter",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.area_code} {self.year}{f'Q{self.quarter}' if self.quarter else ''}"


class ComputedValue(models.Model):
    """What this installation's own tables make of an indicator for an area, as counted on one night. Never a plan's value by itself."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="computed")
    number = models.CharField(max_length=8)
    area_code = models.CharField(max_length=6)
    day = models.DateField()  # the last whole day that is counted
    formula = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=20, decimal_places=6)
    numerator = models.DecimalField(max_digits=20, decimal_places=4)
    denominator = models.DecimalField(max_digits=20, decimal_places=4)
    tables = models.JSONField(default=list)
    as_of = models.DateField()  # the newest day in the source tables
    made_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["number", "area_code", "-day"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "number", "area_code", "day"], name="one_computed_value_of_a_night"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.area_code} {self.day}"


class SeriesBreak(models.Model):
    """The definition or base of an indicator changed from a year on: the baseline on the new basis, and who reviewed it."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="breaks")
    number = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=300)
    baseline = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    recalculated = models.JSONField(null=True, blank=True)  # year: value of earlier years on the new basis
    declared_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(
        Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number", "year"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "number", "year"], name="one_break_of_a_series_in_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.year}"


class YearTarget(models.Model):
    """What a row is to reach in one year: the plan's target broken down before the year begins. Shown once another confirmed it."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="year_targets")
    number = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    value = models.DecimalField(max_digits=20, decimal_places=6)
    evidence = models.CharField(max_length=300)
    entered_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number", "year"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "number", "year"], name="one_target_of_a_row_and_year")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.year}"


class Adjustment(models.Model):
    """A proposal to change a target: evaluated, put through the legal procedure, approved or rejected."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="adjustments")
    number = models.CharField(max_length=8)
    target = models.DecimalField(max_digits=20, decimal_places=6)
    reason = models.CharField(max_length=400)
    state = models.CharField(max_length=16)
    evaluation = models.CharField(max_length=400, blank=True)
    document = models.CharField(max_length=120, blank=True)  # of the organ that decided
    proposed_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-proposed_at"]

    def __str__(self) -> str:
        return f"{self.number} {self.state}"


class Evaluation(models.Model):
    """A monitoring of a year, a mid-term or a final evaluation: frozen figures, and the report that officers edit."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="evaluations")
    kind = models.CharField(max_length=10)  # annual, midterm, final
    year = models.PositiveSmallIntegerField()
    as_of = models.DateField()
    state = models.CharField(max_length=14)
    frozen = models.JSONField(default=dict, blank=True)  # every value and figure as at the freeze
    digest = models.CharField(max_length=64, blank=True)  # of what is frozen
    code_version = models.CharField(max_length=40, blank=True)
    sections = models.JSONField(
        default=list, blank=True
    )  # [{"key", "title_zh", "text"}], edited before review
    summary_en = models.TextField(blank=True)
    third_party = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    edition = models.PositiveSmallIntegerField(
        default=1, db_default=1
    )  # a later one restates what was published
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-as_of", "kind", "-edition"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "kind", "year", "edition"], name="one_edition_of_an_evaluation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}"


class PlanWarning(models.Model):
    """A finding that somebody must answer: raised, made a task with owner and day, closed with its effect."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="warnings")
    number = models.CharField(max_length=8)
    area_code = models.CharField(max_length=6, default=PROVINCE)
    level = models.CharField(max_length=8)  # yellow, red
    state = models.CharField(max_length=8)  # raised, task, closed
    evaluation = models.ForeignKey(
        Evaluation, null=True, blank=True, on_delete=models.PROTECT, related_name="warnings"
    )
    raised_on = models.DateField()
    reply_due_on = models.DateField()
    value_before = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    causes = models.JSONField(null=True, blank=True)  # kind of cause: what the owner says of it
    reply = models.CharField(max_length=400, blank=True, db_default="")  # what the owner means to do
    replied_by = models.ForeignKey(Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    replied_at = models.DateTimeField(null=True, blank=True)
    task = models.CharField(max_length=400, blank=True)
    owner = models.CharField(max_length=100, blank=True)
    due_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    effect = models.CharField(max_length=400, blank=True)
    value_after = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["state", "reply_due_on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "number", "area_code"],
                condition=~Q(state="closed"),
                name="one_open_warning_of_a_row",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.level} {self.state}"


class TaskMoney(models.Model):
    """The money of one task of the plan in one year: planned, spent, and what came of it where that is counted."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="money")
    paragraph = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    planned_yuan = models.DecimalField(max_digits=16, decimal_places=2)
    spent_yuan = models.DecimalField(max_digits=16, decimal_places=2)
    output = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    output_unit = models.CharField(max_length=40, blank=True)
    evidence = models.CharField(max_length=300)
    entered_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["paragraph", "year"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "paragraph", "year"], name="one_budget_of_a_task_in_a_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.paragraph} {self.year}"


class PlanStep(AppendOnlyModel):
    """Who did what when to a value, an adjustment, an evaluation, a warning or a budget."""

    owner_kind = models.CharField(max_length=12)
    owner_id = models.PositiveBigIntegerField()
    sequence = models.PositiveIntegerField()
    verb = models.CharField(max_length=20)
    actor = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering: ClassVar = ["owner_kind", "owner_id", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner_kind", "owner_id", "sequence"], name="plan_steps_in_order")
        ]
