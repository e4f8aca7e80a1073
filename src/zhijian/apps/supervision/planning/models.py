"""What planning inspections keeps: items that may be checked, who may check, objects, tags, exclusions, annual plans."""

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Officer, Organisation


class ListedItem(DeclaredEntry):
    """One item of a published list (抽查事项): what may be checked, on what basis, how, by whom and how often."""

    name_en = models.CharField(max_length=200, blank=True, default="", db_default="")
    level_code = models.CharField(max_length=20)
    class_code = models.CharField(max_length=20)
    object_code = models.CharField(max_length=30)
    department_code = models.CharField(max_length=30)
    law = models.CharField(max_length=200)
    article = models.CharField(max_length=200)
    content = models.CharField(max_length=500)
    content_en = models.CharField(max_length=1000, blank=True, default="", db_default="")
    method = models.CharField(max_length=500)
    method_en = models.CharField(max_length=1000, blank=True, default="", db_default="")
    cap_per_year = models.PositiveSmallIntegerField(null=True, blank=True)
    is_desk_checkable = models.BooleanField(default=False)
    is_jointable = models.BooleanField(default=False)
    list_version = models.CharField(max_length=20)
    published_on = models.DateField()


class LibraryInspector(DeclaredEntry):
    """One officer of the inspector library: the certificate is the key, `valid_to` its last day."""

    account = models.CharField(max_length=60, db_index=True)  # user name of the officer
    organisation_name = models.CharField(max_length=100)
    skills = models.JSONField(default=list, blank=True)
    position_code = models.CharField(max_length=20)
    training_hours = models.PositiveSmallIntegerField(default=0)  # hours in the year of `training_year`
    training_year = models.PositiveSmallIntegerField()
    former_employer = models.CharField(max_length=18, blank=True)  # credit code, from the personnel file


class LibraryObject(DeclaredEntry):
    """An object of inspection that no register of firms has: premises, equipment, a project, an unlicensed operator."""

    library_code = models.CharField(max_length=30)
    address = models.CharField(max_length=300)
    source = models.CharField(max_length=300)  # where it is known from


class ObjectTag(DeclaredEntry):
    """A tag of market entities: put by a rule every day, or by hand where it has no rule."""

    name_en = models.CharField(max_length=200, blank=True, default="", db_default="")
    rule = models.CharField(max_length=300, blank=True)
    meaning = models.CharField(max_length=300)
    meaning_en = models.CharField(max_length=500, blank=True, default="", db_default="")


class TagMark(DeclaredEntry):
    """A tag put on one object by hand, with the reason: in force only when another officer approved it."""

    tag_key = models.CharField(max_length=40)
    object_id = models.CharField(max_length=60, db_index=True)
    ground = models.CharField(max_length=300)
    approved_by = models.CharField(max_length=60, blank=True)  # user name
    ends_on = models.DateField(null=True, blank=True)  # the earlier last day that one officer proposes


class ObjectExclusion(DeclaredEntry):
    """An object left out of draws: entered by one officer, in force only when another approved it."""

    library_code = models.CharField(max_length=30)
    object_id = models.CharField(max_length=60, db_index=True)
    reason_code = models.CharField(max_length=30)
    ground = models.CharField(max_length=300)
    approved_by = models.CharField(max_length=60, blank=True)  # user name


class TagCount(AppendOnlyModel):
    """How many objects a tag had after a refresh, and how many came and left."""

    tag_key = models.CharField(max_length=40)
    refreshed_at = models.DateTimeField()
    members = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    register_version = models.PositiveIntegerField()  # of the table of market entities

    class Meta:
        ordering = ["-refreshed_at", "tag_key"]
        indexes = [models.Index(fields=["tag_key", "-refreshed_at"], name="counts_of_a_tag")]


class AnnualPlan(models.Model):
    """The plan of inspections of a unit for a year. What everybody reads is the newest published event's content."""

    number = models.CharField(max_length=40, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="annual_plans")
    year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=12)
    version = models.PositiveIntegerField(default=1)  # of what is written; a planner must have seen it
    visits_per_day = models.PositiveSmallIntegerField(default=3)  # of a pair of inspectors
    frame = models.JSONField(default=dict)  # objects counted by tags and division when the plan was made
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-year", "number"]
        constraints = [models.UniqueConstraint(fields=["organisation", "year"], name="one_plan_per_year")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class PlanNeed(models.Model):
    """What a plan asks for: an item, of whom, which share in the year, between which months."""

    plan = models.ForeignKey(AnnualPlan, on_delete=models.CASCADE, related_name="needs")
    item_code = models.CharField(max_length=40)
    tag = models.CharField(max_length=40, blank=True)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    first_month = models.PositiveSmallIntegerField()
    last_month = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)

    class Meta:
        ordering = ["id"]


class PlanEvent(AppendOnlyModel):
    """Who did what to a plan; what was published stands in `content` and stays."""

    plan = models.ForeignKey(AnnualPlan, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    verb = models.CharField(max_length=12)
    actor = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
    content = models.JSONField(default=dict)

    class Meta:
        ordering = ["plan", "sequence"]
        constraints = [models.UniqueConstraint(fields=["plan", "sequence"], name="events_of_a_plan_in_order")]
