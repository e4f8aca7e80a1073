"""Model contracts, filings, and the supervision of one firm's standard contract with every version of its text."""

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Officer, Organisation


class ModelContract(DeclaredEntry):
    """One edition of a model contract (合同示范文本); `text_code` names its words."""

    edition = models.CharField(max_length=20)
    trade_code = models.CharField(max_length=20)
    issuer = models.CharField(max_length=100)
    basis = models.CharField(max_length=200)
    summary = models.CharField(max_length=500)
    text_code = models.CharField(max_length=40)
    replaces = models.CharField(max_length=40, blank=True)


class ContractFiling(DeclaredEntry):
    """A firm's standard contract filed because its trade is on the list."""

    contract_title = models.CharField(max_length=200)
    edition = models.CharField(max_length=20)
    trade_code = models.CharField(max_length=20)
    used_from = models.DateField()
    sha256 = models.CharField(max_length=64)
    model_contract = models.CharField(max_length=40, blank=True)
    outcome_code = models.CharField(max_length=20)
    findings = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=500, blank=True)


class Matter(models.Model):
    """The supervision of one standard contract of one firm. Names no person: who told of it lies elsewhere."""

    number = models.CharField(max_length=30, unique=True)
    case = models.OneToOneField(Case, null=True, on_delete=models.PROTECT, related_name="contract_matter")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    division_code = models.CharField(max_length=9, db_index=True)
    firm_name = models.CharField(max_length=200)
    uscc = models.CharField(max_length=18, blank=True, db_index=True)
    trade_code = models.CharField(max_length=20, db_index=True)
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=20)
    source_number = models.CharField(
        max_length=40, blank=True
    )  # internal: of the complaint, report or filing
    state = models.CharField(max_length=20, default="open", db_index=True)
    summary = models.CharField(max_length=500, blank=True)  # what was published
    published_at = models.DateTimeField(null=True, blank=True)
    clue_number = models.CharField(max_length=40, blank=True)  # internal
    opened_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class ContractVersion(AppendOnlyModel):
    """The text of the contract as it was on one day, and what the rules of then said about it."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="versions")
    sequence = models.PositiveSmallIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    rules_version = models.DateField()
    findings = models.JSONField(default=list)
    kinds = models.JSONField(default=list)
    officer = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["matter", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["matter", "sequence"], name="contract_versions_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.matter_id}/{self.sequence}"


class TextUse(models.Model):
    """How often a model contract was taken on a day, and in which way. Nobody is counted twice or known."""

    key = models.CharField(max_length=40)
    day = models.DateField()
    way = models.CharField(max_length=10)  # md, docx, filled
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "day", "way"], name="one_count_of_a_text_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.day} {self.way}"


class PublicCheck(models.Model):
    """How many contracts strangers checked on a day in a trade, and how many held a kind of term. No text is kept."""

    day = models.DateField()
    trade_code = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, blank=True)  # empty: contracts checked
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "trade_code", "kind"], name="one_count_of_checks_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.trade_code} {self.kind}"
