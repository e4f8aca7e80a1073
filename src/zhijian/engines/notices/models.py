"""What somebody was told, and by which ways it left the house."""

import uuid

from django.db import models
from django.db.models import Q

from zhijian.security.models import Officer


class Notice(models.Model):
    """One message to one person. An officer sees it in the bell; a person outside gets it by the ways they named."""

    kind = models.CharField(max_length=80)
    officer = models.ForeignKey(Officer, null=True, on_delete=models.CASCADE, related_name="notices")
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160)
    text_zh = models.CharField(max_length=1000)
    text_en = models.CharField(max_length=1500)
    link = models.CharField(max_length=300, blank=True)
    leave = models.CharField(max_length=200, blank=True)  # the path that ends what was subscribed to
    is_urgent = models.BooleanField(default=False)
    dedupe = models.CharField(max_length=64, unique=True)  # the same to the same person is told once
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["officer", "-created_at"], condition=Q(read_at__isnull=True), name="notices_unread"
            ),
            models.Index(fields=["officer", "-created_at"], name="notices_of_officer"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Channel(models.TextChoices):
    EMAIL = "email", "电子邮件"
    SMS = "sms", "短信"
    YSS = "yss", "粤省事"
    YST = "yst", "粤商通"


class State(models.TextChoices):
    WAITING = "waiting", "待发"
    SENDING = "sending", "正在发"
    SENT = "sent", "已发"
    DEAD = "dead", "没有送达"


class Dispatch(models.Model):
    """One way of one notice out of the house. The address is kept only until it has arrived."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="dispatches")
    channel = models.CharField(max_length=6, choices=Channel.choices)
    address = models.CharField(max_length=254, blank=True)
    address_shown = models.CharField(max_length=60)  # 138****0021
    language = models.CharField(max_length=2)  # zh or en
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["waiting", "sending"]), name="notices_due"
            ),
            models.Index(fields=["-due_at"], condition=Q(state="dead"), name="notices_dead"),
        ]
