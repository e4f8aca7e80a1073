"""What inclusive supervision keeps: trials and their readings, first offences, dormancies, white lists, presumptions and alarms."""

from django.db import models

from zhijian.engines.registers.declared.models import DeclaredEntry


class Trial(DeclaredEntry):
    """A firm of a new kind of business, admitted to a bounded trial: what is allowed, what never is, what it measures, how it ends."""

    trade_code = models.CharField(max_length=30)
    allowed = models.CharField(max_length=500)
    never = models.CharField(max_length=500)
    indicator = models.CharField(max_length=100)
    threshold = models.IntegerField()
    is_most = models.BooleanField(default=True)
    rings_to_leave = models.PositiveSmallIntegerField()
    exit_code = models.CharField(max_length=30)


class TrialReading(DeclaredEntry):
    """One reading of a trial's indicator on a day."""

    trial = models.CharField(max_length=40, db_index=True)
    value = models.IntegerField()


class FirstOffenceItem(DeclaredEntry):
    """A kind of violation for which a first offence may be left without a penalty."""

    field_code = models.CharField(max_length=30)
    basis = models.CharField(max_length=300)
    conditions = models.CharField(max_length=500)
    correct_days = models.PositiveSmallIntegerField()


class Leniency(DeclaredEntry):
    """A violation that was left without a penalty: found, guided, corrected in time."""

    item = models.CharField(max_length=40, db_index=True)
    is_minor = models.BooleanField(default=False)
    harm_code = models.CharField(max_length=20)
    guidance = models.CharField(max_length=500)
    correct_by = models.DateField()
    corrected_on = models.DateField(null=True, blank=True)
    authority = models.CharField(max_length=100)


class Dormancy(DeclaredEntry):
    """A firm that filed its dormancy: why, until when, where it is served, and how it ended."""

    cause_code = models.CharField(max_length=30)
    service_address = models.CharField(max_length=300, blank=True)
    labour_settled = models.BooleanField(default=False)
    resumed_on = models.DateField(null=True, blank=True)
    acted_on = models.DateField(null=True, blank=True)


class WhiteListed(DeclaredEntry):
    """A firm that is drawn less often in one field, until a day."""

    field_code = models.CharField(max_length=30)
    grounds = models.CharField(max_length=300)
    authority = models.CharField(max_length=100)


class Presumed(DeclaredEntry):
    """A firm in the zone that is taken to conform until data say otherwise."""

    field_code = models.CharField(max_length=30)
    is_connected = models.BooleanField(default=False)
    has_committed = models.BooleanField(default=False)


class PresumptionAlarm(DeclaredEntry):
    """An alarm of the data about a presumed firm, and what became of it."""

    presumed = models.CharField(max_length=40, db_index=True)
    source_code = models.CharField(max_length=30)
    said = models.CharField(max_length=300)
    cleared_on = models.DateField(null=True, blank=True)
    is_confirmed = models.BooleanField(default=False)
