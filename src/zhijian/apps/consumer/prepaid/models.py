"""Who issues prepaid cards, and what each issuer files month by month."""

from django.db import models

from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.declared.models import DeclaredEntry


class PrepaidIssuer(DeclaredEntry):
    """A firm that takes money before it serves (发卡登记)."""

    class_code = models.CharField(max_length=20)
    trade_code = models.CharField(max_length=20)
    address = models.CharField(max_length=300)
    shops = models.PositiveIntegerField()
    most_face_yuan = models.DecimalField(max_digits=14, decimal_places=2)
    has_contract = models.BooleanField(default=False)
    guarantee_code = models.CharField(max_length=20)
    guarantor = models.CharField(max_length=100, blank=True)
    refund_terms = models.CharField(max_length=500)
    service_phone = models.CharField(max_length=40, blank=True)
    contact_name = models.CharField(max_length=60, blank=True)


class PrepaidFiling(DeclaredEntry):
    """What an issuer filed at the end of a month (预付充值备案): what it owes, what it keeps aside, how it goes."""

    issuer = models.CharField(max_length=40, db_index=True)
    balance_yuan = models.DecimalField(max_digits=14, decimal_places=2)
    top_up_yuan = models.DecimalField(max_digits=14, decimal_places=2)
    redeemed_yuan = models.DecimalField(max_digits=14, decimal_places=2)
    redeemed_before_yuan = models.DecimalField(max_digits=14, decimal_places=2)
    deposit_yuan = models.DecimalField(max_digits=14, decimal_places=2)
    cards = models.PositiveIntegerField()
    discount_percent = models.PositiveSmallIntegerField()
    pushes_cards = models.BooleanField(default=False)
    has_arrears = models.BooleanField(default=False)
    refund_complaints = models.PositiveIntegerField()


class RiskAlert(models.Model):
    """An issuer whose newest filing scored high: why, and what the check found and the leader decided."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="prepaid_alert")
    issuer = models.CharField(max_length=40, db_index=True)
    filing = models.CharField(max_length=40)
    score = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list)  # of [Chinese, English, points]
    told_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, blank=True)  # no_risk, risk, gone
    found = models.TextField(blank=True)
    measures = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "filing"], name="prepaid_one_alert_of_a_filing")
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.score}"
