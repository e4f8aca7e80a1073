"""What is stored of rewards and of protection. No table here names a person: accounts and words lie sealed.

What was decided, claimed and paid is written once; how a reward stands follows from those rows.
"""

from datetime import date
from decimal import Decimal

from django.db import models

from zhijian.apps.consumer.complaints.models import Reward, ViolationReport
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Organisation


class RewardCase(models.Model):
    """The reward of one proven violation, from the end of its case to the last payment."""

    PENALTY, CRIME = "penalty", "crime"

    number = models.CharField(max_length=40, unique=True)
    report = models.OneToOneField(ViolationReport, on_delete=models.PROTECT, related_name="reward_case")
    case = models.OneToOneField(Case, null=True, on_delete=models.PROTECT, related_name="reward_case")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    conclusion = models.CharField(max_length=8, choices=[(PENALTY, "行政处罚"), (CRIME, "追究刑事责任")])
    concluded_on = models.DateField()
    penalty_number = models.CharField(max_length=60)
    penalty_key = models.CharField(
        max_length=60, blank=True, db_index=True
    )  # one fine, however it is written
    opened_at = models.DateTimeField()
    told_on = models.DateField(null=True, blank=True)
    claim_until = models.DateField(null=True, blank=True)  # last day to claim, extension included
    is_extended = models.BooleanField(default=False)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return self.number

    @property
    def assessment(self) -> "Assessment | None":
        """The newest assessment: the one that is or was decided on."""
        return self.assessments.order_by("-sequence").first()


class Assessment(AppendOnlyModel):
    """What an officer found: a grade and its sum, or a ground to give none. A returned case gets another one."""

    reward_case = models.ForeignKey(RewardCase, on_delete=models.PROTECT, related_name="assessments")
    sequence = models.PositiveIntegerField()
    is_granted = models.BooleanField()
    ground = models.CharField(max_length=20, blank=True)
    level = models.CharField(max_length=8, blank=True)
    fine_yuan = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    counted_yuan = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    multiple = models.DecimalField(max_digits=4, decimal_places=2, default=1)
    amount_yuan = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    shares = models.JSONField(default=list)  # of [report number, percent, yuan], as text
    set_apart = models.JSONField(
        default=list
    )  # earlier reports of the firm that the officer found to be of other facts
    reason = models.TextField()
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["reward_case", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["reward_case", "sequence"], name="assessments_in_order")
        ]


class Grant(AppendOnlyModel):
    """One report's part of a reward that was approved. The sum and the code of payment lie in `Reward`."""

    reward_case = models.ForeignKey(RewardCase, on_delete=models.PROTECT, related_name="grants")
    reward = models.OneToOneField(Reward, on_delete=models.PROTECT, related_name="grant")
    percent = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        ordering = ["id"]

    @property
    def claim(self) -> "Claim | None":
        """The newest claim; an earlier one is there where money came back."""
        return self.claims.order_by("-sequence").first()

    @property
    def review(self) -> "Review | None":
        """The review that the reporter asked for, if any."""
        return Review.objects.filter(report=self.reward.report_id).first()

    @property
    def is_under_review(self) -> bool:
        review = self.review
        return review is not None and review.told_on is None

    @property
    def total_yuan(self) -> Decimal:
        """What was decided in all (yuan): a review's sum from the day when it was told."""
        outcome = Outcome.objects.filter(
            review__report=self.reward.report_id, review__told_on__isnull=False, is_changed=True
        ).first()
        return outcome.amount_yuan if outcome is not None and outcome.amount_yuan else self.reward.amount_yuan

    @property
    def due_yuan(self) -> Decimal:
        """What no order was made for yet (yuan); what came back is due again."""
        ordered = self.claims.exclude(payment__is_paid=False).aggregate(sum=models.Sum("amount_yuan"))["sum"]
        return self.total_yuan - (ordered or Decimal(0))

    @property
    def claim_until(self) -> date | None:
        """The last day to claim: that of the decision, or the later one after a review."""
        review = self.review
        days = [self.reward_case.claim_until, review.claim_until if review is not None else None]
        return max((day for day in days if day is not None), default=None)

    @property
    def state(self) -> str:
        """waiting, claimed, returned, paid or lapsed: by the last thing that happened, and what is due."""
        if Lapse.objects.filter(grant=self).exists():
            return "lapsed"
        claim = self.claim
        if claim is None:
            return "waiting"
        payment = Payment.objects.filter(claim=claim).first()
        if payment is None:
            return "claimed"
        if not payment.is_paid:
            return "returned"
        return "waiting" if self.due_yuan > 0 else "paid"


class Application(AppendOnlyModel):
    """The reporter asks for a reward, promises that no ground speaks against it, and may set a password of the claim."""

    report = models.OneToOneField(
        ViolationReport, on_delete=models.PROTECT, related_name="reward_application"
    )
    password_digest = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()


class Claim(AppendOnlyModel):
    """The reporter wants the money: by account (sealed under the key of payments) or in cash. It is the payment order."""

    ACCOUNT, CASH = "account", "cash"

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="claims")
    sequence = models.PositiveIntegerField()
    order_number = models.CharField(max_length=40, unique=True)
    way = models.CharField(max_length=8, choices=[(ACCOUNT, "转账"), (CASH, "现金")])
    account_sealed = models.TextField(blank=True)
    amount_yuan = models.DecimalField(max_digits=12, decimal_places=2)
    counter_officer = models.ForeignKey(
        Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["grant", "sequence"], name="claims_in_order")]

    def __str__(self) -> str:
        return self.order_number


class Payment(AppendOnlyModel):
    """What finance says of an order: paid, with the bank's receipt, or returned."""

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="payment")
    is_paid = models.BooleanField()
    paid_on = models.DateField()
    receipt_number = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=200, blank=True)
    field_code = models.CharField(
        max_length=3, blank=True
    )  # of the taxonomy, as the report stood when paid: what was published never changes
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Lapse(AppendOnlyModel):
    """Nobody claimed within the term: the reward is given up."""

    grant = models.OneToOneField(Grant, on_delete=models.PROTECT, related_name="lapse")
    lapsed_on = models.DateField()
    at = models.DateTimeField()


class Review(models.Model):
    """A reporter asks that the decision on the reward be looked at again. Asked for once; the words lie sealed."""

    number = models.CharField(max_length=40, unique=True)
    report = models.OneToOneField(ViolationReport, on_delete=models.PROTECT, related_name="reward_review")
    reward_case = models.ForeignKey(RewardCase, on_delete=models.PROTECT, related_name="reviews")
    case = models.OneToOneField(Case, null=True, on_delete=models.PROTECT, related_name="reward_review")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    words_sealed = models.TextField()
    asked_at = models.DateTimeField()
    told_on = models.DateField(null=True, blank=True)
    claim_until = models.DateField(null=True, blank=True)  # last day to claim after the outcome was told
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return self.number


class Proposal(AppendOnlyModel):
    """What the officer who examined a review proposes: a higher sum by grade, fine, base and multiple, or that it stands."""

    review = models.ForeignKey(
        Review, on_delete=models.PROTECT, related_name="proposals"
    )  # the newest one is decided on
    is_change = models.BooleanField()
    level = models.CharField(max_length=8, blank=True)
    counted_yuan = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    fine_yuan = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    multiple = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True)
    amount_yuan = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, blank=True
    )  # of this report
    reason = models.TextField()
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Outcome(AppendOnlyModel):
    """What a leader who had no part in the first decision decided on a review."""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="outcome")
    is_changed = models.BooleanField()
    amount_yuan = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    reason = models.TextField()  # as the reporter is told
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Protection(models.Model):
    """A reporter says that somebody takes revenge, or may; what was done about it lies in the case's time line."""

    number = models.CharField(max_length=40, unique=True)
    report = models.ForeignKey(ViolationReport, on_delete=models.PROTECT, related_name="protections")
    case = models.OneToOneField(Case, null=True, on_delete=models.PROTECT, related_name="protection")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    words_sealed = models.TextField()
    asked_at = models.DateTimeField()
    measures = models.JSONField(default=list)
    guards_identity = models.BooleanField(default=False)
    ended_on = models.DateField(null=True, blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return self.number

    def is_in_force(self, on: date) -> bool:
        return bool(self.measures) and (self.ended_on is None or self.ended_on > on)
