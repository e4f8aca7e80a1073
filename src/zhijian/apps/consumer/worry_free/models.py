"""What a promise to consumers is, and what a check of it found."""

from django.db import models

from zhijian.engines.registers.declared.models import DeclaredEntry


class Commitment(DeclaredEntry):
    """A firm or shop that promised consumers something in public (放心消费承诺单位、无理由退货承诺店)."""

    kind_code = models.CharField(max_length=20)
    trade_code = models.CharField(max_length=20)
    address = models.CharField(max_length=300)
    pays_first = models.BooleanField(default=False)
    protects_rights = models.BooleanField(default=False)
    takes_returns = models.BooleanField(default=False)
    return_days = models.PositiveSmallIntegerField(null=True, blank=True)
    return_terms = models.CharField(max_length=500, blank=True)
    service_phone = models.CharField(max_length=40, blank=True)
    contact_name = models.CharField(max_length=60, blank=True)
    macao_code = models.CharField(max_length=20)
    macao_number = models.CharField(max_length=40, blank=True)
    macao_from = models.DateField(null=True, blank=True)
    macao_to = models.DateField(null=True, blank=True)


class CommitmentCheck(DeclaredEntry):
    """Whether a promise was kept on one day, and by when a broken one is put right."""

    commitment = models.CharField(max_length=40, db_index=True)
    method_code = models.CharField(max_length=20)
    promise_code = models.CharField(max_length=20)
    outcome_code = models.CharField(max_length=20)
    found = models.CharField(max_length=500)
    rectify_by = models.DateField(null=True, blank=True)
    rectified_on = models.DateField(null=True, blank=True)
    checker = models.CharField(max_length=60, blank=True)


class Recognition(DeclaredEntry):
    """A shop that Guangdong and Macao recognise mutually: both sides' numbers and days, and who ended it."""

    side_code = models.CharField(max_length=20)  # where the shop is
    commitment = models.CharField(max_length=40, blank=True, db_index=True)  # of a shop in Guangdong
    place = models.CharField(max_length=300)
    trade_code = models.CharField(max_length=20)
    guangdong_number = models.CharField(max_length=40, blank=True)
    guangdong_on = models.DateField(null=True, blank=True)
    macao_number = models.CharField(max_length=40, blank=True)
    macao_on = models.DateField(null=True, blank=True)
    name_other = models.CharField(max_length=200, blank=True)
    language_code = models.CharField(max_length=20)
    ended_by = models.CharField(max_length=20)
    ended_on = models.DateField(null=True, blank=True)
    ended_reason = models.CharField(max_length=300, blank=True)
