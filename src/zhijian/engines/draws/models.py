"""Draws, the ledger of their ceremonies, and who was drawn. A draw's state is computed from its events."""

import json
from functools import cached_property
from typing import Any, ClassVar

from django.db import models

from zhijian.engines.draws.plan import Plan
from zhijian.engines.facts.models import AppendOnlyModel, AppendOnlyQuerySet


class EventKind(models.TextChoices):
    ANNOUNCED = "announced", "公告"
    FROZEN = "frozen", "冻结"
    COMMITTED = "committed", "承诺"
    PUBLIC_VALUE = "public_value", "记录公共随机数"
    REVEALED = "revealed", "揭示"
    DRAWN = "drawn", "抽取"
    PUBLISHED = "published", "公布"
    OUTCOMES = "outcomes", "公布结果"
    VOIDED = "voided", "作废"


class Draw(models.Model):  # type: ignore[django-manager-missing]
    """One attempt at one draw. The announcement is kept as the exact text that was published."""

    plan_id = models.CharField(max_length=60)
    attempt = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    announcement = models.TextField()
    is_synthetic = models.BooleanField(default=False)
    rehearsal = models.BooleanField(default=False)
    announced_at = models.DateTimeField(db_index=True)
    organisation = models.ForeignKey(  # whose draw it is; empty where a draw of old names an unknown account
        "security.Organisation", null=True, on_delete=models.PROTECT, related_name="draws"
    )
    dispatched_at = models.DateTimeField(null=True)  # when the checks went out; no voiding after that
    void_reason = models.TextField(blank=True)  # a request to void, until a second person approves it
    void_requested_by = models.ForeignKey(
        "security.Officer", null=True, on_delete=models.PROTECT, related_name="+"
    )
    void_requested_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-announced_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["plan_id", "attempt"], name="one_draw_per_attempt")]

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.attempt}"

    @cached_property
    def plan(self) -> Plan:
        return Plan.from_announcement(json.loads(self.announcement))


class CeremonyEvent(AppendOnlyModel):
    """One link of the organisation's ledger: rows are added, never changed."""

    objects: ClassVar[models.Manager["CeremonyEvent"]] = models.Manager.from_queryset(AppendOnlyQuerySet)()  # type: ignore[assignment]

    n = models.PositiveBigIntegerField(primary_key=True)
    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    body = models.TextField()  # canonical JSON
    body_sha256 = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["n"]

    def __str__(self) -> str:
        return f"{self.n} {self.kind} {self.draw_id}"

    def as_body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.body)
        return body


class Selection(models.Model):
    """One object that was drawn, or stands on the reserve list, with its inspectors. Internal."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="selections")
    leaf = models.CharField(max_length=64)
    object_id = models.CharField(max_length=60, db_index=True)
    name = models.CharField(max_length=300)
    division = models.CharField(max_length=6)
    stratum = models.CharField(max_length=10)
    order = models.PositiveIntegerField()  # within the stratum, from 1
    is_reserve = models.BooleanField()
    inspectors = models.JSONField(default=list)  # inspector ids, in order of rank
    standby = models.JSONField(default=list)
    pool = models.PositiveSmallIntegerField(default=0)  # how far the pool was widened (matching.py)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["is_reserve", "stratum", "order"]
        constraints = [models.UniqueConstraint(fields=["draw", "leaf"], name="leaf_selected_once")]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.object_id}"
