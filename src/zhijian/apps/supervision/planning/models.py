"""What planning inspections keeps: the items that may be checked, and those who may check."""

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


class LibraryInspector(DeclaredEntry):
    """One officer of the inspector library: the certificate is the key, `valid_to` its last day."""

    account = models.CharField(max_length=60, db_index=True)  # user name of the officer
    organisation_name = models.CharField(max_length=100)
    skills = models.JSONField(default=list, blank=True)
    position_code = models.CharField(max_length=20)
    training_hours = models.PositiveSmallIntegerField(default=0)  # hours in the year of `training_year`
    training_year = models.PositiveSmallIntegerField()
    former_employer = models.CharField(max_length=18, blank=True)  # credit code, from the personnel file
