"""What planning inspections keeps: the items that may be checked."""

from django.db import models

from zhijian.engines.registers.declared.models import DeclaredEntry


class ListedItem(DeclaredEntry):
    """One item of a published list (抽查事项): what may be checked, on what basis, how, by whom and how often."""

    level_code = models.CharField(max_length=20)
    class_code = models.CharField(max_length=20)
    object_code = models.CharField(max_length=30)
    department_code = models.CharField(max_length=30)
    law = models.CharField(max_length=200)
    article = models.CharField(max_length=200)
    content = models.CharField(max_length=500)
    method = models.CharField(max_length=500)
    cap_per_year = models.PositiveSmallIntegerField(null=True, blank=True)
    is_desk_checkable = models.BooleanField(default=False)
    is_jointable = models.BooleanField(default=False)
    list_version = models.CharField(max_length=20)
    published_on = models.DateField()
