"""What consumers can learn, where, and how often it was read: counted by day and county, never by person."""

from django.db import models

from zhijian.engines.registers.declared.models import DeclaredEntry


class EducationItem(DeclaredEntry):
    """A course, an article, a case told, or a video that lies elsewhere."""

    kind_code = models.CharField(max_length=20)
    field_code = models.CharField(max_length=4, db_index=True)
    audience_code = models.CharField(max_length=20)
    language_code = models.CharField(max_length=10)
    title_en = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    body_en = models.TextField(blank=True)
    article = models.CharField(max_length=200, blank=True)
    link = models.CharField(max_length=300, blank=True)
    minutes = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200)


class EducationBase(DeclaredEntry):
    """A place where consumers are taught (消费教育基地)."""

    setting_code = models.CharField(max_length=20)
    address = models.CharField(max_length=300)
    hours = models.CharField(max_length=200, blank=True)
    service_phone = models.CharField(max_length=40, blank=True)
    seats = models.PositiveIntegerField()
    teaches = models.TextField()


class EducationEvent(DeclaredEntry):
    """One event: where and when, for whom, how many came."""

    base = models.CharField(max_length=40, blank=True, db_index=True)
    field_code = models.CharField(max_length=4)
    audience_code = models.CharField(max_length=20)
    venue = models.CharField(max_length=300)
    seats = models.PositiveIntegerField()
    attended = models.PositiveIntegerField(null=True, blank=True)


class ReadingCount(models.Model):
    """How often readers of a county said on one day that they read an item. No reader, address or device is kept."""

    item = models.CharField(max_length=40)
    day = models.DateField(db_index=True)
    division_code = models.CharField(max_length=6)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "day", "division_code"], name="readings_once_a_day_and_county"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.day} {self.division_code} {self.count}"
