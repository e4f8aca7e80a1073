"""A dispute about repair, replacement or return of goods."""

from django.db import models

from zhijian.engines.registers.declared.models import DeclaredEntry


class WarrantyDispute(DeclaredEntry):
    """One dispute under the three guarantees: the goods, the fault, what was tried, what came of it."""

    product_code = models.CharField(max_length=20)
    price_yuan = models.DecimalField(max_digits=14, decimal_places=2)
    sold_on = models.DateField()
    fault_on = models.DateField()
    cause_code = models.CharField(max_length=20)
    is_main_part = models.BooleanField(default=False)
    repairs = models.PositiveSmallIntegerField()
    repair_days = models.PositiveIntegerField()
    waiting_days = models.PositiveIntegerField()
    has_same_model = models.BooleanField(default=True)
    wanted_code = models.CharField(max_length=20)
    outcome_code = models.CharField(max_length=20)
    fault = models.CharField(max_length=500)
    consumer_name = models.CharField(max_length=60, blank=True)
