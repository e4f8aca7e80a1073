"""What a drug-safety file needs that no fact says: licences, recalls, and adverse events as counts. The rest is facts."""

from django.db import models

from zhijian.engines.registers.declared.models import DeclaredEntry


class DrugLicence(DeclaredEntry):
    """A licence to make or sell drugs or devices."""

    kind_code = models.CharField(max_length=30)
    scope = models.CharField(max_length=300)
    authority = models.CharField(max_length=100)


class DrugRecall(DeclaredEntry):
    """A recall: of what, at which level, by the firm itself or by order."""

    product = models.CharField(max_length=200)
    batch = models.CharField(max_length=100)
    level_code = models.CharField(max_length=10)
    initiative_code = models.CharField(max_length=20)
    completed_on = models.DateField(null=True, blank=True)


class AdverseCount(DeclaredEntry):
    """How many adverse events were reported by a firm for a year: counts alone, no person and no product."""

    year = models.PositiveSmallIntegerField()
    reports = models.PositiveIntegerField()
    serious_reports = models.PositiveIntegerField()
