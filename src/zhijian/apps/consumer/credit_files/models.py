"""What a credit file keeps of its own: which item a case is about, and who used a file for what. The items are facts."""

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer


class FileMatter(models.Model):
    """An objection to an item, or a request to repair it: the case that decides it, and the item as it stood then."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="credit_file_matter")
    uscc = models.CharField(max_length=18, db_index=True)
    fact_kind = models.CharField(max_length=60)
    source = models.CharField(max_length=80)
    source_key = models.CharField(max_length=200)
    stood_as = models.JSONField()  # occurred_on, payload, legal_basis, is_synthetic
    handed_in_on = models.DateField()
    outcome = models.CharField(max_length=20, blank=True)  # withdraw, correct, reject; grant, refuse; return
    decided_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["source", "source_key"], name="file_matters_by_item")]

    def __str__(self) -> str:
        return f"{self.case} {self.fact_kind}"


class Purpose(models.TextChoices):
    """For what a credit file is used. Each is a use that a law, a regulation or the plan names."""

    LICENSING = "licensing", "行政许可、资质审核"
    PROCUREMENT = "procurement", "政府采购、招标投标"
    SUPERVISION = "supervision", "日常监管、检查安排"
    CASE = "case", "办理投诉举报或案件"
    HONOUR = "honour", "评优评先、示范创建"
    PLATFORM = "platform", "平台核验入驻经营者"
    FINANCE = "finance", "金融机构授信参考"


class FileUse(AppendOnlyModel):
    """One use of a file: who asked for it, why, how, and how many items were given."""

    uscc = models.CharField(max_length=18, db_index=True)
    asker = models.CharField(max_length=100)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    reason = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=10)  # page, api
    items = models.PositiveIntegerField()
    has_internal = models.BooleanField(default=False)
    officer = models.ForeignKey(Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    used_on = models.DateField(db_index=True)
    used_at = models.DateTimeField()

    class Meta:
        ordering = ["-used_at", "-id"]

    def __str__(self) -> str:
        return f"{self.uscc} {self.asker} {self.purpose}"
