"""What an inspection stores. Events, results, drafts and evidence are added and never changed."""

from functools import cached_property
from typing import Any

from django.db import models

from zhijian.apps.supervision.inspection.codes import ALL_CODES, ENDING_LABELS, FOLLOW_UP_LABELS, ResultCode
from zhijian.apps.supervision.inspection.rules import Finding, State, Verb, state_after
from zhijian.engines.procedures.models import Case
from zhijian.security.models import BusinessPerson, Officer, Organisation


class AppendOnly(models.Model):
    """A row that is written once. Saving it again or deleting it is a mistake of the program."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} {self.pk} is written once; add a new row instead.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{type(self).__name__} {self.pk} is never deleted.")


class InspectionItem(models.Model):
    """One item of the published item list (抽查事项). Outside its dates it may not be inspected."""

    GENERAL, KEY = "general", "key"

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    class_code = models.CharField(
        max_length=10, choices=[(GENERAL, "一般检查事项"), (KEY, "重点检查事项")], default=GENERAL
    )
    object_type = models.CharField(max_length=40)
    level = models.CharField(max_length=10)
    legal_basis = models.CharField(max_length=400)
    content = models.TextField()
    content_en = models.TextField()
    method = models.TextField()
    method_en = models.TextField()
    is_desk_checkable = models.BooleanField(default=False)
    is_jointable = models.BooleanField(default=True)
    is_basis_verified = models.BooleanField(default=False)
    cap_per_year = models.PositiveSmallIntegerField(null=True, blank=True)
    list_version = models.CharField(max_length=20)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    register_version = models.PositiveIntegerField(default=0)  # of the entry it was copied from; 0: shipped

    class Meta:
        ordering = ["code", "valid_from", "register_version"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from", "register_version"], name="one_item_text_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class DrawScope(AppendOnly):
    """Whom a draw is about, said before it is announced: a library, a division, tags, layers with rates of their own; and the task it comes from."""

    plan_id = models.CharField(max_length=60, unique=True)
    library = models.CharField(max_length=30)
    division_code = models.CharField(max_length=6, blank=True)
    tags = models.JSONField(default=list)
    layers = models.JSONField(null=True)  # the n-th is drawn at rate Rn: its division and tags
    task = models.CharField(max_length=60, blank=True)  # number of the annual plan's task
    written_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()


class InspectionTask(models.Model):
    """What one draw gave to do (抽查任务): its items, the unit that began it, the days it runs."""

    plan_id = models.CharField(max_length=60)
    attempt = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=250)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="inspection_tasks")
    items = models.ManyToManyField(InspectionItem, related_name="tasks")
    drawn_on = models.DateField(db_index=True)
    due_on = models.DateField()
    is_rehearsal = models.BooleanField(default=False)
    is_synthetic = models.BooleanField(default=False)
    drawn_count = models.PositiveIntegerField(default=0)
    frame_by_prefecture = models.JSONField(default=dict)
    dispatched_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    dispatched_at = models.DateTimeField()

    class Meta:
        ordering = ["-drawn_on", "-id"]
        constraints = [models.UniqueConstraint(fields=["plan_id", "attempt"], name="one_task_per_draw")]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def ordered_items(self) -> list[InspectionItem]:
        return list(self.items.order_by("code"))


class DrawnObject(AppendOnly):
    """That an object was drawn in a task, for counting distinct objects. No statement about the firm."""

    task = models.ForeignKey(InspectionTask, on_delete=models.PROTECT, related_name="drawn")
    uscc = models.CharField(max_length=60)
    prefecture_code = models.CharField(max_length=6, blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "uscc"], name="object_drawn_once_per_task")]
        indexes = [models.Index(fields=["uscc"])]


class Check(models.Model):
    """One drawn object to be visited by two inspectors. Its state is computed from its events."""

    number = models.CharField(max_length=80, unique=True)
    task = models.ForeignKey(InspectionTask, on_delete=models.PROTECT, related_name="checks")
    uscc = models.CharField(max_length=60, db_index=True)
    entity_name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    division_code = models.CharField(max_length=9, blank=True)
    leaf = models.CharField(max_length=64, blank=True)
    stratum = models.CharField(max_length=100, blank=True)
    inspector_first = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="checks_as_first")
    inspector_second = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="checks_as_second")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="checks")
    due_on = models.DateField(db_index=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["due_on", "number"]
        constraints = [models.UniqueConstraint(fields=["task", "uscc"], name="one_check_per_object_and_task")]

    def __str__(self) -> str:
        return f"{self.number} {self.entity_name}"

    @property
    def history(self) -> list["CheckEvent"]:
        """Every event, first to last (prefetched where the query asked for it)."""
        return sorted(self.events.all(), key=lambda event: event.sequence)

    @property
    def state(self) -> State:
        state = state_after([event.verb for event in self.history])
        assert state is not None, "a check is born with its dispatch event"
        return state

    @property
    def result(self) -> "CheckResult | None":
        """The newest recorded result, if there is one."""
        return max(self.results.all(), key=lambda result: result.version, default=None)

    @property
    def inspectors(self) -> tuple[Officer, Officer]:
        return self.inspector_first, self.inspector_second

    @property
    def proposal(self) -> "CheckEvent | None":
        """The correction that was proposed and neither confirmed nor refused yet."""
        verbs = {Verb.PROPOSE, Verb.CORRECT, Verb.REFUSE}
        newest = next((event for event in reversed(self.history) if event.verb in verbs), None)
        return newest if newest is not None and newest.verb == Verb.PROPOSE else None

    def last(self, verb: str) -> "CheckEvent | None":
        return next((event for event in reversed(self.history) if event.verb == verb), None)


class CheckEvent(AppendOnly):
    """Who did what to a check, when it happened and when it reached us."""

    check_record = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    verb = models.CharField(max_length=20)
    actor = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    payload = models.JSONField(default=dict)

    class Meta:
        ordering = ["check_record", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["check_record", "sequence"], name="events_of_a_check_in_order")
        ]


class Draft(AppendOnly):
    """What the inspectors have typed so far. Each save is a version of its own: nothing typed is lost."""

    check_record = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="drafts")
    version = models.PositiveIntegerField()
    content = models.JSONField()
    saved_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["check_record", "version"]
        constraints = [
            models.UniqueConstraint(fields=["check_record", "version"], name="drafts_of_a_check_in_order")
        ]


class CheckResult(AppendOnly):
    """A result as one inspector recorded it. A returned or corrected result is a new version beside the old."""

    check_record = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="results")
    version = models.PositiveIntegerField()
    completed_on = models.DateField(db_index=True)
    summary = models.TextField(blank=True)
    unreachable_proof = models.CharField(max_length=20, blank=True)
    letter_first_on = models.DateField(null=True, blank=True)
    letter_second_on = models.DateField(null=True, blank=True)
    correct_by = models.DateField(null=True, blank=True)
    signing = models.CharField(max_length=10, blank=True)  # rules.Signing; "" where nobody was met
    refusal_reason = models.CharField(max_length=300, blank=True)
    refusal_witness = models.CharField(max_length=10, blank=True)
    correction_reason = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["check_record", "version"]
        constraints = [
            models.UniqueConstraint(fields=["check_record", "version"], name="results_of_a_check_in_order")
        ]

    @property
    def codes(self) -> list[ResultCode]:
        return [ALL_CODES[row.code] for row in sorted(self.recorded_codes.all(), key=lambda row: row.place)]


class RecordedCode(AppendOnly):
    """One of the result codes of a result; several may stand together."""

    result = models.ForeignKey(CheckResult, on_delete=models.PROTECT, related_name="recorded_codes")
    place = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=4, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["result", "code"], name="a_code_once_per_result")]


class CheckItemResult(AppendOnly):
    """What was found for one item."""

    result = models.ForeignKey(CheckResult, on_delete=models.PROTECT, related_name="item_results")
    item = models.ForeignKey(InspectionItem, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(max_length=16, choices=[(finding.value, finding.value) for finding in Finding])
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["result", "item"], name="an_item_once_per_result")]


class Evidence(AppendOnly):
    """A photo or paper as it was delivered. The file lies under its hash and is never written again."""

    check_record = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="evidence")
    item = models.ForeignKey(
        InspectionItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveIntegerField()
    mime = models.CharField(max_length=40)
    width_px = models.PositiveIntegerField(null=True)
    height_px = models.PositiveIntegerField(null=True)
    name = models.CharField(max_length=150)
    purpose = models.CharField(max_length=10, blank=True)  # "signature" of the inspected; else ""
    taken_at = models.DateTimeField(null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    accuracy_m = models.PositiveIntegerField(null=True)
    uploaded_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["received_at", "id"]

    SIGNATURE = "signature"

    @property
    def is_picture(self) -> bool:
        return self.mime.startswith("image/")


class ClientSend(AppendOnly):
    """A keyed send from a phone and what it was answered, so that a repeat does no harm."""

    key = models.UUIDField(unique=True)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    check_record = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=20)
    answer = models.JSONField()
    received_at = models.DateTimeField()


class DayRound(AppendOnly):
    """The order of an inspector's visits of a day, with all that it follows from. Another round of the day is a new version.

    `checks` holds number, leaf, name, place and whether the place is known, in the order of numbers; `order` their numbers
    as they are visited.
    """

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="day_rounds")
    day = models.DateField(db_index=True)
    version = models.PositiveSmallIntegerField()
    station = models.JSONField()  # latitude, longitude
    checks = models.JSONField()
    order = models.JSONField()
    seed = models.CharField(max_length=64)
    rounds = models.PositiveIntegerField()
    shortest_m = models.PositiveIntegerField()
    length_m = models.PositiveIntegerField()
    reason = models.CharField(max_length=300, blank=True)
    set_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-day", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "day", "version"], name="rounds_of_an_officer_and_day_in_order"
            )
        ]


class FollowUp(AppendOnly):
    """What a problem result makes the unit do next. Open until a closing is written."""

    check_record = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="follow_ups")
    result = models.ForeignKey(CheckResult, on_delete=models.PROTECT, related_name="follow_ups")
    kind = models.CharField(max_length=20)
    code = models.CharField(max_length=4)
    starts_on = models.DateField()
    due_on = models.DateField(null=True)
    article = models.CharField(max_length=200)
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["due_on", "id"]

    @property
    def label_zh(self) -> str:
        return FOLLOW_UP_LABELS[self.kind][0]

    @property
    def label_en(self) -> str:
        return FOLLOW_UP_LABELS[self.kind][1]

    @property
    def is_open(self) -> bool:
        return not hasattr(self, "closing")


class FollowUpClosing(AppendOnly):
    """How a follow-up ended, what that hangs on, and who says so. Those from before endings were asked for have words alone."""

    follow_up = models.OneToOneField(FollowUp, on_delete=models.PROTECT, related_name="closing")
    ending = models.CharField(
        max_length=20,
        blank=True,
        db_default="",
        choices=[(str(e), zh) for e, (zh, _) in ENDING_LABELS.items()],
    )
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, db_index=False, related_name="+")
    number = models.CharField(max_length=100, blank=True, db_default="")  # of a case or a letter
    authority = models.CharField(max_length=200, blank=True, db_default="")  # that it was transferred to
    acted_on = models.DateField(null=True)  # of the filing, the letter or the re-check
    until = models.DateField(null=True)  # the last day of an order that was made again
    outcome = models.CharField(max_length=300)
    closed_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()

    @property
    def ending_zh(self) -> str:
        return ENDING_LABELS[self.ending][0] if self.ending else ""

    @property
    def ending_en(self) -> str:
        return ENDING_LABELS[self.ending][1] if self.ending else ""


class Replacement(AppendOnly):
    """That an inspector of a check was replaced by the next in the drawn order, why, and who was passed over."""

    check_record = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="replacements")
    sequence = models.PositiveSmallIntegerField()
    place = models.PositiveSmallIntegerField()  # 0 the first of the team, 1 the second
    leaving = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    coming = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=12)
    passed_over = models.JSONField(default=list)  # [{inspector, why}], in the drawn order
    ordered_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()

    class Meta:
        ordering = ["check_record", "sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_record", "sequence"], name="replacements_of_a_check_in_order"
            )
        ]

    @property
    def number(self) -> str:
        return f"{self.check_record.number}/replaced/{self.sequence}"


class InspectorObjection(AppendOnly):
    """That a firm asks that an inspector does not check it. `sealed` holds its words; `by_person` is None at the door."""

    number = models.CharField(max_length=90, unique=True)  # the receipt
    check_record = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="objections")
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=10)
    sealed = models.TextField()
    by_person = models.ForeignKey(BusinessPerson, null=True, on_delete=models.PROTECT, related_name="+")
    written_by = models.ForeignKey(
        Officer, null=True, on_delete=models.PROTECT, related_name="+"
    )  # at the door
    said_at = models.DateTimeField()
    due_on = models.DateField()

    class Meta:
        ordering = ["due_on", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_record", "officer", "ground"], name="one_objection_per_officer_and_ground"
            )
        ]


class ObjectionDecision(AppendOnly):
    """What the leader decided on an objection, with the reason that the firm is told."""

    UPHELD, REFUSED = "upheld", "refused"

    objection = models.OneToOneField(InspectorObjection, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=10, choices=[(UPHELD, "准许"), (REFUSED, "驳回")])
    reason = models.CharField(max_length=500)
    replacement = models.OneToOneField(
        Replacement, null=True, on_delete=models.PROTECT, related_name="objection"
    )
    decided_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()


class KeptFigures(models.Model):
    """How inspections of an area did in a year, as the night reckoned it; the next night writes over it."""

    part = models.CharField(max_length=12)  # targeting, strictness, counting, burden
    scope = models.CharField(max_length=9)  # leading digits of the area
    year = models.PositiveSmallIntegerField()
    figures = models.JSONField()
    reckoned_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["scope", "year", "part"]
        constraints = [
            models.UniqueConstraint(
                fields=["part", "scope", "year"], name="figures_kept_once_per_area_and_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.scope} {self.year}"
