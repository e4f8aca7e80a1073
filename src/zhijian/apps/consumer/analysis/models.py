"""Signals that were told, warnings with their steps, and groups of cases that are handled together."""

from datetime import datetime

from django.db import models

from zhijian.apps.consumer.analysis.steps import SEVERITY_WORDS, STATE_WORDS, State
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Organisation


class Signal(models.Model):
    """Something that stood out. It stays one signal as long as it is open: later days are added to it."""

    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=300)
    label = models.CharField(max_length=300)
    division_code = models.CharField(max_length=9, blank=True)  # of most of its cases; empty for the province
    first_on = models.DateField()
    last_on = models.DateField(db_index=True)
    days = models.PositiveIntegerField(default=1)  # on which it stood out
    count = models.PositiveIntegerField()
    expected = models.FloatField()
    chance = models.FloatField()
    false_share = models.FloatField()
    reasons = models.JSONField(default=list)  # of [Chinese, English]
    numbers = models.JSONField(default=list)  # of every case so far
    also = models.JSONField(default=list)  # of [kind, key] that it explains
    is_open = models.BooleanField(default=True, db_index=True)
    closed_by = models.ForeignKey(Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.CharField(max_length=300, blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-is_open", "chance", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=models.Q(is_open=True), name="one_open_signal_of_a_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.label}"


class Run(models.Model):
    """One day's judgement: how many cases were read, what was told."""

    day = models.DateField(unique=True)
    cases = models.PositiveIntegerField()
    told = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    ran_at = models.DateTimeField()

    class Meta:
        ordering = ["-day"]


class ConsumerWarning(models.Model):
    """A warning to consumers, from draft to the review of its effect. Its state is its last step."""

    number = models.CharField(max_length=30, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    signal = models.ForeignKey(
        Signal, null=True, blank=True, on_delete=models.PROTECT, related_name="warnings"
    )
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    body_en = models.TextField(blank=True)
    severity = models.CharField(
        max_length=8, blank=True, choices=[(str(code), zh) for code, (zh, _) in SEVERITY_WORDS.items()]
    )
    case = models.OneToOneField(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="consumer_warning"
    )  # empty: begun before there was a drawing
    topic_code = models.CharField(max_length=10, blank=True)  # of the taxonomy of consumer matters
    division_code = models.CharField(max_length=9, blank=True)  # whom it concerns; empty: the whole province
    drafted_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True, db_index=True)
    told_at = models.DateTimeField(null=True, blank=True)  # the subscribers, of the publication
    taken_back_told_at = models.DateTimeField(null=True, blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-published_at", "-drafted_at", "-id"]

    def __str__(self) -> str:
        return self.number

    @property
    def history(self) -> list["WarningStep"]:
        """Every step, first to last."""
        return sorted(self.steps.all(), key=lambda step: step.sequence)

    @property
    def state(self) -> State:
        return State(self.history[-1].state)

    @property
    def state_words(self) -> tuple[str, str]:
        return STATE_WORDS[self.state]

    @property
    def severity_words(self) -> tuple[str, str]:
        return SEVERITY_WORDS[self.severity] if self.severity else ("", "")

    def done_at(self, verb: str) -> datetime | None:
        """Return when a step was last taken."""
        return next((step.at for step in reversed(self.history) if step.verb == verb), None)


class WarningStep(AppendOnlyModel):
    """Who did what on a warning, when, with what opinion. Written once."""

    warning = models.ForeignKey(ConsumerWarning, on_delete=models.PROTECT, related_name="steps")
    sequence = models.PositiveIntegerField()
    verb = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["warning", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["warning", "sequence"], name="steps_of_a_warning_in_order")
        ]


class Subscription(models.Model):
    """Somebody who wants to be told of new warnings by e-mail. It holds from the click in the first message on.

    The address is sealed; the mark finds it again. Ending a subscription deletes the row.
    """

    mark = models.CharField(max_length=64, db_index=True)
    address_sealed = models.TextField()
    language = models.CharField(max_length=2)  # zh or en
    topic_codes = models.JSONField(default=list)  # fields of the taxonomy; empty: all
    division_codes = models.JSONField(default=list)  # cities; empty: the whole province
    code_digest = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField(db_index=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mark"], condition=models.Q(confirmed_at__isnull=False), name="one_subscription_each"
            )
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"

    def wants(self, warning: ConsumerWarning) -> bool:
        """Whether a warning is of a chosen field and place; one that names none concerns everybody."""
        topic, place = warning.topic_code[:3], warning.division_code[:4]
        fits_topic = not topic or not self.topic_codes or topic in self.topic_codes
        everywhere = place in ("", "4400") or not self.division_codes
        return fits_topic and (everywhere or f"{place}00" in self.division_codes)


class FastGroup(models.Model):
    """Open cases about one platform or shop that one officer takes up together (S58). Each keeps its own clock and end."""

    key = models.CharField(max_length=300, db_index=True)
    label = models.CharField(max_length=300)
    numbers = models.JSONField(default=list)
    lead = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    plan = models.CharField(max_length=500)
    begun_at = models.DateTimeField()
    asked_on = models.DateField(null=True, blank=True)  # the platform or shop, for one offer to all
    answer_by = models.DateField(null=True, blank=True)
    offer = models.CharField(max_length=500, blank=True)
    offered_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=500, blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-begun_at", "-id"]

    def __str__(self) -> str:
        return self.label
