"""What is stored of complaints and reports. Two rights, two classes: one envelope may hold both.

Personal data lie sealed in tables of their own (`Party`, `ReporterIdentity`), under different keys; the other tables
carry none, so that a list or a statistic never touches a name. Steps are added and never changed, and the state of a
matter is its last step.
"""

from datetime import datetime

from django.db import models

from zhijian.apps.consumer.complaints.codes import (
    CHANNEL_WORDS,
    CLAIM_WORDS,
    COMPLAINT_STATE_WORDS,
    ID_TYPES,
    PAPER_WORDS,
    REPORT_STATE_WORDS,
    RESPONDENT_WORDS,
    SPECIAL_FIELD_WORDS,
    ComplaintState,
    ReportState,
    RespondentKind,
    SubmissionKind,
)
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Organisation


def _choices(words: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    return [(str(code), zh) for code, (zh, _) in words.items()]


class Submission(models.Model):
    """One envelope as it arrived. What it asks for lies in its complaint, its report, or both.

    `first_received_at` is when any authority got it, `competent_received_at` when one with jurisdiction did: the
    clocks of the law start at the latter (J-7), and both are shown.
    """

    receipt_number = models.CharField(max_length=40, unique=True)
    receipt_code_hash = models.CharField(max_length=64, blank=True)  # of the code that opens the status page
    channel = models.CharField(max_length=20, choices=_choices(CHANNEL_WORDS))
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in SubmissionKind])
    redirected_to = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    raw_text = models.TextField()
    first_received_at = models.DateTimeField(db_index=True)
    competent_received_at = models.DateTimeField(null=True, blank=True)
    received_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="submissions")
    registered_by = models.ForeignKey(
        Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    send_key = models.UUIDField(null=True, blank=True, unique=True)  # the same send twice is one submission
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-first_received_at", "-id"]

    def __str__(self) -> str:
        return self.receipt_number


class ExternalReference(models.Model):
    """The ticket of another system (12345, 12315) behind a submission. The pair of system and number comes once."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="references")
    system = models.CharField(max_length=20)
    number = models.CharField(max_length=80)
    category = models.CharField(max_length=100, blank=True)
    first_call_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    signed_for_at = models.DateTimeField(null=True, blank=True)
    deadline_on = models.DateField(null=True, blank=True)  # the hotline's own; it never lengthens the law's
    return_reason = models.CharField(max_length=40, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    satisfaction = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "number"], name="one_ticket_once")]


class Attachment(AppendOnlyModel):
    """A file that came with a submission, by the hash under which it is kept."""

    COMPLAINT, REPORT = "complaint", "report"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="attachments")
    matter = models.CharField(
        max_length=10, blank=True, choices=[(COMPLAINT, "投诉"), (REPORT, "举报")]
    )  # of a mixed envelope, for which it was sent; empty: for all of it
    paper = models.CharField(
        max_length=16, blank=True, choices=_choices(PAPER_WORDS)
    )  # of an agent or a joint complaint; empty: evidence
    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=150)
    mime = models.CharField(max_length=80)
    size_bytes = models.PositiveBigIntegerField()
    evidence_key = models.CharField(max_length=80, blank=True)  # of the store of evidence
    received_at = models.DateTimeField()


class Party(models.Model):
    """A person on the complaint's side: complainant, agent or representative.

    What names the person is sealed; masks and fingerprints are made once. Open it only through `services.reveal_party`.
    """

    COMPLAINANT, AGENT, REPRESENTATIVE, JOINT = "complainant", "agent", "representative", "joint"
    CONSUMERS = (COMPLAINANT, REPRESENTATIVE, JOINT)  # whose dispute it is; an agent only acts for one

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="parties")
    capacity = models.CharField(
        max_length=16,
        choices=[
            (COMPLAINANT, "投诉人"),
            (AGENT, "代理人"),
            (REPRESENTATIVE, "共同投诉代表人"),
            (JOINT, "共同投诉人"),
        ],
    )
    name_mask = models.CharField(max_length=60)
    phone_mask = models.CharField(max_length=40, blank=True)
    name_sealed = models.TextField()
    phone_sealed = models.TextField(blank=True)
    email_sealed = models.TextField(blank=True)
    address_sealed = models.TextField(blank=True)
    id_type = models.CharField(max_length=12, choices=_choices(ID_TYPES), blank=True)
    id_number_sealed = models.TextField(blank=True)
    name_mark = models.CharField(max_length=64, blank=True)
    phone_mark = models.CharField(max_length=64, blank=True, db_index=True)
    address_mark = models.CharField(max_length=64, blank=True, db_index=True)
    id_mark = models.CharField(max_length=64, blank=True, db_index=True)
    mandate = models.JSONField(default=dict)  # an agent's power of attorney: matter, scope, until, signed
    is_identity_proven = models.BooleanField(default=False)

    class Meta:
        ordering = ["submission", "id"]

    def __str__(self) -> str:
        return self.name_mask


class _Matter(models.Model):
    """What a complaint and a report have in common: whom it is about, who handles it, where and since when."""

    number = models.CharField(max_length=40, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    division_code = models.CharField(max_length=9, db_index=True)
    respondent_name = models.CharField(max_length=200)
    respondent_code = models.CharField(max_length=60, blank=True, db_index=True)
    respondent_address = models.CharField(max_length=300, blank=True)
    respondent_contact = models.CharField(max_length=100, blank=True)
    respondent_kind = models.CharField(
        max_length=20, choices=_choices(RESPONDENT_WORDS), default=RespondentKind.ORDINARY
    )
    respondent_division_code = models.CharField(max_length=9, blank=True)
    published_division_code = models.CharField(
        max_length=9, blank=True
    )  # of the address shown on the platform
    platform_name = models.CharField(max_length=200, blank=True)
    platform_code = models.CharField(max_length=60, blank=True)
    platform_division_code = models.CharField(max_length=9, blank=True)
    goods = models.CharField(max_length=200, blank=True)
    topic_code = models.CharField(max_length=40, blank=True, db_index=True)  # of the published taxonomy
    first_received_at = models.DateTimeField()
    competent_received_at = models.DateTimeField(null=True, blank=True, db_index=True)
    is_urgent = models.BooleanField(default=False)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number

    @property
    def work_division_code(self) -> str:
        """Where the matter lies, as rights and work are given out by place: the firm's station, inside the unit's area."""
        unit, firm = self.organisation, self.respondent_division_code
        return firm if firm.startswith(unit.territory) else unit.division_code


class Complaint(_Matter):
    """A consumer asks the authority to resolve a dispute (投诉). Its result is an agreement or an end, never a penalty."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="complaint")
    case = models.OneToOneField(Case, null=True, on_delete=models.PROTECT, related_name="complaint")
    facts_text = models.TextField()
    bought_on = models.DateField(null=True, blank=True)
    knew_on = models.DateField(null=True, blank=True)  # of the harm; three years run from it
    place = models.CharField(max_length=200, blank=True)
    order_number = models.CharField(max_length=80, blank=True, db_index=True)
    amount_yuan = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    damage_text = models.TextField(blank=True)
    claims = models.JSONField(default=list)  # codes of Claim
    claim_amount_yuan = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    consents_to_publish = models.BooleanField(default=False)
    consents_to_delegation = models.BooleanField(default=False)
    is_for_daily_life = models.BooleanField(default=True)
    is_prepaid = models.BooleanField(default=False)

    class Meta:
        ordering = ["-first_received_at", "-id"]

    @property
    def history(self) -> list["ComplaintStep"]:
        """Every step, first to last (prefetched where the query asked for it)."""
        return sorted(self.steps.all(), key=lambda step: step.sequence)

    @property
    def state(self) -> ComplaintState:
        return ComplaintState(self.history[-1].state) if self.steps.all() else ComplaintState.RECEIVED

    @property
    def state_words(self) -> tuple[str, str]:
        return COMPLAINT_STATE_WORDS[self.state]

    @property
    def claim_words(self) -> list[tuple[str, str]]:
        return [CLAIM_WORDS[code] for code in self.claims if code in CLAIM_WORDS]

    @property
    def accepted_at(self) -> datetime | None:
        return self.moment_of(ComplaintState.ACCEPTED)

    def moment_of(self, state: str) -> datetime | None:
        """Return when the complaint first came to a state."""
        return next((step.at for step in self.history if step.state == state), None)


class ViolationReport(_Matter):
    """Somebody gives clues of a violation (举报). Its result is a case or none, never a compensation.

    It says nothing of who reported: that lies in `ReporterIdentity`, under a key of its own. A report that an officer
    opened while mediating (`discovered_in`) has no reporter.
    """

    submission = models.OneToOneField(
        Submission, null=True, blank=True, on_delete=models.PROTECT, related_name="report"
    )
    case = models.OneToOneField(Case, null=True, on_delete=models.PROTECT, related_name="violation_report")
    clue_text = models.TextField()
    factual_basis = models.TextField(blank=True)
    conduct_place = models.CharField(max_length=300, blank=True)
    conduct_division_code = models.CharField(max_length=9, blank=True)
    special_field = models.CharField(max_length=24, choices=_choices(SPECIAL_FIELD_WORDS), blank=True)
    is_named = models.BooleanField(default=False)  # the reporter gave a true identity (实名)
    is_insider = models.BooleanField(default=False)
    clock_started_on = models.DateField(null=True, blank=True)  # a merged report with new facts moves it
    discovered_in = models.ForeignKey(
        Complaint, null=True, blank=True, on_delete=models.PROTECT, related_name="clues"
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )

    class Meta:
        ordering = ["-first_received_at", "-id"]

    @property
    def history(self) -> list["ReportStep"]:
        """Every step, first to last (prefetched where the query asked for it)."""
        return sorted(self.steps.all(), key=lambda step: step.sequence)

    @property
    def state(self) -> ReportState:
        return ReportState(self.history[-1].state) if self.steps.all() else ReportState.RECEIVED

    @property
    def state_words(self) -> tuple[str, str]:
        return REPORT_STATE_WORDS[self.state]

    def moment_of(self, state: str) -> datetime | None:
        """Return when the report first came to a state."""
        return next((step.at for step in self.history if step.state == state), None)


class _Step(AppendOnlyModel):
    """Who did what, when, on what ground, and where the matter stood afterwards."""

    sequence = models.PositiveIntegerField()
    verb = models.CharField(max_length=30)
    state = models.CharField(max_length=20, db_index=True)
    officer = models.ForeignKey(Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    ground = models.CharField(max_length=4, blank=True)
    note = models.TextField(blank=True)
    amount_yuan = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        abstract = True


class ComplaintStep(_Step):
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="steps")

    class Meta:
        ordering = ["complaint", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "sequence"], name="steps_of_a_complaint_in_order")
        ]


class ReportStep(_Step):
    report = models.ForeignKey(ViolationReport, on_delete=models.PROTECT, related_name="steps")

    class Meta:
        ordering = ["report", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["report", "sequence"], name="steps_of_a_report_in_order")
        ]


class ReporterIdentity(models.Model):
    """Who reported, sealed under the reporters' own key. No list joins this table; every opening is written down."""

    report = models.OneToOneField(ViolationReport, on_delete=models.PROTECT, related_name="identity")
    name_sealed = models.TextField(blank=True)
    phone_sealed = models.TextField(blank=True)
    email_sealed = models.TextField(blank=True)
    address_sealed = models.TextField(blank=True)
    id_type = models.CharField(max_length=12, choices=_choices(ID_TYPES), blank=True)
    id_number_sealed = models.TextField(blank=True)
    relation_sealed = models.TextField(blank=True)  # an insider's post at the reported firm
    payment_sealed = models.TextField(blank=True)  # where a reward is paid
    person_mark = models.CharField(
        max_length=64, blank=True, db_index=True
    )  # repeats are found without a look


class IdentityLook(AppendOnlyModel):
    """One opening of a reporter's identity: by whom, for what purpose, when."""

    identity = models.ForeignKey(ReporterIdentity, on_delete=models.PROTECT, related_name="looks")
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=200)
    at = models.DateTimeField()
    look_sequence = models.BigIntegerField()  # the place of the same look in the chain of security.audit

    class Meta:
        ordering = ["-at", "-id"]


class Publication(AppendOnlyModel):
    """What is shown to everybody about a finished complaint: without the consumer, and only where both rules allow it."""

    complaint = models.OneToOneField(Complaint, on_delete=models.PROTECT, related_name="publication")
    is_public = models.BooleanField()
    reason = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    decided_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()


class Reward(AppendOnlyModel):
    """A reward decided for a proven report (S228): paid under a code, never under a name."""

    report = models.OneToOneField(ViolationReport, on_delete=models.PROTECT, related_name="reward")
    payout_code = models.CharField(max_length=20, unique=True)
    amount_yuan = models.DecimalField(max_digits=12, decimal_places=2)
    basis = models.CharField(max_length=300)
    decided_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
