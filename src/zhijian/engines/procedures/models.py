"""Versions of drawings; cases with their pieces of work, clocks and events.

What lists read (`Case`, `WorkItem`) is apart from what only the engine reads (`CaseState`), and what happened
(`CaseEvent`) is apart from both: a step costs the same however long the case has been.
"""

from datetime import date

from django.db import models
from django.db.models import Q

from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import Officer, Organisation


class VersionState(models.TextChoices):
    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"
    RETIRED = "retired", "已停用"


class NumberSeries(models.Model):
    """The last serial that was given under a prefix of case numbers."""

    prefix = models.CharField(max_length=40, unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.prefix


class CaseStatus(models.TextChoices):
    OPEN = "open", "办理中"
    CLOSED = "closed", "已办结"
    WITHDRAWN = "withdrawn", "已撤回"


class ItemState(models.TextChoices):
    OPEN = "open", "待办"
    DONE = "done", "已办"
    CANCELLED = "cancelled", "已取消"


class ProcedureVersion(models.Model):
    """One version of a drawing with its decision tables. A running case ends under the version it began with."""

    procedure = models.CharField(max_length=80)  # the code of the declaration
    number = models.PositiveIntegerField()
    drawing = models.TextField()  # BPMN 2.0 XML
    decisions = models.TextField(blank=True)  # DMN 1.3 XML
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=VersionState.choices, default=VersionState.DRAFT)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        Officer, null=True, on_delete=models.PROTECT, related_name="saved_versions"
    )  # empty: it came with the product
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        Officer, null=True, on_delete=models.PROTECT, related_name="published_versions"
    )
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["procedure", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="procedures_one_version_per_number"),
            models.UniqueConstraint(
                fields=["procedure"], condition=Q(state="published"), name="procedures_one_published_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure} v{self.number}"


class Case(models.Model):
    """One matter that goes through a procedure. The application keeps its own record beside it, one to one."""

    procedure = models.CharField(max_length=80)
    version = models.ForeignKey(
        ProcedureVersion, on_delete=models.PROTECT, db_index=False, related_name="cases"
    )
    number = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, db_index=False, related_name="cases"
    )
    division_code = models.CharField(max_length=9)
    entity_code = models.CharField(max_length=18, blank=True)  # the unified social credit code, where known
    status = models.CharField(max_length=10, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=80, blank=True)  # the id of the end event, or why it was withdrawn
    revision = models.PositiveIntegerField(default=0)  # one more with each act
    event_count = models.PositiveIntegerField(default=0)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="procedures_one_case_per_number")
        ]
        indexes = [
            models.Index(fields=["organisation", "status", "opened_at"], name="procedures_cases_by_unit"),
            models.Index(fields=["entity_code"], condition=~Q(entity_code=""), name="procedures_by_entity"),
            models.Index(fields=["number"], name="procedures_by_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class CaseState(models.Model):
    """What the engine needs to go on with a case, and nothing about how it got there."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.PROTECT, related_name="state")
    tokens = models.TextField(default="", blank=True)  # live tokens; empty when the case is closed
    data = models.JSONField(default=dict)  # what has been handed in, by field
    walked = models.JSONField(default=list)  # ids of nodes and flows that were passed: bounded by the drawing
    undo = models.JSONField(default=dict)  # what could be undone, and what a person is undoing now


class Clock(models.Model):
    """A period of the law that runs in a case. Dates are computed from the dated parameter and the holds."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks")
    name = models.CharField(max_length=120)  # the name of the parameter
    parameter = models.CharField(max_length=120)
    counts_from = models.CharField(max_length=80)  # the data field that holds the first day
    stops_while = models.CharField(max_length=200, blank=True)  # names of holds, with commas between
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, db_index=False, related_name="clocks"
    )
    started_on = models.DateField()
    due_on = models.DateField(null=True)  # the legal last day; empty while the clock is held
    alarm_on = models.DateField(null=True)  # the same without the rest days at its end
    yellow_on = models.DateField(null=True)  # two thirds are over
    extended_length = models.PositiveIntegerField(default=0)  # in the unit of the parameter
    extension_count = models.PositiveIntegerField(default=0)
    extension_reason = models.CharField(max_length=500, blank=True)
    extended_by = models.ForeignKey(
        Officer, null=True, on_delete=models.PROTECT, db_index=False, related_name="extended_clocks"
    )
    extended_at = models.DateTimeField(null=True)
    stopped_on = models.DateField(null=True)  # the day on which what was due was done
    calendar_mark = models.CharField(max_length=16)  # under which holidays the dates were computed

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "stopped_on"], name="procedures_clocks_by_unit"),
            models.Index(
                fields=["calendar_mark"], condition=Q(stopped_on=None), name="procedures_running_clocks"
            ),
            models.Index(fields=["due_on"], condition=Q(stopped_on=None), name="procedures_clocks_due"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.started_on}–{self.due_on}"

    @property
    def hold_names(self) -> list[str]:
        return [name.strip() for name in self.stops_while.split(",") if name.strip()]

    def light_on(self, day: date) -> str:
        """Return green, yellow at two thirds, red when past, held while it stands still; stopped once it was met."""
        from zhijian.engines.procedures.deadlines import light

        if self.stopped_on is not None:
            return "red" if self.due_on and self.stopped_on > self.due_on else "stopped"
        return light(day, due_on=self.due_on, yellow_on=self.yellow_on)


class ClockHold(models.Model):
    """Days on which a clock stands still, both ends included."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="holds")
    name = models.CharField(max_length=80)
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    held_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    released_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["started_on", "id"]


class WorkItem(models.Model):
    """One step that waits for a person."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False, related_name="work_items")
    task = models.CharField(max_length=80)  # the id of the node in the drawing
    name = models.CharField(max_length=200)
    token = models.CharField(max_length=80)  # which live token of the case's state
    role = models.CharField(max_length=20)
    article = models.CharField(max_length=300, blank=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, db_index=False, related_name="work_items"
    )
    holder = models.ForeignKey(
        Officer, null=True, on_delete=models.PROTECT, db_index=False, related_name="work_items"
    )
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.OPEN)
    opened_at = models.DateTimeField()
    clock = models.ForeignKey(Clock, null=True, on_delete=models.PROTECT, related_name="work_items")
    due_on = models.DateField(null=True)  # those of the clock, kept here so that lists need not look there
    alarm_on = models.DateField(null=True)
    yellow_on = models.DateField(null=True)
    supervised_by = models.ForeignKey(
        Officer, null=True, on_delete=models.PROTECT, db_index=False, related_name="supervised_items"
    )
    supervised_at = models.DateTimeField(null=True)
    escalated_to = models.ForeignKey(
        Officer, null=True, on_delete=models.PROTECT, db_index=False, related_name="escalated_items"
    )
    escalated_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(
        Officer, null=True, on_delete=models.PROTECT, db_index=False, related_name="finished_items"
    )
    outcome = models.CharField(max_length=80, blank=True)
    is_joint = models.BooleanField(default=False)  # other units were asked

    class Meta:
        indexes = [
            # The open steps of a case are found at once, however many lie behind it.
            models.Index(fields=["case", "state"], name="procedures_steps_of_case"),
            models.Index(
                fields=["holder", "due_on", "id"], condition=Q(state="open"), name="procedures_own_inbox"
            ),
            models.Index(
                fields=["organisation", "role", "due_on", "id"],
                condition=Q(state="open"),
                name="procedures_unit_inbox",
            ),
            models.Index(
                fields=["due_on"],
                condition=Q(state="open", escalated_at=None),
                name="procedures_to_escalate",
            ),
            models.Index(
                fields=["supervised_by"],
                condition=Q(state="open", supervised_by__isnull=False),
                name="procedures_supervised",
            ),
            models.Index(
                fields=["escalated_to"],
                condition=Q(state="open", escalated_to__isnull=False),
                name="procedures_escalated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.name}"

    def light_on(self, day: date) -> str:
        """Return green, yellow, red, held, or none where no clock runs."""
        from zhijian.engines.procedures.deadlines import light

        if self.clock_id is None:
            return "none"
        return light(day, due_on=self.due_on, yellow_on=self.yellow_on)


class JointUnit(models.Model):
    """Another unit that handles a step together with the one it belongs to, and what it answered."""

    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="units")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="joint_items")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    opinion = models.CharField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "organisation"], name="procedures_one_joint_unit")
        ]
        indexes = [
            models.Index(
                fields=["organisation"], condition=Q(answered_at=None), name="procedures_joint_inbox"
            )
        ]


class Leave(models.Model):
    """While an officer is away, a substitute sees the same inbox and acts in the officer's place."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="leaves")
    substitute = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="substitutions")
    starts_on = models.DateField()
    ends_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    arranged_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    arranged_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["substitute", "ends_on"], name="procedures_substitutes")]


class Wait(models.Model):
    """A token that waits for a time or a message. `tick` looks at times, `send_message` at messages."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False, related_name="waits")
    token = models.CharField(max_length=80)
    task = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)  # timer or message
    message = models.CharField(max_length=80, blank=True)
    key = models.CharField(
        max_length=200, blank=True
    )  # the value that a message must carry to be meant for it
    due_at = models.DateTimeField(null=True)
    clock = models.ForeignKey(Clock, null=True, on_delete=models.PROTECT, related_name="waits")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "token", "task"], name="procedures_one_wait_per_token")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(kind="timer"), name="procedures_timers"),
            models.Index(fields=["message", "key"], condition=Q(kind="message"), name="procedures_messages"),
        ]


class CaseEvent(AppendOnlyModel):
    """What happened in a case: who, for whom, when, on what basis. Written once."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False, related_name="events")
    sequence = models.PositiveIntegerField()
    verb = models.CharField(max_length=30)
    task = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=200, blank=True)  # of the step, as it was called then
    officer = models.ForeignKey(
        Officer, null=True, on_delete=models.PROTECT, db_index=False, related_name="case_events"
    )
    on_behalf_of = models.ForeignKey(
        Officer, null=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    at = models.DateTimeField()
    basis = models.CharField(max_length=300, blank=True)  # the article
    note = models.CharField(max_length=4000, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="procedures_one_event_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.sequence} {self.verb} {self.task}"
