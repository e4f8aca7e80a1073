"""The figures of a night for each area, and the keys of wall screens."""

from datetime import datetime

from django.db import models

from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may
from zhijian.standards.calendar import statutory_day


class BoardNight(models.Model):
    """What the board of one area shows, as it was counted on one night. Made anew, it replaces that night's."""

    area = models.CharField(
        max_length=9
    )  # digits that the divisions of the area begin with: 44, 4401, 440106
    day = models.DateField()  # the last whole day
    made_at = models.DateTimeField()
    figures = models.JSONField()

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["area", "day"], name="one_board_of_an_area_and_night")]

    def __str__(self) -> str:
        return f"{self.area} {self.day}"


class WallKey(models.Model):
    """A screen that shows the board of an area without anybody signed in. The key itself is not kept."""

    name = models.CharField(max_length=100)
    area = models.CharField(max_length=9)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    until = models.DateField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.name

    def is_good(self, at: datetime) -> bool:
        """Say whether the screen still shows the board: not ended, its last day (of Shanghai) not over, and who made the
        key still leads the area."""
        if self.ended_at is not None or statutory_day(at) > self.until:
            return False
        return may(self.made_by, Permission.VIEW_LEADER_BOARD) and self.area.startswith(
            self.made_by.territory
        )
